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
    /// Whether another walk may come to the same files.
    pub overlap: bool,
}

/// What is walked.
#[derive(Clone, Debug)]
pub struct Walked {
    /// The directory to walk, without links.
    pub folder: PathBuf,
    /// The repository it belongs to.
    pub repository: Option<usize>,
    /// Where the names of files start, without links: the root of the repository's work tree, else the directory.
    pub start: PathBuf,
    /// What is written before them.
    pub prefix: PathBuf,
    /// Files that git tracks, relative to the root: read even where a rule ignores them.
    pub tracked: Vec<PathBuf>,
}

impl Walked {
    /// What to call the file at `path`.
    #[must_use]
    pub fn name(&self, path: &Path) -> Text {
        match path.strip_prefix(&self.start) {
            Ok(rest) if rest.as_os_str().is_empty() => path_text(&self.prefix),
            Ok(rest) => path_text(&self.prefix.join(rest)),
            Err(_) => path_text(path),
        }
    }
}

/// Shows every file of `walked` to `sieve`, but for those in `done`, which gets them. Returns the repositories that
/// were met on the way, which were not entered as such: directories that have a git directory, or are one.
pub fn walk(
    walked: &Walked,
    options: &WalkOptions,
    done: &mut HashSet<PathBuf>,
    sieve: &dyn Sieve,
    (tally, stop): (&Tally, &Stop),
) -> Vec<PathBuf> {
    let keeps = options.overlap || !walked.tracked.is_empty();
    let walk = Walk { walked, done, keeps, sieve, tally, stop, visited: Mutex::default(), nested: Arc::default() };
    walk.listed(options);
    if options.ignore {
        walk.tracked();
    }
    let mut nested = walk.nested.lock().map(|nested| nested.clone()).unwrap_or_default();
    nested.sort_unstable();
    if options.overlap {
        let visited = walk.visited.into_inner().unwrap_or_default();
        done.extend(visited);
    }
    nested
}

struct Walk<'a> {
    walked: &'a Walked,
    done: &'a HashSet<PathBuf>,
    /// Whether it keeps in mind what it visited.
    keeps: bool,
    sieve: &'a dyn Sieve,
    tally: &'a Tally,
    stop: &'a Stop,
    visited: Mutex<HashSet<PathBuf>>,
    nested: Arc<Mutex<Vec<PathBuf>>>,
}

impl Walk<'_> {
    /// Reads what the ignore rules leave.
    fn listed(&self, options: &WalkOptions) {
        let mut builder = WalkBuilder::new(&self.walked.folder);
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
        let visited = self.visited.lock().map(|visited| visited.clone()).unwrap_or_default();
        let mut buffer = Vec::new();
        for path in self.walked.tracked.iter().map(|path| self.walked.start.join(path)) {
            let regular = || fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
            let known = visited.contains(&path) || self.done.contains(&path);
            if path.starts_with(&self.walked.folder) && !known && !self.stop.is_raised() && regular() {
                self.read(&path, &mut buffer);
            }
        }
    }

    fn read(&self, path: &Path, buffer: &mut Vec<u8>) {
        let name = self.walked.name(path);
        let origin = Origin::File { repository: self.walked.repository, path: name.clone() };
        read_file(path, (&name, &origin), self.sieve, (self.tally, self.stop), buffer);
    }

    /// Shows the name of a file or directory, which can hold a secret as well as its content can.
    fn name_of(&self, entry: &DirEntry) {
        let name = path_text(Path::new(entry.file_name()));
        if entry.depth() > 0 && self.sieve.any(name.as_bytes()) {
            let origin = Origin::FileName { repository: self.walked.repository, path: self.walked.name(entry.path()) };
            self.sieve.take(&origin, &Piece::whole(name.as_bytes()));
        }
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
                if !self.walk.done.contains(entry.path()) {
                    self.walk.read(entry.path(), &mut self.buffer);
                    if self.walk.keeps {
                        self.visited.push(entry.into_path());
                    }
                }
            }
            Ok(entry) => self.walk.name_of(&entry),
            Err(error) => self.walk.sieve.problem(self.problem(error)),
        }
    }

    fn problem(&self, error: ignore::Error) -> Problem {
        let mut name = self.walk.walked.name(&self.walk.walked.folder);
        let mut inner = &error;
        loop {
            inner = match inner {
                ignore::Error::WithPath { path, err } => {
                    name = self.walk.walked.name(path);
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
