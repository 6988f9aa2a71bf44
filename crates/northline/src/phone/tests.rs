//! Two phones call each other, and register with an engine's signalling, over loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::{
    AdvocateId, Chance, Contact, Digit, EndReason, LegCommand, LegEvent, LegId, Peer,
    SessionDescription, Target,
};
use sip::digest::Secret;
use sip::{Endpoint, Limits, Listener, Settings, User};
use sip_io::{Command, SipIo};
use tokio::sync::mpsc;

use super::listen::similarity;
use super::*;

const SOON: Duration = Duration::from_secs(10);

/// A phone that takes calls from anyone on loopback, and places them to `server`.
async fn phone(server: SocketAddr, on_call: AnswerPolicy, seed: u64) -> Phone {
    let settings =
        PhoneSettings { address: Ipv4Addr::LOCALHOST.into(), server, account: None, on_call };
    Phone::start(settings, Chance::from_number(seed)).await.expect("a socket on loopback")
}

/// A caller and a callee, and the call between them at both ends.
async fn pair(on_call: AnswerPolicy) -> (Phone, Phone, Call) {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let callee = phone(nobody, on_call, 1).await;
    let caller = phone(callee.address(), AnswerPolicy::Never, 2).await;
    let call = caller.call("100").await.expect("a port");
    (caller, callee, call)
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what).await.expect("in time")
}

/// Noise like a voice: enough to be told from another one.
fn voice(seed: u64) -> Arc<[i16]> {
    let mut chance = Chance::from_number(seed);
    (0..8_000).map(|_| chance.below(12_000) as i16 - 6_000).collect()
}

#[tokio::test]
async fn two_phones_call_speak_press_keys_and_hang_up() {
    let (_caller, mut callee, call) = pair(AnswerPolicy::After(Duration::from_millis(60))).await;
    let incoming = soon(callee.incoming()).await.expect("it rings");
    let rang = soon(call.ringing()).await.expect("180");
    let answered = soon(call.answered()).await.expect("200");
    assert!(rang < answered);
    soon(incoming.answered()).await.expect("ACK");
    soon(call.first_audio()).await.expect("silence is sent too");

    let (hers, his) = (voice(1), voice(2));
    let (said, replied) = soon(async {
        tokio::join!(call.speak(Arc::clone(&hers)), incoming.speak(Arc::clone(&his)))
    })
    .await;
    let (said, replied) = (said.expect("said"), replied.expect("said"));
    let length = said.ends.since(said.starts).as_millis();
    assert!(length >= 900, "{length} ms for a second of speech");
    soon(call.press("*5", KeyStyle::Rfc4733)).await.expect("pressed");
    soon(incoming.press("1#", KeyStyle::Info)).await.expect("pressed");
    soon(async {
        while call.digits_heard().len() < 2 {
            tokio::task::yield_now().await
        }
    })
    .await;
    assert_eq!(keys(&incoming), "*5");
    assert_eq!(keys(&call), "1#");

    for (ear, spoken, absent, when) in
        [(&incoming, &hers, &his, said), (&call, &his, &hers, replied)]
    {
        let heard = ear.heard();
        let around = heard.index_at(when.starts);
        let alike = similarity(&heard.samples, spoken, around, 800);
        assert!(alike > 0.9, "heard the other: {alike}");
        let own = similarity(&heard.samples, absent, around, 800);
        assert!(own < 0.1, "did not hear itself: {own}");
    }
    soon(call.hang_up()).await;
    assert_eq!(soon(incoming.ended()).await.1, EndReason::HungUp);
}

fn keys(call: &Call) -> String {
    call.digits_heard().into_iter().map(Digit::as_char).collect()
}

#[tokio::test]
async fn a_busy_and_a_declining_phone_say_so() {
    for (policy, reason) in
        [(AnswerPolicy::Busy, EndReason::Busy), (AnswerPolicy::Decline, EndReason::Declined)]
    {
        let (_caller, _callee, call) = pair(policy).await;
        assert_eq!(soon(call.answered()).await, Err(reason));
    }
}

#[tokio::test]
async fn a_caller_who_gives_up_stops_the_ringing() {
    let (_caller, mut callee, call) = pair(AnswerPolicy::Never).await;
    let incoming = soon(callee.incoming()).await.expect("it rings");
    soon(call.ringing()).await.expect("180");
    soon(call.hang_up()).await;
    assert_eq!(soon(incoming.ended()).await.1, EndReason::HungUp);
}

#[tokio::test]
async fn a_phone_that_never_answers_by_itself_is_answered_by_hand() {
    let (_caller, mut callee, call) = pair(AnswerPolicy::Never).await;
    let incoming = soon(callee.incoming()).await.expect("it rings");
    incoming.answer();
    soon(call.answered()).await.expect("200");
}

