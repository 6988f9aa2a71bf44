//! What is wrong with a file: all problems at once, each with its place and how to mend it.
//!
//! [`Problems`] prints without colour by `Display`; [`Problems::picture`] draws the same for a
//! terminal.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Bytes before the place.
    pub offset: usize,
    /// Bytes of the place, at least 1.
    pub length: usize,
}

/// One thing to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Where.
    pub spot: Spot,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// Everything that is wrong with a file, in the order of its text.
#[derive(Debug)]
pub struct Problems {
    what: &'static str,
    source: Box<NamedSource<String>>,
    /// The offset at which each line begins.
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

/// How a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// With the terminal's colours.
    Colour,
    /// In black and white.
    Plain,
}

impl Problem {
    /// Something wrong at `spot`.
    pub fn new(spot: Spot, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { spot, message: message.into(), help: help.into() }
    }
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = (self.spot.offset, self.spot.length);
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))))
    }
}

impl Problems {
    /// All that is wrong with `text`, which is `what` ("dialplan") and was read from `file`.
    pub fn new(what: &'static str, file: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        let source = Box::new(NamedSource::new(file, text.to_owned()));
        let newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(newlines).collect();
        Self { what, source, line_starts, problems }
    }

    /// The problems in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// Line and column of a problem, both from 1; columns count characters.
    pub fn line_and_column(&self, problem: &Problem) -> (usize, usize) {
        let offset = problem.spot.offset;
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let before = self.line_starts.get(line - 1).copied().unwrap_or_default()..offset;
        let before = self.source.inner().get(before).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// All problems drawn into the text they are in, for a terminal.
    pub fn picture(&self, look: Look) -> String {
        let theme = match look {
            Look::Colour => GraphicalTheme::unicode(),
            Look::Plain => GraphicalTheme::unicode_nocolor(),
        };
        let mut drawn = String::new();
        GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .render_report(&mut drawn, &Picture(self))
            .map_or_else(|_| self.to_string(), |()| drawn)
    }

    fn heading(&self) -> String {
        match self.count() {
            1 => format!("the {} has 1 problem", self.what),
            count => format!("the {} has {count} problems", self.what),
        }
    }

    fn line(&self, number: usize) -> &str {
        let start = self.line_starts.get(number - 1).copied().unwrap_or_default();
        let rest = self.source.inner().get(start..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }
}

/// `file:line:column: message`, the line with the place marked, and the help.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.iter() {
            let (line, column) = self.line_and_column(problem);
            let text = self.line(line);
            let rest = text.chars().count().saturating_sub(column - 1).max(1);
            let spot = problem.spot;
            let marked = self.source.inner().get(spot.offset..spot.offset + spot.length);
            let width = marked.map_or(1, |marked| marked.chars().count()).clamp(1, rest);
            let margin = " ".repeat(column - 1);
            writeln!(f, "{}:{line}:{column}: {}", self.source.name(), problem.message)?;
            writeln!(f, "{line:>5} | {text}")?;
            writeln!(f, "      | {margin}{}", "^".repeat(width))?;
            writeln!(f, "   help: {}", problem.help)?;
        }
        f.write_str(&self.heading())
    }
}

impl std::error::Error for Problems {}

/// The diagnostic behind [`Problems::picture`]: a heading with every problem below it.
#[derive(Debug)]
struct Picture<'a>(&'a Problems);

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.heading())
    }
}

impl std::error::Error for Picture<'_> {}

impl Diagnostic for Picture<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.0.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.0.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}
