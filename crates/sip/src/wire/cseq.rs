//! CSeq (RFC 3261 §20.16).

use super::{HeaderFault, Method};

/// The sequence number of a request within its dialog, and its method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// Below 2³¹ (RFC 3261 §8.1.1.5).
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

impl CSeq {
    /// Parses the value of a CSeq header field.
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (number, method) = text.trim().split_once(char::is_whitespace).ok_or(HeaderFault)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(HeaderFault);
        }
        let number = number.parse().ok().filter(|n| *n < 1 << 31).ok_or(HeaderFault)?;
        let method = Method::from_token(method.trim()).ok_or(HeaderFault)?;
        Ok(Self { number, method })
    }

    /// As on the wire.
    pub fn to_wire(&self) -> String {
        format!("{} {}", self.number, self.method.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_are_31_bits_with_any_white_space_and_any_method() {
        let cseq = CSeq::parse("0009\t \tFOO%bar").expect("well formed");
        assert_eq!((cseq.number, cseq.method.as_str()), (9, "FOO%bar"));
        for bad in [
            "",
            "1",
            "INVITE",
            "2147483648 ACK",
            "-1 ACK",
            "+1 ACK",
            "1 A B",
            "36893488147419103232 REGISTER",
        ] {
            assert_eq!(CSeq::parse(bad), Err(HeaderFault), "{bad}");
        }
    }
}
