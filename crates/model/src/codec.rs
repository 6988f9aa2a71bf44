//! The codecs a leg may use, and the rates of sound (RFC 3551, RFC 7587).

use serde::{Deserialize, Serialize};

/// Samples a second of a room, a frame or a codec's sound.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum SampleRate {
    /// 8 kHz: what the telephone network carries.
    #[default]
    Narrow,
    /// 16 kHz.
    Wide,
    /// 48 kHz: all that can be heard.
    Full,
}

/// How sound is coded on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus (RFC 6716), mono.
    Opus,
    /// 16-bit samples as they are, mono: for tests and measurements.
    L16(SampleRate),
}

/// How an Opus peer wants our packets (RFC 7587 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpusWishes {
    /// `maxplaybackrate`: more than this it cannot play.
    pub most_rate: SampleRate,
    /// `maxaveragebitrate`, in bits a second.
    pub most_bitrate: u32,
    /// `useinbandfec`: it makes use of what repeats the packet before.
    pub in_band_fec: bool,
    /// `cbr`: packets of one length, which tell nothing of what is said.
    pub is_constant: bool,
}

/// The codecs that may be used with a peer, the one to be preferred first; none twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Codecs([Option<Codec>; Codec::ALL.len()]);

impl SampleRate {
    /// Samples a second.
    pub const fn hz(self) -> u32 {
        match self {
            Self::Narrow => 8000,
            Self::Wide => 16_000,
            Self::Full => 48_000,
        }
    }

    /// Samples of a frame of 20 ms.
    pub const fn frame(self) -> usize {
        self.hz() as usize / 50
    }
}

impl Codec {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Opus,
        Self::G722,
        Self::Pcmu,
        Self::Pcma,
        Self::L16(SampleRate::Full),
        Self::L16(SampleRate::Wide),
        Self::L16(SampleRate::Narrow),
    ];

    /// The highest rate of its sound.
    pub const fn rate(self) -> SampleRate {
        match self {
            Self::Pcmu | Self::Pcma => SampleRate::Narrow,
            Self::G722 => SampleRate::Wide,
            Self::Opus => SampleRate::Full,
            Self::L16(rate) => rate,
        }
    }

    /// Units a second of its RTP timestamps: not always its rate (RFC 3551 §4.5.2, RFC 7587 §4.1).
    pub const fn clock_hz(self) -> u32 {
        match self {
            Self::G722 => SampleRate::Narrow.hz(),
            _ => self.rate().hz(),
        }
    }
}

impl Codecs {
    /// G.711, µ-law first.
    pub const TELEPHONE: Self =
        Self([Some(Codec::Pcmu), Some(Codec::Pcma), None, None, None, None, None]);

    /// From most to least preferred, without repetitions.
    pub fn new(order: impl IntoIterator<Item = Codec>) -> Self {
        let mut codecs = Self([None; Codec::ALL.len()]);
        for codec in order {
            let known = codecs.0.iter().position(|held| held.is_none_or(|held| held == codec));
            let at = known.expect("there is a place for every codec");
            codecs.0[at] = Some(codec);
        }
        codecs
    }

    /// From most to least preferred.
    pub fn iter(&self) -> impl Iterator<Item = Codec> {
        self.0.iter().flatten().copied()
    }
}

impl OpusWishes {
    /// Those of a peer that names none.
    pub const NONE: Self = Self {
        most_rate: SampleRate::Full,
        most_bitrate: 510_000,
        in_band_fec: false,
        is_constant: false,
    };
}

impl Default for Codecs {
    fn default() -> Self {
        Self::TELEPHONE
    }
}

impl std::fmt::Debug for Codecs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_and_takes_nothing_twice() {
        let twice = [Codec::G722, Codec::Pcma, Codec::G722, Codec::Pcmu, Codec::Pcma];
        let codecs = Codecs::new(twice);
        assert_eq!(codecs.iter().collect::<Vec<_>>(), [Codec::G722, Codec::Pcma, Codec::Pcmu]);
        assert_eq!(Codecs::new(Codec::ALL).iter().count(), Codec::ALL.len());
        assert_eq!(Codecs::new([Codec::Pcmu, Codec::Pcma]), Codecs::default());
    }

    #[test]
    fn the_clock_of_g722_is_half_its_rate() {
        assert_eq!((Codec::G722.rate().hz(), Codec::G722.clock_hz()), (16_000, 8000));
        assert_eq!((Codec::Opus.rate().hz(), Codec::Opus.clock_hz()), (48_000, 48_000));
        assert_eq!(
            [160, 320, 960],
            [SampleRate::Narrow, SampleRate::Wide, SampleRate::Full].map(SampleRate::frame)
        );
    }
}
