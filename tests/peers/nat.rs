//! The engine on a server with a private address behind 1:1 NAT, its public address one setting: who
//! is outside is told that, who is inside the private one, and everybody is heard.

use std::net::SocketAddr;
use std::time::Duration;

use crate::baresip::{Baresip, Encryption, Place};
use crate::engine::{Engine, Setup};
use crate::ground::SIP;
use crate::office::{CARRIER, CARRIER_SIX, INSIDE, OUTSIDE, Office, PRIVATE, PUBLIC, SIX, address};
use crate::phones::tone;
use crate::sipp::Transport;
use crate::speech::{has_tone, loudest};
use crate::wire::{Call, Wire, header};

const CALLER_HZ: f64 = 600.0;
const ADVOCATE_HZ: f64 = 1_000.0;
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn d10_behind_a_nat_a_caller_outside_and_an_advocate_in_the_office_hear_each_other() {
    talk("phone", INSIDE, PRIVATE).await;
}

#[tokio::test]
async fn behind_a_nat_a_caller_and_an_advocate_outside_hear_each_other() {
    talk("away", OUTSIDE, PUBLIC).await;
}

/// A caller outside, and an advocate who reaches the server at an address of it.
async fn talk(where_she_is: &str, at: &str, server: &str) {
    let Some(office) = Office::open() else { return };
    let engine = engine(&office).await;
    let network = office.network(where_she_is);
    let (at, server) = (address(at), SocketAddr::new(address(server), SIP));
    let place = Place { name: "desk", network, own: at, control: at, server, codec: None };
    let account = Some(("alice", "a-long-password"));
    let voice = tone(ADVOCATE_HZ, 120);
    let desk =
        Baresip::start_at(&engine, place, account, (Transport::Udp, Encryption::Off), &voice).await;
    desk.dial("*1").await;
    engine.holds(|held| held.legs == 1, SOON).await;
    engine.holds(|held| held.legs == 0, SOON).await;

    let (at, network) = (address(CARRIER), office.network("carrier"));
    let server = SocketAddr::new(address(PUBLIC), SIP);
    let place = Place { name: "caller", network, own: at, control: at, server, codec: None };
    let voice = tone(CALLER_HZ, 120);
    let caller =
        Baresip::start_at(&engine, place, None, (Transport::Udp, Encryption::Off), &voice).await;
    caller.dial("100").await;
    engine.holds(|held| held.legs == 2, SOON).await;
    tokio::time::sleep(TALK).await;
    caller.hang_up().await;
    engine.holds_nothing(SOON).await;
    let [to_peers, to_others] = office.sent();
    assert!(to_peers > 0 && to_others == 0, "D10: {to_others} packets to nobody it was told of");
    for (who, phone, own, other) in
        [("advocate", &desk, ADVOCATE_HZ, CALLER_HZ), ("caller", &caller, CALLER_HZ, ADVOCATE_HZ)]
    {
        let heard = phone.heard().await;
        assert!(has_tone(&heard, other), "the {who} hears {} dBFS", loudest(&heard, other));
        assert!(!has_tone(&heard, own), "nobody hears herself: the {who}");
    }
}

#[tokio::test]
async fn behind_a_nat_each_peer_is_told_the_address_by_which_it_reaches_the_server() {
    let Some(office) = Office::open() else { return };
    let engine = engine(&office).await;
    for (place, from, to) in
        [("carrier", CARRIER, PUBLIC), ("phone", INSIDE, PRIVATE), ("carrier", CARRIER_SIX, SIX)]
    {
        let wire = Wire::open_in(&office.network(place), address(from));
        let to_server = SocketAddr::new(address(to), SIP);
        let call = Call { from: wire.address(), to: to_server, id: from, to_tag: "" };
        wire.send(&call.request("INVITE", ""), to_server).await;
        let (answer, source) = wire.expect("SIP/2.0 200", SOON).await;
        assert_eq!(source, to_server, "it comes from where it was sent to");
        let contact = header(&answer, "Contact").expect("an INVITE's 200 has one");
        assert!(contact.contains(&format!("@{to_server};")), "{place} {to}:\n{answer}");
        let (family, connection) = (if to.contains(':') { 6 } else { 4 }, "c=IN IP");
        let expected = format!("{connection}{family} {to}");
        assert!(answer.lines().any(|line| line == expected), "{expected} is not in:\n{answer}");

        let tag = header(&answer, "To").and_then(|to| to.split_once(";tag=")).expect("a tag").1;
        let call = Call { to_tag: &format!(";tag={tag}"), ..call };
        wire.send(&call.request("ACK", "-acknowledged"), to_server).await;
        wire.send(&call.request("BYE", "-ended"), to_server).await;
        engine.holds_nothing(SOON).await;
    }
}

/// An engine on the office's server, at all of its addresses.
async fn engine(office: &Office) -> Engine {
    let sip = format!("\"0.0.0.0:{SIP}\", \"[::]:{SIP}\"], advertised: {PUBLIC}");
    let callers = format!("{CARRIER}, {INSIDE}, \"{CARRIER_SIX}\"");
    let setup = Setup { plan: Some(PLAN), sections: ADVOCATES, ..Setup::default() };
    let private = SocketAddr::new(address(PRIVATE), SIP);
    Engine::start_in(&office.network("server"), private, &sip, &callers, &setup).await
}

const ADVOCATES: &str =
    "advocates:\n  - { name: alice, password: a-long-password, languages: [en] }";
const PLAN: &str = "
plan: short
languages: [en]
start: greeting
steps:
  greeting: { play: please-wait, then: wait }
  wait:
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: stay
  stay: { play: nobody-now, queue: crisis, when-empty: keep }
";
/// Long enough for both to be heard after the words that connect them.
const TALK: Duration = Duration::from_secs(8);
