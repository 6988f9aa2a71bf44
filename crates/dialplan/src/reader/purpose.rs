//! `purpose:`, and what belongs to each: `start:` to a hotline's plan, `numbers:` to a lab's.

use super::*;
use crate::numbers::{Number, Numbers};
use crate::plan::Purpose;

impl Reader {
    /// What the plan is for; a hotline unless it says otherwise.
    pub(super) fn purpose(&mut self, fields: &mut Fields) -> Option<Purpose> {
        let word = fields.take("purpose").and_then(|e| yaml::word(e, LAB, &mut self.problems));
        let (start, numbers) = (fields.take("start"), fields.take("numbers"));
        match word {
            Some(word) if word.value == LAB => self.lab(fields.spot, start, numbers),
            Some(word) if word.value != HOTLINE => {
                let message = format!("a plan has no purpose `{}`", word.value);
                let help = suggest::help(&word.value, [HOTLINE, LAB]);
                self.problems.push(Problem::new(word.spot, message, help));
                None
            }
            _ => self.hotline(fields.spot, start, numbers),
        }
    }

    fn hotline(
        &mut self,
        spot: Spot,
        start: Option<Entry>,
        numbers: Option<Entry>,
    ) -> Option<Purpose> {
        if let Some((key, _)) = numbers {
            let help = "the configuration's `numbers` say which plan a number leads to; `purpose: \
                        lab` is for a plan to measure by";
            let message = "every number of a hotline's plan leads to its `start`";
            self.problems.push(Problem::new(key.spot, message, help));
        }
        if start.is_none() {
            let help = "name the step a caller begins with: `start: greeting`";
            self.problems.push(Problem::new(spot, "`start` is missing", help));
        }
        let start = self.step_name(start?)?.value;
        Some(Purpose::Hotline { start })
    }

    fn lab(&mut self, spot: Spot, start: Option<Entry>, numbers: Option<Entry>) -> Option<Purpose> {
        if let Some((key, _)) = start {
            let message = "a lab's plan has no `start`";
            self.problems.push(Problem::new(key.spot, message, NUMBERS));
        }
        let Some((key, node)) = numbers else {
            self.problems.push(Problem::new(spot, "`numbers` is missing", NUMBERS));
            return None;
        };
        let mut table = Numbers::default();
        for (number, node) in yaml::entries_once(node, "`numbers`", &mut self.problems)? {
            self.number(&mut table, &number, node);
        }
        if table.is_empty() {
            self.problems.push(Problem::new(key.spot, "`numbers` names no step", NUMBERS));
        }
        Some(Purpose::Lab { numbers: table })
    }

    fn number(&mut self, table: &mut Numbers, written: &Located<String>, node: Node) {
        let Some(step) = self.step_name((written.clone(), node)) else { return };
        let Some(number) = Number::read(&written.value) else {
            let message = format!("`{}` is no range of numbers", written.value);
            let help = "write the lowest and the highest with as many digits: `3000-3999`";
            return self.problems.push(Problem::new(written.spot, message, help));
        };
        if let Err(there) = table.insert(number, step.value) {
            let message = format!("`{}` leads somewhere already, with `{there}`", written.value);
            let help = "let every number lead to one step";
            self.problems.push(Problem::new(written.spot, message, help));
        }
    }
}

const HOTLINE: &str = "hotline";
const LAB: &str = "lab";
const NUMBERS: &str = "say which step each number leads to: `numbers: { echo: echo }`";
