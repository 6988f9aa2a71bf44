//! A phone's voice and ears: RTP on a socket of its own, a packet every 20 ms.
//!
//! What is spoken or pressed goes out, silence otherwise; what comes in goes to [`Ears`] and the
//! call's journal. RTCP is received by nobody, on a port kept for it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audio::g711::Law;
use model::{Chance, Codec, Digit, Direction};
use os::clock;
use rtp::{Packet, is_rtcp, telephone_event};
use sdp::Agreed;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant as Tick, sleep_until};

use super::ears::{Ears, Heard};
use super::journal::{Journal, PhoneEvent};
use super::mouth::{Mouth, Pressing, Speech};

/// The handle of one call's voice; the voice falls silent when it is dropped.
#[derive(Debug)]
pub(super) struct Voice {
    port: u16,
    orders: UnboundedSender<VoiceOrder>,
    ears: Arc<Mutex<Option<Ears>>>,
    task: JoinHandle<()>,
}

/// What a voice is told.
pub(super) enum VoiceOrder {
    /// The session is settled, for the first time or anew.
    Settle(Agreed),
    /// Say this, after what is being said.
    Speak(Speech),
    /// Press these keys.
    Press(Pressing),
}

/// The task behind a [`Voice`].
struct Speaker {
    socket: UdpSocket,
    terms: Option<Agreed>,
    mouth: Mouth,
    ears: Arc<Mutex<Option<Ears>>>,
    keys_heard: telephone_event::Receiver,
    journal: Journal,
    heard_any: bool,
}

impl Voice {
    /// Opens the sockets at `address`; nothing is sent until a session is settled.
    pub(super) async fn open(
        address: IpAddr,
        journal: Journal,
        chance: &mut Chance,
    ) -> io::Result<Self> {
        let (socket, rtcp) = bind_pair(address).await?;
        let port = socket.local_addr()?.port();
        let (orders, received) = unbounded_channel();
        let ears = Arc::<Mutex<Option<Ears>>>::default();
        let speaker = Speaker {
            socket,
            terms: None,
            mouth: Mouth::new(chance),
            ears: Arc::clone(&ears),
            keys_heard: telephone_event::Receiver::default(),
            journal,
            heard_any: false,
        };
        let task = tokio::spawn(speaker.run(received, rtcp));
        Ok(Self { port, orders, ears, task })
    }

    /// The RTP port; RTCP is the next one.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Tells the voice something; ignored after the end of the call.
    pub(super) fn order(&self, order: VoiceOrder) {
        let _ = self.orders.send(order);
    }

    /// Everything heard until now.
    pub(super) fn heard(&self) -> Heard {
        let ears = self.ears.lock().unwrap_or_else(PoisonError::into_inner);
        ears.as_ref().map(|ears| ears.heard().clone()).unwrap_or_default()
    }

    /// Falls silent and deaf at once; what was heard stays.
    pub(super) fn end(&self) {
        self.task.abort();
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.end();
    }
}

impl Speaker {
    async fn run(mut self, mut orders: UnboundedReceiver<VoiceOrder>, _rtcp: UdpSocket) {
        let mut datagram = [0; 2048];
        let mut next = Tick::now();
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order, &mut next),
                    None => return,
                },
                received = self.socket.recv_from(&mut datagram) => {
                    if let Ok((length, _)) = received {
                        self.hear(&datagram[..length]);
                    }
                }
                () = sleep_until(next), if self.terms.is_some() => {
                    self.speak();
                    next = following(next);
                }
            }
        }
    }

    fn obey(&mut self, order: VoiceOrder, next: &mut Tick) {
        match order {
            VoiceOrder::Settle(terms) => {
                if self.terms.replace(terms).is_none() {
                    *next = Tick::now();
                    *self.ears() = Some(Ears::new(clock::now()));
                }
            }
            VoiceOrder::Speak(speech) => self.mouth.speak(speech),
            VoiceOrder::Press(pressing) => self.mouth.press(pressing),
        }
    }

    /// Sends the next frame, if the peer wants to hear us.
    fn speak(&mut self) {
        let Some(terms) = self.terms else { return };
        let packet = self.mouth.frame(clock::now(), &terms);
        let wanted = matches!(terms.direction, Direction::Both | Direction::SendOnly);
        if wanted && !terms.remote.ip().is_unspecified() {
            // A full socket loses a packet, as a network would.
            let _ = self.socket.try_send_to(&packet, terms.remote);
        }
    }

    fn hear(&mut self, datagram: &[u8]) {
        let Some(terms) = self.terms.filter(|_| !is_rtcp(datagram)) else { return };
        let Ok(packet) = Packet::parse(datagram) else { return };
        if Some(packet.header.payload_type) == terms.telephone_event_in {
            self.hear_key(&packet);
        } else if packet.header.payload_type == terms.format.payload_type {
            self.hear_audio(law(&terms), &packet);
        }
    }

    fn hear_key(&mut self, packet: &Packet<'_>) {
        let digit = self.keys_heard.packet(clock::now(), &packet.header, packet.payload);
        if let Some(digit) = digit {
            self.journal.note(PhoneEvent::Digit(digit));
        }
    }

    fn hear_audio(&mut self, law: Law, packet: &Packet<'_>) {
        self.keys_heard.audio(clock::now(), &packet.header);
        if let Some(ears) = self.ears().as_mut() {
            ears.packet(clock::now(), law, packet);
        }
        if !std::mem::replace(&mut self.heard_any, true) {
            self.journal.note(PhoneEvent::FirstAudio);
        }
    }

    fn ears(&self) -> std::sync::MutexGuard<'_, Option<Ears>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The law of what was agreed.
pub(super) const fn law(terms: &Agreed) -> Law {
    match terms.format.codec {
        Codec::Pcma => Law::A,
        _ => Law::Mu, // the only other one it offers
    }
}

/// When the frame after the one due at `due` is due: late frames are made up for, but after a long
/// pause of this machine they are left out, as a phone would.
fn following(due: Tick) -> Tick {
    let next = due + PACKET_TIME;
    let now = Tick::now();
    if now.saturating_duration_since(next) > LATEST { now } else { next }
}

/// Sockets on an even port and on the odd one above it (RFC 3550 §11).
async fn bind_pair(address: IpAddr) -> io::Result<(UdpSocket, UdpSocket)> {
    for _ in 0..BIND_TRIES {
        let rtp = UdpSocket::bind(SocketAddr::new(address, 0)).await?;
        let port = rtp.local_addr()?.port();
        if port.is_multiple_of(2)
            && let Ok(rtcp) = UdpSocket::bind(SocketAddr::new(address, port + 1)).await
        {
            return Ok((rtp, rtcp));
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

/// The digits a text names, `None` if one of its characters is no key.
pub(super) fn digits(text: &str) -> Option<Vec<Digit>> {
    text.chars().map(Digit::from_char).collect()
}

const PACKET_TIME: Duration = Duration::from_millis(20);
/// How late a frame may be and is still sent.
const LATEST: Duration = Duration::from_millis(200);
/// Random ports tried until one is even and has a free neighbour.
const BIND_TRIES: usize = 200;
