//! One step of the tree as a draft.

use std::time::Duration;

use model::{Digit, PromptName};

use super::lab::Word;
use super::*;
use crate::names::{DiversionName, QueueName};
use crate::plan::{Choice, Keys, Nobody, SayStep, Subject, Waiting, WhenStep};

/// A kind of step: the entry that makes it one, its name in messages, and what it may hold.
struct Kind {
    marker: &'static str,
    what: &'static str,
    allowed: &'static [&'static str],
}

impl Reader {
    /// The step called `name`, or `None` when its shape is wrong.
    pub(super) fn step(&mut self, name: &StepName, spot: Spot, node: Node) -> Option<Draft> {
        let before = self.problems.len();
        if node.value == Value::Nothing {
            let message = format!("step `{name}` is empty");
            self.problems.push(Problem::new(spot, message, WHAT_STEPS_DO));
            return None;
        }
        let kind = self.kind(spot, &node)?;
        let mut fields = Fields::of(node, spot, kind.what, kind.allowed, &mut self.problems)?;
        let draft = match kind.marker {
            "queue" => self.queue(name, &mut fields),
            "divert" => self.divert(name, &mut fields),
            "when" => self.when(name, &mut fields),
            "end" => self.end(name, &mut fields),
            marker => match Word::ALL.into_iter().find(|word| word.as_str() == marker) {
                Some(word) => self.lab_step(name, word, &mut fields),
                None => self.say(name, &mut fields),
            },
        };
        draft.filter(|_| self.problems.len() == before)
    }

