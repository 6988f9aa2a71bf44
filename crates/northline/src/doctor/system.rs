//! The machine itself: clock, descriptors, real-time scheduling.

use std::time::Duration;

use model::WallTime;
use os::clock;
use os::limits;
use os::scheduling::{self, Scheduling};
use os::{Poller, Ready};

use super::{Report, SOCKETS_PER_LEG};
use crate::configuration::Configuration;
use crate::run::DESCRIPTORS;

/// Whether the calendar can be true, time only goes forward, and can be waited for.
pub(super) fn examine_clock(report: &mut Report) {
    let (first, second) = (clock::now(), clock::now());
    if !SANE.contains(&clock::wall()) {
        report.mend("clock: it shows no year of ours", "`timedatectl set-ntp true` sets it");
    } else if second < first {
        report.mend("clock: it went back", "run on a kernel with a monotonic clock");
    } else if !waits_for_less_than_a_millisecond() {
        report.mend("clock: it cannot be waited for exactly", "run on Linux 5.11 or later");
    } else {
        report.ok("clock: a sane year, monotonic, and exact");
    }
}

/// As media threads wait (`epoll_pwait2`).
fn waits_for_less_than_a_millisecond() -> bool {
    let (poller, limit) = (Poller::new(), Duration::from_micros(100));
    poller.is_ok_and(|poller| poller.wait(&mut Ready::with_capacity(1), Some(limit)).is_ok())
}

/// Whether the sockets of all calls fit.
pub(super) fn examine_descriptors(report: &mut Report, configuration: &Configuration) {
    let most_calls = configuration.most_calls;
    let sockets = configuration.most_legs() * SOCKETS_PER_LEG + BESIDE_CALLS;
    let needed = u64::try_from(sockets).unwrap_or(u64::MAX);
    let granted = limits::raise_descriptors(DESCRIPTORS).unwrap_or_default();
    if granted >= needed {
        report.ok(format!("descriptors: {granted}"));
    } else {
        report.mend(
            format!("descriptors: {granted}, but {most_calls} calls may take {needed}"),
            "raise LimitNOFILE of the systemd unit (`ulimit -Hn`) or lower `calls`",
        );
    }
}

/// What a media thread would be granted; asked on a thread that ends with the answer.
pub(super) fn examine_scheduling(report: &mut Report) {
    match std::thread::spawn(scheduling::ask).join().unwrap_or(Scheduling::Ordinary) {
        Scheduling::Fifo => report.ok("scheduling: real-time is granted"),
        other => report.note(format!(
            "scheduling: {other}; audio may stutter under load without CAP_SYS_NICE, which the \
             systemd unit gives"
        )),
    }
}

/// 2025 to 2099.
const SANE: std::ops::Range<WallTime> = WallTime(1_735_689_600)..WallTime(4_102_444_800);
/// Listeners, connections of phones, timers, files.
const BESIDE_CALLS: usize = 500;
