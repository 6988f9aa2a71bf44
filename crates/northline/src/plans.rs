//! The dialplans' files, and what they may name.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use dialplan::{DiversionName, Facts, Line, Plan, Purpose, QueueName};
use media::Library;
use model::Prompt;
use switchboard::Plans;
use yaml::{Problems, suggest};

use crate::assets;
use crate::configuration::{Audience, Configuration, PlanFiles};
use crate::lab::HOTLINE_NUMBER;
use crate::text_file::{self, TextFileError};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] TextFileError),
    /// A file that the configuration names cannot be read.
    #[error("{0}\n   help: `dialplan:` or `numbers:` in the configuration names it")]
    Named(#[source] TextFileError),
    /// The plan is not right.
    #[error("{0}")]
    Faulty(#[from] Problems),
    /// The plan is one to measure by, and callers would meet it.
    #[error(
        "{0}: a plan with `purpose: lab` is not for callers; only `northline run --lab` serves one"
    )]
    Lab(std::path::PathBuf),
}

/// Why plans cannot go live: what is wrong with each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PlanErrors(pub Vec<PlanError>);

/// What a plan may name under this configuration.
pub fn facts(configuration: &Configuration, library: &Library) -> Facts {
    let spoken = library.prompts().filter_map(|(prompt, length)| match prompt {
        Prompt::Spoken { language, name } => Some(((*language, name.clone()), length)),
        Prompt::Signal(_) => None,
    });
    let set = configuration.diversions.keys().map(|name| (DiversionName::from(&**name), Line::Set));
    let mut facts = Facts {
        prompts: spoken.collect(),
        music: library.music_names().cloned().collect(),
        queues: configuration.queues.iter().map(|queue| QueueName::from(queue.as_str())).collect(),
        diversions: set.collect(),
        switches: configuration.switches.clone(),
    };
    // The shipped plan names a back-up centre; without a number, a diversion to it fails at once.
    facts.diversions.entry(DiversionName::from("backup")).or_insert(Line::Unset);
    facts
}

/// The plan at `file`, or the built-in one.
///
/// # Errors
/// When the file cannot be read, or the plan has problems: all of them.
pub fn load(file: Option<&Path>, facts: &Facts) -> Result<Plan, PlanError> {
    let Some(path) = file else {
        return Ok(dialplan::load(assets::PLAN_NAME, assets::PLAN, facts)?);
    };
    let text = text_file::read(path)?;
    Ok(dialplan::load(&path.display().to_string(), &text, facts)?)
}

/// The plans of a configuration.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn load_all(files: &PlanFiles, facts: &Facts) -> Result<Plans, PlanErrors> {
    let mut errors = Vec::new();
    let mut read = |plan: Result<Plan, PlanError>| {
        let named = |error| match error {
            PlanError::Unreadable(error) => PlanError::Named(error),
            other => other,
        };
        let plan = plan.map_err(|error| errors.push(named(error))).ok();
        plan.map(Arc::new)
    };
    let mut plans = match files.audience {
        Audience::Callers => read(for_callers(files.any.as_deref(), facts)).map(Plans::new),
        Audience::Lab => {
            let (lab, hotline) = lab(files.any.as_deref(), facts);
            let (lab, hotline) = (read(lab), read(hotline));
            lab.zip(hotline).map(|(lab, plan)| Plans::new(lab).with(HOTLINE_NUMBER, plan))
        }
    };
    for (number, file) in &files.by_number {
        let plan = read(for_callers(Some(file), facts));
        plans = plans.zip(plan).map(|(plans, plan)| plans.with(number, plan));
    }
    plans.filter(|_| errors.is_empty()).ok_or(PlanErrors(errors))
}

/// A plan that callers may come to.
fn for_callers(file: Option<&Path>, facts: &Facts) -> Result<Plan, PlanError> {
    let plan = load(file, facts)?;
    match plan.purpose() {
        Purpose::Hotline { .. } => Ok(plan),
        Purpose::Lab { .. } => Err(PlanError::Lab(file.unwrap_or(Path::new("")).to_owned())),
    }
}

/// A lab's plan and the hotline's: `file` is one of them, the other is built in.
fn lab(file: Option<&Path>, facts: &Facts) -> (Result<Plan, PlanError>, Result<Plan, PlanError>) {
    let own = load(file, facts);
    match own.as_ref().map(Plan::purpose) {
        Ok(Purpose::Lab { .. }) => (own, load(None, facts)),
        _ => (dialplan::load(assets::LAB_NAME, assets::LAB, facts).map_err(PlanError::from), own),
    }
}

/// The switches that set a variable of no plan, so that they switch nothing, and for each what may
/// have been meant.
pub fn unknown_switches(configuration: &Configuration, plans: &Plans) -> Vec<(String, String)> {
    let variables = || plans.iter().flat_map(|(_, plan)| plan.variables()).map(|(name, _)| name);
    let unknown = |name: &&String| !variables().any(|variable| variable == name.as_str());
    let meant = move |name: &String| (name.clone(), suggest::help(name, variables()));
    configuration.switches.keys().filter(unknown).map(meant).collect()
}

/// What a caller could notice of the change, for the operator who made it.
pub fn changes(older: &Plans, newer: &Plans) -> String {
    let mut text = String::new();
    for (number, plan) in newer.iter() {
        let name = number.map_or(String::new(), |number| format!("{number}: "));
        let before = older.iter().find(|(known, _)| *known == number);
        let Some((_, before)) = before else {
            let _ = writeln!(text, "  {name}has a plan of its own now");
            continue;
        };
        for change in before.diff(plan) {
            let _ = writeln!(text, "  {name}{change}");
        }
    }
    for (number, _) in older.iter().filter(|(number, _)| newer.iter().all(|(n, _)| n != *number)) {
        let _ = writeln!(text, "  {}: has no plan of its own any more", number.unwrap_or_default());
    }
    match text.as_str() {
        "" => "live; nothing that a caller could notice has changed\n".to_owned(),
        text => format!("live for new calls; changed:\n{text}"),
    }
}
