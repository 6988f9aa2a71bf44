//! Trunks and the numbers a plan may divert to.

use std::collections::BTreeMap;

use model::{Target, TrunkId};
use sip::digest::Secret;
use sip::{Account, NextHop, Transport, Trunk};
use yaml::{Entry, Fields, Located, suggest};

use super::names::Kind;
use super::reader::Reader;
use super::{codecs, media_policy};

impl Reader<'_> {
    pub(super) fn trunks(&mut self, entry: Option<Entry>) -> Vec<Trunk> {
        let mut trunks = Vec::new();
        let allowed = [TRUNK, media_policy::RULES].concat();
        for node in self.list(entry, "`trunks`") {
            let spot = node.spot;
            let fields = Fields::of(node, spot, "a trunk", &allowed, &mut self.problems);
            let Some(mut fields) = fields else { continue };
            let policy = self.media_policy(&mut fields, codecs::of_trunks());
            if let Some(trunk) = self.trunk(fields) {
                let id = TrunkId(u32::try_from(trunks.len()).unwrap_or(u32::MAX));
                self.policies.trunks.insert(id, policy);
                self.trunk_names.push(trunk.name.clone());
                trunks.push(trunk);
            }
        }
        trunks
    }

    fn trunk(&mut self, mut fields: Fields) -> Option<Trunk> {
        let name = self.required(&mut fields, "name", "carrier");
        self.claim(name.as_ref(), Kind::Trunk);
        let ranges =
            fields.take("from").map(|e| yaml::words(e, "192.0.2.0/24", &mut self.problems));
        let ranges = ranges.unwrap_or_default();
        let sources = ranges.iter().filter_map(|word| self.parse(word, "192.0.2.0/24")).collect();
        let address: Option<NextHop> = self.parsed(fields.take("address"), "sip.carrier.example");
        let transport = self.word(fields.take("transport"), "udp");
        let transport = transport.and_then(|word| self.choice(&word, &TRANSPORTS));
        let username = self.word(fields.take("username"), "account");
        let password = self.word(fields.take("password"), "secret");
        let account = match (username, password) {
            (Some(username), Some(password)) => {
                Some(Account { username: username.value, password: Secret::new(password.value) })
            }
            (None, None) => None,
            (Some(half), None) | (None, Some(half)) => {
                let help = "write both `username` and `password`, or neither";
                self.problem(half.spot, "half an account", help);
                None
            }
        };
        let from_user = self.word(fields.take("from-user"), "\"15550100\"").map(|word| word.value);
        let address = address.map(|server| server.over(transport.unwrap_or(Transport::Udp)));
        Some(Trunk { name: name?.value, sources, address, account, from_user })
    }

    pub(super) fn diversions(&mut self, entry: Option<Entry>) -> BTreeMap<String, Target> {
        let Some((_, node)) = entry else { return BTreeMap::new() };
        let entries = yaml::entries_once(node, "`diversions`", &mut self.problems);
        let mut diversions = BTreeMap::new();
        for (key, node) in entries.unwrap_or_default() {
            self.claim(Some(&key), Kind::Reached);
            let allowed = &["trunk", "number", "uri"];
            let fields = Fields::of(node, key.spot, "a diversion", allowed, &mut self.problems);
            let target = fields.and_then(|mut fields| self.target(&mut fields));
            diversions.extend(target.map(|target| (key.value, target)));
        }
        diversions
    }

    /// `number` through a `trunk`, or a `uri`.
    pub(super) fn target(&mut self, fields: &mut Fields) -> Option<Target> {
        let trunk = self.word(fields.take("trunk"), "carrier");
        let trunk = trunk.map(|word| self.trunk_named(&word));
        let number = self.word(fields.take("number"), "\"15550111\"");
        let uri = self.word(fields.take("uri"), "sip:centre@192.0.2.20");
        match (trunk, number, uri) {
            // One mistake, which has been said.
            (Some(None), ..) => None,
            (Some(Some(trunk)), Some(number), None) => {
                Some(Target::Number { trunk, number: number.value.into() })
            }
            (trunk, None, Some(uri)) if uri.value.starts_with("sip:") => {
                Some(Target::Uri { trunk: trunk.flatten(), uri: uri.value.into() })
            }
            _ => {
                let help = "write `trunk: NAME` and `number: \"...\"`, or `uri: sip:NAME@ADDRESS`";
                self.problem(fields.spot, "nothing here can be dialled", help);
                None
            }
        }
    }

    fn trunk_named(&mut self, word: &Located<String>) -> Option<TrunkId> {
        let position = self.trunk_names.iter().position(|name| *name == word.value);
        if position.is_none() {
            let names: Vec<String> = self.trunk_names.clone();
            let help = suggest::help(&word.value, names.iter().map(String::as_str));
            self.problem(word.spot, format!("no trunk is called `{}`", word.value), help);
        }
        u32::try_from(position?).ok().map(TrunkId)
    }
}

const TRUNK: &[&str] =
    &["name", "from", "address", "transport", "username", "password", "from-user"];
const TRANSPORTS: [(&str, Transport); 2] = [("udp", Transport::Udp), ("tcp", Transport::Tcp)];
