//! Several blocks of text in one packet (RFC 2198 §3): the newest last, those before it repeated.

/// One block, and how long before the packet's own text it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Block<'p> {
    pub(super) age_ms: u16,
    pub(super) text: &'p [u8],
}

/// The blocks of a packet, the oldest first and its own last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blocks<'p> {
    blocks: [Block<'p>; MOST],
    count: usize,
}

impl<'p> Blocks<'p> {
    /// The only block of a packet without redundancy; `None` if it is too long.
    pub(super) fn alone(text: &'p [u8]) -> Option<Self> {
        let mut blocks = Self::default();
        blocks.add(Block { age_ms: 0, text }).then_some(blocks)
    }

    /// The blocks of a packet with redundancy; those of other types than `t140` count as empty.
    /// `None` if it is malformed.
    pub(super) fn read(payload: &'p [u8], t140: u8) -> Option<Self> {
        let mut heads = payload;
        let mut lengths = [(0_u16, 0_usize, true); MOST - 1];
        let mut repeats = 0;
        let own = loop {
            let (&first, rest) = heads.split_first()?;
            let is_text = first & 0x7f == t140;
            if first & MORE == 0 {
                heads = rest;
                break is_text;
            }
            let (&[a, b, c], rest) = rest.split_first_chunk()?;
            let bits = u32::from_be_bytes([0, a, b, c]);
            let (age, length) = ((bits >> 10) as u16, (bits & 0x3ff) as usize);
            *lengths.get_mut(repeats)? = (age, length, is_text);
            (repeats, heads) = (repeats + 1, rest);
        };
        let (mut blocks, mut text) = (Self::default(), heads);
        for &(age_ms, length, is_text) in &lengths[..repeats] {
            let (block, rest) = text.split_at_checked(length)?;
            blocks.add(Block { age_ms, text: if is_text { block } else { &[] } });
            text = rest;
        }
        blocks.add(Block { age_ms: 0, text: if own { text } else { &[] } }).then_some(blocks)
    }

    /// The packet's own block, then the one before it, and so on.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = Block<'p>> {
        self.blocks[..self.count].iter().rev().copied()
    }

    /// How many are repeated.
    pub(super) const fn repeats(&self) -> u16 {
        self.count.saturating_sub(1) as u16
    }

    /// Writes a packet's payload of blocks, the oldest first; returns its length. There must be room
    /// for all, and none may be longer than 1023 bytes.
    pub(super) fn write(blocks: &[Block<'_>], t140: u8, bytes: &mut [u8]) -> usize {
        let Some((own, repeated)) = blocks.split_last() else { return 0 };
        let mut end = 0;
        let mut put = |part: &[u8]| {
            bytes[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        };
        for block in repeated {
            // RFC 4103 §4.2: what is too old to say how old it is has been left out before.
            let age = u32::from(block.age_ms & MAX_AGE_MS);
            let bits = (age << 10) | (block.text.len() as u32 & 0x3ff);
            put(&[MORE | t140]);
            put(&bits.to_be_bytes()[1..]);
        }
        put(&[t140]);
        repeated.iter().chain([own]).for_each(|block| put(block.text));
        end
    }

    fn add(&mut self, block: Block<'p>) -> bool {
        match self.blocks.get_mut(self.count) {
            Some(free) if block.text.len() <= LONGEST => {
                *free = block;
                self.count += 1;
                true
            }
            _ => false,
        }
    }
}

/// Blocks of a packet at most.
const MOST: usize = 8;
/// The longest block: its length has ten bits.
pub(super) const LONGEST: usize = 1023;
/// The greatest age that can be said, in 14 bits.
pub(super) const MAX_AGE_MS: u16 = 16_383;
const MORE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    /// Payload type 98, as in RFC 4103 §10.1: "He" sent 600 and "l" 300 ms before "lo".
    const EXAMPLE: &[u8] = b"\xe2\x09\x60\x02\xe2\x04\xb0\x01\x62Hello";

    #[test]
    fn the_bytes_of_rfc_2198_are_read_and_written() {
        let blocks = Blocks::read(EXAMPLE, 98).expect("as the RFC draws it");
        let read: Vec<_> = blocks.newest_first().map(|b| (b.age_ms, b.text)).collect();
        assert_eq!(read, [(0, &b"lo"[..]), (300, b"l"), (600, b"He")]);
        let mut written = [0; 64];
        let oldest_first = read.iter().rev().map(|&(age_ms, text)| Block { age_ms, text });
        let oldest_first: Vec<_> = oldest_first.collect();
        let length = Blocks::write(&oldest_first, 98, &mut written);
        assert_eq!(&written[..length], EXAMPLE);
    }

    #[test]
    fn blocks_of_another_type_are_empty_and_keep_their_place() {
        let blocks = Blocks::read(b"\xe3\x00\x00\x02\x62xxlo", 98).expect("two blocks");
        let read: Vec<_> = blocks.newest_first().map(|block| block.text).collect();
        assert_eq!(read, [&b"lo"[..], b""]);
    }

    #[test]
    fn a_length_beyond_the_packet_is_refused() {
        for malformed in [&b""[..], b"\xe2", b"\xe2\x09\x60", b"\xe2\x09\x60\x02", EXAMPLE] {
            let cut = if malformed == EXAMPLE { &EXAMPLE[..11] } else { malformed };
            assert!(Blocks::read(cut, 98).is_none(), "{cut:?}");
        }
        assert!(Blocks::read(&[0xe2; 64], 98).is_none(), "too many blocks");
        assert!(
            Blocks::alone(&[0; LONGEST + 1]).is_none() && Blocks::alone(&[0; LONGEST]).is_some()
        );
    }
}
