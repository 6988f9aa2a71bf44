//! Real-time text over real sockets: the phone of a caller who writes, and her advocate's screen
//! (C20). The phone is our own: no softphone at hand speaks RFC 4103 reliably.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use model::{Chance, TextFormat};
use northline::phone::{self, Phone};
use os::clock;
use rtp::Packet;
use rtp::text::{Queue, Receiver, Sender};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::ready_advocate;
use crate::program::{eventually, until};
use crate::telephone::{Telephone, text_port, with_text};
use crate::wire::{Call, Wire, header};

const PASSWORD: &str = "a-long-password";
const TOKEN: &str = "a-token-for-alices-own-screen";
/// What the caller writes.
const WRITTEN: &str = "canario: no puedo hablar, está aquí €";
/// What the advocate writes.
const ANSWERED: &str = "estoy aquí – kolibri";
const FORMAT: TextFormat = TextFormat { t140: 98, red: Some(100), repeats: 2 };

/// The text of a caller's phone.
pub(crate) struct Pen {
    socket: UdpSocket,
    engine: SocketAddr,
    sender: Sender,
    receiver: Receiver,
    read: String,
}

impl Pen {
    /// One that writes from `socket` to the engine's.
    pub(crate) fn new(socket: UdpSocket, engine: SocketAddr) -> Self {
        let sender = Sender::new(FORMAT, 30, &mut Chance::from_number(4));
        Self { socket, engine, sender, receiver: Receiver::new(FORMAT), read: String::new() }
    }

    fn types(&mut self, text: &str) {
        text.chars().for_each(|character| self.sender.push(character));
    }

    /// Sends what is due, and reads what comes, for so long.
    async fn works(&mut self, time: Duration) {
        let since = clock::now();
        while clock::now().since(since) < time {
            let mut bytes = [0; 2048];
            let length = self.sender.write(clock::now(), &mut bytes);
            if length > 0 {
                self.socket.send_to(&bytes[..length], self.engine).await.expect("loopback");
            }
            let mut queue = Queue::new(Receiver::MOST);
            let received = timeout(Duration::from_millis(20), self.socket.recv_from(&mut bytes));
            if let Ok(Ok((length, from))) = received.await {
                assert_eq!(from, self.engine, "it comes from where it goes to");
                let Packet { header, payload } = Packet::parse(&bytes[..length]).expect("RTP");
                let taken = self.receiver.packet(clock::now(), &header, payload, &mut queue);
                taken.expect("text");
            }
            self.read.extend(std::iter::from_fn(|| queue.pop()));
        }
    }
}

/// An advocate, and her screen's token.
fn sections(api: SocketAddr) -> String {
    format!(
        "advocates:\n  - {{ name: alice, password: {PASSWORD}, languages: [en] }}\nhttp:\n  \
         listen: {api}\n  tokens:\n    \
         - {{ name: screen, role: advocate, advocate: alice, token: {TOKEN} }}"
    )
}

/// A request to the engine's API, its answer not yet read.
async fn asks(api: SocketAddr, line: &str, body: &str) -> TcpStream {
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n\
         {body}"
    );
    let mut stream = TcpStream::connect(api).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("sent");
    stream
}

async fn answer(api: SocketAddr, line: &str, body: &str) -> String {
    let mut said = String::new();
    asks(api, line, body).await.read_to_string(&mut said).await.expect("answered");
    said
}

/// What a stream of text has shown.
fn shown(stream: &str) -> String {
    let events = stream.lines().filter_map(|line| line.split_once("\"text\":\""));
    events.filter_map(|(_, text)| text.strip_suffix("\"}")).collect()
}

/// The name of the call that she is in, once her screen shows it: boards are a moment behind the
/// log, and one who is only offered a caller is in no call (A1).
async fn own_call(api: SocketAddr) -> String {
    eventually(SOON, async || {
        let me = answer(api, "GET /v1/me", "").await;
        let named = me.split_once("\"call\":\"").map(|(_, after)| after[..16].to_owned());
        named.ok_or_else(|| format!("she is in no call: {me}"))
    })
    .await
}

