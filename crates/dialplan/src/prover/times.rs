//! How long the paths of a plan take.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Language;

use super::graph::{By, Edge, Graph};
use crate::document::{Part, Places};
use crate::facts::Line;
use crate::names::StepName;
use crate::plan::{Choice, Plan, SayStep, Step, Subject};
use crate::speech::Utterance;
use yaml::Problem;

/// A caller who presses nothing is with people within ten seconds (C1).
pub(super) fn to_the_queue(plan: &Plan, places: &Places) -> Vec<Problem> {
    let clock = Clock::new(plan);
    let slowest = plan.starts().flat_map(|start| {
        let clock = &clock;
        let time = move |&language| (clock.to_people(start, language), language, start);
        plan.languages.iter().map(time)
    });
    let Some((time, language, start)) = slowest.max_by_key(|(time, ..)| *time) else {
        return Vec::new();
    };
    if time <= TO_THE_QUEUE {
        return Vec::new();
    }
    let message = format!("who presses nothing is queued after {} in `{language}`", seconds(time));
    let help = "within 10 s: say less before the queue, or say it while she waits";
    vec![Problem::new(places.of(start, Part::Name), message, help)]
}

/// A choice takes at most twenty seconds until the queue (C4).
pub(super) fn after_keys(plan: &Plan, places: &Places) -> Vec<Problem> {
    let clock = Clock::new(plan);
    let mut problems = Vec::new();
    // A key pressed while waiting leaves the caller in the queue.
    for (name, say) in says(plan) {
        for (digit, choice) in &say.keys {
            let languages = match choice {
                Choice::Speak { language, .. } => std::slice::from_ref(language),
                _ => plan.languages(),
            };
            let times = languages.iter().map(|&language| clock.to_people(choice.go(), language));
            let time = times.max().unwrap_or_default();
            if time > AFTER_A_KEY {
                let key = digit.as_char();
                let message = format!("after key {key} the queue is {} away", seconds(time));
                let help = "within 20 s: say less before the queue, or say it while she waits";
                let spot = places.of(name, Part::Key(*digit));
                problems.push(Problem::new(spot, message, help));
            }
        }
    }
    problems
}

/// No silence over two seconds (C2), and no ringing over the time between two messages (C17).
pub(super) fn silences(plan: &Plan, places: &Places) -> Vec<Problem> {
    let problem = |(name, step): (&StepName, &Step)| match step {
        Step::Say(say) if say.wait > LONGEST_SILENCE => {
            let message = format!("the caller hears nothing for {}", seconds(say.wait));
            let help = "two seconds at most; her keys work from the first word of the prompts on";
            Some(Problem::new(places.of(name, Part::Wait), message, help))
        }
        Step::Divert(divert) if !RINGING.contains(&divert.ring_for) => {
            let message = format!("a diversion that rings for {}", seconds(divert.ring_for));
            Some(Problem::new(places.of(name, Part::RingFor), message, "write 5 to 30 seconds"))
        }
        _ => None,
    };
    plan.steps.iter().filter_map(problem).collect()
}

/// A waiting caller is spoken to at least every thirty seconds (C17).
pub(super) fn messages(plan: &Plan, places: &Places) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, step) in &plan.steps {
        let Step::Queue(queue) = step else { continue };
        // A step that borrows them from another says nothing of its own.
        let Some(spot) = places.written(name, Part::Every) else { continue };
        let waiting = &queue.waiting;
        if waiting.every > BETWEEN_MESSAGES {
            let message = format!("messages {} apart", seconds(waiting.every));
            problems.push(Problem::new(spot, message, "speak to her every 30 seconds or sooner"));
        }
        let lengths = plan.languages.iter().map(|&l| plan.duration(&waiting.messages, l));
        let longest = lengths.max().unwrap_or_default();
        if longest + LEAST_MUSIC > waiting.every {
            let message = format!(
                "messages of {} every {} leave no rest",
                seconds(longest),
                seconds(waiting.every)
            );
            let help = "say less, or less often; at least 5 seconds of music in between";
            problems.push(Problem::new(spot, message, help));
        }
    }
    problems
}

