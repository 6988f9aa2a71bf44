//! The offer/answer state of one leg (RFC 3264, RFC 6337).
//!
//! Whether an exchange is allowed at all (glare, 491) is `sip`'s to judge; what arrives here is
//! served. A failed exchange leaves what was settled before.
//!
//! # Assumptions
//! - One codec is answered, not all in common: nothing changes in mid-stream.
//! - Text without audio is taken where the leg may have text alone, and in an offer that wants no
//!   audio: one whose audio cannot be served is refused, whatever text it has besides.
//! - A description repeated with the o= line of the last exchange is taken as that exchange
//!   repeated, whatever else it says (RFC 3264 §8: it must be identical).

use model::{Chance, Codecs, Direction, SessionDescription, Silence, SrtpPolicy, TextPolicy};

use crate::description::{Address, Description, Media, Origin};
use crate::format::{ComfortNoise, offered};
use crate::security::{Keys, Security};
use crate::stream::{agree, candidates, ours};
use crate::text::TextSide;
use crate::write::host;
use crate::{Agreed, AnswerError, Crypto, Format, Local, Text};

/// The offer/answer state of one leg.
pub struct Session {
    local: Local,
    codecs: Codecs,
    security: Security,
    silence: Silence,
    /// Where it has a place for text.
    text: Option<TextSide>,
    /// Whether it may be without audio, where there is text.
    text_alone: bool,
    settled: Option<Settled>,
    /// Our offer that waits for its answer.
    open: Option<Spoken>,
    /// The highest version we ever said: a version never stands for two descriptions.
    newest_version: u64,
}

/// The last completed exchange.
struct Settled {
    ours: Spoken,
    theirs: Origin,
    offerer: Party,
    agreed: Agreed,
    /// What may come in, under our numbers.
    incoming: Vec<Format>,
    keys: Option<Keys>,
}

/// A description of ours, with the positions of the streams we serve.
#[derive(Clone)]
struct Spoken {
    description: Description,
    /// That of the audio, `None` in text alone.
    slot: Option<usize>,
    /// That of the text, where we have offered or accepted it.
    text: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    We,
    Peer,
}

impl Session {
    /// A leg before its first exchange, with G.711 and without encryption.
    pub const fn new(local: Local) -> Self {
        Self {
            local,
            codecs: Codecs::TELEPHONE,
            security: Security::OFF,
            silence: Silence::Sent,
            text: None,
            text_alone: false,
            settled: None,
            open: None,
            newest_version: 0,
        }
    }

    /// The same leg with other codecs, offered in their order.
    #[must_use]
    pub fn with_codecs(self, codecs: Codecs) -> Self {
        Self { codecs, ..self }
    }

    /// The same leg with encryption as `policy` wants it; `chance` makes its keys.
    #[must_use]
    pub fn with_srtp(self, policy: SrtpPolicy, chance: Chance) -> Self {
        Self { security: Security::new(policy, chance), ..self }
    }

    /// Gives the leg a place for text, at `port` and the one above it, encrypted by the policy of
    /// its audio: text that is offered is accepted from now on, and our own offers have it as
    /// [`Session::wish_text`] says. A leg that has a place keeps it.
    pub fn add_text(&mut self, port: u16, chance: Chance, wish: TextPolicy) {
        let local = Local { port, rtcp_port: port.wrapping_add(1), ..self.local };
        let security = Security::new(self.security.policy, chance);
        self.text.get_or_insert_with(|| TextSide::new(local, security, wish));
    }

    /// What our next offers say of text, where there is a place for it: nothing (a line that was
    /// there is refused), what was settled, or that we want it.
    pub fn wish_text(&mut self, wish: TextPolicy) {
        self.text.iter_mut().for_each(|text| text.wish(wish));
    }

    /// The same leg, which may have text and no audio: an offer of that is served.
    #[must_use]
    pub fn with_text_alone(self) -> Self {
        Self { text_alone: true, ..self }
    }

    /// What the last completed exchange settled of its text, and the keys of that; `None` without
    /// text.
    pub fn text(&self) -> Option<(&Text, Option<&Keys>)> {
        self.text.as_ref().and_then(TextSide::settled)
    }

    /// The same leg with descriptions of silence (RFC 3389), where `silence` wants them and the peer
    /// takes them.
    #[must_use]
    pub fn with_silence(self, silence: Silence) -> Self {
        Self { silence, ..self }
    }

    /// Our side.
    pub const fn local(&self) -> &Local {
        &self.local
    }

