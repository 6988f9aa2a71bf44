//! Messages cut from a stream (RFC 3261 §18.3) and the keep-alive of RFC 5626 §3.5.1.
//!
//! # Assumptions
//! - A message without Content-Length ends the stream, unread: where it stops cannot be known.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

use super::head::{Head, find_blank_line};
use super::parse::MAX_MESSAGE;

/// What a stream carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// One whole message; or only its head, if its Content-Length cannot be: then the stream is
    /// over, and the message is still there to be refused.
    Message(Bytes),
    /// CRLF CRLF, to be answered by [`Frame::PONG`].
    Ping,
}

impl Frame {
    /// The answer to a ping.
    pub const PONG: &'static [u8] = b"\r\n";
}

/// Why a stream cannot go on and must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A head or a message longer than allowed.
    #[error("message too long")]
    TooLong,
    /// No Content-Length.
    #[error("no Content-Length")]
    NoLength,
    /// A Content-Length that cannot be.
    #[error("faulty Content-Length")]
    FaultyLength,
}

/// Cuts a stream into frames. Holds at most one message and one read.
#[derive(Default)]
pub struct Framer {
    buffer: BytesMut,
    /// How much of the buffer holds no blank line.
    searched: usize,
    /// How long the message at the front is, once known.
    end: Option<usize>,
    over: Option<FramingError>,
}

impl Framer {
    /// Takes what was read; call [`Framer::next`] until it has no more before the next read.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.over.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next frame, if it is complete. After an error nothing else comes.
    #[expect(clippy::should_implement_trait, reason = "not an iterator: feeding goes on between")]
    pub fn next(&mut self) -> Option<Result<Frame, FramingError>> {
        if let Some(error) = self.over {
            return Some(Err(error));
        }
        if self.skip_line_ends() {
            return Some(Ok(Frame::Ping));
        }
        match self.cut() {
            Ok(frame) => frame.map(Ok),
            Err(error) => self.give_up(error),
        }
    }

    /// Skips the line ends before a start line; says whether they were a ping. One whose second
    /// half may still come stays.
    fn skip_line_ends(&mut self) -> bool {
        loop {
            match &self.buffer[..] {
                [b'\r', b'\n', b'\r', b'\n', ..] => {
                    self.buffer.advance(4);
                    return true;
                }
                [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return false,
                [b'\r' | b'\n', ..] => self.buffer.advance(1),
                _ => return false,
            }
        }
    }

    fn cut(&mut self) -> Result<Option<Frame>, FramingError> {
        if self.end.is_none() {
            self.end = self.find_end()?;
        }
        let Some(end) = self.end.filter(|end| *end <= self.buffer.len()) else { return Ok(None) };
        (self.end, self.searched) = (None, 0);
        let message = self.buffer.split_to(end).freeze();
        if self.buffer.is_empty() {
            // The message alone holds its memory now, and frees it (D4): a connection may be quiet
            // for hours.
            self.buffer = BytesMut::new();
        }
        Ok(Some(Frame::Message(message)))
    }

    /// Where the message ends, once its head is complete.
    fn find_end(&mut self) -> Result<Option<usize>, FramingError> {
        let Some((head_end, body_start)) = find_blank_line(&self.buffer, self.searched) else {
            self.searched = self.buffer.len().saturating_sub(3);
            let fits = self.buffer.len() <= MAX_MESSAGE;
            return if fits { Ok(None) } else { Err(FramingError::TooLong) };
        };
        let end = body_start.saturating_add(self.content_length(head_end)?);
        if end <= MAX_MESSAGE { Ok(Some(end)) } else { Err(FramingError::TooLong) }
    }

    fn content_length(&self, head_end: usize) -> Result<usize, FramingError> {
        let headers = Head::read(&self.buffer[..head_end]).headers;
        headers.content_length().or(Err(FramingError::FaultyLength))?.ok_or(FramingError::NoLength)
    }

    /// Hands on the head of the message that breaks the stream, if it can be refused.
    fn give_up(&mut self, error: FramingError) -> Option<Result<Frame, FramingError>> {
        self.over = Some(error);
        let buffer = std::mem::take(&mut self.buffer);
        let refusable =
            |(_, end): &(usize, usize)| error != FramingError::NoLength && *end <= MAX_MESSAGE;
        let head = find_blank_line(&buffer, 0).filter(refusable);
        Some(match head {
            Some((_, body_start)) => Ok(Frame::Message(buffer.freeze().slice(..body_start))),
            None => Err(error),
        })
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(bytes) => write!(f, "Message({} bytes)", bytes.len()),
            Self::Ping => f.write_str("Ping"),
        }
    }
}

impl fmt::Debug for Framer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Framer({} bytes)", self.buffer.len())
    }
}
