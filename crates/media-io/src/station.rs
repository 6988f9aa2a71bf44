//! One [`media::Shard`] with its sockets: carries datagrams and commands in, datagrams and events
//! out. Runs on the shard's thread: no heap, no lock, no log once a leg is open.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use media::{Channel, Leg, Retired, Shard, ShardCommand, ShardEvent, Source, TextLine};
use model::{Instant, LegId, MediaEvent};
use os::Poller;

use crate::batch::{Batch, Datagram};
use crate::counters::{Count, Counted, Tally};
#[cfg(test)]
use crate::harm::Harm;
use crate::legs::{Legs, Token};
use crate::link::ShardLink;
use crate::sockets::Bound;

/// What the control task sends to a shard's thread.
pub(crate) enum ToShard {
    /// Take this leg in, with its sockets.
    Open(Box<Leg>, Arc<Bound>),
    /// Give this leg a line of text, with its sockets.
    OpenText(LegId, Box<TextLine>, Arc<Bound>),
    /// This leg's RTCP has a socket of its own, if it had none before.
    OpenRtcp(LegId),
    /// Anything else the negotiator wants.
    Command(ShardCommand),
    /// End the thread.
    Stop,
    /// Break while serving this leg.
    #[cfg(test)]
    Harm(LegId, Harm),
}

/// What a shard's thread sends to the control task.
pub(crate) enum FromShard {
    /// For the switchboard.
    Event(MediaEvent),
    /// A leg that is over, with its sockets and those of its text: to be freed, and their ports to
    /// rest.
    Leg(Box<Leg>, [Option<Arc<Bound>>; 2]),
    /// A line of text that nobody wants, with its sockets.
    Line(Box<TextLine>, Option<Arc<Bound>>),
    /// Other memory to be freed.
    Retired(Retired),
}

impl FromShard {
    /// Whether somebody waits for it. What is only to be freed goes along with the next news, or is
    /// found at the next sweep.
    const fn is_news(&self) -> bool {
        matches!(self, Self::Event(_))
    }
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
    batch: Batch,
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
            batch: Batch::with_capacity(READY_AT_ONCE),
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

    /// The thread wants to sleep until `until`; whether it may, as no command waits.
    pub(crate) fn sleeps(&self, until: Instant) -> bool {
        self.link.sleeps(until)
    }

