//! The session timer (RFC 4028): a session that is not refreshed in time is over.
//!
//! # Assumptions
//! - Whoever asks for no session timer gets none from us: a call that is dead is noticed by its
//!   media and by probes as well.
//! - A caller that asks for one and leaves open who refreshes does it itself.
//! - Who asks for an interval that cannot be gets none, rather than a refusal: 422 is for peers that
//!   know the timer and ask for less than we take (§9).

use std::time::Duration;

use model::{EndReason, Instant};

use super::leg::{Leg, Phase};
use super::offering::Wanted;
use crate::endpoint::Core;
use crate::wire::{Headers, Refresher, Response, SessionExpires};

/// A running timer.
pub(crate) struct SessionTimer {
    /// The interval in seconds.
    seconds: u32,
    /// The least one the peer would take.
    min_se: u32,
    /// Whether we refresh.
    ours: bool,
    /// When we refresh next, if that is ours to do.
    refresh: Option<Instant>,
    /// When the session is over.
    until: Instant,
}

/// The shortest interval we take, in seconds (§4: no less than 90).
pub(crate) const MIN_SE: u32 = 90;
/// The interval we ask for, in seconds (§4: 1800 is recommended).
pub(crate) const INTERVAL: u32 = 1800;

impl SessionTimer {
    fn new(now: Instant, seconds: u32, we_refresh: bool) -> Self {
        let interval = Duration::from_secs(seconds.into());
        // §10: refresh at half of the interval; end a third of it, or 32 s, before its end.
        let before = (interval / 3).min(Duration::from_secs(32));
        let refresh = we_refresh.then(|| now + interval / 2);
        Self { seconds, min_se: MIN_SE, ours: we_refresh, refresh, until: now + interval - before }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.refresh.map_or(self.until, |refresh| refresh.min(self.until))
    }

    pub(super) const fn seconds(&self) -> u32 {
        self.seconds
    }

    pub(super) const fn min_se(&self) -> u32 {
        self.min_se
    }

    /// Who refreshes, seen from a request of ours.
    pub(super) const fn refresher(&self) -> Option<Refresher> {
        Some(if self.ours { Refresher::Uac } else { Refresher::Uas })
    }

    /// Tries a refresh again at a later time, if there is one.
    pub(super) fn postpone(&mut self, now: Instant) {
        let later = now + (self.until.since(now) / 2).max(A_WHILE);
        self.refresh = Some(later).filter(|later| *later < self.until);
    }
}

/// What our 2xx says to a request with these header fields (§9, table 2): the interval it asks for,
/// which a UAS must not raise. `None`, and so no session timer, where nobody may use that interval:
/// it is below 90 s (§4), or below the Min-SE of the same request (§9).
fn granted(headers: &Headers) -> Option<SessionExpires> {
    let asked = headers.session_expires().ok().flatten()?;
    let floor = headers.min_se().ok().flatten().unwrap_or(0).max(MIN_SE);
    let knows = headers.has_token("Supported", "timer") || headers.has_token("Require", "timer");
    let refresher = if knows { asked.refresher.unwrap_or(Refresher::Uac) } else { Refresher::Uas };
    let granted = SessionExpires { seconds: asked.seconds, refresher: Some(refresher) };
    (asked.seconds >= floor).then_some(granted)
}

impl Leg {
    /// Writes into our 2xx how long the session lives, and lives by it.
    pub(super) fn grant_timer(&mut self, now: Instant, request: &Headers, response: &mut Headers) {
        let granted = granted(request);
        if let Some(granted) = granted {
            response.push("Session-Expires", granted.to_wire());
            if granted.refresher == Some(Refresher::Uac) {
                response.push("Require", "timer"); // §9
            }
        }
        self.session.timer = granted.map(|granted| {
            SessionTimer::new(now, granted.seconds, granted.refresher == Some(Refresher::Uas))
        });
    }

    /// Takes over what a 2xx to our request says (§7.2); one without it ends the timer.
    pub(super) fn take_timer(&mut self, now: Instant, response: &Headers) {
        let said = response.session_expires().ok().flatten();
        self.session.timer = said.map(|said| {
            let we_refresh = said.refresher != Some(Refresher::Uas);
            SessionTimer::new(now, said.seconds.max(MIN_SE), we_refresh)
        });
    }

    /// 422: the peer wants a longer interval (§6); `false` if it does not say which.
    pub(super) fn raise_interval(&mut self, response: &Response) -> bool {
        let least = response.headers.min_se().ok().flatten();
        let (Some(least), Some(timer)) = (least, &mut self.session.timer) else { return false };
        timer.seconds = timer.seconds.max(least);
        timer.min_se = timer.min_se.max(least);
        true
    }

    /// Refreshes the session, or ends one that was not refreshed.
    pub(super) fn timer_timeout(&mut self, now: Instant, core: &mut Core) {
        let Some(timer) = &mut self.session.timer else { return };
        if !matches!(self.phase, Phase::Talking(_)) {
            self.session.timer = None;
        } else if timer.until <= now {
            self.session.timer = None;
            self.end(now, core, EndReason::Lost);
        } else if timer.refresh.is_some_and(|at| at <= now) {
            timer.postpone(now);
            if self.may_offer() {
                self.offer(now, core, Wanted::Refresh, 0);
            }
        }
    }
}

const A_WHILE: Duration = Duration::from_secs(5);
