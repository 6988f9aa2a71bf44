//! Three vendors of a test's configuration and a search over them on a virtual clock.

use std::sync::Arc;
use std::time::Duration;

use interpreting::{
    Code, Digits, Input, Languages, Limit, Output, Progress, RouteFailure, Search, Secret, Step,
    Usage, VendorRoute,
};
use model::{Digit, Instant, Language, VendorId};

pub(crate) const A: VendorId = VendorId(0);
pub(crate) const B: VendorId = VendorId(1);

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn language(tag: &str) -> Language {
    tag.parse().expect("a tag")
}

pub(crate) fn code(digits: &str) -> Code {
    Code::try_from(digits.to_owned()).expect("keys")
}

pub(crate) fn digits(template: &str) -> Digits {
    Digits::try_from(template.to_owned()).expect("keys and places")
}

/// A vendor with a spoken menu that asks for account and language, then a hold of 60 s.
pub(crate) fn with_menu(vendor: VendorId) -> VendorRoute {
    VendorRoute {
        languages: Languages::Only(vec![language("am"), language("ti")]),
        codes: [(language("am"), code("07")), (language("ti"), code("08"))].into(),
        account: Some(Secret::new(code("4711"))),
        script: vec![
            Step::HearSpeech(Limit(secs(10))),
            Step::HearSilence(Limit(secs(20))),
            Step::Send(digits("{account}#")),
            Step::HearSpeech(Limit(secs(10))),
            Step::HearSilence(Limit(secs(20))),
            Step::Send(digits("{language}#")),
            Step::Person(Limit(secs(60))),
        ],
        ..VendorRoute::new(vendor)
    }
}

/// One search with its clock and all it said since it was last asked.
pub(crate) struct Call {
    pub(crate) search: Search,
    pub(crate) now: Instant,
    said: Vec<Output>,
}

impl Call {
    /// Amharic, over vendor A with a menu and vendor B without one.
    pub(crate) fn amharic() -> Self {
        Self::new("am", vec![with_menu(A), VendorRoute::new(B)])
    }

    pub(crate) fn new(tag: &str, routes: Vec<VendorRoute>) -> Self {
        let routes: Vec<_> = routes.into_iter().map(Arc::new).collect();
        let search = Search::new(Instant::ZERO, language(tag), &routes);
        let mut call = Self { search, now: Instant::ZERO, said: Vec::new() };
        call.drain();
        call
    }

    pub(crate) fn input(&mut self, input: Input) -> &mut Self {
        self.search.handle_input(self.now, input);
        self.drain();
        self
    }

    pub(crate) fn passes(&mut self, seconds: u64) -> &mut Self {
        self.passes_millis(seconds * 1000)
    }

    /// Lets time pass, stopping at each deadline on the way.
    pub(crate) fn passes_millis(&mut self, millis: u64) -> &mut Self {
        let end = self.now + Duration::from_millis(millis);
        while let Some(at) = self.search.deadline().filter(|&at| at <= end) {
            assert!(at >= self.now, "a deadline that has passed");
            self.now = at;
            self.input(Input::Timeout);
            assert!(self.search.deadline() != Some(at), "a deadline that does not pass");
        }
        self.now = end;
        self
    }

    /// The vendor speaks for so long, and is quiet for a second.
    pub(crate) fn speaks(&mut self, seconds: u64) -> &mut Self {
        self.input(Input::Speech { speaking: true }).passes(seconds);
        self.input(Input::Speech { speaking: false }).passes(1)
    }

    /// The vendor's menus go as the script knows them, up to the hold.
    pub(crate) fn goes_through_the_menu(&mut self) -> &mut Self {
        self.input(Input::Answered).passes(1).speaks(4).input(Input::DigitsSent).passes(1);
        self.speaks(6).input(Input::DigitsSent)
    }

    /// All said since the last time, without usage.
    pub(crate) fn said(&mut self) -> Vec<Output> {
        let said = std::mem::take(&mut self.said);
        said.into_iter().filter(|output| !matches!(output, Output::Usage(_))).collect()
    }

    /// The usage said since the last time.
    pub(crate) fn usage(&mut self) -> Vec<Usage> {
        let usage = |output| if let Output::Usage(usage) = output { Some(usage) } else { None };
        std::mem::take(&mut self.said).into_iter().filter_map(usage).collect()
    }

    /// The keys asked for since the last time.
    pub(crate) fn keys(&mut self) -> String {
        let keys = |output| match output {
            Output::SendDigits(digits) => digits,
            _ => Vec::new(),
        };
        self.said().into_iter().flat_map(keys).map(Digit::as_char).collect()
    }

    fn drain(&mut self) {
        self.said.extend(std::iter::from_fn(|| self.search.poll_output()));
    }
}

pub(crate) fn dialled(vendor: VendorId) -> [Output; 2] {
    [Output::Dial { vendor }, Output::Progress(Progress::Dialling { vendor })]
}

pub(crate) fn failed(vendor: VendorId, why: RouteFailure) -> Output {
    Output::Progress(Progress::RouteFailed { vendor, why })
}
