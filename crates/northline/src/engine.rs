//! The one place where the outside crates meet: one task, one switchboard, one deadline.
//!
//! Events of signalling and media go into the switchboard, its outputs go back to them. A panic in
//! one input's handling drops that input's outputs and rebuilds that one call (`Switchboard::forget`);
//! every other call goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use console::{Acted, Events, Screens, Texts};
use media_io::MediaHandle;
use model::{AdvocateId, Instant, LegEvent, MediaEvent};
use os::clock;
use sip_io::Alarm;
use switchboard::{Act, Board, Input, Notice, Outcome, Output, Plans, Snapshot, Switchboard};
use tokio::sync::{mpsc, oneshot, watch};

use crate::boards::Boards;
use crate::journal;

/// What an operator asks of a running engine.
#[derive(Debug)]
pub enum Control {
    /// Put checked plans live for new calls.
    Publish(Plans),
    /// An advocate does this, from outside her phone.
    Act {
        /// Who.
        advocate: AdvocateId,
        /// What.
        act: Act,
        /// What became of it, and how everything stands then.
        answer: oneshot::Sender<Acted>,
    },
    /// How much there is of everything, and how many legs hold media sockets.
    Held(oneshot::Sender<(Board, usize)>),
    /// The plans that new calls run on.
    Plans(oneshot::Sender<Plans>),
    /// Take no new calls, and end with the last running one.
    Drain,
    /// End now.
    Stop,
}

/// The switchboard with its ways to the outside.
#[derive(Debug)]
pub struct Engine {
    switchboard: Switchboard,
    media: MediaHandle,
    legs: mpsc::UnboundedSender<sip_io::Command>,
    attached: Attached,
    boards: Boards,
    events: Arc<Events>,
    texts: Arc<Texts>,
    screens: Arc<Screens>,
    acted: Option<Outcome>,
    life: Life,
}

/// What a demonstration attaches to an engine.
#[derive(Debug, Default)]
pub struct Attached {
    /// Is told every notice with its instant.
    pub observer: Option<mpsc::UnboundedSender<(Instant, Notice)>>,
    /// Breaks what goes out, to prove that a demonstration notices.
    pub sabotage: Option<Sabotage>,
}

/// Changes an output on its way out, or swallows it.
pub type Sabotage = fn(Output) -> Option<Output>;

/// The channels an engine listens to.
#[derive(Debug)]
pub struct Channels {
    /// What happened to legs' signalling.
    pub legs: mpsc::Receiver<LegEvent>,
    /// What happened in the shards.
    pub media: mpsc::UnboundedReceiver<MediaEvent>,
    /// What operators ask.
    pub control: mpsc::Receiver<Control>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Serving,
    Draining,
    Over,
}

impl Engine {
    /// An engine around `switchboard`.
    pub fn new(
        switchboard: Switchboard,
        media: MediaHandle,
        legs: mpsc::UnboundedSender<sip_io::Command>,
        attached: Attached,
    ) -> Self {
        let mut boards = Boards::default();
        boards.publish(switchboard.snapshot(clock::now()));
        let events = Arc::new(Events::new(clock::since_1970()));
        let (texts, screens) = (Arc::default(), Arc::default());
        let (acted, life) = (None, Life::Serving);
        Self { switchboard, media, legs, attached, boards, events, texts, screens, acted, life }
    }

    /// Snapshots of everything, kept up to date while it runs.
    pub fn boards(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.boards.reader()
    }

    /// What happens, by number.
    pub fn events(&self) -> Arc<Events> {
        Arc::clone(&self.events)
    }

    /// Who reads live text.
    pub fn texts(&self) -> Arc<Texts> {
        Arc::clone(&self.texts)
    }

    /// Who has a screen open.
    pub fn screens(&self) -> Arc<Screens> {
        Arc::clone(&self.screens)
    }

