//! One party's media in a shard.

use std::net::SocketAddr;

use mixer::{Limiter, MAX_FRAME, Sum};
use model::{
    Chance, Codec, Direction, Instant, LegId, MediaEvent, Noise, Party, RoomId, SampleRate,
    Treatment,
};
use rtp::jitter::Effort;

use crate::clock::{Clock, FRAME};
use crate::coding::{Coding, Outgoing};
use crate::command::{Channel, Retired, ShardEvent, Terms};
use crate::common::Common;
use crate::edition::Tie;
use crate::editions::Editions;
use crate::events::Events;
use crate::inbound::{Inbound, Taken};
use crate::keys::{Kind, Rekey};
use crate::outbound::{Frame, Outbound};
use crate::outlet::{Outlet, Workbench};
use crate::player::{self, Music, Prompts};
use crate::rooms::Place;
use crate::text::TextLine;
use crate::voice::Voice;

/// Everything a leg will ever need in a shard, allocated before it enters.
///
/// Of a thousand legs each is far from the processor when its packet comes, and what costs is each
/// cache line of it that is touched. So what packets and frames touch lies together, in the order
/// given: names and clock are the first line.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Leg {
    id: LegId,
    room: RoomId,
    /// Where that was found last.
    pub(crate) room_place: Place,
    /// The room's.
    rate: SampleRate,
    /// Whether recordings are to be heard, or may be; if not, nobody need look for them.
    hears_recordings: bool,
    settled: Option<Settled>,
    /// The owner's number for its sockets.
    socket: u32,
    limiter: Limiter,
    /// Its text, once there was any.
    pub(crate) text: Option<Box<TextLine>>,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
    prompts: Prompts,
    music: Music,
    /// What it says, in a shared room, and the seat of that room's next member.
    pub(crate) voice: Voice,
    pub(crate) next_member: Option<usize>,
    /// What others call the author of its text.
    pub(crate) author: Party,
}

/// What exists from the first exchange on.
#[derive(Debug)]
#[repr(C)]
struct Settled {
    coding: Box<Coding>,
    clock: Clock,
    terms: Terms,
    /// Whether the peer wants to hear us, by these terms.
    is_sending: bool,
}

