//! Random scripts against a model that knows only what was said, not how it was decided.

use std::collections::BTreeMap;

use crate::hotline::{Hotline, advocate, language, secs};
use model::{AdvocateId, CallId, Instant};
use proptest::prelude::*;
use queue::{Fit, Input, Medium, Missed, Output, Place, Standing};

const ADVOCATES: u32 = 4;
const CALLERS: u64 = 8;

#[derive(Clone, Debug)]
enum Act {
    Waits(u64, usize, usize, bool, bool),
    Reads(u32, bool),
    Turns(u64, bool),
    Leaves(u64),
    Changes(u64, usize),
    Reachable(u32, bool),
    Ready(u32),
    Away(u32),
    Accepts(u32, u64),
    AcceptsHers(u32),
    Fails(u32, u64),
    Ends(u32),
    Lost(u32),
    HandsOver(u32, u32),
    Keeps(u32),
    Passes(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let (caller, who) = (0..CALLERS, 1..=ADVOCATES);
    prop_oneof![
        4 => (caller.clone(), 0..3_usize, 0..2_usize, any::<bool>(), any::<bool>())
            .prop_map(|(c, l, q, head, writes)| Act::Waits(c, l, q, head, writes)),
        2 => (who.clone(), any::<bool>()).prop_map(|(a, reads)| Act::Reads(a, reads)),
        1 => (caller.clone(), any::<bool>()).prop_map(|(c, writes)| Act::Turns(c, writes)),
        2 => caller.clone().prop_map(Act::Leaves),
        1 => (caller.clone(), 0..3_usize).prop_map(|(c, l)| Act::Changes(c, l)),
        2 => (who.clone(), prop::bool::weighted(0.8)).prop_map(|(a, r)| Act::Reachable(a, r)),
        4 => who.clone().prop_map(Act::Ready),
        1 => who.clone().prop_map(Act::Away),
        1 => (who.clone(), caller.clone()).prop_map(|(a, c)| Act::Accepts(a, c)),
        4 => who.clone().prop_map(Act::AcceptsHers),
        1 => (who.clone(), caller).prop_map(|(a, c)| Act::Fails(a, c)),
        2 => who.clone().prop_map(Act::Ends),
        1 => who.clone().prop_map(Act::Lost),
        3 => (who.clone(), who.clone()).prop_map(|(a, b)| Act::HandsOver(a, b)),
        1 => who.prop_map(Act::Keeps),
        3 => (1..30_u64).prop_map(Act::Passes),
    ]
}

/// What an observer of the outputs knows.
#[derive(Default)]
struct Observer {
    offers: BTreeMap<AdvocateId, (CallId, Instant)>,
    talks: BTreeMap<AdvocateId, CallId>,
    /// Who is being handed over, and to whom.
    handed: Option<(AdvocateId, AdvocateId)>,
}

impl Observer {
    fn see(&mut self, now: Instant, output: &Output) {
        match output {
            Output::Offer { advocate, entry, .. } => {
                assert!(self.offers.values().all(|(other, _)| other != entry), "offered twice");
                let mut with = self.talks.iter().filter(|(_, other)| *other == entry);
                let handed = |(from, _): (&AdvocateId, _)| self.handed == Some((*from, *advocate));
                assert!(with.all(handed), "offered while talking");
                assert!(!self.talks.contains_key(advocate), "a talking advocate is rung");
                let before = self.offers.insert(*advocate, (*entry, now));
                assert_eq!(before, None, "two offers to one advocate");
            }
            Output::CancelOffer { advocate, entry } => {
                self.offers.retain(|a, (e, _)| (*a, *e) != (*advocate, *entry));
            }
            Output::Connected { advocate, entry } => {
                let offered = self.offers.remove(advocate).map(|(entry, _)| entry);
                assert_eq!(offered, Some(*entry), "connected without an offer");
                assert!(self.talks.values().all(|other| other != entry), "two winners");
                assert_eq!(self.talks.insert(*advocate, *entry), None, "two calls at once");
            }
            Output::StateChanged { advocate, state } if *state != Standing::Talking => {
                self.talks.remove(advocate);
            }
            _ => {}
        }
    }

