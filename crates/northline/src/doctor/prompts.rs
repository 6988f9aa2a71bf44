//! Recordings: what the switchboard says by itself must exist, to callers in every language of a plan.
//!
//! Not what a plan plays: its own check proves that.

use std::collections::BTreeSet;

use media::Library;
use model::{Language, Prompt};
use switchboard::{Plans, SIGNALS, TOLD_TO_CALLERS, TOLD_TO_STAFF};

use yaml::suggest;

use super::Report;
use crate::assets;
use crate::configuration::Configuration;

/// The folder of an organisation's recordings, which was read into `library`: what is of no use in it,
/// and one whose name is nearly that of a built-in recording may have been meant to stand over it.
pub(super) fn examine_folder(
    report: &mut Report,
    configuration: &Configuration,
    library: &Library,
) {
    let Some(folder) = &configuration.prompts else { return };
    let passed_over = assets::passed_over(Some(folder));
    if passed_over.is_empty() {
        report.ok(format!("prompts: {} over the built-in ones", folder.display()));
    }
    for problem in passed_over {
        report.mend(problem, "the hotline answers without it");
    }
    let Ok(built_in) = assets::library(None) else { return };
    let names: Vec<String> = built_in.prompts().map(|(prompt, _)| file_of(prompt)).collect();
    for (prompt, _) in library.prompts().filter(|(prompt, _)| built_in.prompt(prompt).is_none()) {
        let name = file_of(prompt);
        if let Some(near) = suggest::nearest(&name, names.iter().map(String::as_str)) {
            report.note(format!(
                "prompts: `{name}` stands over no built-in recording; did you mean `{near}`?"
            ));
        }
    }
}

/// Where a recording lies in its folder, without its ending.
fn file_of(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Spoken { language, name } => format!("{language}/{name}"),
        Prompt::Signal(name) => format!("signals/{name}"),
    }
}

/// Whether every language of the plans has all that a caller may be told, and English what staff are
/// told.
pub(super) fn examine(report: &mut Report, library: &Library, plans: &Plans) {
    let languages: BTreeSet<Language> =
        plans.iter().flat_map(|(_, plan)| plan.languages()).copied().collect();
    for language in languages {
        let spoken = |name: &str| Prompt::spoken(language, name);
        examine_list(report, library, &format!("`{language}`"), &TOLD_TO_CALLERS, spoken);
    }
    let spoken = |name: &str| Prompt::spoken(Language::ENGLISH, name);
    examine_list(report, library, "`en` for staff", &TOLD_TO_STAFF, spoken);
    examine_list(report, library, "`signals`", &SIGNALS, |name| Prompt::signal(name));
}

fn examine_list(
    report: &mut Report,
    library: &Library,
    what: &str,
    wanted: &[&str],
    prompt: impl Fn(&str) -> Prompt,
) {
    let missing: Vec<&str> =
        wanted.iter().copied().filter(|name| library.prompt(&prompt(name)).is_none()).collect();
    if missing.is_empty() {
        report.ok(format!("prompts: {what} has all {}", wanted.len()));
    } else {
        report.mend(
            format!("prompts: {what} has no {}", missing.join(", ")),
            "record them as WAV in the folder of `prompts:`, in a folder of that name (`en` for staff)",
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plans;

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
    fn a_recording_with_a_slip_in_its_name_is_named() {
        let built_in = assets::library(None).expect("the built-in recordings are right");
        let mut library = built_in.clone();
        library.insert(Prompt::spoken(Language::ENGLISH, "welcom"), vec![0; 160]);
        library.insert(Prompt::spoken(Language::ENGLISH, "our-own-words"), vec![0; 160]);
        let mut configuration = crate::commands::configuration(None).expect("the default is right");
        configuration.prompts = Some("/own".into());
        let mut report = Report::default();
        examine_folder(&mut report, &configuration, &library);
        let said = report.to_string();
        assert!(said.contains("`en/welcom` stands over no built-in recording"), "{said}");
        assert!(said.contains("did you mean `en/welcome`?") && !said.contains("our-own"), "{said}");
    }

    #[test]
    fn a_language_without_recordings_is_named_with_what_it_lacks() {
        let said = said(&Library::default());
        assert!(said.contains("MEND  prompts: `es` has no advocate-back, advocate-lost"), "{said}");
        assert!(said.contains("record them as WAV"), "{said}");
        assert!(said.contains("MEND  prompts: `en` for staff has no adv-away"), "{said}");
        assert!(said.contains("MEND  prompts: `signals` has no coming"), "{said}");
    }
}
