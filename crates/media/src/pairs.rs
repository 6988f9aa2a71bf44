//! A room pair by pair: each listener has its own way through each speaker it hears, and its own
//! instant.

use std::ops::Range;

use mixer::{Ramp, Sum};
use model::{Gain, Instant, LegId, Route, SampleRate};
use rtp::jitter::{Effort, Playout, Reception};

use crate::editions::Editions;
use crate::leg::{Company, Leg};
use crate::legs::Legs;
use crate::loudness::Loudness;
use crate::outlet::Workbench;
use crate::voice::FAINT;

/// The audible pairs of a room.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// Those of the matrix in order of their names, then those that fade out.
    cells: Vec<Cell>,
    /// How many of them are the matrix's.
    routed: usize,
    /// The cells by the seats of their legs: so that no leg is looked for while frames are mixed.
    by_listener: Vec<Link>,
    by_speaker: Vec<Link>,
    /// What its listeners are sent.
    pub(crate) editions: Editions,
}

/// One audible pair.
///
/// In this order, what a listener asks of it whenever one of its speakers' packets comes is one
/// cache line: the place in the stream and the gain; what a frame touches is that and the one before
/// it.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Cell {
    pub(crate) playout: Playout,
    loudness: Loudness,
    listener: LegId,
    speaker: LegId,
}

/// What is mixed of a speaker's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// All of them.
    Anything,
    /// Those that a listener would notice: of others the mixes of who says nothing would differ by
    /// what each does not hear of itself.
    Audible,
}

/// A cell with the seats of its legs; [`NOBODY`] where there is no such leg.
#[derive(Clone, Copy, Debug)]
struct Link {
    listener: u32,
    speaker: u32,
    cell: u32,
}

impl Pairs {
    /// A matrix, with space for `leaving` pairs of the one before that must fade out. Allocates;
    /// nothing later does.
    pub(crate) fn new(routes: &[Route], leaving: usize, rate: SampleRate) -> Self {
        let space = routes.len() + leaving;
        let mut cells = Vec::with_capacity(space);
        cells.extend(routes.iter().map(|route| Cell::new(route, rate)));
        cells.sort_by_key(Cell::names);
        cells.dedup_by_key(|cell| cell.names());
        let routed = cells.len();
        let (by_listener, by_speaker) = (Vec::with_capacity(space), Vec::with_capacity(space));
        Self { cells, routed, by_listener, by_speaker, editions: Editions::new() }
    }

