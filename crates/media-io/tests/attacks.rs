//! What strangers can do to a call at its sockets: nothing (robustness.md, rows 5–9). Every attack
//! is bounded in time and goes to loopback.

#[expect(dead_code, reason = "shared with the tests of conversations")]
mod support;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use audio::g711::{self, Law};
use audio::tone::Sine;
use media::Library;
use model::Chance;
use rtp::Header;
use support::{Engine, Party, header, offer};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// On another address than everybody else.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 66));
/// 5 % of the legal tone.
const FAINT_DB: f64 = -26.0;

fn engine(ports: std::ops::RangeInclusive<u16>) -> Engine {
    Engine::start(LOOPBACK, ports, Library::default())
}

async fn couple(engine: &mut Engine) -> (Party, Party) {
    let one = engine.party(1, 500.0, LOOPBACK).await;
    let other = engine.party(2, 1_300.0, LOOPBACK).await;
    engine.conference(&[one.leg, other.leg], 1).await;
    (one, other)
}

/// Somebody who speaks louder than all, and looks whether anything comes back.
struct Attacker {
    socket: UdpSocket,
    voice: Sine,
    next: Header,
}

impl Attacker {
    const HZ: f64 = 1_900.0;

    /// One at `address` whose packets look like `stream`.
    fn new(address: IpAddr, stream: Header) -> Self {
        let socket = UdpSocket::bind((address, 0)).expect("a socket on loopback");
        socket.set_nonblocking(true).expect("a socket of our own");
        Self { socket, voice: Sine::new(Self::HZ, -3.0, 8_000), next: stream }
    }

