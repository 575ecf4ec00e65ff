//! The files below a directory, as git would list them: in parallel, ignore rules honoured, links not
//! followed, no git directory entered. Must not know what is looked for.

use super::{
    Piece, Sieve, Stop, Tally,
    file::{read_file, unreadable},
};
use crate::model::{Origin, Problem, ProblemKind, Text};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::{
    collections::HashSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// How to walk.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// Whether git's ignore rules keep files from being read.
    pub ignore: bool,
    /// How many threads read.
    pub jobs: usize,
}

/// What is walked.
#[derive(Clone, Debug)]
pub struct Walked<'a> {
    /// The directory to walk.
    pub folder: &'a Path,
    /// The repository it belongs to, and the root of that one's work tree.
    pub repository: Option<(usize, &'a Path)>,
    /// Files that git tracks, relative to the root: read even where a rule ignores them.
    pub tracked: &'a [PathBuf],
}

/// Shows every file of `walked` to `sieve`. Returns the repositories that were met on the way, which
/// were not entered as such: directories that have a git directory, or are one.
pub fn walk(walked: &Walked<'_>, options: &WalkOptions, sieve: &dyn Sieve, tally: &Tally, stop: &Stop) -> Vec<PathBuf> {
    let walk = Walk { walked, sieve, tally, stop, visited: Mutex::default(), nested: Arc::default() };
    walk.listed(options);
    if options.ignore {
        walk.tracked();
    }
    let mut nested = walk.nested.lock().map(|nested| nested.clone()).unwrap_or_default();
    nested.sort_unstable();
    nested
}

struct Walk<'a> {
    walked: &'a Walked<'a>,
    sieve: &'a dyn Sieve,
    tally: &'a Tally,
    stop: &'a Stop,
    visited: Mutex<HashSet<PathBuf>>,
    nested: Arc<Mutex<Vec<PathBuf>>>,
}

impl Walk<'_> {
    /// Reads what the ignore rules leave.
    fn listed(&self, options: &WalkOptions) {
        let mut builder = WalkBuilder::new(self.walked.folder);
        builder
            .standard_filters(false)
            .parents(options.ignore)
            .git_ignore(options.ignore)
            .git_exclude(options.ignore)
            .git_global(options.ignore)
            .threads(options.jobs);
        let (folder, nested) = (self.walked.folder.to_owned(), Arc::clone(&self.nested));
        builder.filter_entry(move |entry| enters(entry, &folder, &nested));
        builder.build_parallel().run(|| {
            let mut thread = Reader { walk: self, buffer: Vec::new(), visited: Vec::new() };
            Box::new(move |entry| {
                if self.stop.is_raised() {
                    return WalkState::Quit;
                }
                thread.entry(entry);
                WalkState::Continue
            })
        });
    }

    /// Reads what is tracked and was not listed.
    fn tracked(&self) {
        let Some((_, root)) = self.walked.repository else { return };
        let visited = self.visited.lock().map(|visited| visited.clone()).unwrap_or_default();
        let mut buffer = Vec::new();
        for path in self.walked.tracked.iter().map(|path| root.join(path)) {
            let regular = || fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
            if path.starts_with(self.walked.folder) && !visited.contains(&path) && !self.stop.is_raised() && regular() {
                self.read(&path, &mut buffer);
            }
        }
    }

    fn read(&self, path: &Path, buffer: &mut Vec<u8>) {
        let name = self.name(path);
        let repository = self.walked.repository.map(|(repository, _)| repository);
        let origin = Origin::File { repository, path: name.clone() };
        read_file(path, (&name, &origin), self.sieve, (self.tally, self.stop), buffer);
    }

    /// Shows the name of a file or directory, which can hold a secret as well as its content can.
    fn name_of(&self, entry: &DirEntry) {
        let name = path_text(Path::new(entry.file_name()));
        if entry.depth() > 0 && self.sieve.any(name.as_bytes()) {
            let repository = self.walked.repository.map(|(repository, _)| repository);
            let origin = Origin::FileName { repository, path: self.name(entry.path()) };
            self.sieve.take(&origin, &Piece::whole(name.as_bytes()));
        }
    }

    fn name(&self, path: &Path) -> Text {
        let relative = self.walked.repository.and_then(|(_, root)| path.strip_prefix(root).ok());
        path_text(relative.unwrap_or(path))
    }
}

/// One thread of the walk.
struct Reader<'a> {
    walk: &'a Walk<'a>,
    buffer: Vec<u8>,
    visited: Vec<PathBuf>,
}

impl Reader<'_> {
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>) {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                self.walk.name_of(&entry);
                self.walk.read(entry.path(), &mut self.buffer);
                if !self.walk.walked.tracked.is_empty() {
                    self.visited.push(entry.into_path());
                }
            }
            Ok(entry) => self.walk.name_of(&entry),
            Err(error) => self.walk.sieve.problem(self.problem(error)),
        }
    }

    fn problem(&self, error: ignore::Error) -> Problem {
        let mut name = self.walk.name(self.walk.walked.folder);
        let mut inner = &error;
        loop {
            inner = match inner {
                ignore::Error::WithPath { path, err } => {
                    name = self.walk.name(path);
                    err
                }
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
                ignore::Error::Io(error) => return unreadable(name, error),
                other => return Problem::new(ProblemKind::Unreadable, name, other.to_string()),
            };
        }
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        if let Ok(mut visited) = self.walk.visited.lock() {
            visited.extend(self.visited.drain(..));
        }
    }
}

/// Whether to go on with an entry; tells of repositories that are not entered.
fn enters(entry: &DirEntry, folder: &Path, nested: &Mutex<Vec<PathBuf>>) -> bool {
    let met = |path: &Path| nested.lock().map(|mut nested| nested.push(path.to_owned())).unwrap_or_default();
    if entry.file_name() == OsStr::new(".git") && entry.depth() > 0 {
        if let Some(parent) = entry.path().parent().filter(|parent| *parent != folder) {
            met(parent);
        }
        return false;
    }
    let bare = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir()) && is_bare(entry.path());
    if bare {
        met(entry.path());
    }
    !bare
}

/// Whether a directory is itself the inside of a git directory.
fn is_bare(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// A path as text: `/` between its parts, no leading `./`, bytes kept where the system has them.
#[must_use]
pub fn path_text(path: &Path) -> Text {
    let path = path.strip_prefix(".").unwrap_or(path);
    if path.as_os_str().is_empty() { Text::from(".") } else { raw(path) }
}

#[cfg(unix)]
fn raw(path: &Path) -> Text {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).into()
}

#[cfg(not(unix))]
fn raw(path: &Path) -> Text {
    path.to_string_lossy().replace('\\', "/").as_str().into()
}
