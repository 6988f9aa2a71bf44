//! A whole hotline in a test: the shipped plan, three advocates, two vendors.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use dialplan::Line;
use model::{MediaEvent, ShardState, VendorId};
use switchboard::{Audible, Board, Input, Notice, Plans, Settings};

use crate::house::{self, LAB, Outside, PLAN, VENDORS};
use crate::party::{Advocate, Caller, Vendor};
use crate::world::{World, centre, vendor_target};

/// A hotline on a virtual clock.
#[derive(Clone, Debug)]
pub struct Hotline {
    pub(crate) world: Rc<RefCell<World>>,
}

impl Hotline {
    /// The shipped plan, nobody ready, both vendors for all languages, no back-up centre.
    pub fn simulated() -> Self {
        Self::on_plan(PLAN, Line::Unset)
    }

    /// The same with a back-up centre.
    pub fn with_backup() -> Self {
        Self::on_plan(PLAN, Line::Set)
    }

    /// The shipped plan, and vendors whose menus speak before they answer.
    pub fn with_early_menus() -> Self {
        Self::furnished(PLAN, Line::Unset, |settings| {
            for vendor in &mut settings.vendors {
                Arc::make_mut(&mut vendor.route).menu_before_answer = true;
            }
        })
    }

    /// Another plan.
    pub fn on_plan(text: &str, backup: Line) -> Self {
        Self::furnished(text, backup, |_| {})
    }

    fn furnished(text: &str, backup: Line, change: impl FnOnce(&mut Settings)) -> Self {
        let recordings = house::recordings();
        let plan = house::plan(text, &recordings, backup);
        let vendors = (0..).map(VendorId).zip(VENDORS).map(|(id, _)| vendor_target(id));
        let centre = (backup == Line::Set).then(centre);
        let outside = Outside { vendors: vendors.collect(), centre };
        let mut settings = house::settings(recordings, outside);
        change(&mut settings);
        Self { world: Rc::new(RefCell::new(World::new(settings, plan.into()))) }
    }

    /// A lab: its shipped plan for any number, and the hotline's for `ivr`.
    pub fn lab() -> Self {
        let recordings = house::recordings();
        let plan = |text| house::plan(text, &recordings, Line::Unset);
        let plans = Plans::new(plan(LAB)).with("ivr", plan(PLAN));
        let settings = house::settings(recordings, Outside { vendors: Vec::new(), centre: None });
        Self { world: Rc::new(RefCell::new(World::new(settings, plans))) }
    }

    /// A new caller, who has not dialled yet.
    pub fn caller(&self) -> Caller {
        let leg = self.world.borrow_mut().new_peer_leg();
        Caller { world: Rc::clone(&self.world), leg }
    }

    /// One of [`crate::ADVOCATES`].
    pub fn advocate(&self, name: &str) -> Advocate {
        let id = house::advocate_named(name);
        Advocate { world: Rc::clone(&self.world), id }
    }

    /// One of [`crate::VENDORS`].
    pub fn vendor(&self, name: &str) -> Vendor {
        Vendor { world: Rc::clone(&self.world), id: house::vendor_named(name) }
    }

    /// The back-up centre, which answers like a vendor's line.
    pub fn centre(&self) -> Vendor {
        Vendor { world: Rc::clone(&self.world), id: VendorId(u32::MAX) }
    }

    /// The star code for an interpreter of `language`.
    pub fn code_for(&self, language: &str) -> String {
        house::code_for(language)
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.world.borrow_mut().pass(time);
    }

    /// Puts another plan live for new calls.
    pub fn publish(&self, text: &str) {
        let mut world = self.world.borrow_mut();
        let plan = house::plan(text, &world.recordings, Line::Unset);
        world.input(Input::Publish(plan.into()));
    }

    /// The media's only shard works so many percent of its time, for so many seconds.
    pub fn media_is_loaded(&self, load_percent: u8, seconds: u32) {
        for _ in 0..seconds {
            let shard = ShardState { load_percent, ..ShardState::default() };
            self.world.borrow_mut().media_event(MediaEvent::Shards(vec![shard]));
            self.pass(Duration::from_secs(1));
        }
    }

    /// The engine is to take no new calls.
    pub fn drains(&self) {
        self.world.borrow_mut().input(Input::Drain);
    }

    /// The media refuses the next leg, after so long.
    pub fn media_refuses_next(&self, after: Duration) {
        self.world.borrow_mut().shard.refusal_after = Some(after);
    }

    /// How much the media was told so far: every command, and every pair that one named.
    pub fn media_was_told(&self) -> usize {
        self.world.borrow().shard.told
    }

    /// The engine is told to stop.
    pub fn stops(&self) {
        self.world.borrow_mut().input(Input::EndAll);
    }

    /// Puts a plan live for a number of its own, beside the shipped one.
    pub fn publish_for(&self, number: &str, text: &str) {
        let mut world = self.world.borrow_mut();
        let shipped = house::plan(PLAN, &world.recordings, Line::Unset);
        let own = house::plan(text, &world.recordings, Line::Unset);
        world.input(Input::Publish(Plans::new(shipped).with(number, own)));
    }

    pub(crate) const fn world(&self) -> &Rc<RefCell<World>> {
        &self.world
    }

    /// How much there is of everything.
    pub fn board(&self) -> Board {
        self.world.borrow().board.board()
    }

    /// Fails unless no call, leg or waiting caller is left.
    pub fn is_empty(&self) {
        let board = self.board();
        assert_eq!(board, Board::default(), "nothing of a call is left");
        assert!(self.world.borrow().shard.legs.is_empty(), "no media leg is left");
    }

    /// Whether a notice like this was given.
    pub fn noticed(&self, like: impl Fn(&Notice) -> bool) -> bool {
        self.world.borrow().notices.iter().any(|(_, notice)| like(notice))
    }

    /// Who could hear whom according to the notices, each state as `listener<speaker` pairs.
    pub fn audiences(&self) -> Vec<String> {
        let world = self.world.borrow();
        let audible = world.notices.iter().filter_map(|(_, notice)| match notice {
            Notice::Audience { audible, .. } => Some(audible),
            _ => None,
        });
        let pair = |pair: &Audible| format!("{}<{}", pair.listener.as_str(), pair.speaker.as_str());
        audible.map(|all| all.iter().map(pair).collect::<Vec<_>>().join(" ")).collect()
    }

    /// The longest time a caller heard nothing while no person was connected (C2).
    pub fn longest_silence(&self) -> Duration {
        self.world.borrow().longest_silence
    }

    /// A panic in the handling of the only call, as the engine heals it.
    pub fn panics_in_the_call(&self) {
        let mut world = self.world.borrow_mut();
        let call = world.notices.iter().find_map(|(_, notice)| match notice {
            Notice::CallArrived { call } => Some(*call),
            _ => None,
        });
        world.forget(call.expect("there is a call"));
    }
}