    /// Sprays both ports of a leg for `frames` of 20 ms; returns how many packets came back.
    async fn sprays(&mut self, target: SocketAddr, frames: u32) -> usize {
        let rtcp = SocketAddr::new(target.ip(), target.port() + 1);
        for _ in 0..frames {
            let (mut samples, mut payload) = ([0; 160], [0; 160]);
            self.voice.fill(&mut samples);
            g711::encode(Law::A, &samples, &mut payload);
            self.next.sequence = self.next.sequence.wrapping_add(1);
            self.next.timestamp = self.next.timestamp.wrapping_add(160);
            let _ = self.socket.send_to(&[&self.next.to_bytes()[..], &payload].concat(), target);
            let _ = self.socket.send_to(b"\x80\xcb\0\x01aaaa", rtcp);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut datagram = [0; 64];
        std::iter::from_fn(|| self.socket.recv(&mut datagram).ok()).count()
    }
}

/// Strangers of every kind: elsewhere and on the caller's own address, with a stream of their own
/// and with one that goes on where the caller's stands.
fn attackers(caller: &Party) -> [Attacker; 4] {
    let strange = header(0xBAD);
    [
        Attacker::new(ELSEWHERE, strange),
        Attacker::new(ELSEWHERE, caller.next),
        Attacker::new(LOOPBACK, strange),
        Attacker::new(LOOPBACK, caller.next),
    ]
}

#[track_caller]
fn assert_attack_is_faint(ear: &Party, legal_hz: f64) {
    let (attack, legal) = (ear.hears(Attacker::HZ), ear.hears(legal_hz));
    assert!(attack - legal < FAINT_DB, "{attack} dBFS beside {legal} dBFS");
}

#[tokio::test]
async fn r05_r06_no_stranger_hears_or_is_heard_before_or_while_the_caller_speaks() {
    let mut engine = engine(22_000..=22_399);
    let (mut caller, mut other) = couple(&mut engine).await;
    let target = caller.engine();
    for mut attacker in attackers(&caller) {
        // She has not yet sent a packet.
        let (came_back, ()) = tokio::join!(attacker.sprays(target, 15), other.talk(15));
        assert_eq!(came_back, 0);
    }
    for mut attacker in attackers(&caller) {
        let ((), (), came_back) =
            tokio::join!(caller.talk(30), other.talk(30), attacker.sprays(target, 30));
        assert_eq!(came_back, 0);
        assert_attack_is_faint(&other, caller.hz);
        assert_attack_is_faint(&caller, other.hz);
    }
    assert!(engine.media.shards()[0].dropped > 100, "they are counted");
}

#[tokio::test]
async fn r07_no_stranger_takes_a_silent_stream_over_and_the_caller_is_back_at_once() {
    let mut engine = engine(22_400..=22_799);
    let (mut caller, mut other) = couple(&mut engine).await;
    let target = caller.engine();
    tokio::join!(caller.talk(20), other.talk(20));
    // Two seconds of silence, and then some: the source is no longer locked.
    other.talk(110).await;
    // On her own address another port may continue her stream, so whoever is there and knows its
    // numbers is left out: of an encrypted stream it would need the key too.
    let [one, two, three, _] = attackers(&caller);
    for mut attacker in [one, two, three] {
        let (came_back, ()) = tokio::join!(attacker.sprays(target, 15), other.talk(15));
        assert_eq!(came_back, 0);
    }
    let again = offer(caller.local()).replace("o=- 1 1", "o=- 1 2");
    engine.reoffer(caller.leg, again).await.expect("the same address again");
    for mut attacker in attackers(&caller).into_iter().take(3) {
        let (came_back, ()) = tokio::join!(attacker.sprays(target, 15), other.talk(15));
        assert_eq!(came_back, 0);
    }
    // Heard within 100 ms: of ten frames the last five.
    tokio::join!(caller.talk(10), other.talk(10));
    assert!(other.hears(caller.hz) > support::LOUD_DBFS, "{} dBFS", other.hears(caller.hz));
    assert_attack_is_faint(&other, caller.hz);
}

/// Packets of `length` random bytes, of which a third look like RTP, at 10,000 in a second.
fn flood(targets: [SocketAddr; 2], seconds: u64) -> tokio::task::JoinHandle<usize> {
    tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind((LOOPBACK, 0)).expect("a socket");
        let mut chance = Chance::from_number(3);
        let since = os::clock::now();
        let elapsed = || os::clock::now().since(since);
        let mut sent = 0;
        while elapsed() < Duration::from_secs(seconds) {
            // As many as are due, however late this thread was woken.
            let due = elapsed().as_micros() as usize / 100;
            while sent < due {
                let mut packet = [0; 200];
                chance.fill(&mut packet);
                let length = chance.below(200) as usize;
                if sent % 3 == 0 {
                    packet[0] = 0x80;
                }
                let _ = socket.send_to(&packet[..length], targets[sent % 2]);
                sent += 1;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        sent
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r08_ten_thousand_odd_packets_a_second_for_three_seconds_cost_the_call_no_packet() {
    let mut engine = engine(22_800..=23_199);
    let (mut caller, mut other) = couple(&mut engine).await;
    tokio::join!(caller.talk(20), other.talk(20));
    let (rtp, before) = (caller.engine(), engine.media.shards()[0]);
    let flood = flood([rtp, SocketAddr::new(rtp.ip(), rtp.port() + 1)], 3);
    tokio::join!(caller.talk(150), other.talk(150));
    let sent = flood.await.expect("it ends");
    assert!(sent > 25_000, "{sent} packets of the flood");
    for party in [&caller, &other] {
        // Of the second half; counted by number, since a busy machine may be late with some.
        let (kept, lost) = party.kept_and_lost();
        assert!(kept > 50 && lost * 100 < kept + lost, "{lost} lost of {kept}");
    }
    assert!(other.hears(caller.hz) > support::LOUD_DBFS && caller.hears(other.hz) > -30.0);
    let counters = engine.media.shards()[0];
    assert!(counters.dropped > before.dropped && counters.panicked == 0, "{counters:?}");
}

#[tokio::test]
async fn r09_ten_thousand_forged_packets_end_no_encrypted_call() {
    let mut engine = engine(23_200..=23_599);
    let mut caller = engine.encrypted_party(1, 500.0, LOOPBACK).await;
    let mut other = engine.encrypted_party(2, 1_300.0, LOOPBACK).await;
    engine.conference(&[caller.leg, other.leg], 1).await;
    tokio::join!(caller.talk(20), other.talk(20));
    // From her own socket, since the kernel keeps all others away: her next packets with one bit
    // changed, plain ones, and random ones.
    let mut chance = Chance::from_number(4);
    for round in 0..100_usize {
        let genuine = caller.packet();
        caller.next.sequence += 1;
        for index in 0..100_usize {
            let mut packet = genuine.clone();
            match index % 3 {
                0 => packet[12 + round] ^= 1,
                1 => packet.truncate(172),
                _ => chance.fill(&mut packet[12..]),
            }
            caller.sends(&packet);
        }
        tokio::join!(caller.talk(1), other.talk(1));
    }
    tokio::join!(caller.talk(50), other.talk(50));
    assert!(other.hears(caller.hz) > support::LOUD_DBFS, "{} dBFS", other.hears(caller.hz));
    assert!(caller.hears(other.hz) > support::LOUD_DBFS, "{} dBFS", caller.hears(other.hz));
    let counters = engine.media.shards()[0];
    assert!(counters.forged >= 9_900 && counters.panicked == 0, "{counters:?}");
}
