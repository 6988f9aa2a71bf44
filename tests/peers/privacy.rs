//! What must not get out: anything a caller gave into a log or a file (D1), to a vendor (I8) or to a
//! back-up centre (P8), or stay in memory (D4).

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use northline::phone::{Call, KeyStyle, Phone};

use crate::canaries::Canaries;
use crate::ear::Ear;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground, SIP, VENDOR};
use crate::phones::{phone, ready_advocate, vendor};
use crate::program::{eventually, until};
use crate::sipp::{Scenario, Sipp};
use crate::speech::{file_in, prompt};
use crate::wire::{Wire, header, response};

const ADVOCATE: &str = "canaria";
const PASSWORD: &str = "s3cretSONG";
const NUMBER: &str = "15557230941";
const NAME: &str = "Canary Finch";
const USER: &str = "finch-8812";
const CALL_ID: &str = "nest-44071-finch";
const SUBJECT: &str = "asks for help";
const KEYS: &str = "7946138";
const ACCOUNT: &str = "60417";
/// What the advocate presses: Vietnamese.
const LANGUAGE: &str = "*5103";

/// A hotline with an advocate and a vendor's line at `port`, and everyone who calls it.
struct Scene {
    ground: Ground,
    engine: Engine,
    ear: Ear,
    desk: Phone,
}

impl Scene {
    async fn new(ground: Ground, vendor_port: u16, log: &str) -> Self {
        let sections = format!(
            "advocates:\n  - {{ name: {ADVOCATE}, password: {PASSWORD}, languages: [en] }}\n{}",
            vendor(ground, vendor_port, ACCOUNT)
        );
        let setup = Setup { sections: &sections, log, ..Setup::default() };
        let engine = Engine::start(ground, &setup).await;
        let desk = ready_advocate(ground, ADVOCATE, PASSWORD).await;
        Self { ground, engine, ear: Ear::open(ground.host(CALLER)).await, desk }
    }

    fn caller_calls(&self) -> Sipp {
        caller_calls(self.ground, &self.ear, &self.engine)
    }

    /// The advocate takes the call and asks for an interpreter.
    async fn advocate_asks(&mut self) -> Call {
        let hotline = self.ear.hears(SOON).await;
        self.ear.press(KEYS, hotline).await;
        let call = soon(self.desk.incoming()).await.expect("her phone rings");
        soon(call.answered()).await.expect("she answers");
        let connected = || self.engine.log().contains("caller and advocate are connected");
        until("they are connected", SOON, connected).await;
        soon(call.press(LANGUAGE, KeyStyle::Rfc4733)).await.expect("pressed");
        call
    }

    fn canaries(&self) -> Canaries {
        canaries(self.ground, &self.ear)
    }
}

/// A caller whose carrier says who she is, wherever that can be said.
pub(crate) fn caller_calls(ground: Ground, ear: &Ear, engine: &Engine) -> Sipp {
    let headers = format!(
        "P-Asserted-Identity: \"{NAME}\" <tel:+{NUMBER}>\n    \
             Remote-Party-ID: <sip:+{NUMBER}@[local_ip]>;party=calling\n    \
             Diversion: <sip:+{NUMBER}@[local_ip]>;reason=unknown\n    \
             Subject: {NAME} {SUBJECT}\n    \
             Content-Type: application/sdp"
    );
    Scenario::new("digit-by-info", ground.host(CALLER))
        .with("from", format!("\"{NAME}\" <sip:+{NUMBER}@[local_ip]>"))
        .with("user", USER)
        .with("headers", headers)
        .with("key", "9")
        .with("port", ear.port().to_string())
        .call_id(CALL_ID)
        .pause(Duration::from_secs(10))
        .start(engine)
}

/// What a caller gives.
pub(crate) fn canaries(ground: Ground, ear: &Ear) -> Canaries {
    let mut canaries = Canaries::default();
    for (what, text) in [
        ("the caller's number", NUMBER),
        ("the caller's name", "finch"),
        ("what the call is about", SUBJECT),
    ] {
        canaries.text(what, text);
    }
    canaries.keys("the caller's keys", KEYS);
    canaries.text("the caller's address", ground.host(CALLER).to_string());
    canaries.text("the caller's port", format!(":{}", ear.port()));
    canaries
}

