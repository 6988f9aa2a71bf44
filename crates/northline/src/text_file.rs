//! A file that an operator writes, read as text; why it cannot be, and how to mend that.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum TextFileError {
    /// It is not there.
    #[error("{0}: there is no such file")]
    Missing(PathBuf),
    /// It is there and may not be read.
    #[error("{0}: this user may not read it; `ls -l` shows who may")]
    Forbidden(PathBuf),
    /// It cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is in no encoding that is read, from this line on.
    #[error("{0}:{1}: not written in UTF-8; save the file as UTF-8")]
    NotUtf8(PathBuf, usize),
}

/// Reads `path`.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read(path: &Path) -> Result<String, TextFileError> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => TextFileError::Missing(path.to_owned()),
        io::ErrorKind::PermissionDenied => TextFileError::Forbidden(path.to_owned()),
        _ => TextFileError::Unreadable(path.to_owned(), error),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
        TextFileError::NotUtf8(path.to_owned(), line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_said_with_its_line_and_cure() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.yaml");
        let said = || read(&path).expect_err("no text").to_string();
        assert!(said().ends_with("plan.yaml: there is no such file"), "{}", said());
        std::fs::write(&path, b"plan: hotline\nlanguages: [\xe9s]\n").expect("written");
        assert!(said().ends_with("plan.yaml:2: not written in UTF-8; save the file as UTF-8"));
        std::fs::write(&path, "plan: hotline\n").expect("written");
        assert_eq!(read(&path).expect("a text"), "plan: hotline\n");
    }
}
