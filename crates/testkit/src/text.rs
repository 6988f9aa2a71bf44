//! Real-time text in a simulated call: who writes, and what is read on phones and at screens.

use std::time::Duration;

use model::{Direction, Gain, LegId, MediaEvent, Party as Author, Typed};

use crate::Hotline;
use crate::party::{Advocate, Caller, Party, Vendor};
use crate::shard::Shard;

/// Someone whose phone may have text.
pub trait Writer: Party {
    /// Writes `text`, which its phone sends.
    fn writes(&self, text: &str) {
        let leg = self.leg().expect("someone who writes is in a call");
        let (text, rest) = Typed::split(text);
        assert!(rest.is_empty(), "a test's text is short");
        let mut world = self.world().borrow_mut();
        world.shard.show(leg, text.reveal());
        world.media_event(MediaEvent::Text { leg, text });
        world.pass(Duration::from_millis(100));
    }

    /// Everything its phone has shown.
    fn has_read(&self) -> String {
        let leg = self.leg().expect("someone who reads is in a call");
        let world = self.world().borrow();
        world.shard.legs.get(&leg).map_or_else(String::new, |ear| ear.read.clone())
    }

    /// Its phone offers text from now on, in mid-call.
    fn adds_text(&self) {
        self.turns_text(true);
    }

    /// Its phone gives text up, in mid-call.
    fn drops_text(&self) {
        self.turns_text(false);
    }

    #[doc(hidden)]
    fn turns_text(&self, has_text: bool) {
        let leg = self.leg().expect("someone who writes is in a call");
        let mut world = self.world().borrow_mut();
        if let Some(ear) = world.shard.legs.get_mut(&leg) {
            (ear.takes_text, ear.offers_text) = (has_text, has_text);
        }
        world.reoffer(leg, Direction::Both);
    }

    /// Whether its phone has text at this moment.
    fn has_text(&self) -> bool {
        let leg = self.leg().expect("someone who writes is in a call");
        self.world().borrow().shard.legs.get(&leg).is_some_and(|ear| ear.writes)
    }

    /// Whether our last offer to its phone had text.
    fn is_offered_text(&self) -> bool {
        let leg = self.leg().expect("its phone rings");
        self.world().borrow().shard.legs.get(&leg).is_some_and(|ear| ear.is_offered_text)
    }
}

impl Writer for Caller {}
impl Writer for Advocate {}
impl Writer for Vendor {}

impl Advocate {
    /// Everything she has read at her screen, and who wrote it.
    pub fn has_read_at_screen(&self) -> Vec<(Author, String)> {
        let world = self.world.borrow();
        let hers = world.read.iter().filter(|passage| passage.advocate == self.id);
        hers.map(|passage| (passage.from, passage.text.reveal().to_owned())).collect()
    }
}

impl Hotline {
    /// All phones that are opened from now on have text.
    pub fn phones_have_text(&self) {
        self.world.borrow_mut().shard.has_text = true;
    }

    /// The same, and whoever calls from now on has nothing but text.
    pub fn callers_only_write(&self) {
        self.phones_have_text();
        self.world.borrow_mut().shard.only_text = true;
    }
}

impl Shard {
    /// Shows `text` of the party on `speaker` to whoever may hear it.
    pub(crate) fn show(&mut self, speaker: LegId, text: &str) {
        let routes = self.routes.values().flatten();
        let heard = routes.filter(|route| route.speaker == speaker && route.gain > Gain::SILENT);
        for route in heard {
            if let Some(ear) = self.legs.get_mut(&route.listener) {
                ear.read += text;
            }
        }
    }
}
