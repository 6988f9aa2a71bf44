//! Encrypted legs (RFC 3711, RFC 4568): heard by their peer, and by nobody else; robustness 9, 11.

use std::net::SocketAddr;

use audio::tone::power_dbfs;
use media::Channel;
use model::{MediaEvent, SessionDescription, SrtpPolicy};
use rtp::rtcp::Item;

use crate::kit::Bench;
use crate::party::Party;

/// Two encrypted parties and a plain one, who all hear each other.
fn call() -> Bench {
    let mut bench = Bench::new();
    bench.joins_with(503.0, SrtpPolicy::Required);
    bench.joins_with(907.0, SrtpPolicy::Optional);
    bench.joins(1301.0);
    bench.routes(&[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    bench
}

fn everybody_hears_everybody(bench: &mut Bench) {
    bench.expect_exactly(&[&[1, 2], &[0, 2], &[0, 1]]);
}

/// The party offers anew, with the keys it has; `change` may alter the text.
fn reoffers(bench: &mut Bench, index: usize, change: impl Fn(String) -> String) {
    let party = &mut bench.parties[index];
    let offer = String::from_utf8(party.session.make_offer().bytes().to_vec()).expect("text");
    let offer = SessionDescription::received(change(offer), party.address.ip());
    bench.reoffers(index, offer);
}

fn secure(bench: &Bench, index: usize) -> Option<bool> {
    let facts = bench.of(index, |event| match event {
        MediaEvent::Ready { leg, facts, .. } => Some((*leg, *facts)),
        _ => None,
    });
    facts.last().copied().flatten().map(|facts| facts.secure)
}

fn payloads_look_random(party: &Party) -> bool {
    // Of silence and tones in plain, the commonest byte is a great share.
    let mut counts = [0_usize; 256];
    let payloads = party.wire.iter().flat_map(|packet| &packet[12..]);
    payloads.for_each(|&byte| counts[usize::from(byte)] += 1);
    let all: usize = counts.iter().sum();
    counts.iter().max().is_some_and(|&most| most * 64 < all)
}

#[test]
fn encrypted_and_plain_legs_hear_each_other_and_no_voice_is_on_the_wire() {
    let mut bench = call();
    everybody_hears_everybody(&mut bench);
    bench.runs_ms(8000);
    for index in [0, 1] {
        assert!(payloads_look_random(&bench.parties[index]), "party {index}");
        assert_eq!(bench.parties[index].wire[0].len(), 12 + 160 + 16, "a tag of GCM");
        let reports = &bench.parties[index].reports;
        let is_report = |item: &Item| matches!(item, Item::Sender { heard: Some(_), .. });
        assert!(reports.iter().any(is_report), "SRTCP is read");
    }
    assert!(!payloads_look_random(&bench.parties[2]), "the plain one could be listened in to");
    assert_eq!(bench.shard.forged(), 0);
}

#[test]
fn digits_are_heard_from_an_encrypted_leg() {
    let mut bench = call();
    bench.runs_ms(200);
    bench.parties[0].presses("4711#");
    bench.runs_ms(3000);
    assert_eq!(bench.digits_of(0), "4711#");
}

#[test]
fn r09_ten_thousand_forged_packets_end_no_call_and_are_counted() {
    let mut bench = call();
    bench.runs_ms(1000);
    let (leg, source) = (bench.parties[0].leg, bench.parties[0].address);
    let from = bench.now;
    let events = reported(&bench);
    for index in 0..10_000_usize {
        // The peer's own packets with a bit changed, plain ones, old ones, and no packets at all.
        let mut packet = bench.parties[0].wire.last().cloned().expect("a packet");
        match index % 4 {
            0 => {
                packet = bench.parties[0].next_packet();
                let at = index % packet.len();
                packet[at.max(2)] ^= 1;
            }
            1 => packet.truncate(172),
            2 => packet.fill_with(|| bench.chance.next_u32() as u8),
            _ => packet.truncate(index % 30),
        }
        let is_rtcp = index % 5 == 0;
        let channel = if is_rtcp { Channel::Rtcp } else { Channel::Rtp };
        bench.injects(leg, channel, source, &packet);
        if index % 10 == 0 {
            bench.runs_ms(1);
        }
    }
    assert_eq!(bench.shard.forged(), 10_000);
    for count in bench.parties[0].packets_per_second(from..bench.now) {
        assert!((49..=51).contains(&count), "{count} packets in a second");
    }
    everybody_hears_everybody(&mut bench);
    assert_eq!(reported(&bench), events, "nothing is said of them one by one");
}

/// Events so far, but for how loud the parties are.
fn reported(bench: &Bench) -> usize {
    let level = |event: &MediaEvent| matches!(event, MediaEvent::Level { .. });
    bench.events.iter().filter(|(_, event)| !level(event)).count()
}

#[test]
fn r07_without_its_key_nobody_takes_over_a_stream_not_even_from_its_own_address() {
    let mut bench = call();
    bench.runs_ms(1000);
    let leg = bench.parties[0].leg;
    bench.parties[0].is_sending = false;
    bench.runs_ms(2500);
    let mut near: SocketAddr = bench.parties[0].address;
    near.set_port(5999);
    // What continues the stream in every way but one: it is not authentic.
    let heard = bench.parties[0].heard.len();
    for _ in 0..100 {
        let mut packet = bench.parties[0].next_packet();
        *packet.last_mut().expect("a tag") ^= 1;
        bench.injects(leg, Channel::Rtp, near, &packet);
        bench.runs_ms(20);
    }
    let to_stranger = bench.parties[0].heard[heard..].iter().filter(|packet| packet.to == near);
    assert_eq!(to_stranger.count(), 0);
    bench.parties[0].address = near;
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    everybody_hears_everybody(&mut bench);
    assert_eq!(bench.parties[0].heard.last().expect("it hears").to, near);
}

#[test]
fn a_replayed_packet_is_not_heard_again() {
    let mut bench = call();
    bench.runs_ms(500);
    let (leg, source) = (bench.parties[0].leg, bench.parties[0].address);
    let packet = bench.parties[0].next_packet();
    bench.injects(leg, Channel::Rtp, source, &packet);
    let forged = bench.shard.forged();
    for _ in 0..100 {
        bench.injects(leg, Channel::Rtp, source, &packet);
    }
    assert_eq!(bench.shard.forged(), forged + 100);
    everybody_hears_everybody(&mut bench);
}

#[test]
fn hold_and_its_end_keep_the_keys_and_the_stream() {
    let mut bench = call();
    bench.runs_ms(500);
    reoffers(&mut bench, 0, |offer| offer.replace("sendrecv", "sendonly"));
    bench.events.pop();
    bench.runs_ms(2000);
    reoffers(&mut bench, 0, |offer| offer);
    let Some((_, MediaEvent::Ready { description: Some(answer), .. })) = bench.events.last() else {
        panic!("an answer was due");
    };
    let answer = answer.clone();
    let before = bench.parties[0].session.keys().cloned();
    bench.parties[0].session.accept_answer(&answer).expect("our answer");
    assert!(bench.parties[0].session.keys() == before.as_ref());
    // Its windows and counters go on where they were: no packet is refused for being old.
    everybody_hears_everybody(&mut bench);
    assert_eq!(bench.shard.forged(), 0);
}

#[test]
fn a_peer_with_another_key_is_heard_from_its_first_packet_on() {
    let mut bench = call();
    bench.runs_ms(500);
    // Another device takes over: its session is new, its key another.
    let party = &mut bench.parties[0];
    let session = sdp::Session::new(*party.session.local())
        .with_srtp(SrtpPolicy::Required, bench.chance.split());
    party.session = session;
    reoffers(&mut bench, 0, |offer| offer.replace("o=- 0 1", "o=- 0 2"));
    bench.take_answer(0);
    everybody_hears_everybody(&mut bench);
    assert!(bench.retired >= 1, "the old keys left the shard");
}

#[test]
fn robustness_11_a_leg_that_must_be_encrypted_stays_so_whatever_is_offered() {
    let mut bench = call();
    bench.runs_ms(500);
    assert_eq!([secure(&bench, 1), secure(&bench, 2)], [None, None], "answers are taken");
    let strip = |offer: String| {
        let offer = offer.replace(" 1 IN IP4", " 9 IN IP4");
        let lines = offer.lines().filter(|line| !line.starts_with("a=crypto"));
        lines.map(|line| format!("{}\r\n", line.replace("SAVP", "AVP"))).collect()
    };
    reoffers(&mut bench, 0, strip);
    assert!(matches!(bench.events.pop(), Some((_, MediaEvent::Refused { .. }))));
    bench.parties[0].session.abandon_offer();
    everybody_hears_everybody(&mut bench);
    // Where it is optional, the peer may give it up.
    reoffers(&mut bench, 1, strip);
    assert_eq!(secure(&bench, 1), Some(false));
    bench.events.pop();
    bench.parties[1].srtp = None;
    everybody_hears_everybody(&mut bench);
    let last = bench.parties[1].heard.len() - 1;
    assert!(power_dbfs(&bench.parties[1].samples[last * 160..], 503.0, 8000) > -30.0);
}
