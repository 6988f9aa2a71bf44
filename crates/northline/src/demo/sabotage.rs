//! Faults put between the engine and the outside, each of which the demonstration must notice.

use model::{Gain, MediaCommand, Prompt, Route};
use switchboard::Output;

use crate::cli::Fault;
use crate::engine::Sabotage;

/// What breaks the hotline as `fault` says; a vendor that does not exist is no matter of outputs.
pub(super) const fn of(fault: Fault) -> Option<Sabotage> {
    match fault {
        Fault::LeakVendorPrompt => Some(leak_vendor_prompt),
        Fault::BreakNMinusOne => Some(break_n_minus_one),
        Fault::SkipAnnouncement => Some(skip_announcement),
        Fault::SilentGreeting => Some(silent_greeting),
        Fault::LeakLeg => Some(leak_leg),
        Fault::DropSecondVendor => None,
    }
}

/// Whoever else is in the room hears what the advocate hears beside the conversation.
fn leak_vendor_prompt(mut output: Output) -> Option<Output> {
    if let Output::Media(MediaCommand::Route { routes, .. }) = &mut output {
        let beside = routes.iter().filter(|route| route.gain == Gain::BESIDE);
        let lines: Vec<_> = beside.map(|route| (route.listener, route.speaker)).collect();
        for (advocate, speaker) in lines {
            let others: Vec<_> = routes.iter().filter(|r| r.speaker == advocate).copied().collect();
            let gain = Gain::UNITY;
            routes.extend(others.iter().map(|r| Route::new(r.listener, speaker, gain)));
        }
    }
    Some(output)
}

/// Everybody who speaks hears that.
fn break_n_minus_one(mut output: Output) -> Option<Output> {
    if let Output::Media(MediaCommand::Route { routes, .. }) = &mut output {
        let echoes: Vec<_> = routes.iter().map(|r| Route { listener: r.speaker, ..*r }).collect();
        routes.extend(echoes);
    }
    Some(output)
}

fn skip_announcement(output: Output) -> Option<Output> {
    Some(without_prompt(output, "interpreter-lost"))
}

fn silent_greeting(output: Output) -> Option<Output> {
    Some(without_prompt(output, "welcome"))
}

/// The shard is never told that a leg is over.
fn leak_leg(output: Output) -> Option<Output> {
    (!matches!(output, Output::Media(MediaCommand::Close { .. }))).then_some(output)
}

/// A request that holds the prompt `name` plays nothing.
fn without_prompt(mut output: Output, name: &str) -> Output {
    if let Output::Media(MediaCommand::Play { prompts, .. }) = &mut output {
        let is_it = |prompt: &Prompt| match prompt {
            Prompt::Spoken { name: own, .. } => own.as_str() == name,
            Prompt::Signal(_) => false,
        };
        if prompts.iter().any(is_it) {
            prompts.clear();
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use model::{LegId, PlayId, RoomId};

    use super::*;

    const CALLER: LegId = LegId(1);
    const ADVOCATE: LegId = LegId(2);
    const VENDOR: LegId = LegId(4);

    fn after(sabotage: Sabotage, routes: &[Route]) -> Vec<Route> {
        let route = MediaCommand::Route { room: RoomId(7), version: 1, routes: routes.to_vec() };
        match sabotage(Output::Media(route)) {
            Some(Output::Media(MediaCommand::Route { routes, .. })) => routes,
            other => panic!("{other:?} instead of a matrix"),
        }
    }

    const fn hears(listener: LegId, speaker: LegId, gain: Gain) -> Route {
        Route::new(listener, speaker, gain)
    }

    #[test]
    fn a_leak_lets_the_caller_hear_what_only_the_advocate_should() {
        let beside = hears(ADVOCATE, VENDOR, Gain::BESIDE);
        let talk =
            [hears(CALLER, ADVOCATE, Gain::UNITY), hears(ADVOCATE, CALLER, Gain::UNITY), beside];
        let leak = hears(CALLER, VENDOR, Gain::UNITY);
        assert_eq!(after(leak_vendor_prompt, &talk), [&talk[..], &[leak]].concat());
        assert_eq!(after(leak_vendor_prompt, &talk[..2]), talk[..2]);
    }

    #[test]
    fn an_echo_is_everyones_own_voice() {
        let talk = [hears(CALLER, ADVOCATE, Gain::UNITY)];
        let echo = hears(ADVOCATE, ADVOCATE, Gain::UNITY);
        assert_eq!(after(break_n_minus_one, &talk), [talk[0], echo]);
    }

    #[test]
    fn a_skipped_announcement_is_played_as_nothing_and_others_as_they_are() {
        let play = |name: &str| {
            let prompts = vec![Prompt::spoken(model::Language::ENGLISH, name)];
            Output::Media(MediaCommand::Play { leg: CALLER, play: PlayId(1), prompts })
        };
        let silent = MediaCommand::Play { leg: CALLER, play: PlayId(1), prompts: vec![] };
        assert_eq!(skip_announcement(play("interpreter-lost")), Some(Output::Media(silent)));
        assert_eq!(skip_announcement(play("welcome")), Some(play("welcome")));
    }

    #[test]
    fn a_leaked_leg_is_never_closed() {
        assert_eq!(leak_leg(Output::Media(MediaCommand::Close { leg: CALLER })), None);
    }
}
