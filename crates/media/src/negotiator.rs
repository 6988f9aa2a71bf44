//! The control side: offers and answers (RFC 3264), and everything a shard must not allocate.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use model::{
    Chance, Codec, Instant, LegId, MediaCommand, MediaEvent, MediaFacts, MediaPolicy, MediaRefusal,
    Noise, OwnAddress, Pacing, Party, PlayId, Prompt, PromptName, RoomId, SampleRate,
    SessionDescription, SrtpPolicy, TextPolicy, Treatment,
};
use sdp::{Agreed, AnswerError, Format, Keys, Local, Session};

use crate::coding::Coding;
use crate::command::Terms;
use crate::edition::Key;
use crate::keys::Rekey;
use crate::members::Members;
use crate::player::{Playlist, Track};
use crate::revival::Sounds;
use crate::room::Room;
use crate::text::{TextLine, Writing};
use crate::tuning::Wish;
use crate::{Leg, Library, Output, ShardCommand};

/// Negotiates for all legs of all shards.
pub struct Negotiator {
    pub(crate) chance: Chance,
    library: Arc<Library>,
    /// Boxed: the tree moves what stands in it, and an exchange is large.
    pub(crate) legs: BTreeMap<LegId, Box<Exchange>>,
    pub(crate) rooms: BTreeMap<RoomId, Members>,
    pub(crate) outputs: VecDeque<Output>,
}

/// The offer/answer state of one leg.
pub(crate) struct Exchange {
    pub(crate) room: RoomId,
    pub(crate) session: Session,
    /// What the shard has.
    pub(crate) keys: Option<Keys>,
    /// Where the peer's last description came from.
    pub(crate) signalling: Option<IpAddr>,
    /// The least rate of its room.
    least_rate: SampleRate,
    treatment: (Treatment, Noise),
    quiet_after: Duration,
    pacing: Pacing,
    pub(crate) sounds: Sounds,
    pub(crate) writing: Writing,
}

/// The even ports that a driver has bound for a command, RTCP on the next ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bound {
    /// For an `Open`; `None` for everything else or when no port is free.
    pub audio: Option<u16>,
    /// For text, where [`Negotiator::text_place`] named an address and a port is free there.
    pub text: Option<u16>,
}

/// Where a leg's reports go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reports {
    /// By the port of its sound.
    Along,
    /// By the odd port above it.
    Apart,
}

