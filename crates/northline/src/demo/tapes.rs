//! What each party heard, as WAV files.

use std::path::Path;

use audio::wav;
use media::Library;

use super::party::Party;
use crate::phone::Call;

/// The calls of each party, in order.
#[derive(Default)]
pub(super) struct Tapes(Vec<(Party, Call)>);

impl Tapes {
    /// Keeps what `party` hears in `call`.
    pub(super) fn keep(&mut self, party: Party, call: &Call) {
        self.0.push((party, call.clone()));
    }

    /// Writes a file for each party, and says their names.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn save(&self, folder: &Path) -> std::io::Result<Vec<String>> {
        std::fs::create_dir_all(folder)?;
        Party::ALL.iter().map(|&party| self.save_party(party, folder)).collect()
    }

    fn save_party(&self, party: Party, folder: &Path) -> std::io::Result<String> {
        let calls = self.0.iter().filter(|(other, _)| *other == party);
        let heard: Vec<i16> = calls.flat_map(|(_, call)| call.heard().samples).collect();
        let name = format!("{}.wav", party.name());
        std::fs::write(folder.join(&name), wav::save(&heard, Library::RATE))?;
        Ok(name)
    }
}
