//! Responses with the header fields their status asks for (RFC 3261 §8.2.6, §21.4).

use model::SessionDescription;

use super::body::SDP;
use super::check::SUPPORTED;
use super::core::ALLOW;
use crate::wire::{Headers, Response};

/// What we can read.
pub(super) const ACCEPTED: &str = "application/sdp, multipart/mixed, multipart/alternative";

/// A response to a request with these header fields, with our `tag` where it has no To tag yet.
pub(crate) fn reply(request: &Headers, status: u16, tag: &str) -> Response {
    let mut response = reply_within(request, status);
    add_tag(&mut response.headers, tag);
    response
}

/// A response to a request within a dialog, whose To has our tag already.
pub(crate) fn reply_within(request: &Headers, status: u16) -> Response {
    let mut response = Response::to(request, status);
    if matches!(status, 405 | 501) {
        response.headers.push("Allow", ALLOW);
    }
    response
}

/// Gives a response our `tag`, where it has no To tag yet.
pub(super) fn add_tag(response: &mut Headers, tag: &str) {
    let untagged = response.to().is_ok_and(|to| to.tag().is_none());
    if let (true, Some(to)) = (untagged, response.get("To")) {
        response.set("To", format!("{to};tag={tag}"));
    }
}

/// What we can do, for OPTIONS and for the 2xx of an INVITE (§11.2, §13.3.1.4).
pub(crate) fn push_capabilities(headers: &mut Headers) {
    push_own_capabilities(headers, SUPPORTED);
    headers.push("Accept", ACCEPTED);
}

/// The same without the content types, for a request of ours in which these extensions may be used.
pub(crate) fn push_own_capabilities(headers: &mut Headers, extensions: &str) {
    headers.push("Allow", ALLOW);
    headers.push("Supported", extensions);
}

/// Puts a session description into a message.
pub(crate) fn describe(headers: &mut Headers, description: &SessionDescription) -> bytes::Bytes {
    headers.push("Content-Type", SDP);
    bytes::Bytes::copy_from_slice(description.bytes())
}
