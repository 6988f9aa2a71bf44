//! Offer and answer for real-time text beside audio: RFC 4103 §10, RFC 3264, robustness 11.

use model::{Chance, Direction, SessionDescription, SrtpPolicy, TextFormat, TextPolicy};
use sdp::{Description, Keys, Local, Session, Text};

fn session(policy: SrtpPolicy, seed: u64) -> Session {
    let address = [203, 0, 113, 5].into();
    let local = Local { address, port: 30000, rtcp_port: 30001, rtcp_mux: true, session_id: seed };
    Session::new(local).with_srtp(policy, Chance::from_number(seed))
}

/// A leg with a place for text.
fn with_text(policy: SrtpPolicy, wish: TextPolicy) -> Session {
    let mut session = session(policy, 1);
    session.add_text(30002, Chance::from_number(9), wish);
    session
}

fn peer(version: u32, streams: &[&str]) -> SessionDescription {
    let head = format!("v=0\r\no=- 5 {version} IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n");
    SessionDescription::new(head + "t=0 0\r\n" + &streams.join("\r\n") + "\r\n")
}

fn text(description: &SessionDescription) -> String {
    String::from_utf8(description.bytes().to_vec()).expect("we write ASCII")
}

/// The answer to `streams`, and the text that it settles.
fn answered(session: &mut Session, version: u32, streams: &[&str]) -> (String, Option<Text>) {
    let (answer, _) = session.accept_offer(&peer(version, streams)).expect("audio can be served");
    (text(&answer), session.text().map(|(text, _)| *text))
}

const AUDIO: &str = "m=audio 4000 RTP/AVP 0";
/// The example of RFC 4103 §10.1.
const EXAMPLE: [&str; 4] = [
    "m=text 11000 RTP/AVP 98 100",
    "a=rtpmap:98 t140/1000",
    "a=rtpmap:100 red/1000",
    "a=fmtp:100 98/98/98",
];
const COUNTER: &str =
    "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

fn beside_audio<'s>(text: &[&'s str]) -> Vec<&'s str> {
    [&[AUDIO], text].concat()
}

#[test]
fn c20_the_text_of_rfc_4103_is_answered_under_its_numbers_with_redundancy() {
    let mut leg = with_text(SrtpPolicy::Off, TextPolicy::Accepted);
    let (answer, text) = answered(&mut leg, 1, &beside_audio(&EXAMPLE));
    assert!(answer.contains("m=audio 30000 RTP/AVP 0\r\n"), "{answer}");
    let ours = "m=text 30002 RTP/AVP 100 98\r\na=rtpmap:98 t140/1000\r\n\
        a=rtpmap:100 red/1000\r\na=fmtp:100 98/98/98\r\na=sendrecv\r\n";
    assert!(answer.ends_with(ours), "{answer}");
    let text = text.expect("it is settled");
    let format = TextFormat { t140: 98, red: Some(100), repeats: 2 };
    assert_eq!((text.sent, text.received, text.cps), (format, format, 30));
    assert_eq!(text.remote, "192.0.2.7:11000".parse().expect("an address"));
    assert!(!format!("{text:?}").contains("192.0.2.7"), "no address is printed");
}

#[test]
fn text_is_refused_where_there_is_no_place_for_it_and_audio_goes_on() {
    let (answer, text) = answered(&mut session(SrtpPolicy::Off, 1), 1, &beside_audio(&EXAMPLE));
    assert!(answer.ends_with("m=text 0 RTP/AVP 98 100\r\n"), "{answer}");
    assert_eq!(text, None);
}

/// What a text line settles, and whether the answer refuses it.
fn check(lines: &[&str], expected: Option<(TextFormat, u16)>) {
    let mut leg = with_text(SrtpPolicy::Off, TextPolicy::Accepted);
    let (answer, text) = answered(&mut leg, 1, &beside_audio(lines));
    assert_eq!(text.map(|text| (text.sent, text.cps)), expected, "{lines:?}");
    assert_eq!(answer.contains("m=text 30002"), expected.is_some(), "{answer}");
}

