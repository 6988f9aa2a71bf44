//! Which network source a leg's media is taken from: the defence against listening in (RTP bleed)
//! and speaking in (injection).
//!
//! The SDP address counts. Only where it cannot be meant, because the signalling came from
//! elsewhere (NAT), is a source learned: from the signalling's address, after five packets in
//! sequence of one SSRC; of an encrypted stream only authentic ones are judged here. Once locked, nothing else is heard; after two seconds of silence a new
//! port of the same address may continue the very same stream, and nothing else.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::Instant;

use crate::Header;

/// The source rule of one leg.
#[derive(Clone)]
#[repr(C)]
pub struct Latch {
    /// Once the source is proven, all that a packet touches.
    state: State,
    declared: SocketAddr,
    signalling: Option<IpAddr>,
    /// Packets in sequence that prove a learned source.
    proof: u8,
}

#[derive(Clone)]
enum State {
    /// Nothing is proven; a source of the signalling's address may be on its way.
    Open { candidate: Option<Run> },
    /// Only this source is heard.
    Locked { run: Run },
    /// The locked source has been silent: another port of its address may continue the stream.
    Silent { run: Run },
}

/// A source and where its stream stands.
#[derive(Clone, Copy)]
struct Run {
    source: SocketAddr,
    ssrc: u32,
    sequence: u16,
    packets: u8,
    last: Instant,
}

/// What the rule says of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the leg's.
    Accepted,
    /// It is the leg's, and its source is proven from here on.
    Locked,
    /// It is a stranger's, or not yet proven.
    Dropped,
}

impl Latch {
    /// Packets in sequence that prove a learned source of audio.
    pub const PROOF: u8 = 5;
    /// Silence after which another port of the locked address may continue the stream.
    pub const SILENCE: Duration = Duration::from_secs(2);

    /// A leg whose peer declared `declared` in a description that came from `signalling`.
    pub const fn new(declared: SocketAddr, signalling: Option<IpAddr>) -> Self {
        let state = State::Open { candidate: None };
        Self { declared, signalling, proof: Self::PROOF, state }
    }

    /// The same, but `packets` in sequence prove a learned source.
    #[must_use]
    pub const fn with_proof(mut self, packets: u8) -> Self {
        self.proof = packets;
        self
    }

    /// A new exchange has settled: another declared address starts anew, the same changes nothing.
    /// Returns whether a lock was given up.
    pub fn redeclare(&mut self, declared: SocketAddr, signalling: Option<IpAddr>) -> bool {
        if declared == self.declared {
            return false;
        }
        let was_locked = matches!(self.state, State::Locked { .. });
        *self = Self::new(declared, signalling).with_proof(self.proof);
        was_locked
    }

    /// Whether a packet from `source` can be the leg's at all: what cannot needs no decrypting.
    pub fn admits(&mut self, now: Instant, source: SocketAddr) -> bool {
        self.handle_timeout(now);
        match &self.state {
            State::Locked { run } => run.source == source,
            State::Silent { run } => run.source.ip() == source.ip(),
            State::Open { .. } => {
                source == self.declared || learnable(self.declared, self.signalling, source)
            }
        }
    }

    /// Judges one RTP packet that came from `source`. O(1), no heap.
    pub fn packet(&mut self, now: Instant, source: SocketAddr, header: &Header) -> Verdict {
        self.handle_timeout(now);
        match &mut self.state {
            State::Locked { run } if run.source == source => {
                run.advance(now, header);
                Verdict::Accepted
            }
            State::Locked { .. } => Verdict::Dropped,
            State::Silent { run } => {
                let same = run.source == source;
                let moved = run.source.ip() == source.ip() && run.continues(header);
                if same || moved { self.lock(now, source, header) } else { Verdict::Dropped }
            }
            State::Open { .. } if source == self.declared => self.lock(now, source, header),
            State::Open { candidate } if learnable(self.declared, self.signalling, source) => {
                let run = Run::prove(*candidate, now, source, header);
                *candidate = Some(run);
                if run.packets < self.proof {
                    return Verdict::Dropped;
                }
                self.lock(now, source, header)
            }
            State::Open { .. } => Verdict::Dropped,
        }
    }

    /// Whether a packet that carries no proof of its own (RTCP) comes from the leg's address.
    pub fn is_known(&self, source: IpAddr) -> bool {
        source == self.target().ip()
    }

    /// Gives up the lock when it is due; returns whether it did, and the socket must be
    /// disconnected.
    pub fn handle_timeout(&mut self, now: Instant) -> bool {
        match self.state {
            State::Locked { run } if now >= run.last + Self::SILENCE => {
                self.state = State::Silent { run };
                true
            }
            _ => false,
        }
    }

