//! A source with its own clock, a network with its own ideas, and a listener every 20 ms.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Chance, Instant};

use super::*;
use crate::Header;

const FRAME: usize = 160;

struct Bench {
    chance: Chance,
    reception: Reception,
    playout: Playout,
    /// Packets on their way, by arrival in nanoseconds.
    network: BTreeMap<(u64, u64), Header>,
    sent: u64,
    frames: u64,
    now: u64,
    ptime_ms: u64,
    /// Of the source's clock, parts per million.
    drift_ppm: i64,
    jitter_ms: u64,
    loss_percent: u64,
    last: i16,
    largest_step: i32,
    concealed: u64,
    period: Vec<i16>,
    /// Whether the listener's thread has time to search for like sound.
    has_time: bool,
}

impl Bench {
    fn new() -> Self {
        Self {
            chance: Chance::from_number(7),
            reception: Reception::new(8000),
            playout: Playout::new(8000),
            network: BTreeMap::new(),
            sent: 0,
            frames: 0,
            now: 0,
            ptime_ms: 20,
            drift_ppm: 0,
            jitter_ms: 0,
            loss_percent: 0,
            last: 0,
            largest_step: 0,
            concealed: 0,
            period: period(32),
            has_time: true,
        }
    }

    /// Runs for `duration`, packets leaving `held_back` later than they should.
    fn runs(&mut self, duration: Duration, held_back: Duration) {
        let end = self.now + duration.as_nanos() as u64;
        while self.now < end {
            self.now = 3_000_000 + self.frames * 20_000_000;
            self.sends_until(self.now, held_back);
            self.arrives();
            self.frames += 1;
            let mut out = [0; FRAME];
            let heard = self.frame(&mut out);
            self.concealed += u64::from(heard == Heard::Concealed);
            for sample in out {
                let step = (i32::from(sample) - i32::from(self.last)).abs();
                self.largest_step = self.largest_step.max(step);
                self.last = sample;
            }
        }
    }

    fn sends_until(&mut self, now: u64, held_back: Duration) {
        loop {
            let nominal = self.sent * self.ptime_ms * 1_000_000;
            let at = nominal.saturating_add_signed(nominal as i64 / 1_000_000 * self.drift_ppm);
            if at > now {
                return;
            }
            let jitter = self.chance.below(self.jitter_ms * 1_000_000 + 1);
            let timestamp = (self.sent * self.ptime_ms * 8) as u32;
            let sequence = self.sent as u16;
            let header = Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 1 };
            if self.chance.below(100) >= self.loss_percent {
                let arrival = at + jitter + held_back.as_nanos() as u64;
                self.network.insert((arrival, self.sent), header);
            }
            self.sent += 1;
        }
    }

    fn arrives(&mut self) {
        let later = self.network.split_off(&(self.now + 1, 0));
        for ((arrival, _), header) in std::mem::replace(&mut self.network, later) {
            let mut samples = [0; 480];
            let length = self.ptime_ms as usize * 8;
            for (at, sample) in samples[..length].iter_mut().enumerate() {
                *sample = self.period[(header.timestamp as usize + at) % self.period.len()];
            }
            self.reception.insert(Instant::from_nanos(arrival), &header, 8000, &samples[..length]);
        }
    }

    fn frame(&mut self, out: &mut [i16]) -> Heard {
        let (now, mut effort) = (Instant::from_nanos(self.now), Effort::default());
        if !self.has_time {
            effort.spend(now);
        }
        self.playout.frame(now, &self.reception, &mut effort, out)
    }

    fn delay_ms(&self) -> i64 {
        self.playout.surplus(&self.reception, FRAME) / 8
    }

    /// Samples in hand after the last frame.
    fn left_over(&self) -> i64 {
        let newest = self.reception.newest().map(|(_, newest)| newest.end);
        newest.unwrap_or(0) - self.playout.place.map_or(0, |place| place.next)
    }

    fn concealed_in(&mut self, seconds: u64) -> u64 {
        let before = self.concealed;
        self.runs(Duration::from_secs(seconds), Duration::ZERO);
        self.concealed - before
    }
}

