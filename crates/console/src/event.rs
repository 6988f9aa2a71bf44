//! One thing that happened, and who may know of it.

use interpreting::{Progress, RouteFailure, Usage};
use model::{AdvocateId, CallId, EndReason, VendorId};
use serde::Serialize;
use switchboard::{Audible, Notice};
use utoipa::ToSchema;

use crate::{Names, Who, views};

/// A notice with its number and time.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) number: u64,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) notice: Notice,
    /// Who is, or was just, in the call that it is about.
    pub(crate) hers: Option<AdvocateId>,
}

/// One event of the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Numbers grow, over restarts too; they are not all there for everyone.
    pub(crate) number: u64,
    /// Seconds since 1970-01-01 UTC.
    pub(crate) time: i64,
    #[schema(example = "call-waiting")]
    pub(crate) event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advocate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vendor: Option<String>,
    /// An advocate's state, a search's progress, how a supervisor takes part, why a call ended or a
    /// route failed, or which new calls are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<&'static str>,
    /// A vendor's line, for the usage record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<UsageRow>,
    /// Who can hear whom from now on: all pairs of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) audible: Option<Vec<AudibleRow>>,
}

/// One party that another can hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AudibleRow {
    #[schema(example = "caller")]
    pub(crate) listener: &'static str,
    #[schema(example = "advocate")]
    pub(crate) speaker: &'static str,
    /// `full`, `beside` (12 dB lower, beside a conversation) or `ducked` (15 dB lower while the
    /// interpreter speaks).
    #[schema(example = "full")]
    pub(crate) loudness: &'static str,
}

/// How long each phase of a vendor's line took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UsageRow {
    pub(crate) language: String,
    pub(crate) dialling_seconds: u64,
    pub(crate) script_seconds: u64,
    pub(crate) hold_seconds: u64,
    pub(crate) talk_seconds: u64,
}

/// The parts of a notice.
#[derive(Default)]
pub(crate) struct Parts {
    name: &'static str,
    pub(crate) call: Option<CallId>,
    advocate: Option<AdvocateId>,
    vendor: Option<VendorId>,
    detail: Option<&'static str>,
    usage: Option<Usage>,
    audible: Option<Vec<AudibleRow>>,
}

impl Happened {
    /// The event as `who` may see it: supervisors see all, an advocate what is about her and her
    /// call, others what is about no call, and alarms without the call's name (O9).
    pub(crate) fn seen_by(&self, who: Who, names: &Names) -> Option<Event> {
        let parts = Parts::of(&self.notice);
        let shown = match who {
            Who::Supervisor(_) => parts,
            Who::Advocate(own) if self.hers == Some(own) || parts.advocate == Some(own) => parts,
            Who::Advocate(_) => return None,
            Who::Operator if parts.call.is_none() => parts,
            Who::Operator | Who::Monitor if is_alarm(&self.notice) => Parts { call: None, ..parts },
            Who::Operator | Who::Monitor => return None,
        };
        Some(Event {
            number: self.number,
            time: self.time,
            event: shown.name,
            call: shown.call.map(|call| call.to_string()),
            advocate: shown.advocate.map(|advocate| names.advocate(advocate)),
            vendor: shown.vendor.map(|vendor| names.vendor(vendor)),
            detail: shown.detail,
            usage: shown.usage.as_ref().map(usage),
            audible: shown.audible,
        })
    }
}

/// What staff must be told without being asked (O7).
const fn is_alarm(notice: &Notice) -> bool {
    matches!(
        notice,
        Notice::CallRefused
            | Notice::NobodyOnShift { .. }
            | Notice::LastAdvocateNotAnswering { .. }
            | Notice::LongWait { .. }
            | Notice::NoInterpreter { .. }
            | Notice::AdvocateLost { .. }
            | Notice::Capacity(_)
            | Notice::Healed
    )
}

