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

/// Above this somebody else is at work too.
const BUSY: f64 = 0.7;
