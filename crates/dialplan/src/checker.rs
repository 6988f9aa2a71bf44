//! From a document to a plan: does every name exist, and what do steps leave to each other?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Language, PromptName};

use crate::document::{Document, Draft, Mention, Part};
use crate::facts::{Facts, Line};
use crate::names::{DiversionName, QueueName, StepName};
use crate::plan::{DivertStep, Plan, PlanVersion, QueueStep, Step, Variable, Waiting};
use crate::speech::Utterance;
use yaml::Located;
use yaml::suggest::{self, listed};
use yaml::{Problem, Spot};

/// The plan of `document`, or `problems` with all that is wrong with its names.
pub(crate) fn check(
    document: &Document,
    version: PlanVersion,
    facts: &Facts,
    problems: Vec<Problem>,
) -> Result<Plan, Vec<Problem>> {
    let mut checker = Checker { document, facts, voiced: facts.languages(), problems };
    checker.languages();
    for mention in &document.mentions {
        checker.mention(mention);
    }
    let variables = checker.variables();
    let steps = checker.steps();
    checker.closing(&steps);
    let plan = || {
        Some(Plan {
            name: document.name.clone()?,
            version,
            languages: document.languages.iter().map(|language| language.value).collect(),
            purpose: document.purpose.clone()?,
            closing: document.closing.as_ref().map(|closing| closing.value.clone()),
            wrong_key: document.wrong_key.clone()?,
            variables,
            steps,
            durations: checker.durations(),
        })
    };
    match plan() {
        Some(plan) if checker.problems.is_empty() => Ok(plan),
        _ => Err(checker.problems),
    }
}

