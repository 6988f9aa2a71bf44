//! Simulated peers around a negotiator and a shard, on a virtual clock and a seeded network.
//!
//! A party speaks a tone of its own in real RTP bytes, and what it hears is probed tone by tone.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use audio::codec::{Decoder, Encoder};
use audio::tone::{Sine, power_dbfs};
use media::{Channel, Library, Negotiator, Output, Shard, ShardEvent};
use model::{
    Chance, Codec, Codecs, Digit, Direction, Gain, Instant, LegId, MediaCommand, MediaEvent,
    MediaPolicy, OpusWishes, OwnAddress, PlayId, Prompt, RoomId, Route, SampleRate,
    SessionDescription, SrtpPolicy,
};
use rtp::rtcp::{Item, items};
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use rtp::telephone_event::{Sender, Sent};
use rtp::{Header, Packet};
use sdp::{Local, Session};

pub(crate) const ROOM: RoomId = RoomId(1);
pub(crate) const FRAME: usize = 160;
/// Louder than any tone.
pub(crate) const BURST: i16 = 20_000;
/// Above this a tone counts as heard, below [`UNHEARD_DBFS`] as not.
pub(crate) const HEARD_DBFS: f64 = -20.0;
pub(crate) const UNHEARD_DBFS: f64 = -60.0;

/// A shard with its peers.
pub(crate) struct Bench {
    pub(crate) negotiator: Negotiator,
    pub(crate) shard: Shard,
    pub(crate) now: Instant,
    pub(crate) parties: Vec<Party>,
    pub(crate) events: Vec<(Instant, MediaEvent)>,
    /// Locks and unlocks, in order: whether it was a lock.
    pub(crate) locks: Vec<(LegId, bool)>,
    pub(crate) retired: usize,
    pub(crate) chance: Chance,
    /// Of packets to the shard.
    pub(crate) loss_percent: u64,
    pub(crate) jitter: Duration,
    network: BTreeMap<(Instant, u64), Datagram>,
    posted: u64,
    version: u64,
}

