//! The keys a party presses, as telephone-events (RFC 4733) or as sound, each press once.
//!
//! Gateways are known to send one, the other or both for the same press. Sound is listened to
//! until the stream's first telephone-event; from then on only those count.
//!
//! # Assumptions
//! - An event of the key that was last heard as sound, within 500 ms of its last sound, is the same
//!   press.
//! - While we send tones ourselves, and 300 ms after, what sounds like keys is their echo.

use std::time::Duration;

use audio::dtmf::Detector;
use model::{Digit, Instant};
use rtp::Header;
use rtp::telephone_event::Receiver;

/// One party's keys.
///
/// What a packet without keys touches lies together: the end of `events`, the beginning of `sound`,
/// and what is between.
#[repr(C)]
pub(crate) struct Presses {
    /// The key last heard as sound, and when it last sounded.
    sounded: Option<(Digit, Instant)>,
    events: Receiver,
    deaf_until: Instant,
    /// The stream in which telephone-events were heard.
    events_of: Option<u32>,
    /// The source and timestamp of the packet that should come next.
    next: Option<(u32, u32)>,
    is_muted: bool,
    sound: Detector,
}

impl Presses {
    pub(crate) fn new(rate_hz: u32) -> Self {
        Self {
            sounded: None,
            events: Receiver::default(),
            deaf_until: Instant::ZERO,
            events_of: None,
            next: None,
            is_muted: false,
            sound: Detector::new(rate_hz),
        }
    }

    /// A packet is about to be heard.
    pub(crate) fn bring_near(&self) {
        simd::bring_near(&self.events);
        simd::bring_near(&self.is_muted);
    }

    /// Goes on with sound of another rate.
    pub(crate) fn retune(&mut self, rate_hz: u32) {
        self.sound.retune(rate_hz);
    }

    /// Goes on with timestamps of another clock; the same one changes nothing.
    pub(crate) fn set_clock(&mut self, clock_hz: u32) {
        self.events.set_clock(clock_hz);
    }

    /// Takes a telephone-event; `Some` for a press not heard before in either way.
    pub(crate) fn event(&mut self, now: Instant, header: &Header, payload: &[u8]) -> Option<Digit> {
        let digit = self.events.packet(now, header, payload)?;
        self.events_of = Some(header.ssrc);
        let is_known = self
            .sounded
            .take()
            .is_some_and(|(sounded, last)| sounded == digit && now.since(last) < SAME_PRESS);
        (!is_known).then_some(digit)
    }

    /// Whether a key is pressed by telephone-event, now that this packet of sound came: its sound
    /// is not for other ears.
    pub(crate) fn is_pressed(&mut self, now: Instant, header: &Header) -> bool {
        self.events.audio(now, header);
        self.events.is_pressed(now)
    }

    /// Hears a packet of `samples`, whose timestamps count `clock_hz` units and which holds
    /// `rate_hz` samples a second, and mutes what sounds like a key; `Some` for a press.
    pub(crate) fn sound(
        &mut self,
        now: Instant,
        header: &Header,
        (clock_hz, rate_hz): (u32, u32),
        samples: &mut [i16],
    ) -> Option<Digit> {
        if self.events_of == Some(header.ssrc) || now < self.deaf_until {
            return None;
        }
        let units = samples.len() as u64 * u64::from(clock_hz) / u64::from(rate_hz.max(1));
        let gap = match self.next {
            Some((ssrc, next)) if ssrc == header.ssrc => header.timestamp.wrapping_sub(next) as i32,
            _ => i32::MAX,
        };
        if gap < 0 && gap > -LATE_UNITS {
            return None; // a late packet: its place in what was heard is gone
        }
        self.next = Some((header.ssrc, header.timestamp.wrapping_add(units as u32)));
        if gap != 0 {
            let lost = gap.unsigned_abs() as usize;
            self.sound.lost(lost.saturating_mul(rate_hz as usize) / clock_hz.max(1) as usize);
        }
        let mut pressed = None;
        for part in samples.chunks_mut((rate_hz as usize / 50).max(1)) {
            pressed = self.sound.frame(part).or(pressed);
            self.mute(part, rate_hz as usize * FADE_MS / 1000);
        }
        if self.sound.is_sounding() {
            let digit = pressed.or(self.sounded.map(|(digit, _)| digit));
            self.sounded = digit.map(|digit| (digit, now));
        }
        pressed
    }

    /// Our own tones go out to the party: their echo is no key.
    pub(crate) fn deafen(&mut self, now: Instant) {
        self.deaf_until = now + ECHO;
    }

    /// Silences a part that sounds like a key, fading within 2 ms.
    fn mute(&mut self, part: &mut [i16], fade: usize) {
        let was_muted = std::mem::replace(&mut self.is_muted, self.sound.is_sounding());
        let fade = fade.clamp(1, part.len());
        match (was_muted, self.is_muted) {
            (false, false) => {}
            (true, true) => part.fill(0),
            (false, true) => {
                ramp(part[..fade].iter_mut().rev());
                part[fade..].fill(0);
            }
            (true, false) => ramp(part[..fade].iter_mut()),
        }
    }
}

/// From silence to full level.
fn ramp<'s>(samples: impl ExactSizeIterator<Item = &'s mut i16>) {
    let length = samples.len() as i32 + 1;
    for (at, sample) in (1..).zip(samples) {
        *sample = (i32::from(*sample) * at / length) as i16;
    }
}

/// Hides the keys.
impl std::fmt::Debug for Presses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presses(<redacted>)")
    }
}

const SAME_PRESS: Duration = Duration::from_millis(500);
const ECHO: Duration = Duration::from_millis(300);
const FADE_MS: usize = 2;
/// More is another stream of timestamps.
const LATE_UNITS: i32 = 48_000;
