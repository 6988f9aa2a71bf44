//! One simulated peer: what it says as packets, and what it heard of those it got.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use audio::codec::{Decoder, Encoder};
use audio::tone::Sine;
use model::{Chance, Codec, Codecs, Digit, Instant, LegId, OpusWishes, SampleRate, SrtpPolicy};
use rtp::rtcp::{Item, items};
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use rtp::telephone_event::{Sender, Sent};
use rtp::{Header, Packet};
use sdp::{Local, Session};

use crate::kit::{BURST, FRAME};
use crate::text::Pen;

/// One simulated peer.
pub(crate) struct Party {
    pub(crate) leg: LegId,
    pub(crate) address: SocketAddr,
    pub(crate) tone_hz: f64,
    pub(crate) session: Session,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    /// Sends packets at all.
    pub(crate) is_sending: bool,
    /// Has described its silence and sends no more of it.
    pub(crate) is_silent: bool,
    /// Sends its tone, else silence.
    pub(crate) is_speaking: bool,
    /// Nanoseconds between its packets.
    pub(crate) interval_nanos: u64,
    pub(crate) next_send: Instant,
    pub(crate) heard: Vec<HeardPacket>,
    pub(crate) samples: Vec<i16>,
    pub(crate) reports: Vec<Item>,
    /// What it protects and reads with, if the leg is encrypted.
    pub(crate) srtp: Option<(Protector, Unprotector)>,
    /// Every packet it got, as it came.
    pub(crate) wire: Vec<Vec<u8>>,
    /// A burst begins at this sample of the next packet.
    pub(crate) burst: Option<usize>,
    /// Its text.
    pub(crate) pen: Pen,
    sine: Sine,
    pub(crate) payload_type: u8,
    encoder: Encoder,
    decoder: Decoder,
    keys: Vec<Digit>,
    key: Option<Sender>,
    /// Sound it sends in place of its own tone, and telephone-events beside that.
    saying: VecDeque<i16>,
    beside: VecDeque<Option<Sent>>,
}

/// One packet that a party received.
#[derive(Clone, Copy)]
pub(crate) struct HeardPacket {
    pub(crate) at: Instant,
    pub(crate) header: Header,
    pub(crate) to: SocketAddr,
    /// The payload of a telephone-event.
    pub(crate) event: Option<[u8; 4]>,
}

impl Party {
    pub(crate) fn new(
        index: usize,
        tone_hz: f64,
        (srtp, codec): (SrtpPolicy, Codec),
        chance: &mut Chance,
    ) -> Self {
        let address: SocketAddr =
            format!("192.0.2.{}:4000", index + 1).parse().expect("a test's address");
        let local = Local {
            address: address.ip(),
            port: address.port(),
            rtcp_port: address.port() + 1,
            rtcp_mux: false,
            session_id: index as u64,
        };
        let session = Session::new(local).with_codecs(Codecs::new([codec]));
        let session = match srtp {
            SrtpPolicy::Off => session,
            wanted => session.with_srtp(wanted, chance.split()),
        };
        Self {
            leg: LegId(index as u64 * 2 + 1),
            address,
            tone_hz,
            session,
            ssrc: chance.next_u32(),
            sequence: chance.next_u32() as u16,
            timestamp: chance.next_u32(),
            is_sending: true,
            is_silent: false,
            is_speaking: true,
            interval_nanos: 20_000_000,
            next_send: Instant::ZERO,
            heard: Vec::new(),
            samples: Vec::new(),
            reports: Vec::new(),
            srtp: None,
            wire: Vec::new(),
            burst: None,
            pen: Pen::default(),
            sine: Sine::new(tone_hz, -16.0, 8000),
            payload_type: 0,
            encoder: Encoder::new(codec, SampleRate::Narrow, OpusWishes::NONE),
            decoder: Decoder::new(codec, SampleRate::Narrow),
            keys: Vec::new(),
            key: None,
            saying: VecDeque::new(),
            beside: VecDeque::new(),
        }
    }

    /// Presses keys one after the other, as telephone-events.
    pub(crate) fn presses(&mut self, keys: &str) {
        self.keys.extend(keys.chars().rev().filter_map(Digit::from_char));
    }

    /// Speaks its tone at another level from now on.
    pub(crate) fn speaks_at(&mut self, level_dbfs: f64) {
        self.sine = Sine::new(self.tone_hz, level_dbfs, 8000);
    }

    /// Presses keys one after the other, as sound.
    pub(crate) fn sounds(&mut self, keys: &str, tone_ms: usize, pause_ms: u64) {
        for key in keys.chars() {
            self.says(crate::presses::tone(key, tone_ms));
            self.pauses(pause_ms);
        }
    }

    /// Presses a key as sound and as events at once, each so much later.
    pub(crate) fn sounds_beside(&mut self, key: &str, sound_ms: u64, events_ms: u64) {
        self.pauses(sound_ms);
        self.sounds(key, 160, 0);
        self.pauses(events_ms.saturating_sub(sound_ms));
        let start = self.timestamp.wrapping_add(events_ms as u32 * 8 + FRAME as u32);
        let digit = key.chars().next().and_then(Digit::from_char).expect("a key");
        let mut sender = Sender::new(digit, start);
        self.beside.extend((0..events_ms / 20).map(|_| None));
        self.beside.extend(std::iter::from_fn(|| sender.poll_frame()).map(Some));
    }

