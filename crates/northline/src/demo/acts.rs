//! The acts of the call: what each party does, what the hotline did, and whether it is so.

use std::time::Duration;

use console::Held;
use interpreting::{Progress, RouteFailure};
use model::Instant;
use os::clock;
use switchboard::Notice;
use tokio::time::{sleep, timeout};

use super::cast::next_call;
use super::grid::{Grid, Said};
use super::listening::{self, ABSENT, PRESENT, hears, length};
use super::party::Party;
use super::service::{self, Played};
use super::sound::{Sound, voice};
use super::stage::{LANGUAGE, Stage};
use super::tapes::Tapes;
use super::timeline::{Timeline, delay};
use super::wrong::Wrong;
use crate::commands::CommandError;
use crate::phone::{Call, KeyStyle, Spoken};

impl Stage {
    /// The whole call.
    pub(super) async fn play(&mut self, tapes: &mut Tapes) -> Result<(), CommandError> {
        let caller = self.arrives(tapes).await?;
        let advocate = self.is_answered(&caller).await?;
        tapes.keep(Party::Advocate, &advocate);
        let (asked, line) = self.asks(&advocate).await?;
        tapes.keep(Party::Interpreter, &line);
        let joined = self.brings(&caller, &line, asked).await?;
        self.opens_way(&caller, &advocate, joined).await?;
        self.compares([&caller, &advocate, &line], FIRST_LINES).await?;
        let second = self.loses(&caller, &advocate, &line, tapes).await?;
        self.compares([&caller, &advocate, &second], SECOND_LINES).await?;
        self.ends(&caller, &[&advocate, &second]).await?;
        Ok(())
    }

    /// She dials, is greeted, presses nothing, waits, and is told that she is still in line.
    async fn arrives(&mut self, tapes: &mut Tapes) -> Result<Call, CommandError> {
        let invited = clock::now();
        self.timeline = Timeline::new(invited);
        let caller = self.caller.call("help").await?;
        tapes.keep(Party::Caller, &caller);
        let answered = timeout(AT_ONCE, caller.answered()).await.ok().and_then(Result::ok);
        let answered = answered.ok_or(missing("the caller is answered", AT_ONCE))?;
        let cues = &self.cues;
        let greeted = heard(&caller, &cues.welcome, "the greeting", answered, AT_ONCE).await?;
        let (first, audio) = (delay(answered.since(invited)), delay(greeted.since(answered)));
        let text =
            format!("a caller dials in: answered after {first}, greeting heard {audio} later");
        self.timeline.line(invited, &text);
        let spanish =
            heard(&caller, &cues.spanish, "the offer in Spanish", answered, SPANISH_BY).await?;
        self.timeline.line(spanish, "Spanish is offered in Spanish; she presses nothing");
        let waits = |notice: &Notice| matches!(notice, Notice::CallWaiting { .. }).then_some(());
        let (waiting, ()) = self.notices.until("the caller waits", waits).await?;
        let still =
            heard(&caller, &cues.still, "that she is still in line", waiting, COMPANY).await?;
        let waited = delay(still.since(waiting));
        let text = format!("she waits; after {waited} she is told that she is still in line");
        self.timeline.line(still, &text);
        until(still + length(&cues.still)).await;
        Ok(caller)
    }

    /// The advocate, who has let it ring, answers; she hears the caller.
    async fn is_answered(&mut self, caller: &Call) -> Result<Call, CommandError> {
        let advocate = next_call(&mut self.advocate, "the advocate's phone rings").await?;
        let answers = clock::now();
        advocate.answer();
        let connected = |notice: &Notice| matches!(notice, Notice::Connected { .. }).then_some(());
        let (at, ()) = self.notices.until("caller and advocate are connected", connected).await?;
        let text = format!("an advocate answers; connected {} later", delay(at.since(answers)));
        self.timeline.line(answers, &text);
        sleep(BREATH).await;
        let sound = voice("caller-1")?;
        let spoken = says(caller, Party::Caller, &sound).await?;
        sleep(BREATH).await;
        if listening::share(&advocate, &sound, spoken).await < PRESENT {
            let (listener, speaker) = (Party::Advocate, Party::Caller);
            return Err(Wrong::Deaf { listener, speaker }.into());
        }
        Ok(advocate)
    }

    /// The advocate asks for an interpreter; the first vendor is busy, the second rings. Says
    /// when she had asked.
    async fn asks(&mut self, advocate: &Call) -> Result<(Instant, Call), CommandError> {
        let asked = presses(advocate, &self.code).await?;
        let text = format!("the advocate asks for an interpreter: {}, {LANGUAGE}", self.code);
        self.timeline.line(asked, &text);
        // She speaks while the search goes on; nobody waits for her to end.
        drop(advocate.speak(voice("advocate-2")?));
        next_call(&mut self.first_vendor, "vendor A is dialled").await?.turn_away();
        let fails = |progress| matches!(progress, Progress::RouteFailed { .. });
        let (failed, progress) = self.notices.progress("vendor A fails", fails).await?;
        let line = next_call(&mut self.second_vendor, "vendor B is dialled").await;
        let line = line.map_err(|missing| self.notices.explain(missing))?;
        let next = delay(clock::now().since(failed));
        let text = format!("vendor A fails: {}; vendor B rings {next} later", why(progress));
        self.timeline.line(failed, &text);
        Ok((asked, line))
    }

