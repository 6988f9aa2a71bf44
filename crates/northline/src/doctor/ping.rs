//! One OPTIONS to a peer, and whether any SIP answer comes (RFC 3261 §11).
//!
//! It goes from a port of its own beside the engine's, with `rport` (RFC 3581), so that a running
//! engine is not disturbed.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::Chance;
use os::route::own_address_towards;
use sip::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::time::{interval, timeout};

/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Whether `peer` answers an OPTIONS from `own`, or from the kernel's choice of address if `own` is
/// a wildcard.
pub(super) async fn answers(
    own: IpAddr,
    (peer, transport): (SocketAddr, Transport),
    chance: &mut Chance,
) -> bool {
    let from = if own.is_unspecified() { own_address_towards(peer.ip()) } else { Some(own) };
    let Some(from) = from else { return false };
    let call_id = chance.token();
    let exchange = async {
        match transport {
            Transport::Udp => by_udp(from, peer, &call_id).await,
            Transport::Tcp => by_tcp(from, peer, &call_id).await,
        }
    };
    timeout(PATIENCE, exchange).await.is_ok_and(|answered| answered.is_ok())
}

/// Repeated each [`AGAIN`], as a datagram may be lost.
async fn by_udp(from: IpAddr, peer: SocketAddr, call_id: &str) -> io::Result<()> {
    let socket = UdpSocket::bind((from, 0)).await?;
    socket.connect(peer).await?;
    let request = options("UDP", socket.local_addr()?, peer, call_id);
    let mut again = interval(AGAIN);
    let mut datagram = vec![0; usize::from(u16::MAX)];
    loop {
        tokio::select! {
            // A port unreachable of an earlier one may be shown here; the answer decides.
            _ = again.tick() => drop(socket.send(request.as_bytes()).await),
            Ok(length) = socket.recv(&mut datagram) => {
                if is_answer(&datagram[..length], call_id) {
                    return Ok(());
                }
            }
        }
    }
}

async fn by_tcp(from: IpAddr, peer: SocketAddr, call_id: &str) -> io::Result<()> {
    let socket = if peer.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind((from, 0).into())?;
    let mut stream = socket.connect(peer).await?;
    let request = options("TCP", stream.local_addr()?, peer, call_id);
    stream.write_all(request.as_bytes()).await?;
    let mut received = Vec::new();
    while !is_answer(&received, call_id) {
        let read = stream.read_buf(&mut received).await?;
        if read == 0 || received.len() > usize::from(u16::MAX) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn options(transport: &str, own: SocketAddr, peer: SocketAddr, call_id: &str) -> String {
    let host = own.ip();
    let host = if own.is_ipv6() { format!("[{host}]") } else { host.to_string() };
    format!(
        "OPTIONS sip:{peer};transport={lower} SIP/2.0\r\n\
         Via: SIP/2.0/{transport} {own};rport;branch=z9hG4bK{call_id}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:northline@{host}>;tag={call_id}\r\n\
         To: <sip:{peer}>\r\n\
         Call-ID: {call_id}\r\n\
         CSeq: 1 OPTIONS\r\n\
         Contact: <sip:northline@{own};transport={lower}>\r\n\
         Accept: application/sdp\r\n\
         Content-Length: 0\r\n\r\n",
        lower = transport.to_ascii_lowercase(),
    )
}

/// A response of any status to our request, up to the end of its head.
fn is_answer(bytes: &[u8], call_id: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.trim_start().splitn(2, "\r\n\r\n");
    let head = parts.next().unwrap_or_default();
    parts.next().is_some() && head.starts_with("SIP/2.0 ") && head.contains(call_id)
}

const AGAIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_status_answers_and_nothing_else_does() {
        assert!(is_answer(b"SIP/2.0 405 No\r\nCall-ID: abc\r\n\r\n", "abc"));
        assert!(!is_answer(b"SIP/2.0 200 OK\r\nCall-ID: xyz\r\n\r\n", "abc"));
        assert!(!is_answer(b"SIP/2.0 200 OK\r\nCall-ID: abc\r\n", "abc"));
        assert!(!is_answer(b"OPTIONS sip:x SIP/2.0\r\nCall-ID: abc\r\n\r\n", "abc"));
    }
}
