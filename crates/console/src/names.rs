//! What the configuration calls advocates and vendors.

use model::{AdvocateId, VendorId};

/// Names by position in the configuration.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of the advocates.
    pub advocates: Vec<String>,
    /// Of the vendors; their numbers and codes are nobody's business (O8).
    pub vendors: Vec<String>,
}

impl Names {
    /// What an advocate is called.
    pub fn advocate(&self, id: AdvocateId) -> String {
        named(&self.advocates, id.0)
    }

    /// What a vendor is called.
    pub fn vendor(&self, id: VendorId) -> String {
        named(&self.vendors, id.0)
    }
}

fn named(names: &[String], position: u32) -> String {
    let name = usize::try_from(position).ok().and_then(|at| names.get(at));
    name.cloned().unwrap_or_else(|| position.to_string())
}
