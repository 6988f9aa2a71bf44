//! Every path of a plan, walked before a caller walks it (requirement O1).
//!
//! The steps and what leads from one to the next form a graph (`graph`). Taking away the keys a
//! waiting caller may press, it must have no circle; then everything else about all paths follows
//! from one pass in its order (`paths` for where they lead, `times` for how long they take), however
//! many paths there are. A plan to measure by has rules of its own (`lab`).

mod graph;
mod lab;
mod paths;
mod times;

use crate::document::Places;
use crate::plan::{Plan, Purpose};
use graph::Graph;
use yaml::Problem;

/// Everything that a caller must not live through.
pub(crate) fn prove(plan: &Plan, places: &Places) -> Vec<Problem> {
    let graph = Graph::of(plan);
    let mut hopeless = paths::circles(plan, &graph, places);
    if let Purpose::Hotline { .. } = plan.purpose {
        hopeless.extend(paths::born_dead(plan, places));
        hopeless.extend(paths::measuring(plan, places));
    }
    if !hopeless.is_empty() {
        return hopeless;
    }
    let mut problems = paths::unreachable(plan, &graph, places);
    problems.extend(match plan.purpose {
        Purpose::Hotline { .. } => hotline(plan, &graph, places),
        Purpose::Lab { .. } => lab::problems(plan, &graph, places),
    });
    problems
}

fn hotline(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let rules = [
        paths::ends,
        paths::wordless_ends,
        paths::kept,
        paths::menus,
        paths::choices,
        times::offers,
    ];
    let mut problems: Vec<Problem> =
        rules.iter().flat_map(|rule| rule(plan, graph, places)).collect();
    let rules = [times::to_the_queue, times::after_keys, times::silences, times::messages];
    problems.extend(rules.iter().flat_map(|rule| rule(plan, places)));
    problems
}
