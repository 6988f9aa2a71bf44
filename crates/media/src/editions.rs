//! The editions of a room of few legs: whoever hears, sample by sample, what another one hears in the
//! same coding is sent the other one's bytes.
//!
//! Who hears the same is decided by content and by nothing else, so that whatever the matrix says,
//! nobody is sent a frame that is not her own. Each listener comes at an instant of her own; whoever
//! comes first with a new frame has it encoded, and the others find it. An edition remembers its last
//! frames with the stamps under which they were encoded, and a listener the stamp of the one she was
//! sent last: so it is known which frames the decoder at her end has heard.
//!
//! - Her frame is the one that follows in her edition: she is sent a copy.
//! - It is the one at hand in another edition with as many listeners, and the last 60 ms were the same
//!   in both: she goes over to that one. No encoder need be prepared for it (`edition`).
//! - Nobody has had it yet: it is encoded, in her edition if she has heard all of that. If somebody
//!   else has taken that another way, a resting edition hears her last frames unsent and goes on with
//!   her. Those who go her way follow her there for nothing, whether it was she who left or the other.
//!
//! Who is not sent the frame as sound (a key is pressed, the peer holds us, packets are paced) goes
//! back to an encoder of her own, which hears the same frames before.
//!
//! # Assumptions
//! - An edition that nobody has asked for in 100 ms rests.
//! - Alike for 60 ms is alike enough: what an encoder heard before then does not matter.

use std::time::Duration;

use mixer::MAX_FRAME;
use model::{Instant, SampleRate};

use crate::coding::Outgoing;
use crate::edition::{ALIKE, Edition, Key, Tie};
use crate::outlet::Workbench;
use crate::plain::Plain;

/// What a room's listeners are sent, each frame once.
#[derive(Debug)]
pub(crate) struct Editions {
    held: Vec<Edition>,
    /// Of the frame that was encoded last.
    stamp: u64,
    plain: Box<Plain>,
}

/// What an edition's listeners have heard of it.
pub(crate) struct Heard {
    frames: Box<[[i16; MAX_FRAME]; KEPT]>,
    /// 0 where there is no frame.
    stamps: [u64; KEPT],
    newest: usize,
    length: usize,
    /// When that was encoded.
    at: Instant,
    /// How many were sent the newest one, and the one before it.
    sent: [u32; 2],
}

/// Where a listener stands: an edition, and how many of its frames she has not been sent.
#[derive(Clone, Copy)]
struct Stand {
    edition: usize,
    behind: usize,
}

impl Editions {
    /// None, until the negotiator sends some. Allocates; nothing later does.
    pub(crate) fn new() -> Self {
        Self { held: Vec::new(), stamp: 0, plain: Plain::new() }
    }

    /// Whether there are none: nobody shares a coding but G.711 as it is.
    pub(crate) const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Goes on with others, those that are in use as they stand; what is over is left in `editions`.
    pub(crate) fn share(&mut self, editions: &mut Vec<Edition>) {
        for edition in &mut *editions {
            let is_same = |held: &&mut Edition| held.key() == edition.key() && held.is_used();
            if let Some(held) = self.held.iter_mut().find(is_same) {
                std::mem::swap(edition, held);
            }
        }
        std::mem::swap(&mut self.held, editions);
    }

    /// Writes a listener's frame in her coding to the beginning of `payload`; how many bytes it takes.
    #[inline(never)]
    pub(crate) fn write(
        &mut self,
        (now, rate): (Instant, SampleRate),
        frame: &[i16],
        ours: &mut Outgoing,
        workbench: &mut Workbench,
        payload: &mut [u8],
    ) -> usize {
        if let Some(law) = ours.law() {
            return self.plain.write(law, frame, workbench, payload);
        }
        let key = Key::of(&ours.format, rate);
        let place = key.and_then(|key| self.place((now, key), frame, ours, workbench));
        let Some(edition) = place.and_then(|place| self.held.get_mut(place)) else {
            return ours.coder.encode(frame, workbench, payload);
        };
        ours.tie = Tie::Sent(edition.heard.stamp(0));
        edition.heard.sent[0] += 1;
        edition.copy_to(payload)
    }

