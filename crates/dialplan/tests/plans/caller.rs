//! A caller on a virtual clock, with as much of a switchboard around her as a plan can notice.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use dialplan::{Facts, Input, Output, Plan, Runner, load};
use model::{Digit, Instant, Language, Prompt};

use crate::facts::facts;

/// Who is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Staff {
    OnShift,
    Nobody,
}

/// What a diverted call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backup {
    AnswersAfter(u64),
    NeverAnswers,
}

/// A caller in the middle of a plan.
pub(crate) struct Caller {
    pub(crate) runner: Runner,
    pub(crate) now: Instant,
    pub(crate) staff: Staff,
    pub(crate) backup: Backup,
    /// What happened, in words, each with its instant.
    log: Vec<(Instant, String)>,
    facts: Facts,
    speech_ends: Option<Instant>,
    diversion: Option<(Instant, Input)>,
    music: bool,
    with_a_person: bool,
    silent_since: Option<Instant>,
    longest_silence: Duration,
}

/// The plan that `text` describes.
pub(crate) fn plan(text: &str, facts: &Facts) -> Arc<Plan> {
    match load("plan.yaml", text, facts) {
        Ok(plan) => Arc::new(plan),
        Err(problems) => panic!("{problems}"),
    }
}

/// A walk through a plan by whoever dialled that number.
pub(crate) fn runner(plan: Arc<Plan>, dialled: &str, language: Language) -> Runner {
    let entry = plan.entry(dialled).expect("the number leads somewhere");
    Runner::new(plan, &entry, language)
}

/// The plan that ships with Northline.
pub(crate) const HOTLINE: &str = include_str!("../../../../dialplans/hotline.yaml");

impl Caller {
    /// Calls the shipped hotline, in English unless she says otherwise.
    pub(crate) fn of_the_hotline() -> Self {
        Self::of(plan(HOTLINE, &facts()))
    }

    pub(crate) fn of(plan: Arc<Plan>) -> Self {
        Self::dialling(plan, "100")
    }

    pub(crate) fn dialling(plan: Arc<Plan>, number: &str) -> Self {
        Self {
            runner: runner(plan, number, Language::ENGLISH),
            now: Instant::ZERO,
            staff: Staff::OnShift,
            backup: Backup::NeverAnswers,
            log: Vec::new(),
            facts: facts(),
            speech_ends: None,
            diversion: None,
            music: false,
            with_a_person: false,
            silent_since: None,
            longest_silence: Duration::ZERO,
        }
    }

    pub(crate) fn is_answered(&mut self) {
        self.input(Input::Arrive);
    }

    pub(crate) fn presses(&mut self, key: char) {
        self.input(Input::Digit(Digit::from_char(key).expect("a key")));
    }

    /// Applies an input and does what the plan wants.
    pub(crate) fn input(&mut self, input: Input) {
        match input {
            Input::Suspend => {
                self.with_a_person = true;
                self.diversion = None;
            }
            Input::Resume | Input::Close => self.with_a_person = false,
            _ => {}
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.runner.handle_input(self.now, input);
            while let Some(output) = self.runner.poll_output() {
                inputs.extend(self.does(output));
            }
        }
        self.listens();
    }

    /// Lets time pass.
    pub(crate) fn waits(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, input)) = self.next_event().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            match input {
                Input::PlayEnded => self.speech_ends = None,
                Input::DiversionAnswered | Input::DiversionFailed => {
                    self.with_a_person = input == Input::DiversionAnswered;
                    self.diversion = None;
                }
                _ => {}
            }
            self.input(input);
        }
        self.now = end;
        self.listens();
    }

    /// Lets seconds pass.
    pub(crate) fn waits_seconds(&mut self, seconds: u64) {
        self.waits(Duration::from_secs(seconds));
    }

    /// What happened, without the instants.
    pub(crate) fn lived_through(&self) -> Vec<&str> {
        self.log.iter().map(|(_, what)| what.as_str()).collect()
    }

    /// When things that begin with `what` happened, in seconds after the answer.
    pub(crate) fn times_of(&self, what: &str) -> Vec<f64> {
        let is = |entry: &&(Instant, String)| entry.1.starts_with(what);
        self.log.iter().filter(is).map(|(at, _)| at.since(Instant::ZERO).as_secs_f64()).collect()
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.log.iter().any(|(_, what)| what.starts_with("queue"))
    }

    pub(crate) fn longest_silence(&self) -> Duration {
        self.longest_silence
    }

    pub(crate) fn forgets_the_past(&mut self) {
        self.log.clear();
    }

    /// Whoever talked with her is gone, and there are advocates on shift.
    pub(crate) fn loses_her_person(&mut self) {
        self.staff = Staff::OnShift;
        self.input(Input::Resume);
    }

    fn next_event(&self) -> Option<(Instant, Input)> {
        let spoken = self.speech_ends.map(|at| (at, Input::PlayEnded));
        let due = self.runner.deadline().map(|at| (at.max(self.now), Input::Timeout));
        [spoken, self.diversion, due].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn does(&mut self, output: Output) -> Option<Input> {
        let (what, input) = match output {
            Output::Answer => return Some(Input::Begin),
            Output::Ring => ("ring".to_owned(), None),
            Output::AnswerEarly => ("answer early".to_owned(), None),
            Output::StartEcho => ("echo".to_owned(), None),
            Output::StopEcho => ("echo off".to_owned(), None),
            Output::Play(spoken) => {
                let prompts: Vec<Prompt> = spoken.iter().map(|said| said.prompt(3)).collect();
                let lengths = prompts.iter().map(|prompt| self.length(prompt));
                self.speech_ends = Some(self.now + lengths.sum());
                (prompts.iter().fold("play".to_owned(), |said, p| said + " " + &name(p)), None)
            }
            Output::StopPlay => {
                self.speech_ends = None;
                ("stop".to_owned(), None)
            }
            Output::Music(music) => {
                self.music = music.is_some();
                (music.map_or("music off".to_owned(), |music| format!("music {music}")), None)
            }
            Output::SetLanguage(language) => (format!("language {language}"), None),
            Output::WantsInterpreter => ("wants an interpreter".to_owned(), None),
            Output::Queue { queue } => {
                let nobody = self.staff == Staff::Nobody;
                (format!("queue {queue}"), nobody.then_some(Input::NobodyOnShift))
            }
            Output::Divert { to, ring_for } => {
                self.diversion = Some(match self.backup {
                    Backup::AnswersAfter(seconds) => {
                        (self.now + Duration::from_secs(seconds), Input::DiversionAnswered)
                    }
                    Backup::NeverAnswers => (self.now + ring_for, Input::DiversionFailed),
                });
                (format!("divert {to}"), None)
            }
            Output::End => ("end".to_owned(), None),
        };
        self.log.push((self.now, what));
        input
    }

    fn length(&self, prompt: &Prompt) -> Duration {
        match prompt {
            Prompt::Spoken { language, name } => self.facts.prompts[&(*language, name.clone())],
            Prompt::Signal(_) => Duration::from_millis(800),
        }
    }

    /// Measures how long she hears nothing at all.
    fn listens(&mut self) {
        let ended = self.log.last().is_some_and(|(_, what)| what == "end");
        let hears = self.speech_ends.is_some() || self.music || self.with_a_person || ended;
        if let Some(since) = self.silent_since {
            self.longest_silence = self.longest_silence.max(self.now.since(since));
        }
        self.silent_since = if hears { None } else { self.silent_since.or(Some(self.now)) };
    }
}

fn name(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Spoken { language, name } => format!("{language}/{name}"),
        Prompt::Signal(name) => format!("({name})"),
    }
}