#[test]
fn each_form_of_a_text_line_is_read_or_refused() {
    let alone = TextFormat { t140: 96, red: None, repeats: 0 };
    let once = TextFormat { t140: 96, red: Some(97), repeats: 1 };
    let twice = TextFormat { repeats: 2, ..once };
    let (t140, red) = ("a=rtpmap:96 t140/1000", "a=rtpmap:97 red/1000");
    check(&["m=text 1 RTP/AVP 96", t140], Some((alone, 30)));
    check(&["m=text 1 RTP/AVPF 96", "a=rtpmap:96 T140/1000"], Some((alone, 30)));
    check(&["m=text 1 RTP/AVP 96", t140, "a=fmtp:96 cps=150"], Some((alone, 150)));
    check(&["m=text 1 RTP/AVP 96", t140, "a=fmtp:96 x=1; CPS = 7"], Some((alone, 7)));
    check(&["m=text 1 RTP/AVP 96", t140, "a=fmtp:96 cps=0"], Some((alone, 30)));
    check(&["m=text 1 RTP/AVP 97 96", t140, red], Some((twice, 30)));
    check(&["m=text 1 RTP/AVP 97 96", t140, red, "a=fmtp:97 96/96"], Some((once, 30)));
    check(&["m=text 1 RTP/AVP 97 96", t140, red, "a=fmtp:97 96/96/96/96/96"], Some((twice, 30)));
    check(&["m=text 1 RTP/AVP 97 96", t140, red, "a=fmtp:97 96"], Some((alone, 30)));
    check(&["m=text 1 RTP/AVP 97 96", t140, red, "a=fmtp:97 0/0/0"], Some((alone, 30)));
    check(&["m=text 0 RTP/AVP 96", t140], None);
    check(&["m=text 1 RTP/AVP 97", red, "a=fmtp:97 96/96"], None);
    check(&["m=text 1 RTP/AVP 96", "a=rtpmap:96 t140/8000"], None);
    check(&["m=text 1 UDP/TLS/RTP/SAVP 96", t140], None);
    check(&["m=text 1 TCP/MSRP *"], None);
    check(&["m=text 1 RTP/AVP 96", "c=IN IP4 text.example.com", t140], None);
    check(&["m=text 1 RTP/AVP 96", "c=IN IP4 224.2.1.1", t140], None);
}

#[test]
fn robustness_11_text_is_encrypted_by_the_audios_policy_and_savp_is_never_answered_by_avp() {
    let lines = |protocol: &'static str, crypto: &'static [&'static str]| {
        let text = [&[protocol, "a=rtpmap:98 t140/1000"], crypto].concat();
        [&["m=audio 4000 RTP/SAVP 0", COUNTER], &text[..]].concat()
    };
    let secure = lines("m=text 11000 RTP/SAVP 98", &[COUNTER]);
    let plain = lines("m=text 11000 RTP/AVP 98", &[]);
    let keyless = lines("m=text 11000 RTP/SAVP 98", &[]);
    for policy in [SrtpPolicy::Optional, SrtpPolicy::Required] {
        let mut leg = with_text(policy, TextPolicy::Accepted);
        let (answer, text) = answered(&mut leg, 1, &secure);
        assert!(answer.contains("m=text 30002 RTP/SAVP 98\r\n"), "{answer}");
        assert!(text.is_some_and(|text| text.srtp.is_some()));
        let of_text = leg.text().and_then(|(_, keys)| keys).cloned().expect("it is encrypted");
        let of_audio: Keys = leg.keys().cloned().expect("so is the audio");
        assert!(of_text.ours != of_audio.ours, "each stream has a key of its own");
        assert_eq!(answered(&mut with_text(policy, TextPolicy::Accepted), 1, &keyless).1, None);
    }
    assert!(
        answered(&mut with_text(SrtpPolicy::Optional, TextPolicy::Accepted), 1, &plain).1.is_some()
    );
    let (answer, text) =
        answered(&mut with_text(SrtpPolicy::Required, TextPolicy::Accepted), 1, &plain);
    assert!(answer.contains("m=text 0 RTP/AVP 98\r\n") && text.is_none(), "{answer}");
    let beside = beside_audio(&secure[2..]);
    let (answer, text) =
        answered(&mut with_text(SrtpPolicy::Off, TextPolicy::Accepted), 1, &beside);
    assert!(answer.contains("m=text 0 RTP/SAVP 98\r\n") && text.is_none(), "{answer}");
}

#[test]
fn our_own_offer_has_text_only_where_it_is_asked_for() {
    assert!(!text(&session(SrtpPolicy::Off, 1).make_offer()).contains("m=text"));
    assert!(
        !text(&with_text(SrtpPolicy::Off, TextPolicy::Accepted).make_offer()).contains("m=text")
    );
    let offer = text(&with_text(SrtpPolicy::Off, TextPolicy::Offered).make_offer());
    assert!(offer.contains("m=text 30002 RTP/AVP 100 98\r\n"), "{offer}");
    let offer = text(&with_text(SrtpPolicy::Required, TextPolicy::Offered).make_offer());
    assert!(offer.contains("m=text 30002 RTP/SAVP 100 98\r\n"), "{offer}");
    assert_eq!(offer.matches("a=crypto:").count(), 4, "{offer}");
}

