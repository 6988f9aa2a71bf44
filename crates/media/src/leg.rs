//! One party's media in a shard.

use std::net::SocketAddr;

use audio::g711::Law;
use mixer::Limiter;
use model::{Chance, Direction, Instant, LegId, MediaEvent, RoomId, Treatment};

use crate::clock::{Clock, FRAME};
use crate::command::{Channel, Retired, ShardEvent, Terms};
use crate::events::Events;
use crate::inbound::Inbound;
use crate::keys::{Kind, Rekey};
use crate::outbound::Outbound;
use crate::outlet::Outlet;
use crate::player::{Music, Prompts};

/// Samples of a frame: 20 ms at the rate of narrow-band rooms.
pub(crate) const SAMPLES: usize = 160;

/// Everything a leg will ever need in a shard, allocated before it enters.
#[derive(Debug)]
pub struct Leg {
    id: LegId,
    room: RoomId,
    pub(crate) inbound: Inbound,
    pub(crate) outbound: Outbound,
    pub(crate) prompts: Prompts,
    pub(crate) music: Music,
    limiter: Limiter,
    settled: Option<Settled>,
}

/// What exists from the first exchange on.
#[derive(Debug)]
struct Settled {
    terms: Terms,
    clock: Clock,
}

impl Leg {
    /// A leg before its first exchange.
    pub(crate) fn new(id: LegId, room: RoomId, treatment: Treatment, chance: Chance) -> Self {
        Self {
            id,
            room,
            inbound: Inbound::new(treatment),
            outbound: Outbound::new(chance),
            prompts: Prompts::new(),
            music: Music::new(),
            limiter: Limiter::default(),
            settled: None,
        }
    }

    /// Its name.
    pub const fn id(&self) -> LegId {
        self.id
    }

    /// The room it belongs to.
    pub const fn room(&self) -> RoomId {
        self.room
    }

    /// What was agreed last.
    pub(crate) fn terms(&self) -> Option<Terms> {
        self.settled.as_ref().map(|settled| settled.terms)
    }

    /// Its output clock, from the first exchange on.
    pub(crate) fn clock(&mut self) -> Option<&mut Clock> {
        self.settled.as_mut().map(|settled| &mut settled.clock)
    }

    /// An exchange has completed: the stream begins, or goes on under new terms.
    pub(crate) fn settle(
        &mut self,
        now: Instant,
        terms: Terms,
        rekey: Option<Box<Rekey>>,
        events: &mut Events,
    ) {
        if let Some(mut rekey) = rekey {
            self.outbound.rekey(&mut rekey.ours);
            self.inbound.rekey(&mut rekey.theirs);
            events.retire(Retired::Keys(rekey));
        }
        if self.inbound.settle(now, &terms) {
            events.push(ShardEvent::Unlocked { leg: self.id });
        }
        match &mut self.settled {
            Some(settled) => settled.terms = terms,
            None => {
                let clock = Clock::new(self.outbound.begin(now));
                self.settled = Some(Settled { terms, clock });
            }
        }
    }

    /// Sends the frame that is due: what the room says, which is summed already, under prompts and
    /// music.
    pub(crate) fn frame(&mut self, now: Instant, outlet: &mut Outlet) {
        let leg = self.id;
        let Outlet { transmits, events, scratch, skipped, .. } = outlet;
        self.inbound.frame(now, leg, events);
        let Some(settled) = &mut self.settled else { return };
        *skipped += settled.clock.late_frames(now);
        let (terms, frame) = (&settled.terms, settled.clock.take(now));
        let is_prompted = self.prompts.is_playing();
        let ended = self.prompts.mix(&mut scratch.sum, events);
        self.music.mix(&mut scratch.sum, is_prompted, events);
        let samples = &mut scratch.frame[..SAMPLES];
        scratch.sum.finish(&mut self.limiter, samples);
        match self.inbound.target(Channel::Rtp, terms) {
            Some(target) if terms.is_sending() => {
                let packet = self.outbound.frame(frame, samples, terms, events);
                if self.outbound.is_sounding_key() {
                    self.inbound.presses.deafen(now);
                }
                if packet.is_last_digit {
                    events.media(MediaEvent::DigitsSent { leg });
                }
                transmits.push(leg, target, |bytes| {
                    let length = packet.write(bytes);
                    self.outbound.protect(Kind::Rtp, terms, bytes, length)
                });
            }
            _ => self.outbound.skip(frame),
        }
        if let Some(play) = ended {
            events.media(MediaEvent::PlayEnded { leg, play });
        }
    }

