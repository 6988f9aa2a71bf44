//! What comes from a party, for the live board: who talks, who talks at once, and whose sound does
//! not arrive. No content: a threshold has been passed or not.

/// What comes from a party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    /// No packet, not yet or no more: the others hear nothing of it.
    #[default]
    Nothing,
    /// Packets in which nobody has said a word yet: a muted microphone, or a line that is one-way.
    Silence,
    /// It has spoken, and does not now.
    Pause,
    /// It speaks.
    Speech,
}

impl Sound {
    /// Its word in boards.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Silence => "silence",
            Self::Pause => "pause",
            Self::Speech => "speech",
        }
    }

    /// Packets come.
    pub(crate) fn arrives(&mut self) {
        *self = (*self).max(Self::Silence);
    }

    /// It begins or ends to speak.
    pub(crate) const fn speaks(&mut self, speaking: bool) {
        *self = if speaking { Self::Speech } else { Self::Pause };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_nothing_then_silence_then_speech_and_pauses() {
        let mut sound = Sound::default();
        sound.arrives();
        assert_eq!(sound, Sound::Silence);
        sound.speaks(true);
        sound.arrives();
        assert_eq!(sound, Sound::Speech);
        sound.speaks(false);
        sound.arrives();
        assert_eq!(sound.as_str(), "pause");
    }
}
