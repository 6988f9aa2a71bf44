//! RTCP (RFC 3550 §6): our reports, and a tolerant reading of the peer's.
//!
//! # Assumptions
//! - A compound packet that breaks off is read as far as it goes; one that starts with something
//!   else than SR or RR (reduced size, RFC 5506) is read as well.
//! - Of the peer's SDES nothing is read: it may name a person.

use model::Instant;

/// Bytes of our longest report.
pub const MAX_REPORT: usize = 28 + 24 + 48 + 8;

/// What one report block says about one stream (§6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream it is about.
    pub ssrc: u32,
    /// Packets lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost in all; negative with duplicates. 24 bits on the wire.
    pub cumulative_lost: i32,
    /// The highest sequence number with its cycles.
    pub highest_sequence: u32,
    /// Interarrival jitter in samples.
    pub jitter: u32,
    /// The middle of the last SR's NTP time.
    pub last_sender_report: u32,
    /// Time since that SR in 1/65 536 s.
    pub delay_since_last: u32,
}

/// The sender's part of an SR (§6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// 32.32 fixed-point seconds; only differences count, so any clock serves.
    pub ntp: u64,
    /// The same instant on the stream's clock.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Payload bytes sent.
    pub octets: u32,
}

/// One packet of a compound packet, as far as it matters to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// SR: what the peer sent so far.
    Sender {
        /// Whose.
        ssrc: u32,
        /// What.
        info: SenderInfo,
        /// What the peer heard of its first source.
        heard: Option<ReportBlock>,
    },
    /// RR.
    Receiver {
        /// Whose.
        ssrc: u32,
        /// What the peer heard of its first source.
        heard: Option<ReportBlock>,
    },
    /// BYE: a stream has ended. Not a reason to end a leg, since anybody could say it.
    Bye {
        /// The first stream named.
        ssrc: u32,
    },
    /// SDES, APP, feedback.
    Other,
}

/// A report of ours: SR or RR, then SDES with our CNAME, then BYE if we leave.
#[derive(Clone, Copy, Debug)]
pub struct Report<'c> {
    /// Our stream.
    pub ssrc: u32,
    /// SR if we sent since the last report, else RR.
    pub sender: Option<SenderInfo>,
    /// What we heard of the peer.
    pub heard: Option<ReportBlock>,
    /// Our random name, at most 32 bytes (RFC 7022).
    pub cname: &'c [u8],
    /// Whether the stream ends.
    pub bye: bool,
}

impl Report<'_> {
    /// Writes the compound packet (§6.1) and returns its length in bytes. O(1), no heap.
    pub fn write(&self, out: &mut [u8; MAX_REPORT]) -> usize {
        let mut writer = Writer { out, length: 0 };
        self.write_report(&mut writer);
        self.write_description(&mut writer);
        if self.bye {
            writer.packet(1, BYE, |body| body.word(self.ssrc));
        }
        writer.length
    }

    fn write_report(&self, writer: &mut Writer) {
        let kind = if self.sender.is_some() { SR } else { RR };
        writer.packet(u8::from(self.heard.is_some()), kind, |body| {
            body.word(self.ssrc);
            if let Some(info) = &self.sender {
                body.bytes(&info.ntp.to_be_bytes());
                body.word(info.timestamp);
                body.word(info.packets);
                body.word(info.octets);
            }
            if let Some(block) = &self.heard {
                write_block(body, block);
            }
        });
    }

    fn write_description(&self, writer: &mut Writer) {
        writer.packet(1, SDES, |body| {
            let cname = &self.cname[..self.cname.len().min(32)];
            body.word(self.ssrc);
            body.bytes(&[CNAME, cname.len() as u8]);
            body.bytes(cname);
            // §6.5: ended by a null octet, then filled up to a word.
            let filling = 4 - (2 + cname.len()) % 4;
            body.bytes(&[0; 4][..filling]);
        });
    }
}

/// An instant as an NTP timestamp (§4): 32.32 fixed-point seconds of our own clock.
pub const fn ntp(instant: Instant) -> u64 {
    (((instant.as_nanos() as u128) << 32) / 1_000_000_000) as u64
}

/// Reads a compound packet (§6.1); stops at the first packet that is none. O(n), no heap.
pub fn items(datagram: &[u8]) -> impl Iterator<Item = Item> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]])) * 4;
        let body = after.get(..length).filter(|_| head[0] >> 6 == 2)?;
        rest = &after[length..];
        Some(read(head[1], head[0] & 0x1f, body))
    })
}

fn read(kind: u8, count: u8, body: &[u8]) -> Item {
    let item = match kind {
        SR => word(body, 0).zip(read_info(body)).map(|(ssrc, info)| Item::Sender {
            ssrc,
            info,
            heard: read_block(body, 24).filter(|_| count > 0),
        }),
        RR => word(body, 0)
            .map(|ssrc| Item::Receiver { ssrc, heard: read_block(body, 4).filter(|_| count > 0) }),
        BYE if count > 0 => word(body, 0).map(|ssrc| Item::Bye { ssrc }),
        _ => None,
    };
    item.unwrap_or(Item::Other)
}