    /// Goes on where `before` stands: known pairs keep their place in the stream and their gain,
    /// lost ones fade out within a frame. What remains in `before` can be dropped. O(n log n).
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        std::mem::swap(&mut self.editions, &mut before.editions);
        let mut at = 0;
        while let Some(held) = before.cells.get_mut(at) {
            let known = self.cells[..self.routed].binary_search_by_key(&held.names(), Cell::names);
            if let Ok(known) = known {
                let cell = &mut self.cells[known];
                cell.loudness.take_over(&held.loudness);
                std::mem::swap(&mut cell.playout, &mut held.playout);
                at += 1;
            } else if held.loudness.is_sounding() && self.cells.len() < self.cells.capacity() {
                held.loudness.set(Gain::SILENT);
                let cell = before.cells.swap_remove(at);
                self.cells.push(cell);
            } else {
                at += 1;
            }
        }
    }

    /// Gives each speaker's voice one of the ways through its stream, for a room that shares them.
    pub(crate) fn lend_playouts(&mut self, legs: &mut Legs) {
        for cell in &mut self.cells {
            if let Some(speaker) = legs.find_mut(cell.speaker) {
                std::mem::swap(&mut speaker.voice.playout, &mut cell.playout);
            }
        }
    }

    /// Those who are here have heard each other before: their pairs need not fade in.
    pub(crate) fn sound(&mut self, legs: &Legs) {
        let is_here = |leg| legs.position(leg).is_some();
        for cell in &mut self.cells {
            let others = cell.listener != cell.speaker;
            if others && is_here(cell.listener) && is_here(cell.speaker) {
                cell.loudness.start_at(Gain::UNITY);
            }
        }
    }

    /// All its listeners go their own ways.
    pub(crate) fn part_from_editions<'l>(
        &mut self,
        legs: impl Iterator<Item = &'l mut Leg>,
        workbench: &mut Workbench,
    ) {
        legs.for_each(|leg| leg.leave_editions(&mut self.editions, workbench));
    }

    /// What is mixed: where listeners may be sent the same bytes, nothing that nobody notices.
    pub(crate) fn least(&self) -> Least {
        if self.editions.is_empty() { Least::Anything } else { Least::Audible }
    }

    /// With whom a listener shares what her frame costs to encode. In a room of G.711 as it is with
    /// nobody while she talks: those who hear her hear something else than she does, and to look for
    /// the others costs as much as to encode.
    pub(crate) fn company(&mut self, listener: &Leg) -> Company<'_> {
        if self.editions.is_empty() && listener.inbound.is_active() {
            return Company::Nobody;
        }
        Company::Few(&mut self.editions)
    }

    /// Goes on at another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate) {
        for cell in &mut self.cells {
            cell.playout.retune(rate.hz());
        }
    }

    /// Finds the seats of all legs anew: after a change of the matrix, or when a leg came or went.
    /// O(n log n).
    pub(crate) fn find_seats(&mut self, legs: &Legs) {
        let seat = |leg| legs.position(leg).map_or(NOBODY, |seat| seat as u32);
        self.cells.iter_mut().for_each(|cell| cell.loudness.find_seat(legs));
        self.by_listener.clear();
        self.by_listener.extend((0..).zip(&self.cells).map(|(cell, pair)| Link {
            listener: seat(pair.listener),
            speaker: seat(pair.speaker),
            cell,
        }));
        self.by_speaker.clear();
        self.by_speaker.extend_from_slice(&self.by_listener);
        self.by_listener.sort_unstable_by_key(|link| (link.listener, link.cell));
        self.by_speaker.sort_unstable_by_key(|link| (link.speaker, link.cell));
    }

    /// Visits the pairs that a listener hears or that fade for it, each with the speaker's seat.
    pub(crate) fn for_each_heard_by(
        &mut self,
        listener: usize,
        mut visit: impl FnMut(&mut Cell, Option<usize>),
    ) {
        let heard = range(&self.by_listener, listener, |link| link.listener);
        for link in &self.by_listener[heard] {
            let speaker = (link.speaker != NOBODY).then_some(link.speaker as usize);
            visit(&mut self.cells[link.cell as usize], speaker);
        }
    }

    /// Whether each of a listener's audible pairs fulfils `is_met`.
    pub(crate) fn all_heard_by(
        &self,
        listener: usize,
        mut is_met: impl FnMut(&Cell, usize) -> bool,
    ) -> bool {
        let heard = range(&self.by_listener, listener, |link| link.listener);
        self.by_listener[heard].iter().all(|link| {
            let cell = &self.cells[link.cell as usize];
            link.speaker == NOBODY || !cell.is_audible() || is_met(cell, link.speaker as usize)
        })
    }

    /// A packet of one of its legs is about to be taken in.
    pub(crate) fn bring_near(&self) {
        simd::bring_near(self.by_speaker.as_slice());
        simd::bring_near(self.by_listener.as_slice());
        self.cells.iter().take(MOST_NEAR).for_each(|cell| simd::bring_near(&cell.loudness));
    }

    /// The frame of the listener on `seat` is about to be mixed.
    pub(crate) fn bring_sound_near(&self, seat: usize, legs: &Legs) {
        for link in &self.by_listener[range(&self.by_listener, seat, |link| link.listener)] {
            let cell = &self.cells[link.cell as usize];
            simd::bring_near(&cell.playout);
            if let Some(speaker) = legs.get(link.speaker as usize) {
                simd::bring_near(cell.playout.next_place(&speaker.inbound.reception));
            }
        }
    }

    /// The speaker on `seat` is about to leave: whoever hears it keeps what is needed to fade it out.
    pub(crate) fn part(&mut self, seat: usize, speaker: &Reception) {
        for place in self.hearing(seat) {
            let cell = self.by_speaker[place].cell as usize;
            self.cells[cell].playout.part(speaker);
        }
    }

    /// The places of a speaker's pairs, for [`Self::listener_at`].
    pub(crate) fn hearing(&self, speaker: usize) -> Range<usize> {
        range(&self.by_speaker, speaker, |link| link.speaker)
    }

    /// The seat of a pair's listener, if it is to hear the speaker.
    pub(crate) fn listener_at(&self, place: usize) -> Option<usize> {
        let link = self.by_speaker.get(place)?;
        let is_heard = link.listener != NOBODY && self.cells[link.cell as usize].is_audible();
        is_heard.then_some(link.listener as usize)
    }
}

