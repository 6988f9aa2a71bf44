//! One caller's walk through a plan.
//!
//! The runner decides what a caller hears and what her keys mean until a person is there. It plays
//! nothing and joins no queue itself: the switchboard applies one [`Input`], drains
//! [`Runner::poll_output`], and comes back with [`Input::Timeout`] at [`Runner::deadline`].
//!
//! A caller who has joined a queue keeps her place whatever the plan does next, until an advocate
//! takes her ([`Input::Suspend`]), a diversion answers, or the call ends: no step takes her out.

mod state;
mod words;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use model::{Digit, Instant, Language, PromptName};

use crate::facts::Line;
use crate::lab::{Deed, LabStep};
use crate::names::{QueueName, StepName};
use crate::numbers::Entry;
use crate::plan::{Choice, DivertStep, Nobody, Plan, QueueStep, SayStep, Step, Subject, WhenStep};
use crate::speech::Utterance;
use state::{Answered, Position, Slips};

pub use state::RunnerState;
pub use words::{Input, Output, Spoken};

/// One caller's walk through a plan.
#[derive(Clone, Debug)]
pub struct Runner {
    plan: Arc<Plan>,
    state: RunnerState,
    outputs: VecDeque<Output>,
}

impl Runner {
    /// A walk from `entry` that begins with [`Input::Arrive`], in `language` if the plan speaks it,
    /// else in the plan's first language. The variables keep the values they have in `plan` now.
    pub fn new(plan: Arc<Plan>, entry: &Entry, language: Language) -> Self {
        let state = RunnerState::new(&plan, entry, language);
        Self { plan, state, outputs: VecDeque::new() }
    }

    /// Goes on where `state` was taken; `None` if it belongs to another version of the plan.
    pub fn restore(plan: Arc<Plan>, state: RunnerState) -> Option<Self> {
        state.fits(&plan).then(|| Self { plan, state, outputs: VecDeque::new() })
    }

    /// What [`Runner::restore`] needs; taken after all outputs are drained.
    pub fn state(&self) -> &RunnerState {
        &self.state
    }

    /// The plan this caller lives through to the end, whatever is published meanwhile (O2).
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The language the caller hears.
    pub fn language(&self) -> Language {
        self.state.language
    }

    /// The step that has a meaning for `key` now.
    pub fn takes(&self, key: Digit) -> Option<&StepName> {
        let (Position::Saying { step, .. }
        | Position::Listening { step, .. }
        | Position::Waiting { step, .. }
        | Position::Measuring { step, .. }) = &self.state.position
        else {
            return None;
        };
        self.plan.known(step).keys().filter(|keys| keys.contains_key(&key)).map(|_| step)
    }

    /// Where the caller comes back to from now on ([`Input::Resume`]): the first step of the plan
    /// that waits in `queue`. `false` if there is none; then nothing changes.
    pub fn move_to(&mut self, queue: &QueueName) -> bool {
        let steps = self.plan.steps().filter_map(|(name, step)| match step {
            Step::Queue(step) if step.queue == *queue => Some((step.nobody == Nobody::Keep, name)),
            _ => None,
        });
        let Some((_, home)) = steps.min_by_key(|(keeps, _)| *keeps) else { return false };
        self.state.home = Some(home.clone());
        true
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state.position {
            Position::Saying { until, .. }
            | Position::Listening { until, .. }
            | Position::Ending { until }
            | Position::Measuring { until, .. } => Some(*until),
            Position::Waiting { speaking, next, .. } => Some(speaking.unwrap_or(*next)),
            Position::Fresh
            | Position::Answering { .. }
            | Position::Diverting { .. }
            | Position::Away
            | Position::Ended => None,
        }
    }

