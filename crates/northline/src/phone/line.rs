//! A phone's signalling: one UDP socket, a [`sip::Endpoint`] that takes calls from its server only,
//! and its registration, in one task.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use model::{
    Chance, EndReason, Instant, LegCommand, LegEvent, LegId, Pii, SessionDescription, Target,
    TrunkId,
};
use os::clock;
use sdp::{Agreed, Session};
use sip::digest::Secret;
use sip::wire::Message;
use sip::{
    Endpoint, Flow, Input, Limits, Listener, ListenerId, Output, Settings, Transport, Trunk,
};
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender};
use tokio::sync::oneshot;
use tokio::time::{Instant as Tick, sleep_until};

use super::call::Call;
use super::journal::{Journal, PhoneEvent};
use super::registration::{self, RegisterError, Registration};
use super::settings::{AnswerPolicy, PhoneSettings};
use super::voice::{Voice, VoiceOrder};

/// What a phone is told by its user.
pub(super) enum Order {
    /// Register.
    Register(oneshot::Sender<Result<(), RegisterError>>),
    /// Call somebody.
    Call {
        /// A number of the server, or a `sip:` URI.
        number: String,
        /// Who wants the call.
        made: oneshot::Sender<io::Result<Call>>,
    },
    /// Answer the call that rings.
    Answer(LegId),
    /// Do this in a call.
    Command(LegCommand),
    /// Be gone without a word.
    Vanish,
}

/// The task behind a [`super::Phone`].
pub(super) struct Line {
    settings: PhoneSettings,
    address: SocketAddr,
    socket: UdpSocket,
    endpoint: Endpoint,
    registration: Option<Registration>,
    registering: Vec<oneshot::Sender<Result<(), RegisterError>>>,
    calls: BTreeMap<LegId, Ongoing>,
    /// Weak: the line ends when its users are gone.
    orders: WeakUnboundedSender<Order>,
    ringing: UnboundedSender<Call>,
    chance: Chance,
}

/// One call of this line.
struct Ongoing {
    voice: Arc<Voice>,
    journal: Journal,
    session: Session,
    /// For a call that rings here: how to answer it, and when.
    answer: Option<(SessionDescription, Agreed)>,
    answer_at: Option<Instant>,
}