    /// The second vendor's menu, account and music, until its interpreter speaks. Says when.
    async fn brings(
        &mut self,
        caller: &Call,
        line: &Call,
        asked: Instant,
    ) -> Result<Instant, Wrong> {
        let hello = voice("interpreter-a-hello")?;
        let machine = async {
            let played = self.service.answer(line).await;
            service::introduce(line, &hello).await;
            played.ok_or(missing("vendor B's menu ends", AT_ONCE))
        };
        let script = async {
            let (notices, timeline) = (&mut self.notices, &self.timeline);
            let menu = |progress| progress == Progress::Menu;
            let (at, _) = notices.progress("vendor B's menu speaks", menu).await?;
            timeline.line(at, "vendor B answers with a menu");
            let sent = service::account_sent(line).await;
            let sent = sent.ok_or(missing("the account is sent", AT_ONCE))?;
            timeline.line(sent, "vendor B has been sent the account, its menu over");
            let hold = |progress| progress == Progress::OnHold;
            let (at, _) = notices.progress("vendor B holds", hold).await?;
            timeline.line(at, "vendor B says to wait, and plays music");
            notices.progress("an interpreter speaks", |p| p == Progress::Interpreter).await
        };
        let (played, script) = tokio::join!(machine, script);
        let (played, (at, _)) = (played?, script?);
        self.overhears(caller, line, &played).await?;
        let text = format!(
            "an interpreter, {} after the request; the caller heard no menu, music or digit",
            delay(at.since(asked))
        );
        self.timeline.line(at, &text);
        Ok(at)
    }

    /// Nothing of the vendor's line but the interpreter was for the caller (I10).
    async fn overhears(&self, caller: &Call, line: &Call, played: &Played) -> Result<(), Wrong> {
        let Self { service, account, .. } = self;
        if service::keys(line) != format!("{account}#") {
            return Err(missing("vendor B has its account", AT_ONCE));
        }
        let listener = Party::Caller;
        if !caller.digits_heard().is_empty() {
            return Err(Wrong::Overheard { listener, what: "the digits of the account" });
        }
        let sounds = [
            ("the vendor's menu", &service.menu, played.menu),
            ("the vendor's announcement", &service.hold, played.hold),
            ("the vendor's music", &service.music, played.music),
        ];
        for (what, sound, spoken) in sounds {
            if listening::share(caller, sound, spoken).await >= ABSENT {
                return Err(Wrong::Overheard { listener, what });
            }
        }
        Ok(())
    }

    /// The caller is told who has `joined`; then the advocate lets the interpreter hear her (C22).
    async fn opens_way(
        &mut self,
        caller: &Call,
        advocate: &Call,
        joined: Instant,
    ) -> Result<(), Wrong> {
        let joining = &self.cues.joining;
        let told = heard(caller, joining, "that an interpreter joins", joined, TOLD).await?;
        until(told + length(joining)).await;
        presses(advocate, OPEN_WAY).await?;
        let joins = |n: &Notice| matches!(n, Notice::InterpreterJoined { .. }).then_some(());
        let (at, ()) = self.notices.until("the interpreter hears the caller", joins).await?;
        let text = format!("the caller was told; the advocate opens the way: {OPEN_WAY}");
        self.timeline.line(at, &text);
        Ok(())
    }

    /// Each says a line of her own; the grid shows who heard it.
    async fn compares(&self, calls: [&Call; 3], lines: [&str; 3]) -> Result<(), CommandError> {
        let [caller, advocate, interpreter] = lines.map(voice);
        let (caller, advocate, interpreter) = (caller?, advocate?, interpreter?);
        // The advocate first: the others' lines come when nothing is announced to her any more.
        let advocate = said(calls[1], Party::Advocate, advocate).await?;
        let interpreter = said(calls[2], Party::Interpreter, interpreter).await?;
        let caller = said(calls[0], Party::Caller, caller).await?;
        let grid = Grid::measure(calls, &[caller, advocate, interpreter]).await;
        self.timeline.line(clock::now(), &Grid::header());
        for row in grid.rows() {
            self.timeline.more(&row);
        }
        Ok(grid.check()?)
    }