struct Checker<'a> {
    document: &'a Document,
    facts: &'a Facts,
    /// The languages that have prompts at all.
    voiced: BTreeSet<Language>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn problem(&mut self, spot: Spot, message: String, help: impl Into<String>) {
        self.problems.push(Problem::new(spot, message, help));
    }

    fn languages(&mut self) {
        for language in &self.document.languages {
            if !self.voiced.contains(&language.value) {
                let message = format!("there are no prompts in `{}`", language.value);
                let tags: Vec<&str> = self.voiced.iter().map(Language::as_str).collect();
                let help = suggest::help(language.value.as_str(), tags);
                self.problem(language.spot, message, help);
            }
        }
    }

    fn mention(&mut self, Located { value, spot }: &Located<Mention>) {
        let (document, facts) = (self.document, self.facts);
        let (lacking, name, known): (String, &str, Vec<&str>) = match value {
            Mention::Prompt(utterance) => return self.utterance(*spot, utterance),
            Mention::Diversion(name) => return self.diversion(*spot, name.as_str()),
            Mention::Step(name) => {
                let steps = document.steps.keys().map(StepName::as_str);
                (format!("there is no step `{name}`"), name.as_str(), steps.collect())
            }
            Mention::Music(name) => {
                let music = facts.music.iter().map(PromptName::as_str);
                (format!("there is no music `{name}`"), name.as_str(), music.collect())
            }
            Mention::Queue(name) => {
                let queues = facts.queues.iter().map(QueueName::as_str);
                (format!("there is no queue `{name}`"), name.as_str(), queues.collect())
            }
            Mention::Language(language) => {
                let languages = document.languages.iter().map(|known| known.value.as_str());
                let lacking = format!("this plan does not speak `{language}`");
                (lacking, language.as_str(), languages.collect())
            }
            Mention::Variable(name) => {
                let variables = document.variables.keys().map(String::as_str);
                let known = variables.chain(std::iter::once("language")).collect();
                (format!("there is no variable `{name}`"), name, known)
            }
            Mention::Value { of, value } => {
                let Some(Located { value: values, .. }) = document.variables.get(of) else {
                    return;
                };
                let known = values.iter().map(String::as_str).collect();
                (format!("`{of}` is never `{value}`"), value, known)
            }
        };
        self.known(*spot, lacking, name, known);
    }

    fn known(&mut self, spot: Spot, lacking: String, name: &str, existing: Vec<&str>) {
        if !existing.contains(&name) {
            let help = suggest::help(name, existing);
            self.problem(spot, lacking, help);
        }
    }

    /// A plan dials no number but by its name on the allow-list (O1).
    fn diversion(&mut self, spot: Spot, name: &str) {
        let numbers = &self.facts.diversions;
        let digits = name.chars().filter(char::is_ascii_digit).count();
        if digits > 2 && !numbers.contains_key(name) {
            let message = "a plan names no number itself".to_owned();
            let help = "put the number on the configuration's allow-list and write its name here";
            return self.problem(spot, message, help);
        }
        let numbers = numbers.keys().map(DiversionName::as_str).collect();
        self.known(spot, format!("the allow-list has no number called `{name}`"), name, numbers);
    }

    fn utterance(&mut self, spot: Spot, utterance: &Utterance) {
        let languages: Vec<Language> = match utterance {
            Utterance::Fixed(language, _) => vec![*language],
            // A language without any prompt is one problem, not one for each prompt.
            _ => {
                let languages = self.document.languages.iter().map(|language| language.value);
                languages.filter(|language| self.voiced.contains(language)).collect()
            }
        };
        let mut missing: BTreeMap<PromptName, Vec<Language>> = BTreeMap::new();
        for &language in &languages {
            for (language, name) in utterance.prompts(language) {
                if !self.facts.prompts.contains_key(&(language, name.clone())) {
                    missing.entry(name).or_default().push(language);
                }
            }
        }
        for (name, lacking) in missing {
            self.missing_prompt(spot, &name, &lacking, &languages);
        }
    }

    fn missing_prompt(
        &mut self,
        spot: Spot,
        name: &PromptName,
        lacking: &[Language],
        languages: &[Language],
    ) {
        let files = lacking.iter().map(|language| format!("prompts/{language}/{name}.wav"));
        let files: Vec<String> = files.collect();
        let record = format!("record {}", listed(files.iter().map(String::as_str)));
        if lacking.len() < languages.len() {
            let tags = listed(lacking.iter().map(Language::as_str));
            return self.problem(spot, format!("prompt `{name}` is missing in {tags}"), record);
        }
        let known = self.facts.prompts.keys();
        let known = known.filter(|(language, _)| lacking.contains(language));
        let near = suggest::nearest(name.as_str(), known.map(|(_, known)| known.as_str()));
        let help = near.map_or(record, |near| format!("did you mean `{near}`?"));
        self.problem(spot, format!("there is no prompt `{name}`"), help);
    }

    fn variables(&mut self) -> BTreeMap<String, Variable> {
        let mut variables = BTreeMap::new();
        for (name, Located { value: values, spot }) in &self.document.variables {
            let Some(default) = values.first() else { continue };
            let value = self.facts.switches.get(name).unwrap_or(default);
            if !values.contains(value) {
                let message = format!("the configuration sets `{name}` to `{value}`");
                let values = suggest::listed(values.iter().map(String::as_str));
                let help = format!(
                    "here it may be {values}: change `switches:` in the configuration, or list the \
                     value here"
                );
                self.problem(*spot, message, help);
            }
            let variable = Variable { values: values.clone(), value: value.clone() };
            variables.insert(name.clone(), variable);
        }
        variables
    }

    fn steps(&mut self) -> BTreeMap<StepName, Step> {
        let document = self.document;
        let mut steps = BTreeMap::new();
        for (name, draft) in &document.steps {
            let step = draft.as_ref().and_then(|draft| self.settle(name, draft));
            steps.extend(step.map(|step| (name.clone(), step)));
        }
        steps
    }

    /// The step of a draft, with what it leaves to other steps filled in.
    fn settle(&mut self, name: &StepName, draft: &Draft) -> Option<Step> {
        Some(match draft {
            Draft::Say(say) => Step::Say(say.clone()),
            Draft::When(when) => Step::When(when.clone()),
            Draft::End(play) => Step::End(play.clone()),
            Draft::Lab(lab) => Step::Lab(lab.clone()),
            Draft::Queue { play, queue, waiting, nobody } => Step::Queue(QueueStep {
                play: play.clone(),
                queue: queue.clone(),
                waiting: match waiting {
                    Some(waiting) => waiting.clone(),
                    None => self.waiting_of(name, queue)?.clone(),
                },
                nobody: nobody.clone(),
            }),
            Draft::Divert { play, to, music, ring_for, failed } => Step::Divert(DivertStep {
                play: play.clone(),
                to: to.clone(),
                line: self.facts.diversions.get(to).copied().unwrap_or(Line::Unset),
                music: match music {
                    Some(music) => music.clone(),
                    None => self.only_music(name)?,
                },
                ring_for: *ring_for,
                failed: failed.clone(),
            }),
        })
    }

    /// What the other steps of `queue` let a waiting caller hear, if they agree.
    fn waiting_of(&mut self, step: &StepName, queue: &QueueName) -> Option<&Waiting> {
        let document = self.document;
        let waits =
            waits(document).filter(|(other, _)| *other == queue).map(|(_, waiting)| waiting);
        let help = format!("write it here, or in one other step of queue `{queue}`");
        self.agreed(step, waits, "waiting", &help)
    }

    /// The music of all queues, if it is the same.
    fn only_music(&mut self, step: &StepName) -> Option<PromptName> {
        let document = self.document;
        let music = waits(document).map(|(_, waiting)| &waiting.music);
        let help = "say what the caller hears while it rings, for example `music: calm`";
        self.agreed(step, music, "music", help).cloned()
    }

    /// The one value that all agree on.
    fn agreed<'v, T: PartialEq>(
        &mut self,
        step: &StepName,
        mut values: impl Iterator<Item = &'v T>,
        field: &str,
        help: &str,
    ) -> Option<&'v T> {
        let first = values.next();
        let agreed = first.filter(|&first| values.all(|value| value == first));
        // A wrong name elsewhere can be the whole reason.
        if agreed.is_none() && self.problems.is_empty() {
            let spot = self.document.places.of(step, Part::Name);
            self.problem(spot, format!("`{field}` is missing in step `{step}`"), help);
        }
        agreed
    }

    fn closing(&mut self, steps: &BTreeMap<StepName, Step>) {
        let Some(closing) = &self.document.closing else { return };
        if !matches!(steps.get(&closing.value), None | Some(Step::End(_))) {
            let message = format!("the closing step `{}` does not end", closing.value);
            self.problem(closing.spot, message, "give that step `end: goodbye` and nothing else");
        }
    }

    /// The length of every prompt the plan names.
    fn durations(&self) -> BTreeMap<(Language, PromptName), Duration> {
        let utterances = self.document.mentions.iter().filter_map(|mention| match &mention.value {
            Mention::Prompt(utterance) => Some(utterance),
            _ => None,
        });
        let languages = || self.document.languages.iter().map(|language| language.value);
        let prompts =
            utterances.flat_map(|said| languages().flat_map(|language| said.prompts(language)));
        let with_length = |prompt| {
            let length = *self.facts.prompts.get(&prompt)?;
            Some((prompt, length))
        };
        prompts.filter_map(with_length).collect()
    }
}

/// What waiting callers hear, by queue.
fn waits(document: &Document) -> impl Iterator<Item = (&QueueName, &Waiting)> {
    document.steps.values().filter_map(|draft| match draft {
        Some(Draft::Queue { queue, waiting: Some(waiting), .. }) => Some((queue, waiting)),
        _ => None,
    })
}
