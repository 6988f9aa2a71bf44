//! Who hears whom: the one place that decides which legs of a call are audible to which.
//!
//! The answer is a pure function of who is there and what the advocate asked for, so a test can
//! walk every combination (C22, I9, I10, A4).

use model::{Gain, LegId, Route};

use crate::mode::Mode;

/// How far an interpreter has come into the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// A vendor's line that still plays menus or hold music, or rings: only the advocate hears it,
    /// quietly (I10).
    Line,
    /// The interpreter is heard by the caller, but does not hear her yet (C22).
    Announced,
    /// Part of the conversation.
    Joined,
}

/// What the advocate has set the caller aside for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aside {
    /// Everybody talks.
    #[default]
    None,
    /// The caller hears music and an announcement; advocate and interpreter may talk.
    Hold,
    /// The same, asked for as private talk.
    Private,
    /// The same, while somebody else is sought who takes her.
    Transfer,
}

/// Whether a caller hears herself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Echo {
    /// As in any conversation.
    #[default]
    Off,
    /// Herself: a measurement, with nobody else there.
    On,
}

/// The legs of a call that are up, and how they stand to each other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Present {
    /// The caller, once answered.
    pub(crate) caller: Option<LegId>,
    /// The advocate in the conversation.
    pub(crate) advocate: Option<LegId>,
    /// The interpreter's or vendor's leg.
    pub(crate) interpreter: Option<(LegId, Presence)>,
    /// How the interpreter speaks.
    pub(crate) mode: Mode,
    /// The back-up centre the caller was diverted to.
    pub(crate) diversion: Option<LegId>,
    /// The back-up centre that has not answered, while the caller hears its early media.
    pub(crate) ringing: Option<LegId>,
    /// Whether the caller is set aside.
    pub(crate) aside: Aside,
    /// Whether she hears herself.
    pub(crate) echo: Echo,
}

impl Present {
    /// The voice under which caller and host hear each other: a simultaneous interpreter's.
    fn lowering(&self) -> Option<LegId> {
        let (interpreter, presence) = self.interpreter?;
        let speaks_over = self.mode == Mode::Simultaneous && presence != Presence::Line;
        speaks_over.then_some(interpreter)
    }
}

/// The whole matrix for the legs that are present.
pub(crate) fn routes(present: &Present) -> Vec<Route> {
    let mut routes = Vec::new();
    if let (Some(caller), Some(ringing)) = (present.caller, present.ringing) {
        one(&mut routes, caller, ringing, Gain::UNITY);
    }
    if let (Some(caller), Echo::On) = (present.caller, present.echo) {
        one(&mut routes, caller, caller, Gain::UNITY);
    }
    let caller = present.caller.filter(|_| present.aside == Aside::None);
    let under = present.lowering();
    both(&mut routes, caller, present.advocate, under);
    both(&mut routes, caller, present.diversion, under);
    let host = present.advocate.or(present.diversion);
    if let (Some(host), Some((interpreter, presence))) = (host, present.interpreter) {
        if presence == Presence::Line {
            // A centre knows nothing of our search.
            if let Some(advocate) = present.advocate {
                one(&mut routes, advocate, interpreter, Gain::BESIDE);
            }
            return routes;
        }
        both(&mut routes, Some(host), Some(interpreter), None);
        if let Some(caller) = caller {
            one(&mut routes, caller, interpreter, Gain::UNITY);
            if presence == Presence::Joined {
                one(&mut routes, interpreter, caller, Gain::UNITY);
            }
        }
    }
    routes
}

/// Both hear each other, lower while `under` speaks.
fn both(routes: &mut Vec<Route>, a: Option<LegId>, b: Option<LegId>, under: Option<LegId>) {
    if let (Some(a), Some(b)) = (a, b) {
        let pairs = [(a, b), (b, a)].map(|(a, b)| Route::new(a, b, Gain::UNITY));
        routes.extend(pairs.map(|route| Route { under, ..route }));
    }
}