/// One period of a tone at −10 dBFS: at 250 Hz, in 32 samples, its steepest step is 2 030.
fn period(samples: usize) -> Vec<i16> {
    let angle = |at| at as f64 * std::f64::consts::TAU / samples as f64;
    (0..samples).map(|at| (angle(at).sin() * 10_362.0) as i16).collect()
}

#[test]
fn a_clean_stream_is_heard_whole_with_no_delay() {
    for ptime_ms in [10, 20] {
        let mut bench = Bench { ptime_ms, ..Bench::new() };
        bench.runs(Duration::from_millis(20), Duration::ZERO);
        assert_eq!(bench.concealed_in(10), 0, "{ptime_ms} ms");
        assert_eq!(bench.delay_ms(), 0, "{ptime_ms} ms");
    }
}

#[test]
fn long_packets_are_heard_whole() {
    for ptime_ms in [30, 40, 60] {
        let mut bench = Bench { ptime_ms, ..Bench::new() };
        bench.runs(Duration::from_secs(5), Duration::ZERO);
        assert_eq!(bench.concealed_in(60), 0, "{ptime_ms} ms");
        assert!(bench.delay_ms() <= ptime_ms as i64, "{ptime_ms} ms: {}", bench.delay_ms());
        assert!(bench.largest_step < 2_600, "{ptime_ms} ms: {}", bench.largest_step);
    }
}

#[test]
fn two_hours_of_drift_either_way_leave_no_gap_and_no_delay() {
    for drift_ppm in [-100, 100] {
        let mut bench = Bench { drift_ppm, ..Bench::new() };
        let concealed = bench.concealed_in(7200);
        // 720 ms are 36 frames: each slip costs one concealed frame at most.
        assert!(concealed <= 40, "{drift_ppm} ppm: {concealed} frames concealed");
        assert!(bench.delay_ms() <= 22, "{drift_ppm} ppm: {} ms", bench.delay_ms());
    }
}

#[test]
fn robustness_37_jitter_is_absorbed_and_only_lost_packets_are_concealed() {
    let mut bench = Bench { jitter_ms: 30, loss_percent: 2, ..Bench::new() };
    bench.runs(Duration::from_secs(10), Duration::ZERO);
    let concealed = bench.concealed_in(600);
    // 2 % of 30 000 frames are lost, 1 % of those that come may be late.
    assert!(concealed < 30_000 * 5 / 100, "{concealed}");
    assert!(bench.delay_ms() <= 50, "{} ms", bench.delay_ms());
}

#[test]
fn loss_alone_adds_no_delay() {
    let mut bench = Bench { loss_percent: 10, ..Bench::new() };
    bench.runs(Duration::from_secs(60), Duration::ZERO);
    assert!(bench.delay_ms() <= 20, "{} ms", bench.delay_ms());
}

#[test]
fn a_burst_is_made_up_for_and_shed_within_five_seconds() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(10), Duration::ZERO);
    bench.runs(Duration::from_millis(140), Duration::from_millis(140));
    bench.runs(Duration::from_millis(200), Duration::ZERO);
    assert!(bench.delay_ms() <= 200, "{} ms", bench.delay_ms());
    bench.runs(Duration::from_secs(5), Duration::ZERO);
    assert!(bench.delay_ms() <= 20, "{} ms", bench.delay_ms());
    assert!(bench.largest_step < 2_600, "{}", bench.largest_step);
}

