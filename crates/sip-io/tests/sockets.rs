//! The real sockets on loopback: datagrams, streams, and what strangers may not take.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use model::{
    Chance, EndReason, LegCommand, LegEvent, LegId, Pii, SessionDescription, Target, TrunkId,
};
use sip::wire::{Frame, Framer, Message};
use sip::{Endpoint, Listener, Settings, Transport, Trunk};
use sip_io::{Bound, Command, Counters, Limits, Rate, Resolver, SipIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const TRUNK: TrunkId = TrunkId(0);

/// Running sockets, and the engine's side of them.
struct Running {
    address: SocketAddr,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::Receiver<LegEvent>,
    counters: Arc<Counters>,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits, trunks: Vec<Trunk>) -> Self {
        let any_port: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        Self::serve(SipIo::bind_with(&[any_port], limits).await.expect("a free port"), trunks)
    }

    fn serve(bound: Bound, trunks: Vec<Trunk>) -> Self {
        let (address, counters) = (bound.addresses()[0], bound.counters());
        let settings = Settings {
            listeners: vec![Listener::at(address)],
            servers: Vec::new(),
            trunks,
            users: Vec::new(),
            realm: "test".to_owned(),
            limits: sip::Limits::default(),
        };
        let (commands, commands_in) = mpsc::unbounded_channel();
        let (events_out, events) = mpsc::channel(16);
        let endpoint = Endpoint::new(settings, Chance::from_number(1));
        let task = tokio::spawn(bound.run(endpoint, commands_in, events_out));
        Self { address, commands, events, counters, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// The leg of a caller who listens at `port`.
    async fn is_called_over(&mut self, stream: &mut TcpStream, port: u16) -> LegId {
        stream.write_all(request("INVITE", port).as_bytes()).await.expect("a connection");
        let Some(LegEvent::Offered { leg, .. }) = soon(self.events.recv()).await else {
            panic!("no call")
        };
        leg
    }

    /// Rings, and the caller hears it.
    async fn rings(&self, leg: LegId, stream: &mut TcpStream) {
        self.commands.send(Command::Leg(LegCommand::Ring { leg })).expect("it runs");
        let mut framer = Framer::default();
        loop {
            let Some(Frame::Message(bytes)) = soon(next_frame(stream, &mut framer)).await else {
                panic!("no answer")
            };
            if bytes.starts_with(b"SIP/2.0 180") {
                return;
            }
            // Where we took longer than an INVITE may wait.
            assert!(bytes.starts_with(b"SIP/2.0 100"));
        }
    }

    /// Answers a call.
    fn answer(&self, leg: LegId) {
        let answer = SessionDescription::new("v=0\r\n");
        let answer = Command::Leg(LegCommand::Answer { leg, answer });
        self.commands.send(answer).expect("it runs");
    }

    /// A connection that is served, once there is a place for it.
    async fn connect_in_turn(&self) -> TcpStream {
        loop {
            let mut stream = self.connect().await;
            let _ = stream.write_all(&options(3, "TCP")).await;
            if next_frame(&mut stream, &mut Framer::default()).await.is_some() {
                return stream;
            }
        }
    }

    fn dial(&self, leg: LegId) {
        let target = Target::Number { trunk: TRUNK, number: Pii::new("100".to_owned()) };
        let offer = SessionDescription::new("v=0\r\n");
        let dial = LegCommand::Dial { leg, target, offer, display: "Northline".to_owned() };
        self.commands.send(Command::Leg(dial)).expect("it runs");
    }
}

#[tokio::test]
async fn robustness_36_a_silent_name_server_holds_nobody_up() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let resolver = Resolver::asking(silent.local_addr().expect("bound")).expect("a resolver");
    let server = "carrier.example".parse().expect("a name");
    let trunk = Trunk { address: Some(server), ..tcp_trunk(([127, 0, 0, 1], 1).into()) };
    let any_port = [([127, 0, 0, 1], 0).into()];
    let bound = SipIo::bind(&any_port).await.expect("a free port").asking(resolver);
    let mut running = Running::serve(bound, vec![trunk]);
    let target = Target::Number { trunk: TRUNK, number: Pii::new("100".to_owned()) };
    let locate = LegCommand::Locate { leg: LegId(2), target };
    running.commands.send(Command::Leg(locate)).expect("it runs");
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    for number in 1..=50 {
        socket.send_to(&options(number, "UDP"), running.address).await.expect("loopback");
        soon(socket.recv(&mut [0; 2000])).await.expect("a response");
    }
    assert!(running.events.try_recv().is_err(), "the name is still sought");
    let expected = LegEvent::Ended { leg: LegId(2), reason: EndReason::Unreachable };
    assert_eq!(soon(running.events.recv()).await, Some(expected));
}

fn tcp_trunk(address: SocketAddr) -> Trunk {
    Trunk {
        name: "vendor".to_owned(),
        sources: Vec::new(),
        address: Some((address, Transport::Tcp).into()),
        account: None,
        from_user: None,
    }
}

/// A trunk that calls from any address of loopback.
fn carrier() -> Trunk {
    let sources = vec!["127.0.0.0/8".parse().expect("a range")];
    Trunk { sources, ..tcp_trunk(([127, 0, 0, 1], 9).into()) }
}

/// A request number 1 by TCP of a caller who listens at this port.
fn request(method: &str, port: u16) -> String {
    let text = String::from_utf8(options(1, "TCP")).expect("text").replace("OPTIONS", method);
    let contact = format!("Contact: <sip:a@127.0.0.1:{port};transport=tcp>\r\nCall-ID");
    text.replace("127.0.0.1;rport", &format!("127.0.0.1:{port};rport")).replace("Call-ID", &contact)
}

fn options(number: u32, transport: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1;rport;\
         branch=z9hG4bK{number}\r\nFrom: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\n\
         Call-ID: {number}\r\nCSeq: {number} OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

fn is_answer_to(number: u32, bytes: &[u8]) -> bool {
    let Ok(Message::Response(response)) = Message::parse(bytes) else { return false };
    response.status == 200 && response.headers.cseq().is_ok_and(|cseq| cseq.number == number)
}

/// The next message or ping of a stream, `None` at its end.
async fn next_frame(stream: &mut TcpStream, framer: &mut Framer) -> Option<Frame> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(frame) = framer.next() {
            return frame.ok();
        }
        match stream.read(&mut buffer).await {
            Ok(length) if length > 0 => framer.feed(&buffer[..length]),
            _ => return None,
        }
    }
}

