//! Real-time text in a simulated call: who writes, and what is read on phones and at screens.

use std::time::Duration;

use model::{Direction, Gain, LegId, Party as Author, Typed};

use switchboard::{Input, Screen};

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
        world.types(leg, text);
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

    /// Its ringing phone will not take the text that it was offered.
    fn declines_text(&self) {
        let leg = self.leg().expect("its phone rings");
        if let Some(ear) = self.world().borrow_mut().shard.legs.get_mut(&leg) {
            ear.takes_text = false;
        }
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

impl Caller {
    /// Her phone, which had text alone, has sound from now on.
    pub fn adds_sound(&self) {
        self.turns_sound(true);
    }

    /// Her phone has text alone from now on.
    pub fn drops_sound(&self) {
        self.turns_sound(false);
    }

    fn turns_sound(&self, has_sound: bool) {
        let mut world = self.world.borrow_mut();
        if let Some(ear) = world.shard.legs.get_mut(&self.leg) {
            ear.is_mute = !has_sound;
        }
        world.reoffer(self.leg, Direction::Both);
        world.pass(Duration::from_millis(100));
    }
}

impl Advocate {
    /// Everything she has read at her screen, and who wrote it.
    pub fn has_read_at_screen(&self) -> Vec<(Author, String)> {
        let world = self.world.borrow();
        let hers = world.read.iter().filter(|passage| passage.advocate == self.id);
        hers.map(|passage| (passage.from, passage.text.reveal().to_owned())).collect()
    }
}

impl Advocate {
    /// Opens a screen.
    pub fn opens_screen(&self) {
        self.has_screen(Screen::Open);
    }

    /// Reads her call at a screen.
    pub fn reads_at_screen(&self) {
        let call = self.screen().calls.iter().find(|call| call.advocate == Some(self.id)).cloned();
        self.has_screen(Screen::Reads(call.expect("she is in a call").call));
    }

    /// Closes her last screen.
    pub fn closes_screen(&self) {
        self.has_screen(Screen::Closed);
    }

    /// Registers a phone that says of itself that it has text.
    pub fn registers_text_phone(&self) {
        let mut world = self.world.borrow_mut();
        world.text_phones.insert(self.id);
        world.register(self.id);
    }

    fn has_screen(&self, screen: Screen) {
        let advocate = self.id;
        let mut world = self.world.borrow_mut();
        world.input(Input::Screen { advocate, screen });
        world.pass(Duration::from_millis(100));
    }
}

impl Hotline {
    /// Phones that are opened from now on have no text.
    pub fn phones_have_no_text(&self) {
        let mut world = self.world.borrow_mut();
        (world.shard.has_text, world.shard.only_text) = (false, false);
    }

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
