//! Every role on every route, wrong tokens, odd requests and slow clients, over real sockets and
//! without a hotline.

use model::{AdvocateId, CallId, Instant, Language, Party, Quality, ShardState, Typed, WallTime};
use switchboard::{
    Aside, CallStage, CallState, Capacity, Line, Notice, Outcome, Passage, Screen, Snapshot, Sound,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};

use super::*;
use crate::ports::{Acted, Reloaded, Request};
use crate::routes::{Allowed, EVERY_ROLE, ROUTES};
use crate::{Events, Held, Role, Screens, Texts, Token, Who};

mod abuse;
mod contract;
mod control;
mod roles;

const START: WallTime = WallTime(1_800_000_000);

struct Served {
    console: Console,
    address: SocketAddr,
    events: Arc<Events>,
    texts: Arc<Texts>,
    screens: Arc<Screens>,
    board: watch::Sender<Arc<Snapshot>>,
}

const fn who(role: Role) -> Who {
    match role {
        Role::Advocate => Who::Advocate(AdvocateId(0)),
        Role::Operator => Who::Operator,
        Role::Supervisor => Who::Supervisor(Some(AdvocateId(0))),
        Role::Monitor => Who::Monitor,
    }
}

fn token(role: Role) -> String {
    format!("a-token-that-is-long-enough-{role:?}")
}

