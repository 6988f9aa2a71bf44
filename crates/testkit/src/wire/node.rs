//! The hotline's machine: the real signalling, decisions and media, joined as the engine and the
//! control task join them, without their sockets, threads and rings.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use dialplan::Plan;
use media::{
    Channel, Library, Loss, Negotiator, Retired, Shard, ShardCommand, ShardEvent, Transmit,
};
use model::{Chance, Instant, LegId, MediaCommand};
use sip::{Endpoint, Flow, ListenerId, Transport};
use switchboard::{Board, Notice, Snapshot, Switchboard};

use super::datagram::{Datagram, HOTLINE, signalling};

/// The machine.
#[derive(Debug)]
pub(crate) struct Node {
    sip: Endpoint,
    switchboard: Switchboard,
    negotiator: Negotiator,
    shard: Shard,
    /// Who holds which pair of ports.
    ports: BTreeMap<u16, LegId>,
    next_port: u16,
    /// Sources that legs' RTP sockets are connected to.
    connected: BTreeMap<LegId, SocketAddr>,
    /// Legs that a test took from their shard.
    harmed: u64,
    pub(crate) notices: Vec<(Instant, Notice)>,
    outbox: VecDeque<Datagram>,
}

impl Node {
    pub(crate) fn new(
        sip: sip::Settings,
        settings: switchboard::Settings,
        plan: Arc<Plan>,
        library: Library,
        mut chance: Chance,
    ) -> Self {
        Self {
            sip: Endpoint::new(sip, chance.split()),
            negotiator: Negotiator::new(chance.split(), Arc::new(library)),
            shard: Shard::new(LEGS),
            switchboard: Switchboard::new(settings, plan.into(), chance),
            ports: BTreeMap::new(),
            next_port: FIRST_PORT,
            connected: BTreeMap::new(),
            harmed: 0,
            notices: Vec::new(),
            outbox: VecDeque::new(),
        }
    }

    /// Takes a datagram.
    pub(crate) fn receive(&mut self, now: Instant, datagram: &Datagram) {
        let Datagram { from, to, bytes } = datagram;
        if *to == signalling(HOTLINE) {
            let flow = Flow { listener: ListenerId(0), transport: Transport::Udp, remote: *from };
            self.sip.handle_input(now, sip::Input::Message { flow, bytes: bytes.clone() });
        } else if let Some(&leg) = self.ports.get(&(to.port() & !1)) {
            let is_rtp = to.port().is_multiple_of(2);
            let channel = if is_rtp { Channel::Rtp } else { Channel::Rtcp };
            if !is_rtp || self.connected.get(&leg).is_none_or(|source| source == from) {
                self.shard.handle_packet(now, leg, channel, *from, &mut bytes.to_vec());
            }
        }
        self.drain(now);
    }

