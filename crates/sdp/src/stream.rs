//! One audio stream of a description: what the peer's m= line means for us, and our own m= line.
//!
//! # Assumptions
//! - RTP/AVPF is served like RTP/AVP: without a=rtcp-fb both are the same (RFC 4585 §3).
//! - An address of `0.0.0.0` or `::` means hold as in RFC 2543: the peer receives nothing
//!   (RFC 3264 §8.4).

use std::net::{IpAddr, SocketAddr};

use model::{Direction, SrtpPolicy};

use crate::description::{Address, Description, Mapping, Media, RtcpAddress};
use crate::security::{Profile, Security};
use crate::{Agreed, AnswerError, Codec, Law, Local};

/// The m= lines that may be ours: audio that is not refused, over RTP, encrypted or plain as
/// `security` allows; where both are allowed, encrypted ones first.
///
/// # Errors
/// Why there is none.
pub(crate) fn candidates(
    description: &Description,
    security: &Security,
) -> Result<Vec<usize>, AnswerError> {
    let open = |fits: &dyn Fn(&Media) -> bool| {
        let media = description.media.iter().enumerate();
        let fitting = media.filter(|(_, media)| media.is_open_audio() && fits(media));
        fitting.map(|(slot, _)| slot).collect::<Vec<usize>>()
    };
    let is_secured = |media: &Media| media.profile().is_some() && security.choose(media).is_some();
    let secured = open(&is_secured);
    let plain = open(&|media| media.profile() == Some(Profile::Plain) && !is_secured(media));
    let wants_keys =
        !open(&|media| media.protocol.to_ascii_uppercase().contains("/SAVP")).is_empty();
    match security.policy {
        SrtpPolicy::Required if !secured.is_empty() => Ok(secured),
        SrtpPolicy::Required if !plain.is_empty() => Err(AnswerError::PlainOnly),
        SrtpPolicy::Off | SrtpPolicy::Optional if !(secured.is_empty() && plain.is_empty()) => {
            Ok([secured, plain].concat())
        }
        SrtpPolicy::Off if wants_keys => Err(AnswerError::SecureOnly),
        SrtpPolicy::Optional | SrtpPolicy::Required if wants_keys => {
            Err(AnswerError::NoCommonCrypto)
        }
        _ => Err(AnswerError::NoAudio),
    }
}

/// What the peer's m= line at `slot` settles between it and us.
///
/// # Errors
/// Why it cannot be served.
pub(crate) fn agree(
    local: &Local,
    description: &Description,
    slot: usize,
) -> Result<Agreed, AnswerError> {
    let media = description.media.get(slot).ok_or(AnswerError::NoAudio)?;
    let connection = media.connection.or(description.connection);
    let ip = usable(connection, local).ok_or(AnswerError::NoAddress)?;
    let codec = media.codec().ok_or(AnswerError::NoCommonCodec)?;
    let telephone_event = media.telephone_event();
    let remote = SocketAddr::new(ip, media.port);
    Ok(Agreed {
        codec,
        telephone_event,
        telephone_event_in: telephone_event,
        remote,
        remote_rtcp: media.remote_rtcp(remote, local),
        srtp: None,
        direction: flow(media.direction.or(description.direction), ip),
        ptime_ms: media.wished_ptime_ms(),
    })
}

/// Our own m= line: `codecs` by preference, telephone-events under `telephone_event`.
pub(crate) fn ours(
    local: &Local,
    protocol: &str,
    codecs: &[Codec],
    telephone_event: Option<u8>,
) -> Media {
    let numbers = codecs.iter().map(|codec| codec.payload_type).chain(telephone_event);
    let formats = numbers.map(|number| number.to_string()).collect();
    let mut media = Media::new("audio", local.port, protocol, formats);
    let codecs = codecs.iter().map(|codec| mapping(codec.payload_type, codec.law.encoding()));
    let events = telephone_event.map(|number| mapping(number, TELEPHONE_EVENT));
    media.mappings = codecs.chain(events).collect();
    // RFC 4733 §2.4.1: the events we understand.
    media.parameters =
        telephone_event.map(|number| (number, "0-15".to_owned())).into_iter().collect();
    media.ptime_ms = Some(PTIME_MS);
    let implied = local.port.checked_add(1) == Some(local.rtcp_port);
    media.rtcp = (!implied).then_some(RtcpAddress { port: local.rtcp_port, address: None });
    media.rtcp_mux = local.rtcp_mux;
    media
}