impl Negotiator {
    /// A negotiator without legs.
    pub const fn new(chance: Chance, library: Arc<Library>) -> Self {
        Self {
            chance,
            library,
            legs: BTreeMap::new(),
            rooms: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Replaces the recordings for all requests from now on.
    pub fn set_library(&mut self, library: Arc<Library>) {
        self.library = library;
    }

    /// Where a command needs a port for text; without one, text is refused and all else goes on.
    pub fn text_place(&self, command: &MediaCommand) -> Option<IpAddr> {
        match command {
            MediaCommand::Open { offer, own, policy, .. } => {
                Writing::new(policy, *own).wants_place(offer.as_ref(), policy.text)
            }
            MediaCommand::Reoffer { leg, offer, text } => {
                self.legs.get(leg)?.writing.wants_place(offer.as_ref(), *text)
            }
            _ => None,
        }
    }

    /// Where the reports of a leg go that a command opens, as far as that can be told: its peer's
    /// offer says whether they share the port of sound (RFC 5761 §5.1.1). Only looked for, since it
    /// is read later.
    pub fn reports(command: &MediaCommand) -> Reports {
        let MediaCommand::Open { offer: Some(offer), .. } = command else { return Reports::Along };
        let shares = offer.bytes().windows(SHARED.len()).any(|bytes| bytes == SHARED);
        if shares { Reports::Along } else { Reports::Apart }
    }

    /// Applies one command, with the ports that were bound for it, or the one for audio alone. A
    /// refused `Open` yields no [`ShardCommand::Open`], and text without a use no
    /// [`ShardCommand::OpenText`]: the driver frees the port.
    pub fn handle_command(
        &mut self,
        _now: Instant,
        command: MediaCommand,
        bound: impl Into<Bound>,
    ) {
        let bound = bound.into();
        match command {
            MediaCommand::Open { leg, room, offer, own, policy, quiet_after } => {
                let opened = self.open((leg, room), offer, (policy, quiet_after), (own, bound));
                self.refuse_unless(leg, opened);
            }
            MediaCommand::Answer { leg, answer } => {
                let answered = self.answer(leg, &answer);
                self.refuse_unless(leg, answered);
            }
            MediaCommand::Reoffer { leg, offer, text } => {
                let answered = self.reoffer(leg, offer, (text, bound.text));
                self.refuse_unless(leg, answered);
            }
            MediaCommand::Abandon { leg } => {
                if let Some(exchange) = self.legs.get_mut(&leg) {
                    exchange.session.abandon_offer();
                }
            }
            MediaCommand::Play { leg, play, prompts } => {
                self.play(leg, play, &prompts);
                self.note(leg, |sounds| sounds.playing = Some((play, prompts)));
            }
            MediaCommand::StopPlay { leg } => {
                self.note(leg, Sounds::stopped);
                self.order(leg, ShardCommand::StopPlay { leg });
            }
            MediaCommand::Music { leg, music } => {
                self.note(leg, |sounds| sounds.music.clone_from(&music));
                self.music(leg, music);
            }
            MediaCommand::Route { room, version, routes } => {
                self.rule(room, |members| members.route(room, version, &routes));
            }
            MediaCommand::Confer { room, version, except } => {
                self.rule(room, |members| members.confer(room, version, except));
            }
            MediaCommand::SendDigits { leg, digits } => {
                self.order(leg, ShardCommand::SendDigits { leg, digits });
            }
            MediaCommand::SendText { leg, text } => {
                self.order(leg, ShardCommand::Show { leg, text });
            }
            MediaCommand::Close { leg } => self.forget(leg),
        }
    }

    /// What is to be done, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Removes a leg by name without trusting its state; the shard retires it.
    pub fn forget(&mut self, leg: LegId) {
        let Some(exchange) = self.legs.remove(&leg) else { return };
        let room = exchange.room;
        self.outputs.push_back(Output::Shard { room, command: ShardCommand::Close { leg } });
        if let Some(members) = self.rooms.get_mut(&room) {
            members.leave(leg);
            let is_changed = members.tuning.remove(leg);
            if members.is_empty() {
                self.rooms.remove(&room);
            } else if is_changed {
                self.retune(room);
            }
        }
    }

    fn open(
        &mut self,
        (leg, room): (LegId, RoomId),
        offer: Option<SessionDescription>,
        (policy, quiet_after): (MediaPolicy, Duration),
        (own, bound): (OwnAddress, Bound),
    ) -> Result<(), MediaRefusal> {
        if self.legs.contains_key(&leg) {
            return Err(MediaRefusal::OutOfOrder);
        }
        let port = bound.audio.ok_or(MediaRefusal::NoPort)?;
        let session = self.session(SocketAddr::new(own.told, port), &policy);
        let mut exchange = Box::new(Exchange {
            room,
            session,
            keys: None,
            signalling: None,
            least_rate: policy.least_rate,
            treatment: (policy.treatment, policy.noise),
            quiet_after,
            pacing: policy.pacing,
            sounds: Sounds::default(),
            writing: Writing::new(&policy, own),
        });
        let text = exchange.open_text(bound.text, &mut self.chance);
        let (description, agreed) = exchange.describe(offer)?;
        self.legs.insert(leg, exchange);
        self.tune(leg);
        let members = self.rooms.entry(room).or_default();
        let (rate, matrix) = (members.tuning.rate(), members.join(room, leg));
        self.open_leg(leg, rate);
        self.open_text(leg, text);
        self.send(room, matrix);
        self.settle(leg, Some(description), agreed);
        Ok(())
    }

    fn answer(&mut self, leg: LegId, answer: &SessionDescription) -> Result<(), MediaRefusal> {
        let exchange = self.legs.get_mut(&leg).ok_or(MediaRefusal::OutOfOrder)?;
        let session = &mut exchange.session;
        // An answer that nothing asked for is one to a refresh, which `sip` sends by itself.
        let agreed = session.accept_answer(answer).or_else(|error| match error {
            AnswerError::OutOfOrder => session.accept_refreshed(answer),
            other => Err(other),
        })?;
        exchange.signalling = answer.source();
        self.settle(leg, None, Some(agreed));
        Ok(())
    }

    fn reoffer(
        &mut self,
        leg: LegId,
        offer: Option<SessionDescription>,
        (wish, text_port): (TextPolicy, Option<u16>),
    ) -> Result<(), MediaRefusal> {
        let exchange = self.legs.get_mut(&leg).ok_or(MediaRefusal::OutOfOrder)?;
        let text = exchange.open_text(text_port, &mut self.chance);
        if offer.is_none() {
            exchange.session.wish_text(wish);
        }
        self.open_text(leg, text);
        let exchange = self.legs.get_mut(&leg).ok_or(MediaRefusal::OutOfOrder)?;
        let (description, agreed) = exchange.describe(offer)?;
        self.settle(leg, Some(description), agreed);
        Ok(())
    }

    /// Tells the shard what was agreed, if anything was, and the switchboard how it went on.
    fn settle(
        &mut self,
        leg: LegId,
        description: Option<SessionDescription>,
        agreed: Option<Agreed>,
    ) {
        let exchange = self.legs.get(&leg);
        let facts = exchange.zip(agreed.as_ref()).map(|(exchange, agreed)| exchange.facts(agreed));
        self.tune(leg);
        if let (Some(agreed), Some(exchange)) = (agreed, self.legs.get_mut(&leg)) {
            let rate = self.rooms.get(&exchange.room).map(|members| members.tuning.rate());
            let coding = Box::new(exchange.coding(&agreed, rate.unwrap_or_default()));
            let (terms, rekey) = exchange.settled(agreed);
            let room = exchange.room;
            let text = exchange.writing.settled(&exchange.session, exchange.signalling);
            self.order(leg, ShardCommand::Settle { leg, terms, coding, rekey });
            if let Some((terms, rekey)) = text {
                self.order(leg, ShardCommand::SettleText { leg, terms, rekey });
            }
            self.share(room);
        }
        self.outputs.push_back(Output::Event(MediaEvent::Ready { leg, description, facts }));
    }

    /// Brings a leg's room to the rate that its legs want, now that this one came or agreed.
    fn tune(&mut self, leg: LegId) {
        let Some(exchange) = self.legs.get(&leg) else { return };
        let room = exchange.room;
        if self.rooms.entry(room).or_default().tuning.set(leg, exchange.wish()) {
            self.retune(room);
        }
    }

    fn retune(&mut self, room: RoomId) {
        let rate = self.rooms.get(&room).map(|members| members.tuning.rate()).unwrap_or_default();
        let members = self.legs.iter().filter(|(_, exchange)| exchange.room == room);
        let codings = members.filter_map(|(&leg, exchange)| {
            let coding = exchange.coding(exchange.session.agreed()?, rate);
            Some((leg, Box::new(coding)))
        });
        let codings = codings.collect();
        let command = ShardCommand::Tune { room, rate, codings };
        self.outputs.push_back(Output::Shard { room, command });
        self.share(room);
    }

    /// Gives the leg's shard the leg.
    pub(crate) fn open_leg(&mut self, leg: LegId, rate: SampleRate) {
        let Some(exchange) = self.legs.get(&leg) else { return };
        let Exchange { room, treatment, ref writing, .. } = **exchange;
        let mut opened = Leg::new(leg, (room, rate), treatment, self.chance.split());
        opened.author = writing.author;
        self.order(leg, ShardCommand::Open(Box::new(opened)));
    }

    /// Gives the leg's shard a line of text, if there is a place for one.
    pub(crate) fn open_text(&mut self, leg: LegId, line: Option<Box<TextLine>>) {
        if let Some(line) = line {
            self.order(leg, ShardCommand::OpenText { leg, line });
        }
    }

    fn refuse_unless(&mut self, leg: LegId, done: Result<(), MediaRefusal>) {
        if let Err(reason) = done {
            self.outputs.push_back(Output::Event(MediaEvent::Refused { leg, reason }));
        }
    }

    /// Plays music to a leg, or none.
    pub(crate) fn music(&mut self, leg: LegId, music: Option<PromptName>) {
        let track = music.and_then(|name| self.track(name));
        self.order(leg, ShardCommand::Music { leg, track });
    }

    /// A recording that is missing is left out: the other prompts are heard, and the request ends.
    pub(crate) fn play(&mut self, leg: LegId, play: PlayId, prompts: &[Prompt]) {
        let found = prompts.iter().filter_map(|prompt| self.library.prompt(prompt));
        let list = Playlist(found.cloned().collect());
        self.order(leg, ShardCommand::Play { leg, play, list });
        self.write(leg, prompts);
    }

    /// Shows a caller who reads what the prompts say, where that is written down. Staff, who read
    /// their caller, are not disturbed.
    fn write(&mut self, leg: LegId, prompts: &[Prompt]) {
        let exchange = self.legs.get(&leg).filter(|exchange| exchange.session.text().is_some());
        if exchange.is_some_and(|exchange| exchange.writing.author == Party::Caller) {
            let scripts = prompts.iter().filter_map(|prompt| self.library.script(prompt));
            let text = scripts.collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                self.order(leg, ShardCommand::Announce { leg, text: text.into() });
            }
        }
    }

    fn track(&self, name: PromptName) -> Option<Track> {
        let samples = self.library.music(&name)?.clone();
        Some(Track { name, samples, position: 0 })
    }

    /// Who hears whom in `room` from now on, if anybody is in it.
    pub(crate) fn rule(&mut self, room: RoomId, rule: impl FnOnce(&mut Members) -> Option<Room>) {
        let matrix = self.rooms.get_mut(&room).and_then(rule);
        self.send(room, matrix);
        self.share(room);
    }

    /// Has a room's shard encode once what several of its legs hear in the same coding.
    fn share(&mut self, room: RoomId) {
        let Some(members) = self.rooms.get_mut(&room).filter(|members| members.is_routed()) else {
            return;
        };
        let rate = members.tuning.rate();
        let legs = self.legs.values().filter(|exchange| exchange.room == room);
        let agreed = legs.filter_map(|exchange| exchange.session.agreed());
        let keys = agreed.filter_map(|agreed| Key::of(&agreed.format, rate));
        let editions = members.editions(keys);
        let command = editions.map(|editions| ShardCommand::Share { room, editions });
        self.outputs.extend(command.map(|command| Output::Shard { room, command }));
    }

    fn send(&mut self, room: RoomId, matrix: Option<Room>) {
        let command = matrix.map(ShardCommand::Route);
        self.outputs.extend(command.map(|command| Output::Shard { room, command }));
    }

    /// Passes a command on to the leg's shard, if the leg exists.
    pub(crate) fn order(&mut self, leg: LegId, command: ShardCommand) {
        if let Some(exchange) = self.legs.get(&leg) {
            self.outputs.push_back(Output::Shard { room: exchange.room, command });
        }
    }

    fn session(&mut self, place: SocketAddr, policy: &MediaPolicy) -> Session {
        let session = Session::new(Local {
            address: place.ip(),
            port: place.port(),
            rtcp_port: place.port().wrapping_add(1),
            rtcp_mux: true,
            session_id: self.chance.next_u64() >> 1,
        })
        .with_codecs(policy.codecs)
        .with_silence(policy.silence);
        // A party that we called to talk with, or who answers callers, is one to be heard.
        let session = match policy.author {
            Party::Caller => session.with_text_alone(),
            _ => session,
        };
        match policy.srtp {
            SrtpPolicy::Off => session,
            wanted => session.with_srtp(wanted, self.chance.split()),
        }
    }
}

impl Exchange {
    /// What the shard is told of an exchange.
    pub(crate) fn settled(&mut self, agreed: Agreed) -> (Terms, Option<Box<Rekey>>) {
        let keys = self.session.keys().cloned();
        let rekey = Rekey::between(self.keys.as_ref(), keys.as_ref());
        self.keys = keys;
        let Self { signalling, quiet_after, .. } = *self;
        (Terms { agreed, signalling, quiet_after }, rekey)
    }

