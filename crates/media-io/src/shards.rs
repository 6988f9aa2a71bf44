//! The shards' threads as the control task sees them: started, fed, watched and replaced.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use model::ShardState;
use os::Waker;

use crate::counters::{Count, Tally};
use crate::link::{Ends, Link, link};
use crate::place::Place;
use crate::pulse::Pulse;
use crate::settings::{Cores, Priority, Settings};
use crate::station::{FromShard, ToShard};
use crate::thread::Plan;

/// All shards.
pub(crate) struct Shards {
    pub(crate) ends: Vec<ShardEnd>,
    starter: Starter,
}

/// One shard.
pub(crate) struct ShardEnd {
    pub(crate) link: Link<ToShard, FromShard>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) thread: JoinHandle<()>,
    pulse: Pulse,
}

/// What every thread is made of.
struct Starter {
    priority: Priority,
    cores: Cores,
    /// Legs that a shard has room for.
    legs: usize,
    /// Wakes the control task.
    news: Waker,
}

impl Shards {
    /// Starts as many threads as `settings` wants, each with room for `legs` legs.
    pub(crate) fn start(settings: &Settings, legs: usize, news: Waker) -> io::Result<Self> {
        let starter = Starter { priority: settings.priority, cores: settings.cores, legs, news };
        let ends = (0..settings.shards.max(1)).map(|index| starter.start(index, Arc::default()));
        Ok(Self { ends: ends.collect::<io::Result<_>>()?, starter })
    }

    /// What each counts.
    pub(crate) fn tallies(&self) -> Vec<Arc<Tally>> {
        self.ends.iter().map(|shard| Arc::clone(&shard.tally)).collect()
    }

    /// How each stands.
    pub(crate) fn states(&self) -> Vec<ShardState> {
        let state =
            |shard: &ShardEnd| ShardState { is_stuck: shard.pulse.is_weak(), ..shard.tally.read() };
        self.ends.iter().map(state).collect()
    }

    /// Sends a message to one of them.
    pub(crate) fn send(&mut self, shard: usize, message: ToShard) {
        if let Some(shard) = self.ends.get_mut(shard) {
            shard.link.send(message);
        }
    }

    /// Takes a look at each, once a second; those that hang.
    pub(crate) fn hanging(&mut self) -> Vec<usize> {
        let looks = self.ends.iter_mut().enumerate();
        let hang = |(index, shard): (usize, &mut ShardEnd)| {
            shard.pulse.hangs(shard.tally.turns()).then_some(index)
        };
        looks.filter_map(hang).collect()
    }

    /// Puts another thread in the place of one. What that had is left to it: it finds out that
    /// nobody listens to it any more, should it ever go on, and ends.
    pub(crate) fn replace(&mut self, index: usize) -> io::Result<()> {
        let Some(held) = self.ends.get_mut(index) else { return Ok(()) };
        *held = self.starter.start(index, Arc::clone(&held.tally))?;
        held.tally.add(Count::Replaced, 1);
        Ok(())
    }
}

impl Starter {
    fn start(&self, index: usize, tally: Arc<Tally>) -> io::Result<ShardEnd> {
        let Ends { control, shard, wake } = link(RING, self.news.clone())?;
        let plan = Plan {
            place: Place { index, priority: self.priority, cores: self.cores },
            legs: self.legs,
            link: shard,
            wake,
            tally: Arc::clone(&tally),
        };
        Ok(ShardEnd { link: control, tally, thread: plan.start()?, pulse: Pulse::default() })
    }
}

/// Messages a ring holds: more than a thousand legs cause in a millisecond.
const RING: usize = 1024;
