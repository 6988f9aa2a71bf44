//! Streams cut into messages (RFC 3261 §18.3).

use super::super::{Frame, Framer, FramingError};
use super::*;

/// All that comes out of a stream fed in pieces of `piece` bytes, up to the first error.
fn frames(stream: &[u8], piece: usize) -> (Vec<Frame>, Option<FramingError>) {
    let mut framer = Framer::default();
    let mut frames = Vec::new();
    for bytes in stream.chunks(piece) {
        framer.feed(bytes);
        loop {
            match framer.next() {
                Some(Ok(frame)) => frames.push(frame),
                Some(Err(error)) => return (frames, Some(error)),
                None => break,
            }
        }
    }
    (frames, None)
}

fn message(bytes: &[u8]) -> Frame {
    Frame::Message(bytes.to_vec().into())
}

#[test]
fn messages_and_pings_come_out_the_same_however_the_stream_is_split() {
    let first = [invite_with("Content-Length : 9\r\n"), b"ab\r\n\r\ncde".to_vec()].concat();
    let second = invite_with("l:\r\n 0\r\n");
    let stream = [&first[..], b"\r\n\r\n", &second, b"\r\n", &first, b"\r\n\r\n\r\n\r\n"].concat();
    let expected = vec![
        message(&first),
        Frame::Ping,
        message(&second),
        message(&first),
        Frame::Ping,
        Frame::Ping,
    ];
    for piece in [1, 2, 3, 7, 64, stream.len()] {
        assert_eq!(frames(&stream, piece), (expected.clone(), None), "{piece}");
    }
}

#[test]
fn a_message_with_a_faulty_length_ends_the_stream_but_can_be_refused() {
    for length in ["l: -1\r\n", "l: 4294967297\r\n", "l: 1\r\nl: 2\r\n"] {
        let stream =
            [invite_with(length), b"INVITE sip:smuggled SIP/2.0\r\n\r\n".to_vec()].concat();
        let head = message(&invite_with(length));
        assert_eq!(
            frames(&stream, 10_000),
            (vec![head], Some(FramingError::FaultyLength)),
            "{length}"
        );
    }
    assert_eq!(refusal(&invite_with("l: -1\r\n")).0, 400);
}

#[test]
fn a_message_without_a_length_ends_the_stream_unread() {
    assert_eq!(frames(&invite_with(""), 10_000), (vec![], Some(FramingError::NoLength)));
}

#[test]
fn a_message_over_64_kb_ends_the_stream() {
    let long_body = invite_with("Content-Length: 65537\r\n");
    let (heads, error) = frames(&long_body, 100);
    assert_eq!((heads, error), (vec![message(&long_body)], Some(FramingError::TooLong)));
    let endless = vec![b'a'; 70_000];
    assert_eq!(frames(&endless, 1000), (vec![], Some(FramingError::TooLong)));
}

#[test]
fn nothing_is_kept_after_an_error() {
    let mut framer = Framer::default();
    framer.feed(&vec![b'a'; 70_000]);
    assert_eq!(framer.next(), Some(Err(FramingError::TooLong)));
    framer.feed(&invite_with("l: 0\r\n"));
    assert_eq!(framer.next(), Some(Err(FramingError::TooLong)));
    assert_eq!(format!("{framer:?}"), "Framer(0 bytes)");
}

/// D4: the buffer of a quiet connection holds no message that was taken from it.
#[test]
fn d4_a_message_that_was_taken_alone_holds_its_memory() {
    let message = invite_with("l: 0\r\n");
    let mut framer = Framer::default();
    for _ in 0..3 {
        framer.feed(&message);
        let Some(Ok(Frame::Message(taken))) = framer.next() else { panic!("it is whole") };
        assert!(framer.next().is_none() && taken.is_unique(), "nobody else holds it");
    }
}