#[tokio::test]
async fn a_phone_that_vanished_tells_nobody_and_its_calls_end_for_its_user() {
    let (_caller, mut callee, call) = pair(AnswerPolicy::After(Duration::ZERO)).await;
    let incoming = soon(callee.incoming()).await.expect("it rings");
    soon(call.answered()).await.expect("200");
    callee.vanish();
    assert_eq!(soon(incoming.ended()).await.1, EndReason::Released);
    assert!(!call.events().iter().any(|(_, event)| matches!(event, PhoneEvent::Ended(_))));
}

#[tokio::test]
async fn a_phone_without_an_account_cannot_register() {
    let (caller, _callee, _call) = pair(AnswerPolicy::Never).await;
    assert_eq!(soon(caller.register()).await, Err(RegisterError::NoAccount));
}

#[tokio::test]
async fn a_key_that_does_not_exist_is_not_pressed() {
    let (_caller, _callee, call) = pair(AnswerPolicy::After(Duration::ZERO)).await;
    soon(call.answered()).await.expect("200");
    assert_eq!(soon(call.press("1x", KeyStyle::Rfc4733)).await, None);
}

/// An engine's signalling with one advocate's account.
struct Registrar {
    address: SocketAddr,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::Receiver<LegEvent>,
}

impl Registrar {
    async fn start() -> Self {
        let bound = SipIo::bind(&[(Ipv4Addr::LOCALHOST, 0).into()]).await.expect("loopback");
        let address = bound.addresses()[0];
        let user = User {
            advocate: AdvocateId(0),
            username: "night".to_owned(),
            password: Secret::new("secret"),
        };
        let settings = Settings {
            listeners: vec![Listener::at(address)],
            servers: Vec::new(),
            trunks: Vec::new(),
            users: vec![user],
            realm: "hotline".to_owned(),
            limits: Limits::default(),
        };
        let endpoint = Endpoint::new(settings, Chance::from_number(3));
        let ((commands, received), (said, events)) = (mpsc::unbounded_channel(), mpsc::channel(64));
        tokio::spawn(bound.run(endpoint, received, said));
        Self { address, commands, events }
    }

    /// The advocate's contacts, once they change.
    async fn contacts(&mut self) -> Vec<Contact> {
        match soon(self.events.recv()).await {
            Some(LegEvent::ContactsChanged { contacts, .. }) => contacts,
            other => panic!("{other:?} instead of contacts"),
        }
    }

    async fn phone(&self, password: &str) -> Phone {
        let account = Some(Account { username: "night".to_owned(), password: password.to_owned() });
        let settings = PhoneSettings {
            address: Ipv4Addr::LOCALHOST.into(),
            server: self.address,
            account,
            on_call: AnswerPolicy::Never,
        };
        Phone::start(settings, Chance::from_number(4)).await.expect("a socket on loopback")
    }
}

#[tokio::test]
async fn a_registered_phone_is_called_at_its_contact() {
    let mut registrar = Registrar::start().await;
    let mut phone = registrar.phone("secret").await;
    soon(phone.register()).await.expect("registered");
    let contacts = registrar.contacts().await;
    let target = Target::Contact(contacts.first().expect("one contact").id);
    let offer = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=audio 9 RTP/AVP 8\r\n";
    let (leg, offer) = (LegId(2), SessionDescription::new(*offer));
    let dial = LegCommand::Dial { leg, target, offer, display: String::new() };
    registrar.commands.send(Command::Leg(dial)).expect("it runs");
    soon(phone.incoming()).await.expect("it rings");
    let rings = soon(registrar.events.recv()).await;
    assert_eq!(rings, Some(LegEvent::Ringing { leg }));
}

#[tokio::test]
async fn a_registered_phone_proves_who_calls() {
    let mut registrar = Registrar::start().await;
    let phone = registrar.phone("secret").await;
    soon(phone.register()).await.expect("registered");
    registrar.contacts().await;
    let call = phone.call("*1").await.expect("a port");
    match soon(registrar.events.recv()).await {
        Some(LegEvent::Offered { leg, from, dialled, .. }) => {
            assert_eq!((from, dialled.reveal().as_str()), (Peer::Advocate(AdvocateId(0)), "*1"));
            let refuse = LegCommand::Refuse { leg, status: 486, retry_after: None };
            registrar.commands.send(Command::Leg(refuse)).expect("it runs");
        }
        other => panic!("{other:?} instead of a call"),
    }
    assert_eq!(soon(call.answered()).await, Err(EndReason::Busy));
}

#[tokio::test]
async fn a_wrong_password_does_not_register() {
    let registrar = Registrar::start().await;
    let refused = soon(registrar.phone("wrong").await.register()).await;
    assert!(matches!(refused, Err(RegisterError::Refused { status: 401 | 403 })), "{refused:?}");
}
