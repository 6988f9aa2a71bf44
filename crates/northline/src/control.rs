//! The control socket: `northline reload` and `northline status` talk to a running engine through
//! it, one line of request, lines of answer.
//!
//! It is a Unix socket that only the engine's own user can open; no caller data passes through it.

use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// What an operator's command line asks of a running engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Check the plan's file and put it live.
    Reload,
    /// How much there is of everything.
    Status,
}

impl Request {
    fn from_line(line: &str) -> Option<Self> {
        match line.trim() {
            "reload" => Some(Self::Reload),
            "status" => Some(Self::Status),
            _ => None,
        }
    }

    const fn line(self) -> &'static str {
        match self {
            Self::Reload => "reload\n",
            Self::Status => "status\n",
        }
    }
}

/// What an engine answers: the text, and whether it did what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it was done.
    pub outcome: Outcome,
    /// What to print.
    pub text: String,
}

/// Whether a request was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Done,
    /// No, and nothing changed.
    Refused,
}

/// A control socket that is being listened to; its file goes with it.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Listens at `path`, in place of a socket file that a dead engine left behind.
    ///
    /// # Errors
    /// When a living engine listens there, something else lies there, or the file cannot be made.
    pub async fn bind(path: &Path) -> io::Result<Self> {
        if UnixStream::connect(path).await.is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "an engine runs there already"));
        }
        if is_taken(path) {
            let message = "something that is no socket lies there";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { socket, path: path.to_owned() })
    }

    /// The next request, with the connection its answer goes to.
    pub async fn next(&self) -> (Request, UnixStream) {
        loop {
            let Ok((stream, _)) = self.socket.accept().await else {
                // No file descriptor left, as a rule: trying again at once would only burn time.
                tokio::time::sleep(AFTER_ERROR).await;
                continue;
            };
            let mut line = String::new();
            let mut reader = BufReader::new(stream).take(64);
            let read = tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await;
            let request = read.ok().and_then(Result::ok).and_then(|_| Request::from_line(&line));
            if let Some(request) = request {
                return (request, reader.into_inner().into_inner());
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Already gone is as good as removed.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether something lies at `path` that no engine has left behind, and that is not ours to remove.
pub(crate) fn is_taken(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|file| !file.file_type().is_socket())
}

/// Sends the answer; a client that went away, or does not read, misses it.
pub async fn answer(mut stream: UnixStream, answer: &Answer) {
    let status = match answer.outcome {
        Outcome::Done => DONE,
        Outcome::Refused => REFUSED,
    };
    let text = format!("{status}\n{}", answer.text);
    let sent = async {
        stream.write_all(text.as_bytes()).await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(PATIENCE, sent).await;
}

/// Asks the engine that listens at `path`.
///
/// # Errors
/// When none does.
pub async fn ask(path: &Path, request: Request) -> io::Result<Answer> {
    let mut stream = UnixStream::connect(path).await?;
    stream.write_all(request.line().as_bytes()).await?;
    let mut said = String::new();
    stream.read_to_string(&mut said).await?;
    let (status, text) = said.split_once('\n').unwrap_or((&said, ""));
    let outcome = if status == DONE { Outcome::Done } else { Outcome::Refused };
    Ok(Answer { outcome, text: text.to_owned() })
}

const DONE: &str = "done";
const REFUSED: &str = "refused";
/// For a client to ask, and to read.
const PATIENCE: Duration = Duration::from_secs(2);
const AFTER_ERROR: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_socket_makes_room_for_the_socket() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("control.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
        drop(Listener::bind(&path).await.expect("in place of a dead engine's"));
        std::fs::write(&path, "a plan").expect("a file");
        let error = Listener::bind(&path).await.expect_err("a file of somebody's");
        assert_eq!(error.to_string(), "something that is no socket lies there");
        assert_eq!(std::fs::read_to_string(&path).expect("it is still there"), "a plan");
    }

    #[tokio::test]
    async fn who_asks_nothing_or_reads_nothing_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("control.sock");
        let listener = Listener::bind(&path).await.expect("a socket");
        let silent = UnixStream::connect(&path).await.expect("it listens");
        let mut deaf = UnixStream::connect(&path).await.expect("it listens");
        deaf.write_all(b"status\n").await.expect("sent");
        let served = async {
            let (request, stream) = listener.next().await;
            assert_eq!(request, Request::Status);
            let text = "x".repeat(10_000_000);
            answer(stream, &Answer { outcome: Outcome::Done, text }).await;
        };
        tokio::time::timeout(10 * PATIENCE, served).await.expect("they are let go");
        drop((silent, deaf));
    }
}
