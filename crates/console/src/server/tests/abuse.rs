//! What clients must not do, and may do to themselves only: bodies and heads of every wrong kind,
//! clients that never read, and one that takes all it can get.

use model::CallId;
use switchboard::Notice;
use tokio::net::TcpSocket;

use super::*;

impl Served {
    /// Sends bytes, and returns all that comes within a minute of the test's clock, which only passes
    /// while nobody has anything to do; `None` if the connection is held.
    async fn takes(&self, bytes: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        // It may refuse before it has read all.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let all = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer));
        // A reset after the answer is an end too.
        let _ = all.await.ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }
}

fn head(role: Role, line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: console\r\nAuthorization: Bearer {}\r\n", token(role))
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_text_are_refused_wherever_they_stand() {
    let served = served(Proxy::None).await;
    let bad = b"\xff\xfe\xc3canary";
    let advocate = |line: &str| head(Role::Advocate, line);
    let json = "Content-Type: application/json\r\nConnection: close\r\n";
    let interpreter = advocate("POST /v1/acts/interpreter") + json;
    let body = [b"{\"language\":\"".as_slice(), bad, b"\"}"].concat();
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let header = |line: &str, name: &str| {
        let start = format!("{}Connection: close\r\n{name}: ", advocate(line));
        [start.as_bytes(), bad, b"\r\n\r\n"].concat()
    };
    let path = |path: &str| (advocate(&format!("GET {path}")) + json + "\r\n").into_bytes();
    for (bytes, expected) in [
        ([interpreter.as_bytes(), length.as_bytes(), &body].concat(), 400),
        (path("/v1/calls/%ff%fecanary"), 404),
        (path("/v1/calls/%ff%fecanary/text"), 404),
        (path("/v1/acts/%c3%28canary"), 405),
        (path("/v1/events?after=%ff%fecanary"), 400),
        (path("/v1/events?after=1&after=canary"), 400),
        (header("GET /v1/events", "Last-Event-ID"), 400),
        (header("POST /v1/acts/ready", "Idempotency-Key"), 400),
        (header("GET /v1/me", "X-Forwarded-For"), 200),
        ([b"GET /".as_slice(), bad, b" HTTP/1.1\r\n\r\n"].concat(), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03canary".to_vec(), 400),
        (b"INVITE sip:canary@127.0.0.1 SIP/2.0\r\n\r\n".to_vec(), 400),
    ] {
        let sent = String::from_utf8_lossy(&bytes).into_owned();
        let answer = served.takes(&bytes).await.unwrap_or_else(|| panic!("{sent} is held"));
        assert_eq!(status(&answer), expected, "{sent}\n{answer}");
        assert!(!answer.contains("canary"), "{sent}\n{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_head_and_no_body_is_read_beyond_its_limit_or_its_time() {
    let served = served(Proxy::None).await;
    let interpreter = head(Role::Advocate, "POST /v1/acts/interpreter");
    let json = format!("{interpreter}Content-Type: application/json\r\n");
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    let endless = format!("{json}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(40));
    let unread = endless.replace("/interpreter", "/ready").replace(" application/json", " a/b");
    let lies = format!("{json}Content-Length: 99999999999999999999\r\n\r\n{{}}");
    let twice = format!("{json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}x");
    let wide = format!("{interpreter}X-Wide: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("{interpreter}{}\r\n", "X: y\r\n".repeat(2_000));
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000));
    for (sent, expected) in [
        (endless, &[413][..]),
        (unread, &[200, 413]),
        (lies, &[400, 413]),
        (twice, &[400]),
        (wide, &[431, 400]),
        (many, &[431, 400]),
        (long, &[414, 431, 400]),
    ] {
        let start = &sent[..60];
        let answer = served.takes(sent.as_bytes()).await;
        let answer = answer.unwrap_or_else(|| panic!("{start} is held"));
        assert!(expected.contains(&status(&answer)), "{start}: {answer}");
    }
    assert_eq!(served.says("GET /health/live HTTP/1.1", "").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_asks_and_asks_and_reads_nothing_is_let_go() {
    let served = served(Proxy::None).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small one");
    let mut stream = socket.connect(served.address).await.expect("it listens");
    let many = "GET /openapi.json HTTP/1.1\r\nHost: console\r\n\r\n".repeat(4096);
    let asks = async { while stream.write_all(many.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(60), asks).await.expect("it is not held for ever");
}

#[tokio::test(start_paused = true)]
async fn connections_that_say_nothing_keep_the_others_waiting_for_their_patience_at_most() {
    let served = served(Proxy::None).await;
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS {
        idle.push(TcpStream::connect(served.address).await.expect("it listens"));
    }
    let begun = tokio::time::Instant::now();
    let (status, _) = served.as_role(Role::Monitor, "GET /v1/board", "").await;
    assert_eq!(status, 200);
    assert!(begun.elapsed() <= HEADER_PATIENCE + Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn one_client_cannot_take_the_streams_of_the_others() {
    let served = served(Proxy::None).await;
    let mut open = Vec::new();
    let refused = loop {
        let request = head(Role::Monitor, "GET /v1/events") + "\r\n";
        let (stream, answer) = opened(&served, &request).await;
        if status(&answer) != 200 {
            break answer;
        }
        open.push(stream);
        assert!(open.len() < CONNECTIONS, "it takes them all");
    };
    assert_eq!(status(&refused), 503, "{refused}");
    let (_stream, hers) = opened(&served, &(head(Role::Advocate, "GET /v1/events") + "\r\n")).await;
    assert_eq!(status(&hers), 200, "{hers}");
    open.pop();
    let again = async {
        loop {
            // Its end is noticed when something is to be told.
            served.events.push(START, Notice::CallArrived { call: CallId(1) });
            let request = head(Role::Monitor, "GET /v1/events") + "\r\n";
            if status(&opened(&served, &request).await.1) == 200 {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("its place is free again");
}

async fn opened(served: &Served, request: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut part = vec![0; 1024];
    let length = stream.read(&mut part).await.expect("an answer");
    (stream, String::from_utf8_lossy(&part[..length]).into_owned())
}

#[tokio::test]
async fn a_stream_begins_wherever_a_number_says_and_nowhere_else() {
    let served = served(Proxy::None).await;
    served.events.push(START, Notice::CallArrived { call: CallId(1) });
    let resumes = |id: &str| head(Role::Supervisor, "GET /v1/events") + "Last-Event-ID: " + id;
    for id in ["0", "1", "18446744073709551614", "18446744073709551615"] {
        let answer = read_stream(&served, &resumes(id), "event: call-arrived").await;
        assert!(answer.contains("event: gap\n"), "{id}: {answer}");
    }
    for id in ["", "-1", "1e3", "18446744073709551616", "0x10", "٣"] {
        let (_stream, answer) = opened(&served, &(resumes(id) + "\r\n\r\n")).await;
        assert_eq!(status(&answer), 400, "{id:?}");
    }
}

#[tokio::test]
async fn o10_a_program_that_acts_without_end_is_slowed_down_and_nobody_else_is() {
    let served = served(Proxy::None).await;
    let act = |role| served.as_role(role, "POST /v1/acts/ready", "");
    let mut done = 0;
    let refused = loop {
        let (status, answer) = act(Role::Advocate).await;
        if status != 200 {
            break (status, answer);
        }
        done += 1;
        assert!(done < 5_000, "it goes on and on");
    };
    assert!(done >= 300 && refused.0 == 429, "{done}: {refused:?}");
    assert!(refused.1.contains("too-often") && refused.1.contains("retry-after: 1\r\n"));
    let looks = served.as_role(Role::Advocate, "GET /v1/me", "").await;
    assert_eq!(looks.0, 200, "she still sees her call");
    assert_eq!(served.as_role(Role::Operator, "POST /v1/reload", "").await.0, 200);
}
