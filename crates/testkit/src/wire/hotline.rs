//! A whole hotline: the shipped plan, its people and vendors, each with a phone of its own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use dialplan::Line;
use model::{AdvocateId, Chance, SrtpPolicy, Target};
use sip::digest::Secret;
use sip::{Limits, Listener, Settings, Trunk, User};
use switchboard::{Board, Notice, Snapshot};

use super::datagram::{HOTLINE, signalling};
use super::node::Node;
use super::party::Party;
use super::registration::PASSWORD;
use super::sounds::{Sounds, VOICES};
use super::world::{Climate, World};
use crate::house::{self, ADVOCATES, Outside, PLAN, VENDORS};

/// A hotline on a virtual clock, reached over a seeded network.
#[derive(Clone, Debug)]
pub struct Hotline {
    world: Rc<RefCell<World>>,
    staff: Rc<BTreeMap<&'static str, usize>>,
    callers: Rc<Cell<u8>>,
}

impl Hotline {
    /// Fair weather, no back-up centre.
    pub fn simulated() -> Self {
        Self::in_climate(1, Climate::FAIR)
    }

    /// Any weather, by a seed.
    pub fn in_climate(seed: u64, climate: Climate) -> Self {
        Self::furnished(seed, climate, SrtpPolicy::Off)
    }

    /// Fair weather, and media that is encrypted with whoever can.
    pub fn encrypting() -> Self {
        Self::furnished(1, Climate::FAIR, SrtpPolicy::Optional)
    }

    fn furnished(seed: u64, climate: Climate, srtp: SrtpPolicy) -> Self {
        let recordings = house::recordings();
        let (sounds, library) = Sounds::new(&recordings);
        let plan = house::plan(PLAN, &recordings, Line::Unset);
        let vendors = (0..).zip(VENDORS).map(|(index, _)| line(vendor_ip(index))).collect();
        let mut settings = house::settings(recordings, Outside { vendors, centre: None });
        settings.media.others.srtp = srtp;
        let node =
            Node::new(signalling_settings(), settings, plan, library, Chance::from_number(seed));
        let mut world = World::new(node, sounds, climate, seed);
        let mut staff = BTreeMap::new();
        for (index, (name, _)) in (0..).zip(ADVOCATES) {
            staff.insert(name, world.add_phone(advocate_ip(index), Some(name)));
        }
        for (index, name) in (0..).zip(VENDORS) {
            staff.insert(name, world.add_phone(vendor_ip(index), None));
        }
        let world = Rc::new(RefCell::new(world));
        Self { world, staff: Rc::new(staff), callers: Rc::default() }
    }

    /// A new caller, who has not dialled yet.
    pub fn caller(&self) -> Party {
        let index = self.callers.get() + 1;
        self.callers.set(index);
        let mut world = self.world.borrow_mut();
        let phone = world.add_phone(caller_ip(index), None);
        assert!(phone < VOICES, "more people than voices");
        Party { world: Rc::clone(&self.world), phone, name: "the caller" }
    }

    /// One of [`ADVOCATES`] or [`VENDORS`].
    pub fn staff(&self, name: &str) -> Party {
        let (&name, &phone) = self.staff.get_key_value(name).expect("someone of the house");
        Party { world: Rc::clone(&self.world), phone, name }
    }

    /// The star code for an interpreter of `language`.
    pub fn code_for(&self, language: &str) -> String {
        house::code_for(language)
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.world.borrow_mut().pass(time);
    }

    /// Changes the weather.
    pub fn set_climate(&self, climate: Climate) {
        self.world.borrow_mut().climate = climate;
    }

    /// The media's only shard hangs, and another takes its place.
    pub fn shard_is_replaced(&self) {
        self.world.borrow_mut().harm(Node::replace_shard);
    }

    /// How much there is of everything.
    pub fn board(&self) -> Board {
        self.world.borrow().node.board()
    }

    /// What the live board shows.
    pub fn snapshot(&self) -> Snapshot {
        let world = self.world.borrow();
        world.node.snapshot(world.now)
    }

    /// Whether a notice like this was given.
    pub fn noticed(&self, like: impl Fn(&Notice) -> bool) -> bool {
        self.world.borrow().node.notices.iter().any(|(_, notice)| like(notice))
    }

    /// Fails unless, once the last transaction is over, no leg, port or room is held anywhere, here
    /// or at anyone's phone. Registered phones are asked now and then whether they are there; a
    /// moment between two such questions comes.
    pub fn is_empty(&self) {
        self.pass(TRANSACTIONS_END);
        let mut patience = BETWEEN_QUESTIONS;
        while !self.world.borrow().node.holdings().is_empty() && !patience.is_zero() {
            self.pass(SECOND);
            patience -= SECOND;
        }
        let world = self.world.borrow();
        assert_eq!(world.node.holdings(), Vec::<String>::new(), "nothing of a call is left");
        let alive = world.phones.iter().filter(|phone| !world.dead.contains(&phone.ip()));
        let held: usize = alive.map(super::phone::Phone::sip_legs).sum();
        assert_eq!(held, 0, "no phone is left in a call");
    }
}

const SECOND: Duration = Duration::from_secs(1);
/// Longer than a question to a dead phone is open, twice.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(120);

/// The hotline's signalling: callers come through one carrier, advocates register.
fn signalling_settings() -> Settings {
    let carrier = Trunk {
        name: "carrier".to_owned(),
        sources: vec!["10.1.0.0/16".parse().expect("a range")],
        address: None,
        account: None,
        from_user: None,
    };
    let user = |(id, (name, _)): (u32, (&str, &[&str]))| User {
        advocate: AdvocateId(id),
        username: name.to_owned(),
        password: Secret::new(PASSWORD),
    };
    Settings {
        listeners: vec![Listener::at(signalling(HOTLINE))],
        servers: Vec::new(),
        trunks: vec![carrier],
        users: (0..).zip(ADVOCATES).map(user).collect(),
        realm: "hotline.example".to_owned(),
        limits: Limits::default(),
    }
}

fn line(ip: IpAddr) -> Target {
    Target::Uri { trunk: None, uri: format!("sip:line@{}", signalling(ip)).into() }
}

fn caller_ip(index: u8) -> IpAddr {
    Ipv4Addr::new(10, 1, 0, index).into()
}

fn advocate_ip(index: u8) -> IpAddr {
    Ipv4Addr::new(10, 2, 0, index + 1).into()
}

fn vendor_ip(index: u8) -> IpAddr {
    Ipv4Addr::new(10, 3, 0, index + 1).into()
}

/// RFC 3261 Timers F, H and J, and what a lost BYE repeats before.
const TRANSACTIONS_END: Duration = Duration::from_secs(100);
