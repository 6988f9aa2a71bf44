//! Each codec by the tones it carries, and by what it makes of damaged payloads.

use model::Chance;

use super::*;
use crate::tone::{Sine, power_dbfs};

const RATES: [SampleRate; 3] = [SampleRate::Narrow, SampleRate::Wide, SampleRate::Full];

/// A second of a tone at -10 dBFS through a codec, at a room's rate, as payloads.
fn payloads(codec: Codec, room: SampleRate, hz: f64) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec, room, OpusWishes::NONE);
    let mut sine = Sine::new(hz, -10.0, encoder.rate().hz());
    let frames = (0..50).map(|_| {
        let mut samples = vec![0; encoder.rate().frame()];
        sine.fill(&mut samples);
        let mut payload = vec![0; 2000];
        let length = encoder.encode(&samples, &mut payload);
        payload.truncate(length);
        payload
    });
    frames.collect()
}

/// What is heard of payloads, without its beginning.
fn heard(codec: Codec, room: SampleRate, payloads: &[Vec<u8>]) -> (Vec<i16>, SampleRate) {
    let mut decoder = Decoder::new(codec, room);
    let mut heard = Vec::new();
    for payload in payloads {
        let mut samples = vec![0; decoder.rate().frame()];
        assert_eq!(decoder.decode(payload, &mut samples), Some(samples.len()), "{codec:?}");
        heard.extend(samples);
    }
    (heard.split_off(10 * decoder.rate().frame()), decoder.rate())
}

#[test]
fn a_tone_keeps_its_level_through_every_codec() {
    for codec in Codec::ALL {
        for room in RATES {
            for hz in [300.0, 1000.0, 3000.0, 6500.0] {
                let within = room.min(codec.rate()).hz();
                if hz > 0.42 * f64::from(within) {
                    continue;
                }
                let (samples, rate) = heard(codec, room, &payloads(codec, room, hz));
                let level = power_dbfs(&samples, hz, rate.hz()) + 10.0;
                let allowed = if codec == Codec::Opus { 3.0 } else { 1.0 };
                assert!(level.abs() < allowed, "{codec:?} {room:?} {hz} Hz: {level:.2} dB");
            }
        }
    }
}

#[test]
fn an_opus_stream_of_one_rate_is_heard_at_any_other() {
    let wide = payloads(Codec::Opus, SampleRate::Full, 1000.0);
    for room in RATES {
        let (samples, rate) = heard(Codec::Opus, room, &wide);
        assert_eq!(rate, room);
        assert!((power_dbfs(&samples, 1000.0, rate.hz()) + 10.0).abs() < 3.0, "{room:?}");
    }
}

#[test]
fn opus_heeds_what_its_peer_can_play_and_take() {
    let wishes = OpusWishes {
        most_rate: SampleRate::Wide,
        most_bitrate: 12_000,
        is_constant: true,
        ..OpusWishes::NONE
    };
    let mut encoder = Encoder::new(Codec::Opus, SampleRate::Full, wishes);
    assert_eq!(encoder.rate(), SampleRate::Wide);
    let mut sine = Sine::new(440.0, -10.0, 16_000);
    for frame in 0..50 {
        let mut samples = [0; 320];
        if frame % 3 > 0 {
            sine.fill(&mut samples);
        }
        assert_eq!(encoder.encode(&samples, &mut [0; 500]), 30, "12 kbit/s, whatever is said");
    }
}

