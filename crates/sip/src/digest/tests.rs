//! Server and client against each other, and the attacks the server must not fall for.

use std::net::IpAddr;
use std::time::Duration;

use model::{Chance, Instant};

use super::{Attempt, Nonces, Policy, Secret, Verdict, answer, is_stale};
use crate::wire::{AuthParams, Challenge, Credentials, Method};

const PHONE: &str = "192.0.2.7";
const STRANGER: &str = "192.0.2.66";
const URI: &str = "sip:hotline.example";
const SHA_ONLY: Policy<'_> = Policy { realm: "north, \"line\"", legacy_md5: false };
const WITH_MD5: Policy<'_> = Policy { legacy_md5: true, ..SHA_ONLY };

/// A registrar with one user, `ada`, and the clock.
struct Registrar {
    nonces: Nonces,
    now: Instant,
    password: Secret,
}

impl Registrar {
    fn new() -> Self {
        let (nonces, now) = (Nonces::new(Chance::from_number(1)), Instant::from_nanos(5_000));
        Self { nonces, now, password: Secret::new("engine") }
    }

    fn challenge(&mut self, policy: Policy<'_>) -> Vec<Challenge> {
        let source = ip(PHONE);
        vec![challenge(&self.nonces.challenge(self.now, source, policy, Verdict::Refused))]
    }

    fn judge(&mut self, source: &str, policy: Policy<'_>, value: &str) -> Verdict {
        let credentials = credentials(value);
        let known = credentials.value("username") == Some("ada");
        let secret = known.then_some(&self.password);
        let method = &Method::Register;
        let attempt = Attempt { credentials: &credentials, method, source: ip(source) };
        self.nonces.verify(self.now, &attempt, policy, secret)
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn challenge(value: &str) -> Challenge {
    Challenge(AuthParams::parse(value).unwrap())
}

fn credentials(value: &str) -> Credentials {
    Credentials(AuthParams::parse(value).unwrap())
}

fn reply(challenges: &[Challenge], user: &str, password: &str, nc: u32) -> Option<String> {
    let (password, mut chance) = (Secret::new(password), Chance::from_number(2));
    answer(challenges, user, &password, &Method::Register, URI, &mut chance, nc)
}

#[test]
fn a_phone_that_knows_the_password_is_accepted_with_sha_256_only() {
    let mut registrar = Registrar::new();
    let challenges = registrar.challenge(SHA_ONLY);
    assert_eq!(challenges.len(), 1);
    assert_eq!(challenges[0].value("realm"), Some(SHA_ONLY.realm));
    let value = reply(&challenges, "ada", "engine", 1).unwrap();
    assert!(value.contains("algorithm=SHA-256,") && value.contains("nc=00000001"));
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Accepted);
}

#[test]
fn a_legacy_listener_offers_md5_alone_takes_sha_256_too_and_others_refuse_md5() {
    let mut registrar = Registrar::new();
    let challenges = registrar.challenge(WITH_MD5);
    assert_eq!(challenges[0].value("algorithm"), Some("MD5"));
    let md5 = reply(&challenges, "ada", "engine", 1).unwrap();
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &md5), Verdict::Refused);
    assert_eq!(registrar.judge(PHONE, WITH_MD5, &md5), Verdict::Accepted);
    let sha = reply(&registrar.challenge(SHA_ONLY), "ada", "engine", 1).unwrap();
    assert_eq!(registrar.judge(PHONE, WITH_MD5, &sha), Verdict::Accepted);
}

#[test]
fn a_wrong_password_and_an_unknown_user_get_the_same_verdict_whatever_the_nonce() {
    let mut registrar = Registrar::new();
    let challenges = registrar.challenge(SHA_ONLY);
    for late in [false, true] {
        registrar.now += Duration::from_secs(if late { 61 } else { 0 });
        for (user, password) in [("ada", "wrong"), ("eve", "engine"), ("eve", "")] {
            let value = reply(&challenges, user, password, 1).unwrap();
            assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Refused, "{user}");
        }
    }
}

#[test]
fn a_replayed_digest_is_stale_and_a_greater_count_is_accepted() {
    let mut registrar = Registrar::new();
    let challenges = registrar.challenge(SHA_ONLY);
    let [first, second, fifth] = [1, 2, 5].map(|nc| reply(&challenges, "ada", "engine", nc));
    let [first, second, fifth] = [first.unwrap(), second.unwrap(), fifth.unwrap()];
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &first), Verdict::Accepted);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &first), Verdict::Stale);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &fifth), Verdict::Accepted);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &second), Verdict::Stale);
}

#[test]
fn a_nonce_dies_after_60_seconds_and_the_table_empties() {
    let mut registrar = Registrar::new();
    let challenges = registrar.challenge(SHA_ONLY);
    let values = [1, 2, 3].map(|nc| reply(&challenges, "ada", "engine", nc).unwrap());
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &values[0]), Verdict::Accepted);
    registrar.now += Duration::from_secs(59);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &values[1]), Verdict::Accepted);
    registrar.now += Duration::from_secs(1);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &values[2]), Verdict::Stale);
    assert_eq!(format!("{:?}", registrar.nonces), "Nonces(0)");
}