    /// What to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Applies one input at `now`. Late, early or repeated input changes nothing.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match (self.state.position.clone(), input) {
            (Position::Ended, _) => {}
            (Position::Fresh, Input::Arrive) => self.enter(now, self.state.start.clone()),
            (Position::Answering { step }, Input::Begin) => {
                self.state.answered = Answered::Yes;
                self.enter(now, step);
            }
            (_, Input::Close) => self.close(now),
            (_, Input::Speaks(language)) => self.speak(language),
            (Position::Saying { step, slips, .. }, Input::PlayEnded) => {
                self.listen(now, step, slips);
            }
            (Position::Saying { step, slips, until }, Input::Timeout) if until <= now => {
                self.listen(now, step, slips);
            }
            (Position::Listening { step, until, .. }, Input::Timeout) if until <= now => {
                self.go_on(now, &step);
            }
            (
                Position::Saying { step, slips, .. } | Position::Listening { step, slips, .. },
                Input::Digit(digit),
            ) => self.key(now, &step, slips, digit),
            (Position::Waiting { step, .. }, Input::Digit(digit)) => {
                self.waiting_key(now, &step, digit);
            }
            (Position::Waiting { step, next, .. }, Input::PlayEnded) => {
                self.state.position = Position::Waiting { step, next, speaking: None };
            }
            (Position::Waiting { step, next, speaking }, Input::Timeout) => {
                self.waiting_timeout(now, step, next, speaking);
            }
            (Position::Waiting { step, .. }, Input::NobodyOnShift) => self.nobody(now, &step),
            (Position::Measuring { step, .. }, Input::Digit(digit)) => {
                self.measuring_key(now, &step, digit);
            }
            (Position::Measuring { step, until }, Input::Timeout) if until <= now => {
                self.measured(now, &step);
            }
            (Position::Diverting { step }, Input::DiversionFailed) => {
                let failed = self.divert_step(&step).failed.clone();
                self.enter(now, failed);
            }
            (Position::Diverting { .. }, Input::DiversionAnswered) => self.leave(),
            (Position::Fresh | Position::Away, Input::Resume) => self.come_back(now),
            (Position::Ending { .. }, Input::Suspend) => {}
            (_, Input::Suspend) => self.leave(),
            (Position::Ending { .. }, Input::PlayEnded) => self.end(),
            (Position::Ending { until }, Input::Timeout) if until <= now => self.end(),
            _ => {}
        }
    }

    /// Goes to a step, past all branches.
    fn enter(&mut self, now: Instant, name: StepName) {
        let plan = Arc::clone(&self.plan);
        let mut name = name;
        loop {
            match plan.known(&name) {
                Step::When(when) => name = self.branch(when).clone(),
                Step::Lab(lab) if lab.does.is_before_the_answer() => {
                    return self.measure(now, name, lab);
                }
                Step::End(_) if self.state.answered == Answered::No => return self.end(),
                _ if self.state.answered == Answered::No => return self.answer(name),
                Step::Lab(lab) => return self.measure(now, name, lab),
                Step::Say(say) => return self.say(now, name, say),
                Step::Queue(queue) => return self.join(now, name, queue, &queue.play),
                Step::Divert(divert) if divert.line == Line::Unset => name = divert.failed.clone(),
                Step::Divert(divert) => return self.divert(now, name, divert),
                Step::End(play) => return self.say_goodbye(now, play),
            }
        }
    }

    fn branch<'w>(&self, when: &'w WhenStep) -> &'w StepName {
        let value = match &when.subject {
            Subject::Language => Some(self.state.language.as_str()),
            Subject::Variable(name) => self.state.variables.get(name).map(String::as_str),
        };
        value.map_or(&when.otherwise, |value| when.goes(value))
    }

    fn say(&mut self, now: Instant, step: StepName, say: &SayStep) {
        let until = self.play(now, &say.play);
        self.state.position = Position::Saying { step, slips: Slips::None, until };
    }

    fn listen(&mut self, now: Instant, step: StepName, slips: Slips) {
        let wait = self.say_step(&step).wait;
        if wait.is_zero() {
            return self.go_on(now, &step);
        }
        self.state.position = Position::Listening { step, slips, until: now + wait };
    }

    fn go_on(&mut self, now: Instant, step: &StepName) {
        let then = self.say_step(step).then.clone();
        self.enter(now, then);
    }

    /// A key in a step that says something; it counts from the first word on.
    fn key(&mut self, now: Instant, step: &StepName, slips: Slips, digit: Digit) {
        let plan = Arc::clone(&self.plan);
        let Step::Say(say) = plan.known(step) else { return };
        match (say.keys.get(&digit), slips) {
            (Some(choice), _) => self.choose(now, choice),
            (None, _) if say.keys.is_empty() => {}
            (None, Slips::None) => {
                let repeat = Utterance::Prompt(plan.wrong_key.clone());
                let until = self.play(now, &[repeat]);
                let step = step.clone();
                self.state.position = Position::Saying { step, slips: Slips::One, until };
            }
            // A second failure leads to a person (C8).
            (None, Slips::One) => {
                self.hush();
                self.enter(now, say.then.clone());
            }
        }
    }

    /// A key of a waiting caller; one without meaning changes nothing, a person is coming anyway.
    fn waiting_key(&mut self, now: Instant, step: &StepName, digit: Digit) {
        let choice = self.queue_step(step).waiting.keys.get(&digit).cloned();
        if let Some(choice) = choice {
            self.choose(now, &choice);
        }
    }

    fn choose(&mut self, now: Instant, choice: &Choice) {
        self.hush();
        match choice {
            Choice::Go(_) => {}
            Choice::Speak { language, .. } => {
                self.state.language = *language;
                self.state.wordless = false;
                self.outputs.push_back(Output::SetLanguage(*language));
            }
            Choice::Interpreter { .. } => {
                self.state.wordless = true;
                self.outputs.push_back(Output::WantsInterpreter);
            }
        }
        self.enter(now, choice.go().clone());
    }

    fn join(&mut self, now: Instant, step: StepName, queue: &QueueStep, said: &[Utterance]) {
        // Where she stays with nobody on shift is no home: who comes back asks again who is there.
        if queue.nobody != Nobody::Keep {
            self.state.home = Some(step.clone());
        }
        self.outputs.push_back(Output::Queue { queue: queue.queue.clone() });
        self.music(Some(queue.waiting.music.clone()));
        let speaking = (!said.is_empty()).then(|| self.play(now, said));
        let next = now + queue.waiting.every;
        self.state.position = Position::Waiting { step, next, speaking };
    }

    /// A message is due, or the end of one was never reported.
    fn waiting_timeout(
        &mut self,
        now: Instant,
        step: StepName,
        next: Instant,
        speaking: Option<Instant>,
    ) {
        let still_speaking = speaking.filter(|until| *until > now);
        if still_speaking.is_some() || next > now {
            self.state.position = Position::Waiting { step, next, speaking: still_speaking };
            return;
        }
        let waiting = self.queue_step(&step).waiting.clone();
        let until = self.play(now, &waiting.messages);
        let next = now + waiting.every;
        self.state.position = Position::Waiting { step, next, speaking: Some(until) };
    }

    fn nobody(&mut self, now: Instant, step: &StepName) {
        if let Nobody::Go(go) = self.queue_step(step).nobody.clone() {
            self.enter(now, go);
        }
    }

    fn divert(&mut self, now: Instant, step: StepName, divert: &DivertStep) {
        self.music(Some(divert.music.clone()));
        if !divert.play.is_empty() {
            self.play(now, &divert.play);
        }
        let to = divert.to.clone();
        self.outputs.push_back(Output::Divert { to, ring_for: divert.ring_for });
        self.state.position = Position::Diverting { step };
    }

    fn speak(&mut self, language: Language) {
        if self.plan.languages.contains(&language) {
            self.state.language = language;
        }
    }

    /// A person is there: the plan is silent until [`Input::Resume`].
    fn leave(&mut self) {
        self.hush();
        self.music(None);
        self.state.position = Position::Away;
    }

    /// The person was lost: to the queue the caller was in, or the one silence would have led her
    /// to, without a word; the switchboard says what happened.
    fn come_back(&mut self, now: Instant) {
        self.state.answered = Answered::Yes;
        let plan = Arc::clone(&self.plan);
        let home = self.state.home.clone().unwrap_or_else(|| self.queue_by_silence());
        if let Step::Queue(queue) = plan.known(&home) {
            self.join(now, home, queue, &[]);
        }
    }

    /// Where a caller comes to who presses nothing and whom no diversion reaches: the prover has
    /// seen that it is a queue.
    fn queue_by_silence(&self) -> StepName {
        let mut name = &self.state.start;
        loop {
            name = match self.plan.known(name) {
                Step::Say(say) => &say.then,
                Step::When(when) => self.branch(when),
                Step::Divert(divert) => &divert.failed,
                Step::Lab(lab) => &lab.then,
                Step::Queue(_) | Step::End(_) => return name.clone(),
            };
        }
    }

    fn close(&mut self, now: Instant) {
        if let Position::Measuring { step, .. } = self.state.position.clone() {
            self.stop_measuring(&step);
        }
        match self.plan.closing.clone() {
            Some(_) if matches!(self.state.position, Position::Ending { .. }) => {}
            Some(closing) => self.enter(now, closing),
            None => self.end(),
        }
    }

    /// What follows needs an answered call.
    fn answer(&mut self, step: StepName) {
        self.outputs.push_back(Output::Answer);
        self.state.position = Position::Answering { step };
    }

    fn measure(&mut self, now: Instant, step: StepName, lab: &LabStep) {
        match &lab.does {
            Deed::Echo => self.outputs.push_back(Output::StartEcho),
            Deed::Ring => self.outputs.push_back(Output::Ring),
            Deed::Early { music } => {
                self.outputs.push_back(Output::AnswerEarly);
                self.music(Some(music.clone()));
            }
            // Whoever begins with a room is in it from the start.
            Deed::Room { .. } | Deed::Pause => {}
        }
        self.state.position = Position::Measuring { step, until: now + lab.lasts };
    }

    fn measuring_key(&mut self, now: Instant, step: &StepName, digit: Digit) {
        let choice = self.plan.known(step).keys().and_then(|keys| keys.get(&digit)).cloned();
        if let Some(choice) = choice {
            self.stop_measuring(step);
            self.choose(now, &choice);
        }
    }

    fn measured(&mut self, now: Instant, step: &StepName) {
        let plan = Arc::clone(&self.plan);
        let Step::Lab(lab) = plan.known(step) else { return };
        self.stop_measuring(step);
        self.enter(now, lab.then.clone());
    }

    fn stop_measuring(&mut self, step: &StepName) {
        if let Step::Lab(LabStep { does: Deed::Echo, .. }) = self.plan.known(step) {
            self.outputs.push_back(Output::StopEcho);
        }
        self.music(None);
    }

    fn say_goodbye(&mut self, now: Instant, play: &[Utterance]) {
        self.music(None);
        if play.is_empty() {
            return self.end();
        }
        let until = self.play(now, play);
        self.state.position = Position::Ending { until };
    }

    fn end(&mut self) {
        self.outputs.push_back(Output::End);
        self.state.position = Position::Ended;
    }

    /// Plays `said` and returns when to go on if its end is never reported.
    fn play(&mut self, now: Instant, said: &[Utterance]) -> Instant {
        let language = self.state.language;
        let mut spoken: Vec<Spoken> =
            said.iter().map(|utterance| Spoken::of(utterance, language)).collect();
        // C17: who may understand none of our languages hears the wordless signal first.
        if self.state.wordless {
            spoken.insert(0, Spoken::waiting_signal());
        }
        self.outputs.push_back(Output::Play(spoken));
        now + self.plan.duration(said, language) + GRACE
    }

    /// Stops what is being said.
    fn hush(&mut self) {
        if self.state.position.speaks() {
            self.outputs.push_back(Output::StopPlay);
        }
    }

    fn music(&mut self, music: Option<PromptName>) {
        if self.state.music != music {
            self.outputs.push_back(Output::Music(music.clone()));
            self.state.music = music;
        }
    }

    fn say_step(&self, name: &StepName) -> &SayStep {
        match self.plan.known(name) {
            Step::Say(say) => say,
            _ => unreachable!("only a step that says something is listened in"),
        }
    }

    fn queue_step(&self, name: &StepName) -> &QueueStep {
        match self.plan.known(name) {
            Step::Queue(queue) => queue,
            _ => unreachable!("only a step that queues is waited in"),
        }
    }

    fn divert_step(&self, name: &StepName) -> &DivertStep {
        match self.plan.known(name) {
            Step::Divert(divert) => divert,
            _ => unreachable!("only a step that diverts is diverted in"),
        }
    }
}

/// After the length of what is played: prompts start a little late, and the wordless signal counts.
const GRACE: Duration = Duration::from_secs(2);
