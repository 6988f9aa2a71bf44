//! What the switchboard and the media shards say to each other.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Digit, LegId, MediaPolicy, OwnAddress, Pii, PlayId, Prompt, PromptName, Quality, RoomId, Route,
    SessionDescription, ShardState, TextPolicy, Typed,
};

/// Which way audio flows, seen from Northline (RFC 3264 §5.1). Anything but `Both` is hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// `sendrecv`.
    Both,
    /// We only send: the peer holds us and may play to itself.
    SendOnly,
    /// We only receive.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

/// What a completed offer/answer exchange settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFacts {
    /// Which way audio flows.
    pub direction: Direction,
    /// The payload type number of the codec in use.
    pub codec: u8,
    /// Whether it is encrypted, its text included.
    pub secure: bool,
    /// Whether telephone-events were negotiated; without them digits are sent by INFO.
    pub telephone_events: bool,
    /// Whether there is audio, if on hold; a caller may have text alone.
    pub sound: bool,
    /// Whether there is real-time text.
    pub text: bool,
}

/// What the switchboard wants of a shard.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaCommand {
    /// Give `leg` a port in `room` and negotiate. Answered by `Ready` or `Refused`.
    Open {
        /// The leg.
        leg: LegId,
        /// The room it belongs to for its whole life; one shard serves all legs of a room.
        room: RoomId,
        /// The peer's offer, or `None` to make ours.
        offer: Option<SessionDescription>,
        /// How its peer reaches us: where its sockets are bound, and what the description says.
        own: OwnAddress,
        /// What its media may be.
        policy: MediaPolicy,
        /// How long without RTP and RTCP until [`MediaEvent::Quiet`].
        quiet_after: Duration,
    },
    /// The peer's answer to our offer. Answered by `Ready` (facts) or `Refused`.
    Answer {
        /// The leg.
        leg: LegId,
        /// The answer.
        answer: SessionDescription,
    },
    /// A new offer in the dialog, or `None` to make one of ours: because the peer asks for it, or
    /// for a [`LegCommand::Reoffer`](crate::LegCommand::Reoffer). Answered by `Ready` with our
    /// description, or by `Refused`: then the old media runs on.
    Reoffer {
        /// The leg.
        leg: LegId,
        /// The offer.
        offer: Option<SessionDescription>,
        /// What an offer of ours says of text: it is withdrawn, goes on as it is, or is offered.
        text: TextPolicy,
    },
    /// Our own offer came to nothing, or crossed one of the peer's: what was settled before runs on.
    /// Not answered.
    Abandon {
        /// The leg.
        leg: LegId,
    },
    /// Play prompts, one after the other, over what the leg hears; replaces the prompts playing.
    /// Ends with [`MediaEvent::PlayEnded`] when all were heard (not when replaced or stopped).
    Play {
        /// The leg that hears them, and nobody else.
        leg: LegId,
        /// This request's name.
        play: PlayId,
        /// The recordings, in order.
        prompts: Vec<Prompt>,
    },
    /// Stop the prompts playing to the leg, within 60 ms.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Play music under everything else, or none. It pauses under prompts, and continues where it
    /// last stopped for this leg.
    Music {
        /// The leg.
        leg: LegId,
        /// `prompts/music/<name>.wav`, looped.
        music: Option<PromptName>,
    },
    /// Who hears whom in the room from the next frame on: the whole matrix. Answered by `Routed`.
    Route {
        /// The room.
        room: RoomId,
        /// Strictly growing per room.
        version: u64,
        /// All audible pairs.
        routes: Vec<Route>,
    },
    /// Everyone in the room hears all others as spoken from the next frame on, those who are opened
    /// in it later too, until another matrix follows or the last leg is closed. Answered by
    /// `Routed`; the size of the command does not depend on that of the room.
    Confer {
        /// The room.
        room: RoomId,
        /// Strictly growing per room, together with that of `Route`.
        version: u64,
        /// Pairs that are heard otherwise: at the gain given, [`crate::Gain::SILENT`] included.
        except: Vec<Route>,
    },
    /// Send digits as telephone-events (RFC 4733), or in band where not negotiated; answered by
    /// [`MediaEvent::DigitsSent`].
    SendDigits {
        /// The leg.
        leg: LegId,
        /// The digits, each 160 ms with 100 ms between.
        digits: Vec<Digit>,
    },
    /// Show what the leg's party wrote elsewhere than on its phone to everyone who has text and may
    /// hear the leg at this moment.
    SendText {
        /// The leg.
        leg: LegId,
        /// What was written.
        text: Pii<String>,
    },
    /// Free the leg's port and everything it holds.
    Close {
        /// The leg.
        leg: LegId,
    },
}