#[test]
fn a_lost_opus_packet_is_heard_from_the_next_one() {
    let wishes = OpusWishes { in_band_fec: true, ..OpusWishes::NONE };
    let room = SampleRate::Wide;
    let mut encoder = Encoder::new(Codec::Opus, room, wishes);
    let mut decoder = Decoder::new(Codec::Opus, room);
    let mut sine = Sine::new(300.0, -10.0, room.hz());
    let mut recovered = 0;
    for frame in 0..200_i32 {
        let (mut samples, mut payload) = ([0; 320], [0; 500]);
        sine.fill(&mut samples);
        // Louder and softer like syllables: a steady tone is not taken for speech.
        let loudness = 8 + (frame % 16 - 8).abs();
        samples.iter_mut().for_each(|sample| *sample = (i32::from(*sample) * loudness / 16) as i16);
        let length = encoder.encode(&samples, &mut payload);
        if frame % 10 == 5 {
            continue; // lost
        }
        if frame % 10 == 6 && decoder.recover(&payload[..length], &mut samples) == Some(320) {
            let level = power_dbfs(&samples, 300.0, room.hz());
            recovered += usize::from((level + 13.0).abs() < 6.0);
        }
        decoder.decode(&payload[..length], &mut samples);
    }
    // Not each packet: what the encoder takes for unimportant it does not repeat.
    assert!(recovered >= 6, "{recovered} of 20");
    let plain = payloads(Codec::Opus, room, 300.0);
    assert_eq!(decoder.recover(&plain[20], &mut [0; 320]), None, "nothing was repeated in it");
    assert_eq!(decoder.recover(&[], &mut [0; 320]), None);
}

#[test]
fn a_peer_that_stops_sending_in_silence_is_understood() {
    let mut encoder =
        ropus::Encoder::builder(16_000, ropus::Channels::Mono, ropus::Application::Voip)
            .dtx(true)
            .build()
            .expect("settings Opus knows");
    let mut decoder = Decoder::new(Codec::Opus, SampleRate::Wide);
    let (mut small, mut loudest) = (0, 0);
    for _ in 0..100 {
        let mut payload = [0; 500];
        let length = encoder.encode(&[0; 320], &mut payload).expect("it encodes");
        let mut samples = [0; 320];
        if length <= 2 {
            small += 1;
        }
        assert_eq!(decoder.decode(&payload[..length], &mut samples), Some(320));
        loudest = samples
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .max(Some(loudest))
            .unwrap_or(0);
    }
    assert!(small > 50, "most packets say no more than that there is silence: {small}");
    assert!(loudest < 100, "{loudest}");
}

/// Flips, cuts and prolongs real payloads; nothing may panic or write beyond what it says.
fn mutate(codec: Codec, packets: usize, chance: &mut Chance) {
    let real = payloads(codec, SampleRate::Wide, 700.0);
    let mut decoder = Decoder::new(codec, SampleRate::Wide);
    let mut out = vec![0; 1920];
    for at in 0..packets {
        let mut payload = real[at % real.len()].clone();
        for _ in 0..chance.below(4) {
            let length = payload.len() as u64;
            match chance.below(4) {
                0 => payload.truncate(chance.below(length + 1) as usize),
                1 => payload.extend((0..chance.below(300)).map(|at| at as u8)),
                _ if length > 0 => payload[chance.below(length) as usize] = chance.next_u32() as u8,
                _ => {}
            }
        }
        if at % 3 == 0 {
            decoder.recover(&payload, &mut out[..320]);
        }
        let length = 1920.min(320 * (1 + at % 6));
        let decoded = decoder.decode(&payload, &mut out[..length]);
        assert!(decoded.is_none_or(|decoded| decoded <= length));
    }
}

#[test]
fn hundred_thousand_damaged_opus_packets_do_not_panic() {
    mutate(Codec::Opus, 100_000, &mut Chance::from_number(1));
}

#[test]
fn hundred_thousand_damaged_packets_of_the_other_codecs_do_not_panic() {
    for codec in [Codec::G722, Codec::Pcmu, Codec::L16(SampleRate::Wide)] {
        mutate(codec, 100_000, &mut Chance::from_number(2));
    }
}

#[test]
fn what_does_not_fit_is_refused_or_left_out() {
    for codec in Codec::ALL {
        let mut decoder = Decoder::new(codec, SampleRate::Full);
        assert_eq!(decoder.decode(&[0; 320], &mut [0; 7]), None, "{codec:?}");
        let mut encoder = Encoder::new(codec, SampleRate::Full, OpusWishes::NONE);
        let samples = vec![1000; encoder.rate().frame()];
        assert!(encoder.encode(&samples, &mut [0; 10]) <= 10, "{codec:?}");
        assert_eq!(encoder.encode(&samples, &mut []), 0, "{codec:?}");
    }
}
