//! What a media shard would do, without audio: prompts end in time, matrices come into force.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Direction, Gain, PromptName, RoomId, SampleRate, SessionDescription};
use model::{
    Instant, LegId, MediaCommand, MediaEvent, MediaFacts, MediaPolicy, MediaRefusal, PlayId,
    Prompt, Route, TextPolicy,
};

/// What every leg hears.
#[derive(Debug)]
pub(crate) struct Shard {
    /// What the next offer of a peer settles.
    pub(crate) next_direction: Direction,
    /// Whether peers take telephone-events.
    pub(crate) telephone_events: bool,
    /// Whether peers have text that come from now on.
    pub(crate) has_text: bool,
    /// Whether those that call us have nothing else.
    pub(crate) only_text: bool,
    pub(crate) legs: BTreeMap<LegId, Hearing>,
    pub(crate) routes: BTreeMap<RoomId, Vec<Route>>,
    /// Rooms where everyone hears all others, but for these pairs.
    conferences: BTreeMap<RoomId, Vec<Route>>,
    rooms: BTreeMap<LegId, RoomId>,
    /// Whether the next leg is refused, and how long that takes.
    pub(crate) refusal_after: Option<Duration>,
    /// How much it was told: every command, and every pair that one named.
    pub(crate) told: usize,
}

/// One leg's ear.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    pub(crate) music: Option<PromptName>,
    pub(crate) playing: Option<Playing>,
    /// Every recording that began, in order, with its instant.
    pub(crate) heard: Vec<(Instant, Prompt)>,
    /// Whether an offer of ours is open.
    pub(crate) offering: bool,
    /// The digits that were sent to it.
    pub(crate) digits: String,
    /// The rate that its room has at least.
    pub(crate) least_rate: SampleRate,
    /// The text it was shown.
    pub(crate) read: String,
    /// Whether its peer has text alone.
    pub(crate) is_mute: bool,
    /// Whether its peer takes text.
    pub(crate) takes_text: bool,
    /// Whether its peer's own offers have text.
    pub(crate) offers_text: bool,
    /// Whether our last offer to it had text.
    pub(crate) is_offered_text: bool,
    /// Whether text is settled.
    pub(crate) writes: bool,
}

/// A request to play, under way.
#[derive(Debug)]
pub(crate) struct Playing {
    play: PlayId,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            next_direction: Direction::Both,
            telephone_events: true,
            has_text: false,
            only_text: false,
            legs: BTreeMap::new(),
            routes: BTreeMap::new(),
            conferences: BTreeMap::new(),
            rooms: BTreeMap::new(),
            refusal_after: None,
            told: 0,
        }
    }
}

