//! Which plan a dialled number leads to.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialplan::{Entry, Plan, Purpose};

/// The plans that are live: one for any number, others for numbers of their own (C16).
#[derive(Clone, Debug)]
pub struct Plans {
    any: Arc<Plan>,
    by_number: BTreeMap<String, Arc<Plan>>,
}

impl Plans {
    /// One plan for any number.
    pub const fn new(any: Arc<Plan>) -> Self {
        Self { any, by_number: BTreeMap::new() }
    }

    /// Adds a plan for a number of its own, written with or without the leading `+`.
    #[must_use]
    pub fn with(mut self, number: &str, plan: Arc<Plan>) -> Self {
        self.by_number.insert(bare(number).to_owned(), plan);
        self
    }

    /// The plan that a call to `dialled` runs on, and where in it; none where a lab's plan is for any
    /// number and does not know this one.
    pub fn of(&self, dialled: &str) -> Option<(&Arc<Plan>, Entry)> {
        let dialled = bare(dialled);
        let plan = self.by_number.get(dialled).unwrap_or(&self.any);
        Some((plan, plan.entry(dialled)?))
    }

    /// Whether `dialled` is a number to measure by, for whoever dials it.
    pub(crate) fn measure(&self, dialled: &str) -> bool {
        let found = self.of(dialled);
        found.is_some_and(|(plan, _)| matches!(plan.purpose(), Purpose::Lab { .. }))
    }

    /// Every plan, with the number it is for; `None` for any number.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &Arc<Plan>)> {
        let others = self.by_number.iter().map(|(number, plan)| (Some(number.as_str()), plan));
        std::iter::once((None, &self.any)).chain(others)
    }
}

impl From<Arc<Plan>> for Plans {
    fn from(any: Arc<Plan>) -> Self {
        Self::new(any)
    }
}

fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}