    /// When [`Self::handle_timeout`] is wanted.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let all = [self.sip.deadline(), self.switchboard.deadline(), self.shard.deadline()];
        all.into_iter().flatten().min()
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let is_due = |deadline: Option<Instant>| deadline.is_some_and(|due| due <= now);
        if is_due(self.sip.deadline()) {
            self.sip.handle_input(now, sip::Input::Timeout);
        }
        if is_due(self.switchboard.deadline()) {
            self.switchboard.handle_input(now, switchboard::Input::Timeout);
        }
        if is_due(self.shard.deadline()) {
            self.shard.handle_timeout(now);
        }
        self.drain(now);
    }

    /// What it sends.
    pub(crate) fn poll_datagram(&mut self) -> Option<Datagram> {
        self.outbox.pop_front()
    }

    /// The shard hangs, and another takes its place with the sockets that there are, as the control
    /// task does it.
    pub(crate) fn replace_shard(&mut self, now: Instant) {
        self.shard = Shard::new(LEGS);
        let legs: Vec<LegId> = self.ports.values().copied().collect();
        self.revive(now, &legs, Loss::Shard);
    }

    /// A panic takes one leg from its shard, which goes on.
    pub(crate) fn lose_media(&mut self, now: Instant, port: u16) {
        let Some(&leg) = self.ports.get(&port) else { return };
        self.shard.forget(leg);
        while self.shard.poll_event().is_some() {}
        self.revive(now, &[leg], Loss::Leg);
    }

    fn revive(&mut self, now: Instant, legs: &[LegId], loss: Loss) {
        self.harmed += legs.len() as u64;
        for leg in legs {
            self.connected.remove(leg);
        }
        self.negotiator.revive(legs, loss);
        self.drain_negotiator(now, None);
        self.drain(now);
    }

    /// How much there is of everything.
    pub(crate) fn board(&self) -> Board {
        self.switchboard.board()
    }

    /// What the live board shows.
    pub(crate) fn snapshot(&self, now: Instant) -> Snapshot {
        self.switchboard.snapshot(now)
    }

    /// What is still held, by whom; empty when nothing of any call is left.
    pub(crate) fn holdings(&self) -> Vec<String> {
        let nothing = Board { healed: self.harmed, ..Board::default() };
        let idle = [
            (self.board() == nothing, format!("switchboard {:?}", self.board())),
            (self.sip.legs() == 0, format!("sip {} legs", self.sip.legs())),
            (self.sip.transactions() == 0, format!("sip {} transactions", self.sip.transactions())),
            (self.shard.legs() == 0, format!("shard {} legs", self.shard.legs())),
            (self.ports.is_empty(), format!("{} ports", self.ports.len())),
            (format!("{:?}", self.negotiator) == NOBODY, format!("{:?}", self.negotiator)),
        ];
        idle.into_iter().filter(|(is_idle, _)| !is_idle).map(|(_, held)| held).collect()
    }

    /// Lets every part do what the others want of it, until all are done.
    fn drain(&mut self, now: Instant) {
        while self.drain_signalling(now) | self.drain_decisions(now) | self.drain_media(now) {}
    }

    fn drain_signalling(&mut self, now: Instant) -> bool {
        let mut any = false;
        while let Some(output) = self.sip.poll_output() {
            any = true;
            match output {
                sip::Output::Transmit { flow, bytes }
                | sip::Output::Respond { flow, bytes, .. } => {
                    let from = signalling(HOTLINE);
                    self.outbox.push_back(Datagram { from, to: flow.remote, bytes });
                }
                sip::Output::Event(event) => {
                    self.switchboard.handle_input(now, switchboard::Input::Leg(event));
                }
                sip::Output::CloseFlow { .. } | sip::Output::LookUp(_) => {}
            }
        }
        any
    }

    fn drain_decisions(&mut self, now: Instant) -> bool {
        let mut any = false;
        while let Some(output) = self.switchboard.poll_output() {
            any = true;
            match output {
                switchboard::Output::Leg(command) => {
                    self.sip.handle_input(now, sip::Input::Command(command));
                }
                switchboard::Output::Media(command) => self.media_command(now, command),
                other => self.note(now, other),
            }
        }
        any
    }

    /// What is for boards and records only.
    fn note(&mut self, now: Instant, output: switchboard::Output) {
        if let switchboard::Output::Notice(notice) = output {
            self.notices.push((now, notice));
        }
    }

    fn media_command(&mut self, now: Instant, command: MediaCommand) {
        let opening = matches!(command, MediaCommand::Open { .. });
        let port = opening.then(|| self.free_port());
        self.negotiator.handle_command(now, command, port);
        self.drain_negotiator(now, port);
    }

    /// Does what the control side wants; what is opened for the first time takes the `port`.
    fn drain_negotiator(&mut self, now: Instant, mut port: Option<u16>) {
        while let Some(output) = self.negotiator.poll_output() {
            match output {
                media::Output::Event(event) => {
                    self.switchboard.handle_input(now, switchboard::Input::Media(event));
                }
                media::Output::Shard { command, .. } => {
                    if let (ShardCommand::Open(leg), Some(port)) = (&command, port.take()) {
                        self.ports.insert(port, leg.id());
                    }
                    self.shard.handle_command(now, command);
                }
            }
        }
    }

    fn drain_media(&mut self, now: Instant) -> bool {
        let mut any = false;
        while let Some(transmit) = self.shard.poll_transmit() {
            self.outbox.extend(datagram(&self.ports, &transmit));
        }
        while let Some(event) = self.shard.poll_event() {
            any = true;
            match event {
                ShardEvent::Media(event) => {
                    self.negotiator.note_event(&event);
                    self.switchboard.handle_input(now, switchboard::Input::Media(event));
                }
                ShardEvent::Locked { leg, source } => {
                    self.connected.insert(leg, source.0);
                }
                ShardEvent::Unlocked { leg } => {
                    self.connected.remove(&leg);
                }
                ShardEvent::Retired(Retired::Leg(leg)) => {
                    self.connected.remove(&leg.id());
                    self.ports.retain(|_, holder| *holder != leg.id());
                }
                ShardEvent::Retired(_) => {}
            }
        }
        any
    }

    /// The next pair that nobody holds: a pair rests while all others have their turn.
    fn free_port(&mut self) -> u16 {
        loop {
            let port = self.next_port;
            self.next_port = if port >= LAST_PORT { FIRST_PORT } else { port + 2 };
            if !self.ports.contains_key(&port) {
                return port;
            }
        }
    }
}

/// A shard's packet as it leaves the port of its leg.
fn datagram(ports: &BTreeMap<u16, LegId>, transmit: &Transmit<'_>) -> Option<Datagram> {
    let (&port, _) = ports.iter().find(|(_, leg)| **leg == transmit.leg)?;
    let port = if transmit.channel == Channel::Rtp { port } else { port + 1 };
    let from = SocketAddr::new(HOTLINE, port);
    Some(Datagram { from, to: transmit.to, bytes: transmit.bytes().to_vec().into() })
}

const LEGS: usize = 64;
const FIRST_PORT: u16 = 20_000;
const LAST_PORT: u16 = 60_000;
/// How a negotiator without legs prints.
const NOBODY: &str = "Negotiator(0 legs, 0 rooms)";