impl Leg {
    /// A leg before its first exchange.
    pub(crate) fn new(
        id: LegId,
        (room, rate): (RoomId, SampleRate),
        wanted: (Treatment, Noise),
        chance: Chance,
    ) -> Self {
        Self {
            id,
            room,
            room_place: Place::UNKNOWN,
            rate,
            hears_recordings: false,
            settled: None,
            socket: 0,
            limiter: Limiter::default(),
            text: None,
            outbound: Outbound::new(chance),
            inbound: Inbound::new(rate, wanted),
            prompts: Prompts::new(),
            music: Music::new(),
            voice: Voice::new(rate),
            next_member: None,
            author: Party::default(),
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

    /// Gives it the owner's own number for its sockets, which all its packets carry.
    pub const fn set_socket(&mut self, socket: u32) {
        self.socket = socket;
    }

    /// Its room's rate.
    pub(crate) const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// What was agreed last.
    pub(crate) fn terms(&self) -> Option<Terms> {
        self.settled.as_ref().map(|settled| settled.terms)
    }

    /// Its output clock, from the first exchange on.
    pub(crate) fn clock(&mut self) -> Option<&mut Clock> {
        self.settled.as_mut().map(|settled| &mut settled.clock)
    }

    /// Its prompts, to be changed.
    pub(crate) const fn prompts(&mut self) -> &mut Prompts {
        self.hears_recordings = true;
        &mut self.prompts
    }

    /// Its music, to be changed.
    pub(crate) const fn music(&mut self) -> &mut Music {
        self.hears_recordings = true;
        &mut self.music
    }

    /// An exchange has completed: the stream begins, or goes on under new terms.
    pub(crate) fn settle(
        &mut self,
        now: Instant,
        terms: Terms,
        (mut coding, rekey): (Box<Coding>, Option<Box<Rekey>>),
        events: &mut Events,
    ) {
        if let Some(mut rekey) = rekey {
            self.outbound.rekey(&mut rekey.ours);
            self.inbound.rekey(&mut rekey.theirs);
            events.retire(Retired::Keys(rekey));
        }
        self.outbound.set_clock(terms.agreed.format.codec.clock_hz());
        if self.inbound.settle(now, &terms) {
            events.push(ShardEvent::Unlocked { leg: self.id });
        }
        match &mut self.settled {
            Some(settled) => {
                (settled.terms, settled.is_sending) = (terms, terms.is_sending());
                self.change_coding(&mut coding);
                events.retire(Retired::Coding(coding));
            }
            None => {
                let clock = Clock::new(self.outbound.begin(now));
                let is_sending = terms.is_sending();
                self.settled = Some(Settled { coding, clock, terms, is_sending });
            }
        }
    }

    /// Its room goes on at another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate) {
        self.rate = rate;
        self.inbound.reception.retune(rate.hz());
        self.voice.playout.retune(rate.hz());
    }

    /// Goes on with another coding; the one before is left in its place.
    pub(crate) fn change_coding(&mut self, coding: &mut Box<Coding>) {
        if let Some(settled) = &mut self.settled {
            coding.take_over(&mut settled.coding);
            std::mem::swap(coding, &mut settled.coding);
        }
    }

    /// A packet for it is about to be taken in.
    pub(crate) fn bring_near(&self) {
        simd::bring_near(&self.id);
        simd::bring_near(&self.settled);
        self.inbound.bring_near();
    }

    /// The same, when the leg itself is near: what it leads to.
    pub(crate) fn bring_belongings_near(&self) {
        self.bring_coding_near();
        self.inbound.bring_sound_near();
    }

    /// The same, when that is near: what takes its packets.
    pub(crate) fn bring_decoder_near(&self) {
        if let Some(settled) = &self.settled {
            settled.coding.bring_decoder_near();
        }
    }

    /// It is about to be asked whether it waits for a speaker.
    pub(crate) fn bring_clock_near(&self) {
        simd::bring_near(&self.id);
        self.inbound.bring_speaker_near();
    }

    /// A frame for it is about to be sent.
    pub(crate) fn bring_way_out_near(&self) {
        simd::bring_near(&self.settled);
        simd::bring_near(&self.limiter);
        self.outbound.bring_near();
        self.inbound.bring_target_near();
    }

    /// Its voice is about to be taken, in a shared room.
    pub(crate) fn bring_voice_near(&self) {
        self.bring_clock_near();
        simd::bring_near(&self.voice);
        simd::bring_near(&self.next_member);
    }

    /// The same, when the leg itself is near: what its voice leads to.
    pub(crate) fn bring_spoken_near(&self) {
        self.voice.bring_frame_near();
        simd::bring_near(self.voice.playout.next_place(&self.inbound.reception));
    }

    /// A frame of a shared room is about to be sent to it, when the leg itself is near: what its way
    /// out leads to.
    pub(crate) fn bring_sent_near(&self) {
        self.voice.bring_frame_near();
        self.bring_coding_near();
    }

    /// The same, when the leg itself is near.
    pub(crate) fn bring_coding_near(&self) {
        if let Some(settled) = &self.settled {
            simd::bring_near(&*settled.coding);
        }
    }

    /// Takes in one packet from the network.
    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
        outlet: &mut Outlet,
    ) -> Taken {
        if matches!(channel, Channel::Text | Channel::TextRtcp) {
            return self.handle_text(now, channel, source, packet);
        }
        let Some(Settled { terms, coding, .. }) = &mut self.settled else { return Taken::Strange };
        if channel == Channel::Rtcp || rtp::is_rtcp(packet) {
            return self.inbound.rtcp(now, terms, source, packet);
        }
        self.inbound.rtp(now, (self.id, terms, coding), source, packet, outlet)
    }

    /// Takes in one packet of its text, which is a sign of life too (C14).
    fn handle_text(
        &mut self,
        now: Instant,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
    ) -> Taken {
        let line = self.text.as_mut();
        let taken =
            line.map_or(Taken::Strange, |line| line.handle_packet(now, channel, source, packet));
        if matches!(taken, Taken::Text | Taken::Other) {
            self.inbound.life.sign(now);
        }
        taken
    }

    /// Takes the next frame of what it says, and adds it to what the room says.
    pub(crate) fn speak(&mut self, now: Instant, sum: &mut Sum, effort: &mut Effort) {
        self.voice.take(now, &self.inbound.reception, self.rate, effort);
        if let Some(frame) = self.voice.frame() {
            sum.add(frame);
        }
    }

    /// Whether its next packet should come before `due`: a frame that left a moment before it would
    /// carry sound that is one frame old, time after time.
    pub(crate) fn is_awaited(&self, due: Instant) -> bool {
        self.inbound.reception.next_packet().is_some_and(|next| next <= due)
    }

