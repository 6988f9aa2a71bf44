//! What arrives from a leg's peer: the source rule, audio, digits, speech and reports.

use std::net::SocketAddr;
use std::time::Duration;

use audio::{Measure, SpeechDetector};
use model::{Instant, LegId, MediaEvent, Noise, Quality, SampleRate, Treatment};
use rtp::jitter::Reception;
use rtp::rtcp::{Item, ReportBlock, items};
use rtp::srtp::Unprotector;
use rtp::{Latch, Packet, Statistics, Verdict, quality};

use crate::Channel;
use crate::allowance::Allowance;
use crate::coding::Coding;
use crate::comfort::Comfort;
use crate::command::{ShardEvent, Source, Terms};
use crate::events::Events;
use crate::keys::{Change, Kind};
use crate::life::Life;
use crate::loudest::Loudest;
use crate::outlet::{Outlet, Workbench};
use crate::presses::Presses;
use crate::treatment::Filters;

/// A leg's receiving side.
///
/// In this order, what a packet touches is few cache lines, and what listeners look at before they
/// take a frame is one: whether the party speaks, and the beginning of the reception.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Inbound {
    statistics: Statistics,
    pub(crate) life: Life,
    unprotector: Option<Box<Unprotector>>,
    pub(crate) latch: Option<Latch>,
    allowance: Allowance,
    pub(crate) presses: Presses,
    filters: Filters,
    /// The rate of what is decoded, which is not always the room's.
    sound_rate: SampleRate,
    speech: Speech,
    pub(crate) reception: Reception,
    comfort: Comfort,
    told: Option<Told>,
    /// Of telephone-events: a key that takes its time as sound cannot be a flood.
    keys: Allowance,
}

/// The speech detector, when it last heard anything, and how loud that was.
#[repr(C)]
struct Speech {
    loudest: Loudest,
    last: Instant,
    detector: SpeechDetector,
}

/// What the peer last said of our stream.
#[derive(Clone, Copy, Debug)]
struct Told {
    block: ReportBlock,
    round_trip: Option<Duration>,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// New sound for the room.
    Audio,
    /// New text for the room.
    Text,
    /// Something else of the peer's.
    Other,
    /// A stranger's.
    Strange,
    /// Nothing we can use.
    Malformed,
    /// From where the peer is, and not made with its key.
    Forged,
    /// More than anybody can want heard.
    Excess,
}

impl Inbound {
    /// A leg not yet heard, in a room of `rate`. Allocates; nothing later does.
    pub(crate) fn new(rate: SampleRate, wanted: (Treatment, Noise)) -> Self {
        Self {
            statistics: Statistics::default(),
            life: Life::default(),
            unprotector: None,
            latch: None,
            allowance: Allowance::default(),
            presses: Presses::new(rate.hz()),
            filters: Filters::new(wanted, rate),
            sound_rate: rate,
            speech: Speech {
                loudest: Loudest::new(),
                last: Instant::ZERO,
                detector: SpeechDetector::new(rate.hz()),
            },
            reception: Reception::new(rate.hz()),
            comfort: Comfort::default(),
            told: None,
            keys: Allowance::default(),
        }
    }

    /// Takes what was settled; returns whether a locked source was given up.
    pub(crate) fn settle(&mut self, now: Instant, terms: &Terms) -> bool {
        let remote = terms.agreed.remote;
        self.life.settle(now, terms.quiet_after, terms.is_held());
        if !terms.is_receiving() {
            self.comfort.end();
        }
        self.presses.set_clock(terms.agreed.format.codec.clock_hz());
        match &mut self.latch {
            // The old way of holding (RFC 2543) names no address: the known source stays.
            Some(_) if remote.ip().is_unspecified() => false,
            Some(latch) => latch.redeclare(remote, terms.signalling),
            None => {
                self.latch = Some(Latch::new(remote, terms.signalling));
                false
            }
        }
    }

    /// A packet is about to be taken in.
    pub(crate) fn bring_near(&self) {
        simd::bring_near(&self.statistics);
        simd::bring_near(&self.life);
        simd::bring_near(&self.latch);
        self.presses.bring_near();
        simd::bring_near(&self.speech);
        simd::bring_near(&self.reception);
        simd::bring_near(&self.comfort);
    }

    /// The same, when the rest is near: where its sound will be.
    pub(crate) fn bring_sound_near(&self) {
        simd::bring_near(self.reception.free_place());
    }

    /// Listeners are about to look whether its sound is in hand.
    pub(crate) fn bring_speaker_near(&self) {
        simd::bring_near(&self.speech);
        simd::bring_near(&self.reception);
    }

