//! Offer and answer for one audio stream: RFC 3264, RFC 4317, RFC 3605, RFC 5761.

use std::net::{IpAddr, SocketAddr};

use model::{Codec, Direction, SessionDescription};
use sdp::{Agreed, AnswerError, Format, Local, Session};

const PCMU: Format = Format::new(0, Codec::Pcmu);
const PCMA: Format = Format::new(8, Codec::Pcma);

fn session() -> Session {
    session_at("203.0.113.5")
}

fn session_at(address: &str) -> Session {
    let address: IpAddr = address.parse().expect("an address");
    Session::new(Local { address, port: 30000, rtcp_port: 30001, rtcp_mux: true, session_id: 77 })
}

/// A description of the peer: version, then what follows `t=`.
fn peer(version: u32, rest: &[&str]) -> SessionDescription {
    let head = format!("v=0\r\no=- 5 {version} IN IP4 192.0.2.7\r\ns=-\r\nt=0 0\r\n");
    SessionDescription::new(head + &rest.join("\r\n") + "\r\n")
}

const HOST: &str = "c=IN IP4 192.0.2.7";
const AUDIO: &str = "m=audio 4000 RTP/AVP 0 8";

fn text(description: &SessionDescription) -> String {
    String::from_utf8(description.bytes().to_vec()).expect("we write ASCII")
}

fn answered(session: &mut Session, offer: &SessionDescription) -> (String, Agreed) {
    let (answer, agreed) = session.accept_offer(offer).expect("an offer we can serve");
    (text(&answer), agreed)
}

fn refused(rest: &[&str]) -> Option<AnswerError> {
    session().accept_offer(&peer(1, rest)).err()
}

