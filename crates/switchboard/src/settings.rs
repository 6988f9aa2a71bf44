//! What an operator configures of the decisions; everything else has a reason to be fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use interpreting::{Catalogue, VendorRoute};
use model::{AdvocateId, Target};

use crate::policies::MediaPolicies;
use crate::wording::Recordings;

/// One hotline.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Advocates, their languages and queues.
    pub queue: queue::Settings,
    /// The names by which advocates hand callers on to each other.
    pub names: BTreeMap<String, AdvocateId>,
    /// Who may join colleagues' calls.
    pub supervisors: BTreeSet<AdvocateId>,
    /// The languages that can be asked for.
    pub catalogue: Arc<Catalogue>,
    /// Interpretation vendors in their order, with the target each is dialled at.
    pub vendors: Vec<Vendor>,
    /// The allow-list of numbers a plan may divert to, by name.
    pub diversions: BTreeMap<String, Target>,
    /// Which recordings exist.
    pub recordings: Recordings,
    /// What the media of each peer may be.
    pub media: MediaPolicies,
    /// Calls beyond this many are refused with 503.
    pub most_calls: usize,
    /// How long an interpreter is held for the next advocate (I9).
    pub interpreter_held_for: Duration,
}

/// A vendor's route and where it is dialled.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// Languages, order and access script.
    pub route: Arc<VendorRoute>,
    /// Where the line is.
    pub target: Target,
}