#[tokio::test]
async fn d1_nothing_a_caller_gave_is_in_any_log_file_or_answer_at_trace() {
    let ground = Ground::new();
    let mut line = phone(ground, VENDOR, None).await;
    let mut scene = Scene::new(ground, line.address().port(), "trace").await;
    let caller = scene.caller_calls();
    let advocate = scene.advocate_asks().await;
    let interpreter = soon(line.incoming()).await.expect("the vendor's line rings");
    let keys_wanted = ACCOUNT.len() + 1;
    until("the account arrives", SOON, || interpreter.digits_heard().len() == keys_wanted).await;
    // A person is whoever speaks after quiet.
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(interpreter.speak(Arc::from(prompt("demo/interpreter-a-hello"))));
    let logged = |text| scene.engine.log().contains(text);
    until("a person is heard", LATER, || logged("progress=Interpreter")).await;
    // Without a recording in the caller's language the advocate opens the way (C22).
    soon(advocate.press("*1", KeyStyle::Rfc4733)).await.expect("pressed");
    until("the interpreter joins", SOON, || logged("interpreter joined")).await;
    let status = scene.engine.ask("status");
    let reload = scene.engine.ask("reload");
    caller.succeeds().await;
    soon(advocate.ended()).await;
    scene.engine.holds_nothing(SOON).await;

    let mut canaries = scene.canaries();
    canaries.keys("the vendor's account", ACCOUNT);
    canaries.keys("the advocate's keys", LANGUAGE);
    canaries.text("her password", PASSWORD);
    canaries.text("her address", ground.host(DESK).to_string());
    canaries.text("the vendor's address", ground.host(VENDOR).to_string());
    let said = fs::read_to_string(played(scene.engine.folder())).expect("what SIPp played");
    let told = canaries.found_in(&said);
    assert!(told.contains(&"the caller's number") && told.contains(&"the caller's name"));
    for output in [status, reload] {
        let said = [output.stdout, output.stderr].concat();
        assert_eq!(canaries.found_in(&String::from_utf8_lossy(&said)), [""; 0], "control socket");
    }
    // Who is at work is shown to the operator who asks, and written nowhere.
    canaries.text("the advocate's name", ADVOCATE);
    for file in files(&scene.engine.written()) {
        // The control socket is a file that cannot be read.
        let text = fs::read(&file).unwrap_or_default();
        let found = canaries.found_in(&String::from_utf8_lossy(&text));
        assert_eq!(found, [""; 0], "{}", file.display());
    }
}

#[tokio::test]
async fn i8_a_vendor_learns_nothing_about_the_caller_or_what_the_line_is_for() {
    let ground = Ground::new();
    let line = Wire::open(ground.host(VENDOR)).await;
    let mut scene = Scene::new(ground, SIP, "info").await;
    let caller = scene.caller_calls();
    let advocate = scene.advocate_asks().await;
    let (invite, from) = line.expect("INVITE", SOON).await;
    line.send(&response(&invite, "486 Busy Here"), from).await;
    line.expect("ACK", SOON).await;
    advocate.hang_up().await;
    drop(caller);

    let mut canaries = scene.canaries();
    canaries.text("her address", ground.host(DESK).to_string());
    for subject in ["crisis", "hotline", "helpline", "suicide", "advocate", "caller"] {
        canaries.text(subject, subject);
    }
    assert_eq!(canaries.found_in(&invite), [""; 0], "{invite}");
    for name in TELLING {
        assert_eq!(header(&invite, name), None, "{invite}");
    }
    assert!(invite.contains("\r\ns=-\r\n"), "{invite}");
}

