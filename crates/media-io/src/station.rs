//! One [`media::Shard`] with its sockets: carries datagrams and commands in, datagrams and events
//! out. Runs on the shard's thread: no heap, no lock, no log once a leg is open.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use media::{Channel, Leg, Retired, Seat, Shard, ShardCommand, ShardEvent, Source, TextLine};
use model::{Instant, LegId, MediaEvent};
use os::Poller;

use crate::counters::{Count, Counted, Tally};
use crate::legs::{Legs, Token};
use crate::link::ShardLink;
use crate::sockets::LegSockets;

/// What the control task sends to a shard's thread.
pub(crate) enum ToShard {
    /// Take this leg in, with its sockets.
    Open(Box<Leg>, Box<LegSockets>),
    /// Give this leg a line of text, with its sockets.
    OpenText(LegId, Box<TextLine>, Box<LegSockets>),
    /// Anything else the negotiator wants.
    Command(ShardCommand),
    /// End the thread.
    Stop,
    /// Break while serving this leg.
    #[cfg(test)]
    Harm(LegId, fn()),
}

/// What a shard's thread sends to the control task.
pub(crate) enum FromShard {
    /// For the switchboard.
    Event(MediaEvent),
    /// A leg that is over, with its sockets and those of its text: to be freed, and their ports to
    /// rest.
    Leg(Box<Leg>, [Option<Box<LegSockets>>; 2]),
    /// A line of text that nobody wants, with its sockets.
    Line(Box<TextLine>, Option<Box<LegSockets>>),
    /// Other memory to be freed.
    Retired(Retired),
}

/// Whether a shard's thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// It goes on.
    Running,
    /// It was told to stop.
    Stopped,
}

/// A shard and everything it reaches the world by.
pub(crate) struct Station {
    shard: Shard,
    legs: Legs,
    poller: Poller,
    link: ShardLink<ToShard, FromShard>,
    tally: Arc<Tally>,
    counted: Counted,
    datagram: [u8; LONGEST],
}

