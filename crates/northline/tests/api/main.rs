//! A hotline worked over its HTTP API, with simulated phones on real SIP and RTP.

mod client;

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Duration;

use client::Client;
use interpreting::Catalogue;
use model::Chance;
use northline::configuration;
use northline::engine::Attached;
use northline::phone::{Account, AnswerPolicy, Call, KeyStyle, Phone, PhoneSettings};
use northline::run::Service;
use serde_json::Value;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

const ALICE: &str = "alices-token-0123456789abcdef";
const BRUNA: &str = "brunas-token-0123456789abcdef";
const OPERATOR: &str = "operators-token-0123456789abc";
const SUPERVISOR: &str = "supervisors-token-0123456789a";
const MONITOR: &str = "monitors-token-0123456789abcd";
/// What the caller dials and presses: nobody may be told of it.
const CANARY: &str = "5557312";

/// A hotline with two advocates and two vendors.
struct House {
    api: Client,
    sip: SocketAddr,
    chance: Chance,
    vendors: [Phone; 2],
    served: tokio::task::JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl House {
    async fn open() -> Self {
        let mut chance = Chance::from_number(3);
        let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
        let answers = AnswerPolicy::After(Duration::from_millis(200));
        let vendors = [
            phone(nobody, None, answers, &mut chance).await,
            phone(nobody, None, answers, &mut chance).await,
        ];
        let folder = tempfile::tempdir().expect("a folder");
        let control = folder.path().join("control.sock");
        let [first, second] = [vendors[0].address(), vendors[1].address()];
        let text = format!(
            "sip: {{ listen: [\"127.0.0.1:0\"] }}\n\
             control: {}\n\
             trunks: [{{ name: here, from: [127.0.0.0/8] }}]\n\
             advocates:\n\
             \x20 - {{ name: alice, password: alices-password }}\n\
             \x20 - {{ name: bruna, password: brunas-password }}\n\
             \x20 - {{ name: sofia, password: sofias-password, supervises: yes }}\n\
             vendors:\n\
             \x20 - {{ name: first, uri: \"sip:i@{first}\", script: [person: 30s] }}\n\
             \x20 - {{ name: second, uri: \"sip:i@{second}\", script: [person: 30s] }}\n\
             http:\n\
             \x20 listen: 127.0.0.1:0\n\
             \x20 tokens:\n\
             \x20   - {{ name: a, role: advocate, advocate: alice, token: {ALICE} }}\n\
             \x20   - {{ name: b, role: advocate, advocate: bruna, token: {BRUNA} }}\n\
             \x20   - {{ name: o, role: operator, token: {OPERATOR} }}\n\
             \x20   - {{ name: s, role: supervisor, advocate: sofia, token: {SUPERVISOR} }}\n\
             \x20   - {{ name: m, role: monitor, token: {MONITOR} }}\n",
            control.display()
        );
        let read = configuration::load("test", &text, &Catalogue::embedded());
        let configuration = read.map_err(|problems| problems.to_string()).expect("right");
        let service = Service::start(configuration, Attached::default()).await.expect("started");
        let sip = service.hotline().addresses()[0];
        let api = Client::new(service.http().expect("configured"), ALICE);
        let served = tokio::spawn(async move { service.serve().await.expect("signals") });
        Self { api, sip, chance, vendors, served, folder }
    }

    /// Alice's registered phone, which answers by itself.
    async fn alices_phone(&mut self) -> Phone {
        self.phone_of("alice").await
    }

    /// Somebody's registered phone, which answers by itself.
    async fn phone_of(&mut self, name: &str) -> Phone {
        let (username, password) = (name.to_owned(), format!("{name}s-password"));
        let account = Account { username, password };
        let answers = AnswerPolicy::After(Duration::from_millis(200));
        let phone = phone(self.sip, Some(account), answers, &mut self.chance).await;
        phone.register().await.expect("registered");
        phone
    }

    /// A caller who has pressed keys already.
    async fn caller(&mut self) -> (Phone, Call) {
        let phone = phone(self.sip, None, AnswerPolicy::Never, &mut self.chance).await;
        let call = phone.call(CANARY).await.expect("dialled");
        call.answered().await.expect("answered");
        call.press(CANARY, KeyStyle::Rfc4733).await;
        (phone, call)
    }
}

async fn phone(
    server: SocketAddr,
    account: Option<Account>,
    on_call: AnswerPolicy,
    chance: &mut Chance,
) -> Phone {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let settings = PhoneSettings { address, server, account, on_call };
    Phone::start(settings, chance.split()).await.expect("a free port")
}

fn talking(desk: &Value) -> bool {
    desk["call"]["stage"] == "talking"
}

fn step(desk: &Value) -> &str {
    desk["call"]["interpreter"]["step"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_act_of_a_call_is_done_over_http_and_nothing_of_the_caller_is_told() {
    let mut house = House::open().await;
    let alice = house.api.clone();
    let (supervisor, monitor) = (alice.with(SUPERVISOR), alice.with(MONITOR));
    let _desk = house.alices_phone().await;
    assert_eq!(alice.does("ready").await["advocate"]["standing"], "ready");
    assert_eq!(alice.outcome("hold").await, (409, "no-call".to_owned()));
    let (caller_phone, caller) = house.caller().await;
    let desk = alice.until("alice talks", talking).await;
    let id = desk["call"]["call"].as_str().expect("an id").to_owned();

    boards_show_what_each_role_may_see(&alice, &id).await;
    hold_and_private_talk(&alice).await;
    interpreters_come_and_go(&alice, &mut house.vendors).await;

    assert_eq!(alice.does("end").await["advocate"]["standing"], "wrap-up");
    assert_eq!(alice.outcome("end").await, (200, "already".to_owned()));
    timeout(Duration::from_secs(20), caller.ended()).await.expect("the goodbye ends");
    assert_eq!(alice.does("wrap-up-done").await["advocate"]["standing"], "ready");
    assert_eq!(alice.does("away").await["advocate"]["standing"], "away");
    let (_, board) = monitor.get("/v1/board").await;
    assert_eq!((&board["calls"], &board["legs"]), (&Value::from(0), &Value::from(0)), "{board}");
    let (_, calls) = supervisor.get("/v1/calls").await;
    assert_eq!(calls, Value::Array(Vec::new()));

    supervisor.follows_until("call-ended").await;
    let (told, port) = (alice.told(), caller_phone.address().port().to_string());
    assert!(told.contains(&id) && told.contains("call-ended"), "the whole call was told");
    for canary in [CANARY, &format!(":{port}"), "sip:", "127.0.0.1"] {
        assert!(!told.contains(canary), "d1: {canary} was told");
    }
    house.served.abort();
}

async fn boards_show_what_each_role_may_see(alice: &Client, id: &str) {
    let path = format!("/v1/calls/{id}");
    let roles = [(ALICE, 200), (BRUNA, 404), (SUPERVISOR, 200), (OPERATOR, 403), (MONITOR, 403)];
    for (token, expected) in roles {
        assert_eq!(alice.with(token).get(&path).await.0, expected, "{token}");
    }
    let (_, others) = alice.with(BRUNA).get("/v1/calls").await;
    assert_eq!(others, Value::Array(Vec::new()), "o9: not her call");
    let (_, advocates) = alice.with(OPERATOR).get("/v1/advocates").await;
    assert_eq!(advocates[0]["standing"], "talking");
    assert_eq!(advocates[0]["call"], Value::Null, "o9");
    let (_, advocates) = alice.with(SUPERVISOR).get("/v1/advocates").await;
    assert_eq!(advocates[0]["call"], id);
    let (_, board) = alice.with(MONITOR).get("/v1/board").await;
    assert_eq!((&board["calls"], &board["queues"][0]["talking"]), (&1.into(), &1.into()));
    let (_, shards) = alice.with(MONITOR).get("/v1/shards").await;
    assert!(shards[0]["scheduling"].is_string() && shards[0]["panicked"] == 0, "{shards}");
}

async fn hold_and_private_talk(alice: &Client) {
    assert_eq!(alice.does("hold").await["call"]["aside"], "hold");
    assert_eq!(alice.outcome("hold").await, (200, "already".to_owned()));
    assert_eq!(alice.does("back").await["call"]["aside"], "no");
    assert_eq!(alice.outcome("private").await, (409, "not-now".to_owned()));
    for act in ["join", "open-way", "replace", "next-route"] {
        assert_eq!(alice.outcome(act).await, (409, "not-now".to_owned()), "{act}");
    }
    assert_eq!(alice.outcome("cancel").await, (200, "already".to_owned()));
}

async fn interpreters_come_and_go(alice: &Client, vendors: &mut [Phone; 2]) {
    let ask = "/v1/acts/interpreter";
    assert_eq!(alice.post(ask, "{\"language\":\"xx-yy\"}").await.0, 422);
    let (_, asked) = alice.post(ask, "{\"language\":\"vi\"}").await;
    assert_eq!(step(&asked["desk"]), "asked", "{asked}");
    let _first = vendors[0].incoming().await.expect("the first vendor is dialled");
    let answered = |desk: &Value| ["vendor-answered", "menu", "on-hold"].contains(&step(desk));
    alice.until("the vendor answers", answered).await;
    assert_eq!(alice.does("next-route").await["call"]["interpreter"]["vendor"], "second");
    let _second = vendors[1].incoming().await.expect("the second vendor is dialled");
    alice.until("the second vendor answers", answered).await;
    let desk = alice.does("join").await;
    assert_eq!(step(&desk), "announced", "{desk}");
    let _ = alice.outcome("open-way").await;
    alice.until("the interpreter joins", |desk| step(desk) == "joined").await;
    let (_, rows) = alice.get("/v1/interpreters").await;
    assert_eq!((&rows[0]["language"], &rows[0]["vendor"]), (&"vi".into(), &"second".into()));
    assert_eq!(alice.does("private").await["call"]["aside"], "private");
    assert_eq!(alice.does("back").await["call"]["aside"], "no");
    assert_eq!(alice.does("replace").await["call"]["interpreter"]["vendor"], "first");
    assert_eq!(alice.does("cancel").await["call"]["interpreter"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a08_a_supervisor_takes_part_is_shown_and_the_call_outlives_her() {
    let mut house = House::open().await;
    let (alice, supervisor) = (house.api.clone(), house.api.with(SUPERVISOR));
    let _desk = house.alices_phone().await;
    let _phone = house.phone_of("sofia").await;
    alice.does("ready").await;
    let (_caller_phone, _caller) = house.caller().await;
    let desk = alice.until("alice talks", talking).await;
    let id = desk["call"]["call"].as_str().expect("an id").to_owned();
    let ask = "/v1/acts/supervise";
    let wish = |how: &str| format!("{{\"call\":\"{id}\",\"as\":\"{how}\"}}");
    for token in [ALICE, BRUNA, OPERATOR, MONITOR] {
        assert_eq!(alice.with(token).post(ask, &wish("listen")).await.0, 403, "{token}");
    }
    assert_eq!(supervisor.post(ask, "{\"call\":\"none\",\"as\":\"join\"}").await.0, 404);
    assert_eq!(supervisor.post(ask, &wish("spy")).await.0, 422);
    assert_eq!(supervisor.post(ask, &wish("listen")).await.1["outcome"], "done");
    let is_there = |desk: &Value| desk["call"]["supervisor"]["step"] == "there";
    let desk = alice.until("both were told, and she hears them", is_there).await;
    assert_eq!(desk["call"]["supervisor"]["advocate"], "sofia");
    assert_eq!(desk["call"]["supervisor"]["as"], "listen");
    assert_eq!(supervisor.post(ask, &wish("coach")).await.1["outcome"], "done");
    assert_eq!(supervisor.post(ask, &wish("coach")).await.1["outcome"], "already");
    let desk = alice.until("she coaches", is_there).await;
    assert_eq!(desk["call"]["supervisor"]["as"], "coach");
    let (status, answer) = supervisor.post("/v1/acts/take-over", "").await;
    assert_eq!((status, &answer["outcome"]), (409, &"not-now".into()), "alice is there");
    assert_eq!(alice.post("/v1/acts/take-over", "").await.0, 403);
    let (status, left) = supervisor.post("/v1/acts/stop-supervising", "").await;
    assert_eq!((status, &left["outcome"]), (200, &"done".into()));
    let gone = |desk: &Value| desk["call"]["supervisor"] == Value::Null;
    let desk = alice.until("she has left", gone).await;
    assert!(talking(&desk));
    house.served.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_hangs_up_again_and_again_misses_no_event_while_they_flow() {
    let mut house = House::open().await;
    let alice = house.api.clone();
    let _desk = house.alices_phone().await;
    let writer = tokio::spawn({
        let alice = alice.clone();
        async move {
            for _ in 0..100 {
                alice.outcome("ready").await;
                alice.outcome("away").await;
            }
        }
    });
    let supervisor = alice.with(SUPERVISOR);
    let mut read = supervisor.numbers(None, 7).await;
    while read.len() < 190 {
        let last = read.last().copied();
        read.extend(supervisor.numbers(last, 7).await);
    }
    let first = read[0];
    assert_eq!(read, (first..first + read.len() as u64).collect::<Vec<_>>());
    writer.await.expect("all was done");
    house.served.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_reloads_and_drains_over_http() {
    let mut house = House::open().await;
    let operator = house.api.with(OPERATOR);
    let (status, reloaded) = operator.post("/v1/reload", "").await;
    assert_eq!((status, &reloaded["outcome"]), (200, &"live".into()), "{reloaded}");
    assert_eq!(operator.get("/health/ready").await.0, 200);
    let (caller_phone, caller) = house.caller().await;
    assert_eq!(operator.post("/v1/drain", "").await.0, 200);
    assert_eq!(operator.get("/health/ready").await.0, 503);
    let refused = caller_phone.call(CANARY).await.expect("dialled");
    assert!(refused.answered().await.is_err());
    sleep(Duration::from_millis(200)).await;
    assert_eq!(operator.get("/health/live").await.0, 200, "the running call holds the engine");
    caller.hang_up().await;
    timeout(Duration::from_secs(20), house.served).await.expect("it ends").expect("well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_in_a_terminal_is_shown_once_to_whoever_has_no_keys() {
    let house = House::open().await;
    let control = house.folder.path().join("control.sock");
    let top = |control: std::path::PathBuf| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_northline"));
        command.args(["top", "--control"]).arg(control).stdin(Stdio::null());
        spawn_blocking(move || command.output().expect("it runs"))
    };
    let shown = top(control).await.expect("it ends");
    assert!(shown.status.success());
    assert!(String::from_utf8_lossy(&shown.stdout).contains("longest wait"), "{shown:?}");
    let missed = top(house.folder.path().join("none.sock")).await.expect("it ends");
    assert!(!missed.status.success());
    assert!(String::from_utf8_lossy(&missed.stderr).contains("no engine answers"), "{missed:?}");
    house.served.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_in_a_terminal_is_new_each_second_and_ends_with_q() {
    let mut house = House::open().await;
    let _desk = house.alices_phone().await;
    house.api.does("ready").await;
    let control = house.folder.path().join("control.sock");
    let mut command = Command::new(env!("CARGO_BIN_EXE_northline"));
    command.args(["top", "--control"]).arg(control);
    let mut top = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines =
        BufReader::new(top.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let watched = spawn_blocking(move || {
        let mut shown = Vec::new();
        for line in &mut lines {
            let boards =
                shown.iter().filter(|line: &&String| line.contains("longest wait")).count();
            if boards == 2 {
                break;
            }
            shown.push(line);
        }
        top.stdin.as_mut().expect("a pipe").write_all(b"q").expect("it reads");
        // Else it would wait for a reader.
        lines.for_each(drop);
        (shown.join("\n"), top.wait().expect("it is waited for"))
    });
    let (shown, status) =
        timeout(Duration::from_secs(30), watched).await.expect("it ends").expect("it ran");
    assert!(status.success());
    assert!(shown.matches("longest wait").count() == 2, "{shown}");
    assert!(shown.contains("alice                ready"), "{shown}");
    house.served.abort();
}
