//! Offer and answer for encrypted audio: RFC 4568, RFC 8643, robustness 11.

use model::{Chance, CryptoSuite, MasterKey, SessionDescription, SrtpPolicy};
use sdp::{Agreed, AnswerError, Crypto, Description, Keys, Local, Session};

fn session(policy: SrtpPolicy, seed: u64) -> Session {
    let address = [203, 0, 113, 5].into();
    let local = Local { address, port: 30000, rtcp_port: 30001, rtcp_mux: true, session_id: seed };
    Session::new(local).with_srtp(policy, Chance::from_number(seed))
}

fn peer(version: u32, streams: &[&str]) -> SessionDescription {
    let head = format!("v=0\r\no=- 5 {version} IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n");
    SessionDescription::new(head + "t=0 0\r\n" + &streams.join("\r\n") + "\r\n")
}

fn text(description: &SessionDescription) -> String {
    String::from_utf8(description.bytes().to_vec()).expect("we write ASCII")
}

fn lines_of(description: &SessionDescription, stream: usize) -> Vec<Crypto> {
    let description = Description::parse(description.bytes()).expect("we write SDP");
    description.media[stream].crypto.clone()
}

fn keys(session: &Session) -> Keys {
    session.keys().expect("the leg is encrypted").clone()
}

fn refused(policy: SrtpPolicy, streams: &[&str]) -> Option<AnswerError> {
    session(policy, 1).accept_offer(&peer(1, streams)).err()
}

const PLAIN: &str = "m=audio 4000 RTP/AVP 0";
const SECURE: &str = "m=audio 4002 RTP/SAVP 0";
const GCM: &str =
    "a=crypto:7 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==|2^31";
const COUNTER: &str =
    "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
const SHORT: &str =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";
const WITH_MKI: &str =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:4";
const UNKNOWN: &str = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0m";
const POLICIES: [SrtpPolicy; 3] = [SrtpPolicy::Off, SrtpPolicy::Optional, SrtpPolicy::Required];

#[test]
fn robustness_11_an_encrypted_offer_is_answered_encrypted_with_the_tag_it_had() {
    for policy in [SrtpPolicy::Optional, SrtpPolicy::Required] {
        let mut leg = session(policy, 1);
        let offer = peer(1, &[SECURE, UNKNOWN, SHORT, COUNTER, GCM]);
        let (answer, agreed) = leg.accept_offer(&offer).expect("an offer we can serve");
        assert!(text(&answer).contains("m=audio 30000 RTP/SAVP 0\r\n"));
        let lines = lines_of(&answer, 0);
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].tag, agreed.srtp), (3, Some(CryptoSuite::AesCm128HmacSha1_80)));
        let keys = keys(&leg);
        assert!(lines[0].key == keys.ours && keys.ours != keys.theirs);
    }
}

#[test]
fn a_short_tag_is_taken_only_where_nothing_else_is_offered() {
    let mut leg = session(SrtpPolicy::Optional, 1);
    let (_, agreed) = leg.accept_offer(&peer(1, &[SECURE, SHORT])).expect("better than nothing");
    assert_eq!(agreed.srtp, Some(CryptoSuite::AesCm128HmacSha1_32));
}

#[test]
fn where_both_are_offered_the_encrypted_stream_is_taken() {
    let offer = peer(1, &[PLAIN, SECURE, COUNTER]);
    let answer = |policy| session(policy, 1).accept_offer(&offer).expect("one of both");
    for policy in [SrtpPolicy::Optional, SrtpPolicy::Required] {
        let (answer, agreed) = answer(policy);
        assert!(text(&answer).contains("m=audio 0 RTP/AVP 0\r\nm=audio 30000 RTP/SAVP 0\r\n"));
        assert!(agreed.srtp.is_some() && agreed.remote.port() == 4002);
    }
    let (answer, agreed) = answer(SrtpPolicy::Off);
    assert!(text(&answer).contains("m=audio 30000 RTP/AVP 0\r\n"));
    assert!(
        text(&answer).contains("m=audio 0 RTP/SAVP 0\r\n") && !text(&answer).contains("crypto")
    );
    assert_eq!((agreed.srtp, agreed.remote.port()), (None, 4000));
}

/// RFC 8643: keys in an offer of RTP/AVP.
#[test]
fn keys_beside_a_plain_profile_are_taken_up_unless_encryption_is_off() {
    for policy in POLICIES {
        let mut leg = session(policy, 1);
        let (answer, agreed) = leg.accept_offer(&peer(1, &[PLAIN, GCM])).expect("all can serve it");
        assert!(text(&answer).contains("m=audio 30000 RTP/AVP 0\r\n"));
        assert_eq!(agreed.srtp.is_some(), policy != SrtpPolicy::Off);
        assert_eq!(text(&answer).contains("a=crypto:7 AEAD_AES_128_GCM"), agreed.srtp.is_some());
    }
}

