//! Text from packets: in order, each character once, what is lost for good marked (RFC 4103 §5).

use std::time::Duration;

use model::{Instant, TextFormat};
use zeroize::Zeroizing;

use super::Queue;
use super::redundancy::{Block, Blocks, LONGEST};
use super::utf8::Decoder;
use crate::{Header, PacketError};

/// The receiving side of one stream of text.
pub struct Receiver {
    format: TextFormat,
    stream: Option<Stream>,
    window: Window,
    decoder: Decoder,
    /// Until when what is missing is waited for.
    waits_until: Option<Instant>,
    /// What was sent before this has not come in time.
    cut: Instant,
    /// Whether the last thing told was a mark.
    is_marked: bool,
}

/// Where a stream stands.
#[derive(Clone, Copy)]
struct Stream {
    ssrc: u32,
    /// The next block to be told.
    next: u16,
    /// A packet from far behind: the stream may have begun anew.
    restart: Option<u16>,
}

/// The blocks from the next one on.
struct Window {
    /// Each with its block in `bytes`; `head` is the first.
    places: [Place; Self::LENGTH],
    head: usize,
    bytes: Zeroizing<Box<[u8]>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It may still come.
    Open,
    /// So many bytes.
    Here(u16),
    /// It is not waited for.
    Lost,
}

impl Receiver {
    /// How long a packet that was overtaken may take. What is repeated waits for nothing.
    pub const PATIENCE: Duration = Duration::from_millis(500);
    /// Room that what one call tells needs at most.
    pub const MOST: usize = Window::LENGTH * LONGEST;

    /// A stream that has not begun. Allocates; nothing later does.
    pub fn new(format: TextFormat) -> Self {
        Self {
            format,
            stream: None,
            window: Window::new(),
            decoder: Decoder::default(),
            waits_until: None,
            cut: Instant::ZERO,
            is_marked: false,
        }
    }

    /// The stream has these payload types from now on.
    pub const fn set_format(&mut self, format: TextFormat) {
        self.format = format;
    }

    /// Takes in one packet, and tells what can be told by it.
    ///
    /// # Errors
    /// [`PacketError`] if it is no text.
    pub fn packet(
        &mut self,
        now: Instant,
        header: &Header,
        payload: &[u8],
        to: &mut Queue,
    ) -> Result<(), PacketError> {
        let TextFormat { t140, red, .. } = self.format;
        let blocks = match header.payload_type {
            number if Some(number) == red => Blocks::read(payload, t140),
            number if number == t140 => Blocks::alone(payload),
            _ => None,
        };
        let blocks = blocks.ok_or(PacketError)?;
        if self.find_place(header, &blocks, to) {
            self.place(now, header.sequence, &blocks);
            self.tell(to);
            let is_waiting = self.window.is_holding();
            let until = self.waits_until.unwrap_or(now + Self::PATIENCE);
            self.waits_until = is_waiting.then_some(until);
        }
        Ok(())
    }

    /// When [`Self::handle_timeout`] is due.
    pub const fn deadline(&self) -> Option<Instant> {
        self.waits_until
    }

    /// Gives up what was waited for in vain, and tells what comes after it.
    pub fn handle_timeout(&mut self, now: Instant, to: &mut Queue) {
        if self.waits_until.is_some_and(|until| until <= now) {
            self.give_up(to);
        }
    }

    /// Others listen from now on: what has come is told, and what was sent before and has not come
    /// is lost, even if it is repeated later.
    pub fn cut(&mut self, now: Instant, to: &mut Queue) {
        self.give_up(to);
        self.cut = now;
    }

    /// Moves the window so that the packet has a place in it; `false` if it has come before, or too
    /// late.
    fn find_place(&mut self, header: &Header, blocks: &Blocks<'_>, to: &mut Queue) -> bool {
        let sequence = header.sequence;
        let known = self.stream.filter(|stream| stream.ssrc == header.ssrc);
        let Some(Stream { next, restart, ssrc }) = known else {
            return self.begin(header, blocks, to);
        };
        let (ahead, behind) = (sequence.wrapping_sub(next), next.wrapping_sub(sequence));
        if behind > 0 && behind < 0x8000 {
            if behind > MAX_MISORDER && restart == Some(sequence) {
                return self.begin(header, blocks, to);
            }
            let restart = (behind > MAX_MISORDER).then(|| sequence.wrapping_add(1));
            self.stream = Some(Stream { next, restart, ssrc });
            return false;
        }
        if usize::from(ahead) >= Window::LENGTH {
            self.give_up(to);
            self.leap(sequence, blocks, to);
        }
        true
    }

