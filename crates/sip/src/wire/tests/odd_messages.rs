//! Odd but valid messages (RFC 4475 §3.1.1) and what is written.

use super::super::{Headers, Method};
use super::*;

#[test]
fn a_short_tortuous_invite_is_read() {
    // The shape of RFC 4475 §3.1.1.1: odd spaces, folding, mixed case, escapes, unknown fields.
    let text = "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n\
        TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n\
        from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n\
        MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.ndaksdj@192.0.2.1\r\nContent-Length   : 4\r\n\
        cseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n\
        s :\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\n\
        UnknownHeaderWithUnusualValue: ;;,,;;,;\r\nContent-Type: application/sdp\r\n\
        Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n\
        v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n \
        SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n\
        m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  \
        secondparam ; q = 0.33\r\n\r\nv=0\n";
    let invite = request(text.as_bytes());
    assert_eq!(invite.headers.to().unwrap().tag(), Some("1918181833n"));
    assert_eq!(invite.headers.from().unwrap().tag(), Some("98asjd8"));
    assert_eq!(invite.headers.cseq().unwrap().number, 9);
    assert_eq!(invite.headers.max_forwards(), Ok(Some(68)));
    assert_eq!(invite.headers.vias().unwrap().len(), 3);
    assert!(invite.headers.contacts().is_ok() && invite.headers.routes().is_ok());
    assert_eq!(invite.body.len(), 4);
}

#[test]
fn nul_in_a_quoted_pair_is_valid() {
    let bytes = invite_instead("To", "To: \"BEL:\\\u{7} NUL:\\\0 DEL:\\\u{7f}\" <sip:b@h>");
    assert!(request(&bytes).headers.to().is_ok());
}

#[test]
fn what_follows_the_body_in_a_datagram_is_no_second_request() {
    let bytes = [invite_with("Content-Length: 0\r\n"), invite_with("")].concat();
    assert!(request(&bytes).body.is_empty());
}

#[test]
fn line_ends_may_be_lone_line_feeds_and_stand_before_the_message() {
    let text = String::from_utf8(invite_with("Subject: x\r\n")).unwrap().replace("\r\n", "\n");
    let invite = request(format!("\r\n\n\r\n{text}body").as_bytes());
    assert_eq!((invite.headers.get("Subject"), &invite.body[..]), (Some("x"), &b"body"[..]));
}

#[test]
fn an_empty_reason_phrase_and_an_unknown_status_are_read() {
    for (line, status) in [("SIP/2.0 200 ", 200), ("SIP/2.0 699", 699), ("sip/2.0 183 a  b é", 183)]
    {
        let bytes = format!("{line}\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
        assert_eq!(response(bytes.as_bytes()).status, status);
    }
}

#[test]
fn a_message_written_and_read_again_is_the_same() {
    let mut invite = request(&invite_with("X-Odd: \u{e9}\r\nContent-Type: text/plain\r\n"));
    invite.body = "ü\r\n\r\n".into();
    let again = request(&invite.to_bytes());
    assert_eq!((again.method, again.uri, again.body), (Method::Invite, invite.uri, invite.body));
    assert_eq!(again.headers.get("Content-Length"), Some("6"));
    again
        .headers
        .iter()
        .filter(|(name, _)| *name != "Content-Length")
        .zip(invite.headers.iter())
        .for_each(|(a, b)| assert_eq!(a, b));
}

#[test]
fn a_written_content_length_is_never_the_senders() {
    let mut invite = request(&invite_with(""));
    invite.headers.push("content-length", "999");
    assert!(request(&invite.to_bytes()).body.is_empty());
}

#[test]
fn a_value_cannot_begin_a_header_field_of_its_own() {
    let mut headers = Headers::default();
    headers.push("Subject", "a\r\nRoute: <sip:evil>");
    let bytes = Response::to(&Headers::default(), 200);
    let bytes = Response { headers, ..bytes }.to_bytes();
    assert!(!bytes.windows(8).any(|w| w == b"\nRoute: "));
}

#[test]
fn d1_a_message_never_prints_its_content() {
    let invite = request(&invite_with("Contact: <sip:5550100@192.0.2.1>\r\n"));
    let headers = &invite.headers;
    let printed = format!(
        "{invite:?} {headers:?} {:?} {:?} {:?} {:?} {:#?}",
        headers.from(),
        headers.vias(),
        headers.contacts(),
        invite.uri,
        headers.from().unwrap().params,
    );
    let mut framer = super::super::Framer::default();
    framer.feed(&invite.to_bytes());
    let printed = format!("{printed} {framer:?} {:?}", framer.next());
    for secret in ["INVITE sip", "example", "192.0.2", "5550100", "\"A\""] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