    /// Applies the commands that wait.
    pub(crate) fn handle_commands(&mut self, now: Instant) -> Course {
        while let Ok(message) = self.link.from_control.pop() {
            match message {
                ToShard::Open(leg, sockets) => self.open(now, leg, sockets),
                ToShard::OpenText(leg, line, sockets) => self.open_text(now, leg, line, sockets),
                ToShard::OpenRtcp(leg) => self.open_rtcp(leg),
                ToShard::Command(command) => self.command(now, command),
                ToShard::Stop => return Course::Stopped,
                #[cfg(test)]
                ToShard::Harm(leg, Harm::Command(harm)) => {
                    guarded(&mut self.shard, &self.tally, Some(leg), |_| harm());
                }
                #[cfg(test)]
                ToShard::Harm(leg, Harm::Serving(nth)) => self.shard.harm(leg, nth),
                #[cfg(test)]
                ToShard::Harm(_, Harm::Thread) => return Course::Stopped,
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

    /// A few packets later, one of the leg in `slot` will be received.
    pub(crate) fn expect(&self, slot: usize) {
        self.legs.bring_near(slot);
    }

    /// Receives one datagram of the leg in `slot`, for [`Self::take_in`]. What there is no room for
    /// waits in the kernel.
    pub(crate) fn receive(&mut self, slot: usize, channel: Channel) {
        let Self { legs, batch, tally, .. } = self;
        let Some(slot) = legs.at_mut(slot) else { return };
        let whose = (slot.seat, channel);
        while let Some(room) = batch.room() {
            match slot.sockets.receive(channel, room) {
                Ok(received) => batch.keep(whose, received),
                Err(error) => return count_receive_error(tally, &error),
            }
            if !slot.sockets.is_unsure(channel) {
                return;
            }
        }
    }

    /// Has the shard take in all that was received, and sends what follows from it. One after the
    /// other and not each when it is received: so the code of each step stays in the processor's
    /// caches, and the next leg's memory comes while one is served.
    pub(crate) fn take_in(&mut self, now: Instant) {
        let Self { shard, tally, batch, .. } = self;
        tally.add(Count::Received, batch.len() as u64);
        while batch.is_waiting() {
            // After a panic it goes on with the next one.
            guarded(shard, tally, None, |shard| hand_over(now, batch, shard));
        }
        batch.clear();
        self.transmit();
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

    fn open(&mut self, now: Instant, mut leg: Box<Leg>, bound: Arc<Bound>) {
        let id = leg.id();
        // There are as many slots as port pairs, and the negotiator opens a leg once.
        let slot = self.legs.insert(id, bound).ok();
        if let Some(slot) = slot {
            leg.set_socket(slot as u32);
            self.watch(slot, Channel::Rtp);
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
        sockets: Arc<Bound>,
    ) {
        // As for `open`: there is room, and the negotiator opens it once.
        if let Ok(slot) = self.legs.insert_text(leg, sockets) {
            line.set_socket(slot as u32);
            self.watch(slot, Channel::Text);
            self.watch(slot, Channel::TextRtcp);
        }
        self.command(now, ShardCommand::OpenText { leg, line });
    }

    fn open_rtcp(&self, leg: LegId) {
        if let Some(slot) = self.legs.slot(leg) {
            self.watch(slot, Channel::Rtcp);
        }
    }

    fn watch(&self, slot: usize, channel: Channel) {
        let Some(leg) = self.legs.at(slot) else { return };
        let token = Token::Socket(slot, channel).to_number();
        let watched = leg.sockets.socket(channel).and_then(|one| self.poller.add(one, token));
        // Fails only for want of kernel memory, where it is not watched already: then the leg is
        // deaf, and ends as a quiet one.
        let failed = watched.is_err_and(|error| error.kind() != ErrorKind::AlreadyExists);
        self.tally.add(Count::ReceiveFailed, u64::from(failed));
    }

    fn command(&mut self, now: Instant, command: ShardCommand) {
        let leg = leg_of(&command);
        guarded(&mut self.shard, &self.tally, leg, |shard| shard.handle_command(now, command));
    }

    fn transmit(&mut self) {
        // The stream of a thread that hung goes on elsewhere.
        if self.is_abandoned() {
            return;
        }
        let Self { shard, legs, tally, .. } = self;
        let mut sent = 0;
        loop {
            if let Some(slot) = shard.upcoming_transmit(AHEAD) {
                legs.bring_near(slot as usize);
            }
            let Some(packet) = shard.poll_transmit() else { break };
            let slot = legs.at(packet.socket as usize);
            let Some(slot) = slot.filter(|slot| slot.seat.leg() == packet.leg) else { continue };
            match slot.sockets.send(packet.channel, packet.to, packet.bytes()) {
                Ok(()) => sent += 1,
                Err(error) => count_send_error(tally, &error),
            }
        }
        tally.add(Count::Sent, sent);
    }

    /// Passes events on while the ring has room; the others wait in the shard.
    fn report(&mut self) {
        // The sockets that they are about are another thread's by now.
        if self.is_abandoned() {
            return;
        }
        let Self { shard, legs, poller, link, tally, .. } = self;
        link.send_all(FromShard::is_news, || {
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

/// Lets the shard handle what was received, the next legs' memory coming meanwhile.
fn hand_over(now: Instant, batch: &mut Batch, shard: &mut Shard) {
    // The first ones have nobody before them.
    for early in (1..=Shard::AHEAD).rev() {
        shard.bring_near(|ahead| batch.upcoming(ahead.checked_sub(early)?));
    }
    while batch.is_waiting() {
        shard.bring_near(|ahead| batch.upcoming(ahead));
        let Some(Datagram { seat, channel, source, bytes }) = batch.take() else { return };
        shard.handle_packet(now, seat, channel, source, bytes);
    }
}

fn count_receive_error(tally: &Tally, error: &io::Error) {
    match error.kind() {
        // Nothing there: another read was faster, or the datagram's checksum was wrong.
        ErrorKind::WouldBlock | ErrorKind::Interrupted => {}
        ErrorKind::ConnectionRefused => tally.add(Count::PeerRefused, 1),
        _ => tally.add(Count::ReceiveFailed, 1),
    }
}

fn count_send_error(tally: &Tally, error: &io::Error) {
    let is_refused = error.kind() == ErrorKind::ConnectionRefused;
    tally.add(if is_refused { Count::PeerRefused } else { Count::SendFailed }, 1);
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
        | ShardCommand::Announce { leg, .. }
        | ShardCommand::Close { leg } => Some(*leg),
        ShardCommand::Route(_) | ShardCommand::Tune { .. } | ShardCommand::Share { .. } => None,
    }
}

/// Lets the leg's RTP socket hear `source` only, or everybody.
fn lock(legs: &mut Legs, tally: &Tally, leg: LegId, source: Option<Source>) {
    let Some(sockets) = legs.of(leg) else { return };
    let locked = sockets.lock(source.map(|Source(address)| address));
    // Not fatal: the shard itself refuses other sources too, the kernel only does it sooner.
    tally.add(Count::ReceiveFailed, u64::from(locked.is_err()));
}

/// Sockets whose datagrams are no longer waited for.
fn unwatched(poller: &Poller, bound: Option<Arc<Bound>>) -> Option<Arc<Bound>> {
    let bound = bound?;
    let sockets = [Channel::Rtp, Channel::Rtcp].map(|channel| bound.socket(channel));
    for socket in sockets.into_iter().flatten() {
        // A descriptor the poller does not know needs no removal.
        let _ = poller.remove(socket);
    }
    Some(bound)
}

/// How many ready descriptors one wait returns: so many datagrams are received before any is
/// handled.
pub(crate) const READY_AT_ONCE: usize = 256;
/// So many packets ahead a leg's slot is asked for.
pub(crate) const AHEAD: usize = 3;
/// A deadline met later than this is counted.
const LATE: std::time::Duration = std::time::Duration::from_millis(2);
/// How soon a full ring is tried again.
const RETRY: std::time::Duration = std::time::Duration::from_millis(1);
