//! What each command does: text to print, or why not.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use console::{Operator, Reloaded};
use dialplan::Purpose;
use interpreting::{Catalogue, Entry};
use media::Library;

use crate::assets::{self, RecordingError};
use crate::configuration::{self, Audience, Configuration};
use crate::lab;
use crate::plans::{self, PlanError, PlanErrors};
use crate::status::Status;
use crate::text_file::{self, TextFileError};

/// Why a command did not do its work; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Unreadable(#[from] TextFileError),
    /// The configuration is not right.
    #[error("{0}")]
    Configuration(#[from] yaml::Problems),
    /// Recordings that cannot be used.
    #[error("{}", lines(.0))]
    Recordings(Vec<RecordingError>),
    /// A plan.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// The plans of a configuration.
    #[error("{0}")]
    Plans(#[from] PlanErrors),
    /// The hotline.
    #[error("{0}")]
    Start(#[from] crate::hotline::StartError),
    /// The HTTP API cannot listen.
    #[error("http: {0}: {1}; change `listen` or `--http`")]
    Http(SocketAddr, #[source] std::io::Error),
    /// No engine listens on the control socket.
    #[error("no engine answers at {0}: {1}\nIs it running, and is this its user?")]
    NoEngine(PathBuf, #[source] std::io::Error),
    /// The control socket cannot be made.
    #[error("control socket {0}: {1}\nChange `control:` in the configuration.")]
    Control(PathBuf, #[source] std::io::Error),
    /// The engine refused.
    #[error("{0}")]
    Refused(String),
    /// The doctor found what calls would suffer from.
    #[error("to mend before the first call: {0}")]
    ToMend(usize),
    /// The demonstration found something that is not so.
    #[error("NOT SO: {0}")]
    NotSo(#[from] crate::demo::Wrong),
    /// The system.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Reads and checks a configuration; the default one without a file.
///
/// # Errors
/// When the file cannot be read, or has problems: all of them.
pub fn configuration(file: Option<&Path>) -> Result<Configuration, CommandError> {
    let catalogue = Catalogue::embedded();
    let Some(path) = file else {
        return Ok(configuration::load("northline.yaml", assets::CONFIGURATION, &catalogue)?);
    };
    let text = text_file::read(path)?;
    Ok(configuration::load(&path.display().to_string(), &text, &catalogue)?)
}

/// The configuration of an engine for that audience.
///
/// # Errors
/// When the file cannot be read, or has problems: all of them.
pub fn configuration_for(
    file: Option<&Path>,
    audience: Audience,
) -> Result<Configuration, CommandError> {
    match audience {
        Audience::Callers => configuration(file),
        Audience::Lab => lab::configuration(file),
    }
}

/// All recordings under a configuration.
///
/// # Errors
/// Every file that cannot be used.
pub fn library(configuration: &Configuration) -> Result<Library, CommandError> {
    assets::library(configuration.prompts.as_deref()).map_err(CommandError::Recordings)
}

/// `northline check`
///
/// # Errors
/// Everything that is wrong with the plan.
pub fn check(file: &Path, config: Option<&Path>) -> Result<String, CommandError> {
    let configuration = configuration(config)?;
    let library = library(&configuration)?;
    let facts = plans::facts(&configuration, &library);
    let plan = plans::load(Some(file), &facts)?;
    let steps = plan.steps().count();
    let paths = match plan.purpose() {
        Purpose::Hotline { .. } => "every path leads to a person",
        Purpose::Lab { .. } => "to measure by, for `northline run --lab` only",
    };
    Ok(format!("{}: plan `{}` is right: {steps} steps, {paths}\n", file.display(), plan.name()))
}

/// The control socket of the engine of a configuration, unless it is named.
///
/// # Errors
/// When the configuration is not right.
pub fn control_path(
    config: Option<&Path>,
    control: Option<&Path>,
) -> Result<PathBuf, CommandError> {
    match control {
        Some(path) => Ok(path.to_owned()),
        None => Ok(configuration(config)?.control),
    }
}

/// `northline status`: how the engine at a control socket stands.
///
/// # Errors
/// When no engine answers.
pub async fn status(path: &Path) -> Result<String, CommandError> {
    let asked = async { Status::ask(&mut Operator::connect(path).await?).await };
    let status = asked.await.map_err(|error| CommandError::NoEngine(path.to_owned(), error))?;
    Ok(status.to_string())
}

/// `northline reload`: the engine at a control socket puts its plans live.
///
/// # Errors
/// When no engine answers, or it refuses: then nothing changed.
pub async fn reload(path: &Path) -> Result<String, CommandError> {
    let asked = async { Operator::connect(path).await?.reload().await };
    match asked.await.map_err(|error| CommandError::NoEngine(path.to_owned(), error))? {
        Reloaded::Live(text) => Ok(text),
        Reloaded::Refused(text) => Err(CommandError::Refused(text)),
    }
}

/// `northline languages`
pub fn languages(words: &[String], catalogue: &Catalogue) -> String {
    let said = words.join(" ");
    let found =
        if said.is_empty() { catalogue.entries().iter().collect() } else { catalogue.find(&said) };
    let mut text = String::new();
    for Entry { number, language, english, .. } in &found {
        let _ = writeln!(text, "*5{number}  {:<8} {english}", language.as_str());
    }
    if found.is_empty() {
        text.push_str(
            "No language is called anything like that; ask for another name or the country.\n",
        );
    }
    text
}

fn lines(errors: &[RecordingError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
