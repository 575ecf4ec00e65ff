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
    /// Anything that can be read: a file, and its path without links, or a pipe.
    File(Option<PathBuf>),
}

/// Looks up `path`, following links: it was named.
///
/// # Errors
/// When nothing is there, or one may not look.
pub fn look_up(path: &Path) -> io::Result<Found> {
    match fs::metadata(path)? {
        found if found.is_dir() => fs::canonicalize(path).map(Found::Folder),
        found => Ok(Found::File(fs::canonicalize(path).ok().filter(|_| found.is_file()))),
    }
}

/// The path without links, or as it is where that cannot be told.
pub(super) fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
