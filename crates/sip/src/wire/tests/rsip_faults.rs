//! Each case that rsip 0.4 gets wrong, read rightly here.

use super::super::{Contacts, Headers, Method, NameAddr, Scheme, Uri, Via, reason_phrase};
use super::*;

fn name_addr(text: &str) -> NameAddr {
    NameAddr::parse(text).unwrap_or_else(|_| panic!("{text}"))
}

fn display(address: &NameAddr) -> Option<&str> {
    address.display.as_ref().map(|name| name.reveal().as_str())
}

fn user(uri: &Uri) -> Option<String> {
    uri.user().map(model::Pii::into_revealed)
}

#[test]
fn folded_header_fields_are_one_line() {
    let invite =
        request(&invite_instead("Call-ID", "Call-ID:\r\n \t 1@192.0.2.1\r\nSubject: a\r\n  b"));
    assert_eq!(invite.headers.call_id(), Ok("1@192.0.2.1"));
    assert_eq!(invite.headers.get("subject"), Some("a b"));
}

#[test]
fn latin_1_bytes_do_not_fail_a_message_and_come_back_byte_for_byte() {
    let mut line = b"From: \"Jos\xe9 \xff\" <sip:a@example.org>;tag=1\r\n".to_vec();
    let ascii = invite_instead("From", "From: @");
    let at = ascii.windows(7).position(|w| w == b"From: @").unwrap();
    let mut bytes = ascii[..at].to_vec();
    bytes.append(&mut line.clone());
    bytes.extend_from_slice(&ascii[at + 9..]);

    let invite = request(&bytes);
    assert_eq!(invite.headers.from().unwrap().tag(), Some("1"));
    let answer = Response::to(&invite.headers, 200).to_bytes();
    line.truncate(line.len() - 2);
    assert!(answer.windows(line.len()).any(|w| w == line));
}

#[test]
fn utf_8_display_names_are_read_as_utf_8() {
    let invite = request(&invite_instead("From", "From: \"José 何\" <sip:a@example.org>;tag=1"));
    assert_eq!(display(&invite.headers.from().unwrap()), Some("José 何"));
}

#[test]
fn compact_names_are_found_under_their_full_names() {
    let text = "INVITE sip:b@example.org SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
        f: <sip:a@h>;tag=1\r\nt: <sip:b@h>\r\ni: 1\r\nCSeq: 1 INVITE\r\nm: <sip:a@h>\r\n\
        c: application/sdp\r\nk: 100rel\r\nl: 3\r\n\r\nv=0";
    let invite = request(text.as_bytes());
    let headers = &invite.headers;
    assert_eq!(headers.top_via().unwrap().branch(), Some("z9hG4bK1"));
    assert!(headers.from().is_ok() && headers.to().is_ok() && headers.call_id() == Ok("1"));
    assert!(matches!(headers.contacts(), Ok(Contacts::List(list)) if list.len() == 1));
    assert_eq!(headers.content_type().as_deref(), Some("application/sdp"));
    assert_eq!(headers.tokens("Supported"), Ok(vec!["100rel"]));
    assert_eq!((headers.content_length(), &invite.body[..]), (Ok(Some(3)), &b"v=0"[..]));
}

#[test]
fn an_unknown_method_is_a_request_and_keeps_its_name() {
    let text = format!(
        "!interesting-Method0123456789_*+`.%indeed'~ sip:b@h SIP/2.0\r\n{FIELDS}\
        CSeq: 1 !interesting-Method0123456789_*+`.%indeed'~\r\n\r\n"
    );
    let request = request(text.as_bytes());
    assert!(matches!(&request.method, Method::Other(name) if name.starts_with("!interesting")));
    assert!(request.to_bytes().starts_with(b"!interesting-Method0123456789_*+`.%indeed'~ sip:b@h"));
    assert_eq!(format!("{:?}", request.method), "Other(..)");
}

