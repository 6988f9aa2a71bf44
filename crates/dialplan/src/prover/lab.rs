//! What holds of a lab's plan: whoever measures knows what to expect, and every call ends.

use super::graph::Graph;
use super::times::seconds;
use crate::document::{Part, Places};
use crate::lab::{Deed, LabStep};
use crate::names::StepName;
use crate::plan::{Plan, Step};
use std::time::Duration;
use yaml::Problem;

/// Everything that makes a measurement mean something else than it says.
pub(super) fn problems(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let rules = [people, times, late_rings, rooms];
    rules.iter().flat_map(|rule| rule(plan, graph, places)).collect()
}

/// Nobody waits for a person in a lab.
fn people(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let for_people =
        |step: &&StepName| matches!(plan.known(step), Step::Queue(_) | Step::Divert(_));
    let problem = |step: &StepName| {
        let message = format!("`{step}` leads to a person, and there is none in a lab");
        let help = "a hotline's plan is measured by the number `ivr`";
        Problem::new(places.of(step, Part::Name), message, help)
    };
    graph.steps().filter(for_people).map(problem).collect()
}

/// A call ends within a day, and what rings within the time a proxy allows.
fn times(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let problem = |name: &StepName| {
        let lab = deed(plan, name)?;
        let (most, help) = match lab.does.is_before_the_answer() {
            // RFC 3261 §16.6, Timer C.
            true => (MOST_RINGING, "180 seconds at most: a proxy gives up then"),
            false => (MOST, "a day at most: `86400s`"),
        };
        let message = format!("`{name}` lasts {}", seconds(lab.lasts));
        (lab.lasts > most).then(|| Problem::new(places.of(name, Part::Deed), message, help))
    };
    graph.steps().filter_map(problem).collect()
}

/// What comes before the answer cannot come after it.
fn late_rings(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let answers = |step: &StepName| match plan.known(step) {
        Step::Lab(lab) => !lab.does.is_before_the_answer(),
        Step::When(_) | Step::End(_) => false,
        Step::Say(_) | Step::Queue(_) | Step::Divert(_) => true,
    };
    let answering = graph.steps().filter(|step| answers(step));
    let after = answering.flat_map(|step| graph.out(step)).map(|edge| edge.to);
    let late = graph
        .reached(after, |_| true)
        .into_iter()
        .filter(|step| deed(plan, step).is_some_and(|lab| lab.does.is_before_the_answer()));
    let problem = |step: &StepName| {
        let message = format!("`{step}` is before the answer, but comes after one");
        let help = "let a number lead to it, or another step before the answer";
        Problem::new(places.of(step, Part::Deed), message, help)
    };
    late.map(problem).collect()
}

/// A room is a whole call: whoever is in it is heard in it.
fn rooms(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let is_room = |step| deed(plan, step).is_some_and(|lab| matches!(lab.does, Deed::Room { .. }));
    let mut problems = Vec::new();
    for edge in graph.steps().flat_map(|step| graph.out(step)) {
        let ends = matches!(plan.known(edge.to), Step::End(said) if said.is_empty());
        if is_room(edge.to) {
            let message = format!("the room `{}` begins in the middle of a call", edge.to);
            let help = "name it under `numbers`: a room is the whole call";
            problems.push(Problem::new(places.of(edge.from, edge.part.clone()), message, help));
        }
        if is_room(edge.from) && !ends {
            let message = format!("the call goes on after the room `{}`", edge.from);
            let help = "lead to a step with `end: []`: a room is the whole call";
            problems.push(Problem::new(places.of(edge.from, edge.part), message, help));
        }
    }
    problems
}

fn deed<'a>(plan: &'a Plan, step: &StepName) -> Option<&'a LabStep> {
    match plan.known(step) {
        Step::Lab(lab) => Some(lab),
        _ => None,
    }
}

const MOST: Duration = Duration::from_secs(86_400);
const MOST_RINGING: Duration = Duration::from_secs(180);
