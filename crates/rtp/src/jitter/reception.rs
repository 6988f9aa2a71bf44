//! What arrived of one source, as samples at their media time: order, repetition and packet time
//! no longer matter here.
//!
//! Media time counts in samples of the rate at which the sound is held, which need not be the
//! clock of the timestamps (G.722, and whatever was brought to another rate on its way in).

use std::ops::Range;
use std::time::Duration;

use model::Instant;

use super::{Arrival, Arrivals};
use crate::Header;

/// The last half second of one source.
///
/// What listeners look at before they take a frame comes first, what they take it from next, what
/// only packets touch after that: each is a cache line or two.
#[derive(Clone)]
#[repr(C)]
pub struct Reception {
    stream: Option<Stream>,
    /// Samples by media time modulo the length, a power of two.
    samples: Vec<i16>,
    rate_hz: u32,
    arrivals: Arrivals,
    /// One bit per sample that arrived; of a time from [`Stream::whole`] on all did, and the bits
    /// say nothing.
    filled: Vec<u64>,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Stream {
    /// Grows when media time starts anew.
    epoch: u32,
    /// Media time at which the newest packet begins and ends.
    start: i64,
    end: i64,
    /// Media time from which on all has arrived.
    whole: i64,
    /// When the newest packet arrived, and when the one after it should: its length later.
    arrived: Instant,
    next: Instant,
    ssrc: u32,
    /// Units a second of its timestamps.
    clock_hz: u32,
    /// A timestamp, continued beyond 32 bits, and its media time.
    anchor: (i64, i64),
    /// The timestamp with which the epoch began, and the newest packet's.
    first: i64,
    newest: i64,
}

impl Reception {
    /// A source not yet heard, held at `rate_hz` samples a second. Allocates; nothing later does.
    pub fn new(rate_hz: u32) -> Self {
        let mut new = Self {
            samples: Vec::with_capacity(MAX_LENGTH),
            filled: Vec::with_capacity(MAX_LENGTH / 64),
            rate_hz,
            stream: None,
            arrivals: Arrivals::new(),
        };
        new.clear();
        new
    }

    /// Goes on at another rate of at most 48 kHz: what is held of the last 200 ms stays, in
    /// straight lines from sample to sample.
    pub fn retune(&mut self, rate_hz: u32) {
        let held = self.held_at(rate_hz);
        let before = std::mem::replace(&mut self.rate_hz, rate_hz);
        self.clear();
        let Some(stream) = &mut self.stream else { return };
        stream.anchor = (stream.newest, retuned(stream.start, before, rate_hz));
        stream.start = stream.anchor.1;
        stream.end = retuned(stream.end, before, rate_hz);
        stream.whole = stream.end;
        for (at, sample) in (stream.end - held.len() as i64..).zip(held) {
            if let Some(sample) = sample {
                self.fill(at, &[sample]);
            }
        }
    }

    /// Takes in one packet's samples, whose timestamps count `clock_hz` units a second. Another
    /// SSRC or clock, or a timestamp far back, is a new stream (RFC 3550 §5.1); a timestamp ahead is
    /// silence that was not sent. O(n), no heap.
    pub fn insert(
        &mut self,
        arrival: impl Into<Arrival>,
        header: &Header,
        clock_hz: u32,
        samples: &[i16],
    ) {
        let arrival = arrival.into();
        let now = arrival.taken;
        let length = samples.len() as i64;
        if samples.is_empty() || samples.len() > self.samples.len() / 2 || clock_hz == 0 {
            return;
        }
        let (timestamp, start) = match self.known(header, clock_hz) {
            Some(known) => known,
            None => self.restart(now, header, clock_hz),
        };
        self.advance(now, timestamp, start..start + length);
        self.fill(start, samples);
        let first = self.stream.map_or(timestamp, |stream| stream.first);
        let media = (timestamp - first).saturating_mul(1_000_000_000) / i64::from(clock_hz);
        let is_frame = length * FRAMES_PER_SECOND == i64::from(self.rate_hz);
        self.arrivals.record(arrival, media, is_frame);
    }

