//! Where the paths of a plan lead.

use std::collections::BTreeSet;

use super::graph::{By, Edge, Graph};
use crate::document::{Part, Places};
use crate::names::StepName;
use crate::plan::{Choice, Nobody, Plan, Purpose, Step};
use yaml::Problem;

/// Paths that come back without having met a person (C8).
pub(super) fn circles(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let help = match plan.purpose {
        Purpose::Hotline { .. } => {
            "lead to a `queue`; only a key pressed while waiting may lead back"
        }
        Purpose::Lab { .. } => "lead to an `end`: a measurement must come to one",
    };
    let circle = |(edge, steps): (Edge<'_>, Vec<&StepName>)| {
        let names: Vec<String> =
            steps.iter().chain(&[edge.to]).map(|step| format!("`{step}`")).collect();
        let message = format!("an endless loop: {}", names.join(" → "));
        Problem::new(places.of(edge.from, edge.part), message, help)
    };
    graph.circles().into_iter().map(circle).collect()
}

/// Steps that nobody comes to.
pub(super) fn unreachable(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let reached = graph.reached(roots(plan), |_| true);
    let lost = graph.steps().filter(|step| !reached.contains(step));
    lost.map(|step| {
        let message = format!("nothing leads to step `{step}`");
        let help = "name it in a step that callers come to, or remove it";
        Problem::new(places.of(step, Part::Name), message, help)
    })
    .collect()
}

/// Calls that end other than by a waiting caller's own key (C3, C8): silence, a wrong key and
/// nobody on shift never do that.
pub(super) fn ends(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let edges = graph.steps().flat_map(|step| graph.out(step));
    let ending =
        |edge: &Edge<'_>| edge.by != By::WaitingKey && matches!(plan.known(edge.to), Step::End(_));
    edges
        .filter(ending)
        .map(|edge| {
            let message = format!("`{}` ends the call before a person was there", edge.to);
            let help = "lead to a `queue`; only a key pressed while waiting and the plan's \
                        `closing` may lead to an `end`";
            Problem::new(places.of(edge.from, edge.part), message, help)
        })
        .collect()
}

/// A plan that begins with its end.
pub(super) fn born_dead(plan: &Plan, places: &Places) -> Vec<Problem> {
    let help = "let `start` name a step that plays or queues";
    let dead = plan.starts().filter(|start| matches!(plan.known(start), Step::End(_)));
    let problem =
        |start| Problem::new(places.of(start, Part::Name), "the plan begins with its end", help);
    dead.map(problem).collect()
}

/// Steps of a lab: a caller expects a person, not a machine to measure by.
pub(super) fn measuring(plan: &Plan, places: &Places) -> Vec<Problem> {
    let measuring = plan.steps.iter().filter(|(_, step)| matches!(step, Step::Lab(_)));
    let problem = |(name, _): (&StepName, &Step)| {
        let message = format!("`{name}` is a step to measure by, and callers come here");
        let help = "leave it out; only a plan with `purpose: lab` may have it";
        Problem::new(places.of(name, Part::Deed), message, help)
    };
    measuring.map(problem).collect()
}

/// Whoever ends a call says so.
pub(super) fn wordless_ends(plan: &Plan, _: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let wordless =
        |(_, step): &(&StepName, &Step)| matches!(step, Step::End(said) if said.is_empty());
    let problem = |(name, _): (&StepName, &Step)| {
        let message = format!("`{name}` ends the call without a word");
        Problem::new(places.of(name, Part::Name), message, "say goodbye: `end: goodbye`")
    };
    plan.steps.iter().filter(wordless).map(problem).collect()
}

/// Callers who stay with nobody on shift must have been told so, and only then (C23).
pub(super) fn kept(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let staffed = graph.reached(plan.starts(), |edge| edge.by != By::Nobody);
    let keeping = plan.steps.iter().filter_map(|(name, step)| match step {
        Step::Queue(queue) if queue.nobody == Nobody::Keep => Some((name, queue)),
        _ => None,
    });
    let mut problems = Vec::new();
    for (name, queue) in keeping {
        let spot = places.of(name, Part::WhenEmpty);
        if queue.play.is_empty() {
            let message =
                format!("`{name}` keeps the caller without telling her that nobody is there");
            problems.push(Problem::new(spot, message, "say so first: `play: nobody-now`"));
        }
        if staffed.contains(name) {
            let message = format!("callers come to `{name}` while advocates are on shift");
            let help = "write `nobody-on-shift: STEP` here and `when-empty: keep` in that STEP";
            problems.push(Problem::new(spot, message, help));
        }
    }
    problems
}

/// At most one menu before the queue (C4).
pub(super) fn menus(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let mut after_a_menu = BTreeSet::new();
    for step in graph.in_order() {
        let menu = choices_of(plan, step) > 0 || after_a_menu.contains(step);
        if menu && !matches!(plan.known(step), Step::Queue(_)) {
            after_a_menu.extend(graph.out(step).into_iter().map(|edge| edge.to));
        }
    }
    let second = after_a_menu.into_iter().filter(|step| choices_of(plan, step) > 0);
    let problem = |step: &StepName| {
        let message = format!("`{step}` is a second menu on the way to the queue");
        let help = "one menu at most; keys that choose a language do not count";
        Problem::new(places.of(step, Part::Keys), message, help)
    };
    second.map(problem).collect()
}

/// At most three choices in a menu (C4).
pub(super) fn choices(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let crowded = graph.steps().filter(|step| choices_of(plan, step) > MOST_CHOICES);
    crowded
        .map(|step| {
            let message = format!("{} choices in one menu", choices_of(plan, step));
            let help = "three at most; keys that choose a language do not count";
            Problem::new(places.of(step, Part::Keys), message, help)
        })
        .collect()
}

/// Choices of a step before the queue that are not of a language: one or more make it a menu.
fn choices_of(plan: &Plan, step: &StepName) -> usize {
    match plan.known(step) {
        Step::Say(say) => say.keys.values().filter(|key| matches!(key, Choice::Go(_))).count(),
        _ => 0,
    }
}

fn roots(plan: &Plan) -> impl Iterator<Item = &StepName> {
    plan.starts().chain(&plan.closing)
}

const MOST_CHOICES: usize = 3;
