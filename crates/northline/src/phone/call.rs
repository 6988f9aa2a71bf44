//! One call of a simulated phone, as its user holds it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::{Digit, EndReason, Instant, LegCommand, LegId};
use os::clock;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::ears::Heard;
use super::journal::{Journal, PhoneEvent};
use super::line::Order;
use super::mouth::{Pressing, Speech, Spoken};
use super::voice::{Voice, VoiceOrder, digits};

/// One call; a clone is the same call. It goes on until either side hangs up.
#[derive(Clone)]
pub struct Call {
    pub(super) leg: LegId,
    pub(super) orders: UnboundedSender<Order>,
    pub(super) voice: Arc<Voice>,
    pub(super) journal: Journal,
}

/// How a phone sends digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStyle {
    /// As telephone-events in the RTP stream (RFC 4733).
    Rfc4733,
    /// By SIP INFO.
    Info,
}

impl Call {
    /// Waits until the far end rings, answers or ends; the instant it rang at.
    pub async fn ringing(&self) -> Option<Instant> {
        self.happened(PhoneEvent::Ringing).await.ok()
    }

    /// Waits until the call is established; else why it ended.
    pub async fn answered(&self) -> Result<Instant, EndReason> {
        self.happened(PhoneEvent::Answered).await
    }

    /// Waits for the first packet of audio.
    pub async fn first_audio(&self) -> Option<Instant> {
        self.happened(PhoneEvent::FirstAudio).await.ok()
    }

    /// Waits until the call is over.
    pub async fn ended(&self) -> (Instant, EndReason) {
        match self.journal.until(|_| false).await {
            (at, PhoneEvent::Ended(reason)) => (at, reason),
            (at, _) => (at, EndReason::Lost),
        }
    }

    /// What happened so far, in order.
    pub fn events(&self) -> Vec<(Instant, PhoneEvent)> {
        self.journal.lines()
    }

    /// Waits for the event number `index`, from 0; `None` when the call ended before.
    pub async fn event(&self, index: usize) -> Option<(Instant, PhoneEvent)> {
        self.journal.line(index).await
    }

    /// The keys pressed at the far end so far.
    pub fn digits_heard(&self) -> Vec<Digit> {
        let digit = |(_, event)| match event {
            PhoneEvent::Digit(digit) => Some(digit),
            _ => None,
        };
        self.events().into_iter().filter_map(digit).collect()
    }

    /// Answers a call that rings here.
    pub fn answer(&self) {
        self.order(Order::Answer(self.leg));
    }

    /// Turns a call that rings here away: busy (486).
    pub fn turn_away(&self) {
        let (leg, status) = (self.leg, 486);
        self.order(Order::Command(LegCommand::Refuse { leg, status, retry_after: None }));
    }

    /// Ends the call and waits until it is over.
    pub async fn hang_up(&self) {
        self.order(Order::Command(LegCommand::End { leg: self.leg }));
        self.ended().await;
    }

    /// Says `samples` (8 kHz) after everything said before; begins at once, and tells when it was
    /// said. `None` if the call ended first.
    pub fn speak(&self, samples: Arc<[i16]>) -> impl Future<Output = Option<Spoken>> + use<> {
        let (said, when) = oneshot::channel();
        self.voice.order(VoiceOrder::Speak(Speech { samples, said }));
        async { when.await.ok() }
    }

    /// Presses the keys of `text` one after the other, and tells when that was. `None` if a
    /// character is no key, the far end takes no telephone-events, or the call ended first.
    pub async fn press(&self, text: &str, style: KeyStyle) -> Option<Spoken> {
        let digits = digits(text)?;
        match style {
            KeyStyle::Rfc4733 => {
                let (pressed, when) = oneshot::channel();
                let pressing = Pressing { digits: digits.into(), pressed };
                self.voice.order(VoiceOrder::Press(pressing));
                when.await.ok()
            }
            KeyStyle::Info => Some(self.press_by_info(&digits).await),
        }
    }

    /// Everything heard since the session was settled.
    pub fn heard(&self) -> Heard {
        self.voice.heard()
    }

    async fn press_by_info(&self, digits: &[Digit]) -> Spoken {
        let starts = clock::now();
        for &digit in digits {
            self.order(Order::Command(LegCommand::SendDigit { leg: self.leg, digit }));
            tokio::time::sleep(BETWEEN_KEYS).await;
        }
        Spoken { starts, ends: clock::now() }
    }

    /// Waits for `event`; else why the call ended.
    async fn happened(&self, event: PhoneEvent) -> Result<Instant, EndReason> {
        match self.journal.until(|line| line == event).await {
            (_, PhoneEvent::Ended(reason)) => Err(reason),
            (at, _) => Ok(at),
        }
    }

    fn order(&self, order: Order) {
        // A phone that is gone obeys nobody; its calls have ended.
        let _ = self.orders.send(order);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.leg)
    }
}

/// From one key to the next when sent by INFO: as a quick finger.
const BETWEEN_KEYS: Duration = Duration::from_millis(150);
