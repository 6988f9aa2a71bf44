//! The three parties of a conversation, as the demonstration names them.

use std::fmt;

/// Who speaks and who hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The person who calls the hotline.
    Caller,
    /// Who answers.
    Advocate,
    /// Who was brought in.
    Interpreter,
}

impl Party {
    /// All, in the order of every table.
    pub(super) const ALL: [Self; 3] = [Self::Caller, Self::Advocate, Self::Interpreter];

    /// Its name, as a file and a column have it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Advocate => "advocate",
            Self::Interpreter => "interpreter",
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {}", self.name())
    }
}