#[test]
fn a_nonce_serves_only_the_address_it_was_issued_to() {
    let mut registrar = Registrar::new();
    let value = reply(&registrar.challenge(SHA_ONLY), "ada", "engine", 1).unwrap();
    assert_eq!(registrar.judge(STRANGER, SHA_ONLY, &value), Verdict::Stale);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Accepted);
}

#[test]
fn a_nonce_of_ones_own_making_is_stale() {
    let mut registrar = Registrar::new();
    for nonce in ["", "x", "é", &"0".repeat(64), &"é".repeat(32)] {
        let line = format!("Digest realm=\"north, \\\"line\\\"\", nonce=\"{nonce}\", qop=\"auth\"");
        let own = [challenge(&format!("{line}, algorithm=SHA-256"))];
        let value = reply(&own, "ada", "engine", 1).unwrap();
        assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Stale, "{nonce}");
    }
}

#[test]
fn an_answer_without_qop_is_taken_once() {
    let mut registrar = Registrar::new();
    let nonce = registrar.challenge(SHA_ONLY)[0].value("nonce").unwrap().to_owned();
    let line = format!("Digest realm=\"north, \\\"line\\\"\", nonce=\"{nonce}\"");
    let value = reply(&[challenge(&format!("{line}, algorithm=SHA-256"))], "ada", "engine", 1);
    let value = value.unwrap();
    assert!(!value.contains("qop"));
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Accepted);
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &value), Verdict::Stale);
}

#[test]
fn another_method_or_missing_parts_are_refused() {
    let mut registrar = Registrar::new();
    let value = reply(&registrar.challenge(SHA_ONLY), "ada", "engine", 1).unwrap();
    let given = credentials(&value);
    let secret = Secret::new("engine");
    let (method, source) = (&Method::Invite, ip(PHONE));
    let attempt = Attempt { credentials: &given, method, source };
    let verdict = registrar.nonces.verify(registrar.now, &attempt, SHA_ONLY, Some(&secret));
    assert_eq!(verdict, Verdict::Refused);
    for name in ["username", "realm", "nonce", "uri", "response", "nc", "cnonce"] {
        let without = value.replace(&format!("{name}="), "x=");
        assert_eq!(registrar.judge(PHONE, SHA_ONLY, &without), Verdict::Refused, "{name}");
    }
    let integrity = value.replace("qop=auth", "qop=auth-int");
    assert_eq!(registrar.judge(PHONE, SHA_ONLY, &integrity), Verdict::Refused);
}

#[test]
fn a_stale_challenge_says_so() {
    let mut nonces = Nonces::new(Chance::from_number(3));
    let mut ask = |verdict| nonces.challenge(Instant::ZERO, ip(PHONE), SHA_ONLY, verdict);
    assert!(is_stale(&[challenge(&ask(Verdict::Stale))]));
    assert!(!is_stale(&[challenge(&ask(Verdict::Refused))]));
}

#[test]
fn a_client_takes_sha_before_md5_and_leaves_what_it_cannot_answer() {
    let line = |rest: &str| challenge(&format!("Digest realm=\"r, x\", nonce=\"n\"{rest}"));
    let chosen = |challenges: &[Challenge]| {
        let value = reply(challenges, "ada", "engine", 1)?;
        credentials(&value).value("algorithm").map(str::to_owned)
    };
    let [md5, sha] = [line(""), line(", algorithm=SHA-256, qop=\"auth-int,auth\"")];
    assert_eq!(chosen(&[md5.clone(), sha]).as_deref(), Some("SHA-256"));
    assert_eq!(chosen(&[md5]).as_deref(), Some("MD5"));
    assert_eq!(chosen(&[line(", algorithm=SHA-512-256")]).as_deref(), Some("SHA-512-256"));
    assert_eq!(chosen(&[line(", qop=\"auth-int\"")]), None);
    assert_eq!(chosen(&[line(", algorithm=SHA-256-sess")]), None);
    assert_eq!(chosen(&[challenge("Basic realm=\"r\"")]), None);
    assert_eq!(chosen(&[]), None);
}

#[test]
fn opaque_comes_back_as_it_was() {
    let asked = challenge(r#"Digest realm="r", nonce="n", opaque="a\"b, c", algorithm=MD5"#);
    let value = reply(&[asked], "ada", "engine", 1).unwrap();
    assert_eq!(credentials(&value).value("opaque"), Some("a\"b, c"));
}

#[test]
fn secrets_and_credentials_never_print() {
    let value = reply(&Registrar::new().challenge(SHA_ONLY), "ada", "engine", 1).unwrap();
    let (given, method, source) = (credentials(&value), &Method::Register, ip(PHONE));
    let attempt = Attempt { credentials: &given, method, source };
    let nonces = Nonces::new(Chance::from_number(4));
    let printed = format!("{given:?} {:?} {attempt:?} {nonces:?}", Secret::new("engine"));
    assert_eq!(printed, "Credentials(..) Secret(..) Attempt(REGISTER) Nonces(0)");
}
