//! Servers that are named: looked up before they are needed, in time when they are, and left for
//! their next address when they do not answer (RFC 3263).

use std::net::SocketAddr;
use std::time::Duration;

use model::{EndReason, LegCommand, LegEvent, Peer, Pii, Target, TrunkId};
use sip::wire::{Method, Request};
use sip::{Flow, Found, Input, NextHop, Settings};

use crate::peer::{Bench, Script, address, answer, settings};
use crate::sessions::{OUT, SECOND, sdp};

const FIRST: &str = "203.0.113.70:5060";
const SECOND_ADDRESS: &str = "203.0.113.71:5060";
const NAMED: TrunkId = TrunkId(1);

/// An endpoint whose vendor is known by name.
struct Domain {
    bench: Bench,
}

fn server() -> NextHop {
    "sip.vendor.example".parse().expect("a name")
}

fn found(addresses: &[&str]) -> Option<Found> {
    let addresses: Vec<SocketAddr> = addresses.iter().map(|text| address(text)).collect();
    Some(Found { addresses, fresh_for: Duration::from_secs(60) })
}

impl Domain {
    fn new() -> Self {
        let mut settings = settings();
        settings.trunks[1].address = Some(server());
        settings.trunks[1].sources.clear();
        let mut domain = Self { bench: Bench::with(settings) };
        domain.apply(Input::Timeout);
        domain
    }

    /// One that has been told the addresses.
    fn at(addresses: &[&str]) -> Self {
        let mut domain = Self::new();
        domain.answers(found(addresses));
        domain
    }

    fn apply(&mut self, input: Input) {
        self.bench.apply(input);
    }

    fn answers(&mut self, found: Option<Found>) {
        self.apply(Input::LookedUp { server: server(), found });
    }

    fn pass(&mut self, time: Duration) {
        self.bench.pass(time);
    }

    fn seeks(&mut self) -> Vec<LegEvent> {
        self.apply(Input::Command(LegCommand::Locate { leg: OUT, target: target() }));
        self.pass(Duration::ZERO);
        self.bench.said()
    }

    fn dials(&mut self) {
        let (target, offer) = (target(), sdp("offer"));
        let dial = LegCommand::Dial { leg: OUT, target, offer, display: String::new() };
        self.apply(Input::Command(dial));
    }

    /// The requests since the last look, each with where it went.
    fn requests(&mut self) -> Vec<(Flow, Request)> {
        let sent = self.bench.sent().into_iter();
        sent.filter_map(|(flow, message)| match message {
            sip::wire::Message::Request(request) => Some((flow, request)),
            sip::wire::Message::Response(_) => None,
        })
        .collect()
    }

    /// Where INVITEs went since the last look.
    fn invited(&mut self) -> Vec<SocketAddr> {
        let invites = self.requests().into_iter().filter(|(_, r)| r.method == Method::Invite);
        invites.map(|(flow, _)| flow.remote).collect()
    }

    fn hears(&mut self, from: &str, text: &str) {
        self.bench.hears(from, text);
    }
}

fn target() -> Target {
    Target::Number { trunk: NAMED, number: Pii::new("18005550199".to_owned()) }
}

fn is_located(said: &[LegEvent]) -> bool {
    matches!(said, [LegEvent::Located { leg: OUT, .. }])
}

#[test]
fn a_name_that_is_known_or_asked_for_is_not_asked_for_with_every_leg() {
    for mut domain in [Domain::at(&[FIRST]), Domain::new()] {
        let before = domain.bench.questions.len();
        (0..3).for_each(|_| drop(domain.seeks()));
        assert_eq!(domain.bench.questions.len(), before);
    }
}

#[test]
fn a_name_of_the_configuration_is_asked_for_at_once_and_again_before_it_grows_old() {
    let mut domain = Domain::new();
    assert!(std::mem::take(&mut domain.bench.questions) == [server()]);
    domain.answers(found(&[FIRST]));
    domain.pass(SECOND * 59);
    assert!(domain.bench.questions.is_empty(), "it is still true");
    domain.pass(SECOND * 2);
    assert!(domain.bench.questions == [server()]);
}

