//! Simulated phones: of callers, of an advocate at her desk, and the line of a vendor.

use std::sync::Arc;
use std::time::Duration;

use model::Chance;
use northline::phone::{Account, AnswerPolicy, Phone, PhoneSettings};

use crate::ground::{DESK, Ground, VENDOR};

/// A simulated phone at `host` that answers soon; with a name and password if it is an advocate's.
pub(crate) async fn phone(ground: Ground, host: u8, account: Option<(&str, &str)>) -> Phone {
    phone_that(ground, host, account, AnswerPolicy::After(SOON)).await
}

/// The same, doing what is wanted when it is called.
pub(crate) async fn phone_that(
    ground: Ground,
    host: u8,
    account: Option<(&str, &str)>,
    on_call: AnswerPolicy,
) -> Phone {
    let account = account.map(|(name, password)| Account {
        username: name.to_owned(),
        password: password.to_owned(),
    });
    let (address, server) = (ground.host(host), ground.engine());
    let settings = PhoneSettings { address, server, account, on_call };
    Phone::start(settings, Chance::from_number(host.into())).await.expect("a socket on loopback")
}

/// The phone of an advocate who is ready for calls.
pub(crate) async fn ready_advocate(ground: Ground, name: &str, password: &str) -> Phone {
    ready_advocate_that(ground, name, password, AnswerPolicy::After(SOON)).await
}

/// The same, doing what is wanted when she is called.
pub(crate) async fn ready_advocate_that(
    ground: Ground,
    name: &str,
    password: &str,
    on_call: AnswerPolicy,
) -> Phone {
    ready_advocate_at(ground, DESK, (name, password), on_call).await
}

/// The same at another host than [`DESK`].
pub(crate) async fn ready_advocate_at(
    ground: Ground,
    host: u8,
    account: (&str, &str),
    on_call: AnswerPolicy,
) -> Phone {
    let desk = phone_that(ground, host, Some(account), on_call).await;
    desk.register().await.expect("the engine knows her");
    let code = desk.call("*1").await.expect("a port");
    code.answered().await.expect("star codes are answered");
    code.ended().await;
    desk
}

/// The configuration of a vendor whose line is at its host and `port`: it wants the account, then
/// brings an interpreter.
pub(crate) fn vendor(ground: Ground, port: u16, account: &str) -> String {
    let host = ground.host(VENDOR);
    let script = "      - send: \"{account}#\"\n      - person: 20s";
    format!(
        "vendors:\n  - name: lingua\n    uri: sip:line@{host}:{port}\n    languages: all\n    \
         account: \"{account}\"\n    script:\n{script}\n"
    )
}

/// A sine of that many seconds, at -12 dBFS.
pub(crate) fn tone(frequency_hz: f64, seconds: usize) -> Arc<[i16]> {
    let mut samples = vec![0; seconds * 8_000];
    audio::tone::Sine::new(frequency_hz, -12.0, 8_000).fill(&mut samples);
    samples.into()
}

const SOON: Duration = Duration::from_millis(300);
