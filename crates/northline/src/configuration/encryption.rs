//! Whether media is encrypted: `srtp: off | optional | required`, under `media` for everybody and
//! beside a trunk or an advocate for her alone.

use model::SrtpPolicy;
use yaml::Entry;

use super::reader::Reader;

impl Reader<'_> {
    /// The policy of one `srtp` entry, if there is one.
    pub(super) fn srtp(&mut self, entry: Option<Entry>) -> Option<SrtpPolicy> {
        let word = self.word(entry, "optional");
        word.and_then(|word| self.choice(&word, &CHOICES))
    }
}

/// For everybody of whom nothing is written: what the peer can (requirement D9).
pub(super) const DEFAULT: SrtpPolicy = SrtpPolicy::Optional;

const CHOICES: [(&str, SrtpPolicy); 3] = [
    ("off", SrtpPolicy::Off),
    ("optional", SrtpPolicy::Optional),
    ("required", SrtpPolicy::Required),
];