/// A datagram on its way to the shard.
type Datagram = (LegId, Channel, SocketAddr, Vec<u8>);

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
    sine: Sine,
    payload_type: u8,
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

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_library(Library::default())
    }

    pub(crate) fn with_library(library: Library) -> Self {
        Self {
            negotiator: Negotiator::new(Chance::from_number(1), Arc::new(library)),
            shard: Shard::new(16),
            now: Instant::ZERO + Duration::from_secs(5),
            parties: Vec::new(),
            events: Vec::new(),
            locks: Vec::new(),
            retired: 0,
            chance: Chance::from_number(2),
            loss_percent: 0,
            jitter: Duration::ZERO,
            network: BTreeMap::new(),
            posted: 0,
            version: 0,
        }
    }

    /// A party of its own tone offers and is answered; it speaks from now on.
    pub(crate) fn joins(&mut self, tone_hz: f64) -> usize {
        self.joins_with(tone_hz, SrtpPolicy::Off)
    }

    /// The same with samples as they are: what it hears is what was mixed.
    pub(crate) fn joins_uncoded(&mut self, tone_hz: f64) -> usize {
        self.joins_by(tone_hz, SrtpPolicy::Off, Codec::L16(SampleRate::Narrow))
    }

    /// The same with encryption as both want it.
    pub(crate) fn joins_with(&mut self, tone_hz: f64, srtp: SrtpPolicy) -> usize {
        self.joins_by(tone_hz, srtp, Codec::Pcmu)
    }

    fn joins_by(&mut self, tone_hz: f64, srtp: SrtpPolicy, codec: Codec) -> usize {
        let index = self.parties.len();
        let mut party = Party::new(index, tone_hz, (srtp, codec), &mut self.chance);
        party.next_send = self.now + Duration::from_nanos(self.chance.below(20_000_000));
        let offer = model::SessionDescription::received(
            party.session.make_offer().bytes(),
            party.address.ip(),
        );
        let leg = party.leg;
        self.parties.push(party);
        let (offer, quiet_after) = (Some(offer), Duration::from_secs(15));
        let codecs = Codecs::new([codec]);
        let policy = MediaPolicy { srtp, codecs, ..MediaPolicy::default() };
        let own = OwnAddress::direct(Ipv4Addr::new(192, 0, 2, 100).into());
        self.command(MediaCommand::Open { leg, room: ROOM, offer, own, policy, quiet_after });
        self.take_answer(index);
        index
    }

    /// Hands the description the negotiator made last to the party.
    pub(crate) fn take_answer(&mut self, index: usize) {
        let Some((_, MediaEvent::Ready { description: Some(answer), .. })) = self.events.pop()
        else {
            panic!("an answer was due: {:?}", self.events.last());
        };
        let party = &mut self.parties[index];
        let agreed = party.session.accept_answer(&answer).expect("our answer serves");
        party.payload_type = agreed.format.payload_type;
        party.rekey();
    }

    pub(crate) fn command(&mut self, command: MediaCommand) {
        self.negotiator.handle_command(self.now, command, Some(20_000));
        while let Some(output) = self.negotiator.poll_output() {
            match output {
                Output::Event(event) => self.events.push((self.now, event)),
                Output::Shard { command, .. } => self.shard.handle_command(self.now, command),
            }
        }
        self.drain();
    }

    /// The party sends a re-INVITE.
    pub(crate) fn reoffers(&mut self, index: usize, offer: SessionDescription) {
        let leg = self.parties[index].leg;
        self.command(MediaCommand::Reoffer { leg, offer: Some(offer) });
    }

    /// Who hears whom from the next frame on, as (listener, speaker).
    pub(crate) fn routes(&mut self, pairs: &[(usize, usize)]) {
        let leg = |index: usize| self.parties[index].leg;
        let route = |&(listener, speaker): &(usize, usize)| {
            Route::new(leg(listener), leg(speaker), Gain::UNITY)
        };
        let routes = pairs.iter().map(route).collect();
        self.route(routes);
    }

    /// The whole matrix from the next frame on.
    pub(crate) fn route(&mut self, routes: Vec<Route>) {
        self.version += 1;
        self.command(MediaCommand::Route { room: ROOM, version: self.version, routes });
    }

    /// Everyone hears all others, but for `except`.
    pub(crate) fn confers(&mut self, except: Vec<Route>) {
        self.version += 1;
        self.command(MediaCommand::Confer { room: ROOM, version: self.version, except });
    }

    pub(crate) fn plays(&mut self, index: usize, play: u64, prompts: &[&str]) {
        let prompts = prompts.iter().map(|name| Prompt::signal(*name)).collect();
        let leg = self.parties[index].leg;
        self.command(MediaCommand::Play { leg, play: PlayId(play), prompts });
    }

    pub(crate) fn runs_ms(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some(next) = self.next_instant().filter(|&next| next <= end) {
            self.now = self.now.max(next);
            self.deliver();
            for index in 0..self.parties.len() {
                if self.parties[index].next_send <= self.now {
                    self.send(index);
                }
            }
            self.deliver();
            if self.shard.deadline().is_some_and(|due| due <= self.now) {
                self.shard.handle_timeout(self.now);
            }
            self.drain();
        }
        self.now = end;
    }

    /// The party describes its silence and sends nothing more.
    pub(crate) fn describes_silence(&mut self, index: usize, level: u8) {
        let party = &mut self.parties[index];
        party.is_silent = true;
        let packet = [&party.comfort_header().to_bytes()[..], &[level]].concat();
        let (leg, source) = (party.leg, party.address);
        self.injects(leg, Channel::Rtp, source, &packet);
    }

    /// A datagram from anywhere, now.
    pub(crate) fn injects(
        &mut self,
        leg: LegId,
        channel: Channel,
        source: SocketAddr,
        bytes: &[u8],
    ) {
        self.shard.handle_packet(self.now, leg, channel, source, &mut bytes.to_vec());
        self.drain();
    }

    /// Everyone hears exactly these tones in what it hears in the next 400 ms, after 200 ms for
    /// the change: per listener the speakers.
    pub(crate) fn expect_exactly(&mut self, heard: &[&[usize]]) {
        self.runs_ms(200);
        let from: Vec<_> = self.parties.iter().map(|party| party.samples.len()).collect();
        self.runs_ms(400);
        for (listener, speakers) in heard.iter().enumerate() {
            let samples = &self.parties[listener].samples[from[listener]..];
            for speaker in 0..self.parties.len() {
                let level = power_dbfs(samples, self.parties[speaker].tone_hz, 8000);
                if speakers.contains(&speaker) {
                    assert!(level > HEARD_DBFS, "{listener} must hear {speaker}: {level:.0} dBFS");
                } else {
                    assert!(level < UNHEARD_DBFS, "{listener} hears {speaker}: {level:.0} dBFS");
                }
            }
        }
    }

    /// Keeps the memory of a long test flat.
    pub(crate) fn forgets_what_was_heard(&mut self) {
        for party in &mut self.parties {
            party.heard.clear();
            party.samples.clear();
            party.wire.clear();
        }
    }

    /// The events of one leg that `select` picks.
    pub(crate) fn of<T>(
        &self,
        leg: usize,
        select: impl Fn(&MediaEvent) -> Option<(LegId, T)>,
    ) -> Vec<T> {
        let leg = self.parties[leg].leg;
        let picked = self.events.iter().filter_map(|(_, event)| select(event));
        picked.filter(|(of, _)| *of == leg).map(|(_, what)| what).collect()
    }

    pub(crate) fn digits_of(&self, leg: usize) -> String {
        let digits = self.of(leg, |event| match event {
            MediaEvent::Digit { leg, digit } => Some((*leg, digit.as_char())),
            _ => None,
        });
        digits.into_iter().collect()
    }

    pub(crate) fn quiets_of(&self, leg: usize) -> Vec<u64> {
        self.of(leg, |event| match event {
            MediaEvent::Quiet { leg, silent_for } => Some((*leg, silent_for.as_secs())),
            _ => None,
        })
    }

    fn next_instant(&self) -> Option<Instant> {
        let sends = self.parties.iter().filter(|party| party.is_sending);
        let sends = sends.map(|party| party.next_send);
        let arrival = self.network.keys().next().map(|&(at, _)| at);
        sends.chain(arrival).chain(self.shard.deadline()).min()
    }

    pub(crate) fn send(&mut self, index: usize) {
        let party = &mut self.parties[index];
        party.next_send += Duration::from_nanos(party.interval_nanos);
        if party.is_silent {
            party.timestamp = party.timestamp.wrapping_add(FRAME as u32);
        }
        if !party.is_sending || party.is_silent {
            return;
        }
        let packet = party.next_packet();
        if let Some(event) = party.event_beside() {
            let (leg, source) = (party.leg, party.address);
            self.injects(leg, Channel::Rtp, source, &event);
        }
        let party = &self.parties[index];
        let (leg, source) = (party.leg, party.address);
        if self.chance.below(100) < self.loss_percent {
            return;
        }
        let jitter = self.chance.below(self.jitter.as_nanos() as u64 + 1);
        self.posted += 1;
        let arrival = self.now + Duration::from_nanos(jitter);
        self.network.insert((arrival, self.posted), (leg, Channel::Rtp, source, packet));
    }

    pub(crate) fn deliver(&mut self) {
        while let Some(entry) = self.network.first_entry().filter(|entry| entry.key().0 <= self.now)
        {
            let (leg, channel, source, mut bytes) = entry.remove();
            self.shard.handle_packet(self.now, leg, channel, source, &mut bytes);
            self.drain();
        }
    }

    pub(crate) fn drain(&mut self) {
        while let Some(transmit) = self.shard.poll_transmit() {
            let party = self.parties.iter_mut().find(|party| party.leg == transmit.leg);
            let party = party.expect("only our legs send");
            match transmit.channel {
                Channel::Rtp if !rtp::is_rtcp(transmit.bytes()) => {
                    party.hears(self.now, transmit.to, transmit.bytes());
                }
                _ => party.reads(transmit.bytes()),
            }
        }
        while let Some(event) = self.shard.poll_event() {
            match event {
                ShardEvent::Media(event) => self.events.push((self.now, event)),
                ShardEvent::Locked { leg, .. } => self.locks.push((leg, true)),
                ShardEvent::Unlocked { leg } => self.locks.push((leg, false)),
                ShardEvent::Retired(_) => self.retired += 1,
            }
        }
    }
}

