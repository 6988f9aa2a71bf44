//! A folder for the control socket of an engine that has no place of its own on the machine.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use model::Chance;

/// A new folder that only this user can enter; it goes with whoever made it.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(chance: &mut Chance) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("northline-{}", chance.token()));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the system's temporary folder, the system removes.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
