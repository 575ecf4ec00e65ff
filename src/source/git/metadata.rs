//! What git keeps beside its objects: names of refs, reflogs, its configuration, messages in the
//! making. Must not know what is looked for.

use super::reftable::Table;
use crate::{
    model::{Origin, Problem, ProblemKind, Text},
    source::{
        Piece, Sieve, Stop, Tally,
        file::{read_file, unreadable},
        path_text,
    },
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How much of a log is kept at once, in bytes.
const LOG: usize = 16 << 20;

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
                } else if is_table(&name) {
                    table(&path, name, repository, sieve, tally);
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

fn is_table(name: &Text) -> bool {
    let mut parts = name.as_bytes().rsplit(|&byte| byte == b'/');
    parts.next().is_some_and(|file| file.ends_with(b".ref")) && parts.next() == Some(b"reftable")
}

/// A table of a reftable: the names of its refs, and their logs, each as the file that it would be else. Its own bytes
/// hold no more than that, unless it is damaged.
fn table(path: &Path, name: Text, repository: usize, sieve: &dyn Sieve, tally: &Tally) {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return sieve.problem(unreadable(path_text(path), &error)),
    };
    tally.file(bytes.len() as u64);
    let origin = Origin::GitFile { repository, path: name };
    let (mut log, mut of) = (Vec::new(), Vec::new());
    let read = Table::open(&bytes).and_then(|table| {
        table.refs(&mut |name, _| ref_name(name.into(), repository, sieve))?;
        table.logs(&mut |name, line| {
            // Lines are in the order of names.
            if name != of || log.len() > LOG {
                show_log(&origin, &of, &log, sieve);
                log.clear();
                of = name.to_vec();
            }
            log.extend_from_slice(line);
        })
    });
    show_log(&origin, &of, &log, sieve);
    if let Err(why) = read {
        let why = format!("{why}; restore it from another clone, or a backup");
        sieve.problem(Problem::new(ProblemKind::Damaged, path_text(path), why));
        sieve.take(&origin, &Piece::whole(&bytes));
    }
}

fn show_log(table: &Origin, name: &[u8], log: &[u8], sieve: &dyn Sieve) {
    if sieve.any(log) {
        let path = [b"logs/", name].concat().as_slice().into();
        sieve.take(&Origin::Entry { holder: Box::new(table.clone()), path, is_name: false }, &Piece::whole(log));
    }
}
