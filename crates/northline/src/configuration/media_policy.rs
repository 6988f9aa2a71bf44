//! The rules of media that stand under `media` for everybody, and beside a trunk or an advocate for
//! her alone.

use model::{Codecs, MediaPolicy};
use yaml::Fields;

use super::reader::Reader;

/// Their keys.
pub(super) const RULES: &[&str] =
    &["srtp", "codecs", "treatment", "noise", "pacing", "silence", "text"];

impl Reader<'_> {
    /// The rules `fields` name, or everybody's; `usual` codecs where nobody names any.
    pub(super) fn media_policy(&mut self, fields: &mut Fields, usual: Codecs) -> MediaPolicy {
        let others = self.policies.others;
        let srtp = self.srtp(fields.take("srtp")).unwrap_or(others.srtp);
        let named = self.codecs(fields.take("codecs")).or(self.codecs_of_all);
        let codecs = named.unwrap_or(usual);
        let text = self.text(fields.take("text")).unwrap_or(others.text);
        self.sound(fields, MediaPolicy { codecs, srtp, text, ..others })
    }
}
