//! `northline run --lab`: an engine that anybody on this machine may measure with tools of her own,
//! and that nobody else can reach.
//!
//! It serves the numbers of a plan with `purpose: lab`, and beside them the hotline's plan as the
//! number [`HOTLINE_NUMBER`]. It is the same engine: only who is served, and how much, differs.

use std::path::Path;
use std::time::Duration;

use interpreting::Catalogue;
use sip::Served;
use yaml::Problems;

use crate::commands::{self, CommandError};
use crate::configuration::{self, Audience, Configuration, Legacy};
use crate::folder::Folder;
use crate::hotline::entropy;
use crate::run::{DESCRIPTORS, Service};

/// What leads to the hotline's plan in a lab.
pub const HOTLINE_NUMBER: &str = "ivr";

/// Serves until it is told to stop, as `northline run` does.
///
/// # Errors
/// When it cannot start.
pub async fn run(
    mut configuration: Configuration,
    config: Option<&Path>,
) -> Result<(), CommandError> {
    // Without a configuration it must not take the place of the engine that serves callers.
    let folder = match config {
        Some(_) => None,
        None => Some(Folder::new(&mut entropy()?)?),
    };
    if let Some(folder) = &folder {
        configuration.control = folder.path().join("control.sock");
    }
    announce(&configuration);
    Service::start(configuration, crate::engine::Attached::default()).await?.serve().await
}

/// The configuration of a lab: that of `config` with what a lab adds, or what a lab adds alone.
///
/// # Errors
/// When the file cannot be read, or has problems: all of them.
pub fn configuration(config: Option<&Path>) -> Result<Configuration, CommandError> {
    let lab = added()?;
    let Some(path) = config else { return Ok(lab) };
    let mut own = commands::configuration(Some(path))?;
    own.plans.audience = Audience::Lab;
    own.sip.legacy_md5 = Legacy::Allowed;
    own.most_calls = own.most_calls.max(lab.most_calls);
    own.trunks.extend(lab.trunks);
    let known = |name: &str| own.advocates.iter().any(|advocate| advocate.name == name);
    let mut people = lab.advocates;
    people.retain(|advocate| !known(&advocate.name));
    people.iter_mut().for_each(|advocate| advocate.queues.clone_from(&own.queues));
    own.advocates.extend(people);
    Ok(own)
}

/// What a lab adds, as a configuration of its own.
fn added() -> Result<Configuration, Problems> {
    let mut configuration = configuration::load("the lab", ADDED, &Catalogue::embedded())?;
    configuration.plans.audience = Audience::Lab;
    Ok(configuration)
}

fn announce(configuration: &Configuration) {
    tracing::warn!("LAB: this engine is for measuring. Do not put it where callers come.");
    tracing::warn!("LAB: whoever is on this machine can call it; everybody else gets 403");
    tracing::warn!(
        "LAB: dial echo, 3000-3999, 4000-4999, ring, early, hangup, dtmf, ivr; register as alice, \
         password secret, MD5 or SHA-256"
    );
    let ports = &configuration.media.ports;
    let legs = os::limits::raise_descriptors(DESCRIPTORS).unwrap_or_default() / 2;
    tracing::warn!(
        "LAB: at most {} calls at a time, media ports {} to {}, descriptors for {legs} legs; a call \
         without RTP is probed after 60 s",
        configuration.most_calls,
        ports.start(),
        ports.end()
    );
    tracing::warn!("LAB: control socket {}", configuration.control.display());
}

impl Audience {
    /// Who is served by signalling, and how much of it.
    pub(crate) fn signalling(self) -> sip::Limits {
        match self {
            Self::Callers => sip::Limits::default(),
            Self::Lab => sip::Limits {
                served: Served::ThisMachine,
                legs: 20_000,
                transactions: 200_000,
                ..sip::Limits::default()
            },
        }
    }

    /// What the sockets of signalling take.
    pub(crate) fn connections(self) -> sip_io::Limits {
        match self {
            Self::Callers => sip_io::Limits::default(),
            Self::Lab => {
                let known = sip_io::Rate { burst: 200_000, per_second: 100_000 };
                let (connections, connections_per_source) = (5000, 5000);
                sip_io::Limits {
                    connections,
                    connections_per_source,
                    known,
                    ..sip_io::Limits::default()
                }
            }
        }
    }

    /// How long a pair of media ports rests after use.
    pub(crate) const fn rest(self) -> Duration {
        match self {
            Self::Callers => media_io::Settings::REST,
            // Nobody is there whom a stranger's late packets could harm.
            Self::Lab => Duration::from_secs(4),
        }
    }
}

impl Configuration {
    /// Legs of all calls at their largest: caller, advocate, and an interpreter's line.
    pub(crate) const fn most_legs(&self) -> usize {
        match self.plans.audience {
            Audience::Callers => 3 * self.most_calls,
            Audience::Lab => self.most_calls,
        }
    }
}

/// Ports below those that other programs are given by the system.
const ADDED: &str = "\
sip: { legacy-md5: yes }
media: { ports: 10000-32767 }
calls: 8000
trunks: [{ name: lab, from: [127.0.0.0/8, \"::1/128\"] }]
advocates: [{ name: alice, password: secret, languages: [en, es] }]
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_needs_no_configuration() {
        let lab = configuration(None).expect("right");
        assert_eq!((lab.trunks.len(), lab.advocates.len()), (1, 1));
        assert_eq!(lab.plans.audience, Audience::Lab);
        let pairs = usize::from(lab.media.ports.end() - lab.media.ports.start()) / 2;
        assert!(pairs > lab.most_legs());
    }

    #[test]
    fn an_operators_plan_to_measure_by_takes_the_place_of_the_shipped_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("own.yaml");
        let text = crate::assets::LAB.replace("  echo: echo\n", "  mirror: echo\n");
        std::fs::write(&file, text).expect("written");
        let mut lab = configuration(None).expect("right");
        let library = commands::library(&lab).expect("recordings");
        let facts = crate::plans::facts(&lab, &library);
        let leads = |lab: &Configuration, number: &str| {
            let plans = crate::plans::load_all(&lab.plans, &facts).expect("right plans");
            plans.of(number).map(|(plan, _)| plan.name().to_owned())
        };
        assert_eq!(leads(&lab, "echo").as_deref(), Some("lab"));
        lab.plans.any = Some(file);
        assert_eq!((leads(&lab, "echo"), leads(&lab, "mirror").as_deref()), (None, Some("lab")));
        assert_eq!(leads(&lab, HOTLINE_NUMBER).as_deref(), Some("hotline"));
        lab.plans.audience = Audience::Callers;
        assert!(crate::plans::load_all(&lab.plans, &facts).is_err());
    }

    #[test]
    fn a_lab_adds_to_a_configuration_and_takes_nothing_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("northline.yaml");
        let text = "queues: [night]\nadvocates:\n  - { name: bruna, password: a-long-one }\n\
                    trunks: [{ name: carrier, from: [192.0.2.0/24] }]\ncontrol: /run/own.sock\n";
        std::fs::write(&file, text).expect("written");
        let lab = configuration(Some(&file)).expect("right");
        let names: Vec<&str> = lab.advocates.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["bruna", "alice"]);
        assert!(lab.advocates.iter().all(|one| one.queues == ["night".into()]));
        let trunks: Vec<&str> = lab.trunks.iter().map(|trunk| trunk.name.as_str()).collect();
        assert_eq!(trunks, ["carrier", "lab"]);
        assert_eq!(lab.control, Path::new("/run/own.sock"));
    }
}