    /// The header of a description of its silence.
    pub(crate) fn comfort_header(&mut self) -> Header {
        self.sequence = self.sequence.wrapping_add(1);
        let (sequence, ssrc) = (self.sequence, self.ssrc);
        let timestamp = self.timestamp.wrapping_add(FRAME as u32);
        Header { marker: false, payload_type: 13, sequence, timestamp, ssrc }
    }

    /// Says something in place of its tone.
    pub(crate) fn says(&mut self, samples: Vec<i16>) {
        self.saying.extend(samples);
    }

    /// Says nothing for a while.
    pub(crate) fn pauses(&mut self, millis: u64) {
        self.says(vec![0; millis as usize * 8]);
    }

    /// The telephone-event packet that goes out beside the sound.
    pub(crate) fn event_beside(&mut self) -> Option<Vec<u8>> {
        let Sent::Event { marker, timestamp, payload } = self.beside.pop_front()?? else {
            return None;
        };
        self.sequence = self.sequence.wrapping_add(1);
        let (sequence, ssrc) = (self.sequence, self.ssrc);
        let header = Header { marker, payload_type: 101, sequence, timestamp, ssrc };
        Some([&header.to_bytes()[..], &payload].concat())
    }

    /// Packets received in each full second from the first one on.
    pub(crate) fn packets_per_second(&self, from: Range<Instant>) -> Vec<usize> {
        let within = |start: Instant| {
            let second = start..start + Duration::from_secs(1);
            self.heard.iter().filter(|packet| second.contains(&packet.at)).count()
        };
        let mut counts = Vec::new();
        let mut start = from.start;
        while start + Duration::from_secs(1) <= from.end {
            counts.push(within(start));
            start += Duration::from_millis(130);
        }
        counts
    }

    /// Takes the keys its session has settled.
    pub(crate) fn rekey(&mut self) {
        let keys = self.session.keys();
        self.srtp = keys.map(|keys| (Protector::new(&keys.ours), Unprotector::new(&keys.theirs)));
    }

    /// Its next packet as it is on the wire.
    pub(crate) fn next_packet(&mut self) -> Vec<u8> {
        let packet = self.next_plain();
        let Some((protector, _)) = &mut self.srtp else { return packet };
        let mut buffer = [&packet[..], &[0; OVERHEAD]].concat();
        let length = protector.rtp(&mut buffer, packet.len()).expect("there is room");
        buffer.truncate(length);
        buffer
    }

    fn next_plain(&mut self) -> Vec<u8> {
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        self.sequence = self.sequence.wrapping_add(1);
        let header = Header {
            marker: false,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        if self.key.is_none() {
            self.key = self.keys.pop().map(|digit| Sender::new(digit, self.timestamp));
        }
        if let Some(key) = &mut self.key {
            match key.poll_frame() {
                Some(Sent::Event { marker, timestamp, payload }) => {
                    let header = Header { marker, payload_type: 101, timestamp, ..header };
                    return [&header.to_bytes()[..], &payload].concat();
                }
                Some(Sent::Gap) => {}
                None => self.key = None,
            }
        }
        let mut samples = [0; FRAME];
        if !self.saying.is_empty() {
            samples.fill_with(|| self.saying.pop_front().unwrap_or(0));
        } else if self.is_speaking {
            self.sine.fill(&mut samples);
        }
        if let Some(first) = self.burst.take() {
            samples[first..].fill(BURST);
        }
        let mut payload = [0; 2 * FRAME];
        let length = self.encoder.encode(&samples, &mut payload);
        [&header.to_bytes()[..], &payload[..length]].concat()
    }

    pub(crate) fn reads(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if let Some((_, unprotector)) = &mut self.srtp {
            let length = unprotector.rtcp(&mut bytes).expect("what we send is authentic");
            bytes.truncate(length);
        }
        self.reports.extend(items(&bytes));
    }

    pub(crate) fn hears(&mut self, at: Instant, to: SocketAddr, bytes: &[u8]) {
        self.wire.push(bytes.to_vec());
        let mut bytes = bytes.to_vec();
        if let Some((_, unprotector)) = &mut self.srtp {
            let length = unprotector.rtp(&mut bytes).expect("what we send is authentic");
            bytes.truncate(length);
        }
        let packet = Packet::parse(&bytes).expect("we send RTP");
        let is_event = packet.header.payload_type != self.payload_type;
        let mut samples = [0; FRAME];
        if !is_event {
            self.decoder.decode(packet.payload, &mut samples).expect("a frame");
        }
        let event = packet.payload.first_chunk().copied().filter(|_| is_event);
        self.heard.push(HeardPacket { at, header: packet.header, to, event });
        self.samples.extend_from_slice(&samples);
    }
}
