//! A hotline's queue on a virtual clock, spoken to in sentences.

use std::time::Duration;

use model::{AdvocateId, CallId, Instant, Language};
use queue::{Advocate, Input, Medium, Missed, Output, Place, Queue, QueueName, Settings};

/// The queue, its clock, and all it said since it was last asked.
pub(crate) struct Hotline {
    pub(crate) queue: Queue,
    pub(crate) now: Instant,
    said: Vec<Output>,
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn language(tag: &str) -> Language {
    tag.parse().expect("a tag")
}

/// An advocate of `queues` who speaks `languages`, both separated by blanks.
pub(crate) fn advocate(id: u32, languages: &str, queues: &str) -> Advocate {
    Advocate {
        id: AdvocateId(id),
        languages: languages.split(' ').map(language).collect(),
        queues: queues.split(' ').map(QueueName::from).collect(),
    }
}

impl Hotline {
    pub(crate) fn new(advocates: Vec<Advocate>) -> Self {
        let queues = ["crisis", "legal"].map(QueueName::from).to_vec();
        let queue = Queue::new(Settings::new(queues, advocates));
        Self { queue, now: Instant::ZERO, said: Vec::new() }
    }

    /// Advocates 1, 2, … of `crisis`, each ready one second after the one before her.
    pub(crate) fn with_ready(languages: &[&str]) -> Self {
        let ids = 1..;
        let advocates = ids.zip(languages).map(|(id, l)| advocate(id, l, "crisis")).collect();
        let mut hotline = Self::new(advocates);
        for id in (1..).take(languages.len()) {
            hotline.comes(id);
            hotline.passes(1);
        }
        hotline.said();
        hotline
    }

    pub(crate) fn input(&mut self, input: Input) -> &mut Self {
        self.queue.handle_input(self.now, input);
        self.said.extend(std::iter::from_fn(|| self.queue.poll_output()));
        self
    }

    /// Lets time pass, stopping at each deadline on the way.
    pub(crate) fn passes(&mut self, seconds: u64) -> &mut Self {
        let end = self.now + secs(seconds);
        while let Some(at) = self.queue.deadline().filter(|&at| at <= end) {
            assert!(at > self.now, "a deadline that does not pass");
            self.now = at;
            self.input(Input::Timeout);
        }
        self.now = end;
        self
    }

    /// All said since the last time.
    pub(crate) fn said(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.said)
    }

    /// Who was offered whom since the last time.
    pub(crate) fn offers(&mut self) -> Vec<(u32, u64)> {
        let offer = |output| match output {
            Output::Offer { advocate, entry, .. } => Some((advocate.0, entry.0)),
            _ => None,
        };
        self.said().into_iter().filter_map(offer).collect()
    }

    /// The advocate's phone registers and she takes calls.
    pub(crate) fn comes(&mut self, id: u32) -> &mut Self {
        let advocate = AdvocateId(id);
        self.input(Input::Reachable { advocate, reachable: true }).input(Input::Ready { advocate })
    }

    pub(crate) fn goes_away(&mut self, id: u32) -> &mut Self {
        self.input(Input::Away { advocate: AdvocateId(id) })
    }

    pub(crate) fn waits(&mut self, entry: u64, tag: &str) -> &mut Self {
        self.waits_in("crisis", entry, tag, Place::Back)
    }

    pub(crate) fn waits_in(
        &mut self,
        queue: &str,
        entry: u64,
        tag: &str,
        place: Place,
    ) -> &mut Self {
        self.joins(queue, entry, (tag, Medium::Voice), place)
    }

    /// A caller who has nothing but text joins the line.
    pub(crate) fn writes(&mut self, entry: u64, tag: &str) -> &mut Self {
        self.joins("crisis", entry, (tag, Medium::Text), Place::Back)
    }

    pub(crate) fn joins(
        &mut self,
        queue: &str,
        entry: u64,
        (tag, medium): (&str, Medium),
        place: Place,
    ) -> &mut Self {
        self.input(Input::CallerWaits {
            entry: CallId(entry),
            queue: queue.into(),
            language: language(tag),
            wants_interpreter: false,
            medium,
            place,
        })
    }

    /// The advocate could read from now on.
    pub(crate) fn reads(&mut self, id: u32) -> &mut Self {
        self.input(Input::Reads { advocate: AdvocateId(id), reads: true })
    }

    /// She could not any more.
    pub(crate) fn reads_no_more(&mut self, id: u32) -> &mut Self {
        self.input(Input::Reads { advocate: AdvocateId(id), reads: false })
    }

    pub(crate) fn hangs_up(&mut self, entry: u64) -> &mut Self {
        self.input(Input::CallerLeft { entry: CallId(entry) })
    }

    pub(crate) fn answers(&mut self, id: u32, entry: u64) -> &mut Self {
        self.input(Input::OfferAccepted { advocate: AdvocateId(id), entry: CallId(entry) })
    }

    pub(crate) fn misses(&mut self, id: u32, entry: u64, reason: Missed) -> &mut Self {
        self.input(Input::OfferFailed { advocate: AdvocateId(id), entry: CallId(entry), reason })
    }
}
