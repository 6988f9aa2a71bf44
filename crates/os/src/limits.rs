//! Limits of the whole process: descriptors enough for every leg, and no core file that would hold
//! a caller's data (requirement D4).

use std::io;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Raises the soft limit of open descriptors to `wanted` or as far as the hard limit lets it;
/// returns the limit now in force. Never lowers it.
pub fn raise_descriptors(wanted: u64) -> io::Result<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current.unwrap_or(u64::MAX);
    let target = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if target <= current {
        return Ok(current);
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(target), maximum })?;
    Ok(target)
}

/// No core file, and no other process of the same user may read this one's memory (D4).
pub fn forbid_core_dumps() -> io::Result<()> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_raised_to_what_is_allowed_and_never_lowered() {
        let raised = raise_descriptors(u64::MAX >> 1).unwrap();
        assert_eq!(raise_descriptors(1).unwrap(), raised);
    }

    #[test]
    fn d4_the_process_leaves_no_core_file() {
        forbid_core_dumps().unwrap();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
