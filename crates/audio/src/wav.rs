//! WAV files in memory.

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// Not a WAV file, or a truncated one.
    #[error("not a complete WAV file")]
    Malformed,
    /// A format, rate or channel count outside what is read.
    #[error("an unsupported WAV format")]
    Unsupported,
    /// Over the limit of length.
    #[error("longer than can be loaded")]
    TooLong,
}

/// Reads a file to mono at `rate_hz`.
///
/// # Errors
/// When it is no WAV file, truncated, or too long.
pub fn load(_bytes: &[u8], _rate_hz: u32) -> Result<Vec<i16>, WavError> {
    unimplemented!()
}

/// A mono 16-bit file.
pub fn save(_samples: &[i16], _rate_hz: u32) -> Vec<u8> {
    unimplemented!()
}
