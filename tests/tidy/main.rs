//! The invariants of `crates/README.md` as tests: dependency table, file length, docs, purity.

mod dependencies;
mod prompts;
mod sources;
