//! What arrived of one source, as samples at their media time: order, repetition and packet time
//! no longer matter here.

use std::time::Duration;

use model::Instant;

use super::Arrivals;
use crate::Header;

/// The last half second of one source.
#[derive(Clone)]
pub struct Reception {
    /// Samples by media time modulo the length, a power of two.
    samples: Box<[i16]>,
    /// One bit per sample that arrived.
    filled: Box<[u64]>,
    rate_hz: u32,
    stream: Option<Stream>,
    arrivals: Arrivals,
}

#[derive(Clone, Copy)]
struct Stream {
    ssrc: u32,
    /// Grows when media time starts anew.
    epoch: u32,
    /// Media time at which the epoch began.
    origin: i64,
    /// Media time at which the newest packet begins and ends.
    start: i64,
    end: i64,
    /// When the newest packet arrived.
    arrived: Instant,
}

impl Reception {
    /// A source not yet heard, at `rate_hz` samples a second. Allocates; nothing later does.
    pub fn new(rate_hz: u32) -> Self {
        let length = (rate_hz as usize / 2).next_power_of_two();
        Self {
            samples: vec![0; length].into(),
            filled: vec![0; length / 64].into(),
            rate_hz,
            stream: None,
            arrivals: Arrivals::new(),
        }
    }

    /// Takes in one packet's samples. Another SSRC, or a timestamp far back, is a new stream; a
    /// timestamp ahead is silence that was not sent.
    pub fn insert(&mut self, now: Instant, header: &Header, samples: &[i16]) {
        let length = samples.len() as i64;
        if samples.is_empty() || samples.len() > self.samples.len() / 2 {
            return;
        }
        let start = match self.stream.map(|stream| (stream, stream.extend(header.timestamp))) {
            Some((stream, start))
                if stream.ssrc == header.ssrc && start > stream.end - self.length() =>
            {
                start
            }
            _ => self.restart(now, header),
        };
        self.advance(now, start, start + length);
        self.fill(start, samples);
        let origin = self.stream.map_or(start, |stream| stream.origin);
        let media = (start - origin).saturating_mul(1_000_000_000) / i64::from(self.rate_hz);
        let length = Duration::from_nanos(length as u64 * 1_000_000_000 / u64::from(self.rate_hz));
        self.arrivals.record(now, media, length);
    }

    /// When its packets arrive.
    pub const fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    pub(super) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The stream's epoch, and the newest packet's media time.
    pub(super) fn newest(&self) -> Option<(u32, std::ops::Range<i64>)> {
        self.stream.map(|stream| (stream.epoch, stream.start..stream.end))
    }

    /// Whether the source is sending: what is held of one that stopped is the past.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.stream.is_some_and(|stream| now.since(stream.arrived) <= FRESH)
    }

    /// Whether the sample at `time` arrived and is still held, and for how many more it is so, at
    /// most `limit`; never none.
    pub(super) fn run(&self, time: i64, limit: usize) -> (bool, usize) {
        let Some(stream) = self.stream else { return (false, limit) };
        let oldest = stream.end - self.length();
        if time >= stream.end {
            return (false, limit);
        }
        if time < oldest {
            return (false, limit.min((oldest - time) as usize));
        }
        let limit = limit.min((stream.end - time) as usize);
        let is_filled = self.same_bits(time, 0) > 0;
        let mut run = 0;
        while run < limit {
            let flip = if is_filled { 0 } else { u64::MAX };
            let same = self.same_bits(time + run as i64, flip);
            run += same;
            if !(time as usize + run).is_multiple_of(64) || same == 0 {
                break;
            }
        }
        (is_filled, run.clamp(1, limit))
    }

    /// Whether all samples of a range arrived and are still held.
    pub(super) fn is_whole(&self, range: std::ops::Range<i64>) -> bool {
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

    fn restart(&mut self, now: Instant, header: &Header) -> i64 {
        let epoch = self.stream.map_or(0, |stream| stream.epoch.wrapping_add(1));
        // Far from zero, so that no earlier time is negative.
        let start = (1 << 32) + i64::from(header.timestamp);
        self.stream = Some(Stream {
            ssrc: header.ssrc,
            epoch,
            origin: start,
            start,
            end: start,
            arrived: now,
        });
        self.filled.fill(0);
        self.arrivals = Arrivals::new();
        start
    }

    /// Moves the end of what is held; what was not sent is not filled.
    fn advance(&mut self, now: Instant, start: i64, end: i64) {
        let length = self.length();
        let Some(stream) = &mut self.stream else { return };
        if end <= stream.end {
            return;
        }
        let cleared = stream.end.max(end - length)..end;
        (stream.start, stream.end, stream.arrived) = (start, end, now);
        self.mark(cleared, |word, bits| word & !bits);
    }

    fn fill(&mut self, start: i64, samples: &[i16]) {
        let at = self.index(start);
        let (head, tail) = samples.split_at(samples.len().min(self.samples.len() - at));
        self.samples[at..at + head.len()].copy_from_slice(head);
        self.samples[..tail.len()].copy_from_slice(tail);
        self.mark(start..start + samples.len() as i64, |word, bits| word | bits);
    }

    /// Changes the bits of a range, word by word.
    fn mark(&mut self, range: std::ops::Range<i64>, change: impl Fn(u64, u64) -> u64) {
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
    /// The media time of a timestamp, the one nearest to the newest packet.
    fn extend(&self, timestamp: u32) -> i64 {
        self.end + i64::from(timestamp.wrapping_sub(self.end as u32).cast_signed())
    }
}

/// Hides what was said.
impl std::fmt::Debug for Reception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reception(..)")
    }
}

/// Longer than any packet.
const FRESH: Duration = Duration::from_millis(80);

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(reception: &mut Reception, ssrc: u32, timestamp: u32, value: i16) {
        let header = Header { marker: false, payload_type: 0, sequence: 0, timestamp, ssrc };
        reception.insert(Instant::ZERO, &header, &[value; 160]);
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
        reception.copy(newest.start, &mut copied[..1]);
        assert_eq!(copied[0], 4);
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