fn one(routes: &mut Vec<Route>, listener: LegId, speaker: LegId, gain: Gain) {
    routes.push(Route::new(listener, speaker, gain));
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: LegId = LegId(1);
    const ADVOCATE: LegId = LegId(2);
    const INTERPRETER: LegId = LegId(4);

    fn hears(present: &Present, listener: LegId, speaker: LegId) -> Gain {
        let routes = routes(present);
        let cell = routes.iter().find(|r| r.listener == listener && r.speaker == speaker);
        cell.map_or(Gain::SILENT, |route| route.gain)
    }

    fn three(presence: Presence, aside: Aside) -> Present {
        Present {
            caller: Some(CALLER),
            advocate: Some(ADVOCATE),
            interpreter: Some((INTERPRETER, presence)),
            mode: Mode::Consecutive,
            diversion: None,
            ringing: None,
            aside,
            echo: Echo::Off,
        }
    }

    #[test]
    fn i10_the_vendors_line_is_never_audible_to_the_caller() {
        for aside in [Aside::None, Aside::Hold, Aside::Private, Aside::Transfer] {
            let present = three(Presence::Line, aside);
            assert_eq!(hears(&present, CALLER, INTERPRETER), Gain::SILENT);
            assert_eq!(hears(&present, INTERPRETER, CALLER), Gain::SILENT);
            assert_eq!(hears(&present, INTERPRETER, ADVOCATE), Gain::SILENT);
            assert_eq!(hears(&present, ADVOCATE, INTERPRETER), Gain::BESIDE);
        }
    }

    #[test]
    fn c22_the_caller_hears_the_interpreter_before_being_heard() {
        let announced = three(Presence::Announced, Aside::None);
        assert_eq!(hears(&announced, CALLER, INTERPRETER), Gain::UNITY);
        assert_eq!(hears(&announced, INTERPRETER, CALLER), Gain::SILENT);
        let joined = three(Presence::Joined, Aside::None);
        assert_eq!(hears(&joined, INTERPRETER, CALLER), Gain::UNITY);
    }

    #[test]
    fn a4_private_talk_leaves_the_caller_out() {
        let present = three(Presence::Joined, Aside::Private);
        for other in [ADVOCATE, INTERPRETER] {
            assert_eq!(hears(&present, CALLER, other), Gain::SILENT);
            assert_eq!(hears(&present, other, CALLER), Gain::SILENT);
        }
        assert_eq!(hears(&present, ADVOCATE, INTERPRETER), Gain::UNITY);
        assert_eq!(hears(&present, INTERPRETER, ADVOCATE), Gain::UNITY);
    }

    #[test]
    fn i9_without_an_advocate_caller_and_interpreter_do_not_hear_each_other() {
        for presence in [Presence::Line, Presence::Announced, Presence::Joined] {
            let present = Present { advocate: None, ..three(presence, Aside::None) };
            assert_eq!(routes(&present), []);
        }
    }

    #[test]
    fn p4_an_interpreter_goes_on_with_the_centre_that_has_the_caller() {
        const CENTRE: LegId = LegId(6);
        let centre = |presence| Present {
            advocate: None,
            diversion: Some(CENTRE),
            ..three(presence, Aside::None)
        };
        let pairs = [(CALLER, CENTRE), (CALLER, INTERPRETER), (CENTRE, INTERPRETER)];
        for (one, other) in pairs {
            assert_eq!(hears(&centre(Presence::Joined), one, other), Gain::UNITY);
            assert_eq!(hears(&centre(Presence::Joined), other, one), Gain::UNITY);
        }
        for listener in [CALLER, CENTRE] {
            assert_eq!(hears(&centre(Presence::Line), listener, INTERPRETER), Gain::SILENT);
        }
    }

    #[test]
    fn under_a_simultaneous_interpreter_caller_and_advocate_hear_each_other_lowered() {
        for presence in [Presence::Line, Presence::Announced, Presence::Joined] {
            for mode in [Mode::Consecutive, Mode::Simultaneous] {
                let present = Present { mode, ..three(presence, Aside::None) };
                let routes = routes(&present);
                let under: Vec<_> = routes.iter().filter(|route| route.under.is_some()).collect();
                if mode == Mode::Consecutive || presence == Presence::Line {
                    assert_eq!(under, [] as [&Route; 0]);
                    continue;
                }
                let pairs = under.iter().map(|route| (route.listener, route.speaker));
                assert_eq!(pairs.collect::<Vec<_>>(), [(CALLER, ADVOCATE), (ADVOCATE, CALLER)]);
                assert!(under.iter().all(|route| route.under == Some(INTERPRETER)));
            }
        }
    }

    #[test]
    fn nobody_hears_themselves() {
        for presence in [Presence::Line, Presence::Announced, Presence::Joined] {
            let routes = routes(&three(presence, Aside::None));
            assert!(routes.iter().all(|route| route.listener != route.speaker));
        }
    }
}
