//! Bodies of several parts, and parts that are none of our business (RFC 5621, RFC 6442).

use model::{LegCommand, LegEvent};

use crate::peer::{Bench, CARRIER, Script};
use crate::sessions::is_received;

const CONTACT: &str = "Contact: <sip:caller@203.0.113.5:5060>";
const DESCRIPTION: &str = "Content-Type: application/sdp\n\nv=0\ns=offer\n";
const LOCATION: &str = "Content-Type: application/pidf+xml\nContent-ID: <target@example>\n\n<x/>";

fn hears(kind: &str, parts: &[&str]) -> Bench {
    let mut bench = Bench::new();
    let body: String = parts.iter().map(|part| format!("--here\n{part}\n")).collect();
    let body = body + "--here--\n";
    let kind = format!("Content-Type: {kind}");
    bench.hears(CARRIER, &Script::new("parts").request("INVITE", &[CONTACT, &kind], &body));
    bench
}

#[test]
fn r49_the_description_is_found_among_the_parts_of_a_body() {
    for kind in ["multipart/mixed;boundary=here", "Multipart/Alternative; boundary=\"here\""] {
        for parts in [[LOCATION, DESCRIPTION], [DESCRIPTION, LOCATION]] {
            let said = hears(kind, &parts).said();
            let [LegEvent::Offered { offer, .. }] = &said[..] else { panic!("an offer") };
            assert!(is_received(offer.as_ref(), "offer"), "{kind}");
        }
    }
}

#[test]
fn r50_a_part_that_need_not_be_understood_never_refuses_a_call() {
    let optional = LOCATION.replace("\n\n", "\nContent-Disposition: render; handling=optional\n\n");
    for part in [LOCATION, &optional] {
        let said = hears("multipart/mixed; boundary=here", &[part]).said();
        assert!(matches!(&said[..], [LegEvent::Offered { offer: None, .. }]));
    }
}

#[test]
fn a_part_that_must_be_understood_and_is_not_is_415() {
    let required = LOCATION.replace("\n\n", "\nContent-Disposition: render;handling=REQUIRED\n\n");
    let mut bench = hears("multipart/mixed; boundary=here", &[DESCRIPTION, &required]);
    let refusal = bench.response();
    assert_eq!(refusal.status, 415);
    assert!(refusal.headers.has_token("Accept", "multipart/mixed"));
    assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 0));
}

#[test]
fn parts_that_cannot_be_told_apart_are_400() {
    for kind in ["multipart/mixed", "multipart/mixed; boundary=elsewhere"] {
        assert_eq!(hears(kind, &[DESCRIPTION]).response().status, 400);
    }
}

#[test]
fn r50_unknown_header_fields_never_refuse_a_call() {
    let lines = [
        "Geolocation: <cid:target@example>",
        "Geolocation-Routing: yes",
        "Resource-Priority: esnet.1",
        "Priority: emergency",
        "X-Carrier: a;b=\"c,d\",,;",
        "Session-ID: 00000000000000000000000000000000;remote=1",
        "History-Info: <sip:a@b>;index=1,<sip:c@d>;index=1.1",
        "Supported: gruu, outbound, path, whatever",
        "Proxy-Require-Not: x",
    ];
    let mut bench = Bench::new();
    bench.hears(CARRIER, &Script::new("unknown").invite(&lines));
    bench.offered();
}

/// RFC 3261 §7.3.3 and the registry of compact forms, in a whole call.
#[test]
fn r49_a_call_in_compact_header_names_is_a_call_like_any_other() {
    let mut bench = Bench::new();
    let mut script = Script::new("compact");
    let text = compact(&script.invite(&["Supported: timer", "Session-Expires: 600"]));
    assert!(text.contains("\nv: SIP") && text.contains("\nx: 600") && !text.contains("Call-ID"));
    bench.hears(CARRIER, &text);
    let said = bench.said();
    let [LegEvent::Offered { leg, offer, .. }] = &said[..] else { panic!("an offer") };
    assert!(is_received(offer.as_ref(), "offer"));
    bench.command(LegCommand::Answer { leg: *leg, answer: crate::sessions::sdp("answer") });
    let ok = bench.response();
    assert_eq!(ok.headers.get("Session-Expires"), Some("600;refresher=uac"));
    script.learn(&ok);
    bench.hears(CARRIER, &compact(&script.request("ACK", &[], "")));
    assert_eq!(bench.said(), [LegEvent::Answered { leg: *leg, answer: None }]);
    bench.hears(CARRIER, &compact(&script.request("BYE", &[], "")));
    assert_eq!(bench.response().status, 200);
}

fn compact(text: &str) -> String {
    let names = [
        ("Via", "v"),
        ("From", "f"),
        ("To", "t"),
        ("Call-ID", "i"),
        ("Contact", "m"),
        ("Content-Type", "c"),
        ("Content-Length", "l"),
        ("Supported", "k"),
        ("Session-Expires", "x"),
    ];
    names.iter().fold(text.to_owned(), |text, (long, short)| {
        text.replace(&format!("\n{long}: "), &format!("\n{short}: "))
    })
}