    /// Takes in sound that stands for what the source does not send, right after its newest: the
    /// noise it described. The next packet stands where its timestamp says all the same, and when
    /// packets arrive is not learned from it.
    pub fn carry_on(&mut self, now: Instant, samples: &[i16]) {
        let Some(stream) = self.stream else { return };
        let length = samples.len() as i64;
        if samples.is_empty() || length > self.length() / 2 {
            return;
        }
        let end = stream.end + length;
        let units = (end - stream.anchor.1) * i64::from(stream.clock_hz);
        // The timestamp of its beginning, so that the next one is found near it.
        let timestamp = stream.anchor.0 + units.div_euclid(i64::from(self.rate_hz));
        self.advance(now, timestamp, stream.end..end);
        self.fill(stream.end, samples);
    }

    /// Takes in what a later packet repeats of a lost one, if the stream still has a place for it.
    /// O(n), no heap.
    pub fn fill_in(&mut self, header: &Header, clock_hz: u32, samples: &[i16]) {
        let Some((_, start)) = self.known(header, clock_hz) else { return };
        let end = self.stream.map_or(start, |stream| stream.end);
        let is_past = start + samples.len() as i64 <= end;
        if is_past && samples.len() <= self.samples.len() / 2 {
            self.fill(start, samples);
        }
    }

    /// When its packets arrive.
    pub const fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// Samples a second at which it is held.
    pub const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The stream's epoch, and the newest packet's media time.
    pub(super) fn newest(&self) -> Option<(u32, Range<i64>)> {
        self.stream.map(|stream| (stream.epoch, stream.start..stream.end))
    }

    /// When the packet after the newest one should come: the newest one's length after it.
    pub fn next_packet(&self) -> Option<Instant> {
        self.stream.as_ref().map(|stream| stream.next)
    }

    /// Where the next packet's samples will be written, if it comes in order and holds a frame: for
    /// who wants that memory near before.
    pub fn free_place(&self) -> &[i16] {
        self.place(self.stream.map_or(0, |stream| stream.end))
    }

    /// Where the samples of a frame from `time` on lie, as far as that is in one piece.
    pub(super) fn place(&self, time: i64) -> &[i16] {
        let place = &self.samples[self.index(time)..];
        &place[..place.len().min((i64::from(self.rate_hz) / FRAMES_PER_SECOND) as usize)]
    }

    /// Whether the source is sending: what is held of one that stopped is the past.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.stream.is_some_and(|stream| now.since(stream.arrived) <= FRESH)
    }

    /// Whether the sample at `time` arrived and is still held, and for how many more it is so, at
    /// most `limit`; never none.
    pub(super) fn run(&self, time: i64, limit: usize) -> (bool, usize) {
        let Some(stream) = &self.stream else { return (false, limit) };
        if time >= stream.end {
            return (false, limit);
        }
        let oldest = stream.end - self.length();
        if time < oldest {
            return (false, limit.min((oldest - time) as usize));
        }
        let limit = limit.min((stream.end - time) as usize);
        if time >= stream.whole {
            return (true, limit);
        }
        let doubtful = limit.min((stream.whole - time) as usize);
        let (is_filled, run) = self.marked(time, doubtful);
        // What follows is whole.
        if is_filled && run == doubtful { (true, limit) } else { (is_filled, run) }
    }

    /// The same by the bits, of times that are held and not known to be whole.
    fn marked(&self, time: i64, limit: usize) -> (bool, usize) {
        let is_filled = self.same_bits(time, 0) > 0;
        let flip = if is_filled { 0 } else { u64::MAX };
        let mut run = 0;
        while run < limit {
            let same = self.same_bits(time + run as i64, flip);
            run += same;
            if !(time as usize + run).is_multiple_of(64) || same == 0 {
                break;
            }
        }
        (is_filled, run.clamp(1, limit))
    }

