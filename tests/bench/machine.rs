//! What the figures were measured on.

use std::fs;

/// This machine, now.
pub(crate) struct Machine {
    model: String,
    cores: usize,
    kernel: String,
    load_average: f64,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let info = read("/proc/cpuinfo");
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let load = read("/proc/loadavg");
        Self {
            model: model.map_or("unknown processor", |(_, model)| model).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_average: load.split(' ').next().and_then(|l| l.parse().ok()).unwrap_or_default(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { model, cores, kernel, load_average } = self;
        writeln!(f, "machine: {model}, {cores} cores, Linux {kernel}")?;
        write!(f, "load average at the start: {load_average:.2}")?;
        if *load_average > BUSY {
            write!(f, " - BUSY: ratios still count, absolute times and delays do not")?;
        }
        Ok(())
    }
}

/// What the host of a virtual machine kept from it since some moment.
pub(crate) struct Withheld {
    since: [u64; 2],
}

impl Withheld {
    /// From now on.
    pub(crate) fn begin() -> Self {
        Self { since: ticks() }
    }
}

impl std::fmt::Display for Withheld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [withheld, all] = ticks();
        let share = (withheld - self.since[0]) as f64 / (all - self.since[1]).max(1) as f64;
        write!(f, "\nof all cores' time the host kept {:.1} % for others", 100.0 * share)
    }
}

/// Ticks of all cores that somebody else had, and all ticks (`proc_stat(5)`).
fn ticks() -> [u64; 2] {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = stat.lines().next().unwrap_or_default();
    // Guests' time, which comes last, is in the user's.
    let fields: Vec<u64> = line.split_whitespace().skip(1).take(8).flat_map(str::parse).collect();
    [fields.get(7).copied().unwrap_or_default(), fields.iter().sum()]
}

/// Above this somebody else is at work too.
const BUSY: f64 = 0.7;
