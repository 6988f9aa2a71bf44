//! What differs between two plans, for the operator who puts a new one live.

use std::collections::BTreeSet;
use std::fmt;

use crate::names::StepName;
use crate::plan::{Plan, Step};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A part of the plan outside its steps differs.
    Plan(&'static str),
    /// A step is new.
    Added(StepName),
    /// A step is gone.
    Removed(StepName),
    /// Parts of a step differ.
    Changed(StepName, Vec<&'static str>),
}

impl Plan {
    /// What is different in `newer`, in the order of the steps' names; empty if nothing is that a
    /// caller could notice.
    pub fn diff(&self, newer: &Self) -> Vec<Change> {
        let parts = [
            ("name", self.name != newer.name),
            ("languages", self.languages != newer.languages),
            ("start or numbers", self.purpose != newer.purpose),
            ("closing step", self.closing != newer.closing),
            ("wrong-key prompt", self.wrong_key != newer.wrong_key),
            ("variables", self.variables != newer.variables),
        ];
        let plan = named(parts).into_iter().map(Change::Plan);
        let names: BTreeSet<&StepName> = self.steps.keys().chain(newer.steps.keys()).collect();
        let steps = names.into_iter().filter_map(|name| self.step_diff(newer, name));
        plan.chain(steps).collect()
    }

    fn step_diff(&self, newer: &Self, name: &StepName) -> Option<Change> {
        match (self.steps.get(name), newer.steps.get(name)) {
            (None, None) => None,
            (None, Some(_)) => Some(Change::Added(name.clone())),
            (Some(_), None) => Some(Change::Removed(name.clone())),
            (Some(old), Some(new)) if old == new => None,
            (Some(old), Some(new)) => Some(Change::Changed(name.clone(), parts(old, new))),
        }
    }
}

fn parts(old: &Step, new: &Step) -> Vec<&'static str> {
    let prompts = ("prompts", old.play() != new.play());
    let keys = ("keys", old.keys() != new.keys());
    match (old, new) {
        (Step::Say(old), Step::Say(new)) => {
            named([prompts, keys, ("wait", old.wait != new.wait), ("then", old.then != new.then)])
        }
        (Step::Queue(old), Step::Queue(new)) => {
            let (before, after) = (&old.waiting, &new.waiting);
            let messages = before.messages != after.messages || before.every != after.every;
            named([
                prompts,
                keys,
                ("queue", old.queue != new.queue),
                ("music", before.music != after.music),
                ("messages", messages),
                ("nobody-on-shift", old.nobody != new.nobody),
            ])
        }
        (Step::Divert(old), Step::Divert(new)) => named([
            prompts,
            ("number", old.to != new.to || old.line != new.line),
            ("music", old.music != new.music),
            ("ring-for", old.ring_for != new.ring_for),
            ("failed", old.failed != new.failed),
        ]),
        (Step::When(_), Step::When(_)) => vec!["branches"],
        (Step::End(_), Step::End(_)) => vec!["prompts"],
        (Step::Lab(old), Step::Lab(new)) => named([
            keys,
            ("what it does", old.does != new.does),
            ("time", old.lasts != new.lasts),
            ("then", old.then != new.then),
        ]),
        _ => vec!["kind"],
    }
}

fn named<const N: usize>(parts: [(&'static str, bool); N]) -> Vec<&'static str> {
    parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(part) => write!(f, "plan: {part} changed"),
            Self::Added(step) => write!(f, "step `{step}`: added"),
            Self::Removed(step) => write!(f, "step `{step}`: removed"),
            Self::Changed(step, parts) => write!(f, "step `{step}`: {} changed", parts.join(", ")),
        }
    }
}
