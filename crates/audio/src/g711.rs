//! G.711 companding.

/// A companding law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// µ-law (PCMU).
    Mu,
    /// A-law (PCMA).
    A,
}

impl Law {
    /// The code of silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xFF,
            Self::A => 0xD5,
        }
    }
}

/// Decodes `codes` into `samples` of equal length.
pub fn decode(_law: Law, _codes: &[u8], _samples: &mut [i16]) {
    unimplemented!()
}

/// Encodes `samples` into `codes` of equal length.
pub fn encode(_law: Law, _samples: &[i16], _codes: &mut [u8]) {
    unimplemented!()
}