impl Line {
    pub(super) async fn open(
        settings: PhoneSettings,
        mut chance: Chance,
        orders: WeakUnboundedSender<Order>,
        ringing: UnboundedSender<Call>,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind((settings.address, 0)).await?;
        let address = socket.local_addr()?;
        let endpoint = Endpoint::new(endpoint_settings(&settings, address), chance.split());
        let registration = settings
            .account
            .clone()
            .map(|account| Registration::new(account, address, settings.server, chance.split()));
        let calls = BTreeMap::new();
        let registering = Vec::new();
        Ok(Self {
            settings,
            address,
            socket,
            endpoint,
            registration,
            registering,
            calls,
            orders,
            ringing,
            chance,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs until the phone vanishes or its users are gone.
    pub(super) async fn run(mut self, mut orders: UnboundedReceiver<Order>) {
        let mut datagram = vec![0; 65_535];
        loop {
            let deadline = self.deadline();
            let due = Tick::now() + deadline.unwrap_or_default().since(clock::now());
            tokio::select! {
                order = orders.recv() => match order {
                    None | Some(Order::Vanish) => break,
                    Some(order) => self.obey(order).await,
                },
                received = self.socket.recv_from(&mut datagram) => {
                    if let Ok((length, remote)) = received {
                        self.receive(remote, Bytes::copy_from_slice(&datagram[..length]));
                    }
                }
                () = sleep_until(due), if deadline.is_some() => self.handle_timeout(),
            }
            self.drain().await;
        }
        for call in self.calls.values() {
            call.journal.note(PhoneEvent::Ended(EndReason::Released));
            call.voice.end();
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Register(done) => self.register(done),
            Order::Call { number, made } => {
                // Whoever asked may have gone meanwhile; the call then rings for nobody.
                let _ = made.send(self.call(number).await);
            }
            Order::Answer(leg) => self.answer(leg),
            Order::Command(command) => self.command(command),
            Order::Vanish => {}
        }
    }

    fn register(&mut self, done: oneshot::Sender<Result<(), RegisterError>>) {
        match &mut self.registration {
            Some(registration) => {
                registration.start(clock::now());
                self.registering.push(done);
            }
            None => drop(done.send(Err(RegisterError::NoAccount))),
        }
    }

    async fn call(&mut self, number: String) -> io::Result<Call> {
        let leg = LegId(self.chance.next_u64() & !1);
        let mut ongoing = self.new_call().await?;
        let offer = ongoing.session.make_offer();
        let call = self.handle_of(leg, &ongoing).ok_or(io::ErrorKind::NotConnected)?;
        let target = if number.starts_with("sip:") {
            Target::Uri { trunk: Some(SERVER), uri: Pii::new(number) }
        } else {
            Target::Number { trunk: SERVER, number: Pii::new(number) }
        };
        self.calls.insert(leg, ongoing);
        self.command(LegCommand::Dial { leg, target, offer, display: String::new() });
        Ok(call)
    }

    /// A call with a voice of its own that has not begun.
    async fn new_call(&mut self) -> io::Result<Ongoing> {
        let journal = Journal::new();
        let address = self.settings.address;
        let voice = Voice::open(address, journal.clone(), &mut self.chance).await?;
        let session = Session::new(sdp::Local {
            address,
            port: voice.port(),
            rtcp_port: voice.port() + 1,
            rtcp_mux: false,
            session_id: self.chance.next_u64() >> 1,
        });
        Ok(Ongoing { voice: Arc::new(voice), journal, session, answer: None, answer_at: None })
    }

    fn handle_of(&self, leg: LegId, ongoing: &Ongoing) -> Option<Call> {
        let orders = self.orders.upgrade()?;
        let (voice, journal) = (Arc::clone(&ongoing.voice), ongoing.journal.clone());
        Some(Call { leg, orders, voice, journal })
    }

    fn answer(&mut self, leg: LegId) {
        let Some(ongoing) = self.calls.get_mut(&leg) else { return };
        ongoing.answer_at = None;
        let Some((answer, agreed)) = ongoing.answer.take() else { return };
        ongoing.voice.order(VoiceOrder::Settle(agreed));
        self.command(LegCommand::Answer { leg, answer });
    }

    fn command(&mut self, command: LegCommand) {
        self.endpoint.handle_input(clock::now(), Input::Command(command));
    }

    fn receive(&mut self, remote: SocketAddr, bytes: Bytes) {
        let now = clock::now();
        if let Some(registration) = &mut self.registration
            && bytes.starts_with(b"SIP/2.0")
            && let Ok(Message::Response(response)) = Message::parse(&bytes)
            && registration.handle_response(now, &response)
        {
            return;
        }
        let flow = Flow { listener: ListenerId(0), transport: Transport::Udp, remote };
        self.endpoint.handle_input(now, Input::Message { flow, bytes });
    }

    fn handle_timeout(&mut self) {
        let now = clock::now();
        self.endpoint.handle_input(now, Input::Timeout);
        if let Some(registration) = &mut self.registration {
            registration.handle_timeout(now);
        }
        let due = |call: &Ongoing| call.answer_at.is_some_and(|at| at <= now);
        let ripe: Vec<LegId> =
            self.calls.iter().filter(|(_, call)| due(call)).map(|(&leg, _)| leg).collect();
        for leg in ripe {
            self.answer(leg);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let registration = self.registration.as_ref().and_then(Registration::deadline);
        let answers = self.calls.values().filter_map(|call| call.answer_at);
        answers.chain(self.endpoint.deadline()).chain(registration).min()
    }

    /// Does everything the machines want done.
    async fn drain(&mut self) {
        while let Some(output) = self.registration.as_mut().and_then(Registration::poll_output) {
            match output {
                registration::Output::Transmit(bytes) => {
                    self.transmit(self.settings.server, &bytes)
                }
                registration::Output::Registered => self.registered(Ok(())),
                registration::Output::Failed(error) => self.registered(Err(error)),
            }
        }
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { flow, bytes } | Output::Respond { flow, bytes, .. } => {
                    self.transmit(flow.remote, &bytes)
                }
                Output::Event(event) => self.handle_event(event).await,
                Output::CloseFlow { .. } | Output::LookUp(_) => {}
            }
        }
    }

    fn transmit(&self, remote: SocketAddr, bytes: &[u8]) {
        // What a full socket loses is repeated, as on any network.
        let _ = self.socket.try_send_to(bytes, remote);
    }

    fn registered(&mut self, result: Result<(), RegisterError>) {
        for done in self.registering.drain(..) {
            let _ = done.send(result);
        }
    }

    async fn handle_event(&mut self, event: LegEvent) {
        match event {
            LegEvent::Offered { leg, offer, .. } => self.offered(leg, offer).await,
            LegEvent::Ringing { leg } => self.note(leg, PhoneEvent::Ringing),
            LegEvent::Progress { leg, answer } => self.settle(leg, &answer),
            LegEvent::Answered { leg, answer } => {
                if let Some(answer) = answer {
                    self.settle(leg, &answer);
                }
                self.note(leg, PhoneEvent::Answered);
            }
            LegEvent::Reoffered { leg, offer } => self.reoffered(leg, offer.as_ref()),
            LegEvent::Digit { leg, digit } => self.note(leg, PhoneEvent::Digit(digit)),
            LegEvent::Ended { leg, reason } => self.ended(leg, reason),
            LegEvent::Located { .. }
            | LegEvent::TakesInfo { .. }
            | LegEvent::Probed { .. }
            | LegEvent::Reanswered { .. }
            | LegEvent::TransferAsked { .. }
            | LegEvent::ContactsChanged { .. } => {}
        }
    }

    /// A call comes in.
    async fn offered(&mut self, leg: LegId, offer: Option<SessionDescription>) {
        let delay = match self.settings.on_call {
            AnswerPolicy::Busy => return self.refuse(leg, 486),
            AnswerPolicy::Decline => return self.refuse(leg, 603),
            AnswerPolicy::After(delay) => Some(delay),
            AnswerPolicy::Never => None,
        };
        let (Ok(mut ongoing), Some(offer)) = (self.new_call().await, offer) else {
            return self.refuse(leg, 488);
        };
        let Ok(answer) = ongoing.session.accept_offer(&offer) else {
            return self.refuse(leg, 488);
        };
        ongoing.answer = Some(answer);
        ongoing.answer_at = delay.map(|delay| clock::now() + delay);
        if let Some(call) = self.handle_of(leg, &ongoing) {
            // A user who does not look at incoming calls still has them answered.
            let _ = self.ringing.send(call);
        }
        self.calls.insert(leg, ongoing);
        self.command(LegCommand::Ring { leg });
    }

    fn refuse(&mut self, leg: LegId, status: u16) {
        self.command(LegCommand::Refuse { leg, status, retry_after: None });
    }

    /// The server's answer to our offer.
    fn settle(&mut self, leg: LegId, answer: &SessionDescription) {
        let Some(ongoing) = self.calls.get_mut(&leg) else { return };
        match ongoing.session.accept_answer(answer) {
            Ok(agreed) => ongoing.voice.order(VoiceOrder::Settle(agreed)),
            Err(_) => self.command(LegCommand::End { leg }),
        }
    }

    fn reoffered(&mut self, leg: LegId, offer: Option<&SessionDescription>) {
        let Some(ongoing) = self.calls.get_mut(&leg) else { return };
        let accepted = match offer {
            Some(offer) => ongoing.session.accept_offer(offer).ok().map(|(answer, agreed)| {
                ongoing.voice.order(VoiceOrder::Settle(agreed));
                answer
            }),
            None => ongoing.session.refresh(),
        };
        self.command(match accepted {
            Some(answer) => LegCommand::Accept { leg, answer },
            None => LegCommand::RefuseOffer { leg },
        });
    }

    fn ended(&mut self, leg: LegId, reason: EndReason) {
        if let Some(ongoing) = self.calls.remove(&leg) {
            ongoing.voice.end();
            ongoing.journal.note(PhoneEvent::Ended(reason));
        }
    }

    fn note(&self, leg: LegId, event: PhoneEvent) {
        if let Some(ongoing) = self.calls.get(&leg) {
            ongoing.journal.note(event);
        }
    }
}

/// An endpoint whose only peer is the server.
fn endpoint_settings(settings: &PhoneSettings, advertised: SocketAddr) -> Settings {
    let account = settings.account.as_ref().map(|account| sip::Account {
        username: account.username.clone(),
        password: Secret::new(&*account.password),
    });
    let server = Trunk {
        name: "server".to_owned(),
        sources: vec![settings.server.ip().into()],
        address: Some((settings.server, Transport::Udp).into()),
        from_user: settings.account.as_ref().map(|account| account.username.clone()),
        account,
    };
    Settings {
        listeners: vec![Listener::at(advertised)],
        servers: Vec::new(),
        trunks: vec![server],
        users: Vec::new(),
        realm: "phone".to_owned(),
        limits: Limits::default(),
    }
}

/// The server's place in the endpoint's settings.
const SERVER: TrunkId = TrunkId(0);
