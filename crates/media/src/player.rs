//! What a leg hears besides people: prompts one after the other, and music under everything.

use std::sync::Arc;

use mixer::{Ramp, Sum};
use model::{Gain, PlayId, PromptName};

use crate::Library;
use crate::coding::Recordings;
use crate::command::Retired;
use crate::events::Events;
use crate::outlet::Scratch;

/// Recordings to be heard one after the other.
#[derive(Clone)]
pub struct Playlist(pub(crate) Vec<Arc<[i16]>>);

/// One piece of music with the position where it stopped.
#[derive(Clone)]
pub struct Track {
    pub(crate) name: PromptName,
    pub(crate) samples: Arc<[i16]>,
    pub(crate) position: usize,
}

/// Adds a leg's recordings to what it hears, ducked under prompts; returns the request that ends
/// with this frame. Where their rate is not the room's, `to_room` changes it.
pub(crate) fn mix(
    (prompts, music): (&mut Prompts, &mut Music),
    to_room: Option<&mut Recordings>,
    scratch: &mut Scratch,
    events: &mut Events,
) -> Option<PlayId> {
    let Scratch { sum, recordings, workbench, .. } = scratch;
    if to_room.is_none() && prompts.is_idle() && music.is_idle() {
        return None; // as in nearly all frames of a call
    }
    prompts.duck(sum);
    let Some(to_room) = to_room else { return say(prompts, music, sum, events) };
    let is_sounding = prompts.is_sounding() || music.is_sounding();
    recordings.clear(SAMPLES);
    let ended = say(prompts, music, recordings, events);
    let mut frame = [0; SAMPLES];
    for (sample, &total) in frame.iter_mut().zip(recordings.samples()) {
        *sample = total.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
    }
    let frame = is_sounding.then_some(&frame[..]);
    if let Some(frame) = to_room.change(frame, &mut workbench.tuned) {
        sum.add(frame);
    }
    ended
}

fn say(
    prompts: &mut Prompts,
    music: &mut Music,
    sum: &mut Sum,
    events: &mut Events,
) -> Option<PlayId> {
    let is_prompted = prompts.is_playing();
    let ended = prompts.mix(sum, events);
    music.mix(sum, is_prompted, events);
    ended
}

/// The prompts of one leg.
#[derive(Debug)]
pub(crate) struct Prompts {
    playing: Option<Request>,
    /// Stopped or replaced: fades out within the next frame.
    leaving: Option<Request>,
    /// The room's gain while a prompt plays.
    duck: Ramp,
}

/// The music of one leg.
#[derive(Debug)]
pub(crate) struct Music {
    playing: Option<Track>,
    gain: Ramp,
    /// Fades out within the next frame.
    leaving: Option<Track>,
    leaving_gain: Ramp,
    /// Earlier music, each with its position.
    shelf: Vec<Track>,
}

#[derive(Debug)]
struct Request {
    play: PlayId,
    list: Playlist,
    index: usize,
    position: usize,
}

impl Prompts {
    pub(crate) const fn new() -> Self {
        Self { playing: None, leaving: None, duck: Ramp::UNITY }
    }

    /// Plays `list` from the next frame on.
    pub(crate) fn play(&mut self, play: PlayId, list: Playlist, events: &mut Events) {
        self.stop(events);
        self.playing = Some(Request { play, list, index: 0, position: 0 });
    }

    /// Fades out what plays within the next frame.
    pub(crate) fn stop(&mut self, events: &mut Events) {
        let Some(playing) = self.playing.take() else { return };
        let started = playing.index > 0 || playing.position > 0;
        let unheard = if started { self.leaving.replace(playing) } else { Some(playing) };
        if let Some(request) = unheard {
            events.retire(Retired::Playlist(request.list));
        }
    }

    /// Whether a prompt is to be heard in the next frame.
    pub(crate) const fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    const fn is_sounding(&self) -> bool {
        self.playing.is_some() || self.leaving.is_some()
    }

    /// Whether the room is heard as it is.
    pub(crate) fn is_idle(&self) -> bool {
        !self.is_sounding() && self.duck == Ramp::UNITY
    }

    /// Ducks what the room says while a prompt plays.
    fn duck(&mut self, sum: &mut Sum) {
        self.duck.set(if self.is_playing() { DUCKED } else { Gain::UNITY });
        sum.scale(self.duck.step());
    }