#[test]
fn two_of_us_agree_on_text_with_keys_that_fit() {
    for policy in [SrtpPolicy::Off, SrtpPolicy::Optional, SrtpPolicy::Required] {
        let mut one = with_text(policy, TextPolicy::Offered);
        let mut other = session(policy, 2);
        other.add_text(40002, Chance::from_number(3), TextPolicy::Accepted);
        let offer = one.make_offer();
        let (answer, _) = other.accept_offer(&offer).expect("audio");
        one.accept_answer(&answer).expect("audio");
        let (ours, our_keys) = one.text().expect("settled");
        let (theirs, their_keys) = other.text().expect("settled");
        assert_eq!((ours.sent, ours.received), (theirs.received, theirs.sent));
        assert_eq!((ours.remote.port(), theirs.remote.port()), (40002, 30002));
        let fits = our_keys.zip(their_keys).is_none_or(|(a, b)| a.ours == b.theirs);
        assert!(fits && our_keys.is_some() == (policy != SrtpPolicy::Off));
    }
}

#[test]
fn a_phone_without_text_refuses_it_and_is_offered_it_again_at_the_same_place() {
    let mut leg = with_text(SrtpPolicy::Off, TextPolicy::Offered);
    leg.make_offer();
    for answer in [&[AUDIO, "m=text 0 RTP/AVP 100 98"][..], &[AUDIO]] {
        leg.accept_answer(&peer(1, answer)).expect("audio is enough");
        assert!(leg.text().is_none() && leg.agreed().is_some());
    }
    let offer = Description::parse(leg.make_offer().bytes()).expect("we write SDP");
    assert_eq!(
        offer.media.iter().map(|media| media.kind.as_str()).collect::<Vec<_>>(),
        ["audio", "text"]
    );
}

#[test]
fn text_that_comes_later_is_taken_and_text_that_goes_is_given_up() {
    let mut leg = with_text(SrtpPolicy::Off, TextPolicy::Accepted);
    assert_eq!(answered(&mut leg, 1, &[AUDIO]).1, None);
    assert!(answered(&mut leg, 2, &beside_audio(&EXAMPLE)).1.is_some());
    let held = [&EXAMPLE[..], &["a=sendonly"]].concat();
    let direction = answered(&mut leg, 3, &beside_audio(&held)).1.map(|text| text.direction);
    assert_eq!(direction, Some(Direction::ReceiveOnly));
    let (answer, text) = answered(&mut leg, 4, &[AUDIO, "m=text 0 RTP/AVP 98 100"]);
    assert!(answer.contains("m=text 0 ") && text.is_none());
    let offer = Description::parse(leg.make_offer().bytes()).expect("we write SDP");
    assert_eq!((offer.media.len(), offer.media[1].port), (2, 0), "no line ever goes away");
}

#[test]
fn text_elsewhere_among_the_streams_is_found_and_the_others_are_refused() {
    let streams = ["m=video 5000 RTP/AVP 31", EXAMPLE[0], EXAMPLE[1], AUDIO, "m=text 9 RTP/AVP 98"];
    let (answer, text) =
        answered(&mut with_text(SrtpPolicy::Off, TextPolicy::Accepted), 1, &streams);
    let ports: Vec<u16> = Description::parse(answer.as_bytes())
        .expect("we write SDP")
        .media
        .iter()
        .map(|media| media.port)
        .collect();
    assert_eq!(ports, [0, 30002, 30000, 0]);
    assert!(text.is_some());
}

#[test]
fn a_driver_knows_by_the_offer_whether_text_needs_a_place() {
    let has_text = |streams: &[&str]| {
        Description::parse(peer(1, streams).bytes()).expect("it is SDP").has_text()
    };
    assert!(has_text(&beside_audio(&EXAMPLE)));
    assert!(!has_text(&[AUDIO]) && !has_text(&[AUDIO, "m=text 0 RTP/AVP 98"]));
    assert!(!has_text(&[AUDIO, "m=text 9 RTP/AVP 98"]), "nothing says that 98 is text");
}

#[test]
fn text_is_offered_later_and_withdrawn_at_the_same_place() {
    let mut leg = with_text(SrtpPolicy::Off, TextPolicy::Accepted);
    leg.make_offer();
    leg.accept_answer(&peer(1, &[AUDIO])).expect("audio is enough");
    let ports = |leg: &mut Session, wish| {
        leg.wish_text(wish);
        let offer = Description::parse(leg.make_offer().bytes()).expect("we write SDP");
        offer.media.iter().map(|media| media.port).collect::<Vec<_>>()
    };
    assert_eq!(ports(&mut leg, TextPolicy::Accepted), [30000], "as it is: without");
    leg.abandon_offer();
    for version in [2, 4] {
        assert_eq!(ports(&mut leg, TextPolicy::Offered), [30000, 30002]);
        leg.accept_answer(&peer(version, &beside_audio(&EXAMPLE))).expect("both");
        assert!(leg.text().is_some());
        assert_eq!(ports(&mut leg, TextPolicy::Accepted), [30000, 30002], "as it is: with");
        leg.abandon_offer();
        assert_eq!(ports(&mut leg, TextPolicy::Off), [30000, 0]);
        assert!(leg.text().is_some(), "until that is answered it goes on");
        let refused = [AUDIO, "m=text 0 RTP/AVP 98"];
        leg.accept_answer(&peer(version + 1, &refused)).expect("audio");
        assert!(leg.text().is_none() && leg.agreed().is_some());
    }
}

