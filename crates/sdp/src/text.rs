//! The text stream beside the audio (RFC 4103 §10, RFC 4102): real-time text with redundancy.
//!
//! It is an extra: whatever is wrong with it, the stream is refused with port 0 and the audio goes
//! on. Encryption follows the audio's policy, with keys of its own.
//!
//! # Assumptions
//! - Text without redundancy (t140 alone) is served too; where both are offered, both are taken.
//! - A line that names red without its parameters means two repeats, which is what RFC 4103 §6.1
//!   recommends.
//! - A mixer's own format (a=rtt-mixer, RFC 9071) is not offered: who said what is marked in
//!   the text itself.

use std::net::SocketAddr;

use model::{CryptoSuite, Direction, SrtpPolicy, TextFormat, TextPolicy};

use crate::description::{Description, Mapping, Media};
use crate::security::{Profile, Security};
use crate::stream::{flow, usable};
use crate::{Keys, Local};

/// What an exchange settled of a leg's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// What we send, under the peer's numbers.
    pub sent: TextFormat,
    /// What comes in, under our numbers.
    pub received: TextFormat,
    /// Where it goes; unspecified while the peer holds us the old way.
    pub remote: SocketAddr,
    /// How it is encrypted, `None` when it is not.
    pub srtp: Option<CryptoSuite>,
    /// Which way it flows, seen from us.
    pub direction: Direction,
    /// Characters a second that the peer takes, averaged over ten seconds.
    pub cps: u16,
}

/// Our side of a leg's text.
pub(crate) struct TextSide {
    local: Local,
    security: Security,
    /// What our next offer says of it.
    wish: TextPolicy,
    settled: Option<(Text, Option<Keys>)>,
}

impl TextSide {
    /// Text at `local`, not yet settled.
    pub(crate) const fn new(local: Local, security: Security, wish: TextPolicy) -> Self {
        Self { local, security, wish, settled: None }
    }

    /// What our offers say of it from now on.
    pub(crate) const fn wish(&mut self, wish: TextPolicy) {
        self.wish = wish;
    }

    /// What the last completed exchange settled.
    pub(crate) fn settled(&self) -> Option<(&Text, Option<&Keys>)> {
        self.settled.as_ref().map(|(text, keys)| (text, keys.as_ref()))
    }

    /// Whether there is text in `offer` that can be served.
    pub(crate) fn serves(&self, offer: &Description) -> bool {
        self.choose(offer).is_some_and(|slot| agree(&self.local, offer, slot).is_some())
    }

    /// Answers the offer's text, if it can be served: where it is, and our line.
    pub(crate) fn answer(&mut self, offer: &Description) -> Option<(usize, Media)> {
        let answered = self.choose(offer).and_then(|slot| {
            let mut text = agree(&self.local, offer, slot)?;
            let offered = &offer.media[slot];
            let before = self.settled.as_ref().and_then(|(_, keys)| keys.as_ref());
            let (crypto, keys) = self.security.answer_to(offered, before).unzip();
            text.srtp = keys.as_ref().map(|keys: &Keys| keys.ours.suite());
            let mut ours = line(&self.local, &offered.protocol, text.received);
            ours.direction = Some(text.direction);
            ours.crypto = crypto.into_iter().collect();
            ours.rtcp_mux &= offered.rtcp_mux;
            Some((slot, ours, (text, keys)))
        });
        let (answer, settled) = answered.map(|(slot, ours, text)| ((slot, ours), text)).unzip();
        self.settle(settled);
        answer
    }

    /// Our line of an offer, if text is offered now; `before` is our last description of it.
    pub(crate) fn offer(&mut self, before: Option<&Media>) -> Option<Media> {
        match self.wish {
            TextPolicy::Off => return None,
            TextPolicy::Accepted if self.settled.is_none() => return None,
            TextPolicy::Accepted | TextPolicy::Offered => {}
        }
        let protocol = before.map_or(self.security.protocol(), |before| &before.protocol);
        let nothing = Media::new(TEXT, 0, protocol, Vec::new());
        let before = before.unwrap_or(&nothing);
        let red = before.number(RED, USUAL_RED, &[]);
        let t140 = before.number(T140, USUAL_T140, &[red]);
        let format = TextFormat { t140, red: Some(red), repeats: TextFormat::REPEATS };
        let mut ours = line(&self.local, protocol, format);
        ours.direction = Some(Direction::Both);
        ours.crypto = self.security.offer();
        Some(ours)
    }

    /// Takes the peer's answer to our line `offered`, which may be a refusal.
    pub(crate) fn complete(&mut self, offered: &Media, answer: &Description, slot: usize) {
        let settled = agree(&self.local, answer, slot).and_then(|mut text| {
            let before = self.settled.as_ref().and_then(|(_, keys)| keys.as_ref());
            let keys = self.security.accept(offered, &answer.media[slot], before).ok()?;
            text.srtp = keys.as_ref().map(|keys| keys.ours.suite());
            text.received = formats(offered)?;
            Some((text, keys))
        });
        self.settle(settled);
    }

    /// Our keys are not to be gone on with.
    pub(crate) fn spend_keys(&mut self) {
        self.security.spend();
    }

    /// No text was spoken of.
    pub(crate) fn settle_none(&mut self) {
        self.settle(None);
    }

