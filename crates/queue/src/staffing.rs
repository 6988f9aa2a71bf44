//! Whether a queue has anybody on shift, and who was told (C23).

use serde::{Deserialize, Serialize};

use crate::{Alarm, Output, Queue, QueueName};

/// What is known about one queue's staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Staffing {
    pub(crate) queue: QueueName,
    staffed: bool,
    alarmed: bool,
}

impl Staffing {
    /// A queue nobody has come to yet.
    pub(crate) const fn new(queue: QueueName) -> Self {
        Self { queue, staffed: false, alarmed: false }
    }

    /// What staff must hear when the queue is `staffed` or not now. An empty queue that nobody ever
    /// served is no alarm until somebody waits in it.
    fn update(&mut self, staffed: bool, somebody_waits: bool) -> Option<Output> {
        let left = self.staffed && !staffed;
        self.staffed = staffed;
        let alarm = Alarm::NobodyOnShift { queue: self.queue.clone() };
        let alarming = !staffed && (self.alarmed || left || somebody_waits);
        match (std::mem::replace(&mut self.alarmed, alarming), alarming) {
            (false, true) => Some(Output::Alarm(alarm)),
            (true, false) => Some(Output::AlarmOver(alarm)),
            _ => None,
        }
    }
}

impl Queue {
    /// Whether a reachable advocate of `queue` is on shift.
    pub fn is_staffed(&self, queue: &QueueName) -> bool {
        self.desks.iter().any(|desk| desk.on_shift() && desk.serves(queue))
    }

    /// Knows `queue` from now on: a published dialplan may name one the settings did not.
    pub(crate) fn staff(&mut self, queue: &QueueName) {
        if !self.staffing.iter().any(|staffing| staffing.queue == *queue) {
            self.staffing.push(Staffing::new(queue.clone()));
        }
    }

    /// Tells staff and waiting callers what changed.
    pub(crate) fn tell_staffing(&mut self) {
        let mut staffing = std::mem::take(&mut self.staffing);
        for known in &mut staffing {
            let staffed = self.is_staffed(&known.queue);
            let somebody_waits = self.line.iter().any(|entry| entry.queue == known.queue);
            self.outputs.extend(known.update(staffed, somebody_waits));
        }
        for entry in self.line.iter_mut() {
            let staffed = staffing.iter().any(|s| s.staffed && s.queue == entry.queue);
            let id = entry.id;
            match (std::mem::replace(&mut entry.told_nobody, !staffed), staffed) {
                (false, false) => self.outputs.push_back(Output::NobodyOnShift { entry: id }),
                (true, true) => self.outputs.push_back(Output::SomebodyOnShift { entry: id }),
                _ => {}
            }
        }
        self.staffing = staffing;
    }
}
