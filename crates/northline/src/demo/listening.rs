//! Looking for a sound in what a party heard.

use std::time::Duration;

use media::Library;
use model::Instant;
use os::clock;

use super::sound::{Sound, beginning};
use crate::phone::{Call, Spoken, listen};

/// Waits until `call` hears the beginning of `sound`, which may start at `from` or up to `within`
/// later, and says when it did.
pub(super) async fn hears(
    call: &Call,
    sound: &Sound,
    from: Instant,
    within: Duration,
) -> Option<Instant> {
    let opening = beginning(sound, 1);
    let mut at = from;
    while at < from + within {
        let complete = at + STEP + length(&opening) + LATE;
        tokio::time::sleep(complete.since(clock::now())).await;
        let found = found(call, &opening, at + STEP / 2, STEP / 2).await;
        if found.share >= PRESENT {
            return Some(found.at);
        }
        at += STEP;
    }
    None
}

/// How much of the beginning of `sound`, said at `spoken`, `call` heard: 1.0 for all of it.
pub(super) async fn share(call: &Call, sound: &Sound, spoken: Spoken) -> f32 {
    found(call, &beginning(sound, 2), spoken.starts + ON_THE_WAY, SLACK).await.share
}

/// How long `sound` is.
pub(super) fn length(sound: &Sound) -> Duration {
    Duration::from_micros(sound.len() as u64 * 1_000_000 / u64::from(Library::RATE))
}

struct Found {
    share: f32,
    at: Instant,
}

/// Compares off the phones' tasks: it takes its time.
async fn found(call: &Call, sound: &Sound, around: Instant, slack: Duration) -> Found {
    let (heard, sound) = (call.heard(), Sound::clone(sound));
    let compare = move || {
        let slack = (slack.as_micros() * u128::from(Library::RATE) / 1_000_000) as usize;
        let found = listen::locate(&heard.samples, &sound, heard.index_at(around), slack);
        let start = found.start as u64 * 1_000_000 / u64::from(Library::RATE);
        Found { share: found.share, at: heard.since + Duration::from_micros(start) }
    };
    tokio::task::spawn_blocking(compare).await.expect("comparing samples does not panic")
}

/// A share above this is the sound, beside other voices.
pub(super) const PRESENT: f32 = 0.25;
/// A share below this is not the sound: strangers stay below 0.1.
pub(super) const ABSENT: f32 = 0.15;
/// Starts looked for at once.
const STEP: Duration = Duration::from_millis(500);
/// From one phone to the other: two packets and a jitter buffer.
const ON_THE_WAY: Duration = Duration::from_millis(100);
const SLACK: Duration = Duration::from_millis(300);
/// Packets still on their way when a sound should be complete.
const LATE: Duration = Duration::from_millis(200);