impl Shard {
    /// Applies a command; what follows at once or later comes back with its instant.
    pub(crate) fn command(
        &mut self,
        now: Instant,
        command: MediaCommand,
        length: impl Fn(&Prompt) -> Duration,
    ) -> Vec<(Instant, MediaEvent)> {
        self.told += size(&command);
        match command {
            MediaCommand::Open { leg, room, offer, policy, .. } => {
                let refused = self.refusal_after.take().map(|after| {
                    let reason = MediaRefusal::NothingInCommon;
                    (now + after, MediaEvent::Refused { leg, reason })
                });
                vec![refused.unwrap_or_else(|| (now, self.open(leg, room, offer.as_ref(), policy)))]
            }
            MediaCommand::Answer { leg, .. } => {
                let ear = self.legs.get_mut(&leg);
                let ours = ear.is_some_and(|ear| {
                    ear.writes = ear.is_offered_text && ear.takes_text;
                    ear.offers_text = ear.writes;
                    std::mem::take(&mut ear.offering)
                });
                let direction = if ours { self.next_direction } else { Direction::Both };
                vec![(now, self.ready(leg, false, true, direction))]
            }
            MediaCommand::Reoffer { leg, offer, text } => {
                self.ear(leg, |ear| ear.reoffered(offer.as_ref(), text));
                vec![(now, self.ready(leg, true, offer.is_some(), self.next_direction))]
            }
            MediaCommand::Abandon { leg } => {
                self.ear(leg, |ear| ear.offering = false);
                vec![]
            }
            MediaCommand::Play { leg, play, prompts } => self.play(now, leg, play, prompts, length),
            MediaCommand::Route { room, .. } | MediaCommand::Confer { room, .. }
                if !self.is_anybody_in(room) =>
            {
                vec![]
            }
            MediaCommand::Route { room, version, routes } => {
                self.conferences.remove(&room);
                self.routes.insert(room, routes);
                vec![(now, MediaEvent::Routed { room, version })]
            }
            MediaCommand::Confer { room, version, except } => {
                self.routes.remove(&room);
                self.conferences.insert(room, except);
                vec![(now, MediaEvent::Routed { room, version })]
            }
            MediaCommand::SendDigits { leg, digits } => {
                let sent = now + DIGIT * u32::try_from(digits.len()).unwrap_or(1);
                // Without telephone-events they are tones, which no test's peer understands.
                if self.telephone_events {
                    let keys = digits.iter().map(|digit| digit.as_char());
                    self.ear(leg, |ear| ear.digits.extend(keys));
                }
                vec![(sent, MediaEvent::DigitsSent { leg })]
            }
            other => {
                self.obey(now, other);
                vec![]
            }
        }
    }

    /// Applies a command that is not answered.
    fn obey(&mut self, now: Instant, command: MediaCommand) {
        match command {
            MediaCommand::StopPlay { leg } => self.ear(leg, |ear| ear.cut(now)),
            MediaCommand::Music { leg, music } => self.ear(leg, |ear| ear.music = music),
            MediaCommand::SendText { leg, text } => self.show(leg, text.reveal()),
            MediaCommand::Close { leg } => self.close(leg),
            _ => {}
        }
    }

    fn open(
        &mut self,
        leg: LegId,
        room: RoomId,
        offer: Option<&SessionDescription>,
        policy: MediaPolicy,
    ) -> MediaEvent {
        let least_rate = policy.least_rate;
        let (takes_text, offers_text) = (self.has_text, self.has_text);
        let is_mute = self.only_text && offer.is_some();
        let mut ear =
            Hearing { least_rate, is_mute, takes_text, offers_text, ..Hearing::default() };
        ear.reoffered(offer, policy.text);
        ear.offering = false;
        self.legs.insert(leg, ear);
        self.rooms.insert(leg, room);
        self.ready(leg, true, offer.is_some(), Direction::Both)
    }

    /// A room goes with its last leg.
    fn close(&mut self, leg: LegId) {
        self.legs.remove(&leg);
        let Some(room) = self.rooms.remove(&leg) else { return };
        if !self.is_anybody_in(room) {
            self.routes.remove(&room);
            self.conferences.remove(&room);
        }
    }

    fn is_anybody_in(&self, room: RoomId) -> bool {
        self.rooms.values().any(|&held| held == room)
    }

    /// Whether an event planned earlier still holds.
    pub(crate) fn holds(&mut self, event: &MediaEvent) -> bool {
        match event {
            MediaEvent::PlayEnded { leg, play } => {
                let ear = self.legs.get_mut(leg);
                ear.is_some_and(|ear| {
                    ear.playing.take_if(|playing| playing.play == *play).is_some()
                })
            }
            _ => true,
        }
    }

    /// Whether `leg` hears `speaker` at all.
    pub(crate) fn hears(&self, leg: LegId, speaker: LegId) -> bool {
        let is_pair = |route: &&Route| route.listener == leg && route.speaker == speaker;
        let live = self.legs.contains_key(&leg) && self.legs.contains_key(&speaker);
        let routed = self.routes.values().flatten().find(is_pair).map(|route| route.gain);
        live && routed.or_else(|| self.conferred(leg, speaker)) > Some(Gain::SILENT)
    }