    fn kind(&mut self, spot: Spot, node: &Node) -> Option<&'static Kind> {
        let has = |marker: &str| match &node.value {
            Value::Table(entries) => entries.iter().any(|(key, _)| key.value == marker),
            _ => false,
        };
        let kinds: Vec<&Kind> = KINDS.iter().filter(|kind| has(kind.marker)).collect();
        match kinds.as_slice() {
            [] if has(SAY.marker) => Some(&SAY),
            [] => Some(mistyped(node).unwrap_or(&SAY)),
            [kind] => Some(kind),
            several => {
                let markers = suggest::listed(several.iter().map(|kind| kind.marker));
                let message = format!("one step cannot be all of {markers}");
                let help = "make a step of each and let one lead to the other";
                self.problems.push(Problem::new(spot, message, help));
                None
            }
        }
    }

    fn say(&mut self, name: &StepName, fields: &mut Fields) -> Option<Draft> {
        let play = self.play(name, fields);
        if play.is_empty() {
            let message = format!("step `{name}` does nothing");
            self.problems.push(Problem::new(fields.spot, message, WHAT_STEPS_DO));
        }
        let keys = fields.take("keys").map(|entry| self.keys(name, entry)).unwrap_or_default();
        let default_wait = if keys.is_empty() { Duration::ZERO } else { LISTENING };
        let wait = self.duration(name, Part::Wait, fields.take("wait"), "1s");
        let help = "say where silence leads, for example `then: wait`";
        let then = fields.require("then", help, &mut self.problems);
        let then = self.lead(name, Part::Then, then)?;
        Some(Draft::Say(SayStep { play, keys, wait: wait.unwrap_or(default_wait), then }))
    }

    fn queue(&mut self, name: &StepName, fields: &mut Fields) -> Option<Draft> {
        let play = self.play(name, fields);
        let queue = fields.take("queue");
        let queue = queue.and_then(|entry| yaml::word(entry, "crisis", &mut self.problems));
        let waiting = fields.take("waiting");
        let waiting = waiting.and_then(|entry| self.waiting(name, entry));
        let nobody = self.nobody(name, fields);
        let queue = queue.map(|word| {
            let queue = QueueName::from(word.value.as_str());
            self.mention(word.spot, Mention::Queue(queue.clone()));
            queue
        });
        Some(Draft::Queue { play, queue: queue?, waiting, nobody: nobody? })
    }

    fn nobody(&mut self, name: &StepName, fields: &mut Fields) -> Option<Nobody> {
        let go = fields.take("nobody-on-shift");
        let keep = fields.take("when-empty");
        match (go, keep) {
            (Some(go), None) => self.lead(name, Part::NobodyOnShift, Some(go)).map(Nobody::Go),
            (None, Some(keep)) => {
                self.document.places.note(name, Part::WhenEmpty, keep.0.spot);
                let word = yaml::word(keep, KEEP, &mut self.problems)?;
                if word.value != KEEP {
                    let message = format!("`when-empty` cannot be `{}`", word.value);
                    let help = "`when-empty: keep` lets the caller stay; to go elsewhere write \
                                `nobody-on-shift: STEP`";
                    self.problems.push(Problem::new(word.spot, message, help));
                }
                Some(Nobody::Keep)
            }
            (Some((key, _)), Some(_)) => {
                let message = "`nobody-on-shift` and `when-empty` in one step";
                self.problems.push(Problem::new(key.spot, message, "keep one of the two"));
                None
            }
            (None, None) => {
                let message = "`nobody-on-shift` is missing";
                let help = "name the step that tells the caller so, for example \
                            `nobody-on-shift: stay`";
                self.problems.push(Problem::new(fields.spot, message, help));
                None
            }
        }
    }

    fn waiting(&mut self, name: &StepName, (key, node): Entry) -> Option<Waiting> {
        let what = "`waiting`";
        let mut fields = Fields::of(node, key.spot, what, WAITING, &mut self.problems)?;
        let keys = fields.take("keys").map(|entry| self.keys(name, entry)).unwrap_or_default();
        let help = "name what the caller hears, for example `music: calm`";
        let music = fields.require("music", help, &mut self.problems);
        let music = music.and_then(|entry| self.music(entry));
        let help = "for example `every: { 25s: [still-with-you, position] }`";
        let every = fields.require("every", help, &mut self.problems);
        let (every, messages) = every.and_then(|entry| self.every(name, entry))?;
        Some(Waiting { music: music?, every, messages, keys })
    }

    fn every(&mut self, name: &StepName, (key, node): Entry) -> Option<(Duration, Speech)> {
        let entries = yaml::entries_once(node, "`every`", &mut self.problems)?;
        let [entry] = <[Entry; 1]>::try_from(entries)
            .inspect_err(|entries| {
                let spot = entries.get(1).map_or(key.spot, |(second, _)| second.spot);
                let message = "`every` has one time and what is said then";
                let help = "for example `every: { 25s: [still-with-you, position] }`";
                self.problems.push(Problem::new(spot, message, help));
            })
            .ok()?;
        self.document.places.note(name, Part::Every, entry.0.spot);
        let time = yaml::time(&entry.0, &mut self.problems);
        let messages = plain(self.speech(entry, Place::Known));
        time.map(|time| (time.value, messages))
    }

    fn divert(&mut self, name: &StepName, fields: &mut Fields) -> Option<Draft> {
        let play = self.play(name, fields);
        let to = fields.take("divert");
        let to = to.and_then(|entry| yaml::word(entry, "backup", &mut self.problems));
        let music = fields.take("music").and_then(|entry| self.music(entry));
        let ring_for = self.duration(name, Part::RingFor, fields.take("ring-for"), "25s");
        let help = "say where the caller goes if nobody answers, for example `failed: stay`";
        let failed = fields.require("failed", help, &mut self.problems);
        let failed = self.lead(name, Part::Failed, failed);
        let to = to.map(|word| {
            let to = DiversionName::from(word.value.as_str());
            self.mention(word.spot, Mention::Diversion(to.clone()));
            to
        });
        let ring_for = ring_for.unwrap_or(RINGING);
        Some(Draft::Divert { play, to: to?, music, ring_for, failed: failed? })
    }

    fn when(&mut self, name: &StepName, fields: &mut Fields) -> Option<Draft> {
        let subject = fields.take("when");
        let subject = subject.and_then(|e| yaml::word(e, "emergency", &mut self.problems));
        let help = "say where each value leads, for example `is: { yes: backup-centre }`";
        let branches = fields.require("is", help, &mut self.problems);
        let branches =
            branches.and_then(|(_, node)| yaml::entries_once(node, "`is`", &mut self.problems));
        let help = "say where every other value leads, for example `otherwise: greeting`";
        let otherwise = fields.require("otherwise", help, &mut self.problems);
        let otherwise = self.lead(name, Part::Otherwise, otherwise);
        let subject = subject?;
        let mut is = BTreeMap::new();
        for (value, node) in branches? {
            self.branch_value(&subject.value, &value);
            let part = Part::Is(value.value.clone());
            if let Some(go) = self.lead(name, part, Some((value.clone(), node))) {
                is.insert(value.value, go);
            }
        }
        let subject = self.subject(&subject);
        Some(Draft::When(WhenStep { subject, is, otherwise: otherwise? }))
    }

    fn subject(&mut self, word: &Located<String>) -> Subject {
        if word.value == LANGUAGE {
            return Subject::Language;
        }
        self.mention(word.spot, Mention::Variable(word.value.clone()));
        Subject::Variable(word.value.clone())
    }

    fn branch_value(&mut self, subject: &str, value: &Located<String>) {
        if subject != LANGUAGE {
            let mention = Mention::Value { of: subject.to_owned(), value: value.value.clone() };
            return self.mention(value.spot, mention);
        }
        if let Some(language) = self.language(value) {
            self.mention(value.spot, Mention::Language(language.value));
        }
    }

    fn end(&mut self, name: &StepName, fields: &mut Fields) -> Option<Draft> {
        let entry = fields.take("end")?;
        if matches!(&entry.1.value, Value::List(said) if said.is_empty()) {
            return Some(Draft::End(Speech::new()));
        }
        Some(Draft::End(self.noted_speech(name, entry)))
    }

    fn play(&mut self, name: &StepName, fields: &mut Fields) -> Speech {
        fields.take("play").map(|entry| self.noted_speech(name, entry)).unwrap_or_default()
    }

    fn noted_speech(&mut self, name: &StepName, entry: Entry) -> Speech {
        let speech = self.speech(entry, Place::Unknown);
        for (at, utterance) in speech.iter().enumerate() {
            self.document.places.note(name, Part::Play(at), utterance.spot);
        }
        plain(speech)
    }

    pub(super) fn music(&mut self, entry: Entry) -> Option<PromptName> {
        let word = yaml::word(entry, "calm", &mut self.problems)?;
        let music = PromptName::from(word.value.as_str());
        self.mention(word.spot, Mention::Music(music.clone()));
        Some(music)
    }

    pub(super) fn duration(
        &mut self,
        name: &StepName,
        part: Part,
        entry: Option<Entry>,
        example: &str,
    ) -> Option<Duration> {
        let word = yaml::word(entry?, example, &mut self.problems)?;
        self.document.places.note(name, part, word.spot);
        yaml::time(&word, &mut self.problems).map(|time| time.value)
    }

    /// A part that leads to another step.
    pub(super) fn lead(
        &mut self,
        name: &StepName,
        part: Part,
        entry: Option<Entry>,
    ) -> Option<StepName> {
        let go = self.step_name(entry?)?;
        self.document.places.note(name, part, go.spot);
        Some(go.value)
    }

    pub(super) fn keys(&mut self, name: &StepName, (key, node): Entry) -> Keys {
        self.document.places.note(name, Part::Keys, key.spot);
        let entries = yaml::entries_once(node, "`keys`", &mut self.problems);
        let mut keys = Keys::new();
        for (key, node) in entries.unwrap_or_default() {
            let Some(digit) = self.digit(&key) else { continue };
            if let Some(choice) = self.choice(name, digit, (key, node)) {
                keys.insert(digit, choice);
            }
        }
        keys
    }

    fn digit(&mut self, key: &Located<String>) -> Option<Digit> {
        let mut characters = key.value.chars();
        let digit = match (characters.next(), characters.next()) {
            (Some(character), None) => Digit::from_char(character),
            _ => None,
        };
        let digit = digit.filter(|digit| !digit.as_char().is_alphabetic());
        if digit.is_none() {
            let message = format!("`{}` is no key of a telephone", key.value);
            let help = "a key is one of 0 to 9, \"*\" and \"#\" (these two in quotes)";
            self.problems.push(Problem::new(key.spot, message, help));
        }
        digit
    }

    fn choice(&mut self, name: &StepName, digit: Digit, entry: Entry) -> Option<Choice> {
        let (key, node) = entry;
        let Value::Table(_) = node.value else {
            return self.lead(name, Part::Key(digit), Some((key, node))).map(Choice::Go);
        };
        let mut fields = Fields::of(node, key.spot, "a key", CHOICE, &mut self.problems)?;
        let help = "say where the key leads, for example `go: wait`";
        let go = fields.require("go", help, &mut self.problems);
        let go = self.lead(name, Part::Key(digit), go)?;
        match (fields.take("language"), fields.take("interpreter")) {
            (None, None) => Some(Choice::Go(go)),
            (Some(entry), None) => {
                let tag = yaml::word(entry, "es", &mut self.problems)?;
                let language = self.language(&tag)?;
                self.mention(tag.spot, Mention::Language(language.value));
                Some(Choice::Speak { language: language.value, go })
            }
            (None, Some(entry)) => self.interpreter(entry, go),
            (Some((key, _)), Some(_)) => {
                let message = "one key cannot choose a language and an interpreter";
                let help = "`language` is one the plan speaks; `interpreter` is any other";
                self.problems.push(Problem::new(key.spot, message, help));
                None
            }
        }
    }

    fn interpreter(&mut self, entry: Entry, go: StepName) -> Option<Choice> {
        let word = yaml::word(entry, YES, &mut self.problems)?;
        if word.value == YES {
            return Some(Choice::Interpreter { go });
        }
        let message = format!("`interpreter` cannot be `{}`", word.value);
        let help = "write `interpreter: yes`, or leave it out";
        self.problems.push(Problem::new(word.spot, message, help));
        None
    }
}

