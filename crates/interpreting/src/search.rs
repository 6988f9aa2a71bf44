//! Finding an interpreter for one language of one call; the table is in the crate's documentation.
//!
//! At most one vendor leg is up at a time. Its owner gives it the events of that leg only: what a
//! released leg still says is dropped before it comes here.

use std::collections::VecDeque;
use std::sync::Arc;

use model::{Digit, EndReason, Instant, Language, VendorId};

use crate::usage::{Meter, Phase};
use crate::{ScriptFailure, ScriptInput, ScriptOutput, ScriptRun, Usage, VendorRoute};

/// What happened to the vendor leg, and what the advocate wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The vendor is heard before it has answered.
    Early,
    /// The vendor answered.
    Answered,
    /// The leg could not be set up, or ended.
    Failed(EndReason),
    /// Something on the vendor leg began or stopped to speak.
    Speech {
        /// Whether it speaks now.
        speaking: bool,
    },
    /// The digits asked for are sent.
    DigitsSent,
    /// The answered leg ended or died.
    LegLost,
    /// The advocate wants the next route.
    NextRoute,
    /// The advocate hears a person: join now.
    PersonHere,
    /// The advocate wants no interpreter any more.
    Cancel,
    /// The advocate or the caller wants another interpreter (I4, I5).
    Replace,
    /// The advocate asks once more after the search was over.
    Again,
    /// The deadline passed.
    Timeout,
}

/// What the search wants or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Dial this vendor.
    Dial {
        /// Whom.
        vendor: VendorId,
    },
    /// Send these digits on the vendor leg; nobody else hears them (I10).
    SendDigits(Vec<Digit>),
    /// End the vendor leg.
    Release,
    /// Tell the advocate (A2).
    Progress(Progress),
    /// The interpreter is there: announce and bring the vendor leg into the conversation.
    Joined,
    /// No route serves the language: tell the advocate at once (I12).
    NoRoute,
    /// No route is left; the advocate may ask again.
    Exhausted,
    /// A vendor leg is over and took this long.
    Usage(Usage),
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// A vendor is being dialled.
    Dialling {
        /// Which.
        vendor: VendorId,
    },
    /// It answered.
    VendorAnswered,
    /// Its menu is being worked.
    Menu,
    /// It has put us on hold.
    OnHold,
    /// A person is there.
    Interpreter,
    /// The interpreter who was there is gone; another one is sought (I3).
    InterpreterLost,
    /// This route leads nowhere; the next one is tried.
    RouteFailed {
        /// Which.
        vendor: VendorId,
        /// Why.
        why: RouteFailure,
    },
}

/// Why a route led nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouteFailure {
    /// The vendor is busy.
    Busy,
    /// It refused, or said it does not answer.
    NoAnswer,
    /// The call could not be set up, or ended before a person came.
    Failed,
    /// It did not answer within the dial limit.
    Timeout,
    /// Its menu was not what the script knows.
    Script,
    /// Nobody came to the phone in time.
    Hold,
    /// The advocate wanted the next one.
    Skipped,
}

/// One search, from the request to the end of interpreting.
#[derive(Clone, Debug)]
pub struct Search {
    language: Language,
    /// All routes that serve the language, in order.
    routes: Vec<Arc<VendorRoute>>,
    /// Those not tried yet in this round.
    left: VecDeque<Arc<VendorRoute>>,
    state: State,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug)]
enum State {
    Dialling { leg: VendorLeg, until: Instant, heard: Heard },
    Script { leg: VendorLeg, run: ScriptRun, line: Line },
    Joined { leg: VendorLeg },
    Over,
}

/// What is heard before the vendor has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// Nothing of interest.
    Ringing,
    /// Its menu was worked, and a person is there.
    Person,
}

/// Whether the vendor has answered, or only lets its early media be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Early,
    Answered,
}

/// The one vendor leg that is up.
#[derive(Clone, Debug)]
struct VendorLeg {
    route: Arc<VendorRoute>,
    meter: Meter,
}

/// Whether the vendor leg has still to be ended by us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    Up,
    Gone,
}

impl Search {
    /// Starts at once. `routes` in the order of the configuration.
    pub fn new(now: Instant, language: Language, routes: &[Arc<VendorRoute>]) -> Self {
        let mut routes: Vec<_> =
            routes.iter().filter(|route| route.serves(language)).cloned().collect();
        routes.sort_by_key(|route| route.order);
        let (left, outputs) = (VecDeque::new(), VecDeque::new());
        let mut search = Self { language, routes, left, state: State::Over, outputs };
        search.start(now);
        search
    }