    /// What the last completed exchange settled.
    pub fn agreed(&self) -> Option<&Agreed> {
        self.settled.as_ref().map(|settled| &settled.agreed)
    }

    /// What may come in by the last completed exchange, each under its number.
    pub fn incoming(&self) -> &[Format] {
        self.settled.as_ref().map_or(&[], |settled| &settled.incoming)
    }

    /// The keys the last completed exchange settled, `None` for plain media.
    pub fn keys(&self) -> Option<&Keys> {
        self.settled.as_ref()?.keys.as_ref()
    }

    /// Our offer of all we can (RFC 6337 §5.3), open until an answer is accepted. While one is
    /// open it is repeated, and so are the last bytes when nothing in them would change.
    pub fn make_offer(&mut self) -> SessionDescription {
        let offer = match self.open.take() {
            Some(open) => open,
            None => self.offer(),
        };
        self.open.insert(offer).wire()
    }

    /// Our last settled description, byte for byte: what a refresh sends.
    pub fn refresh(&self) -> Option<SessionDescription> {
        self.settled.as_ref().map(|settled| settled.ours.wire())
    }

    /// The keys we send with were begun with anew, by whoever lost count of the packets: our next
    /// offer has others, audio and text alike. Until that is answered those settled go on.
    pub fn spend_keys(&mut self) {
        self.security.spend();
        self.text.iter_mut().for_each(TextSide::spend_keys);
    }

    /// The peer refused our offer, or never answered.
    pub fn abandon_offer(&mut self) {
        self.open = None;
    }