    /// Adds the prompts' next frame; returns the request that ends with it.
    fn mix(&mut self, sum: &mut Sum, events: &mut Events) -> Option<PlayId> {
        let mut frame = [0; SAMPLES];
        if let Some(mut request) = self.leaving.take() {
            request.fill(&mut frame);
            sum.add_ramped(&frame, fading());
            events.retire(Retired::Playlist(request.list));
        }
        let is_over = self.playing.as_mut()?.fill(&mut frame);
        sum.add(&frame);
        let ended = self.playing.take_if(|_| is_over)?;
        events.retire(Retired::Playlist(ended.list));
        Some(ended.play)
    }
}

impl Request {
    /// Writes the next frame; returns whether it was the last.
    fn fill(&mut self, frame: &mut [i16; SAMPLES]) -> bool {
        frame.fill(0);
        let mut at = 0;
        while let Some(samples) = self.list.0.get(self.index) {
            let rest = &samples[self.position..];
            let length = rest.len().min(SAMPLES - at);
            frame[at..at + length].copy_from_slice(&rest[..length]);
            at += length;
            self.position += length;
            if self.position < samples.len() {
                return false;
            }
            (self.index, self.position) = (self.index + 1, 0);
        }
        true
    }
}

impl Music {
    /// Silence. Allocates; nothing later does.
    pub(crate) fn new() -> Self {
        Self {
            playing: None,
            gain: Ramp::SILENT,
            leaving: None,
            leaving_gain: Ramp::SILENT,
            shelf: Vec::with_capacity(SHELF),
        }
    }

    /// Plays `track` from where it last stopped, or nothing.
    pub(crate) fn play(&mut self, track: Option<Track>, events: &mut Events) {
        match track {
            Some(track) if Track::is(&self.playing, &track.name) => {
                events.retire(Retired::Track(track));
            }
            Some(track) => {
                self.stop(events);
                self.start(track, events);
            }
            None => self.stop(events),
        }
    }

    fn start(&mut self, track: Track, events: &mut Events) {
        let known = match self.shelf.iter().position(|held| held.name == track.name) {
            Some(at) => Some(self.shelf.swap_remove(at)),
            None => self.leaving.take_if(|held| held.name == track.name),
        };
        self.gain = Ramp::SILENT;
        match known {
            Some(known) => {
                self.playing = Some(known);
                events.retire(Retired::Track(track));
            }
            None => self.playing = Some(track),
        }
    }

    const fn is_sounding(&self) -> bool {
        self.playing.is_some() || self.leaving.is_some()
    }

    /// Whether nothing of it is heard.
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_sounding()
    }

    /// Adds the music's next frame; under prompts it pauses.
    fn mix(&mut self, sum: &mut Sum, is_paused: bool, events: &mut Events) {
        if let Some(mut track) = self.leaving.take() {
            self.leaving_gain.set(Gain::SILENT);
            track.add(sum, self.leaving_gain.step());
            self.put_away(track, events);
        }
        self.gain.set(if is_paused { Gain::SILENT } else { Gain::UNITY });
        let gain = self.gain.step();
        if let Some(track) = &mut self.playing {
            track.add(sum, gain);
        }
    }

    fn stop(&mut self, events: &mut Events) {
        let Some(playing) = self.playing.take() else { return };
        self.leaving_gain = self.gain;
        if let Some(earlier) = self.leaving.replace(playing) {
            self.put_away(earlier, events);
        }
    }

    /// Keeps a track with its position; the oldest goes when too many are kept.
    fn put_away(&mut self, track: Track, events: &mut Events) {
        if self.shelf.len() == SHELF {
            events.retire(Retired::Track(self.shelf.remove(0)));
        }
        self.shelf.push(track);
    }
}

impl Track {
    fn is(held: &Option<Self>, name: &PromptName) -> bool {
        held.as_ref().is_some_and(|held| held.name == *name)
    }

    fn add(&mut self, sum: &mut Sum, gain: Ramp) {
        if self.samples.is_empty() || gain.constant() == Some(Gain::SILENT) {
            return;
        }
        let mut frame = [0; SAMPLES];
        for sample in &mut frame {
            *sample = self.samples[self.position];
            self.position = (self.position + 1) % self.samples.len();
        }
        sum.add_ramped(&frame, gain);
    }
}

impl std::fmt::Debug for Playlist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Playlist({})", self.0.len())
    }
}

impl std::fmt::Debug for Track {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Track({})", self.name)
    }
}

/// From unity to nothing over one frame.
const fn fading() -> Ramp {
    let mut ramp = Ramp::UNITY;
    ramp.set(Gain::SILENT);
    ramp
}

/// −9 dB.
const DUCKED: Gain = Gain(363);
/// Pieces of music of which a leg's position is kept.
const SHELF: usize = 8;
/// A frame of recordings, which are all at one rate.
const SAMPLES: usize = Library::SAMPLE_RATE.frame();
