//! What a repository's names and logs lead to, by the numbers of commits: the same for every secret. Must not know any.

use super::{graph::Graph, intervals::Stay};
use crate::{
    model::{ObjectId, RefKind, Text},
    source::git::{Commits, Log, Name, Repository},
};

/// All names and logs of a repository.
pub(super) struct Names {
    pub(super) all: Vec<Name>,
    pub(super) logs: Vec<Logged>,
    /// Which commits names lead to, and which logs do.
    pub(super) named: Vec<bool>,
    pub(super) logged: Vec<bool>,
    /// Where logs say that refs were.
    pub(super) stays: Vec<Stay>,
}

/// A log, and the commits that it was at.
pub(super) struct Logged {
    pub(super) name: Text,
    pub(super) commits: Vec<usize>,
}

impl Names {
    pub(super) fn of(repository: &Repository, commits: &Commits, graph: &Graph) -> Self {
        let logs = repository.logs();
        let all = repository.names(&logs);
        let head = repository.head().and_then(|head| commits.number(&head));
        let named = graph.behind(all.iter().filter_map(|name| commits.number(&name.target)).chain(head));
        let stays = logs.iter().filter(|log| !is_of_stash(log)).flat_map(|log| stays(log, commits)).collect();
        let logs: Vec<Logged> = logs.iter().map(|log| Logged::of(log, commits)).collect();
        let logged = graph.behind(logs.iter().flat_map(|log| log.commits.iter().copied()));
        Self { all, logs, named, logged, stays }
    }

    /// The commits that names are at.
    pub(super) fn tips<'a>(&'a self, commits: &'a Commits) -> impl Iterator<Item = usize> + 'a {
        self.all.iter().filter_map(|name| commits.number(&name.target))
    }

    /// Whether there is any name that says what another repository has.
    pub(super) fn knows_remotes(&self) -> bool {
        self.all.iter().any(|name| is_remote(name.kind))
    }
}

impl Logged {
    fn of(log: &Log, commits: &Commits) -> Self {
        let mut numbers: Vec<usize> = log.ids().filter_map(|id: ObjectId| commits.number(&id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self { name: log.name.clone(), commits: numbers }
    }

    /// Whether it is of a ref that says what another repository has.
    pub(super) fn is_remote(&self) -> bool {
        self.name.as_bytes().starts_with(b"refs/remotes/")
    }
}

/// Whether such a name says what another repository has.
pub(super) const fn is_remote(kind: RefKind) -> bool {
    matches!(kind, RefKind::RemoteBranch | RefKind::PullRequest)
}

/// What was put aside is told of by its names: its log is where they are, and not where one has been.
fn is_of_stash(log: &Log) -> bool {
    log.name.as_bytes() == b"refs/stash"
}

/// Where `log` says that its ref was, until when. Where it is now is known from the ref.
fn stays<'a>(log: &'a Log, commits: &'a Commits) -> impl Iterator<Item = Stay> + 'a {
    log.entries.iter().zip(log.entries.iter().skip(1)).filter_map(|(entry, next)| {
        let commit = commits.number(&entry.new?)?;
        Some((commit, entry.time, Some(next.time)))
    })
}