    /// Whether all samples of a range arrived and are still held.
    pub(super) fn is_whole(&self, range: Range<i64>) -> bool {
        let mut at = range.start;
        while at < range.end {
            let (is_filled, length) = self.run(at, (range.end - at) as usize);
            if !is_filled {
                return false;
            }
            at += length as i64;
        }
        true
    }

    /// Copies the samples from `time` on, stale where they did not arrive.
    pub(super) fn copy(&self, time: i64, out: &mut [i16]) {
        let at = self.index(time);
        let first = out.len().min(self.samples.len() - at);
        let (head, tail) = out.split_at_mut(first);
        head.copy_from_slice(&self.samples[at..at + first]);
        tail.copy_from_slice(&self.samples[..tail.len()]);
    }

    /// Copies the samples from `time` on, silence where they did not arrive.
    pub(super) fn copy_known(&self, mut time: i64, mut out: &mut [i16]) {
        while !out.is_empty() {
            let (is_filled, length) = self.run(time, out.len());
            let (part, rest) = out.split_at_mut(length);
            if is_filled {
                self.copy(time, part);
            } else {
                part.fill(0);
            }
            (time, out) = (time + length as i64, rest);
        }
    }

    /// How many bits from `time` to the end of their word are set, after flipping.
    fn same_bits(&self, time: i64, flip: u64) -> usize {
        let (word, bit) = (self.index(time) / 64, self.index(time) % 64);
        let bits = ((self.filled[word] ^ flip) >> bit).trailing_ones() as usize;
        bits.min(64 - bit)
    }

    fn length(&self) -> i64 {
        self.samples.len() as i64
    }

    fn index(&self, time: i64) -> usize {
        time as usize & (self.samples.len() - 1)
    }

    /// The continued timestamp and the media time of a packet that belongs to the stream.
    fn known(&self, header: &Header, clock_hz: u32) -> Option<(i64, i64)> {
        let stream = self.stream?;
        let timestamp = stream.extend(header.timestamp);
        let start = stream.media_time(timestamp, self.rate_hz);
        let is_known = (stream.ssrc, stream.clock_hz) == (header.ssrc, clock_hz)
            && (stream.end - self.length()..LATEST).contains(&start);
        is_known.then_some((timestamp, start))
    }

    fn restart(&mut self, now: Instant, header: &Header, clock_hz: u32) -> (i64, i64) {
        let epoch = self.stream.map_or(0, |stream| stream.epoch.wrapping_add(1));
        let timestamp = i64::from(header.timestamp);
        let start = EARLIEST;
        self.stream = Some(Stream {
            ssrc: header.ssrc,
            epoch,
            clock_hz,
            anchor: (timestamp, start),
            first: timestamp,
            newest: timestamp,
            start,
            end: start,
            whole: start,
            arrived: now,
            next: now,
        });
        self.filled.fill(0);
        self.arrivals.clear();
        (timestamp, start)
    }

    /// Moves the end of what is held to that of a packet, which is filled in right after; what was
    /// not sent before it is not filled.
    fn advance(&mut self, now: Instant, timestamp: i64, packet: Range<i64>) {
        let length = self.length();
        let Some(stream) = &mut self.stream else { return };
        let Range { start, end } = packet;
        if end <= stream.end {
            return;
        }
        let unsent = stream.end.max(end - length)..start;
        let whole = stream.whole.max(end - length)..stream.end;
        if start > stream.end {
            stream.whole = start;
        }
        (stream.start, stream.end, stream.arrived) = (start, end, now);
        let nanos = (end - start).unsigned_abs() * 1_000_000_000 / u64::from(self.rate_hz.max(1));
        stream.next = now + Duration::from_nanos(nanos);
        stream.newest = timestamp;
        if !unsent.is_empty() {
            self.mark(whole, |word, bits| word | bits);
            self.mark(unsent, |word, bits| word & !bits);
        }
    }

