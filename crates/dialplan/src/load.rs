//! From the text of a plan to a plan that is safe to answer with.

use crate::checker;
use crate::facts::Facts;
use crate::plan::{Plan, PlanVersion};
use crate::prover;
use crate::reader;
use yaml::Problems;

/// The plan that `text` describes, or everything that is wrong with it.
///
/// `file_name` is only for the messages. Shape and names are checked together; the paths are walked
/// once those are right, since a wrong name would make every path look wrong.
pub fn load(file_name: &str, text: &str, facts: &Facts) -> Result<Plan, Problems> {
    let refuse = |problems| Problems::new("dialplan", file_name, text, problems);
    let tree = yaml::parse(text).map_err(|problem| refuse(vec![problem]))?;
    let (document, shape) = reader::read(tree);
    let plan = checker::check(&document, PlanVersion::of(text), facts, shape).map_err(refuse)?;
    let problems = prover::prove(&plan, &document.places);
    if problems.is_empty() { Ok(plan) } else { Err(refuse(problems)) }
}
