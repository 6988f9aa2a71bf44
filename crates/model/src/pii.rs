//! `Pii<T>`: a caller's data that cannot be printed, stored or serialised by accident.

use std::fmt;

/// Something that could identify or endanger a caller: a number, an address, a body, a digit string.
///
/// It prints as `<redacted>` and implements neither `Serialize` nor `Hash` (requirements D1, D2).
/// [`Pii::reveal`] is the one way in; every use of it is a place a reviewer looks at.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the wire only: never for a log, an error, a metric or a file.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Unwraps the value, under the same rule as [`Pii::reveal`].
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_caller_data_never_prints() {
        let number = Pii::new("5550100");
        assert_eq!(
            format!("{number} {number:?} {:#?}", Some(&number)).matches("5550100").count(),
            0
        );
        assert_eq!(number.to_string(), "<redacted>");
    }
}