    fn settle(&mut self, settled: Option<(Text, Option<Keys>)>) {
        let before = self.settled.take().and_then(|(_, keys)| keys);
        let after = settled.as_ref().and_then(|(_, keys)| keys.as_ref());
        self.security.settle(before.as_ref(), after);
        self.settled = settled;
    }

    /// The stream to serve: the first that is encrypted or plain as the policy allows; where both
    /// are allowed, an encrypted one before a plain one.
    fn choose(&self, offer: &Description) -> Option<usize> {
        let security = &self.security;
        let is_secured = |media: &Media| media.profile().is_some() && security.is_usable(media);
        let is_plain = |media: &Media| media.profile() == Some(Profile::Plain);
        let first = |fits: &dyn Fn(&Media) -> bool| {
            let mut slots = offer.media.iter();
            slots.position(|media| media.is_open_text() && formats(media).is_some() && fits(media))
        };
        let plain = match security.policy {
            SrtpPolicy::Required => None,
            SrtpPolicy::Off | SrtpPolicy::Optional => first(&is_plain),
        };
        first(&is_secured).or(plain)
    }
}

impl Media {
    /// Whether this is text that is not refused.
    pub(crate) fn is_open_text(&self) -> bool {
        self.kind == TEXT && self.port != 0
    }

    /// Whether this is text that is refused.
    pub(crate) fn is_refused_text(&self) -> bool {
        self.kind == TEXT && self.port == 0
    }

    fn listed(&self, name: (&'static str, u32, u8)) -> Option<u8> {
        let is_it = |mapping: &&Mapping| mapping.is(name);
        self.mappings.iter().find(is_it).map(|mapping| mapping.payload_type)
    }

    fn parameters_of(&self, payload_type: u8) -> &str {
        let found = self.parameters.iter().find(|(number, _)| *number == payload_type);
        found.map_or("", |(_, parameters)| parameters)
    }
}

impl Description {
    /// Whether it has text that is not refused and that we can read.
    pub fn has_text(&self) -> bool {
        self.media.iter().any(|media| media.is_open_text() && formats(media).is_some())
    }
}

/// What the line at `slot` settles between its writer and us.
fn agree(local: &Local, description: &Description, slot: usize) -> Option<Text> {
    let media = description.media.get(slot).filter(|media| media.is_open_text())?;
    let format = formats(media)?;
    let ip = usable(media.connection.or(description.connection), local)?;
    Some(Text {
        sent: format,
        received: format,
        remote: SocketAddr::new(ip, media.port),
        srtp: None,
        direction: flow(media.direction.or(description.direction), ip),
        cps: cps(media.parameters_of(format.t140)),
    })
}

/// The formats of a line of text; `None` if there is no text that we can read.
fn formats(media: &Media) -> Option<TextFormat> {
    let t140 = media.listed(T140)?;
    let red = media.listed(RED);
    let repeats = red.map_or(0, |red| repeats(media.parameters_of(red), t140));
    Some(TextFormat { t140, red: red.filter(|_| repeats > 0), repeats })
}

/// `98/98/98`: the text, and each time it is repeated (RFC 4102 §3).
fn repeats(parameters: &str, t140: u8) -> u8 {
    if parameters.is_empty() {
        return TextFormat::REPEATS;
    }
    let is_text = |number: &&str| number.trim().parse() == Ok(t140);
    let times = parameters.split('/').take_while(is_text).count();
    u8::try_from(times.saturating_sub(1)).unwrap_or(u8::MAX).min(TextFormat::REPEATS)
}

/// RFC 4103 §6 and §10.1.
fn cps(parameters: &str) -> u16 {
    let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let value = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("cps"));
    let value = value.filter_map(|(_, value)| value.trim().parse::<u16>().ok()).next();
    value.filter(|&cps| cps > 0).unwrap_or(USUAL_CPS)
}

/// Our own m= line.
fn line(local: &Local, protocol: &str, format: TextFormat) -> Media {
    let TextFormat { t140, red, repeats } = format;
    let numbers = red.into_iter().chain([t140]).map(|number| number.to_string());
    let mut media = Media::new(TEXT, local.port, protocol, numbers.collect());
    let mapping = |payload_type, (encoding, rate_hz, channels): (&str, u32, u8)| Mapping {
        payload_type,
        encoding: encoding.to_owned(),
        rate_hz,
        channels,
    };
    media.mappings.push(mapping(t140, T140));
    if let Some(red) = red {
        media.mappings.push(mapping(red, RED));
        let times = std::iter::repeat_n(t140.to_string(), 1 + usize::from(repeats));
        media.parameters.push((red, times.collect::<Vec<_>>().join("/")));
    }
    media.rtcp_mux = local.rtcp_mux;
    media
}

/// Hides the address.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("sent", &self.sent)
            .field("received", &self.received)
            .field("srtp", &self.srtp)
            .field("direction", &self.direction)
            .field("cps", &self.cps)
            .finish_non_exhaustive()
    }
}

const TEXT: &str = "text";
const T140: (&str, u32, u8) = ("t140", 1000, 1);
const RED: (&str, u32, u8) = ("red", 1000, 1);
const USUAL_T140: u8 = 98;
const USUAL_RED: u8 = 100;
/// RFC 4103 §6.
const USUAL_CPS: u16 = 30;