/// A language is offered in that language, Spanish within four seconds of the answer, and its key
/// works through the whole greeting (C5).
pub(super) fn offers(plan: &Plan, graph: &Graph<'_>, places: &Places) -> Vec<Problem> {
    let arrivals = arrivals(plan, graph);
    let unoffered = graph
        .reached(plan.starts(), |edge| edge.by == By::Silence && !offers_spanish(plan, edge.from));
    let mut problems = Vec::new();
    let mut offered: BTreeSet<Language> = BTreeSet::new();
    for (name, say) in says(plan) {
        for (digit, language) in languages_offered(say) {
            let spot = places.of(name, Part::Key(digit));
            let arrival = arrivals.get(name).copied();
            offered.extend(arrival.map(|_| language));
            match start_of_offer(plan, say, language) {
                None => {
                    let key = digit.as_char();
                    let message = format!("key {key} is not offered in `{language}` itself");
                    let help = format!("say it in its own language in `play`: `{language}/PROMPT`");
                    problems.push(Problem::new(spot, message, help));
                }
                Some((at, start)) => {
                    let start = arrival.unwrap_or_default() + start;
                    let first = language == Language::SPANISH && unoffered.contains(name);
                    if first && start > SPANISH_OFFER {
                        let message = format!("Spanish is offered only after {}", seconds(start));
                        let spot = places.of(name, Part::Play(at));
                        let help = "it starts within 4 s: put it earlier in `play`";
                        problems.push(Problem::new(spot, message, help));
                    }
                }
            }
        }
    }
    problems.extend(deaf_steps(plan, &arrivals, &offered, places));
    problems.extend(spanish_unoffered(plan, &arrivals, &offered, places));
    problems
}

/// A greeting in a plan that speaks Spanish, but says so to nobody.
fn spanish_unoffered(
    plan: &Plan,
    arrivals: &BTreeMap<&StepName, Duration>,
    offered: &BTreeSet<Language>,
    places: &Places,
) -> Option<Problem> {
    let (greeting, _) = says(plan).find(|(name, _)| arrivals.contains_key(name))?;
    let spoken = plan.languages.iter().skip(1).any(|language| *language == Language::SPANISH);
    (spoken && !offered.contains(&Language::SPANISH)).then(|| {
        let help = "give the greeting a key for it: `2: { language: es, go: wait }`";
        let spot = places.of(greeting, Part::Name);
        Problem::new(spot, "Spanish is spoken but never offered", help)
    })
}

/// Steps of the greeting in which the key of an offered language does nothing.
fn deaf_steps(
    plan: &Plan,
    arrivals: &BTreeMap<&StepName, Duration>,
    offered: &BTreeSet<Language>,
    places: &Places,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, say) in says(plan).filter(|(name, _)| arrivals.contains_key(name)) {
        let here: BTreeSet<Language> =
            languages_offered(say).map(|(_, language)| language).collect();
        for language in offered.difference(&here) {
            let message = format!("the key for `{language}` does nothing in `{name}`");
            let help =
                "a language key works through the whole greeting: give this step the key too";
            problems.push(Problem::new(places.of(name, Part::Name), message, help));
        }
    }
    problems
}

/// The latest instant after the answer at which a silent caller comes to each step before people.
fn arrivals<'a>(plan: &'a Plan, graph: &Graph<'a>) -> BTreeMap<&'a StepName, Duration> {
    let mut arrivals: BTreeMap<_, _> = plan.starts().map(|start| (start, Duration::ZERO)).collect();
    for name in graph.in_order() {
        let Some(&arrival) = arrivals.get(name) else { continue };
        let spent = match plan.known(name) {
            Step::Say(say) => longest(plan, |language| said_and_waited(plan, say, language)),
            Step::When(_) => Duration::ZERO,
            Step::Divert(divert) if divert.line == Line::Unset => Duration::ZERO,
            Step::Queue(_) | Step::Divert(_) | Step::End(_) | Step::Lab(_) => continue,
        };
        for Edge { to, by, .. } in graph.out(name) {
            if by == By::Silence {
                let latest = arrivals.entry(to).or_default();
                *latest = (*latest).max(arrival + spent);
            }
        }
    }
    arrivals
}

