//! Which address of ours a peer is told, and what carries a long request.

use std::net::IpAddr;

use model::{LegCommand, LegEvent, Pii, Target, TrunkId};
use sip::wire::{Message, Request};
use sip::{Input, Listener, Settings, Transport};

use crate::peer::{Bench, CARRIER, OFFER, Script, VENDOR, address, answer, flow, settings};
use crate::sessions::{OUT, SECOND, dial, sdp};

/// An endpoint bound to every address of both families.
fn wildcard() -> Bench {
    let listener = |text| Listener::at(address(text));
    let listeners = vec![listener("0.0.0.0:5060"), listener("[::]:5060")];
    Bench::with(Settings { listeners, ..settings() })
}

fn to(uri: &str) -> LegCommand {
    let LegCommand::Dial { leg, offer, display, .. } = dial("offer") else { unreachable!() };
    let target = Target::Uri { trunk: None, uri: Pii::new(uri.to_owned()) };
    LegCommand::Dial { leg, target, offer, display }
}

/// Tells the endpoint what it asks for before `input`, as a driver does, and applies `input`.
fn driven(bench: &mut Bench, input: Input, own: &str) -> bool {
    let peers = bench.endpoint.unknown_peers(bench.now, &input);
    for &peer in &peers {
        let own: IpAddr = own.parse().expect("an address");
        bench.apply(Input::OwnAddress { peer, own });
    }
    bench.apply(input);
    !peers.is_empty()
}

#[test]
fn a_wildcard_bind_tells_each_peer_the_address_the_kernel_uses_towards_it() {
    for (uri, own, written) in [
        ("sip:v@203.0.113.99", "192.0.2.7", "192.0.2.7"),
        ("sip:v@10.1.2.3", "10.1.0.1", "10.1.0.1"),
        ("sip:v@[2001:db8::9]:5070", "2001:db8::7", "[2001:db8::7]"),
    ] {
        let mut bench = wildcard();
        assert!(driven(&mut bench, Input::Command(to(uri)), own));
        let headers = bench.request().headers;
        let has = |name: &str, text: &str| headers.get(name).is_some_and(|v| v.contains(text));
        assert!(has("Via", &format!("SIP/2.0/UDP {written}:5060;")), "{uri}");
        assert!(has("Contact", &format!("<sip:northline@{written}:5060;")), "{uri}");
        assert!(has("From", &format!("<sip:northline@{written}>")), "{uri}");
    }
}

#[test]
fn a_caller_on_a_wildcard_bind_gets_the_contact_it_can_reach() {
    let mut bench = wildcard();
    let text = Script::new("wild").invite(&[]).replace('\n', "\r\n");
    let from = flow(Transport::Udp, CARRIER);
    let arrival = |bytes: String| Input::Message { flow: from, bytes: bytes.into() };
    assert!(driven(&mut bench, arrival(text.clone()), "192.0.2.7"));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    let contact = bench.response().headers.get("Contact").map(str::to_owned);
    assert_eq!(contact.as_deref(), Some("<sip:northline@192.0.2.7:5060;transport=udp>"));
    // What the kernel said holds for a minute; then routes may have changed.
    assert!(!driven(&mut bench, arrival(text.clone()), "192.0.2.8"));
    bench.pass(SECOND * 61);
    assert!(driven(&mut bench, arrival(text), "192.0.2.8"));
}

/// What the peer of a leg to come is told, and the Contact of the INVITE to it.
fn told(bench: &mut Bench, uri: &str, own: &str) -> (model::OwnAddress, String) {
    let LegCommand::Dial { leg, target, .. } = to(uri) else { unreachable!() };
    driven(bench, Input::Command(LegCommand::Locate { leg, target }), own);
    let [LegEvent::Located { leg: OUT, own }] = bench.said()[..] else { panic!("a way") };
    bench.command(to(uri));
    let contact = bench.request().headers.get("Contact").map(str::to_owned);
    bench.command(LegCommand::End { leg: OUT });
    bench.pass(SECOND * 70);
    bench.said();
    bench.sent();
    (own, contact.unwrap_or_default())
}

