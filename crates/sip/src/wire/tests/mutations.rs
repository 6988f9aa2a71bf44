//! Mutated messages never panic and never hang, and what is accepted can be written and read again.

use proptest::prelude::*;

use super::super::Framer;
use super::*;

/// Bytes that mean something to some parser here, so that mutations hit.
const SPICE: &[u8] = b"\r\n \t:;,=\"\\<>@[]%/?*\0\xff\xe9-9zA";

fn seeds() -> Vec<Vec<u8>> {
    let rich = "Contact: \"a, \\\"b\" <sip:a@[2001:db8::1]:5060;lr>;expires=5, *\r\n\
        Authorization: Digest username=\"a\", realm=\"r, x\", nonce=\"n\", uri=\"sip:h\", nc=1\r\n\
        WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nRoute: <tel:1;phone-context=x>\r\n\
        Record-Route: \"x\" <sip:p;lr>\r\nExpires: 99\r\nl: 4\r\n";
    let invite = [invite_with(rich), b"v=0\n".to_vec()].concat();
    let answer = format!("SIP/2.0 200 OK\r\n{FIELDS}CSeq: 1 INVITE\r\nl: 0\r\n\r\n").into_bytes();
    vec![invite, answer]
}

/// Overwrites, cuts or doubles a part.
fn mutate(mut bytes: Vec<u8>, edits: &[(usize, usize, u8)]) -> Vec<u8> {
    for &(at, length, what) in edits {
        let at = at % (bytes.len() + 1);
        let end = (at + length).min(bytes.len());
        match what % 3 {
            0 => bytes.splice(at..at, [SPICE[usize::from(what) % SPICE.len()]]).for_each(drop),
            1 => bytes.drain(at..end).for_each(drop),
            _ => bytes.extend_from_within(at..end),
        }
    }
    bytes
}

fn read_everything(message: &Message) {
    let headers = message.headers();
    let _ = (headers.contacts(), headers.routes(), headers.record_routes(), headers.expires());
    let _ = (headers.authorization(), headers.content_type());
    let _ = (headers.challenges("WWW-Authenticate"), headers.tokens("Require"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn mutated_messages_never_panic_and_accepted_ones_survive_writing(
        seed in 0_usize..2,
        edits in prop::collection::vec((any::<usize>(), 0_usize..60, any::<u8>()), 1..8),
    ) {
        let bytes = mutate(seeds().swap_remove(seed), &edits);
        match Message::parse(&bytes) {
            Ok(message) => {
                read_everything(&message);
                let again = Message::parse(&message.to_bytes());
                prop_assert!(again.is_ok(), "{again:?}");
            }
            Err(ParseError::Refuse { response }) => drop(response.to_bytes()),
            Err(ParseError::Drop(_)) => {}
        }
    }

    #[test]
    fn any_bytes_never_panic(bytes: Vec<u8>, piece in 1_usize..40) {
        let _ = Message::parse(&bytes);
        let mut framer = Framer::default();
        for part in bytes.chunks(piece) {
            framer.feed(part);
            while let Some(Ok(_)) = framer.next() {}
        }
    }
}
