//! Each ailment is made by hand, since nothing known makes one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use dialplan::Facts;
use interpreting::Catalogue;
use model::{
    Chance, Contact, ContactId, Direction, Language, LegCommand, LegEvent, MediaEvent, MediaFacts,
    MediaProfile, OwnAddress, Peer, Pii, SessionDescription, TrunkId,
};

use super::*;
use crate::leg::Purpose;
use crate::{Act, Input, Output, Plans, Recordings, Settings};

const PLAN: &str = "
plan: small
languages: [en]
start: wait
steps:
  wait:
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: stay
  stay: { play: nobody-now, queue: crisis, when-empty: keep }
";
const CALLER: LegId = LegId(1);
const ALICE: AdvocateId = AdvocateId(0);
const OWN: OwnAddress = OwnAddress::direct(IpAddr::V4(Ipv4Addr::LOCALHOST));

struct Desk {
    board: Switchboard,
    now: Instant,
}

impl Desk {
    /// A hotline with one caller who waits.
    fn with_a_caller() -> Self {
        let mut desk = Self { board: switchboard(), now: Instant::ZERO };
        let (from, dialled) = (Peer::Trunk(TrunkId(0)), Pii::new("100".to_owned()));
        desk.leg(LegEvent::Offered { leg: CALLER, from, dialled, offer: None, own: OWN });
        desk.settles(CALLER);
        desk
    }

    /// The same, and talking with an advocate.
    fn talking() -> Self {
        let mut desk = Self::with_a_caller();
        let contacts =
            vec![Contact { id: ContactId(1), profile: MediaProfile::Plain, text: false }];
        desk.leg(LegEvent::ContactsChanged { advocate: ALICE, contacts });
        desk.input(Input::Advocate { advocate: ALICE, act: Act::Ready });
        let phone = desk.phone();
        desk.leg(LegEvent::Located { leg: phone, own: OWN });
        desk.settles(phone);
        assert!(desk.call().talk().is_some());
        desk
    }

    /// Opened, answered, up.
    fn settles(&mut self, leg: LegId) {
        let direction = Direction::Both;
        let facts = Some(MediaFacts {
            sound: true,
            direction,
            codec: 0,
            secure: false,
            telephone_events: true,
            text: false,
        });
        let description = Some(SessionDescription::new("ours"));
        self.input(Input::Media(MediaEvent::Ready { leg, description, facts }));
        let answer = Some(SessionDescription::new("theirs"));
        self.leg(LegEvent::Answered { leg, answer });
        self.input(Input::Media(MediaEvent::Ready { leg, description: None, facts }));
    }

    fn leg(&mut self, event: LegEvent) {
        self.input(Input::Leg(event));
    }

    fn input(&mut self, input: Input) {
        self.board.handle_input(self.now, input);
    }

    fn id(&self) -> CallId {
        *self.board.calls.keys().next().expect("one call")
    }

    fn call(&mut self) -> &mut Call {
        self.board.calls.values_mut().next().expect("one call")
    }

    fn phone(&self) -> LegId {
        let of_alice = |leg: &&Leg| matches!(leg.role, Role::Advocate(..));
        self.board.legs.values().find(of_alice).expect("her phone").id
    }

    /// Lets time pass, with every deadline in it.
    fn passes(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.board.deadline().filter(|&due| due <= until) {
            self.now = self.now.max(due);
            self.input(Input::Timeout);
        }
        self.now = until;
    }

    /// What the sentinel finds is `expected`; it is healed within `within` and stays so.
    fn heals(&mut self, expected: &[Ailment], within: Duration) {
        let tellings = |ailment: &Ailment| matches!(ailment, Ailment::EndlessTelling(..));
        let mut found = self.board.ailments(self.now);
        found.retain(|ailment| expected.iter().any(tellings) || !tellings(ailment));
        assert_eq!(found, expected);
        self.passes(within);
        let healed = self.board.healed();
        assert!(healed > 0, "{expected:?} is healed");
        let still = self.board.ailments(self.now);
        assert!(!still.iter().any(|ailment| expected.contains(ailment)), "{still:?}");
        self.passes(Duration::from_secs(20));
        assert_eq!(self.board.healed(), healed, "once");
    }
}

