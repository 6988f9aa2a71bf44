//! Recordings: what the switchboard says by itself must exist in every language of a plan.
//!
//! Not what a plan plays: its own check proves that.

use std::collections::BTreeSet;

use media::Library;
use model::{Language, Prompt, PromptName};
use switchboard::Plans;

use super::Report;
use crate::assets;
use crate::configuration::Configuration;

/// Whether the folder of an organisation's recordings can be read.
pub(super) fn examine_folder(report: &mut Report, configuration: &Configuration) {
    let Some(folder) = &configuration.prompts else { return };
    match std::fs::read_dir(folder) {
        Ok(_) => report.ok(format!("prompts: {} over the built-in ones", folder.display())),
        Err(error) => report.mend(
            format!("prompts: {}: {error}", folder.display()),
            "make the folder readable for the engine's user, or change `prompts:`",
        ),
    }
}

/// Whether every language of the plans has all that a caller may be told.
pub(super) fn examine(report: &mut Report, library: &Library, plans: &Plans) {
    let languages: BTreeSet<Language> =
        plans.iter().flat_map(|(_, plan)| plan.languages()).copied().collect();
    let wanted = told_to_callers();
    for language in languages {
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|name| library.prompt(&Prompt::spoken(language, (*name).clone())).is_none())
            .map(PromptName::as_str)
            .collect();
        if missing.is_empty() {
            report.ok(format!("prompts: `{language}` has all {}", wanted.len()));
        } else {
            report.mend(
                format!("prompts: `{language}` has no {}", missing.join(", ")),
                format!("record them as {language}/NAME.wav in the folder of `prompts:`"),
            );
        }
    }
}

/// The built-in recordings in English are everything that can be said; of those, advocates and
/// interpreters alone hear the ones of these families.
fn told_to_callers() -> BTreeSet<PromptName> {
    let built_in = assets::library(None).unwrap_or_default();
    let names = built_in.prompts().filter_map(|(prompt, _)| match prompt {
        Prompt::Spoken { language: Language::ENGLISH, name } => Some(name.clone()),
        _ => None,
    });
    names.filter(|name| !FOR_STAFF.iter().any(|family| name.as_str().starts_with(family))).collect()
}

const FOR_STAFF: [&str; 3] = ["adv-", "int-", "language-"];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{assets, plans};

    fn said(library: &Library) -> String {
        let built_in = assets::library(None).expect("the built-in recordings are right");
        let configuration = crate::commands::configuration(None).expect("the default is right");
        let facts = plans::facts(&configuration, &built_in);
        let plan = plans::load(None, &facts).expect("the shipped plan is right");
        let mut report = Report::default();
        examine(&mut report, library, &Plans::new(Arc::new(plan)));
        report.to_string()
    }

    #[test]
    fn the_built_in_recordings_are_complete() {
        let said = said(&assets::library(None).expect("the built-in recordings are right"));
        assert!(said.contains("`en` has all") && said.contains("`es` has all"), "{said}");
    }

    #[test]
    fn a_language_without_recordings_is_named_with_what_it_lacks() {
        let said = said(&Library::default());
        assert!(said.contains("MEND  prompts: `es` has no advocate-back, advocate-lost"), "{said}");
        assert!(said.contains("record them as es/NAME.wav"), "{said}");
        assert!(!said.contains("adv-ready"), "{said}");
    }
}
