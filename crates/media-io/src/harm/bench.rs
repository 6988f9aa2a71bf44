//! A station with its control task's part and its parties' sockets, one step after the other on a
//! clock of its own.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use audio::g711::{self, Law};
use media::{Bound as Ports, Channel, Library, Negotiator, Output, ShardCommand};
use model::{
    Chance, Gain, Instant, LegId, MediaCommand, MediaEvent, MediaPolicy, OwnAddress, RoomId, Route,
    SessionDescription,
};
use os::{Poller, Wake};
use rtp::{Header, Packet};

use super::support::{header, offer};
use super::{Harm, LOOPBACK};
use crate::counters::Tally;
use crate::link::{Ends, Link, link};
use crate::sockets::Bound;
use crate::station::{FromShard, Station, ToShard};

const ROOM: RoomId = RoomId(1);
/// So many parties talk; all others say nothing.
pub(super) const TALKERS: u64 = 4;
const FRAME: usize = 160;
/// Samples by which what is heard comes later than it was said at most.
const LATEST: usize = 5 * FRAME;

/// A station with its control task's part, and who talks through it.
pub(super) struct Bench {
    pub(super) station: Station,
    control: Link<ToShard, FromShard>,
    negotiator: Negotiator,
    pub(super) tally: Arc<Tally>,
    pub(super) now: Instant,
    pub(super) parties: Vec<Party>,
    /// Legs that came back with their sockets, and those that were said to be lost.
    pub(super) returned: Vec<LegId>,
    pub(super) lost: Vec<LegId>,
}

pub(super) struct Party {
    pub(super) leg: LegId,
    socket: UdpSocket,
    engine: SocketAddr,
    voice: Chance,
    next: Header,
    pub(super) said: Vec<i16>,
    pub(super) heard: Vec<i16>,
    pub(super) numbers: Vec<u16>,
}

/// How everyone hears everyone else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mixed {
    /// Each pair by itself.
    Pairwise,
    /// All in one, as in rooms of many.
    AtOnce,
}

impl Mixed {
    pub(super) const fn parties(self) -> u64 {
        match self {
            Self::Pairwise => TALKERS,
            Self::AtOnce => 9,
        }
    }
}

impl Bench {
    pub(super) fn new(first_port: u16, mixed: Mixed) -> Self {
        let news = Wake::new().expect("an eventfd").waker();
        let Ends { control, shard, .. } = link(256, news).expect("an eventfd");
        let (poller, tally) = (Poller::new().expect("a poller"), Arc::<Tally>::default());
        let station = Station::new(mixed.parties() as usize, poller, shard, Arc::clone(&tally));
        let negotiator = Negotiator::new(Chance::from_number(1), Arc::new(Library::default()));
        let now = Instant::ZERO + Duration::from_secs(9);
        let (parties, returned, lost) = (Vec::new(), Vec::new(), Vec::new());
        let mut bench = Self { station, control, negotiator, tally, now, parties, returned, lost };
        (0..mixed.parties()).for_each(|place| bench.joins(place, first_port));
        let legs = bench.parties.iter().map(|party| party.leg).collect::<Vec<_>>();
        let pairs = legs.iter().flat_map(|&one| legs.iter().map(move |&other| (one, other)));
        let route = |(listener, speaker)| Route::new(listener, speaker, Gain::UNITY);
        let routes = pairs.filter(|(one, other)| one != other).map(route).collect();
        bench.command(
            match mixed {
                Mixed::Pairwise => MediaCommand::Route { room: ROOM, version: 1, routes },
                Mixed::AtOnce => MediaCommand::Confer { room: ROOM, version: 1, except: vec![] },
            },
            None,
        );
        bench
    }

    fn joins(&mut self, place: u64, first_port: u16) {
        let mut ports = crate::ports::Ports::new(
            first_port..=first_port + 199,
            Duration::ZERO,
            Chance::from_number(place),
        );
        let pairs = std::iter::from_fn(|| ports.take(Instant::ZERO));
        let bound = pairs.filter_map(|pair| Bound::new(LOOPBACK, pair).ok()).next();
        let bound = Arc::new(bound.expect("one of many pairs is free"));
        let engine = SocketAddr::new(LOOPBACK, bound.pair.rtp());
        let socket = UdpSocket::bind((LOOPBACK, 0)).expect("a socket on loopback");
        socket.set_nonblocking(true).expect("a socket of our own");
        let own = socket.local_addr().expect("bound");
        let leg = LegId(place + 1);
        let open = MediaCommand::Open {
            leg,
            room: ROOM,
            offer: Some(SessionDescription::received(offer(own), LOOPBACK)),
            own: OwnAddress::direct(LOOPBACK),
            policy: MediaPolicy::default(),
            quiet_after: Duration::from_secs(15),
        };
        self.command(open, Some(&bound));
        let (voice, next) = (Chance::from_number(leg.0), header(leg.0 as u32));
        let [said, heard] = [(); 2].map(|()| Vec::new());
        let numbers = Vec::new();
        self.parties.push(Party { leg, socket, engine, voice, next, said, heard, numbers });
    }

