//! The tree as a document: does every part have the shape it must have?
//!
//! Names are only collected here; whether they exist is the checker's question.

mod lab;
mod purpose;
mod step;

use std::collections::BTreeMap;

use model::{Language, PromptName};

use crate::document::{Document, Draft, Mention, Part};
use crate::names::StepName;
use crate::speech::{POSITION, Speech, Utterance};
use yaml::Fields;
use yaml::suggest;
use yaml::{Entry, Located, Node, Value};
use yaml::{Problem, Spot};

/// What was typed, and everything whose shape is wrong.
pub(crate) fn read(tree: Node) -> (Document, Vec<Problem>) {
    if tree.value == Value::Nothing {
        return (Document::default(), vec![empty()]);
    }
    let mut reader = Reader { document: Document::default(), problems: Vec::new() };
    reader.plan(tree);
    (reader.document, reader.problems)
}

/// The problem of a file with nothing in it.
fn empty() -> Problem {
    let help = "a plan begins with `plan: NAME`; copy dialplans/hotline.yaml and change it";
    Problem::new(Spot { offset: 0, length: 1 }, "the file is empty", help)
}

struct Reader {
    document: Document,
    problems: Vec<Problem>,
}

/// Whether a list of prompts may tell the caller her place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// She waits, so she has one.
    Known,
    /// She is in no queue yet.
    Unknown,
}

impl Reader {
    fn plan(&mut self, tree: Node) {
        let spot = Spot { length: 1, ..tree.spot };
        let Some(mut fields) = Fields::of(tree, spot, "a plan", PLAN, &mut self.problems) else {
            return;
        };
        let name = fields.require("plan", "name the plan: `plan: hotline`", &mut self.problems);
        self.document.name =
            name.and_then(|entry| yaml::word(entry, "hotline", &mut self.problems)).map(text);
        let help = "list the languages of the prompts: `languages: [en, es]`";
        if let Some(entry) = fields.require("languages", help, &mut self.problems) {
            self.languages(entry);
        }
        self.document.purpose = self.purpose(&mut fields);
        self.document.closing = fields.take("closing").and_then(|entry| self.step_name(entry));
        if let Some(entry) = fields.take("variables") {
            self.variables(entry);
        }
        let help = "write the steps: `steps:` and below it each step's name";
        if let Some((_, node)) = fields.require("steps", help, &mut self.problems) {
            self.steps(node);
        }
        let wrong_key = fields.take("wrong-key");
        self.wrong_key(wrong_key);
    }

    fn languages(&mut self, entry: Entry) {
        for tag in yaml::words(entry, "en, es", &mut self.problems) {
            let Some(language) = self.language(&tag) else { continue };
            if self.document.languages.iter().any(|known| known.value == language.value) {
                let message = format!("language `{}` is listed twice", tag.value);
                self.problems.push(Problem::new(tag.spot, message, "list each language once"));
            } else {
                self.document.languages.push(language);
            }
        }
    }

    fn language(&mut self, tag: &Located<String>) -> Option<Located<Language>> {
        let language = tag.value.parse::<Language>().ok();
        if language.is_none() {
            let message = format!("`{}` is no language tag", tag.value);
            let help = "write a BCP 47 tag such as `en`, `es` or `cmn`";
            self.problems.push(Problem::new(tag.spot, message, help));
        }
        language.map(|language| tag.with(language))
    }

    fn variables(&mut self, (_, node): Entry) {
        let Some(entries) = yaml::entries_once(node, "`variables`", &mut self.problems) else {
            return;
        };
        for (name, node) in entries {
            if name.value == LANGUAGE {
                let help = "`when: language` always looks at the caller's language";
                let message = "`language` cannot be a variable of its own";
                self.problems.push(Problem::new(name.spot, message, help));
                continue;
            }
            let values = yaml::words((name.clone(), node), "no, yes", &mut self.problems);
            let values = values.into_iter().map(text).collect();
            self.document.variables.insert(name.value.clone(), name.with(values));
        }
    }

    fn steps(&mut self, node: Node) {
        let Some(entries) = yaml::entries_once(node, "`steps`", &mut self.problems) else {
            return;
        };
        for (name, node) in entries {
            let step = StepName::from(name.value.as_str());
            self.document.places.note(&step, Part::Name, name.spot);
            let draft = self.step(&step, name.spot, node);
            self.document.steps.insert(step, draft);
        }
    }

    /// The prompt after the first wrong key must exist wherever keys do.
    fn wrong_key(&mut self, entry: Option<Entry>) {
        let typed = entry.and_then(|e| yaml::word(e, WRONG_KEY, &mut self.problems));
        let listening = |(name, draft): (&StepName, &Option<Draft>)| match draft {
            Some(Draft::Say(say)) if !say.keys.is_empty() => {
                Some(self.document.places.of(name, Part::Keys))
            }
            _ => None,
        };
        let needed = self.document.steps.iter().find_map(listening);
        let default = needed.map(|spot| Located { value: WRONG_KEY.to_owned(), spot });
        let word = typed.or(default);
        let prompt = PromptName::from(word.as_ref().map_or(WRONG_KEY, |word| &word.value));
        if let Some(word) = word {
            self.mention(word.spot, Mention::Prompt(Utterance::Prompt(prompt.clone())));
        }
        self.document.wrong_key = Some(prompt);
    }

    /// The name of a step that must exist.
    fn step_name(&mut self, entry: Entry) -> Option<Located<StepName>> {
        let word = yaml::word(entry, "wait", &mut self.problems)?;
        let name = StepName::from(word.value.as_str());
        self.mention(word.spot, Mention::Step(name.clone()));
        Some(word.with(name))
    }

    fn speech(&mut self, entry: Entry, place: Place) -> Vec<Located<Utterance>> {
        let words = yaml::words(entry, "welcome", &mut self.problems);
        words.into_iter().filter_map(|word| self.utterance(&word, place)).collect()
    }

    fn utterance(&mut self, word: &Located<String>, place: Place) -> Option<Located<Utterance>> {
        let utterance = match word.value.split_once('/') {
            None if word.value == POSITION && place == Place::Unknown => {
                let message = "only a waiting caller has a `position`";
                let help = "say it under `waiting`, `every`";
                self.problems.push(Problem::new(word.spot, message, help));
                return None;
            }
            None if word.value == POSITION => Utterance::Position,
            None => Utterance::Prompt(word.value.as_str().into()),
            Some((tag, name)) => {
                let language = self.language(&word.with(tag.to_owned()))?;
                Utterance::Fixed(language.value, name.into())
            }
        };
        self.mention(word.spot, Mention::Prompt(utterance.clone()));
        Some(word.with(utterance))
    }

    fn mention(&mut self, spot: Spot, mention: Mention) {
        self.document.mentions.push(Located { value: mention, spot });
    }
}

fn text(word: Located<String>) -> String {
    word.value
}

fn plain(speech: Vec<Located<Utterance>>) -> Speech {
    speech.into_iter().map(|utterance| utterance.value).collect()
}

/// The word in `when:` for the caller's language.
const LANGUAGE: &str = "language";
/// What is said after the first key without meaning, unless `wrong-key:` says otherwise.
const WRONG_KEY: &str = "repeat-keys";
const PLAN: &[&str] = &[
    "plan",
    "languages",
    "start",
    "steps",
    "closing",
    "wrong-key",
    "variables",
    "purpose",
    "numbers",
];