    /// The last 200 ms as they are at another rate, where they arrived.
    fn held_at(&self, rate_hz: u32) -> [Option<i16>; HELD] {
        let mut held = [None; HELD];
        let Some(stream) = self.stream else { return held };
        let count = (rate_hz as usize / 5).min(HELD);
        let end = retuned(stream.end, self.rate_hz, rate_hz);
        for (at, sample) in (end - count as i64..end).zip(&mut held[HELD - count..]) {
            *sample = self.between(at, rate_hz);
        }
        held
    }

    /// The value at a time of another rate.
    fn between(&self, time: i64, rate_hz: u32) -> Option<i16> {
        let (ours, theirs) = (i64::from(self.rate_hz), i64::from(rate_hz));
        let (at, part) = (time * ours / theirs, time * ours % theirs);
        let mut pair = [0; 2];
        self.run(at, 1).0.then(|| self.copy(at, &mut pair))?;
        let [before, after] = pair.map(i64::from);
        let after = if self.run(at + 1, 1).0 { after } else { before };
        Some((before + (after - before) * part / theirs) as i16)
    }

    fn clear(&mut self) {
        let length = (self.rate_hz as usize / 2).next_power_of_two().clamp(64, MAX_LENGTH);
        self.samples.clear();
        self.samples.resize(length, 0);
        self.filled.clear();
        self.filled.resize(length / 64, 0);
    }

    fn fill(&mut self, start: i64, samples: &[i16]) {
        let at = self.index(start);
        let (head, tail) = samples.split_at(samples.len().min(self.samples.len() - at));
        self.samples[at..at + head.len()].copy_from_slice(head);
        self.samples[..tail.len()].copy_from_slice(tail);
        let whole = self.stream.map_or(start, |stream| stream.whole);
        let end = start + samples.len() as i64;
        self.mark(start..end.min(whole), |word, bits| word | bits);
    }

    /// Changes the bits of a range, word by word.
    fn mark(&mut self, range: Range<i64>, change: impl Fn(u64, u64) -> u64) {
        let mut time = range.start;
        while time < range.end {
            let (word, bit) = (self.index(time) / 64, self.index(time) % 64);
            let count = (64 - bit as i64).min(range.end - time);
            let bits = (u64::MAX >> (64 - count)) << bit;
            self.filled[word] = change(self.filled[word], bits);
            time += count;
        }
    }
}

impl Stream {
    /// A timestamp beyond 32 bits: the one nearest to the newest packet's.
    fn extend(&self, timestamp: u32) -> i64 {
        self.newest + i64::from(timestamp.wrapping_sub(self.newest as u32).cast_signed())
    }

    fn media_time(&self, timestamp: i64, rate_hz: u32) -> i64 {
        let units = timestamp - self.anchor.0;
        if rate_hz == self.clock_hz {
            return self.anchor.1 + units;
        }
        self.anchor.1 + (units * i64::from(rate_hz)).div_euclid(i64::from(self.clock_hz))
    }
}

/// A media time, or a length, of one rate at another.
pub(super) const fn retuned(time: i64, from_hz: u32, to_hz: u32) -> i64 {
    (time * to_hz as i64).div_euclid(from_hz as i64)
}

/// Hides what was said.
impl std::fmt::Debug for Reception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reception(..)")
    }
}