    /// Applies one input at `now`. Late or repeated input changes nothing.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Over if input == Input::Again => self.start(now),
            State::Over => {}
            State::Dialling { leg, until, heard } => {
                self.dialling(now, leg, until, heard, input);
            }
            State::Script { leg, run, line } => self.script(now, leg, run, line, input),
            State::Joined { leg } => self.joined(now, leg, input),
        }
    }

    /// What to do next; to be drained after each input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due; `None` while the interpreter is there and when all is over.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Dialling { until, .. } => Some(*until),
            State::Script { run, .. } => run.deadline(),
            State::Joined { .. } | State::Over => None,
        }
    }

    /// The language an interpreter is sought for.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Whose leg is up.
    pub fn vendor(&self) -> Option<VendorId> {
        match &self.state {
            State::Dialling { leg, .. } | State::Script { leg, .. } | State::Joined { leg } => {
                Some(leg.route.vendor)
            }
            State::Over => None,
        }
    }

    /// Whether an interpreter is there.
    pub const fn is_joined(&self) -> bool {
        matches!(self.state, State::Joined { .. })
    }

    // States

    fn dialling(
        &mut self,
        now: Instant,
        leg: VendorLeg,
        until: Instant,
        heard: Heard,
        input: Input,
    ) {
        match input {
            Input::Early if heard == Heard::Ringing && leg.route.menu_before_answer => {
                self.begin(now, leg, Line::Early);
            }
            Input::Answered if heard == Heard::Person => self.join(now, leg),
            Input::Answered => {
                self.outputs.push_back(Output::Progress(Progress::VendorAnswered));
                self.begin(now, leg, Line::Answered);
            }
            Input::Failed(reason) => self.fail(now, &leg, reason.into(), Leg::Gone),
            Input::LegLost => self.fail(now, &leg, RouteFailure::Failed, Leg::Gone),
            Input::NextRoute | Input::Replace => {
                self.fail(now, &leg, RouteFailure::Skipped, Leg::Up);
            }
            Input::Timeout if until <= now => self.fail(now, &leg, RouteFailure::Timeout, Leg::Up),
            Input::Cancel => self.end_leg(now, &leg, Leg::Up),
            _ => self.state = State::Dialling { leg, until, heard },
        }
    }

    fn script(
        &mut self,
        now: Instant,
        leg: VendorLeg,
        mut run: ScriptRun,
        mut line: Line,
        input: Input,
    ) {
        let input = match input {
            Input::Failed(_) | Input::LegLost => {
                return self.fail(now, &leg, RouteFailure::Failed, Leg::Gone);
            }
            Input::NextRoute | Input::Replace => {
                return self.fail(now, &leg, RouteFailure::Skipped, Leg::Up);
            }
            Input::PersonHere => return self.person(now, leg, line),
            Input::Cancel => return self.end_leg(now, &leg, Leg::Up),
            Input::Speech { speaking } => Some(ScriptInput::Speech { speaking }),
            Input::DigitsSent => Some(ScriptInput::DigitsSent),
            Input::Timeout => Some(ScriptInput::Timeout),
            Input::Answered => {
                if std::mem::replace(&mut line, Line::Answered) == Line::Early {
                    self.outputs.push_back(Output::Progress(Progress::VendorAnswered));
                }
                None
            }
            Input::Early | Input::Again => None,
        };
        if let Some(input) = input {
            run.handle_input(now, input);
        }
        self.follow(now, leg, run, line);
    }

    fn joined(&mut self, now: Instant, leg: VendorLeg, input: Input) {
        match input {
            Input::Failed(_) | Input::LegLost => {
                self.outputs.push_back(Output::Progress(Progress::InterpreterLost));
                self.start_over(now, &leg, Leg::Gone);
            }
            Input::Replace | Input::NextRoute => self.start_over(now, &leg, Leg::Up),
            Input::Cancel => self.end_leg(now, &leg, Leg::Up),
            _ => self.state = State::Joined { leg },
        }
    }

    // Ways from one to another

    /// A first round over all routes.
    fn start(&mut self, now: Instant) {
        self.left = self.routes.iter().cloned().collect();
        if self.left.is_empty() {
            self.outputs.push_back(Output::NoRoute);
        } else {
            self.dial_next(now);
        }
    }

    /// A new round, in which the route just used comes last (I3, I4).
    fn start_over(&mut self, now: Instant, leg: &VendorLeg, up: Leg) {
        let last = leg.route.vendor;
        self.end_leg(now, leg, up);
        let (same, others): (Vec<_>, Vec<_>) =
            self.routes.iter().cloned().partition(|route| route.vendor == last);
        self.left = others.into_iter().chain(same).collect();
        self.dial_next(now);
    }

    fn dial_next(&mut self, now: Instant) {
        let Some(route) = self.left.pop_front() else {
            return self.outputs.push_back(Output::Exhausted);
        };
        let vendor = route.vendor;
        self.outputs.push_back(Output::Dial { vendor });
        self.outputs.push_back(Output::Progress(Progress::Dialling { vendor }));
        self.ring(now, VendorLeg { route, meter: Meter::start(now) }, Heard::Ringing);
    }

    fn ring(&mut self, now: Instant, leg: VendorLeg, heard: Heard) {
        let until = now + leg.route.dial_limit;
        self.state = State::Dialling { leg, until, heard };
    }

    fn begin(&mut self, now: Instant, mut leg: VendorLeg, line: Line) {
        leg.meter.enter(now, Phase::Script);
        let run = ScriptRun::new(now, &leg.route, self.language);
        let run = run.expect("a route without a code it sends does not serve the language");
        self.follow(now, leg, run, line);
    }

    /// Passes on what the script says, and goes where it leads.
    fn follow(&mut self, now: Instant, mut leg: VendorLeg, mut run: ScriptRun, line: Line) {
        while let Some(output) = run.poll_output() {
            match output {
                ScriptOutput::Menu => self.outputs.push_back(Output::Progress(Progress::Menu)),
                ScriptOutput::OnHold => {
                    leg.meter.enter(now, Phase::Hold);
                    self.outputs.push_back(Output::Progress(Progress::OnHold));
                }
                ScriptOutput::SendDigits(digits) => {
                    self.outputs.push_back(Output::SendDigits(digits));
                }
                ScriptOutput::PersonHeard => return self.person(now, leg, line),
                ScriptOutput::Failed(why) => return self.fail(now, &leg, why.into(), Leg::Up),
            }
        }
        self.state = State::Script { leg, run, line };
    }

    /// Nobody joins from a line that has not answered: it may yet refuse.
    fn person(&mut self, now: Instant, leg: VendorLeg, line: Line) {
        match line {
            Line::Answered => self.join(now, leg),
            Line::Early => self.ring(now, leg, Heard::Person),
        }
    }

    fn join(&mut self, now: Instant, mut leg: VendorLeg) {
        leg.meter.enter(now, Phase::Talk);
        self.outputs.push_back(Output::Progress(Progress::Interpreter));
        self.outputs.push_back(Output::Joined);
        self.state = State::Joined { leg };
    }

    /// Leaves a route that led nowhere and starts the next one at once (I2).
    fn fail(&mut self, now: Instant, leg: &VendorLeg, why: RouteFailure, up: Leg) {
        let vendor = leg.route.vendor;
        self.outputs.push_back(Output::Progress(Progress::RouteFailed { vendor, why }));
        self.end_leg(now, leg, up);
        self.dial_next(now);
    }

    fn end_leg(&mut self, now: Instant, leg: &VendorLeg, up: Leg) {
        if up == Leg::Up {
            self.outputs.push_back(Output::Release);
        }
        let usage = leg.meter.read(now, leg.route.vendor, self.language);
        self.outputs.push_back(Output::Usage(usage));
    }
}

impl From<EndReason> for RouteFailure {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::Busy => Self::Busy,
            EndReason::NoAnswer | EndReason::Declined => Self::NoAnswer,
            EndReason::HungUp
            | EndReason::NotFound
            | EndReason::Failed
            | EndReason::Unreachable
            | EndReason::Lost
            | EndReason::Released => Self::Failed,
        }
    }
}

impl From<ScriptFailure> for RouteFailure {
    fn from(failure: ScriptFailure) -> Self {
        match failure {
            ScriptFailure::NobodyCame => Self::Hold,
            ScriptFailure::NoPrompt
            | ScriptFailure::PromptTooLong
            | ScriptFailure::DigitsNotSent
            | ScriptFailure::TooLong => Self::Script,
        }
    }
}
