//! Parties with real sockets, each speaking its own tone, around a real shard on loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use audio::g711::{self, Law};
use audio::tone::{Sine, power_dbfs};
use media::Library;
use media_io::{MediaHandle, Priority, Settings};
use model::{
    Chance, Gain, LegId, MediaCommand, MediaEvent, MediaPolicy, Noise, OwnAddress, RoomId, Route,
    SessionDescription, SrtpPolicy, TextPolicy,
};
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use rtp::{Header, Packet};
use sdp::{Local, Session};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout};

pub(crate) const LOUD_DBFS: f64 = -30.0;
pub(crate) const ABSENT_DBFS: f64 = -50.0;
const SOON: Duration = Duration::from_secs(5);

/// A running engine's media half.
pub(crate) struct Engine {
    /// Where the next legs are opened, and in which room.
    pub(crate) own: OwnAddress,
    pub(crate) room: RoomId,
    /// What is done about noise behind the next parties.
    pub(crate) noise: Noise,
    pub(crate) media: MediaHandle,
    events: UnboundedReceiver<MediaEvent>,
}

/// One party with a phone's socket.
pub(crate) struct Party {
    pub(crate) leg: LegId,
    pub(crate) hz: f64,
    socket: UdpSocket,
    engine: SocketAddr,
    voice: Sine,
    pub(crate) next: Header,
    srtp: Option<(Session, Protector, Unprotector)>,
    pub(crate) heard: Vec<i16>,
    /// The numbers of the packets that was in.
    numbers: Vec<u16>,
    /// When it last sent a packet, and its longest pause since it began to talk.
    sent_at: Option<Instant>,
    pause: Duration,
}

impl Engine {
    /// With media at `address`.
    pub(crate) fn start(address: IpAddr, ports: RangeInclusive<u16>, library: Library) -> Self {
        Self::start_with(1, address, ports, library)
    }

    /// The same with so many shards.
    pub(crate) fn start_with(
        shards: usize,
        address: IpAddr,
        ports: RangeInclusive<u16>,
        library: Library,
    ) -> Self {
        let priority = Priority::Ordinary;
        let settings = Settings { ports, priority, shards, ..Settings::default() };
        let (media, events) =
            MediaHandle::start(&settings, Arc::new(library), Chance::from_number(5))
                .expect("media starts on loopback");
        let (own, room) = (OwnAddress::direct(address), RoomId(7));
        Self { media, events, own, room, noise: Noise::Kept }
    }

