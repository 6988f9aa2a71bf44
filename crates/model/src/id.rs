//! Our own names for things: random or configured, never derived from a caller's data.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }
    };
}

macro_rules! configured_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

random_id! {
    /// All legs that serve one caller.
    CallId
}
random_id! {
    /// One party's signalling and media within a call.
    ///
    /// `sip` draws odd ids for legs it is offered, the switchboard even ids for legs it dials, so
    /// that neither needs the other to name a leg.
    LegId
}
random_id! {
    /// The legs that may hear each other; a call has one room for its whole life.
    RoomId
}
random_id! {
    /// One way to reach an advocate: a registered contact of a phone or a browser.
    ContactId
}
random_id! {
    /// One request to play prompts to a leg.
    PlayId
}
configured_id! {
    /// An advocate, by position in the configuration.
    AdvocateId
}
configured_id! {
    /// A trunk, by position in the configuration.
    TrunkId
}
configured_id! {
    /// An interpretation vendor's route, by position in the configuration.
    VendorId
}
