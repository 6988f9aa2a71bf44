//! One party's leg as the switchboard knows it: whose it is, how far it is, what it is being told.

use std::collections::VecDeque;
use std::time::Duration;

use model::{
    AdvocateId, CallId, ContactId, Digit, Direction, Instant, LegId, MediaPolicy, OwnAddress,
    Party, PlayId, Prompt, Quality, RoomId, SessionDescription, Target, VendorId,
};

use crate::sound::Sound;
use crate::writing::TextOffers;

/// A leg that exists; legs that have ended are in no table.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) role: Role,
    pub(crate) state: LegState,
    /// Which way its audio flows; anything but `Both` is hold by the peer.
    pub(crate) direction: Direction,
    /// What the media has still to answer, oldest first.
    pub(crate) owed: VecDeque<Owed>,
    /// Whether offer and answer have met: the peer's audio is received, before its 200 too.
    pub(crate) settled: bool,
    /// Whether its media are encrypted.
    pub(crate) secure: bool,
    /// Whether it has text beside its sound.
    pub(crate) text: bool,
    /// How they fare.
    pub(crate) quality: Quality,
    /// Whether an offer of ours is on its way within the dialog.
    pub(crate) reoffering: Reoffering,
    /// What our offers say of text.
    pub(crate) offers: TextOffers,
    /// The advocate's contact it was dialled at.
    pub(crate) contact: Option<ContactId>,
    /// How its peer takes digits.
    pub(crate) digits: DigitsBy,
    /// The key last taken from it, and by which way.
    pressed: Option<(Digit, Way, Instant)>,
    /// Whether its party speaks now.
    pub(crate) speaking: bool,
    /// What comes from it.
    pub(crate) sound: Sound,
    /// How loud its party is, once it was heard.
    pub(crate) level_dbov: Option<i8>,
    /// What it is being told, and what comes after that.
    pub(crate) telling: Option<(PlayId, Purpose)>,
    pub(crate) to_tell: VecDeque<(Vec<Prompt>, Purpose)>,
}

/// Whose leg it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Caller(CallId),
    Advocate(CallId, AdvocateId),
    Vendor(CallId, VendorId),
    Diversion(CallId),
    /// A supervisor who takes part in a colleague's call.
    Supervisor(CallId, AdvocateId),
    /// An advocate who dialled a star code outside a call.
    Desk(AdvocateId),
}

impl Role {
    pub(crate) const fn call(self) -> Option<CallId> {
        match self {
            Self::Caller(call)
            | Self::Advocate(call, _)
            | Self::Vendor(call, _)
            | Self::Supervisor(call, _)
            | Self::Diversion(call) => Some(call),
            Self::Desk(_) => None,
        }
    }

    /// Whose it is; a desk is its advocate's.
    pub(crate) const fn party(self) -> Party {
        match self {
            Self::Caller(_) => Party::Caller,
            Self::Advocate(..) | Self::Desk(_) => Party::Advocate,
            Self::Vendor(..) => Party::Interpreter,
            Self::Diversion(_) => Party::Centre,
            Self::Supervisor(..) => Party::Supervisor,
        }
    }

    /// How long a settled leg may be without RTP and RTCP until we ask whether it is alive, and how
    /// long that answer may take.
    pub(crate) const fn patience(self) -> (Duration, Duration) {
        match self {
            Self::Caller(_) | Self::Diversion(_) | Self::Desk(_) => {
                (Duration::from_secs(15), Duration::from_secs(32))
            }
            // C18: a message within 2 s of the loss, and a supervisor may be the advocate any moment.
            Self::Advocate(..) | Self::Supervisor(..) => {
                (Duration::from_millis(1000), Duration::from_millis(900))
            }
            // I3: no RTP for 5 s and OPTIONS unanswered for 2 s.
            Self::Vendor(..) => (Duration::from_secs(5), Duration::from_secs(2)),
        }
    }
}

/// How far a leg is. Every state that waits for somebody else ends by itself.
#[derive(Clone, Debug)]
pub(crate) enum LegState {
    /// The plan has not said what becomes of the INVITE; its media waits for that.
    Unanswered {
        offer: Option<SessionDescription>,
        own: OwnAddress,
        policy: MediaPolicy,
        until: Instant,
    },
    /// Early media: our 183 is out with this description, which the 200 repeats.
    Early { ours: SessionDescription, until: Instant },
    /// Signalling seeks the way to whom we dial.
    Locating { room: RoomId, dial: Dial, until: Instant },
    /// Media is asked for a port and a description.
    Opening { then: Then, until: Instant },
    /// Our INVITE is out.
    Dialling { until: Instant },
    /// Our 200 waits for its ACK.
    Accepted { until: Instant },
    /// Established for the signalling; their answer waits for our media.
    Settling { until: Instant },
    /// Established.
    Up,
}

/// A question to the media, each of which it answers once and in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    /// A port and our first description.
    Port,
    /// Whether the peer's answer serves.
    Answer,
    /// Our answer to an offer of the peer within the dialog, or our offer where it asks for one.
    Reply,
    /// Our own offer within the dialog.
    Offer,
}

/// Our own offer within the dialog, of which there is one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reoffering {
    No,
    /// It is on its way.
    Open,
    /// It is, and so was an offer of the peer, which may have come to be instead.
    Crossed,
    /// It is, and does not say what we want to say by now: another one follows.
    Outdated,
}

/// How a peer takes digits, from the worst way to the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DigitsBy {
    /// As sound.
    Tones,
    /// INFO.
    Info,
    /// RFC 4733.
    Events,
}

/// By which way a peer's key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// INFO.
    Signalling,
    /// Telephone-event or sound, of which media has made one.
    Media,
}