impl Parts {
    pub(crate) fn of(notice: &Notice) -> Self {
        match *notice {
            Notice::CallArrived { call } => Self::call("call-arrived", call),
            Notice::CallRefused => Self::named("call-refused"),
            Notice::CallAnswered { call } => Self::call("call-answered", call),
            Notice::CallWaiting { call } => Self::call("call-waiting", call),
            Notice::Offered { call, advocate } => Self::call("offered", call).with(advocate),
            Notice::Connected { call, advocate } => Self::call("connected", call).with(advocate),
            Notice::AdvocateLost { call, advocate } => {
                Self::call("advocate-lost", call).with(advocate)
            }
            Notice::Interpreter { call, progress } => Self::search(call, progress),
            Notice::VendorUsed { usage } => {
                Self { usage: Some(usage), ..Self::named("vendor-used").at(usage.vendor) }
            }
            Notice::InterpreterJoined { call, vendor } => {
                Self::call("interpreter-joined", call).at(vendor)
            }
            Notice::InterpreterLost { call, vendor } => {
                Self::call("interpreter-lost", call).at(vendor)
            }
            Notice::NoInterpreter { call } => Self::call("no-interpreter", call),
            Notice::Audience { call, ref audible } => {
                Self { audible: Some(rows(audible)), ..Self::call("audience", call) }
            }
            Notice::Diverted { call } => Self::call("diverted", call),
            Notice::Transferring { call, advocate } => {
                Self::call("transferring", call).with(advocate)
            }
            Notice::TransferFailed { call } => Self::call("transfer-failed", call),
            Notice::HandedOn { call, advocate } => Self::call("handed-on", call).with(advocate),
            Notice::Supervised { call, advocate, attendance } => Self {
                detail: Some(attendance.as_str()),
                ..Self::call("supervised", call).with(advocate)
            },
            Notice::SupervisorLeft { call, advocate } => {
                Self::call("supervisor-left", call).with(advocate)
            }
            Notice::TakenOver { call, advocate } => Self::call("taken-over", call).with(advocate),
            Notice::CallEnded { call, reason } => {
                Self { detail: Some(ended(reason)), ..Self::call("call-ended", call) }
            }
            Notice::NobodyOnShift { call } => Self::call("nobody-on-shift", call),
            Notice::LastAdvocateNotAnswering { advocate } => {
                Self::named("last-advocate-not-answering").with(advocate)
            }
            Notice::LongWait { call } => Self::call("long-wait", call),
            Notice::AdvocateIs { advocate, standing } => Self {
                detail: Some(views::standing(standing)),
                ..Self::named("advocate").with(advocate)
            },
            Notice::AdvocateSetAway { advocate } => Self::named("advocate-set-away").with(advocate),
            Notice::Capacity(capacity) => {
                Self { detail: Some(views::capacity(capacity)), ..Self::named("capacity") }
            }
            Notice::Healed => Self::named("healed"),
        }
    }

    fn named(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    fn call(name: &'static str, call: CallId) -> Self {
        Self { call: Some(call), ..Self::named(name) }
    }

    fn with(self, advocate: AdvocateId) -> Self {
        Self { advocate: Some(advocate), ..self }
    }

    fn at(self, vendor: VendorId) -> Self {
        Self { vendor: Some(vendor), ..self }
    }

    fn search(call: CallId, progress: Progress) -> Self {
        let search = Self::call("interpreter-search", call);
        let (vendor, detail) = match progress {
            Progress::Dialling { vendor } => (Some(vendor), "dialling"),
            Progress::VendorAnswered => (None, "vendor-answered"),
            Progress::Menu => (None, "menu"),
            Progress::OnHold => (None, "on-hold"),
            Progress::Interpreter => (None, "interpreter"),
            Progress::InterpreterLost => (None, "interpreter-lost"),
            Progress::RouteFailed { vendor, why } => (Some(vendor), failed(why)),
        };
        Self { vendor, detail: Some(detail), ..search }
    }
}

fn rows(audible: &[Audible]) -> Vec<AudibleRow> {
    let row = |pair: &Audible| {
        let (listener, speaker) = (pair.listener.as_str(), pair.speaker.as_str());
        AudibleRow { listener, speaker, loudness: pair.loudness.as_str() }
    };
    audible.iter().map(row).collect()
}

const fn failed(why: RouteFailure) -> &'static str {
    match why {
        RouteFailure::Busy => "route-busy",
        RouteFailure::NoAnswer => "route-no-answer",
        RouteFailure::Failed => "route-failed",
        RouteFailure::Timeout => "route-timeout",
        RouteFailure::Script => "route-script",
        RouteFailure::Hold => "route-hold",
        RouteFailure::Skipped => "route-skipped",
    }
}

const fn ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::HungUp => "hung-up",
        EndReason::Busy => "busy",
        EndReason::NoAnswer => "no-answer",
        EndReason::Declined => "declined",
        EndReason::NotFound => "not-found",
        EndReason::Failed => "failed",
        EndReason::Unreachable => "unreachable",
        EndReason::Lost => "lost",
        EndReason::Released => "released",
    }
}

fn usage(usage: &Usage) -> UsageRow {
    UsageRow {
        language: usage.language.to_string(),
        dialling_seconds: usage.dialling_seconds,
        script_seconds: usage.script_seconds,
        hold_seconds: usage.hold_seconds,
        talk_seconds: usage.talk_seconds,
    }
}