    /// The interpreter's line is cut; another one comes from the vendor who was busy before.
    async fn loses(
        &mut self,
        caller: &Call,
        advocate: &Call,
        line: &Call,
        tapes: &mut Tapes,
    ) -> Result<Call, CommandError> {
        let lost = clock::now();
        line.hang_up().await;
        let second = next_call(&mut self.first_vendor, "vendor A is dialled again").await?;
        tapes.keep(Party::Interpreter, &second);
        second.answer();
        let hello = voice("interpreter-b-hello")?;
        let what = "that the interpreter was lost";
        let told = heard(caller, &self.cues.lost, what, lost, LOST_TOLD);
        let (told, _) = tokio::join!(told, service::introduce(&second, &hello));
        let told = delay(told?.since(lost));
        let text = format!("the interpreter is lost; the caller is told {told} later");
        self.timeline.line(lost, &text);
        let person = |progress| progress == Progress::Interpreter;
        let (at, _) = self.notices.progress("a second interpreter speaks", person).await?;
        let after = delay(at.since(lost));
        let text = format!("a second interpreter, from vendor A, {after} after the loss");
        self.timeline.line(at, &text);
        self.opens_way(caller, advocate, at).await?;
        Ok(second)
    }

    /// The caller hangs up: nothing is left of her call anywhere (C11).
    async fn ends(&self, caller: &Call, others: &[&Call]) -> Result<(), Wrong> {
        let since = clock::now();
        caller.hang_up().await;
        for other in others {
            let ended = timeout(AT_ONCE, other.ended()).await;
            ended.map_err(|_| missing("every phone of the call is released", AT_ONCE))?;
        }
        let ledger = self.hotline.ledger();
        let nothing = async {
            while !ledger.held().await.is_free() {
                sleep(LOOK_AGAIN).await;
            }
        };
        if timeout(AT_ONCE * 2, nothing).await.is_err() {
            let Held { calls, legs, signalling_legs, media_legs, .. } = ledger.held().await;
            let legs = signalling_legs.max(media_legs as u64).max(legs as u64);
            return Err(Wrong::Left { legs, calls });
        }
        let text = format!(
            "the caller hangs up; {} later: legs left 0, calls left 0, caller data left 0",
            delay(clock::now().since(since))
        );
        self.timeline.line(since, &text);
        Ok(())
    }
}

const fn missing(what: &'static str, within: Duration) -> Wrong {
    Wrong::Missing { what, within }
}

/// Waits until the caller hears `sound`.
async fn heard(
    caller: &Call,
    sound: &Sound,
    what: &'static str,
    from: Instant,
    within: Duration,
) -> Result<Instant, Wrong> {
    let listener = Party::Caller;
    let heard = hears(caller, sound, from, within).await;
    heard.ok_or(Wrong::Unheard { listener, what, within })
}

async fn says(call: &Call, party: Party, sound: &Sound) -> Result<Spoken, Wrong> {
    call.speak(Sound::clone(sound)).await.ok_or(Wrong::Gone(party))
}

/// Says a line, and takes a breath.
async fn said(call: &Call, party: Party, sound: Sound) -> Result<Said, Wrong> {
    let spoken = says(call, party, &sound).await?;
    sleep(BREATH).await;
    Ok(Said { sound, spoken })
}

/// The advocate presses keys; says when the last one was up again.
async fn presses(advocate: &Call, keys: &str) -> Result<Instant, Wrong> {
    let pressed = advocate.press(keys, KeyStyle::Rfc4733).await;
    Ok(pressed.ok_or(Wrong::Gone(Party::Advocate))?.ends)
}

async fn until(at: Instant) {
    sleep(at.since(clock::now())).await;
}

const fn why(progress: Progress) -> &'static str {
    let Progress::RouteFailed { why, .. } = progress else { return "it should not" };
    match why {
        RouteFailure::Busy => "busy",
        RouteFailure::NoAnswer => "no answer",
        RouteFailure::Failed => "no call could be set up",
        RouteFailure::Timeout => "no answer in time",
        RouteFailure::Script => "an unknown menu",
        RouteFailure::Hold => "nobody came to the phone",
        RouteFailure::Skipped => "given up",
    }
}

/// What each says so that the others can be heard hearing it, in the order of the parties.
const FIRST_LINES: [&str; 3] = ["caller-2", "advocate-4", "interpreter-a-vi-2"];
const SECOND_LINES: [&str; 3] = ["caller-3", "advocate-3", "interpreter-b-vi-2"];
/// The star code that lets an interpreter hear the caller.
const OPEN_WAY: &str = "*1";
/// Before anybody notices a wait.
const AT_ONCE: Duration = Duration::from_secs(1);
/// C5: the Spanish offer, counted from the answer.
const SPANISH_BY: Duration = Duration::from_secs(4);
/// C17: between two messages to a caller who waits.
const COMPANY: Duration = Duration::from_secs(30);
/// Signal and announcement of an interpreter.
const TOLD: Duration = Duration::from_secs(6);
/// I3: how soon a loss is announced.
const LOST_TOLD: Duration = Duration::from_secs(8);
const BREATH: Duration = Duration::from_millis(300);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
