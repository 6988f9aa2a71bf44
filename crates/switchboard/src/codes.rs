//! Star codes: how a desk-phone advocate works a call with nothing but the keypad.
//!
//! A code begins with `*`; whatever is pressed without it is talk, not a command. Codes are read
//! from telephone-events, which never reach another party's ear.

use std::time::Duration;

use model::{Digit, Instant};

use crate::act::{Act, Wanted};

/// What an advocate's keys mean during a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// `*0`, `*1` and `*5` to `*9`.
    Act(Act),
    /// `**` and `*4`: this act, or [`Act::TakeBack`] when the caller is set aside.
    OrBack(Act),
    /// `*2`: the interpreter's other mode.
    OtherMode,
    /// `*#`: say what is possible.
    Help,
    /// Anything else, or a code left unfinished: say what is possible.
    Wrong,
}

/// Collects one advocate's keys into codes.
#[derive(Clone, Debug, Default)]
pub struct CodeReader {
    state: Reading,
}

#[derive(Clone, Debug, Default)]
enum Reading {
    #[default]
    Idle,
    Star {
        until: Instant,
    },
    Number {
        digits: u16,
        count: u8,
        until: Instant,
    },
}

impl CodeReader {
    /// Takes one key; a finished code comes out.
    pub fn digit(&mut self, now: Instant, digit: Digit) -> Option<Code> {
        let until = now + PATIENCE;
        match (std::mem::take(&mut self.state), digit.as_char()) {
            (Reading::Idle, '*') => self.wait(Reading::Star { until }),
            (Reading::Idle, _) => None,
            (Reading::Star { .. }, '5') => {
                self.wait(Reading::Number { digits: 0, count: 0, until })
            }
            (Reading::Star { .. }, key) => Some(short_code(key)),
            (Reading::Number { digits, count, .. }, _) => match digit.value() {
                Some(value) => self.number(digits * 10 + u16::from(value), count + 1, until),
                None => Some(Code::Wrong),
            },
        }
    }

    /// When an unfinished code is given up.
    pub const fn deadline(&self) -> Option<Instant> {
        match self.state {
            Reading::Idle => None,
            Reading::Star { until } | Reading::Number { until, .. } => Some(until),
        }
    }

    /// Gives up an unfinished code whose time is over.
    pub fn timeout(&mut self, now: Instant) -> Option<Code> {
        if self.deadline()? > now {
            return None;
        }
        self.state = Reading::Idle;
        Some(Code::Wrong)
    }

    fn number(&mut self, digits: u16, count: u8, until: Instant) -> Option<Code> {
        if count == LANGUAGE_DIGITS {
            return Some(Code::Act(Act::Interpreter(Wanted::Number(digits))));
        }
        self.wait(Reading::Number { digits, count, until })
    }

    fn wait(&mut self, state: Reading) -> Option<Code> {
        self.state = state;
        None
    }
}

const fn short_code(key: char) -> Code {
    match key {
        '*' => Code::OrBack(Act::Hold),
        '0' => Code::Act(Act::End),
        '1' => Code::Act(Act::OpenWay),
        '2' => Code::OtherMode,
        '4' => Code::OrBack(Act::Private),
        '6' => Code::Act(Act::NextRoute),
        '7' => Code::Act(Act::Cancel),
        '8' => Code::Act(Act::Replace),
        '9' => Code::Act(Act::Person),
        '#' => Code::Help,
        _ => Code::Wrong,
    }
}

const PATIENCE: Duration = Duration::from_secs(4);
const LANGUAGE_DIGITS: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str) -> Vec<Code> {
        let mut reader = CodeReader::default();
        let digits = keys.chars().map(|key| Digit::from_char(key).expect("a key"));
        digits.filter_map(|digit| reader.digit(Instant::ZERO, digit)).collect()
    }

    #[test]
    fn every_code_is_read() {
        let codes = [
            ("**", Code::OrBack(Act::Hold)),
            ("*0", Code::Act(Act::End)),
            ("*1", Code::Act(Act::OpenWay)),
            ("*4", Code::OrBack(Act::Private)),
            ("*5123", Code::Act(Act::Interpreter(Wanted::Number(123)))),
            ("*6", Code::Act(Act::NextRoute)),
            ("*7", Code::Act(Act::Cancel)),
            ("*8", Code::Act(Act::Replace)),
            ("*9", Code::Act(Act::Person)),
            ("*#", Code::Help),
            ("*2", Code::OtherMode),
            ("*3", Code::Wrong),
            ("*51#", Code::Wrong),
        ];
        for (keys, code) in codes {
            assert_eq!(read(keys), [code], "{keys}");
        }
    }

    #[test]
    fn keys_without_a_star_are_no_code() {
        assert_eq!(read("0123456789#A*6"), [Code::Act(Act::NextRoute)]);
    }

    #[test]
    fn an_unfinished_code_ends_as_a_wrong_one() {
        let mut reader = CodeReader::default();
        for key in "*51".chars() {
            reader.digit(Instant::ZERO, Digit::from_char(key).expect("a key"));
        }
        let deadline = reader.deadline().expect("waiting for digits");
        assert_eq!(reader.timeout(Instant::ZERO), None);
        assert_eq!(reader.timeout(deadline), Some(Code::Wrong));
        assert_eq!(reader.timeout(deadline), None);
    }
}
