//! Parties with real sockets talk through a real shard.

#[expect(dead_code, reason = "shared with the tests of attacks")]
mod support;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::time::Duration;

use audio::tone::{Sine, power_dbfs};
use media::Library;
use model::{Gain, LegId, MediaCommand, MediaEvent, OwnAddress, PlayId, Prompt, Route, Scheduling};
use support::{ABSENT_DBFS, Engine, LOUD_DBFS, Party, free_pair, free_pairs, offer, port};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn engine() -> Engine {
    Engine::start(LOOPBACK, 18_000..=18_999, Library::default())
}

async fn couple(engine: &mut Engine, address: IpAddr) -> (Party, Party) {
    let one = engine.party(1, 500.0, address).await;
    let other = engine.party(2, 1_300.0, address).await;
    engine.conference(&[one.leg, other.leg], 1).await;
    (one, other)
}

#[track_caller]
fn assert_hears_only_the_other(one: &Party, other: &Party) {
    for (ear, voice) in [(one, other), (other, one)] {
        assert!(ear.hears(voice.hz) > LOUD_DBFS, "the other: {} dBFS", ear.hears(voice.hz));
        assert!(ear.hears(ear.hz) < ABSENT_DBFS, "itself: {} dBFS", ear.hears(ear.hz));
    }
}

#[tokio::test]
async fn two_parties_hear_each_other_and_not_themselves() {
    let mut engine = engine();
    let (mut one, mut other) = couple(&mut engine, LOOPBACK).await;
    tokio::join!(one.talk(50), other.talk(50));
    assert_hears_only_the_other(&one, &other);
    let counters = engine.media.shards()[0];
    assert!(counters.received >= 90 && counters.sent >= 90, "{counters:?}");
    assert_eq!((counters.panicked, counters.stalled), (0, 0));
}

#[tokio::test]
async fn how_each_shard_stands_is_told_every_second() {
    let mut engine = engine();
    let (mut one, mut other) = couple(&mut engine, LOOPBACK).await;
    tokio::join!(one.talk(20), other.talk(20));
    let has_heard_them = |event| match event {
        MediaEvent::Shards(shards) => shards.first().copied().filter(|shard| shard.received >= 40),
        _ => None,
    };
    for _ in 0..2 {
        let shard = engine.wait(has_heard_them).await;
        assert_eq!((shard.legs, shard.rooms), (2, 1), "{shard:?}");
        assert!(shard.sent > 0 && shard.scheduling == Some(Scheduling::Ordinary), "{shard:?}");
    }
}

#[tokio::test]
async fn behind_a_nat_the_sockets_are_here_and_the_peer_is_told_the_public_address() {
    let mut engine = engine();
    engine.own = OwnAddress { local: LOOPBACK, told: IpAddr::from([198, 51, 100, 7]) };
    let answer = engine.open(LegId(1), offer((LOOPBACK, 5_000).into())).await.expect("a port");
    assert!(answer.contains("c=IN IP4 198.51.100.7\r\n"));
    assert!(UdpSocket::bind((LOOPBACK, port(&answer))).is_err(), "it is bound here");
}

#[tokio::test]
async fn a_party_of_ipv4_and_one_of_ipv6_hear_each_other_in_one_room() {
    let six = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((six, 0)).is_err() {
        return; // this machine has no IPv6
    }
    let mut engine = engine();
    let mut one = engine.party(1, 500.0, LOOPBACK).await;
    engine.own = OwnAddress::direct(six);
    let mut other = engine.party(2, 1_300.0, six).await;
    engine.conference(&[one.leg, other.leg], 1).await;
    tokio::join!(one.talk(50), other.talk(50));
    assert_hears_only_the_other(&one, &other);
}

#[tokio::test]
async fn two_parties_hear_each_other_over_ipv6() {
    let address = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((address, 0)).is_err() {
        return; // this machine has no IPv6
    }
    let mut engine = Engine::start(address, 17_000..=17_999, Library::default());
    let (mut one, mut other) = couple(&mut engine, address).await;
    tokio::join!(one.talk(50), other.talk(50));
    assert_hears_only_the_other(&one, &other);
}

/// robustness.md 5 and 6: RTP bleed and RTP inject.
#[tokio::test]
async fn a_stranger_is_neither_heard_nor_hears() {
    let mut engine = engine();
    let (mut one, mut other) = couple(&mut engine, LOOPBACK).await;
    tokio::join!(one.talk(10), other.talk(10));

    let mut stranger = Stranger::new(1_900.0);
    let target = one.engine();
    tokio::join!(one.talk(60), other.talk(60), stranger.spray(target, 60));
    assert_hears_only_the_other(&one, &other);
    assert!(other.hears(stranger.hz) < ABSENT_DBFS, "{} dBFS", other.hears(stranger.hz));
    assert_eq!(stranger.received(), 0);
}

