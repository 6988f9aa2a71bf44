//! Who could hear whom, for whoever must be able to tell later: parties by their part in the call,
//! never by number or name, and nothing of what was said.

use model::{Gain, LegId, Party, Route};

use crate::hearing::Present;

/// One party that another can hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audible {
    /// Who can hear.
    pub listener: Party,
    /// Whom.
    pub speaker: Party,
    /// How loud.
    pub loudness: Loudness,
}

/// How loud somebody can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loudness {
    /// As spoken.
    Full,
    /// Lower, beside a conversation.
    Beside,
    /// As spoken, and lower while an interpreter speaks.
    Ducked,
}

impl Loudness {
    /// Its word in logs and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Beside => "beside",
            Self::Ducked => "ducked",
        }
    }

    fn of(route: &Route) -> Self {
        match route.under {
            Some(_) => Self::Ducked,
            None if route.gain < Gain::UNITY => Self::Beside,
            None => Self::Full,
        }
    }
}

fn party(present: &Present, leg: LegId) -> Option<Party> {
    let interpreter = present.interpreter.map(|(leg, _)| leg);
    let parties = [
        (present.caller, Party::Caller),
        (present.advocate, Party::Advocate),
        (interpreter, Party::Interpreter),
        (present.diversion.or(present.ringing), Party::Centre),
        (present.supervisor.map(|(leg, ..)| leg), Party::Supervisor),
    ];
    parties.into_iter().find(|(there, _)| *there == Some(leg)).map(|(_, party)| party)
}

/// What a matrix makes audible, in the order of the parties.
pub(crate) fn audience(present: &Present, routes: &[Route]) -> Vec<Audible> {
    let heard = routes.iter().filter(|route| route.gain > Gain::SILENT);
    let named = |route: &Route| {
        let listener = party(present, route.listener)?;
        let (speaker, loudness) = (party(present, route.speaker)?, Loudness::of(route));
        Some(Audible { listener, speaker, loudness })
    };
    let mut audible: Vec<Audible> = heard.filter_map(named).collect();
    audible.sort_unstable();
    audible.dedup();
    audible
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::{Presence, routes};

    #[test]
    fn an_auditor_reads_who_hears_whom_by_their_parts() {
        let present = Present {
            caller: Some(LegId(1)),
            advocate: Some(LegId(2)),
            interpreter: Some((LegId(4), Presence::Announced)),
            ..Present::default()
        };
        let audible = audience(&present, &routes(&present));
        let words: Vec<_> =
            audible.iter().map(|a| (a.listener.as_str(), a.speaker.as_str())).collect();
        assert_eq!(
            words,
            [
                ("caller", "advocate"),
                ("caller", "interpreter"),
                ("advocate", "caller"),
                ("advocate", "interpreter"),
                ("interpreter", "advocate"),
            ]
        );
        assert_eq!(audience(&present, &[]), []);
    }
}
