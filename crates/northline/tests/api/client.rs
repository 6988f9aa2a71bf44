//! A client of the HTTP API that keeps every word it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// One client, and what all clients were told.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    token: &'static str,
    told: Arc<Mutex<String>>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &'static str) -> Self {
        Self { address, token, told: Arc::default() }
    }

    /// The same with another token.
    pub(crate) fn with(&self, token: &'static str) -> Self {
        Self { token, ..self.clone() }
    }

    pub(crate) fn told(&self) -> String {
        self.told.lock().expect("no test panics with it").clone()
    }

    fn keep(&self, words: &str) {
        self.told.lock().expect("no test panics with it").push_str(words);
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.ask("POST", path, body).await
    }

    /// An act that must be done, and how she stands then.
    pub(crate) async fn does(&self, act: &str) -> Value {
        let (status, answer) = self.post(&format!("/v1/acts/{act}"), "").await;
        assert_eq!((status, &answer["outcome"]), (200, &Value::from("done")), "{act}: {answer}");
        answer["desk"].clone()
    }

    /// An act's outcome, whatever it is.
    pub(crate) async fn outcome(&self, act: &str) -> (u16, String) {
        let (status, answer) = self.post(&format!("/v1/acts/{act}"), "").await;
        (status, answer["outcome"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until her desk is so.
    pub(crate) async fn until(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let (_, me) = self.get("/v1/me").await;
            if so(&me["desk"]) {
                return me["desk"].clone();
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} within ten seconds");
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (length, token) = (body.len(), self.token);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        self.keep(&answer);
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.expect("a status"), serde_json::from_str(body).expect("JSON"))
    }

    /// Reads `count` numbers of the stream after `last`, and hangs up.
    pub(crate) async fn numbers(&self, last: Option<u64>, count: usize) -> Vec<u64> {
        let answer = self.events(last, |answer| numbers(answer).len() >= count).await;
        assert!(last.is_none() || !answer.contains("event: gap"), "{answer}");
        let mut read = numbers(&answer);
        read.truncate(count);
        read
    }

    /// Reads all events until one of that name has come.
    pub(crate) async fn follows_until(&self, name: &str) {
        self.events(None, |answer| answer.contains(&format!("event: {name}\n"))).await;
    }

    /// The stream of events after `last`, until there is `enough` of it.
    async fn events(&self, last: Option<u64>, enough: impl Fn(&str) -> bool) -> String {
        let resume = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        let token = self.token;
        let request = format!(
            "GET /v1/events?after=0 HTTP/1.1\r\nHost: api\r\n\
             Authorization: Bearer {token}\r\n{resume}\r\n"
        );
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let (mut answer, mut part) = (String::new(), [0; 512]);
        let reading = async {
            while !enough(&answer) {
                let length = stream.read(&mut part).await.expect("a living stream");
                assert!(length > 0, "the stream ended: {answer}");
                answer.push_str(&String::from_utf8_lossy(&part[..length]));
            }
        };
        timeout(Duration::from_secs(30), reading).await.expect("events in time");
        self.keep(&answer);
        answer
    }
}

/// The numbers of whole events; the gap with which a first reading begins is none.
fn numbers(stream: &str) -> Vec<u64> {
    let (whole, _) = stream.rsplit_once("\n\n").unwrap_or_default();
    let events = whole.split("\n\n").filter(|event| !event.contains("event: gap"));
    let ids = events.filter_map(|event| event.lines().find_map(|line| line.strip_prefix("id: ")));
    ids.map(|id| id.parse().expect("a number")).collect()
}
