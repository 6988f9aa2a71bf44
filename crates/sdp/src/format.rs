//! Formats of an m= line: payload type numbers and the codecs they stand for (RFC 3551 §6, RFC 8866
//! §6.6, RFC 7587 §7).
//!
//! # Assumptions
//! - A peer that uses Opus and takes telephone-events only at 8 kHz is served with those, against
//!   RFC 4733 §2.1: better than not to hear its keys.

use model::{Codec, OpusWishes, SampleRate};

use crate::description::{Mapping, Media};

/// A codec under a payload type number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// The number.
    pub payload_type: u8,
    /// What it stands for.
    pub codec: Codec,
    /// How the one who receives it wants it, if it is Opus.
    pub opus: OpusWishes,
}

/// Telephone-events under a payload type number (RFC 4733 §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Events {
    pub(crate) payload_type: u8,
    pub(crate) clock_hz: u32,
}

/// Descriptions of silence under a payload type number (RFC 3389 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ComfortNoise {
    pub(crate) payload_type: u8,
    clock_hz: u32,
}

/// A codec's line of a=rtpmap but for the number: name, clock rate, channels.
type Name = (&'static str, u32, u8);

impl Format {
    /// A format of no wishes.
    pub const fn new(payload_type: u8, codec: Codec) -> Self {
        Self { payload_type, codec, opus: OpusWishes::NONE }
    }

    pub(crate) fn mapping(self) -> Mapping {
        mapping(self.payload_type, name(self.codec))
    }

    /// What we say of the packets that we want ourselves.
    pub(crate) fn parameters(self) -> Option<(u8, String)> {
        // We make use of repeated packets, and play whatever comes.
        let is_opus = self.codec == Codec::Opus;
        is_opus.then(|| (self.payload_type, "minptime=10;useinbandfec=1".to_owned()))
    }
}

impl Events {
    pub(crate) fn mapping(self) -> Mapping {
        mapping(self.payload_type, (TELEPHONE_EVENT, self.clock_hz, 1))
    }

    /// RFC 4733 §2.4.1: the events we understand.
    pub(crate) fn parameters(self) -> (u8, String) {
        (self.payload_type, "0-15".to_owned())
    }
}

impl ComfortNoise {
    /// The static one, for codecs of 8 kHz.
    pub(crate) const STATIC: Self = Self { payload_type: 13, clock_hz: 8000 };

    pub(crate) fn mapping(self) -> Mapping {
        mapping(self.payload_type, (COMFORT_NOISE, self.clock_hz, 1))
    }
}

impl Media {
    /// The listed comfort noise for a codec of this clock rate. Opus brings its own.
    pub(crate) fn comfort_noise(&self, codec: Codec) -> Option<ComfortNoise> {
        let clock_hz = codec.clock_hz();
        let is_static = |number: u8| number == ComfortNoise::STATIC.payload_type;
        let mapped = self.mappings.iter().find(|map| map.is((COMFORT_NOISE, clock_hz, 1)));
        let unmapped =
            || self.payload_types().find(|&number| is_static(number) && clock_hz == 8000);
        let payload_type = mapped.map(|map| map.payload_type).or_else(unmapped)?;
        (codec != Codec::Opus).then_some(ComfortNoise { payload_type, clock_hz })
    }

    /// The listed formats of `codecs`, in the order of the line.
    pub(crate) fn formats_of(&self, codecs: impl Fn(Codec) -> bool) -> Vec<Format> {
        let known = self.payload_types().filter_map(|payload_type| {
            let codec = self.codec(payload_type).filter(|&codec| codecs(codec))?;
            Some(Format { payload_type, codec, opus: self.opus_wishes(payload_type) })
        });
        known.collect()
    }

    /// The listed telephone-events for a codec of this clock rate (RFC 4733 §2.1).
    pub(crate) fn telephone_events(&self, clock_hz: u32) -> Option<Events> {
        let at = |clock_hz: u32| {
            let is_it = |mapping: &&Mapping| mapping.is((TELEPHONE_EVENT, clock_hz, 1));
            let payload_type = self.mappings.iter().find(is_it)?.payload_type;
            Some(Events { payload_type, clock_hz })
        };
        at(clock_hz).or_else(|| at(SampleRate::Narrow.hz()))
    }

    /// The number of a codec in an offer of ours: the one it had in `self`, which it keeps for the
    /// whole session (RFC 3264 §8.3.2), else its usual one, else a free one.
    pub(crate) fn number(&self, name: Name, usual: u8, taken: &[u8]) -> u8 {
        let is_free = |number: u8| {
            let meant = self.mappings.iter().find(|mapping| mapping.payload_type == number);
            !taken.contains(&number) && meant.is_none_or(|mapping| mapping.is(name))
        };
        let before = self.mappings.iter().find(|mapping| mapping.is(name));
        let before = before.map(|mapping| mapping.payload_type).filter(|_| usual >= DYNAMIC);
        let candidates = before.into_iter().chain([usual]).chain(DYNAMIC..128);
        candidates.into_iter().find(|&number| is_free(number)).unwrap_or(usual)
    }

    /// Static types need no a=rtpmap (RFC 3551 §6), but one that is there counts.
    fn codec(&self, payload_type: u8) -> Option<Codec> {
        let mapping = self.mappings.iter().find(|mapping| mapping.payload_type == payload_type);
        Codec::ALL.into_iter().find(|&codec| match mapping {
            Some(mapping) => mapping.is(name(codec)),
            None => payload_type < DYNAMIC && usual_payload_type(codec) == payload_type,
        })
    }

    fn opus_wishes(&self, payload_type: u8) -> OpusWishes {
        let parameters = self.parameters.iter().find(|(number, _)| *number == payload_type);
        let parameters = parameters.map_or("", |(_, parameters)| parameters);
        let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        named.fold(OpusWishes::NONE, |wishes, (name, value)| {
            let (Ok(value), name) = (value.trim().parse::<u32>(), name.trim()) else {
                return wishes;
            };
            match name.to_ascii_lowercase().as_str() {
                "maxplaybackrate" => OpusWishes { most_rate: rate_within(value), ..wishes },
                "maxaveragebitrate" => OpusWishes { most_bitrate: value, ..wishes },
                "useinbandfec" => OpusWishes { in_band_fec: value == 1, ..wishes },
                "cbr" => OpusWishes { is_constant: value == 1, ..wishes },
                _ => wishes,
            }
        })
    }
}

impl Mapping {
    pub(crate) fn is(&self, (encoding, clock_hz, channels): Name) -> bool {
        let named = self.encoding.eq_ignore_ascii_case(encoding);
        named && (self.rate_hz, self.channels) == (clock_hz, channels)
    }
}

/// Our offer's formats of `codecs` and their events, one for each clock rate used; `before` is our
/// last description of the stream.
pub(crate) fn offered(
    before: &Media,
    codecs: impl Iterator<Item = Codec>,
) -> (Vec<Format>, Vec<Events>) {
    let (mut formats, mut events) = (Vec::new(), Vec::<Events>::new());
    let mut taken = Vec::new();
    for codec in codecs {
        let payload_type = before.number(name(codec), usual_payload_type(codec), &taken);
        taken.push(payload_type);
        formats.push(Format::new(payload_type, codec));
    }
    for clock_hz in formats.iter().map(|format| format.codec.clock_hz()) {
        if events.iter().all(|known| known.clock_hz != clock_hz) {
            let name = (TELEPHONE_EVENT, clock_hz, 1);
            let payload_type = before.number(name, usual_events(clock_hz), &taken);
            taken.push(payload_type);
            events.push(Events { payload_type, clock_hz });
        }
    }
    (formats, events)
}

const fn name(codec: Codec) -> Name {
    match codec {
        Codec::Pcmu => ("PCMU", 8000, 1),
        Codec::Pcma => ("PCMA", 8000, 1),
        Codec::G722 => ("G722", 8000, 1),
        Codec::Opus => ("opus", 48_000, 2), // RFC 7587 §7: always two, whatever is sent
        Codec::L16(rate) => ("L16", rate.hz(), 1),
    }
}

/// RFC 3551 §6, table 4; else what we use where nothing speaks against it.
const fn usual_payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::Opus => 107,
        Codec::L16(SampleRate::Full) => 108,
        Codec::L16(SampleRate::Wide) => 109,
        Codec::L16(SampleRate::Narrow) => 110,
    }
}

const fn usual_events(clock_hz: u32) -> u8 {
    match clock_hz {
        8000 => 101,
        48_000 => 102,
        _ => 103,
    }
}

/// The highest rate a peer can play that plays `hz`.
const fn rate_within(hz: u32) -> SampleRate {
    match hz {
        0..16_000 => SampleRate::Narrow,
        16_000..48_000 => SampleRate::Wide,
        _ => SampleRate::Full,
    }
}

fn mapping(payload_type: u8, (encoding, rate_hz, channels): Name) -> Mapping {
    Mapping { payload_type, encoding: encoding.to_owned(), rate_hz, channels }
}

const TELEPHONE_EVENT: &str = "telephone-event";
const COMFORT_NOISE: &str = "CN";
/// The first number that has no meaning of its own.
const DYNAMIC: u8 = 96;
