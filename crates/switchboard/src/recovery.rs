//! After a panic in a call's handling: the call is taken out of every table by its id, without
//! trusting its state, and its caller is first in line again.

use std::sync::Arc;

use dialplan::{Entry, Plan};
use model::{CallId, EndReason, Instant, Language, LegId, Route};
use queue::QueueName;

use crate::call::{Call, Stage};
use crate::leg::{Leg, Purpose};
use crate::{Notice, Switchboard};

/// What is kept of a call that is rebuilt.
struct Remains {
    caller: LegId,
    arrived: Instant,
    plan: Arc<Plan>,
    entry: Entry,
    language: Language,
    nearest: Language,
    queue: Option<QueueName>,
    routes: Vec<Route>,
    route_version: u64,
}

impl Switchboard {
    /// Rebuilds a call around its caller's leg, with a message (C7: her language stays). A second
    /// panic ends it.
    pub fn forget(&mut self, now: Instant, id: CallId) {
        let remains = self.remains(id);
        let call = self.calls.get(&id);
        let supervisor = call.and_then(|call| Some(call.supervisor.as_ref()?.advocate));
        // What was to follow from the input that panicked must not follow.
        self.told.clear();
        self.calls.remove(&id);
        self.queue.handle_input(now, queue::Input::CallerLeft { entry: id });
        self.drain_queue(now);
        if let Some(supervisor) = supervisor {
            self.reach(now, supervisor);
        }
        let kept = remains.as_ref().map(|remains| remains.caller);
        let of_call = |leg: &&Leg| leg.role.call() == Some(id) && Some(leg.id) != kept;
        let others: Vec<LegId> = self.legs.values().filter(of_call).map(|leg| leg.id).collect();
        for leg in others {
            self.release(leg);
        }
        match remains {
            Some(remains) => self.revive(now, id, remains),
            None => {
                self.leave_rooms(id);
                self.notice(Notice::CallEnded { call: id, reason: EndReason::Failed });
            }
        }
        self.settle(now);
    }

    /// What is worth keeping: nothing of a call that was rebuilt before, whose caller is not up, or
    /// that is a measurement, since no person waits for anybody there.
    fn remains(&self, id: CallId) -> Option<Remains> {
        let call = self.calls.get(&id).filter(|call| !call.revived)?;
        let dialplan::Purpose::Hotline { start } = call.plan.purpose() else { return None };
        self.legs.get(&call.caller).filter(|leg| leg.is_up())?;
        Some(Remains {
            caller: call.caller,
            arrived: call.arrived,
            plan: Arc::clone(&call.plan),
            entry: Entry { start: start.clone(), room: None },
            language: call.language,
            nearest: call.nearest,
            queue: call.queue.clone().or_else(|| self.settings.queue.queues.first().cloned()),
            routes: call.routes.clone(),
            route_version: call.route_version,
        })
    }

    fn revive(&mut self, now: Instant, id: CallId, remains: Remains) {
        let mut call = Call::new(
            id,
            remains.caller,
            remains.plan,
            &remains.entry,
            remains.nearest,
            remains.arrived,
        );
        call.revived = true;
        call.language = remains.language;
        call.nearest = remains.nearest;
        call.queue = remains.queue;
        call.routes = remains.routes;
        call.route_version = remains.route_version;
        call.enter(now, Stage::Plan { waiting: true });
        self.calls.insert(id, call);
        self.reroute(id);
        self.plan_input(now, id, dialplan::Input::Resume);
        self.hush(remains.caller);
        self.tell_caller(id, "advocate-lost", Purpose::Tell);
        self.wait_at_head(now, id);
    }
}
