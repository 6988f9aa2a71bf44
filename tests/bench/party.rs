//! One party of a load: the stream it sends, and what it makes of the one it receives.

use std::net::SocketAddr;
use std::time::Duration;

use model::Instant;
use os::Arrival;
use rtp::{Header, Packet, is_rtcp};

use crate::voice::{self, PCMU, SAMPLE, SAMPLES};

/// A simulated telephone.
pub(crate) struct Party {
    /// The server's address for it.
    pub(crate) target: SocketAddr,
    /// When in each 20 ms it sends.
    pub(crate) phase: Duration,
    /// Packets sent.
    pub(crate) sent: usize,
    pub(crate) heard: Heard,
    header: Header,
}

/// What a party has received.
#[derive(Default)]
pub(crate) struct Heard {
    /// When the burst that is on its way was sent: its first sample.
    awaited: Option<Instant>,
    first: Option<u32>,
    last: u32,
    packets: u64,
    /// From a burst's first sample sent to its first sample received.
    pub(crate) delays: Vec<Duration>,
    /// Everything heard, where it is kept.
    pub(crate) tape: Option<Vec<u8>>,
    /// Bursts that never came.
    pub(crate) missed: u64,
}

impl Party {
    pub(crate) fn new(number: usize, target: SocketAddr, phase: Duration) -> Self {
        let ssrc = number as u32 + 1;
        let header = Header { marker: false, payload_type: PCMU, sequence: 0, timestamp: 0, ssrc };
        Self { target, phase, sent: 0, heard: Heard::default(), header }
    }

    /// Its next packet.
    pub(crate) fn packet(&mut self, payload: &[u8; SAMPLES]) -> [u8; Header::LENGTH + SAMPLES] {
        let mut packet = [0; Header::LENGTH + SAMPLES];
        packet[..Header::LENGTH].copy_from_slice(&self.header.to_bytes());
        packet[Header::LENGTH..].copy_from_slice(payload);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(SAMPLES as u32);
        self.sent += 1;
        packet
    }
}

impl Heard {
    /// A burst whose first sample was sent at `sent` is on its way.
    pub(crate) fn await_burst(&mut self, sent: Instant) {
        self.missed += u64::from(self.awaited.replace(sent).is_some());
    }

    /// Takes in what has arrived.
    pub(crate) fn datagram(&mut self, arrival: Arrival, datagram: &[u8]) {
        if is_rtcp(datagram) {
            return;
        }
        let Ok(packet) = Packet::parse(datagram) else { return };
        self.first.get_or_insert(packet.header.timestamp);
        self.last = packet.header.timestamp;
        self.packets += 1;
        if let Some(tape) = &mut self.tape {
            tape.extend_from_slice(packet.payload);
        }
        let Some(sent) = self.awaited else { return };
        if let Some(first) = voice::onset(packet.payload) {
            self.delays.push((arrival.at + SAMPLE * first as u32).since(sent));
            self.awaited = None;
        }
    }

    /// Packets that the stream's timestamps promise, and how many of them came.
    pub(crate) fn expected_and_received(&self) -> (u64, u64) {
        let span =
            self.first.map_or(0, |first| self.last.wrapping_sub(first) as usize / SAMPLES + 1);
        (span as u64, self.packets)
    }
}

/// From one packet of a party to its next.
pub(crate) const PACKET_TIME: Duration = Duration::from_millis(20);
