//! The control side of a leg's text: its place, and what its exchanges settle.

use std::net::IpAddr;

use model::{Chance, LegId, MediaPolicy, OwnAddress, Party, SessionDescription, TextPolicy};
use sdp::{Description, Keys, Session};

use super::{TextLine, TextTerms};
use crate::ShardCommand;
use crate::keys::Rekey;

/// One leg's text beside its other exchanges.
pub(crate) struct Writing {
    policy: TextPolicy,
    /// Where its sockets are bound.
    local: IpAddr,
    has_place: bool,
    pub(crate) author: Party,
    /// What the shard has.
    keys: Option<Keys>,
}

impl Writing {
    /// A leg without text.
    pub(crate) const fn new(policy: &MediaPolicy, own: OwnAddress) -> Self {
        let MediaPolicy { text, author, .. } = *policy;
        Self { policy: text, local: own.local, has_place: false, author, keys: None }
    }

    /// Where ports for text must be bound before `offer`, or one of ours that says `wish` of text,
    /// is dealt with.
    pub(crate) fn wants_place(
        &self,
        offer: Option<&SessionDescription>,
        wish: TextPolicy,
    ) -> Option<IpAddr> {
        let wants = match (self.policy, offer) {
            (TextPolicy::Off, _) => false,
            (_, None) => wish == TextPolicy::Offered,
            (_, Some(offer)) => {
                Description::parse(offer.bytes()).is_ok_and(|offer| offer.has_text())
            }
        };
        (wants && !self.has_place).then_some(self.local)
    }

    /// Gives it a place at `port`; returns what the shard needs for it.
    pub(crate) fn open(
        &mut self,
        session: &mut Session,
        port: u16,
        chance: &mut Chance,
    ) -> Box<TextLine> {
        self.has_place = true;
        session.add_text(port, chance.split(), self.policy);
        Box::new(TextLine::new(chance.split()))
    }

    /// What a shard needs that has lost the leg, and what was settled before.
    pub(crate) fn reopen(
        &mut self,
        (leg, session): (LegId, &Session),
        signalling: Option<IpAddr>,
        chance: &mut Chance,
    ) -> Option<[ShardCommand; 2]> {
        let (terms, _) = self.settled(session, signalling)?;
        let line = Box::new(TextLine::new(chance.split()));
        let rekey = self.keys.as_ref().map(Rekey::anew);
        let settle = ShardCommand::SettleText { leg, terms, rekey };
        Some([ShardCommand::OpenText { leg, line }, settle])
    }

    /// What an exchange has settled, if there is a place for text.
    pub(crate) fn settled(
        &mut self,
        session: &Session,
        signalling: Option<IpAddr>,
    ) -> Option<(Option<TextTerms>, Option<Box<Rekey>>)> {
        let text = session.text();
        let keys = text.and_then(|(_, keys)| keys).cloned();
        let rekey = Rekey::between(self.keys.as_ref(), keys.as_ref());
        self.keys = keys;
        let terms = text.map(|(&agreed, _)| TextTerms { agreed, signalling });
        self.has_place.then_some((terms, rekey))
    }
}
