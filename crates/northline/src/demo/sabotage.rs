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
            routes.extend(others.iter().map(|r| Route { listener: r.listener, speaker, gain }));
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
