//! A party's telephone: a SIP endpoint of its own, and a mouth and an ear for each leg.
//!
//! It rings when called and does nothing else by itself. Who uses it is a party's business.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use model::{
    Chance, EndReason, Instant, LegCommand, LegEvent, LegId, SessionDescription, SrtpPolicy,
    Target, TrunkId,
};
use sdp::{Agreed, Local, Session};
use sip::digest::Secret;
use sip::wire::Message;
use sip::{
    Account, Endpoint, Flow, Input, Limits, Listener, ListenerId, Output, Settings, Transport,
    Trunk,
};

use super::cipher::Cipher;
use super::datagram::{Datagram, HOTLINE, signalling};
use super::ear::Ear;
use super::mouth::{Mouth, Speech};
use super::registration::{PASSWORD, Registration};
use super::sounds::Sounds;

/// One telephone.
pub(crate) struct Phone {
    person: usize,
    ip: IpAddr,
    endpoint: Endpoint,
    registration: Option<Registration>,
    /// Every leg it ever had, ended ones too: what was heard is asked for later.
    pub(crate) legs: BTreeMap<LegId, Leg>,
    /// What its user sends on a leg from the beginning.
    pub(crate) speech: Speech,
    /// Whether it encrypts what it says from its next leg on (SDES).
    pub(crate) srtp: SrtpPolicy,
    /// Whether it takes what the hotline offers within a call.
    pub(crate) reoffers: Reoffers,
    /// Headers its INVITEs say otherwise: how its carrier shows the caller.
    pub(crate) shows: Vec<(&'static str, &'static str)>,
    /// All signalling that came, as it came.
    read: Vec<u8>,
    newest: Option<LegId>,
    chance: Chance,
    sounds: Sounds,
    outbox: VecDeque<Datagram>,
}

/// One leg from the party's side.
pub(crate) struct Leg {
    pub(crate) state: LegState,
    pub(crate) mouth: Mouth,
    pub(crate) ear: Ear,
    session: Session,
    agreed: Option<Agreed>,
    pub(crate) cipher: Cipher,
    offer: Option<SessionDescription>,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegState {
    Ringing,
    Up,
    Ended(EndReason),
}

/// What becomes of the hotline's offers within a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reoffers {
    Taken,
    /// With 488.
    Refused,
}

impl Phone {
    /// A phone at `ip`; with an account, the hotline knows it by that name.
    pub(crate) fn new(
        person: usize,
        ip: IpAddr,
        account: Option<&'static str>,
        sounds: Sounds,
        mut chance: Chance,
    ) -> Self {
        Self {
            person,
            ip,
            endpoint: Endpoint::new(settings(ip, account), chance.split()),
            registration: None,
            legs: BTreeMap::new(),
            speech: Speech::Tone,
            srtp: SrtpPolicy::Off,
            reoffers: Reoffers::Taken,
            shows: Vec::new(),
            read: Vec::new(),
            newest: None,
            chance,
            sounds,
            outbox: VecDeque::new(),
        }
    }

    /// Its address.
    pub(crate) const fn ip(&self) -> IpAddr {
        self.ip
    }

    /// Whose voice it carries.
    pub(crate) const fn person(&self) -> usize {
        self.person
    }

    /// Registers under `account` from now on.
    pub(crate) fn register(&mut self, now: Instant, account: &'static str) {
        let (own, chance) = (signalling(self.ip), self.chance.split());
        self.registration.get_or_insert_with(|| Registration::new(now, account, own, chance));
    }

    /// Whether the hotline can call it.
    pub(crate) fn is_registered(&self) -> bool {
        self.registration.as_ref().is_some_and(Registration::is_registered)
    }

    /// The leg that rings or is up, the newest if there are several.
    pub(crate) fn leg(&self) -> Option<LegId> {
        let is_live = |leg: &LegId| !matches!(self.legs[leg].state, LegState::Ended(_));
        let live = self.newest.filter(is_live);
        live.or_else(|| self.legs.keys().copied().rev().find(is_live))
    }

    /// The leg that is or was last.
    pub(crate) const fn last_leg(&self) -> Option<LegId> {
        self.newest
    }

