//! The peer's side of a leg: packets on their way in.

use model::MasterKey;

use super::derivation::Kind;
use super::transform::{LONGEST_TAG, Parts, Transform};
use super::window::Window;
use super::{ENCRYPTED, RTCP_CLEAR, SrtpError, WORD, ssrc};
use crate::packet::header_length;

/// Tells the peer's packets from others', and decrypts them.
///
/// A few streams are known at a time; a new one takes the place of the one heard least lately, and
/// only an authentic packet begins one.
pub struct Unprotector {
    rtp: Transform,
    rtcp: Transform,
    rtp_streams: Streams,
    rtcp_streams: Streams,
    /// Rounds of 2^16 packets in which an unknown stream may be.
    rounds: u64,
}

/// Streams by SSRC, the one heard last in front.
#[derive(Default)]
struct Streams([Option<(u32, Window)>; STREAMS]);

impl Unprotector {
    /// Takes what was protected with `key`.
    pub fn new(key: &MasterKey) -> Self {
        Self {
            rtp: Transform::new(key, Kind::Rtp),
            rtcp: Transform::new(key, Kind::Rtcp),
            rtp_streams: Streams::default(),
            rtcp_streams: Streams::default(),
            rounds: 1,
        }
    }

    /// The same for a peer that may have sent for hours: until its first authentic packet, each is
    /// tried as one of its first sixteen rounds of 2^16 packets, nearly six hours of them
    /// (RFC 3711 §3.3.1: the counter of rounds is not sent).
    pub fn rejoining(key: &MasterKey) -> Self {
        Self { rounds: ROUNDS, ..Self::new(key) }
    }

    /// Checks an SRTP packet and decrypts it where it lies; returns the length of the RTP packet
    /// that is left. Real-time safe: O(n), no heap.
    ///
    /// # Errors
    /// Why it is not the peer's. Nothing has changed then.
    pub fn rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let clear = header_length(packet).map_err(|_| SrtpError::Malformed)?;
        let end = packet.len().checked_sub(self.rtp.tag()).filter(|&end| end >= clear);
        let (packet, tag) = packet.split_at_mut(end.ok_or(SrtpError::Malformed)?);
        let (length, tag) = (packet.len(), whole(tag));
        let (ssrc, sequence) = (ssrc(packet, 8)?, u16::from_be_bytes([packet[2], packet[3]]));
        let guess = self.rtp_streams.guess(ssrc, sequence)?;
        let rounds = if self.rtp_streams.find(ssrc).is_some() { 1 } else { self.rounds };
        let (clear, body) = packet.split_at_mut(clear);
        let mut open = |round: u64| {
            let index = guess + (round << 16);
            let word = ((index >> 16) as u32).to_be_bytes();
            let parts = &mut Parts { kind: Kind::Rtp, ssrc, index, clear, body, word };
            self.rtp.open(parts, &tag).map(|()| index)
        };
        let first = open(0);
        let index =
            first.or_else(|error| (1..rounds).find_map(|round| open(round).ok()).ok_or(error))?;
        self.rtp_streams.note(ssrc, index);
        self.rounds = 1;
        Ok(length)
    }

    /// Checks an SRTCP packet and decrypts it where it lies; returns the length of the compound
    /// RTCP packet that is left. Real-time safe: O(n), no heap.
    ///
    /// # Errors
    /// Why it is not the peer's. Nothing has changed then.
    pub fn rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let added = self.rtcp.tag() + WORD;
        let end = packet.len().checked_sub(added).filter(|&end| end >= RTCP_CLEAR);
        let (packet, after) = packet.split_at_mut(end.ok_or(SrtpError::Malformed)?);
        let (word, tag) = if self.rtcp.puts_tag_first() {
            let (tag, word) = after.split_at(self.rtcp.tag());
            (word, tag)
        } else {
            after.split_at(WORD)
        };
        let (length, tag) = (packet.len(), whole(tag));
        let word: [u8; WORD] = word.try_into().map_err(|_| SrtpError::Malformed)?;
        let (flag, index) = split(word);
        // One that is not encrypted was never agreed on.
        if !flag {
            return Err(SrtpError::Forged);
        }
        let ssrc = ssrc(packet, 4)?;
        self.rtcp_streams.check(ssrc, index)?;
        let (clear, body) = packet.split_at_mut(RTCP_CLEAR);
        self.rtcp.open(&mut Parts { kind: Kind::Rtcp, ssrc, index, clear, body, word }, &tag)?;
        self.rtcp_streams.note(ssrc, index);
        Ok(length)
    }
}

impl Streams {
    /// The index of a sequence number; a new stream is in its first round.
    fn guess(&self, ssrc: u32, sequence: u16) -> Result<u64, SrtpError> {
        let Some(window) = self.find(ssrc) else { return Ok(u64::from(sequence)) };
        let index = window.guess(sequence).ok_or(SrtpError::Replayed)?;
        self.check(ssrc, index).map(|()| index)
    }

    fn check(&self, ssrc: u32, index: u64) -> Result<(), SrtpError> {
        let is_new = self.find(ssrc).is_none_or(|window| window.is_new(index));
        if is_new { Ok(()) } else { Err(SrtpError::Replayed) }
    }

    /// Notes an authentic packet.
    fn note(&mut self, ssrc: u32, index: u64) {
        let known = self.0.iter().position(|held| held.is_some_and(|(known, _)| known == ssrc));
        let at = known.unwrap_or(STREAMS - 1);
        match (&mut self.0[at], known) {
            (Some((_, window)), Some(_)) => window.note(index),
            (place, _) => *place = Some((ssrc, Window::new(index))),
        }
        self.0[..=at].rotate_right(1);
    }

    fn find(&self, ssrc: u32) -> Option<&Window> {
        self.0.iter().flatten().find(|(known, _)| *known == ssrc).map(|(_, window)| window)
    }
}

/// The tag as if it were of the greatest length.
fn whole(tag: &[u8]) -> [u8; LONGEST_TAG] {
    let mut whole = [0; LONGEST_TAG];
    whole[..tag.len()].copy_from_slice(tag);
    whole
}

/// The E flag and the index of an SRTCP packet.
fn split(word: [u8; WORD]) -> (bool, u64) {
    let word = u32::from_be_bytes(word);
    (word & ENCRYPTED != 0, u64::from(word & !ENCRYPTED))
}

/// Hides the keys.
impl std::fmt::Debug for Unprotector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unprotector(..)")
    }
}

/// Nearly six hours of packets of 20 ms.
const ROUNDS: u64 = 16;
/// More than a peer has at a time: its own, and one or two after a transfer on its side.
const STREAMS: usize = 4;