    /// Answers the peer's offer: the first audio stream with a codec of ours, in the offerer's
    /// order of preference, and text where there is a place for it; every other stream is refused
    /// with port 0. An offer without audio is served where text alone may be. An offer of ours that
    /// is still open is given up.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn accept_offer(
        &mut self,
        offer: &SessionDescription,
    ) -> Result<(SessionDescription, Agreed), AnswerError> {
        let offer = Description::parse(offer.bytes())?;
        self.open = None;
        if let Some(settled) = self.settled.as_ref().filter(|s| s.repeats(&offer)) {
            return Ok((settled.ours.wire(), settled.agreed));
        }
        let (audio, agreed, keys) = match self.choose(&offer) {
            Err(AnswerError::NoAudio) if self.is_text_alone(&offer) => {
                (None, Agreed::without_sound(&self.local), None)
            }
            chosen => {
                let (slot, mut agreed) = chosen?;
                let before = self.settled.as_ref().and_then(|settled| settled.keys.as_ref());
                let (line, keys) = self.security.answer_to(&offer.media[slot], before).unzip();
                agreed.srtp = keys.as_ref().map(|keys: &Keys| keys.ours.suite());
                (Some((slot, self.answer_audio(&offer.media[slot], &agreed, line))), agreed, keys)
            }
        };
        let ours = self.answer(&offer, audio);
        let answer = ours.wire();
        self.settle(ours, offer.origin, Party::Peer, (agreed, vec![agreed.format], keys));
        Ok((answer, agreed))
    }

    /// Whether `offer` has text that we serve, and wants no audio.
    fn is_text_alone(&self, offer: &Description) -> bool {
        let has_text = self.text.as_ref().is_some_and(|text| text.serves(offer));
        self.text_alone && has_text && !offer.media.iter().any(Media::is_open_audio)
    }

    /// Completes our offer with the peer's answer. A further answer to the same offer (the 200
    /// after an early answer, another fork) replaces the earlier one.
    ///
    /// # Errors
    /// Why the answer cannot be served; the offer stays open for a better one.
    pub fn accept_answer(&mut self, answer: &SessionDescription) -> Result<Agreed, AnswerError> {
        let ours = self.open.clone().or_else(|| self.last_offer());
        self.complete(ours, answer)
    }

    /// Takes another answer of the peer to our last description, which a refresh of the session
    /// said again as an offer (RFC 4028 §7.4), whoever had offered before.
    ///
    /// # Errors
    /// Why the answer cannot be served; what was settled stays.
    pub fn accept_refreshed(&mut self, answer: &SessionDescription) -> Result<Agreed, AnswerError> {
        let ours = self.settled.as_ref().map(|settled| settled.ours.clone());
        self.complete(ours, answer)
    }

    fn complete(
        &mut self,
        ours: Option<Spoken>,
        answer: &SessionDescription,
    ) -> Result<Agreed, AnswerError> {
        let ours = ours.ok_or(AnswerError::OutOfOrder)?;
        let answer = Description::parse(answer.bytes())?;
        let settled = match ours.slot {
            Some(slot) => self.complete_audio(&ours, &answer, slot)?,
            None if self.is_text_alone(&answer) => {
                (Agreed::without_sound(&self.local), Vec::new(), None)
            }
            None => return Err(AnswerError::NoAudio),
        };
        if let Some(text) = &mut self.text {
            let offered =
                ours.text.and_then(|slot| Some((slot, ours.description.media.get(slot)?)));
            match offered {
                Some((slot, offered)) => text.complete(offered, &answer, slot),
                None => text.settle_none(),
            }
        }
        let agreed = settled.0;
        self.settle(ours, answer.origin, Party::We, settled);
        Ok(agreed)
    }

    /// What the peer's answer settles of the audio of our offer.
    fn complete_audio(
        &mut self,
        ours: &Spoken,
        answer: &Description,
        slot: usize,
    ) -> Result<(Agreed, Vec<Format>, Option<Keys>), AnswerError> {
        let theirs = answer.media.get(slot).filter(|media| media.is_open_audio());
        let (offered, theirs) = ours.stream().zip(theirs).ok_or(AnswerError::NoAudio)?;
        let mut agreed = self.agree(answer, slot)?;
        // RFC 3264 §6.1: the peer may send whatever it accepted, under the numbers of our offer.
        let accepted = theirs.formats_of(|_| true);
        let is_accepted = |codec| accepted.iter().any(|format| format.codec == codec);
        let incoming = offered.formats_of(is_accepted);
        let before = self.settled.as_ref().and_then(|settled| settled.keys.as_ref());
        let keys = self.security.accept(offered, theirs, before)?;
        agreed.srtp = keys.as_ref().map(|keys| keys.ours.suite());
        let events = offered.telephone_events(agreed.format.codec.clock_hz());
        let events = events.filter(|_| agreed.telephone_event.is_some());
        agreed.telephone_event_in = events.map(|events| events.payload_type);
        Ok((agreed, incoming, keys))
    }

    /// The stream to serve: the one served before if it can be, else the first that can.
    fn choose(&self, offer: &Description) -> Result<(usize, Agreed), AnswerError> {
        let mut slots = candidates(offer, &self.security)?;
        if let Some(settled) = &self.settled {
            slots.sort_by_key(|&slot| Some(slot) != settled.ours.slot);
        }
        let agree = |slot| Ok((slot, self.agree(offer, slot)?));
        let mut tried = slots.into_iter().map(agree);
        let first = tried.next().ok_or(AnswerError::NoAudio)?;
        first.or_else(|error| tried.find_map(Result::ok).ok_or(error))
    }

    fn agree(&self, theirs: &Description, slot: usize) -> Result<Agreed, AnswerError> {
        let agreed = agree(&self.local, self.codecs, theirs, slot)?;
        let comfort_noise = agreed.comfort_noise.filter(|_| self.describes_silence());
        Ok(Agreed { comfort_noise, ..agreed })
    }

    fn describes_silence(&self) -> bool {
        self.silence == Silence::Described
    }

    fn offer(&mut self) -> Spoken {
        let before = self.settled.as_ref().map(|settled| &settled.ours);
        // RFC 3264 §8: no m= line ever goes away.
        let mut media = before.map_or_else(Vec::new, |before| before.description.media.clone());
        let slot = before.map_or(Some(0), |before| before.slot);
        if let Some(slot) = slot {
            let ours = self.offer_audio();
            media.resize_with(media.len().max(slot + 1), || ours.clone());
            media[slot] = ours;
        }
        let text = self.offer_text(&mut media);
        self.speak(media, slot, text)
    }

    fn offer_audio(&mut self) -> Media {
        let before = self.settled.as_ref().map(|settled| &settled.ours);
        let stream = before.and_then(Spoken::stream);
        let protocol = stream.map_or(self.security.protocol(), |stream| &stream.protocol);
        let nothing = Media::new("audio", 0, protocol, Vec::new());
        let (formats, events) = offered(stream.unwrap_or(&nothing), self.codecs.iter());
        let is_narrow = formats.iter().any(|format| format.codec.clock_hz() == 8000);
        let noise = Some(ComfortNoise::STATIC).filter(|_| is_narrow && self.describes_silence());
        let mut ours = ours(&self.local, protocol, &formats, (&events, noise));
        ours.direction = Some(Direction::Both);
        ours.crypto = self.security.offer();
        ours
    }

    /// Adds our line of text to an offer, or refuses the one that was there; returns its position.
    fn offer_text(&mut self, media: &mut Vec<Media>) -> Option<usize> {
        let known = self.settled.as_ref().and_then(|settled| settled.ours.text);
        let before = known.and_then(|slot| media.get(slot));
        let Some(ours) = self.text.as_mut().and_then(|text| text.offer(before)) else {
            if let Some(before) = known.and_then(|slot| media.get_mut(slot)) {
                *before = before.refused();
            }
            return None;
        };
        // RFC 3264 §8.1: the place of a refused stream may be used again.
        let free = || media.iter().position(Media::is_refused_text);
        let slot = known.or_else(free).unwrap_or(media.len());
        match media.get_mut(slot) {
            Some(before) => *before = ours,
            None => media.push(ours),
        }
        Some(slot)
    }

    fn answer_audio(&self, offered: &Media, agreed: &Agreed, crypto: Option<Crypto>) -> Media {
        let events = offered.telephone_events(agreed.format.codec.clock_hz());
        let noise = offered.comfort_noise(agreed.format.codec).filter(|_| self.describes_silence());
        let also = (events.as_slice(), noise);
        let mut ours = ours(&self.local, &offered.protocol, &[agreed.format], also);
        ours.direction = Some(agreed.direction);
        ours.crypto = crypto.into_iter().collect();
        ours.rtcp_mux &= offered.rtcp_mux; // RFC 5761 §5.1.1
        ours
    }

    /// Our answer: `audio` at its place, text where it is served, and nothing else.
    fn answer(&mut self, offer: &Description, audio: Option<(usize, Media)>) -> Spoken {
        let mut media: Vec<Media> = offer.media.iter().map(Media::refused).collect();
        let slot = audio.map(|(slot, ours)| {
            media[slot] = ours;
            slot
        });
        let text = self.text.as_mut().and_then(|text| text.answer(offer));
        let text = text.map(|(slot, ours)| {
            media[slot] = ours;
            slot
        });
        self.speak(media, slot, text)
    }

    /// Our description of `media`: the last one if nothing changed, else under a new version
    /// (RFC 3264 §8).
    fn speak(&mut self, media: Vec<Media>, slot: Option<usize>, text: Option<usize>) -> Spoken {
        if let Some(settled) = &self.settled
            && settled.ours.description.media == media
        {
            return settled.ours.clone();
        }
        self.newest_version += 1;
        let description = Description {
            origin: Origin {
                identity: format!("- {}", self.local.session_id),
                version: self.newest_version.to_string(),
                host: host(Address::Ip(self.local.address)),
            },
            connection: Some(Address::Ip(self.local.address)),
            direction: None,
            media,
        };
        Spoken { description, slot, text }
    }

    fn last_offer(&self) -> Option<Spoken> {
        let settled = self.settled.as_ref().filter(|settled| settled.offerer == Party::We)?;
        Some(settled.ours.clone())
    }

    fn settle(
        &mut self,
        ours: Spoken,
        theirs: Origin,
        offerer: Party,
        (agreed, incoming, keys): (Agreed, Vec<Format>, Option<Keys>),
    ) {
        self.open = None;
        let before = self.settled.take().and_then(|settled| settled.keys);
        self.security.settle(before.as_ref(), keys.as_ref());
        self.settled = Some(Settled { ours, theirs, offerer, agreed, incoming, keys });
    }
}

