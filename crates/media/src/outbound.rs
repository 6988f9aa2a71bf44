//! The one RTP stream a leg's peer hears, and the reports beside it.

use std::collections::VecDeque;
use std::time::Duration;

use audio::comfort_noise::Description;
use audio::tone::Dtmf;
use model::{Chance, Digit, Instant, SampleRate};
use rtp::Header;
use rtp::rtcp::{MAX_REPORT, Report, ReportBlock, SenderInfo, ntp};
use rtp::srtp::Protector;
use rtp::telephone_event::{Sender, Sent};

use crate::clock::FRAME;
use crate::command::{Retired, Terms};
use crate::events::Events;
use crate::hush::{Hush, Said};
use crate::keys::{Change, Kind};
use crate::pacer::Stamp;

/// A leg's sending side.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Outbound {
    // What every frame touches comes first.
    protector: Option<Box<Protector>>,
    report_at: Option<Instant>,
    /// The stream's newest frame and its timestamp, the one with which its clock began, and units
    /// of the clock in a frame.
    newest: (u64, u32),
    anchor: (u64, u32),
    frame_units: u32,
    ssrc: u32,
    packets: u32,
    octets: u32,
    hush: Hush,
    sequence: u16,
    /// Whether the next packet is the first of its clock.
    is_new: bool,
    sent_since_report: bool,
    /// Whether digits are on their way, and so to be looked at.
    is_pressing: bool,
    digits: Digits,
    cname: [u8; 16],
    chance: Chance,
}

/// Digits on their way out.
struct Digits {
    waiting: VecDeque<Vec<Digit>>,
    next: usize,
    key: Option<Key>,
}

/// The key being pressed.
struct Key {
    sender: Sender,
    frame: u16,
    /// Where telephone-events were not agreed.
    in_band: Option<Dtmf>,
}

/// One packet, not yet written.
pub(crate) struct Frame {
    header: Header,
    body: Body,
    /// Whether the last digit of a request goes with it.
    pub(crate) is_last_digit: bool,
}

/// What a packet carries.
#[derive(Clone, Copy)]
enum Body {
    Sound,
    Event([u8; 4]),
    /// How silence sounds.
    Noise([u8; 1]),
}

impl Outbound {
    /// A stream of random name and beginnings. Allocates; nothing later does.
    pub(crate) fn new(mut chance: Chance) -> Self {
        let mut cname = [b'0'; 16];
        for (byte, random) in cname.iter_mut().zip(chance.token().bytes()) {
            *byte = random;
        }
        let timestamp = chance.next_u32();
        Self {
            protector: None,
            report_at: None,
            newest: (0, timestamp),
            anchor: (0, timestamp),
            frame_units: SampleRate::Narrow.frame() as u32,
            ssrc: chance.next_u32(),
            packets: 0,
            octets: 0,
            hush: Hush::default(),
            sequence: chance.next_u32() as u16 & 0x7fff,
            is_new: true,
            sent_since_report: false,
            is_pressing: false,
            digits: Digits { waiting: VecDeque::with_capacity(8), next: 0, key: None },
            cname,
            chance,
        }
    }

    /// A frame is about to be sent.
    pub(crate) fn bring_near(&self) {
        simd::bring_near(&self.protector);
        simd::bring_near(&self.newest);
        simd::bring_near(&self.is_pressing);
    }

    /// The stream begins; returns when its first frame is due: at one of a few phases that all
    /// streams share, so that frames which wait for nobody's packets leave together.
    pub(crate) fn begin(&mut self, now: Instant) -> Instant {
        self.plan_report(now);
        let soon = now.as_nanos() + self.chance.below(FRAME.as_nanos() as u64);
        Instant::from_nanos(soon.next_multiple_of(PHASE_NANOS))
    }

    /// Goes on with other keys. A stream whose sequence number has begun anew begins as another one:
    /// whoever hears it with a new key cannot know how often it did.
    pub(crate) fn rekey(&mut self, change: &mut Change<Protector>) {
        let has_rolled_over = self.protector.as_ref().is_some_and(|p| p.has_rolled_over());
        change.apply(&mut self.protector);
        if has_rolled_over && !matches!(change, Change::Keep) {
            self.ssrc = self.chance.next_u32();
            self.sequence = self.chance.next_u32() as u16 & 0x7fff;
            (self.packets, self.octets) = (0, 0);
        }
    }

