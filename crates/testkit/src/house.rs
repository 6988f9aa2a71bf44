//! What every simulated hotline is furnished with: the shipped plan, its people, its vendors, its
//! recordings. Not how any of them is reached.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dialplan::{DiversionName, Facts, Line, Plan, load};
use interpreting::{Catalogue, Code, Digits, Languages, Limit, Secret, Step, VendorRoute};
use model::{AdvocateId, Language, Prompt, PromptName, Target, VendorId};
use queue::Advocate as Person;
use switchboard::{MediaPolicies, Recordings, Settings, Vendor as Route};

/// The advocates of every simulated hotline, with the languages they speak.
pub const ADVOCATES: [(&str, &[&str]); 3] =
    [("alice", &["en"]), ("bruna", &["en", "es"]), ("chris", &["en"])];

/// The vendors of every simulated hotline, in their order.
pub const VENDORS: [&str; 2] = ["vendor-a", "vendor-b"];

/// Where the lines outside the hotline are dialled.
pub(crate) struct Outside {
    /// Each of [`VENDORS`].
    pub(crate) vendors: Vec<Target>,
    /// The back-up centre, if there is one.
    pub(crate) centre: Option<Target>,
}

/// The advocate of [`ADVOCATES`] with this name.
pub(crate) fn advocate_named(name: &str) -> AdvocateId {
    let position = ADVOCATES.iter().position(|(known, _)| *known == name);
    let id = position.and_then(|position| u32::try_from(position).ok());
    AdvocateId(id.expect("an advocate of ADVOCATES"))
}

/// The vendor of [`VENDORS`] with this name.
pub(crate) fn vendor_named(name: &str) -> VendorId {
    let position = VENDORS.iter().position(|known| *known == name);
    let id = position.and_then(|position| u32::try_from(position).ok());
    VendorId(id.expect("a vendor of VENDORS"))
}

/// The star code for an interpreter of `language`.
pub(crate) fn code_for(language: &str) -> String {
    let tag: Language = language.parse().expect("a tag");
    let catalogue = Catalogue::embedded();
    format!("*5{}", catalogue.by_tag(tag).expect("in the catalogue").number)
}

pub(crate) fn settings(recordings: Recordings, outside: Outside) -> Settings {
    let people = ADVOCATES.iter().zip(0..).map(|((_, languages), id)| Person {
        id: AdvocateId(id),
        languages: languages.iter().map(|tag| tag.parse().expect("a tag")).collect(),
        queues: vec![QUEUE.into()],
    });
    let vendors = (0..).map(VendorId).zip(outside.vendors).map(|(id, to)| vendor(id, to));
    let diversion = outside.centre.map(|centre| ("backup".to_owned(), centre));
    Settings {
        queue: queue::Settings::new(vec![QUEUE.into()], people.collect()),
        supervisors: [advocate_named("chris")].into(),
        names: ADVOCATES
            .iter()
            .zip(0..)
            .map(|((n, _), id)| ((*n).to_owned(), AdvocateId(id)))
            .collect(),
        catalogue: Arc::new(Catalogue::embedded()),
        vendors: vendors.collect(),
        diversions: diversion.into_iter().collect(),
        recordings,
        media: MediaPolicies::default(),
        most_calls: 500,
        interpreter_held_for: Duration::from_secs(90),
    }
}

/// A vendor whose menu asks for the account and then puts the caller on hold.
fn vendor(id: VendorId, target: Target) -> Route {
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
    Route { route: Arc::new(route), target }
}

/// A plan, checked against this house.
pub(crate) fn plan(text: &str, recordings: &Recordings, backup: Line) -> Arc<Plan> {
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
pub(crate) fn recordings() -> Recordings {
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

/// The shipped plan.
pub(crate) const PLAN: &str = include_str!("../../../dialplans/hotline.yaml");
/// The shipped plan to measure by.
pub(crate) const LAB: &str = include_str!("../../../dialplans/lab.yaml");
const QUEUE: &str = "crisis";

const CALLERS_PROMPTS: &str = "welcome espanol-oprima-dos interpreter-press-three please-wait \
    still-with-you position-1 position-2 position-3 position-4 position-5 position-many connecting \
    advocate-lost advocate-back advocate-replaced interpreter-search interpreter-still-searching interpreter-joining \
    interpreter-lost interpreter-none interpreter-left on-hold off-hold nobody-now staff-alerted \
    supervisor-joining supervisor-left diverting divert-failed line-full repeat-keys goodbye not-recorded text-read text-unread";

const STAFF_PROMPTS: &str = "adv-ready adv-away adv-wrapup-done adv-wrapup adv-set-away-missed \
    adv-code-help adv-idle-help adv-wrong-code adv-wrong-language adv-not-now \
    adv-calling-interpreter adv-route-busy adv-route-no-answer adv-route-failed adv-route-script \
    adv-route-timeout adv-next-route adv-no-route adv-no-more-routes adv-vendor-answered \
    adv-vendor-hold adv-interpreter-joined adv-open-way adv-way-open adv-interpreter-lost \
    adv-interpreter-left adv-simultaneous adv-consecutive adv-search-cancelled adv-private \
    adv-private-off adv-hold adv-hold-off adv-caller-left adv-call-from adv-language-unknown adv-not-allowed adv-open-screen \
    adv-supervisor-listens adv-supervisor-coaches adv-supervisor-joins adv-supervisor-left \
    adv-supervisor-open-way adv-supervisor-hears sup-listening sup-coaching sup-joining sup-wait \
    sup-code-help sup-advocate-lost sup-took-over int-welcome int-advocate-lost int-goodbye";
