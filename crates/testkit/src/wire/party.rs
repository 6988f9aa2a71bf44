//! The people of a call on the wire: what each does, and what each must hear.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use model::{Digit, EndReason, Instant, LegCommand, LegId, SrtpPolicy};

use super::mouth::Speech;
use super::phone::{Leg, LegState, Phone, Reoffers};
use super::sounds::Recorded;
use super::world::World;

/// Someone with a phone: a caller, an advocate, or whoever answers a vendor's line.
#[derive(Clone, Debug)]
pub struct Party {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) phone: usize,
    pub(crate) name: &'static str,
}

impl Party {
    /// Rings the hotline.
    pub fn dials_in(&self) {
        self.dials("100");
    }

    /// Dials a number of the hotline's, and waits a tenth of a second.
    pub fn dials(&self, number: &str) {
        self.with(|phone, now| phone.dial(now, number));
        self.pass(Duration::from_millis(100));
    }

    /// Sends the INVITE of [`Self::dials_in`] and does not wait.
    pub fn starts_to_dial(&self) {
        self.with(|phone, now| phone.dial(now, "100"));
    }

    /// Registers her phone and dials `*1`, until that call has ended.
    pub fn is_ready(&self) {
        self.with(|phone, now| phone.register(now, self.name));
        let registered = self.wait_for(|phone| phone.is_registered());
        assert!(registered, "{} is registered", self.name);
        self.tells_desk("*1");
    }

    /// Dials a star code outside a call and listens until it was confirmed.
    pub fn tells_desk(&self, code: &str) {
        self.dials(code);
        assert!(self.wait_for(|phone| phone.leg().is_none()), "the desk confirms and hangs up");
    }

    /// Waits until her phone rings, at most a minute, and fails otherwise.
    pub fn is_rung(&self) {
        assert!(self.wait_for(|phone| phone.leg().is_some()), "{}'s phone rings", self.name);
    }

    /// Waits for the ring and picks up.
    pub fn answers(&self) {
        self.is_rung();
        let leg = self.leg().expect("it rings");
        self.with(|phone, now| phone.answer(now, leg));
        self.pass(Duration::from_millis(100));
    }

    /// Waits for the ring and refuses with `status`.
    pub fn refuses(&self, status: u16) {
        self.is_rung();
        let leg = self.leg().expect("it rings");
        let refuse = LegCommand::Refuse { leg, status, retry_after: None };
        self.with(|phone, now| phone.command(now, refuse));
    }

    /// Answers, plays its menu, takes the account, and puts an interpreter on the line who speaks
    /// from then on.
    pub fn brings_interpreter(&self) {
        self.with(|phone, _| phone.speech = Speech::Silence);
        self.answers();
        self.speaks();
        self.pass(Duration::from_secs(3));
        self.says_nothing();
        self.pass(Duration::from_secs(4));
        self.greets();
    }

    /// A person comes to the phone: says a sentence, listens, and speaks from then on.
    pub fn greets(&self) {
        self.speaks();
        self.pass(Duration::from_secs(2));
        self.says_nothing();
        self.pass(Duration::from_millis(1500));
        self.speaks();
    }

    /// Hangs up.
    pub fn hangs_up(&self) {
        let leg = self.leg().expect("someone who hangs up is in a call");
        self.with(|phone, now| phone.command(now, LegCommand::End { leg }));
    }

    /// Presses her phone's hold button.
    pub fn holds(&self) {
        let leg = self.leg().expect("someone who holds is in a call");
        self.with(|phone, now| phone.hold(now, leg));
    }

    /// Presses keys, sent as telephone-events, and waits until they are sent.
    pub fn presses(&self, keys: &str) {
        self.on_leg(|leg| digits(keys).for_each(|digit| leg.mouth.press(digit)));
        let pressed =
            |phone: &Phone| phone.leg().is_none_or(|leg| !phone.legs[&leg].mouth.is_pressing());
        assert!(self.wait_for(pressed), "keys are pressed in time");
        self.pass(Duration::from_millis(100));
    }

