//! The real-time side: packets and timers of all legs of one thread.
//!
//! It neither allocates nor frees in steady state: legs, rooms and requests come in allocated and
//! leave by [`ShardEvent::Retired`].

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::net::SocketAddr;

use model::{Instant, LegId, MediaEvent, RoomId, SampleRate};

use crate::coding::Coding;
use crate::command::{Channel, Retired, ShardCommand, ShardEvent, Terms};
use crate::inbound::Taken;
use crate::keys::Rekey;
use crate::leg::Leg;
use crate::legs::{Legs, Scatter};
use crate::mix;
use crate::outlet::Outlet;
use crate::room::Room;
use crate::transmits::Transmit;

/// One shard.
#[derive(Debug)]
pub struct Shard {
    legs: Legs,
    rooms: HashMap<RoomId, Room, BuildHasherDefault<Scatter>>,
    outlet: Outlet,
    dropped: u64,
    forged: u64,
}

impl Shard {
    /// An empty shard with room for `legs` legs; more make it allocate once.
    pub fn new(legs: usize) -> Self {
        Self {
            legs: Legs::with_capacity(legs),
            rooms: HashMap::with_capacity_and_hasher(2 * legs, BuildHasherDefault::default()),
            outlet: Outlet::new(legs),
            dropped: 0,
            forged: 0,
        }
    }

    /// Applies one command; late or unknown ones change nothing.
    pub fn handle_command(&mut self, now: Instant, command: ShardCommand) {
        match command {
            ShardCommand::Open(leg) => self.open(leg),
            ShardCommand::Route(room) => self.route(room),
            ShardCommand::Close { leg } => self.close(now, leg),
            ShardCommand::Settle { leg, terms, coding, rekey } => {
                self.settle(now, leg, terms, (coding, rekey));
            }
            ShardCommand::Tune { room, rate, codings } => self.tune(room, rate, codings),
            ShardCommand::Play { leg, play, list } => match self.legs.find_mut(leg) {
                Some(leg) => leg.prompts.play(play, list, &mut self.outlet.events),
                None => self.outlet.events.retire(Retired::Playlist(list)),
            },
            ShardCommand::StopPlay { leg } => {
                if let Some(leg) = self.legs.find_mut(leg) {
                    leg.prompts.stop(&mut self.outlet.events);
                }
            }
            ShardCommand::Music { leg, track } => match (self.legs.find_mut(leg), track) {
                (Some(leg), track) => leg.music.play(track, &mut self.outlet.events),
                (None, Some(track)) => self.outlet.events.retire(Retired::Track(track)),
                (None, None) => {}
            },
            ShardCommand::SendDigits { leg, digits } => match self.legs.find_mut(leg) {
                Some(leg) => leg.outbound.send_digits(digits),
                None => self.outlet.events.retire(Retired::Digits(digits)),
            },
        }
    }

