//! The dialplan's file, and what it may name.

use std::path::Path;

use dialplan::{DiversionName, Facts, Line, Plan, QueueName};
use media::Library;
use model::Prompt;
use yaml::Problems;

use crate::assets;
use crate::configuration::Configuration;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(std::path::PathBuf, #[source] std::io::Error),
    /// The plan is not right.
    #[error("{0}")]
    Faulty(#[from] Problems),
}

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
    let text = std::fs::read_to_string(path)
        .map_err(|error| PlanError::Unreadable(path.to_owned(), error))?;
    Ok(dialplan::load(&path.display().to_string(), &text, facts)?)
}