    /// The leg under which `leg` hears `speaker`.
    pub(crate) fn under(&self, leg: LegId, speaker: LegId) -> Option<LegId> {
        let is_pair = |route: &&Route| route.listener == leg && route.speaker == speaker;
        self.routes.values().flatten().find(is_pair)?.under
    }

    /// At what gain `leg` hears `speaker` in a room where everyone hears all others.
    fn conferred(&self, leg: LegId, speaker: LegId) -> Option<Gain> {
        let room = self.rooms.get(&leg)?;
        let except = self.conferences.get(room)?;
        let is_pair = |route: &&Route| route.listener == leg && route.speaker == speaker;
        let others = leg != speaker && self.rooms.get(&speaker) == Some(room);
        except.iter().find(is_pair).map(|route| route.gain).or(others.then_some(Gain::UNITY))
    }

    /// Whether `leg` hears anything: a prompt, music, or somebody.
    pub(crate) fn hears_anything(&self, leg: LegId) -> bool {
        let ear = self.legs.get(&leg);
        ear.is_some_and(|ear| ear.playing.is_some() || ear.music.is_some())
            || self.legs.keys().any(|&speaker| self.hears(leg, speaker))
    }

    fn play(
        &mut self,
        now: Instant,
        leg: LegId,
        play: PlayId,
        prompts: Vec<Prompt>,
        length: impl Fn(&Prompt) -> Duration,
    ) -> Vec<(Instant, MediaEvent)> {
        let mut ends = now;
        self.ear(leg, |ear| {
            ear.cut(now);
            for prompt in prompts {
                let lasts = length(&prompt);
                ear.heard.push((ends, prompt));
                ends += lasts;
            }
            ear.playing = Some(Playing { play });
        });
        vec![(ends, MediaEvent::PlayEnded { leg, play })]
    }

    fn ready(
        &self,
        leg: LegId,
        describes: bool,
        settles: bool,
        direction: Direction,
    ) -> MediaEvent {
        let ear = self.legs.get(&leg);
        let is_mute = ear.is_some_and(|ear| ear.is_mute);
        let facts = MediaFacts {
            direction: if is_mute { Direction::Inactive } else { direction },
            codec: 0,
            secure: false,
            telephone_events: self.telephone_events && !is_mute,
            sound: !is_mute,
            text: ear.is_some_and(|ear| ear.writes),
        };
        MediaEvent::Ready {
            leg,
            description: describes.then(|| SessionDescription::new("v=0")),
            facts: settles.then_some(facts),
        }
    }

    fn ear(&mut self, leg: LegId, change: impl FnOnce(&mut Hearing)) {
        if let Some(ear) = self.legs.get_mut(&leg) {
            change(ear);
        }
    }
}

impl Hearing {
    /// What an offer of its peer settles of text, or what one of ours says.
    fn reoffered(&mut self, offer: Option<&SessionDescription>, text: TextPolicy) {
        self.offering = offer.is_none();
        match (offer, text) {
            (Some(_), _) => self.writes = self.offers_text,
            (None, TextPolicy::Accepted) => self.is_offered_text = self.writes,
            (None, text) => self.is_offered_text = text == TextPolicy::Offered,
        }
    }

    /// What plays stops; what would have followed was never heard.
    fn cut(&mut self, now: Instant) {
        self.playing = None;
        self.heard.retain(|(at, _)| *at <= now);
    }

    /// The recordings that had begun by `now` and were not cut off before they began.
    pub(crate) fn heard_by(&self, now: Instant) -> impl Iterator<Item = &(Instant, Prompt)> {
        self.heard.iter().filter(move |(at, _)| *at <= now)
    }
}

/// A command, and every pair it names.
fn size(command: &MediaCommand) -> usize {
    match command {
        MediaCommand::Route { routes: pairs, .. } | MediaCommand::Confer { except: pairs, .. } => {
            1 + pairs.len()
        }
        _ => 1,
    }
}

const DIGIT: Duration = Duration::from_millis(260);