#[test]
fn robustness_11_what_must_not_be_is_refused() {
    assert_eq!(refused(SrtpPolicy::Required, &[PLAIN]), Some(AnswerError::PlainOnly));
    assert_eq!(refused(SrtpPolicy::Required, &[PLAIN, UNKNOWN]), Some(AnswerError::PlainOnly));
    assert_eq!(refused(SrtpPolicy::Off, &[SECURE, COUNTER]), Some(AnswerError::SecureOnly));
    for policy in [SrtpPolicy::Optional, SrtpPolicy::Required] {
        for line in ["a=x", UNKNOWN, WITH_MKI] {
            assert_eq!(refused(policy, &[SECURE, line]), Some(AnswerError::NoCommonCrypto));
        }
        let dtls = "m=audio 4000 UDP/TLS/RTP/SAVPF 0";
        assert_eq!(refused(policy, &[dtls, COUNTER]), Some(AnswerError::NoCommonCrypto));
    }
    assert_eq!(refused(SrtpPolicy::Optional, &[SECURE, UNKNOWN, "a=sendrecv", PLAIN]), None);
}

/// Both ends of an exchange, as they settled it.
fn exchanged(
    offerer: &mut Session,
    answerer: &mut Session,
) -> Result<(Agreed, Agreed), AnswerError> {
    let offer = offerer.make_offer();
    let (answer, there) = answerer.accept_offer(&offer)?;
    Ok((offerer.accept_answer(&answer)?, there))
}

#[test]
fn two_of_us_agree_as_far_as_both_are_allowed_to() {
    for ours in POLICIES {
        for theirs in POLICIES {
            let (mut here, mut there) = (session(ours, 1), session(theirs, 2));
            let exchanged = exchanged(&mut here, &mut there);
            let clash =
                [(ours, theirs), (theirs, ours)].contains(&(SrtpPolicy::Off, SrtpPolicy::Required));
            assert_eq!(exchanged.is_err(), clash, "{ours:?} to {theirs:?}");
            if ours == SrtpPolicy::Off || theirs == SrtpPolicy::Off {
                assert!(here.keys().is_none() && there.keys().is_none());
            } else {
                let (here, there) = (keys(&here), keys(&there));
                assert!(here.ours == there.theirs && here.theirs == there.ours);
                assert_eq!(here.ours.suite(), CryptoSuite::AeadAes128Gcm);
            }
        }
    }
}

#[test]
fn an_answer_without_a_key_of_ours_is_refused_but_a_plain_one_where_it_is_optional() {
    let answered = |policy, streams: &[&str]| {
        let mut leg = session(policy, 1);
        leg.make_offer();
        leg.accept_answer(&peer(1, streams))
    };
    let plain = answered(SrtpPolicy::Optional, &[PLAIN]).expect("it could not encrypt");
    assert_eq!(plain.srtp, None);
    assert_eq!(answered(SrtpPolicy::Required, &[PLAIN]), Err(AnswerError::PlainOnly));
    assert_eq!(answered(SrtpPolicy::Required, &[SECURE]), Err(AnswerError::NoCommonCrypto));
    for (policy, stream) in [(SrtpPolicy::Optional, PLAIN), (SrtpPolicy::Required, SECURE)] {
        // A tag that was not offered, and a suite that is another under this tag.
        assert_eq!(answered(policy, &[stream, GCM]), Err(AnswerError::NoCommonCrypto));
        assert_eq!(answered(policy, &[stream, SHORT]), Err(AnswerError::NoCommonCrypto));
    }
    let line = COUNTER.replace(":3 ", ":2 ");
    let agreed = answered(SrtpPolicy::Required, &[SECURE, &line]).expect("our second line");
    assert_eq!(agreed.srtp, Some(CryptoSuite::AesCm128HmacSha1_80));
}

#[test]
fn a_re_offer_with_the_same_key_keeps_ours_and_one_with_another_renews_it() {
    let mut leg = session(SrtpPolicy::Optional, 1);
    leg.accept_offer(&peer(1, &[SECURE, COUNTER])).expect("an offer we can serve");
    let first = keys(&leg);
    leg.accept_offer(&peer(2, &[SECURE, COUNTER, "a=sendonly"])).expect("hold");
    assert!(keys(&leg) == first, "hold keeps the keys");
    let other = COUNTER.replace("PS1u", "QUJD");
    leg.accept_offer(&peer(3, &[SECURE, &other])).expect("a transfer on the peer's side");
    let second = keys(&leg);
    assert!(second.theirs != first.theirs && second.ours != first.ours);
    leg.accept_offer(&peer(4, &[PLAIN])).expect("plain is allowed");
    assert!(leg.keys().is_none());
    leg.accept_offer(&peer(5, &[SECURE, COUNTER])).expect("encrypted again");
    let third = keys(&leg);
    assert!(third.ours != first.ours && third.ours != second.ours, "no key is taken up again");
}