/// A stream that the engine writes into from now on: its head has come.
async fn streams(api: SocketAddr, line: &str) -> TcpStream {
    let mut stream = asks(api, line, "").await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = timeout(SOON, stream.read_u8()).await.expect("in time");
        head.push(byte.expect("a head before the end"));
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// A caller whose phone has text; her pen, and her call's dialog.
async fn rings<'a>(wire: &Wire, call: &mut Call<'a>, tag: &'a mut String) -> Pen {
    let socket = UdpSocket::bind((call.from.ip(), 0)).await.expect("a port on loopback");
    let invite = with_text(&call.request("INVITE", ""), &socket);
    let answered = invites(wire, call, &invite).await;
    *tag = tag_of(&answered);
    call.to_tag = tag;
    let port = text_port(&answered).expect("text is taken");
    Pen::new(socket, SocketAddr::new(call.to.ip(), port))
}

/// Sends an INVITE, and acknowledges its 200.
async fn invites(wire: &Wire, call: &Call<'_>, invite: &str) -> String {
    wire.send(invite, call.to).await;
    let (answered, _) = wire.expect("SIP/2.0 200", SOON).await;
    let cseq = header(invite, "CSeq").and_then(|cseq| cseq.split(' ').next()).expect("a number");
    let to_tag = &tag_of(&answered);
    let ack = Call { to_tag, ..call.clone() }.request("ACK", &format!("-ack-{cseq}"));
    wire.send(&ack.replace("CSeq: 1", &format!("CSeq: {cseq}")), call.to).await;
    answered
}

fn tag_of(answered: &str) -> String {
    let to = header(answered, "To").and_then(|to| to.split_once(";tag="));
    to.map(|(_, tag)| format!(";tag={tag}")).expect("a dialog")
}

/// The advocate answers her phone, and is with her caller.
async fn connects(engine: &Engine, desk: &mut Phone) -> phone::Call {
    let phone = timeout(LATER, desk.incoming()).await.expect("in time").expect("her phone rings");
    phone.answered().await.expect("she answers");
    let connected = || engine.log().contains("caller and advocate are connected");
    until("they are connected", SOON, connected).await;
    phone
}

/// A caller and the advocate at her screen write, and read each other; the stream to the screen, and
/// what it has said.
async fn write_by_screen(api: SocketAddr, pen: &mut Pen) -> (TcpStream, String) {
    let path = format!("/v1/calls/{}/text", own_call(api).await);
    let mut screen = streams(api, &format!("GET {path}")).await;
    pen.types(WRITTEN);
    let mut stream = String::new();
    eventually(SOON, async || {
        pen.works(A_MOMENT).await;
        stream += &part(&mut screen, A_MOMENT).await;
        (shown(&stream) == WRITTEN).then_some(()).ok_or_else(|| format!("shown: {stream}"))
    })
    .await;
    let body = format!("{{\"text\":\"{ANSWERED}\"}}");
    let said = answer(api, &format!("POST {path}"), &body).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    eventually(SOON, async || {
        pen.works(A_MOMENT).await;
        pen.read.ends_with(ANSWERED).then_some(()).ok_or_else(|| format!("read: {}", pen.read))
    })
    .await;
    (screen, stream)
}