impl Station {
    /// A shard with room for `legs` legs.
    pub(crate) fn new(
        legs: usize,
        poller: Poller,
        link: ShardLink<ToShard, FromShard>,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            shard: Shard::new(legs),
            legs: Legs::new(legs),
            poller,
            link,
            tally,
            counted: Counted::default(),
            datagram: [0; LONGEST],
        }
    }

    /// What is ready is found by this.
    pub(crate) const fn poller(&self) -> &Poller {
        &self.poller
    }

    /// When [`Station::handle_timeout`] is wanted next.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let retry = self.link.is_full().then(|| now + RETRY);
        [self.shard.deadline(), retry].into_iter().flatten().min()
    }

    /// Applies the commands that wait.
    pub(crate) fn handle_commands(&mut self, now: Instant) -> Course {
        while let Ok(message) = self.link.from_control.pop() {
            match message {
                ToShard::Open(leg, sockets) => self.open(now, leg, sockets),
                ToShard::OpenText(leg, line, sockets) => self.open_text(now, leg, line, sockets),
                ToShard::Command(command) => self.command(now, command),
                ToShard::Stop => return Course::Stopped,
                #[cfg(test)]
                ToShard::Harm(leg, harm) => {
                    guarded(&mut self.shard, &self.tally, Some(leg), |_| harm());
                }
            }
            self.transmit();
            self.report();
        }
        Course::Running
    }

    /// Datagrams are about to be received that may have waited.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.shard.look_behind(now);
    }

    /// Receives one datagram of the leg in `slot`, and sends what follows from it.
    pub(crate) fn receive(&mut self, now: Instant, slot: usize, channel: Channel) {
        let Some(slot) = self.legs.at(slot) else { return };
        let (seat, of_leg) = (slot.seat, slot.channel(channel));
        self.shard.bring_near(seat);
        match slot.sockets.receive(channel, &mut self.datagram) {
            Ok((length, source)) => self.packet(now, seat, of_leg, source, length),
            Err(error) => self.count_receive_error(&error),
        }
    }

    /// Does what is due, and sends what follows from it.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let due = self.shard.deadline().filter(|&deadline| deadline <= now);
        if let Some(deadline) = due {
            let late = now.since(deadline) >= LATE;
            self.tally.add(Count::Late, u64::from(late));
            // What the timeout has not done, the next one does.
            guarded(&mut self.shard, &self.tally, None, |shard| shard.handle_timeout(now));
            self.transmit();
        }
        self.report();
    }

    /// Whether the control task has put another thread in this one's place.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.link.from_control.is_abandoned()
    }

    /// Sends events to the control task; at the end of each turn.
    pub(crate) fn flush(&mut self, now: Instant) {
        self.report();
        self.tally.take_over(&self.shard, &mut self.counted);
        self.tally.add(Count::Stalled, u64::from(self.link.flush(now)));
    }

    fn open(&mut self, now: Instant, mut leg: Box<Leg>, sockets: Box<LegSockets>) {
        let id = leg.id();
        // There are as many slots as port pairs, and the negotiator opens a leg once.
        let slot = self.legs.insert(id, sockets).ok();
        if let Some(slot) = slot {
            leg.set_socket(slot as u32);
            self.watch(slot);
        }
        guarded(&mut self.shard, &self.tally, Some(id), |shard| {
            shard.handle_command(now, ShardCommand::Open(leg));
        });
        let slot = slot.and_then(|slot| self.legs.at_mut(slot));
        if let (Some(slot), Some(seat)) = (slot, self.shard.seat(id)) {
            slot.seat = seat;
        }
    }

    fn open_text(
        &mut self,
        now: Instant,
        leg: LegId,
        mut line: Box<TextLine>,
        sockets: Box<LegSockets>,
    ) {
        // As for `open`: there is room, and the negotiator opens it once.
        if let Ok(slot) = self.legs.insert_text(leg, sockets) {
            line.set_socket(slot as u32);
            self.watch(slot);
        }
        self.command(now, ShardCommand::OpenText { leg, line });
    }

    fn watch(&self, slot: usize) {
        let Some(leg) = self.legs.at(slot) else { return };
        for channel in [Channel::Rtp, Channel::Rtcp] {
            let token = Token::Socket(slot, channel).to_number();
            // Fails only for want of kernel memory: then the leg is deaf, and ends as a quiet one.
            let watched = self.poller.add(&leg.sockets.descriptor(channel), token);
            self.tally.add(Count::ReceiveFailed, u64::from(watched.is_err()));
        }
    }

    fn command(&mut self, now: Instant, command: ShardCommand) {
        let leg = leg_of(&command);
        guarded(&mut self.shard, &self.tally, leg, |shard| shard.handle_command(now, command));
    }

    fn packet(
        &mut self,
        now: Instant,
        leg: Seat,
        channel: Channel,
        source: SocketAddr,
        length: usize,
    ) {
        self.tally.add(Count::Received, 1);
        let Self { shard, tally, datagram, .. } = self;
        guarded(shard, tally, None, |shard| {
            shard.handle_packet(now, leg, channel, source, &mut datagram[..length]);
        });
        self.transmit();
    }

    fn transmit(&mut self) {
        // The stream of a thread that hung goes on elsewhere.
        if self.is_abandoned() {
            return;
        }
        while let Some(packet) = self.shard.poll_transmit() {
            let slot = self.legs.at(packet.socket as usize).filter(|slot| slot.leg == packet.leg);
            let Some(slot) = slot else { continue };
            let count = match slot.sockets.send(packet.channel, packet.to, packet.bytes()) {
                Ok(()) => Count::Sent,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => Count::PeerRefused,
                Err(_) => Count::SendFailed,
            };
            self.tally.add(count, 1);
        }
    }

    fn count_receive_error(&self, error: &io::Error) {
        match error.kind() {
            // Nothing there: another read was faster, or the datagram's checksum was wrong.
            ErrorKind::WouldBlock | ErrorKind::Interrupted => {}
            ErrorKind::ConnectionRefused => self.tally.add(Count::PeerRefused, 1),
            _ => self.tally.add(Count::ReceiveFailed, 1),
        }
    }

    /// Passes events on while the ring has room; the others wait in the shard.
    fn report(&mut self) {
        let Self { shard, legs, poller, link, tally, .. } = self;
        link.send_all(|| {
            loop {
                match shard.poll_event()? {
                    ShardEvent::Media(event) => return Some(FromShard::Event(event)),
                    ShardEvent::Locked { leg, source } => lock(legs, tally, leg, Some(source)),
                    ShardEvent::Unlocked { leg } => lock(legs, tally, leg, None),
                    ShardEvent::Retired(Retired::Leg(leg)) => {
                        let sockets = legs.remove(leg.id());
                        let of_text = legs.remove_text(leg.id());
                        let sockets = [sockets, of_text].map(|one| unwatched(poller, one));
                        return Some(FromShard::Leg(leg, sockets));
                    }
                    ShardEvent::Retired(Retired::Line(leg, line)) => {
                        let sockets = unwatched(poller, legs.remove_text(leg));
                        return Some(FromShard::Line(line, sockets));
                    }
                    ShardEvent::Retired(retired) => return Some(FromShard::Retired(retired)),
                }
            }
        });
    }
}