#[tokio::test]
async fn p8_a_backup_centre_learns_nothing_about_the_caller() {
    let ground = Ground::new();
    let centre = Wire::open(ground.host(VENDOR)).await;
    let sections =
        format!("diversions:\n  backup: {{ uri: \"sip:centre@{}:{SIP}\" }}", ground.host(VENDOR));
    let setup = Setup { sections: &sections, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let ear = Ear::open(ground.host(CALLER)).await;
    let caller = caller_calls(ground, &ear, &engine);
    let hotline = ear.hears(SOON).await;
    ear.press("2", hotline).await;
    let (invite, from) = centre.expect("INVITE", LATER).await;
    centre.send(&response(&invite, "486 Busy Here"), from).await;
    centre.expect("ACK", SOON).await;
    drop(caller);
    assert_eq!(canaries(ground, &ear).found_in(&invite), [""; 0], "{invite}");
    for name in TELLING {
        assert_eq!(header(&invite, name), None, "{invite}");
    }
}

/// Her INVITE's transaction is over 32 s after its answer; then nobody needs her name any more.
#[tokio::test]
async fn d4_a_minute_after_a_call_nothing_of_it_is_in_the_memory_of_the_process() {
    let ground = Ground::new();
    let engine = Engine::start(ground, &Setup::default()).await;
    let memory = Memory::of(engine.program.id());
    let Some(memory) = memory else { return };
    let ear = Ear::open(ground.host(CALLER)).await;
    let caller = caller_calls(ground, &ear, &engine);
    ear.hears(SOON).await;
    let given = [NUMBER, NAME, USER, CALL_ID, SUBJECT];
    let found = memory.holds(&given);
    assert!(
        found.contains(&NUMBER) && found.contains(&NAME),
        "it is looked for rightly: {found:?}"
    );
    caller.succeeds().await;
    engine.holds_nothing(SOON).await;
    // Looking is work.
    tokio::time::sleep(MINUTE / 2).await;
    eventually(MINUTE / 2, async || {
        let found = memory.holds(&given);
        if found.is_empty() { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
}

/// The memory of a process.
struct Memory(u32);

impl Memory {
    /// `None`, with a word to whoever runs the tests, where it may not be read.
    fn of(process: u32) -> Option<Self> {
        let is_permitted = fs::File::open(format!("/proc/{process}/mem")).is_ok();
        if !is_permitted {
            // Not `eprintln!`, which is shown of failed tests only.
            let _ = writeln!(std::io::stderr(), "NOT TESTED: memory is read by root only");
        }
        is_permitted.then_some(Self(process))
    }

    /// Which of these words are anywhere in it.
    fn holds<'w>(&self, words: &[&'w str]) -> Vec<&'w str> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.0)).expect("it runs");
        let mut memory = fs::File::open(format!("/proc/{}/mem", self.0)).expect("permitted");
        let mut found = BTreeSet::new();
        for (start, end) in maps.lines().filter_map(writable) {
            let mut bytes = vec![0; (end - start) as usize];
            // What the kernel keeps for itself cannot be read, and what has gone meanwhile.
            let read = memory.seek(SeekFrom::Start(start)).and_then(|_| memory.read(&mut bytes));
            bytes.truncate(read.unwrap_or_default());
            let text = String::from_utf8_lossy(&bytes);
            found.extend((0..words.len()).filter(|&word| text.contains(words[word])));
        }
        found.into_iter().map(|word| words[word]).collect()
    }
}

/// The addresses of a line of `maps`, if anything may be written there.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-').filter(|_| rest.starts_with("rw"))?;
    Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
}

/// Headers that say who calls, through whom, or why.
pub(crate) const TELLING: [&str; 12] = [
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Remote-Party-ID",
    "Diversion",
    "History-Info",
    "Referred-By",
    "Identity",
    "Subject",
    "Call-Info",
    "Geolocation",
    "User-to-User",
    "Organization",
];

/// The scenario that SIPp was given.
fn played(folder: &Path) -> PathBuf {
    file_in(folder, ".xml").expect("one scenario")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok);
    let inside = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| inside(entry.path())).collect()
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what).await.expect("in time")
}

const SOON: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
/// A vendor's script and a person's first words.
const LATER: Duration = Duration::from_secs(20);
