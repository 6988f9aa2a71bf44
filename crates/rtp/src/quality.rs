//! How good a listener is likely to find what she hears: an estimate from delay and loss by the
//! E-model (ITU-T G.107), reduced to what reports tell.
//!
//! `R = 93.2 - Id - Ie,eff`. The impairment by delay is the usual fit of G.107's curve in two
//! straight pieces, `Id = 0.024 d + 0.11 (d - 177.3)` with the second part from 177.3 ms on. That by
//! loss is G.107 §3.5 for random loss, `Ie,eff = Ie + (95 - Ie) * Ppl / (Ppl + Bpl)`, with `Ie = 0`
//! and `Bpl = 25.1` of G.113 Appendix I for G.711 with loss concealment. The score is G.107 Annex B:
//! `MOS = 1 + 0.035 R + 7e-6 R (R - 60) (100 - R)`.
//!
//! # Assumptions
//! - Every codec counts as G.711 with concealment: G.722 and Opus sound better than the score says.
//! - The delay from mouth to ear is half the round trip, a packet of 20 ms, and a jitter buffer of
//!   twice the jitter. What lies behind a peer that is itself a gateway is not seen.

use std::time::Duration;

use model::{Fare, Instant};

use crate::rtcp::{ReportBlock, ntp};

/// How the stream fares that `block` is about, of `clock_hz` units a second, at this way there and
/// back.
pub fn fare(block: &ReportBlock, clock_hz: u32, round_trip: Option<Duration>) -> Fare {
    let jitter_nanos = u64::from(block.jitter) * 1_000_000_000 / u64::from(clock_hz.max(1));
    // A peer may say anything; more than this is no jitter but a fault.
    let jitter = Duration::from_nanos(jitter_nanos).min(MOST);
    let delay = round_trip.unwrap_or_default() / 2 + PACKET + 2 * jitter;
    let lost = f64::from(block.fraction_lost) / 256.0;
    Fare {
        loss_permille: (lost * 1000.0).round() as u16,
        jitter,
        mos_tenths: (mos(delay, lost) * 10.0).round() as u8,
    }
}

/// The way there and back that `block` tells of a report of ours, if it was received at `now` and
/// answers one: now, less the time of that report, less the time the peer had it (RFC 3550 §6.4.1).
pub fn round_trip(now: Instant, block: &ReportBlock) -> Option<Duration> {
    if block.last_sender_report == 0 {
        return None;
    }
    let now = (ntp(now) >> 16) as u32;
    let since = now.wrapping_sub(block.last_sender_report);
    let units = since.wrapping_sub(block.delay_since_last) as i32;
    // Two clocks and their rounding may make nothing a little less than nothing.
    let units = u64::try_from(units.max(0)).ok().filter(|_| units > -MILLISECOND)?;
    Some(Duration::from_micros(units * 1_000_000 / 65_536)).filter(|&trip| trip <= MOST)
}

/// The mean opinion score, 1 to 4.5, for a delay from mouth to ear and a share of packets lost, 0 to
/// 1 (G.107 annex B; the codec as G.711 with concealment, G.113 appendix I). O(1).
pub fn mos(delay: Duration, lost: f64) -> f64 {
    let millis = delay.as_secs_f64() * 1000.0;
    let by_delay = 0.024 * millis + 0.11 * (millis - 177.3).max(0.0);
    let percent = lost * 100.0;
    let by_loss = 95.0 * percent / (percent + LOSS_ROBUSTNESS);
    let r = (93.2 - by_delay - by_loss).clamp(0.0, 100.0);
    (1.0 + 0.035 * r + 7e-6 * r * (r - 60.0) * (100.0 - r)).clamp(1.0, 4.5)
}

/// Bpl of G.711 with concealment (G.113 Appendix I).
const LOSS_ROBUSTNESS: f64 = 25.1;
const PACKET: Duration = Duration::from_millis(20);
/// Longer times are a fault of the peer's report, or of an attacker's.
const MOST: Duration = Duration::from_secs(10);
/// In units of 1/65 536 s.
const MILLISECOND: i32 = 66;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(delay_ms: u64, lost: f64, expected: f64) {
        let score = mos(Duration::from_millis(delay_ms), lost);
        assert!((score - expected).abs() < 0.02, "{delay_ms} ms, {lost}: {score}");
    }

    #[test]
    fn the_score_is_that_of_the_model() {
        check(0, 0.0, 4.41);
        check(100, 0.0, 4.36);
        check(177, 0.0, 4.31);
        check(400, 0.0, 3.05);
        check(50, 0.01, 4.30);
        check(50, 0.05, 3.87);
        check(50, 0.20, 2.57);
        check(5000, 1.0, 1.0);
    }

    #[test]
    fn more_delay_or_loss_never_sounds_better() {
        let mut before = f64::INFINITY;
        for step in 0..100 {
            let score = mos(Duration::from_millis(step * 10), step as f64 / 200.0);
            assert!(score <= before, "step {step}");
            before = score;
        }
    }

    #[test]
    fn the_way_there_and_back_is_what_the_peer_did_not_keep() {
        let sent = Instant::ZERO + Duration::from_millis(70_000);
        let block = |held_ms: u64| ReportBlock {
            last_sender_report: (ntp(sent) >> 16) as u32,
            delay_since_last: (held_ms * 65_536 / 1000) as u32,
            ..ReportBlock::default()
        };
        let at = |millis| sent + Duration::from_millis(millis);
        let trip = round_trip(at(1080), &block(1000)).expect("it answers");
        assert!((79..=81).contains(&trip.as_millis()), "{trip:?}");
        assert_eq!(round_trip(at(1000), &block(1000)), Some(Duration::ZERO), "or about so");
        assert_eq!(round_trip(at(1000), &block(1500)), None, "it cannot have kept it longer");
        assert_eq!(round_trip(at(20_000), &block(0)), None, "nobody waits that long");
        assert_eq!(round_trip(at(1000), &ReportBlock::default()), None, "it heard no report");
    }

    #[test]
    fn whatever_a_peer_reports_is_a_score() {
        for jitter in [0, 80, u32::MAX] {
            for fraction_lost in [0, 128, 255] {
                let block = ReportBlock { jitter, fraction_lost, ..ReportBlock::default() };
                let fare = fare(&block, 8000, Some(MOST));
                assert!((10..=45).contains(&fare.mos_tenths) && fare.loss_permille < 1000);
                assert!(fare.jitter <= MOST);
            }
        }
        let block = ReportBlock { jitter: 80, fraction_lost: 13, ..ReportBlock::default() };
        let fare = fare(&block, 8000, None);
        assert_eq!((fare.loss_permille, fare.jitter.as_millis()), (51, 10));
        assert_eq!(fare.mos_tenths, 39);
    }
}
