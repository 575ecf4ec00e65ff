//! Scans of what is there: files, and all that repositories have stored. Must not know what findings are.

use super::{
    ScanError, Target,
    attribution::Attribution,
    collect::{Collector, Sighting},
    folders,
    homes::{self, Inner},
    packed,
    seen::{Looked, Seen},
};
use crate::{
    lint::{Linter, Nowhere},
    matcher::Matcher,
    model::{ObjectId, ObjectKind, Origin, Problem, ProblemKind, Text},
    source::{
        Around, Found, Limits, Sieve, Stop, Tally, WalkOptions, Walked,
        git::{Commits, OpenError, Repository},
        look_up, path_text, read_bytes, read_file, read_stdin, walk,
    },
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads all of the targets.
pub(super) fn read(
    targets: &[Target],
    reads: Reads<'_>,
    (matcher, linter, show_secrets): (&Matcher, Option<&Linter<'_>>, bool),
    (tally, stop): (&Tally, &Stop),
) -> Result<Seen, ScanError> {
    let collector = Collector::new(matcher, show_secrets).linting(linter).unpacking(reads.limits);
    let mut scan = Scan { reads, tally, stop, sieve: &collector, repositories: Vec::new(), met: Met::default() };
    scan.targets(targets)?;
    let (repositories, met) = (scan.repositories, scan.met);
    let (mut sightings, problems) = collector.finish();
    homes::settle(&mut sightings, &met.inner);
    let attributions = repositories
        .iter()
        .enumerate()
        .map(|(number, read)| attribute(read, number, (&sightings, &problems), stop))
        .collect::<Vec<_>>();
    let looked = Looked { worktrees: met.worktrees, heads: met.heads };
    let told = folders::told(repositories.iter().map(|(repository, _)| repository), met.others);
    let seen = (sightings.iter(), &attributions[..]);
    let stand_in = folders::stand_in(repositories.iter().map(|(repository, _)| repository), &told, seen);
    let roots = repositories.iter().map(|(repository, _)| repository.directory()).collect();
    let (before, pasts) = (Vec::new(), repositories);
    Ok(Seen { sightings, before, problems, attributions, looked, repositories: told, stand_in, pasts, roots })
}

/// Asks the history about the objects of one repository that were seen to hold something.
fn attribute(
    (repository, commits): &(Repository, Commits),
    number: usize,
    (sightings, problems): (&[Sighting], &[Problem]),
    stop: &Stop,
) -> Attribution {
    let mut wanted: HashSet<ObjectId> = packed::contents(problems, number).collect();
    let mut named: HashSet<ObjectId> = HashSet::new();
    for sighting in sightings {
        match *sighting.origin.holder() {
            Origin::Object { repository, id, kind } if repository == number => match kind {
                ObjectKind::Blob | ObjectKind::Tree => drop(wanted.insert(id)),
                ObjectKind::Commit => drop(named.insert(id)),
                ObjectKind::Tag => {}
            },
            _ => {}
        }
    }
    Attribution::find((repository, commits), &wanted, &named, stop)
}

/// What of everything is read, and how.
#[derive(Clone, Copy)]
pub(super) struct Reads<'a> {
    pub(super) worktree: bool,
    pub(super) history: bool,
    pub(super) ignore: bool,
    pub(super) jobs: usize,
    pub(super) limits: Option<&'a Limits>,
}

/// The reading half of a scan.
struct Scan<'a> {
    reads: Reads<'a>,
    tally: &'a Tally,
    stop: &'a Stop,
    sieve: &'a Collector<'a>,
    repositories: Vec<(Repository, Commits)>,
    met: Met,
}

/// What was come across, so that nothing is read twice or told of as something else.
#[derive(Default)]
struct Met {
    /// The git directories that were read.
    seen: HashMap<PathBuf, usize>,
    /// The repositories whose history was read, each in one of its work trees.
    heads: BTreeSet<usize>,
    /// The files that were read, without links, where another target may lead to them.
    done: HashSet<PathBuf>,
    /// The repositories in whose work trees files were read as those of another, or of none.
    inner: Vec<Inner>,
    /// What of work trees was read, from the root of each.
    worktrees: Vec<(usize, Text)>,
    /// Whether files were read that are in no repository.
    others: bool,
}