impl Settled {
    /// Whether `offer` is the peer's last description again, and ours still answers it.
    fn repeats(&self, offer: &Description) -> bool {
        self.theirs == offer.origin && (self.offerer == Party::Peer || self.offer_answers())
    }

    /// Whether our own last offer, sent again as an answer, says nothing the peer's answer to it
    /// forbids: a direction (RFC 3264 §6.1), a=rtcp-mux (RFC 5761 §5.1.1), or more than one line of
    /// a=crypto (RFC 4568 §5.1.2), or text, which may be refused. More codecs than were offered are
    /// allowed.
    fn offer_answers(&self) -> bool {
        let asks_mux = self.ours.stream().is_some_and(|stream| stream.rtcp_mux);
        let plain = self.ours.stream().is_some_and(|stream| stream.crypto.is_empty());
        let is_one = self.ours.text.is_none();
        self.agreed.direction == Direction::Both
            && (self.agreed.is_muxed() || !asks_mux)
            && plain
            && is_one
    }
}

impl Spoken {
    fn wire(&self) -> SessionDescription {
        SessionDescription::new(self.description.to_bytes())
    }

    fn stream(&self) -> Option<&Media> {
        self.description.media.get(self.slot?)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (agreed, offering) = (self.agreed(), self.open.is_some());
        f.debug_struct("Session").field("agreed", &agreed).field("offering", &offering).finish()
    }
}
