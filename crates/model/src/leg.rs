//! What the switchboard and the signalling say to each other about legs.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AdvocateId, ContactId, Digit, LegId, OwnAddress, Pii, TrunkId};

/// A session description (RFC 8866) on its way between `sip` and `media`; the switchboard never
/// reads it. It names a caller's address, so it prints as `<redacted>`.
///
/// One that was received also carries the address its message came from: media that must be
/// learned (RFC 4961 behind a NAT) is learned from there and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDescription {
    body: Pii<Vec<u8>>,
    source: Pii<Option<IpAddr>>,
}

impl SessionDescription {
    /// Wraps the body of a message that we send, or whose source is unknown.
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: Pii::new(body.into()), source: Pii::new(None) }
    }

    /// Wraps the body of a message received from `source`.
    pub fn received(body: impl Into<Vec<u8>>, source: IpAddr) -> Self {
        Self { body: Pii::new(body.into()), source: Pii::new(Some(source)) }
    }

    /// The bytes, for the wire and for `sdp` only.
    pub fn bytes(&self) -> &[u8] {
        self.body.reveal()
    }

    /// Where the message came from, for `media`'s source rule only.
    pub fn source(&self) -> Option<IpAddr> {
        *self.source.reveal()
    }
}

/// Who sent a request, proved by a trunk's address range or by digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Peer {
    /// A carrier or PBX of the configuration.
    Trunk(TrunkId),
    /// An advocate's registered phone.
    Advocate(AdvocateId),
}

/// Where a leg is dialled to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A registered contact of an advocate.
    Contact(ContactId),
    /// A number through a trunk (a vendor, a back-up centre).
    Number {
        /// The trunk that carries the call.
        trunk: TrunkId,
        /// What to dial.
        number: Pii<String>,
    },
    /// A SIP URI, with the credentials of a trunk only if one is named.
    Uri {
        /// Whose credentials may answer a challenge.
        trunk: Option<TrunkId>,
        /// The request URI.
        uri: Pii<String>,
    },
}

/// How a contact carries audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaProfile {
    /// RTP/AVP.
    Plain,
}

/// One way to reach an advocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its name between `sip` and the switchboard.
    pub id: ContactId,
    /// How it carries audio.
    pub profile: MediaProfile,
    /// Whether it says of itself that it has text (RFC 3840 §10.5).
    pub text: bool,
}

/// Why a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndReason {
    /// The party hung up (BYE), or a caller gave up (CANCEL).
    HungUp,
    /// 486, 600.
    Busy,
    /// 480, 408, or no final response in time.
    NoAnswer,
    /// 603 or another refusal by a person.
    Declined,
    /// 404, 410, 484, 604: nobody there.
    NotFound,
    /// 4xx/5xx/6xx of another kind, or no media in common.
    Failed,
    /// No response at all, or the flow broke.
    Unreachable,
    /// The peer no longer knows the dialog, or does not answer a probe.
    Lost,
    /// We ended it.
    Released,
}

/// What the switchboard wants of a leg's signalling.
#[derive(Clone, Debug, PartialEq)]
pub enum LegCommand {
    /// Tell the caller's side that we are at it (180).
    Ring {
        /// The inbound leg.
        leg: LegId,
    },
    /// Tell the caller's side with a description: early media from us (183). Reliable where the
    /// peer knows how (RFC 3262); an early offer of ours is answered by [`LegEvent::Progress`].
    Progress {
        /// The inbound leg.
        leg: LegId,
        /// Our answer, or our offer if the INVITE had none.
        description: SessionDescription,
    },
    /// Accept the INVITE (200).
    Answer {
        /// The inbound leg.
        leg: LegId,
        /// Our answer, or our offer if the INVITE had none.
        answer: SessionDescription,
    },
    /// Refuse the INVITE.
    Refuse {
        /// The inbound leg.
        leg: LegId,
        /// The final status, 400–699.
        status: u16,
        /// Retry-After, for 503.
        retry_after: Option<Duration>,
    },
    /// Find the way to `target` for a leg that is to be dialled (RFC 3263): its audio needs an
    /// address of ours before there is an offer. Answered by [`LegEvent::Located`], or by
    /// [`LegEvent::Ended`] where there is no way.
    Locate {
        /// The new leg, named by the switchboard.
        leg: LegId,
        /// Where to.
        target: Target,
    },
    /// Send an INVITE.
    Dial {
        /// The new leg, named by the switchboard.
        leg: LegId,
        /// Where to.
        target: Target,
        /// Our offer.
        offer: SessionDescription,
        /// The display name in From: what an advocate's phone shows (A1), nothing about the caller
        /// otherwise (I8).
        display: String,
    },
    /// Offer the peer another session (re-INVITE): hold, another codec, another address. Answered
    /// by [`LegEvent::Reanswered`].
    Reoffer {
        /// The leg.
        leg: LegId,
        /// Our offer.
        offer: SessionDescription,
    },
    /// Accept a re-INVITE (200).
    Accept {
        /// The leg.
        leg: LegId,
        /// Our answer to its offer.
        answer: SessionDescription,
    },
    /// Refuse a re-INVITE (488); the old session runs on.
    RefuseOffer {
        /// The leg.
        leg: LegId,
    },
    /// Ask within the dialog whether the peer is alive (OPTIONS); answered by [`LegEvent::Probed`].
    Probe {
        /// The leg.
        leg: LegId,
        /// How long an answer may take.
        within: Duration,
    },
    /// Send a digit by INFO.
    SendDigit {
        /// The leg.
        leg: LegId,
        /// The digit.
        digit: Digit,
    },
    /// Say what became of [`LegEvent::TransferAsked`].
    TransferResult {
        /// The leg that asked.
        leg: LegId,
        /// The final status of the new call, 200 when it came up.
        status: u16,
    },
    /// End the leg, whatever its state: refusal, CANCEL or BYE. Always followed by
    /// [`LegEvent::Ended`].
    End {
        /// The leg.
        leg: LegId,
    },
}

