//! The people of a simulated call: what each does, and what each must hear.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use model::{
    AdvocateId, Digit, Direction, EndReason, LegEvent, LegId, MediaEvent, Peer, Pii, Prompt,
    SampleRate, SessionDescription, TrunkId, VendorId,
};
use switchboard::{Act, Input, Outcome, Snapshot};

use crate::world::{NEAR, Phone, PhoneState, World};

type Shared = Rc<RefCell<World>>;

/// Someone with a leg.
pub trait Party {
    /// The leg, if there is one now.
    fn leg(&self) -> Option<LegId>;

    /// The world it lives in.
    fn world(&self) -> &Shared;

    /// Presses keys one after the other, 200 ms apart.
    fn presses(&self, keys: &str) {
        for key in keys.chars() {
            let digit = Digit::from_char(key).expect("a test presses keys that exist");
            let leg = self.leg().expect("someone who presses keys is in a call");
            self.world().borrow_mut().media_event(MediaEvent::Digit { leg, digit });
            self.world().borrow_mut().pass(Duration::from_millis(200));
        }
    }

    /// Hangs up.
    fn hangs_up(&self) {
        let leg = self.leg().expect("someone who hangs up is in a call");
        self.world().borrow_mut().end(leg, EndReason::HungUp);
    }

    /// Speaks for `time`.
    fn speaks(&self, time: Duration) {
        let leg = self.leg().expect("someone who speaks is in a call");
        let mut world = self.world().borrow_mut();
        world.media_event(MediaEvent::Speech { leg, speaking: true });
        world.pass(time);
        world.media_event(MediaEvent::Speech { leg, speaking: false });
    }

    /// Waits until this party is told `name`, at most a minute, and fails otherwise.
    fn hears(&self, name: &str) {
        self.hears_within(name, Duration::from_secs(60));
    }

    /// Waits until this party is told `name`, at most `limit`, and fails otherwise.
    fn hears_within(&self, name: &str, limit: Duration) {
        let leg = self.leg().expect("someone who listens is in a call");
        let told = self.world().borrow_mut().wait_for(limit, |world| told(world, leg, name));
        assert!(told, "not told `{name}` within {limit:?}, but {:?}", self.has_heard());
    }

    /// Whether this party has been told `name` so far.
    fn was_told(&self, name: &str) -> bool {
        self.leg().is_some_and(|leg| told(&self.world().borrow(), leg, name))
    }

    /// The names of all recordings this party was told so far.
    fn has_heard(&self) -> Vec<String> {
        let world = self.world().borrow();
        let ear = self.leg().and_then(|leg| world.shard.legs.get(&leg));
        ear.map_or_else(Vec::new, |ear| ear.heard_by(world.now).map(|(_, p)| label(p)).collect())
    }

    /// Whether this party hears music now.
    fn hears_music(&self) -> bool {
        let world = self.world().borrow();
        let ear = self.leg().and_then(|leg| world.shard.legs.get(&leg));
        ear.is_some_and(|ear| ear.music.is_some())
    }

    /// Fails unless this party hears exactly `others`, whoever else is in the world.
    fn hears_exactly(&self, others: &[&dyn Party]) {
        let leg = self.leg().expect("someone who listens is in a call");
        let world = self.world().borrow();
        let heard: Vec<LegId> = world
            .shard
            .legs
            .keys()
            .copied()
            .filter(|&other| world.shard.hears(leg, other))
            .collect();
        let mut expected: Vec<LegId> =
            others.iter().map(|other| other.leg().expect("is in a call")).collect();
        expected.sort();
        assert_eq!(heard, expected, "hears exactly those");
    }

    /// Whether this party hears `speaker` lower while `voice` speaks.
    fn hears_under(&self, speaker: &dyn Party, voice: &dyn Party) -> bool {
        let pair = self.leg().zip(speaker.leg());
        let under = pair.and_then(|(own, other)| self.world().borrow().shard.under(own, other));
        under.is_some() && under == voice.leg()
    }

    /// What this party's phone shows of our INVITE.
    fn sees(&self) -> String {
        let world = self.world().borrow();
        let phone = self.leg().and_then(|leg| world.phones.get(&leg));
        phone.map(|phone| phone.display.clone()).unwrap_or_default()
    }

    /// Whether this party's leg still stands.
    fn is_connected(&self) -> bool {
        let world = self.world().borrow();
        let phone = self.leg().and_then(|leg| world.phones.get(&leg));
        phone.is_some_and(|phone| phone.state == PhoneState::Up)
    }
}