    /// Presses keys, sent by INFO.
    pub fn presses_by_info(&self, keys: &str) {
        for digit in digits(keys) {
            let leg = self.leg().expect("someone who presses keys is in a call");
            self.with(|phone, now| phone.command(now, LegCommand::SendDigit { leg, digit }));
            self.pass(Duration::from_millis(200));
        }
    }

    /// Speaks from now on.
    pub fn speaks(&self) {
        self.on_leg(|leg| leg.mouth.speech = Speech::Tone);
    }

    /// Sends silence from now on.
    pub fn says_nothing(&self) {
        self.on_leg(|leg| leg.mouth.speech = Speech::Silence);
    }

    /// Sends no packet from now on; the phone still answers SIP.
    pub fn sends_nothing(&self) {
        self.on_leg(|leg| leg.mouth.speech = Speech::Nothing);
    }

    /// Her phone loses power: no RTP, no answer to anything.
    pub fn dies(&self) {
        let mut world = self.world.borrow_mut();
        let ip = world.phones[self.phone].ip();
        world.dead.insert(ip);
    }

    /// Her phone encrypts what it says, from its next call on, and takes nothing in plain.
    pub fn encrypts(&self) {
        self.with(|phone, _| phone.srtp = SrtpPolicy::Required);
    }

    /// Her phone takes nothing that the hotline offers within a call.
    pub fn refuses_offers(&self) {
        self.with(|phone, _| phone.reoffers = Reoffers::Refused);
    }

    /// Whether any message to her phone held `word`, in letters of any size.
    pub fn has_read(&self, word: &str) -> bool {
        self.world.borrow().phones[self.phone].has_read(word)
    }

    /// With how many keys the hotline has sent to her, on her last leg, and how many packets her
    /// phone could not open.
    pub fn has_opened(&self) -> (usize, usize) {
        self.ask(|leg| (leg.cipher.keys_heard, leg.cipher.refused))
    }

    /// A panic of ours takes her leg from its shard.
    pub fn loses_her_media(&self) {
        let port = self.ask(Leg::remote_port);
        self.world.borrow_mut().harm(|node, now| node.lose_media(now, port));
    }

    /// How her carrier shows her: headers of her INVITE.
    pub fn is_shown_as(&self, headers: &[(&'static str, &'static str)]) {
        self.with(|phone, _| phone.shows = headers.to_vec());
    }

    /// Whether her phone rings or is in a call.
    pub fn has_call(&self) -> bool {
        self.leg().is_some()
    }

    /// Whether her phone rings for her to answer.
    pub fn is_ringing(&self) -> bool {
        self.ask(Leg::rings)
    }

    /// Whether her last leg is up.
    pub fn is_connected(&self) -> bool {
        self.last_leg().is_some_and(|state| state == LegState::Up)
    }

    /// Why her last leg ended, if it did.
    pub fn ended(&self) -> Option<EndReason> {
        self.ask(|leg| match leg.state {
            LegState::Ended(reason) => Some(reason),
            _ => None,
        })
    }

    /// Waits until she hears the recording `name`, at most a minute, and fails otherwise.
    pub fn hears(&self, name: &str) {
        self.hears_within(name, Duration::from_secs(60));
    }

    /// Waits until she hears the recording `name`, at most `limit`, and fails otherwise.
    pub fn hears_within(&self, name: &str, limit: Duration) {
        let told = |world: &World| {
            let phone = &world.phones[self.phone];
            phone.last_leg().is_some_and(|leg| phone.legs[&leg].ear.labels().any(|l| l == name))
        };
        let heard = self.world.borrow_mut().wait_for(limit, told);
        let (who, others) = (self.name, self.has_heard());
        assert!(heard, "{who} was not told `{name}` within {limit:?}, but {others:?}");
    }

    /// Whether she has heard the recording `name` on her last leg.
    pub fn was_told(&self, name: &str) -> bool {
        self.has_heard().iter().any(|label| label == name)
    }

    /// The recordings she has heard on her last leg, in order.
    pub fn has_heard(&self) -> Vec<String> {
        self.ask(|leg| leg.ear.labels().map(str::to_owned).collect())
    }

