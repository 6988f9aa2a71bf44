//! The datagrams of one look at the sockets, received and not yet handled.
//!
//! They lie one behind the other in memory that is used again with every look, so that it stays in
//! the processor's nearest caches; each is taken once, whatever its handling comes to.

use std::net::SocketAddr;

use media::{Channel, Seat};

/// A fixed room for datagrams; allocated once.
pub(crate) struct Batch {
    received: Vec<Received>,
    /// How many were taken.
    taken: usize,
    bytes: Box<[u8]>,
    /// Where the next one goes.
    free: usize,
}

/// Whose datagram it is, and where it lies.
#[derive(Clone, Copy)]
struct Received {
    seat: Seat,
    channel: Channel,
    source: SocketAddr,
    start: usize,
    length: usize,
}

/// One datagram to be handled.
pub(crate) struct Datagram<'b> {
    pub(crate) seat: Seat,
    pub(crate) channel: Channel,
    pub(crate) source: SocketAddr,
    pub(crate) bytes: &'b mut [u8],
}

impl Batch {
    /// Room for `count` datagrams of usual length.
    pub(crate) fn with_capacity(count: usize) -> Self {
        let bytes = vec![0; count * USUAL + LONGEST].into();
        Self { received: Vec::with_capacity(count), taken: 0, bytes, free: 0 }
    }

    /// Where the next datagram may be received; `None` when there is no room for one more.
    pub(crate) fn room(&mut self) -> Option<&mut [u8]> {
        let has_room = self.received.len() < self.received.capacity();
        if has_room { self.bytes.get_mut(self.free..self.free + LONGEST) } else { None }
    }

    /// Keeps the datagram that was received there, `length` bytes from `source`.
    pub(crate) fn keep(
        &mut self,
        (seat, channel): (Seat, Channel),
        (length, source): (usize, SocketAddr),
    ) {
        self.received.push(Received { seat, channel, source, start: self.free, length });
        self.free += length.next_multiple_of(LINE);
    }

    /// How many were received.
    pub(crate) const fn len(&self) -> usize {
        self.received.len()
    }

    /// Whether one waits to be taken.
    pub(crate) const fn is_waiting(&self) -> bool {
        self.taken < self.received.len()
    }

    /// Whose datagram will be taken after `ahead` others.
    pub(crate) fn upcoming(&self, ahead: usize) -> Option<Seat> {
        self.received.get(self.taken + ahead).map(|received| received.seat)
    }

    /// Takes the oldest one.
    pub(crate) fn take(&mut self) -> Option<Datagram<'_>> {
        let &Received { seat, channel, source, start, length } = self.received.get(self.taken)?;
        self.taken += 1;
        let bytes = self.bytes.get_mut(start..start + length)?;
        Some(Datagram { seat, channel, source, bytes })
    }

    /// Makes room for the next look.
    pub(crate) fn clear(&mut self) {
        self.received.clear();
        (self.taken, self.free) = (0, 0);
    }
}

/// A datagram longer than this is cut, and then refused as malformed.
const LONGEST: usize = 2048;
/// A packet of G.711, Opus or G.722 needs less.
const USUAL: usize = 256;
/// Each begins a line of the cache.
const LINE: usize = 64;

#[cfg(test)]
mod tests {
    use model::LegId;

    use super::*;

    fn receive(batch: &mut Batch, leg: u64, length: usize) -> bool {
        let Some(room) = batch.room() else { return false };
        room[..length].fill(leg as u8);
        let source = ([192, 0, 2, leg as u8], 4000).into();
        batch.keep((LegId(leg).into(), Channel::Rtp), (length, source));
        true
    }

    #[test]
    fn datagrams_of_any_length_are_taken_once_each_in_their_order() {
        let mut batch = Batch::with_capacity(16);
        for _ in 0..2 {
            let lengths = [172, 0, LONGEST, 1, 12];
            for (leg, &length) in (1..).zip(&lengths) {
                assert!(receive(&mut batch, leg, length));
            }
            assert_eq!((batch.len(), batch.upcoming(1)), (5, Some(LegId(2).into())));
            for (leg, &length) in (1_u64..).zip(&lengths) {
                let datagram = batch.take().expect("five wait");
                assert_eq!(datagram.seat, LegId(leg).into());
                assert_eq!(datagram.bytes, vec![leg as u8; length]);
            }
            assert!(!batch.is_waiting() && batch.take().is_none());
            batch.clear();
        }
    }

    #[test]
    fn what_has_no_room_stays_where_it_is() {
        let mut batch = Batch::with_capacity(8);
        assert_eq!((0..99).filter(|_| receive(&mut batch, 1, 172)).count(), 8, "in number");
        batch.clear();
        assert!((0..99).filter(|_| receive(&mut batch, 1, LONGEST)).count() < 8, "in length");
    }
}
