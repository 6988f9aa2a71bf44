//! Packets of 10 to 60 ms both ways, as the peer asks for them and as it sends them, and packets at
//! even intervals.

use std::time::Duration;

use model::{Codec, Digit, MediaCommand, Pacing, SampleRate, SrtpPolicy};

use crate::kit::{Bench, Joining, Sent};

fn wishes(ptime_ms: u8) -> Joining {
    Joining { ptime_ms, ..Joining::default() }
}

/// The packets of sound a party got, and those of keys.
fn heard(bench: &Bench, party: usize) -> (Vec<Sent>, Vec<Sent>) {
    let events_type = bench.parties[party].events_type;
    let is_sound = |sent: &&Sent| Some(sent.header.payload_type) != events_type;
    bench.parties[party].packets.iter().copied().partition(|sent| is_sound(&sent))
}

fn check_stream(packets: &[Sent], ptime_ms: u64, clock_hz: u32, what: &str) {
    for pair in packets.windows(2) {
        let units = pair[1].header.timestamp.wrapping_sub(pair[0].header.timestamp);
        assert_eq!(u64::from(units) * 1000, ptime_ms * u64::from(clock_hz), "{what}");
        assert_eq!(pair[1].header.sequence, pair[0].header.sequence.wrapping_add(1), "{what}");
        assert!(!pair[1].header.marker, "{what}: a marker in mid-stream");
    }
    assert!(packets[0].header.marker, "{what}: the first packet begins a talk spurt");
}

#[test]
fn a_peer_gets_packets_of_the_length_it_asks_for() {
    for codec in Codec::ALL {
        for ptime_ms in [10, 20, 30, 40, 60] {
            let what = format!("{codec:?} {ptime_ms} ms");
            let mut bench = Bench::new();
            bench.joins_with(codec, 400.0, wishes(ptime_ms));
            bench.joins(codec, 1_300.0);
            bench.expect_all_hear_all(&what);
            let expected = match (codec, ptime_ms) {
                (Codec::Opus, 30) | (Codec::L16(SampleRate::Full), 30..) => 20,
                _ => u64::from(ptime_ms),
            };
            let (packets, _) = heard(&bench, 0);
            check_stream(&packets, expected, codec.clock_hz(), &what);
            let second = Duration::from_secs(1);
            let last = packets[packets.len() - 1].at;
            let recent = packets.iter().filter(|packet| packet.at + second > last).count() as u64;
            assert!(recent.abs_diff(1000 / expected) <= 1, "{what}: {recent} packets in a second");
            check_stream(&heard(&bench, 1).0, 20, codec.clock_hz(), "its neighbour");
        }
    }
}

#[test]
fn a_peer_is_heard_whatever_the_length_of_its_packets() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        for sends_ms in [10, 20, 30, 40, 60] {
            if codec == Codec::Opus && sends_ms == 30 {
                continue; // no frame of Opus is that long
            }
            let mut bench = Bench::new();
            bench.joins_with(codec, 400.0, Joining { sends_ms, ..Joining::default() });
            bench.joins(Codec::Pcmu, 1_300.0);
            bench.expect_all_hear_all(&format!("{codec:?} sent in {sends_ms} ms"));
        }
    }
}

#[test]
fn packets_of_any_length_are_encrypted_like_others() {
    for (ptime_ms, sends_ms) in [(10, 60), (30, 30), (60, 10)] {
        let mut bench = Bench::new();
        let srtp = SrtpPolicy::Required;
        let joining = Joining { ptime_ms, sends_ms, srtp, ..Joining::default() };
        bench.joins_with(Codec::G722, 400.0, joining);
        bench.joins(Codec::Pcmu, 1_300.0);
        bench.expect_all_hear_all(&format!("{ptime_ms} and {sends_ms} ms, encrypted"));
        check_stream(&heard(&bench, 0).0, ptime_ms.into(), 8000, "encrypted");
    }
}

