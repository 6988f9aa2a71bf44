//! When a leg's peer is told how silence sounds instead of being sent it (RFC 3389).
//!
//! Only where the peer takes descriptions and the leg's policy wants them. Sound is sent until it
//! has been below -55 dBov for half a second; then a description leaves at once, and again every
//! 200 ms, which keeps a NAT's binding and a peer's watch on its line alive with a tenth of the
//! packets. The first frame above that is sent itself, with the marker bit (§4): nobody's first
//! word is lost, since nothing has to be recognised before.
//!
//! Not by speech detection: a soft voice, or a room in which something happens, is never taken for
//! silence.
//!
//! # Assumptions
//! - Only the level is described, not the spectrum: noise that soft has no colour to a listener.

use audio::level_dbov;

/// One leg's silence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hush {
    /// For how many frames.
    quiet: u32,
}

/// What a frame becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Itself.
    Sound,
    /// Itself, the first after silence.
    First,
    /// A description of this level.
    Description(i8),
    /// No packet.
    Nothing,
}

impl Hush {
    /// What the next frame becomes.
    pub(crate) fn frame(&mut self, samples: &[i16]) -> Said {
        let level = level_dbov(samples);
        if level > QUIET_DBOV {
            let was_hushed = std::mem::take(self).quiet > AFTER;
            return if was_hushed { Said::First } else { Said::Sound };
        }
        self.quiet = self.quiet.saturating_add(1);
        match self.quiet.checked_sub(AFTER + 1) {
            None => Said::Sound,
            Some(hushed) if hushed % EVERY == 0 => Said::Description(level),
            Some(_) => Said::Nothing,
        }
    }
}

const QUIET_DBOV: i8 = -55;
/// Half a second.
const AFTER: u32 = 25;
/// 200 ms.
const EVERY: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_described_after_half_a_second_and_the_first_sound_is_sent_itself() {
        let mut hush = Hush::default();
        let (noise, word) = ([20; 160], [3_000; 160]);
        assert_eq!(hush.frame(&word), Said::Sound);
        assert!((0..25).all(|_| hush.frame(&noise) == Said::Sound));
        for _ in 0..10 {
            assert_eq!(hush.frame(&noise), Said::Description(level_dbov(&noise)));
            assert!((0..9).all(|_| hush.frame(&noise) == Said::Nothing));
        }
        assert_eq!(hush.frame(&word), Said::First);
        assert_eq!(hush.frame(&word), Said::Sound);
        assert!((0..25).all(|_| hush.frame(&[0; 160]) == Said::Sound));
        assert_eq!(hush.frame(&[0; 160]), Said::Description(-127));
    }

    #[test]
    fn a_whisper_is_never_taken_for_silence() {
        let mut hush = Hush::default();
        // -50 dBov.
        assert!((0..500).all(|_| hush.frame(&[104; 160]) == Said::Sound));
    }
}
