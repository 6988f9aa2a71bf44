//! The sockets of all legs of one shard, found by leg when sending and by poller token when
//! receiving. Its capacity is fixed, so that no leg makes it allocate.

use std::collections::HashMap;

use media::{Channel, Seat};
use model::LegId;

use crate::sockets::LegSockets;

/// All legs' sockets.
pub(crate) struct Legs {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    by_leg: HashMap<LegId, usize>,
    /// The slots of those that have text.
    by_text: HashMap<LegId, usize>,
}

/// One leg's sockets, and where the shard has the leg.
pub(crate) struct Slot {
    pub(crate) leg: LegId,
    pub(crate) seat: Seat,
    pub(crate) sockets: Box<LegSockets>,
    is_text: bool,
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
    pub(crate) fn insert(
        &mut self,
        leg: LegId,
        sockets: Box<LegSockets>,
    ) -> Result<usize, Box<LegSockets>> {
        if self.by_leg.contains_key(&leg) {
            return Err(sockets);
        }
        let Some(index) = self.free.pop() else { return Err(sockets) };
        self.slots[index] = Some(Slot { leg, seat: leg.into(), sockets, is_text: false });
        self.by_leg.insert(leg, index);
        Ok(index)
    }

    /// The same for the text of a leg.
    pub(crate) fn insert_text(
        &mut self,
        leg: LegId,
        sockets: Box<LegSockets>,
    ) -> Result<usize, Box<LegSockets>> {
        if self.by_text.contains_key(&leg) {
            return Err(sockets);
        }
        let Some(index) = self.free.pop() else { return Err(sockets) };
        self.slots[index] = Some(Slot { leg, seat: leg.into(), sockets, is_text: true });
        self.by_text.insert(leg, index);
        Ok(index)
    }

    /// Lets a leg go.
    pub(crate) fn remove(&mut self, leg: LegId) -> Option<Box<LegSockets>> {
        let index = self.by_leg.remove(&leg)?;
        self.clear(index)
    }

    /// Lets a leg's text go.
    pub(crate) fn remove_text(&mut self, leg: LegId) -> Option<Box<LegSockets>> {
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

    /// A leg's sockets.
    pub(crate) fn of(&mut self, leg: LegId) -> Option<&mut LegSockets> {
        let index = *self.by_leg.get(&leg)?;
        Some(&mut self.slots.get_mut(index)?.as_mut()?.sockets)
    }

    fn clear(&mut self, index: usize) -> Option<Box<LegSockets>> {
        let slot = self.slots.get_mut(index)?.take()?;
        self.free.push(index);
        Some(slot.sockets)
    }
}

impl Slot {
    /// What comes in at `channel` of its sockets, for the shard.
    pub(crate) const fn channel(&self, channel: Channel) -> Channel {
        match channel {
            Channel::Rtp if self.is_text => Channel::Text,
            Channel::Rtcp if self.is_text => Channel::TextRtcp,
            _ => channel,
        }
    }
}

/// What a poller's token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Commands wait.
    Wake,
    /// The deadline has come.
    Timer,
    /// A datagram waits at the leg in this slot.
    Socket(usize, Channel),
}

impl Token {
    /// As the poller's number.
    pub(crate) const fn to_number(self) -> u64 {
        match self {
            Self::Wake => 0,
            Self::Timer => 1,
            Self::Socket(slot, Channel::Rtp | Channel::Text) => 2 * (slot as u64 + 1),
            Self::Socket(slot, Channel::Rtcp | Channel::TextRtcp) => 2 * (slot as u64 + 1) + 1,
        }
    }

    /// From the poller's number.
    pub(crate) const fn from_number(number: u64) -> Self {
        let channel = if number.is_multiple_of(2) { Channel::Rtp } else { Channel::Rtcp };
        match number {
            0 => Self::Wake,
            1 => Self::Timer,
            _ => Self::Socket((number / 2 - 1) as usize, channel),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use model::{Chance, Instant};

    use super::*;
    use crate::ports::Ports;
    use crate::sockets::Bound;

    fn sockets(ports: &mut Ports) -> Box<LegSockets> {
        let bound = std::iter::from_fn(|| ports.take(Instant::ZERO))
            .find_map(|pair| Bound::new(Ipv4Addr::LOCALHOST.into(), pair).ok());
        let bound = bound.expect("one of many pairs is free");
        Box::new(LegSockets::new(Arc::new(bound)))
    }

    #[test]
    fn every_token_is_read_back() {
        for slot in [0, 1, 4_999] {
            for token in [
                Token::Wake,
                Token::Timer,
                Token::Socket(slot, Channel::Rtp),
                Token::Socket(slot, Channel::Rtcp),
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
        assert!(legs.at(0).is_some_and(|slot| slot.leg == LegId(1)) && legs.of(LegId(1)).is_some());

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
        let channel = |legs: &Legs, at: usize| legs.at(at).map(|slot| slot.channel(Channel::Rtp));
        assert_eq!(channel(&legs, slot), Some(Channel::Text));
        assert_eq!(channel(&legs, 1 - slot), Some(Channel::Rtp));
        assert!(legs.remove_text(LegId(1)).is_some() && legs.at(slot).is_none());
        assert!(legs.remove_text(LegId(1)).is_none() && legs.of(LegId(1)).is_some());
    }
}
