//! The real-time side: packets and timers of all legs of one thread.
//!
//! It neither allocates nor frees in steady state: legs, rooms and requests come in allocated and
//! leave by [`ShardEvent::Retired`].

use std::net::SocketAddr;
use std::time::Duration;

use audio::NoiseSuppressor;
use model::{Instant, LegId, MediaEvent, Pii, RoomId, SampleRate};

use crate::coding::Coding;
use crate::command::{Channel, Retired, ShardCommand, ShardEvent, Terms};
use crate::inbound::Taken;
use crate::keys::Rekey;
use crate::leg::{Company, Leg};
use crate::legs::{Legs, Seat};
use crate::mix;
use crate::outlet::Outlet;
use crate::pairs::Pairs;
use crate::room::{Form, Room};
use crate::rooms::Rooms;
use crate::text::{self, TextLine, TextTerms};
use crate::transmits::Transmit;

/// One shard.
#[derive(Debug)]
pub struct Shard {
    legs: Legs,
    rooms: Rooms,
    outlet: Outlet,
    /// How many lines of text it was given, so that a shard without any has no work with them.
    lines: u64,
    dropped: u64,
    malformed: u64,
    forged: u64,
}

impl Shard {
    /// An empty shard with room for `legs` legs; more make it allocate once. To be made in the
    /// thread that drives it, which is prepared for all that its legs may want.
    pub fn new(legs: usize) -> Self {
        NoiseSuppressor::prepare_thread();
        Self {
            legs: Legs::with_capacity(legs),
            rooms: Rooms::with_capacity(legs),
            outlet: Outlet::new(legs),
            lines: 0,
            dropped: 0,
            malformed: 0,
            forged: 0,
        }
    }

    /// Applies one command; late or unknown ones change nothing.
    pub fn handle_command(&mut self, now: Instant, command: ShardCommand) {
        self.outlet.in_hand = None;
        match command {
            ShardCommand::Open(leg) => self.open(now, leg),
            ShardCommand::Route(room) => self.route(now, room),
            ShardCommand::Close { leg } => self.close(now, leg),
            ShardCommand::Settle { leg, terms, coding, rekey } => {
                self.settle(now, leg, terms, (coding, rekey));
            }
            ShardCommand::Tune { room, rate, codings } => self.tune(room, rate, codings),
            ShardCommand::Share { room, mut editions } => {
                if let Some(room) = self.rooms.get_mut(room) {
                    room.share(&mut editions);
                }
                self.outlet.events.retire(Retired::Editions(editions));
            }
            ShardCommand::Play { leg, play, list } => match self.legs.find_mut(leg) {
                Some(leg) => leg.prompts().play(play, list, &mut self.outlet.events),
                None => self.outlet.events.retire(Retired::Playlist(list)),
            },
            ShardCommand::StopPlay { leg } => {
                if let Some(leg) = self.legs.find_mut(leg) {
                    leg.prompts().stop(&mut self.outlet.events);
                }
            }
            ShardCommand::Music { leg, track } => match (self.legs.find_mut(leg), track) {
                (Some(leg), track) => leg.music().play(track, &mut self.outlet.events),
                (None, Some(track)) => self.outlet.events.retire(Retired::Track(track)),
                (None, None) => {}
            },
            ShardCommand::SendDigits { leg, digits } => match self.legs.find_mut(leg) {
                Some(leg) => leg.outbound.send_digits(digits),
                None => self.outlet.events.retire(Retired::Digits(digits)),
            },
            ShardCommand::OpenText { leg, line } => self.open_text(leg, line),
            ShardCommand::SettleText { leg, terms, rekey } => self.settle_text(leg, terms, rekey),
            ShardCommand::Show { leg, text } => self.show(now, leg, text),
            ShardCommand::Announce { leg, text } => self.announce(now, leg, text),
        }
    }

    /// Where a leg sits, for as long as it is here.
    pub fn seat(&self, leg: LegId) -> Option<Seat> {
        self.legs.position(leg).map(|number| Seat::new(leg, number))
    }

    /// How many packets ahead [`Self::bring_near`] looks.
    pub const AHEAD: usize = 3;

    /// Packets are about to be handled; `upcoming` says for which leg, after so many others. To be
    /// asked before each. Of a thousand legs each is far from the processor when its turn comes: so
    /// a leg, then what it leads to, then what that leads to come near while the packets before its
    /// own are handled.
    pub fn bring_near(&self, upcoming: impl Fn(usize) -> Option<Seat>) {
        let leg = |ahead| self.legs.probably(upcoming(ahead)?);
        if let Some(leg) = leg(Self::AHEAD) {
            leg.bring_near();
        }
        if let Some(leg) = leg(2) {
            leg.bring_belongings_near();
            self.rooms.probably(leg).into_iter().for_each(simd::bring_near);
        }
        if let Some(leg) = leg(1) {
            leg.bring_decoder_near();
            if let Some(Form::Pairs(pairs)) = self.rooms.probably(leg).map(|room| &room.form) {
                pairs.bring_near();
            }
        }
    }