impl Party {
    fn new(
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
    fn event_beside(&mut self) -> Option<Vec<u8>> {
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

    fn reads(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if let Some((_, unprotector)) = &mut self.srtp {
            let length = unprotector.rtcp(&mut bytes).expect("what we send is authentic");
            bytes.truncate(length);
        }
        self.reports.extend(items(&bytes));
    }

    fn hears(&mut self, at: Instant, to: SocketAddr, bytes: &[u8]) {
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

/// An offer written by hand: the payload types of its audio and the lines behind them.
pub(crate) fn offer(version: u64, audio: &str) -> String {
    format!(
        "v=0\r\no=- 0 {version} IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=audio 4000 RTP/AVP {audio}\r\n"
    )
}

/// µ-law and keys as events.
pub(crate) const WITH_EVENTS: &str = "0 101\r\na=rtpmap:101 telephone-event/8000";

/// A library whose recordings are tones: name, frequency, milliseconds.
pub(crate) fn library(prompts: &[(&str, f64, usize)], music: &[(&str, f64, usize)]) -> Library {
    let tone = |hz: f64, millis: usize| {
        let mut samples = vec![0; millis * 8];
        Sine::new(hz, -16.0, 8000).fill(&mut samples);
        samples
    };
    let mut library = Library::default();
    for &(name, hz, millis) in prompts {
        library.insert(Prompt::signal(name), tone(hz, millis));
    }
    for &(name, hz, millis) in music {
        library.insert_music(name.into(), tone(hz, millis));
    }
    library
}

/// A description like the party's own, but held in `direction` as the party says it.
pub(crate) fn direction_of(bench: &Bench, leg: usize) -> Option<Direction> {
    let facts = bench.of(leg, |event| match event {
        MediaEvent::Ready { leg, facts, .. } => Some((*leg, *facts)),
        _ => None,
    });
    facts.last().copied().flatten().map(|facts| facts.direction)
}
