//! Idempotency keys: a request that a client repeats because it saw no answer is not done again.

use std::collections::VecDeque;

/// The newest keys of all clients.
#[derive(Debug, Default)]
pub(crate) struct Once {
    keys: VecDeque<(usize, String)>,
}

impl Once {
    /// Whether this is the first time that `client` shows `key`.
    pub(crate) fn is_first(&mut self, client: usize, key: &str) -> bool {
        if self.keys.iter().any(|(other, known)| *other == client && known == key) {
            return false;
        }
        if self.keys.len() == KEYS {
            self.keys.pop_front();
        }
        self.keys.push_back((client, key.to_owned()));
        true
    }

    /// Forgets a key whose request was never done.
    pub(crate) fn forget(&mut self, client: usize, key: &str) {
        self.keys.retain(|(other, known)| *other != client || known != key);
    }
}

/// The longest key.
pub(crate) const LONGEST: usize = 64;
const KEYS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_to_its_client_only_and_not_for_ever() {
        let mut once = Once::default();
        assert!(once.is_first(1, "a") && once.is_first(2, "a"));
        assert!(!once.is_first(1, "a"));
        once.forget(1, "a");
        assert!(once.is_first(1, "a"));
        for n in 0..KEYS {
            once.is_first(3, &n.to_string());
        }
        assert!(once.is_first(1, "a"));
        assert_eq!(once.keys.len(), KEYS);
    }
}
