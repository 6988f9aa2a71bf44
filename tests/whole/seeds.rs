//! The same test for many seeds; the one that fails is named.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `test` for each seed, and fails with the first that fails.
pub(crate) fn for_seeds(seeds: Range<u64>, test: impl Fn(u64)) {
    for seed in seeds {
        if let Err(failure) = catch_unwind(AssertUnwindSafe(|| test(seed))) {
            let said = failure.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| failure.downcast_ref::<&str>().copied());
            panic!("seed {seed}: {}", said.unwrap_or("no message"));
        }
    }
}