/// The person who rang.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) world: Shared,
    pub(crate) leg: LegId,
}

/// A person who answers.
#[derive(Clone, Debug)]
pub struct Advocate {
    pub(crate) world: Shared,
    pub(crate) id: AdvocateId,
}

/// An interpretation vendor's line, with whoever or whatever answers it.
#[derive(Clone, Debug)]
pub struct Vendor {
    pub(crate) world: Shared,
    pub(crate) id: VendorId,
}

impl Party for Caller {
    fn leg(&self) -> Option<LegId> {
        Some(self.leg)
    }

    fn world(&self) -> &Shared {
        &self.world
    }
}

impl Party for Advocate {
    fn leg(&self) -> Option<LegId> {
        self.world.borrow().phone_of(self.id)
    }

    fn world(&self) -> &Shared {
        &self.world
    }
}

impl Party for Vendor {
    fn leg(&self) -> Option<LegId> {
        self.world.borrow().line_of(self.id)
    }

    fn world(&self) -> &Shared {
        &self.world
    }
}

impl Caller {
    /// Rings the hotline.
    pub fn dials_in(&self) {
        self.dials("100");
    }

    /// Rings one of the hotline's numbers.
    pub fn dials(&self, number: &str) {
        self.dials_from(Peer::Trunk(TrunkId(0)), number, OFFER);
    }

    /// The same with an INVITE that leaves the offer to us; her phone answers an early one.
    pub fn dials_without_offer(&self, number: &str) {
        self.dials_from(Peer::Trunk(TrunkId(0)), number, None);
        let answer = SessionDescription::new("v=0");
        let mut world = self.world.borrow_mut();
        world.leg_event(LegEvent::Progress { leg: self.leg, answer });
    }

    fn dials_from(&self, from: Peer, number: &str, offer: Option<&str>) {
        self.world.borrow_mut().callers.insert(self.leg);
        self.offers(from, number, offer);
    }

    fn offers(&self, from: Peer, number: &str, offer: Option<&str>) {
        let phone = Phone::calling();
        let mut world = self.world.borrow_mut();
        world.phones.insert(self.leg, phone);
        world.leg_event(LegEvent::Offered {
            leg: self.leg,
            from,
            dialled: Pii::new(number.to_owned()),
            offer: offer.map(SessionDescription::new),
            own: NEAR,
        });
        world.pass(Duration::from_millis(100));
    }

    /// The rate that her room has at least.
    pub fn least_rate(&self) -> SampleRate {
        let world = self.world.borrow();
        world.shard.legs.get(&self.leg).map(|ear| ear.least_rate).unwrap_or_default()
    }

    /// Rings with a password of staff.
    pub fn dials_as(&self, advocate: &Advocate, number: &str) {
        self.dials_from(Peer::Advocate(advocate.id), number, OFFER);
    }

    /// Gives up before she is answered.
    pub fn cancels(&self) {
        self.world.borrow_mut().end(self.leg, EndReason::HungUp);
    }

    /// What her INVITE was answered with so far, provisional responses included.
    pub fn was_answered_with(&self) -> Vec<u16> {
        let world = self.world.borrow();
        world.phones.get(&self.leg).map(|phone| phone.statuses.clone()).unwrap_or_default()
    }

    /// Her phone loses power in mid-call.
    pub fn vanishes(&self) {
        self.world.borrow_mut().kill(self.leg, Duration::from_secs(60));
    }

    /// Says nothing and sends no packet for a while; her phone still answers SIP.
    pub fn sends_nothing(&self, silent_for: Duration) {
        let mut world = self.world.borrow_mut();
        world.media_event(MediaEvent::Quiet { leg: self.leg, silent_for });
    }

    /// Our shard gives her leg up, because serving it failed.
    pub fn loses_her_media(&self) {
        self.world.borrow_mut().media_event(MediaEvent::Lost { leg: self.leg });
    }
}

impl Advocate {
    /// Registers her phone and dials `*1`.
    pub fn is_ready(&self) {
        self.world.borrow_mut().register(self.id);
        self.dials("*1");
    }

    /// Does something at her screen.
    pub fn does(&self, act: Act) -> Outcome {
        let mut world = self.world.borrow_mut();
        world.input(Input::Advocate { advocate: self.id, act });
        world.pass(Duration::from_millis(200));
        world.acted.take().expect("every act is answered")
    }

