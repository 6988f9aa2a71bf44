//! Why a description cannot be read or served.

use model::MediaRefusal;

/// A description that is no SDP (RFC 8866), by the 1-based number of the line at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed session description at line {line}")]
pub struct SdpError {
    /// 1-based; the line after the last one when something is missing.
    pub line: usize,
}

/// Why an exchange failed (RFC 3264 §6). The old session, if any, runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The description cannot be read: 400.
    #[error(transparent)]
    Malformed(#[from] SdpError),
    /// No audio stream over RTP, or only refused ones (port 0): 488.
    #[error("no audio stream to serve")]
    NoAudio,
    /// Only encrypted audio, which is not wanted: never answered in plain (robustness 11): 488.
    #[error("only encrypted audio is offered")]
    SecureOnly,
    /// Only plain audio, which is not enough: 488.
    #[error("only plain audio is offered")]
    PlainOnly,
    /// No suite and key that can be used: 488.
    #[error("no crypto suite in common")]
    NoCommonCrypto,
    /// Neither PCMU nor PCMA: 488.
    #[error("no codec in common")]
    NoCommonCodec,
    /// No address, a name, a group, or one of the other family: 488.
    #[error("no address that can be sent to")]
    NoAddress,
    /// An answer to no offer of ours.
    #[error("no offer of ours is open")]
    OutOfOrder,
}

impl From<AnswerError> for MediaRefusal {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Malformed(SdpError { line }) => Self::Malformed { line },
            AnswerError::OutOfOrder => Self::OutOfOrder,
            AnswerError::NoAudio
            | AnswerError::SecureOnly
            | AnswerError::PlainOnly
            | AnswerError::NoCommonCrypto
            | AnswerError::NoCommonCodec
            | AnswerError::NoAddress => Self::NothingInCommon,
        }
    }
}