    /// Whether nobody waits for its voice: it is silent, or its next frame is in hand, and no packet
    /// should come before `due`.
    pub(crate) fn has_said(&self, due: Instant, rate: SampleRate) -> bool {
        let has_frame = || self.voice.playout.is_ready(&self.inbound.reception, rate.frame());
        !self.inbound.is_active() || !self.is_awaited(due) && has_frame()
    }

    /// Whether it hears the room and nothing else.
    pub(crate) fn hears_just(&self, common: &Common) -> bool {
        let has_none = !self.hears_recordings || self.recordings_are_idle();
        let is_plain = has_none && !self.outbound.is_pressing();
        let is_told = self.settled.as_ref().is_some_and(Settled::is_told_of_silence);
        is_plain && !self.is_paced() && !is_told && common.suits(&self.limiter)
    }

    fn recordings_are_idle(&self) -> bool {
        self.prompts.is_idle() && self.music.is_idle()
    }

    /// The whole room parts.
    pub(crate) fn part_with_all(&mut self, common: &Common, workbench: &mut Workbench) {
        match &mut self.settled {
            Some(Settled { coding, .. }) if coding.outgoing.format.codec == Codec::Opus => {
                coding.outgoing.tie = Tie::ALONE;
            }
            _ => self.part(common, workbench),
        }
    }

    /// Hears more than the room, or less, from now on.
    pub(crate) fn part(&mut self, common: &Common, workbench: &mut Workbench) {
        if let Some(settled) = &mut self.settled {
            common.part(&mut settled.coding.outgoing, workbench);
        }
    }

    /// The whole room leaves its editions.
    pub(crate) fn leave_editions(&mut self, editions: &mut Editions, workbench: &mut Workbench) {
        if let Some(settled) = &mut self.settled {
            let silence = &[0; MAX_FRAME][..self.rate.frame()];
            editions.part(silence, &mut settled.coding.outgoing, workbench);
        }
    }

    /// Sends the frame that is due: the common one of a shared room, or what the room says, which is
    /// summed already, under prompts and music.
    pub(crate) fn frame(&mut self, now: Instant, mut company: Company<'_>, outlet: &mut Outlet) {
        let leg = self.id;
        let Outlet { transmits, events, scratch, skipped, .. } = outlet;
        self.inbound.frame(now, leg, events);
        let Some(Settled { coding, clock, terms, is_sending }) = &mut self.settled else { return };
        *skipped += clock.late_frames(now);
        let frame = clock.take(now);
        if let Company::Many(common) = &company {
            self.limiter = common.limiter().clone();
        } else {
            if self.hears_recordings || coding.recordings.is_some() {
                let recordings = (&mut self.prompts, &mut self.music);
                let to_room = coding.recordings.as_deref_mut();
                let ended = player::mix(recordings, to_room, scratch, events);
                let ended = ended.map(|play| MediaEvent::PlayEnded { leg, play });
                ended.into_iter().for_each(|ended| events.media(ended));
                self.hears_recordings = !(self.prompts.is_idle() && self.music.is_idle());
            }
            let samples = &mut scratch.frame[..self.rate.frame()];
            scratch.sum.finish(&mut self.limiter, samples);
        }
        let samples = &mut scratch.frame[..self.rate.frame()];
        let Some(target) = self.inbound.target(Channel::Rtp, terms).filter(|_| *is_sending) else {
            coding.pacer.iter_mut().for_each(|pacer| pacer.clear());
            company.leave(samples, &mut coding.outgoing, &mut scratch.workbench);
            return self.outbound.skip(frame);
        };
        let packet = self.outbound.frame(frame, (self.rate, samples), terms, events);
        if self.outbound.is_sounding_key() {
            self.inbound.presses.deafen(now);
        }
        if packet.is_last_digit {
            events.media(MediaEvent::DigitsSent { leg });
        }
        let Some(packet) = self.outbound.hush(packet, samples, terms) else {
            company.leave(samples, &mut coding.outgoing, &mut scratch.workbench);
            return coding.pacer.iter_mut().for_each(|pacer| pacer.clear());
        };
        if coding.pacer.is_some() || packet.stamp().is_none() {
            company.leave(samples, &mut coding.outgoing, &mut scratch.workbench);
        }
        if let Some(pacer) = &mut coding.pacer {
            if let Some(stamp) = packet.stamp() {
                pacer.push(now, stamp, samples);
                return self.release(now, outlet);
            }
            pacer.clear();
        }
        let (ours, workbench) = (&mut coding.outgoing, &mut scratch.workbench);
        transmits.push((leg, self.socket), target, |bytes| {
            let length = packet.write(bytes, |payload| match &mut company {
                Company::Few(editions) => {
                    editions.write((now, self.rate), samples, ours, workbench, payload)
                }
                Company::Many(common) => common.write(ours, workbench, payload),
                Company::Nobody => ours.coder.encode(samples, workbench, payload),
            });
            self.outbound.count(length);
            self.outbound.protect(Kind::Rtp, terms, bytes, length)
        });
    }