/// The kind of a step whose marker has a slip of the pen in it.
fn mistyped(node: &Node) -> Option<&'static Kind> {
    let Value::Table(entries) = &node.value else { return None };
    let strange = entries.iter().map(|(key, _)| key.value.as_str());
    let mut strange = strange.filter(|key| !SAY.allowed.contains(key));
    let kinds = || KINDS.iter().chain([&SAY]);
    let meant = |key| suggest::nearest(key, kinds().map(|kind| kind.marker));
    strange.find_map(|key| kinds().find(|kind| meant(key) == Some(kind.marker)))
}

const WHAT_STEPS_DO: &str = "give it `play`, `queue`, `divert`, `when` or `end`";
const KEEP: &str = "keep";
const YES: &str = "yes";
/// How long a step with keys listens after its last word, unless `wait:` says otherwise.
const LISTENING: Duration = Duration::from_secs(1);
/// How long a diversion rings, unless `ring-for:` says otherwise.
const RINGING: Duration = Duration::from_secs(25);
const SAY: Kind =
    Kind { marker: "play", what: "a step that plays", allowed: &["play", "keys", "wait", "then"] };
const KINDS: [Kind; 9] = [
    Kind {
        marker: "queue",
        what: "a step that queues",
        allowed: &["play", "queue", "waiting", "nobody-on-shift", "when-empty"],
    },
    Kind {
        marker: "divert",
        what: "a step that diverts",
        allowed: &["play", "divert", "music", "ring-for", "failed"],
    },
    Kind { marker: "when", what: "a step that branches", allowed: &["when", "is", "otherwise"] },
    Kind { marker: "end", what: "a step that ends", allowed: &["end"] },
    Kind { marker: "echo", what: "a step that echoes", allowed: &["echo", "keys", "then"] },
    Kind { marker: "room", what: "a room", allowed: &["room", "least-rate", "then"] },
    Kind { marker: "ring", what: "a step that rings", allowed: &["ring", "then"] },
    Kind {
        marker: "early",
        what: "a step before the answer",
        allowed: &["early", "music", "then"],
    },
    Kind { marker: "pause", what: "a pause", allowed: &["pause", "keys", "then"] },
];
const WAITING: &[&str] = &["music", "every", "keys"];
const CHOICE: &[&str] = &["language", "interpreter", "go"];
