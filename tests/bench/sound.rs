//! What a listener of a room hears when everybody says a steady tone of her own: how exact the
//! others' levels are, whether she hears herself, and whether anything is missing.

use audio::g711::{self, Law};
use audio::tone::power_dbfs;

use crate::voice::{RATE, TONE_DBFS, TONES_HZ};

/// What all listeners of a room have heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sound {
    /// How far another party's tone is from what she sent, at most, in dB.
    pub(crate) level_error: f64,
    /// The listener's own tone in what she hears, in dB against what she sent.
    pub(crate) own_leak: f64,
    /// Stretches of 5 ms or more of silence.
    pub(crate) gaps: usize,
}

impl Sound {
    /// Of the tapes of a room's parties, in their order.
    pub(crate) fn of(tapes: &[Vec<u8>]) -> Self {
        let mut sound = Self { level_error: 0.0, own_leak: f64::NEG_INFINITY, gaps: 0 };
        for (listener, tape) in tapes.iter().enumerate() {
            let mut samples = vec![0; tape.len()];
            g711::decode(Law::Mu, tape, &mut samples);
            sound.gaps += gaps(&samples);
            for (speaker, &hz) in TONES_HZ.iter().enumerate().take(tapes.len()) {
                let level = power_dbfs(&samples, hz, RATE) - TONE_DBFS;
                if speaker == listener {
                    sound.own_leak = sound.own_leak.max(level);
                } else {
                    sound.level_error = sound.level_error.max(level.abs());
                }
            }
        }
        sound
    }
}

/// Two tones at once never fall silent for as long as 5 ms.
fn gaps(samples: &[i16]) -> usize {
    let is_silent = |part: &[i16]| part.iter().all(|sample| sample.unsigned_abs() < SILENT);
    let silent: Vec<bool> = samples.chunks_exact(RATE as usize / 200).map(is_silent).collect();
    // A stretch counts once, however long it is.
    silent.chunk_by(|one, next| one == next).filter(|stretch| stretch[0]).count()
}

const SILENT: u16 = 100;