#[test]
fn packets_of_30_ms_leave_every_30_ms() {
    for is_conference in [false, true] {
        let mut bench = Bench::new();
        bench.is_conference = is_conference;
        bench.joins_with(Codec::Pcmu, 400.0, wishes(30));
        for other in 1..10 {
            bench.joins(Codec::Pcmu, 400.0 + 100.0 * f64::from(other));
        }
        bench.runs(100);
        let (packets, _) = heard(&bench, 0);
        let spacings = packets[20..].windows(2).map(|pair| pair[1].at.since(pair[0].at));
        for spacing in spacings {
            assert!(spacing.abs_diff(Duration::from_millis(30)) < Duration::from_millis(3));
        }
        check_stream(&packets, 30, 8000, "30 ms");
    }
}

#[test]
fn keys_leave_as_events_whatever_the_length_of_packets() {
    for ptime_ms in [10, 30, 60] {
        let mut bench = Bench::new();
        bench.joins_with(Codec::Pcmu, 400.0, wishes(ptime_ms));
        bench.joins(Codec::Pcmu, 1_300.0);
        bench.runs(50);
        let (leg, key) = (bench.parties[0].leg, Digit::from_char('5').expect("a key"));
        bench.command(MediaCommand::SendDigits { leg, digits: vec![key] });
        bench.runs(50);
        let (_, events) = heard(&bench, 0);
        let longest =
            bench.parties[0].events.iter().map(|e| u16::from_be_bytes([e[2], e[3]])).max();
        assert_eq!(longest, Some(160 * 8), "160 ms");
        assert!(events[0].header.marker && events[1..].iter().all(|event| !event.header.marker));
        let one = events[0].header.timestamp;
        assert!(events.iter().all(|event| event.header.timestamp == one), "one press, one stamp");
        let spaced = events[..8].windows(2).map(|pair| pair[1].at.since(pair[0].at));
        assert!(
            spaced.into_iter().all(|gap| gap.abs_diff(Duration::from_millis(20)).as_millis() < 5)
        );
        bench.expect_all_hear_all("after the key");
    }
}

/// One listener of a talker with jitter and of silent others, for a while.
fn listening(pacing: Pacing, others: usize, jitter_ms: u64) -> Bench {
    let mut bench = Bench::new();
    bench.is_conference = others > 1;
    bench.joins_with(Codec::Pcmu, 400.0, Joining { pacing, ..Joining::default() });
    bench.parties[0].is_speaking = false;
    for other in 0..others {
        let jitter_ms = if other == 0 { jitter_ms } else { 0 };
        bench.joins_with(Codec::Pcmu, 700.0, Joining { jitter_ms, ..Joining::default() });
        bench.parties[other + 1].is_speaking = other == 0;
    }
    bench.runs(300);
    bench
}

/// How far the listener's intervals are from 20 ms at most.
fn unevenness(bench: &mut Bench) -> Duration {
    bench.parties[0].packets.clear();
    bench.runs(500);
    let gaps = bench.parties[0].packets.windows(2).map(|pair| pair[1].at.since(pair[0].at));
    gaps.map(|gap| gap.abs_diff(Duration::from_millis(20))).max().expect("packets")
}

/// Frames from a talker's first word until the listener has it.
fn frames_late(bench: &mut Bench) -> usize {
    bench.parties[1].is_speaking = false;
    bench.runs(50);
    bench.parties[0].heard.clear();
    bench.parties[1].is_speaking = true;
    let is_heard = |bench: &Bench| bench.parties[0].heard.iter().any(|sample| sample.abs() > 1000);
    (1..50)
        .find(|_| {
            bench.runs(1);
            is_heard(bench)
        })
        .expect("it is heard")
}

#[test]
fn even_packets_leave_exactly_every_20_ms_while_prompt_ones_follow_the_talkers() {
    for others in [1, 12] {
        for jitter_ms in [8, 15] {
            let what = format!("{others} others, {jitter_ms} ms");
            let mut even = listening(Pacing::Even, others, jitter_ms);
            let off = unevenness(&mut even);
            // The bench wakes the shard every millisecond.
            assert!(off <= Duration::from_millis(1), "{what}: {off:?}");
            let mut prompt = listening(Pacing::Prompt, others, jitter_ms);
            let off = unevenness(&mut prompt);
            assert!(jitter_ms > 8 || off >= Duration::from_millis(3), "{what}: {off:?}");
            let (even, prompt) = (frames_late(&mut even), frames_late(&mut prompt));
            assert!(even <= prompt + 2, "{what}: {even} frames, {prompt} of prompt ones");
        }
    }
}
