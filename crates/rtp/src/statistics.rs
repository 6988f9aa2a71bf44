//! What was received of one stream, for our reports (RFC 3550 §6.4.1, appendices A.1, A.3, A.8).

use model::Instant;

use crate::Header;
use crate::jitter::Arrival;
use crate::rtcp::{ReportBlock, SenderInfo};

/// Counts of one source's packets.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub struct Statistics {
    /// All that a packet touches.
    stream: Option<Stream>,
    last_sender_report: Option<(u32, Instant)>,
}

#[derive(Clone, Debug)]
struct Stream {
    ssrc: u32,
    first: u32,
    highest: u32,
    received: u32,
    reported: (u32, u32),
    transit: i64,
    jitter_16th: i64,
    /// After a jump of the sequence number: the one that would go on there.
    after_jump: Option<u16>,
}

impl Statistics {
    /// Counts one packet (A.1, A.8); `rate` is its clock's, in units a second. One that has waited
    /// for us says nothing of the network's jitter. O(1), no heap.
    pub fn packet(&mut self, arrival: impl Into<Arrival>, header: &Header, rate: u32) {
        let Arrival { taken, has_waited } = arrival.into();
        let transit = i64::from(in_units(taken, rate).wrapping_sub(header.timestamp) as i32);
        let goes_on = |stream: &mut Stream| {
            stream.ssrc == header.ssrc && !stream.begins_anew(header.sequence)
        };
        let goes_on = self.stream.as_mut().is_some_and(goes_on);
        match &mut self.stream {
            Some(stream) if goes_on => {
                stream.count(header.sequence);
                if !has_waited {
                    stream.measure(transit);
                }
            }
            _ => self.stream = Some(Stream::new(header, transit)),
        }
    }

    /// Notes the peer's SR, so that it can measure the way there and back (§6.4.1, LSR and DLSR).
    pub fn sender_report(&mut self, now: Instant, info: &SenderInfo) {
        self.last_sender_report = Some(((info.ntp >> 16) as u32, now));
    }

    /// The block of our next report (A.3); `None` before the first packet. O(1), no heap.
    pub fn report(&mut self, now: Instant) -> Option<ReportBlock> {
        let stream = self.stream.as_mut()?;
        let (last_sender_report, delay_since_last) = match self.last_sender_report {
            Some((middle, at)) => (middle, (now.since(at).as_micros() * 65_536 / 1_000_000) as u32),
            None => (0, 0),
        };
        Some(ReportBlock { last_sender_report, delay_since_last, ..stream.report() })
    }
}

/// An instant in units of a clock, modulo 2^32.
const fn in_units(instant: Instant, rate: u32) -> u32 {
    let (seconds, nanos) = (instant.as_nanos() / 1_000_000_000, instant.as_nanos() % 1_000_000_000);
    (seconds * rate as u64 + nanos * rate as u64 / 1_000_000_000) as u32
}

impl Stream {
    fn new(header: &Header, transit: i64) -> Self {
        let first = u32::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            first,
            highest: first,
            received: 1,
            reported: (0, 0),
            transit,
            jitter_16th: 0,
            after_jump: None,
        }
    }

    /// Whether the peer goes on at another number (A.1): the second of two packets in sequence far
    /// from all others says so. The first one counts as any late packet does.
    fn begins_anew(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        let is_far = (MAX_DROPOUT..MAX_MISORDER.wrapping_neg()).contains(&ahead);
        let expected = self.after_jump.take();
        if is_far {
            self.after_jump = Some(sequence.wrapping_add(1));
        }
        is_far && expected == Some(sequence)
    }

    fn count(&mut self, sequence: u16) {
        self.received = self.received.wrapping_add(1);
        let ahead = sequence.wrapping_sub(self.highest as u16) as i16;
        if ahead > 0 && self.after_jump.is_none() {
            self.highest = self.highest.wrapping_add(u32::from(ahead as u16));
        }
    }

    /// A.8, in integers; a step of the peer's clock must not weigh for minutes.
    fn measure(&mut self, transit: i64) {
        let difference = (transit - self.transit).abs().min(8000);
        self.jitter_16th += difference - ((self.jitter_16th + 8) >> 4);
        self.transit = transit;
    }

    fn report(&mut self) -> ReportBlock {
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let new_expected = expected.wrapping_sub(self.reported.0);
        let new_received = self.received.wrapping_sub(self.reported.1);
        self.reported = (expected, self.received);
        let new_lost = new_expected.saturating_sub(new_received);
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: (u64::from(new_lost) * 256 / u64::from(new_expected.max(1))).min(255)
                as u8,
            cumulative_lost: expected.wrapping_sub(self.received) as i32,
            highest_sequence: self.highest,
            jitter: (self.jitter_16th >> 4) as u32,
            ..ReportBlock::default()
        }
    }
}

