//! The HTTP API: where it listens, and whose tokens it knows.

use std::net::SocketAddr;

use console::{Client, Proxy, Token, Who};
use model::AdvocateId;
use yaml::{Entry, Fields, Located, suggest};

use super::reader::Reader;
use super::{AdvocateSection, HttpSection};

impl Reader<'_> {
    /// Off unless it is configured.
    pub(super) fn http(
        &mut self,
        entry: Option<Entry>,
        advocates: &[AdvocateSection],
    ) -> Option<HttpSection> {
        let allowed = &["listen", "behind-proxy", "tokens"];
        let mut fields = self.table(entry, "`http`", allowed)?;
        let spot = fields.spot;
        let word = self.word(fields.take("listen"), "127.0.0.1:8080");
        let at = word.as_ref().map_or(spot, |word| word.spot);
        let listen = word.and_then(|word| self.parse(&word, "127.0.0.1:8080"));
        let proxy = self.word(fields.take("behind-proxy"), "no");
        let proxy = proxy.and_then(|word| self.choice(&word, &PROXY)).unwrap_or(Proxy::None);
        let mut section = HttpSection { proxy, ..HttpSection::at(listen.unwrap_or(LISTEN)) };
        if !proxy.permits(section.listen) {
            self.problem(at, "tokens would pass the network in the clear", EXPOSED);
        }
        for node in self.list(fields.take("tokens"), "`tokens`") {
            let spot = node.spot;
            let fields = Fields::of(node, spot, "a token", TOKEN, &mut self.problems);
            let Some(client) = fields.and_then(|fields| self.client(fields, advocates)) else {
                continue;
            };
            if section.clients.iter().any(|other| other.token == client.token) {
                let message = "two clients have the same token";
                self.problem(spot, message, "`openssl rand -hex 32` makes one for each");
            }
            section.clients.push(client);
        }
        Some(section)
    }

    fn client(&mut self, mut fields: Fields, advocates: &[AdvocateSection]) -> Option<Client> {
        let name = self.required(&mut fields, "name", "front-desk");
        let role = self.required(&mut fields, "role", "monitor");
        let token = self.required(&mut fields, "token", "...");
        let token = token.and_then(|word| self.token(&word));
        let advocate = self.word(fields.take("advocate"), "alice");
        let who = match role? {
            word if word.value == "advocate" => {
                self.advocate_named(&word, advocate, advocates).map(Who::Advocate)
            }
            word if word.value == "supervisor" => self.supervisor(&word, advocate, advocates),
            word => self.choice(&word, &ROLES),
        };
        Some(Client { name: name?.value, who: who?, token: token? })
    }

    /// With the advocate whose phone she uses, or without: then she only looks.
    fn supervisor(
        &mut self,
        role: &Located<String>,
        name: Option<Located<String>>,
        advocates: &[AdvocateSection],
    ) -> Option<Who> {
        let Some(name) = name else { return Some(Who::Supervisor(None)) };
        let spot = name.spot;
        let advocate = self.advocate_named(role, Some(name), advocates)?;
        let at = usize::try_from(advocate.0).ok()?;
        if advocates.get(at).is_some_and(|section| !section.supervises) {
            let message = "this advocate may not take part in colleagues' calls";
            self.problem(
                spot,
                message,
                "write `supervises: yes` beside her name under `advocates`",
            );
        }
        Some(Who::Supervisor(Some(advocate)))
    }

    fn advocate_named(
        &mut self,
        role: &Located<String>,
        name: Option<Located<String>>,
        advocates: &[AdvocateSection],
    ) -> Option<AdvocateId> {
        let Some(name) = name else {
            self.problem(role.spot, "whose token is it?", "for example `advocate: alice`");
            return None;
        };
        let Some(at) = advocates.iter().position(|advocate| advocate.name == name.value) else {
            let names = advocates.iter().map(|advocate| advocate.name.as_str());
            let message = format!("no advocate is called `{}`", name.value);
            self.problem(name.spot, message, suggest::help(&name.value, names));
            return None;
        };
        u32::try_from(at).ok().map(AdvocateId)
    }

    /// What is wrong with a token is said without showing it (O8).
    fn token(&mut self, word: &Located<String>) -> Option<Token> {
        let token = Token::new(&word.value);
        if token.is_none() {
            let help = "`openssl rand -hex 32` makes one; letters, digits and -._~+/= only";
            let message = format!("a token has at least {} characters", Token::SHORTEST);
            self.problem(word.spot, message, help);
        }
        token
    }
}

impl HttpSection {
    /// At this address, without a proxy, for nobody.
    pub const fn at(listen: SocketAddr) -> Self {
        Self { listen, proxy: Proxy::None, clients: Vec::new() }
    }
}

/// What to do instead of listening where everyone can read.
pub(crate) const EXPOSED: &str =
    "listen on 127.0.0.1, or let a proxy end TLS and write `behind-proxy: yes`";
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const TOKEN: &[&str] = &["name", "role", "advocate", "token"];
const ROLES: [(&str, Who); 3] =
    [("operator", Who::Operator), ("supervisor", Who::Supervisor(None)), ("monitor", Who::Monitor)];
const PROXY: [(&str, Proxy); 4] = [
    ("yes", Proxy::InFront),
    ("true", Proxy::InFront),
    ("no", Proxy::None),
    ("false", Proxy::None),
];
