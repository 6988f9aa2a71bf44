//! How an interpreter speaks: after the others, as on a telephone, or at the same time with them.

use model::{CallId, LegId};

use crate::Switchboard;
use crate::act::Outcome;
use crate::leg::Purpose;

/// How an interpreter speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// After each of the others: nobody needs to be lowered.
    #[default]
    Consecutive,
    /// At the same time: caller and advocate hear each other lowered while she speaks.
    Simultaneous,
}

impl Mode {
    /// Its word in boards.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consecutive => "consecutive",
            Self::Simultaneous => "simultaneous",
        }
    }

    const fn said(self) -> &'static str {
        match self {
            Self::Consecutive => "adv-consecutive",
            Self::Simultaneous => "adv-simultaneous",
        }
    }
}

impl Switchboard {
    /// The advocate chooses how the interpreter of her call speaks, and whoever replaces her.
    pub(crate) fn interpret(&mut self, id: CallId, advocate: LegId, mode: Mode) -> Outcome {
        let interpretation = self.calls.get_mut(&id).and_then(|call| call.interpretation.as_mut());
        let Some(interpretation) = interpretation else { return Outcome::NotNow };
        if std::mem::replace(&mut interpretation.mode, mode) == mode {
            return Outcome::Already;
        }
        self.tell_staff(advocate, mode.said(), Purpose::Tell);
        self.reroute(id);
        Outcome::Done
    }

    /// The mode that a call's interpreter does not speak in.
    pub(crate) fn other_mode(&self, id: CallId) -> Mode {
        let interpretation = self.calls.get(&id).and_then(|call| call.interpretation.as_ref());
        match interpretation.map(|interpretation| interpretation.mode) {
            Some(Mode::Simultaneous) => Mode::Consecutive,
            _ => Mode::Simultaneous,
        }
    }
}
