//! Digits in and out.

use audio::tone::{dtmf_pair_hz, power_dbfs};
use model::{Digit, MediaCommand, MediaEvent, SessionDescription};

use crate::kit::{Bench, UNHEARD_DBFS, offer};

fn digits(keys: &str) -> Vec<Digit> {
    keys.chars().filter_map(Digit::from_char).collect()
}

fn sent(bench: &Bench, leg: usize) -> usize {
    bench
        .of(leg, |event| match event {
            MediaEvent::DigitsSent { leg } => Some((*leg, ())),
            _ => None,
        })
        .len()
}

#[test]
fn each_digit_is_reported_once_and_never_heard_by_others() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(1000);
    let from = bench.parties[0].samples.len();
    bench.parties[1].is_speaking = false;
    bench.runs_ms(300);
    bench.parties[1].presses("1199#");
    bench.runs_ms(3000);
    assert_eq!(bench.digits_of(1), "1199#");
    assert_eq!(bench.digits_of(0), "");
    for digit in digits("19#") {
        let (low, high) = dtmf_pair_hz(digit);
        for hz in [low, high] {
            let level = power_dbfs(&bench.parties[0].samples[from + 3200..], hz, 8000);
            assert!(level < UNHEARD_DBFS, "{level:.0} dBFS");
        }
    }
    bench.parties[1].is_speaking = true;
    bench.expect_exactly(&[&[1], &[0]]);
}

#[test]
fn a_key_that_also_sounds_is_not_heard_by_others() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    bench.runs_ms(500);
    // The party's tone goes on between the event packets, as some gateways do it.
    let (leg, source) = (bench.parties[1].leg, bench.parties[1].address);
    let from = bench.parties[0].samples.len();
    for frame in 0..40_u16 {
        let header = rtp::Header {
            marker: frame == 0,
            payload_type: 101,
            sequence: bench.parties[1].sequence,
            timestamp: bench.parties[1].timestamp,
            ssrc: bench.parties[1].ssrc,
        };
        let timestamp = header.timestamp.wrapping_sub(u32::from(frame) * 160);
        let [high, low] = (160 * (frame + 1)).to_be_bytes();
        let header = rtp::Header { timestamp, ..header };
        let packet = [&header.to_bytes()[..], &[5, 10, high, low]].concat();
        bench.injects(leg, media::Channel::Rtp, source, &packet);
        bench.runs_ms(20);
    }
    assert_eq!(bench.digits_of(1), "5");
    let during = &bench.parties[0].samples[from + 1600..];
    assert!(power_dbfs(during, 907.0, 8000) < UNHEARD_DBFS);
}

#[test]
fn digits_go_out_as_events_instead_of_audio() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    bench.runs_ms(500);
    let (leg, from) = (bench.parties[0].leg, bench.parties[0].heard.len());
    bench.command(MediaCommand::SendDigits { leg, digits: digits("4*") });
    bench.command(MediaCommand::SendDigits { leg, digits: digits("4") });
    bench.runs_ms(2 * 260 + 10);
    assert_eq!(sent(&bench, 0), 1);
    bench.runs_ms(500);
    assert_eq!(sent(&bench, 0), 2);
    let heard = &bench.parties[0].heard[from..];
    let mut receiver = rtp::telephone_event::Receiver::default();
    let mut pressed = String::new();
    for packet in heard {
        if let Some(payload) = packet.event {
            let digit = receiver.packet(packet.at, &packet.header, &payload);
            pressed.extend(digit.map(Digit::as_char));
        }
    }
    assert_eq!(pressed, "4*4");
    assert_eq!(heard.iter().filter(|packet| packet.event.is_some()).count(), 30);
    for pair in heard.windows(2) {
        let step = pair[1].header.sequence.wrapping_sub(pair[0].header.sequence);
        assert_eq!(step, 1);
        assert!(pair[1].at.since(pair[0].at).as_millis() < 33);
    }
}

#[test]
fn digits_go_out_as_tones_where_events_were_not_agreed() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    let leg = bench.parties[0].leg;
    bench.reoffers(0, SessionDescription::new(offer(9, "0")));
    bench.runs_ms(500);
    let from = bench.parties[0].samples.len();
    bench.command(MediaCommand::SendDigits { leg, digits: digits("5") });
    bench.runs_ms(260);
    let heard = &bench.parties[0].samples[from..];
    assert!(bench.parties[0].heard.iter().all(|packet| packet.event.is_none()));
    let (low, high) = dtmf_pair_hz(digits("5")[0]);
    for hz in [low, high] {
        assert!(power_dbfs(&heard[..1280], hz, 8000) > -15.0);
        assert!(power_dbfs(&heard[1440..1920], hz, 8000) < UNHEARD_DBFS);
    }
    bench.runs_ms(40);
    assert_eq!(sent(&bench, 0), 1);
}