    /// Calls the hotline.
    pub(crate) fn dial(&mut self, now: Instant, number: &str) -> LegId {
        let id = LegId(self.chance.next_u64() & !1);
        let mut leg = self.new_leg(now);
        let offer = leg.session.make_offer();
        self.keep(id, leg);
        let target = Target::Number { trunk: TrunkId(0), number: number.to_owned().into() };
        let display = String::new();
        self.command(now, LegCommand::Dial { leg: id, target, offer, display });
        id
    }

    /// Picks up.
    pub(crate) fn answer(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let offer = leg.offer.take().expect("the hotline offers");
        let (answer, agreed) = leg.session.accept_offer(&offer).expect("its offer serves");
        leg.settle(agreed);
        leg.state = LegState::Up;
        self.command(now, LegCommand::Answer { leg: id, answer });
    }

    /// Holds the other side, which may still hear music of hers.
    pub(crate) fn hold(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let offer = String::from_utf8_lossy(leg.session.make_offer().bytes()).into_owned();
        let offer = SessionDescription::new(offer.replace("a=sendrecv", "a=sendonly"));
        self.command(now, LegCommand::Reoffer { leg: id, offer });
    }

    /// Tells its SIP side.
    pub(crate) fn command(&mut self, now: Instant, command: LegCommand) {
        self.apply(now, Input::Command(command));
    }

    /// Takes a datagram; `people` can be told apart.
    pub(crate) fn receive(&mut self, now: Instant, people: usize, datagram: Datagram) {
        let Datagram { from, to, bytes } = datagram;
        if to != signalling(self.ip) {
            let legs = self.legs.values_mut();
            let mut legs = legs.filter(|leg| leg.session.local().port == to.port());
            legs.next().into_iter().for_each(|leg| leg.hears(now, people, &bytes));
            return;
        }
        self.read.extend_from_slice(&bytes);
        let registration = self.registration.as_mut();
        if registration.is_some_and(|registration| registration.takes(now, &bytes)) {
            return;
        }
        let flow = Flow { listener: ListenerId(0), transport: Transport::Udp, remote: from };
        self.apply(now, Input::Message { flow, bytes });
    }