#[test]
fn behind_a_nat_peers_outside_are_told_the_public_address_and_private_ones_ours() {
    let public = Some(IpAddr::from([198, 51, 100, 7]));
    for bound in ["10.0.0.4:5060", "0.0.0.0:5060"] {
        let listeners = vec![Listener { public, ..Listener::at(address(bound)) }];
        let mut bench = Bench::with(Settings { listeners, ..settings() });
        for (peer, written) in [
            ("203.0.113.99", "198.51.100.7"),
            ("10.0.0.9", "10.0.0.4"),
            ("192.168.1.9", "10.0.0.4"),
            ("100.64.3.9", "10.0.0.4"),
        ] {
            let (own, contact) = told(&mut bench, &format!("sip:v@{peer}"), "10.0.0.4");
            let local: IpAddr = [10, 0, 0, 4].into();
            assert!(own.local == local && own.told.to_string() == written, "{bound} {peer}");
            assert!(contact.contains(&format!("@{written}:5060;")), "{bound} {peer} {contact}");
        }
    }
}

#[test]
fn an_offered_leg_brings_the_address_by_which_its_peer_reaches_us() {
    let listener = |text| Listener::at(address(text));
    let public = Some(IpAddr::from([198, 51, 100, 7]));
    let four = Listener { public, ..listener("0.0.0.0:5060") };
    let listeners = vec![four, listener("[::]:5060")];
    let mut settings = Settings { listeners, ..settings() };
    settings.trunks[0].sources.push("2001:db8::/32".parse().expect("a range"));
    let mut bench = Bench::with(settings);
    for (listener, from, own, told) in [
        (0, CARRIER, "10.0.0.4", "198.51.100.7"),
        (1, "[2001:db8::5]:5060", "2001:db8:1::4", "2001:db8:1::4"),
    ] {
        let text = Script::new(told).invite(&[]).replace('\n', "\r\n");
        let way = sip::Flow { listener: sip::ListenerId(listener), ..flow(Transport::Udp, from) };
        driven(&mut bench, Input::Message { flow: way, bytes: text.into() }, own);
        let [LegEvent::Offered { own: brought, .. }] = bench.said()[..] else { panic!("an offer") };
        let expected = [own, told].map(|text| text.parse::<IpAddr>().expect("an address"));
        assert!([brought.local, brought.told] == expected, "{from}");
    }
}

#[test]
fn of_several_interfaces_the_one_the_kernel_would_use_towards_the_peer_is_used() {
    let listener = |text| Listener::at(address(text));
    let listeners = vec![listener("10.0.0.4:5060"), listener("192.0.2.1:5070")];
    let mut bench = Bench::with(Settings { listeners, ..settings() });
    for (peer, own, written) in
        [("203.0.113.99", "192.0.2.1", "192.0.2.1:5070"), ("10.0.0.9", "10.0.0.4", "10.0.0.4:5060")]
    {
        let (_, contact) = told(&mut bench, &format!("sip:v@{peer}"), own);
        assert!(contact.contains(&format!("@{written};")), "{contact}");
    }
}

#[test]
fn a_leg_that_has_no_way_ends_when_it_is_sought() {
    let mut bench = Bench::new();
    let LegCommand::Dial { leg, target, .. } = to("sip:v@[2001:db8::9]") else { unreachable!() };
    bench.command(LegCommand::Locate { leg, target });
    let reason = model::EndReason::Unreachable;
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason }]);
}

#[test]
fn the_address_of_one_bound_listener_is_never_asked_for() {
    let mut bench = Bench::new();
    assert!(!driven(&mut bench, Input::Command(to("sip:v@203.0.113.99")), "192.0.2.7"));
    assert!(bench.request().headers.get("Via").expect("a Via").contains(" 192.0.2.1:5060;"));
}

