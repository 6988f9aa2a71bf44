//! Reading and writing descriptions: RFC 8866, RFC 3605, and what phones really send.

use std::net::IpAddr;

use model::Direction;
use sdp::{Address, Description, MAX_BYTES};

/// RFC 8866 §5, the example description, with an rtcp attribute of RFC 3605 §2.1.
const EXAMPLE: &str = "v=0\r\n\
o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n\
s=Call to John Smith\r\n\
i=SDP Offer #1\r\n\
u=http://www.jdoe.example.com/home.html\r\n\
e=Jane Doe <jane@jdoe.example.com>\r\n\
p=+1 617 555-6011\r\n\
c=IN IP4 198.51.100.1\r\n\
t=0 0\r\n\
m=audio 49170 RTP/AVP 0\r\n\
a=rtcp:53020 IN IP6 2001:db8::2\r\n\
m=audio 49180 RTP/AVP 0\r\n\
m=video 51372 RTP/AVP 99\r\n\
c=IN IP6 2001:db8::2\r\n\
a=rtpmap:99 h263-1998/90000\r\n";

fn parsed(text: &str) -> Description {
    match Description::parse(text.as_bytes()) {
        Ok(description) => description,
        Err(error) => panic!("{error}"),
    }
}

fn ip(text: &str) -> Option<Address> {
    text.parse::<IpAddr>().ok().map(Address::Ip)
}

fn error_line(text: &str) -> Option<usize> {
    Description::parse(text.as_bytes()).err().map(|error| error.line)
}

#[test]
fn the_example_of_rfc_8866_is_read() {
    let example = parsed(EXAMPLE);
    assert!(example.origin.identity == "jdoe 3724394400" && example.origin.version == "3724394405");
    assert!(example.connection == ip("198.51.100.1"));
    let ports: Vec<u16> = example.media.iter().map(|media| media.port).collect();
    assert_eq!(ports, [49170, 49180, 51372]);
    let rtcp = example.media[0].rtcp.expect("a=rtcp");
    assert!(rtcp.port == 53020 && rtcp.address == ip("2001:db8::2"));
    assert!(example.media[2].connection == ip("2001:db8::2"));
    assert_eq!(example.media[2].mappings[0].encoding, "h263-1998");
}

#[test]
fn d1_nothing_but_the_media_comes_out_again() {
    let written = String::from_utf8(parsed(EXAMPLE).to_bytes()).expect("ASCII");
    for name in ["John", "Jane", "jdoe.example", "6011", "Offer"] {
        assert!(!written.contains(name));
    }
    assert!(written.contains("\r\ns=-\r\n") && written.contains("\r\nt=0 0\r\n"));
    assert!(Description::parse(written.as_bytes()) == Ok(parsed(EXAMPLE)), "read back the same");
}

#[test]
fn sloppy_phones_are_understood() {
    let sloppy = "v=0\no=- 1 1 IN IP4 192.0.2.1 \nc=IN IP4 192.0.2.1/127\n\nz=unknown \u{e9}\n\
        m=audio 4000/2 RTP/AVP 0 101 \na=rtpmap:0  PCMU/8000/1\na=RTPMAP\na=rtpmap:nonsense\n\
        a=ptime: 20.0\na=maxptime:150\na=rtpmap:101 telephone-event/8000\na=x-secret:1\na=sendonly";
    for text in [sloppy.to_owned(), sloppy.replace('\n', "\r"), sloppy.replace('\n', "\r\n")] {
        let description = parsed(&text);
        assert!(description.connection == ip("192.0.2.1"));
        let media = &description.media[0];
        assert_eq!((media.port, media.ptime_ms, media.maxptime_ms), (4000, Some(20), Some(150)));
        assert_eq!(media.payload_types().collect::<Vec<_>>(), [0, 101]);
        assert_eq!(media.mappings.len(), 2);
        assert_eq!(media.direction, Some(Direction::SendOnly));
    }
}

#[test]
fn bytes_that_are_not_utf_8_harm_only_lines_that_are_used() {
    let mut body = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\xFF\xFE\r\na=\xFF\r\n".to_vec();
    assert!(Description::parse(&body).is_ok());
    body.extend(b"c=IN IP4 \xFF\r\n");
    assert_eq!(Description::parse(&body).err().map(|error| error.line), Some(5));
}

#[test]
fn an_error_names_its_line() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
    let cases = [
        ("", 1),
        ("v=1\r\n", 1),
        ("o=- 1 1 IN IP4 192.0.2.1\r\n", 1),
        ("\r\nhello\r\n", 2),
        ("v=0\r\ns=-\r\n", 3),
        ("v=0\r\no=- 1 IN IP4 192.0.2.1\r\n", 2),
        (&format!("{head}o=- 1 1 IN IP4 192.0.2.1\r\n"), 3),
        (&format!("{head}c=IN IP4\r\n"), 3),
        (&format!("{head}m=audio RTP/AVP 0\r\n"), 3),
        (&format!("{head}m=audio 65536 RTP/AVP 0\r\n"), 3),
        (&format!("{head}m=audio -1 RTP/AVP 0\r\n"), 3),
        (&format!("{head}m=audio 4000 RTP/AVP\r\n"), 3),
        (&format!("{head}\n\n\nx\r\n"), 6),
    ];
    for (text, line) in cases {
        assert_eq!(error_line(text), Some(line), "{text:?}");
    }
}

#[test]
fn limits_hold() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
    let media = |count: usize| format!("{head}{}", "m=audio 4000 RTP/AVP 0\r\n".repeat(count));
    assert_eq!(error_line(&media(20)), None);
    assert_eq!(error_line(&media(21)), Some(23));
    let formats = |count: usize| format!("{head}m=audio 4000 RTP/AVP{}\r\n", " 0".repeat(count));
    assert_eq!(error_line(&formats(256)), None);
    assert_eq!(error_line(&formats(257)), Some(3));
    let padded = |size: usize| format!("{head}s={}", "x".repeat(size - head.len() - 2));
    assert_eq!(error_line(&padded(MAX_BYTES)), None);
    assert_eq!(error_line(&padded(MAX_BYTES + 1)), Some(1));
}

#[test]
fn repeated_attributes_do_not_grow_a_description() {
    let head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0 8\r\n";
    let text = format!("{head}{}", "a=rtpmap:0 PCMU/8000\r\na=fmtp:8 x\r\n".repeat(1000));
    let media = &parsed(&text).media[0];
    assert_eq!((media.mappings.len(), media.parameters.len()), (1, 1));
}
