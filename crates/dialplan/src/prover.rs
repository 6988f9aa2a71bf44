//! Every path of a plan, walked before a caller walks it (requirement O1).
//!
//! The steps and what leads from one to the next form a graph (`graph`). Taking away the keys a
//! waiting caller may press, it must have no circle; then everything else about all paths follows
//! from one pass in its order (`paths` for where they lead, `times` for how long they take), however
//! many paths there are.

mod graph;
mod paths;
mod times;

use crate::document::Places;
use crate::plan::Plan;
use graph::Graph;
use yaml::Problem;

/// Everything that a caller must not live through.
pub(crate) fn prove(plan: &Plan, places: &Places) -> Vec<Problem> {
    let graph = Graph::of(plan);
    let mut hopeless = paths::circles(&graph, places);
    hopeless.extend(paths::born_dead(plan, places));
    if !hopeless.is_empty() {
        return hopeless;
    }
    let rules = [paths::unreachable, paths::ends, paths::kept, paths::menus, paths::choices];
    let mut problems: Vec<Problem> =
        rules.iter().flat_map(|rule| rule(plan, &graph, places)).collect();
    let rules = [times::to_the_queue, times::after_keys, times::silences, times::messages];
    problems.extend(rules.iter().flat_map(|rule| rule(plan, places)));
    problems.extend(times::offers(plan, &graph, places));
    problems
}