/// What happened in a shard.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent {
    /// The exchange moved on: our description to send (`None` after `Answer`), and what is settled
    /// (`None` while our own offer waits for its answer).
    Ready {
        /// The leg.
        leg: LegId,
        /// Our offer or answer.
        description: Option<SessionDescription>,
        /// What was settled.
        facts: Option<MediaFacts>,
    },
    /// The description cannot be served.
    Refused {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: MediaRefusal,
    },
    /// A digit, each keypress exactly once.
    Digit {
        /// The leg.
        leg: LegId,
        /// The digit.
        digit: Digit,
    },
    /// The party wrote this. It is told once, as it comes, and kept nowhere (C20).
    Text {
        /// The leg.
        leg: LegId,
        /// A few characters.
        text: Typed,
    },
    /// The last prompt of a request was heard.
    PlayEnded {
        /// The leg.
        leg: LegId,
        /// Which request.
        play: PlayId,
    },
    /// All digits of a request were sent.
    DigitsSent {
        /// The leg.
        leg: LegId,
    },
    /// The matrix is in force.
    Routed {
        /// The room.
        room: RoomId,
        /// Which matrix.
        version: u64,
    },
    /// The party started or stopped speaking (level with 300 ms hang-over); music counts too.
    Speech {
        /// The leg.
        leg: LegId,
        /// Whether it speaks now.
        speaking: bool,
    },
    /// How loud the party was in the last second, when that has changed; the latest word counts.
    Level {
        /// The leg.
        leg: LegId,
        /// The loudest moment, RMS against the overload point, in steps of 3 dB.
        dbov: i8,
    },
    /// The first RTP packet of the leg, or the first one after `Quiet`.
    Heard {
        /// The leg.
        leg: LegId,
    },
    /// How its media fare, every few seconds; the latest word counts.
    Quality {
        /// The leg.
        leg: LegId,
        /// Its latest report.
        quality: Quality,
    },
    /// The shard has given the leg up, because serving it failed: it has no media any more.
    Lost {
        /// The leg.
        leg: LegId,
    },
    /// The shard had lost the leg, and serves it anew where it was: same ports, same terms, a new
    /// stream of ours. What was playing begins again. Happens once in a leg's life; the next time
    /// it is [`MediaEvent::Lost`].
    Revived {
        /// The leg.
        leg: LegId,
    },
    /// How the shards stand, every second and in their order; the latest word counts.
    Shards(Vec<ShardState>),
    /// Neither RTP nor RTCP for `quiet_after`; said again after each further `quiet_after`. Never
    /// said of a leg on hold.
    Quiet {
        /// The leg.
        leg: LegId,
        /// Since the last packet, or since the session was settled.
        silent_for: Duration,
    },
}

/// Why a shard refuses a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefusal {
    /// 400.
    #[error("malformed session description at line {line}")]
    Malformed {
        /// 1-based.
        line: usize,
    },
    /// 488.
    #[error("no audio stream or codec in common")]
    NothingInCommon,
    /// 503.
    #[error("no free media port")]
    NoPort,
    /// 481: the leg is unknown, or no exchange is open.
    #[error("no such exchange")]
    OutOfOrder,
}
