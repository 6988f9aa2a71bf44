//! Faulty configurations and what is said about them.

use interpreting::Catalogue;

use super::load;
use crate::assets;

fn said(text: &str) -> String {
    match load("northline.yaml", text, &Catalogue::embedded()) {
        Ok(_) => "right".to_owned(),
        Err(problems) => {
            let line = |problem: &yaml::Problem| {
                let (line, column) = problems.line_and_column(problem);
                format!("{line}:{column} {} | {}", problem.message, problem.help)
            };
            problems.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

#[test]
fn the_default_configuration_is_right() {
    assert_eq!(said(assets::CONFIGURATION), "right");
}

#[test]
fn every_commented_setting_of_the_default_configuration_is_right() {
    let uncommented: Vec<String> = assets::CONFIGURATION
        .lines()
        .map(|line| match line.split_once("# ") {
            Some((indent, setting)) if indent.trim().is_empty() && is_setting(setting) => {
                format!("{indent}{setting}")
            }
            _ => line.to_owned(),
        })
        .collect();
    assert_eq!(said(&uncommented.join("\n")), "right");
}

/// A setting begins with a key or a dash; prose does not.
fn is_setting(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches("- ");
    let key = text.split(':').next().unwrap_or_default();
    text.contains(':') && !key.contains(' ') && !key.is_empty()
}

#[test]
fn every_fault_has_its_place_its_words_and_its_cure() {
    let faults = [
        ("sip: { listn: x }", "1:8 `listn` means nothing in `sip` | did you mean `listen`?"),
        (
            "sip: { listen: nowhere }",
            "1:16 `nowhere` is not what belongs here | for example `127.0.0.1:5060`",
        ),
        (
            "media: { ports: 5-4 }",
            "1:17 no range of UDP ports with room for a leg | \
             write the lowest and the highest, for example `ports: 20000-29999`",
        ),
        (
            "media: { srtp: requird }",
            "1:16 `requird` is none of the words that belong here | did you mean `required`?",
        ),
        (
            "advocates: alice",
            "1:1 `advocates` is a list | begin each item with a dash on a line of its own",
        ),
        (
            "advocates:\n  - { name: alice }",
            "2:5 `password` is missing | for example `password: a-long-password`",
        ),
        (
            "advocates:\n  - { name: a, password: b, languages: [viet] }",
            "2:41 no language has the tag `viet` | for Vietnamese write `vi`",
        ),
        (
            "queues: [crisis]\nadvocates:\n  - { name: a, password: b, queues: [crises] }",
            "3:38 no queue is called `crises` | did you mean `crisis`?",
        ),
        (
            "trunks:\n  - { name: carrier, from: 10.0.0.0/99 }",
            "2:28 `10.0.0.0/99` is not what belongs here | for example `192.0.2.0/24`",
        ),
        (
            "trunks:\n  - { name: carrier, username: u }",
            "2:32 half an account | write both `username` and `password`, or neither",
        ),
        (
            "diversions: { backup: { trunk: carier, number: '1' } }",
            "1:32 no trunk is called `carier` | there is none",
        ),
        (
            "vendors:\n  - { name: v, uri: 'sip:v@192.0.2.1', script: [{ sned: '1' }] }",
            "2:51 `sned` is no step of a script | did you mean `send`?",
        ),
        (
            "vendors:\n  - { name: v, uri: 'sip:v@192.0.2.1', script: [{ send: '{account}#' }] }",
            "2:57 the vendor has no account to send | write `account: \"...\"` above the script",
        ),
        (
            "timing: { offer: soon }",
            "1:18 `soon` is no time | write seconds or milliseconds, for example `25s`, `1.5s` or `800ms`",
        ),
    ];
    for (text, expected) in faults {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn nobody_shares_a_token_and_some_call_may_come() {
    assert_eq!(said("calls: 0"), "1:8 `0` is not what belongs here | for example `500`");
    let token = "token: a-secret-of-thirty-characters0";
    let text = format!(
        "http:\n  tokens:\n    - {{ name: a, role: monitor, {token} }}\n    - {{ name: b, role: operator, {token} }}"
    );
    let expected =
        "4:7 two clients have the same token | `openssl rand -hex 32` makes one for each";
    assert_eq!(said(&text), expected);
}

#[test]
fn a_name_means_one_thing() {
    for (text, expected) in [
        (
            "trunks: [{ name: a, from: [192.0.2.1] }, { name: a, from: [192.0.2.2] }]",
            "1:50 there is already a trunk `a` | give each trunk a name of its own",
        ),
        (
            "vendors:\n  - { name: v, uri: 'sip:v@192.0.2.1' }\n  - { name: v, uri: 'sip:v@192.0.2.2' }",
            "3:13 there is already a vendor `v` | give each vendor a name of its own",
        ),
        (
            "queues: [crisis, crisis]",
            "1:18 there is already an advocate, queue or diversion `crisis` | a call is handed on by \
             that name: give each one of its own",
        ),
        (
            "advocates: [{ name: crisis, password: a-long-password }]",
            "1:21 there is already an advocate, queue or diversion `crisis` | a call is handed on by \
             that name: give each one of its own",
        ),
        (
            "advocates: [{ name: alice, password: a-long-password }]\n\
             diversions: { alice: { uri: 'sip:a@192.0.2.1' } }",
            "2:15 there is already an advocate, queue or diversion `alice` | a call is handed on by \
             that name: give each one of its own",
        ),
        (
            "sip: { listen: ['127.0.0.1:5060', '127.0.0.1:5060'] }",
            "1:35 there is already an address to listen at `127.0.0.1:5060` | write each address once",
        ),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn the_control_socket_is_where_every_command_finds_it() {
    assert_eq!(
        said("control: run/control.sock"),
        "1:10 a whole path belongs here | write it from `/` on, for example \
         `/run/northline/control.sock`"
    );
}

#[test]
fn media_threads_are_one_to_sixty_four() {
    for (text, place, word) in [
        ("media: { shards: 0 }", "1:18", "0"),
        ("media:\n  shards: many", "2:11", "many"),
        ("media: { shards: 65 }", "1:18", "65"),
    ] {
        let fault = "is no number of media threads | write 1 to 64, or leave it out";
        assert_eq!(said(text), format!("{place} `{word}` {fault}"));
    }
}

#[test]
fn a_public_address_is_one_setting_for_signalling_and_audio() {
    let faults = [
        (
            "media: { address: 10.0.0.4, advertised: 203.0.113.10 }",
            "1:10 `media: address` is gone | \
             leave it out: audio goes by the address at which `sip` reaches the peer\n\
             1:29 `media: advertised` is gone | \
             write it into `sip: advertised`, which now serves audio too",
        ),
        (
            "sip: { advertised: [203.0.113.10, 203.0.113.11] }",
            "1:35 a second public address of the same family | \
             keep one of IPv4 and one of IPv6 at most",
        ),
    ];
    for (text, expected) in faults {
        assert_eq!(said(text), expected, "{text}");
    }
    assert_eq!(said("sip: { advertised: [203.0.113.10, '2001:db8::10'] }"), "right");
}

#[test]
fn o8_a_wrong_account_is_not_shown() {
    let text = "vendors:\n  - { name: v, uri: 'sip:v@192.0.2.1', account: topsecret }";
    let problems = load("northline.yaml", text, &Catalogue::embedded()).expect_err("no keys");
    let printed = problems.to_string();
    assert!(printed.contains("no keys of a telephone"), "{printed}");
    assert!(!printed.contains("topsecret"), "{printed}");
}

#[test]
fn o8_a_token_is_not_shown_and_passes_no_network_in_the_clear() {
    let text = "http:\n  listen: 0.0.0.0:8080\n  tokens:\n    - { name: a, role: advocate, token: topsecret }\n    - { name: b, role: monitr, token: a-secret-of-thirty-characters0 }\n    - { name: c, role: advocate, advocate: alice, token: a-secret-of-thirty-characters1 }";
    let problems = load("northline.yaml", text, &Catalogue::embedded()).expect_err("all wrong");
    let printed = problems.to_string();
    assert!(!printed.contains("secret"), "{printed}");
    for part in [
        "tokens would pass the network in the clear",
        "whose token is it?",
        "a token has at least 24 characters",
        "`monitr` is none of the words",
        "no advocate is called `alice`",
    ] {
        assert!(printed.contains(part), "{part} is not in: {printed}");
    }
    let behind = "http: { listen: \"0.0.0.0:8080\", behind-proxy: yes }";
    assert_eq!(said(behind), "right");
}

#[test]
fn a_supervisors_screen_rings_the_phone_of_an_advocate_who_supervises() {
    let with = |supervises: &str| {
        format!(
            "advocates: [{{ name: sofia, password: b, supervises: {supervises} }}]\n\
             http:\n  tokens:\n    - {{ name: s, role: supervisor, advocate: sofia, \
             token: a-secret-of-thirty-characters0 }}\n    - {{ name: t, role: supervisor, \
             token: a-secret-of-thirty-characters1 }}"
        )
    };
    assert_eq!(said(&with("yes")), "right");
    let printed = said(&with("no"));
    assert!(printed.contains("may not take part") && printed.contains("supervises: yes"));
}

#[test]
fn all_problems_are_shown_at_once() {
    let text = "sip: { listn: x }\nmedia: { ports: 5-4 }\ntiming: { offer: soon }";
    assert_eq!(said(text).lines().count(), 3);
}

#[test]
fn media_is_encrypted_where_the_peer_can_unless_a_rule_says_otherwise() {
    let text = "advocates:
  - { name: a, password: b }
  - { name: c, password: d, srtp: required }
trunks:
  - { name: e, srtp: off }
  - { name: f }";
    let srtp = |text: &str| {
        let read = load("northline.yaml", text, &Catalogue::embedded()).expect("right");
        let policies = read.policies;
        let trunks = policies.trunks.into_values().map(|policy| policy.srtp);
        let advocates = policies.advocates.into_values().map(|policy| policy.srtp);
        let all: Vec<_> =
            [policies.others.srtp].into_iter().chain(advocates).chain(trunks).collect();
        all
    };
    use model::SrtpPolicy::{Off, Optional, Required};
    assert_eq!(srtp(text), [Optional, Optional, Required, Off, Optional]);
    let everybody = format!("{text}\nmedia: {{ srtp: required }}");
    assert_eq!(srtp(&everybody), [Required, Required, Required, Off, Required]);
}

#[test]
fn sound_is_levelled_with_its_noise_and_leaves_promptly_and_silence_is_sent_unless_a_rule_says_otherwise()
 {
    use model::Noise::{Kept, Suppressed};
    use model::Pacing::{Even, Prompt};
    use model::Silence::{Described, Sent};
    use model::Treatment::{AsSent, Levelled};
    let text = "advocates:
  - { name: a, password: b, pacing: even, noise: suppressed }
trunks:
  - { name: e, treatment: as-sent, silence: described }";
    let sound = |text: &str| {
        let read = load("northline.yaml", text, &Catalogue::embedded()).expect("right");
        let policies = read.policies;
        let all = [policies.others].into_iter().chain(policies.advocates.into_values());
        let all = all.chain(policies.trunks.into_values());
        all.map(|policy| (policy.treatment, policy.noise, policy.pacing, policy.silence))
            .collect::<Vec<_>>()
    };
    let others = (Levelled, Kept, Prompt, Sent);
    let trunk = (AsSent, Kept, Prompt, Described);
    assert_eq!(sound(text), [others, (Levelled, Suppressed, Even, Sent), trunk]);
    let rules = "treatment: as-sent, noise: suppressed, pacing: even, silence: described";
    let everybody = format!("{text}\nmedia: {{ {rules} }}");
    assert_eq!(sound(&everybody), [(AsSent, Suppressed, Even, Described); 3]);
    for wrong in ["treatment: loud", "noise: white", "pacing: 3", "silence: golden"] {
        let wrong = format!("media: {{ {wrong} }}");
        let wrong = wrong.as_str();
        assert!(load("northline.yaml", wrong, &Catalogue::embedded()).is_err(), "{wrong}");
    }
}

#[test]
fn text_is_accepted_unless_a_rule_says_otherwise() {
    let text = "advocates: [{ name: a, password: b }]\ntrunks: [{ name: e, text: off }]\n";
    let policies = |text: &str| {
        let read = load("northline.yaml", text, &Catalogue::embedded()).expect("right");
        let policies = read.policies;
        let advocates = policies.advocates.into_values().map(|policy| policy.text);
        let trunks = policies.trunks.into_values().map(|policy| policy.text);
        [policies.others.text].into_iter().chain(advocates).chain(trunks).collect::<Vec<_>>()
    };
    use model::TextPolicy::{Accepted, Off, Offered};
    assert_eq!(policies(text), [Accepted, Accepted, Off]);
    assert_eq!(policies(&format!("{text}media: {{ text: offer }}")), [Offered, Offered, Off]);
    assert!(load("northline.yaml", "media: { text: yes }", &Catalogue::embedded()).is_err());
}

#[test]
fn codecs_are_those_of_the_peer_or_of_everybody_or_usual_ones() {
    let text = "\
        advocates:\n\
        - { name: alice, password: a-long-password, languages: [en] }\n\
        - { name: bob, password: a-long-password, languages: [en], codecs: [opus, pcma] }\n\
        trunks:\n\
        - { name: carrier, from: [192.0.2.0/24], address: 192.0.2.1 }\n";
    let codecs = |text: &str| {
        let read = load("northline.yaml", text, &Catalogue::embedded()).expect("right");
        let policies = read.policies;
        let advocates = policies.advocates.into_values();
        let all = advocates.chain(policies.trunks.into_values()).chain([policies.others]);
        all.map(|policy| policy.codecs).collect::<Vec<_>>()
    };
    use model::Codec::{G722, Opus, Pcma, Pcmu};
    let of = |codecs: &[model::Codec]| model::Codecs::new(codecs.iter().copied());
    let usual = of(&[Pcmu, Pcma, G722]);
    assert_eq!(codecs(text), [of(&[G722, Pcmu, Pcma]), of(&[Opus, Pcma]), usual, usual]);
    let everybody = format!("{text}media: {{ codecs: [pcma] }}");
    let pcma = of(&[Pcma]);
    assert_eq!(codecs(&everybody), [pcma, of(&[Opus, Pcma]), pcma, pcma]);
    for wrong in ["media: { codecs: [speex] }", "media: { codecs: [] }", "media: { codecs: pcmu }"]
    {
        assert!(load("northline.yaml", wrong, &Catalogue::embedded()).is_err(), "{wrong}");
    }
}

#[test]
fn o8_what_is_no_word_where_a_secret_belongs_is_not_quoted() {
    for text in [
        "advocates:\n  - { name: a, password: { topsecret } }",
        "advocates:\n  - name: a\n    password:\n      topsecret: x\n    langages: en",
        "advocates:\n  - { name: a, password: hun,topsecret }",
        "advocates:\n  - name: a\n    password: !topsecret x",
        "http:\n  tokens: [topsecret]",
        "http:\n  tokens:\n    - topsecret",
    ] {
        let problems = load("northline.yaml", text, &Catalogue::embedded()).expect_err("no word");
        assert!(!problems.to_string().contains("topsecret"), "{problems}");
    }
}
