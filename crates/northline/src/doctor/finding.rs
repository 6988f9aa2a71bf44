//! What the doctor finds: one line for each thing looked at.

use std::fmt;

use crate::commands::CommandError;

/// Everything that was found, in the order it was looked at.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    text: String,
}

/// What a finding asks of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing.
    Ok,
    /// To mend it before the first call.
    Mend,
    /// To know it.
    Note,
}

impl Report {
    /// `what` is as it must be.
    pub(super) fn ok(&mut self, what: impl fmt::Display) {
        self.add(Verdict::Ok, what.to_string());
    }

    /// `what` is wrong, and this is the cure.
    pub(super) fn mend(&mut self, what: impl fmt::Display, cure: impl fmt::Display) {
        self.add(Verdict::Mend, format!("{what}; {cure}"));
    }

    /// Something to mend that says itself how.
    pub(super) fn mend_as_said(&mut self, what: impl fmt::Display) {
        self.add(Verdict::Mend, what.to_string());
    }

    /// Something to know.
    pub(super) fn note(&mut self, what: impl fmt::Display) {
        self.add(Verdict::Note, what.to_string());
    }

    /// Whether calls can be taken.
    ///
    /// # Errors
    /// With how many things are to be mended.
    pub fn conclusion(&self) -> Result<(), CommandError> {
        let to_mend = self.findings.iter().filter(|finding| finding.verdict == Verdict::Mend);
        match to_mend.count() {
            0 => Ok(()),
            count => Err(CommandError::ToMend(count)),
        }
    }

    fn add(&mut self, verdict: Verdict, text: String) {
        self.findings.push(Finding { verdict, text });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

/// What has lines of its own goes on below its first, indented.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Mend => "MEND",
            Verdict::Note => "note",
        };
        write!(f, "{verdict:<5} {}", self.text.trim_end().replace('\n', "\n      "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_to_be_mended_counts() {
        let mut report = Report::default();
        report.ok("clock");
        report.note("no vendors");
        assert!(report.conclusion().is_ok());
        report.mend("port 1: taken", "free it");
        assert!(matches!(report.conclusion(), Err(CommandError::ToMend(1))));
        let lines = "ok    clock\nnote  no vendors\nMEND  port 1: taken; free it\n";
        assert_eq!(report.to_string(), lines);
    }
}
