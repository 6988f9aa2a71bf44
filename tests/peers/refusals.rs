//! Requests that cannot be served: each gets the answer of its RFC, and leaves nothing behind.

use std::time::Duration;

use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, Ground, STRANGER};
use crate::sipp::{Scenario, Transport, over_both};

/// What a refusal is about, the request, and what its answer says.
struct Case {
    scenario: &'static str,
    words: &'static [(&'static str, &'static str)],
    status: &'static str,
    says: &'static str,
}

const CASES: &[Case] = &[
    Case {
        scenario: "request",
        words: &[("method", "OPTIONS")],
        status: "200",
        says: "Allow:.*INVITE",
    },
    Case {
        scenario: "request",
        words: &[("method", "SUBSCRIBE"), ("more", "Event: presence")],
        status: "405",
        says: "Allow:.*INVITE",
    },
    Case { scenario: "request", words: &[("method", "DANCE")], status: "501", says: "SIP/2.0" },
    Case {
        scenario: "request",
        words: &[("method", "BYE"), ("to-tag", ";tag=never-heard-of")],
        status: "481",
        says: "SIP/2.0",
    },
    Case {
        scenario: "request",
        words: &[("method", "OPTIONS"), ("hops", "0"), ("uri", "sip:100@192.0.2.77")],
        status: "483",
        says: "SIP/2.0",
    },
    Case {
        scenario: "refused",
        words: &[("headers", "Content-Type: application/sdp\n    Require: teleportation")],
        status: "420",
        says: "Unsupported:.*teleportation",
    },
    Case {
        scenario: "refused",
        words: &[("headers", "Content-Type: text/plain"), ("offer", "Good evening")],
        status: "415",
        says: "Accept:.*application/sdp",
    },
    Case {
        scenario: "refused",
        words: &[("offer", include_str!("scenarios/parts/foreign-offer"))],
        status: "488",
        says: "SIP/2.0",
    },
];

#[test]
fn what_cannot_be_served_is_refused_in_the_words_of_the_rfc() {
    over_both(refuses_each_case);
}

async fn refuses_each_case(transport: Transport) {
    let ground = Ground::new();
    let engine = Engine::start(ground, &Setup::default()).await;
    for case in CASES {
        let mut scenario = Scenario::new(case.scenario, ground.host(CALLER)).over(transport);
        for &(word, value) in case.words {
            scenario = scenario.with(word, value);
        }
        scenario.with("status", case.status).with("says", case.says).play(&engine).await;
    }
    engine.holds_nothing(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn a_stranger_is_refused_and_no_call_is_made() {
    // With advocates, whoever is no trunk is asked for a password; else there is none to ask for.
    let advocates = "advocates:\n  - { name: alice, password: a-long-password }";
    for (sections, status) in [("", "403"), (advocates, "401")] {
        let ground = Ground::new();
        let setup = Setup { sections, ..Setup::default() };
        let engine = Engine::start(ground, &setup).await;
        let stranger = Scenario::new("refused", ground.host(STRANGER));
        stranger.with("status", status).with("says", "SIP/2.0").play(&engine).await;
        assert!(!engine.log().contains("call arrived"), "{}", engine.log());
        engine.holds_nothing(Duration::from_secs(1)).await;
    }
}
