//! Text to packets: what was typed in 300 ms goes together, and is repeated with the next ones
//! (RFC 4103 §4, §5).

use std::time::Duration;

use model::{Chance, Instant, TextFormat};
use zeroize::Zeroizing;

use super::Queue;
use super::redundancy::{Block, Blocks, MAX_AGE_MS};
use crate::Header;

/// The sending side of one stream of text.
pub struct Sender {
    format: TextFormat,
    /// Characters a second, averaged over ten.
    cps: u16,
    waiting: Queue,
    /// The newest block and those before it.
    blocks: [Sent; BLOCKS],
    ssrc: u32,
    sequence: u16,
    /// The timestamp of the clock's beginning.
    timestamp: u32,
    last: Option<Instant>,
    /// Until when the peer takes no more.
    rests_until: Instant,
    rate: Rate,
}

/// A block that was sent.
#[derive(Clone)]
struct Sent {
    at: Instant,
    text: Zeroizing<[u8; LONGEST]>,
    length: usize,
}

/// How much was sent in the last seconds.
struct Rate {
    packets: [(Instant, u16); WINDOW_PACKETS],
    next: usize,
}

impl Sender {
    /// No packet follows another sooner (RFC 4103 §5.1).
    pub const INTERVAL: Duration = Duration::from_millis(300);
    /// The longest packet, its header included.
    pub const MAX: usize = Header::LENGTH + (BLOCKS - 1) * 4 + 1 + BLOCKS * LONGEST;
    /// Bytes of text that may wait.
    pub const ROOM: usize = 4096;

    /// A stream of random name and beginnings. Allocates; nothing later does.
    pub fn new(format: TextFormat, cps: u16, chance: &mut Chance) -> Self {
        let nothing = Sent { at: Instant::ZERO, text: Zeroizing::new([0; LONGEST]), length: 0 };
        Self {
            format,
            cps,
            waiting: Queue::new(Self::ROOM),
            blocks: std::array::from_fn(|_| nothing.clone()),
            ssrc: chance.next_u32(),
            sequence: chance.next_u32() as u16 & 0x7fff,
            timestamp: chance.next_u32(),
            last: None,
            rests_until: Instant::ZERO,
            rate: Rate { packets: [(Instant::ZERO, 0); WINDOW_PACKETS], next: 0 },
        }
    }

    /// The stream has these payload types, and its peer takes so many characters, from now on.
    pub const fn settle(&mut self, format: TextFormat, cps: u16) {
        (self.format, self.cps) = (format, cps);
    }

    /// The stream goes on under another name, as one that a peer with a new key knows nothing of.
    pub fn rename(&mut self, chance: &mut Chance) {
        self.ssrc = chance.next_u32();
        self.sequence = chance.next_u32() as u16 & 0x7fff;
    }

    /// Sends a character after those that wait.
    pub fn push(&mut self, character: char) {
        self.waiting.push(character);
    }

