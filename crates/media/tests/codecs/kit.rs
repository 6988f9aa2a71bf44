//! Parties of any codec in one room, judged by tones: what the one says, the others hear.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use audio::codec::{Decoder, Encoder};
use audio::tone::{Sine, power_dbfs};
use media::{Channel, Library, Negotiator, Output, ShardEvent};
use model::{
    Chance, Codec, Codecs, Gain, Instant, LegId, MediaCommand, MediaEvent, MediaPolicy, Noise,
    OpusWishes, OwnAddress, Pacing, RoomId, Route, SampleRate, SessionDescription, Silence,
    SrtpPolicy,
};
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use rtp::telephone_event::{self, Sender};
use rtp::{Header, Packet};
use sdp::{Local, Session};

use crate::guard::RealTime;

pub(crate) const ROOM: RoomId = RoomId(1);
pub(crate) const SPOKEN_DBFS: f64 = -16.0;
const COMFORT_NOISE: u8 = 13;

pub(crate) struct Party {
    pub(crate) leg: LegId,
    pub(crate) address: SocketAddr,
    pub(crate) tone_hz: f64,
    pub(crate) sine: Sine,
    pub(crate) joining: Joining,
    pub(crate) offer: SessionDescription,
    /// What it protects and reads with, if it is encrypted.
    srtp: Option<(Protector, Unprotector)>,
    /// Milliseconds until its next packet.
    pub(crate) next_ms: u64,
    /// Its packets on their way.
    road: VecDeque<(Instant, Vec<u8>)>,
    /// All that it was sent.
    pub(crate) packets: Vec<Sent>,
    /// Sends its tone, else silence.
    pub(crate) is_speaking: bool,
    /// What it says before its tone, at its codec's rate.
    pub(crate) said: VecDeque<i16>,
    pub(crate) encoder: Encoder,
    pub(crate) decoder: Decoder,
    pub(crate) header: Header,
    pub(crate) clock_hz: u32,
    pub(crate) heard: Vec<i16>,
    pub(crate) events_type: Option<u8>,
    /// Whether descriptions of silence were agreed.
    pub(crate) takes_noise: bool,
    /// The key it presses, and the telephone-events it heard.
    pub(crate) key: Option<Sender>,
    pub(crate) events: Vec<[u8; 4]>,
}

/// How a party comes.
#[derive(Clone, Copy)]
pub(crate) struct Joining {
    /// What it asks for.
    pub(crate) ptime_ms: u8,
    /// What it sends.
    pub(crate) sends_ms: u8,
    /// By how much its packets are late at most.
    pub(crate) jitter_ms: u64,
    /// How many of its packets get lost.
    pub(crate) lost_percent: u64,
    pub(crate) noise: Noise,
    pub(crate) pacing: Pacing,
    pub(crate) srtp: SrtpPolicy,
    /// What its leg's policy says, and whether it takes descriptions itself.
    pub(crate) silence: Silence,
    pub(crate) takes: Silence,
}

/// A packet that a party was sent.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) header: Header,
    /// The level of a description of silence.
    pub(crate) level: Option<u8>,
}

impl Default for Joining {
    fn default() -> Self {
        Self {
            ptime_ms: 20,
            sends_ms: 20,
            jitter_ms: 0,
            lost_percent: 0,
            noise: Noise::Kept,
            pacing: Pacing::Prompt,
            srtp: SrtpPolicy::Off,
            silence: Silence::Sent,
            takes: Silence::Sent,
        }
    }
}

