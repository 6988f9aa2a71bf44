//! A lab's step as a draft: one word that says what it does and for how long.

use model::{PromptName, SampleRate};

use super::*;
use crate::lab::{Deed, LabStep};

/// The words that make a step one of a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Echo,
    Room,
    Ring,
    Early,
    Pause,
}

impl Reader {
    pub(super) fn lab_step(
        &mut self,
        name: &StepName,
        word: Word,
        fields: &mut Fields,
    ) -> Option<Draft> {
        let lasts = self.duration(name, Part::Deed, fields.take(word.as_str()), word.example());
        let does = self.deed(word, fields);
        let keys = fields.take("keys").map(|entry| self.keys(name, entry)).unwrap_or_default();
        let help = "say where it leads when its time is over, for example `then: over`";
        let then = fields.require("then", help, &mut self.problems);
        let then = self.lead(name, Part::Then, then);
        Some(Draft::Lab(LabStep { does: does?, lasts: lasts?, keys, then: then? }))
    }

    fn deed(&mut self, word: Word, fields: &mut Fields) -> Option<Deed> {
        Some(match word {
            Word::Echo => Deed::Echo,
            Word::Room => Deed::Room { least_rate: self.least_rate(fields.take("least-rate"))? },
            Word::Ring => Deed::Ring,
            Word::Early => Deed::Early { music: self.early_music(fields)? },
            Word::Pause => Deed::Pause,
        })
    }

    fn least_rate(&mut self, entry: Option<Entry>) -> Option<SampleRate> {
        let Some(entry) = entry else { return Some(SampleRate::Narrow) };
        let word = yaml::word(entry, "16000", &mut self.problems)?;
        let rate = RATES.into_iter().find(|rate| rate.hz().to_string() == word.value);
        if rate.is_none() {
            let message = format!("no room has the rate `{}`", word.value);
            let help = "write 8000, 16000 or 48000 samples a second";
            self.problems.push(Problem::new(word.spot, message, help));
        }
        rate
    }

    fn early_music(&mut self, fields: &mut Fields) -> Option<PromptName> {
        let help = "name what is heard before the answer, for example `music: calm`";
        let music = fields.require("music", help, &mut self.problems)?;
        self.music(music)
    }
}

impl Word {
    pub(super) const ALL: [Self; 5] =
        [Self::Echo, Self::Room, Self::Ring, Self::Early, Self::Pause];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Room => "room",
            Self::Ring => "ring",
            Self::Early => "early",
            Self::Pause => "pause",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Echo | Self::Room => "7200s",
            Self::Ring => "180s",
            Self::Early => "3s",
            Self::Pause => "2s",
        }
    }
}

/// The rates that rooms can have.
const RATES: [SampleRate; 3] = [SampleRate::Narrow, SampleRate::Wide, SampleRate::Full];
