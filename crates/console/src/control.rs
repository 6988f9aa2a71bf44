//! The control socket: a Unix socket that only the engine's own user can open, and on which the API
//! needs no token.

use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};

use tokio::net::{UnixListener, UnixStream};

/// A control socket that is being listened to; its file goes with it.
#[derive(Debug)]
pub struct ControlSocket {
    socket: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Listens at `path`, in place of a socket file that a dead engine left behind.
    ///
    /// # Errors
    /// When a living engine listens there, something else lies there, or the file cannot be made.
    pub async fn bind(path: &Path) -> io::Result<Self> {
        if UnixStream::connect(path).await.is_ok() {
            return Err(io::Error::new(io::ErrorKind::AddrInUse, "an engine runs there already"));
        }
        if Self::is_taken(path) {
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

    /// Whether something lies at `path` that no engine has left behind, and that is not ours to
    /// remove.
    pub fn is_taken(path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|file| !file.file_type().is_socket())
    }

    pub(crate) fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<UnixStream>> {
        self.socket.poll_accept(context).map_ok(|(stream, _)| stream)
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // Already gone is as good as removed.
        let _ = std::fs::remove_file(&self.path);
    }
}