#[test]
fn a_method_in_lower_case_is_another_method() {
    let text = format!("invite sip:b@h SIP/2.0\r\n{FIELDS}CSeq: 1 invite\r\n\r\n");
    assert_eq!(request(text.as_bytes()).method, Method::Other("invite".to_owned()));
}

#[test]
fn every_known_method_survives_the_way_through_rsip() {
    for name in [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "INFO",
        "PRACK",
        "UPDATE",
        "REFER",
        "NOTIFY",
        "SUBSCRIBE",
        "MESSAGE",
        "PUBLISH",
    ] {
        let text = format!("{name} sip:b@h SIP/2.0\r\n{FIELDS}CSeq: 1 {name}\r\n\r\n");
        let method = request(text.as_bytes()).method;
        assert_eq!(method.as_str(), name);
        assert!(!matches!(method, Method::Other(_)), "{name}");
    }
}

#[test]
fn another_sip_version_is_505() {
    let text = format!("INVITE sip:b@h SIP/7.0\r\n{FIELDS}CSeq: 1 INVITE\r\n\r\n");
    assert_eq!(refusal(text.as_bytes()), (505, "Version Not Supported"));
}

#[test]
fn ipv6_literals_are_read_in_via_and_uris() {
    let text = "REGISTER sip:[2001:db8::10] SIP/2.0\r\n\
        Via: SIP/2.0/UDP [2001:db8::9:1]:5070;received=2001:db8::9:255;branch=z9hG4bKas3\r\n\
        To: <sip:u@example.com>\r\nFrom: <sip:u@[2001:db8::1]:5061;transport=tcp>;tag=8\r\n\
        Call-ID: SSG9523\r\nContact: \"C\" <sip:c@[2001:db8::1]>\r\nCSeq: 1 REGISTER\r\n\r\n";
    let request = request(text.as_bytes());
    assert_eq!(request.uri.host.as_ref().map(|h| h.to_wire()).as_deref(), Some("[2001:db8::10]"));
    let via = request.headers.top_via().unwrap();
    assert_eq!((via.host.to_wire().as_str(), via.port), ("[2001:db8::9:1]", Some(5070)));
    assert_eq!(via.received().map(|h| h.to_wire()).as_deref(), Some("[2001:db8::9:255]"));
    let from = request.headers.from().unwrap();
    assert_eq!((from.uri.port, from.uri.params.value("transport")), (Some(5061), Some("tcp")));
    assert!(request.to_bytes().starts_with(b"REGISTER sip:[2001:db8::10] SIP/2.0\r\n"));
}

