//! Reads the tables of a configuration; what does not fit becomes a problem and is left out.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use interpreting::Catalogue;
use model::Codecs;
use queue::QueueName;
use switchboard::MediaPolicies;
use yaml::{Entry, Fields, Located, Node, Problem, Spot, Value, suggest};

use super::names::{Kind, Names};
use super::{
    Audience, Configuration, Legacy, MediaSection, PlanFiles, SipSection, Timing, codecs,
    encryption, media_policy,
};

/// What is read so far.
pub(super) struct Reader<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) problems: Vec<Problem>,
    /// The queues declared, and the trunks by position.
    pub(super) queues: Vec<QueueName>,
    pub(super) trunk_names: Vec<String>,
    pub(super) vendor_names: Vec<String>,
    /// What has a name.
    pub(super) names: Names,
    pub(super) policies: MediaPolicies,
    /// What is written under `media`.
    pub(super) codecs_of_all: Option<Codecs>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            problems: Vec::new(),
            queues: Vec::new(),
            trunk_names: Vec::new(),
            vendor_names: Vec::new(),
            names: Names::default(),
            policies: MediaPolicies::default(),
            codecs_of_all: None,
        }
    }

    /// The whole file. Queues, media and trunks come first, since the other sections build on them.
    pub(super) fn configuration(&mut self, node: Node) -> Option<Configuration> {
        let spot = node.spot;
        let mut fields = Fields::of(node, spot, "the configuration", SECTIONS, &mut self.problems)?;
        self.queues = self.queue_names(&mut fields);
        self.policies.others.srtp = encryption::DEFAULT;
        self.policies.others.codecs = codecs::of_trunks();
        let media = self.media(fields.take("media"));
        let trunks = self.trunks(fields.take("trunks"));
        let advocates = self.advocates(fields.take("advocates"));
        Some(Configuration {
            sip: self.sip(fields.take("sip")),
            media,
            policies: std::mem::take(&mut self.policies),
            plans: PlanFiles {
                any: self.path(fields.take("dialplan")),
                by_number: self.words_by_key(fields.take("numbers"), "`numbers`"),
                audience: Audience::Callers,
            },
            prompts: self.path(fields.take("prompts")),
            control: self.control(fields.take("control")),
            switches: self.words_by_key(fields.take("switches"), "`switches`"),
            most_calls: self.parsed(fields.take("calls"), "500").map_or(500, NonZeroUsize::get),
            http: self.http(fields.take("http"), &advocates),
            advocates,
            diversions: self.diversions(fields.take("diversions")),
            vendors: self.vendors(fields.take("vendors")),
            timing: self.timing(fields.take("timing")),
            queues: self.queues.clone(),
            vendor_names: std::mem::take(&mut self.vendor_names),
            trunks,
        })
    }

    fn sip(&mut self, entry: Option<Entry>) -> SipSection {
        let mut section = SipSection {
            listen: vec![([127, 0, 0, 1], 5060).into()],
            advertised: Vec::new(),
            realm: "northline".to_owned(),
            legacy_md5: Legacy::Refused,
        };
        let allowed = &["listen", "advertised", "realm", "legacy-md5"];
        let Some(mut fields) = self.table(entry, "`sip`", allowed) else { return section };
        if let Some(entry) = fields.take("listen") {
            let words = yaml::words(entry, "\"127.0.0.1:5060\"", &mut self.problems);
            words.iter().for_each(|word| self.claim(Some(word), Kind::Listener));
            section.listen = words.iter().filter_map(|w| self.parse(w, "127.0.0.1:5060")).collect();
        }
        section.advertised = self.advertised(fields.take("advertised"));
        if let Some(realm) = self.word(fields.take("realm"), "northline") {
            section.realm = realm.value;
        }
        if let Some(word) = self.word(fields.take("legacy-md5"), "no") {
            section.legacy_md5 = self.choice(&word, &LEGACY).unwrap_or(Legacy::Refused);
        }
        section
    }

    /// One public address, or one of each family.
    fn advertised(&mut self, entry: Option<Entry>) -> Vec<IpAddr> {
        let Some(entry) = entry else { return Vec::new() };
        let words = yaml::words(entry, "203.0.113.10", &mut self.problems);
        let mut advertised: Vec<IpAddr> = Vec::new();
        for word in words {
            let Some(address) = self.parse::<IpAddr>(&word, "203.0.113.10") else { continue };
            if advertised.iter().any(|other| other.is_ipv4() == address.is_ipv4()) {
                let help = "keep one of IPv4 and one of IPv6 at most";
                self.problem(word.spot, "a second public address of the same family", help);
            } else {
                advertised.push(address);
            }
        }
        advertised
    }

    /// Settings of earlier versions.
    fn no_address_of_its_own(&mut self, fields: &mut Fields) {
        for (old, help) in [
            ("address", "leave it out: audio goes by the address at which `sip` reaches the peer"),
            ("advertised", "write it into `sip: advertised`, which now serves audio too"),
        ] {
            if let Some((key, _)) = fields.take(old) {
                self.problem(key.spot, format!("`media: {old}` is gone"), help);
            }
        }
    }

    fn media(&mut self, entry: Option<Entry>) -> MediaSection {
        let mut section = MediaSection { ports: 20_000..=29_999, shards: None };
        let allowed = [&["ports", "shards", "address", "advertised"], media_policy::RULES].concat();
        let Some(mut fields) = self.table(entry, "`media`", &allowed) else { return section };
        self.no_address_of_its_own(&mut fields);
        self.codecs_of_all = self.codecs(fields.take("codecs"));
        self.policies.others = self.media_policy(&mut fields, codecs::of_trunks());
        section.shards = self.shards(fields.take("shards"));
        if let Some(word) = self.word(fields.take("ports"), "20000-29999") {
            match port_range(&word.value) {
                Some(ports) => section.ports = ports,
                None => self.problem(
                    word.spot,
                    "no range of UDP ports with room for a leg",
                    "write the lowest and the highest, for example `ports: 20000-29999`",
                ),
            }
        }
        section
    }

    fn timing(&mut self, entry: Option<Entry>) -> Timing {
        let mut timing = Timing::default();
        let allowed = &["offer", "ring-again", "wrap-up", "long-wait", "interpreter-held"];
        let Some(mut fields) = self.table(entry, "`timing`", allowed) else { return timing };
        let slots = [
            ("offer", &mut timing.offer),
            ("ring-again", &mut timing.ring_again),
            ("wrap-up", &mut timing.wrap_up),
            ("long-wait", &mut timing.long_wait),
            ("interpreter-held", &mut timing.interpreter_held),
        ];
        for (key, slot) in slots {
            let Some(word) = self.word(fields.take(key), "20s") else { continue };
            if let Some(time) = yaml::time(&word, &mut self.problems) {
                *slot = time.value;
            }
        }
        timing
    }

    /// A table of names with one word each.
    fn words_by_key<T: From<String>>(
        &mut self,
        entry: Option<Entry>,
        what: &str,
    ) -> BTreeMap<String, T> {
        let Some((_, node)) = entry else { return BTreeMap::new() };
        let entries = yaml::entries_once(node, what, &mut self.problems);
        let entries = entries.unwrap_or_default().into_iter();
        entries
            .filter_map(|(key, node)| {
                let name = key.value.clone();
                Some((name, self.word(Some((key, node)), "on")?.value.into()))
            })
            .collect()
    }

    fn queue_names(&mut self, fields: &mut Fields) -> Vec<QueueName> {
        let Some(entry) = fields.take("queues") else {
            self.names.take(Kind::Reached, QUEUE);
            return vec![QUEUE.into()];
        };
        let words = yaml::words(entry, "crisis", &mut self.problems);
        words.iter().for_each(|word| self.claim(Some(word), Kind::Reached));
        words.iter().map(|word| word.value.as_str().into()).collect()
    }

    /// Asked for by commands that start in other folders than the engine did.
    fn control(&mut self, entry: Option<Entry>) -> PathBuf {
        let Some(word) = self.word(entry, CONTROL) else { return CONTROL.into() };
        if !word.value.starts_with('/') {
            let help = format!("write it from `/` on, for example `{CONTROL}`");
            self.problem(word.spot, "a whole path belongs here", help);
        }
        word.value.into()
    }

    fn path(&mut self, entry: Option<Entry>) -> Option<PathBuf> {
        self.word(entry, "/etc/northline/file").map(|word| word.value.into())
    }

    /// The entries of a section that may be absent.
    pub(super) fn table(
        &mut self,
        entry: Option<Entry>,
        what: &str,
        allowed: &[&str],
    ) -> Option<Fields> {
        let (key, node) = entry?;
        Fields::of(node, key.spot, what, allowed, &mut self.problems)
    }

    /// The items of a section that is a list and may be absent.
    pub(super) fn list(&mut self, entry: Option<Entry>, what: &str) -> Vec<Node> {
        let Some((key, node)) = entry else { return Vec::new() };
        match node.value {
            Value::List(nodes) => nodes,
            Value::Nothing => Vec::new(),
            _ => {
                let help = "begin each item with a dash on a line of its own";
                self.problem(key.spot, format!("{what} is a list"), help);
                Vec::new()
            }
        }
    }

    pub(super) fn word(&mut self, entry: Option<Entry>, example: &str) -> Option<Located<String>> {
        yaml::word(entry?, example, &mut self.problems)
    }

    /// A word that must be there.
    pub(super) fn required(
        &mut self,
        fields: &mut Fields,
        key: &str,
        example: &str,
    ) -> Option<Located<String>> {
        let help = format!("for example `{key}: {example}`");
        let entry = fields.require(key, &help, &mut self.problems)?;
        self.word(Some(entry), example)
    }

    pub(super) fn parsed<T: FromStr>(&mut self, entry: Option<Entry>, example: &str) -> Option<T> {
        let word = self.word(entry, example)?;
        self.parse(&word, example)
    }

    pub(super) fn parse<T: FromStr>(&mut self, word: &Located<String>, example: &str) -> Option<T> {
        let parsed = word.value.parse().ok();
        if parsed.is_none() {
            let message = format!("`{}` is not what belongs here", word.value);
            self.problem(word.spot, &message, format!("for example `{example}`"));
        }
        parsed
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        word: &Located<String>,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let chosen = choices.iter().find(|(name, _)| *name == word.value).map(|&(_, value)| value);
        if chosen.is_none() {
            let names = choices.iter().map(|(name, _)| *name);
            let message = format!("`{}` is none of the words that belong here", word.value);
            self.problem(word.spot, &message, suggest::help(&word.value, names));
        }
        chosen
    }

    pub(super) fn problem(&mut self, spot: Spot, message: impl Display, help: impl Display) {
        self.problems.push(Problem::new(spot, message.to_string(), help.to_string()));
    }
}

pub(crate) fn port_range(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let (low, high) = text.split_once('-')?;
    let (low, high): (u16, u16) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low >= 1024 && high > low).then_some(low..=high)
}

const SECTIONS: &[&str] = &[
    "sip",
    "media",
    "dialplan",
    "numbers",
    "prompts",
    "control",
    "http",
    "switches",
    "calls",
    "queues",
    "advocates",
    "trunks",
    "diversions",
    "vendors",
    "timing",
];
/// The queue where none is written.
const QUEUE: &str = "crisis";
const CONTROL: &str = "/run/northline/control.sock";
const LEGACY: [(&str, Legacy); 4] = [
    ("yes", Legacy::Allowed),
    ("true", Legacy::Allowed),
    ("no", Legacy::Refused),
    ("false", Legacy::Refused),
];
