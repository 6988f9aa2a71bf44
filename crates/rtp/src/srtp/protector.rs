//! Our side of a leg: packets on their way out.

use model::MasterKey;

use super::derivation::Kind;
use super::transform::{Parts, Transform};
use super::window::Window;
use super::{ENCRYPTED, RTCP_CLEAR, SrtpError, WORD, ssrc};
use crate::packet::header_length;

/// Protects what a leg sends: one stream at a time, in the order of its sequence numbers.
pub struct Protector {
    rtp: Transform,
    rtcp: Transform,
    stream: Option<(u32, Window)>,
    /// Of the next SRTCP packet; 31 bits, never used twice (RFC 3711 §3.2.1).
    rtcp_index: u32,
}

impl Protector {
    /// Protects with `key`, which nothing else was ever protected with.
    pub fn new(key: &MasterKey) -> Self {
        let rtp = Transform::new(key, Kind::Rtp);
        let rtcp = Transform::new(key, Kind::Rtcp);
        Self { rtp, rtcp, stream: None, rtcp_index: 0 }
    }

    /// Whether the stream's sequence number has begun anew, so that a peer who takes over this key
    /// without having heard its beginning could not follow.
    pub const fn has_rolled_over(&self) -> bool {
        match &self.stream {
            Some((_, window)) => window.newest() > 0xffff,
            None => false,
        }
    }

    /// Protects the RTP packet in `buffer[..length]`; returns its new length, at most
    /// [`super::OVERHEAD`] more. Real-time safe: O(n), no heap.
    ///
    /// # Errors
    /// It is no RTP packet, or the buffer is too short. Nothing is sent then.
    pub fn rtp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let packet = buffer.get(..length).ok_or(SrtpError::Malformed)?;
        let clear = header_length(packet).map_err(|_| SrtpError::Malformed)?;
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = ssrc(packet, 8)?;
        let end = length + self.rtp.tag();
        let (packet, after) = buffer.split_at_mut(length);
        let room = after.get_mut(..self.rtp.tag()).ok_or(SrtpError::NoRoom)?;
        let index = self.next_index(ssrc, sequence)?;
        let word = ((index >> 16) as u32).to_be_bytes();
        let (clear, body) = packet.split_at_mut(clear);
        let tag = self.rtp.seal(&mut Parts { kind: Kind::Rtp, ssrc, index, clear, body, word })?;
        room.copy_from_slice(&tag[..room.len()]);
        Ok(end)
    }

    /// Protects the compound RTCP packet in `buffer[..length]`; returns its new length. Real-time
    /// safe: O(n), no heap.
    ///
    /// # Errors
    /// It is no RTCP packet, the buffer is too short, or 2^31 packets were sent.
    pub fn rtcp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let tag = self.rtcp.tag();
        let end = length + tag + WORD;
        if buffer.len() < end || self.rtcp_index & ENCRYPTED != 0 {
            return Err(SrtpError::NoRoom);
        }
        let ssrc = ssrc(&buffer[..length], 4)?;
        let (packet, after) = buffer.split_at_mut(length);
        let (clear, body) = packet.split_at_mut(RTCP_CLEAR);
        let index = u64::from(self.rtcp_index);
        let word = (ENCRYPTED | self.rtcp_index).to_be_bytes();
        self.rtcp_index += 1;
        let sealed =
            self.rtcp.seal(&mut Parts { kind: Kind::Rtcp, ssrc, index, clear, body, word })?;
        let (at_tag, at_word) = if self.rtcp.puts_tag_first() { (0, tag) } else { (WORD, 0) };
        after[at_tag..at_tag + tag].copy_from_slice(&sealed[..tag]);
        after[at_word..at_word + WORD].copy_from_slice(&word);
        Ok(end)
    }

    /// The index of the stream's next packet; a new stream starts at the first round.
    fn next_index(&mut self, ssrc: u32, sequence: u16) -> Result<u64, SrtpError> {
        match &mut self.stream {
            Some((known, window)) if *known == ssrc => {
                let index = window.guess(sequence).filter(|&index| window.is_new(index));
                let index = index.ok_or(SrtpError::Replayed)?;
                window.note(index);
                Ok(index)
            }
            _ => {
                let index = u64::from(sequence);
                self.stream = Some((ssrc, Window::new(index)));
                Ok(index)
            }
        }
    }
}

/// Hides the keys.
impl std::fmt::Debug for Protector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Protector(..)")
    }
}