    /// Sends the packets that waited for their instant.
    pub(crate) fn release(&mut self, now: Instant, outlet: &mut Outlet) {
        let leg = self.id;
        let Some(Settled { terms, coding, .. }) = &mut self.settled else { return };
        let Coding { pacer: Some(pacer), outgoing, .. } = &mut **coding else { return };
        let Some(target) = self.inbound.target(Channel::Rtp, terms) else { return };
        while let Some((stamp, samples)) = pacer.due(now) {
            let packet = Frame::of(self.outbound.header(stamp, terms));
            let workbench = &mut outlet.scratch.workbench;
            outlet.transmits.push((leg, self.socket), target, |bytes| {
                let encode =
                    |payload: &mut [u8]| outgoing.coder.encode(samples, workbench, payload);
                let length = packet.write(bytes, encode);
                self.outbound.count(length);
                self.outbound.protect(Kind::Rtp, terms, bytes, length)
            });
            pacer.sent(now);
        }
    }

    /// When a packet leaves that waits for its instant.
    pub(crate) fn paced(&self) -> Option<Instant> {
        self.settled.as_ref()?.coding.pacer.as_ref()?.deadline()
    }

    /// Whether its packets are not the frames as they are mixed.
    pub(crate) fn is_paced(&self) -> bool {
        self.settled.as_ref().is_some_and(|settled| settled.coding.pacer.is_some())
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
        if let Some(line) = &mut self.text
            && line.handle_timeout(now, leg, outlet)
        {
            outlet.note_written(leg);
        }
        if self.outbound.report_at().is_some_and(|at| at <= now) {
            let heard = self.inbound.report(now);
            let stream = (self.outbound.ssrc(), self.outbound.clock_hz());
            let quality = self.inbound.quality(heard.as_ref(), stream);
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
    #[inline]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let settled = self.settled.as_ref()?;
        let latch = self.inbound.latch.as_ref().and_then(rtp::Latch::deadline);
        let text = self.text.as_ref().and_then(|line| line.deadline());
        let reports = [self.inbound.life.deadline(), self.outbound.report_at()];
        let others = reports.into_iter().chain([latch, self.paced(), text]);
        let frame = settled.clock.due();
        Some(others.flatten().fold(frame, Instant::min))
    }

    fn send_report(&mut self, report: &[u8], outlet: &mut Outlet) {
        let Some(terms) = self.terms() else { return };
        let target = self.inbound.target(Channel::Rtcp, &terms);
        let is_reachable = |to: &SocketAddr| !to.ip().is_unspecified() && to.port() != 0;
        if let Some(target) = target.filter(|(_, to)| is_reachable(to)) {
            outlet.transmits.push((self.id, self.socket), target, |bytes| {
                bytes[..report.len()].copy_from_slice(report);
                self.outbound.protect(Kind::Rtcp, &terms, bytes, report.len())
            });
        }
    }
}

/// With whom a listener shares what her frame costs to encode.
pub(crate) enum Company<'r> {
    /// It is encoded for her alone.
    Nobody,
    /// With whoever hears the same in a room of few.
    Few(&'r mut Editions),
    /// With all who hear just the room, in a shared one.
    Many(&'r mut Common),
}

impl Company<'_> {
    /// The frame is not sent as it is.
    fn leave(&mut self, frame: &[i16], ours: &mut Outgoing, workbench: &mut Workbench) {
        if let Self::Few(editions) = self {
            editions.part(frame, ours, workbench);
        }
    }
}

impl Settled {
    /// Whether its peer is told of silence: so its frames are looked at, and no one else's are.
    const fn is_told_of_silence(&self) -> bool {
        self.terms.agreed.comfort_noise.is_some()
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

    /// Whether the leg is on hold: its peer owes no packets. One who has text alone is not.
    pub(crate) fn is_held(&self) -> bool {
        self.agreed.has_sound() && self.agreed.direction != Direction::Both
    }
}

const _: () = assert!(FRAME.as_millis() as usize * 8 == SampleRate::Narrow.frame());
