//! What a leg needs between its wire and its room: codecs, and changes of rate where theirs is not
//! the room's. Made by the negotiator, used by the shard.

use audio::Resampler;
use audio::codec::{Decoder, Encoder};
use audio::g711::Law;
use model::{Codec, Pacing, SampleRate};
use rtp::{Header, Packet};
use sdp::Format;

use crate::edition::Tie;
use crate::outlet::{MAX_PACKET, Workbench};
use crate::pacer::Pacer;
use crate::{Library, Transmit};

/// One leg's coding, for a room of one rate.
///
/// What is seldom there is boxed: a packet and a frame look at one cache line of it each.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Coding {
    incoming: Vec<Incoming>,
    pub(crate) recordings: Option<Box<Recordings>>,
    /// Where packets are not the frames as they are mixed.
    pub(crate) pacer: Option<Box<Pacer>>,
    pub(crate) outgoing: Outgoing,
}

/// One payload type that may come in: one cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Incoming {
    format: Format,
    decoder: Decoder,
    to_room: Option<Box<Resampler>>,
    /// The newest packet.
    newest: Option<Newest>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    ssrc: u32,
    sequence: u16,
    /// Samples, as decoded.
    length: u16,
}

/// What we send.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Outgoing {
    pub(crate) coder: Coder,
    pub(crate) format: Format,
    /// Whose frames the peer's decoder follows.
    pub(crate) tie: Tie,
}

/// From frames of a room to payloads, with the state that lies between two of them.
#[derive(Debug)]
pub(crate) struct Coder {
    encoder: Encoder,
    from_room: Option<Box<Resampler>>,
}

/// The way of prompts and music into a room of another rate than theirs.
#[derive(Debug)]
pub(crate) struct Recordings {
    to_room: Resampler,
    /// Whether the last frame was not silent: its end is still in the filter.
    is_sounding: bool,
}

impl Coding {
    /// For a room of `rate`: what may come in by `incoming`, and what is sent as `outgoing` in
    /// packets of that time and pacing. Allocates; nothing later does, but for Opus.
    pub(crate) fn new(
        incoming: &[Format],
        (outgoing, packets): (Format, (u8, Pacing)),
        rate: SampleRate,
    ) -> Self {
        let mut all: Vec<_> = incoming.iter().map(|&format| Incoming::new(format, rate)).collect();
        // RFC 3551 §6: a peer may send G.711 whatever we prefer.
        for format in [Format::new(0, Codec::Pcmu), Format::new(8, Codec::Pcma)] {
            if all.iter().all(|known| known.format.payload_type != format.payload_type) {
                all.push(Incoming::new(format, rate));
            }
        }
        let to_room = resampler(Library::SAMPLE_RATE, rate);
        let recordings =
            to_room.map(|to_room| Box::new(Recordings { to_room: *to_room, is_sounding: false }));
        let pacer = Pacer::new(outgoing, packets, rate).map(Box::new);
        Self { incoming: all, outgoing: Outgoing::new(outgoing, rate), recordings, pacer }
    }

    /// Goes on where `before` stands, codec by codec.
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        for known in &mut self.incoming {
            let is_known = |held: &&mut Incoming| held.is_continued_by(known);
            if let Some(held) = before.incoming.iter_mut().find(is_known) {
                std::mem::swap(&mut known.decoder, &mut held.decoder);
                known.newest = held.newest;
            }
        }
        if let (Some(pacer), Some(held)) = (&mut self.pacer, &mut before.pacer) {
            pacer.take_over(held);
        }
        let (ours, held) = (&mut self.outgoing, &mut before.outgoing);
        let is_same =
            (ours.format.codec, ours.format.opus) == (held.format.codec, held.format.opus);
        if is_same && ours.coder.encoder.rate() == held.coder.encoder.rate() {
            std::mem::swap(&mut ours.coder.encoder, &mut held.coder.encoder);
            ours.tie = held.tie;
        }
    }

    /// A packet is about to be decoded.
    pub(crate) fn bring_decoder_near(&self) {
        // Of the payload type that comes most probably; others are not worth it.
        self.incoming.first().into_iter().for_each(simd::bring_near);
    }

    /// What takes the packets of a payload type.
    pub(crate) fn incoming(&mut self, payload_type: u8) -> Option<&mut Incoming> {
        self.incoming.iter_mut().find(|known| known.format.payload_type == payload_type)
    }
}

impl Incoming {
    fn new(format: Format, room: SampleRate) -> Self {
        let decoder = Decoder::new(format.codec, room);
        let to_room = resampler(decoder.rate(), room);
        Self { format, decoder, to_room, newest: None }
    }

    /// Units a second of its timestamps.
    pub(crate) const fn clock_hz(&self) -> u32 {
        self.format.codec.clock_hz()
    }

    /// The rate of what is decoded.
    pub(crate) const fn rate(&self) -> SampleRate {
        self.decoder.rate()
    }