    /// A listener goes her own way, with an encoder that is prepared: by what she was sent, or by this
    /// frame of hers where that is not known any more.
    #[inline(never)]
    pub(crate) fn part(&mut self, frame: &[i16], ours: &mut Outgoing, workbench: &mut Workbench) {
        let stand = self.stand(ours.tie);
        let was_sent = matches!(std::mem::replace(&mut ours.tie, Tie::ALONE), Tie::Sent(_));
        let Some(stand) = stand else {
            if was_sent {
                // Her own has heard something else, whose end would be in its next packet.
                ours.coder.prepare(frame, workbench);
            }
            return;
        };
        let edition = &mut self.held[stand.edition];
        if stand.behind == 0 && edition.heard.has_one() {
            edition.trade_coders(ours);
            return edition.heard.clear();
        }
        for ago in (stand.behind..KEPT).take(edition.key().prepared()).rev() {
            if let Some(frame) = edition.heard.frame(ago) {
                ours.coder.prepare(frame, workbench);
            }
        }
    }

    /// The edition whose newest frame is this one and follows what the listener has heard; encoded,
    /// if nobody has had it yet. `None` if she is to be encoded for alone.
    fn place(
        &mut self,
        (now, key): (Instant, Key),
        frame: &[i16],
        ours: &mut Outgoing,
        workbench: &mut Workbench,
    ) -> Option<usize> {
        let stand = self.stand(ours.tie).filter(|stand| self.held[stand.edition].key() == key);
        if let Some(alike) = stand.and_then(|stand| self.alike(stand, key, frame)) {
            stand.into_iter().for_each(|stand| self.leave(stand, alike));
            return Some(alike);
        }
        let place = match stand {
            Some(stand) if stand.behind == 0 => {
                let place = self.greater(stand.edition).unwrap_or(stand.edition);
                self.leave(stand, place);
                Some(place)
            }
            Some(stand) => {
                let place = self.branch((now, key), stand, workbench);
                if place.is_none() {
                    self.part(frame, ours, workbench);
                }
                place
            }
            None => {
                self.part(frame, ours, workbench);
                self.resting(now, key).inspect(|&place| {
                    self.held[place].trade_coders(ours);
                    self.held[place].heard.clear();
                })
            }
        }?;
        self.stamp += 1;
        self.held[place].advance((now, self.stamp), frame, workbench);
        Some(place)
    }

    /// A listener goes over to the edition at `place`: the one she leaves rests if she was its last.
    fn leave(&mut self, stand: Stand, place: usize) {
        let left = &mut self.held[stand.edition].heard;
        if stand.edition != place && stand.behind == 0 && left.has_one() {
            left.clear();
        }
    }

    /// Where a listener stands who was sent that last.
    fn stand(&self, tie: Tie) -> Option<Stand> {
        let Tie::Sent(stamp) = tie else { return None };
        let stand = |(edition, held): (usize, &Edition)| {
            let behind = held.is_whole().then(|| held.heard.behind(stamp))??;
            Some(Stand { edition, behind })
        };
        self.held.iter().enumerate().filter_map(stand).min_by_key(|stand| stand.behind)
    }

    /// The edition that has this frame at hand, encoded since the listener was sent one, after all
    /// that she has heard: her own, or one that has said the same for 60 ms.
    fn alike(&self, stand: Stand, key: Key, frame: &[i16]) -> Option<usize> {
        let before = &self.held[stand.edition].heard;
        let last = before.stamp(stand.behind);
        let is_alike = |(place, held): (usize, &Edition)| {
            let is_next = held.is_whole() && held.key() == key && held.heard.stamp(0) > last;
            let says = is_next && held.heard.frame(0).is_some_and(|newest| newest == frame);
            let is_better = || stand.behind > 0 || held.heard.sent[1] >= before.sent[0];
            says && (held.heard.stamp(1) == last
                || place != stand.edition
                    && is_better()
                    && held.heard.is_like(1, (before, stand.behind)))
        };
        self.held.iter().enumerate().position(is_alike)
    }

    /// An edition that has said the same for 60 ms to more listeners, if there is one: those of the
    /// lesser one go over to it.
    fn greater(&self, edition: usize) -> Option<usize> {
        let lesser = &self.held[edition];
        let is_greater = |held: &Edition| {
            held.is_whole()
                && held.key() == lesser.key()
                && held.heard.sent[0] > lesser.heard.sent[0]
                && held.heard.is_like(0, (&lesser.heard, 0))
        };
        self.held.iter().position(is_greater)
    }

