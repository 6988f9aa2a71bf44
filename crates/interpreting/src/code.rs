//! Strings of digits of the configuration: a vendor's code for a language, an account's secret.

use std::fmt;

use model::Digit;
use serde::Deserialize;

/// Digits to send, one or more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Code(Vec<Digit>);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code is one or more of the keys 0-9 * # A-D")]
pub struct CodeError;

impl Code {
    /// The digits, in order.
    pub fn digits(&self) -> &[Digit] {
        &self.0
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        let digits: Option<Vec<Digit>> = text.chars().map(Digit::from_char).collect();
        digits.filter(|digits| !digits.is_empty()).map(Self).ok_or(CodeError)
    }
}

/// Digits that are never shown, exported or logged (O8): an account or PIN at a vendor.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(Code);

impl Secret {
    /// Wraps a code.
    pub const fn new(code: Code) -> Self {
        Self(code)
    }

    /// The digits, for the vendor's leg only.
    pub fn reveal(&self) -> &[Digit] {
        self.0.digits()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o8_a_secret_never_prints() {
        let secret = Secret::new(Code::try_from("4711".to_owned()).expect("a code"));
        assert_eq!(format!("{secret:?}"), "<secret>");
        assert_eq!(secret.reveal().len(), 4);
        assert_eq!(Code::try_from("47x".to_owned()), Err(CodeError));
        assert_eq!(Code::try_from(String::new()), Err(CodeError));
    }
}
