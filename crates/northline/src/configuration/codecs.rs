//! Which codecs may be used: `codecs: [g722, pcmu, pcma]`, under `media` for everybody and beside a
//! trunk or an advocate for her alone. The first is offered first; a peer's offer is answered in
//! the peer's own order.
//!
//! Where nothing is written, phones are offered G.722 first, since whoever interprets or speaks a
//! foreign language understands much more of it, and trunks G.711, since nearly all that comes
//! over them is narrow-band. Opus is heard no better by a desk phone and costs ten times as much:
//! it is used where it is written.

use model::{Codec, Codecs};
use yaml::{Entry, Value};

use super::reader::Reader;

impl Reader<'_> {
    /// The codecs of one `codecs` entry, if there is one.
    pub(super) fn codecs(&mut self, entry: Option<Entry>) -> Option<Codecs> {
        let (key, node) = entry?;
        let Value::List(nodes) = node.value else {
            let help = "for example `codecs: [g722, pcmu, pcma]`";
            self.problem(key.spot, "`codecs` is a list of at least one codec", help);
            return None;
        };
        if nodes.is_empty() {
            let help = "for example `codecs: [pcmu, pcma]`";
            self.problem(key.spot, "without a codec nobody can be heard", help);
            return None;
        }
        let mut codecs = Vec::new();
        for node in nodes {
            let word = self.word(Some((key.clone(), node)), "pcmu");
            codecs.extend(word.and_then(|word| self.choice(&word, &CHOICES)));
        }
        Some(Codecs::new(codecs))
    }
}

/// For trunks of which nothing is written.
pub(super) fn of_trunks() -> Codecs {
    Codecs::new([Codec::Pcmu, Codec::Pcma, Codec::G722])
}

/// For advocates' phones of which nothing is written.
pub(super) fn of_phones() -> Codecs {
    Codecs::new([Codec::G722, Codec::Pcmu, Codec::Pcma])
}

const CHOICES: [(&str, Codec); 4] =
    [("opus", Codec::Opus), ("g722", Codec::G722), ("pcmu", Codec::Pcmu), ("pcma", Codec::Pcma)];
