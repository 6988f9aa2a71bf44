//! Nothing a peer sends panics, and every answer is a description again.

use model::{Chance, SessionDescription, SrtpPolicy};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sdp::{Description, Local, Session};

const SEED: &str = "v=0\r\no=alice 2890844526 2890844526 IN IP4 198.51.100.1\r\ns=call\r\n\
c=IN IP4 198.51.100.1\r\nt=0 0\r\na=sendrecv\r\nm=audio 49172 RTP/AVP 97 8 0 101\r\n\
a=rtpmap:97 iLBC/8000\r\na=rtpmap:8 PCMA/8000/1\r\na=rtpmap:101 telephone-event/8000\r\n\
a=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:150\r\n\
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20\r\na=rtcp:49173 IN IP4 198.51.100.1\r\n\
m=video 51372 RTP/AVP 31\r\nc=IN IP6 2001:db8::2\r\na=rtpmap:31 H261/90000\r\na=inactive\r\n";

fn session() -> Session {
    let address = [203, 0, 113, 5].into();
    let local = Local { address, port: 30000, rtcp_port: 30001, rtcp_mux: true, session_id: 1 };
    Session::new(local).with_srtp(SrtpPolicy::Optional, Chance::from_number(1))
}

/// One change to the bytes: a byte replaced, a stretch cut out, or a stretch repeated.
fn mutate(body: &mut Vec<u8>, kind: u8, at: Index, length: usize, byte: u8) {
    if body.is_empty() {
        return;
    }
    let at = at.index(body.len());
    let end = (at + length).min(body.len());
    match kind {
        0 => body[at] = byte,
        1 => drop(body.drain(at..end)),
        _ => {
            let stretch = body[at..end].to_vec();
            body.splice(at..at, stretch);
        }
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), select(b"\r\n=: /.09-a".to_vec())];
    let change = (0_u8..3, any::<Index>(), 0_usize..40, byte);
    proptest::collection::vec(change, 0..12).prop_map(|changes| {
        let mut body = SEED.as_bytes().to_vec();
        for (kind, at, length, byte) in changes {
            mutate(&mut body, kind, at, length, byte);
        }
        body
    })
}

/// A valid offer: several m= lines of kinds and protocols that phones send.
fn offer() -> impl Strategy<Value = String> {
    let protocols = vec!["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "udptl", "UDP/TLS/RTP/SAVPF"];
    let formats = proptest::collection::vec(0_u8..128, 1..8);
    let attribute = select(vec![
        "",
        "a=sendonly\r\n",
        "a=inactive\r\n",
        "a=rtcp-mux\r\n",
        "a=ptime:40\r\n",
        "c=IN IP4 0.0.0.0\r\n",
        "a=rtpmap:96 telephone-event/8000\r\n",
        "a=rtcp:9\r\n",
        "a=rtpmap:100 PCMA/8000\r\na=fmtp:100 x=y z\r\n",
        "a=rtpmap:0 opus/48000/2\r\n",
        "a=crypto:1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==\r\n",
    ]);
    let media = (
        select(vec!["audio", "video", "image"]),
        any::<u16>(),
        select(protocols),
        formats,
        proptest::collection::vec(attribute, 0..4),
    );
    proptest::collection::vec(media, 0..6).prop_map(|all| {
        let mut text =
            "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
                .to_owned();
        for (kind, port, protocol, formats, attributes) in all {
            let formats: Vec<String> = formats.iter().map(u8::to_string).collect();
            text += &format!("m={kind} {port} {protocol} {}\r\n", formats.join(" "));
            text += &attributes.concat();
        }
        text
    })
}

fn media_count(body: &[u8]) -> Option<usize> {
    Description::parse(body).ok().map(|description| description.media.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn mutated_bytes_never_panic_and_what_is_read_is_written_the_same(body in mutated()) {
        if let Ok(description) = Description::parse(&body) {
            prop_assert!(Description::parse(&description.to_bytes()) == Ok(description));
        }
        let body = SessionDescription::new(body);
        let mut leg = session();
        let _ = leg.accept_offer(&body);
        leg.make_offer();
        let _ = leg.accept_answer(&body);
    }

    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Description::parse(&body);
    }

    #[test]
    fn an_answer_is_readable_and_has_as_many_streams_as_the_offer(offer in offer()) {
        let mut leg = session();
        let parsed = media_count(offer.as_bytes());
        prop_assert!(parsed.is_some(), "the offer is valid");
        if let Ok((answer, _)) = leg.accept_offer(&SessionDescription::new(offer)) {
            prop_assert_eq!(media_count(answer.bytes()), parsed);
            let ours = leg.make_offer();
            prop_assert_eq!(media_count(ours.bytes()), parsed);
            // Two of us understand each other.
            let mut other = session();
            let (back, there) = other.accept_offer(&ours).expect("our own offer");
            let here = leg.accept_answer(&back).expect("our own answer");
            prop_assert_eq!((here.format, here.telephone_event), (there.format, there.telephone_event));
            prop_assert_eq!(here.srtp, there.srtp);
        }
    }
}