#[test]
fn a_leg_waits_for_a_name_that_was_never_answered_and_for_no_other() {
    let mut domain = Domain::new();
    assert_eq!(domain.seeks(), []);
    assert_eq!(domain.bench.endpoint.legs(), 1, "somebody waits");
    domain.answers(found(&[FIRST]));
    assert!(is_located(&domain.bench.said()));
    assert_eq!(domain.bench.endpoint.legs(), 0);
    assert!(is_located(&domain.seeks()), "the next leg waits for nothing");
    domain.dials();
    let requests = domain.requests();
    let [(flow, invite)] = &requests[..] else { panic!("an INVITE") };
    assert_eq!(flow.remote, address(FIRST));
    assert_eq!(invite.uri.to_wire(), "sip:18005550199@sip.vendor.example");
}

#[test]
fn a_leg_to_a_name_without_an_answer_ends_in_time_for_another_vendor() {
    for answers in [false, true] {
        let mut domain = Domain::new();
        assert_eq!(domain.seeks(), []);
        if answers {
            domain.answers(None);
        } else {
            domain.pass(SECOND * 4);
        }
        let reason = EndReason::Unreachable;
        assert_eq!(domain.bench.said(), [LegEvent::Ended { leg: OUT, reason }]);
        assert_eq!(domain.bench.endpoint.legs(), 0);
    }
}

#[test]
fn a_leg_that_is_ended_while_its_server_is_sought_is_gone() {
    let mut domain = Domain::new();
    assert_eq!(domain.seeks(), []);
    domain.apply(Input::Command(LegCommand::End { leg: OUT }));
    let reason = EndReason::Released;
    assert_eq!(domain.bench.said(), [LegEvent::Ended { leg: OUT, reason }]);
    domain.answers(found(&[FIRST]));
    assert_eq!((domain.bench.said(), domain.bench.endpoint.legs()), (Vec::new(), 0));
}

#[test]
fn robustness_36_with_dns_silent_the_last_answer_serves_and_callers_come_in() {
    let mut domain = Domain::at(&[FIRST]);
    domain.pass(SECOND * 600);
    assert!(domain.bench.questions.len() > 3, "it goes on asking");
    domain.answers(None);
    assert!(is_located(&domain.seeks()), "the last good answer");
    domain.pass(SECOND * 600);
    let mut caller = Script::new("meanwhile");
    domain.hears(crate::peer::CARRIER, &caller.invite(&[]));
    assert!(matches!(&domain.bench.said()[..], [LegEvent::Offered { .. }]));
}

#[test]
fn calls_from_every_address_of_a_trunks_name_are_the_trunks() {
    let mut domain = Domain::at(&[FIRST, SECOND_ADDRESS]);
    for (from, trunk) in
        [(FIRST, Some(NAMED)), (SECOND_ADDRESS, Some(NAMED)), ("203.0.113.72:5060", None)]
    {
        let mut caller = Script::new(from);
        domain.hears(from, &caller.invite(&[]));
        let said = domain.bench.said();
        let peer = match &said[..] {
            [LegEvent::Offered { from, .. }] => Some(*from),
            _ => None,
        };
        assert_eq!(peer, trunk.map(Peer::Trunk), "{from}");
        assert_eq!(domain.bench.endpoint.knows_source(address(from).ip()), trunk.is_some());
    }
}

#[test]
fn a_server_that_says_nothing_is_left_for_its_next_address_and_comes_last_for_a_minute() {
    let mut domain = Domain::at(&[FIRST, SECOND_ADDRESS]);
    domain.dials();
    domain.pass(SECOND * 3);
    assert!(domain.invited().iter().all(|to| *to == address(FIRST)));
    domain.pass(SECOND + SECOND / 10);
    assert!(domain.invited().contains(&address(SECOND_ADDRESS)));
    domain.apply(Input::Command(LegCommand::End { leg: OUT }));
    domain.pass(SECOND * 40);
    domain.bench.said();
    domain.invited();
    domain.dials();
    assert_eq!(domain.invited(), [address(SECOND_ADDRESS)], "the next call knows");
    domain.apply(Input::Command(LegCommand::End { leg: OUT }));
    domain.pass(SECOND * 60);
    domain.answers(found(&[FIRST, SECOND_ADDRESS]));
    domain.bench.said();
    domain.invited();
    domain.dials();
    assert_eq!(domain.invited(), [address(FIRST)], "it may be back");
}