fn switchboard() -> Switchboard {
    let prompts = ["still-with-you", "nobody-now", "connecting", "advocate-lost"];
    let mut recordings = Recordings::default();
    let mut facts = Facts { queues: ["crisis".into()].into(), ..Facts::default() };
    facts.music = ["calm".into()].into();
    for name in prompts {
        let length = Duration::from_secs(2);
        recordings.insert(model::Prompt::spoken(Language::ENGLISH, name), length);
        facts.prompts.insert((Language::ENGLISH, name.into()), length);
    }
    let plan = dialplan::load("plan", PLAN, &facts).expect("a sound plan");
    let english = [Language::ENGLISH].into();
    let alice = queue::Advocate { id: ALICE, languages: english, queues: vec!["crisis".into()] };
    let settings = Settings {
        names: BTreeMap::new(),
        queue: queue::Settings::new(vec!["crisis".into()], vec![alice]),
        catalogue: Arc::new(Catalogue::embedded()),
        vendors: Vec::new(),
        diversions: BTreeMap::new(),
        recordings,
        media: crate::MediaPolicies::default(),
        most_calls: 10,
        supervisors: std::collections::BTreeSet::new(),
        interpreter_held_for: Duration::from_secs(90),
    };
    Switchboard::new(settings, Plans::new(Arc::new(plan)), Chance::from_number(7))
}

const SOON: Duration = Duration::from_secs(11);

#[test]
fn a_healthy_call_has_no_ailment_and_an_empty_hotline_no_deadline() {
    let mut desk = Desk::talking();
    desk.passes(Duration::from_secs(600));
    // The simulated shard ends no recording: those that still play are the only finding.
    let is_telling = |ailment: &Ailment| matches!(ailment, Ailment::EndlessTelling(..));
    assert!(desk.board.ailments(desk.now).iter().all(is_telling));
    desk.leg(LegEvent::Ended { leg: CALLER, reason: EndReason::HungUp });
    desk.passes(Duration::from_secs(600));
    assert_eq!(desk.board.ailments(desk.now), []);
    assert_eq!(desk.board.deadline(), None);
}

#[test]
fn a_leg_that_no_call_knows_is_ended() {
    let mut desk = Desk::with_a_caller();
    let (id, stray) = (desk.id(), LegId(8));
    let role = Role::Advocate(id, ALICE);
    let leg = Leg::opening(stray, role, desk.now);
    desk.board.legs.insert(stray, leg);
    desk.heals(&[Ailment::Stray(stray)], SOON);
    assert!(outputs(&mut desk).contains(&Output::Leg(LegCommand::End { leg: stray })));
}

#[test]
fn a_call_without_its_caller_is_ended_with_all_its_legs() {
    let mut desk = Desk::talking();
    desk.board.legs.remove(&CALLER);
    let id = desk.id();
    desk.heals(&[Ailment::NoCaller(id)], SOON);
    assert_eq!(desk.board.board().legs, 0);
}

#[test]
fn a_caller_whose_place_in_the_queue_was_lost_is_first_in_line_again() {
    let mut desk = Desk::with_a_caller();
    let id = desk.id();
    desk.board.queue.handle_input(desk.now, queue::Input::CallerLeft { entry: id });
    desk.heals(&[Ailment::Abandoned(id)], SOON);
    assert_eq!(desk.board.queue.position(id), Some(1));
}

#[test]
fn a_caller_whose_advocate_has_no_leg_is_first_in_line_again() {
    let mut desk = Desk::talking();
    let phone = desk.phone();
    desk.board.legs.remove(&phone);
    let id = desk.id();
    desk.heals(&[Ailment::Abandoned(id)], SOON);
    assert!(desk.call().waits());
}

#[test]
fn an_advocate_who_talks_with_nobody_is_freed() {
    let mut desk = Desk::talking();
    desk.board.calls.clear();
    desk.board.legs.clear();
    desk.heals(&[Ailment::Idle(ALICE)], SOON);
    assert_ne!(desk.board.queue.standing(ALICE), Some(Standing::Talking));
}

#[test]
fn a_place_in_the_queue_without_a_caller_is_freed() {
    let mut desk = Desk::with_a_caller();
    let id = desk.id();
    desk.board.calls.clear();
    desk.board.legs.clear();
    desk.heals(&[Ailment::EmptyPlace(id)], SOON);
    assert_eq!(desk.board.queue.waiting().count(), 0);
}

#[test]
fn a_recording_that_never_ends_counts_as_heard_after_a_minute() {
    let mut desk = Desk::talking();
    let phone = desk.phone();
    desk.passes(Duration::from_secs(1));
    desk.board.hush(CALLER);
    desk.board.hush(phone);
    let prompt = model::Prompt::spoken(Language::ENGLISH, "connecting");
    desk.board.tell(phone, vec![prompt], Purpose::Tell);
    let (play, _) = desk.board.legs[&phone].telling.expect("it plays");
    desk.heals(&[Ailment::EndlessTelling(phone, play)], Duration::from_secs(71));
    assert!(desk.board.legs[&phone].telling.is_none());
}

fn outputs(desk: &mut Desk) -> Vec<Output> {
    std::iter::from_fn(|| desk.board.poll_output()).collect()
}
