//! One leg's text: its source rule, its keys, and its stream each way.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Chance, Direction, Instant, LegId, Party, TextFormat};
use rtp::srtp::{Protector, Unprotector};
use rtp::text::{Queue, Receiver, Sender};
use rtp::{Latch, Packet, Verdict};
use sdp::Text;

use super::feed::Feed;
use crate::Channel;
use crate::allowance::Allowance;
use crate::command::Retired;
use crate::events::Events;
use crate::inbound::Taken;
use crate::keys::{Change, Kind, Rekey};
use crate::outlet::Outlet;

/// Everything a leg's text will ever need in a shard, allocated before it enters.
#[derive(Debug)]
pub struct TextLine {
    terms: Option<TextTerms>,
    latch: Option<Latch>,
    allowance: Allowance,
    receiver: Receiver,
    sender: Sender,
    feed: Feed,
    /// What its party wrote and nobody has been shown yet.
    written: Queue,
    /// What could not be sent is not tried again before.
    retry_at: Instant,
    /// The owner's number for its sockets.
    socket: u32,
    chance: Chance,
    protector: Option<Box<Protector>>,
    unprotector: Option<Box<Unprotector>>,
}

/// What a completed exchange means to a leg's text.
#[derive(Clone, Copy)]
pub struct TextTerms {
    /// What was agreed.
    pub agreed: Text,
    /// The address the peer's description came from.
    pub signalling: Option<IpAddr>,
}

impl TextLine {
    /// Text before its first exchange.
    pub(crate) fn new(mut chance: Chance) -> Self {
        let unsettled = TextFormat { t140: 0, red: None, repeats: 0 };
        Self {
            terms: None,
            latch: None,
            allowance: Allowance::default(),
            receiver: Receiver::new(unsettled),
            sender: Sender::new(unsettled, 0, &mut chance),
            feed: Feed::new(),
            written: Queue::new(WRITTEN),
            retry_at: Instant::ZERO,
            socket: 0,
            chance,
            protector: None,
            unprotector: None,
        }
    }

    /// Gives it the owner's own number for its sockets, which all its packets carry.
    pub const fn set_socket(&mut self, socket: u32) {
        self.socket = socket;
    }

    /// An exchange has completed: text goes on by `terms`, or rests without them.
    pub(crate) fn settle(
        &mut self,
        terms: Option<TextTerms>,
        rekey: Option<Box<Rekey>>,
        events: &mut Events,
    ) {
        if let Some(mut rekey) = rekey {
            self.rekey(&mut rekey);
            events.retire(Retired::Keys(rekey));
        }
        self.terms = terms;
        let Some(TextTerms { agreed, signalling }) = terms else {
            self.feed.clear();
            return self.sender.clear();
        };
        self.receiver.set_format(agreed.received);
        self.sender.settle(agreed.sent, agreed.cps);
        match &mut self.latch {
            // The old way of holding (RFC 2543) names no address: the known source stays.
            Some(_) if agreed.remote.ip().is_unspecified() => {}
            Some(latch) => _ = latch.redeclare(agreed.remote, signalling),
            None => self.latch = Some(Latch::new(agreed.remote, signalling).with_proof(PROOF)),
        }
    }