/// What happened to a leg's signalling.
#[derive(Clone, Debug, PartialEq)]
pub enum LegEvent {
    /// An INVITE outside a dialog, from a known peer.
    Offered {
        /// The new leg, named by `sip`.
        leg: LegId,
        /// Who calls.
        from: Peer,
        /// The user part of the request URI: the dialled number, or an advocate's star code.
        dialled: Pii<String>,
        /// The offer, `None` when the INVITE carried none.
        offer: Option<SessionDescription>,
        /// How the peer reaches us.
        own: OwnAddress,
    },
    /// The end of [`LegCommand::Locate`]: the leg may be dialled.
    Located {
        /// The leg.
        leg: LegId,
        /// How its peer reaches us.
        own: OwnAddress,
    },
    /// 180 for a leg we dialled.
    Ringing {
        /// The leg.
        leg: LegId,
    },
    /// 183 with a description: early media for a leg we dialled. Also the peer's answer to an
    /// early offer of ours ([`LegCommand::Progress`]).
    Progress {
        /// The leg.
        leg: LegId,
        /// The early answer.
        answer: SessionDescription,
    },
    /// The peer of a leg we dialled takes digits by INFO; said before `Answered`.
    TakesInfo {
        /// The leg.
        leg: LegId,
    },
    /// The session is established: a 200 for a leg we dialled, the ACK for one we answered.
    Answered {
        /// The leg.
        leg: LegId,
        /// The peer's answer, where this message carried it.
        answer: Option<SessionDescription>,
    },
    /// A re-INVITE.
    Reoffered {
        /// The leg.
        leg: LegId,
        /// The new offer, `None` when the peer asks for ours.
        offer: Option<SessionDescription>,
    },
    /// The end of [`LegCommand::Reoffer`]. Also said unasked when the answer to a session refresh
    /// is another than before (RFC 4028 §7.4).
    Reanswered {
        /// The leg.
        leg: LegId,
        /// The peer's answer, `None` when it was refused, or crossed an offer of the peer, which
        /// was told before: the old session runs on.
        answer: Option<SessionDescription>,
    },
    /// An advocate's phone asks us to connect her call elsewhere (REFER, RFC 3515); answered by
    /// [`LegCommand::TransferResult`] within a minute.
    TransferAsked {
        /// Her leg.
        leg: LegId,
        /// Where to: the user part of the URI she named, empty without one.
        target: Pii<String>,
        /// Her other call, when the target is its far end (attended transfer).
        replaces: Option<LegId>,
    },
    /// A digit by INFO.
    Digit {
        /// The leg.
        leg: LegId,
        /// The digit.
        digit: Digit,
    },
    /// The result of [`LegCommand::Probe`]. Any SIP answer but 408 and 481 proves life.
    Probed {
        /// The leg.
        leg: LegId,
        /// Whether the peer answered.
        alive: bool,
    },
    /// The leg is over; nothing more is said about it.
    Ended {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: EndReason,
    },
    /// An advocate's registered contacts are now these.
    ContactsChanged {
        /// The advocate.
        advocate: AdvocateId,
        /// All of them; empty when no phone is registered.
        contacts: Vec<Contact>,
    },
}