    /// Goes on with the oldest block of a packet that is far ahead, all before it being lost.
    fn leap(&mut self, sequence: u16, blocks: &Blocks<'_>, to: &mut Queue) {
        let Some(stream) = &mut self.stream else { return };
        let oldest = sequence.wrapping_sub(blocks.repeats());
        if oldest.wrapping_sub(stream.next) < 0x8000 && oldest != stream.next {
            stream.next = oldest;
            self.lose(to);
        }
    }

    /// A stream begins: what its first packet repeats has not been told.
    fn begin(&mut self, header: &Header, blocks: &Blocks<'_>, to: &mut Queue) -> bool {
        self.give_up(to);
        let next = header.sequence.wrapping_sub(blocks.repeats());
        self.stream = Some(Stream { ssrc: header.ssrc, next, restart: None });
        true
    }

    /// Puts the blocks of a packet to their places, where they are still open.
    fn place(&mut self, now: Instant, sequence: u16, blocks: &Blocks<'_>) {
        let Some(Stream { next, .. }) = self.stream else { return };
        for (back, block) in (0..).zip(blocks.newest_first()) {
            let at = sequence.wrapping_sub(back).wrapping_sub(next);
            let sent = now - Duration::from_millis(block.age_ms.into());
            let is_too_late = back > 0 && sent < self.cut && !block.text.is_empty();
            self.window.put(at, (!is_too_late).then_some(block));
        }
    }

    /// Tells what is next, up to the first block that may still come.
    fn tell(&mut self, to: &mut Queue) {
        while self.window.first() != Place::Open {
            match self.window.first() {
                Place::Here(_) => {
                    let text = self.window.text();
                    self.is_marked &= text.is_empty();
                    self.decoder.decode(text, to);
                }
                Place::Open | Place::Lost => self.lose(to),
            }
            self.window.shift();
            if let Some(stream) = &mut self.stream {
                stream.next = stream.next.wrapping_add(1);
            }
        }
    }

    /// Waits for nothing more.
    fn give_up(&mut self, to: &mut Queue) {
        self.waits_until = None;
        while self.window.is_holding() {
            self.window.lose_first();
            self.tell(to);
        }
    }

    fn lose(&mut self, to: &mut Queue) {
        // Losses that follow each other are one.
        if !std::mem::replace(&mut self.is_marked, true) {
            self.decoder.lose(to);
        }
    }
}

impl Window {
    /// More than two seconds of a sender that keeps to 300 ms.
    const LENGTH: usize = 8;

    fn new() -> Self {
        let bytes = Zeroizing::new(vec![0; Self::LENGTH * LONGEST].into_boxed_slice());
        Self { places: [Place::Open; Self::LENGTH], head: 0, bytes }
    }

    /// Whether anything is here that may not be told yet.
    fn is_holding(&self) -> bool {
        self.places.iter().any(|place| matches!(place, Place::Here(_)))
    }

    const fn first(&self) -> Place {
        self.places[self.head]
    }

    /// The first block's text.
    fn text(&self) -> &[u8] {
        let Place::Here(length) = self.first() else { return &[] };
        &self.bytes[self.head * LONGEST..][..usize::from(length)]
    }

    /// The next block is the first one.
    const fn shift(&mut self) {
        self.places[self.head] = Place::Open;
        self.head = (self.head + 1) % Self::LENGTH;
    }

    const fn lose_first(&mut self) {
        self.places[self.head] = Place::Lost;
    }

    /// Puts a block, or that it is lost, `at` places after the first, if that one is open.
    fn put(&mut self, at: u16, block: Option<Block<'_>>) {
        let at = usize::from(at);
        let place = (self.head + at) % Self::LENGTH;
        if at >= Self::LENGTH || self.places[place] != Place::Open {
            return;
        }
        self.places[place] = block.map_or(Place::Lost, |block| {
            self.bytes[place * LONGEST..][..block.text.len()].copy_from_slice(block.text);
            Place::Here(block.text.len() as u16)
        });
    }
}

/// Hides the text.
impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text::Receiver(..)")
    }
}

/// RFC 3550 A.1: a packet from further behind belongs to a stream that has begun anew, if another
/// one follows.
const MAX_MISORDER: u16 = 100;

#[cfg(test)]
mod tests;
