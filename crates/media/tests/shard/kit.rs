//! Simulated peers around a negotiator and a shard, on a virtual clock and a seeded network.
//!
//! A party speaks a tone of its own in real RTP bytes, and what it hears is probed tone by tone.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use audio::tone::power_dbfs;
use media::{Bound, Channel, Library, Negotiator, Output, ShardEvent};
use model::{
    Chance, Codec, Codecs, Direction, Gain, Instant, LegId, MediaCommand, MediaEvent, MediaPolicy,
    OwnAddress, PlayId, Prompt, RoomId, Route, SampleRate, SessionDescription, SrtpPolicy,
    TextPolicy,
};

use crate::party::Party;

use crate::guard::RealTime;

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
    pub(crate) shard: RealTime,
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

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_library(Library::default())
    }

    pub(crate) fn with_library(library: Library) -> Self {
        Self {
            negotiator: Negotiator::new(Chance::from_number(1), Arc::new(library)),
            shard: RealTime::new(64),
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
        let party = Party::new(index, tone_hz, (srtp, codec), &mut self.chance);
        let codecs = Codecs::new([codec]);
        self.enters(party, MediaPolicy { srtp, codecs, ..MediaPolicy::default() });
        index
    }

    /// A party offers and is answered by `policy`.
    pub(crate) fn enters(&mut self, mut party: Party, policy: MediaPolicy) {
        let index = self.parties.len();
        party.next_send = self.now + Duration::from_nanos(self.chance.below(20_000_000));
        let offer = model::SessionDescription::received(
            party.session.make_offer().bytes(),
            party.address.ip(),
        );
        let leg = party.leg;
        self.parties.push(party);
        let (offer, quiet_after) = (Some(offer), Duration::from_secs(15));
        let own = OwnAddress::direct(Ipv4Addr::new(192, 0, 2, 100).into());
        self.command(MediaCommand::Open { leg, room: ROOM, offer, own, policy, quiet_after });
        self.take_answer(index);
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
        party.pen.settle(&party.session);
    }

    pub(crate) fn command(&mut self, command: MediaCommand) {
        let text = self.negotiator.text_place(&command).map(|_| 20_002);
        let bound = Bound { audio: Some(20_000), text };
        self.negotiator.handle_command(self.now, command, bound);
        self.carry();
    }

    /// Does what the negotiator wants.
    pub(crate) fn carry(&mut self) {
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
        self.command(MediaCommand::Reoffer { leg, offer: Some(offer), text: TextPolicy::Accepted });
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
            self.write();
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
                let tone_hz = self.parties[speaker].tone_hz;
                if speakers.contains(&speaker) {
                    let level = level_dbfs(samples, tone_hz);
                    assert!(level > HEARD_DBFS, "{listener} must hear {speaker}: {level:.0} dBFS");
                } else {
                    let level = power_dbfs(samples, tone_hz, 8000);
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
                Channel::Text => party.pen.reads(self.now, transmit.bytes()),
                Channel::Rtp if !rtp::is_rtcp(transmit.bytes()) => {
                    party.hears(self.now, transmit.to, transmit.bytes());
                }
                _ => party.reads(transmit.bytes()),
            }
        }
        while let Some(event) = self.shard.poll_event() {
            match event {
                ShardEvent::Media(event) => {
                    self.negotiator.note_event(&event);
                    self.events.push((self.now, event));
                }
                ShardEvent::Locked { leg, .. } => self.locks.push((leg, true)),
                ShardEvent::Unlocked { leg } => self.locks.push((leg, false)),
                ShardEvent::Retired(_) => self.retired += 1,
            }
        }
        assert_eq!(self.shard.uses, 0, "the shard used the heap");
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

/// A description like the party's own, but held in `direction` as the party says it.
pub(crate) fn direction_of(bench: &Bench, leg: usize) -> Option<Direction> {
    let facts = bench.of(leg, |event| match event {
        MediaEvent::Ready { leg, facts, .. } => Some((*leg, *facts)),
        _ => None,
    });
    facts.last().copied().flatten().map(|facts| facts.direction)
}

/// The level of a tone, whatever its phase does: a listener that sheds its delay hears it a little
/// faster for a while, and over a longer time it would not stay in step with itself.
fn level_dbfs(samples: &[i16], tone_hz: f64) -> f64 {
    let parts: Vec<_> = samples.chunks_exact(2 * FRAME).collect();
    let powers = parts.iter().map(|part| 10_f64.powf(power_dbfs(part, tone_hz, 8000) / 10.0));
    10.0 * (powers.sum::<f64>() / parts.len() as f64).log10()
}
