//! Packets of the RFCs, of another implementation, and of strangers.

use model::{Chance, CryptoSuite, MasterKey};
use proptest::prelude::*;

use super::derivation::Kind;
use super::transform::{Parts, Transform};
use super::*;
use crate::Header;

/// Bytes of hexadecimal digits, blanks aside.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
    digits.chunks(2).map(|pair| byte(pair).expect("two digits")).collect()
}

const SUITES: [CryptoSuite; 4] = [
    CryptoSuite::AesCm128HmacSha1_80,
    CryptoSuite::AesCm128HmacSha1_32,
    CryptoSuite::AeadAes128Gcm,
    CryptoSuite::AeadAes256Gcm,
];

fn key(suite: CryptoSuite) -> MasterKey {
    MasterKey::random(suite, &mut Chance::from_number(7))
}

fn pair(suite: CryptoSuite) -> (Protector, Unprotector) {
    (Protector::new(&key(suite)), Unprotector::new(&key(suite)))
}

fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let header = Header { marker: false, payload_type: 0, sequence, timestamp: 9, ssrc };
    [&header.to_bytes()[..], &[0x55; 160]].concat()
}

fn rtcp(ssrc: u32) -> Vec<u8> {
    [&[0x80, 201, 0, 1][..], &ssrc.to_be_bytes(), &[0x81, 202, 0, 2], &[7; 8]].concat()
}

fn protected(protector: &mut Protector, packet: &[u8]) -> Vec<u8> {
    let mut buffer = [packet, &[0; OVERHEAD]].concat();
    let length = protector.rtp(&mut buffer, packet.len()).expect("there is room");
    buffer.truncate(length);
    buffer
}

fn protected_rtcp(protector: &mut Protector, packet: &[u8]) -> Vec<u8> {
    let mut buffer = [packet, &[0; OVERHEAD]].concat();
    let length = protector.rtcp(&mut buffer, packet.len()).expect("there is room");
    buffer.truncate(length);
    buffer
}

/// One packet of RFC 7714 §16 and §17, whose session keys stand there instead of master keys.
fn vector(kind: Kind, key: &str, index: u64, clear: &str, body: &str, sealed: &str) {
    let keys = super::derivation::SessionKeys::given(&hex(key), b"Quid pro quo");
    let transform = match hex(key).len() {
        16 => Transform::Gcm128(super::gcm::Gcm::new(&keys)),
        _ => Transform::Gcm256(super::gcm::Gcm::new(&keys)),
    };
    let (clear, mut body) = (hex(clear), hex(body));
    let ssrc = ssrc(&clear, clear.len() - 4).expect("it ends with the SSRC");
    let word = (ENCRYPTED | index as u32).to_be_bytes();
    let mut parts = Parts { kind, ssrc, index, clear: &clear, body: &mut body, word };
    let tag = transform.seal(&mut parts).expect("short enough");
    assert_eq!([&body[..], &tag].concat(), hex(sealed));
}

const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[test]
fn rtp_is_sealed_as_in_rfc_7714_section_16() {
    let (header, body) = (
        "8040f17b 8041f8d3 5501a0b2",
        "47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573",
    );
    let sealed = "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b \
                  36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce";
    vector(Kind::Rtp, KEY_128, 0xf17b, header, body, sealed);
    let sealed = "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f \
                  1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13";
    vector(Kind::Rtp, KEY_256, 0xf17b, header, body, sealed);
}

#[test]
fn rtcp_is_sealed_as_in_rfc_7714_section_17() {
    let (header, body) = (
        "81c8000d 4d617273",
        "4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef \
         deadbeef deadbeef",
    );
    let sealed = "63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda \
                  4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade";
    vector(Kind::Rtcp, KEY_128, 0x5d4, header, body, sealed);
    let sealed = "d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be \
                  8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be";
    vector(Kind::Rtcp, KEY_256, 0x5d4, header, body, sealed);
}

#[test]
fn what_one_side_protects_the_other_reads() {
    for suite in SUITES {
        let (mut protector, mut unprotector) = pair(suite);
        for sequence in [10, 11, 12] {
            let packet = rtp(1, sequence);
            let mut sealed = protected(&mut protector, &packet);
            assert!(!sealed.windows(8).any(|run| run == [0x55; 8]), "{suite:?}");
            let length = unprotector.rtp(&mut sealed).expect("it is ours");
            assert_eq!(sealed[..length], packet, "{suite:?}");
            let mut sealed = protected_rtcp(&mut protector, &rtcp(1));
            let length = unprotector.rtcp(&mut sealed).expect("it is ours");
            assert_eq!(sealed[..length], rtcp(1), "{suite:?}");
        }
    }
}

/// RFC 3711 §3.1, §3.4; RFC 4568 §6.2.2: the short tag is for sound alone; RFC 7714 §14.2.
#[test]
fn each_packet_grows_by_its_tag_and_that_of_rtcp_by_its_index_too() {
    let tags = [(10, 10), (4, 10), (16, 16), (16, 16)];
    for (suite, (of_rtp, of_rtcp)) in SUITES.into_iter().zip(tags) {
        let (mut protector, _) = pair(suite);
        let (sound, report) = (rtp(1, 1), rtcp(1));
        assert_eq!(protected(&mut protector, &sound).len() - sound.len(), of_rtp, "{suite:?}");
        let sealed = protected_rtcp(&mut protector, &report).len() - report.len();
        assert_eq!(sealed, of_rtcp + 4, "{suite:?}");
    }
}

