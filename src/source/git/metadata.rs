//! What git keeps beside its objects: names of refs, reflogs, its configuration, messages in the
//! making. Must not know what is looked for.

use crate::{
    model::{Origin, Problem, ProblemKind, Text},
    source::{Piece, Sieve, Stop, Tally, file::read_file, path_text},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Shows the names of refs and all files of the git directory at `common` to `sieve`, but for the
/// objects and what belongs to submodules, which are repositories of their own.
pub(super) fn walk(common: &Path, repository: usize, sieve: &dyn Sieve, tally: &Tally, stop: &Stop) {
    let mut buffer = Vec::new();
    let mut todo: Vec<PathBuf> = vec![common.to_owned()];
    while let Some(folder) = todo.pop() {
        let entries = fs::read_dir(&folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                sieve.problem(Problem::new(ProblemKind::Unreadable, path_text(&folder), error.to_string()));
                continue;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = path_text(path.strip_prefix(common).unwrap_or(&path));
            let Ok(kind) = entry.file_type() else { continue };
            // The index holds the names of files, which are read where the files are.
            if name.as_bytes() == b"index" {
                continue;
            }
            if kind.is_dir() {
                if !matches!(name.as_bytes(), b"objects" | b"modules") {
                    todo.push(path);
                }
            } else if kind.is_file() && !stop.is_raised() {
                if name.as_bytes().starts_with(b"refs/") {
                    ref_name(name, repository, sieve);
                } else {
                    let origin = Origin::GitFile { repository, path: name };
                    read_file(&path, (&path_text(&path), &origin), sieve, (tally, stop), &mut buffer);
                }
            }
        }
    }
}

/// The name of a loose ref is the path of its file; packed ones are lines of a file that is read.
fn ref_name(name: Text, repository: usize, sieve: &dyn Sieve) {
    if sieve.any(name.as_bytes()) {
        let origin = Origin::RefName { repository, name: name.clone() };
        sieve.take(&origin, &Piece::whole(name.as_bytes()));
    }
}