impl Scan<'_> {
    /// Directories come before files, so that a file that is in one is told of as a file of it, and are read after
    /// them: a file that is named is read whatever ignores it.
    fn targets(&mut self, targets: &[Target]) -> Result<(), ScanError> {
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for target in targets {
            match target {
                Target::Path(path) => match look_up(path).map_err(|error| ScanError::Target(path.clone(), error))? {
                    Found::Folder(folder) => folders.extend(self.folder(path, folder)?),
                    Found::File(whole) => files.push((path, whole)),
                },
                Target::Stdin => read_stdin(self.sieve, self.tally, self.stop),
                Target::Text { name, bytes } => {
                    let origin = Origin::File { repository: None, path: name.clone() };
                    read_bytes(bytes, &origin, self.sieve, (self.tally, self.stop));
                }
            }
        }
        for (path, whole) in files {
            self.file(path, whole, &folders);
        }
        if self.reads.worktree {
            folders.iter().for_each(|folder| self.files(folder, folders.len() > 1));
        }
        Ok(())
    }

    /// Reads a file, `path` as the user wrote it and `whole` without links, if it has such a path. It is a file of the
    /// repository that one of `folders` belongs to if it lies there. Else it is just a file: a history is long, and
    /// who names a file has not asked for it.
    fn file(&mut self, path: &Path, whole: Option<PathBuf>, folders: &[Walked]) {
        let holder = whole.as_ref().and_then(|whole| {
            let holders = folders.iter().filter(|folder| whole.starts_with(&folder.start));
            holders.max_by_key(|folder| folder.start.as_os_str().len())
        });
        let name = holder.zip(whole.as_ref()).map_or_else(|| path_text(path), |(folder, whole)| folder.name(whole));
        let repository = holder.and_then(|folder| folder.repository);
        match repository {
            Some(number) => self.met.worktrees.push((number, name.clone())),
            None => self.met.others = true,
        }
        match holder {
            Some(folder) => self.sieve.enter(Arc::new(Around::of(folder))),
            None => self.sieve.enter(Arc::new(Nowhere)),
        }
        if whole.is_none_or(|whole| self.met.done.insert(whole)) {
            let origin = Origin::File { repository, path: name.clone() };
            read_file(path, (&name, &origin), self.sieve, (self.tally, self.stop), &mut Vec::new());
        }
    }

    /// Reads the history of the repository that a directory is or belongs to. Returns what of the directory, `path` as
    /// the user wrote it and `folder` without links, is to be read from disk.
    fn folder(&mut self, path: &Path, folder: PathBuf) -> Result<Option<Walked>, ScanError> {
        let repository = match Repository::open(path, true) {
            Ok(repository) => repository,
            Err(error) => {
                let dispensable = match error {
                    OpenError::NotFound(_) => self.reads.worktree,
                    OpenError::Unsupported(..) => !self.reads.history,
                };
                if !dispensable {
                    return Err(error.into());
                }
                // Without its history a directory is a directory.
                return Ok(Some(self.alone(path, folder)));
            }
        };
        let (root, tracked) = (repository.root.clone(), repository.tracked());
        let number = self.repository(repository);
        let inside = folder.starts_with(self.repositories[number].0.common_dir());
        let Some(start) = root.filter(|root| folder.starts_with(root) && !inside) else {
            // What git keeps is read with the history; without it, it is files, as is what lies around.
            let as_files = !inside || !self.reads.history;
            return Ok(as_files.then(|| self.alone(path, folder)));
        };
        Ok(Some(Walked { folder, repository: Some(number), start, prefix: PathBuf::new(), tracked }))
    }

    /// A directory of no repository.
    fn alone(&mut self, path: &Path, folder: PathBuf) -> Walked {
        self.met.others = true;
        Walked { start: folder.clone(), folder, repository: None, prefix: path.to_owned(), tracked: Vec::new() }
    }

    /// Reads the files below a directory, and the history of the repositories among them.
    fn files(&mut self, walked: &Walked, overlap: bool) {
        self.sieve.enter(Arc::new(Around::of(walked)));
        let options = WalkOptions { ignore: self.reads.ignore, jobs: self.reads.jobs, overlap };
        let nested = walk(walked, &options, &mut self.met.done, self.sieve, (self.tally, self.stop));
        self.met.worktrees.extend(walked.repository.map(|number| (number, walked.name(&walked.folder))));
        if self.reads.history {
            for path in nested {
                let folder = walked.name(&path);
                let number = self.nested(folder.clone(), Repository::open(&path, false));
                // One work tree of several, or one that is elsewhere, is none whose files these are.
                let own = number.filter(|number| self.repositories[*number].0.root.as_ref() == Some(&path));
                if let Some(number) = own.filter(|number| Some(*number) != walked.repository) {
                    self.met.worktrees.push((number, ".".into()));
                    self.met.inner.push(Inner { outer: walked.repository, folder, number });
                }
            }
        }
    }

    /// Reads a repository that was met below a target, and returns its number.
    fn nested(&mut self, name: Text, opened: Result<Repository, OpenError>) -> Option<usize> {
        match opened {
            Ok(repository) => Some(self.repository(repository.named(name))),
            Err(error) => {
                self.sieve.problem(Problem::new(ProblemKind::Unreadable, name, error.to_string()));
                None
            }
        }
    }

    /// Reads the history of a repository and its submodules, if asked for and not done before. Returns
    /// its number. Each work tree of it has one: its files are other files.
    fn repository(&mut self, repository: Repository) -> usize {
        let common = repository.common_dir();
        let same = |(known, _): &(Repository, Commits)| {
            known.common_dir() == common && (repository.root.is_none() || known.root == repository.root)
        };
        if let Some(known) = self.repositories.iter().position(same) {
            return known;
        }
        let number = self.repositories.len();
        let is_new = self.met.seen.insert(common.to_owned(), number).is_none();
        let modules = repository.modules();
        let mut commits = Commits::default();
        if self.reads.history && is_new {
            self.met.heads.insert(number);
            self.tally.expect(repository.object_count() as u64);
            repository.walk(number, self.sieve, self.tally, self.stop);
            commits = self.sieve.take_commits();
            if !self.stop.is_raised() {
                repository.gaps(&commits).into_iter().for_each(|gap| self.sieve.problem(gap));
            }
        } else {
            repository.index_gap().into_iter().for_each(|gap| self.sieve.problem(gap));
        }
        self.repositories.push((repository, commits));
        if self.reads.history && is_new {
            for (name, module) in modules {
                self.nested(name, module);
            }
        }
        number
    }
}