fn read_info(body: &[u8]) -> Option<SenderInfo> {
    let ntp = u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?);
    let (timestamp, packets, octets) = (word(body, 12)?, word(body, 16)?, word(body, 20)?);
    Some(SenderInfo { ntp, timestamp, packets, octets })
}

fn read_block(body: &[u8], at: usize) -> Option<ReportBlock> {
    let lost = word(body, at + 4)?;
    Some(ReportBlock {
        ssrc: word(body, at)?,
        fraction_lost: (lost >> 24) as u8,
        cumulative_lost: (lost << 8) as i32 >> 8,
        highest_sequence: word(body, at + 8)?,
        jitter: word(body, at + 12)?,
        last_sender_report: word(body, at + 16)?,
        delay_since_last: word(body, at + 20)?,
    })
}

fn write_block(body: &mut Writer, block: &ReportBlock) {
    let lost = block.cumulative_lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
    body.word(block.ssrc);
    body.word(u32::from(block.fraction_lost) << 24 | lost);
    body.word(block.highest_sequence);
    body.word(block.jitter);
    body.word(block.last_sender_report);
    body.word(block.delay_since_last);
}

fn word(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

/// Writes packets one after the other into an array that holds the longest report.
struct Writer<'o> {
    out: &'o mut [u8; MAX_REPORT],
    length: usize,
}

impl Writer<'_> {
    fn packet(&mut self, count: u8, kind: u8, body: impl FnOnce(&mut Self)) {
        let start = self.length;
        self.bytes(&[0x80 | count, kind, 0, 0]);
        body(self);
        let words = (self.length - start) / 4 - 1;
        self.out[start + 2..start + 4].copy_from_slice(&(words as u16).to_be_bytes());
    }

    fn word(&mut self, word: u32) {
        self.bytes(&word.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.out[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
const CNAME: u8 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INFO: SenderInfo =
        SenderInfo { ntp: 0x0102_0304_0506_0708, timestamp: 9, packets: 10, octets: 1600 };
    const HEARD: ReportBlock = ReportBlock {
        ssrc: 5,
        fraction_lost: 12,
        cumulative_lost: -3,
        highest_sequence: 0x1_0002,
        jitter: 40,
        last_sender_report: 0x0304_0506,
        delay_since_last: 65_536,
    };

    fn written(report: Report<'_>) -> Vec<u8> {
        let mut out = [0; MAX_REPORT];
        let length = report.write(&mut out);
        assert_eq!(length % 4, 0);
        out[..length].to_vec()
    }

    #[test]
    fn what_we_write_we_read() {
        for length in [1, 13, 14, 15, 16, 32] {
            let cname = &[b'n'; 32][..length];
            let report =
                Report { ssrc: 1, sender: Some(INFO), heard: Some(HEARD), cname, bye: true };
            let read: Vec<_> = items(&written(report)).collect();
            let sender = Item::Sender { ssrc: 1, info: INFO, heard: Some(HEARD) };
            assert_eq!(read, [sender, Item::Other, Item::Bye { ssrc: 1 }], "{length}");
        }
        let report = Report { ssrc: 1, sender: None, heard: None, cname: b"n", bye: false };
        let read: Vec<_> = items(&written(report)).collect();
        assert_eq!(read, [Item::Receiver { ssrc: 1, heard: None }, Item::Other]);
    }

    #[test]
    fn a_broken_compound_packet_is_read_as_far_as_it_goes() {
        let whole = written(Report {
            ssrc: 1,
            sender: Some(INFO),
            heard: Some(HEARD),
            cname: b"name",
            bye: true,
        });
        for length in 0..whole.len() {
            let read = items(&whole[..length]).count();
            assert!(read <= 2 && (length < 52 || read >= 1), "{length} bytes: {read} items");
        }
        assert_eq!(items(b"\x81\xc8\0\0").collect::<Vec<_>>(), [Item::Other]);
    }

    #[test]
    fn what_follows_a_report_that_counts_no_blocks_is_none() {
        for sender in [Some(INFO), None] {
            let report = Report { ssrc: 1, sender, heard: Some(HEARD), cname: b"n", bye: false };
            let mut datagram = written(report);
            datagram[0] &= 0xe0;
            let heard = match items(&datagram).next() {
                Some(Item::Sender { heard, .. } | Item::Receiver { heard, .. }) => heard,
                other => panic!("a report: {other:?}"),
            };
            assert_eq!(heard, None, "a profile's own words (§6.4.3)");
        }
    }

    proptest! {
        #[test]
        fn no_datagram_panics(datagram in prop::collection::vec(any::<u8>(), 0..128)) {
            prop_assert!(items(&datagram).count() <= 32);
        }

        #[test]
        fn no_mutated_report_panics(at in 0_usize..60, byte in any::<u8>()) {
            let mut datagram = written(Report {
                ssrc: 1, sender: Some(INFO), heard: Some(HEARD), cname: b"0123456789abcdef", bye: true,
            });
            datagram[at] = byte;
            prop_assert!(items(&datagram).count() <= 32);
        }
    }
}