    /// Takes in one packet from the network, which is decrypted where it lies.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        leg: impl Into<Seat>,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
    ) {
        let Some(seat) = self.legs.position_near(leg.into()) else {
            self.dropped += 1;
            return;
        };
        self.bring_listeners_near(seat);
        let taken = self.take_in(now, seat, channel, source, packet);
        // What a packet puts off is asked for again with the leg's next frame.
        match taken {
            Taken::Audio if !self.outlet.is_behind => self.mix_for_listeners_of(now, seat),
            Taken::Text => self.relay(now, seat),
            Taken::Audio | Taken::Other => {}
            Taken::Strange | Taken::Excess => self.dropped += 1,
            Taken::Malformed => {
                (self.dropped, self.malformed) = (self.dropped + 1, self.malformed + 1)
            }
            Taken::Forged => (self.dropped, self.forged) = (self.dropped + 1, self.forged + 1),
        }
    }

    /// Looks how late it is, before packets are taken in that may have waited. Behind its time it
    /// takes them in and does no more: no listener is sent anything before its frame is due, and no
    /// sound is searched for its like.
    pub fn look_behind(&mut self, now: Instant) {
        self.outlet.is_behind = self.deadline().is_some_and(|due| now.since(due) >= BEHIND);
        if self.outlet.is_behind {
            self.outlet.scratch.effort.spend(now);
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.look_behind(now);
        while let Some(seat) = self.legs.take_due(now) {
            let Some(leg) = self.legs.get_mut(seat) else { continue };
            self.outlet.serve(leg.id());
            leg.release(now, &mut self.outlet);
            if let Some(Form::Shared(shared)) = self.rooms.form_of(leg) {
                shared.handle_timeout(now, &mut self.legs, &mut self.outlet);
                shared.wake_member(seat, &mut self.legs);
                continue;
            }
            leg.handle_timeout(now, &mut self.outlet);
            if leg.clock().is_some_and(|clock| clock.due() <= now) {
                self.mix(now, seat);
            }
            self.legs.wake(seat);
        }
        self.outlet.is_behind = false;
        while let Some(leg) = self.outlet.written.pop() {
            if let Some(seat) = self.legs.position(leg) {
                self.relay(now, seat);
            }
        }
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        self.outlet.transmits.poll()
    }

    /// By whose sockets the packet will go that comes after `ahead` others.
    pub fn upcoming_transmit(&self, ahead: usize) -> Option<u32> {
        self.outlet.transmits.upcoming(ahead)
    }

    /// The next thing to report.
    pub fn poll_event(&mut self) -> Option<ShardEvent> {
        self.outlet.events.poll()
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn deadline(&self) -> Option<Instant> {
        self.legs.deadline()
    }

    /// Removes a leg by name without trusting its state, after a panic, and says so.
    pub fn forget(&mut self, leg: LegId) {
        if self.remove(leg) {
            self.outlet.events.media(MediaEvent::Lost { leg });
        }
    }

    /// Packets dropped so far: strangers', malformed and forged ones, and those of a flood.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Packets dropped so far that are no RTP or RTCP, or of no use to their codec.
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Packets dropped so far that came from where the peer is and were not made with its key.
    pub const fn forged(&self) -> u64 {
        self.forged
    }

    /// Frames skipped so far, because the shard was called too late for them.
    pub const fn skipped(&self) -> u64 {
        self.outlet.skipped
    }

    /// Frames encoded so far: fewer than were sent, where listeners hear the same.
    pub const fn encoded(&self) -> u64 {
        self.outlet.scratch.workbench.encoded
    }

    /// Whom it served last: the leg to forget if that panicked.
    pub const fn in_hand(&self) -> Option<LegId> {
        self.outlet.in_hand
    }

    /// A test's own way to break it: it panics when it serves `leg` for the `nth` time from now, in
    /// whatever it does then.
    #[cfg(feature = "harm")]
    pub const fn harm(&mut self, leg: LegId, nth: u32) {
        self.outlet.harm = Some((leg, nth));
    }

    /// Legs it serves.
    pub fn legs(&self) -> usize {
        self.legs.len()
    }

    /// Rooms in which they hear each other.
    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    fn open(&mut self, now: Instant, leg: Box<Leg>) {
        let room = leg.room();
        match self.legs.insert(leg) {
            Ok(seat) => match self.rooms.form(room) {
                Some(Form::Pairs(pairs)) => pairs.find_seats(&self.legs),
                Some(Form::Shared(shared)) => shared.join(now, seat, &mut self.legs),
                None => {}
            },
            Err(known) => self.outlet.events.retire(Retired::Leg(known)),
        }
    }

    fn close(&mut self, now: Instant, leg: LegId) {
        if let Some(leg) = self.legs.find_mut(leg) {
            leg.bye(now, &mut self.outlet);
        }
        self.part(leg);
        self.remove(leg);
    }

    /// Those who hear a leg keep its last sound, which then fades.
    fn part(&mut self, leg: LegId) {
        let Some(seat) = self.legs.position(leg) else { return };
        let Some(leg) = self.legs.get(seat) else { return };
        if let Some(Form::Pairs(pairs)) = self.rooms.form(leg.room()) {
            pairs.part(seat, &leg.inbound.reception);
        }
    }

    /// Lets a leg go; whether it was here.
    fn remove(&mut self, leg: LegId) -> bool {
        let Some(seat) = self.legs.position(leg) else { return false };
        let room = self.legs.get(seat).map(Leg::room);
        if let Some(Form::Shared(shared)) = room.and_then(|room| self.rooms.form(room)) {
            shared.leave(seat, &mut self.legs);
        }
        if let Some(leg) = self.legs.remove(leg) {
            self.retire(leg);
        }
        true
    }

    /// Hands a leg back, and its room when it was the last one in it.
    fn retire(&mut self, leg: Box<Leg>) {
        let room = leg.room();
        self.outlet.events.retire(Retired::Leg(leg));
        if self.legs.in_room(room).next().is_none() {
            let room = self.rooms.remove(room);
            room.into_iter().for_each(|room| self.outlet.events.retire(Retired::Room(room)));
        } else if let Some(Form::Pairs(pairs)) = self.rooms.form(room) {
            pairs.find_seats(&self.legs);
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
        let room = held.room();
        // A shared room has its legs' instants in its own hands.
        if !matches!(self.rooms.form(room), Some(Form::Shared(_))) {
            self.legs.wake(seat);
        }
    }

    fn open_text(&mut self, id: LegId, line: Box<TextLine>) {
        match self.legs.find_mut(id) {
            Some(leg) if leg.text.is_none() => {
                leg.text = Some(line);
                self.lines += 1;
            }
            _ => self.outlet.events.retire(Retired::Line(id, line)),
        }
    }

    fn settle_text(&mut self, id: LegId, terms: Option<TextTerms>, rekey: Option<Box<Rekey>>) {
        let events = &mut self.outlet.events;
        let seat = self.legs.position(id);
        let leg = seat.and_then(|seat| Some((seat, self.legs.get_mut(seat)?.text.as_mut()?)));
        let Some((seat, line)) = leg else {
            return rekey.into_iter().for_each(|keys| events.retire(Retired::Keys(keys)));
        };
        line.settle(terms, rekey, events);
        let form = form_at(&mut self.rooms, &self.legs, seat);
        text::wake(seat, form, &mut self.legs);
    }

    /// Shows what the party of `leg` wrote elsewhere.
    fn show(&mut self, now: Instant, leg: LegId, text: Pii<String>) {
        if let Some(seat) = self.legs.position(leg) {
            let form = form_at(&mut self.rooms, &self.legs, seat);
            text::show(now, seat, text.reveal(), form, &mut self.legs);
        }
        self.outlet.events.retire(Retired::Text(text));
    }

    /// Shows the party of `leg` what it is told.
    fn announce(&mut self, now: Instant, leg: LegId, text: Pii<String>) {
        if let Some(seat) = self.legs.position(leg) {
            if let Some(line) = self.legs.get_mut(seat).and_then(|leg| leg.text.as_mut()) {
                line.announce(now, text.reveal());
            }
            let form = form_at(&mut self.rooms, &self.legs, seat);
            text::wake(seat, form, &mut self.legs);
        }
        self.outlet.events.retire(Retired::Text(text));
    }

    /// Shows what the party on `seat` has written.
    fn relay(&mut self, now: Instant, seat: usize) {
        let form = form_at(&mut self.rooms, &self.legs, seat);
        text::relay(now, seat, form, &mut self.legs, &mut self.outlet.events);
    }

    fn tune(&mut self, room: RoomId, rate: SampleRate, mut codings: Vec<(LegId, Box<Coding>)>) {
        for leg in self.legs.in_room_mut(room) {
            leg.retune(rate);
        }
        if let Some(room) = self.rooms.get_mut(room) {
            room.retune(rate, &mut self.legs, &mut self.outlet.scratch.workbench);
        }
        for (leg, coding) in &mut codings {
            if let Some(leg) = self.legs.find_mut(*leg) {
                leg.change_coding(coding);
            }
        }
        self.outlet.events.retire(Retired::Codings(codings));
    }

    fn route(&mut self, now: Instant, mut room: Room) {
        let (id, age) = (room.id, room.age);
        if self.lines > 0 {
            let form = self.rooms.form(id).map(|form| &*form);
            text::cut(now, id, form, &mut self.legs, &mut self.outlet.events);
        }
        match self.rooms.get_mut(id) {
            Some(held) if age > held.age => {
                let workbench = &mut self.outlet.scratch.workbench;
                room.take_over(now, held, &mut self.legs, workbench);
                let before = std::mem::replace(held, room);
                self.outlet.events.retire(Retired::Room(before));
            }
            None if self.legs.in_room(id).next().is_some() => {
                room.gather(now, &mut self.legs);
                self.rooms.insert(room);
            }
            _ => return self.outlet.events.retire(Retired::Room(room)),
        }
        if let Some(Form::Pairs(pairs)) = self.rooms.form(id) {
            pairs.find_seats(&self.legs);
        }
        if age.is_first() {
            self.outlet.events.media(MediaEvent::Routed { room: id, version: age.version });
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
        let Some(leg) = self.legs.get_mut(seat) else { return Taken::Strange };
        self.outlet.serve(leg.id());
        leg.handle_packet(now, channel, source, packet, &mut self.outlet)
    }

    /// Those who hear the leg on `seat` are asked next, whether they wait for it.
    fn bring_listeners_near(&self, seat: usize) {
        let room = self.legs.get(seat).and_then(|leg| self.rooms.probably(leg));
        if let Some(Form::Pairs(pairs)) = room.map(|room| &room.form) {
            let listeners = pairs.hearing(seat).filter_map(|place| pairs.listener_at(place));
            listeners.filter_map(|seat| self.legs.get(seat)).for_each(Leg::bring_clock_near);
        }
    }

    /// New sound of `speaker` lets those listeners go who waited for nothing else.
    fn mix_for_listeners_of(&mut self, now: Instant, speaker: usize) {
        let leg = self.legs.get_mut(speaker).filter(|leg| leg.inbound.is_active());
        let Some(leg) = leg else { return };
        let pairs = match self.rooms.form_of(leg) {
            Some(Form::Pairs(pairs)) => pairs,
            Some(Form::Shared(shared)) => {
                return shared.hear(now, speaker, &mut self.legs, &mut self.outlet);
            }
            None => return,
        };
        for place in pairs.hearing(speaker) {
            let Some(listener) = pairs.listener_at(place) else { continue };
            let Some(leg) = self.legs.get_mut(listener) else { continue };
            let open = leg.clock().filter(|clock| clock.is_open(now)).map(|clock| clock.due());
            let Some(due) = open else { continue };
            leg.bring_way_out_near();
            leg.bring_coding_near();
            if mix::is_ready(due, pairs, &self.legs, listener) {
                send(now, Some(pairs), &mut self.legs, listener, &mut self.outlet);
                self.legs.wake(listener);
            }
        }
    }

    /// Sends the next frame of one listener.
    fn mix(&mut self, now: Instant, listener: usize) {
        let Some(leg) = self.legs.get_mut(listener) else { return };
        let pairs = match self.rooms.form_of(leg) {
            Some(Form::Pairs(pairs)) => Some(pairs),
            _ => None,
        };
        send(now, pairs, &mut self.legs, listener, &mut self.outlet);
    }
}

/// How the room of the leg on `seat` is mixed.
fn form_at<'r>(rooms: &'r mut Rooms, legs: &Legs, seat: usize) -> Option<&'r Form> {
    rooms.form(legs.get(seat)?.room()).map(|form| &*form)
}

/// Mixes and sends the next frame of the listener on `seat`.
fn send(
    now: Instant,
    mut pairs: Option<&mut Pairs>,
    legs: &mut Legs,
    seat: usize,
    outlet: &mut Outlet,
) {
    if let Some(pairs) = &pairs {
        pairs.bring_sound_near(seat, legs);
    }
    let arrivals = mix::mix(now, pairs.as_deref_mut(), legs, seat, &mut outlet.scratch);
    let Some(leg) = legs.get_mut(seat) else { return };
    outlet.serve(leg.id());
    let skipped = leg.clock().map_or(0, |clock| clock.late_frames(now).cast_signed());
    let company = pairs.as_deref_mut().map_or(Company::Nobody, |pairs| pairs.company(leg));
    leg.frame(now, company, outlet);
    let length = leg.rate().frame() as i64;
    let leap = leg.clock().map_or(0, |clock| skipped + clock.follow(now, arrivals));
    if let Some(pairs) = pairs.filter(|_| leap != 0) {
        pairs.for_each_heard_by(seat, |cell, _| cell.playout.leap(leap * length));
    }
}

/// By how much the earliest frame is late that leaves a shard more to do than time.
const BEHIND: Duration = Duration::from_millis(5);
