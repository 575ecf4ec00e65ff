//! A scan from its targets to its report, step by step. Must not know how any step is done.

use super::{
    attribution::Attribution,
    change,
    collect::{Collector, Sighting},
    findings,
    policy::{self, PathRules, Policy},
    redact::Redactor,
};
use crate::{
    matcher::Matcher,
    model::{Finding, ObjectId, ObjectKind, Origin, Problem, ProblemKind, Report, Silence, Silenced, Text},
    rule::Catalog,
    source::{
        Found, Piece, Sieve, Stop, Tally, WalkOptions, Walked,
        git::{ChangeError, Commits, OpenError, Repository, Revisions},
        look_up, path_text, read_file, read_stdin, walk,
    },
};
use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

/// What to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, a directory, or a repository.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// A text that the caller has.
    Text {
        /// What it is called.
        name: Text,
        /// The text.
        bytes: Vec<u8>,
    },
}

/// What of the targets is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What is there.
    Everything {
        /// Whether files on disk are read.
        worktree: bool,
        /// Whether the history of repositories is read.
        history: bool,
        /// Whether git's ignore rules are honoured on disk.
        ignore: bool,
    },
    /// What is staged for the next commit.
    Staged {
        /// The index that says so, where it is not the repository's own.
        index: Option<PathBuf>,
    },
    /// What the commits of a range brought.
    Range(Revisions),
}

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// What of the targets is read.
    pub scope: Scope,
    /// Whether snippets and texts show secrets in clear.
    pub show_secrets: bool,
    /// How many threads walk directories.
    pub jobs: usize,
    /// The time, in seconds since 1970, by which tokens have expired or not.
    pub now: i64,
    /// What is reported.
    pub policy: Policy,
}

