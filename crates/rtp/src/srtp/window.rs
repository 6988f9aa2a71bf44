//! Where a stream stands: the rollover counter (RFC 3711 §3.3.1, appendix A) and what came before
//! (§3.3.2).

/// One stream of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Of the newest packet: 2^16 times the rollover counter, plus the sequence number.
    newest: u64,
    /// Bit `n` is set if the packet `n` before the newest came.
    came: u64,
}

impl Window {
    /// A stream whose first packet was `index`.
    pub(super) const fn new(index: u64) -> Self {
        Self { newest: index, came: 1 }
    }

    /// The index of the newest packet.
    pub(super) const fn newest(&self) -> u64 {
        self.newest
    }

    /// The index a sequence number most likely has; `None` before the stream began.
    pub(super) const fn guess(&self, sequence: u16) -> Option<u64> {
        let newest = self.newest as u16;
        // The nearest one, before or after.
        let ahead = sequence.wrapping_sub(newest) as i16;
        self.newest.checked_add_signed(ahead as i64)
    }

    /// Whether `index` is new.
    pub(super) const fn is_new(&self, index: u64) -> bool {
        match self.newest.checked_sub(index) {
            None => true,
            Some(behind) => behind < WIDTH && self.came >> behind & 1 == 0,
        }
    }

    /// Notes an authentic packet.
    pub(super) const fn note(&mut self, index: u64) {
        match index.checked_sub(self.newest) {
            Some(ahead) => {
                self.came = if ahead < WIDTH { self.came << ahead | 1 } else { 1 };
                self.newest = index;
            }
            None if self.newest - index < WIDTH => self.came |= 1 << (self.newest - index),
            None => {}
        }
    }
}

/// Packets behind the newest that can still be told from replays: 1.28 s of 20 ms (§3.3.2 asks for
/// 64).
const WIDTH: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rollover_counter_follows_the_sequence_number_over_its_end() {
        let mut window = Window::new(65_534);
        for (sequence, index) in [(65_535, 65_535), (1, 65_537), (0, 65_536), (65_533, 65_533)] {
            assert_eq!(window.guess(sequence), Some(index));
            window.note(index);
        }
        assert_eq!(Window::new(3).guess(65_535), None, "nothing was before the first round");
        assert_eq!(Window::new(0x1_0003).guess(65_535), Some(65_535));
        assert_eq!(Window::new(0x1_ffff).guess(0x7000), Some(0x2_7000));
        assert_eq!(Window::new(0x1_0000).guess(0x7fff), Some(0x1_7fff));
    }

    #[test]
    fn what_came_comes_no_second_time() {
        let mut window = Window::new(100);
        for index in [103, 101, 164, 170] {
            assert!(window.is_new(index), "{index}");
            window.note(index);
            assert!(!window.is_new(index), "{index}");
        }
        assert!(!window.is_new(103) && !window.is_new(164), "what slid along still came");
        assert!(window.is_new(107) && window.is_new(169), "what was passed over is still new");
        assert!(!window.is_new(106), "too old to tell");
        window.note(5000);
        assert!(!window.is_new(170) && window.is_new(4937) && !window.is_new(4936));
    }
}
