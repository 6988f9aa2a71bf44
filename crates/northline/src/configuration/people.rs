//! Advocates: who answers, in which languages, from which queues.

use interpreting::Catalogue;
use model::{AdvocateId, Language};
use queue::QueueName;
use sip::digest::Secret;
use yaml::{Entry, Fields, Located, suggest};

use super::names::Kind;
use super::reader::Reader;
use super::{AdvocateSection, codecs, media_policy};

impl Reader<'_> {
    pub(super) fn advocates(&mut self, entry: Option<Entry>) -> Vec<AdvocateSection> {
        let mut advocates: Vec<AdvocateSection> = Vec::new();
        let allowed = [ADVOCATE, media_policy::RULES].concat();
        for node in self.list(entry, "`advocates`") {
            let spot = node.spot;
            let fields = Fields::of(node, spot, "an advocate", &allowed, &mut self.problems);
            let Some(mut fields) = fields else { continue };
            let policy = self.media_policy(&mut fields, codecs::of_phones());
            let Some(advocate) = self.advocate(fields) else { continue };
            let id = AdvocateId(u32::try_from(advocates.len()).unwrap_or(u32::MAX));
            self.policies.advocates.insert(id, policy);
            advocates.push(advocate);
        }
        advocates
    }

    fn advocate(&mut self, mut fields: Fields) -> Option<AdvocateSection> {
        let name = self.required(&mut fields, "name", "alice");
        self.claim(name.as_ref(), Kind::Reached);
        let password = self.required(&mut fields, "password", "a-long-password");
        let languages = fields
            .take("languages")
            .map_or_else(|| vec![Language::ENGLISH], |entry| self.languages(entry));
        let queues = match fields.take("queues") {
            Some(entry) => self.known_queues(entry),
            None => self.queues.clone(),
        };
        let supervises = self.is_so(fields.take("supervises"));
        Some(AdvocateSection {
            name: name?.value,
            password: Secret::new(password?.value),
            languages,
            queues,
            supervises,
        })
    }

    pub(super) fn languages(&mut self, entry: Entry) -> Vec<Language> {
        let words = yaml::words(entry, "en, es", &mut self.problems);
        words.iter().filter_map(|word| self.language(word)).collect()
    }

    /// A tag of the catalogue.
    pub(super) fn language(&mut self, word: &Located<String>) -> Option<Language> {
        let known = word.value.parse().ok().filter(|&tag| self.catalogue.by_tag(tag).is_some());
        if known.is_none() {
            let help = language_help(self.catalogue, &word.value);
            self.problem(word.spot, format!("no language has the tag `{}`", word.value), help);
        }
        known
    }

    fn known_queues(&mut self, entry: Entry) -> Vec<QueueName> {
        let words = yaml::words(entry, "crisis", &mut self.problems);
        words.iter().filter_map(|word| self.known_queue(word)).collect()
    }

    fn known_queue(&mut self, word: &Located<String>) -> Option<QueueName> {
        let known = self.queues.iter().find(|queue| queue.as_str() == word.value).cloned();
        if known.is_none() {
            let names: Vec<String> = self.queues.iter().map(ToString::to_string).collect();
            let help = suggest::help(&word.value, names.iter().map(String::as_str));
            self.problem(word.spot, format!("no queue is called `{}`", word.value), help);
        }
        known
    }
}

fn language_help(catalogue: &Catalogue, written: &str) -> String {
    // What is as short as a tag is a slip of one, and the beginning of many names.
    if written.chars().count() <= 3 {
        return "`northline languages NAME` finds the tag of a language".to_owned();
    }
    match catalogue.find(written).first() {
        Some(near) => format!("for {} write `{}`", near.english, near.language),
        None => "`northline languages` lists all tags".to_owned(),
    }
}

const ADVOCATE: &[&str] = &["name", "password", "languages", "queues", "supervises"];