    /// How the hotline stands.
    pub fn screen(&self) -> Snapshot {
        let world = self.world.borrow();
        world.board.snapshot(world.now)
    }

    /// Dials a star code outside a call, and returns what her phone said.
    pub fn dials(&self, code: &str) -> Vec<String> {
        let mut world = self.world.borrow_mut();
        let leg = world.new_peer_leg();
        let phone = Phone::calling();
        world.phones.insert(leg, phone);
        world.leg_event(LegEvent::Offered {
            leg,
            from: Peer::Advocate(self.id),
            dialled: Pii::new(code.to_owned()),
            offer: Some(SessionDescription::new("v=0")),
            own: NEAR,
        });
        world.pass(Duration::from_millis(100));
        let ear = world.shard.legs.get(&leg);
        let said = ear.map_or_else(Vec::new, |e| e.heard.iter().map(|(_, p)| label(p)).collect());
        world.pass(Duration::from_secs(5));
        said
    }

    /// Registers her phone and takes no calls.
    pub fn is_away(&self) {
        self.world.borrow_mut().register(self.id);
    }

    /// Dials a code from her desk phone and stays on the line.
    pub fn stays_on(&self, code: &str) -> Caller {
        let world = Rc::clone(&self.world);
        let leg = world.borrow_mut().new_peer_leg();
        let line = Caller { world, leg };
        line.offers(Peer::Advocate(self.id), code, OFFER);
        line
    }

    /// Waits until her phone rings, and fails if it does not within a minute.
    pub fn is_rung(&self) {
        let id = self.id;
        let limit = Duration::from_secs(60);
        let rung = self.world.borrow_mut().wait_for(limit, |world| world.phone_of(id).is_some());
        assert!(rung, "her phone rings");
    }

    /// Whether her phone rings or is in a call.
    pub fn has_call(&self) -> bool {
        self.leg().is_some()
    }

    /// Waits for the ring and picks up.
    pub fn answers(&self) {
        self.is_rung();
        let leg = self.leg().expect("her phone rings");
        let mut world = self.world.borrow_mut();
        world.answer(leg);
        world.pass(Duration::from_millis(100));
    }

    /// Presses the hold button of her phone, or takes the call back with it.
    pub fn uses_hold_button(&self, direction: Direction) {
        let leg = self.leg().expect("she is in a call");
        self.world.borrow_mut().reoffer(leg, direction);
    }

    /// What her phone will say to an offer of ours; `None` if it will refuse.
    pub fn will_reanswer(&self, answer: Option<Direction>) {
        self.world.borrow_mut().reanswers = answer;
    }

    /// Her phone answers a refresh of the session with another description than before.
    pub fn reanswers_unasked(&self) {
        let leg = self.leg().expect("she is in a call");
        let answer = Some(SessionDescription::new("v=0"));
        self.world.borrow_mut().leg_event(LegEvent::Reanswered { leg, answer });
    }

    /// Another phone of hers takes the place of the one that rings (RFC 3891 §3).
    pub fn picks_up_elsewhere(&self) {
        let leg = self.leg().expect("her phone rings");
        let mut world = self.world.borrow_mut();
        world.reoffer(leg, Direction::Both);
        world.answer_as_before(leg);
        world.pass(Duration::from_millis(100));
    }

    /// Presses her phone's transfer key; the status her phone was told, if that is settled.
    pub fn asks_for_transfer(&self, to: &str) -> Option<u16> {
        let leg = self.leg().expect("she is in a call");
        let target = Pii::new(to.to_owned());
        let mut world = self.world.borrow_mut();
        world.transfers.remove(&leg);
        world.leg_event(LegEvent::TransferAsked { leg, target, replaces: None });
        world.transfers.get(&leg).copied()
    }

    /// Asks with her phone to replace her other leg, as a phone does that has consulted first.
    pub fn asks_for_attended_transfer(&self, to: &str, replaces: LegId) -> Option<u16> {
        let leg = self.leg().expect("she is in a call");
        let target = Pii::new(to.to_owned());
        let mut world = self.world.borrow_mut();
        world.leg_event(LegEvent::TransferAsked { leg, target, replaces: Some(replaces) });
        world.transfers.get(&leg).copied()
    }

    /// What her phone was told of the transfer it asked for, once that is settled.
    pub fn told_of_transfer(&self) -> Option<u16> {
        let world = self.world.borrow();
        let of_hers = |leg: &LegId| {
            let target = world.phones.get(leg).and_then(|phone| phone.target.clone());
            target == Some(crate::world::phone_target(self.id))
        };
        let told = world.transfers.iter().filter(|(leg, _)| of_hers(leg));
        told.map(|(_, status)| *status).next_back()
    }

