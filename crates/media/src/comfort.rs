//! The sound of a party that sends comfort noise (RFC 3389) in place of its silence: what it
//! described, until it speaks again.

use std::time::Duration;

use audio::comfort_noise::{ComfortNoise, Description};
use model::{Instant, SampleRate};
use rtp::Header;
use rtp::jitter::Reception;

/// One party's noise, while it sounds.
#[derive(Debug, Default)]
pub(crate) struct Comfort {
    sounding: Option<(ComfortNoise, Instant)>,
}

impl Comfort {
    /// The static payload type (RFC 3551 §6).
    pub(crate) const PAYLOAD_TYPE: u8 = 13;

    /// Takes a description; the noise begins with the first.
    pub(crate) fn describe(&mut self, now: Instant, header: &Header, payload: &[u8]) {
        let Some(description) = Description::parse(payload) else { return };
        match &mut self.sounding {
            Some((noise, _)) => noise.describe(description),
            // The stream's name makes its noise its own.
            None => self.sounding = Some((ComfortNoise::new(header.ssrc, description), now)),
        }
    }

    /// The party speaks again, or is not to be heard any more.
    pub(crate) fn end(&mut self) {
        self.sounding = None;
    }

    /// Once a frame: carries the party's sound on until a frame from now. What was missed by a late
    /// call stays silent.
    pub(crate) fn carry_on(&mut self, now: Instant, reception: &mut Reception) {
        let Some((noise, until)) = &mut self.sounding else { return };
        let mut frame = [0; SampleRate::Full.frame()];
        let length = (reception.rate_hz() as usize / FRAMES_PER_SECOND).min(frame.len());
        let frame = &mut frame[..length];
        for _ in 0..MOST_FRAMES {
            if *until > now + FRAME {
                return;
            }
            noise.fill(frame);
            reception.carry_on(now, frame);
            *until += FRAME;
        }
        *until = now.max(*until);
    }
}

const FRAMES_PER_SECOND: usize = 50;
const FRAME: Duration = Duration::from_millis(20);
/// Two that are due at once, and one for a late call.
const MOST_FRAMES: usize = 3;