/// Nothing on loopback takes this long.
async fn soon<T>(done: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), done).await.expect("in time")
}

async fn until(reached: impl Fn() -> bool) {
    soon(async {
        while !reached() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn options_over_udp_is_answered() {
    let running = Running::start(Limits::default(), Vec::new()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&options(7, "UDP"), running.address).await.unwrap();
    let mut buffer = [0; 4096];
    let (length, from) = soon(socket.recv_from(&mut buffer)).await.unwrap();
    assert_eq!(from, running.address);
    assert!(is_answer_to(7, &buffer[..length]));
}

#[tokio::test]
async fn options_over_ipv6_is_answered() {
    let address: SocketAddr = "[::1]:0".parse().unwrap();
    let running = Running::serve(SipIo::bind(&[address]).await.unwrap(), Vec::new());
    let socket = UdpSocket::bind("[::1]:0").await.unwrap();
    socket.send_to(&options(8, "UDP"), running.address).await.unwrap();
    let mut buffer = [0; 4096];
    let (length, _) = soon(socket.recv_from(&mut buffer)).await.unwrap();
    assert!(is_answer_to(8, &buffer[..length]));
}

#[tokio::test]
async fn messages_over_tcp_are_answered_however_they_are_split() {
    let running = Running::start(Limits::default(), Vec::new()).await;
    let (mut stream, mut framer) = (running.connect().await, Framer::default());
    stream.set_nodelay(true).unwrap();
    let both = [options(1, "TCP"), options(2, "TCP")].concat();
    for piece in both.chunks(13) {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    for number in [1, 2] {
        let Some(Frame::Message(bytes)) = soon(next_frame(&mut stream, &mut framer)).await else {
            panic!("no answer")
        };
        assert!(is_answer_to(number, &bytes));
    }
}

#[tokio::test]
async fn a_ping_is_answered_by_a_pong() {
    let running = Running::start(Limits::default(), Vec::new()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"\r\n\r\n").await.unwrap();
    let mut pong = [0; 2];
    soon(stream.read_exact(&mut pong)).await.unwrap();
    assert_eq!(&pong, b"\r\n");
}

#[tokio::test]
async fn a_broken_stream_is_closed() {
    let running = Running::start(Limits::default(), Vec::new()).await;
    let mut stream = running.connect().await;
    stream.write_all(&[b'a'; 70_000]).await.unwrap();
    assert!(soon(next_frame(&mut stream, &mut Framer::default())).await.is_none());
    until(|| running.counters.broken_streams.get() == 1).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let running = Running::start(limits, Vec::new()).await;
    let mut stream = running.connect().await;
    assert!(soon(next_frame(&mut stream, &mut Framer::default())).await.is_none());
    assert_eq!(running.counters.idle_connections.get(), 1);
}

#[tokio::test]
async fn an_idle_connection_with_a_call_stays_open() {
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let mut running = Running::start(limits, vec![carrier()]).await;
    let mut stream = running.connect().await;
    let leg = running.is_called_over(&mut stream, 9).await;
    let mut idle = running.connect().await;
    assert!(soon(next_frame(&mut idle, &mut Framer::default())).await.is_none());
    running.rings(leg, &mut stream).await;
    assert_eq!(running.counters.idle_connections.get(), 1);
}

#[tokio::test]
async fn a_caller_whose_connection_closed_hears_the_answer_over_another() {
    let phone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = phone.local_addr().unwrap().port();
    let mut running = Running::start(Limits::default(), vec![carrier()]).await;
    let mut stream = running.connect().await;
    let leg = running.is_called_over(&mut stream, port).await;
    running.rings(leg, &mut stream).await;
    drop(stream);
    running.answer(leg);
    let (mut stream, _) = soon(phone.accept()).await.unwrap();
    let answer = soon(next_frame(&mut stream, &mut Framer::default())).await;
    let Some(Frame::Message(answer)) = answer else { panic!("no answer") };
    let Ok(Message::Response(answer)) = Message::parse(&answer) else { panic!("no response") };
    assert_eq!(answer.status, 200);
    let to = format!("To: {}", answer.headers.get("To").expect("a To"));
    let ack = request("ACK", port).replace("z9hG4bK1", "z9hG4bK2");
    let ack = ack.replace("To: <sip:127.0.0.1>", &to);
    let described = "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";
    let ack = ack.replace("Content-Length: 0\r\n\r\n", described);
    stream.write_all(ack.as_bytes()).await.unwrap();
    assert!(matches!(soon(running.events.recv()).await, Some(LegEvent::Answered { .. })));
}

#[tokio::test]
async fn an_answer_takes_no_place_beyond_those_of_the_peers_we_know() {
    let phone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = phone.local_addr().unwrap().port();
    let limits = Limits { connections: 1, ..Limits::default() };
    let mut running = Running::start(limits, vec![carrier()]).await;
    let mut stream = running.connect().await;
    let leg = running.is_called_over(&mut stream, port).await;
    running.rings(leg, &mut stream).await;
    drop(stream);
    let other = soon(running.connect_in_turn()).await;
    running.answer(leg);
    until(|| running.counters.unsent.get() > 0).await;
    drop(other);
    soon(phone.accept()).await.expect("the answer is repeated, and there is a place now");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_refused_and_places_come_back() {
    let limits = Limits { connections_per_source: 2, ..Limits::default() };
    let running = Running::start(limits, Vec::new()).await;
    let first = running.connect().await;
    let mut second = running.connect().await;
    let mut third = running.connect().await;
    assert!(soon(next_frame(&mut third, &mut Framer::default())).await.is_none());
    assert_eq!(running.counters.refused_connections.get(), 1);
    drop(first);
    soon(running.connect_in_turn()).await;
    second.write_all(&options(4, "TCP")).await.unwrap();
    assert!(soon(next_frame(&mut second, &mut Framer::default())).await.is_some());
}

#[tokio::test]
async fn r04_connections_of_strangers_take_no_place_from_those_we_know_or_dial() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let vendor = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut trunk = tcp_trunk(vendor.local_addr().unwrap());
    trunk.sources = vec!["127.0.0.2/32".parse().unwrap()];
    let other = "127.0.0.3:0".parse().unwrap();
    let mut running = Running::start(limits, vec![trunk]).await;
    let strangers = [connect_from(other, &running).await, connect_from(other, &running).await];
    let mut third = connect_from(other, &running).await;
    assert!(soon(next_frame(&mut third, &mut Framer::default())).await.is_none());
    let known = "127.0.0.2:0".parse().unwrap();
    for number in [1, 2] {
        let mut stream = connect_from(known, &running).await;
        stream.write_all(&options(number, "TCP")).await.unwrap();
        let answer = soon(next_frame(&mut stream, &mut Framer::default())).await;
        assert!(matches!(answer, Some(Frame::Message(bytes)) if is_answer_to(number, &bytes)));
    }
    running.dial(LegId(2));
    soon(vendor.accept()).await.expect("we go out");
    assert!(running.events.try_recv().is_err(), "the leg is not over");
    drop(strangers);
}

async fn connect_from(source: SocketAddr, running: &Running) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(source).expect("loopback");
    socket.connect(running.address).await.expect("a connection")
}

#[tokio::test]
async fn r04_a_message_that_never_ends_keeps_no_connection_open() {
    let limits = Limits { idle: Duration::from_millis(200), ..Limits::default() };
    let running = Running::start(limits, Vec::new()).await;
    let mut stream = running.connect().await;
    let slow = options(1, "TCP").into_iter().chain(std::iter::repeat(b'x'));
    let trickle = async {
        stream.write_all(b"\r\n\r\n").await?;
        for byte in slow.filter(|&byte| byte != b'\n') {
            stream.write_all(&[byte]).await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok::<(), std::io::Error>(())
    };
    assert!(soon(trickle).await.is_err(), "it is closed under whoever sends it");
    assert_eq!(running.counters.idle_connections.get(), 1);
}

#[tokio::test]
async fn a_stranger_has_an_allowance_and_no_more() {
    let stranger = Rate { burst: 4, per_second: 0 };
    let running = Running::start(Limits { stranger, ..Limits::default() }, Vec::new()).await;
    // The connection is the fourth.
    let (mut stream, mut framer) = (running.connect().await, Framer::default());
    for number in 1..=10 {
        stream.write_all(&options(number, "TCP")).await.unwrap();
    }
    until(|| running.counters.over_rate.get() == 7).await;
    for number in 1..=3 {
        let Some(Frame::Message(bytes)) = soon(next_frame(&mut stream, &mut framer)).await else {
            panic!("no answer")
        };
        assert!(is_answer_to(number, &bytes));
    }
    assert!(soon(next_frame(&mut running.connect().await, &mut Framer::default())).await.is_none());
    assert_eq!(running.counters.refused_connections.get(), 1);
}

#[tokio::test]
async fn a_trunk_is_not_held_to_a_strangers_allowance() {
    let limits = Limits { stranger: Rate { burst: 0, per_second: 0 }, ..Limits::default() };
    let running = Running::start(limits, vec![carrier()]).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&options(5, "UDP"), running.address).await.unwrap();
    let mut buffer = [0; 4096];
    let (length, _) = soon(socket.recv_from(&mut buffer)).await.unwrap();
    assert!(is_answer_to(5, &buffer[..length]));
}

#[tokio::test]
async fn a_leg_through_a_tcp_trunk_opens_one_connection_and_ends_when_it_breaks() {
    let vendor = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trunk = tcp_trunk(vendor.local_addr().unwrap());
    let mut running = Running::start(Limits::default(), vec![trunk]).await;
    running.dial(LegId(2));
    running.dial(LegId(4));
    let (mut stream, _) = soon(vendor.accept()).await.unwrap();
    let mut framer = Framer::default();
    for _ in 0..2 {
        let Some(Frame::Message(bytes)) = soon(next_frame(&mut stream, &mut framer)).await else {
            panic!("no INVITE")
        };
        assert!(bytes.starts_with(b"INVITE "));
    }
    assert_eq!(running.counters.legs.get(), 2);
    drop(stream);
    drop(vendor);
    for _ in 0..2 {
        let ended = soon(running.events.recv()).await;
        assert!(matches!(ended, Some(LegEvent::Ended { reason: EndReason::Unreachable, .. })));
    }
    until(|| running.counters.legs.get() == 0).await;
}

#[tokio::test]
async fn a_connection_of_ours_comes_from_the_address_we_listen_on() {
    let vendor = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trunk = tcp_trunk(vendor.local_addr().unwrap());
    let own: SocketAddr = "127.0.0.9:0".parse().unwrap();
    let bound = SipIo::bind_with(&[own], Limits::default()).await.expect("a free port");
    let running = Running::serve(bound, vec![trunk]);
    running.dial(LegId(2));
    let (_stream, from) = soon(vendor.accept()).await.unwrap();
    assert_eq!(from.ip(), own.ip());
}

#[tokio::test]
async fn a_leg_to_nobody_is_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trunk = tcp_trunk(closed.local_addr().unwrap());
    drop(closed);
    let mut running = Running::start(Limits::default(), vec![trunk]).await;
    running.dial(LegId(2));
    let ended = soon(running.events.recv()).await;
    let expected = LegEvent::Ended { leg: LegId(2), reason: EndReason::Unreachable };
    assert_eq!(ended, Some(expected));
}

#[tokio::test]
async fn a_stop_closes_every_connection_and_ends_the_task() {
    let running = Running::start(Limits::default(), Vec::new()).await;
    let mut stream = running.connect().await;
    stream.write_all(&options(6, "TCP")).await.unwrap();
    let mut framer = Framer::default();
    assert!(soon(next_frame(&mut stream, &mut framer)).await.is_some());
    running.commands.send(Command::Stop).unwrap();
    soon(running.task).await.unwrap();
    assert!(soon(next_frame(&mut stream, &mut framer)).await.is_none());
}

#[tokio::test]
async fn an_address_in_use_is_named_by_its_position_only() {
    let taken = SipIo::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
    let free = "127.0.0.1:0".parse().unwrap();
    let error = SipIo::bind(&[free, taken.addresses()[0]]).await.unwrap_err();
    assert_eq!(error.position, 1);
    assert!(!format!("{error} {:?}", error.to_string()).contains("127"));
}

#[tokio::test]
async fn a_wildcard_bind_writes_the_address_the_kernel_uses() {
    for (bind, peer) in [("0.0.0.0:0", "127.0.0.1:0"), ("[::]:0", "[::1]:0")] {
        let phone = UdpSocket::bind(peer).await.unwrap();
        let address = phone.local_addr().unwrap();
        let trunk = Trunk { address: Some((address, Transport::Udp).into()), ..tcp_trunk(address) };
        let bound = SipIo::bind(&[bind.parse().unwrap()]).await.unwrap();
        let running = Running::serve(bound, vec![trunk]);
        running.dial(LegId(2));
        let mut buffer = [0; 4096];
        let (length, _) = soon(phone.recv_from(&mut buffer)).await.unwrap();
        let Ok(Message::Request(invite)) = Message::parse(&buffer[..length]) else {
            panic!("an INVITE")
        };
        let host = SocketAddr::new(address.ip(), running.address.port()).to_string();
        let contact = invite.headers.get("Contact").expect("a Contact");
        assert!(contact.contains(&format!("@{host};")), "{contact}");
        assert_eq!(invite.headers.top_via().unwrap().host.ip(), Some(address.ip()));
    }
}

#[tokio::test]
async fn a_silent_connection_is_kept_open_by_line_ends() {
    let limits = Limits { keep_alive: Duration::from_millis(20), ..Limits::default() };
    let running = Running::start(limits, Vec::new()).await;
    let mut stream = running.connect().await;
    let mut read = [0; 4];
    soon(stream.read_exact(&mut read)).await.unwrap();
    assert_eq!(&read, b"\r\n\r\n");
    stream.write_all(&options(3, "TCP")).await.unwrap();
    let mut framer = Framer::default();
    loop {
        match soon(next_frame(&mut stream, &mut framer)).await.expect("it goes on") {
            Frame::Message(bytes) => return assert!(is_answer_to(3, &bytes)),
            Frame::Ping => {}
        }
    }
}
