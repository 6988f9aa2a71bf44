//! What is done to a party's sound and how hers leaves: `treatment: levelled | as-sent` and
//! `pacing: prompt | even`, under `media` for everybody and beside a trunk or an advocate for her
//! alone.
//!
//! Levelled by default: who whispers must be heard as well as who shouts. Prompt by default: every
//! phone and gateway made in this century has a jitter buffer that adapts, and pays for even
//! packets with delay.

use model::{MediaPolicy, Pacing, Treatment};
use yaml::Fields;

use super::reader::Reader;

impl Reader<'_> {
    /// The rules as `fields` change them.
    pub(super) fn sound(&mut self, fields: &mut Fields, usual: MediaPolicy) -> MediaPolicy {
        let treatment = self.word(fields.take("treatment"), "levelled");
        let treatment = treatment.and_then(|word| self.choice(&word, &TREATMENTS));
        let pacing = self.word(fields.take("pacing"), "prompt");
        let pacing = pacing.and_then(|word| self.choice(&word, &PACINGS));
        MediaPolicy {
            treatment: treatment.unwrap_or(usual.treatment),
            pacing: pacing.unwrap_or(usual.pacing),
            ..usual
        }
    }
}

const TREATMENTS: [(&str, Treatment); 2] =
    [("levelled", Treatment::Levelled), ("as-sent", Treatment::AsSent)];
const PACINGS: [(&str, Pacing); 2] = [("prompt", Pacing::Prompt), ("even", Pacing::Even)];
