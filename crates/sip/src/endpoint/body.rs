//! Which part of a body we read, and which one we would have to (RFC 3261 §20.11, RFC 5621).
//!
//! # Assumptions
//! - In a body of several parts only one that says `handling=required` itself must be understood: a
//!   location or card that rides along with a call (RFC 6442) is never a reason to refuse it.

use std::net::IpAddr;

use model::SessionDescription;

use super::flow::Flow;
use crate::wire::{Headers, Part, parameter, parts};

/// The content type of session descriptions.
pub(crate) const SDP: &str = "application/sdp";

/// What a body is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// We can read what there is to read.
    Fine,
    /// A part that must be understood is not: 415.
    Unsupported,
    /// Parts that cannot be told apart: 400.
    Malformed,
}

/// Whether we can read the body of an INVITE or UPDATE.
pub(super) fn reading(headers: &Headers, body: &[u8]) -> Reading {
    if body.is_empty() || handling(headers).as_deref() == Some("optional") {
        return Reading::Fine;
    }
    match parts(headers, body) {
        Some(Err(_)) => Reading::Malformed,
        Some(Ok(parts)) => {
            let strange = |part: &Part<'_>| {
                !is_description(&part.headers)
                    && handling(&part.headers).as_deref() == Some("required")
            };
            if parts.iter().any(strange) { Reading::Unsupported } else { Reading::Fine }
        }
        None if is_description(headers) => Reading::Fine,
        None => Reading::Unsupported,
    }
}

/// The session description of a message that came over `flow`, `None` when it has no part of that
/// kind.
pub(crate) fn description(
    headers: &Headers,
    body: &[u8],
    flow: Flow,
) -> Option<SessionDescription> {
    let source: IpAddr = flow.remote.ip();
    match parts(headers, body) {
        Some(parts) => {
            let parts = parts.ok()?;
            let part = parts.iter().find(|part| is_description(&part.headers))?;
            Some(SessionDescription::received(part.body, source))
        }
        None if !body.is_empty() && is_description(headers) => {
            Some(SessionDescription::received(body, source))
        }
        None => None,
    }
}

fn is_description(headers: &Headers) -> bool {
    let plain = |name: &str, plain: &[&str]| {
        headers.get(name).is_none_or(|value| plain.iter().any(|p| value.eq_ignore_ascii_case(p)))
    };
    headers.content_type().as_deref() == Some(SDP)
        && plain("Content-Encoding", &["identity"])
        && plain("Content-Transfer-Encoding", &["7bit", "8bit", "binary"])
}

fn handling(headers: &Headers) -> Option<String> {
    let handling = parameter(headers, "Content-Disposition", "handling")?;
    Some(handling.trim().to_ascii_lowercase())
}
