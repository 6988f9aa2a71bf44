//! Who asks: clients with bearer tokens (RFC 6750 §2.1), each in one role.

use std::fmt;

use model::AdvocateId;
use sha2::{Digest, Sha256};

/// What a client may do; the table is in `routes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Works her own calls.
    Advocate,
    /// Reloads, drains, sees counts and alarms.
    Operator,
    /// Sees every call, and may take part in one.
    Supervisor,
    /// Sees counts.
    Monitor,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This advocate.
    Advocate(AdvocateId),
    /// An operator.
    Operator,
    /// A supervisor; with the advocate whose phone rings when she takes part in a call.
    Supervisor(Option<AdvocateId>),
    /// A program that watches.
    Monitor,
}

impl Who {
    /// The role.
    pub const fn role(self) -> Role {
        match self {
            Self::Advocate(_) => Role::Advocate,
            Self::Operator => Role::Operator,
            Self::Supervisor(_) => Role::Supervisor,
            Self::Monitor => Role::Monitor,
        }
    }
}

/// A bearer token; only its digest is kept, and it prints as `Token(..)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// The shortest token that is worth having.
    pub const SHORTEST: usize = 24;

    /// A token, if it is long enough and of the characters that RFC 6750 allows.
    pub fn new(token: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        let right = token.len() >= Self::SHORTEST && token.bytes().all(fits);
        right.then(|| Self::shown(token))
    }

    /// What somebody shows, whatever it is.
    pub(crate) fn shown(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Compares in constant time. What is compared are digests, so even a difference in time would
    /// tell nothing of a token.
    fn matches(&self, other: &Self) -> bool {
        let differing = self.0.iter().zip(&other.0).fold(0, |sum, (a, b)| sum | (a ^ b));
        std::hint::black_box(differing) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// One client of the configuration.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it is called in the audit.
    pub name: String,
    /// Whose token it is.
    pub who: Who,
    /// What it shows.
    pub token: Token,
}

/// The client whose token is shown: all are compared, whichever it is.
pub(crate) fn client_with(clients: &[Client], shown: &Token) -> Option<usize> {
    let compared = clients.iter().enumerate();
    compared.fold(None, |found, (at, c)| if c.token.matches(shown) { Some(at) } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "a-token-of-thirty-characters-00";

    #[test]
    fn o8_a_token_never_prints() {
        let token = Token::new(LONG).expect("long enough");
        let client = Client { name: "board".to_owned(), who: Who::Monitor, token };
        assert!(format!("{client:?}").contains("Token(..)"));
        assert!(!format!("{client:?}").contains(LONG));
    }

    #[test]
    fn short_and_odd_tokens_are_none() {
        assert!(Token::new("short").is_none());
        assert!(Token::new(&"ä".repeat(30)).is_none());
        assert!(Token::new(&format!("{LONG} ")).is_none());
    }

    #[test]
    fn only_the_whole_token_is_known() {
        let client = |n: u32| Client {
            name: n.to_string(),
            who: Who::Monitor,
            token: Token::new(&format!("{LONG}{n}")).expect("long enough"),
        };
        let clients = [client(0), client(1)];
        let found = |token: &str| client_with(&clients, &Token::shown(token));
        assert_eq!(found(&format!("{LONG}1")), Some(1));
        assert_eq!(found(LONG), None);
        assert_eq!(found(""), None);
    }
}