    /// Takes in one datagram.
    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        channel: Channel,
        source: SocketAddr,
        datagram: &mut [u8],
    ) -> Taken {
        if channel == Channel::TextRtcp || rtp::is_rtcp(datagram) {
            return self.rtcp(source, datagram);
        }
        let (Some(terms), Some(latch)) = (&self.terms, &mut self.latch) else {
            return Taken::Strange;
        };
        if !latch.admits(now, source) {
            return Taken::Strange;
        }
        let datagram = unprotect(Kind::Rtp, &mut self.unprotector, terms, datagram);
        let Some(datagram) = datagram else { return Taken::Forged };
        let Ok(packet) = Packet::parse(datagram) else { return Taken::Malformed };
        if latch.packet(now, source, &packet.header) == Verdict::Dropped {
            return Taken::Strange;
        }
        if !matches!(terms.agreed.direction, Direction::Both | Direction::ReceiveOnly) {
            return Taken::Other;
        }
        if !self.allowance.takes_text(now, packet.payload.len()) {
            return Taken::Excess;
        }
        match self.receiver.packet(now, &packet.header, packet.payload, &mut self.written) {
            Ok(()) => Taken::Text,
            Err(_) => Taken::Malformed,
        }
    }

    /// Others read from now on: what has come is for those who could read before.
    pub(crate) fn cut(&mut self, now: Instant) {
        self.receiver.cut(now, &mut self.written);
    }

    /// The next characters that its party wrote.
    pub(crate) fn take_written(&mut self) -> model::Typed {
        self.written.take()
    }

    /// Shows its party what another one wrote.
    pub(crate) fn show(&mut self, now: Instant, author: (LegId, Party), text: &str) {
        if self.terms.is_some() {
            self.feed.show(now, author, text, &mut self.sender);
        }
    }

    /// Shows its party what we tell it.
    pub(crate) fn announce(&mut self, now: Instant, text: &str) {
        if self.terms.is_some() {
            self.feed.announce(now, text, &mut self.sender);
        }
    }

    /// When anything is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let packet = self.sender.deadline().filter(|_| self.target().is_some());
        let packet = packet.map(|due| due.max(self.retry_at));
        let others = [self.receiver.deadline(), self.feed.deadline(), packet];
        others.into_iter().flatten().min()
    }

    /// Does what is due; says whether there is something that its party wrote.
    pub(crate) fn handle_timeout(&mut self, now: Instant, leg: LegId, outlet: &mut Outlet) -> bool {
        self.receiver.handle_timeout(now, &mut self.written);
        self.feed.handle_timeout(now, &mut self.sender);
        if self.sender.deadline().is_some_and(|due| due.max(self.retry_at) <= now) {
            self.retry_at = now + RETRY;
            self.send(now, leg, outlet);
        }
        !self.written.is_empty()
    }

    fn send(&mut self, now: Instant, leg: LegId, outlet: &mut Outlet) {
        let Some((to, is_plain)) = self.target() else { return };
        let (sender, protector) = (&mut self.sender, &mut self.protector);
        outlet.transmits.push((leg, self.socket), (Channel::Text, to), |bytes| {
            let length = sender.write(now, bytes);
            match protector {
                _ if length == 0 => 0,
                Some(protector) => Kind::Rtp.protect(protector, bytes, length).unwrap_or(0),
                None if is_plain => length,
                None => 0,
            }
        });
    }

    /// Where packets go, and whether in plain, while the peer wants any.
    fn target(&self) -> Option<(SocketAddr, bool)> {
        let (terms, latch) = (self.terms.as_ref()?, self.latch.as_ref()?);
        let to = latch.target();
        let is_sending = matches!(terms.agreed.direction, Direction::Both | Direction::SendOnly);
        let is_reachable = !to.ip().is_unspecified() && to.port() != 0;
        (is_sending && is_reachable).then_some((to, terms.agreed.srtp.is_none()))
    }

    /// Reports of the peer's tell nothing but that it is there.
    fn rtcp(&mut self, source: SocketAddr, datagram: &mut [u8]) -> Taken {
        let (Some(terms), Some(latch)) = (&self.terms, &self.latch) else {
            return Taken::Strange;
        };
        if !latch.is_known(source.ip()) {
            return Taken::Strange;
        }
        match unprotect(Kind::Rtcp, &mut self.unprotector, terms, datagram) {
            Some(_) => Taken::Other,
            None => Taken::Forged,
        }
    }

    /// Goes on with other keys: a stream whose sequence number has begun anew as another one, since
    /// whoever hears it with a new key cannot know how often it did.
    fn rekey(&mut self, rekey: &mut Rekey) {
        let has_rolled_over = self.protector.as_ref().is_some_and(|p| p.has_rolled_over());
        rekey.ours.apply(&mut self.protector);
        rekey.theirs.apply(&mut self.unprotector);
        if has_rolled_over && !matches!(rekey.ours, Change::Keep) {
            self.sender.rename(&mut self.chance);
        }
    }
}

/// The packet in plain, decrypted where it lies; `None` unless it is the peer's.
fn unprotect<'d>(
    kind: Kind,
    unprotector: &mut Option<Box<Unprotector>>,
    terms: &TextTerms,
    datagram: &'d mut [u8],
) -> Option<&'d [u8]> {
    match unprotector {
        Some(unprotector) => {
            let length = kind.unprotect(unprotector, datagram).ok()?;
            Some(&datagram[..length])
        }
        None => terms.agreed.srtp.is_none().then_some(datagram),
    }
}

/// Hides the addresses.
impl std::fmt::Debug for TextTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TextTerms(..)")
    }
}

/// So many packets repeat all that was dropped while a source was not proven.
const PROOF: u8 = 1 + TextFormat::REPEATS;
/// With the leg's next frame.
const RETRY: Duration = Duration::from_millis(20);
/// Bytes of text that can be told at once.
const WRITTEN: usize = 4096;