fn remote(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn a_plain_offer_is_answered_with_one_codec_and_the_offerers_event_number() {
    let offer = peer(
        1,
        &[
            HOST,
            "m=audio 4000 RTP/AVP 18 8 0 96 13",
            "a=rtpmap:96 telephone-event/8000",
            "a=fmtp:96 0-16",
            "a=ptime:30",
        ],
    );
    let (answer, agreed) = answered(&mut session(), &offer);
    let expected = "v=0\r\no=- 77 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n\
        m=audio 30000 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\n\
        a=fmtp:96 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(answer, expected);
    assert_eq!(agreed.format, PCMA, "the offerer's order of preference");
    assert_eq!((agreed.telephone_event, agreed.telephone_event_in), (Some(96), Some(96)));
    assert_eq!(agreed.remote, remote("192.0.2.7:4000"));
    assert_eq!(agreed.remote_rtcp, remote("192.0.2.7:4001"));
    assert_eq!((agreed.direction, agreed.ptime_ms), (Direction::Both, 30));
}

#[test]
fn static_types_need_no_rtpmap_but_one_that_contradicts_counts() {
    assert_eq!(answered(&mut session(), &peer(1, &[HOST, AUDIO])).1.format, PCMU);
    let contradicted = peer(1, &[HOST, AUDIO, "a=rtpmap:0 G729/8000"]);
    assert_eq!(answered(&mut session(), &contradicted).1.format, PCMA);
    let dynamic = peer(1, &[HOST, "m=audio 4000 RTP/AVP 97", "a=rtpmap:97 pcmu/8000"]);
    let agreed = answered(&mut session(), &dynamic).1;
    assert_eq!(agreed.format, Format::new(97, Codec::Pcmu));
}

#[test]
fn events_at_another_clock_rate_are_not_ours() {
    let offer =
        peer(1, &[HOST, "m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000"]);
    let (answer, agreed) = answered(&mut session(), &offer);
    assert_eq!(agreed.telephone_event, None);
    assert!(answer.contains("m=audio 30000 RTP/AVP 0\r\n"));
}

/// RFC 4317 §2.4 in shape: audio with several codecs, then video; the video is refused.
#[test]
fn other_streams_are_refused_with_port_zero_in_their_place() {
    let offer = peer(
        1,
        &[
            HOST,
            "m=video 51372 RTP/AVP 31 32",
            "a=rtpmap:31 H261/90000",
            "m=audio 4000 RTP/SAVP 0",
            "m=audio 4002 RTP/AVP 97 0",
            "a=rtpmap:97 iLBC/8000",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=audio 4004 RTP/AVP 8",
        ],
    );
    let (answer, agreed) = answered(&mut session(), &offer);
    let media: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(
        media,
        [
            "m=video 0 RTP/AVP 31 32",
            "m=audio 0 RTP/SAVP 0",
            "m=audio 30000 RTP/AVP 0",
            "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
            "m=audio 0 RTP/AVP 8",
        ]
    );
    assert_eq!(agreed.remote.port(), 4002);
}

#[test]
fn a_stream_without_our_codec_gives_way_to_the_next() {
    let offer = peer(1, &[HOST, "m=audio 4000 RTP/AVP 18", "m=audio 4002 RTP/AVP 8"]);
    let (answer, agreed) = answered(&mut session(), &offer);
    assert_eq!((agreed.remote.port(), agreed.format), (4002, PCMA));
    assert!(answer.contains("m=audio 0 RTP/AVP 18\r\nm=audio 30000 RTP/AVP 8\r\n"));
}

#[test]
fn what_cannot_be_served_is_refused_with_its_reason() {
    let cases: [(&[&str], AnswerError); 9] = [
        (&[HOST], AnswerError::NoAudio),
        (&[HOST, "m=video 4000 RTP/AVP 31"], AnswerError::NoAudio),
        (&[HOST, "m=audio 0 RTP/AVP 0"], AnswerError::NoAudio),
        (&[HOST, "m=audio 4000 RTP/SAVP 0"], AnswerError::SecureOnly),
        (&[HOST, "m=audio 4000 UDP/TLS/RTP/SAVPF 0"], AnswerError::SecureOnly),
        (&[HOST, "m=audio 4000 RTP/AVP 18"], AnswerError::NoCommonCodec),
        (&[AUDIO], AnswerError::NoAddress),
        (&["c=IN IP4 phone.example.com", AUDIO], AnswerError::NoAddress),
        (&["c=IN IP4 224.2.1.1/127", AUDIO], AnswerError::NoAddress),
    ];
    for (rest, error) in cases {
        assert_eq!(refused(rest), Some(error), "{rest:?}");
    }
    assert_eq!(refused(&["c=IN IP6 2001:db8::7", AUDIO]), Some(AnswerError::NoAddress));
    let malformed = session().accept_offer(&SessionDescription::new("v=0\r\nhello"));
    assert_eq!(malformed.err(), Some(AnswerError::Malformed(sdp::SdpError { line: 2 })));
}

#[test]
fn an_ipv6_leg_is_answered_by_ipv6() {
    let offer = peer(1, &["c=IN IP6 2001:db8::7", AUDIO]);
    let (answer, agreed) = answered(&mut session_at("2001:db8::1"), &offer);
    assert_eq!(agreed.remote, remote("[2001:db8::7]:4000"));
    assert!(answer.contains("o=- 77 1 IN IP6 2001:db8::1\r\n"));
    assert!(answer.contains("c=IN IP6 2001:db8::1\r\n"));
}

#[test]
fn rtcp_goes_where_the_peer_says() {
    let rtcp = |attributes: &[&str]| {
        let rest = [&[HOST, AUDIO], attributes].concat();
        let (answer, agreed) = answered(&mut session(), &peer(1, &rest));
        (agreed.remote_rtcp.to_string(), answer.contains("a=rtcp-mux"))
    };
    assert_eq!(rtcp(&[]), ("192.0.2.7:4001".into(), false));
    assert_eq!(rtcp(&["a=rtcp:5000"]), ("192.0.2.7:5000".into(), false));
    assert_eq!(rtcp(&["a=rtcp:5000 IN IP4 192.0.2.8"]), ("192.0.2.8:5000".into(), false));
    assert_eq!(rtcp(&["a=rtcp-mux"]), ("192.0.2.7:4000".into(), true));
}

#[test]
fn our_own_rtcp_port_is_named_when_it_is_not_the_next() {
    let address = "203.0.113.5".parse().expect("an address");
    let local = Local { address, port: 30000, rtcp_port: 30000, rtcp_mux: false, session_id: 77 };
    let offer = text(&Session::new(local).make_offer());
    assert!(offer.contains("a=rtcp:30000\r\n") && !offer.contains("rtcp-mux"));
}

/// RFC 3264 §6.1 and §8.4; the session's direction counts where the stream has none.
#[test]
fn hold_is_answered_in_the_mirror() {
    let zero = "c=IN IP4 0.0.0.0";
    let cases: [(&[&str], Direction, &str); 8] = [
        (&[HOST, AUDIO], Direction::Both, "sendrecv"),
        (&[HOST, AUDIO, "a=sendonly"], Direction::ReceiveOnly, "recvonly"),
        (&[HOST, AUDIO, "a=recvonly"], Direction::SendOnly, "sendonly"),
        (&[HOST, AUDIO, "a=inactive"], Direction::Inactive, "inactive"),
        (&[HOST, "a=sendonly", AUDIO], Direction::ReceiveOnly, "recvonly"),
        (&[HOST, "a=inactive", AUDIO, "a=sendrecv"], Direction::Both, "sendrecv"),
        (&[zero, AUDIO], Direction::ReceiveOnly, "recvonly"),
        (&[zero, AUDIO, "a=recvonly"], Direction::Inactive, "inactive"),
    ];
    for (rest, direction, word) in cases {
        let (answer, agreed) = answered(&mut session(), &peer(1, rest));
        assert_eq!(agreed.direction, direction, "{rest:?}");
        assert!(answer.ends_with(&format!("a={word}\r\n")), "{rest:?}");
    }
}

#[test]
fn the_packet_time_stays_within_both_limits() {
    let ptime = |attributes: &[&str]| {
        answered(&mut session(), &peer(1, &[&[HOST, AUDIO], attributes].concat())).1.ptime_ms
    };
    assert_eq!(ptime(&[]), 20);
    assert_eq!(ptime(&["a=ptime:60"]), 60);
    assert_eq!(ptime(&["a=ptime:200"]), 60);
    assert_eq!(ptime(&["a=ptime:5"]), 10);
    assert_eq!(ptime(&["a=ptime:60", "a=maxptime:30"]), 30);
    assert_eq!(ptime(&["a=maxptime:10"]), 10);
    assert_eq!(ptime(&["a=ptime:0"]), 20);
}

#[test]
fn the_version_grows_only_when_our_description_changes() {
    let mut leg = session();
    let version = |answer: &str| answer.split(' ').nth(2).map(str::to_owned);
    let (first, agreed) = answered(&mut leg, &peer(1, &[HOST, AUDIO]));
    assert_eq!(version(&first).as_deref(), Some("1"));

    // An unchanged o= changes nothing, whatever follows it.
    let (repeated, same) = answered(&mut leg, &peer(1, &[HOST, AUDIO, "a=inactive"]));
    assert_eq!((repeated, same), (first.clone(), agreed));

    // The peer moves: news for us, none for it.
    let (moved, at) = answered(&mut leg, &peer(2, &["c=IN IP4 192.0.2.9", AUDIO]));
    assert_eq!((moved, at.remote), (first.clone(), remote("192.0.2.9:4000")));

    let (held, _) = answered(&mut leg, &peer(3, &[HOST, AUDIO, "a=sendonly"]));
    assert_eq!(version(&held).as_deref(), Some("2"));
    assert_eq!(leg.refresh().as_ref().map(text), Some(held));
    let (resumed, _) = answered(&mut leg, &peer(4, &[HOST, AUDIO]));
    assert_eq!(version(&resumed).as_deref(), Some("3"));
    assert_eq!(resumed.replacen(" 3 IN", " 1 IN", 1), first);
}

#[test]
fn a_failed_exchange_keeps_the_old() {
    let mut leg = session();
    let (first, agreed) = answered(&mut leg, &peer(1, &[HOST, AUDIO]));
    for bad in [peer(2, &[HOST, "m=audio 4000 RTP/SAVP 0"]), SessionDescription::new("hello")] {
        assert!(leg.accept_offer(&bad).is_err());
        assert_eq!(leg.agreed(), Some(&agreed));
        assert_eq!(leg.refresh().as_ref().map(text), Some(first.clone()));
    }
    let offer = leg.make_offer();
    assert_ne!(text(&offer), first);
    assert_eq!(leg.refresh().as_ref().map(text), Some(first.clone()), "not before the answer");
    leg.abandon_offer();
    assert_eq!(leg.agreed(), Some(&agreed));
    assert_eq!(leg.accept_answer(&peer(2, &[HOST, AUDIO])), Err(AnswerError::OutOfOrder));
}

#[test]
fn a_version_never_stands_for_two_descriptions() {
    let mut leg = session();
    answered(&mut leg, &peer(1, &[HOST, AUDIO]));
    let abandoned = text(&leg.make_offer());
    assert!(abandoned.contains("o=- 77 2 IN"));
    leg.abandon_offer();
    let (held, _) = answered(&mut leg, &peer(2, &[HOST, AUDIO, "a=sendonly"]));
    assert!(held.contains("o=- 77 3 IN"));
}

#[test]
fn our_offer_is_completed_by_the_answer() {
    let mut leg = session();
    let offer = leg.make_offer();
    assert_eq!(
        text(&offer).lines().skip(5).collect::<Vec<_>>(),
        [
            "m=audio 30000 RTP/AVP 0 8 101",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-15",
            "a=ptime:20",
            "a=rtcp-mux",
            "a=sendrecv",
        ]
    );
    assert_eq!(text(&leg.make_offer()), text(&offer), "an open offer is repeated");
    assert_eq!(leg.agreed(), None);
    let rest = [HOST, "m=audio 4000 RTP/AVP 8 97", "a=rtpmap:97 telephone-event/8000"];
    let agreed = leg.accept_answer(&peer(1, &rest)).expect("an answer");
    assert_eq!(agreed.format, PCMA);
    assert_eq!((agreed.telephone_event, agreed.telephone_event_in), (Some(97), Some(101)));
    assert_eq!(leg.agreed(), Some(&agreed));
    assert_eq!(text(&leg.make_offer()), text(&offer), "nothing new to say");
}

/// A session timer's refresh by the peer we called: the o= line is that of its answer.
#[test]
fn a_refresh_of_its_answer_by_the_peer_repeats_our_offer() {
    let mut leg = session();
    let offer = text(&leg.make_offer());
    let muxed = peer(1, &[HOST, AUDIO, "a=rtcp-mux"]);
    let agreed = leg.accept_answer(&muxed).expect("an answer");
    assert_eq!(answered(&mut leg, &muxed), (offer, agreed));

    for limited in ["a=sendonly", "a=x-no-mux"] {
        let mut leg = session();
        leg.make_offer();
        let description = peer(1, &[HOST, AUDIO, limited]);
        let agreed = leg.accept_answer(&description).expect("an answer");
        let (answer, same) = answered(&mut leg, &description);
        assert!(answer.contains("o=- 77 2 IN") && !answer.contains("rtcp-mux"), "{limited}");
        assert_eq!(same.direction, agreed.direction);
        assert_eq!(answered(&mut leg, &description).0, answer);
    }
}

#[test]
fn a_later_answer_to_the_same_offer_replaces_the_early_one() {
    let mut leg = session();
    leg.make_offer();
    let early = leg.accept_answer(&peer(1, &[HOST, AUDIO])).expect("early media");
    assert_eq!(leg.accept_answer(&peer(1, &[HOST, AUDIO])), Ok(early), "the 200 repeats it");
    let other = leg.accept_answer(&peer(9, &["c=IN IP4 192.0.2.99", AUDIO])).expect("a fork");
    assert_eq!(other.remote, remote("192.0.2.99:4000"));
    assert_eq!(
        leg.accept_answer(&peer(9, &[HOST, "m=audio 0 RTP/AVP 0"])),
        Err(AnswerError::NoAudio)
    );
    assert_eq!(leg.agreed(), Some(&other));
}

#[test]
fn a_refused_or_encrypted_answer_serves_nothing() {
    for (audio, error) in [
        ("m=audio 0 RTP/AVP 0", AnswerError::NoAudio),
        ("m=audio 4000 RTP/SAVP 0", AnswerError::SecureOnly),
        ("m=audio 4000 RTP/AVP 18", AnswerError::NoCommonCodec),
    ] {
        let mut leg = session();
        leg.make_offer();
        assert_eq!(leg.accept_answer(&peer(1, &[HOST, audio])), Err(error));
        assert_eq!(leg.agreed(), None);
    }
    assert_eq!(session().accept_answer(&peer(1, &[HOST, AUDIO])), Err(AnswerError::OutOfOrder));
}

/// RFC 6337 §5.3: a holder that asks for our offer wants to resume, so it is not offered the hold.
#[test]
fn an_offer_after_hold_resumes_and_keeps_streams_and_numbers() {
    let mut leg = session();
    let rest = [
        HOST,
        "m=video 9 RTP/AVP 31",
        "m=audio 4000 RTP/AVP 8 96",
        "a=rtpmap:96 telephone-event/8000",
        "a=sendonly",
    ];
    answered(&mut leg, &peer(1, &rest));
    let offer = text(&leg.make_offer());
    assert!(offer.contains("m=video 0 RTP/AVP 31\r\nm=audio 30000 RTP/AVP 0 8 96\r\n"));
    assert!(offer.contains("o=- 77 2 IN") && offer.ends_with("a=sendrecv\r\n"));
    let answer = [HOST, "m=video 0 RTP/AVP 31", "m=audio 4000 RTP/AVP 8"];
    let agreed = leg.accept_answer(&peer(2, &answer)).expect("an answer");
    assert_eq!((agreed.direction, agreed.telephone_event), (Direction::Both, None));
}

#[test]
fn a_peers_offer_ends_our_open_one() {
    let mut leg = session();
    leg.make_offer();
    let (_, agreed) = answered(&mut leg, &peer(1, &[HOST, AUDIO]));
    assert_eq!(leg.accept_answer(&peer(2, &[HOST, AUDIO])), Err(AnswerError::OutOfOrder));
    assert_eq!(leg.agreed(), Some(&agreed));
}

#[test]
fn i8_d1_neither_we_nor_the_peer_can_be_recognised() {
    let mut leg = session();
    let (answer, agreed) = answered(&mut leg, &peer(1, &[HOST, AUDIO, "a=tool:phone 1.0"]));
    assert!(!answer.contains("192.0.2") && !answer.contains("tool"));
    assert!(answer.contains("\r\ns=-\r\n") && answer.contains("\r\no=- "));
    for printed in [format!("{agreed:?}"), format!("{leg:?}"), format!("{:?}", leg.local())] {
        assert!(!printed.contains("192.0.2") && !printed.contains("203.0.113"), "{printed}");
    }
}
