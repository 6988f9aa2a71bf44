//! Request methods (RFC 3261 §7.1); case counts, so `invite` is no INVITE.

use std::fmt;

use super::lexer;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A request method.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Method {
            $($(#[$doc])* $name,)*
            /// Any other token: what a stranger wrote, so `Debug` hides it.
            Other(String),
        }

        impl Method {
            /// As on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other(name) => name,
                }
            }

            /// The method a token names, `None` when it is no token.
            pub fn from_token(token: &str) -> Option<Self> {
                match token {
                    $($text => Some(Self::$name),)*
                    other => lexer::is_token(other).then(|| Self::Other(other.to_owned())),
                }
            }
        }
    };
}

methods! {
    /// RFC 3261 §13.
    Invite = "INVITE";
    /// RFC 3261 §13.
    Ack = "ACK";
    /// RFC 3261 §15.
    Bye = "BYE";
    /// RFC 3261 §9.
    Cancel = "CANCEL";
    /// RFC 3261 §11.
    Options = "OPTIONS";
    /// RFC 3261 §10.
    Register = "REGISTER";
    /// RFC 6086.
    Info = "INFO";
    /// RFC 3262.
    Prack = "PRACK";
    /// RFC 3311.
    Update = "UPDATE";
    /// RFC 3515.
    Refer = "REFER";
    /// RFC 6665.
    Notify = "NOTIFY";
    /// RFC 6665.
    Subscribe = "SUBSCRIBE";
    /// RFC 3428.
    Message = "MESSAGE";
    /// RFC 3903.
    Publish = "PUBLISH";
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Other(_)) { "Other(..)" } else { self.as_str() })
    }
}