    /// A frame for the leg is about to be sent.
    pub(crate) fn bring_target_near(&self) {
        simd::bring_near(&self.life);
        simd::bring_near(&self.latch);
        simd::bring_near(&self.speech);
        simd::bring_near(&self.comfort);
    }

    /// Takes in one RTP datagram.
    #[inline]
    pub(crate) fn rtp(
        &mut self,
        now: Instant,
        (leg, terms, coding): (LegId, &Terms, &mut Coding),
        source: SocketAddr,
        datagram: &mut [u8],
        outlet: &mut Outlet,
    ) -> Taken {
        let admitted = self.latch.as_mut().is_some_and(|latch| latch.admits(now, source));
        if !admitted {
            return Taken::Strange;
        }
        let Some(datagram) = self.unprotect(Kind::Rtp, terms, datagram) else {
            return Taken::Forged;
        };
        let (arrival, events) = (outlet.arrival(now), &mut outlet.events);
        let Ok(packet) = Packet::parse(datagram) else { return Taken::Malformed };
        let Some(latch) = &mut self.latch else { return Taken::Strange };
        match latch.packet(now, source, &packet.header) {
            Verdict::Dropped => return Taken::Strange,
            Verdict::Locked => events.push(ShardEvent::Locked { leg, source: Source(source) }),
            Verdict::Accepted => {}
        }
        let clock_hz = terms.agreed.format.codec.clock_hz();
        self.statistics.packet(arrival, &packet.header, clock_hz);
        if self.life.rtp(now) {
            events.media(MediaEvent::Heard { leg });
        }
        if !terms.is_receiving() {
            return Taken::Other;
        }
        if terms.agreed.telephone_event_in == Some(packet.header.payload_type) {
            return match self.presses.event(now, &packet.header, packet.payload) {
                Some(_) if !self.keys.takes_key(now) => Taken::Excess,
                Some(digit) => {
                    events.media(MediaEvent::Digit { leg, digit });
                    Taken::Other
                }
                None => Taken::Other,
            };
        }
        let described = terms.agreed.comfort_noise.unwrap_or(Comfort::PAYLOAD_TYPE);
        if [described, Comfort::PAYLOAD_TYPE].contains(&packet.header.payload_type) {
            self.comfort.describe(now, &packet.header, packet.payload);
            return Taken::Other;
        }
        self.audio(now, (leg, coding), &packet, outlet)
    }

    /// Takes in one RTCP datagram.
    pub(crate) fn rtcp(
        &mut self,
        now: Instant,
        terms: &Terms,
        source: SocketAddr,
        datagram: &mut [u8],
    ) -> Taken {
        let is_known = self.latch.as_ref().is_some_and(|latch| latch.is_known(source.ip()));
        if !is_known {
            return Taken::Strange;
        }
        let Some(datagram) = self.unprotect(Kind::Rtcp, terms, datagram) else {
            return Taken::Forged;
        };
        let mut taken = Taken::Malformed;
        for item in items(datagram) {
            taken = Taken::Other;
            if let Item::Sender { info, .. } = item {
                self.statistics.sender_report(now, &info);
            }
            if let Item::Sender { heard: Some(block), .. }
            | Item::Receiver { heard: Some(block), .. } = item
            {
                self.told = Some(Told { block, round_trip: quality::round_trip(now, &block) });
            }
        }
        if taken == Taken::Other {
            self.life.sign(now);
        }
        taken
    }

    /// Goes on with other keys.
    pub(crate) fn rekey(&mut self, change: &mut Change<Unprotector>) {
        change.apply(&mut self.unprotector);
    }

    /// Whether the party speaks: others wait for its packets.
    pub(crate) const fn is_active(&self) -> bool {
        self.speech.detector.is_speaking()
    }

    /// How the leg fares, given what we are about to report, and the name of our own stream and
    /// the clock of both.
    pub(crate) fn quality(
        &self,
        heard: Option<&ReportBlock>,
        (ours, clock_hz): (u32, u32),
    ) -> Quality {
        let told = self.told.as_ref().filter(|told| told.block.ssrc == ours);
        let round_trip = told.and_then(|told| told.round_trip);
        let fare = |block| quality::fare(block, clock_hz, round_trip);
        Quality { received: heard.map(fare), sent: told.map(|told| fare(&told.block)), round_trip }
    }

    /// What to report of the peer's stream.
    pub(crate) fn report(&mut self, now: Instant) -> Option<ReportBlock> {
        self.statistics.report(now)
    }

