//! The packets a shard wants sent, written in place.

use std::net::SocketAddr;

use model::LegId;

use crate::Channel;

/// One packet to send.
#[derive(Clone, Copy)]
pub struct Transmit<'s> {
    /// From which leg.
    pub leg: LegId,
    /// The owner's number for the leg's sockets.
    pub socket: u32,
    /// From which of them.
    pub channel: Channel,
    /// To where.
    pub to: SocketAddr,
    bytes: &'s [u8],
}

/// The queue of packets; allocated once for what one input can cause, and used from its beginning
/// again whenever it has been emptied, so that it stays in the processor's nearest cache.
#[derive(Debug)]
pub(crate) struct Transmits {
    waiting: Vec<Waiting>,
    next: usize,
    bytes: Box<[u8]>,
    written: usize,
}

#[derive(Clone, Copy)]
struct Waiting {
    leg: LegId,
    socket: u32,
    channel: Channel,
    to: SocketAddr,
    start: usize,
    length: usize,
}

impl Transmit<'_> {
    /// The longest packet we send: 20 ms of plain samples at 48 kHz, which the network splits.
    pub const MAX: usize = 2000;

    /// The packet's bytes.
    pub const fn bytes(&self) -> &[u8] {
        self.bytes
    }
}

impl Transmits {
    /// Room for a few packets of each of `legs` legs.
    pub(crate) fn with_capacity(legs: usize) -> Self {
        let bytes = vec![0; (legs + 1) * 2 * Transmit::MAX].into();
        Self { waiting: Vec::with_capacity(4 * (legs + 1)), next: 0, bytes, written: 0 }
    }

    /// Adds the packet that `write` puts into the bytes given, [`Transmit::MAX`] of them, whose
    /// length it returns; 0 for none. What there is no room for is lost, as a network would lose it.
    pub(crate) fn push(
        &mut self,
        (leg, socket): (LegId, u32),
        (channel, to): (Channel, SocketAddr),
        write: impl FnOnce(&mut [u8]) -> usize,
    ) {
        let start = self.written;
        let Some(free) = self.bytes.get_mut(start..start + Transmit::MAX) else { return };
        if self.waiting.len() < self.waiting.capacity() {
            let length = write(free).min(Transmit::MAX);
            if length > 0 {
                self.waiting.push(Waiting { leg, socket, channel, to, start, length });
            }
            self.written += length;
        }
    }

    /// The owner's number for the sockets of the packet behind `ahead` others.
    pub(crate) fn upcoming(&self, ahead: usize) -> Option<u32> {
        self.waiting.get(self.next + ahead).map(|waiting| waiting.socket)
    }

    pub(crate) fn poll(&mut self) -> Option<Transmit<'_>> {
        let Some(&waiting) = self.waiting.get(self.next) else {
            self.waiting.clear();
            (self.next, self.written) = (0, 0);
            return None;
        };
        self.next += 1;
        let Waiting { leg, socket, channel, to, start, length } = waiting;
        Some(Transmit { leg, socket, channel, to, bytes: &self.bytes[start..start + length] })
    }
}

/// Hides the address and what is said.
impl std::fmt::Debug for Transmit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transmit({}, {:?})", self.leg, self.channel)
    }
}

/// Hides the address.
impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({})", self.leg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(transmits: &mut Transmits, byte: u8, length: usize) {
        let to = (Channel::Rtp, ([192, 0, 2, 1], 4000).into());
        transmits.push((LegId(1), 0), to, |bytes| {
            bytes[..length].fill(byte);
            length
        });
    }

    #[test]
    fn packets_leave_in_order_and_what_has_no_room_is_lost() {
        let mut transmits = Transmits::with_capacity(1);
        for round in 0..3 {
            for byte in 0..20 {
                push(&mut transmits, byte, 1900);
            }
            assert_eq!((transmits.upcoming(3), transmits.upcoming(4)), (Some(0), None));
            for byte in 0..4 {
                let packet = transmits.poll().map(|packet| packet.bytes().to_vec());
                assert_eq!(packet, Some(vec![byte; 1900]), "in round {round}");
            }
            assert!(transmits.poll().is_none());
        }
    }
}