    fn check(&self, hotline: &Hotline) {
        for (advocate, (_, since)) in &self.offers {
            assert!(hotline.now.since(*since) < secs(20), "an offer outlived 20 s");
            assert_eq!(hotline.queue.standing(*advocate), Some(Standing::Offered));
        }
        assert_eq!(hotline.queue.overdue(hotline.now, secs(0)), []);
    }
}

fn perform(hotline: &mut Hotline, observer: &mut Observer, act: &Act) {
    let tags = ["en", "es", "und"];
    let queues = ["crisis", "legal"];
    let id = |advocate: &u32| AdvocateId(*advocate);
    match act {
        Act::Waits(caller, spoken, queue, head, writes) => {
            let place = if *head { Place::Head } else { Place::Back };
            hotline.joins(queues[*queue], *caller, (tags[*spoken], medium(*writes)), place)
        }
        Act::Reads(advocate, reads) => {
            hotline.input(Input::Reads { advocate: id(advocate), reads: *reads })
        }
        Act::Turns(caller, writes) => {
            hotline.input(Input::MediumChanged { entry: CallId(*caller), medium: medium(*writes) })
        }
        Act::Leaves(caller) => hotline.hangs_up(*caller),
        Act::Changes(caller, spoken) => hotline.input(Input::LanguageChanged {
            entry: CallId(*caller),
            language: language(tags[*spoken]),
            wants_interpreter: false,
        }),
        Act::Reachable(advocate, reachable) => {
            hotline.input(Input::Reachable { advocate: id(advocate), reachable: *reachable })
        }
        Act::Ready(advocate) => hotline.input(Input::Ready { advocate: id(advocate) }),
        Act::Away(advocate) => hotline.goes_away(*advocate),
        Act::Accepts(advocate, caller) => hotline.answers(*advocate, *caller),
        Act::AcceptsHers(advocate) => match observer.offers.get(&id(advocate)) {
            Some((caller, _)) => hotline.answers(*advocate, caller.0),
            None => hotline,
        },
        Act::Fails(advocate, caller) => {
            let hers = (id(advocate), CallId(*caller));
            observer.offers.retain(|a, (entry, _)| (*a, *entry) != hers);
            hotline.misses(*advocate, *caller, Missed::Failed)
        }
        Act::Ends(advocate) => hotline.input(Input::CallEnded { advocate: id(advocate) }),
        Act::Lost(advocate) => hotline.input(Input::AdvocateLost { advocate: id(advocate) }),
        Act::HandsOver(from, to) => {
            observer.handed = Some((id(from), id(to)));
            hotline.input(Input::HandOver { from: id(from), to: id(to) })
        }
        Act::Keeps(advocate) => hotline.input(Input::Keep { advocate: id(advocate) }),
        Act::Passes(seconds) => return step_by_step(hotline, observer, *seconds),
    };
    observe(hotline, observer);
}

const fn medium(writes: bool) -> Medium {
    if writes { Medium::Text } else { Medium::Voice }
}

/// Lets time pass a second at a time, so that the observer sees when things are said.
fn step_by_step(hotline: &mut Hotline, observer: &mut Observer, seconds: u64) {
    for _ in 0..seconds {
        hotline.passes(1);
        observe(hotline, observer);
    }
}

fn observe(hotline: &mut Hotline, observer: &mut Observer) {
    for output in hotline.said() {
        observer.see(hotline.now, &output);
    }
    observer.handed = None;
    observer.check(hotline);
}

fn staffed() -> Hotline {
    Hotline::new(vec![
        advocate(1, "en", "crisis"),
        advocate(2, "en es", "crisis legal"),
        advocate(3, "es", "legal"),
        advocate(4, "en", "crisis legal"),
    ])
}

proptest! {
    #[test]
    fn a5_one_offer_one_winner_and_nobody_starves(acts in prop::collection::vec(act(), 1..80)) {
        let (mut hotline, mut observer) = (staffed(), Observer::default());
        for act in &acts {
            perform(&mut hotline, &mut observer, act);
        }
        for advocate in 1..=ADVOCATES {
            perform(&mut hotline, &mut observer, &Act::Reachable(advocate, true));
        }
        for _ in 0..CALLERS {
            // Somebody may be kept for one who can read.
            perform(&mut hotline, &mut observer, &Act::Passes(30));
            for advocate in 1..=ADVOCATES {
                perform(&mut hotline, &mut observer, &Act::Ends(advocate));
                perform(&mut hotline, &mut observer, &Act::Ready(advocate));
                perform(&mut hotline, &mut observer, &Act::AcceptsHers(advocate));
            }
        }
        prop_assert_eq!(hotline.queue.longest_wait(hotline.now), None);
    }

    #[test]
    fn callers_of_equal_need_are_offered_in_the_order_they_came(
        callers in prop::collection::vec(0..5_u64, 1..20)
    ) {
        let mut hotline = Hotline::new(vec![advocate(1, "en", "crisis")]);
        let mut order = Vec::new();
        for (caller, pause) in (0..).zip(&callers) {
            hotline.waits(caller, "en").passes(*pause);
        }
        hotline.comes(1);
        for _ in &callers {
            let offered = hotline.offers();
            let (_, caller) = *offered.last().expect("an offer");
            order.push(caller);
            hotline.answers(1, caller).input(Input::CallEnded { advocate: AdvocateId(1) });
            hotline.input(Input::WrapUpDone { advocate: AdvocateId(1) });
        }
        prop_assert!(order.is_sorted(), "{:?}", order);
        prop_assert_eq!(order.len(), callers.len());
    }

    #[test]
    fn the_best_and_longest_idle_is_the_models_choice(
        speaks in prop::collection::vec(0..3_usize, 1..6), language in 0..3_usize
    ) {
        let tags = ["en", "es", "und"];
        let spoken: Vec<&str> = speaks.iter().map(|s| ["en", "es", "en es"][*s]).collect();
        let mut hotline = Hotline::with_ready(&spoken);
        hotline.waits(7, tags[language]);
        let fits = |s: &&str| s.split(' ').any(|l| l == tags[language]);
        let best = spoken.iter().position(fits);
        let expected = u32::try_from(best.unwrap_or(0)).expect("few") + 1;
        let offered = hotline.said().into_iter().find_map(|output| match output {
            Output::Offer { advocate, fit, .. } => Some((advocate.0, fit)),
            _ => None,
        });
        let fit = if best.is_some() { Fit::Speaks } else { Fit::NeedsInterpreter };
        prop_assert_eq!(offered, Some((expected, fit)));
    }
}