pub(crate) struct Bench {
    pub(crate) negotiator: Negotiator,
    pub(crate) shard: RealTime,
    pub(crate) now: Instant,
    pub(crate) parties: Vec<Party>,
    pub(crate) digits: String,
    /// Who began to speak, or ceased.
    pub(crate) speech: Vec<(LegId, bool)>,
    version: u64,
    chance: Chance,
    /// Whether all hear all others in one, however many they are.
    pub(crate) is_conference: bool,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let library = Arc::new(Library::default());
        let now = Instant::ZERO + Duration::from_secs(9);
        let negotiator = Negotiator::new(Chance::from_number(1), library);
        Self {
            negotiator,
            shard: RealTime::new(64),
            now,
            parties: Vec::new(),
            digits: String::new(),
            speech: Vec::new(),
            version: 0,
            chance: Chance::from_number(3),
            is_conference: false,
        }
    }

    pub(crate) fn command(&mut self, command: MediaCommand) -> Option<SessionDescription> {
        self.negotiator.handle_command(self.now, command, Some(20_000));
        let mut said = None;
        while let Some(output) = self.negotiator.poll_output() {
            match output {
                Output::Event(MediaEvent::Ready { description, .. }) => said = description,
                Output::Event(event) => panic!("{event:?}"),
                Output::Shard { command, .. } => self.shard.handle_command(self.now, command),
            }
        }
        said
    }

    pub(crate) fn joins(&mut self, codec: Codec, tone_hz: f64) {
        self.joins_with(codec, tone_hz, Joining::default());
    }

    pub(crate) fn joins_with(&mut self, codec: Codec, tone_hz: f64, joining: Joining) {
        let index = self.parties.len();
        let address = SocketAddr::from(([192, 0, 2, index as u8 + 1], 4000));
        let local = Local {
            address: address.ip(),
            port: 4000,
            rtcp_port: 4001,
            rtcp_mux: false,
            session_id: 7,
        };
        let mut session = Session::new(local).with_codecs(Codecs::new([codec]));
        session = session.with_silence(joining.takes);
        if joining.srtp != SrtpPolicy::Off {
            session = session.with_srtp(joining.srtp, self.chance.split());
        }
        let offer = String::from_utf8(session.make_offer().bytes().to_vec()).expect("text");
        let offer = offer.replace("a=ptime:20", &format!("a=ptime:{}", joining.ptime_ms));
        let offer = SessionDescription::received(offer.as_bytes(), address.ip());
        let leg = LegId(index as u64 + 1);
        let answer = self.command(MediaCommand::Open {
            leg,
            room: ROOM,
            offer: Some(offer.clone()),
            own: OwnAddress::direct(Ipv4Addr::new(192, 0, 2, 100).into()),
            policy: MediaPolicy {
                codecs: Codecs::new(Codec::ALL),
                pacing: joining.pacing,
                noise: joining.noise,
                srtp: joining.srtp,
                silence: joining.silence,
                ..MediaPolicy::default()
            },
            quiet_after: Duration::from_secs(15),
        });
        let agreed = session.accept_answer(&answer.expect("an answer")).expect("it serves");
        assert_eq!(agreed.format.codec, codec);
        self.parties.push(Party::new((leg, address), tone_hz, (joining, offer), &session));
        if !self.is_conference {
            self.all_hear_all();
        } else if index == 0 {
            self.version += 1;
            let (version, except) = (self.version, Vec::new());
            self.command(MediaCommand::Confer { room: ROOM, version, except });
        }
    }

    /// Who hears whom from now on, as (listener, speaker).
    pub(crate) fn routes(&mut self, pairs: &[(usize, usize)]) {
        let leg = |index: usize| self.parties[index].leg;
        let route = |&(listener, speaker)| Route::new(leg(listener), leg(speaker), Gain::UNITY);
        let routes = pairs.iter().map(route).collect();
        self.version += 1;
        let version = self.version;
        self.command(MediaCommand::Route { room: ROOM, version, routes });
    }

    /// Each pair by itself.
    pub(crate) fn all_hear_all(&mut self) {
        let all = 0..self.parties.len();
        let pairs = all.clone().flat_map(|listener| all.clone().map(move |one| (listener, one)));
        let pairs: Vec<_> = pairs.filter(|(listener, speaker)| listener != speaker).collect();
        self.routes(&pairs);
    }

    pub(crate) fn runs(&mut self, frames: usize) {
        for _ in 0..frames * 20 {
            self.speak();
            self.now += Duration::from_millis(1);
            self.shard.handle_timeout(self.now);
            while let Some(sent) = self.shard.poll_transmit() {
                let party = self.parties.iter_mut().find(|party| party.leg == sent.leg);
                party.expect("our legs").hears(self.now, sent.bytes());
            }
            while let Some(event) = self.shard.poll_event() {
                match event {
                    ShardEvent::Media(MediaEvent::Digit { digit, .. }) => {
                        self.digits.push(digit.as_char());
                    }
                    ShardEvent::Media(MediaEvent::Speech { leg, speaking }) => {
                        self.speech.push((leg, speaking));
                    }
                    _ => {}
                }
            }
        }
        self.expect_no_heap();
    }

    /// Nothing but Opus may use it.
    fn expect_no_heap(&self) {
        let is_opus = |party: &&Party| matches!(party.encoder, Encoder::Opus(_));
        match self.parties.iter().filter(is_opus).count() {
            0 => assert_eq!(self.shard.uses, 0, "the shard used the heap"),
            legs => eprintln!("{legs} legs with Opus: {} uses of the heap", self.shard.uses),
        }
    }

    /// Everyone sends what is due now.
    fn speak(&mut self) {
        for index in 0..self.parties.len() {
            let party = &mut self.parties[index];
            if party.next_ms == 0 {
                let packet = party.protects();
                let lost_percent = party.joining.lost_percent;
                let is_lost = lost_percent > 0 && self.chance.below(100) < lost_percent;
                let late_ms = self.chance.below(party.joining.jitter_ms + 1);
                party.next_ms = u64::from(party.joining.sends_ms);
                let at = self.now + Duration::from_millis(late_ms);
                // A network that delays does not overtake.
                let at = party.road.back().map_or(at, |&(before, _)| at.max(before));
                if !is_lost {
                    party.road.push_back((at, packet));
                }
            }
            party.next_ms -= 1;
            while party.road.front().is_some_and(|&(at, _)| at <= self.now) {
                let (leg, from) = (party.leg, party.address);
                let (_, mut packet) = party.road.pop_front().expect("it is there");
                self.shard.handle_packet(self.now, leg, Channel::Rtp, from, &mut packet);
            }
        }
    }

    pub(crate) fn expect_all_hear_all(&mut self, what: &str) {
        self.runs(25);
        self.parties.iter_mut().for_each(|party| party.heard.clear());
        self.runs(25);
        for listener in &self.parties {
            for speaker in self.parties.iter().filter(|speaker| speaker.leg != listener.leg) {
                let rate_hz = listener.decoder.rate().hz();
                let level = power_dbfs(&listener.heard, speaker.tone_hz, rate_hz) - SPOKEN_DBFS;
                let has_opus = [&listener.encoder, &speaker.encoder]
                    .iter()
                    .any(|encoder| matches!(encoder, Encoder::Opus(_)));
                let allowed = if has_opus { 3.0 } else { 1.0 };
                assert!(level.abs() < allowed, "{what}: {} Hz at {level:.1} dB", speaker.tone_hz);
            }
        }
    }
}

