//! Many calls at once: every leg with whose it is and what it may do next, and what must hold of
//! all of them at every instant.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{
    AdvocateId, Digit, Direction, EndReason, LegEvent, LegId, MediaEvent, RoomId, Target, Typed,
    VendorId,
};
use switchboard::Notice;

use crate::world::{PhoneState, World, vendor_target};
use crate::{Hotline, VENDORS};

/// Whose leg it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Somebody who rang.
    Caller,
    /// An advocate in a call, or rung for one.
    Advocate(AdvocateId),
    /// A vendor's line.
    Vendor(VendorId),
    /// An advocate who dialled a star code.
    Desk,
}

/// A leg that rings or is up.
#[derive(Clone, Copy, Debug)]
pub struct Presence {
    /// The leg.
    pub leg: LegId,
    /// Whose it is.
    pub who: Who,
    /// Whether it is up; it rings otherwise.
    pub up: bool,
}

/// What a party does on a leg.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// Picks up.
    Answers,
    /// Hangs up, refuses, or fails.
    Ends(EndReason),
    /// Presses a key.
    Presses(Digit),
    /// Starts or stops to speak.
    Speaks(bool),
    /// Writes a little.
    Types(&'static str),
    /// Loses power.
    Vanishes,
    /// Presses the transfer key and a name.
    HandsOn(&'static str),
    /// Holds, or comes back from hold.
    Reoffers(Direction),
    /// Lets itself be heard before it answers.
    Progresses,
}

impl Hotline {
    /// Everyone whose leg rings or is up.
    pub fn everyone(&self) -> Vec<Presence> {
        let world = self.world().borrow();
        let live = world.phones.iter().filter(|(_, phone)| phone.state != PhoneState::Ended);
        live.filter(|(leg, _)| !world.dead.contains(leg))
            .map(|(&leg, phone)| {
                let up = phone.state == PhoneState::Up;
                Presence { leg, who: who(&world, leg), up }
            })
            .collect()
    }

    /// Lets a party do something.
    pub fn does(&self, leg: LegId, deed: Deed) {
        let mut world = self.world().borrow_mut();
        match deed {
            Deed::Answers => world.answer(leg),
            Deed::Ends(reason) => world.end(leg, reason),
            Deed::Presses(digit) => world.media_event(MediaEvent::Digit { leg, digit }),
            Deed::Speaks(speaking) => world.media_event(MediaEvent::Speech { leg, speaking }),
            Deed::Types(text) => {
                let (text, _) = Typed::split(text);
                world.types(leg, text);
            }
            Deed::HandsOn(name) => {
                let target = name.to_owned().into();
                world.leg_event(LegEvent::TransferAsked { leg, target, replaces: None });
            }
            Deed::Reoffers(direction) => world.reoffer(leg, direction),
            Deed::Progresses => world.progress(leg),
            Deed::Vanishes => {
                let quiet_after = patience(who(&world, leg));
                world.kill(leg, quiet_after);
            }
        }
    }

    /// Registers the phones of all advocates again.
    pub fn registers(&self, advocate: AdvocateId) {
        self.world().borrow_mut().register(advocate);
    }

    /// Takes an advocate's phones off the hook of the registrar.
    pub fn unregisters(&self, advocate: AdvocateId) {
        let contacts = Vec::new();
        let gone = LegEvent::ContactsChanged { advocate, contacts };
        self.world().borrow_mut().leg_event(gone);
    }

    /// Fails unless nobody hears whom they must not: no interpreter alone with a caller (I9), nobody
    /// in two calls, no line of a vendor heard by a caller without an advocate or a centre (I10).
    pub fn is_sound(&self) {
        let world = self.world().borrow();
        let mut rooms: BTreeMap<LegId, BTreeSet<RoomId>> = BTreeMap::new();
        for (&room, routes) in &world.shard.routes {
            for route in routes.iter().filter(|r| world.shard.hears(r.listener, r.speaker)) {
                rooms.entry(route.listener).or_default().insert(room);
                rooms.entry(route.speaker).or_default().insert(room);
            }
        }
        assert!(rooms.values().all(|rooms| rooms.len() == 1), "a leg is heard in two calls");
        let mut advocates = BTreeMap::new();
        for (&leg, rooms) in &rooms {
            if let Who::Advocate(advocate) = who(&world, leg) {
                let before = advocates.insert(advocate, rooms.clone());
                assert!(before.is_none_or(|before| before == *rooms), "an advocate in two calls");
            }
        }
        for (&caller, _) in rooms.iter().filter(|(leg, _)| who(&world, **leg) == Who::Caller) {
            let heard: Vec<Who> = heard_by(&world, caller).map(|leg| who(&world, leg)).collect();
            let advocates = heard.iter().filter(|w| matches!(w, Who::Advocate(_))).count();
            let callers = heard.iter().filter(|w| **w == Who::Caller).count();
            assert!(advocates <= 1 && callers == 0, "a caller hears {heard:?}");
            let hosted = advocates == 1 || heard.contains(&CENTRE);
            assert!(hosted || heard.is_empty(), "a caller is alone with {heard:?}");
        }
    }

    /// The ends of all calls so far, each with whether the caller had talked to somebody.
    pub fn ends(&self) -> Vec<(EndReason, bool)> {
        let world = self.world().borrow();
        let mut talked = BTreeSet::new();
        let mut ends = Vec::new();
        for (_, notice) in &world.notices {
            match notice {
                Notice::Connected { call, .. } | Notice::Diverted { call } => {
                    talked.insert(*call);
                }
                Notice::CallEnded { call, reason } => ends.push((*reason, talked.contains(call))),
                _ => {}
            }
        }
        ends
    }
}

fn heard_by(world: &World, listener: LegId) -> impl Iterator<Item = LegId> {
    let legs = world.shard.legs.keys().copied();
    legs.filter(move |&speaker| world.shard.hears(listener, speaker))
}

fn who(world: &World, leg: LegId) -> Who {
    if world.callers.contains(&leg) {
        return Who::Caller;
    }
    match world.phones.get(&leg).and_then(|phone| phone.target.as_ref()) {
        Some(Target::Contact(contact)) => {
            Who::Advocate(AdvocateId(u32::try_from(contact.0).unwrap_or(u32::MAX)))
        }
        Some(target) => Who::Vendor(vendor_at(target)),
        None => Who::Desk,
    }
}

/// The back-up centre, which answers like a vendor's line.
const CENTRE: Who = Who::Vendor(VendorId(u32::MAX));

/// The vendor whose line is dialled there.
fn vendor_at(target: &Target) -> VendorId {
    let mut known = (0..).map(VendorId).take(VENDORS.len());
    known.find(|vendor| vendor_target(*vendor) == *target).unwrap_or(VendorId(u32::MAX))
}

/// How long the media waits before it calls such a leg quiet.
const fn patience(who: Who) -> Duration {
    match who {
        Who::Advocate(_) => Duration::from_secs(1),
        Who::Vendor(_) => Duration::from_secs(5),
        Who::Caller | Who::Desk => Duration::from_secs(15),
    }
}
