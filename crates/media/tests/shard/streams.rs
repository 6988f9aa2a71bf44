//! The one stream each leg hears, its clock, life signs and hold.

use std::time::Duration;

use audio::tone::power_dbfs;
use media::Channel;
use model::{Direction, Instant, MediaCommand, MediaEvent, MediaRefusal, SessionDescription};
use rtp::rtcp::Item;

use crate::kit::{Bench, FRAME, WITH_EVENTS, direction_of, offer};
use crate::recordings::library;

/// One SSRC, no gap in sequence, timestamps of real time within a frame, 50 ± 1 packets in any
/// second.
fn expect_one_stream(bench: &Bench, index: usize, from: Instant) {
    let party = &bench.parties[index];
    let heard: Vec<_> = party.heard.iter().filter(|packet| packet.at >= from).collect();
    let first = heard[0];
    for pair in heard.windows(2) {
        let (before, after) = (pair[0].header, pair[1].header);
        assert_eq!(after.ssrc, before.ssrc);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1));
    }
    for packet in &heard {
        if packet.event.is_some() {
            continue;
        }
        let media = packet.header.timestamp.wrapping_sub(first.header.timestamp);
        let real = (packet.at.since(first.at).as_micros() * 8 / 1000) as u32;
        assert_eq!(media % FRAME as u32, 0);
        assert!(media.abs_diff(real) <= 200, "{media} against {real} samples");
    }
    for count in party.packets_per_second(from..bench.now) {
        assert!((49..=51).contains(&count), "{count} packets in a second");
    }
}

fn held(direction: &str, version: u64) -> SessionDescription {
    SessionDescription::new(offer(version, &format!("{WITH_EVENTS}\r\na={direction}")))
}

#[test]
fn one_stream_through_prompts_rooms_digits_and_re_invites() {
    let mut bench = Bench::with_library(library(&[("a", 2000.0, 700)], &[("calm", 600.0, 900)]));
    bench.joins(503.0);
    bench.joins(907.0);
    bench.joins(1361.0);
    let leg = bench.parties[0].leg;
    bench.runs_ms(40);
    let from = bench.now;
    bench.runs_ms(1000);
    for round in 0..6 {
        bench.command(MediaCommand::Music { leg, music: Some("calm".into()) });
        bench.runs_ms(777);
        bench.plays(0, round, &["a", "a"]);
        bench.runs_ms(1111);
        bench.routes(&[(0, 1), (1, 0), (0, 2), (2, 0)]);
        bench.runs_ms(1333);
        bench.parties[1].is_speaking = round % 2 == 0;
        bench.command(MediaCommand::SendDigits {
            leg,
            digits: vec![model::Digit::from_char('3').expect("a key")],
        });
        bench.runs_ms(613);
        bench.reoffers(0, held("sendrecv", 10 + round));
        bench.routes(&[(0, 2)]);
        bench.runs_ms(517);
    }
    expect_one_stream(&bench, 0, from);
}

#[test]
fn each_leg_reports_about_every_five_seconds_and_says_goodbye() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.loss_percent = 25;
    bench.runs_ms(60_000);
    bench.command(MediaCommand::Close { leg: bench.parties[0].leg });
    let party = &bench.parties[0];
    let ssrc = party.heard[0].header.ssrc;
    let senders = party.reports.iter().filter_map(|item| match item {
        Item::Sender { ssrc, info, heard: Some(heard) } => Some((*ssrc, *info, *heard)),
        _ => None,
    });
    let senders: Vec<_> = senders.collect();
    assert!((8..=24).contains(&senders.len()), "{} reports", senders.len());
    let (reporter, info, heard) = senders[senders.len() - 1];
    assert_eq!((reporter, heard.ssrc), (ssrc, party.ssrc));
    assert!((2600..=3000).contains(&info.packets) && info.octets == info.packets * 160);
    assert!((600..=900).contains(&heard.cumulative_lost), "{}", heard.cumulative_lost);
    assert_eq!(party.reports.last(), Some(&Item::Bye { ssrc }));
}

#[test]
fn c2_a_leg_in_an_empty_room_hears_an_unbroken_stream() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.parties[0].is_sending = false;
    bench.runs_ms(40);
    let from = bench.now;
    bench.runs_ms(10_000);
    expect_one_stream(&bench, 0, from);
}

/// Every 60 ms of what was heard hold the tone; what was heard is then forgotten.
fn expect_no_drop_out(bench: &mut Bench, tones: &[(usize, f64)]) {
    for &(index, tone_hz) in tones {
        for stretch in bench.parties[index].samples.chunks_exact(3 * FRAME) {
            let level = power_dbfs(stretch, tone_hz, 8000);
            assert!(level > -26.0, "{index} hears {tone_hz} Hz at {level:.0} dBFS for 60 ms");
        }
    }
    bench.parties.iter_mut().for_each(|party| party.samples.clear());
}