    /// Drops what waits and what is still to be repeated: there is nobody any more who reads it.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.blocks.iter_mut().for_each(|block| block.length = 0);
    }

    /// Whether all characters were sent at least once.
    pub const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When the next packet is due: at once after a pause.
    pub fn deadline(&self) -> Option<Instant> {
        let is_due = !self.waiting.is_empty() || self.owes();
        let after = self.last.map_or(Instant::ZERO, |last| last + Self::INTERVAL);
        is_due.then(|| after.max(self.rests_until))
    }

    /// Writes the packet that is due into `bytes`, which have room for [`Self::MAX`]; returns its
    /// length, or 0 if there is none.
    pub fn write(&mut self, now: Instant, bytes: &mut [u8]) -> usize {
        if self.deadline().is_none_or(|due| due > now) {
            return 0;
        }
        let left = self.rate.left(now, self.cps);
        if left == 0 && !self.owes() {
            self.rests_until = now + Self::INTERVAL;
            return 0;
        }
        // RFC 4103 §5.1: the first packet, and the first after a pause.
        let is_first = self.last.is_none_or(|last| now.since(last) >= 2 * Self::INTERVAL);
        self.take(now, left);
        let (header, payload) = bytes.split_at_mut(Header::LENGTH);
        header.copy_from_slice(&self.header(now, is_first).to_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        self.last = Some(now);
        Header::LENGTH + self.write_blocks(now, payload)
    }

    /// Whether anything is still to be repeated.
    fn owes(&self) -> bool {
        let repeated = self.repeats();
        self.blocks[..repeated].iter().any(|block| block.length > 0)
    }

    const fn repeats(&self) -> usize {
        let most = BLOCKS - 1;
        let wanted = self.format.repeats as usize;
        if self.format.red.is_none() {
            0
        } else if wanted < most {
            wanted
        } else {
            most
        }
    }

    /// Makes the next block of at most `left` of the characters that wait.
    fn take(&mut self, now: Instant, left: u16) {
        self.blocks.rotate_right(1);
        let Sent { at, text, length } = &mut self.blocks[0];
        (*at, *length) = (now, 0);
        let mut count = 0;
        while let Some(character) = self.waiting.peek().filter(|_| count < left) {
            let end = *length + character.len_utf8();
            let Some(free) = text.get_mut(*length..end) else { break };
            character.encode_utf8(free);
            (*length, count) = (end, count + 1);
            self.waiting.pop();
        }
        self.rate.note(now, count);
    }

    fn header(&self, now: Instant, marker: bool) -> Header {
        let payload_type = self.format.red.unwrap_or(self.format.t140);
        // RFC 4103 §6: a clock of 1000 Hz.
        let millis = (now.as_nanos() / 1_000_000) as u32;
        let timestamp = self.timestamp.wrapping_add(millis);
        Header { marker, payload_type, sequence: self.sequence, timestamp, ssrc: self.ssrc }
    }

    fn write_blocks(&self, now: Instant, payload: &mut [u8]) -> usize {
        let mut blocks = [Block::default(); BLOCKS];
        let count = 1 + self.repeats();
        for (block, sent) in blocks.iter_mut().zip(self.blocks[..count].iter().rev()) {
            let age = now.as_nanos() / 1_000_000 - sent.at.as_nanos() / 1_000_000;
            let age = u16::try_from(age).ok().filter(|&age| age <= MAX_AGE_MS);
            let text = &sent.text[..sent.length];
            *block = age.map_or(Block::default(), |age_ms| Block { age_ms, text });
        }
        if self.format.red.is_some() {
            return Blocks::write(&blocks[..count], self.format.t140, payload);
        }
        let own = blocks[0].text;
        payload[..own.len()].copy_from_slice(own);
        own.len()
    }
}

impl Rate {
    /// How many characters may go at `now`, so that no ten seconds have more than ten times `cps`.
    fn left(&self, now: Instant, cps: u16) -> u16 {
        let recent = self.packets.iter().filter(|(at, _)| now.since(*at) < WINDOW);
        let sent: u32 = recent.map(|&(_, count)| u32::from(count)).sum();
        let left = (u32::from(cps) * WINDOW.as_secs() as u32).saturating_sub(sent);
        u16::try_from(left).unwrap_or(u16::MAX)
    }

    const fn note(&mut self, now: Instant, count: u16) {
        self.packets[self.next] = (now, count);
        self.next = (self.next + 1) % WINDOW_PACKETS;
    }
}

/// Hides the text.
impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text::Sender(..)")
    }
}

