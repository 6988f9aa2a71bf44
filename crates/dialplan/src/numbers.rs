//! The numbers of a lab's plan, and where each leads.

use model::SampleRate;

use crate::names::{Extension, StepName};

/// Numbers and ranges of numbers, each with the step it leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(Vec<(Number, StepName)>);

/// One number, or all from one to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// A word or digits, dialled as written.
    One(Extension),
    /// `3000-3999`: any of them, with as many digits as written.
    Range { low: u32, high: u32, digits: usize },
}

/// Where a call begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The first step.
    pub start: StepName,
    /// The room it is, if it is one.
    pub room: Option<Conference>,
}

/// A room that is shared by all calls to one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conference {
    /// The number.
    pub extension: Extension,
    /// The rate that it has at least.
    pub least_rate: SampleRate,
}

impl Numbers {
    /// Adds a number, unless one of its kind is there already: then that one is returned.
    pub(crate) fn insert(&mut self, number: Number, step: StepName) -> Result<(), &Number> {
        match self.0.iter().position(|(known, _)| known.overlaps(&number)) {
            Some(at) => Err(&self.0[at].0),
            None => {
                self.0.push((number, step));
                Ok(())
            }
        }
    }

    /// The step that `dialled` leads to, and what the plan calls that number.
    pub(crate) fn find(&self, dialled: &str) -> Option<(Extension, &StepName)> {
        let (_, step) = self.0.iter().find(|(number, _)| number.is(dialled))?;
        Some((Extension::from(dialled), step))
    }

    /// The steps that numbers lead to.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &StepName> {
        self.0.iter().map(|(_, step)| step)
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Number {
    /// A number or range as written; `None` for a range that runs backwards.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let range =
            text.split_once('-').and_then(|(low, high)| Some((digits(low)?, digits(high)?)));
        match range {
            None => Some(Self::One(text.into())),
            Some(((low, count), (high, digits))) if low < high && count == digits => {
                Some(Self::Range { low, high, digits })
            }
            Some(_) => None,
        }
    }

    /// Whether `dialled` is one of them.
    fn is(&self, dialled: &str) -> bool {
        match self {
            Self::One(extension) => extension.as_str() == dialled,
            Self::Range { low, high, digits: written } => {
                digits(dialled).is_some_and(|(number, count)| {
                    count == *written && (*low..=*high).contains(&number)
                })
            }
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(own), _) => other.is(own.as_str()),
            (_, Self::One(other)) => self.is(other.as_str()),
            (
                Self::Range { low, high, digits },
                Self::Range { low: other_low, high: other_high, digits: others },
            ) => digits == others && low <= other_high && other_low <= high,
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(extension) => write!(f, "{extension}"),
            Self::Range { low, high, digits } => write!(f, "{low:0digits$}-{high:0digits$}"),
        }
    }
}

/// The value and the count of a text of nothing but digits.
fn digits(text: &str) -> Option<(u32, usize)> {
    let only = text.bytes().all(|byte| byte.is_ascii_digit());
    Some((text.parse().ok().filter(|_| only)?, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(numbers: &[(&str, &str)], dialled: &str) -> Option<String> {
        let mut table = Numbers::default();
        for (number, step) in numbers {
            let number = Number::read(number).expect("a number");
            table.insert(number, (*step).into()).expect("no overlap");
        }
        table.find(dialled).map(|(extension, step)| format!("{extension} {step}"))
    }

    #[test]
    fn a_range_leads_each_of_its_numbers_to_its_step() {
        let numbers = [("echo", "a"), ("3000-3999", "b"), ("007-009", "c"), ("a-b", "d")];
        for (dialled, expected) in [
            ("echo", Some("echo a")),
            ("3000", Some("3000 b")),
            ("3999", Some("3999 b")),
            ("4000", None),
            ("03500", None),
            ("008", Some("008 c")),
            ("8", None),
            ("a-b", Some("a-b d")),
            ("3000-3999", None),
            ("+3500", None),
            ("", None),
        ] {
            assert_eq!(leads(&numbers, dialled).as_deref(), expected, "{dialled}");
        }
    }

    #[test]
    fn a_range_that_runs_backwards_or_changes_its_length_is_none() {
        for text in ["3999-3000", "1-10", "5-5"] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }

    #[test]
    fn what_overlaps_is_refused_with_what_was_there() {
        let mut table = Numbers::default();
        let number = |text| Number::read(text).expect("a number");
        assert!(table.insert(number("3000-3999"), "a".into()).is_ok());
        for text in ["3000-3999", "2000-3000", "3999-5000", "3500"] {
            let there = table.insert(number(text), "b".into()).map_err(ToString::to_string);
            assert_eq!(there, Err("3000-3999".to_owned()), "{text}");
        }
        assert!(table.insert(number("030-040"), "b".into()).is_ok());
    }
}