impl Party {
    /// A party whose session has been answered.
    fn new(
        (leg, address): (LegId, SocketAddr),
        tone_hz: f64,
        (joining, offer): (Joining, SessionDescription),
        session: &Session,
    ) -> Self {
        let agreed = session.agreed().expect("it was answered");
        let codec = agreed.format.codec;
        let encoder = Encoder::new(codec, SampleRate::Full, OpusWishes::NONE);
        Self {
            leg,
            address,
            tone_hz,
            sine: Sine::new(tone_hz, SPOKEN_DBFS, encoder.rate().hz()),
            is_speaking: true,
            said: VecDeque::new(),
            joining,
            offer,
            srtp: session
                .keys()
                .map(|keys| (Protector::new(&keys.ours), Unprotector::new(&keys.theirs))),
            next_ms: 0,
            road: VecDeque::new(),
            packets: Vec::new(),
            encoder,
            decoder: Decoder::new(codec, SampleRate::Full),
            header: Header {
                marker: false,
                payload_type: agreed.format.payload_type,
                sequence: 1,
                timestamp: 77,
                ssrc: leg.0 as u32,
            },
            clock_hz: codec.clock_hz(),
            heard: Vec::new(),
            events_type: agreed.telephone_event,
            takes_noise: agreed.comfort_noise.is_some(),
            key: None,
            events: Vec::new(),
        }
    }

    fn protects(&mut self) -> Vec<u8> {
        let mut packet = self.speaks();
        if let Some((protector, _)) = &mut self.srtp {
            let length = packet.len();
            packet.resize(length + OVERHEAD, 0);
            let length = protector.rtp(&mut packet, length).expect("there is room");
            packet.truncate(length);
        }
        packet
    }

    fn speaks(&mut self) -> Vec<u8> {
        let sends_ms = usize::from(self.joining.sends_ms);
        let mut samples = vec![0; self.encoder.rate().frame() * sends_ms / 20];
        if !self.said.is_empty() {
            let said = self.said.drain(..samples.len().min(self.said.len()));
            samples.iter_mut().zip(said).for_each(|(sample, said)| *sample = said);
        } else if self.is_speaking {
            self.sine.fill(&mut samples);
        }
        let mut payload = vec![0; 2000];
        let length = self.encoder.encode(&samples, &mut payload);
        self.header.sequence += 1;
        self.header.timestamp += self.clock_hz / 1000 * u32::from(self.joining.sends_ms);
        if let Some(telephone_event::Sent::Event { marker, timestamp, payload }) =
            self.key.as_mut().and_then(Sender::poll_frame)
        {
            let payload_type = self.events_type.expect("events were agreed");
            let header = Header { marker, timestamp, payload_type, ..self.header };
            return [&header.to_bytes()[..], &payload].concat();
        }
        [&self.header.to_bytes()[..], &payload[..length]].concat()
    }

    fn hears(&mut self, at: Instant, bytes: &[u8]) {
        if rtp::is_rtcp(bytes) {
            return;
        }
        let mut bytes = bytes.to_vec();
        if let Some((_, unprotector)) = &mut self.srtp {
            let length = unprotector.rtp(&mut bytes).expect("what we send is authentic");
            bytes.truncate(length);
        }
        let packet = Packet::parse(&bytes).expect("we send RTP");
        let is_noise = packet.header.payload_type == COMFORT_NOISE;
        let level = packet.payload.first().copied().filter(|_| is_noise);
        self.packets.push(Sent { at, header: packet.header, level });
        if is_noise {
            return;
        }
        if Some(packet.header.payload_type) == self.events_type {
            return self.events.extend(packet.payload.first_chunk());
        }
        assert_eq!(packet.header.payload_type, self.header.payload_type);
        let mut samples = vec![0; self.decoder.rate().frame() * 3];
        let length = self.decoder.decode(packet.payload, &mut samples).expect("whole frames");
        self.heard.extend(&samples[..length]);
    }
}