/// A packet's own block and those it repeats.
const BLOCKS: usize = 1 + TextFormat::REPEATS as usize;
/// So that a packet with all its blocks fits everywhere.
const LONGEST: usize = 340;
/// RFC 4103 §6: characters are counted over ten seconds ..
const WINDOW: Duration = Duration::from_secs(10);
/// .. in which there are so many packets at most.
const WINDOW_PACKETS: usize = 34;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Packet;
    use crate::text::Receiver;

    const FORMAT: TextFormat = TextFormat { t140: 98, red: Some(100), repeats: 2 };

    struct Bench {
        sender: Sender,
        receiver: Receiver,
        chance: Chance,
        now: Instant,
        read: String,
    }

    impl Bench {
        fn new(format: TextFormat, cps: u16) -> Self {
            let mut chance = Chance::from_number(7);
            Self {
                sender: Sender::new(format, cps, &mut chance),
                receiver: Receiver::new(format),
                chance,
                now: Instant::ZERO + Duration::from_secs(100),
                read: String::new(),
            }
        }

        fn types(&mut self, text: &str) {
            text.chars().for_each(|character| self.sender.push(character));
        }

        /// The packet that is due now: its marker and its payload.
        fn packet(&mut self) -> Option<(bool, Vec<u8>)> {
            let mut bytes = [0; Sender::MAX];
            let length = self.sender.write(self.now, &mut bytes);
            let packet = Packet::parse(&bytes[..length]).ok()?;
            Some((packet.header.marker, packet.payload.to_vec()))
        }

        /// For so long, over a network that loses packets by `is_lost`.
        fn runs_ms(&mut self, millis: u64, mut is_lost: impl FnMut(&mut Chance) -> bool) -> usize {
            let (mut queue, mut sent) = (Queue::new(Receiver::MOST), 0);
            for _ in 0..millis / 20 {
                let mut bytes = [0; Sender::MAX];
                let length = self.sender.write(self.now, &mut bytes);
                if length > 0 {
                    sent += 1;
                    if !is_lost(&mut self.chance) {
                        let packet = Packet::parse(&bytes[..length]).expect("we write RTP");
                        let Packet { header, payload } = packet;
                        let taken = self.receiver.packet(self.now, &header, payload, &mut queue);
                        taken.expect("we write text");
                    }
                }
                self.receiver.handle_timeout(self.now, &mut queue);
                self.read.extend(std::iter::from_fn(|| queue.pop()));
                self.now += Duration::from_millis(20);
            }
            sent
        }
    }

    #[test]
    fn the_first_characters_leave_at_once_and_the_next_together_after_300_ms() {
        let mut bench = Bench::new(FORMAT, 30);
        assert_eq!((bench.sender.deadline(), bench.packet()), (None, None));
        bench.types("H");
        assert_eq!(bench.packet(), Some((true, b"\xe2\0\0\0\xe2\0\0\0\x62H".to_vec())));
        bench.types("el");
        assert_eq!(bench.sender.deadline(), Some(bench.now + Sender::INTERVAL));
        bench.now += Duration::from_millis(299);
        assert_eq!(bench.packet(), None);
        bench.now += Duration::from_millis(1);
        let second = b"\xe2\0\0\0\xe2\x04\xb0\x01\x62Hel".to_vec();
        assert_eq!(bench.packet(), Some((false, second)));
    }

    #[test]
    fn the_last_characters_are_repeated_twice_and_then_nothing_is_sent() {
        let mut bench = Bench::new(FORMAT, 30);
        bench.types("ab");
        let mut payloads = Vec::new();
        for _ in 0..5 {
            payloads.extend(bench.packet().map(|(marker, payload)| (marker, payload.len())));
            bench.now += Sender::INTERVAL;
        }
        assert_eq!(payloads, [(true, 11), (false, 11), (false, 11)]);
        bench.now += Duration::from_secs(60);
        bench.types("c");
        assert_eq!(bench.packet(), Some((true, b"\xe2\0\0\0\xe2\0\0\0\x62c".to_vec())), "marked");
    }

    #[test]
    fn without_redundancy_a_packet_is_its_text() {
        let mut bench = Bench::new(TextFormat { red: None, repeats: 0, ..FORMAT }, 30);
        bench.types("añ");
        assert_eq!(bench.packet(), Some((true, "añ".as_bytes().to_vec())));
        bench.now += Sender::INTERVAL;
        assert_eq!((bench.packet(), bench.sender.deadline()), (None, None));
    }

    /// Types ten characters a second for a minute over a network that loses by `is_lost`.
    fn read_after(repeats: u8, is_lost: impl Fn(&mut Chance, usize) -> bool) -> (String, String) {
        let mut bench = Bench::new(TextFormat { repeats, ..FORMAT }, 30);
        let mut typed = String::new();
        let mut packet = 0;
        for at in 0..600_u32 {
            let character = char::from(b'a' + (at % 26) as u8);
            typed.push(character);
            bench.types(&character.to_string());
            bench.runs_ms(100, |chance| {
                packet += 1;
                is_lost(chance, packet)
            });
        }
        bench.runs_ms(2000, |_| false);
        (typed, bench.read)
    }

    #[test]
    fn m10_isolated_losses_and_those_of_two_in_a_row_lose_no_character() {
        for every in 3..8 {
            let (typed, read) = read_after(2, |_, packet| packet % every == 0);
            assert_eq!(read, typed, "each {every}th lost");
        }
        let (typed, read) = read_after(2, |_, packet| packet % 5 < 2);
        assert_eq!(read, typed, "two of five lost");
        let (typed, read) = read_after(1, |_, packet| packet % 2 == 0);
        assert_eq!(read, typed, "each second one lost, repeated once");
    }

    #[test]
    fn m10_at_five_percent_loss_nothing_and_at_thirty_little_is_lost_and_all_of_it_marked() {
        let (typed, read) = read_after(2, |chance, _| chance.below(100) < 5);
        assert_eq!(read, typed);
        let (typed, read) = read_after(2, |chance, _| chance.below(100) < 30);
        let kept = read.chars().filter(|&character| character != super::super::LOST);
        let kept: String = kept.collect();
        assert!(kept.len() > typed.len() * 9 / 10, "{} of {}", kept.len(), typed.len());
        assert!(read.len() == kept.len() || read.contains(super::super::LOST));
        let mut rest = typed.chars();
        assert!(kept.chars().all(|one| rest.any(|other| other == one)), "in order, none twice");
    }

    #[test]
    fn bursts_longer_than_the_redundancy_are_marked_where_they_were() {
        let (typed, read) = read_after(2, |_, packet| (50..54).contains(&packet));
        let (before, after) = read.split_once(super::super::LOST).expect("something is lost");
        assert!(typed.starts_with(before) && typed.ends_with(after));
        assert_eq!(read.matches(super::super::LOST).count(), 1);
        let lost = typed.len() - before.len() - after.len();
        assert!((3..=6).contains(&lost), "{lost}: two of the four packets");
    }

    #[test]
    fn no_ten_seconds_have_more_than_ten_times_the_peers_limit() {
        let mut bench = Bench::new(FORMAT, 30);
        bench.types(&"x".repeat(1000));
        bench.runs_ms(9_900, |_| false);
        assert_eq!(bench.read.len(), 300);
        assert!(bench.sender.deadline() >= Some(bench.now), "it asks for no packet meanwhile");
        bench.runs_ms(10_000, |_| false);
        assert_eq!(bench.read.len(), 600);
        bench.runs_ms(40_000, |_| false);
        assert_eq!(bench.read.len(), 1000);
    }

    #[test]
    fn a_packet_is_never_longer_than_it_may_be() {
        let mut bench = Bench::new(FORMAT, u16::MAX);
        bench.types(&"😀".repeat(1100));
        assert!(bench.runs_ms(10_000, |_| false) >= 13);
        assert!(bench.read.starts_with(&"😀".repeat(1000)) && bench.read.ends_with('\u{fffd}'));
        const { assert!(Sender::MAX <= 1080) };
    }
}
