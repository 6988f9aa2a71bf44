//! One log line for each change of a call's state, with our own random ids and nothing else (D1).

use std::fmt;

use switchboard::{Audible, Capacity, Loudness, Notice};

/// Writes a notice at the level an operator expects of it.
pub fn note(notice: &Notice) {
    match notice {
        Notice::CallArrived { call } => tracing::info!(%call, "call arrived"),
        Notice::CallRefused => tracing::warn!("call refused: no room left, or no such number"),
        Notice::CallAnswered { call } => tracing::info!(%call, "call answered"),
        Notice::CallWaiting { call } => tracing::info!(%call, "caller waits for an advocate"),
        Notice::Offered { call, advocate } => tracing::info!(%call, %advocate, "advocate is rung"),
        Notice::Connected { call, advocate } => {
            tracing::info!(%call, %advocate, "caller and advocate are connected");
        }
        Notice::AdvocateLost { call, advocate } => {
            tracing::error!(%call, %advocate, "advocate lost; the caller is first in line");
        }
        Notice::Interpreter { call, progress } => {
            tracing::info!(%call, ?progress, "interpreter search");
        }
        Notice::InterpreterJoined { call, vendor } => {
            tracing::info!(%call, %vendor, "interpreter joined");
        }
        Notice::InterpreterLost { call, vendor } => {
            tracing::warn!(%call, %vendor, "interpreter lost; another is sought");
        }
        Notice::VendorUsed { usage } => tracing::info!(?usage, "vendor line ended"),
        Notice::NoInterpreter { call } => tracing::warn!(%call, "no interpreter could be reached"),
        Notice::Diverted { call } => tracing::info!(%call, "caller is with the back-up centre"),
        Notice::Audience { call, audible } => {
            tracing::info!(%call, hears = %Hears(audible), "who hears whom has changed");
        }
        Notice::Transferring { call, advocate } => {
            tracing::info!(%call, %advocate, "advocate hands the caller on");
        }
        Notice::HandedOn { call, advocate } => {
            tracing::info!(%call, %advocate, "advocate has left the caller to another");
        }
        Notice::TransferFailed { call } => {
            tracing::info!(%call, "nobody took the caller: back with the advocate");
        }
        Notice::Supervised { call, advocate, attendance } => {
            tracing::info!(%call, %advocate, ?attendance, "supervisor takes part");
        }
        Notice::SupervisorLeft { call, advocate } => {
            tracing::info!(%call, %advocate, "supervisor has left the call");
        }
        Notice::TakenOver { call, advocate } => tracing::info!(%call, %advocate, "taken over"),
        Notice::CallEnded { call, reason } => tracing::info!(%call, ?reason, "call ended"),
        Notice::NobodyOnShift { call } => {
            tracing::error!(%call, "ALARM: a caller waits and nobody is on shift");
        }
        Notice::LastAdvocateNotAnswering { advocate } => {
            tracing::error!(%advocate, "ALARM: the last ready advocate does not answer");
        }
        Notice::LongWait { call } => tracing::error!(%call, "ALARM: a caller waits too long"),
        Notice::AdvocateIs { advocate, standing } => {
            tracing::debug!(%advocate, ?standing, "advocate");
        }
        Notice::AdvocateSetAway { advocate } => {
            tracing::warn!(%advocate, "advocate missed a call and is away now");
        }
        Notice::Capacity(capacity) => capacity_is(*capacity),
        Notice::Healed => tracing::warn!("a state outlived its deadline and was healed"),
    }
}

fn capacity_is(capacity: Capacity) {
    match capacity {
        Capacity::Free => tracing::info!("the media has room: every new call is taken"),
        Capacity::Tight => tracing::warn!("the media is loaded: measurements are refused"),
        Capacity::Full => {
            tracing::error!("ALARM: the media is overloaded: new callers are refused");
        }
    }
}

/// Every pair as `listener<speaker`, with how loud unless that is as spoken.
struct Hears<'a>(&'a [Audible]);

impl fmt::Display for Hears<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nobody");
        }
        for (at, pair) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}<{}", pair.listener.as_str(), pair.speaker.as_str())?;
            if pair.loudness != Loudness::Full {
                write!(f, ":{}", pair.loudness.as_str())?;
            }
        }
        Ok(())
    }
}
