//! What a shard has to report, in order.

use std::collections::VecDeque;

use model::MediaEvent;

use crate::{Retired, ShardEvent};

/// The queue of reports; allocated once for what one input can cause.
#[derive(Debug)]
pub(crate) struct Events(VecDeque<ShardEvent>);

impl Events {
    pub(crate) fn with_capacity(events: usize) -> Self {
        Self(VecDeque::with_capacity(events))
    }

    pub(crate) fn media(&mut self, event: MediaEvent) {
        self.push(ShardEvent::Media(event));
    }

    pub(crate) fn retire(&mut self, retired: Retired) {
        self.push(ShardEvent::Retired(retired));
    }

    pub(crate) fn push(&mut self, event: ShardEvent) {
        self.0.push_back(event);
    }

    pub(crate) fn poll(&mut self) -> Option<ShardEvent> {
        self.0.pop_front()
    }
}
