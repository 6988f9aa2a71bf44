//! Messages of the wild against the parser, each case by its name.

mod mutations;
mod odd_messages;
mod rejections;
mod rsip_faults;
mod streams;
mod torture;

use super::{Message, ParseError, Request, Response};

/// The lines every request of these tests has, after the start line.
const FIELDS: &str = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n\
    From: \"A\" <sip:a@example.org>;tag=1\r\n\
    To: <sip:b@example.org>\r\n\
    Call-ID: 1@192.0.2.1\r\n\
    Max-Forwards: 70\r\n";

/// An INVITE with `extra` header lines, each ended by CRLF.
fn invite_with(extra: &str) -> Vec<u8> {
    format!("INVITE sip:b@example.org SIP/2.0\r\n{FIELDS}CSeq: 1 INVITE\r\n{extra}\r\n")
        .into_bytes()
}

/// An INVITE in which one header line stands for another.
fn invite_instead(name: &str, line: &str) -> Vec<u8> {
    let invite = String::from_utf8(invite_with("")).unwrap();
    let lines = invite.split_inclusive("\r\n");
    let starts = |l: &str| l.starts_with(&format!("{name}:"));
    lines
        .map(|l| if starts(l) { format!("{line}\r\n") } else { l.to_owned() })
        .collect::<String>()
        .into()
}

fn request(bytes: &[u8]) -> Request {
    match Message::parse(bytes) {
        Ok(Message::Request(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

fn response(bytes: &[u8]) -> Response {
    match Message::parse(bytes) {
        Ok(Message::Response(response)) => response,
        other => panic!("no response: {other:?}"),
    }
}

/// The status and reason of a refusal.
fn refusal(bytes: &[u8]) -> (u16, &'static str) {
    match Message::parse(bytes) {
        Err(ParseError::Refuse { response }) => (response.status, response.reason.unwrap()),
        other => panic!("not refused: {other:?}"),
    }
}
