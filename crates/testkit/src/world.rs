//! The simulated world around one switchboard: clock, phones, vendors, and what is under way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use model::{
    AdvocateId, CallId, Chance, Contact, ContactId, Direction, EndReason, Instant, LegCommand,
    LegEvent, LegId, MediaEvent, MediaProfile, OwnAddress, Prompt, SessionDescription, Target,
    Typed, VendorId,
};
use switchboard::{
    Input, Notice, Outcome, Output, Passage, Plans, Recordings, Settings, Switchboard,
};

use crate::house::VENDORS;
use crate::shard::Shard;

/// Everything that exists in a test.
#[derive(Debug)]
pub struct World {
    pub(crate) now: Instant,
    pub(crate) board: Switchboard,
    pub(crate) shard: Shard,
    pub(crate) recordings: Recordings,
    pub(crate) phones: BTreeMap<LegId, Phone>,
    pub(crate) notices: Vec<(Instant, Notice)>,
    /// Legs whose peer has died: it answers no probe.
    pub(crate) dead: BTreeSet<LegId>,
    /// The longest time the caller heard nothing while nobody was connected (C2).
    pub(crate) longest_silence: Duration,
    /// What became of transfers that phones asked for.
    pub(crate) transfers: BTreeMap<LegId, u16>,
    /// What phones say to an offer of ours; `None` when they refuse it.
    pub(crate) reanswers: Option<Direction>,
    silent_since: BTreeMap<LegId, Instant>,
    pub(crate) callers: BTreeSet<LegId>,
    /// Advocates whose phone says of itself that it has text.
    pub(crate) text_phones: BTreeSet<AdvocateId>,
    /// What became of the last act.
    pub(crate) acted: Option<Outcome>,
    /// What was read at screens.
    pub(crate) read: Vec<Passage>,
    planned: BTreeMap<(Instant, u64), Input>,
    count: u64,
    peer_legs: u64,
}

/// One leg as its peer sees it.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) target: Option<Target>,
    pub(crate) display: String,
    pub(crate) state: PhoneState,
    /// The responses to its INVITE.
    pub(crate) statuses: Vec<u16>,
}

impl Phone {
    /// One that calls us.
    pub(crate) const fn calling() -> Self {
        let state = PhoneState::Ringing;
        Self { target: None, display: String::new(), state, statuses: Vec::new() }
    }
}

/// How far a leg is, from its peer's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhoneState {
    Ringing,
    Up,
    Ended,
}

impl World {
    pub(crate) fn new(settings: Settings, plans: Plans) -> Self {
        let recordings = settings.recordings.clone();
        Self {
            now: Instant::from_nanos(1_000_000_000),
            board: Switchboard::new(settings, plans, Chance::from_number(1)),
            shard: Shard::default(),
            recordings,
            phones: BTreeMap::new(),
            notices: Vec::new(),
            dead: BTreeSet::new(),
            longest_silence: Duration::ZERO,
            transfers: BTreeMap::new(),
            reanswers: Some(Direction::Both),
            silent_since: BTreeMap::new(),
            callers: BTreeSet::new(),
            text_phones: BTreeSet::new(),
            acted: None,
            read: Vec::new(),
            planned: BTreeMap::new(),
            count: 0,
            peer_legs: 0,
        }
    }

    /// A leg that a peer will offer: odd, as `sip` draws them.
    pub(crate) fn new_peer_leg(&mut self) -> LegId {
        self.peer_legs += 1;
        LegId(2 * self.peer_legs + 1)
    }

    /// An event of the signalling, now.
    pub(crate) fn leg_event(&mut self, event: LegEvent) {
        self.input(Input::Leg(event));
    }

    /// An event of the media, now.
    pub(crate) fn media_event(&mut self, event: MediaEvent) {
        self.input(Input::Media(event));
    }

    /// Applies one input and everything that follows at the same instant.
    pub(crate) fn input(&mut self, input: Input) {
        self.board.handle_input(self.now, input);
        self.drain();
        self.run_until(self.now);
    }

    /// Rebuilds a call as the engine does after a panic.
    pub(crate) fn forget(&mut self, call: CallId) {
        self.board.forget(self.now, call);
        self.drain();
        self.run_until(self.now);
    }

