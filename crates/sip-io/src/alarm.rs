//! One timer for a task's changing deadline, set anew only when it would ring too late.
//!
//! Setting a runtime's timer to an earlier instant wakes its thread through the kernel, and a task
//! that takes a new one for each turn of its loop does so at almost every turn. This one rings for a
//! deadline that has moved away, finds nothing due, and is set for the next one.

use std::pin::Pin;
use std::time::Duration;

use model::Instant;
use os::clock;
use tokio::time::{Sleep, sleep};

/// A timer that its owner keeps.
#[derive(Debug)]
pub struct Alarm {
    timer: Pin<Box<Sleep>>,
    rings_at: Option<Instant>,
}

impl Default for Alarm {
    /// One that is not set; on the current runtime.
    fn default() -> Self {
        Self { timer: Box::pin(sleep(Duration::ZERO)), rings_at: None }
    }
}

impl Alarm {
    /// Waits for `deadline`, for ever without one; may be given up at any moment.
    pub async fn wait(&mut self, deadline: Option<Instant>) {
        let Some(deadline) = deadline else { return std::future::pending().await };
        loop {
            let now = clock::now();
            if deadline <= now {
                return;
            }
            if self.rings_at.is_none_or(|rings_at| deadline < rings_at) {
                self.timer.as_mut().reset(tokio::time::Instant::now() + deadline.since(now));
                self.rings_at = Some(deadline);
            }
            self.timer.as_mut().await;
            self.rings_at = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(millis: u64) -> Option<Instant> {
        Some(clock::now() + Duration::from_millis(millis))
    }

    #[tokio::test]
    async fn it_rings_for_the_deadline_of_now_and_not_for_an_earlier_one() {
        let mut alarm = Alarm::default();
        let moved = after(30);
        tokio::select! {
            biased;
            () = alarm.wait(after(10)) => unreachable!("it was not due yet"),
            () = tokio::task::yield_now() => {}
        }
        alarm.wait(moved).await;
        assert!(moved.is_some_and(|deadline| deadline <= clock::now()));
    }

    #[tokio::test]
    async fn an_earlier_deadline_rings_before_the_one_it_was_set_for() {
        let mut alarm = Alarm::default();
        tokio::select! {
            biased;
            () = alarm.wait(after(3_600_000)) => unreachable!("it was not due yet"),
            () = tokio::task::yield_now() => {}
        }
        alarm.wait(after(5)).await;
        alarm.wait(Some(Instant::ZERO)).await;
    }

    #[tokio::test]
    async fn without_a_deadline_it_never_rings() {
        let mut alarm = Alarm::default();
        alarm.wait(after(1)).await;
        tokio::select! {
            biased;
            () = alarm.wait(None) => unreachable!("nothing is due"),
            () = sleep(Duration::from_millis(5)) => {}
        }
    }
}