    /// Serves until it is told to stop, or has drained.
    pub async fn run(mut self, mut channels: Channels) {
        let (mut alarm, mut board_alarm) = (Alarm::default(), Alarm::default());
        let mut screens = self.screens.changes();
        while self.life != Life::Over {
            let deadline = self.switchboard.deadline();
            tokio::select! {
                biased;
                Some(control) = channels.control.recv() => self.control(control),
                event = channels.legs.recv() => match event {
                    Some(event) => self.input(Input::Leg(event)),
                    None => self.life = Life::Over,
                },
                event = channels.media.recv() => match event {
                    Some(event) => self.input(Input::Media(event)),
                    None => self.life = Life::Over,
                },
                () = alarm.wait(deadline) => self.input(Input::Timeout),
                (advocate, screen) = screens.next() => {
                    self.input(Input::Screen { advocate, screen });
                }
                // Last: boards wait while calls have something to do (O10).
                () = board_alarm.wait(self.boards.due()) => drop(self.publish()),
            }
            if self.life == Life::Draining && self.switchboard.board().legs == 0 {
                self.life = Life::Over;
            }
        }
        self.media.stop().await;
        // The signalling may have ended first; then there is nobody to tell.
        let _ = self.legs.send(sip_io::Command::Stop);
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Publish(plans) => self.input(Input::Publish(plans)),
            Control::Act { advocate, act, answer } => self.act(advocate, act, answer),
            // Whoever asked may have gone away.
            Control::Held(answer) => {
                let _ = answer.send((self.switchboard.board(), self.media.legs()));
            }
            Control::Plans(answer) => drop(answer.send(self.switchboard.plans().clone())),
            Control::Drain => {
                self.life = Life::Draining;
                self.input(Input::Drain);
                let _ = self.legs.send(sip_io::Command::Drain);
            }
            Control::Stop => {
                self.input(Input::EndAll);
                self.life = Life::Over;
            }
        }
    }

    /// Nothing is answered when the act panicked.
    fn act(&mut self, advocate: AdvocateId, act: Act, answer: oneshot::Sender<Acted>) {
        self.acted = None;
        self.input(Input::Advocate { advocate, act });
        let snapshot = self.publish();
        if let Some(outcome) = self.acted.take() {
            drop(answer.send(Acted { outcome, snapshot }));
        }
    }

    fn publish(&mut self) -> Arc<Snapshot> {
        self.boards.publish(self.switchboard.snapshot(clock::now()))
    }

    fn input(&mut self, input: Input) {
        let now = clock::now();
        self.boards.changed(now);
        let switchboard = &mut self.switchboard;
        let handled = catch_unwind(AssertUnwindSafe(|| switchboard.handle_input(now, input)));
        if handled.is_err() {
            self.recover(now);
        }
        while let Some(output) = self.switchboard.poll_output() {
            let output = match self.attached.sabotage {
                Some(sabotage) => sabotage(output),
                None => Some(output),
            };
            output.into_iter().for_each(|output| self.output(now, output));
        }
    }

    /// Drops what a panic left half-decided, and rebuilds the call it happened in.
    fn recover(&mut self, now: Instant) {
        tracing::error!("a call's handling panicked; the call is rebuilt");
        while self.switchboard.poll_output().is_some() {}
        let Some(call) = self.switchboard.in_hand() else { return };
        let switchboard = &mut self.switchboard;
        if catch_unwind(AssertUnwindSafe(|| switchboard.forget(now, call))).is_err() {
            tracing::error!(%call, "the call could not be rebuilt");
        }
    }

    fn output(&mut self, now: Instant, output: Output) {
        match output {
            // The signalling ends only after this task, or with the process.
            Output::Leg(command) => drop(self.legs.send(sip_io::Command::Leg(command))),
            Output::Media(command) => self.media.command(command),
            Output::Acted(outcome) => self.acted = Some(outcome),
            Output::Read(passage) => self.texts.read(passage),
            Output::Notice(notice) => {
                journal::note(&notice);
                self.texts.note(&notice);
                self.events.push(clock::wall(), notice.clone());
                if let Some(observer) = &self.attached.observer {
                    // An observer that went away has seen enough.
                    let _ = observer.send((now, notice));
                }
            }
        }
    }
}
