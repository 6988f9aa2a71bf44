//! Who somebody is in a call: never a number or a name.

/// Somebody's part in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The caller, or a guest of a lab.
    #[default]
    Caller,
    /// The advocate.
    Advocate,
    /// The interpreter, or her vendor's line.
    Interpreter,
    /// A back-up centre.
    Centre,
    /// A supervisor who takes part.
    Supervisor,
}

impl Party {
    /// Its word in logs, events and live text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Advocate => "advocate",
            Self::Interpreter => "interpreter",
            Self::Centre => "centre",
            Self::Supervisor => "supervisor",
        }
    }
}