#[test]
fn three_talkers_whose_clocks_drift_apart_are_heard_without_a_gap() {
    let mut bench = Bench::new();
    for (tone_hz, interval_nanos) in
        [(503.0, 20_002_000), (907.0, 19_998_000), (1361.0, 20_000_000)]
    {
        let index = bench.joins(tone_hz);
        bench.parties[index].interval_nanos = interval_nanos;
    }
    bench.routes(&[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    bench.runs_ms(1000);
    bench.parties.iter_mut().for_each(|party| party.samples.clear());
    let from = bench.now;
    bench.runs_ms(600_000);
    let tones = [(0, 907.0), (0, 1361.0), (1, 503.0), (1, 1361.0), (2, 503.0), (2, 907.0)];
    expect_no_drop_out(&mut bench, &tones);
    for index in 0..3 {
        expect_one_stream(&bench, index, from);
    }
}

#[test]
fn two_hours_of_drifting_phones_stay_one_stream_and_whole() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.parties[0].interval_nanos = 20_002_000;
    bench.parties[1].interval_nanos = 19_998_000;
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(1000);
    bench.parties.iter_mut().for_each(|party| party.samples.clear());
    let from = bench.now;
    for _ in 0..72 {
        bench.runs_ms(100_000);
        expect_no_drop_out(&mut bench, &[(0, 907.0), (1, 503.0)]);
    }
    bench.expect_exactly(&[&[1], &[0]]);
    let party = &bench.parties[0];
    let (first, last) = (party.heard[100], party.heard[party.heard.len() - 1]);
    let media = last.header.timestamp.wrapping_sub(first.header.timestamp);
    let real = (last.at.since(first.at).as_micros() * 8 / 1000) as u32;
    assert!(media.abs_diff(real) <= 200, "{media} against {real} samples");
    for count in party.packets_per_second(from..from + Duration::from_secs(60)) {
        assert!((49..=51).contains(&count), "{count} packets in a second");
    }
}

#[test]
fn c14_silence_is_reported_again_and_again_and_ends_nothing() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.runs_ms(1000);
    bench.parties[0].is_sending = false;
    bench.runs_ms(16_000);
    assert_eq!(bench.quiets_of(0), [15]);
    bench.runs_ms(15_000);
    assert_eq!(bench.quiets_of(0), [15, 30]);
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    bench.parties[0].presses("7");
    bench.runs_ms(600_000);
    assert_eq!(bench.quiets_of(0), [15, 30]);
    assert_eq!(bench.digits_of(0), "7");
    let heard = bench.of(0, |event| match event {
        MediaEvent::Heard { leg } => Some((*leg, ())),
        _ => None,
    });
    assert_eq!(heard.len(), 2, "the first packet, and the first after the silence");
}

#[test]
fn a_peer_that_never_sends_is_quiet_from_its_settling_and_rtcp_counts_as_life() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.parties[0].is_sending = false;
    bench.runs_ms(14_000);
    let (leg, mut source) = (bench.parties[0].leg, bench.parties[0].address);
    source.set_port(4001);
    bench.injects(leg, Channel::Rtcp, source, b"\x80\xc9\0\x01aaaa");
    bench.runs_ms(14_900);
    assert!(bench.quiets_of(0).is_empty());
    bench.runs_ms(200);
    assert_eq!(bench.quiets_of(0), [15]);
    let stranger = "198.51.100.1:4001".parse().expect("an address");
    bench.injects(leg, Channel::Rtcp, stranger, b"\x80\xc9\0\x01aaaa");
    bench.runs_ms(15_000);
    assert_eq!(bench.quiets_of(0), [15, 30], "a stranger's packet is no life sign");
}

#[test]
fn a_held_leg_hears_nothing_is_not_heard_and_is_never_quiet() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(1000);
    bench.reoffers(0, held("inactive", 20));
    assert_eq!(direction_of(&bench, 0), Some(Direction::Inactive));
    let count = bench.parties[0].heard.len();
    bench.expect_exactly(&[&[], &[]]);
    bench.parties[0].is_sending = false;
    bench.runs_ms(60_000);
    assert_eq!(bench.parties[0].heard.len(), count);
    assert!(bench.quiets_of(0).is_empty());
    bench.reoffers(0, held("recvonly", 21));
    assert_eq!(direction_of(&bench, 0), Some(Direction::SendOnly));
    bench.expect_exactly(&[&[1], &[]]);
    bench.reoffers(0, held("sendrecv", 22));
    bench.runs_ms(14_000);
    assert!(bench.quiets_of(0).is_empty(), "the time begins anew");
    bench.runs_ms(2_000);
    assert_eq!(bench.quiets_of(0).len(), 1);
    bench.parties[0].is_sending = true;
    bench.parties[0].next_send = bench.now;
    bench.runs_ms(300);
    bench.expect_exactly(&[&[1], &[0]]);
    let stream = &bench.parties[0].heard;
    assert!(stream.windows(2).all(|pair| pair[0].header.ssrc == pair[1].header.ssrc));
}

#[test]
fn a_refused_re_offer_leaves_the_old_media() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    let leg = bench.parties[0].leg;
    for (said, reason) in [
        ("v=0\r\nnonsense\r\n".to_owned(), MediaRefusal::Malformed { line: 2 }),
        (offer(9, "18"), MediaRefusal::NothingInCommon),
    ] {
        bench.reoffers(0, SessionDescription::new(said));
        let last = bench.events.last().map(|(_, event)| event.clone());
        assert_eq!(last, Some(MediaEvent::Refused { leg, reason }));
        bench.expect_exactly(&[&[1], &[0]]);
    }
}

#[test]
fn speech_is_reported_at_its_beginning_and_end_even_if_packets_stop() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    let speech = |bench: &Bench| {
        bench.of(0, |event| match event {
            MediaEvent::Speech { leg, speaking } => Some((*leg, *speaking)),
            _ => None,
        })
    };
    bench.runs_ms(500);
    assert_eq!(speech(&bench), [true]);
    bench.parties[0].is_sending = false;
    bench.runs_ms(1000);
    assert_eq!(speech(&bench), [true, false]);
}