#[tokio::test]
async fn a_freed_port_rests_and_a_refused_offer_costs_none() {
    let ports = free_pair(16_000);
    let mut engine = Engine::start(LOOPBACK, ports.clone(), Library::default());
    let own = UdpSocket::bind((LOOPBACK, 0)).expect("a socket").local_addr().expect("bound");
    assert_eq!(engine.open(LegId(1), "nonsense".to_owned()).await, None);
    assert!(engine.open(LegId(2), offer(own)).await.is_some(), "the pair is still free");
    assert_eq!(engine.open(LegId(3), offer(own)).await, None, "no second pair");
    assert_eq!(engine.media.legs(), 1);
    engine.media.command(MediaCommand::Close { leg: LegId(2) });
    let closed = async {
        while engine.media.legs() > 0 || UdpSocket::bind((LOOPBACK, *ports.start())).is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.expect("the sockets are closed");
    assert_eq!(engine.open(LegId(4), offer(own)).await, None, "the pair rests");
}

#[tokio::test]
async fn rtcp_has_a_socket_of_its_own_only_while_it_does_not_share_that_of_sound() {
    let mut engine = Engine::start(LOOPBACK, 17_000..=17_999, Library::default());
    let sound = UdpSocket::bind((LOOPBACK, 0)).expect("a socket");
    let reports = UdpSocket::bind((LOOPBACK, 0)).expect("a socket");
    let [at, reports_at] = [&sound, &reports].map(|one| one.local_addr().expect("bound"));
    let apart = format!("{}a=rtcp:{}\r\n", offer(at), reports_at.port());
    let (leg, muxed) = (LegId(1), format!("{apart}a=rtcp-mux\r\n"));
    let first = port(&engine.open(leg, muxed).await.expect("a port"));
    assert!(UdpSocket::bind((LOOPBACK, first + 1)).is_ok(), "nobody holds it");

    let apart = apart.replacen("o=- 1 1", "o=- 1 2", 1);
    assert!(engine.reoffer(leg, apart).await.is_some());
    assert!(UdpSocket::bind((LOOPBACK, first + 1)).is_err(), "the engine holds it");
    let farewell = tokio::task::spawn_blocking(move || {
        let read = |socket: &UdpSocket| {
            socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time");
            socket.recv_from(&mut [0; 512]).expect("in time").1.port()
        };
        let from = read(&sound);
        engine.media.command(MediaCommand::Close { leg });
        (from, read(&reports))
    });
    assert_eq!(farewell.await.expect("no panic"), (first, first + 1));
}

#[tokio::test]
async fn a_pair_of_ports_whose_odd_one_some_other_program_holds_is_passed_over() {
    let own = UdpSocket::bind((LOOPBACK, 0)).expect("a socket").local_addr().expect("bound");
    for held in 0..2 {
        let ports = free_pairs(16_600, 2);
        let first = *ports.start();
        let other_program = UdpSocket::bind((LOOPBACK, first + 2 * held + 1)).expect("it is free");
        let mut engine = Engine::start(LOOPBACK, ports, Library::default());
        let answer = engine.open(LegId(1), offer(own)).await.expect("a port");
        assert_eq!(port(&answer), first + 2 - 2 * held, "the pair of which both are free");
        engine.media.stop().await;
        drop(other_program);
    }
}

#[tokio::test]
async fn where_no_pair_has_a_port_for_reports_the_voices_are_heard_all_the_same() {
    let ports = free_pair(16_400);
    let other_program = UdpSocket::bind((LOOPBACK, *ports.end())).expect("it was free");
    let mut engine = Engine::start(LOOPBACK, ports, Library::default());
    let mut caller = engine.party(1, 500.0, LOOPBACK).await;
    engine.media.command(MediaCommand::Route {
        room: engine.room,
        version: 1,
        routes: vec![Route::new(caller.leg, caller.leg, Gain::UNITY)],
    });
    caller.talk(50).await;
    assert!(caller.hears(500.0) > LOUD_DBFS, "{} dBFS of her echo", caller.hears(500.0));
    engine.media.command(MediaCommand::Close { leg: caller.leg });
    let closed = async {
        while engine.media.legs() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.expect("it is closed");
    let shard = engine.media.shards()[0];
    assert!(shard.send_failed > 0 && shard.panicked == 0, "no farewell for her: {shard:?}");
    drop(other_program);
}

#[tokio::test]
async fn a_prompt_is_heard_and_its_end_reported() {
    let mut library = Library::default();
    let mut samples = vec![0; 8_000];
    Sine::new(700.0, -12.0, 8_000).fill(&mut samples);
    library.insert(Prompt::signal("tone"), samples);
    let mut engine = Engine::start(LOOPBACK, 15_000..=15_999, library);
    let mut caller = engine.party(1, 500.0, LOOPBACK).await;
    let (leg, play) = (caller.leg, PlayId(9));
    let prompts = vec![Prompt::signal("tone")];
    engine.media.command(MediaCommand::Play { leg, play, prompts });
    caller.talk(40).await;
    assert!(caller.hears(700.0) > LOUD_DBFS, "{} dBFS", caller.hears(700.0));
    assert!(caller.hears(500.0) < ABSENT_DBFS, "itself: {} dBFS", caller.hears(500.0));
    let ended = MediaEvent::PlayEnded { leg, play };
    tokio::join!(caller.talk(30), engine.wait(|event| (event == ended).then_some(())));
}

#[tokio::test]
async fn a_peer_whose_socket_is_gone_harms_nobody() {
    let mut engine = engine();
    let (mut one, mut other) = couple(&mut engine, LOOPBACK).await;
    let mut gone = engine.party(3, 900.0, LOOPBACK).await;
    engine.conference(&[one.leg, other.leg, gone.leg], 2).await;
    tokio::join!(one.talk(20), other.talk(20), gone.talk(20));
    drop(gone);
    tokio::join!(one.talk(50), other.talk(50));
    assert_hears_only_the_other(&one, &other);
    assert!(engine.media.shards()[0].peer_refused > 0);
}

/// robustness.md 8: a malformed flood on a media port.
#[tokio::test]
async fn a_flood_on_one_port_takes_nothing_from_the_others() {
    let mut engine = engine();
    let (mut one, mut other) = couple(&mut engine, LOOPBACK).await;
    let silent = engine.party(3, 900.0, LOOPBACK).await;
    tokio::join!(one.talk(10), other.talk(10));
    let target = silent.engine();
    let flood = tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind((LOOPBACK, 0)).expect("a socket");
        for _ in 0..1_000 {
            for _ in 0..10 {
                let _ = socket.send_to(&[0x80; 40], target);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    tokio::join!(one.talk(50), other.talk(50));
    flood.await.expect("it ends");
    assert_hears_only_the_other(&one, &other);
    for party in [&one, &other] {
        assert!(party.heard.len() >= 23 * 160, "{} samples of half a second", party.heard.len());
    }
    let counters = engine.media.shards()[0];
    assert!(counters.received > 2_000 && counters.panicked == 0, "{counters:?}");
}

#[tokio::test]
async fn stopping_closes_every_socket() {
    let ports = free_pair(14_000);
    let mut engine = Engine::start(LOOPBACK, ports.clone(), Library::default());
    let own = UdpSocket::bind((LOOPBACK, 0)).expect("a socket").local_addr().expect("bound");
    let answer = engine.open(LegId(1), offer(own)).await.expect("a port");
    assert_eq!(port(&answer), *ports.start());
    assert!(UdpSocket::bind((LOOPBACK, port(&answer))).is_err());
    engine.media.stop().await;
    for port in ports {
        assert!(UdpSocket::bind((LOOPBACK, port)).is_ok(), "port {port} is free again");
    }
}

/// Somebody who knows a port and nothing else.
struct Stranger {
    hz: f64,
    socket: UdpSocket,
    voice: Sine,
}

impl Stranger {
    fn new(hz: f64) -> Self {
        let socket = UdpSocket::bind((LOOPBACK, 0)).expect("a socket");
        socket.set_nonblocking(true).expect("a socket of our own");
        Self { hz, socket, voice: Sine::new(hz, -3.0, 8_000) }
    }

    async fn spray(&mut self, target: std::net::SocketAddr, frames: u32) {
        let mut header = support::header(0xBAD);
        for _ in 0..frames {
            let (mut samples, mut payload) = ([0; 160], [0; 160]);
            self.voice.fill(&mut samples);
            audio::g711::encode(audio::g711::Law::A, &samples, &mut payload);
            let packet = [&header.to_bytes()[..], &payload].concat();
            let _ = self.socket.send_to(&packet, target);
            header.sequence += 1;
            header.timestamp += 160;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn received(&self) -> usize {
        let mut datagram = [0; 64];
        std::iter::from_fn(|| self.socket.recv(&mut datagram).ok()).count()
    }
}

#[test]
fn the_probe_itself_tells_tones_apart() {
    let mut samples = vec![0; 8_000];
    Sine::new(500.0, -10.0, 8_000).fill(&mut samples);
    assert!(power_dbfs(&samples, 500.0, 8_000) > LOUD_DBFS);
    assert!(power_dbfs(&samples, 1_300.0, 8_000) < ABSENT_DBFS);
}
