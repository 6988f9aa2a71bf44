//! Every codec with every other in one room.

use audio::tone::power_dbfs;
use model::{Codec, Digit, MediaCommand, SampleRate};
use rtp::telephone_event::Sender;

use crate::kit::{Bench, SPOKEN_DBFS};

#[test]
fn every_codec_is_heard_by_every_other_at_its_level() {
    for one in Codec::ALL {
        for other in Codec::ALL {
            let mut bench = Bench::new();
            bench.joins(one, 500.0);
            bench.joins(other, 1_300.0);
            bench.expect_all_hear_all(&format!("{one:?} and {other:?}"));
        }
    }
}

#[test]
fn a_room_rises_for_those_who_come_and_everyone_hears_on() {
    let mut bench = Bench::new();
    bench.joins(Codec::Pcmu, 500.0);
    bench.joins(Codec::Pcma, 800.0);
    bench.expect_all_hear_all("a narrow room");
    bench.joins(Codec::G722, 1_300.0);
    bench.expect_all_hear_all("a wide room");
    bench.joins(Codec::L16(SampleRate::Full), 1_900.0);
    bench.joins(Codec::Opus, 2_300.0);
    bench.expect_all_hear_all("a full-band room");
}

#[test]
fn wide_band_is_kept_between_those_who_have_it() {
    for (one, other, hz) in [
        (Codec::G722, Codec::G722, 6_000.0),
        (Codec::G722, Codec::L16(SampleRate::Full), 6_000.0),
        (Codec::L16(SampleRate::Full), Codec::L16(SampleRate::Full), 15_000.0),
    ] {
        let mut bench = Bench::new();
        bench.joins(one, hz);
        bench.joins(other, 1_300.0);
        bench.joins(Codec::Pcmu, 700.0);
        bench.runs(50);
        let heard = &bench.parties[1];
        let rate_hz = heard.decoder.rate().hz();
        let level = power_dbfs(&heard.heard[heard.heard.len() / 2..], hz, rate_hz) - SPOKEN_DBFS;
        assert!(level.abs() < 1.0, "{one:?} to {other:?}: {level:.1} dB");
    }
}

#[test]
fn keys_pass_both_ways_beside_every_codec_at_its_clock() {
    for codec in Codec::ALL {
        let mut bench = Bench::new();
        bench.joins(codec, 500.0);
        bench.runs(10);
        let (key, leg) = (Digit::from_char('7').expect("a key"), bench.parties[0].leg);
        let party = &mut bench.parties[0];
        let sender = Sender::new(key, party.header.timestamp + party.clock_hz / 50);
        party.key = Some(sender.with_clock(party.clock_hz));
        bench.command(MediaCommand::SendDigits { leg, digits: vec![key] });
        bench.runs(30);
        assert_eq!(bench.digits, "7", "{codec:?}");
        let party = &bench.parties[0];
        let durations = party.events.iter().map(|event| u16::from_be_bytes([event[2], event[3]]));
        let longest = durations.max().map(u32::from);
        assert_eq!(longest, Some(party.clock_hz / 50 * 8), "160 ms, {codec:?}");
    }
}
