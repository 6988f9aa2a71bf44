//! The telephone behind a SIPp call: SIPp signals, this socket hears the RTP and presses keys.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Digit, Instant};
use os::clock;
use rtp::telephone_event::{Sender, Sent};
use rtp::{Header, Packet};
use tokio::net::UdpSocket;

/// An RTP socket.
#[derive(Debug)]
pub(crate) struct Ear {
    socket: UdpSocket,
    /// The sequence number and timestamp of the next key's stream.
    next: Cell<(u16, u32)>,
}

/// When packets of one stream came.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    times: Vec<Instant>,
}

impl Ear {
    pub(crate) async fn open(address: IpAddr) -> Self {
        let socket = UdpSocket::bind((address, 0)).await.expect("a port on loopback");
        Self { socket, next: Cell::new((1, 8_000)) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.socket.local_addr().expect("it is bound").port()
    }

    /// Waits for a packet of audio; where it comes from.
    pub(crate) async fn hears(&self, within: Duration) -> SocketAddr {
        let heard = tokio::time::timeout(within, self.packet()).await;
        heard.unwrap_or_else(|_| panic!("no RTP within {within:?}"))
    }

    /// Listens for that long.
    pub(crate) async fn listen(&self, time: Duration) -> Arrivals {
        let mut arrivals = Arrivals::default();
        let listening = async {
            loop {
                self.packet().await;
                arrivals.times.push(clock::now());
            }
        };
        // The listening has no other end.
        let _: Result<(), _> = tokio::time::timeout(time, listening).await;
        arrivals
    }

    /// Presses `keys` by RFC 4733, in the payload type of the scenarios' offers.
    pub(crate) async fn press(&self, keys: &str, engine: SocketAddr) {
        let (mut sequence, mut timestamp) = self.next.get();
        for key in keys.chars() {
            let digit = Digit::from_char(key).expect("a key");
            let mut sender = Sender::new(digit, timestamp);
            while let Some(frame) = sender.poll_frame() {
                if let Sent::Event { marker, timestamp, payload } = frame {
                    let payload_type = TELEPHONE_EVENT;
                    let header = Header { marker, payload_type, sequence, timestamp, ssrc: 7 };
                    let packet = [&header.to_bytes()[..], &payload].concat();
                    self.socket.send_to(&packet, engine).await.expect("loopback");
                    sequence += 1;
                }
                timestamp += 160;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        self.next.set((sequence, timestamp));
    }

    async fn packet(&self) -> SocketAddr {
        let mut datagram = [0; 2048];
        loop {
            let (length, from) = self.socket.recv_from(&mut datagram).await.expect("loopback");
            let packet = Packet::parse(&datagram[..length]);
            if packet.is_ok_and(|packet| packet.header.payload_type == PCMA) {
                return from;
            }
        }
    }
}

impl Arrivals {
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    /// How often there was no packet for at least that long, between two packets.
    pub(crate) fn gaps(&self, length: Duration) -> usize {
        self.times.windows(2).filter(|pair| pair[1].since(pair[0]) >= length).count()
    }
}

/// The payload types of `scenarios/offer.txt`.
const PCMA: u8 = 8;
const TELEPHONE_EVENT: u8 = 101;
