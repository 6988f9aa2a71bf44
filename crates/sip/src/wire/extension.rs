//! Values the extensions add: RSeq and RAck (RFC 3262 §7), Session-Expires and Min-SE (RFC 4028 §4,
//! §5), Replaces (RFC 3891 §6).

use std::fmt;

use super::{CSeq, HeaderError, HeaderFault, Headers, Params};

/// Which reliable provisional response a PRACK acknowledges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RAck {
    /// The RSeq of the response.
    pub rseq: u32,
    /// The CSeq of the request it answers.
    pub cseq: CSeq,
}

/// Who refreshes a session, seen from the request that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Its sender.
    Uac,
    /// Its receiver.
    Uas,
}

/// How long a session lives without a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The interval in seconds.
    pub seconds: u32,
    /// Who refreshes, if settled.
    pub refresher: Option<Refresher>,
}

/// The dialog whose place an INVITE takes; prints nothing, since it names a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Its Call-ID.
    pub call_id: String,
    /// The tag of the side that receives the INVITE.
    pub to_tag: String,
    /// The tag of the other side.
    pub from_tag: String,
    /// Whether only a dialog that is not yet answered is meant.
    pub early_only: bool,
}

impl RAck {
    fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (rseq, cseq) = text.trim().split_once(char::is_whitespace).ok_or(HeaderFault)?;
        Ok(Self { rseq: number(rseq)?, cseq: CSeq::parse(cseq)? })
    }

    /// As on the wire.
    pub fn to_wire(&self) -> String {
        format!("{} {}", self.rseq, self.cseq.to_wire())
    }
}

impl SessionExpires {
    fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (seconds, params) = seconds(text)?;
        let refresher = match params.value("refresher").map(str::to_ascii_lowercase).as_deref() {
            Some("uac") => Some(Refresher::Uac),
            Some("uas") => Some(Refresher::Uas),
            Some(_) => return Err(HeaderFault),
            None => None,
        };
        Ok(Self { seconds, refresher })
    }

    /// As on the wire.
    pub fn to_wire(self) -> String {
        let refresher = match self.refresher {
            Some(Refresher::Uac) => ";refresher=uac",
            Some(Refresher::Uas) => ";refresher=uas",
            None => "",
        };
        format!("{}{refresher}", self.seconds)
    }
}

impl Replaces {
    /// Parses the value of a Replaces header field.
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (call_id, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        let params = Params::parse(params)?;
        let tag = |name| params.value(name).map(str::to_owned).ok_or(HeaderFault);
        let call_id = call_id.trim().to_owned();
        if call_id.is_empty() {
            return Err(HeaderFault);
        }
        let early_only = params.has("early-only");
        Ok(Self { call_id, to_tag: tag("to-tag")?, from_tag: tag("from-tag")?, early_only })
    }
}

impl Headers {
    /// RSeq, `None` when absent.
    pub fn rseq(&self) -> Result<Option<u32>, HeaderError> {
        self.optional("RSeq", number)
    }

    /// RAck, `None` when absent.
    pub fn rack(&self) -> Result<Option<RAck>, HeaderError> {
        self.optional("RAck", RAck::parse)
    }

    /// Session-Expires, `None` when absent.
    pub fn session_expires(&self) -> Result<Option<SessionExpires>, HeaderError> {
        self.optional("Session-Expires", SessionExpires::parse)
    }

    /// Min-SE in seconds, `None` when absent.
    pub fn min_se(&self) -> Result<Option<u32>, HeaderError> {
        self.optional("Min-SE", |text| seconds(text).map(|(seconds, _)| seconds))
    }

    /// Replaces, `None` when absent; there may be only one (RFC 3891 §3).
    pub fn replaces(&self) -> Result<Option<Replaces>, HeaderError> {
        if self.all("Replaces").nth(1).is_some() {
            return Err(HeaderError::Repeated("Replaces"));
        }
        self.optional("Replaces", Replaces::parse)
    }

    /// Whether one of the tokens of `name` is `token`, whatever its case.
    pub fn has_token(&self, name: &'static str, token: &str) -> bool {
        let tokens = self.tokens(name).unwrap_or_default();
        tokens.iter().any(|one| one.eq_ignore_ascii_case(token))
    }
}

impl fmt::Debug for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replaces(..)")
    }
}

fn number(text: &str) -> Result<u32, HeaderFault> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(HeaderFault)
}

/// Seconds with parameters behind them.
fn seconds(text: &str) -> Result<(u32, Params), HeaderFault> {
    let (seconds, params) = text.split_at(text.find(';').unwrap_or(text.len()));
    Ok((number(seconds.trim())?, Params::parse(params)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_extensions_say_is_read_and_written_again() {
        for text in ["1 1 INVITE", "4294967295 2147483647 INVITE"] {
            assert_eq!(RAck::parse(text).map(|rack| rack.to_wire()).as_deref(), Ok(text));
        }
        for text in ["1800", "90;refresher=uac", "4294967295;refresher=uas"] {
            assert_eq!(
                SessionExpires::parse(text).map(SessionExpires::to_wire).as_deref(),
                Ok(text)
            );
        }
        let replaces = Replaces::parse("a@b;to-tag=1;from-tag=2;early-only").expect("well formed");
        assert!(replaces.call_id == "a@b" && replaces.to_tag == "1" && replaces.from_tag == "2");
        assert!(replaces.early_only);
    }

    #[test]
    fn faulty_values_of_extensions_are_refused() {
        for text in ["", "1", "1 INVITE", "x 1 INVITE", "4294967296 1 INVITE", "-1 1 INVITE"] {
            assert_eq!(RAck::parse(text), Err(HeaderFault), "{text}");
        }
        for text in ["", "x", "90;refresher=me", "+90", "4294967296"] {
            assert_eq!(SessionExpires::parse(text), Err(HeaderFault), "{text}");
        }
        for text in ["", "a", "a;to-tag=1", ";to-tag=1;from-tag=2"] {
            assert!(Replaces::parse(text).is_err(), "{text}");
        }
    }
}
