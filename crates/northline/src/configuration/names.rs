//! Names that mean one thing: who is called like something else is said where she is written.

use std::collections::HashSet;

use yaml::Located;

use super::reader::Reader;

/// What is named. Two of one kind share no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// An advocate, a queue or a back-up centre: a call is handed on to one of them by its name.
    Reached,
    Trunk,
    Vendor,
    /// An address to listen at.
    Listener,
}

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<(Kind, String)>);

impl Names {
    /// Takes a name; `false` if somebody has it.
    pub(super) fn take(&mut self, kind: Kind, name: &str) -> bool {
        self.0.insert((kind, name.to_owned()))
    }
}

impl Reader<'_> {
    /// Takes a name, if there is one.
    pub(super) fn claim(&mut self, name: Option<&Located<String>>, kind: Kind) {
        let Some(name) = name else { return };
        if self.names.take(kind, &name.value) {
            return;
        }
        let (thing, help) = match kind {
            Kind::Reached => (
                "an advocate, queue or diversion",
                "a call is handed on by that name: give each one of its own",
            ),
            Kind::Trunk => ("a trunk", "give each trunk a name of its own"),
            Kind::Vendor => ("a vendor", "give each vendor a name of its own"),
            Kind::Listener => ("an address to listen at", "write each address once"),
        };
        self.problem(name.spot, format!("there is already {thing} `{}`", name.value), help);
    }
}
