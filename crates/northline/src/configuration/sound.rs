//! What is done to a party's sound and how what she hears leaves: `treatment: levelled | as-sent`,
//! `pacing: prompt | even` and `silence: sent | described`, under `media` for everybody and beside a
//! trunk or an advocate for her alone.
//!
//! Levelled by default: who whispers must be heard as well as who shouts. Prompt by default: every
//! phone and gateway made in this century has a jitter buffer that adapts, and pays for even
//! packets with delay. Silence is sent by default: a stream that never stops is what every carrier's
//! supervision, recorder of faults and jitter buffer understands, and a caller in fear must never
//! wonder whether the line is dead. Where traffic is dear (a satellite, a mobile link), it may be
//! described.

use model::{MediaPolicy, Pacing, Silence, Treatment};
use yaml::Fields;

use super::reader::Reader;

impl Reader<'_> {
    /// The rules as `fields` change them.
    pub(super) fn sound(&mut self, fields: &mut Fields, usual: MediaPolicy) -> MediaPolicy {
        let treatment = self.word(fields.take("treatment"), "levelled");
        let treatment = treatment.and_then(|word| self.choice(&word, &TREATMENTS));
        let pacing = self.word(fields.take("pacing"), "prompt");
        let pacing = pacing.and_then(|word| self.choice(&word, &PACINGS));
        let silence = self.word(fields.take("silence"), "sent");
        let silence = silence.and_then(|word| self.choice(&word, &SILENCES));
        MediaPolicy {
            treatment: treatment.unwrap_or(usual.treatment),
            pacing: pacing.unwrap_or(usual.pacing),
            silence: silence.unwrap_or(usual.silence),
            ..usual
        }
    }
}

const TREATMENTS: [(&str, Treatment); 2] =
    [("levelled", Treatment::Levelled), ("as-sent", Treatment::AsSent)];
const SILENCES: [(&str, Silence); 2] = [("sent", Silence::Sent), ("described", Silence::Described)];
const PACINGS: [(&str, Pacing); 2] = [("prompt", Pacing::Prompt), ("even", Pacing::Even)];
