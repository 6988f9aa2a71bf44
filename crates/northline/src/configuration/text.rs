//! Whether calls may have real-time text: `text: off | accept | offer`, under `media` for everybody
//! and beside a trunk or an advocate for her alone. An advocate's phone is offered text whenever her
//! caller has it, unless it says `off`.

use model::TextPolicy;
use yaml::Entry;

use super::reader::Reader;

impl Reader<'_> {
    /// The policy of one `text` entry, if there is one.
    pub(super) fn text(&mut self, entry: Option<Entry>) -> Option<TextPolicy> {
        let word = self.word(entry, "accept");
        word.and_then(|word| self.choice(&word, &CHOICES))
    }
}

const CHOICES: [(&str, TextPolicy); 3] =
    [("off", TextPolicy::Off), ("accept", TextPolicy::Accepted), ("offer", TextPolicy::Offered)];