/// A console whose engine does everything and says so.
async fn served(proxy: Proxy) -> Served {
    let client = |&role: &Role| Client {
        name: format!("{role:?}"),
        who: who(role),
        token: Token::new(&token(role)).expect("long enough"),
    };
    let names = Names { advocates: vec!["alice".to_owned()], vendors: Vec::new() };
    let clients = EVERY_ROLE.iter().map(client).collect();
    let (requests, mut received) = mpsc::channel(4);
    let board = watch::Sender::new(Arc::new(Snapshot::default()));
    let events = Arc::new(Events::new(Duration::from_secs(1_800_000_000)));
    let texts = Arc::<Texts>::default();
    let screens = Arc::<Screens>::default();
    let ports = Ports {
        boards: board.subscribe(),
        events: Arc::clone(&events),
        texts: Arc::clone(&texts),
        screens: Arc::clone(&screens),
        requests,
    };
    tokio::spawn(async move {
        while let Some(request) = received.recv().await {
            match request {
                Request::Act { answer, .. } => {
                    let acted = Acted { outcome: Outcome::Done, snapshot: Arc::default() };
                    drop(answer.send(acted));
                }
                Request::Reload(answer) => {
                    drop(answer.send(Reloaded::Live("nothing changed".to_owned())));
                }
                Request::Held(answer) => drop(answer.send(Held { tasks: 9, ..Held::default() })),
                Request::Drain(answer) => drop(answer.send(())),
            }
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has one");
    let console = Console::new(Settings { clients, names, proxy }, ports);
    tokio::spawn(console.clone().serve(listener));
    Served { console, address, events, texts, screens, board }
}

impl Served {
    /// Sends `head` and `body`, and returns the status and all that came.
    async fn says(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let length = body.len();
        let request = format!(
            "{head}\r\nHost: console\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        // It may refuse before it has read a large body.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).expect("UTF-8");
        (status(&answer), answer)
    }

    async fn as_role(&self, role: Role, line: &str, body: &str) -> (u16, String) {
        let token = token(role);
        let json = "Content-Type: application/json";
        self.says(&format!("{line} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n{json}"), body)
            .await
    }

    /// The first part of a stream's answer.
    async fn head_of_stream(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let request = format!("{head}\r\nHost: console\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = vec![0; 1024];
        let length = stream.read(&mut answer).await.expect("an answer");
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default()
}

fn line(route: &crate::routes::Route) -> String {
    let path = route.path.replace("{act}", "ready").replace("{call}", "0000000000000001");
    format!("{} {path}", route.method)
}

#[tokio::test]
async fn every_role_on_every_route_is_what_the_table_says() {
    let served = served(Proxy::None).await;
    for route in &ROUTES {
        let line = line(route);
        let body = match line.rsplit('/').next() {
            Some("interpreter") => "{\"language\":\"vi\"}",
            Some("text") => "{\"text\":\"hello\"}",
            Some("transfer") => "{\"to\":\"bruna\"}",
            Some("supervise") => "{\"call\":\"0000000000000001\",\"as\":\"listen\"}",
            _ => "",
        };
        let (anyone, answer) = match line.as_str() {
            "GET /v1/events" | "GET /v1/activity" => (401, String::new()),
            _ => served.says(&format!("{line} HTTP/1.1"), body).await,
        };
        let open = route.allowed == Allowed::Anyone;
        assert_eq!(anyone == 401, !open, "{line} without a token: {answer}");
        for &role in EVERY_ROLE {
            let may = match route.allowed {
                Allowed::Anyone => true,
                Allowed::Roles(roles) => roles.contains(&role),
            };
            let got = if ["GET /v1/events", "GET /v1/activity"].contains(&line.as_str()) {
                let token = token(role);
                let head = format!("{line} HTTP/1.1\r\nAuthorization: Bearer {token}");
                status(&served.head_of_stream(&head).await)
            } else {
                served.as_role(role, &line, body).await.0
            };
            // No call has that name.
            let names_a_call = line.contains("/v1/calls/") || line.ends_with("/supervise");
            let fine = if names_a_call { 404 } else { 200 };
            assert_eq!(got, if may { fine } else { 403 }, "{line} as {role:?}");
        }
    }
}

#[tokio::test]
async fn what_is_in_no_row_is_refused() {
    let served = served(Proxy::None).await;
    for line in ["GET /", "GET /v1", "GET /v2/calls", "GET /v1/acts/ready/now", "GET /v1/calls/"] {
        assert_eq!(served.as_role(Role::Supervisor, line, "").await.0, 404, "{line}");
    }
    for line in ["DELETE /v1/calls", "POST /v1/board", "GET /v1/reload", "PUT /v1/acts/ready"] {
        let (status, _) = served.as_role(Role::Operator, line, "").await;
        assert_eq!(status, 405, "{line}");
        assert_eq!(served.says(&format!("{line} HTTP/1.1"), "").await.0, 401, "{line}");
    }
    assert_eq!(served.as_role(Role::Advocate, "POST /v1/acts/dance", "").await.0, 404);
    assert_eq!(served.as_role(Role::Advocate, "HEAD /v1/board", "").await.0, 200);
}

#[tokio::test]
async fn ten_wrong_tokens_lock_the_source_out() {
    let served = served(Proxy::InFront).await;
    let from = |source: &str, token: &str| {
        format!(
            "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\
             X-Forwarded-For: 203.0.113.9, {source}"
        )
    };
    for guess in 0..10 {
        let wrong = format!("wrong-{guess}");
        let (status, answer) = served.says(&from("192.0.2.1", &wrong), "").await;
        assert_eq!(status, 401);
        assert!(answer.to_lowercase().contains("www-authenticate: bearer"), "{answer}");
    }
    let right = token(Role::Monitor);
    let (status, answer) = served.says(&from("192.0.2.1", &right), "").await;
    assert_eq!(status, 429);
    assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
    assert_eq!(served.says(&from("192.0.2.2", &right), "").await.0, 200);
}

#[tokio::test]
async fn without_a_proxy_nobody_chooses_her_source() {
    let served = served(Proxy::None).await;
    for n in 0..10 {
        let head = format!(
            "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer wrong-{n}\r\nX-Forwarded-For: 192.0.2.{n}"
        );
        assert_eq!(served.says(&head, "").await.0, 401);
    }
    assert_eq!(served.as_role(Role::Monitor, "GET /v1/me", "").await.0, 429);
}

#[tokio::test]
async fn bad_json_and_huge_bodies_get_the_right_status_and_none_of_their_words_back() {
    let served = served(Proxy::None).await;
    let ask = "POST /v1/acts/interpreter";
    for (body, expected) in [
        ("{", (400, "malformed")),
        ("", (400, "malformed")),
        ("{\"language\":\"canary!\"}", (422, "unknown-language")),
        ("{\"canary\":1}", (422, "wrong-value")),
        ("{\"number\":70000}", (422, "wrong-value")),
        ("[]", (400, "malformed")),
        ("{\"number\":103}", (200, "done")),
    ] {
        let (status, answer) = served.as_role(Role::Advocate, ask, body).await;
        assert_eq!(status, expected.0, "{body}: {answer}");
        assert!(answer.contains(expected.1), "{body}: {answer}");
        assert!(!answer.contains("canary"), "{answer}");
    }
    let huge = format!("{{\"language\":\"{}\"}}", "v".repeat(70_000));
    assert_eq!(served.as_role(Role::Advocate, ask, &huge).await.0, 413);
    assert_eq!(served.as_role(Role::Advocate, "POST /v1/acts/ready", &huge).await.0, 413);
    let plain = format!("{ask} HTTP/1.1\r\nAuthorization: Bearer {}", token(Role::Advocate));
    let (status, answer) = served.says(&plain, "{\"number\":103}").await;
    assert!(status == 415 && answer.contains("not-json"), "{answer}");
}

#[tokio::test]
async fn a_repeated_idempotency_key_is_done_once() {
    let served = served(Proxy::None).await;
    let line = |key: &str| format!("POST /v1/acts/replace HTTP/1.1\r\nIdempotency-Key: {key}");
    let token = format!("\r\nAuthorization: Bearer {}", token(Role::Advocate));
    let (_, first) = served.says(&(line("a") + &token), "").await;
    let (status, second) = served.says(&(line("a") + &token), "").await;
    assert!(first.contains("\"done\"") && second.contains("\"repeated\""), "{first}\n{second}");
    assert_eq!(status, 200);
    assert!(served.says(&(line("b") + &token), "").await.1.contains("\"done\""));
    assert_eq!(served.says(&(line(&"k".repeat(65)) + &token), "").await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_or_half_a_request_is_let_go() {
    let served = served(Proxy::None).await;
    let half = format!(
        "POST /v1/acts/interpreter HTTP/1.1\r\nHost: console\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{\"num",
        token(Role::Advocate)
    );
    for (sent, expected) in [("", 0), ("GET /v1/me HT", 0), (half.as_str(), 408)] {
        let mut stream = TcpStream::connect(served.address).await.expect("it listens");
        stream.write_all(sent.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let ended =
            tokio::time::timeout(Duration::from_secs(60), stream.read_to_string(&mut answer));
        assert!(ended.await.is_ok(), "{sent:?} is held");
        assert!([expected, 408].contains(&status(&answer)), "{sent:?}: {answer}");
    }
}

#[tokio::test]
async fn an_ended_engine_is_neither_ready_nor_obeyed() {
    let mut served = served(Proxy::None).await;
    assert_eq!(served.says("GET /health/ready HTTP/1.1", "").await.0, 200);
    let draining = Snapshot { draining: true, ..Snapshot::default() };
    served.board.send_replace(Arc::new(draining));
    assert_eq!(served.says("GET /health/ready HTTP/1.1", "").await.0, 503);
    for (capacity, expected) in [(Capacity::Tight, 200), (Capacity::Full, 503)] {
        served.board.send_replace(Arc::new(Snapshot { capacity, ..Snapshot::default() }));
        assert_eq!(served.says("GET /health/ready HTTP/1.1", "").await.0, expected);
    }
    let shard = ShardState { is_stuck: true, ..ShardState::default() };
    let stuck = Snapshot { shards: vec![ShardState::default(), shard], ..Snapshot::default() };
    served.board.send_replace(Arc::new(stuck));
    assert!(served.says("GET /health/ready HTTP/1.1", "").await.1.contains("media-stuck"));
    served.board = watch::Sender::default();
    assert!(served.says("GET /health/ready HTTP/1.1", "").await.1.contains("ended"));
    assert_eq!(served.says("GET /health/live HTTP/1.1", "").await.0, 200);
}

#[tokio::test]
async fn a_stream_resumes_at_a_number_and_says_what_is_missing() {
    let served = served(Proxy::None).await;
    let push = |n| served.events.push(START, Notice::CallArrived { call: CallId(n) });
    (0..3).for_each(push);
    let first = 1_800_000_000_000_001_u64;
    let token = format!("Authorization: Bearer {}", token(Role::Supervisor));
    let head = format!("GET /v1/events?after={first} HTTP/1.1\r\n{token}");
    let answer = read_stream(&served, &head, &format!("id: {}\n", first + 2)).await;
    assert!(!answer.contains(&format!("id: {first}\n")), "{answer}");
    assert!(answer.contains("event: call-arrived\n") && answer.contains("0000000000000001"));
    let head = format!("GET /v1/events?after=5 HTTP/1.1\r\n{token}\r\nLast-Event-ID: {first}");
    let answer = read_stream(&served, &head, &format!("id: {}\n", first + 2)).await;
    assert!(!answer.contains("event: gap"), "the header is newer than the address: {answer}");
    let head = format!("GET /v1/events?after=5 HTTP/1.1\r\n{token}");
    let answer = read_stream(&served, &head, &format!("id: {}\n", first + 2)).await;
    assert!(answer.contains(&format!("event: gap\nid: {}\n", first - 1)), "{answer}");
    assert!(answer.contains(&format!("{{\"first\":{first}}}")), "{answer}");
    let head = format!("GET /v1/events HTTP/1.1\r\n{token}");
    let answer = read_stream(&served, &head, &format!("id: {}\n", first + 2)).await;
    assert!(!answer.contains("event: "), "only where it begins: {answer}");
    let head = format!("GET /v1/events?after=yesterday HTTP/1.1\r\n{token}");
    assert_eq!(served.says(&head, "").await.0, 400);
}

/// Reads a stream until `last` has come.
async fn read_stream(served: &Served, head: &str, last: &str) -> String {
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    let request = format!("{head}\r\nHost: console\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let (mut answer, mut part) = (String::new(), vec![0; 4096]);
    while !answer.contains(last) {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut part));
        let length = read.await.expect("in time").expect("a living stream");
        assert!(length > 0, "the stream ended: {answer}");
        answer.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    answer
}

#[test]
fn tokens_pass_no_network_in_the_clear() {
    let loopback = ["127.0.0.1:8080", "[::1]:8080"];
    let elsewhere = ["0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080"];
    for address in loopback {
        assert!(Proxy::None.permits(address.parse().expect("an address")), "{address}");
    }
    for address in elsewhere {
        let address = address.parse().expect("an address");
        assert!(!Proxy::None.permits(address) && Proxy::InFront.permits(address), "{address}");
    }
}

#[tokio::test]
async fn o09_who_talks_is_streamed_when_it_changes_to_those_who_may_see_the_call() {
    let served = served(Proxy::None).await;
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    let token = token(Role::Supervisor);
    let request = format!(
        "GET /v1/activity HTTP/1.1\r\nHost: console\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut told = String::new();
    let board = |party, sound| {
        let quality = Quality::default();
        let (secure, text, level_dbov) = (false, false, Some(-24));
        let line = Line { party, secure, text, quality, sound, level_dbov };
        served
            .board
            .send_replace(Arc::new(Snapshot { calls: vec![call(line)], ..Snapshot::default() }));
    };
    read_until(&mut stream, &mut told, "data: []").await;
    board(Party::Caller, Sound::Speech);
    read_until(
        &mut stream,
        &mut told,
        "\"party\":\"caller\",\"sound\":\"speech\",\"level_dbov\":-24",
    )
    .await;
    board(Party::Caller, Sound::Nothing);
    read_until(&mut stream, &mut told, "\"one_way\":true").await;
    assert_eq!(told.matches("event: activity").count(), 3, "{told}");
}

async fn read_until(stream: &mut TcpStream, told: &mut String, wanted: &str) {
    let mut part = vec![0; 4096];
    while !told.contains(wanted) {
        let length = stream.read(&mut part).await.expect("a stream");
        assert!(length > 0, "{wanted} never came: {told}");
        told.push_str(&String::from_utf8_lossy(&part[..length]));
    }
}

fn call(line: Line) -> CallState {
    CallState {
        call: CallId(7),
        stage: CallStage::Talking,
        since: Instant::ZERO,
        arrived: Instant::ZERO,
        language: Language::ENGLISH,
        queue: None,
        advocate: Some(AdvocateId(0)),
        aside: Aside::None,
        interpreter: None,
        supervisor: None,
        lines: vec![line],
    }
}

/// A call that advocate 0 is in.
fn in_a_call() -> Arc<Snapshot> {
    let quality = Quality::default();
    let (party, sound) = (Party::Caller, Sound::Nothing);
    let line = Line { party, secure: false, text: true, quality, sound, level_dbov: None };
    let hers = CallState { call: CallId(1), advocate: Some(AdvocateId(0)), ..call(line) };
    Arc::new(Snapshot { calls: vec![hers], ..Snapshot::default() })
}

#[tokio::test]
async fn a_screen_of_hers_is_open_while_an_advocate_listens_and_nobody_elses_counts() {
    let served = served(Proxy::None).await;
    served.board.send_replace(in_a_call());
    let mut changes = served.screens.changes();
    let listens = async |role: Role, path: &str| {
        let mut stream = TcpStream::connect(served.address).await.expect("it listens");
        let bearer = format!("Authorization: Bearer {}", token(role));
        let head = format!("GET {path} HTTP/1.1\r\n{bearer}\r\nHost: console\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let length = stream.read(&mut [0; 1024]).await.expect("an answer");
        assert!(length > 0);
        stream
    };
    let mut others = Vec::new();
    for role in [Role::Operator, Role::Supervisor, Role::Monitor] {
        others.push(listens(role, "/v1/events").await);
    }
    let alice = AdvocateId(0);
    let events = listens(Role::Advocate, "/v1/events").await;
    assert_eq!(changes.next().await, (alice, Screen::Open));
    let text = listens(Role::Advocate, "/v1/calls/0000000000000001/text").await;
    assert_eq!(changes.next().await, (alice, Screen::Reads(CallId(1))));
    drop(events);
    drop(text);
    while changes.next().await != (alice, Screen::Closed) {}
}

#[tokio::test]
async fn c20_an_advocate_reads_her_calls_text_as_it_comes_and_nobody_else_does() {
    let served = served(Proxy::None).await;
    served.board.send_replace(in_a_call());
    let line = "GET /v1/calls/0000000000000001/text";
    for role in [Role::Operator, Role::Supervisor, Role::Monitor] {
        assert_eq!(served.as_role(role, line, "").await.0, 403, "{role:?}");
    }
    let passage = |advocate: u32, text: &str| Passage {
        advocate: AdvocateId(advocate),
        call: CallId(1),
        from: Party::Caller,
        text: Typed::split(text).0,
    };
    served.texts.read(passage(0, "before"));
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    let token = token(Role::Advocate);
    let head = format!("{line} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nHost: console\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut read = vec![0; 1024];
    let length = stream.read(&mut read).await.expect("an answer");
    let answer = String::from_utf8_lossy(&read[..length]).into_owned();
    assert!(answer.contains("200 OK") && answer.contains("no-store"), "{answer}");
    served.texts.read(passage(1, "another's"));
    served.texts.read(passage(0, "€\u{8}"));
    served.texts.note(&Notice::CallEnded { call: CallId(1), reason: model::EndReason::HungUp });
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.expect("the stream ends with the call");
    assert!(rest.contains("event: text\n"), "{rest}");
    assert!(rest.contains("{\"from\":\"caller\",\"text\":\"€\\b\"}"), "{rest}");
    assert!(!(answer + &rest).contains("another") && !rest.contains("before"), "{rest}");
}

#[tokio::test]
async fn an_advocate_writes_to_her_own_call_and_a_screenful_at_most() {
    let served = served(Proxy::None).await;
    let line = "POST /v1/calls/0000000000000001/text";
    let status = |body: String| {
        let served = &served;
        async move { served.as_role(Role::Advocate, line, &body).await.0 }
    };
    let text = |length: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(length));
    assert_eq!(status(text(5)).await, 404, "she is in no call");
    served.board.send_replace(in_a_call());
    assert_eq!(status(text(1000)).await, 200);
    assert_eq!(status(text(1001)).await, 413);
    assert_eq!(status(text(0)).await, 422);
    assert_eq!(status("{}".to_owned()).await, 422);
    let other = "POST /v1/calls/0000000000000002/text";
    assert_eq!(served.as_role(Role::Advocate, other, &text(5)).await.0, 404);
}