    /// A resting edition that has heard what the listener has heard.
    fn branch(
        &mut self,
        (now, key): (Instant, Key),
        stand: Stand,
        workbench: &mut Workbench,
    ) -> Option<usize> {
        let place = self.resting(now, key)?;
        let [before, edition] = self.held.get_disjoint_mut([stand.edition, place]).ok()?;
        edition.heard.clear();
        for ago in (stand.behind..KEPT).take(ALIKE).rev() {
            if let Some(frame) = before.heard.frame(ago) {
                let stamp = (now, before.heard.stamp(ago));
                if ago < stand.behind + key.prepared() {
                    edition.advance(stamp, frame, workbench);
                } else {
                    edition.heard.push(stamp, frame);
                }
            }
        }
        Some(place)
    }

    fn resting(&self, now: Instant, key: Key) -> Option<usize> {
        let rests = |held: &Edition| held.is_whole() && held.key() == key && held.heard.rests(now);
        self.held.iter().position(rests)
    }
}

impl Heard {
    /// Nothing. Allocates; nothing later does.
    pub(crate) fn new() -> Self {
        Self {
            frames: Box::new([[0; MAX_FRAME]; KEPT]),
            stamps: [0; KEPT],
            newest: 0,
            length: 0,
            at: Instant::ZERO,
            sent: [0; 2],
        }
    }

    /// A new frame has been encoded; nobody was sent it yet.
    pub(crate) fn push(&mut self, (now, stamp): (Instant, u64), frame: &[i16]) {
        self.newest = (self.newest + 1) % KEPT;
        (self.length, self.at) = (frame.len(), now);
        self.frames[self.newest][..frame.len()].copy_from_slice(frame);
        self.stamps[self.newest] = stamp;
        self.sent = [0, self.sent[0]];
    }

    fn clear(&mut self) {
        (self.stamps, self.sent) = ([0; KEPT], [0; 2]);
    }

    /// The stamp of the frame so many before the newest; 0 if there is none.
    fn stamp(&self, ago: usize) -> u64 {
        self.stamps[(self.newest + KEPT - ago) % KEPT]
    }

    fn frame(&self, ago: usize) -> Option<&[i16]> {
        let at = (self.newest + KEPT - ago) % KEPT;
        (self.stamps[at] > 0).then(|| &self.frames[at][..self.length])
    }

    /// How many frames have come since the one of that stamp; `None` if it is not known any more.
    fn behind(&self, stamp: u64) -> Option<usize> {
        (0..KEPT).find(|&ago| self.stamp(ago) == stamp)
    }

    /// Whether 60 ms of it that end so many frames before the newest are those of another one.
    fn is_like(&self, ago: usize, (other, others_ago): (&Self, usize)) -> bool {
        let is_same = |at| match (self.frame(ago + at), other.frame(others_ago + at)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => false,
        };
        ago.max(others_ago) + ALIKE <= KEPT && (0..ALIKE).all(is_same)
    }

    /// Whether anybody has ever been sent anything of it, and may go on with it.
    pub(crate) fn is_known(&self) -> bool {
        self.stamp(0) > 0
    }

    /// Whether one listener alone was sent the last frames.
    fn has_one(&self) -> bool {
        self.sent == [1, 1]
    }

    fn rests(&self, now: Instant) -> bool {
        !self.is_known() || now.since(self.at) > RESTS
    }
}