/// Runs `handle`; if it panics, the leg concerned is given up and all others go on: the one a
/// command names, else the one that was being served, which need not be the one a packet is of.
fn guarded(shard: &mut Shard, tally: &Tally, leg: Option<LegId>, handle: impl FnOnce(&mut Shard)) {
    if catch_unwind(AssertUnwindSafe(|| handle(shard))).is_err() {
        tally.add(Count::Panicked, 1);
        if let Some(leg) = leg.or(shard.in_hand()) {
            shard.forget(leg);
        }
    }
}

/// Whom a command concerns.
fn leg_of(command: &ShardCommand) -> Option<LegId> {
    match command {
        ShardCommand::Open(leg) => Some(leg.id()),
        ShardCommand::Settle { leg, .. }
        | ShardCommand::Play { leg, .. }
        | ShardCommand::StopPlay { leg }
        | ShardCommand::Music { leg, .. }
        | ShardCommand::SendDigits { leg, .. }
        | ShardCommand::OpenText { leg, .. }
        | ShardCommand::SettleText { leg, .. }
        | ShardCommand::Show { leg, .. }
        | ShardCommand::Close { leg } => Some(*leg),
        ShardCommand::Route(_) | ShardCommand::Tune { .. } | ShardCommand::Share { .. } => None,
    }
}

/// Lets the leg's RTP socket hear `source` only, or everybody.
fn lock(legs: &mut Legs, tally: &Tally, leg: LegId, source: Option<Source>) {
    let Some(sockets) = legs.of(leg) else { return };
    let locked = sockets.lock(Channel::Rtp, source.map(|Source(address)| address));
    // Not fatal: the shard itself refuses other sources too, the kernel only does it sooner.
    tally.add(Count::ReceiveFailed, u64::from(locked.is_err()));
}

/// Sockets whose datagrams are no longer waited for.
fn unwatched(poller: &Poller, sockets: Option<Box<LegSockets>>) -> Option<Box<LegSockets>> {
    let sockets = sockets?;
    for channel in [Channel::Rtp, Channel::Rtcp] {
        // A descriptor the poller does not know needs no removal.
        let _ = poller.remove(&sockets.descriptor(channel));
    }
    Some(sockets)
}

/// A datagram longer than this is cut, and then refused as malformed.
const LONGEST: usize = 2048;
/// A deadline met later than this is counted.
const LATE: std::time::Duration = std::time::Duration::from_millis(2);
/// How soon a full ring is tried again.
const RETRY: std::time::Duration = std::time::Duration::from_millis(1);
