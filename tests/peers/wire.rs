//! A peer that speaks SIP over UDP by hand: for races that a tool would tidy up, and to see what
//! the engine really sends.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;

use crate::ground::SIP;
use crate::network::Network;

/// A UDP socket on the SIP port of a host.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: UdpSocket,
}

/// A request to be sent, of one transaction.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// Its Call-ID and branch.
    pub(crate) id: &'a str,
    /// The tag of the engine, once there is one.
    pub(crate) to_tag: &'a str,
}

/// A response, as far as the tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The method of its request.
    pub(crate) method: String,
    /// The tag of the engine as a parameter, `;` and all.
    pub(crate) to_tag: String,
}

impl Wire {
    pub(crate) async fn open(host: IpAddr) -> Self {
        let socket = UdpSocket::bind((host, SIP)).await.expect("the host is this test's own");
        Self { socket }
    }

    /// The same in another network.
    pub(crate) fn open_in(network: &Network, host: IpAddr) -> Self {
        let socket = network.within(|| std::net::UdpSocket::bind((host, SIP)));
        let socket = socket.expect("the host is this test's own");
        socket.set_nonblocking(true).expect("set");
        Self { socket: UdpSocket::from_std(socket).expect("the runtime takes it") }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("it is bound")
    }

    pub(crate) async fn send(&self, message: &str, to: SocketAddr) {
        self.socket.send_to(message.as_bytes(), to).await.expect("loopback");
    }

    /// The next message, and who sent it; `None` if none comes in time.
    pub(crate) async fn receive(&self, within: Duration) -> Option<(String, SocketAddr)> {
        let mut datagram = vec![0; 65_535];
        let received = tokio::time::timeout(within, self.socket.recv_from(&mut datagram)).await;
        let (length, from) = received.ok()?.expect("loopback");
        Some((String::from_utf8_lossy(&datagram[..length]).into_owned(), from))
    }

    /// The next response to a request of the call `id`.
    pub(crate) async fn response_to(&self, id: &str, within: Duration) -> Response {
        loop {
            let (message, _) = self.expect("SIP/2.0 ", within).await;
            if header(&message, "Call-ID") == Some(id) {
                return Response::of(&message).expect("the engine's responses can be read");
            }
        }
    }

    /// The next message that begins with `start`; others are passed over.
    pub(crate) async fn expect(&self, start: &str, within: Duration) -> (String, SocketAddr) {
        loop {
            let received = self.receive(within).await;
            let (message, from) = received.unwrap_or_else(|| panic!("no `{start}` came"));
            if message.starts_with(start) {
                return (message, from);
            }
        }
    }
}

impl Call<'_> {
    /// A request of this call; with an offer if it is the INVITE.
    pub(crate) fn request(&self, method: &str, branch: &str) -> String {
        let Self { from, to, id, to_tag } = self;
        let (ip, number) = (from.ip(), if method == "BYE" { 2 } else { 1 });
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        let host = if ip.is_ipv4() { ip.to_string() } else { format!("[{ip}]") };
        let body = match method {
            "INVITE" => format!(
                "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
                 m=audio 9 RTP/AVP 8\r\n"
            ),
            _ => String::new(),
        };
        format!(
            "{method} sip:100@{to} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {from};branch=z9hG4bK{id}{branch};rport\r\n\
             From: <sip:caller@{host}>;tag=mine\r\nTo: <sip:100@{to}>{to_tag}\r\n\
             Call-ID: {id}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n\
             Contact: <sip:caller@{from}>\r\nContent-Type: application/sdp\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl Response {
    fn of(message: &str) -> Option<Self> {
        let status = message.get(8..11)?.parse().ok()?;
        let (_, method) = header(message, "CSeq")?.split_once(' ')?;
        let tag = header(message, "To")?.split_once(";tag=");
        let to_tag = tag.map(|(_, tag)| format!(";tag={tag}")).unwrap_or_default();
        Some(Self { status, method: method.to_owned(), to_tag })
    }
}

/// The value of a header, in any capitals.
pub(crate) fn header<'m>(message: &'m str, name: &str) -> Option<&'m str> {
    let fields = message.lines().take_while(|line| !line.is_empty());
    let mut named = fields.filter_map(|line| line.split_once(':'));
    named.find(|(field, _)| field.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The response of a callee to `request`, with its own tag.
pub(crate) fn response(request: &str, status: &str) -> String {
    let copied = |name: &str| {
        let value = header(request, name).unwrap_or_default();
        let tag = if name == "To" && !value.contains("tag=") { ";tag=theirs" } else { "" };
        format!("{name}: {value}{tag}\r\n")
    };
    let headers: String = ["Via", "From", "To", "Call-ID", "CSeq"].map(copied).concat();
    format!("SIP/2.0 {status}\r\n{headers}Content-Length: 0\r\n\r\n")
}
