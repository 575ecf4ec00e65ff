//! Directories of the git directory, listed. Must not know what is in them.

use crate::model::{Problem, ProblemKind};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The entries of a directory by name; one that is not there has none.
pub(super) fn sorted(folder: &Path, problem: &mut dyn FnMut(Problem)) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    match entries {
        Ok(mut entries) => {
            entries.sort_by_key(fs::DirEntry::file_name);
            entries.iter().map(fs::DirEntry::path).collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            problem(Problem::new(ProblemKind::Unreadable, folder.to_string_lossy().as_ref(), error.to_string()));
            Vec::new()
        }
    }
}