/// A.1: a gap this long is a new beginning if the next packet confirms it.
const MAX_DROPOUT: u16 = 3000;
/// A.1: a packet this late is one.
const MAX_MISORDER: u16 = 100;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn header(sequence: u16) -> Header {
        let timestamp = u32::from(sequence.wrapping_sub(65_530)) * 160;
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 7 }
    }

    #[test]
    fn one_packet_in_four_lost_is_reported_once_and_in_all() {
        let mut statistics = Statistics::default();
        let mut now = Instant::ZERO;
        assert_eq!(statistics.report(now), None);
        for (index, sequence) in (65_530..=65_535).chain(0..=13).enumerate() {
            now += Duration::from_millis(20);
            if index % 4 != 2 {
                statistics.packet(now, &header(sequence), 8000);
            }
        }
        let block = statistics.report(now).expect("packets came");
        assert_eq!((block.fraction_lost, block.cumulative_lost), (64, 5));
        assert_eq!((block.highest_sequence, block.jitter), (65_536 + 13, 0));
        let again = statistics.report(now).expect("packets came");
        assert_eq!((again.fraction_lost, again.cumulative_lost), (0, 5));
    }

    #[test]
    fn the_delay_since_the_last_sender_report_is_in_65536ths() {
        let mut statistics = Statistics::default();
        let info = SenderInfo { ntp: 0x0000_0012_3400_0000, timestamp: 0, packets: 0, octets: 0 };
        statistics.packet(Instant::ZERO, &header(65_530), 8000);
        statistics.sender_report(Instant::ZERO, &info);
        let block = statistics.report(Instant::ZERO + Duration::from_millis(1500));
        let block = block.expect("a packet came");
        assert_eq!((block.last_sender_report, block.delay_since_last), (0x0012_3400, 98_304));
    }

    #[test]
    fn jitter_nears_the_mean_deviation() {
        let mut statistics = Statistics::default();
        for index in 0..200_u16 {
            let late = Duration::from_millis(u64::from(index % 2) * 10);
            let now = Instant::ZERO + Duration::from_millis(u64::from(index) * 20) + late;
            let header = Header { timestamp: u32::from(index) * 160, ..header(index) };
            statistics.packet(now, &header, 8000);
        }
        let jitter = statistics.report(Instant::ZERO).expect("packets came").jitter;
        assert!((75..=80).contains(&jitter), "{jitter}");
    }

    #[test]
    fn packets_that_waited_for_us_are_counted_and_are_no_jitter() {
        let mut statistics = Statistics::default();
        for index in 0..200_u16 {
            let due = Instant::ZERO + Duration::from_millis(u64::from(index) * 20);
            let header = Header { timestamp: u32::from(index) * 160, ..header(index) };
            let arrival = match index % 10 {
                0..6 => due.into(),
                waited => Arrival::waited(due + Duration::from_millis(20) * u32::from(10 - waited)),
            };
            statistics.packet(arrival, &header, 8000);
        }
        let block = statistics.report(Instant::ZERO).expect("packets came");
        assert_eq!((block.jitter, block.cumulative_lost), (0, 0));
    }

    #[test]
    fn a_stream_that_goes_on_at_another_number_has_lost_nothing() {
        for jump in [40_000, 60_000, 5000] {
            let mut statistics = Statistics::default();
            let mut now = Instant::ZERO;
            let mut receive = |statistics: &mut Statistics, sequence: u16| {
                now += Duration::from_millis(20);
                statistics.packet(now, &header(sequence), 8000);
                now
            };
            for sequence in 1..=50 {
                receive(&mut statistics, sequence);
            }
            let begun = 50_u16.wrapping_add(jump);
            let again = (begun..begun.wrapping_add(50)).map(|s| receive(&mut statistics, s)).last();
            let block = statistics.report(again.expect("50 packets")).expect("packets came");
            assert!(block.cumulative_lost.abs() <= 1, "{jump}: {}", block.cumulative_lost);
            assert!(block.fraction_lost <= 5, "{jump}: {}", block.fraction_lost);
        }
    }

    #[test]
    fn a_single_stray_number_and_a_late_packet_change_nothing() {
        let mut statistics = Statistics::default();
        for sequence in [1, 2, 3, 40_000, 4, 5, 2, 6, 30_000, 7] {
            statistics.packet(Instant::ZERO, &header(sequence), 8000);
        }
        let block = statistics.report(Instant::ZERO).expect("packets came");
        assert_eq!((block.highest_sequence, block.fraction_lost), (7, 0));
        assert_eq!(block.cumulative_lost, 7 - 10, "nothing began anew");
    }

    #[test]
    fn another_ssrc_is_another_stream() {
        let mut statistics = Statistics::default();
        for (ssrc, sequence) in [(7, 10), (7, 11), (8, 60_000), (8, 60_001), (8, 60_002)] {
            let header = Header { ssrc, ..header(sequence) };
            statistics.packet(Instant::ZERO, &header, 8000);
        }
        let block = statistics.report(Instant::ZERO).expect("packets came");
        assert_eq!((block.ssrc, block.cumulative_lost, block.highest_sequence), (8, 0, 60_002));
    }
}