/// What a new leg's description is for.
#[derive(Clone, Debug)]
pub(crate) enum Then {
    Answer,
    Progress,
    Dial(Dial),
}

/// Whom we dial, and how.
#[derive(Clone, Debug)]
pub(crate) struct Dial {
    pub(crate) target: Target,
    /// What the other side is shown.
    pub(crate) display: String,
    pub(crate) rings_for: Duration,
}

/// Why a leg is told something: what happens when it has heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Nothing more.
    Tell,
    /// The dialplan's prompt: its runner goes on.
    Plan,
    /// The last words: the leg ends, and with a caller's leg the call.
    Farewell,
    /// The caller was told that an interpreter joins: the way opens (C22).
    JoinTold,
    /// The caller is told how the search stands; it stops when anyone speaks (I1).
    SearchProgress,
    /// The advocate was told that a supervisor is there, or the caller (A8, C22).
    SupervisorTold,
    /// The language was spoken back to the advocate: the search begins.
    LanguageTold,
}

impl Leg {
    /// A leg that was offered.
    pub(crate) fn opening(id: LegId, role: Role, now: Instant) -> Self {
        let state = LegState::Opening { then: Then::Answer, until: now + OPENING };
        Self { owed: VecDeque::from([Owed::Port]), ..Self::new(id, role, state) }
    }

    /// A leg that is to be dialled.
    pub(crate) fn locating(id: LegId, role: Role, room: RoomId, dial: Dial, now: Instant) -> Self {
        let contact = match dial.target {
            Target::Contact(contact) => Some(contact),
            _ => None,
        };
        let state = LegState::Locating { room, dial, until: now + LOCATING };
        Self { contact, ..Self::new(id, role, state) }
    }

    const fn new(id: LegId, role: Role, state: LegState) -> Self {
        Self {
            id,
            role,
            state,
            direction: Direction::Both,
            owed: VecDeque::new(),
            settled: false,
            secure: false,
            text: false,
            quality: Quality { received: None, sent: None, round_trip: None },
            reoffering: Reoffering::No,
            offers: TextOffers::NONE,
            contact: None,
            digits: DigitsBy::Tones,
            pressed: None,
            speaking: false,
            sound: Sound::Nothing,
            level_dbov: None,
            telling: None,
            to_tell: VecDeque::new(),
        }
    }

    /// Takes a key; `false` if it is the one that came just now by the other way.
    pub(crate) fn presses(&mut self, now: Instant, way: Way, digit: Digit) -> bool {
        let is_same = self.pressed.is_some_and(|(pressed, by, at)| {
            pressed == digit && by != way && now.since(at) < SAME_PRESS
        });
        if !is_same {
            self.pressed = Some((digit, way, now));
        }
        !is_same
    }

    /// Whether its party has ever pressed a key.
    pub(crate) const fn has_pressed(&self) -> bool {
        self.pressed.is_some()
    }

    /// The leg of an INVITE that waits for its plan.
    pub(crate) fn unanswered(
        id: LegId,
        role: Role,
        (offer, own, policy): (Option<SessionDescription>, OwnAddress, MediaPolicy),
        now: Instant,
    ) -> Self {
        Self::new(id, role, LegState::Unanswered { offer, own, policy, until: now + UNANSWERED })
    }

    pub(crate) const fn is_up(&self) -> bool {
        matches!(self.state, LegState::Up)
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.state {
            LegState::Unanswered { until, .. }
            | LegState::Early { until, .. }
            | LegState::Locating { until, .. }
            | LegState::Opening { until, .. }
            | LegState::Dialling { until }
            | LegState::Accepted { until }
            | LegState::Settling { until } => Some(until),
            LegState::Up => None,
        }
    }

    /// Whether its peer is heard before it has answered.
    pub(crate) const fn is_early(&self) -> bool {
        self.settled && matches!(self.state, LegState::Dialling { .. })
    }
}

/// A plan has decided within 180 s, when proxies give an INVITE up (RFC 3261 §16.6, Timer C).
pub(crate) const UNANSWERED: Duration = Duration::from_secs(190);
/// The way is known, or a resolver is asked for at most 4 s; this is for one that stalls.
pub(crate) const LOCATING: Duration = Duration::from_secs(6);
/// A media shard answers within milliseconds; this is for one that stalls.
pub(crate) const OPENING: Duration = Duration::from_secs(5);
/// RFC 3261 Timer H and some more: by then `sip` has said what became of the ACK.
pub(crate) const SETTLING: Duration = Duration::from_secs(40);
/// The longest an INVITE to staff or a vendor may ring; the queue and the search have shorter limits.
pub(crate) const DIALLING: Duration = Duration::from_secs(120);
/// Longer than an INFO may follow its sound, and shorter than two presses of a key by two ways.
const SAME_PRESS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_a_key_that_comes_by_two_ways_is_one_press_and_by_one_way_two() {
        let at = |millis: u64| Instant::ZERO + Duration::from_millis(millis);
        let five = Digit::from_char('5').expect("a key");
        let mut leg = Leg::opening(LegId(1), Role::Caller(CallId(1)), at(0));
        assert!(leg.presses(at(0), Way::Media, five));
        assert!(!leg.presses(at(90), Way::Signalling, five), "the same press by INFO");
        assert!(leg.presses(at(300), Way::Media, five), "pressed again");
        assert!(!leg.presses(at(390), Way::Signalling, five));
        assert!(leg.presses(at(1_500), Way::Signalling, five), "the gateway sends INFO alone");
        let six = Digit::from_char('6').expect("a key");
        assert!(leg.presses(at(1_600), Way::Media, six));
    }
}