    /// Protects the packet in `buffer[..length]` where it lies, if the leg is encrypted; returns its
    /// new length, or 0 if it must not be sent.
    pub(crate) fn protect(
        &mut self,
        kind: Kind,
        terms: &Terms,
        buffer: &mut [u8],
        length: usize,
    ) -> usize {
        match &mut self.protector {
            Some(protector) => kind.protect(protector, buffer, length).unwrap_or(0),
            None if terms.agreed.srtp.is_none() => length,
            None => 0,
        }
    }

    /// Sends digits after those that wait.
    pub(crate) fn send_digits(&mut self, digits: Vec<Digit>) {
        self.digits.waiting.push_back(digits);
        self.is_pressing = true;
    }

    /// Units a second of its timestamps.
    pub(crate) const fn clock_hz(&self) -> u32 {
        self.frame_units * 50
    }

    /// Goes on with timestamps of another clock; the same one changes nothing.
    pub(crate) fn set_clock(&mut self, clock_hz: u32) {
        let frame_units = clock_hz / 50;
        if frame_units != self.frame_units {
            (self.anchor, self.frame_units, self.is_new) = (self.newest, frame_units, true);
        }
    }

    /// Counts a frame that is not sent, because the peer holds us.
    pub(crate) const fn skip(&mut self, frame: u64) {
        let frames = frame.wrapping_sub(self.anchor.0) as u32;
        self.newest = (frame, self.anchor.1.wrapping_add(frames.wrapping_mul(self.frame_units)));
    }

    /// The packet of the stream's `frame`th frame: `samples`, or the key that takes their place.
    pub(crate) fn frame(
        &mut self,
        frame: u64,
        (rate, samples): (SampleRate, &mut [i16]),
        terms: &Terms,
        events: &mut Events,
    ) -> Frame {
        self.skip(frame);
        let timestamp = self.newest.1;
        let stamp = Stamp { timestamp, marker: std::mem::take(&mut self.is_new) };
        let header = self.header(stamp, terms);
        if !self.is_pressing {
            return Frame::of(header);
        }
        let events_type = terms.agreed.telephone_event;
        let in_band = events_type.is_none().then_some(rate);
        let key = (timestamp, self.clock_hz(), in_band);
        let (event, is_last_digit) = self.digits.frame(key, samples, events);
        self.is_pressing = self.digits.key.is_some() || !self.digits.waiting.is_empty();
        match (event, events_type) {
            (Some(event), Some(payload_type)) => {
                let EventFrame { marker, timestamp, payload } = event;
                let header = Header { marker, payload_type, timestamp, ..header };
                Frame { header, body: Body::Event(payload), is_last_digit }
            }
            _ => Frame { header, body: Body::Sound, is_last_digit },
        }
    }

    /// What is sent of a packet where the peer is told of silence; `None` for nothing.
    pub(crate) fn hush(&mut self, packet: Frame, samples: &[i16], terms: &Terms) -> Option<Frame> {
        let Some(payload_type) = terms.agreed.comfort_noise else { return Some(packet) };
        if packet.stamp().is_none() {
            self.hush = Hush::default();
            return Some(packet);
        }
        let header = packet.header;
        match self.hush.frame(samples) {
            Said::Sound => Some(packet),
            Said::First => Some(Frame { header: Header { marker: true, ..header }, ..packet }),
            Said::Description(level_dbov) => {
                let body = Body::Noise(Description::white(level_dbov).payload());
                Some(Frame { header: Header { payload_type, ..header }, body, ..packet })
            }
            Said::Nothing => None,
        }
    }

    /// The header of the next packet of sound.
    pub(crate) const fn header(&self, stamp: Stamp, terms: &Terms) -> Header {
        Header {
            marker: stamp.marker,
            payload_type: terms.agreed.format.payload_type,
            sequence: self.sequence,
            timestamp: stamp.timestamp,
            ssrc: self.ssrc,
        }
    }

    /// Whether digits are on their way.
    pub(crate) const fn is_pressing(&self) -> bool {
        self.is_pressing
    }

    /// Counts a packet of `length` bytes that was sent.
    pub(crate) fn count(&mut self, length: usize) {
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        let octets = length.saturating_sub(Header::LENGTH);
        self.octets = self.octets.wrapping_add(octets as u32);
        self.sent_since_report = true;
    }

    /// Whether a key goes out as sound.
    pub(crate) fn is_sounding_key(&self) -> bool {
        self.is_pressing && self.digits.key.as_ref().is_some_and(|key| key.in_band.is_some())
    }

    /// The report that is due, with its length.
    pub(crate) fn report(
        &mut self,
        now: Instant,
        heard: Option<ReportBlock>,
    ) -> ([u8; MAX_REPORT], usize) {
        self.plan_report(now);
        let sender = std::mem::take(&mut self.sent_since_report).then(|| self.sender_info(now));
        self.write(Report { ssrc: self.ssrc, sender, heard, cname: &self.cname, bye: false })
    }

