//! A seeded link between two endpoints on one virtual clock: it loses, repeats, delays and so
//! reorders datagrams, the same way for the same seed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use model::{Chance, Instant, LegCommand, LegEvent, LegId};
use sip::{
    Endpoint, Flow, Input, Limits, Listener, ListenerId, Output, Settings, Transport, Trunk,
};

/// How bad the link is, in percent of datagrams, and how long one takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Percent lost.
    pub(crate) loss: u64,
    /// Percent delivered twice.
    pub(crate) duplication: u64,
    /// The shortest way.
    pub(crate) delay: Duration,
    /// What chance adds to it; more than the time between two datagrams reorders them.
    pub(crate) jitter: Duration,
}

impl Weather {
    /// A local network.
    pub(crate) const FAIR: Self =
        Self { loss: 0, duplication: 0, delay: Duration::from_millis(1), jitter: Duration::ZERO };
    /// Worse than any network a call survives with its audio.
    pub(crate) const FOUL: Self = Self {
        loss: 25,
        duplication: 15,
        delay: Duration::from_millis(40),
        jitter: Duration::from_millis(400),
    };
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// The one that mostly calls.
    Near,
    /// The one that mostly is called.
    Far,
}

/// Two endpoints, the datagrams between them, and what each has said.
pub(crate) struct Link {
    pub(crate) now: Instant,
    endpoints: [Endpoint; 2],
    said: [Vec<LegEvent>; 2],
    weather: Weather,
    transport: Transport,
    chance: Chance,
    /// Datagrams under way by arrival; the second number keeps equal arrivals apart.
    under_way: BTreeMap<(Instant, u64), (End, Bytes)>,
    sent: u64,
    /// Every datagram that was sent, for captures.
    pub(crate) capture: Vec<(End, Bytes)>,
}

impl Link {
    /// Two endpoints that are trunks of each other.
    pub(crate) fn new(seed: u64, transport: Transport, weather: Weather) -> Self {
        let endpoint = |end: End, seed| {
            Endpoint::new(trunk_of(end, end.other(), transport), Chance::from_number(seed))
        };
        Self {
            now: Instant::from_nanos(1_000_000_000),
            endpoints: [endpoint(End::Near, seed), endpoint(End::Far, !seed)],
            said: [Vec::new(), Vec::new()],
            weather,
            transport,
            chance: Chance::from_number(seed ^ 0x5eed),
            under_way: BTreeMap::new(),
            sent: 0,
            capture: Vec::new(),
        }
    }

    /// Gives an end a command.
    pub(crate) fn command(&mut self, end: End, command: LegCommand) {
        self.apply(end, Input::Command(command));
    }

    /// Makes an end forget a leg, as after a panic.
    pub(crate) fn forget(&mut self, end: End, leg: LegId) {
        self.apply(end, Input::Forget(leg));
    }

    /// Lets an end take no more calls.
    pub(crate) fn drain(&mut self, end: End) {
        self.apply(end, Input::Drain);
    }

    /// Changes how bad the link is.
    pub(crate) fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Lets `time` pass.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.next_event().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = until;
    }

    /// Lets time pass until an end says something `wanted`, which is returned.
    pub(crate) fn wait_for<T>(
        &mut self,
        end: End,
        limit: Duration,
        wanted: impl Fn(&LegEvent) -> Option<T>,
    ) -> Option<T> {
        let until = self.now + limit;
        loop {
            let found = self.said[end as usize].iter().position(|event| wanted(event).is_some());
            if let Some(at) = found {
                let heard: Vec<_> = self.said[end as usize].drain(..=at).collect();
                return heard.last().and_then(wanted);
            }
            let at = self.next_event().filter(|at| *at <= until)?;
            self.now = self.now.max(at);
            self.step();
        }
    }

    /// Everything an end has said and nobody waited for.
    pub(crate) fn take_said(&mut self, end: End) -> Vec<LegEvent> {
        std::mem::take(&mut self.said[end as usize])
    }

    /// An end itself.
    pub(crate) fn endpoint(&self, end: End) -> &Endpoint {
        &self.endpoints[end as usize]
    }

    /// Whether nothing is left: no leg, no transaction, no deadline, no datagram.
    pub(crate) fn is_silent(&self) -> bool {
        let idle = |e: &Endpoint| e.legs() == 0 && e.transactions() == 0 && e.deadline().is_none();
        self.endpoints.iter().all(idle) && self.under_way.is_empty()
    }

    fn next_event(&self) -> Option<Instant> {
        let arrival = self.under_way.keys().next().map(|(at, _)| *at);
        let deadlines = self.endpoints.iter().map(Endpoint::deadline);
        deadlines.chain([arrival]).flatten().min()
    }

    fn step(&mut self) {
        for end in [End::Near, End::Far] {
            if self.endpoints[end as usize].deadline().is_some_and(|at| at <= self.now) {
                self.apply(end, Input::Timeout);
            }
        }
        while let Some(entry) = self.under_way.first_entry().filter(|one| one.key().0 <= self.now) {
            let (end, bytes) = entry.remove();
            let flow = flow_to(end.other(), self.transport);
            self.apply(end, Input::Message { flow, bytes });
        }
    }

    fn apply(&mut self, end: End, input: Input) {
        self.endpoints[end as usize].handle_input(self.now, input);
        while let Some(output) = self.endpoints[end as usize].poll_output() {
            match output {
                Output::Transmit { flow, bytes } | Output::Respond { flow, bytes, .. } => {
                    assert_eq!(flow.remote, end.other().address(), "sent to a stranger");
                    self.capture.push((end, bytes.clone()));
                    self.send(end.other(), &bytes);
                }
                Output::CloseFlow { .. } | Output::LookUp(_) => {}
                Output::Event(event) => self.said[end as usize].push(event),
            }
        }
    }

    fn send(&mut self, to: End, bytes: &Bytes) {
        let copies = if self.chance.below(100) < self.weather.duplication { 2 } else { 1 };
        for _ in 0..copies {
            let lost = self.chance.below(100) < self.weather.loss;
            let jitter = self.weather.jitter.as_nanos().try_into().unwrap_or(u64::MAX);
            let jitter = Duration::from_nanos(self.chance.below(jitter));
            if !lost {
                self.sent += 1;
                let arrival = (self.now + self.weather.delay + jitter, self.sent);
                self.under_way.insert(arrival, (to, bytes.clone()));
            }
        }
    }
}

impl End {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Near => Self::Far,
            Self::Far => Self::Near,
        }
    }

    pub(crate) fn address(self) -> SocketAddr {
        match self {
            Self::Near => SocketAddr::from(([192, 0, 2, 1], 5060)),
            Self::Far => SocketAddr::from(([198, 51, 100, 2], 5070)),
        }
    }
}

/// The settings of an end with one trunk, the other end.
pub(crate) fn trunk_of(own: End, other: End, transport: Transport) -> Settings {
    Settings {
        listeners: vec![Listener::at(own.address())],
        servers: Vec::new(),
        trunks: vec![Trunk {
            name: "other".to_owned(),
            sources: vec![other.address().ip().into()],
            address: Some((other.address(), transport).into()),
            account: None,
            from_user: None,
        }],
        users: Vec::new(),
        realm: "hotline.example".to_owned(),
        limits: Limits::default(),
    }
}

fn flow_to(end: End, transport: Transport) -> Flow {
    Flow { listener: ListenerId(0), transport, remote: end.address() }
}
