//! Legs that their shard has lost, by a defect of ours, are served anew where they were: same
//! ports, same terms, a stream under another name. Nothing is signalled and nobody is dialled.
//!
//! # Assumptions
//! - Of an encrypted peer's packets, how often their numbers have wrapped (RFC 3711 §3.3.1) went
//!   with the leg, and is found out anew within the first six hours of a call. Our own key goes on
//!   under another SSRC, so no packet is encrypted as another was; the next offer has another one,
//!   and whoever decides makes that offer now (`switchboard`): a peer that follows one SSRC for
//!   each key hears us again then at the latest.
//! - Digits and text that were on their way to the peer are lost.

use std::collections::BTreeSet;

use model::{LegId, MediaEvent, PlayId, Prompt, PromptName, RoomId};

use crate::keys::Rekey;
use crate::{Negotiator, Output, ShardCommand};

/// What was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A leg of a shard that goes on.
    Leg,
    /// A shard with all it had been told.
    Shard,
}

/// What is played to a leg.
#[derive(Debug, Default)]
pub(crate) struct Sounds {
    pub(crate) playing: Option<(PlayId, Vec<Prompt>)>,
    pub(crate) music: Option<PromptName>,
}

impl Sounds {
    pub(crate) fn stopped(&mut self) {
        self.playing = None;
    }
}

impl Negotiator {
    /// Makes legs anew that their shard has lost. One that is not known has been closed meanwhile.
    pub fn revive(&mut self, legs: &[LegId], loss: Loss) {
        let mut rooms = BTreeSet::new();
        for &leg in legs {
            rooms.extend(self.reopen(leg));
        }
        for room in rooms {
            self.rule(room, |members| members.repeat(room, loss));
        }
        let known = legs.iter().filter(|leg| self.legs.contains_key(leg));
        let revived = known.map(|&leg| Output::Event(MediaEvent::Revived { leg }));
        self.outputs.extend(revived);
    }

    /// Notes an event of a shard: a request to play that has ended is not played again.
    pub fn note_event(&mut self, event: &MediaEvent) {
        if let MediaEvent::PlayEnded { leg, play } = event {
            self.note(*leg, |sounds| drop(sounds.playing.take_if(|(playing, _)| playing == play)));
        }
    }

    pub(crate) fn note(&mut self, leg: LegId, change: impl FnOnce(&mut Sounds)) {
        if let Some(exchange) = self.legs.get_mut(&leg) {
            change(&mut exchange.sounds);
        }
    }

    /// Opens and settles a leg as it was; the room it is in.
    fn reopen(&mut self, leg: LegId) -> Option<RoomId> {
        let exchange = self.legs.get_mut(&leg)?;
        let room = exchange.room;
        let rate = self.rooms.get(&room).map(|members| members.tuning.rate()).unwrap_or_default();
        let settled = exchange.session.agreed().copied().map(|agreed| {
            let coding = Box::new(exchange.coding(&agreed, rate));
            let (terms, _) = exchange.settled(agreed);
            let rekey = exchange.keys.as_ref().map(Rekey::anew);
            ShardCommand::Settle { leg, terms, coding, rekey }
        });
        exchange.session.spend_keys();
        let (session, signalling) = (&exchange.session, exchange.signalling);
        let text = exchange.writing.reopen((leg, session), signalling, &mut self.chance);
        let (playing, music) = (exchange.sounds.playing.clone(), exchange.sounds.music.clone());
        self.open_leg(leg, rate);
        settled.into_iter().for_each(|settled| self.order(leg, settled));
        text.into_iter().flatten().for_each(|command| self.order(leg, command));
        if music.is_some() {
            self.music(leg, music);
        }
        if let Some((play, prompts)) = playing {
            self.play(leg, play, &prompts);
        }
        Some(room)
    }
}