    /// The stream's last word.
    pub(crate) fn bye(&self, now: Instant) -> ([u8; MAX_REPORT], usize) {
        let sender = Some(self.sender_info(now));
        self.write(Report { ssrc: self.ssrc, sender, heard: None, cname: &self.cname, bye: true })
    }

    /// The stream's name.
    pub(crate) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// When a report is due.
    pub(crate) const fn report_at(&self) -> Option<Instant> {
        self.report_at
    }

    fn write(&self, report: Report<'_>) -> ([u8; MAX_REPORT], usize) {
        let mut bytes = [0; MAX_REPORT];
        let length = report.write(&mut bytes);
        (bytes, length)
    }

    fn sender_info(&self, now: Instant) -> SenderInfo {
        SenderInfo {
            ntp: ntp(now),
            timestamp: self.newest.1,
            packets: self.packets,
            octets: self.octets,
        }
    }

    /// RFC 3550 §6.2: 5 s, times 0.5 to 1.5, so that reports of many legs never meet.
    fn plan_report(&mut self, now: Instant) {
        self.report_at = Some(now + Duration::from_millis(2500 + self.chance.below(5000)));
    }
}

impl Digits {
    /// Lets the key that is due take the place of the frame at `timestamp`: as the event packet
    /// returned, or as sound of the rate `in_band`, or silence, in `samples`. Returns also whether a
    /// request ended.
    fn frame(
        &mut self,
        (timestamp, clock_hz, in_band): (u32, u32, Option<SampleRate>),
        samples: &mut [i16],
        events: &mut Events,
    ) -> (Option<EventFrame>, bool) {
        if let Some(key) = self.key.as_mut().filter(|key| !key.is_done()) {
            return (key.press(samples), false);
        }
        self.key = None;
        let Some(request) = self.waiting.front() else { return (None, false) };
        let Some(&digit) = request.get(self.next) else {
            self.next = 0;
            if let Some(sent) = self.waiting.pop_front() {
                events.retire(Retired::Digits(sent));
            }
            return (None, true);
        };
        self.next += 1;
        let in_band = in_band.map(|rate| Dtmf::new(digit, rate.hz()));
        let sender = Sender::new(digit, timestamp).with_clock(clock_hz);
        let key = self.key.insert(Key { sender, frame: 0, in_band });
        (key.press(samples), false)
    }
}

/// A telephone-event in place of a frame.
struct EventFrame {
    marker: bool,
    timestamp: u32,
    payload: [u8; 4],
}

impl Key {
    const fn is_done(&self) -> bool {
        self.frame == Sender::FRAMES
    }

    /// Presses on for a frame: an event, or else the sound or silence written to `samples`.
    fn press(&mut self, samples: &mut [i16]) -> Option<EventFrame> {
        let sent = self.sender.poll_frame();
        self.frame += 1;
        samples.fill(0);
        match (&mut self.in_band, sent) {
            (Some(tone), _) if self.frame <= Sender::HELD => tone.fill(samples),
            (None, Some(Sent::Event { marker, timestamp, payload })) => {
                return Some(EventFrame { marker, timestamp, payload });
            }
            _ => {}
        }
        None
    }
}

impl Frame {
    /// A packet of sound.
    pub(crate) const fn of(header: Header) -> Self {
        Self { header, body: Body::Sound, is_last_digit: false }
    }

    /// The place of its sound in the stream; `None` if it is no sound.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let Header { timestamp, marker, .. } = self.header;
        matches!(self.body, Body::Sound).then_some(Stamp { timestamp, marker })
    }

    /// Writes the packet, header and all, into bytes that hold any, its sound by `encode`; returns
    /// its length.
    pub(crate) fn write(&self, bytes: &mut [u8], encode: impl FnOnce(&mut [u8]) -> usize) -> usize {
        let (header, payload) = bytes.split_at_mut(Header::LENGTH);
        header.copy_from_slice(&self.header.to_bytes());
        let length = match self.body {
            Body::Sound => encode(payload),
            Body::Event(event) => copy(&event, payload),
            Body::Noise(level) => copy(&level, payload),
        };
        Header::LENGTH + length
    }
}

fn copy(bytes: &[u8], payload: &mut [u8]) -> usize {
    payload[..bytes.len()].copy_from_slice(bytes);
    bytes.len()
}

/// Hides the digits.
impl std::fmt::Debug for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digits(<redacted>)")
    }
}

/// Between two of the phases at which streams begin: five of them spread the load well enough.
const PHASE_NANOS: u64 = 4_000_000;
