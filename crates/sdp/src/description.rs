//! A session description as a value (RFC 8866).

use crate::SdpError;

/// A session description.
#[derive(Clone, PartialEq, Eq)]
pub struct Description;

impl Description {
    /// Reads a body.
    ///
    /// # Errors
    /// The first line that breaks RFC 8866 §9 or a limit.
    pub fn parse(_body: &[u8]) -> Result<Self, SdpError> {
        unimplemented!()
    }

    /// The text, with CRLF line ends.
    pub fn to_bytes(&self) -> Vec<u8> {
        unimplemented!()
    }
}
