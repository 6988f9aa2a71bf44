//! How many media threads share the calls: `media: shards: 2`.
//!
//! By default one fewer than the cores that this process may use, since signalling and decisions
//! need one too and a media thread takes all of its own when calls are many; at least one; and never
//! more than four, which carry ten thousand parties: an operator with more says so. Several have a
//! use long before one is full: a defect that hangs one of them is heard in its calls alone.

use std::num::NonZero;

use yaml::Entry;

use super::MediaSection;
use super::reader::Reader;

impl MediaSection {
    /// How many media threads there are on a machine with so many `cores`.
    pub fn shards_on(&self, cores: usize) -> usize {
        self.shards.map_or(cores.saturating_sub(1).clamp(1, USUAL), NonZero::get)
    }
}

impl Reader<'_> {
    pub(super) fn shards(&mut self, entry: Option<Entry>) -> Option<NonZero<usize>> {
        let word = self.word(entry, "2")?;
        let count = word.value.parse().ok().and_then(NonZero::new);
        let count = count.filter(|count| count.get() <= MOST);
        if count.is_none() {
            let message = format!("`{}` is no number of media threads", word.value);
            self.problem(word.spot, message, format!("write 1 to {MOST}, or leave it out"));
        }
        count
    }
}

/// The cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The most there are by default.
const USUAL: usize = 4;
/// More than any machine that a hotline runs on has use for.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use interpreting::Catalogue;

    use super::super::load;

    fn on(text: &str, cores: usize) -> usize {
        let read = load("northline.yaml", text, &Catalogue::embedded()).expect("right");
        read.media.shards_on(cores)
    }

    #[test]
    fn a_core_is_left_for_signalling_unless_the_operator_says_otherwise() {
        let counts = [1, 2, 3, 4, 8, 64].map(|cores| on("media: { ports: 20000-29999 }", cores));
        assert_eq!(counts, [1, 1, 2, 3, 4, 4]);
        assert_eq!(on("calls: 500", 3), 2);
        assert_eq!([1, 2, 16].map(|cores| on("media: { shards: 2 }", cores)), [2, 2, 2]);
        assert_eq!(on("media: { shards: 64 }", 2), 64);
    }
}
