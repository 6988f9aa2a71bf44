//! What is done to a party's sound and how what she hears leaves: `treatment: levelled | as-sent`,
//! `noise: kept | suppressed`, `pacing: prompt | even` and `silence: sent | described`, under `media`
//! for everybody and beside a trunk or an advocate for her alone.
//!
//! Levelled by default: who whispers must be heard as well as who shouts. Noise is kept by
//! default: what is heard behind a caller may tell of danger, a sob or a whisper may be none that a
//! filter knows, and suppression delays her voice by 10 to 14 ms and costs more of a core than all
//! else that is done to it. It is for those whose room hides their words: an interpreter in a hall of
//! interpreters, an advocate beside a fan, callers of a trunk full of streets. Prompt by default: every
//! phone and gateway made in this century has a jitter buffer that adapts, and pays for even
//! packets with delay. Silence is sent by default: a stream that never stops is what every carrier's
//! supervision, recorder of faults and jitter buffer understands, and a caller in fear must never
//! wonder whether the line is dead. Where traffic is dear (a satellite, a mobile link), it may be
//! described.

use model::{MediaPolicy, Noise, Pacing, Silence, Treatment};
use yaml::Fields;

use super::reader::Reader;

impl Reader<'_> {
    /// The rules as `fields` change them.
    pub(super) fn sound(&mut self, fields: &mut Fields, usual: MediaPolicy) -> MediaPolicy {
        let treatment = self.word(fields.take("treatment"), "levelled");
        let treatment = treatment.and_then(|word| self.choice(&word, &TREATMENTS));
        let noise = self.word(fields.take("noise"), "kept");
        let noise = noise.and_then(|word| self.choice(&word, &NOISES));
        let pacing = self.word(fields.take("pacing"), "prompt");
        let pacing = pacing.and_then(|word| self.choice(&word, &PACINGS));
        let silence = self.word(fields.take("silence"), "sent");
        let silence = silence.and_then(|word| self.choice(&word, &SILENCES));
        MediaPolicy {
            treatment: treatment.unwrap_or(usual.treatment),
            noise: noise.unwrap_or(usual.noise),
            pacing: pacing.unwrap_or(usual.pacing),
            silence: silence.unwrap_or(usual.silence),
            ..usual
        }
    }
}

const TREATMENTS: [(&str, Treatment); 2] =
    [("levelled", Treatment::Levelled), ("as-sent", Treatment::AsSent)];
const NOISES: [(&str, Noise); 2] = [("kept", Noise::Kept), ("suppressed", Noise::Suppressed)];
const SILENCES: [(&str, Silence); 2] = [("sent", Silence::Sent), ("described", Silence::Described)];
const PACINGS: [(&str, Pacing); 2] = [("prompt", Pacing::Prompt), ("even", Pacing::Even)];
