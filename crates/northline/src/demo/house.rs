//! The configuration of a hotline for trying out: loopback only, with the advocates and vendors it
//! is given.

use std::fmt::Write;
use std::net::SocketAddr;

use interpreting::Catalogue;
use yaml::Problems;

use crate::configuration::{self, Configuration};
use crate::phone::Account;

/// Who works in the house.
pub(super) struct House<'a> {
    /// Where signalling listens.
    pub(super) listen: SocketAddr,
    /// Each account with the languages its advocate speaks.
    pub(super) advocates: &'a [(&'a Account, &'a str)],
    /// Interpretation vendors, in their order.
    pub(super) vendors: &'a [Vendor],
}

/// An interpretation service on this machine.
pub(super) struct Vendor {
    pub(super) address: SocketAddr,
    pub(super) line: Line,
}

/// What is at the other end of a vendor's line.
pub(super) enum Line {
    /// An interpreter answers.
    Direct,
    /// A menu wants this account, and plays music until an interpreter comes.
    Menu { account: String },
}

impl House<'_> {
    /// The configuration, read by the one reader of configurations.
    ///
    /// # Errors
    /// None, unless the reader's rules have changed.
    pub(super) fn configuration(&self) -> Result<Configuration, Problems> {
        configuration::load("demonstration", &self.text(), &Catalogue::embedded())
    }

    fn text(&self) -> String {
        let listen = self.listen;
        let mut text = format!(
            "sip: {{ listen: [\"{listen}\"] }}\n\
             trunks: [{{ name: this-machine, from: [127.0.0.0/8, \"::1/128\"] }}]\n\
             advocates:\n"
        );
        for (account, languages) in self.advocates {
            let Account { username, password } = account;
            let _ = writeln!(
                text,
                "  - {{ name: {username}, password: \"{password}\", languages: [{languages}] }}"
            );
        }
        text.push_str("vendors:\n");
        for (number, vendor) in self.vendors.iter().enumerate() {
            let _ = writeln!(
                text,
                "  - name: vendor-{number}\n    uri: \"sip:interpreters@{}\"",
                vendor.address
            );
            text.push_str(&vendor.line.text());
        }
        text
    }
}

impl Line {
    fn text(&self) -> String {
        match self {
            Self::Direct => "    script: [person: 30s]\n".to_owned(),
            Self::Menu { account } => format!(
                "    account: \"{account}\"\n    script:\n      - hear-speech: 10s\n      \
                 - hear-silence: 20s\n      - send: \"{{account}}#\"\n      \
                 - hear-speech: 10s\n      - person: 30s\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_for_trying_out_is_a_right_configuration() {
        let account = Account { username: "sam".to_owned(), password: "secret".to_owned() };
        let address = SocketAddr::from(([127, 0, 0, 1], 5070));
        let menu = Line::Menu { account: "4711".to_owned() };
        let house = House {
            listen: ([127, 0, 0, 1], 0).into(),
            advocates: &[(&account, "en, es")],
            vendors: &[Vendor { address, line: Line::Direct }, Vendor { address, line: menu }],
        };
        let configuration = house.configuration().expect("right");
        assert_eq!(configuration.advocates.len(), 1);
        assert_eq!(configuration.vendors.len(), 2);
    }
}
