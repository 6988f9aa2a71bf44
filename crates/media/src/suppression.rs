//! Suppression of noise in the order of a leg's packets.
//!
//! # Assumptions
//! - What comes behind a later packet is left out: its place in what the filter heard is gone.

use audio::NoiseSuppressor;
use model::SampleRate;
use rtp::Header;

/// One leg's suppression.
#[derive(Debug)]
pub(crate) struct Suppression {
    suppressor: NoiseSuppressor,
    newest: Option<Newest>,
}

/// The packet heard last, and where its successor begins.
#[derive(Clone, Copy, Debug)]
struct Newest {
    ssrc: u32,
    sequence: u16,
    next: u32,
}

impl Suppression {
    /// Allocates; nothing later does.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self { suppressor: NoiseSuppressor::new(rate), newest: None }
    }

    /// Goes on with sound of another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate) {
        self.suppressor.retune(rate);
    }

    /// Takes the noise out of a packet of `samples` at `rate`, whose timestamps count `clock_hz`
    /// units; whether it came in time.
    pub(crate) fn packet(
        &mut self,
        header: &Header,
        (clock_hz, rate): (u32, SampleRate),
        samples: &mut [i16],
    ) -> bool {
        let samples_of = |units: u64| units * u64::from(rate.hz()) / u64::from(clock_hz.max(1));
        let known = self.newest.filter(|newest| newest.ssrc == header.ssrc);
        let ahead = known.and_then(|newest| {
            let ahead = header.sequence.wrapping_sub(newest.sequence).cast_signed();
            (ahead > -MAX_MISORDER).then_some((ahead, newest.next))
        });
        let missing = match ahead {
            Some((..=0, _)) => return false,
            // A stamp that stands still or goes back says nothing.
            Some((_, next)) => {
                let units = header.timestamp.wrapping_sub(next).cast_signed().max(0);
                samples_of(units.unsigned_abs().into()) as usize
            }
            // Another stream: nothing of the one before is left by then.
            None if self.newest.is_some() => usize::MAX,
            None => 0,
        };
        self.suppressor.lost(missing);
        self.suppressor.process(samples);
        let units = samples.len() as u64 * u64::from(clock_hz) / u64::from(rate.hz());
        let next = header.timestamp.wrapping_add(units as u32);
        self.newest = Some(Newest { ssrc: header.ssrc, sequence: header.sequence, next });
        true
    }
}

/// RFC 3550 A.1: further back than that is a stream that began anew.
const MAX_MISORDER: i16 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header =
        Header { marker: false, payload_type: 0, sequence: 65_534, timestamp: 160, ssrc: 1 };

    /// Takes a packet of 20 ms at 8 kHz, so many numbers and units after the header; whether it came
    /// in time.
    fn takes(suppression: &mut Suppression, ssrc: u32, (number, units): (u16, u32)) -> bool {
        let sequence = HEADER.sequence.wrapping_add(number);
        let timestamp = HEADER.timestamp.wrapping_add(units);
        let header = Header { sequence, timestamp, ssrc, ..HEADER };
        suppression.packet(&header, (8_000, SampleRate::Narrow), &mut [0; 160])
    }

    #[test]
    fn what_comes_twice_or_behind_a_later_packet_is_left_out_and_another_stream_is_not() {
        let mut suppression = Suppression::new(SampleRate::Narrow);
        assert!(takes(&mut suppression, 1, (0, 0)));
        assert!(!takes(&mut suppression, 1, (0, 0)));
        assert!(takes(&mut suppression, 1, (2, 320)), "one is lost, and the number wraps");
        assert!(!takes(&mut suppression, 1, (1, 160)));
        assert!(takes(&mut suppression, 1, (3, 480)));
        assert!(takes(&mut suppression, 1, (4, 480)), "a stamp that stands still");
        assert!(takes(&mut suppression, 1, (5, 0)), "and one that goes back");
        assert!(takes(&mut suppression, 1, (6, u32::MAX / 3)), "and one far ahead");
        assert!(takes(&mut suppression, 2, (0, 0)), "another source");
        assert!(takes(&mut suppression, 2, (40_000, 7)), "which begins anew");
        assert!(!takes(&mut suppression, 2, (39_990, 5)));
    }
}
