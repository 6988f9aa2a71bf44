//! A whole hotline in a test: the shipped plan, three advocates, two vendors.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use dialplan::{DiversionName, Facts, Line, Plan, load};
use interpreting::{Catalogue, Code, Digits, Languages, Limit, Secret, Step, VendorRoute};
use model::{AdvocateId, Language, Prompt, PromptName, VendorId};
use queue::Advocate as Person;
use switchboard::{Board, Input, Notice, Recordings, Settings, Vendor as Route};

use crate::party::{Advocate, Caller, Vendor};
use crate::world::{ADVOCATES, VENDORS, World, centre, vendor_target};

/// A hotline on a virtual clock.
#[derive(Clone, Debug)]
pub struct Hotline {
    world: Rc<RefCell<World>>,
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

    /// Another plan.
    pub fn on_plan(text: &str, backup: Line) -> Self {
        let recordings = recordings();
        let plan = plan(text, &recordings, backup);
        let settings = settings(recordings, backup);
        Self { world: Rc::new(RefCell::new(World::new(settings, plan))) }
    }

    /// A new caller, who has not dialled yet.
    pub fn caller(&self) -> Caller {
        let leg = self.world.borrow_mut().new_peer_leg();
        Caller { world: Rc::clone(&self.world), leg }
    }

    /// One of [`ADVOCATES`].
    pub fn advocate(&self, name: &str) -> Advocate {
        let position = ADVOCATES.iter().position(|(known, _)| *known == name);
        let id = position.and_then(|position| u32::try_from(position).ok());
        let id = AdvocateId(id.expect("an advocate of ADVOCATES"));
        Advocate { world: Rc::clone(&self.world), id }
    }

    /// One of [`VENDORS`].
    pub fn vendor(&self, name: &str) -> Vendor {
        let position = VENDORS.iter().position(|known| *known == name);
        let id = position.and_then(|position| u32::try_from(position).ok());
        Vendor { world: Rc::clone(&self.world), id: VendorId(id.expect("a vendor of VENDORS")) }
    }

    /// The back-up centre, which answers like a vendor's line.
    pub fn centre(&self) -> Vendor {
        Vendor { world: Rc::clone(&self.world), id: VendorId(u32::MAX) }
    }

    /// The star code for an interpreter of `language`.
    pub fn code_for(&self, language: &str) -> String {
        let tag: Language = language.parse().expect("a tag");
        let catalogue = Catalogue::embedded();
        format!("*5{}", catalogue.by_tag(tag).expect("in the catalogue").number)
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        self.world.borrow_mut().pass(time);
    }

    /// Puts another plan live for new calls.
    pub fn publish(&self, text: &str) {
        let mut world = self.world.borrow_mut();
        let plan = plan(text, &world.recordings, Line::Unset);
        world.input(Input::Publish(plan));
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

fn settings(recordings: Recordings, backup: Line) -> Settings {
    let people = ADVOCATES.iter().zip(0..).map(|((_, languages), id)| Person {
        id: AdvocateId(id),
        languages: languages.iter().map(|tag| tag.parse().expect("a tag")).collect(),
        queues: vec![QUEUE.into()],
    });
    let vendors = (0..).zip(VENDORS).map(|(id, _)| vendor(VendorId(id)));
    let diversion = (backup == Line::Set).then(|| ("backup".to_owned(), centre()));
    Settings {
        queue: queue::Settings::new(vec![QUEUE.into()], people.collect()),
        catalogue: Arc::new(Catalogue::embedded()),
        vendors: vendors.collect(),
        diversions: diversion.into_iter().collect(),
        recordings,
        most_calls: 500,
        interpreter_held_for: Duration::from_secs(90),
    }
}

/// A vendor whose menu asks for the account and then puts the caller on hold.
fn vendor(id: VendorId) -> Route {
    let seconds = |seconds| Limit(Duration::from_secs(seconds));
    let digits = Digits::try_from("{account}#".to_owned()).expect("digits");
    let account = Code::try_from("4711".to_owned()).expect("a code");
    let mut route = VendorRoute::new(id);
    route.languages = Languages::All;
    route.account = Some(Secret::new(account));
    route.script = vec![
        Step::HearSpeech(seconds(10)),
        Step::HearSilence(seconds(20)),
        Step::Send(digits),
        Step::Person(seconds(60)),
    ];
    Route { route: Arc::new(route), target: vendor_target(id) }
}

fn plan(text: &str, recordings: &Recordings, backup: Line) -> Arc<Plan> {
    let spoken = recordings.iter().filter_map(|(prompt, length)| match prompt {
        Prompt::Spoken { language, name } => Some(((*language, name.clone()), length)),
        Prompt::Signal(_) => None,
    });
    let facts = Facts {
        prompts: spoken.collect(),
        music: [PromptName::from("calm")].into(),
        queues: [dialplan::QueueName::from(QUEUE)].into(),
        diversions: BTreeMap::from([(DiversionName::from("backup"), backup)]),
        switches: BTreeMap::new(),
    };
    Arc::new(load("plan.yaml", text, &facts).unwrap_or_else(|problems| panic!("{problems}")))
}

/// Every prompt that the plan and the switchboard name, with lengths like those of real ones.
fn recordings() -> Recordings {
    let mut recordings = Recordings::default();
    for name in CALLERS_PROMPTS.split_whitespace() {
        for language in [Language::ENGLISH, Language::SPANISH] {
            recordings.insert(Prompt::spoken(language, name), length_of(name));
        }
    }
    let tags = Catalogue::embedded();
    let names = tags.entries().iter().map(|entry| format!("language-{}", entry.language));
    let staff = STAFF_PROMPTS.split_whitespace().map(str::to_owned).chain(names);
    for name in staff {
        recordings.insert(Prompt::spoken(Language::ENGLISH, &*name), length_of(&name));
    }
    for signal in ["waiting", "coming", "lost"] {
        recordings.insert(Prompt::signal(signal), Duration::from_millis(800));
    }
    recordings
}

fn length_of(name: &str) -> Duration {
    Duration::from_millis(if name == "nobody-now" { 9000 } else { 2000 })
}

const PLAN: &str = include_str!("../../../dialplans/hotline.yaml");
const QUEUE: &str = "crisis";

const CALLERS_PROMPTS: &str = "welcome espanol-oprima-dos interpreter-press-three please-wait \
    still-with-you position-1 position-2 position-3 position-4 position-5 position-many connecting \
    advocate-lost advocate-back interpreter-search interpreter-still-searching interpreter-joining \
    interpreter-lost interpreter-none interpreter-left on-hold off-hold nobody-now staff-alerted \
    diverting divert-failed line-full repeat-keys goodbye not-recorded";

const STAFF_PROMPTS: &str = "adv-ready adv-away adv-wrapup-done adv-wrapup adv-set-away-missed \
    adv-code-help adv-idle-help adv-wrong-code adv-wrong-language adv-not-now \
    adv-calling-interpreter adv-route-busy adv-route-no-answer adv-route-failed adv-route-script \
    adv-route-timeout adv-next-route adv-no-route adv-no-more-routes adv-vendor-answered \
    adv-vendor-hold adv-interpreter-joined adv-open-way adv-way-open adv-interpreter-lost \
    adv-interpreter-left adv-search-cancelled adv-private adv-private-off adv-hold adv-hold-off \
    adv-caller-left adv-call-from adv-language-unknown adv-not-allowed int-welcome \
    int-advocate-lost int-goodbye";
