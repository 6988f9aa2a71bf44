//! Who hears whom: the one place that decides which legs of a call are audible to which.
//!
//! The answer is a pure function of who is there and what the advocate asked for, so a test can
//! walk every combination (C22, I9, I10, A4).

use model::{Gain, LegId, Route};

use crate::mode::Mode;
use crate::supervising::{Attendance, Known};

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
    /// The supervisor's leg, how she takes part, and who knows of her.
    pub(crate) supervisor: Option<(LegId, Attendance, Known)>,
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
    supervise(&mut routes, present, caller);
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

/// A supervisor hears the advocate once that one knows, and what the caller says, and who speaks for
/// her, once she knows too (A8, C22).
fn supervise(routes: &mut Vec<Route>, present: &Present, caller: Option<LegId>) {
    let Some((supervisor, attendance, known)) = present.supervisor else { return };
    let Some(advocate) = present.advocate.filter(|_| known > Known::Nobody) else { return };
    one(routes, supervisor, advocate, Gain::UNITY);
    if attendance != Attendance::Listening {
        one(routes, advocate, supervisor, Gain::UNITY);
    }
    let interpreter = present.interpreter.filter(|(_, presence)| *presence != Presence::Line);
    let others = [caller, interpreter.map(|(interpreter, _)| interpreter)];
    for other in others.into_iter().flatten() {
        if attendance == Attendance::Joining {
            one(routes, other, supervisor, Gain::UNITY);
        }
        if known == Known::All {
            let under = present.lowering().filter(|_| Some(other) == caller);
            routes.push(Route { under, ..Route::new(supervisor, other, Gain::UNITY) });
        }
    }
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
            supervisor: None,
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
    fn a08_c22_nobody_is_heard_by_a_supervisor_before_they_know_of_her() {
        const SUPERVISOR: LegId = LegId(8);
        for attendance in [Attendance::Listening, Attendance::Coaching, Attendance::Joining] {
            for known in [Known::Nobody, Known::Advocate, Known::All] {
                for aside in [Aside::None, Aside::Hold, Aside::Private, Aside::Transfer] {
                    let supervisor = Some((SUPERVISOR, attendance, known));
                    let present = Present { supervisor, ..three(Presence::Joined, aside) };
                    let is_heard = |speaker| hears(&present, SUPERVISOR, speaker) > Gain::SILENT;
                    assert_eq!(is_heard(ADVOCATE), known > Known::Nobody);
                    assert_eq!(is_heard(INTERPRETER), known == Known::All);
                    assert_eq!(is_heard(CALLER), known == Known::All && aside == Aside::None);
                    let hear_her = |listener| hears(&present, listener, SUPERVISOR) > Gain::SILENT;
                    let joins = attendance == Attendance::Joining && known > Known::Nobody;
                    assert_eq!(hear_her(CALLER), joins && aside == Aside::None);
                    assert_eq!(hear_her(INTERPRETER), joins);
                    let speaks = attendance != Attendance::Listening && known > Known::Nobody;
                    assert_eq!(hear_her(ADVOCATE), speaks);
                    let alone = Present { advocate: None, ..present };
                    assert!(routes(&alone).iter().all(|r| r.speaker != SUPERVISOR));
                    assert!(routes(&alone).iter().all(|r| r.listener != SUPERVISOR));
                }
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
