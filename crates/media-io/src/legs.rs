//! The sockets of all legs of one shard, found by leg when sending and by poller token when
//! receiving. Its capacity is fixed, so that no leg makes it allocate.

use std::collections::HashMap;
use std::sync::Arc;

use media::{Channel, Seat};
use model::LegId;

use crate::sockets::{Bound, LegSockets};

/// All legs' sockets.
pub(crate) struct Legs {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    by_leg: HashMap<LegId, usize>,
    /// The slots of those that have text.
    by_text: HashMap<LegId, usize>,
}

/// One leg's sockets, and where the shard has the leg: all that a packet of sound needs of it, in
/// neighbouring lines of the cache.
pub(crate) struct Slot {
    pub(crate) seat: Seat,
    pub(crate) sockets: LegSockets,
}

impl Legs {
    /// Room for `capacity` legs.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity).map(|_| None).collect(),
            free: (0..capacity).rev().collect(),
            by_leg: HashMap::with_capacity(2 * capacity),
            by_text: HashMap::with_capacity(2 * capacity),
        }
    }

    /// Takes a leg in and names its slot; hands the sockets back when there is no room or the leg
    /// is here already.
    pub(crate) fn insert(&mut self, leg: LegId, bound: Arc<Bound>) -> Result<usize, Arc<Bound>> {
        if self.by_leg.contains_key(&leg) {
            return Err(bound);
        }
        let Some(index) = self.free.pop() else { return Err(bound) };
        let sockets = LegSockets::new(bound);
        self.slots[index] = Some(Slot { seat: leg.into(), sockets });
        self.by_leg.insert(leg, index);
        Ok(index)
    }

    /// The same for the text of a leg.
    pub(crate) fn insert_text(
        &mut self,
        leg: LegId,
        bound: Arc<Bound>,
    ) -> Result<usize, Arc<Bound>> {
        if self.by_text.contains_key(&leg) {
            return Err(bound);
        }
        let Some(index) = self.free.pop() else { return Err(bound) };
        let sockets = LegSockets::new(bound);
        self.slots[index] = Some(Slot { seat: leg.into(), sockets });
        self.by_text.insert(leg, index);
        Ok(index)
    }

    /// Lets a leg go.
    pub(crate) fn remove(&mut self, leg: LegId) -> Option<Arc<Bound>> {
        let index = self.by_leg.remove(&leg)?;
        self.clear(index)
    }

    /// Lets a leg's text go.
    pub(crate) fn remove_text(&mut self, leg: LegId) -> Option<Arc<Bound>> {
        let index = self.by_text.remove(&leg)?;
        self.clear(index)
    }

    /// The leg in a slot.
    pub(crate) fn at(&self, index: usize) -> Option<&Slot> {
        self.slots.get(index)?.as_ref()
    }

    /// The leg in a slot.
    pub(crate) fn at_mut(&mut self, index: usize) -> Option<&mut Slot> {
        self.slots.get_mut(index)?.as_mut()
    }

    /// The leg in a slot is needed soon.
    pub(crate) fn bring_near(&self, index: usize) {
        if let Some(slot) = self.slots.get(index) {
            simd::bring_near(slot);
        }
    }

    /// A leg's slot.
    pub(crate) fn slot(&self, leg: LegId) -> Option<usize> {
        self.by_leg.get(&leg).copied()
    }

    /// A leg's sockets.
    pub(crate) fn of(&mut self, leg: LegId) -> Option<&mut LegSockets> {
        let index = *self.by_leg.get(&leg)?;
        Some(&mut self.slots.get_mut(index)?.as_mut()?.sockets)
    }

    fn clear(&mut self, index: usize) -> Option<Arc<Bound>> {
        let slot = self.slots.get_mut(index)?.take()?;
        self.free.push(index);
        Some(slot.sockets.into_bound())
    }
}

/// What a poller's token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Commands wait.
    Wake,
    /// A datagram waits at the leg in this slot.
    Socket(usize, Channel),
}

impl Token {
    /// As the poller's number.
    pub(crate) const fn to_number(self) -> u64 {
        match self {
            Self::Wake => 0,
            Self::Socket(slot, channel) => 4 * (slot as u64 + 1) + channel as u64,
        }
    }

    /// From the poller's number.
    pub(crate) const fn from_number(number: u64) -> Self {
        let channel = match number % 4 {
            0 => Channel::Rtp,
            1 => Channel::Rtcp,
            2 => Channel::Text,
            _ => Channel::TextRtcp,
        };
        match number {
            0 => Self::Wake,
            _ => Self::Socket((number / 4).saturating_sub(1) as usize, channel),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use model::{Chance, Instant};

    use super::*;
    use crate::ports::Ports;

    fn sockets(ports: &mut Ports) -> Arc<Bound> {
        let bound = std::iter::from_fn(|| ports.take(Instant::ZERO))
            .find_map(|pair| Bound::new(Ipv4Addr::LOCALHOST.into(), pair).ok());
        Arc::new(bound.expect("one of many pairs is free"))
    }

    #[test]
    fn every_token_is_read_back() {
        for slot in [0, 1, 4_999] {
            for token in [
                Token::Wake,
                Token::Socket(slot, Channel::Rtp),
                Token::Socket(slot, Channel::Rtcp),
                Token::Socket(slot, Channel::Text),
                Token::Socket(slot, Channel::TextRtcp),
            ] {
                assert_eq!(Token::from_number(token.to_number()), token);
            }
        }
    }

    #[test]
    fn a_leg_is_taken_in_once_and_its_slot_is_used_again() {
        let mut ports = Ports::new(31_000..=31_999, crate::Settings::REST, Chance::from_number(3));
        let mut legs = Legs::new(1);
        let slot = legs.insert(LegId(1), sockets(&mut ports)).ok();
        assert_eq!(slot, Some(0));
        assert!(legs.insert(LegId(1), sockets(&mut ports)).is_err(), "it is here already");
        assert!(legs.insert(LegId(2), sockets(&mut ports)).is_err(), "there is no room");
        assert!(
            legs.at(0).is_some_and(|slot| slot.seat.leg() == LegId(1))
                && legs.of(LegId(1)).is_some()
        );

        assert!(legs.remove(LegId(1)).is_some() && legs.remove(LegId(1)).is_none());
        assert!(legs.at(0).is_none() && legs.of(LegId(1)).is_none());
        assert!(legs.insert(LegId(2), sockets(&mut ports)).is_ok());
    }

    #[test]
    fn a_legs_text_has_a_slot_of_its_own() {
        let mut ports = Ports::new(32_000..=32_999, crate::Settings::REST, Chance::from_number(4));
        let mut legs = Legs::new(2);
        assert!(legs.insert(LegId(1), sockets(&mut ports)).is_ok());
        let slot = legs.insert_text(LegId(1), sockets(&mut ports)).ok().expect("there is room");
        assert!(legs.insert_text(LegId(1), sockets(&mut ports)).is_err(), "it has text already");
        assert!(legs.remove_text(LegId(1)).is_some() && legs.at(slot).is_none());
        assert!(legs.remove_text(LegId(1)).is_none() && legs.of(LegId(1)).is_some());
    }
}
