//! Reads the sources: their length, their docs, and what a pure crate may not name.

use std::fs;
use std::path::{Path, PathBuf};

const PURE: [&str; 13] = [
    "model",
    "simd",
    "sdp",
    "audio",
    "sip",
    "rtp",
    "mixer",
    "dialplan",
    "queue",
    "interpreting",
    "switchboard",
    "media",
    "testkit",
];

/// What a crate below stratum 3 may not name outside its tests.
const IMPURE: [&str; 12] = [
    "tokio::",
    "std::thread",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "std::sync::mpsc",
    "std::sync::OnceLock",
    "std::fs",
    "UdpSocket",
    "TcpStream",
    "SystemTime",
    "std::time::Instant",
    "thread_local!",
];

const LONGEST: usize = 600;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

pub(crate) fn crate_names() -> Vec<String> {
    let entries = fs::read_dir(root().join("crates")).expect("crates/ exists");
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("sources are UTF-8")
}

/// A file without its `#[cfg(test)]` module, which stands at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn no_file_is_longer_than_one_noun_needs() {
    let files = [rust_files(&root().join("crates")), rust_files(&root().join("tests"))].concat();
    for path in files {
        let lines = without_tests(&read(&path)).lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: split it by noun", path.display());
    }
}

#[test]
fn every_module_says_what_it_is() {
    for path in rust_files(&root().join("crates")) {
        let text = read(&path);
        assert!(text.starts_with("//!"), "{} begins without `//!` docs", path.display());
    }
}

#[test]
fn a_pure_crate_names_no_clock_socket_thread_or_lock() {
    for name in PURE {
        for path in rust_files(&root().join("crates").join(name).join("src")) {
            let text = read(&path);
            let code =
                without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                for word in IMPURE {
                    assert!(!line.contains(word), "{} names {word}: {line}", path.display());
                }
            }
        }
    }
}

/// What handles packets on a shard's thread, besides the pure crates.
const ON_A_SHARD: [&str; 11] = [
    "media-io/src/batch.rs",
    "media-io/src/claim.rs",
    "media-io/src/counters.rs",
    "media-io/src/legs.rs",
    "media-io/src/link.rs",
    "media-io/src/pace.rs",
    "media-io/src/station.rs",
    "os/src/arrival.rs",
    "os/src/held.rs",
    "os/src/poller.rs",
    "os/src/wake.rs",
];

#[test]
fn a_shard_names_no_lock_log_or_file() {
    for file in ON_A_SHARD {
        let text = read(&root().join("crates").join(file));
        let code = without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in ["Mutex", "RwLock", "Condvar", "mpsc", "tracing", "println!", "std::fs"] {
                assert!(!line.contains(word), "{file} names {word}: {line}");
            }
        }
    }
}

/// The recordings of a demonstration are of its own people.
#[test]
fn d3_nothing_but_the_demonstration_writes_sound() {
    for name in crate_names() {
        for path in rust_files(&root().join("crates").join(&name).join("src")) {
            let text = read(&path);
            let code = without_tests(&text);
            let writes = ["wav::save", "WavWriter"].iter().any(|word| code.contains(word));
            let may = ["audio/src/wav.rs", "northline/src/demo/tapes.rs"];
            assert!(!writes || may.iter().any(|file| path.ends_with(file)), "{}", path.display());
            let has_sound = ["media", "media-io", "mixer", "rtp"].contains(&name.as_str());
            let is_test = path.components().any(|part| part.as_os_str() == "harm");
            assert!(
                !has_sound
                    || is_test
                    || !["File::", "OpenOptions", "std::fs"].iter().any(|word| code.contains(word)),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn unsafe_code_stays_in_os_and_simd() {
    let safe = |name: &String| !["os", "simd"].contains(&name.as_str());
    for name in crate_names().into_iter().filter(safe) {
        let manifest = read(&root().join("crates").join(&name).join("Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} keeps the workspace lints");
    }
}

#[test]
fn only_sip_wire_uses_rsip() {
    for path in rust_files(&root().join("crates")) {
        if !path.components().any(|part| part.as_os_str() == "wire") {
            assert!(!read(&path).contains("rsip::"), "{} uses rsip", path.display());
        }
    }
}
