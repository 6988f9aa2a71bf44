//! The world around one hotline's machine: the clock, the phones, and the network between them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use model::{Chance, Instant, LegId};

use super::datagram::{Datagram, HOTLINE};
use super::network::{Network, Weather};
use super::node::Node;
use super::phone::Phone;
use super::sounds::Sounds;

/// How bad the ways between the hotline and everyone are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Climate {
    /// Signalling to the hotline.
    pub signalling_in: Weather,
    /// Signalling from it.
    pub signalling_out: Weather,
    /// RTP to the hotline.
    pub media_in: Weather,
    /// RTP from it.
    pub media_out: Weather,
}

impl Climate {
    /// A local network.
    pub const FAIR: Self = Self::of(Weather::FAIR, Weather::FAIR);

    /// The same both ways.
    pub const fn of(signalling: Weather, media: Weather) -> Self {
        Self {
            signalling_in: signalling,
            signalling_out: signalling,
            media_in: media,
            media_out: media,
        }
    }

    const fn on(&self, is_inbound: bool, is_signalling: bool) -> Weather {
        match (is_signalling, is_inbound) {
            (true, true) => self.signalling_in,
            (true, false) => self.signalling_out,
            (false, true) => self.media_in,
            (false, false) => self.media_out,
        }
    }
}

/// Everything that exists in a test.
#[derive(Debug)]
pub struct World {
    pub(crate) now: Instant,
    pub(crate) node: Node,
    pub(crate) phones: Vec<Phone>,
    pub(crate) climate: Climate,
    /// Machines that have lost power: nothing leaves or reaches them.
    pub(crate) dead: BTreeSet<IpAddr>,
    network: Network<Datagram>,
    sounds: Sounds,
    chance: Chance,
}

impl World {
    pub(crate) fn new(node: Node, sounds: Sounds, climate: Climate, seed: u64) -> Self {
        Self {
            now: Instant::from_nanos(1_000_000_000),
            node,
            phones: Vec::new(),
            climate,
            dead: BTreeSet::new(),
            network: Network::new(seed ^ 0x5eed),
            sounds,
            chance: Chance::from_number(!seed),
        }
    }

    /// A new machine at `ip`, and its number.
    pub(crate) fn add_phone(&mut self, ip: IpAddr, account: Option<&'static str>) -> usize {
        let person = self.phones.len();
        let chance = self.chance.split();
        self.phones.push(Phone::new(person, ip, account, self.sounds.clone(), chance));
        person
    }

    /// Lets a phone do something, now.
    pub(crate) fn with<T>(
        &mut self,
        phone: usize,
        act: impl FnOnce(&mut Phone, Instant) -> T,
    ) -> T {
        let done = act(&mut self.phones[phone], self.now);
        self.post();
        done
    }

    /// Breaks something of the hotline's machine, now.
    pub(crate) fn harm(&mut self, harm: impl FnOnce(&mut Node, Instant)) {
        harm(&mut self.node, self.now);
        self.post();
    }

    /// Lets `time` pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.post();
        while let Some(next) = self.next_event().filter(|&next| next <= until) {
            self.now = self.now.max(next);
            self.step();
        }
        self.now = until;
    }

    /// Lets time pass until `seen` holds, at most `limit`; says whether it does.
    pub(crate) fn wait_for(&mut self, limit: Duration, seen: impl Fn(&Self) -> bool) -> bool {
        let until = self.now + limit;
        while !seen(self) && self.now < until {
            self.pass(STEP);
        }
        seen(self)
    }

    /// The leg of a phone that rings or is up.
    pub(crate) fn leg_of(&self, phone: usize) -> Option<LegId> {
        self.phones[phone].leg()
    }

    fn next_event(&self) -> Option<Instant> {
        let phones = self.phones.iter().filter(|phone| !self.is_dead(phone.ip()));
        let phones = phones.filter_map(Phone::deadline);
        phones.chain(self.network.next_arrival()).chain(self.node.deadline()).min()
    }

    fn step(&mut self) {
        while let Some(datagram) = self.network.arrive(self.now) {
            self.deliver(datagram);
        }
        if self.node.deadline().is_some_and(|due| due <= self.now) {
            self.node.handle_timeout(self.now);
        }
        for phone in &mut self.phones {
            let is_due = phone.deadline().is_some_and(|due| due <= self.now);
            if is_due && !self.dead.contains(&phone.ip()) {
                phone.handle_timeout(self.now);
            }
        }
        self.post();
    }

    fn deliver(&mut self, datagram: Datagram) {
        if datagram.is_inbound() {
            return self.node.receive(self.now, &datagram);
        }
        let (people, to) = (self.phones.len(), datagram.to.ip());
        let mut phones = self.phones.iter_mut().filter(|_| !self.dead.contains(&to));
        if let Some(phone) = phones.find(|phone| phone.ip() == to) {
            phone.receive(self.now, people, datagram);
        }
    }

    /// Hands what everyone wants to send to the network.
    fn post(&mut self) {
        while let Some(datagram) = self.node.poll_datagram() {
            self.send(datagram);
        }
        for phone in 0..self.phones.len() {
            while let Some(datagram) = self.phones[phone].poll_datagram() {
                self.send(datagram);
            }
        }
    }

    fn send(&mut self, datagram: Datagram) {
        let weather = self.climate.on(datagram.is_inbound(), datagram.is_signalling());
        if !self.is_dead(datagram.from.ip()) {
            self.network.send(self.now, weather, datagram);
        }
    }

    fn is_dead(&self, ip: IpAddr) -> bool {
        ip != HOTLINE && self.dead.contains(&ip)
    }
}

const STEP: Duration = Duration::from_millis(20);