#[test]
fn a_thread_that_has_no_time_to_search_sheds_plenty_all_the_same_without_a_click() {
    let mut bench = Bench { has_time: false, ..Bench::new() };
    bench.runs(Duration::from_secs(10), Duration::ZERO);
    bench.runs(Duration::from_millis(140), Duration::from_millis(140));
    bench.runs(Duration::from_secs(5), Duration::ZERO);
    assert!(bench.delay_ms() <= 20, "{} ms", bench.delay_ms());
    assert!(bench.largest_step < 2_600, "{}", bench.largest_step);
}

#[test]
fn what_steps_between_like_sounds_leave_over_is_shed_too() {
    for samples in [26, 29, 31] {
        let mut bench = Bench { period: period(samples), ..Bench::new() };
        bench.runs(Duration::from_secs(10), Duration::ZERO);
        bench.frames += 1; // the listener's instant leaps
        bench.playout.leap(FRAME as i64);
        assert_eq!(bench.concealed_in(2), 0, "{samples} samples");
        assert_eq!(bench.left_over(), 0, "{samples} samples");
        assert!(bench.largest_step < 2_800, "{samples} samples: {}", bench.largest_step);
    }
}

#[test]
fn what_a_stall_should_have_put_in_hand_and_was_lost_is_not_leapt_over() {
    for (has_time, frames) in [true, false].into_iter().flat_map(|t| [(t, 0), (t, 1), (t, 2)]) {
        let mut bench = Bench { has_time, ..Bench::new() };
        bench.runs(Duration::from_secs(10) + Duration::from_millis(20) * frames, Duration::ZERO);
        bench.playout.leap(3 * FRAME as i64);
        assert_eq!(bench.concealed_in(5), 0, "time to search: {has_time}");
        assert_eq!(bench.delay_ms(), 0);
    }
}

#[test]
fn no_delay_ever_exceeds_the_maximum() {
    let mut bench = Bench { jitter_ms: 450, ..Bench::new() };
    for _ in 0..500 {
        bench.runs(Duration::from_millis(20), Duration::ZERO);
        assert!(bench.delay_ms() <= 200, "{} ms", bench.delay_ms());
    }
}

#[test]
fn a_source_that_pauses_is_heard_from_its_first_word_again() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(2), Duration::ZERO);
    let mut out = [0; FRAME];
    for _ in 0..500 {
        bench.frame(&mut out);
    }
    assert_eq!(bench.frame(&mut out), Heard::Nothing);
    assert!(out.iter().all(|&sample| sample == 0));
    assert!(!bench.playout.is_ready(&bench.reception, FRAME));
    let header =
        Header { marker: true, payload_type: 0, sequence: 0, timestamp: 9_000_000, ssrc: 1 };
    bench.reception.insert(Instant::from_nanos(bench.now), &header, 8000, &[5000; FRAME]);
    assert!(bench.playout.is_ready(&bench.reception, FRAME));
    assert_eq!(bench.frame(&mut out), Heard::Sent);
    assert_eq!(out[FRAME - 1], 5000);
}

#[test]
fn nothing_from_before_is_heard_by_a_new_listener_or_one_that_comes_back() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(2), Duration::ZERO);
    bench.now += 200_000_000;
    bench.playout.rest();
    let mut out = [1; FRAME];
    assert_eq!(bench.frame(&mut out), Heard::Nothing);
    assert!(out.iter().all(|&sample| sample == 0));
    bench.playout = Playout::new(8000);
    assert_eq!(bench.frame(&mut out), Heard::Nothing);
    assert!(out.iter().all(|&sample| sample == 0));
}

#[test]
fn another_ssrc_is_heard_at_once() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(2), Duration::ZERO);
    let header = Header { marker: false, payload_type: 0, sequence: 9, timestamp: 77, ssrc: 2 };
    bench.reception.insert(Instant::from_nanos(bench.now), &header, 8000, &[5000; FRAME]);
    let mut out = [0; FRAME];
    assert_eq!(bench.frame(&mut out), Heard::Sent);
    assert_eq!(out[FRAME - 1], 5000);
}

