//! The phone of an advocate who can write, by hand: it registers, answers whatever it is asked, and
//! takes text when it is offered some, but for the first time, which it says crosses an offer of its
//! own (491, RFC 3261 §14.2).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::Chance;
use sip::digest::{self, Secret};
use sip::wire::{Message, Method};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::text::Pen;
use crate::wire::{Wire, header, response};

/// A registered phone.
#[derive(Debug)]
pub(crate) struct Telephone {
    /// Where the engine's text is by each of its offers; `None` for one without text.
    offers: UnboundedReceiver<Option<u16>>,
    engine: SocketAddr,
    newest: Option<u16>,
    text: Option<UdpSocket>,
    serving: JoinHandle<()>,
}

impl Telephone {
    /// A phone at `host`, known to `engine` by its name and password.
    pub(crate) async fn registers(
        host: IpAddr,
        engine: SocketAddr,
        (name, password): (&str, &str),
    ) -> Self {
        let wire = Wire::open(host).await;
        let (uri, own) = (format!("sip:{engine}"), wire.address());
        let register = |number: u8, more: &str| {
            format!(
                "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKreg{number}\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:{name}@{host}>;tag=reg\r\n\
                 To: <sip:{name}@{host}>\r\nCall-ID: reg\r\nCSeq: {number} REGISTER\r\n\
                 Contact: <sip:{name}@{own}>\r\nExpires: 300\r\n{more}Content-Length: 0\r\n\r\n",
                host = engine.ip()
            )
        };
        wire.send(&register(1, ""), engine).await;
        let (challenge, _) = wire.expect("SIP/2.0 401", SOON).await;
        let Ok(Message::Response(challenge)) = Message::parse(challenge.as_bytes()) else {
            panic!("a response");
        };
        let challenges = challenge.headers.challenges("WWW-Authenticate");
        let (secret, mut chance) = (Secret::new(password), Chance::from_number(1));
        let method = Method::Register;
        let value = digest::answer(&challenges, name, &secret, &method, &uri, &mut chance, 1);
        let value = value.expect("a challenge that can be answered");
        wire.send(&register(2, &format!("Authorization: {value}\r\n")), engine).await;
        wire.expect("SIP/2.0 200", SOON).await;
        let text = UdpSocket::bind((host, 0)).await.expect("a port on loopback");
        let port = text.local_addr().expect("it is bound").port();
        let (told, offers) = unbounded_channel();
        let serving = tokio::spawn(serve(wire, port, told));
        Self { offers, engine, newest: None, text: Some(text), serving }
    }

    /// The engine's next offer: its port for text, if it has text.
    pub(crate) async fn offered(&mut self, within: Duration) -> Option<u16> {
        let offered = timeout(within, self.offers.recv()).await.expect("an offer in time");
        self.newest = offered.expect("the phone is on");
        self.newest
    }

    /// What its text is written and read with, from where the newest offer had it.
    pub(crate) async fn pen(&mut self) -> Pen {
        let engine = SocketAddr::new(self.engine.ip(), self.newest.expect("text was offered"));
        Pen::new(self.text.take().expect("there is one"), engine)
    }
}

impl Drop for Telephone {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers everything until the phone is switched off.
async fn serve(wire: Wire, port: u16, told: UnboundedSender<Option<u16>>) {
    let mut has_crossed = false;
    while let Some((request, from)) = wire.receive(Duration::from_secs(600)).await {
        let answer = match request.split(' ').next() {
            Some("INVITE") => {
                let offered = text_port(&request);
                // The end of the test drops the other end.
                let _ = told.send(offered);
                if offered.is_some() && !std::mem::replace(&mut has_crossed, true) {
                    response(&request, "491 Request Pending")
                } else {
                    answer(&request, &wire, port)
                }
            }
            Some("ACK") | None => continue,
            Some(method) if method.starts_with("SIP/") => continue,
            Some(_) => response(&request, "200 OK"),
        };
        wire.send(&answer, from).await;
    }
}

/// 200 with sound, and with text where it is offered.
fn answer(request: &str, wire: &Wire, port: u16) -> String {
    let (own, version) = (wire.address(), header(request, "CSeq").unwrap_or_default());
    let version = version.split(' ').next().unwrap_or_default();
    let text = match request.split_once("m=text ") {
        Some(_) if text_port(request).is_some() => text_line(port),
        Some(_) => "m=text 0 RTP/AVP 98\r\n".to_owned(),
        None => String::new(),
    };
    let ip = own.ip();
    let body = format!(
        "v=0\r\no=- 7 {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio 9 RTP/AVP 8\r\n{text}"
    );
    let head = response(request, "200 OK");
    let (head, _) = head.rsplit_once("Content-Length:").expect("it is last");
    format!(
        "{head}Contact: <sip:alice@{own}>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// An INVITE whose offer has text besides, at `socket`.
pub(crate) fn with_text(invite: &str, socket: &UdpSocket) -> String {
    let port = socket.local_addr().expect("it is bound").port();
    let (head, body) = invite.split_once("\r\n\r\n").expect("a body");
    let body = format!("{body}{}", text_line(port));
    let (head, _) = head.rsplit_once("Content-Length:").expect("it is last");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The port of the text that a message describes, if it does.
pub(crate) fn text_port(message: &str) -> Option<u16> {
    let line = message.lines().find_map(|line| line.strip_prefix("m=text "))?;
    line.split(' ').next()?.parse().ok().filter(|&port| port != 0)
}

fn text_line(port: u16) -> String {
    format!(
        "m=text {port} RTP/AVP 98 100\r\na=rtpmap:98 t140/1000\r\na=rtpmap:100 red/1000\r\n\
         a=fmtp:100 98/98/98\r\n"
    )
}

const SOON: Duration = Duration::from_secs(10);