#[test]
fn of_several_listeners_the_one_that_reaches_the_peer_is_used() {
    let listener = |text| Listener::at(address(text));
    let listeners =
        vec![listener("127.0.0.1:5060"), listener("[::1]:5060"), listener("192.0.2.1:5070")];
    for (uri, via) in [
        ("sip:v@203.0.113.99", " 192.0.2.1:5070;"),
        ("sip:v@127.0.0.9:5080", " 127.0.0.1:5060;"),
        ("sip:v@[::1]:5080", " [::1]:5060;"),
    ] {
        let mut bench = Bench::with(Settings { listeners: listeners.clone(), ..settings() });
        bench.command(to(uri));
        assert!(bench.request().headers.get("Via").expect("a Via").contains(via), "{uri}");
    }
}

/// Dials a trunk with an offer of more than 1,300 bytes.
fn dial_long(bench: &mut Bench) -> (sip::Flow, Request) {
    dial_with(bench, 1300)
}

/// Dials a trunk with an offer that is `padding` bytes longer than it need be.
fn dial_with(bench: &mut Bench, padding: usize) -> (sip::Flow, Request) {
    let number = Pii::new("18005550199".to_owned());
    let target = Target::Number { trunk: TrunkId(1), number };
    let offer = sdp(&"x".repeat(padding));
    bench.command(LegCommand::Dial { leg: OUT, target, offer, display: String::new() });
    match bench.sent().pop() {
        Some((flow, Message::Request(request))) => (flow, request),
        _ => panic!("an INVITE"),
    }
}

fn carried_by(request: &Request) -> String {
    request.headers.top_via().expect("a Via").transport
}

#[test]
fn a_request_over_1300_bytes_goes_by_tcp() {
    let mut bench = Bench::new();
    let (way, invite) = dial_long(&mut bench);
    assert!(way == flow(Transport::Tcp, VENDOR) && carried_by(&invite) == "TCP");
    let text = answer(&invite, 200, "v", &["Content-Type: application/sdp"], OFFER);
    bench.hears_over(Transport::Tcp, VENDOR, &text);
    assert!(matches!(&bench.said()[..], [LegEvent::Answered { .. }]));
}

#[test]
fn a_request_of_1300_bytes_still_goes_by_udp_and_one_of_1301_does_not() {
    let sent = |padding| {
        let (way, invite) = dial_with(&mut Bench::new(), padding);
        (invite.to_bytes().len(), way.transport)
    };
    let edge = (400..1300).find(|&padding| sent(padding).0 == 1300).expect("a byte more each time");
    assert_eq!(sent(edge), (1300, Transport::Udp));
    assert_eq!(sent(edge + 1), (1301, Transport::Tcp));
}

#[test]
fn a_peer_without_tcp_gets_the_long_request_by_udp_and_the_next_one_at_once() {
    let mut bench = Bench::new();
    let (way, first) = dial_long(&mut bench);
    bench.apply(Input::FlowClosed { flow: way });
    assert_eq!(bench.said(), []);
    let sent = bench.sent();
    let [(way, Message::Request(again))] = &sent[..] else { panic!("the INVITE again") };
    assert!(*way == flow(Transport::Udp, VENDOR) && carried_by(again) == "UDP");
    assert!(again.body == first.body && again.headers.cseq() == first.headers.cseq());
    bench.pass(SECOND / 2);
    assert_eq!(bench.requests().len(), 1, "now it is repeated");
    bench.command(LegCommand::End { leg: OUT });
    bench.pass(SECOND * 40);
    bench.sent();
    assert!(dial_long(&mut bench).0 == flow(Transport::Udp, VENDOR));
}

#[test]
fn a_connection_that_breaks_after_a_provisional_response_is_no_reason_to_send_twice() {
    let mut bench = Bench::new();
    let (way, invite) = dial_long(&mut bench);
    bench.hears_over(Transport::Tcp, VENDOR, &answer(&invite, 180, "v", &[], ""));
    bench.said();
    bench.apply(Input::FlowClosed { flow: way });
    assert!(bench.sent().is_empty());
    assert!(matches!(&bench.said()[..], [LegEvent::Ended { leg: OUT, .. }]));
}
