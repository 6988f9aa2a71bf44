//! Walking one vendor leg through its access script; the table is in the crate's documentation.
//!
//! It hears no words, only that something speaks: whoever answers wrongly is left by the step that
//! does not go on.

use std::collections::VecDeque;
use std::time::Duration;

use model::{Digit, Instant, Language};

use crate::VendorRoute;
use crate::phrase::{GAP, Phrase};

/// What the vendor leg did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptInput {
    /// Something began or stopped to speak; music counts.
    Speech {
        /// Whether it speaks now.
        speaking: bool,
    },
    /// The digits asked for are sent.
    DigitsSent,
    /// The deadline passed.
    Timeout,
}

/// What a script wants or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptOutput {
    /// The vendor's menu is being worked.
    Menu,
    /// It waits for a person.
    OnHold,
    /// Send these digits on the vendor leg.
    SendDigits(Vec<Digit>),
    /// A person is there: the script has reached its end.
    PersonHeard,
    /// The script will not reach its end.
    Failed(ScriptFailure),
}

/// Why a script did not reach its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptFailure {
    /// The prompt waited for did not come.
    NoPrompt,
    /// A prompt did not end.
    PromptTooLong,
    /// The digits could not be sent.
    DigitsNotSent,
    /// The menus took too long.
    TooLong,
    /// Nobody came to the phone.
    NobodyCame,
}

/// A script step with its codes filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Wait(Duration),
    HearSpeech(Duration),
    HearSilence(Duration),
    Send(Vec<Digit>),
    Person(Duration),
}

/// One leg's way through a script.
#[derive(Clone, Debug)]
pub struct ScriptRun {
    state: State,
    left: VecDeque<Action>,
    /// Since when nothing speaks.
    quiet_since: Option<Instant>,
    /// When the part before a person must be done.
    menu_until: Instant,
    outputs: VecDeque<ScriptOutput>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting { until: Instant },
    AwaitingSpeech { until: Instant },
    AwaitingSilence { until: Instant },
    Sending { until: Instant },
    AwaitingPerson { until: Instant, phrase: Phrase },
    Over,
}

impl ScriptRun {
    /// Starts the script of `route` for `language` on a leg that has just answered; `None` if the
    /// script lacks a code.
    pub fn new(now: Instant, route: &VendorRoute, language: Language) -> Option<Self> {
        let left = VecDeque::from(route.actions(language)?);
        let begins_in_menu = !matches!(left.front(), None | Some(Action::Person(_)));
        let mut run = Self {
            state: State::Over,
            left,
            quiet_since: Some(now),
            menu_until: now + route.script_limit,
            outputs: begins_in_menu.then_some(ScriptOutput::Menu).into_iter().collect(),
        };
        run.next(now);
        run.settle(now);
        Some(run)
    }

    /// Applies one input at `now`. After the end nothing changes any more.
    pub fn handle_input(&mut self, now: Instant, input: ScriptInput) {
        match input {
            ScriptInput::Speech { speaking } => self.hear(now, speaking),
            ScriptInput::DigitsSent if matches!(self.state, State::Sending { .. }) => {
                self.next(now);
            }
            ScriptInput::DigitsSent | ScriptInput::Timeout => {}
        }
        self.settle(now);
    }

    /// What to do next; to be drained after each input.
    pub fn poll_output(&mut self) -> Option<ScriptOutput> {
        self.outputs.pop_front()
    }

    /// When [`ScriptInput::Timeout`] is due; `None` only after the end.
    pub fn deadline(&self) -> Option<Instant> {
        let quiet_enough = self.quiet_since.map(|since| since + GAP);
        match self.state {
            State::Over => None,
            State::AwaitingPerson { until, phrase: Phrase::None } => Some(until),
            State::AwaitingPerson { until, phrase } => phrase.deadline().min(Some(until + GRACE)),
            State::AwaitingSilence { until } => {
                Some(until.min(self.menu_until).min(quiet_enough.unwrap_or(until)))
            }
            State::Waiting { until }
            | State::AwaitingSpeech { until }
            | State::Sending { until } => Some(until.min(self.menu_until)),
        }
    }