    /// Her phone's registration is gone.
    pub fn loses_her_phone(&self) {
        let (advocate, contacts) = (self.id, Vec::new());
        self.world.borrow_mut().leg_event(LegEvent::ContactsChanged { advocate, contacts });
    }

    /// Her ringing phone refuses.
    pub fn refuses(&self, reason: EndReason) {
        let leg = self.leg().expect("her phone rings");
        self.world.borrow_mut().end(leg, reason);
    }

    /// Declines the ringing call.
    pub fn declines(&self) {
        let leg = self.leg().expect("her phone rings");
        self.world.borrow_mut().end(leg, EndReason::Busy);
    }

    /// Her phone loses power in mid-call.
    pub fn vanishes(&self) {
        let leg = self.leg().expect("she is in a call");
        self.world.borrow_mut().kill(leg, Duration::from_millis(1000));
    }
}

impl Vendor {
    /// Waits until the line is dialled, and fails if it is not within a minute.
    pub fn is_dialled(&self) {
        let id = self.id;
        let limit = Duration::from_secs(60);
        let dialled = self.world.borrow_mut().wait_for(limit, |world| world.line_of(id).is_some());
        assert!(dialled, "the vendor's line is dialled");
    }

    /// Waits for the ring and answers with a machine.
    pub fn answers(&self) {
        self.is_dialled();
        let leg = self.leg().expect("the line rings");
        let mut world = self.world.borrow_mut();
        world.answer(leg);
        world.pass(Duration::from_millis(100));
    }

    /// Waits for the ring and lets itself be heard without answering.
    pub fn is_heard_early(&self) {
        self.is_dialled();
        let leg = self.leg().expect("the line rings");
        let mut world = self.world.borrow_mut();
        world.progress(leg);
        world.pass(Duration::from_millis(20));
    }

    /// Answers after it was heard early, with nothing new to say.
    pub fn answers_as_before(&self) {
        let leg = self.leg().expect("the line rings");
        let mut world = self.world.borrow_mut();
        world.answer_as_before(leg);
        world.pass(Duration::from_millis(100));
    }

    /// Waits for the ring and answers; it takes digits by INFO and no telephone-events.
    pub fn answers_taking_info(&self) {
        self.is_dialled();
        let leg = self.leg().expect("the line rings");
        let mut world = self.world.borrow_mut();
        world.shard.telephone_events = false;
        world.leg_event(LegEvent::TakesInfo { leg });
        world.answer(leg);
        world.pass(Duration::from_millis(100));
    }

    /// Waits for the ring and refuses it.
    pub fn refuses(&self, reason: EndReason) {
        self.is_dialled();
        let leg = self.leg().expect("the line rings");
        self.world.borrow_mut().end(leg, reason);
    }

    /// Answers, plays its menu, takes the account and puts an interpreter on the line.
    pub fn brings_interpreter(&self) {
        self.answers();
        self.speaks(Duration::from_secs(3));
        self.world.borrow_mut().pass(Duration::from_secs(4));
        self.speaks(Duration::from_secs(2));
        self.world.borrow_mut().pass(Duration::from_millis(500));
    }

    /// The digits the line was sent.
    pub fn was_sent(&self) -> String {
        let world = self.world.borrow();
        let ear = self.leg().and_then(|leg| world.shard.legs.get(&leg));
        ear.map(|ear| ear.digits.clone()).unwrap_or_default()
    }

    /// The line dies without a BYE.
    pub fn vanishes(&self) {
        let leg = self.leg().expect("the line is up");
        self.world.borrow_mut().kill(leg, Duration::from_secs(5));
    }
}

fn told(world: &World, leg: LegId, name: &str) -> bool {
    let ear = world.shard.legs.get(&leg);
    ear.is_some_and(|ear| ear.heard_by(world.now).any(|(_, prompt)| label(prompt) == name))
}

/// `name` for English, `es/name` for another language, `signals/name` for a signal.
fn label(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Spoken { language, name } if *language == model::Language::ENGLISH => {
            name.to_string()
        }
        Prompt::Spoken { language, name } => format!("{language}/{name}"),
        Prompt::Signal(name) => format!("signals/{name}"),
    }
}

/// What a phone offers.
const OFFER: Option<&str> = Some("v=0");