/// Media times between which nothing overflows, whatever timestamps come: years apart.
const EARLIEST: i64 = 1 << 40;
const LATEST: i64 = 1 << 46;
/// The longest that is held: a third of a second at 48 kHz.
const MAX_LENGTH: usize = 16_384;
/// 200 ms at 48 kHz: no playout is further behind.
const HELD: usize = 9_600;
/// Frames of 20 ms.
const FRAMES_PER_SECOND: i64 = 50;
/// Longer than any packet.
const FRESH: Duration = Duration::from_millis(80);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::Chance;

    use super::*;

    fn insert(reception: &mut Reception, ssrc: u32, timestamp: u32, value: i16) {
        let header = Header { marker: false, payload_type: 0, sequence: 0, timestamp, ssrc };
        reception.insert(Instant::ZERO, &header, 8000, &[value; 160]);
    }

    /// What is said of every sample held is what packets said, whatever came, late or twice.
    #[test]
    fn each_sample_is_known_to_have_arrived_or_not() {
        let mut chance = Chance::from_number(4);
        let mut reception = Reception::new(8000);
        let (mut arrived, mut next) = (BTreeSet::new(), 0_u32);
        for value in 0..4_000 {
            let timestamp = match chance.below(10) {
                0 => next + chance.below(700) as u32,
                1 => next.saturating_sub(chance.below(1_500) as u32),
                _ => next,
            };
            next = next.max(timestamp + 160);
            insert(&mut reception, 1, timestamp, value);
            arrived.extend(timestamp..timestamp + 160);
            let end = reception.newest().expect("packets came").1.end;
            // The media time of the timestamp 0, and how far back the buffer reaches.
            let (zero, reach) = (end - i64::from(next), next.saturating_sub(4096)..next);
            let known = |at: u32| reach.contains(&at) && arrived.contains(&at);
            let (at, length) = (reach.start + chance.below(4_200) as u32, chance.below(400) as u32);
            let (is_filled, run) = reception.run(zero + i64::from(at), length as usize + 1);
            let run = at..at + run as u32;
            assert!(run.clone().all(|at| known(at) == is_filled), "{run:?} of packet {value}");
            assert!(run.len() > length as usize || known(run.end) != is_filled || run.end >= next);
            let range = zero + i64::from(at)..zero + i64::from(at + length);
            assert_eq!(reception.is_whole(range), (at..at + length).all(known), "packet {value}");
        }
    }

    #[test]
    fn packets_stand_at_their_time_in_whatever_order_and_across_the_wrap() {
        let mut reception = Reception::new(8000);
        insert(&mut reception, 1, u32::MAX - 159, 1);
        insert(&mut reception, 1, 320, 4);
        insert(&mut reception, 1, 0, 2);
        let (epoch, newest) = reception.newest().expect("packets came");
        let first = newest.start - 480;
        assert_eq!(epoch, 0);
        assert!(reception.is_whole(first..first + 320));
        assert_eq!(reception.run(first, 1000), (true, 320));
        assert_eq!(reception.run(first + 320, 1000), (false, 160));
        assert_eq!(reception.run(first + 321, 7), (false, 7));
        assert!(!reception.run(first - 1, 1).0 && !reception.run(newest.end, 1).0);
        assert!(reception.is_whole(newest.clone()) && !reception.is_whole(first..first + 321));
        let mut copied = [0; 320];
        reception.copy(first, &mut copied);
        assert_eq!((copied[159], copied[160]), (1, 2));
        let mut known = [9; 640];
        reception.copy_known(first - 1, &mut known);
        assert_eq!((known[0], known[1], known[320], known[321]), (0, 1, 2, 0));
        assert_eq!((known[480], known[481], known[639]), (0, 4, 4));
        reception.copy(newest.start, &mut copied[..1]);
        assert_eq!(copied[0], 4);
    }

    #[test]
    fn samples_stand_at_their_time_whatever_the_clock_of_the_timestamps() {
        for (clock_hz, rate_hz, units) in [(8000, 16_000, 160), (48_000, 16_000, 960)] {
            let mut reception = Reception::new(rate_hz);
            let mut insert = |timestamp, value| {
                let header =
                    Header { marker: false, payload_type: 9, sequence: 0, timestamp, ssrc: 1 };
                reception.insert(Instant::ZERO, &header, clock_hz, &[value; 320]);
            };
            insert(u32::MAX - units + 1, 1);
            insert(2 * units, 4);
            insert(0, 2);
            let newest = reception.newest().expect("packets came").1;
            let first = newest.start - 960;
            assert_eq!(newest.end - newest.start, 320);
            assert!(reception.is_whole(first..first + 640));
            assert_eq!(reception.run(first + 640, 1000), (false, 320));
            let mut copied = [0; 1];
            reception.copy(first + 320, &mut copied);
            assert_eq!(copied, [2]);
        }
    }

    #[test]
    fn at_another_rate_what_was_held_stays_and_what_follows_joins_it() {
        let mut reception = Reception::new(8000);
        let header =
            |timestamp| Header { marker: false, payload_type: 0, sequence: 0, timestamp, ssrc: 1 };
        let ramp: Vec<i16> = (0..160).map(|at| at * 60).collect();
        reception.insert(Instant::ZERO, &header(0), 8000, &ramp);
        reception.insert(Instant::ZERO, &header(320), 8000, &[7; 160]);
        for (rate_hz, factor) in [(48_000, 6), (16_000, 2), (8000, 1)] {
            reception.retune(rate_hz);
            let newest = reception.newest().expect("packets came").1;
            let first = newest.start - 320 * factor;
            assert_eq!(newest.end, newest.start + 160 * factor);
            assert!(
                reception.is_whole(newest.clone()) && reception.is_whole(first..first + factor)
            );
            assert_eq!(reception.run(first + 160 * factor, 9000), (false, 160 * factor as usize));
            let mut copied = [0; 2];
            reception.copy(first + 15 * factor / 2, &mut copied);
            assert_eq!(copied[0], if factor == 1 { 7 * 60 } else { 15 * 30 }, "{rate_hz}");
        }
        reception.insert(Instant::ZERO, &header(480), 8000, &[9; 160]);
        let newest = reception.newest().expect("packets came").1;
        assert!(reception.is_whole(newest.start - 160..newest.end));
    }

    #[test]
    fn sound_that_carries_on_ends_where_the_next_packet_begins() {
        let mut reception = Reception::new(8000);
        reception.carry_on(Instant::ZERO, &[7; 160]);
        assert_eq!(reception.newest(), None, "nothing to carry on from");
        insert(&mut reception, 1, 1_000, 1);
        let jitter = reception.arrivals().jitter();
        for _ in 0..200 {
            reception.carry_on(Instant::ZERO, &[7; 160]);
        }
        let end = reception.newest().expect("packets came").1.end;
        assert!(reception.is_whole(end - 1_600..end));
        // 4 s later the source speaks again, and overwrites the noise made ahead of it.
        insert(&mut reception, 1, 1_000 + 200 * 160, 2);
        assert_eq!(reception.newest().map(|(epoch, newest)| (epoch, newest.end)), Some((0, end)));
        let mut copied = [0; 161];
        reception.copy(end - 161, &mut copied);
        assert_eq!((copied[0], copied[1], copied[160]), (7, 2, 2));
        assert_eq!(reception.arrivals().jitter(), jitter, "nothing was learned of arrivals");
    }

    #[test]
    fn another_ssrc_or_a_time_far_back_is_a_new_stream_and_a_gap_is_not() {
        let mut reception = Reception::new(8000);
        insert(&mut reception, 1, 1000, 1);
        insert(&mut reception, 1, 9_000_000, 1);
        assert_eq!(reception.newest().map(|(epoch, _)| epoch), Some(0));
        let end = reception.newest().expect("packets came").1.end;
        assert!(!reception.run(end - 161, 1).0);
        insert(&mut reception, 2, 9_000_160, 1);
        assert_eq!(reception.newest().map(|(epoch, _)| epoch), Some(1));
        insert(&mut reception, 2, 1_000, 1);
        assert_eq!(reception.newest().map(|(epoch, _)| epoch), Some(2));
    }
}
