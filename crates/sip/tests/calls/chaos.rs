//! Anything in any order: no panic, no event after the end, nothing left behind.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{Chance, Digit, LegCommand, LegEvent, LegId, Pii, Target, TrunkId};
use proptest::prelude::*;
use sip::wire::{Message, Request};
use sip::{Input, Transport};

use crate::peer::{Bench, CARRIER, Script, VENDOR, answer, flow};
use crate::sessions::{SECOND, sdp};

/// One thing that happens. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Act {
    /// The peer sends a request of the call with this number.
    Asks {
        call: usize,
        method: usize,
        body: usize,
    },
    /// The peer sends the last request of the call again, or an ACK or CANCEL under its branch.
    Follows {
        call: usize,
        method: usize,
    },
    /// The peer answers one of our requests.
    Answers {
        request: usize,
        status: usize,
        tag: usize,
        body: bool,
    },
    /// The switchboard wants something of a leg, known or not.
    Commands {
        leg: usize,
        kind: usize,
    },
    /// The switchboard dials.
    Dials,
    Waits(u64),
    Breaks,
    Forgets {
        leg: usize,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..3_usize, 0..METHODS.len(), 0..3_usize)
            .prop_map(|(call, method, body)| Act::Asks { call, method, body }),
        4 => (0..3_usize, 0..4_usize).prop_map(|(call, method)| Act::Follows { call, method }),
        6 => (0..40_usize, 0..STATUSES.len(), 0..3_usize, any::<bool>())
            .prop_map(|(request, status, tag, body)| Act::Answers { request, status, tag, body }),
        6 => (0..6_usize, 0..12_usize).prop_map(|(leg, kind)| Act::Commands { leg, kind }),
        2 => Just(Act::Dials),
        3 => prop_oneof![0..700_u64, 0..40_000_u64, Just(200_000)].prop_map(Act::Waits),
        1 => Just(Act::Breaks),
        1 => (0..6_usize).prop_map(|leg| Act::Forgets { leg }),
    ]
}

/// The bench, the peer's calls, and the legs that were named so far.
struct Chaos {
    bench: Bench,
    scripts: Vec<Script>,
    requests: Vec<Request>,
    legs: Vec<LegId>,
    ended: BTreeSet<LegId>,
    forgotten: BTreeSet<LegId>,
    dialled: u64,
    /// What damages every other message of the peer, if anything does.
    damage: Option<Chance>,
}

impl Chaos {
    fn new(damage: Option<Chance>) -> Self {
        let mut bench = Bench::new();
        bench.hears_damage = damage.is_some();
        Self {
            damage,
            bench,
            scripts: ["a", "b", "c"].map(Script::new).into(),
            requests: Vec::new(),
            legs: vec![LegId(1234)],
            ended: BTreeSet::new(),
            forgotten: BTreeSet::new(),
            dialled: 0,
        }
    }

    fn happens(&mut self, act: &Act) {
        match *act {
            Act::Asks { call, method, body } => {
                let lines = LINES[body];
                let text = self.scripts[call].request(METHODS[method], lines, BODIES[body]);
                self.hears(CARRIER, &text);
            }
            Act::Follows { call, method } => {
                let text = self.scripts[call].written(FOLLOW_UPS[method], LINES[1], BODIES[1]);
                self.hears(CARRIER, &text);
            }
            Act::Answers { request, status, tag, body } => self.answers(request, status, tag, body),
            Act::Commands { leg, kind } => {
                let leg = self.leg(leg);
                self.bench.command(command(leg, kind));
            }
            Act::Dials => self.dials(),
            Act::Waits(millis) => self.bench.pass(Duration::from_millis(millis)),
            Act::Breaks => {
                self.bench.apply(Input::FlowClosed { flow: flow(Transport::Udp, VENDOR) })
            }
            Act::Forgets { leg } => {
                let leg = self.leg(leg);
                self.forgotten.insert(leg);
                self.bench.apply(Input::Forget(leg));
            }
        }
        self.look();
    }

    /// The peer's message arrives, as it was written or not.
    fn hears(&mut self, source: &str, text: &str) {
        let mut bytes = text.replace('\n', "\r\n").into_bytes();
        if let Some(chance) = &mut self.damage
            && chance.below(2) == 0
        {
            (0..=chance.below(3)).for_each(|_| damage(chance, &mut bytes));
        }
        let flow = flow(Transport::Udp, source);
        self.bench.apply(Input::Message { flow, bytes: bytes.into() });
    }

    /// All is ended, and time passes: whether every leg is over and nothing is left.
    fn ends(mut self) {
        for leg in self.legs.clone() {
            self.bench.command(LegCommand::End { leg });
        }
        self.look();
        for leg in &self.legs[1..] {
            let is_over = self.ended.contains(leg) || self.forgotten.contains(leg);
            assert!(is_over, "a leg that never ended");
        }
        self.bench.pass(400 * SECOND);
        self.look();
        let endpoint = &self.bench.endpoint;
        assert_eq!((endpoint.legs(), endpoint.transactions()), (0, 0));
        assert!(endpoint.deadline().is_none());
    }

    fn leg(&self, number: usize) -> LegId {
        self.legs[number % self.legs.len()]
    }

    fn answers(&mut self, request: usize, status: usize, tag: usize, body: bool) {
        if self.requests.is_empty() {
            return;
        }
        let request = &self.requests[request % self.requests.len()];
        let (lines, body) = if body { (LINES[1], BODIES[1]) } else { (LINES[0], BODIES[0]) };
        let mut all = lines.to_vec();
        all.push(CHALLENGE);
        let text = answer(request, STATUSES[status], ["x", "y", "z"][tag], &all, body);
        self.hears(VENDOR, &text);
    }