    /// Enters the next step, or ends where there is none.
    fn next(&mut self, now: Instant) {
        self.state = match self.left.pop_front() {
            Some(Action::Wait(time)) => State::Waiting { until: now + time },
            Some(Action::HearSpeech(most)) => State::AwaitingSpeech { until: now + most },
            Some(Action::HearSilence(most)) => State::AwaitingSilence { until: now + most },
            Some(Action::Send(digits)) => self.send(now, digits),
            Some(Action::Person(most)) => {
                self.outputs.push_back(ScriptOutput::OnHold);
                State::AwaitingPerson { until: now + most, phrase: Phrase::None }
            }
            None => {
                self.outputs.push_back(ScriptOutput::PersonHeard);
                State::Over
            }
        };
    }

    fn send(&mut self, now: Instant, digits: Vec<Digit>) -> State {
        let count = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        self.outputs.push_back(ScriptOutput::SendDigits(digits));
        State::Sending { until: now + SEND_LIMIT + DIGIT_LIMIT.saturating_mul(count) }
    }

    fn hear(&mut self, now: Instant, speaking: bool) {
        if speaking == self.quiet_since.is_none() {
            return; // said twice
        }
        let quiet = self.is_quiet(now);
        match &mut self.state {
            State::AwaitingPerson { phrase, .. } if speaking => phrase.begin(now, quiet),
            State::AwaitingPerson { phrase, .. } => phrase.end(now),
            _ => {}
        }
        let quiet_since = self.quiet_since.unwrap_or(now);
        self.quiet_since = (!speaking).then_some(quiet_since);
    }

    /// Goes on while steps are done, then fails what is too late.
    fn settle(&mut self, now: Instant) {
        if let State::AwaitingPerson { phrase, .. } = &mut self.state {
            phrase.forget_music(now);
        }
        while self.is_done(now) {
            self.next(now);
        }
        if let Some(failure) = self.too_late(now) {
            self.state = State::Over;
            self.outputs.push_back(ScriptOutput::Failed(failure));
        }
    }

    fn is_done(&self, now: Instant) -> bool {
        match self.state {
            State::Waiting { until } => until <= now,
            State::AwaitingSpeech { .. } => self.quiet_since.is_none(),
            State::AwaitingSilence { .. } => self.is_quiet(now),
            State::AwaitingPerson { phrase, .. } => phrase.is_person(now),
            State::Sending { .. } | State::Over => false,
        }
    }

    fn too_late(&self, now: Instant) -> Option<ScriptFailure> {
        let (until, failure) = match self.state {
            State::Over => return None,
            State::AwaitingPerson { until, phrase } => {
                let until = if phrase == Phrase::None { until } else { until + GRACE };
                return (until <= now).then_some(ScriptFailure::NobodyCame);
            }
            State::Waiting { until } => (until, ScriptFailure::TooLong),
            State::AwaitingSpeech { until } => (until, ScriptFailure::NoPrompt),
            State::AwaitingSilence { until } => (until, ScriptFailure::PromptTooLong),
            State::Sending { until } => (until, ScriptFailure::DigitsNotSent),
        };
        let too_long = (self.menu_until <= now).then_some(ScriptFailure::TooLong);
        (until <= now).then_some(failure).or(too_long)
    }

    fn is_quiet(&self, now: Instant) -> bool {
        self.quiet_since.is_some_and(|since| since + GAP <= now)
    }
}

/// Who begins to speak in the last moment is heard out, for so long at most.
const GRACE: Duration = Duration::from_secs(4);
const SEND_LIMIT: Duration = Duration::from_secs(5);
const DIGIT_LIMIT: Duration = Duration::from_millis(500);