/// The newest frame and what is looked at of those before.
const KEPT: usize = ALIKE + 1;
/// Five frames: a listener that stays away for longer has gone.
const RESTS: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use model::{Codec, Pacing};
    use sdp::Format;

    use super::*;
    use crate::coding::Coding;
    use crate::outlet::Outlet;

    const RATE: SampleRate = SampleRate::Wide;
    const FORMAT: Format = Format::new(9, Codec::G722);

    /// A room of legs of G.722, each of which is sent the frame that it hears every 20 ms.
    struct Bench {
        editions: Editions,
        codings: Vec<Coding>,
        outlet: Outlet,
        now: Instant,
    }

    impl Bench {
        fn new(legs: usize) -> Self {
            let key = Key::of(&FORMAT, RATE).expect("it has a memory");
            let mut editions = Editions::new();
            editions.share(&mut std::iter::repeat_with(|| Edition::new(key)).take(legs).collect());
            let coding = || Coding::new(&[], (FORMAT, (20, Pacing::Prompt)), RATE);
            let codings = std::iter::repeat_with(coding).take(legs).collect();
            let now = Instant::ZERO + Duration::from_secs(1);
            Self { editions, codings, outlet: Outlet::new(legs), now }
        }

        /// What the legs are sent of these frames, the first leg first; frames encoded.
        fn hear(&mut self, frames: &[i16]) -> (Vec<Vec<u8>>, u64) {
            let workbench = &mut self.outlet.scratch.workbench;
            let before = workbench.encoded;
            self.now += Duration::from_millis(20);
            let mut sent = Vec::new();
            for (coding, &heard) in self.codings.iter_mut().zip(frames) {
                let (mut payload, ours) = ([0; 200], &mut coding.outgoing);
                let frame = [heard; RATE.frame()];
                let at = (self.now, RATE);
                let length = self.editions.write(at, &frame, ours, workbench, &mut payload);
                sent.push(payload[..length].to_vec());
            }
            (sent, workbench.encoded - before)
        }
    }

    #[test]
    fn who_hears_the_same_is_sent_the_same_after_60_ms_and_who_differs_something_else() {
        let mut bench = Bench::new(4);
        let encodes = [1, 2, 3, 4, 5].map(|frame| bench.hear(&[100 * frame; 4]).1);
        assert_eq!(encodes, [4, 4, 4, 1, 1]);
        let (sent, encodes) = bench.hear(&[600, 700, 700, 600]);
        assert_eq!((encodes, &sent[0], &sent[1]), (2 + 3, &sent[3], &sent[2]), "one is prepared");
        assert_ne!(sent[0], sent[1]);
        let encodes = [1, 2, 3, 4, 5].map(|frame| bench.hear(&[-100 * frame; 4]).1);
        assert_eq!(encodes, [2, 2, 2, 1, 1]);
    }

    #[test]
    fn who_differs_alone_changes_nothing_for_the_others_and_comes_back() {
        let mut bench = Bench::new(4);
        (1..6).for_each(|frame| _ = bench.hear(&[100 * frame; 4]));
        for frame in 1..4 {
            let (sent, encodes) = bench.hear(&[7, 50 * frame, 50 * frame, 50 * frame]);
            assert_eq!(encodes, if frame == 1 { 2 + 3 } else { 2 });
            assert!(sent[1] == sent[2] && sent[2] == sent[3] && sent[0] != sent[1]);
        }
        let encodes = [1, 2, 3, 4, 5].map(|frame| bench.hear(&[-100 * frame; 4]).1);
        assert_eq!(encodes, [2, 2, 2, 1, 1]);
    }

    #[test]
    fn who_was_away_for_longer_than_is_kept_begins_with_an_encoder_that_has_heard_her_frame() {
        let mut bench = Bench::new(2);
        (1..6).for_each(|frame| _ = bench.hear(&[100 * frame; 2]));
        for frame in 0..KEPT as i16 {
            assert_eq!(bench.hear(&[70 * frame]).1, 1, "the other one is not here");
        }
        assert_eq!(bench.hear(&[30; 2]).1, 2 + 1, "one is prepared");
        let encodes = [1, 2, 3, 4].map(|frame| bench.hear(&[-100 * frame; 2]).1);
        assert_eq!(encodes, [2, 2, 1, 1]);
    }

    #[test]
    fn an_edition_whose_encoder_a_panic_cut_short_is_left_by_all() {
        let mut bench = Bench::new(2);
        let encodes = [1, 2, 3, 4].map(|frame| bench.hear(&[100 * frame; 2]).1);
        assert_eq!(encodes, [2, 2, 2, 1]);
        let used = bench.editions.held.iter_mut().find(|held| held.heard.sent[0] == 2);
        used.expect("both hear it").break_off();
        bench.now += RESTS;
        let encodes = [5, 6, 7, 8].map(|frame| bench.hear(&[100 * frame; 2]).1);
        assert_eq!(encodes, [2 + 2, 2, 2, 2], "one has an edition, and the other her own encoder");
    }
}
