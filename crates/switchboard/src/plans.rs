//! Which plan a dialled number leads to.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialplan::Plan;

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

    /// The plan that a call to `dialled` runs on.
    pub fn of(&self, dialled: &str) -> &Arc<Plan> {
        self.by_number.get(bare(dialled)).unwrap_or(&self.any)
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