fn says(plan: &Plan) -> impl Iterator<Item = (&StepName, &SayStep)> {
    plan.steps.iter().filter_map(|(name, step)| match step {
        Step::Say(say) => Some((name, say)),
        _ => None,
    })
}

fn languages_offered(say: &SayStep) -> impl Iterator<Item = (model::Digit, Language)> {
    say.keys.iter().filter_map(|(digit, choice)| match choice {
        Choice::Speak { language, .. } => Some((*digit, *language)),
        _ => None,
    })
}

fn offers_spanish(plan: &Plan, step: &StepName) -> bool {
    match plan.known(step) {
        Step::Say(say) => languages_offered(say).any(|(_, own)| own == Language::SPANISH),
        _ => false,
    }
}

/// Which utterance offers `language`, and when it starts.
fn start_of_offer(plan: &Plan, say: &SayStep, language: Language) -> Option<(usize, Duration)> {
    let offers = |said: &Utterance| matches!(said, Utterance::Fixed(own, _) if *own == language);
    let at = say.play.iter().position(offers)?;
    Some((at, longest(plan, |language| plan.duration(&say.play[..at], language))))
}

fn longest(plan: &Plan, time: impl Fn(Language) -> Duration) -> Duration {
    plan.languages.iter().map(|&language| time(language)).max().unwrap_or_default()
}

fn said_and_waited(plan: &Plan, say: &SayStep, language: Language) -> Duration {
    plan.duration(&say.play, language) + say.wait
}

/// The longest time from a step to people without a key, remembered for every step.
struct Clock<'a> {
    plan: &'a Plan,
    known: BTreeMap<(&'a StepName, Language), Duration>,
}

impl<'a> Clock<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut clock = Self { plan, known: BTreeMap::new() };
        let order = Graph::of(plan).in_order();
        for &language in &plan.languages {
            for step in order.iter().rev() {
                let time = clock.measure(step, language);
                clock.known.insert((step, language), time);
            }
        }
        clock
    }

    fn to_people(&self, step: &'a StepName, language: Language) -> Duration {
        self.known.get(&(step, language)).copied().unwrap_or_default()
    }

    /// The time from `step`, given that of all steps after it.
    fn measure(&self, step: &'a StepName, language: Language) -> Duration {
        match self.plan.known(step) {
            Step::Divert(divert) if divert.line == Line::Unset => {
                self.to_people(&divert.failed, language)
            }
            Step::Queue(_) | Step::Divert(_) | Step::End(_) | Step::Lab(_) => Duration::ZERO,
            Step::Say(say) => {
                said_and_waited(self.plan, say, language) + self.to_people(&say.then, language)
            }
            Step::When(when) if when.subject == Subject::Language => {
                self.to_people(when.goes(language.as_str()), language)
            }
            Step::When(when) => {
                let branches = when.is.values().chain([&when.otherwise]);
                branches.map(|go| self.to_people(go, language)).max().unwrap_or_default()
            }
        }
    }
}

/// A time as an operator reads it: `12.4 s`.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

const TO_THE_QUEUE: Duration = Duration::from_secs(10);
const AFTER_A_KEY: Duration = Duration::from_secs(20);
const SPANISH_OFFER: Duration = Duration::from_secs(4);
const LONGEST_SILENCE: Duration = Duration::from_secs(2);
const BETWEEN_MESSAGES: Duration = Duration::from_secs(30);
const LEAST_MUSIC: Duration = Duration::from_secs(5);
const RINGING: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(5)..=Duration::from_secs(30);
