//! The real-time side: packets and timers of all legs of one thread.
//!
//! It neither allocates nor frees in steady state: legs, rooms and requests come in allocated and
//! leave by [`ShardEvent::Retired`].

use std::collections::VecDeque;
use std::net::SocketAddr;

use model::{Instant, LegId, MediaEvent, RoomId};

use crate::command::{Channel, Retired, ShardCommand, ShardEvent, Transmit};
use crate::events::Events;
use crate::inbound::Taken;
use crate::leg::Leg;
use crate::legs::Legs;
use crate::mix;
use crate::room::Room;

/// One shard.
#[derive(Debug)]
pub struct Shard {
    legs: Legs,
    /// By name.
    rooms: Vec<Room>,
    transmits: VecDeque<Transmit>,
    events: Events,
    dropped: u64,
    skipped: u64,
}

impl Shard {
    /// An empty shard with room for `legs` legs; more make it allocate once.
    pub fn new(legs: usize) -> Self {
        Self {
            legs: Legs::with_capacity(legs),
            rooms: Vec::with_capacity(legs),
            transmits: VecDeque::with_capacity(2 * legs),
            events: Events::with_capacity(8 * legs),
            dropped: 0,
            skipped: 0,
        }
    }

    /// Applies one command; late or unknown ones change nothing.
    pub fn handle_command(&mut self, now: Instant, command: ShardCommand) {
        match command {
            ShardCommand::Open(leg) => self.open(leg),
            ShardCommand::Route(room) => self.route(room),
            ShardCommand::Close { leg } => self.close(now, leg),
            ShardCommand::Settle { leg, terms } => {
                if let Some(held) = self.legs.find_mut(leg) {
                    held.settle(now, terms, &mut self.events);
                }
                self.legs.wake(leg);
            }
            ShardCommand::Play { leg, play, list } => match self.legs.find_mut(leg) {
                Some(leg) => leg.prompts.play(play, list, &mut self.events),
                None => self.events.retire(Retired::Playlist(list)),
            },
            ShardCommand::StopPlay { leg } => {
                if let Some(leg) = self.legs.find_mut(leg) {
                    leg.prompts.stop(&mut self.events);
                }
            }
            ShardCommand::Music { leg, track } => match (self.legs.find_mut(leg), track) {
                (Some(leg), track) => leg.music.play(track, &mut self.events),
                (None, Some(track)) => self.events.retire(Retired::Track(track)),
                (None, None) => {}
            },
            ShardCommand::SendDigits { leg, digits } => match self.legs.find_mut(leg) {
                Some(leg) => leg.outbound.send_digits(digits),
                None => self.events.retire(Retired::Digits(digits)),
            },
        }
    }

    /// Takes in one packet from the network.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        leg: LegId,
        channel: Channel,
        source: SocketAddr,
        packet: &[u8],
    ) {
        let taken = self.take_in(now, leg, channel, source, packet);
        self.dropped += u64::from(taken == Taken::Dropped);
        self.legs.wake(leg);
        if taken == Taken::Audio {
            self.mix_for_listeners_of(now, leg);
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        for at in 0..self.legs.len() {
            if self.legs.wake_of(at) > now {
                continue;
            }
            let leg = self.legs.at(at);
            let report = leg.handle_timeout(now, &mut self.events);
            let is_due = leg.clock().is_some_and(|clock| clock.due() <= now);
            self.transmits.extend(report);
            if is_due {
                self.mix(now, at);
            }
            self.legs.wake_at(at);
        }
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next thing to report.
    pub fn poll_event(&mut self) -> Option<ShardEvent> {
        self.events.poll()
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn deadline(&self) -> Option<Instant> {
        self.legs.deadline()
    }

    /// Removes a leg by name without trusting its state, after a panic.
    pub fn forget(&mut self, leg: LegId) {
        if let Some(leg) = self.legs.remove(leg) {
            self.retire(leg);
        }
    }

    /// Packets dropped so far: strangers', and what is no RTP or RTCP.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Frames skipped so far, because the shard was called too late for them.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Legs it serves.
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    fn open(&mut self, leg: Box<Leg>) {
        if let Some(known) = self.legs.insert(leg) {
            self.events.retire(Retired::Leg(known));
        }
    }

    fn close(&mut self, now: Instant, leg: LegId) {
        if let Some(leg) = self.legs.remove(leg) {
            self.transmits.extend(leg.bye(now));
            self.retire(leg);
        }
    }

    /// Hands a leg back, and its room when it was the last one in it.
    fn retire(&mut self, leg: Box<Leg>) {
        let room = leg.room();
        self.events.retire(Retired::Leg(leg));
        if !self.legs.any_in(room)
            && let Ok(at) = self.find_room(room)
        {
            self.events.retire(Retired::Room(self.rooms.remove(at)));
        }
    }

    fn route(&mut self, mut room: Room) {
        let (id, age) = (room.id, room.age);
        match self.find_room(id) {
            Ok(at) if age > self.rooms[at].age => {
                room.take_over(&mut self.rooms[at]);
                let before = std::mem::replace(&mut self.rooms[at], room);
                self.events.retire(Retired::Room(before));
            }
            Err(at) if self.legs.any_in(id) => self.rooms.insert(at, room),
            _ => return self.events.retire(Retired::Room(room)),
        }
        if age.is_first() {
            self.events.media(MediaEvent::Routed { room: id, version: age.version });
        }
    }

    fn take_in(
        &mut self,
        now: Instant,
        leg: LegId,
        channel: Channel,
        source: SocketAddr,
        packet: &[u8],
    ) -> Taken {
        let Some(held) = self.legs.find_mut(leg) else { return Taken::Dropped };
        let Some(terms) = held.terms() else { return Taken::Dropped };
        if channel == Channel::Rtcp || rtp::is_rtcp(packet) {
            held.inbound.rtcp(now, source, packet)
        } else {
            held.inbound.rtp(now, (leg, &terms), source, packet, &mut self.events)
        }
    }

    /// New sound of `speaker` lets those listeners go who waited for nothing else.
    fn mix_for_listeners_of(&mut self, now: Instant, speaker: LegId) {
        let Some(at) = self.legs.find_mut(speaker).map(|leg| leg.room()) else { return };
        let Ok(at) = self.find_room(at) else { return };
        for cell in 0..self.rooms[at].cells.len() {
            let held = &self.rooms[at].cells[cell];
            if held.speaker != speaker || !held.is_audible() {
                continue;
            }
            let Some(listener) = self.legs.position(held.listener) else { continue };
            let is_open = self.legs.at(listener).clock().is_some_and(|clock| clock.is_open(now));
            if is_open && mix::is_ready(&self.rooms[at], &self.legs, held.listener) {
                self.mix(now, listener);
                self.legs.wake_at(listener);
            }
        }
    }

    /// Sends the next frame of one listener.
    fn mix(&mut self, now: Instant, listener: usize) {
        let leg = self.legs.at(listener);
        let (id, room) = (leg.id(), leg.room());
        let room = self.find_room(room).ok().map(|at| &mut self.rooms[at]);
        let (sum, arrivals) = mix::mix(now, room, &self.legs, id);
        let leg = self.legs.at(listener);
        self.skipped += leg.clock().map_or(0, |clock| clock.late_frames(now));
        self.transmits.extend(leg.frame(now, sum, &mut self.events));
        if let Some(clock) = leg.clock() {
            clock.follow(arrivals);
        }
    }

    fn find_room(&self, room: RoomId) -> Result<usize, usize> {
        self.rooms.binary_search_by_key(&room, |room| room.id)
    }
}
