//! Names are looked up at a real name server on loopback (RFC 3263, RFC 2782), and one that is silent
//! holds nobody up.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use sip::NextHop;
use sip_io::{LookUpError, Resolver};

/// What the name server knows: a name and a type, and the data of each record.
type Zone = &'static [(&'static str, u16, &'static [&'static [u8]])];

const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const NO_SUCH_NAME: u8 = 3;

/// `sip` and `backup` serve the carrier, in that order; `alone` has no service records.
const ZONE: Zone = &[
    (
        "_sip._udp.carrier.example",
        SRV,
        &[
            b"\x00\x14\x00\x00\x13\xc4\x06backup\x07carrier\x07example\x00",
            b"\x00\x0a\x00\x05\x13\xd8\x03sip\x07carrier\x07example\x00",
        ],
    ),
    ("sip.carrier.example", A, &[&[192, 0, 2, 12], &[192, 0, 2, 11]]),
    ("sip.carrier.example", AAAA, &[&[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]),
    ("backup.carrier.example", A, &[&[192, 0, 2, 20]]),
    ("alone.example", A, &[&[192, 0, 2, 30]]),
];

/// A name server with one zone, for as long as the test runs.
fn name_server(zone: Zone) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = socket.local_addr().expect("bound");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    std::thread::spawn(move || {
        let mut datagram = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut datagram) {
            let answer = answer(&datagram[..length], zone);
            let _ = socket.send_to(&answer, from);
        }
    });
    address
}

/// The response to one question (RFC 1035 §4).
fn answer(query: &[u8], zone: Zone) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
    let name = labels.join(".");
    let known = zone.iter().any(|(known, ..)| *known == name);
    let found = zone.iter().find(|(known, of, _)| *known == name && *of == kind);
    let records = found.map_or(&[][..], |(_, _, records)| records);
    let code = if known { 0 } else { NO_SUCH_NAME };
    let count = u8::try_from(records.len()).expect("few");
    let mut response = query[..2].to_vec();
    response.extend([0x85, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    response.extend(question);
    for record in records {
        let length = u16::try_from(record.len()).expect("short");
        // The name of the question, class IN, 60 s.
        response.extend([0xc0, 12]);
        response.extend(kind.to_be_bytes());
        response.extend([0, 1, 0, 0, 0, 60]);
        response.extend(length.to_be_bytes());
        response.extend(*record);
    }
    response
}

async fn look_up(server: &str) -> Result<Vec<String>, LookUpError> {
    let resolver = Resolver::asking(name_server(ZONE)).expect("a resolver");
    let server: NextHop = server.parse().expect("a server");
    let found = resolver.look_up(&server).await?;
    assert!(found.fresh_for <= Duration::from_secs(60), "{:?}", found.fresh_for);
    Ok(found.addresses.iter().map(SocketAddr::to_string).collect())
}

#[tokio::test]
async fn a_name_without_a_port_is_the_services_of_its_domain_in_their_order() {
    let found = look_up("carrier.example").await.expect("found");
    let expected = ["192.0.2.11:5080", "192.0.2.12:5080", "[2001:db8::1]:5080", "192.0.2.20:5060"];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_name_without_services_is_a_host_at_5060_and_one_with_a_port_is_a_host_at_that_port() {
    assert_eq!(look_up("alone.example").await.expect("found"), ["192.0.2.30:5060"]);
    assert_eq!(look_up("alone.example:5070").await.expect("found"), ["192.0.2.30:5070"]);
}

#[tokio::test]
async fn an_unknown_name_has_no_address() {
    for name in ["nobody.example", "nobody.example:5060"] {
        assert!(matches!(look_up(name).await, Err(LookUpError::NoAddress)), "{name}");
    }
}

#[tokio::test]
async fn a_silent_name_server_is_given_up() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = silent.local_addr().expect("bound");
    let resolver = Resolver::asking(address).expect("a resolver");
    let server: NextHop = "carrier.example".parse().expect("a name");
    let asked = tokio::time::timeout(Duration::from_secs(60), resolver.look_up(&server)).await;
    assert!(matches!(asked, Ok(Err(LookUpError::Unanswered))));
}