    /// Takes in one packet from the network, which is decrypted where it lies.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        leg: LegId,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
    ) {
        let Some(seat) = self.legs.position(leg) else {
            self.dropped += 1;
            return;
        };
        let taken = self.take_in(now, seat, channel, source, packet);
        // What a packet puts off is asked for again with the leg's next frame.
        self.dropped += u64::from(matches!(taken, Taken::Dropped | Taken::Forged));
        self.forged += u64::from(taken == Taken::Forged);
        if taken == Taken::Audio {
            self.mix_for_listeners_of(now, seat);
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(seat) = self.legs.take_due(now) {
            let Some(leg) = self.legs.get_mut(seat) else { continue };
            self.outlet.in_hand = Some(leg.id());
            leg.handle_timeout(now, &mut self.outlet);
            if leg.clock().is_some_and(|clock| clock.due() <= now) {
                self.mix(now, seat);
            }
            self.legs.wake(seat);
        }
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        self.outlet.transmits.poll()
    }

    /// The next thing to report.
    pub fn poll_event(&mut self) -> Option<ShardEvent> {
        self.outlet.events.poll()
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

    /// Packets dropped so far: strangers', forged ones, and what is no RTP or RTCP.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Packets dropped so far that came from where the peer is and were not made with its key.
    pub const fn forged(&self) -> u64 {
        self.forged
    }

    /// Frames skipped so far, because the shard was called too late for them.
    pub const fn skipped(&self) -> u64 {
        self.outlet.skipped
    }

    /// Whom it served last: the leg to forget if that panicked.
    pub const fn in_hand(&self) -> Option<LegId> {
        self.outlet.in_hand
    }

    /// Legs it serves.
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    fn open(&mut self, leg: Box<Leg>) {
        let room = leg.room();
        match self.legs.insert(leg) {
            Ok(_) => self.find_seats(room),
            Err(known) => self.outlet.events.retire(Retired::Leg(known)),
        }
    }

    fn close(&mut self, now: Instant, leg: LegId) {
        if let Some(mut leg) = self.legs.remove(leg) {
            leg.bye(now, &mut self.outlet);
            self.retire(leg);
        }
    }

    /// Hands a leg back, and its room when it was the last one in it.
    fn retire(&mut self, leg: Box<Leg>) {
        let room = leg.room();
        self.outlet.events.retire(Retired::Leg(leg));
        if self.legs.in_room(room).next().is_some() {
            self.find_seats(room);
        } else if let Some(room) = self.rooms.remove(&room) {
            self.outlet.events.retire(Retired::Room(room));
        }
    }

    fn settle(
        &mut self,
        now: Instant,
        leg: LegId,
        terms: Terms,
        (coding, rekey): (Box<Coding>, Option<Box<Rekey>>),
    ) {
        let seat = self.legs.position(leg);
        let Some((seat, held)) = seat.and_then(|seat| Some((seat, self.legs.get_mut(seat)?)))
        else {
            self.outlet.events.retire(Retired::Coding(coding));
            return rekey
                .into_iter()
                .for_each(|keys| self.outlet.events.retire(Retired::Keys(keys)));
        };
        held.settle(now, terms, (coding, rekey), &mut self.outlet.events);
        self.legs.wake(seat);
    }

    fn tune(&mut self, room: RoomId, rate: SampleRate, mut codings: Vec<(LegId, Box<Coding>)>) {
        for leg in self.legs.in_room_mut(room) {
            leg.retune(rate);
        }
        if let Some(room) = self.rooms.get_mut(&room) {
            room.pairs.retune(rate);
        }
        for (leg, coding) in &mut codings {
            if let Some(leg) = self.legs.find_mut(*leg) {
                leg.change_coding(coding);
            }
        }
        self.outlet.events.retire(Retired::Codings(codings));
    }

    fn route(&mut self, mut room: Room) {
        let (id, age) = (room.id, room.age);
        match self.rooms.get_mut(&id) {
            Some(held) if age > held.age => {
                room.pairs.take_over(&mut held.pairs);
                let before = std::mem::replace(held, room);
                self.outlet.events.retire(Retired::Room(before));
            }
            None if self.legs.in_room(id).next().is_some() => _ = self.rooms.insert(id, room),
            _ => return self.outlet.events.retire(Retired::Room(room)),
        }
        self.find_seats(id);
        if age.is_first() {
            self.outlet.events.media(MediaEvent::Routed { room: id, version: age.version });
        }
    }

    fn find_seats(&mut self, room: RoomId) {
        if let Some(room) = self.rooms.get_mut(&room) {
            room.pairs.find_seats(&self.legs);
        }
    }

    fn take_in(
        &mut self,
        now: Instant,
        seat: usize,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
    ) -> Taken {
        let Some(leg) = self.legs.get_mut(seat) else { return Taken::Dropped };
        self.outlet.in_hand = Some(leg.id());
        leg.handle_packet(now, channel, source, packet, &mut self.outlet)
    }

    /// New sound of `speaker` lets those listeners go who waited for nothing else.
    fn mix_for_listeners_of(&mut self, now: Instant, speaker: usize) {
        let Some(leg) = self.legs.get(speaker).filter(|leg| leg.inbound.is_active()) else {
            return;
        };
        let Some(room) = self.rooms.get_mut(&leg.room()) else { return };
        for place in room.pairs.hearing(speaker) {
            let Some(listener) = room.pairs.listener_at(place) else { continue };
            let Some(leg) = self.legs.get_mut(listener) else { continue };
            let open = leg.clock().filter(|clock| clock.is_open(now)).map(|clock| clock.due());
            if open.is_some_and(|due| mix::is_ready(due, &room.pairs, &self.legs, listener)) {
                send(now, Some(room), &mut self.legs, listener, &mut self.outlet);
                self.legs.wake(listener);
            }
        }
    }

    /// Sends the next frame of one listener.
    fn mix(&mut self, now: Instant, listener: usize) {
        let Some(leg) = self.legs.get(listener) else { return };
        let room = self.rooms.get_mut(&leg.room());
        send(now, room, &mut self.legs, listener, &mut self.outlet);
    }
}

/// Mixes and sends the next frame of the listener on `seat`.
fn send(now: Instant, room: Option<&mut Room>, legs: &mut Legs, seat: usize, outlet: &mut Outlet) {
    let mut pairs = room.map(|room| &mut room.pairs);
    let arrivals = mix::mix(now, pairs.as_deref_mut(), legs, seat, &mut outlet.scratch);
    let Some(leg) = legs.get_mut(seat) else { return };
    outlet.in_hand = Some(leg.id());
    leg.frame(now, outlet);
    let length = leg.rate().frame() as i64;
    let leap = leg.clock().map_or(0, |clock| clock.follow(now, arrivals));
    if let Some(pairs) = pairs.filter(|_| leap != 0) {
        pairs.for_each_heard_by(seat, |cell, _| cell.playout.leap(leap * length));
    }
}