#[test]
fn every_changed_bit_is_noticed_and_changes_nothing() {
    for suite in SUITES {
        let (mut protector, mut unprotector) = pair(suite);
        let (sealed, report) =
            (protected(&mut protector, &rtp(1, 10)), protected_rtcp(&mut protector, &rtcp(1)));
        for bit in 0..sealed.len() * 8 {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(unprotector.rtp(&mut forged).is_err(), "{suite:?}, bit {bit}");
        }
        for bit in 0..report.len() * 8 {
            let mut forged = report.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(unprotector.rtcp(&mut forged).is_err(), "{suite:?}, bit {bit} of RTCP");
        }
        assert!(unprotector.rtp(&mut sealed.clone()).is_ok());
        assert_eq!(unprotector.rtp(&mut sealed.clone()), Err(SrtpError::Replayed));
        assert!(unprotector.rtcp(&mut report.clone()).is_ok());
        assert_eq!(unprotector.rtcp(&mut report.clone()), Err(SrtpError::Replayed));
    }
}

#[test]
fn a_stream_goes_on_over_the_end_of_its_sequence_numbers_with_losses() {
    let (mut protector, mut unprotector) = pair(CryptoSuite::AesCm128HmacSha1_80);
    let mut sequence = 30_000_u16;
    for round in 0..400_u32 {
        let mut sealed = protected(&mut protector, &rtp(1, sequence));
        // Three rounds, of which every other packet is lost.
        if round % 2 == 0 {
            assert!(unprotector.rtp(&mut sealed).is_ok(), "{sequence} of round {round}");
        }
        sequence = sequence.wrapping_add(500);
    }
    assert!(protector.has_rolled_over());
}

#[test]
fn whoever_rejoins_a_stream_finds_its_round_and_no_forged_packet_leads_anywhere() {
    for suite in SUITES {
        let (mut protector, _) = pair(suite);
        // Five rounds, sent while nobody listened.
        (0..330_u32).for_each(|n| drop(protected(&mut protector, &rtp(1, (n * 1000) as u16))));
        let mut unprotector = Unprotector::rejoining(&key(suite));
        assert_eq!(unprotector.rtp(&mut rtp(1, 7)), Err(SrtpError::Forged));
        for sequence in [10_000, 10_001] {
            let packet = rtp(1, sequence);
            let mut sealed = protected(&mut protector, &packet);
            let length = unprotector.rtp(&mut sealed).expect("it is the peer's");
            assert_eq!(sealed[..length], packet, "{suite:?}");
        }
        assert!(
            Unprotector::new(&key(suite))
                .rtp(&mut protected(&mut protector, &rtp(1, 10_002)))
                .is_err()
        );
    }
}

#[test]
fn a_peer_may_change_its_stream_and_a_stranger_cannot_crowd_one_out() {
    let (mut protector, mut unprotector) = pair(CryptoSuite::AeadAes128Gcm);
    for ssrc in 1..=100 {
        let mut sealed = protected(&mut protector, &rtp(ssrc, 5));
        assert!(unprotector.rtp(&mut sealed).is_ok(), "stream {ssrc}");
    }
    let newest = protected(&mut protector, &rtp(100, 6));
    assert!(unprotector.rtp(&mut newest.clone()).is_ok());
    for ssrc in 200..300 {
        assert_eq!(unprotector.rtp(&mut rtp(ssrc, 7)), Err(SrtpError::Forged));
    }
    assert_eq!(unprotector.rtp(&mut newest.clone()), Err(SrtpError::Replayed));
}

#[test]
fn our_own_index_is_never_used_twice() {
    let (mut protector, _) = pair(CryptoSuite::AeadAes128Gcm);
    protected(&mut protector, &rtp(1, 9));
    let mut again = [rtp(1, 9), vec![0; OVERHEAD]].concat();
    assert_eq!(protector.rtp(&mut again, 172), Err(SrtpError::Replayed));
}

#[test]
fn a_buffer_without_room_is_refused() {
    for suite in SUITES {
        let (mut protector, _) = pair(suite);
        let mut packet = rtp(1, 9);
        let length = packet.len();
        assert_eq!(protector.rtp(&mut packet, length), Err(SrtpError::NoRoom));
        assert_eq!(protector.rtp(&mut packet, length + 1), Err(SrtpError::Malformed));
        assert_eq!(protector.rtcp(&mut rtcp(1), 20), Err(SrtpError::NoRoom));
    }
}

proptest! {
    #[test]
    fn no_datagram_panics(mut datagram in prop::collection::vec(any::<u8>(), 0..96)) {
        for suite in SUITES {
            let (mut protector, mut unprotector) = pair(suite);
            prop_assert!(unprotector.rtp(&mut datagram).is_err());
            prop_assert!(unprotector.rtcp(&mut datagram).is_err());
            let length = datagram.len();
            let _ = protector.rtp(&mut datagram, length);
            let _ = protector.rtcp(&mut datagram, length);
        }
    }
}
