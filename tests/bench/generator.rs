//! The generator: sends every party's packets at their times, and takes in what comes back.
//!
//! It runs on a core of its own (the first; the servers take the last) and sends within 250 µs of
//! the time planned. How late it is itself never counts as delay: a burst's time is read just
//! before it is sent, and what arrives carries the kernel's stamp. Few sockets serve all parties,
//! so that the generator is not what limits the load.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use media_io::{Cores, Place, Priority};
use model::{Chance, Instant};
use os::clock;

use crate::block::Block;
use crate::cpu::ThreadClock;
use crate::load::Load;
use crate::party::{Heard, PACKET_TIME, Party};
use crate::server::Server;
use crate::voice::{SAMPLE, Voice};

/// How long a run takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// The parties' sockets.
pub(crate) struct Generator {
    sockets: Vec<UdpSocket>,
    addresses: Vec<SocketAddr>,
}

/// One run.
struct Run<'a> {
    generator: &'a Generator,
    load: &'a Load,
    voice: Voice,
    chance: Chance,
    parties: Vec<Party>,
    /// Parties in the order of their phases.
    order: Vec<usize>,
    /// The party behind each of the server's ports.
    by_port: Vec<Option<u16>>,
    is_measuring: bool,
    /// Whether a party hears herself and not the others of the room.
    is_echo: bool,
    /// Whether everybody says a tone of her own, and what is heard is kept.
    is_taped: bool,
    late: u64,
}

impl Generator {
    pub(crate) fn new() -> io::Result<Self> {
        let sockets = (0..SOCKETS).map(|_| socket()).collect::<io::Result<Vec<_>>>()?;
        let addresses = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<_>>()?;
        Ok(Self { sockets, addresses })
    }

    /// Where each party of `load` receives.
    pub(crate) fn addresses(&self, load: &Load) -> Vec<SocketAddr> {
        self.addresses.iter().copied().cycle().take(load.participants()).collect()
    }

    /// Puts `load` on `server`, and measures it after `times.warm_up`.
    pub(crate) fn run(&self, server: &dyn Server, load: &Load, times: Times, seed: u64) -> Block {
        let run = Run::new(self, server, load, Chance::from_number(seed));
        on_own_thread(|| run.measure(server, times))
    }

    /// Lets everybody of `load` say a tone of her own; what the parties of the first room hear.
    pub(crate) fn tapes(&self, server: &dyn Server, load: &Load, times: Times) -> Vec<Vec<u8>> {
        let mut run = Run::new(self, server, load, Chance::from_number(0));
        run.is_taped = true;
        on_own_thread(|| run.tapes(times))
    }
}

fn on_own_thread<T: Default + Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let generator = std::thread::Builder::new().name("generator".to_owned());
        let done = generator.spawn_scoped(scope, work);
        done.map(|done| done.join().unwrap_or_default()).unwrap_or_default()
    })
}

impl<'a> Run<'a> {
    fn new(
        generator: &'a Generator,
        server: &dyn Server,
        load: &'a Load,
        mut chance: Chance,
    ) -> Self {
        let mut by_port = vec![None; usize::from(u16::MAX) + 1];
        let mut parties = Vec::with_capacity(load.participants());
        for (number, &target) in server.targets().iter().enumerate() {
            by_port[usize::from(target.port())] = Some(number as u16);
            let phase = Duration::from_nanos(chance.below(PACKET_TIME.as_nanos() as u64));
            parties.push(Party::new(number, target, phase));
        }
        let mut order: Vec<usize> = (0..parties.len()).collect();
        order.sort_by_key(|&number| parties[number].phase);
        let voice = Voice::new();
        Self {
            generator,
            load,
            voice,
            chance,
            parties,
            order,
            by_port,
            is_measuring: false,
            is_echo: server.echoes(),
            is_taped: false,
            late: 0,
        }
    }

    fn tapes(mut self, times: Times) -> Vec<Vec<u8>> {
        PLACE.take();
        let start = clock::now() + SLOT;
        self.drive(start, 0, start + times.warm_up);
        for number in self.load.room_of(0) {
            self.parties[number].heard.tape = Some(Vec::new());
        }
        let turns = self.turns();
        self.drive(start, turns, start + times.warm_up + times.measured);
        self.parties.into_iter().filter_map(|party| party.heard.tape).collect()
    }