    /// When the lock is given up if nothing comes.
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Locked { run } => Some(run.last + Self::SILENCE),
            _ => None,
        }
    }

    /// Where our packets go: to the proven source, before that to the declared one.
    pub fn target(&self) -> SocketAddr {
        match self.state {
            State::Open { .. } => self.declared,
            State::Locked { run } | State::Silent { run } => run.source,
        }
    }

    /// Whether media comes from another address than the peer declared.
    pub fn is_learned(&self) -> bool {
        self.target() != self.declared
    }

    fn lock(&mut self, now: Instant, source: SocketAddr, header: &Header) -> Verdict {
        self.state = State::Locked { run: Run::start(now, source, header) };
        Verdict::Locked
    }
}

impl Run {
    fn start(now: Instant, source: SocketAddr, header: &Header) -> Self {
        Self { source, ssrc: header.ssrc, sequence: header.sequence, packets: 1, last: now }
    }

    /// One more packet of a candidate, or the first of another.
    fn prove(held: Option<Self>, now: Instant, source: SocketAddr, header: &Header) -> Self {
        match held {
            Some(run)
                if run.source == source
                    && run.ssrc == header.ssrc
                    && header.sequence == run.sequence.wrapping_add(1) =>
            {
                Self { packets: run.packets + 1, ..Self::start(now, source, header) }
            }
            _ => Self::start(now, source, header),
        }
    }

    fn advance(&mut self, now: Instant, header: &Header) {
        let restarted = header.ssrc != self.ssrc;
        let ahead = header.sequence.wrapping_sub(self.sequence) < 0x8000;
        if restarted || ahead {
            (self.ssrc, self.sequence) = (header.ssrc, header.sequence);
        }
        self.last = now;
    }

    /// Whether `header` goes on where this stream stood (RFC 3550 A.1, MAX_DROPOUT).
    fn continues(&self, header: &Header) -> bool {
        let ahead = header.sequence.wrapping_sub(self.sequence);
        header.ssrc == self.ssrc && (1..=MAX_DROPOUT).contains(&ahead)
    }
}

/// Whether `source` may be learned: it is the signalling's address, and the declared one is not.
/// A private address declared by a public peer is a case of this, since the two then differ.
fn learnable(declared: SocketAddr, signalling: Option<IpAddr>, source: SocketAddr) -> bool {
    signalling.is_some_and(|from| from != declared.ip() && from == source.ip())
}

/// Hides the addresses.
impl std::fmt::Debug for Latch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.state {
            State::Open { .. } => "Latch(open)",
            State::Locked { .. } => "Latch(locked)",
            State::Silent { .. } => "Latch(silent)",
        })
    }
}

