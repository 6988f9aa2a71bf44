//! A running hotline: everything started in order, and the handle to it.

use std::net::SocketAddr;
use std::sync::Arc;

use console::{Events, Screens, Texts};
use interpreting::Catalogue;
use media::Library;
use media_io::MediaHandle;
use model::{AdvocateId, Chance};
use sip::{Endpoint, Listener, User};
use sip_io::SipIo;
use switchboard::{Recordings, Snapshot, Switchboard};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::configuration::{Configuration, Legacy, cores};
use crate::engine::{Attached, Channels, Control, Engine};
use crate::ledger::Ledger;
use crate::plans::{self, PlanErrors};

/// A hotline that takes calls.
#[derive(Debug)]
pub struct Hotline {
    addresses: Vec<SocketAddr>,
    ledger: Ledger,
    engine: JoinHandle<()>,
    signalling: JoinHandle<()>,
    boards: watch::Receiver<Arc<Snapshot>>,
    events: Arc<Events>,
    texts: Arc<Texts>,
    screens: Arc<Screens>,
}

/// Why a hotline cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The plans.
    #[error(transparent)]
    Plans(#[from] PlanErrors),
    /// An address of `sip: listen`.
    #[error("{0}: {1}; is another engine running, or is it no address of this machine?")]
    Sip(SocketAddr, #[source] std::io::Error),
    /// Media sockets or threads.
    #[error("media: {0}")]
    Media(#[from] media_io::StartError),
    /// The system's entropy.
    #[error("the system gives no random numbers")]
    Entropy,
}

impl Hotline {
    /// Starts signalling, media and the engine.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        configuration: Configuration,
        library: Library,
        attached: Attached,
    ) -> Result<Self, StartError> {
        let facts = plans::facts(&configuration, &library);
        let live = plans::load_all(&configuration.plans, &facts)?;
        let mut chance = entropy()?;
        let listen = &configuration.sip.listen;
        let limits = configuration.plans.audience.connections();
        let bound = SipIo::bind_with(listen, limits).await.map_err(|error| {
            let address = listen.get(error.position).copied();
            StartError::Sip(address.unwrap_or(([127, 0, 0, 1], 0).into()), error.source)
        })?;
        let (addresses, counters) = (bound.addresses().to_vec(), bound.counters());
        let ports = configuration.media.ports.clone();
        let rest = configuration.plans.audience.rest();
        let shards = configuration.media.shards_on(cores());
        let media_settings =
            media_io::Settings { ports, rest, shards, ..media_io::Settings::default() };
        let recordings = recordings(&library);
        let (media, media_events) =
            MediaHandle::start(&media_settings, Arc::new(library), chance.split())?;
        let (sip_settings, settings) = split(configuration, recordings, &addresses);
        let endpoint = Endpoint::new(sip_settings, chance.split());
        let (legs, leg_commands) = mpsc::unbounded_channel();
        let (leg_events_out, leg_events) = mpsc::channel(EVENTS);
        let signalling = tokio::spawn(bound.run(endpoint, leg_commands, leg_events_out));
        let switchboard = Switchboard::new(settings, live, chance.split());
        let (control, controls) = mpsc::channel(CONTROLS);
        let channels = Channels { legs: leg_events, media: media_events, control: controls };
        let engine = Engine::new(switchboard, media, legs, attached);
        let (boards, events) = (engine.boards(), engine.events());
        let (texts, screens) = (engine.texts(), engine.screens());
        let engine = tokio::spawn(engine.run(channels));
        let ledger = Ledger::new(control, counters);
        Ok(Self { addresses, ledger, engine, signalling, boards, events, texts, screens })
    }

    /// The addresses signalling listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The way to the engine.
    pub fn control(&self) -> mpsc::Sender<Control> {
        self.ledger.control()
    }

    /// The way to ask what it holds.
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// Snapshots of everything, kept up to date.
    pub fn boards(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.boards.clone()
    }

    /// What happens, by number.
    pub fn events(&self) -> Arc<Events> {
        Arc::clone(&self.events)
    }

    /// Who reads live text.
    pub fn texts(&self) -> Arc<Texts> {
        Arc::clone(&self.texts)
    }

    /// Who has a screen open.
    pub fn screens(&self) -> Arc<Screens> {
        Arc::clone(&self.screens)
    }

    /// Ends at once.
    pub async fn stop(self) {
        let _ = self.ledger.control().send(Control::Stop).await;
        self.ended().await;
    }

    /// Waits for the end: told to stop, or drained.
    pub async fn ended(self) {
        let _ = self.engine.await;
        let _ = self.signalling.await;
    }
}

/// A generator seeded by the system.
///
/// # Errors
/// When the system has no entropy to give.
pub fn entropy() -> Result<Chance, StartError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| StartError::Entropy)?;
    Ok(Chance::from_seed(seed))
}

fn recordings(library: &Library) -> Recordings {
    let mut recordings = Recordings::default();
    for (prompt, length) in library.prompts() {
        recordings.insert(prompt.clone(), length);
    }
    recordings
}

/// The configuration as what signalling and decisions each need of it.
fn split(
    configuration: Configuration,
    recordings: Recordings,
    addresses: &[SocketAddr],
) -> (sip::Settings, switchboard::Settings) {
    let legacy_md5 = configuration.sip.legacy_md5 == Legacy::Allowed;
    let listener = |&address: &SocketAddr| Listener {
        address,
        public: configuration.sip.public(address.ip()),
        legacy_md5,
    };
    let listeners = addresses.iter().map(listener).collect();
    let named = (0..).map(AdvocateId).zip(&configuration.advocates);
    let names = named.map(|(id, person)| (person.name.clone(), id)).collect();
    let supervisors = (0..).map(AdvocateId).zip(&configuration.advocates);
    let supervisors = supervisors.filter(|(_, person)| person.supervises).map(|(id, _)| id);
    let supervisors = supervisors.collect();
    let servers = configuration.servers().collect();
    let (users, people) = (0..).map(AdvocateId).zip(configuration.advocates).map(person).unzip();
    let timing = configuration.timing;
    let sip = sip::Settings {
        listeners,
        trunks: configuration.trunks,
        servers,
        users,
        realm: configuration.sip.realm,
        limits: configuration.plans.audience.signalling(),
    };
    let settings = switchboard::Settings {
        queue: queue::Settings {
            offer_for: timing.offer,
            ring_again_after: timing.ring_again,
            wrap_up: timing.wrap_up,
            long_wait: timing.long_wait,
            ..queue::Settings::new(configuration.queues, people)
        },
        names,
        supervisors,
        catalogue: Arc::new(Catalogue::embedded()),
        vendors: configuration.vendors,
        diversions: configuration.diversions,
        recordings,
        media: configuration.policies,
        most_calls: configuration.most_calls,
        interpreter_held_for: timing.interpreter_held,
    };
    (sip, settings)
}

fn person(
    (id, section): (AdvocateId, crate::configuration::AdvocateSection),
) -> (User, queue::Advocate) {
    let user = User { advocate: id, username: section.name, password: section.password };
    let person = queue::Advocate { id, languages: section.languages, queues: section.queues };
    (user, person)
}

/// Events that may wait for the engine before signalling waits for it.
const EVENTS: usize = 1024;
const CONTROLS: usize = 16;
