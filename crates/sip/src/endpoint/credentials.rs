//! Our credentials for a peer that challenges us (RFC 3261 §22.2).
//!
//! # Assumptions
//! A server and a proxy may each be answered once, and once more when their nonce was stale: a
//! peer with a new nonce each time cannot keep us busy.

use model::Chance;

use super::settings::Account;
use crate::digest;
use crate::wire::{Challenge, Request, Response};

/// `request` with the answer to the challenge in `response`, if it deserves one. `attempt` says how
/// often it was answered before.
pub(super) fn answer(
    account: &Account,
    mut request: Request,
    response: &Response,
    attempt: u8,
    chance: &mut Chance,
) -> Option<Request> {
    let (asking, answering) = match response.status {
        401 => ("WWW-Authenticate", "Authorization"),
        407 => ("Proxy-Authenticate", "Proxy-Authorization"),
        _ => return None,
    };
    let challenges = response.headers.challenges(asking);
    let before = request.headers.get(answering);
    let again = before.is_none_or(|given| is_news(given, &challenges));
    if attempt >= MAX_ATTEMPTS || !again {
        return None;
    }
    let (name, password) = (&account.username, &account.password);
    let uri = request.uri.to_wire();
    let value = digest::answer(&challenges, name, password, &request.method, &uri, chance, 1)?;
    request.headers.set(answering, value);
    Some(request)
}

/// Whether only the nonce was wrong, and is another one now.
fn is_news(given: &str, challenges: &[Challenge]) -> bool {
    let nonces = challenges.iter().filter_map(|challenge| challenge.value("nonce"));
    digest::is_stale(challenges) && nonces.into_iter().all(|nonce| !given.contains(nonce))
}

/// Two challengers, each twice.
const MAX_ATTEMPTS: u8 = 4;