    /// A line of text at `port`, if one was bound.
    fn open_text(&mut self, port: Option<u16>, chance: &mut Chance) -> Option<Box<TextLine>> {
        Some(self.writing.open(&mut self.session, port?, chance))
    }

    /// What the switchboard is told of an exchange.
    fn facts(&self, agreed: &Agreed) -> MediaFacts {
        let text = self.session.text();
        MediaFacts {
            direction: agreed.direction,
            codec: agreed.format.payload_type,
            telephone_events: agreed.telephone_event.is_some(),
            // All of it, or none of it counts.
            secure: (agreed.srtp.is_some() || !agreed.has_sound())
                && text.is_none_or(|(text, _)| text.srtp.is_some()),
            sound: agreed.has_sound(),
            text: text.is_some(),
        }
    }

    /// What the leg wants of its room's rate.
    fn wish(&self) -> Wish {
        let codec = self.session.agreed().map(|agreed| match agreed.format {
            Format { codec: Codec::Opus, opus, .. } => opus.most_rate,
            Format { codec, .. } => codec.rate(),
        });
        Wish { least: self.least_rate, codec }
    }

    /// What codes the leg in a room of `rate`.
    pub(crate) fn coding(&self, agreed: &Agreed, rate: SampleRate) -> Coding {
        let packets = (agreed.ptime_ms, self.pacing);
        Coding::new(self.session.incoming(), (agreed.format, packets), rate)
    }

    /// Our answer to `offer` with what is agreed by it, or our own offer.
    fn describe(
        &mut self,
        offer: Option<SessionDescription>,
    ) -> Result<(SessionDescription, Option<Agreed>), MediaRefusal> {
        let Some(offer) = offer else { return Ok((self.session.make_offer(), None)) };
        let (answer, agreed) = self.session.accept_offer(&offer)?;
        self.signalling = offer.source();
        Ok((answer, Some(agreed)))
    }
}

impl std::fmt::Debug for Negotiator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Negotiator({} legs, {} rooms)", self.legs.len(), self.rooms.len())
    }
}

impl From<Option<u16>> for Bound {
    fn from(audio: Option<u16>) -> Self {
        Self { audio, text: None }
    }
}

/// What an offer says of sound and reports that share a port.
const SHARED: &[u8] = b"a=rtcp-mux";
