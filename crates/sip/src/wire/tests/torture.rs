//! Cases of RFC 4475 and RFC 5118 that no other test has, in words of our own.

use super::super::Contacts;
use super::*;

fn options(uri: &str, via: &str, extra: &str) -> Vec<u8> {
    format!(
        "OPTIONS {uri} SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@example.org>;tag=1\r\n\
         To: <sip:b@example.org>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n{extra}\r\n"
    )
    .into_bytes()
}

const VIA: &str = "SIP/2.0/UDP h;branch=z9hG4bK1";

#[test]
fn spaces_around_the_start_line_are_forgiven() {
    for line in
        ["OPTIONS  sip:b@h  SIP/2.0", "OPTIONS sip:b@h SIP/2.0   ", "OPTIONS sip:b@h sip/2.0"]
    {
        let text = format!("{line}\r\n{FIELDS}CSeq: 1 OPTIONS\r\n\r\n");
        assert_eq!(request(text.as_bytes()).uri.to_wire(), "sip:b@h", "{line}");
    }
}

#[test]
fn escapes_are_case_insensitive_and_a_nul_stays_escaped() {
    let invite = request(&options("sip:null-%00-null@h", VIA, ""));
    assert!(invite.to_bytes().starts_with(b"OPTIONS sip:null-%00-null@h SIP/2.0"));
    let user = request(&options("sip:%75se%72@h", VIA, "")).uri.user().unwrap();
    assert_eq!(user.reveal(), "user");
    let percent_method =
        format!("RE%47IST%45R sip:h SIP/2.0\r\n{FIELDS}CSeq: 1 RE%47IST%45R\r\n\r\n");
    assert_eq!(request(percent_method.as_bytes()).method.as_str(), "RE%47IST%45R");
}

#[test]
fn unknown_transports_and_empty_branches_are_read() {
    let request = request(&options("sip:h", "SIP/2.0/UNKNOWN h;branch=z9hG4bK", ""));
    let via = request.headers.top_via().unwrap();
    assert_eq!((via.transport.as_str(), via.branch()), ("UNKNOWN", Some("z9hG4bK")));
}

#[test]
fn a_contact_with_a_question_mark_asks_for_brackets() {
    let bare = request(&options("sip:h", VIA, "Contact: sip:a@h?Route=%3Csip:p%3E\r\n"));
    assert!(bare.headers.contacts().is_err());
    let bracketed = request(&options("sip:h", VIA, "Contact: <sip:a@h?Route=%3Csip:p%3E>\r\n"));
    assert!(matches!(bracketed.headers.contacts(), Ok(Contacts::List(list)) if list.len() == 1));
}

#[test]
fn empty_parameters_and_long_values_are_forgiven() {
    let extra = "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\nExpires: 10000000000000000\r\n\
        Date: Fri, 01 Jan 2010 16:00:00 EST\r\n";
    let headers = request(&options("sip:h", VIA, extra)).headers;
    assert!(headers.contacts().is_ok());
    assert_eq!(headers.expires(), Some(u32::MAX));
}

#[test]
fn other_schemes_are_read_wherever_they_stand() {
    assert!(
        Message::parse(&options("nobodyKnowsThisScheme:totallyopaquecontent", VIA, "")).is_ok()
    );
    assert!(Message::parse(&options("soap.beep://192.0.2.103:3002", VIA, "")).is_ok());
    let to = invite_instead("To", "To: <isbn:2983792873>");
    assert!(request(&to).headers.to().is_ok());
}

#[test]
fn ipv6_references_need_brackets_and_may_be_mapped() {
    assert_eq!(refusal(&options("sip:2001:db8::10", VIA, "")).0, 400);
    assert_eq!(refusal(&options("sip:h", "SIP/2.0/UDP [2001:db8::::1]", "")).0, 400);
    let three_colons = request(&options("sip:u@[2001:db8:::192.0.2.1]", VIA, ""));
    assert_eq!(three_colons.uri.to_wire(), "sip:u@[2001:db8::c000:201]");
    let ambiguous = request(&options("sip:[2001:db8::10:5070]", VIA, ""));
    assert_eq!(ambiguous.uri.port, None);
    let mapped = request(&options("sip:[::ffff:192.0.2.10]:5070", VIA, ""));
    assert_eq!(mapped.uri.port, Some(5070));
    let via = "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bK1";
    let request = request(&options("sip:h", via, ""));
    let received = request.headers.top_via().unwrap().received().unwrap();
    assert_eq!(received.to_wire(), "[2001:db8::9:255]");
}
