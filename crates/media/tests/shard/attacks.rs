//! What strangers can do to a call: nothing (robustness.md, rows 5–8).

use std::net::SocketAddr;

use audio::g711::{self, Law};
use audio::tone::{Sine, power_dbfs};
use media::Channel;
use model::{LegId, SessionDescription};
use proptest::prelude::*;

use crate::kit::{Bench, FRAME, WITH_EVENTS, offer};

const STRANGER: &str = "198.51.100.66:4000";

fn stranger() -> SocketAddr {
    STRANGER.parse().expect("an address")
}

/// A packet of the attacker's 2 100 Hz.
fn attack(sequence: u16, ssrc: u32) -> Vec<u8> {
    let mut samples = [0; FRAME];
    Sine::new(2100.0, -10.0, 8000).fill(&mut samples);
    let mut codes = [0; FRAME];
    g711::encode(Law::Mu, &samples, &mut codes);
    let timestamp = u32::from(sequence) * FRAME as u32;
    let header = rtp::Header { marker: false, payload_type: 0, sequence, timestamp, ssrc };
    [&header.to_bytes()[..], &codes].concat()
}

/// The attacker sends for a second; returns how many packets went to it.
fn attacks(bench: &mut Bench, leg: LegId, source: SocketAddr, ssrc: u32) -> usize {
    let before: Vec<_> = bench.parties.iter().map(|party| party.heard.len()).collect();
    for sequence in 0..50 {
        bench.injects(leg, Channel::Rtp, source, &attack(sequence, ssrc));
        bench.injects(leg, Channel::Rtcp, source, b"\x80\xcb\0\x01aaaa");
        bench.runs_ms(20);
    }
    let new = bench.parties.iter().zip(before).flat_map(|(party, from)| &party.heard[from..]);
    new.filter(|packet| packet.to == source).count()
}

fn call() -> Bench {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench
}

fn expect_no_attack_heard(bench: &Bench) {
    for party in &bench.parties {
        assert!(power_dbfs(&party.samples, 2100.0, 8000) < -60.0);
    }
}

#[test]
fn robustness_5_6_7_a_stranger_neither_hears_nor_is_heard_in_any_phase() {
    let mut bench = call();
    let leg = bench.parties[0].leg;
    bench.parties[0].is_sending = false;
    assert_eq!(attacks(&mut bench, leg, stranger(), 1), 0, "before the first packet");
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    bench.expect_exactly(&[&[1], &[0]]);
    let ssrc = bench.parties[0].ssrc;
    assert_eq!(attacks(&mut bench, leg, stranger(), ssrc), 0, "while it speaks, same SSRC");
    let mut near = bench.parties[0].address;
    near.set_port(5999);
    assert_eq!(attacks(&mut bench, leg, near, 1), 0, "from its own address");
    bench.parties[0].is_sending = false;
    bench.runs_ms(3000);
    assert_eq!(attacks(&mut bench, leg, stranger(), ssrc), 0, "while it is silent");
    assert_eq!(attacks(&mut bench, leg, near, 1), 0, "silent, from its address");
    bench.reoffers(0, SessionDescription::new(offer(9, WITH_EVENTS)));
    assert_eq!(attacks(&mut bench, leg, stranger(), ssrc), 0, "after a re-INVITE");
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    let from = bench.parties[1].samples.len();
    bench.runs_ms(100);
    let back = &bench.parties[1].samples[from + 320..];
    assert!(power_dbfs(back, 503.0, 8000) > -25.0, "back within 100 ms");
    bench.expect_exactly(&[&[1], &[0]]);
    expect_no_attack_heard(&bench);
}

#[test]
fn robustness_7_the_caller_may_come_back_from_a_new_port_with_the_same_stream() {
    let mut bench = call();
    bench.runs_ms(1000);
    bench.parties[0].is_sending = false;
    bench.runs_ms(2500);
    let leg = bench.parties[0].leg;
    let of_leg = |bench: &Bench| {
        let of = bench.locks.iter().filter(|(of, _)| *of == leg);
        of.map(|(_, locked)| *locked).collect::<Vec<_>>()
    };
    assert_eq!(of_leg(&bench), [true, false], "the socket is disconnected");
    bench.parties[0].address.set_port(7777);
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    bench.expect_exactly(&[&[1], &[0]]);
    assert_eq!(of_leg(&bench), [true, false, true]);
    let last = bench.parties[0].heard.last().expect("it hears");
    assert_eq!(last.to, bench.parties[0].address);
}