impl Cell {
    fn new(route: &Route, rate: SampleRate) -> Self {
        Self {
            playout: Playout::new(rate.hz()),
            loudness: Loudness::new(route, Gain::SILENT),
            listener: route.listener,
            speaker: route.speaker,
        }
    }

    /// The gain of the pair's next frame.
    pub(crate) fn gain(&mut self, legs: &Legs) -> Ramp {
        self.loudness.step(legs)
    }

    /// Adds the pair's next frame at `gain`, made in `frame`; a speaker that left fades, one not yet
    /// there is silent, and so is what is less than `least`.
    pub(crate) fn add_to(
        &mut self,
        now: Instant,
        (sum, gain, least): (&mut Sum, Ramp, Least),
        (effort, frame): (&mut Effort, &mut [i16]),
        speaker: Option<&Reception>,
    ) {
        if gain.constant() == Some(Gain::SILENT) {
            return self.playout.rest();
        }
        match speaker {
            Some(reception) => _ = self.playout.frame(now, reception, effort, frame),
            None => self.playout.fade(frame),
        }
        if least == Least::Audible && !is_audible(frame, gain) {
            return;
        }
        sum.add_ramped(frame, gain);
    }

    pub(crate) fn is_audible(&self) -> bool {
        self.loudness.is_audible()
    }

    const fn names(&self) -> (LegId, LegId) {
        (self.listener, self.speaker)
    }
}

/// Whether a listener would notice a frame at that gain.
fn is_audible(frame: &[i16], gain: Ramp) -> bool {
    let most = gain.current().max(gain.target());
    u32::from(audio::peak(frame)) * u32::from(most.0) > u32::from(FAINT) * u32::from(Gain::UNITY.0)
}

/// The links of one seat among those sorted by it.
fn range(links: &[Link], seat: usize, of: impl Fn(&Link) -> u32) -> Range<usize> {
    let start = links.partition_point(|link| (of(link) as usize) < seat);
    let length = links[start..].iter().take_while(|link| of(link) as usize == seat).count();
    start..start + length
}

const NOBODY: u32 = u32::MAX;
/// Pairs of a room of three, and some: of more, those of one packet are few among all.
const MOST_NEAR: usize = 12;

const _: () = assert!(size_of::<Playout>() == 112 && size_of::<Cell>() == 192);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_noticed_or_not_as_loud_as_its_listener_hears_it() {
        let check = |peak: i16, gain, expected| {
            assert_eq!(is_audible(&[0, -peak, 1], gain), expected, "{peak} at {gain:?}");
        };
        check(33, Ramp::UNITY, true);
        check(32, Ramp::UNITY, false);
        check(4, Ramp::settled(Gain(10 * Gain::UNITY.0)), true);
        check(100, Ramp::settled(Gain::BESIDE), false);
        let mut fading = Ramp::UNITY;
        fading.set(Gain::SILENT);
        check(33, fading, true);
    }

    fn pairs(pairs: &[(u64, u64, u16)], leaving: usize) -> Pairs {
        let route =
            |&(listener, speaker, gain)| Route::new(LegId(listener), LegId(speaker), Gain(gain));
        Pairs::new(&pairs.iter().map(route).collect::<Vec<_>>(), leaving, SampleRate::Narrow)
    }

    #[test]
    fn a_new_matrix_goes_on_where_the_old_one_stands() {
        let mut before = pairs(&[(1, 2, 1024), (2, 1, 1024), (1, 3, 1024)], 0);
        let nobody = Legs::with_capacity(0);
        for cell in &mut before.cells {
            cell.gain(&nobody);
        }
        let mut after = pairs(&[(3, 1, 1024), (1, 2, 257)], 3);
        after.take_over(&mut before);
        let gains: Vec<_> = after
            .cells
            .iter_mut()
            .map(|cell| {
                let gain = cell.gain(&nobody);
                (cell.listener.0, cell.speaker.0, gain.current().0, gain.target().0)
            })
            .collect();
        assert_eq!(gains, [(1, 2, 1024, 257), (3, 1, 0, 1024), (1, 3, 1024, 0), (2, 1, 1024, 0)]);
        assert_eq!(before.cells.len(), 1);
    }
}