const MAX_DROPOUT: u16 = 3000;

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: &str = "192.0.2.1:4000";
    const STRANGER: &str = "198.51.100.9:4000";

    struct Bench {
        latch: Latch,
        now: Instant,
        heard: u32,
    }

    impl Bench {
        fn new(declared: &str, signalling: &str) -> Self {
            let latch = Latch::new(at(declared), signalling.parse().ok());
            Self { latch, now: Instant::ZERO, heard: 0 }
        }

        /// `source` sends `count` packets of `ssrc` from `sequence` on, one per 20 ms.
        fn sends(&mut self, source: &str, ssrc: u32, sequence: u16, count: u16) -> u32 {
            let before = self.heard;
            for index in 0..count {
                self.now += Duration::from_millis(20);
                let sequence = sequence.wrapping_add(index);
                let header =
                    Header { marker: false, payload_type: 0, sequence, timestamp: 0, ssrc };
                let verdict = self.latch.packet(self.now, at(source), &header);
                self.heard += u32::from(verdict != Verdict::Dropped);
            }
            self.heard - before
        }

        fn pauses(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
        }
    }

    fn at(source: &str) -> SocketAddr {
        source.parse().expect("a test's address")
    }

    #[test]
    fn the_declared_source_is_heard_from_its_first_packet() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        assert_eq!(bench.sends(DECLARED, 1, 10, 3), 3);
        assert_eq!(bench.latch.target(), at(DECLARED));
    }

    #[test]
    fn robustness_5_a_stranger_is_never_sent_to() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        assert_eq!(bench.sends(STRANGER, 9, 10, 100), 0);
        assert_eq!(bench.sends("192.0.2.1:9999", 9, 10, 100), 0, "another port is a stranger too");
        assert_eq!(bench.latch.target(), at(DECLARED));
        bench.sends(DECLARED, 1, 10, 1);
        assert_eq!(bench.sends(STRANGER, 1, 11, 100), 0);
        assert_eq!(bench.latch.target(), at(DECLARED));
    }

    #[test]
    fn a_peer_behind_nat_is_learned_from_five_packets_of_its_signalling_address() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 65_533, 4), 0);
        assert_eq!(bench.latch.target(), at("10.0.0.5:4000"));
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 1, 3), 3);
        assert_eq!(bench.latch.target(), at("203.0.113.7:61000"));
        assert_eq!(bench.sends("203.0.113.7:61002", 1, 4, 99), 0);
    }

    #[test]
    fn a_sparse_stream_may_be_proved_by_fewer_packets_also_after_another_exchange() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        bench.latch = bench.latch.with_proof(3);
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 1, 4), 2);
        bench.latch.redeclare(at("10.0.0.5:4100"), "203.0.113.7".parse().ok());
        assert_eq!(bench.sends("203.0.113.7:62000", 1, 5, 4), 2);
    }

    #[test]
    fn robustness_6_a_broken_run_or_a_stranger_is_never_learned() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        for index in 0..50 {
            assert_eq!(bench.sends("203.0.113.7:61000", 1, index * 2, 1), 0, "gaps");
            assert_eq!(bench.sends("203.0.113.7:61000", u32::from(index), index, 1), 0, "SSRCs");
            assert_eq!(bench.sends(STRANGER, 1, index, 1), 0, "another address");
        }
    }

    #[test]
    fn robustness_7_after_silence_only_the_same_stream_may_come_from_a_new_port() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        bench.sends(DECLARED, 1, 10, 10);
        bench.pauses(1);
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 20, 10), 0, "too early");
        bench.pauses(2);
        assert!(bench.latch.handle_timeout(bench.now), "the socket is disconnected");
        assert_eq!(bench.sends("192.0.2.1:5000", 2, 20, 10), 0, "another SSRC");
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 9, 10), 0, "not ahead");
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 9000, 10), 0, "too far ahead");
        assert_eq!(bench.sends(STRANGER, 1, 20, 10), 0, "another address");
        assert_eq!(bench.latch.target(), at(DECLARED));
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 120, 10), 10);
        assert_eq!(bench.latch.target(), at("192.0.2.1:5000"));
        assert_eq!(bench.sends(DECLARED, 1, 130, 10), 0, "the old port is a stranger now");
    }

    #[test]
    fn after_silence_the_locked_source_may_restart_its_stream() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        bench.sends(DECLARED, 1, 10, 10);
        bench.pauses(600);
        assert_eq!(bench.sends(DECLARED, 77, 5000, 10), 10);
    }

    #[test]
    fn robustness_7_a_re_invite_with_the_same_address_keeps_the_lock() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        bench.sends("203.0.113.7:61000", 1, 1, 5);
        assert!(!bench.latch.redeclare(at("10.0.0.5:4000"), "203.0.113.7".parse().ok()));
        assert_eq!(bench.sends(STRANGER, 1, 6, 50), 0);
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 6, 5), 5);
        assert!(bench.latch.redeclare(at("10.0.0.5:4100"), "203.0.113.7".parse().ok()));
        assert_eq!(bench.latch.target(), at("10.0.0.5:4100"));
    }

    #[test]
    fn an_endless_sequence_never_overflows_the_proof() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 0, 1000), 996);
    }

    #[test]
    fn the_lock_is_given_up_after_two_whole_seconds_and_not_before() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        assert_eq!(bench.latch.deadline(), None);
        bench.sends(DECLARED, 1, 10, 3);
        let due = bench.now + Latch::SILENCE;
        assert_eq!(bench.latch.deadline(), Some(due));
        assert!(!bench.latch.handle_timeout(due - Duration::from_nanos(1)));
        assert!(bench.latch.handle_timeout(due), "it is due");
        assert!(!bench.latch.handle_timeout(due), "and said once");
        assert_eq!(bench.latch.deadline(), None);
    }

    /// After silence, at 1000, from another port of the same address.
    fn moves_on_with(sequence: u16) -> bool {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        bench.sends(DECLARED, 1, 991, 10);
        bench.pauses(3);
        bench.sends("192.0.2.1:5000", 1, sequence, 1) == 1
    }

    #[test]
    fn a_moved_stream_goes_on_within_the_greatest_gap() {
        for (sequence, moves) in [(999, false), (1000, false), (1001, true), (4000, true)] {
            assert_eq!(moves_on_with(sequence), moves, "{sequence}");
        }
        assert!(!moves_on_with(4001) && !moves_on_with(1000 + 0x8000));
    }

    #[test]
    fn where_a_stream_stands_is_its_newest_packet_whatever_came_late() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        bench.sends(DECLARED, 1, 1000, 1);
        bench.sends(DECLARED, 1, 990, 5);
        bench.pauses(3);
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 995, 5), 0, "those came before");
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 1001, 1), 1);
    }

    #[test]
    fn a_locked_peer_may_begin_another_stream_and_then_continues_that_one() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        bench.sends(DECLARED, 1, 60_000, 3);
        assert_eq!(bench.sends(DECLARED, 2, 5, 3), 3);
        bench.pauses(3);
        assert_eq!(bench.sends("192.0.2.1:5000", 1, 60_003, 1), 0, "that stream is over");
        assert_eq!(bench.sends("192.0.2.1:5000", 2, 8, 1), 1);
    }

    #[test]
    fn two_sources_behind_one_nat_prove_neither_while_they_take_turns() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        for sequence in 0..20 {
            assert_eq!(bench.sends("203.0.113.7:61000", 1, sequence, 1), 0);
            assert_eq!(bench.sends("203.0.113.7:61002", 1, sequence, 1), 0);
        }
        assert_eq!(bench.sends("203.0.113.7:61002", 1, 20, 4), 1, "five in sequence, then");
    }

    #[test]
    fn nothing_is_learned_where_the_declared_address_is_that_of_the_signalling() {
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        assert_eq!(bench.sends("192.0.2.1:4002", 1, 0, 50), 0);
        let mut blind = Bench::new(DECLARED, "nobody knows");
        assert_eq!(blind.sends("192.0.2.9:4000", 1, 0, 50), 0);
        assert!(!blind.latch.is_learned());
    }

    #[test]
    fn the_declared_source_counts_even_while_another_is_being_proved() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 0, 4), 0);
        assert_eq!(bench.sends("10.0.0.5:4000", 2, 0, 1), 1);
        assert_eq!(bench.sends("203.0.113.7:61000", 1, 4, 9), 0);
        assert!(!bench.latch.is_learned());
    }

    #[test]
    fn what_may_be_the_peers_is_admitted_and_nothing_else() {
        let admits = |bench: &mut Bench, sources: [&str; 4]| {
            let now = bench.now;
            sources.map(|source| bench.latch.admits(now, at(source)))
        };
        let sources = ["10.0.0.5:4000", "203.0.113.7:61000", "203.0.113.7:9", STRANGER];
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        assert_eq!(admits(&mut bench, sources), [true, true, true, false], "nothing is proven");
        bench.sends("203.0.113.7:61000", 1, 1, 5);
        assert_eq!(admits(&mut bench, sources), [false, true, false, false], "locked");
        bench.pauses(3);
        assert_eq!(admits(&mut bench, sources), [false, true, true, false], "silent");
    }

    #[test]
    fn reports_are_known_by_the_address_of_the_source_in_force() {
        let mut bench = Bench::new("10.0.0.5:4000", "203.0.113.7");
        let known = |bench: &Bench, ip: &str| bench.latch.is_known(ip.parse().expect("an address"));
        assert!(known(&bench, "10.0.0.5") && !known(&bench, "203.0.113.7"));
        bench.sends("203.0.113.7:61000", 1, 1, 5);
        assert!(!known(&bench, "10.0.0.5") && known(&bench, "203.0.113.7"));
        assert!(bench.latch.is_learned());
    }

    #[test]
    fn another_address_gives_up_a_lock_and_says_so_only_if_there_was_one() {
        let signalling = "192.0.2.1".parse().ok();
        let mut bench = Bench::new(DECLARED, "192.0.2.1");
        assert!(!bench.latch.redeclare(at("192.0.2.1:4002"), signalling), "nothing was locked");
        bench.sends("192.0.2.1:4002", 1, 1, 1);
        assert!(bench.latch.redeclare(at("192.0.2.1:4004"), signalling));
        assert_eq!(bench.sends("192.0.2.1:4002", 1, 2, 9), 0, "the old source is a stranger");
        bench.sends("192.0.2.1:4004", 1, 1, 1);
        bench.pauses(3);
        assert!(bench.latch.handle_timeout(bench.now));
        assert!(!bench.latch.redeclare(at("192.0.2.1:4006"), signalling), "silent is not locked");
    }
}