    /// Decodes a packet into `out`; how many samples it holds, `None` when it is malformed or too
    /// late to be of use.
    pub(crate) fn decode(&mut self, packet: &Packet<'_>, out: &mut [i16]) -> Option<usize> {
        let Packet { header, payload } = packet;
        if self.decoder.has_memory() && self.ahead(header).is_some_and(|ahead| ahead <= 0) {
            return None;
        }
        let length = self.decoder.decode(payload, out)?;
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        self.newest = Some(Newest { ssrc, sequence, length: length as u16 });
        Some(length)
    }

    /// Decodes into `out` what a packet repeats of the one before it, if that was lost; its header
    /// and how many samples it holds. To be asked before the packet itself is decoded.
    pub(crate) fn recover(
        &mut self,
        packet: &Packet<'_>,
        out: &mut [i16],
    ) -> Option<(Header, usize)> {
        let length = usize::from(self.newest?.length);
        self.ahead(&packet.header).filter(|&ahead| ahead > 1)?;
        let length = self.decoder.recover(packet.payload, out.get_mut(..length)?)?;
        let units = length as u64 * u64::from(self.clock_hz()) / u64::from(self.rate().hz());
        let timestamp = packet.header.timestamp.wrapping_sub(units as u32);
        let sequence = packet.header.sequence.wrapping_sub(1);
        Some((Header { sequence, timestamp, ..packet.header }, length))
    }

    /// Brings decoded samples to the room's rate.
    pub(crate) fn tune<'s>(&mut self, samples: &'s [i16], out: &'s mut [i16]) -> &'s [i16] {
        match &mut self.to_room {
            None => samples,
            Some(resampler) => {
                let length = resampler.process(samples, out);
                &out[..length]
            }
        }
    }

    /// How far a packet is ahead of the newest one; `None` in a new stream.
    fn ahead(&self, header: &Header) -> Option<i16> {
        let newest = self.newest.filter(|newest| newest.ssrc == header.ssrc)?;
        let ahead = header.sequence.wrapping_sub(newest.sequence).cast_signed();
        // RFC 3550 A.1: further back than that is a stream that began anew.
        (ahead > -MAX_MISORDER).then_some(ahead)
    }

    fn is_continued_by(&self, next: &Self) -> bool {
        self.format.codec == next.format.codec && self.rate() == next.rate()
    }
}

impl Outgoing {
    fn new(format: Format, room: SampleRate) -> Self {
        Self { format, coder: Coder::new(format, room), tie: Tie::ALONE }
    }

    /// The law, where a frame of the room becomes G.711 as it is.
    pub(crate) fn law(&self) -> Option<Law> {
        match (self.format.codec, &self.coder.from_room) {
            (Codec::Pcmu, None) => Some(Law::Mu),
            (Codec::Pcma, None) => Some(Law::A),
            _ => None,
        }
    }
}

impl Coder {
    /// For frames of a room of rate `room`. Allocates; nothing later does, but for Opus.
    pub(crate) fn new(format: Format, room: SampleRate) -> Self {
        let encoder = Encoder::new(format.codec, room, format.opus);
        let from_room = resampler(room, encoder.rate());
        Self { encoder, from_room }
    }

    /// Encodes a frame of the room into `payload`; how many bytes it takes.
    pub(crate) fn encode(
        &mut self,
        frame: &[i16],
        workbench: &mut Workbench,
        payload: &mut [u8],
    ) -> usize {
        workbench.encoded += 1;
        match &mut self.from_room {
            None => self.encoder.encode(frame, payload),
            Some(resampler) => {
                let length = resampler.process(frame, &mut workbench.tuned);
                self.encoder.encode(&workbench.tuned[..length], payload)
            }
        }
    }

    /// Hears a frame that is not sent by it.
    pub(crate) fn prepare(&mut self, frame: &[i16], workbench: &mut Workbench) {
        self.encode(frame, workbench, &mut [0; Transmit::MAX]);
    }
}

impl Recordings {
    /// Brings a frame of recordings to the room's rate; nothing when there has been none for a
    /// while.
    pub(crate) fn change<'s>(
        &mut self,
        frame: Option<&[i16]>,
        out: &'s mut [i16],
    ) -> Option<&'s [i16]> {
        let was_sounding = std::mem::replace(&mut self.is_sounding, frame.is_some());
        if !was_sounding && frame.is_none() {
            return None;
        }
        let frame = frame.unwrap_or(&[0; Library::SAMPLE_RATE.frame()]);
        let length = self.to_room.process(frame, out);
        Some(&out[..length])
    }
}

fn resampler(from: SampleRate, to: SampleRate) -> Option<Box<Resampler>> {
    (from != to).then(|| Box::new(Resampler::new(from, to)))
}

const MAX_MISORDER: i16 = 100;

const _: () = assert!(size_of::<Incoming>() == 64 && size_of::<Coding>() == 128);
const _: () = assert!(MAX_PACKET < 65_536, "a packet's samples are counted in 16 bits");