#[test]
fn another_rate_in_mid_stream_costs_a_frame_at_most_and_keeps_the_delay() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(2), Duration::ZERO);
    bench.runs(Duration::from_secs(1), Duration::from_millis(45));
    bench.runs(Duration::from_millis(60), Duration::ZERO);
    let before_ms = bench.delay_ms();
    assert!(before_ms >= 20, "there is something in hand: {before_ms} ms");
    for (rate_hz, frame) in [(48_000, 960), (16_000, 320), (8000, 160)] {
        bench.reception.retune(rate_hz);
        bench.playout.retune(rate_hz);
        let delay_ms = bench.playout.surplus(&bench.reception, frame) / (frame as i64 / 20);
        assert!(delay_ms.abs_diff(before_ms) <= 1, "{delay_ms} ms after {before_ms} ms");
        assert!(bench.playout.is_ready(&bench.reception, 0));
        let mut out = [0; 960];
        let mut place = bench.playout.clone();
        assert_eq!(
            place.frame(
                Instant::from_nanos(bench.now),
                &bench.reception,
                &mut Effort::default(),
                &mut out[..frame]
            ),
            Heard::Sent
        );
        let loudest = out.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(loudest.is_some_and(|peak| (9_000..12_000).contains(&peak)), "{loudest:?}");
    }
    assert_eq!(bench.concealed_in(2), 0, "as if nothing had happened");
}

proptest::proptest! {
    #[test]
    fn no_packets_in_no_order_panic(
        packets in proptest::collection::vec(
            (proptest::prelude::any::<u32>(), 0_u32..5000, 0_usize..700, 0_u8..8, 0_u64..100), 0..200,
        ),
    ) {
        let (mut reception, mut playout) = (Reception::new(8000), Playout::new(8000));
        let (mut now, mut timestamp) = (0, 0_u32);
        for (any, near, length, kind, wait_ms) in packets {
            now += wait_ms * 1_000_000;
            timestamp = if kind == 0 { any } else { timestamp.wrapping_add(near).wrapping_sub(2500) };
            let ssrc = u32::from(kind == 1);
            let header = Header { marker: false, payload_type: 0, sequence: 0, timestamp, ssrc };
            reception.insert(Instant::from_nanos(now), &header, 8000, &[1; 700][..length]);
            if kind == 2 {
                let rate_hz = [8000, 16_000, 48_000][length % 3];
                reception.retune(rate_hz);
                playout.retune(rate_hz);
            }
            playout.frame(Instant::from_nanos(now), &reception, &mut Effort::default(), &mut [0; FRAME]);
            proptest::prop_assert!(playout.surplus(&reception, FRAME) <= 16_384);
        }
    }
}

#[test]
fn a_source_that_was_parted_from_fades_and_one_that_is_lost_is_silent() {
    for (is_parted, least_loud) in [(true, 2), (false, 0)] {
        let mut bench = Bench::new();
        bench.runs(Duration::from_secs(2), Duration::ZERO);
        if is_parted {
            bench.playout.part(&bench.reception);
        }
        let mut frames = [[0; FRAME]; 5];
        frames.iter_mut().for_each(|frame| bench.playout.fade(frame));
        let loud = frames.iter().filter(|frame| frame.iter().any(|&sample| sample != 0)).count();
        assert!((least_loud..=3).contains(&loud), "{loud} frames after {is_parted}");
        assert_eq!(loud == 0, !is_parted);
        let jump = (i32::from(frames[0][0]) - i32::from(bench.last)).abs();
        assert!(!is_parted || jump <= bench.largest_step, "{jump}");
    }
}

#[test]
fn a_source_that_rested_or_began_anew_is_not_heard_from_before() {
    let mut bench = Bench::new();
    bench.runs(Duration::from_secs(1), Duration::ZERO);
    bench.playout.rest();
    let mut frame = [9; FRAME];
    bench.playout.fade(&mut frame);
    assert_eq!(frame, [0; FRAME]);
}
