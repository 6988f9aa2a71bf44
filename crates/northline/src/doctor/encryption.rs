//! Encrypted media: who must have it, and who can read its keys on the way.

use model::{AdvocateId, SrtpPolicy, TrunkId};

use super::Report;
use crate::configuration::Configuration;

/// RFC 4568 §7: keys in a description are as secret as the signalling that carries it.
pub(super) fn examine(report: &mut Report, configuration: &Configuration) {
    let Configuration { policies, trunks, advocates, .. } = configuration;
    let trunks = (0..).map(TrunkId).zip(trunks).filter(|(id, _)| {
        policies.trunks.get(id).is_some_and(|policy| policy.srtp == SrtpPolicy::Required)
    });
    for (_, trunk) in trunks {
        report.note(format!("trunk `{}`: {READABLE}", trunk.name));
    }
    let required = (0..).map(AdvocateId).zip(advocates).filter(|(id, _)| {
        policies.advocates.get(id).is_some_and(|policy| policy.srtp == SrtpPolicy::Required)
    });
    match required.count() {
        0 => {}
        count => report.note(format!("phones of {count} advocates: {READABLE}")),
    }
}

const READABLE: &str = "media must be encrypted, but UDP and TCP carry its keys readably; let \
                        signalling go through a network or tunnel you trust";

#[cfg(test)]
mod tests {
    use interpreting::Catalogue;

    use super::*;
    use crate::configuration;

    #[test]
    fn whoever_must_encrypt_is_told_that_the_keys_can_be_read() {
        let said = |text| {
            let read = configuration::load("northline.yaml", text, &Catalogue::embedded());
            let mut report = Report::default();
            examine(&mut report, &read.expect("right"));
            report.to_string()
        };
        assert_eq!(said("trunks: [{ name: a }]"), "");
        let both = said(
            "trunks:\n  - { name: a, srtp: required }\n  - { name: b }\n\
             advocates: [{ name: c, password: d, srtp: required }]",
        );
        assert!(both.starts_with("note  trunk `a`: media must be encrypted, but"), "{both}");
        assert!(both.contains("note  phones of 1 advocates: ") && !both.contains("`b`"), "{both}");
    }
}
