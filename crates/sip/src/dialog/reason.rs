//! What a refusal of our INVITE means to the switchboard.

use model::EndReason;

/// The reason behind a final status of 300 or more.
///
/// # Assumptions
/// A redirection is a failure: calls go to configured places only.
pub(crate) const fn end_reason(status: u16) -> EndReason {
    match status {
        486 | 600 => EndReason::Busy,
        408 | 480 => EndReason::NoAnswer,
        603 | 607 => EndReason::Declined,
        404 | 410 | 484 | 604 => EndReason::NotFound,
        _ => EndReason::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_whether_to_try_again_elsewhere() {
        for (status, reason) in [
            (486, EndReason::Busy),
            (480, EndReason::NoAnswer),
            (603, EndReason::Declined),
            (604, EndReason::NotFound),
            (302, EndReason::Failed),
            (488, EndReason::Failed),
            (503, EndReason::Failed),
        ] {
            assert_eq!(end_reason(status), reason, "{status}");
        }
    }
}
