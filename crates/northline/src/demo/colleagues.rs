//! The simulated people of `northline run --demo`: an advocate who brings an interpreter, and a
//! vendor whose interpreters speak. They take turns until the caller has hung up.

use std::sync::Arc;
use std::time::Duration;

use interpreting::Progress;
use model::{AdvocateId, CallId};
use switchboard::Notice;
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::cast;
use super::notices::Notices;
use super::service::{self, Service};
use super::sound::{Sound, voice};
use super::stage::interpreter_code;
use super::wrong::Wrong;
use crate::phone::{AnswerPolicy, Call, KeyStyle, Phone};

/// Whoever holds it speaks, and leaves a pause for the caller.
pub(super) type Floor = Arc<Mutex<()>>;

/// The advocate who answers when no real one does.
pub(super) struct Advocate {
    phone: Phone,
    notices: Notices,
    floor: Floor,
    code: String,
    greeting: Sound,
    promise: Sound,
    lines: Vec<Sound>,
}

impl Advocate {
    /// A real advocate has so long to take the call before.
    pub(super) const ANSWERS: AnswerPolicy = AnswerPolicy::After(Duration::from_secs(10));

    pub(super) fn new(phone: Phone, notices: Notices, floor: Floor) -> Result<Self, Wrong> {
        let (greeting, promise) = (voice("advocate-1")?, voice("advocate-2")?);
        let lines = voices(&["advocate-3", "advocate-4"])?;
        let code = interpreter_code()?;
        Ok(Self { phone, notices, floor, code, greeting, promise, lines })
    }

    /// Takes call after call.
    pub(super) async fn work(mut self) {
        loop {
            // Ready, also after a call's wrap-up; a phone that cannot dial is not there any more.
            if cast::dial_code(&self.phone, "*1").await.is_err() {
                return;
            }
            let Some(call) = self.next_call().await else { return };
            tokio::select! {
                _ = self.talks(&call) => drop(call.ended().await),
                _ = call.ended() => {}
            }
        }
    }

    /// The next call, past the notices of others'.
    async fn next_call(&mut self) -> Option<Call> {
        loop {
            tokio::select! {
                call = self.phone.incoming() => return call,
                notice = self.notices.next() => {
                    notice?;
                }
            }
        }
    }

    /// Greets the caller, brings an interpreter, lets her hear the caller, and talks on.
    async fn talks(&mut self, call: &Call) -> Option<()> {
        let id = self.connected().await?;
        sleep(SHE_IS_TOLD).await;
        speak(call, &self.floor, &self.greeting).await?;
        speak(call, &self.floor, &self.promise).await?;
        call.press(&self.code, KeyStyle::Rfc4733).await?;
        if self.interpreter_speaks(id).await? {
            sleep(CALLER_IS_TOLD).await;
            call.press("*1", KeyStyle::Rfc4733).await?;
        }
        talk(call, &self.floor, &self.lines).await
    }

    async fn connected(&mut self) -> Option<CallId> {
        loop {
            let notice = self.notices.next().await?.1;
            if let Notice::Connected { call, advocate: SECOND } = notice {
                return Some(call);
            }
        }
    }

    async fn interpreter_speaks(&mut self, id: CallId) -> Option<bool> {
        loop {
            match self.notices.next().await?.1 {
                Notice::Interpreter { call, progress: Progress::Interpreter } if call == id => {
                    return Some(true);
                }
                Notice::NoInterpreter { call } if call == id => return Some(false),
                _ => {}
            }
        }
    }
}

/// An interpretation service that always has an interpreter.
pub(super) struct Vendor {
    phone: Phone,
    floor: Floor,
    service: Arc<Service>,
    hello: Sound,
    lines: Vec<Sound>,
}

impl Vendor {
    pub(super) fn new(phone: Phone, floor: Floor) -> Result<Self, Wrong> {
        let names = [
            "interpreter-a-vi-1",
            "interpreter-a-en-1",
            "interpreter-a-vi-2",
            "interpreter-a-en-2",
        ];
        let (service, hello) = (Arc::new(Service::new()?), voice("interpreter-a-hello")?);
        Ok(Self { phone, floor, service, hello, lines: voices(&names)? })
    }

    /// Answers line after line, each by itself.
    pub(super) async fn work(mut self) {
        while let Some(call) = self.phone.incoming().await {
            let (service, floor) = (Arc::clone(&self.service), Arc::clone(&self.floor));
            let (hello, lines) = (Sound::clone(&self.hello), self.lines.clone());
            tokio::spawn(async move {
                service.answer(&call).await?;
                service::introduce(&call, &hello).await?;
                sleep(LET_IN).await;
                talk(&call, &floor, &lines).await
            });
        }
    }
}

/// Says line after line, as long as the call lasts.
async fn talk(call: &Call, floor: &Floor, lines: &[Sound]) -> Option<()> {
    for line in lines.iter().cycle() {
        speak(call, floor, line).await?;
    }
    None
}

async fn speak(call: &Call, floor: &Floor, line: &Sound) -> Option<()> {
    let held = floor.lock().await;
    call.speak(Sound::clone(line)).await?;
    sleep(PAUSE).await;
    drop(held);
    Some(())
}

fn voices(names: &[&str]) -> Result<Vec<Sound>, Wrong> {
    names.iter().map(|name| voice(name)).collect()
}

/// Her place in the configuration, after the real advocate.
const SECOND: AdvocateId = AdvocateId(1);
/// For the caller to say something.
const PAUSE: Duration = Duration::from_secs(2);
/// Until the advocate has had the caller told who joins.
const LET_IN: Duration = Duration::from_secs(6);
/// That a person is there, while the advocate hears the caller's language: who speaks at once talks
/// over both.
const SHE_IS_TOLD: Duration = Duration::from_millis(2500);
/// Signal and announcement of the interpreter (C22).
const CALLER_IS_TOLD: Duration = Duration::from_secs(4);
