//! Whether a request is one we can serve at all (RFC 3261 §8.2.1–§8.2.3).
//!
//! # Assumptions
//! - A body we cannot read is no reason for a refusal when its sender says `handling=optional`
//!   (§20.11), nor in a method for which it means nothing.

use super::body::{Reading, reading};
use super::core::is_served;
use super::reply::{ACCEPTED, reply};
use crate::dialog::MIN_SE;
use crate::wire::{Method, Request, Response, Scheme};

/// Checks a request within a dialog, whose To has our tag already.
pub(crate) fn check_within(request: &Request) -> Result<(), Response> {
    check_method(request, "")?;
    check_features(request, "")
}

/// 501 for what nobody defined, 405 for what we do not serve (§8.2.1); `tag` goes into the refusal.
pub(crate) fn check_method(request: &Request, tag: &str) -> Result<(), Response> {
    match &request.method {
        Method::Other(_) => Err(reply(&request.headers, 501, tag)),
        method if is_served(method) => Ok(()),
        _ => Err(reply(&request.headers, 405, tag)),
    }
}

/// 416, 420 and 415 (§8.2.2.1, §8.2.2.3, §8.2.3).
pub(crate) fn check_features(request: &Request, tag: &str) -> Result<(), Response> {
    if matches!(request.uri.scheme, Scheme::Other(_)) {
        return Err(reply(&request.headers, 416, tag));
    }
    match request.headers.tokens("Require") {
        Err(_) => return Err(reply(&request.headers, 400, tag)),
        Ok(mut required) => {
            required.retain(|extension| !is_supported(extension));
            if !required.is_empty() {
                let mut refusal = reply(&request.headers, 420, tag);
                refusal.headers.push("Unsupported", required.join(", "));
                return Err(refusal);
            }
        }
    }
    check_session_timer(request, tag)?;
    match request.method {
        Method::Invite | Method::Update => check_body(request, tag),
        _ => Ok(()),
    }
}

/// What a peer may require (RFC 3262, RFC 4028, RFC 3891).
pub(super) const SUPPORTED: &str = "100rel, timer, replaces";

fn is_supported(extension: &str) -> bool {
    SUPPORTED.split(", ").any(|one| one.eq_ignore_ascii_case(extension))
}

/// 422 for a session that would need refreshes too often (RFC 4028 §6, §9).
fn check_session_timer(request: &Request, tag: &str) -> Result<(), Response> {
    let headers = &request.headers;
    if !matches!(request.method, Method::Invite | Method::Update) {
        return Ok(());
    }
    // §8.2: a malformed header field that is not needed is ignored.
    let asked = headers.session_expires().ok().flatten();
    let brief = asked.is_some_and(|asked| asked.seconds < MIN_SE);
    if !brief || !headers.has_token("Supported", "timer") {
        return Ok(());
    }
    let mut refusal = reply(headers, 422, tag);
    refusal.headers.push("Min-SE", MIN_SE.to_string());
    Err(refusal)
}

fn check_body(request: &Request, tag: &str) -> Result<(), Response> {
    let headers = &request.headers;
    match reading(headers, &request.body) {
        Reading::Fine => return Ok(()),
        Reading::Malformed => return Err(reply(headers, 400, tag)),
        Reading::Unsupported => {}
    }
    let mut refusal = reply(headers, 415, tag);
    refusal.headers.push("Accept", ACCEPTED);
    refusal.headers.push("Accept-Encoding", "identity");
    Err(refusal)
}
