//! The telephone behind a SIPp call: SIPp signals, this socket hears the RTP and presses keys.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use audio::codec::{Decoder, Encoder};
use model::{Codec, Digit, Instant, OpusWishes, SampleRate};
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

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("it is bound")
    }

    /// Waits for a packet of audio; where it comes from.
    pub(crate) async fn hears(&self, within: Duration) -> SocketAddr {
        self.hears_in(PCMA, within).await
    }

    /// Waits for a packet of that payload type; where it comes from.
    pub(crate) async fn hears_in(&self, payload_type: u8, within: Duration) -> SocketAddr {
        let heard = tokio::time::timeout(within, self.packet_in(payload_type)).await;
        heard.unwrap_or_else(|_| panic!("no RTP within {within:?}")).0
    }

    /// What is heard in that time.
    pub(crate) async fn sounds(&self, time: Duration) -> Vec<i16> {
        let mut decoder = Decoder::new(Codec::Pcma, SampleRate::Narrow);
        let mut samples = Vec::new();
        let listening = async {
            loop {
                let (_, payload) = self.packet_in(PCMA).await;
                let mut frame = [0; FRAME];
                let decoded = decoder.decode(&payload, &mut frame).unwrap_or_default();
                samples.extend_from_slice(&frame[..decoded]);
            }
        };
        // The listening has no other end.
        let _: Result<(), _> = tokio::time::timeout(time, listening).await;
        samples
    }

    /// Says `samples` in the time they take.
    pub(crate) async fn speak(&self, samples: &[i16], engine: SocketAddr) {
        let mut encoder = Encoder::new(Codec::Pcma, SampleRate::Narrow, OpusWishes::NONE);
        let (mut sequence, mut timestamp) = (1, 8_000);
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        for frame in samples.chunks_exact(FRAME) {
            pace.tick().await;
            let mut payload = [0; FRAME];
            encoder.encode(frame, &mut payload);
            let payload_type = PCMA;
            let header = Header { marker: false, payload_type, sequence, timestamp, ssrc: 9 };
            let packet = [&header.to_bytes()[..], &payload].concat();
            self.socket.send_to(&packet, engine).await.expect("loopback");
            sequence += 1;
            timestamp += FRAME as u32;
        }
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

    async fn packet(&self) {
        self.packet_in(PCMA).await;
    }

    /// The next packet of that payload type: where it comes from, and its payload.
    async fn packet_in(&self, payload_type: u8) -> (SocketAddr, Vec<u8>) {
        let mut datagram = [0; 2048];
        loop {
            let (length, from) = self.socket.recv_from(&mut datagram).await.expect("loopback");
            if let Ok(packet) = Packet::parse(&datagram[..length])
                && packet.header.payload_type == payload_type
            {
                return (from, packet.payload.to_vec());
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
pub(crate) const PCMA: u8 = 8;
/// Another one that every phone has.
pub(crate) const PCMU: u8 = 0;
const TELEPHONE_EVENT: u8 = 101;
/// Samples of 20 ms.
const FRAME: usize = 160;