    /// When [`Self::handle_timeout`] is wanted.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let legs = self.legs.values().filter(|leg| leg.state == LegState::Up);
        let mouths = legs.filter_map(|leg| leg.mouth.deadline());
        let registration = self.registration.as_ref().map(Registration::deadline);
        mouths.chain(registration).chain(self.endpoint.deadline()).min()
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.endpoint.deadline().is_some_and(|due| due <= now) {
            self.apply(now, Input::Timeout);
        }
        self.outbox.extend(self.registration.as_mut().and_then(|one| one.poll(now)));
        for leg in self.legs.values_mut().filter(|leg| leg.state == LegState::Up) {
            let Some(agreed) = &leg.agreed else { continue };
            if let Some(packet) = leg.mouth.poll_packet(now, agreed) {
                let packet = leg.cipher.seal(packet);
                let from = SocketAddr::new(self.ip, leg.session.local().port);
                self.outbox.push_back(Datagram { from, to: agreed.remote, bytes: packet.into() });
            }
        }
    }

    /// What it sends.
    pub(crate) fn poll_datagram(&mut self) -> Option<Datagram> {
        self.outbox.pop_front()
    }

    /// Whether any message to it held `word`, in letters of any size.
    pub(crate) fn has_read(&self, word: &str) -> bool {
        String::from_utf8_lossy(&self.read).to_lowercase().contains(&word.to_lowercase())
    }

    /// Legs its SIP side still holds.
    pub(crate) fn sip_legs(&self) -> usize {
        self.endpoint.legs()
    }

    fn new_leg(&mut self, now: Instant) -> Leg {
        let port = FIRST_PORT + 2 * u16::try_from(self.legs.len() % PORTS).unwrap_or(0);
        let local = Local {
            address: self.ip,
            port,
            rtcp_port: port + 1,
            rtcp_mux: false,
            session_id: self.chance.next_u64() >> 1,
        };
        let mouth = Mouth::new(now, self.person, self.speech, &mut self.chance);
        let session = match self.srtp {
            SrtpPolicy::Off => Session::new(local),
            wanted => Session::new(local).with_srtp(wanted, self.chance.split()),
        };
        Leg {
            state: LegState::Ringing,
            mouth,
            ear: Ear::new(self.sounds.clone()),
            session,
            agreed: None,
            cipher: Cipher::default(),
            offer: None,
        }
    }

    fn keep(&mut self, id: LegId, leg: Leg) {
        self.legs.insert(id, leg);
        self.newest = Some(id);
    }

    fn apply(&mut self, now: Instant, input: Input) {
        self.endpoint.handle_input(now, input);
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { flow, bytes } | Output::Respond { flow, bytes, .. } => {
                    let bytes = self.masked(bytes);
                    let from = signalling(self.ip);
                    self.outbox.push_back(Datagram { from, to: flow.remote, bytes });
                }
                Output::Event(event) => self.happened(now, event),
                Output::CloseFlow { .. } | Output::LookUp(_) => {}
            }
        }
    }

    fn happened(&mut self, now: Instant, event: LegEvent) {
        match event {
            LegEvent::Offered { leg: id, offer, .. } => {
                let leg = Leg { offer, ..self.new_leg(now) };
                self.keep(id, leg);
                self.command(now, LegCommand::Ring { leg: id });
            }
            LegEvent::Answered { leg, answer: Some(answer) } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    let agreed = leg.session.accept_answer(&answer);
                    leg.settle(agreed.expect("the hotline's answer serves"));
                    leg.state = LegState::Up;
                }
            }
            LegEvent::Reanswered { leg, answer } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    let answer = answer.expect("the hotline takes what a phone offers");
                    let agreed = leg.session.accept_answer(&answer).expect("it serves");
                    leg.settle(agreed);
                }
            }
            LegEvent::Reoffered { leg: id, offer: Some(offer) } => {
                if self.reoffers == Reoffers::Refused {
                    let refusal = LegCommand::Refuse { leg: id, status: 488, retry_after: None };
                    return self.command(now, refusal);
                }
                let Some(leg) = self.legs.get_mut(&id) else { return };
                let (answer, agreed) = leg.session.accept_offer(&offer).expect("it serves");
                leg.settle(agreed);
                self.command(now, LegCommand::Accept { leg: id, answer });
            }
            LegEvent::Ended { leg, reason } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.state = LegState::Ended(reason);
                }
            }
            _ => {}
        }
    }

    /// An INVITE as the carrier shows it.
    fn masked(&self, bytes: bytes::Bytes) -> bytes::Bytes {
        if self.shows.is_empty() || !bytes.starts_with(b"INVITE") {
            return bytes;
        }
        let Ok(Message::Request(mut request)) = Message::parse(&bytes) else { return bytes };
        for &(name, value) in &self.shows {
            let from = request.headers.from().ok().filter(|_| name == "From");
            let tag = from.and_then(|from| from.tag().map(|tag| format!(";tag={tag}")));
            request.headers.set(name, format!("{value}{}", tag.unwrap_or_default()));
        }
        request.to_bytes()
    }
}

impl Leg {
    /// Whether it rings here, to be answered.
    pub(crate) fn rings(&self) -> bool {
        self.state == LegState::Ringing && self.offer.is_some()
    }

    /// Where the hotline listens to it.
    pub(crate) fn remote_port(&self) -> u16 {
        self.agreed.map(|agreed| agreed.remote.port()).unwrap_or_default()
    }

    /// An exchange is complete.
    fn settle(&mut self, agreed: Agreed) {
        self.agreed = Some(agreed);
        self.cipher.settle(self.session.keys());
    }

    fn hears(&mut self, now: Instant, people: usize, bytes: &[u8]) {
        let packet = self.cipher.open(bytes);
        if let (Some(agreed), Some(packet)) = (&self.agreed, packet) {
            self.ear.packet(now, agreed, people, &packet);
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({} legs)", self.legs.len())
    }
}

/// A machine whose one trunk is the hotline.
fn settings(ip: IpAddr, account: Option<&'static str>) -> Settings {
    let digest =
        |name: &str| Account { username: name.to_owned(), password: Secret::new(PASSWORD) };
    let hotline = Trunk {
        name: "hotline".to_owned(),
        sources: vec![HOTLINE.into()],
        address: Some((signalling(HOTLINE), Transport::Udp).into()),
        account: account.map(digest),
        from_user: Some(account.unwrap_or("5550100").to_owned()),
    };
    Settings {
        listeners: vec![Listener::at(signalling(ip))],
        servers: Vec::new(),
        trunks: vec![hotline],
        users: Vec::new(),
        realm: "party.example".to_owned(),
        limits: Limits::default(),
    }
}

const FIRST_PORT: u16 = 10_000;
const PORTS: usize = 10_000;
