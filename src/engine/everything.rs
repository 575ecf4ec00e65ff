//! Scans of what is there: files, and all that repositories have stored. Must not know what findings are.

use super::{
    ScanError, Target,
    attribution::Attribution,
    collect::{Collector, Sighting},
    folders,
    seen::Seen,
};
use crate::{
    matcher::Matcher,
    model::{ObjectId, ObjectKind, Origin, Problem, ProblemKind, Text},
    source::{
        Found, Piece, Sieve, Stop, Tally, WalkOptions, Walked,
        git::{Commits, OpenError, Repository},
        look_up, path_text, read_file, read_stdin, walk,
    },
};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Reads all of the targets.
pub(super) fn read(
    targets: &[Target],
    reads: Reads,
    (matcher, show_secrets): (&Matcher, bool),
    (tally, stop): (&Tally, &Stop),
) -> Result<Seen, ScanError> {
    let collector = Collector::new(matcher, show_secrets);
    let mut scan =
        Scan { reads, tally, stop, sieve: &collector, repositories: Vec::new(), others: false, seen: HashMap::new() };
    for target in targets {
        scan.target(target)?;
    }
    let (repositories, others) = (scan.repositories, scan.others);
    let (sightings, problems) = collector.finish();
    let attributions =
        repositories.iter().enumerate().map(|(number, read)| attribute(read, number, &sightings, stop)).collect();
    let told = folders::told(repositories.iter().map(|(repository, _)| repository), others);
    let roots = repositories.into_iter().map(|(repository, _)| repository.directory()).collect();
    Ok(Seen { sightings, before: Vec::new(), problems, attributions, repositories: told, roots })
}

/// Asks the history about the objects of one repository that were seen to hold something.
fn attribute(
    (repository, commits): &(Repository, Commits),
    number: usize,
    sightings: &[Sighting],
    stop: &Stop,
) -> Attribution {
    let (mut wanted, mut named): (HashSet<ObjectId>, HashSet<ObjectId>) = Default::default();
    for sighting in sightings {
        match sighting.origin {
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
pub(super) struct Reads {
    pub(super) worktree: bool,
    pub(super) history: bool,
    pub(super) ignore: bool,
    pub(super) jobs: usize,
}

/// The reading half of a scan.
struct Scan<'a> {
    reads: Reads,
    tally: &'a Tally,
    stop: &'a Stop,
    sieve: &'a Collector<'a>,
    repositories: Vec<(Repository, Commits)>,
    /// Whether files were read that are in none of them.
    others: bool,
    /// The git directories that were read, so that none is read twice.
    seen: HashMap<PathBuf, usize>,
}

impl Scan<'_> {
    fn target(&mut self, target: &Target) -> Result<(), ScanError> {
        let path = match target {
            Target::Path(path) => path,
            Target::Stdin => {
                read_stdin(self.sieve, self.tally, self.stop);
                return Ok(());
            }
            Target::Text { name, bytes } => {
                self.tally.file(bytes.len() as u64);
                self.sieve.take(&Origin::File { repository: None, path: name.clone() }, &Piece::whole(bytes));
                return Ok(());
            }
        };
        match look_up(path).map_err(|error| ScanError::Target(path.clone(), error))? {
            Found::Folder(folder) => self.folder(path, &folder),
            Found::File => {
                self.others = true;
                let name = path_text(path);
                let origin = Origin::File { repository: None, path: name.clone() };
                read_file(path, (&name, &origin), self.sieve, (self.tally, self.stop), &mut Vec::new());
                Ok(())
            }
        }
    }

    /// Reads a directory, `path` as the user wrote it and `folder` without links, and the history of the
    /// repository it is or belongs to.
    fn folder(&mut self, path: &Path, folder: &Path) -> Result<(), ScanError> {
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
                self.others = true;
                self.files(path, None, &[]);
                return Ok(());
            }
        };
        let (root, tracked) = (repository.root.clone(), repository.tracked());
        let number = self.repository(repository);
        let inside = folder.starts_with(self.repositories[number].0.common_dir());
        if let Some(root) = root.filter(|root| folder.starts_with(root) && !inside) {
            self.files(folder, Some((number, &root)), &tracked);
        } else if !self.reads.history {
            // Without its history, what git keeps is files, and so is what else lies there.
            self.files(path, None, &[]);
        }
        Ok(())
    }

    /// Reads the files below a directory, and the history of the repositories among them.
    fn files(&mut self, folder: &Path, repository: Option<(usize, &Path)>, tracked: &[PathBuf]) {
        if !self.reads.worktree {
            return;
        }
        let options = WalkOptions { ignore: self.reads.ignore, jobs: self.reads.jobs };
        let walked = Walked { folder, repository, tracked };
        let nested = walk(&walked, &options, self.sieve, self.tally, self.stop);
        if self.reads.history {
            for path in nested {
                let relative = repository.and_then(|(_, root)| path.strip_prefix(root).ok());
                self.nested(path_text(relative.unwrap_or(&path)), Repository::open(&path, false));
            }
        }
    }

    /// Reads a repository that was met below a target.
    fn nested(&mut self, name: Text, opened: Result<Repository, OpenError>) {
        match opened {
            Ok(repository) => drop(self.repository(repository.named(name))),
            Err(error) => self.sieve.problem(Problem::new(ProblemKind::Unreadable, name, error.to_string())),
        }
    }

    /// Reads the history of a repository and its submodules, if asked for and not done before. Returns
    /// its number.
    fn repository(&mut self, repository: Repository) -> usize {
        if let Some(&known) = self.seen.get(repository.common_dir()) {
            return known;
        }
        let number = self.repositories.len();
        self.seen.insert(repository.common_dir().to_owned(), number);
        let modules = repository.modules();
        let mut commits = Commits::default();
        if self.reads.history {
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
        if self.reads.history {
            modules.into_iter().for_each(|(name, module)| self.nested(name, module));
        }
        number
    }
}