    /// What the control task does.
    fn command(&mut self, command: MediaCommand, bound: Option<&Arc<Bound>>) {
        let audio = bound.map(|bound| bound.pair.rtp());
        self.negotiator.handle_command(self.now, command, Ports { audio, text: None });
        while let Some(output) = self.negotiator.poll_output() {
            if let Output::Shard { command, .. } = output {
                self.control.send(match command {
                    ShardCommand::Open(leg) => {
                        ToShard::Open(leg, Arc::clone(bound.expect("it is opened with its port")))
                    }
                    command => ToShard::Command(command),
                });
            }
        }
        self.tell();
    }

    pub(super) fn harm(&mut self, leg: LegId, nth: u32) {
        self.control.send(ToShard::Harm(leg, Harm::Serving(nth)));
        self.tell();
    }

    fn tell(&mut self) {
        self.control.flush(self.now);
        self.station.handle_commands(self.now);
    }

    /// Everyone sends a packet; all are received before the first is handled.
    pub(super) fn runs(&mut self, frames: usize) {
        for _ in 0..frames {
            self.parties.iter_mut().for_each(Party::speaks);
            self.station.begin(self.now);
            (0..self.parties.len()).for_each(|slot| self.station.receive(slot, Channel::Rtp));
            self.station.take_in(self.now);
            for _ in 0..20 {
                self.now += Duration::from_millis(1);
                self.station.handle_timeout(self.now);
                self.station.flush(self.now);
            }
            self.parties.iter_mut().for_each(Party::hears);
            while let Some(message) = self.control.receive() {
                match message {
                    FromShard::Event(MediaEvent::Lost { leg }) => self.lost.push(leg),
                    FromShard::Leg(leg, [Some(_), _]) => self.returned.push(leg.id()),
                    _ => {}
                }
            }
        }
    }
}

impl Party {
    fn speaks(&mut self) {
        let loudest = if self.leg.0 <= TALKERS { 4_000 } else { 0 };
        let samples =
            [(); FRAME].map(|()| self.voice.below(2 * loudest + 1) as i16 - loudest as i16);
        self.said.extend(samples);
        let mut payload = [0; FRAME];
        g711::encode(Law::A, &samples, &mut payload);
        let packet = [&self.next.to_bytes()[..], &payload].concat();
        self.socket.send_to(&packet, self.engine).expect("loopback takes it");
        self.next.sequence += 1;
        self.next.timestamp += FRAME as u32;
    }

    fn hears(&mut self) {
        let mut datagram = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut datagram) {
            let packet = Packet::parse(&datagram[..length]).ok();
            let sound = packet.filter(|_| !rtp::is_rtcp(&datagram[..length]));
            let Some(packet) = sound else { continue };
            let mut samples = vec![0; packet.payload.len()];
            g711::decode(Law::A, packet.payload, &mut samples);
            self.heard.extend(samples);
            self.numbers.push(packet.header.sequence);
        }
    }

    /// How much of each frame that `voice` said is heard, where that is least: of one that was left
    /// out, doubled or concealed nothing is, since noise is like nothing else.
    pub(super) fn hears_at_least(&self, voice: &Self) -> f64 {
        let part = |later: usize, frame: usize| {
            let said = &voice.said[frame * FRAME..][..FRAME];
            let heard = &self.heard[frame * FRAME + later..][..FRAME];
            product(said, heard) / product(said, said)
        };
        let frames = voice.said.len() / FRAME - LATEST / FRAME - 1;
        let later = (0..LATEST).max_by(|&one, &other| part(one, 0).total_cmp(&part(other, 0)));
        (0..frames).map(|frame| part(later.unwrap_or_default(), frame)).fold(1.0, f64::min)
    }
}

fn product(one: &[i16], other: &[i16]) -> f64 {
    one.iter().zip(other).map(|(&one, &other)| f64::from(one) * f64::from(other)).sum()
}