#[test]
fn a_server_that_is_unavailable_or_unreachable_is_left_at_once() {
    for unavailable in [true, false] {
        let mut domain = Domain::at(&[FIRST, SECOND_ADDRESS]);
        domain.dials();
        let requests = domain.requests();
        if unavailable {
            domain.hears(FIRST, &answer(&requests[0].1, 503, "v", &[], ""));
        } else {
            domain.apply(Input::FlowClosed { flow: requests[0].0 });
        }
        assert_eq!(domain.bench.said(), []);
        assert_eq!(domain.invited(), [address(SECOND_ADDRESS)]);
        domain.pass(SECOND * 40);
        let reason = EndReason::Unreachable;
        assert_eq!(domain.bench.said(), [LegEvent::Ended { leg: OUT, reason }], "none is left");
    }
}

#[test]
fn a_busy_callee_is_not_tried_at_another_address() {
    let mut domain = Domain::at(&[FIRST, SECOND_ADDRESS]);
    domain.dials();
    let requests = domain.requests();
    domain.hears(FIRST, &answer(&requests[0].1, 486, "v", &[], ""));
    assert_eq!(domain.bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Busy }]);
    assert_eq!(domain.invited(), []);
}

#[test]
fn an_address_that_was_given_up_and_answers_after_all_is_declined() {
    let mut domain = Domain::at(&[FIRST, SECOND_ADDRESS]);
    domain.dials();
    let first = domain.requests().remove(0).1;
    domain.pass(SECOND * 5);
    domain.requests();
    domain.hears(FIRST, &answer(&first, 180, "late", &[], ""));
    let methods = |domain: &mut Domain| -> Vec<Method> {
        domain.requests().into_iter().map(|(_, request)| request.method).collect()
    };
    assert_eq!(methods(&mut domain), [Method::Cancel], "it rings no more");
    let contact = &["Contact: <sip:v@203.0.113.70>", "Content-Type: application/sdp"];
    domain.hears(FIRST, &answer(&first, 200, "late", contact, crate::peer::OFFER));
    assert_eq!(methods(&mut domain), [Method::Ack, Method::Bye]);
    assert_eq!(domain.bench.said(), [], "the call goes on with the other address");
}

#[test]
fn a_uri_goes_by_its_own_address_else_by_its_trunk_else_by_its_own_name() {
    let mut settings: Settings = settings();
    settings.trunks[1].address = Some(server());
    let mut bench = Bench::with(settings);
    bench.apply(Input::LookedUp { server: server(), found: found(&[FIRST]) });
    let named: NextHop = "other.example:5070".parse().expect("a name");
    for (uri, trunk, to) in [
        ("sip:v@203.0.113.99", Some(NAMED), "203.0.113.99:5060"),
        ("sip:v@other.example:5070", Some(NAMED), FIRST),
        ("sip:v@other.example:5070", None, SECOND_ADDRESS),
    ] {
        let target = Target::Uri { trunk, uri: Pii::new(uri.to_owned()) };
        bench.command(LegCommand::Locate { leg: OUT, target: target.clone() });
        bench.apply(Input::LookedUp { server: named.clone(), found: found(&[SECOND_ADDRESS]) });
        assert!(is_located(&bench.said()), "{uri}");
        bench.command(LegCommand::Dial {
            leg: OUT,
            target,
            offer: sdp("o"),
            display: String::new(),
        });
        assert_eq!(bench.sent()[0].0.remote, address(to), "{uri} {trunk:?}");
        bench.command(LegCommand::End { leg: OUT });
        bench.pass(SECOND * 70);
        bench.said();
        bench.sent();
    }
}
