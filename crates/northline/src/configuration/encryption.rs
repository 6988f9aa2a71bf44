//! Whether media is encrypted: `srtp: off | optional | required`, under `media` for everybody and
//! beside a trunk or an advocate for her alone.

use model::{Codecs, MediaPolicy, SrtpPolicy};
use yaml::Fields;

use super::reader::Reader;

impl Reader<'_> {
    /// The rules `fields` name, or everybody's; `usual` codecs where nobody names any.
    pub(super) fn media_policy(&mut self, fields: &mut Fields, usual: Codecs) -> MediaPolicy {
        let word = self.word(fields.take("srtp"), "optional");
        let chosen = word.and_then(|word| self.choice(&word, &CHOICES));
        let others = self.policies.others;
        let named = self.codecs(fields.take("codecs")).or(self.codecs_of_all);
        let codecs = named.unwrap_or(usual);
        let text = self.text(fields.take("text")).unwrap_or(others.text);
        let srtp = chosen.unwrap_or(others.srtp);
        let policy = MediaPolicy { codecs, srtp, text, ..others };
        self.sound(fields, policy)
    }
}

/// For everybody of whom nothing is written: what the peer can (requirement D9).
pub(super) const DEFAULT: SrtpPolicy = SrtpPolicy::Optional;

const CHOICES: [(&str, SrtpPolicy); 3] = [
    ("off", SrtpPolicy::Off),
    ("optional", SrtpPolicy::Optional),
    ("required", SrtpPolicy::Required),
];
