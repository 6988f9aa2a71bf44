//! Interpretation vendors: which languages they have, and how their line is worked.

use std::collections::BTreeMap;
use std::sync::Arc;

use interpreting::{Code, Digits, Languages, Limit, Secret, Step, VendorRoute};
use model::{Language, VendorId};
use switchboard::Vendor;
use yaml::{Entry, Fields, Located, Node, suggest};

use super::names::Kind;
use super::reader::Reader;

impl Reader<'_> {
    pub(super) fn vendors(&mut self, entry: Option<Entry>) -> Vec<Vendor> {
        let nodes = self.list(entry, "`vendors`");
        (0..).zip(nodes).filter_map(|(id, node)| self.vendor(VendorId(id), node)).collect()
    }

    fn vendor(&mut self, id: VendorId, node: Node) -> Option<Vendor> {
        let spot = node.spot;
        let mut fields = Fields::of(node, spot, "a vendor", VENDOR, &mut self.problems)?;
        let name = self.required(&mut fields, "name", "first-vendor");
        self.claim(name.as_ref(), Kind::Vendor);
        self.vendor_names.extend(name.map(|name| name.value));
        let mut route = VendorRoute::new(id);
        route.order = id.0;
        let languages = fields.take("languages");
        route.languages = languages.map_or(Languages::All, |entry| self.served(entry));
        route.identifies_languages = self.is_so(fields.take("identifies-languages"));
        route.menu_before_answer = self.is_so(fields.take("menu-before-answer"));
        route.codes = self.codes(fields.take("codes"));
        route.account = self.account(fields.take("account"));
        if let Some(entry) = fields.take("script") {
            route.script = self.script(entry, route.account.is_some());
        }
        let target = self.target(&mut fields)?;
        Some(Vendor { route: Arc::new(route), target })
    }

    fn served(&mut self, entry: Entry) -> Languages {
        let words = yaml::words(entry, "all", &mut self.problems);
        if let [only] = words.as_slice()
            && only.value == "all"
        {
            return Languages::All;
        }
        Languages::Only(words.iter().filter_map(|word| self.language(word)).collect())
    }

    pub(super) fn is_so(&mut self, entry: Option<Entry>) -> bool {
        let word = self.word(entry, "yes");
        let choices = [("yes", true), ("true", true), ("no", false), ("false", false)];
        word.and_then(|word| self.choice(&word, &choices)).unwrap_or(false)
    }

    fn codes(&mut self, entry: Option<Entry>) -> BTreeMap<Language, Code> {
        let Some((_, node)) = entry else { return BTreeMap::new() };
        let entries = yaml::entries_once(node, "`codes`", &mut self.problems).unwrap_or_default();
        let mut codes = BTreeMap::new();
        for (key, node) in entries {
            let language = self.language(&key);
            let word = self.word(Some((key, node)), "\"23\"");
            let code = word.and_then(|word| self.keys(&word));
            codes.extend(language.zip(code));
        }
        codes
    }

    fn account(&mut self, entry: Option<Entry>) -> Option<Secret> {
        let word = self.word(entry, "\"1234\"")?;
        self.keys(&word).map(Secret::new)
    }

    /// Digits that a vendor wants; what is wrong with them is said without showing them (O8).
    fn keys(&mut self, word: &Located<String>) -> Option<Code> {
        let code = Code::try_from(word.value.clone()).ok();
        if code.is_none() {
            let help = "write the keys 0-9, * and # in quotes, for example \"1234\"";
            self.problem(word.spot, "no keys of a telephone", help);
        }
        code
    }

    fn script(&mut self, (key, node): Entry, has_account: bool) -> Vec<Step> {
        let nodes = self.list(Some((key, node)), "`script`");
        nodes.into_iter().filter_map(|node| self.step(node, has_account)).collect()
    }

    fn step(&mut self, node: Node, has_account: bool) -> Option<Step> {
        let spot = node.spot;
        let what = "a step of a script";
        let entries = yaml::entries_once(node, what, &mut self.problems)?;
        let Ok([(key, node)]) = <[Entry; 1]>::try_from(entries) else {
            self.problem(spot, "a step does one thing", "begin each step with a dash");
            return None;
        };
        let name = key.value.clone();
        let word = self.word(Some((key.clone(), node)), "10s")?;
        let timed: Option<fn(Limit) -> Step> = match name.as_str() {
            "wait" => Some(Step::Wait),
            "hear-speech" => Some(Step::HearSpeech),
            "hear-silence" => Some(Step::HearSilence),
            "person" => Some(Step::Person),
            "send" => return self.send(&word, has_account),
            _ => None,
        };
        let Some(step) = timed else {
            let help = suggest::help(&name, STEPS.iter().copied());
            self.problem(key.spot, format!("`{name}` is no step of a script"), help);
            return None;
        };
        yaml::time(&word, &mut self.problems).map(|time| step(Limit(time.value)))
    }

    fn send(&mut self, word: &Located<String>, has_account: bool) -> Option<Step> {
        let Ok(digits) = Digits::try_from(word.value.clone()) else {
            let help = "write keys, `{account}` and `{language}` in quotes: \"{account}#\"";
            self.problem(word.spot, "nothing here can be sent", help);
            return None;
        };
        if digits.needs_account() && !has_account {
            let help = "write `account: \"...\"` above the script";
            self.problem(word.spot, "the vendor has no account to send", help);
        }
        Some(Step::Send(digits))
    }
}

const VENDOR: &[&str] = &[
    "name",
    "trunk",
    "number",
    "uri",
    "languages",
    "identifies-languages",
    "account",
    "codes",
    "menu-before-answer",
    "script",
];
const STEPS: &[&str] = &["wait", "hear-speech", "hear-silence", "send", "person"];