impl Media {
    /// Whether this is audio that is not refused.
    pub(crate) fn is_open_audio(&self) -> bool {
        self.kind == "audio" && self.port != 0
    }

    /// The first listed format that is G.711.
    fn codec(&self) -> Option<Codec> {
        self.payload_types().find_map(|payload_type| {
            let law =
                [Law::Pcmu, Law::Pcma].into_iter().find(|law| self.is_law(payload_type, *law));
            law.map(|law| Codec { payload_type, law })
        })
    }

    /// Static types need no a=rtpmap (RFC 3551 §6), but one that is there counts.
    fn is_law(&self, payload_type: u8, law: Law) -> bool {
        match self.mappings.iter().find(|mapping| mapping.payload_type == payload_type) {
            Some(mapping) => mapping.is(law.encoding()),
            None => payload_type == law.static_payload_type(),
        }
    }

    /// The listed payload type of telephone-events at the codec's clock rate (RFC 4733 §2.1).
    pub(crate) fn telephone_event(&self) -> Option<u8> {
        self.mappings.iter().find(|mapping| mapping.is(TELEPHONE_EVENT)).map(|m| m.payload_type)
    }

    fn remote_rtcp(&self, remote: SocketAddr, local: &Local) -> SocketAddr {
        if self.rtcp_mux && local.rtcp_mux {
            return remote;
        }
        let above = remote.port().saturating_add(1);
        let port = self.rtcp.map_or(above, |rtcp| rtcp.port);
        let named = self.rtcp.and_then(|rtcp| usable(rtcp.address, local));
        SocketAddr::new(named.unwrap_or(remote.ip()), port)
    }

    /// The packet time the peer asks for, within its own limit and ours.
    fn wished_ptime_ms(&self) -> u8 {
        let most = self.maxptime_ms.unwrap_or(MAX_PTIME_MS);
        self.ptime_ms.unwrap_or(PTIME_MS).min(most).clamp(MIN_PTIME_MS, MAX_PTIME_MS) / 10 * 10
    }
}

impl Mapping {
    /// Whether this is `encoding` at 8 kHz, mono.
    fn is(&self, encoding: &str) -> bool {
        self.encoding.eq_ignore_ascii_case(encoding) && self.rate_hz == RATE_HZ
    }
}

impl Law {
    const fn encoding(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    /// RFC 3551 §6, table 4.
    pub(crate) const fn static_payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }
}

fn mapping(payload_type: u8, encoding: &str) -> Mapping {
    Mapping { payload_type, encoding: encoding.to_owned(), rate_hz: RATE_HZ }
}

/// An address we can send to: one party's, of our own family; or the unspecified one of hold.
fn usable(address: Option<Address>, local: &Local) -> Option<IpAddr> {
    let Some(Address::Ip(ip)) = address else { return None };
    let ip = ip.to_canonical();
    let group = ip.is_multicast() || ip == IpAddr::from([255; 4]);
    let reachable = ip.is_ipv4() == local.address.is_ipv4() && !group;
    (ip.is_unspecified() || reachable).then_some(ip)
}

/// Our direction for the peer's: the mirror image (RFC 3264 §6.1), and nothing towards a peer
/// without an address.
fn flow(theirs: Option<Direction>, ip: IpAddr) -> Direction {
    let held = ip.is_unspecified();
    match theirs.unwrap_or(Direction::Both) {
        Direction::Both if held => Direction::ReceiveOnly,
        Direction::Both => Direction::Both,
        Direction::SendOnly => Direction::ReceiveOnly,
        Direction::ReceiveOnly if !held => Direction::SendOnly,
        Direction::ReceiveOnly | Direction::Inactive => Direction::Inactive,
    }
}

const TELEPHONE_EVENT: &str = "telephone-event";
const RATE_HZ: u32 = 8000;
/// What we send, and ask for.
const PTIME_MS: u8 = 20;
const MIN_PTIME_MS: u8 = 10;
const MAX_PTIME_MS: u8 = 60;