#[test]
fn our_own_re_offer_names_the_key_in_use() {
    let (mut here, mut there) =
        (session(SrtpPolicy::Required, 1), session(SrtpPolicy::Required, 2));
    exchanged(&mut here, &mut there).expect("both can");
    let first = keys(&here);
    let refresh = here.refresh().expect("settled");
    exchanged(&mut here, &mut there).expect("both still can");
    assert!(keys(&here) == first && here.refresh() == Some(refresh));
    exchanged(&mut there, &mut here).expect("the other way round");
    assert!(keys(&here) == first);
    assert_eq!(lines_of(&here.refresh().expect("settled"), 0).len(), 1, "an answer has one line");
}

#[test]
fn keys_that_were_spent_are_named_until_an_offer_with_others_is_answered() {
    let (mut here, mut there) =
        (session(SrtpPolicy::Required, 1), session(SrtpPolicy::Required, 2));
    exchanged(&mut here, &mut there).expect("both can");
    let first = keys(&here);
    let offer = text(&here.make_offer());
    here.spend_keys();
    assert!(text(&here.make_offer()) == offer, "one that is open stays");
    here.abandon_offer();
    let lines = lines_of(&here.make_offer(), 0);
    assert!(lines.iter().all(|line| line.key != first.ours), "the next one has others");
    here.abandon_offer();
    // It was refused. What is settled goes on, and is refreshed (RFC 4028 §7.4).
    let refresh = here.refresh().expect("settled");
    let (answer, _) = there.accept_offer(&refresh).expect("the same again");
    here.accept_refreshed(&answer).expect("with the keys in use");
    assert!(keys(&here) == first);
    exchanged(&mut here, &mut there).expect("and the next offer is taken");
    let second = keys(&here);
    assert!(second.ours != first.ours && keys(&there).theirs == second.ours);
    exchanged(&mut here, &mut there).expect("once");
    assert!(keys(&here) == second, "they were spent once");
}

#[test]
fn a_suite_that_is_left_and_taken_up_again_has_another_key_of_ours() {
    for between in [&[SECURE, COUNTER][..], &[PLAIN]] {
        let mut leg = session(SrtpPolicy::Optional, 1);
        leg.accept_offer(&peer(1, &[SECURE, GCM])).expect("encrypted");
        let first = keys(&leg).ours;
        leg.accept_offer(&peer(2, between)).expect("in another way");
        assert!(leg.keys().is_none_or(|keys| keys.ours != first));
        leg.accept_offer(&peer(3, &[SECURE, GCM])).expect("encrypted again");
        let again = keys(&leg).ours;
        assert!(again.suite() == first.suite() && again != first, "{between:?}");
        leg.accept_offer(&peer(4, &[SECURE, GCM])).expect("the same");
        assert!(keys(&leg).ours == again, "which is kept while it is used");
    }
}

/// A peer that repeats its answer as an offer (a session refresh) gets an answer, with one line.
#[test]
fn a_repeated_answer_is_answered_like_any_offer() {
    let mut leg = session(SrtpPolicy::Required, 1);
    leg.make_offer();
    let line = COUNTER.replace(":3 ", ":2 ");
    leg.accept_answer(&peer(1, &[SECURE, &line])).expect("our second line");
    let before = keys(&leg);
    let (answer, _) = leg.accept_offer(&peer(1, &[SECURE, &line])).expect("the same again");
    let lines = lines_of(&answer, 0);
    assert!(lines.len() == 1 && lines[0].tag == 2 && keys(&leg) == before);
}

#[test]
fn robustness_42_no_key_prints() {
    let mut leg = session(SrtpPolicy::Required, 1);
    let (answer, agreed) = leg.accept_offer(&peer(1, &[SECURE, GCM])).expect("an offer");
    let ours = keys(&leg).ours;
    let printed = format!("{leg:?} {agreed:?} {answer:?} {:?}", leg.keys());
    let line = lines_of(&answer, 0);
    let key = MasterKey::new(line[0].key.suite(), line[0].key.bytes()).expect("as long as ours");
    assert!(key == ours && !printed.contains("inline"), "{printed}");
    for digits in [format!("{:?}", &ours.bytes()[..3]), "AAECAwQF".to_owned()] {
        assert!(!printed.contains(digits.trim_matches(['[', ']'])), "{printed}");
    }
}