/// An engine that logs so much, the address of its API, alice's phone, and a caller's wire.
async fn hotline(log: &str) -> (Engine, SocketAddr, Phone, Wire) {
    let ground = Ground::new();
    let api = SocketAddr::new(ground.host(1), 8080);
    let setup = Setup { sections: &sections(api), log, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let desk = ready_advocate(ground, "alice", PASSWORD).await;
    (engine, api, desk, Wire::open(ground.host(CALLER)).await)
}

#[tokio::test]
async fn c20_a_caller_writes_with_her_advocate_and_nothing_of_it_is_kept() {
    let (engine, api, mut desk, wire) = hotline("trace").await;
    let (from, to) = (wire.address(), engine.address());
    let mut tag = String::new();
    let mut call = Call { from, to, id: "writes", to_tag: "" };
    let mut pen = rings(&wire, &mut call, &mut tag).await;
    let _phone = connects(&engine, &mut desk).await;
    let (mut screen, mut stream) = write_by_screen(api, &mut pen).await;
    // What she was told before she could read, line by line.
    let told = ["[Hello, thank you for calling. ", "[A person is here for you now.]"];
    assert!(told.iter().all(|line| pen.read.contains(line)), "{}", pen.read);

    wire.send(&call.request("BYE", "-bye"), call.to).await;
    let ended = timeout(SOON, screen.read_to_string(&mut stream)).await;
    ended.expect("her stream ends with the call").expect("in order");
    assert_eq!(shown(&stream), WRITTEN, "{stream}");
    engine.holds_nothing(SOON).await;
    engine.leaves(|left| left.media == 0 && left.healed == 0, SOON).await;

    let mut events = asks(api, "GET /v1/events?after=0", "").await;
    let events = part(&mut events, Duration::from_secs(1)).await;
    assert!(events.contains("call-ended"), "all of the call is among them: {events}");
    for (what, said) in [("log", engine.log()), ("events", events)] {
        for text in ["canari", "hablar", "kolibri", "estoy"] {
            assert!(!said.contains(text), "`{text}` is in the {what}");
        }
    }
    for file in fs::read_dir(engine.written()).expect("its folder").flatten() {
        // The control socket is a file that cannot be read.
        let bytes = fs::read(file.path()).unwrap_or_default();
        let said = String::from_utf8_lossy(&bytes);
        assert!(!said.contains("kolibri") && !said.contains("canario"), "{:?}", file.path());
    }
}

#[tokio::test]
async fn c20_text_added_in_mid_call_reaches_the_phone_of_an_advocate_who_talks_already() {
    let ground = Ground::new();
    let api = SocketAddr::new(ground.host(1), 8080);
    let engine =
        Engine::start(ground, &Setup { sections: &sections(api), ..Setup::default() }).await;
    let (to, password) = (engine.address(), PASSWORD);
    let mut phone = Telephone::registers(ground.host(DESK), to, ("alice", password)).await;
    let said = answer(api, "POST /v1/acts/ready", "").await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let wire = Wire::open(ground.host(CALLER)).await;
    let mut call = Call { from: wire.address(), to, id: "adds", to_tag: "" };
    let first = call.request("INVITE", "");
    let tag = tag_of(&invites(&wire, &call, &first).await);
    call.to_tag = &tag;
    assert_eq!(phone.offered(LATER).await, None, "her phone is offered no text");
    let connected = || engine.log().contains("caller and advocate are connected");
    until("they are connected", SOON, connected).await;

    // Somebody came in: she types from now on.
    let socket = UdpSocket::bind((wire.address().ip(), 0)).await.expect("a port on loopback");
    let again = call.request("INVITE", "-again").replace("CSeq: 1", "CSeq: 2");
    let again = with_text(&again.replace("o=- 1 1", "o=- 1 2"), &socket);
    let answered = invites(&wire, &call, &again).await;
    let port = text_port(&answered).expect("text is taken");
    let mut caller = Pen::new(socket, SocketAddr::new(to.ip(), port));
    // The first offer of text meets one of hers (491), the second is taken.
    for _ in 0..2 {
        assert!(phone.offered(SOON).await.is_some(), "her phone is offered text");
    }
    let mut advocate = phone.pen().await;
    // What is written before her 200 has come is for nobody: she begins.
    advocate.types(ANSWERED);
    exchanges((&mut caller, ANSWERED), (&mut advocate, "")).await;
    caller.types(WRITTEN);
    exchanges((&mut caller, ANSWERED), (&mut advocate, WRITTEN)).await;

    // It goes when hers goes.
    let again = again.replace("CSeq: 2", "CSeq: 3").replace("-again", "-more");
    let again = again.replace("o=- 1 2", "o=- 1 3");
    let (head, line) = again.split_once("m=text ").expect("her line of text");
    let port = line.split(' ').next().expect("a port");
    let gone = format!("{head}m=text {}{}", "0".repeat(port.len()), &line[port.len()..]);
    let answered = invites(&wire, &call, &gone).await;
    assert_eq!(text_port(&answered), None);
    assert_eq!(phone.offered(SOON).await, None, "it is withdrawn");

    let bye = call.request("BYE", "-bye").replace("CSeq: 2", "CSeq: 4");
    wire.send(&bye, call.to).await;
    engine.holds_nothing(SOON).await;
    engine.leaves(|left| left.media == 0 && left.healed == 0, SOON).await;
}

/// Both write what they have typed, until each has read what is expected.
async fn exchanges((one, reads): (&mut Pen, &str), (other, also): (&mut Pen, &str)) {
    eventually(SOON, async || {
        one.works(A_MOMENT).await;
        other.works(A_MOMENT).await;
        let read = (one.read.as_str(), other.read.as_str());
        (read == (reads, also)).then_some(()).ok_or_else(|| format!("read: {read:?}"))
    })
    .await;
}

#[tokio::test]
async fn c20_a_caller_who_has_nothing_but_text_is_greeted_and_writes_with_her_advocate() {
    let (engine, api, mut desk, wire) = hotline("info").await;
    let (from, to) = (wire.address(), engine.address());
    let (mut call, mut tag) = (Call { from, to, id: "mute", to_tag: "" }, String::new());
    let mut pen = rings_mute(&wire, &mut call, &mut tag).await;
    reads(&mut pen, "[Hello, thank you for calling. ").await;
    let _phone = connects(&engine, &mut desk).await;
    write_by_screen(api, &mut pen).await;
    let lines = answer(api, "GET /v1/calls", "").await;
    assert!(lines.contains("\"sound\":\"none\""), "her screen says why it is quiet: {lines}");

    wire.send(&call.request("BYE", "-bye"), call.to).await;
    engine.holds_nothing(SOON).await;
    engine.leaves(|left| left.media == 0 && left.healed == 0, SOON).await;
}

#[tokio::test]
async fn c20_a_caller_who_only_writes_is_told_of_a_reader_when_the_screen_opens_and_not_before() {
    let (engine, api, mut desk, wire) = hotline("info").await;
    let (from, to) = (wire.address(), engine.address());
    let (mut call, mut tag) = (Call { from, to, id: "unread", to_tag: "" }, String::new());
    let mut pen = rings_mute(&wire, &mut call, &mut tag).await;
    let _phone = connects(&engine, &mut desk).await;
    reads(&mut pen, "[A person is here, but cannot read your words at this moment. ").await;
    board_counts(api, "\"readers\":0").await;

    let events = streams(api, "GET /v1/events").await;
    board_counts(api, "\"readers\":1").await;
    drop(events);
    board_counts(api, "\"readers\":0").await;
    assert!(!pen.read.contains("can read your words now"), "{}", pen.read);

    let path = format!("GET /v1/calls/{}/text", own_call(api).await);
    let screen = streams(api, &path).await;
    reads(&mut pen, "[The person here can read your words now. ").await;
    assert!(!pen.read.contains("[A person is here for you now.]"), "{}", pen.read);
    drop(screen);
    let before = pen.read.len();
    eventually(SOON, async || {
        pen.works(A_MOMENT).await;
        let again = pen.read[before..].contains("[A person is here, but cannot read");
        again.then_some(()).ok_or_else(|| format!("read: {}", pen.read))
    })
    .await;

    wire.send(&call.request("BYE", "-bye"), call.to).await;
    engine.holds_nothing(SOON).await;
    engine.leaves(|left| left.media == 0 && left.healed == 0, SOON).await;
}

/// A caller whose phone has nothing but text; her pen, and her call's dialog.
async fn rings_mute<'a>(wire: &Wire, call: &mut Call<'a>, tag: &'a mut String) -> Pen {
    let socket = UdpSocket::bind((call.from.ip(), 0)).await.expect("a port on loopback");
    let mute = call.request("INVITE", "").replace("m=audio 9 RTP/AVP 8\r\n", "");
    let answered = invites(wire, call, &with_text(&mute, &socket)).await;
    assert!(!answered.contains("m=audio"), "{answered}");
    *tag = tag_of(&answered);
    call.to_tag = tag;
    let port = text_port(&answered).expect("text is taken");
    Pen::new(socket, SocketAddr::new(call.to.ip(), port))
}

/// The caller reads `line`, among others.
async fn reads(pen: &mut Pen, line: &str) {
    eventually(SOON, async || {
        pen.works(A_MOMENT).await;
        pen.read.contains(line).then_some(()).ok_or_else(|| format!("read: {}", pen.read))
    })
    .await;
}

/// The live board says so, a moment later.
async fn board_counts(api: SocketAddr, counted: &str) {
    eventually(SOON, async || {
        let board = answer(api, "GET /v1/board", "").await;
        board.contains(counted).then_some(()).ok_or(board)
    })
    .await;
}

/// What a stream says for so long; it has no end of its own.
async fn part(stream: &mut TcpStream, time: Duration) -> String {
    let mut said = Vec::new();
    let _ = timeout(time, async {
        while stream.read_buf(&mut said).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    String::from_utf8_lossy(&said).into_owned()
}

const A_MOMENT: Duration = Duration::from_millis(100);
const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