    fn dials(&mut self) {
        self.dialled += 2;
        let leg = LegId(self.dialled);
        let number = Pii::new("18005550199".to_owned());
        let target = Target::Number { trunk: TrunkId(1), number };
        self.legs.push(leg);
        let display = "Northline".to_owned();
        self.bench.command(LegCommand::Dial { leg, target, offer: sdp("offer"), display });
    }

    /// Takes what was sent and said, and checks what was said.
    fn look(&mut self) {
        for (_, message) in self.bench.sent() {
            match message {
                Message::Request(request) => self.requests.push(request),
                Message::Response(response) => {
                    let call = response.headers.call_id().expect("a Call-ID").to_owned();
                    let script = self.scripts.iter_mut().find(|one| one.call_id == call);
                    if let Some(script) = script.filter(|_| response.status == 200) {
                        script.learn(&response);
                    }
                }
            }
        }
        for event in self.bench.said() {
            let leg = leg_of(&event).expect("no phone registers here");
            assert!(!self.ended.contains(&leg), "said after the end");
            assert!(!self.forgotten.contains(&leg), "said of a forgotten leg");
            match event {
                LegEvent::Offered { .. } => self.legs.push(leg),
                LegEvent::Ended { .. } => assert!(self.ended.insert(leg)),
                _ => assert!(self.legs.contains(&leg)),
            }
        }
    }
}

/// A byte that means something to some parser is put in, or a part is cut out or doubled.
fn damage(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let at = chance.below(bytes.len() as u64) as usize;
    let end = (at + chance.below(40) as usize).min(bytes.len());
    match chance.below(4) {
        0 => bytes[at] = SPICE[chance.below(SPICE.len() as u64) as usize],
        1 => bytes.insert(at, SPICE[chance.below(SPICE.len() as u64) as usize]),
        2 if end - at < bytes.len() => drop(bytes.drain(at..end)),
        _ => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
    }
}

fn command(leg: LegId, kind: usize) -> LegCommand {
    match kind {
        0 => LegCommand::Ring { leg },
        1 | 2 => LegCommand::Answer { leg, answer: sdp("answer") },
        3 => LegCommand::Refuse { leg, status: 486, retry_after: None },
        4 => LegCommand::Accept { leg, answer: sdp("again") },
        5 => LegCommand::RefuseOffer { leg },
        9 => LegCommand::Progress { leg, description: sdp("early") },
        10 => LegCommand::Reoffer { leg, offer: sdp("re-offer") },
        6 => LegCommand::Probe { leg, within: 2 * SECOND },
        7 => LegCommand::SendDigit { leg, digit: Digit::from_char('5').expect("a key") },
        _ => LegCommand::End { leg },
    }
}

fn leg_of(event: &LegEvent) -> Option<LegId> {
    match event {
        LegEvent::Offered { leg, .. }
        | LegEvent::Located { leg, .. }
        | LegEvent::Ringing { leg }
        | LegEvent::TakesInfo { leg }
        | LegEvent::Progress { leg, .. }
        | LegEvent::Answered { leg, .. }
        | LegEvent::Reoffered { leg, .. }
        | LegEvent::Reanswered { leg, .. }
        | LegEvent::TransferAsked { leg, .. }
        | LegEvent::Digit { leg, .. }
        | LegEvent::Probed { leg, .. }
        | LegEvent::Ended { leg, .. } => Some(*leg),
        LegEvent::ContactsChanged { .. } => None,
    }
}

const METHODS: [&str; 10] =
    ["INVITE", "INVITE", "INVITE", "ACK", "BYE", "INFO", "OPTIONS", "UPDATE", "PRACK", "NONSENSE"];
const SPICE: &[u8] = b"\r\n \t:;,=\"\\<>@[]%/?*\0\xff\xe90219zA";
const FOLLOW_UPS: [&str; 4] = ["INVITE", "ACK", "CANCEL", "BYE"];
const STATUSES: [u16; 12] = [100, 180, 183, 199, 200, 200, 302, 407, 481, 486, 491, 503];
const CHALLENGE: &str = "Proxy-Authenticate: Digest realm=\"v\", nonce=\"n\", qop=\"auth\"";
const LINES: [&[&str]; 3] = [
    &["Contact: <sip:peer@203.0.113.5>", "Supported: 100rel", "RAck: 1 1 INVITE"],
    &[
        "Contact: <sip:peer@203.0.113.5>",
        "Content-Type: application/sdp",
        "Require: 100rel",
        "RSeq: 1",
        "Session-Expires: 90;refresher=uac",
        "Allow: UPDATE",
    ],
    &["Contact: <sip:peer@203.0.113.5>", "Content-Type: application/dtmf"],
];
const BODIES: [&str; 3] = ["", "v=0\n", "5"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_every_leg_ends_once_and_nothing_is_left(
        acts in prop::collection::vec(act(), 1..60)
    ) {
        let mut chaos = Chaos::new(None);
        acts.iter().for_each(|act| chaos.happens(act));
        chaos.ends();
    }

    #[test]
    fn the_same_when_every_other_message_of_the_peer_is_damaged(
        acts in prop::collection::vec(act(), 1..60),
        seed in any::<u64>(),
    ) {
        let mut chaos = Chaos::new(Some(Chance::from_number(seed)));
        acts.iter().for_each(|act| chaos.happens(act));
        chaos.ends();
    }
}
