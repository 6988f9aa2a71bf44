//! What comes from a party, for the live board: who talks, who talks at once, and whose sound does
//! not arrive. No content: a threshold has been passed or not.

/// What comes from a party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    /// It has no sound at all, and writes.
    None,
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
            Self::None => "none",
            Self::Nothing => "nothing",
            Self::Silence => "silence",
            Self::Pause => "pause",
            Self::Speech => "speech",
        }
    }

    /// An exchange has settled whether there is any.
    pub(crate) const fn settles(&mut self, has_sound: bool) {
        match (*self, has_sound) {
            (_, false) => *self = Self::None,
            (Self::None, true) => *self = Self::Nothing,
            _ => {}
        }
    }

    /// Packets come.
    pub(crate) fn arrives(&mut self) {
        if *self != Self::None {
            *self = (*self).max(Self::Silence);
        }
    }

    /// Packets do not come any more.
    pub(crate) fn stops(&mut self) {
        if *self != Self::None {
            *self = Self::Nothing;
        }
    }

    /// It begins or ends to speak.
    pub(crate) fn speaks(&mut self, speaking: bool) {
        if *self != Self::None {
            *self = if speaking { Self::Speech } else { Self::Pause };
        }
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

    #[test]
    fn who_has_no_sound_is_neither_heard_nor_missed_until_she_has() {
        let mut sound = Sound::default();
        sound.settles(false);
        sound.arrives();
        sound.speaks(true);
        sound.stops();
        assert_eq!(sound.as_str(), "none");
        sound.settles(true);
        assert_eq!(sound, Sound::Nothing);
        sound.speaks(true);
        sound.settles(true);
        assert_eq!(sound, Sound::Speech);
    }
}