/// Why a scan cannot be done at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A target is not there or cannot be entered.
    #[error("{target}: {error}", target = path_text(.0), error = .1)]
    Target(PathBuf, io::Error),
    /// History was asked for where there is none to read.
    #[error(transparent)]
    Repository(#[from] OpenError),
    /// Changes were asked for where there can be none.
    #[error("standard input has no history: name a repository")]
    NoRepository,
    /// What changes there are cannot be told.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// What was seen, and what is known of where.
pub(super) struct Seen {
    pub(super) sightings: Vec<Sighting>,
    /// What was seen in changes and stood there before them.
    pub(super) before: Vec<Sighting>,
    pub(super) problems: Vec<Problem>,
    /// By repository.
    pub(super) attributions: Vec<Attribution>,
    pub(super) repositories: Vec<Text>,
}

/// Scans `targets` with the rules of `catalog`, made ready in `matcher`.
///
/// # Errors
/// When a target cannot be looked at at all. What within a target cannot be read is in the report.
pub fn scan(
    targets: &[Target],
    (catalog, matcher): (&Catalog, &Matcher),
    options: &Options,
    tally: &Tally,
    stop: &Stop,
) -> Result<Report, ScanError> {
    let rules = catalog.rules();
    let seen = match options.scope {
        Scope::Everything { worktree, history, ignore } => {
            let reads = Reads { worktree, history, ignore, jobs: options.jobs };
            everything(targets, reads, (matcher, options.show_secrets), (tally, stop))?
        }
        _ => {
            let means = change::Means { matcher, rules, show_secrets: options.show_secrets, tally };
            change::read(targets, &options.scope, means)?
        }
    };
    let Seen { sightings, before, mut problems, attributions, repositories } = seen;
    problems.extend(attributions.iter().flat_map(|attribution| attribution.problems.iter().cloned()));
    if stop.is_raised() {
        problems.push(Problem::new(ProblemKind::Interrupted, "the scan", "it was stopped before its end"));
    }
    let paths = PathRules::new(catalog);
    let applies = |rule, path: &Text| paths.applies(rule, path);
    let mut found = findings::group(&sightings, rules, &attributions, &applies);
    let stood = findings::group(&before, rules, &attributions, &applies);
    if !matches!(options.scope, Scope::Everything { .. }) {
        // The work tree was not looked at.
        found.iter_mut().flat_map(|finding| &mut finding.places).for_each(|place| place.in_worktree = false);
    }
    let mut report = Report { problems, coverage: tally.so_far(), repositories, ..Report::default() };
    settle(&mut report, found, options);
    report.silenced = known_before(stood, options);
    redact(&mut report, sightings.iter().chain(&before), matcher, options.show_secrets);
    Ok(report)
}

/// Reads all of the targets.
fn everything(
    targets: &[Target],
    reads: Reads,
    (matcher, show_secrets): (&Matcher, bool),
    (tally, stop): (&Tally, &Stop),
) -> Result<Seen, ScanError> {
    let collector = Collector::new(matcher, show_secrets);
    let mut scan = Scan { reads, tally, stop, sieve: &collector, repositories: Vec::new(), seen: HashMap::new() };
    for target in targets {
        scan.target(target)?;
    }
    let repositories = scan.repositories;
    let (sightings, problems) = collector.finish();
    let attributions =
        repositories.iter().enumerate().map(|(number, read)| attribute(read, number, &sightings, stop)).collect();
    let repositories = repositories.into_iter().map(|(repository, _)| repository.name).collect();
    Ok(Seen { sightings, before: Vec::new(), problems, attributions, repositories })
}

/// What stood there before the changes that were looked at.
fn known_before(mut stood: Vec<Finding>, options: &Options) -> Vec<Silenced> {
    stood.iter_mut().for_each(|finding| findings::expire(finding, options.now));
    stood.retain(|finding| options.policy.admits(finding));
    policy::sort(&mut stood);
    stood.into_iter().map(|finding| Silenced { finding, why: Silence::Before }).collect()
}

/// Decides what of the findings is reported, and in which order.
fn settle(report: &mut Report, mut found: Vec<Finding>, options: &Options) {
    found.iter_mut().for_each(|finding| findings::expire(finding, options.now));
    let all = found.len();
    found.retain(|finding| options.policy.admits(finding));
    report.filtered = all - found.len();
    policy::sort(&mut found);
    report.findings = found;
}

/// Takes every secret that was seen, reported or not, out of every text of the report.
fn redact<'a>(
    report: &mut Report,
    sightings: impl Iterator<Item = &'a Sighting>,
    matcher: &Matcher,
    show_secrets: bool,
) {
    let redactor = Redactor::new(sightings.map(|sighting| &sighting.secret), matcher, show_secrets);
    let silenced = report.silenced.iter_mut().map(|silenced| &mut silenced.finding);
    for place in report.findings.iter_mut().chain(silenced).flat_map(|finding| &mut finding.places) {
        redactor.site(&mut place.site);
        place.introduced.iter_mut().for_each(|commit| redactor.commit(commit));
    }
    report.problems.iter_mut().for_each(|problem| redactor.problem(problem));
    report.repositories.iter_mut().for_each(|name| redactor.name(name));
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
struct Reads {
    worktree: bool,
    history: bool,
    ignore: bool,
    jobs: usize,
}

/// The reading half of a scan.
struct Scan<'a> {
    reads: Reads,
    tally: &'a Tally,
    stop: &'a Stop,
    sieve: &'a Collector<'a>,
    repositories: Vec<(Repository, Commits)>,
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
                self.files(path, None, &[]);
                return Ok(());
            }
        };
        let (root, tracked) = (repository.root.clone(), repository.tracked());
        let number = self.repository(repository);
        let inside = folder.starts_with(self.repositories[number].0.common_dir());
        if let Some(root) = root.filter(|root| folder.starts_with(root) && !inside) {
            self.files(folder, Some((number, &root)), &tracked);
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
                self.nested(&path, path_text(relative.unwrap_or(&path)));
            }
        }
    }

    /// Reads a repository that was met below a target.
    fn nested(&mut self, path: &Path, name: Text) {
        match Repository::open(path, false) {
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
        }
        self.repositories.push((repository, commits));
        if self.reads.history {
            modules.into_iter().for_each(|(module, name)| self.nested(&module, name));
        }
        number
    }
}