    /// Whether she hears music now.
    pub fn hears_music(&self) -> bool {
        self.ask(|leg| *leg.ear.recording() == Recorded::Music)
    }

    /// The digits she was sent.
    pub fn was_sent(&self) -> String {
        self.ask(|leg| leg.ear.digits.iter().map(|digit| digit.as_char()).collect())
    }

    /// A number that two callers share who heard the same bytes at the same instants.
    pub fn fingerprint(&self) -> u64 {
        self.ask(|leg| leg.ear.fingerprint())
    }

    /// Fails unless in the next 400 ms, after 300 ms for a change, she hears exactly `others` of
    /// everyone in the world.
    pub fn hears_exactly(&self, others: &[&Self]) {
        hear_exactly(&[(self, others)]);
    }

    /// Whether she ever heard `other` on her last leg.
    pub fn ever_heard(&self, other: &Self) -> bool {
        self.ask(|leg| leg.ear.people_since(Instant::ZERO).contains(&other.phone))
    }

    /// Whether she hears `other` now: in more than half of the last 300 ms.
    pub fn hears_now(&self, other: &Self) -> bool {
        let recent = self.world.borrow().now - Duration::from_millis(300);
        self.ask(|leg| {
            let (frames, shares) = leg.ear.shares_since(recent);
            shares[other.phone] * 2 > frames
        })
    }

    fn last_leg(&self) -> Option<LegState> {
        self.ask(|leg| Some(leg.state))
    }

    fn leg(&self) -> Option<LegId> {
        self.world.borrow().leg_of(self.phone)
    }

    fn pass(&self, time: Duration) {
        self.world.borrow_mut().pass(time);
    }

    fn with<T>(&self, act: impl FnOnce(&mut Phone, Instant) -> T) -> T {
        self.world.borrow_mut().with(self.phone, act)
    }

    fn on_leg(&self, act: impl FnOnce(&mut Leg)) {
        let id = self.leg().expect("someone who acts is in a call");
        self.with(|phone, _| phone.legs.get_mut(&id).map(act));
    }

    fn wait_for(&self, seen: impl Fn(&Phone) -> bool) -> bool {
        let limit = Duration::from_secs(60);
        self.world.borrow_mut().wait_for(limit, |world| seen(&world.phones[self.phone]))
    }

    /// Looks at her last leg.
    fn ask<T: Default>(&self, look: impl FnOnce(&Leg) -> T) -> T {
        let world = self.world.borrow();
        let phone = &world.phones[self.phone];
        let leg = phone.last_leg().and_then(|leg| phone.legs.get(&leg));
        leg.map(look).unwrap_or_default()
    }
}

/// Fails unless each of these people hears exactly those she should, all at the same time: in 400
/// ms, after 300 ms for a change.
pub fn hear_exactly(expected: &[(&Party, &[&Party])]) {
    let Some((first, _)) = expected.first() else { return };
    first.pass(Duration::from_millis(300));
    let from = first.world.borrow().now;
    first.pass(Duration::from_millis(400));
    let world = first.world.borrow();
    for (listener, speakers) in expected {
        let phone = &world.phones[listener.phone];
        let ear = phone.leg().map(|leg| &phone.legs[&leg].ear);
        let (frames, shares) = ear.expect("a listener is in a call").shares_since(from);
        assert!(frames >= 16, "{} hears {frames} frames of 20", listener.name);
        for (person, other) in world.phones.iter().enumerate() {
            debug_assert_eq!(other.person(), person);
            let is_meant = speakers.iter().any(|speaker| speaker.phone == person);
            // Concealment of lost packets may blur some frames.
            let (share, who) = (shares[person], listener.name);
            let is_so = if is_meant { share * 5 >= frames * 4 } else { share * 5 <= frames };
            let wish = if is_meant { "hears" } else { "does not hear" };
            assert!(is_so, "{who} {wish} person {person}: {share} of {frames} frames");
        }
    }
}

fn digits(keys: &str) -> impl Iterator<Item = Digit> {
    keys.chars().map(|key| Digit::from_char(key).expect("a test presses keys that exist"))
}
