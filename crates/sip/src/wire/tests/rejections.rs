//! What is refused or dropped, and how (RFC 3261 §8.2, §18.3, §21.4; RFC 4475 §3.1.2, §3.3).

use super::super::DropReason;
use super::*;

fn dropped(bytes: &[u8]) -> DropReason {
    match Message::parse(bytes) {
        Err(ParseError::Drop(reason)) => reason,
        other => panic!("not dropped: {other:?}"),
    }
}

#[test]
fn a_refusal_is_built_from_what_could_be_read() {
    let bytes = invite_instead("To", "To: \"unterminated <sip:b@h>");
    let Err(ParseError::Refuse { response: refused }) = Message::parse(&bytes) else {
        panic!("not refused")
    };
    let text = String::from_utf8(refused.to_bytes().to_vec()).unwrap();
    let expected = "SIP/2.0 400 Malformed To Header Field\r\n\
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n\
        From: \"A\" <sip:a@example.org>;tag=1\r\nTo: \"unterminated <sip:b@h>\r\n\
        Call-ID: 1@192.0.2.1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(text, expected);
}

#[test]
fn missing_header_fields_are_400_and_named() {
    for (name, reason) in [
        ("From", "Missing From Header Field"),
        ("To", "Missing To Header Field"),
        ("Call-ID", "Missing Call-ID Header Field"),
        ("CSeq", "Missing CSeq Header Field"),
    ] {
        assert_eq!(refusal(&invite_instead(name, "X: y")), (400, reason));
    }
}

#[test]
fn malformed_header_fields_are_400_and_named() {
    for (line, reason) in [
        ("From: <sip:a b@h>;tag=1", "Malformed From Header Field"),
        ("From: < sip:a@h", "Malformed From Header Field"),
        ("To: Bell, Alexander <sip:a@h>, x", "Malformed To Header Field"),
        ("Call-ID: ", "Malformed Call-ID Header Field"),
        ("CSeq: 36893488147419103232 INVITE", "Malformed CSeq Header Field"),
        ("CSeq: -1 INVITE", "Malformed CSeq Header Field"),
        ("Max-Forwards: 300", "Malformed Max-Forwards Header Field"),
        ("Max-Forwards: -1", "Malformed Max-Forwards Header Field"),
        ("Via: SIP/2.0/UDP", "Malformed Via Header Field"),
        ("Via: SIP/2.0/UDP h;branch=\"", "Malformed Via Header Field"),
    ] {
        let name = line.split(':').next().unwrap();
        assert_eq!(refusal(&invite_instead(name, line)), (400, reason), "{line}");
    }
}

#[test]
fn the_methods_of_cseq_and_start_line_must_agree() {
    let bytes = invite_instead("CSeq", "CSeq: 1 OPTIONS");
    assert_eq!(refusal(&bytes), (400, "CSeq Method Mismatch"));
    let text = format!("NEWMETHOD sip:b@h SIP/2.0\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    assert_eq!(refusal(text.as_bytes()), (400, "CSeq Method Mismatch"));
}

#[test]
fn content_lengths_that_cannot_be_are_400() {
    for length in ["-999", "x", "", "4294967296", "18446744073709551617", "+1", "1 1"] {
        let bytes = invite_with(&format!("Content-Length: {length}\r\n"));
        assert_eq!(refusal(&bytes), (400, "Malformed Content-Length Header Field"), "{length}");
    }
    let twice = invite_with("Content-Length: 0\r\nl: 5\r\n");
    assert_eq!(refusal(&twice), (400, "Repeated Header Field"));
    assert!(Message::parse(&invite_with("Content-Length: 0\r\nl: 0\r\n")).is_ok());
}

#[test]
fn single_header_fields_given_twice_are_400() {
    for line in
        ["From: <sip:a@h>;tag=2", "t: <sip:c@h>", "Call-ID: 2", "CSeq: 2 INVITE", "Max-Forwards: 5"]
    {
        let bytes = invite_with(&format!("{line}\r\n"));
        assert_eq!(refusal(&bytes), (400, "Repeated Header Field"), "{line}");
    }
}

#[test]
fn faulty_request_uris_are_400_and_long_ones_414() {
    for uri in ["<sip:b@h>", "sip:b@h; lr", "sip:", "b", "sip:b@h:0", "sip:b@[::1"] {
        let text = format!("INVITE {uri} SIP/2.0\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
        assert_eq!(refusal(text.as_bytes()), (400, "Malformed Request-URI"), "{uri}");
    }
    let long = format!("sip:{}@h", "b".repeat(2048));
    let text = format!("INVITE {long} SIP/2.0\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    assert_eq!(refusal(text.as_bytes()), (414, "Request-URI Too Long"));
}

#[test]
fn lines_that_are_no_header_fields_are_400() {
    for line in ["no colon", "na me: x", ": x", "X: a\rRoute: <sip:evil>"] {
        let bytes = invite_with(&format!("{line}\r\n"));
        assert_eq!(refusal(&bytes), (400, "Malformed Header Field"), "{line}");
    }
    let unended = invite_with("");
    assert_eq!(refusal(&unended[..unended.len() - 2]), (400, "Malformed Header Field"));
}

#[test]
fn a_hundred_header_fields_are_read_and_one_more_is_400() {
    let extra = |count: usize| "X: y\r\n".repeat(count - 6);
    assert!(Message::parse(&invite_with(&extra(100))).is_ok());
    assert_eq!(refusal(&invite_with(&extra(101))), (400, "Too Many Header Fields"));
}

#[test]
fn thirty_vias_are_read_and_one_more_is_dropped() {
    let line = |count: usize| format!("Via: {}", vec!["SIP/2.0/UDP h"; count].join(","));
    assert!(Message::parse(&invite_instead("Via", &line(30))).is_ok());
    assert_eq!(dropped(&invite_instead("Via", &line(31))), DropReason::TooManyVias);
}

#[test]
fn a_message_over_64_kb_is_513() {
    let bytes = [invite_with(""), vec![b'x'; 64 * 1024]].concat();
    assert_eq!(refusal(&bytes), (513, "Message Too Large"));
}

#[test]
fn what_nobody_could_answer_is_dropped_and_says_why() {
    let ack = format!("ACK sip:b@h SIP/2.0\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    let future = format!("SIP/3.0 200 OK\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    let huge_status = format!("SIP/2.0 4294967301 OK\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    let no_to = String::from_utf8(invite_instead("To", "X: y")).unwrap();
    let no_to = no_to.replace("INVITE sip:b@example.org SIP/2.0", "SIP/2.0 200 OK");
    let no_via = invite_instead("Via", "X: y");
    let short = format!("SIP/2.0 200 OK\r\n{FIELDS}CSeq: 1 INVITE\r\nContent-Length: 5\r\n\r\n");
    for (bytes, reason) in [
        (&b""[..], DropReason::KeepAlive),
        (b"\r\n\r\n", DropReason::KeepAlive),
        (b"\0\0\0\0", DropReason::NotSip),
        (b"GET / HTTP/1.1\r\n\r\n", DropReason::NotSip),
        (b"INVITE", DropReason::NotSip),
        (huge_status.as_bytes(), DropReason::NotSip),
        (future.as_bytes(), DropReason::NotSip),
        (ack.as_bytes(), DropReason::Malformed),
        (no_to.as_bytes(), DropReason::Malformed),
        (short.as_bytes(), DropReason::Malformed),
        (&no_via, DropReason::NoVia),
    ] {
        assert_eq!(dropped(bytes), reason);
    }
}