    /// The next event that `wanted` turns into something.
    pub(crate) async fn wait<T>(&mut self, wanted: impl Fn(MediaEvent) -> Option<T>) -> T {
        let next = async {
            loop {
                let event = self.events.recv().await.expect("the engine runs");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        timeout(SOON, next).await.expect("in time")
    }

    /// Opens a leg for `offer`: our answer, or `None` if it was refused.
    pub(crate) async fn open(&mut self, leg: LegId, offer: String) -> Option<String> {
        self.open_with(leg, offer, SrtpPolicy::Off).await
    }

    /// The same with encryption.
    pub(crate) async fn open_with(
        &mut self,
        leg: LegId,
        offer: String,
        srtp: SrtpPolicy,
    ) -> Option<String> {
        let offer = SessionDescription::received(offer, Ipv4Addr::LOCALHOST.into());
        self.media.command(MediaCommand::Open {
            leg,
            room: self.room,
            offer: Some(offer),
            own: self.own,
            policy: MediaPolicy { srtp, noise: self.noise, ..MediaPolicy::default() },
            quiet_after: Duration::from_secs(15),
        });
        self.answer(leg).await
    }

    /// A new offer for a leg: our answer, or `None` if it was refused.
    pub(crate) async fn reoffer(&mut self, leg: LegId, offer: String) -> Option<String> {
        let offer = SessionDescription::received(offer, Ipv4Addr::LOCALHOST.into());
        self.media.command(MediaCommand::Reoffer {
            leg,
            offer: Some(offer),
            text: TextPolicy::Accepted,
        });
        self.answer(leg).await
    }

    async fn answer(&mut self, leg: LegId) -> Option<String> {
        self.wait(|event| match event {
            MediaEvent::Ready { leg: ready, description: Some(answer), .. } if ready == leg => {
                Some(Some(String::from_utf8_lossy(answer.bytes()).into_owned()))
            }
            MediaEvent::Refused { leg: refused, .. } if refused == leg => Some(None),
            _ => None,
        })
        .await
    }

    /// A party that speaks a tone of `hz`, with a leg in the room.
    pub(crate) async fn party(&mut self, leg: u64, hz: f64, address: IpAddr) -> Party {
        let socket = UdpSocket::bind((address, 0)).await.expect("a socket on loopback");
        let own = socket.local_addr().expect("bound");
        let answer = self.open(LegId(leg), offer(own)).await.expect("a port");
        Party {
            leg: LegId(leg),
            hz,
            socket,
            engine: SocketAddr::new(address, port(&answer)),
            voice: Sine::new(hz, -10.0, 8_000),
            next: header(leg as u32),
            srtp: None,
            heard: Vec::new(),
            numbers: Vec::new(),
            sent_at: None,
            pause: Duration::ZERO,
        }
    }

    /// The same with a leg that must be encrypted.
    pub(crate) async fn encrypted_party(&mut self, leg: u64, hz: f64, address: IpAddr) -> Party {
        let socket = UdpSocket::bind((address, 0)).await.expect("a socket on loopback");
        let own = socket.local_addr().expect("bound").port();
        let local = Local { address, port: own, rtcp_port: own, rtcp_mux: true, session_id: leg };
        let chance = Chance::from_number(leg);
        let mut session = Session::new(local).with_srtp(SrtpPolicy::Required, chance);
        let offer = String::from_utf8_lossy(session.make_offer().bytes()).into_owned();
        let answer = self.open_with(LegId(leg), offer, SrtpPolicy::Required).await;
        let answer = answer.expect("a port");
        session.accept_answer(&SessionDescription::new(answer.clone())).expect("with keys");
        Party {
            leg: LegId(leg),
            hz,
            socket,
            engine: SocketAddr::new(address, port(&answer)),
            voice: Sine::new(hz, -10.0, 8_000),
            next: Header { payload_type: 0, ..header(leg as u32) },
            srtp: Some(keyed(session)),
            heard: Vec::new(),
            numbers: Vec::new(),
            sent_at: None,
            pause: Duration::ZERO,
        }
    }

    /// Our own offer within a session, which an encrypted party answers; whether it has another key.
    pub(crate) async fn offers(&mut self, party: &mut Party) -> bool {
        let leg = party.leg;
        self.media.command(MediaCommand::Reoffer { leg, offer: None, text: TextPolicy::Accepted });
        let offer = SessionDescription::new(self.answer(leg).await.expect("an offer"));
        let (mut session, ..) = party.srtp.take().expect("an encrypted party");
        let before = session.keys().cloned().expect("it is encrypted");
        let (answer, agreed) = session.accept_offer(&offer).expect("it can be served");
        party.next.payload_type = agreed.format.payload_type;
        self.media.command(MediaCommand::Answer { leg, answer });
        let is_new = session.keys().is_some_and(|keys| keys.theirs != before.theirs);
        party.srtp = Some(keyed(session));
        is_new
    }

    /// Everyone hears everyone else, each pair by itself.
    pub(crate) async fn conference(&mut self, legs: &[LegId], version: u64) {
        let pairs = legs.iter().flat_map(|&listener| legs.iter().map(move |&s| (listener, s)));
        let routes = pairs
            .filter(|(listener, speaker)| listener != speaker)
            .map(|(listener, speaker)| Route::new(listener, speaker, Gain::UNITY))
            .collect();
        self.media.command(MediaCommand::Route { room: self.room, version, routes });
        self.is_routed(version).await;
    }

    /// Everyone in the room hears everyone else, all in one.
    pub(crate) async fn confers(&mut self, version: u64) {
        let (room, except) = (self.room, Vec::new());
        self.media.command(MediaCommand::Confer { room, version, except });
        self.is_routed(version).await;
    }

    async fn is_routed(&mut self, version: u64) {
        let in_force = MediaEvent::Routed { room: self.room, version };
        self.wait(|event| (event == in_force).then_some(())).await;
    }
}

/// What becomes of what is heard.
#[derive(Clone, Copy)]
enum Hearing {
    Kept,
    Passed,
}

impl Party {
    /// Speaks and listens for `frames` of 20 ms; keeps what was heard in the second half, when
    /// everything has settled.
    pub(crate) async fn talk(&mut self, frames: usize) {
        self.talk_and_keep(frames, frames / 2).await;
    }

    /// The same when everything has settled before: keeps all that was heard.
    pub(crate) async fn talk_on(&mut self, frames: usize) {
        self.talk_and_keep(frames, 0).await;
    }

    async fn talk_and_keep(&mut self, frames: usize, from: usize) {
        self.heard.clear();
        self.numbers.clear();
        (self.sent_at, self.pause) = (None, Duration::ZERO);
        let start = Instant::now();
        for frame in 0..frames {
            self.speak();
            let next = start + Duration::from_millis(20) * (frame as u32 + 1);
            let hearing = if frame < from { Hearing::Passed } else { Hearing::Kept };
            self.listen(next, hearing).await;
        }
    }

    /// The level at which this party heard a tone.
    pub(crate) fn hears(&self, hz: f64) -> f64 {
        power_dbfs(&self.heard, hz, 8_000)
    }

    /// Where it listens.
    pub(crate) fn local(&self) -> SocketAddr {
        self.socket.local_addr().expect("bound")
    }

    /// A datagram to the engine.
    pub(crate) fn sends(&self, datagram: &[u8]) {
        let _ = self.socket.try_send_to(datagram, self.engine);
    }

    /// Packets kept, and packets lost between them.
    pub(crate) fn kept_and_lost(&self) -> (usize, usize) {
        let (Some(first), Some(last)) = (self.numbers.first(), self.numbers.last()) else {
            return (0, 0);
        };
        let sent = usize::from(last.wrapping_sub(*first)) + 1;
        (self.numbers.len(), sent - self.numbers.len())
    }

    /// How long this party heard nothing at most, and how long it sent nothing itself: a busy
    /// machine may keep a party waiting too.
    pub(crate) fn silence_and_pause(&self) -> (Duration, Duration) {
        let silent = self.heard.chunk_by(|one, next| one.abs().max(next.abs()) < 200);
        let longest = silent.map(<[i16]>::len).max().unwrap_or_default() as u64;
        (Duration::from_micros(longest * 125), self.pause)
    }

    /// The engine's port for this party.
    pub(crate) fn engine(&self) -> SocketAddr {
        self.engine
    }

    /// Its next packet as it is on the wire.
    pub(crate) fn packet(&mut self) -> Vec<u8> {
        let (mut samples, mut payload) = ([0; 160], [0; 160]);
        self.voice.fill(&mut samples);
        g711::encode(law(self.next.payload_type), &samples, &mut payload);
        let packet = [&self.next.to_bytes()[..], &payload].concat();
        let Some((_, protector, _)) = &mut self.srtp else { return packet };
        let mut buffer = [&packet[..], &[0; OVERHEAD]].concat();
        let length = protector.rtp(&mut buffer, packet.len()).expect("there is room");
        buffer.truncate(length);
        buffer
    }

    fn speak(&mut self) {
        let now = Instant::now();
        let before = self.sent_at.replace(now);
        self.pause = self.pause.max(before.map_or(Duration::ZERO, |before| now - before));
        let packet = self.packet();
        let _ = self.socket.try_send_to(&packet, self.engine);
        self.next.sequence = self.next.sequence.wrapping_add(1);
        self.next.timestamp = self.next.timestamp.wrapping_add(160);
    }

    async fn listen(&mut self, until: Instant, hearing: Hearing) {
        let mut datagram = [0; 2048];
        loop {
            tokio::select! {
                received = self.socket.recv_from(&mut datagram) => {
                    if let (Ok((length, _)), Hearing::Kept) = (received, hearing) {
                        self.hear(&datagram[..length]);
                    }
                }
                () = sleep_until(until) => return,
            }
        }
    }

    fn hear(&mut self, datagram: &[u8]) {
        if rtp::is_rtcp(datagram) {
            return;
        }
        let mut datagram = datagram.to_vec();
        if let Some((.., unprotector)) = &mut self.srtp {
            let length = unprotector.rtp(&mut datagram).expect("what we hear is authentic");
            datagram.truncate(length);
        }
        if let Ok(packet) = Packet::parse(&datagram)
            && packet.header.payload_type == self.next.payload_type
        {
            let mut samples = vec![0; packet.payload.len()];
            g711::decode(law(packet.header.payload_type), packet.payload, &mut samples);
            self.heard.extend(samples);
            self.numbers.push(packet.header.sequence);
        }
    }
}

/// What an encrypted party needs, once its session has keys.
fn keyed(session: Session) -> (Session, Protector, Unprotector) {
    let keys = session.keys().expect("it is encrypted");
    let (says, hears) = (Protector::new(&keys.ours), Unprotector::new(&keys.theirs));
    (session, says, hears)
}

/// An offer of G.711 A at `own`.
pub(crate) fn offer(own: SocketAddr) -> String {
    let (family, ip, port) = (if own.is_ipv4() { "IP4" } else { "IP6" }, own.ip(), own.port());
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

/// A pair of ports that nobody holds at this moment, below those the system hands out.
pub(crate) fn free_pair(from: u16) -> RangeInclusive<u16> {
    free_pairs(from, 1)
}

/// So many of them, one after the other.
pub(crate) fn free_pairs(from: u16, count: u16) -> RangeInclusive<u16> {
    let is_free = |port: u16| std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let ports = |first: u16| first..=first + 2 * count - 1;
    let first = (from..from + 200).step_by(2).find(|&first| ports(first).all(is_free));
    ports(first.expect("some of a hundred pairs are free"))
}

/// The audio port of an answer.
pub(crate) fn port(answer: &str) -> u16 {
    let line = answer.lines().find_map(|line| line.strip_prefix("m=audio "));
    let port = line.and_then(|line| line.split(' ').next()).and_then(|port| port.parse().ok());
    port.expect("an answer has an audio port")
}

/// The beginning of a stream.
pub(crate) fn header(ssrc: u32) -> Header {
    Header { marker: false, payload_type: PCMA, sequence: 1, timestamp: 160, ssrc }
}

const fn law(payload_type: u8) -> Law {
    if payload_type == PCMA { Law::A } else { Law::Mu }
}

const PCMA: u8 = 8;