#[test]
fn a_refused_offer_of_text_leaves_the_audio_and_the_next_offer_as_they_were() {
    let mut leg = with_text(SrtpPolicy::Optional, TextPolicy::Accepted);
    leg.make_offer();
    leg.accept_answer(&peer(1, &[AUDIO])).expect("audio is enough");
    let settled = (leg.agreed().copied(), leg.refresh().map(|ours| text(&ours)));
    leg.wish_text(TextPolicy::Offered);
    assert!(text(&leg.make_offer()).contains("m=text 30002"));
    leg.abandon_offer();
    assert_eq!((leg.agreed().copied(), leg.refresh().map(|ours| text(&ours))), settled);
    leg.wish_text(TextPolicy::Accepted);
    assert!(!text(&leg.make_offer()).contains("m=text"));
}

#[test]
fn c20_text_alone_is_served_where_it_may_be_and_every_other_stream_refused() {
    let video = "m=video 5000 RTP/AVP 31";
    let streams = [video, EXAMPLE[0], EXAMPLE[1], EXAMPLE[2], EXAMPLE[3], "m=audio 0 RTP/AVP 0"];
    let leg = || with_text(SrtpPolicy::Off, TextPolicy::Accepted);
    assert!(leg().accept_offer(&peer(1, &streams)).is_err(), "not everybody may only write");
    let mut leg = leg().with_text_alone();
    let (answer, agreed) = leg.accept_offer(&peer(1, &streams)).expect("there is text");
    let ports = |description: &SessionDescription| {
        let ours = Description::parse(description.bytes()).expect("we write SDP");
        ours.media.iter().map(|media| media.port).collect::<Vec<_>>()
    };
    assert_eq!(ports(&answer), [0, 30002, 0]);
    assert!(!agreed.has_sound() && agreed.direction == Direction::Inactive && agreed.is_muxed());
    assert!(leg.text().is_some() && leg.keys().is_none());
    // Repeated, it is the same; our own offer repeats it, and its answer settles it again.
    let (again, _) = leg.accept_offer(&peer(1, &streams)).expect("the same");
    assert_eq!(text(&again), text(&answer));
    assert_eq!(ports(&leg.make_offer()), [0, 30002, 0]);
    let agreed = leg.accept_answer(&peer(2, &streams)).expect("text alone");
    assert!(!agreed.has_sound() && leg.text().is_some());
    leg.make_offer();
    let refused = [video, "m=text 0 RTP/AVP 98", "m=audio 0 RTP/AVP 0"];
    assert!(leg.accept_answer(&peer(3, &refused)).is_err(), "nothing would be left");
    assert!(leg.text().is_some());
    // Sound may come, and go.
    let (answer, agreed) = leg.accept_offer(&peer(4, &beside_audio(&EXAMPLE))).expect("both");
    assert!(agreed.has_sound() && ports(&answer) == [30000, 30002]);
    let (_, agreed) = leg.accept_offer(&peer(5, &streams)).expect("text alone");
    assert!(!agreed.has_sound());
}

#[test]
fn text_alone_is_never_an_excuse_for_audio_that_cannot_be_served() {
    let offers: [&[&str]; 4] = [
        &["m=audio 4000 RTP/AVP 31"],
        &["m=audio 4000 RTP/SAVP 0"],
        &["m=audio 4000 TCP/MSRP *"],
        &[],
    ];
    for audio in offers {
        let leg = with_text(SrtpPolicy::Off, TextPolicy::Accepted).with_text_alone();
        let mut leg =
            if audio.is_empty() { session(SrtpPolicy::Off, 1).with_text_alone() } else { leg };
        let streams = [audio, &EXAMPLE].concat();
        assert!(leg.accept_offer(&peer(1, &streams)).is_err(), "{audio:?}");
        assert!(leg.text().is_none() && leg.agreed().is_none());
    }
    let mut secure = with_text(SrtpPolicy::Required, TextPolicy::Accepted).with_text_alone();
    assert!(secure.accept_offer(&peer(1, &EXAMPLE)).is_err(), "in plain");
    let keyed = ["m=text 11000 RTP/SAVP 98", "a=rtpmap:98 t140/1000", COUNTER];
    secure.accept_offer(&peer(1, &keyed)).expect("encrypted");
    assert!(secure.text().is_some_and(|(text, keys)| text.srtp.is_some() && keys.is_some()));
}
