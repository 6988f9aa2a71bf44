//! What goes into a shard and what comes out of it. Whatever owns memory travels boxed and comes
//! back by [`ShardEvent::Retired`], because a shard neither allocates nor frees.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Digit, LegId, MediaEvent, Pii, PlayId, RoomId, SampleRate};
use sdp::Agreed;

use crate::coding::Coding;
use crate::edition::Edition;
use crate::keys::Rekey;
use crate::leg::Leg;
use crate::player::{Playlist, Track};
use crate::room::Room;
use crate::text::{TextLine, TextTerms};

/// Which of a leg's sockets (RFC 3550 §11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The even port.
    Rtp,
    /// The odd port above it.
    Rtcp,
    /// The even port of its text.
    Text,
    /// The odd port above that.
    TextRtcp,
}

/// What the negotiator wants of a shard.
#[derive(Debug)]
pub enum ShardCommand {
    /// Take this leg in.
    Open(Box<Leg>),
    /// An exchange has completed: send and receive on these terms.
    Settle {
        /// The leg.
        leg: LegId,
        /// The terms.
        terms: Terms,
        /// What codes it.
        coding: Box<Coding>,
        /// The keys, where they change.
        rekey: Option<Box<Rekey>>,
    },
    /// All of a room goes on at another rate.
    Tune {
        /// The room.
        room: RoomId,
        /// The rate.
        rate: SampleRate,
        /// What codes each of its legs from now on.
        codings: Vec<(LegId, Box<Coding>)>,
    },
    /// A room encodes what several of its legs hear once for all of them.
    Share {
        /// The room.
        room: RoomId,
        /// Those the room has already go on.
        editions: Vec<Edition>,
    },
    /// Play, replacing what plays.
    Play {
        /// The leg.
        leg: LegId,
        /// The request.
        play: PlayId,
        /// The recordings.
        list: Playlist,
    },
    /// Stop what plays.
    StopPlay {
        /// The leg.
        leg: LegId,
    },
    /// Play this music under everything, or none.
    Music {
        /// The leg.
        leg: LegId,
        /// The music.
        track: Option<Track>,
    },
    /// The room's whole matrix.
    Route(Room),
    /// Send digits.
    SendDigits {
        /// The leg.
        leg: LegId,
        /// The digits.
        digits: Vec<Digit>,
    },
    /// Give the leg a line of text.
    OpenText {
        /// The leg.
        leg: LegId,
        /// Everything the text will need.
        line: Box<TextLine>,
    },
    /// An exchange has completed: the leg's text goes on by these terms, or rests without them.
    SettleText {
        /// The leg.
        leg: LegId,
        /// The terms.
        terms: Option<TextTerms>,
        /// The keys, where they change.
        rekey: Option<Box<Rekey>>,
    },
    /// Show what the leg's party wrote elsewhere to those who may hear it.
    Show {
        /// The leg.
        leg: LegId,
        /// What was written.
        text: Pii<String>,
    },
    /// Show the leg's own party what it is being told.
    Announce {
        /// The leg.
        leg: LegId,
        /// What it is told.
        text: Pii<String>,
    },
    /// Let the leg go.
    Close {
        /// The leg.
        leg: LegId,
    },
}

/// What a completed exchange means to a shard.
#[derive(Clone, Copy)]
pub struct Terms {
    /// What was agreed.
    pub agreed: Agreed,
    /// The address the peer's description came from.
    pub signalling: Option<IpAddr>,
    /// How long without RTP and RTCP until the leg is reported quiet.
    pub quiet_after: Duration,
}

/// What a shard reports.
#[derive(Debug)]
pub enum ShardEvent {
    /// For the switchboard.
    Media(MediaEvent),
    /// The peer's source is proven: the driver connects the leg's RTP socket to it.
    Locked {
        /// The leg.
        leg: LegId,
        /// The source.
        source: Source,
    },
    /// The source fell silent or the terms changed: the driver disconnects the leg's RTP socket,
    /// so that a new port of the same address can be heard.
    Unlocked {
        /// The leg.
        leg: LegId,
    },
    /// Memory to be freed outside the shard; with a leg, its sockets too.
    Retired(Retired),
}

/// What a shard has done with.
#[derive(Debug)]
pub enum Retired {
    /// A closed or forgotten leg.
    Leg(Box<Leg>),
    /// A room nobody is left in, or its last matrix.
    Room(Room),
    /// Prompts that ended or were replaced.
    Playlist(Playlist),
    /// Music whose position is no longer kept.
    Track(Track),
    /// Digits that were sent.
    Digits(Vec<Digit>),
    /// A line of text for a leg that is gone or has one.
    Line(LegId, Box<TextLine>),
    /// Text that was shown.
    Text(Pii<String>),
    /// Keys that are no longer used.
    Keys(Box<Rekey>),
    /// What coded a leg until its codec changed.
    Coding(Box<Coding>),
    /// What a room encodes for nobody any more.
    Editions(Vec<Edition>),
    /// What coded a room's legs until its rate changed.
    Codings(Vec<(LegId, Box<Coding>)>),
}

/// A media source that never prints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Source(pub SocketAddr);

/// What the negotiator reports or wants done.
#[derive(Debug)]
pub enum Output {
    /// For the switchboard.
    Event(MediaEvent),
    /// For the shard that serves `room`.
    Shard {
        /// The room.
        room: RoomId,
        /// The command.
        command: ShardCommand,
    },
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Terms(..)")
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(<redacted>)")
    }
}
