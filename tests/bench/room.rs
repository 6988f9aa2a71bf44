//! Rooms in the pure shard: no socket, no thread, and a clock that is an argument.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ::media::{Channel, Library, Negotiator, Output, Seat, Shard};
use model::{Chance, Instant, LegId, MediaCommand, MediaPolicy};
use os::Arrival;

use crate::engine::{everyone_hears_everyone, opening};
use crate::load::Load;
use crate::party::{Heard, PACKET_TIME, Party};
use crate::voice::{SAMPLE, Voice};

/// The rooms of a load with their parties, on a virtual clock.
pub(crate) struct Room {
    load: Load,
    negotiator: Negotiator,
    shard: Shard,
    pub(crate) parties: Vec<Party>,
    /// Parties in the order of their phases, and where the shard has their legs.
    order: Vec<usize>,
    seats: Vec<Seat>,
    voice: Voice,
    chance: Chance,
    /// Wake-ups of the shard are this far apart; zero is one for each packet.
    quantum: Duration,
}

impl Room {
    /// Rooms whose parties send at random phases, and have that policy.
    pub(crate) fn new(load: Load, policy: MediaPolicy, quantum: Duration, seed: u64) -> Self {
        let mut chance = Chance::from_number(seed);
        let phases: Vec<u64> = (0..load.participants()).map(|_| chance.below(20_000_000)).collect();
        let party =
            |number| Party::new(number, address(number), Duration::from_nanos(phases[number]));
        let mut order: Vec<usize> = (0..load.participants()).collect();
        order.sort_by_key(|&number| phases[number]);
        let mut room = Self {
            load,
            negotiator: Negotiator::new(chance.split(), Arc::new(Library::default())),
            shard: Shard::new(load.participants()),
            parties: (0..load.participants()).map(party).collect(),
            order,
            seats: Vec::new(),
            voice: Voice::new(),
            chance,
            quantum,
        };
        for number in 0..load.participants() {
            room.command(opening(&load, number, address(number), policy));
        }
        let seat = |number| room.shard.seat(LegId(number as u64)).expect("it was opened");
        room.seats = (0..load.participants()).map(seat).collect();
        for first in (0..load.participants()).step_by(load.parties_per_room) {
            room.command(everyone_hears_everyone(&load, first));
        }
        room
    }

    /// Every party sends that many packets more.
    pub(crate) fn run(&mut self, packets: usize) {
        for _ in 0..packets {
            for at in 0..self.order.len() {
                let number = |ahead| self.order[(at + ahead) % self.order.len()];
                self.shard.bring_near(|ahead| Some(self.seats[number(ahead)]));
                self.send(self.order[at]);
            }
        }
    }

    /// What was heard until now does not count.
    pub(crate) fn begin(&mut self) {
        self.parties.iter_mut().for_each(|party| party.heard = Heard::default());
    }

    fn command(&mut self, command: MediaCommand) {
        self.negotiator.handle_command(START, command, Some(address(0).port()));
        while let Some(output) = self.negotiator.poll_output() {
            if let Output::Shard { command, .. } = output {
                self.shard.handle_command(START, command);
            }
        }
    }

    /// The next packet of one party comes in, after everything that is due before.
    fn send(&mut self, number: usize) {
        let count = self.parties[number].sent;
        let at = START + PACKET_TIME * count as u32 + self.parties[number].phase;
        let (payload, burst) = self.voice.frame(&self.load, number, count, &mut self.chance);
        if let Some(first) = burst {
            for listener in self.load.room_of(number).filter(|&listener| listener != number) {
                self.parties[listener].heard.await_burst(at + SAMPLE * first as u32);
            }
        }
        let mut packet = self.parties[number].packet(&payload);
        let now = self.wake(at);
        while let Some(due) = self.shard.deadline().map(|due| self.wake(due)).filter(|&d| d < now) {
            self.shard.handle_timeout(due);
            self.deliver(due);
        }
        let source = address(number);
        self.shard.handle_packet(now, self.seats[number], Channel::Rtp, source, &mut packet);
        self.deliver(now);
    }

    /// When the shard wakes for what happens at `at`.
    fn wake(&self, at: Instant) -> Instant {
        let quantum = self.quantum.as_nanos().max(1) as u64;
        Instant::from_nanos(at.as_nanos().div_ceil(quantum) * quantum)
    }

    fn deliver(&mut self, now: Instant) {
        while let Some(packet) = self.shard.poll_transmit() {
            let party = &mut self.parties[packet.leg.0 as usize];
            let (length, source) = (packet.bytes().len(), packet.to);
            party.heard.datagram(Arrival { length, source, at: now }, packet.bytes());
        }
        while self.shard.poll_event().is_some() {}
    }
}

fn address(number: usize) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, 1), 10_000 + 2 * number as u16).into()
}

const START: Instant = Instant::from_nanos(5_000_000_000);