    /// Lets `time` pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.run_until(until);
        self.measure_silence();
        self.now = until;
        self.measure_silence();
    }

    /// Lets time pass until `seen` holds, at most `limit`; says whether it does.
    pub(crate) fn wait_for(&mut self, limit: Duration, seen: impl Fn(&Self) -> bool) -> bool {
        let until = self.now + limit;
        while !seen(self) && self.now < until {
            self.pass(STEP);
        }
        seen(self)
    }

    pub(crate) fn register(&mut self, advocate: AdvocateId) {
        let id = ContactId(u64::from(advocate.0));
        let text = self.text_phones.contains(&advocate);
        let contacts = vec![Contact { id, profile: MediaProfile::Plain, text }];
        self.leg_event(LegEvent::ContactsChanged { advocate, contacts });
    }

    /// The newest leg that rings or is up at an advocate's phone.
    pub(crate) fn phone_of(&self, advocate: AdvocateId) -> Option<LegId> {
        let phone = phone_target(advocate);
        self.find(|target| *target == phone)
    }

    /// The newest live leg to a vendor's line.
    pub(crate) fn line_of(&self, vendor: VendorId) -> Option<LegId> {
        let line = vendor_target(vendor);
        self.find(|target| *target == line)
    }

    pub(crate) fn find(&self, wanted: impl Fn(&Target) -> bool) -> Option<LegId> {
        let live = self.phones.iter().filter(|(_, phone)| phone.state != PhoneState::Ended);
        let mut fitting = live.filter(|(_, phone)| phone.target.as_ref().is_some_and(&wanted));
        fitting.next().map(|(&leg, _)| leg)
    }

    /// The peer answers a leg that we dialled.
    pub(crate) fn answer(&mut self, leg: LegId) {
        self.set_state(leg, PhoneState::Up);
        let answer = Some(SessionDescription::new("v=0"));
        self.leg_event(LegEvent::Answered { leg, answer });
    }

    /// The peer lets us hear it before it answers a leg that we dialled.
    pub(crate) fn progress(&mut self, leg: LegId) {
        let answer = SessionDescription::new("v=0");
        self.leg_event(LegEvent::Progress { leg, answer });
    }

    /// The peer answers, and its 200 says nothing that its early media had not said.
    pub(crate) fn answer_as_before(&mut self, leg: LegId) {
        self.set_state(leg, PhoneState::Up);
        self.leg_event(LegEvent::Answered { leg, answer: None });
    }

    /// The peer's leg ends for `reason`.
    pub(crate) fn end(&mut self, leg: LegId, reason: EndReason) {
        self.set_state(leg, PhoneState::Ended);
        self.leg_event(LegEvent::Ended { leg, reason });
    }

    /// The peer sends a re-INVITE after which audio flows in `direction`, seen from us.
    pub(crate) fn reoffer(&mut self, leg: LegId, direction: Direction) {
        self.shard.next_direction = direction;
        let offer = Some(SessionDescription::new("v=0"));
        self.leg_event(LegEvent::Reoffered { leg, offer });
    }

    /// The peer dies: its RTP stops, and it will answer no probe.
    pub(crate) fn kill(&mut self, leg: LegId, quiet_after: Duration) {
        self.dead.insert(leg);
        self.plan(quiet_after, Input::Media(MediaEvent::Quiet { leg, silent_for: quiet_after }));
    }

    pub(crate) fn set_state(&mut self, leg: LegId, state: PhoneState) {
        if let Some(phone) = self.phones.get_mut(&leg) {
            phone.state = state;
        }
    }

    fn run_until(&mut self, until: Instant) {
        loop {
            let planned = self.planned.first_key_value().map(|(&(at, _), _)| at);
            let next = [planned, self.board.deadline()].into_iter().flatten().min();
            let Some(next) = next.filter(|&next| next <= until) else { return };
            self.measure_silence();
            self.now = self.now.max(next);
            if planned == Some(next) {
                self.planned_input();
            } else {
                self.board.handle_input(self.now, Input::Timeout);
            }
            self.drain();
            self.measure_silence();
        }
    }

    fn planned_input(&mut self) {
        let Some((_, input)) = self.planned.pop_first() else { return };
        let holds = match &input {
            Input::Media(event) => self.shard.holds(event),
            _ => true,
        };
        if holds {
            self.board.handle_input(self.now, input);
        }
    }

    fn plan(&mut self, after: Duration, input: Input) {
        self.count += 1;
        self.planned.insert((self.now + after, self.count), input);
    }

    fn drain(&mut self) {
        while let Some(output) = self.board.poll_output() {
            match output {
                Output::Leg(command) => self.leg_command(command),
                Output::Media(command) => {
                    let length = |prompt: &Prompt| self.recordings.length(prompt);
                    for (at, event) in self.shard.command(self.now, command, length) {
                        self.plan(at.since(self.now), Input::Media(event));
                    }
                }
                Output::Acted(outcome) => self.acted = Some(outcome),
                Output::Read(passage) => self.read.push(passage),
                Output::Notice(notice) => self.notices.push((self.now, notice)),
            }
        }
    }

    fn leg_command(&mut self, command: LegCommand) {
        self.note_response(&command);
        match command {
            LegCommand::Answer { leg, .. } => {
                self.set_state(leg, PhoneState::Up);
                self.plan(NETWORK, Input::Leg(LegEvent::Answered { leg, answer: None }));
            }
            LegCommand::Locate { leg, .. } => {
                let located = LegEvent::Located { leg, own: NEAR };
                self.board.handle_input(self.now, Input::Leg(located));
            }
            LegCommand::Dial { leg, target, display, .. } => {
                let state = PhoneState::Ringing;
                let (target, statuses) = (Some(target), Vec::new());
                self.phones.insert(leg, Phone { target, display, state, statuses });
                self.plan(NETWORK, Input::Leg(LegEvent::Ringing { leg }));
            }
            LegCommand::Probe { leg, within } => {
                let alive = !self.dead.contains(&leg);
                let after = if alive { NETWORK } else { within };
                self.plan(after, Input::Leg(LegEvent::Probed { leg, alive }));
            }
            LegCommand::End { leg } | LegCommand::Refuse { leg, .. } => {
                self.set_state(leg, PhoneState::Ended);
                let reason = EndReason::Released;
                self.plan(NETWORK, Input::Leg(LegEvent::Ended { leg, reason }));
            }
            LegCommand::Ring { .. }
            | LegCommand::Progress { .. }
            | LegCommand::Accept { .. }
            | LegCommand::RefuseOffer { .. } => {}
            LegCommand::Reoffer { leg, .. } => {
                self.shard.next_direction = self.reanswers.unwrap_or(Direction::Both);
                let answer = self.reanswers.map(|_| SessionDescription::new("v=0"));
                self.plan(NETWORK, Input::Leg(LegEvent::Reanswered { leg, answer }));
            }
            LegCommand::TransferResult { leg, status } => {
                self.transfers.insert(leg, status);
            }
            LegCommand::SendDigit { leg, digit } => {
                if let Some(ear) = self.shard.legs.get_mut(&leg) {
                    ear.digits.push(digit.as_char());
                }
            }
        }
    }

    /// Notes what an INVITE is answered with.
    fn note_response(&mut self, command: &LegCommand) {
        let (leg, status) = match command {
            LegCommand::Ring { leg } => (leg, 180),
            LegCommand::Progress { leg, .. } => (leg, 183),
            LegCommand::Answer { leg, .. } => (leg, 200),
            LegCommand::Refuse { leg, status, .. } => (leg, *status),
            LegCommand::End { leg } => (leg, 480),
            _ => return,
        };
        let phone = self.phones.get_mut(leg);
        if let Some(phone) = phone.filter(|phone| phone.state == PhoneState::Ringing) {
            phone.statuses.push(status);
        }
    }

    /// A party writes. Nothing is unexplained to a caller while she is at it.
    pub(crate) fn types(&mut self, leg: LegId, text: Typed) {
        self.measure_silence();
        self.silent_since.remove(&leg);
        self.media_event(MediaEvent::Text { leg, text });
    }

    /// C2: notes how long a connected caller has heard nothing at all.
    fn measure_silence(&mut self) {
        for &caller in &self.callers {
            let up = self.phones.get(&caller).is_some_and(|phone| phone.state == PhoneState::Up);
            if !up || self.shard.hears_anything(caller) {
                self.silent_since.remove(&caller);
                continue;
            }
            let since = *self.silent_since.entry(caller).or_insert(self.now);
            self.longest_silence = self.longest_silence.max(self.now.since(since));
        }
    }
}

/// Where an advocate's phone is dialled in every simulated hotline.
pub(crate) const fn phone_target(advocate: AdvocateId) -> Target {
    Target::Contact(ContactId(advocate.0 as u64))
}

/// Where the back-up centre is dialled in every simulated hotline.
pub(crate) fn centre() -> Target {
    Target::Uri { trunk: None, uri: "sip:centre@backup.example".to_owned().into() }
}

/// Where a vendor's line is dialled in every simulated hotline.
pub(crate) fn vendor_target(vendor: VendorId) -> Target {
    if vendor.0 == u32::MAX {
        return centre();
    }
    let name = VENDORS.get(vendor.0 as usize).copied().unwrap_or_default();
    Target::Uri { trunk: None, uri: format!("sip:{name}@vendors.example").into() }
}

/// How every peer reaches the hotline; no test sends a packet there.
pub(crate) const NEAR: OwnAddress = OwnAddress::direct(IpAddr::V4(Ipv4Addr::LOCALHOST));
const STEP: Duration = Duration::from_millis(20);
const NETWORK: Duration = Duration::from_millis(5);