    /// Does what is due besides frames, a report included.
    pub(crate) fn handle_timeout(&mut self, now: Instant, outlet: &mut Outlet) {
        let leg = self.id;
        if self.inbound.latch.as_mut().is_some_and(|latch| latch.handle_timeout(now)) {
            outlet.events.push(ShardEvent::Unlocked { leg });
        }
        if let Some(silent_for) = self.inbound.life.handle_timeout(now) {
            outlet.events.media(MediaEvent::Quiet { leg, silent_for });
        }
        if self.outbound.report_at().is_some_and(|at| at <= now) {
            let heard = self.inbound.report(now);
            let quality = self.inbound.quality(heard.as_ref(), self.outbound.ssrc());
            outlet.events.media(MediaEvent::Quality { leg, quality });
            let (bytes, length) = self.outbound.report(now, heard);
            self.send_report(&bytes[..length], outlet);
        }
    }

    /// The stream's last word, if it ever began.
    pub(crate) fn bye(&mut self, now: Instant, outlet: &mut Outlet) {
        let (bytes, length) = self.outbound.bye(now);
        self.send_report(&bytes[..length], outlet);
    }

    /// When anything is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let settled = self.settled.as_ref()?;
        let latch = self.inbound.latch.as_ref().and_then(rtp::Latch::deadline);
        let others = [self.inbound.life.deadline(), self.outbound.report_at(), latch];
        let frame = settled.clock.due();
        Some(others.into_iter().flatten().fold(frame, Instant::min))
    }

    fn send_report(&mut self, report: &[u8], outlet: &mut Outlet) {
        let Some(terms) = self.terms() else { return };
        let target = self.inbound.target(Channel::Rtcp, &terms);
        let is_reachable = |to: &SocketAddr| !to.ip().is_unspecified() && to.port() != 0;
        if let Some(target) = target.filter(|(_, to)| is_reachable(to)) {
            outlet.transmits.push(self.id, target, |bytes| {
                bytes[..report.len()].copy_from_slice(report);
                self.outbound.protect(Kind::Rtcp, &terms, bytes, report.len())
            });
        }
    }
}

impl Terms {
    /// Whether the peer wants to hear us.
    pub(crate) fn is_sending(&self) -> bool {
        let remote = self.agreed.remote;
        let is_reachable = !remote.ip().is_unspecified() && remote.port() != 0;
        is_reachable && matches!(self.agreed.direction, Direction::Both | Direction::SendOnly)
    }

    /// Whether what the peer sends is meant for us.
    pub(crate) const fn is_receiving(&self) -> bool {
        matches!(self.agreed.direction, Direction::Both | Direction::ReceiveOnly)
    }

    /// Whether the leg is on hold.
    pub(crate) fn is_held(&self) -> bool {
        self.agreed.direction != Direction::Both
    }

    /// The law we send.
    pub(crate) const fn law(&self) -> Law {
        match self.agreed.codec.law {
            sdp::Law::Pcmu => Law::Mu,
            sdp::Law::Pcma => Law::A,
        }
    }

    /// The law of a payload type that comes in: the one agreed, or a static one (RFC 3551 §6),
    /// which a peer may send whatever we prefer.
    pub(crate) const fn law_of(&self, payload_type: u8) -> Option<Law> {
        if payload_type == self.agreed.codec.payload_type {
            return Some(self.law());
        }
        match payload_type {
            0 => Some(Law::Mu),
            8 => Some(Law::A),
            _ => None,
        }
    }
}

const _: () = assert!(FRAME.as_millis() as usize * 8 == SAMPLES);