    /// Once a frame: a party that stopped sending has stopped speaking.
    #[inline]
    pub(crate) fn frame(&mut self, now: Instant, leg: LegId, events: &mut Events) {
        if self.is_active() && now.since(self.speech.last) > SILENT_AFTER {
            self.hear(&Measure::silence(self.sound_rate.frame()), leg, events);
        }
        if let Some(dbov) = self.speech.loudest.level(now) {
            events.media(MediaEvent::Level { leg, dbov });
        }
        self.comfort.carry_on(now, &mut self.reception);
    }

    /// Where our packets go.
    #[inline]
    pub(crate) fn target(&self, channel: Channel, terms: &Terms) -> Option<(Channel, SocketAddr)> {
        let latch = self.latch.as_ref()?;
        let (rtp, agreed) = (latch.target(), &terms.agreed);
        Some(match channel {
            Channel::Rtcp if agreed.is_muxed() => (Channel::Rtp, rtp),
            Channel::Rtcp if latch.is_learned() => {
                // RFC 3550 §11, for want of anything better behind a NAT.
                (channel, SocketAddr::new(rtp.ip(), rtp.port().wrapping_add(1)))
            }
            Channel::Rtcp => (channel, agreed.remote_rtcp),
            _ => (Channel::Rtp, rtp),
        })
    }

    /// The packet in plain, decrypted where it lies; `None` unless it is the peer's.
    fn unprotect<'d>(
        &mut self,
        kind: Kind,
        terms: &Terms,
        datagram: &'d mut [u8],
    ) -> Option<&'d [u8]> {
        match &mut self.unprotector {
            Some(unprotector) => {
                let length = kind.unprotect(unprotector, datagram).ok()?;
                Some(&datagram[..length])
            }
            None => terms.agreed.srtp.is_none().then_some(datagram),
        }
    }

    fn audio(
        &mut self,
        now: Instant,
        (leg, coding): (LegId, &mut Coding),
        packet: &Packet<'_>,
        outlet: &mut Outlet,
    ) -> Taken {
        let Some(incoming) = coding.incoming(packet.header.payload_type) else {
            return Taken::Other;
        };
        if self.presses.is_pressed(now, &packet.header) {
            // A key's own sound is not for other ears.
            return Taken::Other;
        }
        if !self.allowance.takes_sound(now) {
            return Taken::Excess;
        }
        let arrival = outlet.arrival(now);
        let Workbench { decoded, tuned, recovered, .. } = &mut outlet.scratch.workbench;
        let lost = incoming.recover(packet, recovered);
        let Some(length) = incoming.decode(packet, decoded) else { return Taken::Malformed };
        let (decoded, rate) = (&mut decoded[..length], incoming.rate());
        let (events, clock_hz) = (&mut outlet.events, incoming.clock_hz());
        self.expect(rate);
        if let Some(digit) = self.presses.sound(now, &packet.header, (clock_hz, rate.hz()), decoded)
        {
            events.media(MediaEvent::Digit { leg, digit });
        }
        if let Some((header, length)) = &lost {
            self.filters.suppress(header, (clock_hz, rate), &mut recovered[..*length]);
        }
        if !self.filters.suppress(&packet.header, (clock_hz, rate), decoded) {
            return Taken::Other;
        }
        self.comfort.end();
        self.speech.last = now;
        let measure = Measure::of(decoded);
        self.hear(&measure, leg, events);
        self.filters.apply(decoded, measure);
        let sound = incoming.tune(decoded, tuned);
        self.reception.insert(arrival, &packet.header, clock_hz, sound);
        if let Some((header, length)) = lost {
            let recovered = incoming.tune(&recovered[..length], tuned);
            self.reception.fill_in(&header, clock_hz, recovered);
        }
        Taken::Audio
    }

    /// The sound that comes is of this rate from now on.
    fn expect(&mut self, rate: SampleRate) {
        if rate != self.sound_rate {
            self.sound_rate = rate;
            self.speech.detector.retune(rate.hz());
            self.presses.retune(rate.hz());
            self.filters.retune(rate);
        }
    }

    fn hear(&mut self, frame: &Measure, leg: LegId, events: &mut Events) {
        self.speech.loudest.hear(frame);
        if let Some(speaking) = self.speech.detector.frame(frame) {
            events.media(MediaEvent::Speech { leg, speaking });
        }
    }
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Speech({})", self.detector.is_speaking())
    }
}

/// Later than the longest packet time.
const SILENT_AFTER: Duration = Duration::from_millis(80);
