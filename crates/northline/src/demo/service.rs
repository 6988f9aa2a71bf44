//! A simulated interpretation service: a menu that wants an account, hold music, an interpreter.

use std::time::Duration;

use model::{Digit, Instant};
use tokio::time::{sleep, timeout};

use super::sound::{Sound, beginning, voice};
use super::wrong::Wrong;
use crate::phone::{Call, PhoneEvent, Spoken};

/// What the service's machine plays.
pub(super) struct Service {
    pub(super) menu: Sound,
    pub(super) hold: Sound,
    pub(super) music: Sound,
}

/// When the machine played what.
pub(super) struct Played {
    pub(super) menu: Spoken,
    pub(super) hold: Spoken,
    pub(super) music: Spoken,
}

impl Service {
    pub(super) fn new() -> Result<Self, Wrong> {
        let music = beginning(&voice("vendor-hold-music")?, HOLD_SECONDS);
        Ok(Self { menu: voice("vendor-menu")?, hold: voice("vendor-hold")?, music })
    }

    /// Answers, works through the menu with whoever calls, and holds. `None` when the caller goes
    /// before, or sends no account.
    pub(super) async fn answer(&self, call: &Call) -> Option<Played> {
        call.answer();
        call.answered().await.ok()?;
        let menu = call.speak(Sound::clone(&self.menu)).await?;
        account_sent(call).await?;
        let hold = call.speak(Sound::clone(&self.hold)).await?;
        let music = call.speak(Sound::clone(&self.music)).await?;
        Some(Played { menu, hold, music })
    }
}

/// An interpreter comes to the phone, and says who she is.
pub(super) async fn introduce(call: &Call, hello: &Sound) -> Option<Spoken> {
    sleep(PICKED_UP).await;
    call.speak(Sound::clone(hello)).await
}

/// When the account and its `#` had been sent; `None` if they were not.
pub(super) async fn account_sent(call: &Call) -> Option<Instant> {
    timeout(ACCOUNT_IN, account_ends(call)).await.ok()?
}

async fn account_ends(call: &Call) -> Option<Instant> {
    for index in 0.. {
        let (at, event) = call.event(index).await?;
        if event == Digit::from_char('#').map(PhoneEvent::Digit)? {
            return Some(at);
        }
    }
    None
}

/// The keys pressed on a vendor's line.
pub(super) fn keys(call: &Call) -> String {
    call.digits_heard().into_iter().map(Digit::as_char).collect()
}

/// Digits of an account, new each time.
pub(super) fn account(chance: &mut model::Chance) -> String {
    (0..ACCOUNT_DIGITS).map(|_| char::from(b'0' + chance.below(10) as u8)).collect()
}

/// Short for a demonstration; a real wait is minutes.
const HOLD_SECONDS: usize = 3;
const ACCOUNT_DIGITS: usize = 4;
const ACCOUNT_IN: Duration = Duration::from_secs(20);
/// From the line's last sound until she speaks.
const PICKED_UP: Duration = Duration::from_millis(1500);
