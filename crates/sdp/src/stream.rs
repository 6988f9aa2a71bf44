//! One audio stream of a description: what the peer's m= line means for us, and our own m= line.
//!
//! # Assumptions
//! - RTP/AVPF is served like RTP/AVP: without a=rtcp-fb both are the same (RFC 4585 §3).
//! - An address of `0.0.0.0` or `::` means hold as in RFC 2543: the peer receives nothing
//!   (RFC 3264 §8.4).

use std::net::{IpAddr, SocketAddr};

use model::{Codecs, Direction, SrtpPolicy};

use crate::description::{Address, Description, Media, RtcpAddress};
use crate::format::{ComfortNoise, Events};
use crate::security::{Profile, Security};
use crate::{Agreed, AnswerError, Format, Local};

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
    let is_secured = |media: &Media| media.profile().is_some() && security.is_usable(media);
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
    codecs: Codecs,
    description: &Description,
    slot: usize,
) -> Result<Agreed, AnswerError> {
    let media = description.media.get(slot).ok_or(AnswerError::NoAudio)?;
    let connection = media.connection.or(description.connection);
    let ip = usable(connection, local).ok_or(AnswerError::NoAddress)?;
    let known = media.formats_of(|codec| codecs.iter().any(|ours| ours == codec));
    let format = *known.first().ok_or(AnswerError::NoCommonCodec)?;
    let events = media.telephone_events(format.codec.clock_hz());
    let telephone_event = events.map(|events| events.payload_type);
    let remote = SocketAddr::new(ip, media.port);
    Ok(Agreed {
        format,
        telephone_event,
        telephone_event_in: telephone_event,
        comfort_noise: media.comfort_noise(format.codec).map(|noise| noise.payload_type),
        remote,
        remote_rtcp: media.remote_rtcp(remote, local),
        srtp: None,
        direction: flow(media.direction.or(description.direction), ip),
        ptime_ms: media.wished_ptime_ms(),
    })
}

/// Our own m= line: `formats` by preference, with the telephone-events and the comfort noise that
/// belong to them.
pub(crate) fn ours(
    local: &Local,
    protocol: &str,
    formats: &[Format],
    (events, noise): (&[Events], Option<ComfortNoise>),
) -> Media {
    let numbers = formats.iter().map(|format| format.payload_type);
    let numbers = numbers.chain(noise.map(|noise| noise.payload_type));
    let numbers = numbers.chain(events.iter().map(|events| events.payload_type));
    let numbers = numbers.map(|number| number.to_string()).collect();
    let mut media = Media::new("audio", local.port, protocol, numbers);
    let mappings = formats.iter().map(|format| format.mapping());
    let mappings = mappings.chain(noise.map(ComfortNoise::mapping));
    media.mappings = mappings.chain(events.iter().map(|events| events.mapping())).collect();
    let parameters = formats.iter().filter_map(|format| format.parameters());
    media.parameters = parameters.chain(events.iter().map(|events| events.parameters())).collect();
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

/// An address we can send to: one party's, of our own family; or the unspecified one of hold.
pub(crate) fn usable(address: Option<Address>, local: &Local) -> Option<IpAddr> {
    let Some(Address::Ip(ip)) = address else { return None };
    let ip = ip.to_canonical();
    let group = ip.is_multicast() || ip == IpAddr::from([255; 4]);
    let reachable = ip.is_ipv4() == local.address.is_ipv4() && !group;
    (ip.is_unspecified() || reachable).then_some(ip)
}

/// Our direction for the peer's: the mirror image (RFC 3264 §6.1), and nothing towards a peer
/// without an address.
pub(crate) fn flow(theirs: Option<Direction>, ip: IpAddr) -> Direction {
    let held = ip.is_unspecified();
    match theirs.unwrap_or(Direction::Both) {
        Direction::Both if held => Direction::ReceiveOnly,
        Direction::Both => Direction::Both,
        Direction::SendOnly => Direction::ReceiveOnly,
        Direction::ReceiveOnly if !held => Direction::SendOnly,
        Direction::ReceiveOnly | Direction::Inactive => Direction::Inactive,
    }
}

/// What we send, and ask for.
const PTIME_MS: u8 = 20;
const MIN_PTIME_MS: u8 = 10;
const MAX_PTIME_MS: u8 = 60;
