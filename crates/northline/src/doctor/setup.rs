//! The configuration, its plans and its recordings, as `northline run` would read them, and the
//! gaps that it would start with all the same.

use std::path::Path;

use super::{Report, prompts};
use crate::commands;
use crate::configuration::{Audience, Configuration};
use crate::plans;

/// The configuration, if there is one to go on with.
pub(super) fn examine(
    report: &mut Report,
    config: Option<&Path>,
    audience: Audience,
) -> Option<Configuration> {
    let name = config.map_or("the built-in one".to_owned(), |path| path.display().to_string());
    let configuration = match commands::configuration_for(config, audience) {
        Ok(configuration) => configuration,
        Err(error) => {
            report.mend_as_said(format!("configuration: {error}"));
            return None;
        }
    };
    report.ok(format!("configuration: {name}"));
    examine_plans(report, &configuration);
    match audience {
        Audience::Callers => examine_gaps(report, &configuration),
        Audience::Lab => {
            report.note("lab: for measuring; this machine reaches it, and nobody else")
        }
    }
    Some(configuration)
}

fn examine_plans(report: &mut Report, configuration: &Configuration) {
    let library = match commands::library(configuration) {
        Ok(library) => library,
        Err(error) => {
            report.mend(error, "plans are not checked without recordings");
            return;
        }
    };
    prompts::examine_folder(report, configuration, &library);
    match plans::load_all(&configuration.plans, &plans::facts(configuration, &library)) {
        Ok(plans) => {
            report.ok(format!("plans: {} right", plans.iter().count()));
            prompts::examine(report, &library, &plans);
            for (switch, help) in plans::unknown_switches(configuration, &plans) {
                let what = format!("switches: no dialplan declares a variable `{switch}`");
                report.mend(what, help);
            }
        }
        Err(error) => report.mend_as_said(format!("plan: {error}")),
    }
}

/// What is allowed, but leaves somebody without help.
fn examine_gaps(report: &mut Report, configuration: &Configuration) {
    let gaps = [
        (configuration.advocates.is_empty(), "advocates: none, so nobody can answer"),
        (configuration.trunks.is_empty(), "trunks: none, so nobody can call"),
        (
            configuration.diversions.is_empty(),
            "diversions: none, so with nobody on shift callers can only wait",
        ),
        (configuration.vendors.is_empty(), "vendors: none, so no interpreter can be brought in"),
    ];
    for (_, gap) in gaps.iter().filter(|(is_open, _)| *is_open) {
        report.note(gap);
    }
}
