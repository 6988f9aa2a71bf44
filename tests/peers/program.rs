//! Another program, run for a test: its output goes to a file, and it ends with the test.

use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use os::clock;
use rustix::process::{Pid, Signal, kill_process};

/// A running program.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    output: PathBuf,
}

impl Program {
    /// Starts `command`; what it says on either stream goes to the file `output`.
    pub(crate) fn start(command: &mut Command, output: &Path) -> Self {
        let file = File::create(output).expect("the test's folder can be written");
        let errors = file.try_clone().expect("a second handle");
        let started = command.stdin(Stdio::null()).stdout(file).stderr(errors).spawn();
        let name = command.get_program().to_string_lossy();
        let child = started.unwrap_or_else(|error| panic!("{name}: {error}; try `make peers`"));
        Self { child, output: output.to_owned() }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).expect("its output")).into_owned()
    }

    /// Its status, once it has ended by itself.
    pub(crate) async fn finished(&mut self, within: Duration) -> ExitStatus {
        let mut status = None;
        until("the program ends", within, || {
            status = self.child.try_wait().expect("it is our child");
            status.is_some()
        })
        .await;
        status.expect("waited for it")
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it is our child, and not waited for");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `happened`, and panics with `what` if it does not `within` that time.
pub(crate) async fn until(what: &str, within: Duration, mut happened: impl FnMut() -> bool) {
    eventually(within, async || happened().then_some(()).ok_or(what)).await;
}

/// What `ask` finds in the end. Whatever is asked after something happened elsewhere is asked so:
/// a board, a log and a phone learn of it one after the other, and not in this order. Panics with
/// the last thing that was found instead if it is not there `within` that time.
pub(crate) async fn eventually<T, Other: Display>(
    within: Duration,
    mut ask: impl AsyncFnMut() -> Result<T, Other>,
) -> T {
    let since = clock::now();
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(other) => {
                assert!(clock::now().since(since) < within, "not within {within:?}: {other}");
            }
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