    fn measure(mut self, server: &dyn Server, times: Times) -> Block {
        PLACE.take();
        let start = clock::now() + SLOT;
        let (begin, end) = (start + times.warm_up, start + times.warm_up + times.measured);
        let own = ThreadClock::own();
        self.drive(start, 0, begin);
        self.begin();
        let (at, before, own_before) = (clock::now(), server.reading(), own.used());
        let turns = self.turns();
        self.drive(start, turns, end);
        let (after, window) = (server.reading(), clock::now().since(at));
        let generator_load = (own.used() - own_before).as_secs_f64() / window.as_secs_f64();
        std::thread::sleep(SETTLED);
        self.listen();
        let sent = self.parties.iter().map(|party| party.sent as u64).sum::<u64>();
        let mut block = Block {
            participants: self.parties.len(),
            window,
            cpu: after.cpu.saturating_sub(before.cpu),
            late: after.late - before.late,
            lost: server.reading().received.map_or(0, |received| sent.saturating_sub(received)),
            sent,
            late_sends: self.late,
            generator_load,
            scheduling: server.scheduling(),
            ..Block::default()
        };
        self.parties.into_iter().for_each(|party| block.add(party.heard));
        block
    }

    /// What was heard until now does not count.
    fn begin(&mut self) {
        self.parties.iter_mut().for_each(|party| party.heard = Heard::default());
        self.is_measuring = true;
    }

    /// How many packets have been sent.
    fn turns(&self) -> usize {
        self.parties.iter().map(|party| party.sent).sum()
    }

    /// Sends and listens until `end`, beginning with the packet of that number.
    fn drive(&mut self, start: Instant, mut turn: usize, end: Instant) {
        let mut slot = clock::now();
        while slot < end {
            slot = (slot + SLOT).max(clock::now());
            std::thread::sleep(slot.since(clock::now()));
            while let Some(due) = self.due(start, turn).filter(|&due| due <= slot) {
                self.late += u64::from(slot.since(due) > LATE && self.is_measuring);
                self.send(self.order[turn % self.order.len()]);
                turn += 1;
            }
            self.listen();
        }
    }

    /// When the packet of that number is to be sent.
    fn due(&self, start: Instant, turn: usize) -> Option<Instant> {
        let round = turn.checked_div(self.order.len())?;
        let party = &self.parties[self.order[turn % self.order.len()]];
        Some(start + PACKET_TIME * round as u32 + party.phase)
    }

    fn send(&mut self, number: usize) {
        let count = self.parties[number].sent;
        let (payload, burst) = if self.is_taped {
            (*self.voice.tone(number % self.load.parties_per_room, count), None)
        } else {
            self.voice.frame(self.load, number, count, &mut self.chance)
        };
        if let Some(first) = burst {
            self.announce(number, clock::now() + SAMPLE * first as u32);
        }
        let packet = self.parties[number].packet(&payload);
        let socket = &self.generator.sockets[number % SOCKETS];
        // What the kernel does not take counts as lost.
        let _ = socket.send_to(&packet, self.parties[number].target);
    }

    /// The others of the room are to hear a burst, or the talker herself.
    fn announce(&mut self, talker: usize, first_sample: Instant) {
        if !self.is_measuring {
            return;
        }
        for listener in self.load.room_of(talker) {
            if (listener == talker) == self.is_echo {
                self.parties[listener].heard.await_burst(first_sample);
            }
        }
    }

    /// Takes in everything that has arrived.
    fn listen(&mut self) {
        let mut datagram = [0; 2048];
        for socket in &self.generator.sockets {
            while let Ok(arrival) = os::receive_stamped(socket, &mut datagram) {
                if let Some(number) = self.by_port[usize::from(arrival.source.port())] {
                    let heard = &mut self.parties[usize::from(number)].heard;
                    heard.datagram(arrival, &datagram[..arrival.length]);
                }
            }
        }
    }
}

fn socket() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((ADDRESS, 0))?;
    socket.set_nonblocking(true)?;
    os::stamp_arrivals(&socket)?;
    // Only root may; without, a generator that is late itself may lose packets, and says so.
    let _ = rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER);
    Ok(socket)
}

/// The other core than the servers'.
const PLACE: Place = Place { index: 1, priority: Priority::Raised, cores: Cores::Pinned };
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 250, 0, 3);
const SOCKETS: usize = 16;
const RECEIVE_BUFFER: usize = 4 << 20;
/// How exactly packets are sent at their times.
const SLOT: Duration = Duration::from_micros(250);
/// A packet sent later than this is the generator's fault.
const LATE: Duration = Duration::from_millis(5);
/// By when everything sent has been received.
const SETTLED: Duration = Duration::from_millis(30);