#[test]
fn a_caller_behind_nat_is_learned_from_its_signalling_address_and_sent_to() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    let leg = bench.parties[0].leg;
    let private = offer(9, WITH_EVENTS).replace("192.0.2.1", "10.0.0.5");
    let public = "203.0.113.7".parse().expect("an address");
    bench.reoffers(0, SessionDescription::received(private, public));
    bench.parties[0].is_sending = false;
    assert_eq!(attacks(&mut bench, leg, stranger(), 1), 0);
    bench.parties[0].address = SocketAddr::new(public, 61_000);
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    bench.expect_exactly(&[&[1], &[0]]);
    let last = bench.parties[0].heard.last().expect("it hears");
    assert_eq!(last.to, bench.parties[0].address);
    expect_no_attack_heard(&bench);
}

#[test]
fn robustness_8_a_flood_changes_no_packet_of_the_call() {
    let mut bench = call();
    bench.runs_ms(1000);
    let leg = bench.parties[0].leg;
    let from = bench.now;
    for index in 0..30_000_u32 {
        let length = bench.chance.below(200) as usize;
        let mut packet = vec![0; length];
        packet.fill_with(|| bench.chance.next_u32() as u8);
        if index % 3 == 0 && length > 0 {
            packet[0] = 0x80;
        }
        let channel = if index % 5 == 0 { Channel::Rtcp } else { Channel::Rtp };
        bench.injects(leg, channel, stranger(), &packet);
        if index % 10 == 0 {
            bench.runs_ms(1);
        }
    }
    assert_eq!(bench.shard.dropped(), 30_000);
    for party in &bench.parties {
        for count in party.packets_per_second(from..bench.now) {
            assert!((49..=51).contains(&count), "{count} packets in a second");
        }
    }
    bench.expect_exactly(&[&[1], &[0]]);
}

#[test]
fn of_a_flood_in_the_peers_own_name_little_is_decoded_and_the_call_goes_on_behind_it() {
    let mut bench = call();
    bench.runs_ms(1000);
    let party = &bench.parties[0];
    let (leg, address, ssrc) = (party.leg, party.address, party.ssrc);
    for index in 0..10_000_u16 {
        bench.injects(leg, Channel::Rtp, address, &attack(index, ssrc));
        if index % 10 == 0 {
            bench.runs_ms(1);
        }
    }
    let left_out = bench.shard.dropped();
    assert!(left_out > 9_000, "only {left_out}");
    bench.runs_ms(3000);
    bench.expect_exactly(&[&[1], &[0]]);
}

#[test]
fn of_a_flood_of_keys_in_the_peers_own_name_few_are_told() {
    let mut bench = call();
    bench.runs_ms(1000);
    let party = &bench.parties[0];
    let (leg, address, ssrc) = (party.leg, party.address, party.ssrc);
    for index in 0..10_000_u16 {
        let mut packet = attack(index, ssrc);
        packet.truncate(12);
        packet[1] = 101;
        packet[4..8].copy_from_slice(&(u32::from(index) * 800).to_be_bytes());
        packet.extend([5, 0x80, 0, 80]);
        bench.injects(leg, Channel::Rtp, address, &packet);
        if index % 10 == 0 {
            bench.runs_ms(1);
        }
    }
    let keys = bench.digits_of(0).len();
    assert!((50..100).contains(&keys), "{keys} of ten thousand in a second");
    bench.runs_ms(3000);
    bench.parties[0].presses("7");
    bench.runs_ms(1000);
    assert!(bench.digits_of(0).ends_with('7'), "and hers are heard again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_mutated_packet_of_the_peer_itself_panics_or_ends_the_call(
        mutations in prop::collection::vec((0_usize..180, any::<u8>(), any::<bool>(), 0_usize..200), 1..60),
    ) {
        let mut bench = call();
        bench.runs_ms(200);
        let (leg, source) = (bench.parties[0].leg, bench.parties[0].address);
        for (at, byte, is_rtcp, length) in mutations {
            let mut packet = attack(at as u16, bench.parties[0].ssrc);
            if at < packet.len() {
                packet[at] = byte;
            }
            packet.truncate(length);
            let channel = if is_rtcp { Channel::Rtcp } else { Channel::Rtp };
            bench.injects(leg, channel, source, &packet);
            bench.runs_ms(7);
        }
        bench.runs_ms(1500);
        bench.expect_exactly(&[&[1], &[0]]);
    }
}
