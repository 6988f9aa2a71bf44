//! The engine's media half as it runs in `northline`: negotiator, rings, threads and sockets.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use media::Library;
use media_io::{Cores, MediaHandle, Priority, Settings};
use model::{
    Chance, Gain, LegId, MediaCommand, MediaEvent, MediaPolicy, OwnAddress, RoomId, Route,
    SessionDescription,
};
use os::scheduling::Scheduling;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use crate::cpu::ThreadClock;
use crate::load::Load;
use crate::server::{Reading, Server};

/// Running shards with a leg for every party.
pub(crate) struct Engine {
    runtime: Runtime,
    media: Option<MediaHandle>,
    targets: Vec<SocketAddr>,
    clocks: Vec<ThreadClock>,
}

impl Engine {
    /// Shards with all legs of `load` opened, in their rooms, hearing each other.
    pub(crate) fn start(load: &Load, peers: &[SocketAddr]) -> Result<Self, Box<dyn Error>> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (media, targets) = runtime.block_on(open(load, peers))?;
        let clock = |shard| ThreadClock::named(&format!("shard-{shard}"));
        let clocks = (0..load.shards).map(clock).collect::<Option<_>>().ok_or("no such shard")?;
        Ok(Self { runtime, media: Some(media), targets, clocks })
    }
}

impl Server for Engine {
    fn targets(&self) -> &[SocketAddr] {
        &self.targets
    }

    fn reading(&self) -> Reading {
        let counters = self.media.as_ref().map(MediaHandle::shards).unwrap_or_default();
        Reading {
            cpu: self.clocks.iter().map(ThreadClock::used).sum(),
            received: Some(counters.iter().map(|shard| shard.received).sum()),
            late: counters.iter().map(|shard| shard.late).sum(),
        }
    }

    fn scheduling(&self) -> Option<Scheduling> {
        self.media.as_ref()?.shards().first()?.scheduling
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(media) = self.media.take() {
            self.runtime.block_on(media.stop());
        }
    }
}

async fn open(
    load: &Load,
    peers: &[SocketAddr],
) -> Result<(MediaHandle, Vec<SocketAddr>), Box<dyn Error>> {
    let settings = Settings {
        ports: 10_000..=31_999,
        shards: load.shards,
        priority: Priority::Raised,
        cores: Cores::Pinned,
        ..Settings::default()
    };
    let chance = Chance::from_number(load.participants() as u64);
    let (media, mut events) = MediaHandle::start(&settings, Arc::new(Library::default()), chance)?;
    for (party, &peer) in peers.iter().enumerate() {
        media.command(opening(load, party, peer, MediaPolicy::default()));
    }
    let targets = timeout(SOON, answers(&mut events, peers.len())).await??;
    for first in (0..load.participants()).step_by(load.parties_per_room) {
        media.command(everyone_hears_everyone(load, first));
    }
    timeout(SOON, routed(&mut events, load.rooms)).await?;
    // Nobody decides anything here: what else happens is told to nobody.
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    Ok((media, targets))
}

/// Opens the leg of a party that receives at `peer`.
pub(crate) fn opening(
    load: &Load,
    party: usize,
    peer: SocketAddr,
    policy: MediaPolicy,
) -> MediaCommand {
    MediaCommand::Open {
        leg: LegId(party as u64),
        room: room(load, party),
        offer: Some(SessionDescription::received(offer(peer), peer.ip())),
        own: OwnAddress::direct(ADDRESS),
        policy,
        quiet_after: Duration::from_secs(60),
    }
}

fn room(load: &Load, party: usize) -> RoomId {
    RoomId((party / load.parties_per_room) as u64)
}

/// What lets everyone in a party's room hear the others.
pub(crate) fn everyone_hears_everyone(load: &Load, party: usize) -> MediaCommand {
    let (room, version) = (room(load, party), 1);
    if load.parties_per_room > LARGEST_MATRIX {
        return MediaCommand::Confer { room, version, except: Vec::new() };
    }
    let legs = load.room_of(party).map(|party| LegId(party as u64));
    let pairs = legs.clone().flat_map(|listener| legs.clone().map(move |s| (listener, s)));
    let routes = pairs
        .filter(|(listener, speaker)| listener != speaker)
        .map(|(listener, speaker)| Route::new(listener, speaker, Gain::UNITY))
        .collect();
    MediaCommand::Route { room, version, routes }
}

/// Where each of `count` legs receives.
async fn answers(
    events: &mut UnboundedReceiver<MediaEvent>,
    count: usize,
) -> Result<Vec<SocketAddr>, Box<dyn Error>> {
    let mut targets = vec![None; count];
    let mut missing = count;
    while missing > 0 {
        match events.recv().await.ok_or("the engine has ended")? {
            MediaEvent::Ready { leg, description: Some(answer), .. } => {
                targets[leg.0 as usize] = port(answer.bytes());
                missing -= 1;
            }
            MediaEvent::Refused { reason, .. } => return Err(reason.into()),
            _ => {}
        }
    }
    let address = |port: Option<u16>| port.map(|port| SocketAddr::new(ADDRESS, port));
    let targets: Option<_> = targets.into_iter().map(address).collect();
    targets.ok_or_else(|| "an answer without a port".into())
}

async fn routed(events: &mut UnboundedReceiver<MediaEvent>, mut rooms: usize) {
    while rooms > 0 {
        let event = events.recv().await;
        rooms -= usize::from(matches!(event, None | Some(MediaEvent::Routed { .. })));
    }
}

fn offer(own: SocketAddr) -> String {
    let (ip, port) = (own.ip(), own.port());
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0\r\na=rtcp-mux\r\n"
    )
}

fn port(answer: &[u8]) -> Option<u16> {
    let answer = std::str::from_utf8(answer).ok()?;
    let line = answer.lines().find_map(|line| line.strip_prefix("m=audio "))?;
    line.split(' ').next()?.parse().ok()
}

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 250, 0, 1));
/// Rooms of a call get a matrix, as from the switchboard; larger ones are conferences.
const LARGEST_MATRIX: usize = 6;
const SOON: Duration = Duration::from_secs(30);
