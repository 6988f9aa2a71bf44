//! Everything the switchboard says by itself, whatever the plan: an organisation that records prompts
//! in another language needs these besides what its plan plays. `tests/tidy` compares the lists with
//! what the sources say.

/// What callers may be told, in every language of a plan.
pub const TOLD_TO_CALLERS: [&str; 13] = [
    "advocate-back",
    "advocate-lost",
    "connecting",
    "diverting",
    "interpreter-joining",
    "interpreter-left",
    "interpreter-lost",
    "interpreter-none",
    "interpreter-search",
    "interpreter-still-searching",
    "off-hold",
    "on-hold",
    "please-wait",
];

/// What advocates, interpreters and back-up centres may be told, in English.
pub const TOLD_TO_STAFF: [&str; 35] = [
    "adv-away",
    "adv-call-from",
    "adv-calling-interpreter",
    "adv-code-help",
    "adv-consecutive",
    "adv-hold",
    "adv-hold-off",
    "adv-idle-help",
    "adv-interpreter-joined",
    "adv-interpreter-left",
    "adv-interpreter-lost",
    "adv-language-unknown",
    "adv-next-route",
    "adv-no-more-routes",
    "adv-no-route",
    "adv-not-now",
    "adv-open-way",
    "adv-private",
    "adv-private-off",
    "adv-ready",
    "adv-route-busy",
    "adv-route-failed",
    "adv-route-no-answer",
    "adv-route-script",
    "adv-route-timeout",
    "adv-search-cancelled",
    "adv-simultaneous",
    "adv-vendor-answered",
    "adv-vendor-hold",
    "adv-way-open",
    "adv-wrapup-done",
    "adv-wrong-code",
    "adv-wrong-language",
    "int-advocate-lost",
    "int-goodbye",
];

/// What a caller hears in front of another language, or instead of a recording that is missing.
pub const SIGNALS: [&str; 3] = ["coming", "lost", "waiting"];