#[test]
fn a_quoted_name_may_hold_escaped_quotes_and_brackets() {
    let address = name_addr(r#""J \"Q\" <x@y>, \\" <sip:j@example.org;lr>;tag=a;x="1;2""#);
    assert_eq!(display(&address), Some(r#"J "Q" <x@y>, \"#));
    assert_eq!(user(&address.uri).as_deref(), Some("j"));
    assert!(address.uri.is_loose_router());
    assert_eq!((address.tag(), address.params.value("x")), (Some("a"), Some("\"1;2\"")));
    assert_eq!(name_addr(&address.to_wire()), address);
}

#[test]
fn parameters_belong_to_the_field_without_brackets_and_to_the_uri_within() {
    let bare = name_addr("sip:a@example.org;tag=1");
    assert_eq!((bare.tag(), bare.uri.params.has("tag")), (Some("1"), false));
    let bracketed = name_addr("A B.C <sip:a@example.org;tag=1>");
    assert_eq!((bracketed.tag(), bracketed.uri.params.value("tag")), (None, Some("1")));
    assert_eq!(display(&bracketed), Some("A B.C"));
    for bad in [
        "",
        "<sip:a@h",
        "\"open <sip:a@h>",
        "sip:a@h, sip:b@h",
        "<sip:a@h> x",
        "A",
        "<>",
        "< sip : a@h>",
        "\"a\" b \"<sip:a@h>",
        "<sip:a@h>>",
    ] {
        assert!(NameAddr::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_tel_uri_keeps_its_number_and_parameters() {
    let uri = Uri::parse("tel:7042;phone-context=example.com;isub=1").unwrap();
    assert_eq!((&uri.scheme, user(&uri).as_deref()), (&Scheme::Tel, Some("7042")));
    assert_eq!(uri.params.value("phone-context"), Some("example.com"));
    assert_eq!(uri.to_wire(), "tel:7042;phone-context=example.com;isub=1");
    let from = name_addr("<tel:+1-201-555-0123;ext=7>;tag=1");
    assert_eq!((user(&from.uri).as_deref(), from.tag()), (Some("+1-201-555-0123"), Some("1")));
    assert!(Uri::parse("tel:").is_err() && Uri::parse("tel:bob").is_err());
}

#[test]
fn sip_uris_are_read_with_all_their_parts() {
    let text = "sips:user;par=u%40example.net:pw@Example.com:5061;lr;maddr=192.0.2.1?Subject=x";
    let uri = Uri::parse(text).unwrap();
    assert_eq!((&uri.scheme, uri.port), (&Scheme::Sips, Some(5061)));
    assert_eq!(user(&uri).as_deref(), Some("user;par=u@example.net"));
    assert_eq!(uri.params.value("maddr"), Some("192.0.2.1"));
    assert_eq!(uri.to_wire(), text.replace("Example", "example"));
    let written = Uri::sip(Some("a b@c/%é"), std::net::IpAddr::from([192, 0, 2, 1]), None);
    assert_eq!(written.to_wire(), "sip:a%20b%40c/%25%C3%A9@192.0.2.1");
    assert_eq!(user(&Uri::parse(&written.to_wire()).unwrap()).as_deref(), Some("a b@c/%é"));
    let other = Uri::parse("NoBodyKnowsThisScheme:opaque;x").unwrap();
    assert!(matches!(&other.scheme, Scheme::Other(s) if s == "nobodyknowsthisscheme"));
    for bad in
        ["", "sip:", "a@b", "sip:@h", "sip:a%4@h", "sip:a@", "sip:h:99999", "1x:y", "sip:a b@h"]
    {
        assert!(Uri::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_comma_separated_contact_list_is_several_contacts() {
    let extra = "Contact: \"a, b\" <sip:a@h>;q=0.5, <sip:b@h;x=1,2>\r\nm: sip:c@h;expires=60\r\n";
    let Ok(Contacts::List(list)) = request(&invite_with(extra)).headers.contacts() else {
        panic!("contacts")
    };
    let users: Vec<_> = list.iter().map(|c| user(&c.uri).unwrap()).collect();
    assert_eq!(users, ["a", "b", "c"]);
    assert_eq!(list[2].params.value("expires"), Some("60"));
    let all = request(&invite_with("Contact: *\r\n"));
    assert_eq!(all.headers.contacts(), Ok(Contacts::All));
    assert!(request(&invite_with("Contact: *, <sip:a@h>\r\n")).headers.contacts().is_err());
}

#[test]
fn a_record_route_with_a_quoted_comma_is_one_route() {
    let extra = "Record-Route: \"a, b\" <sip:p1;lr>, <sip:p2;lr>\r\n";
    let routes = request(&invite_with(extra)).headers.record_routes().unwrap();
    let loose: Vec<_> = routes.iter().map(|route| route.uri.is_loose_router()).collect();
    assert_eq!(loose, [true, true]);
}

#[test]
fn several_vias_on_one_line_are_all_kept_and_copied_as_written() {
    let lines = "Via: SIP / 2.0 / UDP  first.example.com: 4000;ttl=16 ;branch=z9hG4bKa.1,\
        SIP/2.0/TCP [::1];branch=z9hG4bKb\r\nv: SIP/2.0/SCTP c;x=\"1,2\"";
    let mut invite = request(&invite_instead("Via", lines));
    let vias = invite.headers.vias().unwrap();
    let seen: Vec<_> =
        vias.iter().map(|v| (v.transport.as_str(), v.host.to_wire(), v.port)).collect();
    assert_eq!(seen[0], ("UDP", "first.example.com".to_owned(), Some(4000)));
    assert_eq!((seen[1].0, seen[1].1.as_str(), seen[2].0), ("TCP", "[::1]", "SCTP"));

    let mut top = vias[0].clone();
    top.note_source("192.0.2.9:4001".parse().unwrap());
    invite.headers.set_top_via(&top);
    let answer = Response::to(&invite.headers, 100).to_bytes();
    let answer = response(&answer);
    let copied: Vec<_> = answer.headers.all("Via").collect();
    assert!(copied[0].ends_with(";received=192.0.2.9,SIP/2.0/TCP [::1];branch=z9hG4bKb"));
    assert_eq!(copied[1], "SIP/2.0/SCTP c;x=\"1,2\"");
}

#[test]
fn rport_is_filled_only_when_asked_for() {
    let source = "192.0.2.9:4001".parse().unwrap();
    let mut asked = Via::parse("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1;rport").unwrap();
    assert_eq!(asked.rport(), Some(None));
    asked.note_source(source);
    assert_eq!(asked.rport(), Some(Some(4001)));
    assert_eq!(asked.params.value("received"), Some("192.0.2.9"));
    let mut not_asked = Via::parse("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1").unwrap();
    not_asked.note_source(source);
    assert_eq!((not_asked.rport(), not_asked.received()), (None, None));
}

#[test]
fn a_realm_may_hold_a_comma() {
    let extra = "Authorization: Digest username=\"a\", realm=\"r, x\" ,nonce=n,response=\"1\"\r\n";
    let list = request(&invite_with(extra)).headers.authorization().unwrap();
    assert_eq!(list[0].value("REALM"), Some("r, x"));
    assert_eq!((list[0].value("nonce"), list[0].value("cnonce")), (Some("n"), None));
    for bad in ["Digest", "Digest realm=\"open", "Digest realm", "Digest a=1, A=2", "Digest a="] {
        let invite = request(&invite_with(&format!("Authorization: {bad}\r\n")));
        assert!(invite.headers.authorization().is_err(), "{bad}");
    }
}

#[test]
fn sha_512_256_is_read_in_a_challenge() {
    let mut headers = Headers::default();
    headers.push("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256");
    headers.push("WWW-Authenticate", "Digest realm=\"broken");
    let challenges = headers.challenges("WWW-Authenticate");
    assert_eq!(challenges.len(), 1);
    assert_eq!(challenges[0].value("algorithm"), Some("SHA-512-256"));
}

#[test]
fn reason_phrases_are_written_as_the_rfc_has_them() {
    let text = Response::to(&Headers::default(), 404).to_bytes();
    assert!(text.starts_with(b"SIP/2.0 404 Not Found\r\n"));
    assert_eq!(
        (reason_phrase(481), reason_phrase(499)),
        ("Call/Transaction Does Not Exist", "Bad Request")
    );
}

#[test]
fn content_length_cuts_a_longer_datagram_and_none_takes_all() {
    let cut = [invite_with("Content-Length: 2\r\n"), b"abcd".to_vec()].concat();
    assert_eq!(&request(&cut).body[..], b"ab");
    let all = [invite_with(""), b"ab\0\xff".to_vec()].concat();
    assert_eq!(&request(&all).body[..], b"ab\0\xff");
}

#[test]
fn content_length_beyond_the_datagram_is_400() {
    let short = [invite_with("Content-Length: 9999\r\n"), b"abcd".to_vec()].concat();
    assert_eq!(refusal(&short), (400, "Malformed Content-Length Header Field"));
}
