//! Request methods (RFC 3261 §7.1); case counts, so `invite` is no INVITE.

use std::fmt;

use super::lexer;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $rsip:ident;)*) => {
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

        impl From<rsip::Method> for Method {
            fn from(method: rsip::Method) -> Self {
                match method {
                    $(rsip::Method::$rsip => Self::$name,)*
                }
            }
        }
    };
}

methods! {
    /// RFC 3261 §13.
    Invite = "INVITE", Invite;
    /// RFC 3261 §13.
    Ack = "ACK", Ack;
    /// RFC 3261 §15.
    Bye = "BYE", Bye;
    /// RFC 3261 §9.
    Cancel = "CANCEL", Cancel;
    /// RFC 3261 §11.
    Options = "OPTIONS", Options;
    /// RFC 3261 §10.
    Register = "REGISTER", Register;
    /// RFC 6086.
    Info = "INFO", Info;
    /// RFC 3262.
    Prack = "PRACK", PRack;
    /// RFC 3311.
    Update = "UPDATE", Update;
    /// RFC 3515.
    Refer = "REFER", Refer;
    /// RFC 6665.
    Notify = "NOTIFY", Notify;
    /// RFC 6665.
    Subscribe = "SUBSCRIBE", Subscribe;
    /// RFC 3428.
    Message = "MESSAGE", Message;
    /// RFC 3903.
    Publish = "PUBLISH", Publish;
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Other(_)) { "Other(..)" } else { self.as_str() })
    }
}
