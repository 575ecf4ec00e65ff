//! What a path given by the user is. Must not know what is done with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A directory, and its path without links.
    Folder(PathBuf),
    /// Anything that can be read: a file, a pipe.
    File,
}

/// Looks up `path`, following links: it was named.
///
/// # Errors
/// When nothing is there, or one may not look.
pub fn look_up(path: &Path) -> io::Result<Found> {
    if fs::metadata(path)?.is_dir() { fs::canonicalize(path).map(Found::Folder) } else { Ok(Found::File) }
}

/// The path without links, or as it is where that cannot be told.
pub(super) fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
