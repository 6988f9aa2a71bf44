//! Offers and answers of several codecs: RFC 3264, RFC 4733 §2.1, RFC 7587 §7.

use std::net::Ipv4Addr;

use model::{Codec, Codecs, SampleRate, SessionDescription, Silence};
use sdp::{Format, Local, Session};

fn session(codecs: &[Codec]) -> Session {
    let local = Local {
        address: Ipv4Addr::new(203, 0, 113, 5).into(),
        port: 30_000,
        rtcp_port: 30_001,
        rtcp_mux: true,
        session_id: 77,
    };
    Session::new(local).with_codecs(Codecs::new(codecs.iter().copied()))
}

fn peer(version: u32, audio: &str) -> SessionDescription {
    let head = "s=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n";
    SessionDescription::new(format!("v=0\r\no=- 5 {version} IN IP4 192.0.2.7\r\n{head}{audio}\r\n"))
}

fn text(description: &SessionDescription) -> String {
    String::from_utf8(description.bytes().to_vec()).expect("we write ASCII")
}

const OPUS: &str = "m=audio 4000 RTP/AVP 96 9 0 97 98\r\na=rtpmap:96 opus/48000/2\r\n\
    a=fmtp:96 maxplaybackrate=16000;useinbandfec=1; maxaveragebitrate=20000;cbr=1;stereo=1\r\n\
    a=rtpmap:97 telephone-event/8000\r\na=rtpmap:98 telephone-event/48000";

#[test]
fn our_offer_names_codecs_in_order_and_events_at_each_clock() {
    let mut ours = session(&[Codec::G722, Codec::Opus, Codec::Pcmu]);
    let offer = text(&ours.make_offer());
    let expected = "m=audio 30000 RTP/AVP 9 107 0 101 102\r\na=rtpmap:9 G722/8000\r\n\
        a=rtpmap:107 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
        a=rtpmap:102 telephone-event/48000\r\na=fmtp:107 minptime=10;useinbandfec=1\r\n\
        a=fmtp:101 0-15\r\na=fmtp:102 0-15\r\n";
    assert!(offer.contains(expected), "{offer}");
}

#[test]
fn an_offer_is_answered_in_its_own_order_with_the_wishes_of_its_writer() {
    let (answer, agreed) =
        session(&Codec::ALL).accept_offer(&peer(1, OPUS)).expect("an offer we can serve");
    assert_eq!((agreed.format.codec, agreed.format.payload_type), (Codec::Opus, 96));
    let opus = agreed.format.opus;
    assert_eq!((opus.most_rate, opus.most_bitrate), (SampleRate::Wide, 20_000));
    assert!(opus.in_band_fec && opus.is_constant);
    assert_eq!(agreed.telephone_event, Some(98), "at the clock of Opus");
    assert!(text(&answer).contains("m=audio 30000 RTP/AVP 96 98\r\na=rtpmap:96 opus/48000/2\r\n"));
    let (_, agreed) = session(&[Codec::Pcmu, Codec::G722])
        .accept_offer(&peer(1, OPUS))
        .expect("an offer we can serve");
    assert_eq!((agreed.format, agreed.telephone_event), (Format::new(9, Codec::G722), Some(97)));
}

#[test]
fn whatever_the_answer_accepts_may_come_in_under_our_numbers() {
    let mut ours = session(&[Codec::Opus, Codec::G722, Codec::Pcmu]);
    ours.make_offer();
    let answer = "m=audio 4000 RTP/AVP 9 111 101\r\na=rtpmap:111 opus/48000/2\r\n\
        a=rtpmap:101 telephone-event/8000";
    let agreed = ours.accept_answer(&peer(1, answer)).expect("it serves");
    assert_eq!(agreed.format, Format::new(9, Codec::G722));
    let incoming: Vec<_> = ours.incoming().iter().map(|f| (f.payload_type, f.codec)).collect();
    assert_eq!(incoming, [(107, Codec::Opus), (9, Codec::G722)]);
}

#[test]
fn a_number_keeps_its_meaning_in_our_later_offers() {
    let mut ours = session(&[Codec::G722, Codec::Opus]);
    ours.accept_offer(&peer(1, OPUS)).expect("an offer we can serve");
    let offer = text(&ours.make_offer());
    assert!(offer.contains("a=rtpmap:96 opus/48000/2") && offer.contains("a=rtpmap:98 tele"));
    assert!(!offer.contains("107"), "{offer}");
}

#[test]
fn stereo_samples_and_unknown_rates_are_other_codecs() {
    let odd = "m=audio 4000 RTP/AVP 96 97 98\r\na=rtpmap:96 L16/16000/2\r\n\
        a=rtpmap:97 opus/16000/2\r\na=rtpmap:98 L16/16000";
    let (_, agreed) = session(&Codec::ALL).accept_offer(&peer(1, odd)).expect("one we can serve");
    assert_eq!(agreed.format, Format::new(98, Codec::L16(SampleRate::Wide)));
}

#[test]
fn comfort_noise_is_taken_by_its_static_number_or_its_name_and_never_with_opus() {
    let take = |codecs: &[Codec], offer: &str| {
        let mut ours = session(codecs).with_silence(Silence::Described);
        let (answer, agreed) = ours.accept_offer(&peer(1, offer)).expect("one we can serve");
        let is_said = text(&answer).contains("CN/");
        assert_eq!(agreed.comfort_noise.is_some(), is_said);
        agreed.comfort_noise
    };
    assert_eq!(take(&[Codec::Pcmu], "m=audio 4000 RTP/AVP 0 13"), Some(13));
    assert_eq!(take(&[Codec::Pcmu], "m=audio 4000 RTP/AVP 0"), None);
    let named = "m=audio 4000 RTP/AVP 98 13 97\r\na=rtpmap:98 L16/16000\r\na=rtpmap:97 CN/16000";
    assert_eq!(take(&[Codec::L16(SampleRate::Wide)], named), Some(97));
    let opus = "m=audio 4000 RTP/AVP 96 13\r\na=rtpmap:96 opus/48000/2";
    assert_eq!(take(&[Codec::Opus], opus), None);
    let mut ours = session(&[Codec::Pcmu]);
    let (answer, agreed) = ours
        .accept_offer(&peer(1, "m=audio 4000 RTP/AVP 0 13\r\na=rtpmap:13 CN/8000"))
        .expect("one we can serve");
    assert!(agreed.comfort_noise.is_none() && !text(&answer).contains("CN/"), "not unless asked");
}
