//! Where in a history objects stand, and which commits brought them there.
//!
//! Must not know secrets or rules: it is asked about objects. No commit is compared with its parents
//! by its files: trees that lead to none of the objects are never looked at.

use crate::{
    model::{CommitInfo, ObjectId, Problem, ProblemKind, Text},
    source::{
        Stop,
        git::{Change, CommitNode, Commits, Holders, Repository, commit_info},
    },
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// No more places than this are told apart in one repository: a few objects can make a tree with more
/// paths than could ever be listed.
const PLACES: usize = 100_000;

/// Of how many paths at most the first is looked for that a commit took secrets from.
const GONE: usize = 1000;

/// Where an object stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// The commit that brought the object to this path: the earliest, where several did.
    pub(super) introduced: Option<CommitInfo>,
    /// Whether HEAD's commit has it there.
    pub(super) in_head: bool,
}

/// A commit brought an object to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addition {
    pub(super) object: ObjectId,
    pub(super) commit: ObjectId,
    pub(super) path: Text,
}

/// Where the wanted objects of one repository stand, by object and path.
#[derive(Clone, Debug, Default)]
pub(super) struct Attribution {
    standings: BTreeMap<ObjectId, BTreeMap<Text, Standing>>,
    /// How many places were found, some of them more than once.
    places: usize,
    reached: HashSet<ObjectId>,
    commits: HashMap<ObjectId, CommitInfo>,
    /// The trees that lead to the objects.
    pub(super) holders: Holders,
    /// Every time that a commit brought one of them to a path where none of its parents had it.
    pub(super) additions: Vec<Addition>,
    /// What kept the answer from being complete.
    pub(super) problems: Vec<Problem>,
}

impl Attribution {
    /// Finds where the blobs and trees of `wanted` stand in `repository`, of which `all` are all commits,
    /// and who made `commits`.
    pub(super) fn find(
        (repository, all): (&Repository, &Commits),
        wanted: &HashSet<ObjectId>,
        commits: &HashSet<ObjectId>,
        stop: &Stop,
    ) -> Self {
        let mut found = Self::default();
        if wanted.is_empty() && commits.is_empty() {
            return found;
        }
        let head = repository.head();
        if !commits.is_empty() {
            found.reached = head.map(|head| ancestors(all, head)).unwrap_or_default();
        }
        for id in commits {
            found.read_commit(repository, *id);
        }
        if !wanted.is_empty() {
            let holders = repository.holders(wanted, stop);
            found.introductions(repository, all, &holders, wanted);
            found.in_head(head.and_then(|head| all.get(&head)), &holders, wanted);
            found.staged(repository, wanted);
            found.holders = holders;
        }
        found
    }

    /// Where `changes` of `repository` bring the blobs of `wanted`, and who made the commits of it.
    pub(super) fn of_changes(repository: &Repository, changes: &[Change], wanted: &HashSet<ObjectId>) -> Self {
        let mut found = Self::default();
        for change in changes {
            let files: Vec<_> = change.files.iter().filter(|file| wanted.contains(&file.blob)).collect();
            let told = change.commit.filter(|commit| !files.is_empty() || wanted.contains(commit));
            let info = told.and_then(|commit| found.read_commit(repository, commit));
            // Only of what holds a secret itself is it asked, since the way to each is walked.
            found.reached.extend(told.filter(|commit| wanted.contains(commit) && repository.head_follows(commit)));
            for file in files {
                let standing = found.standings.entry(file.blob).or_default().entry(file.path.clone()).or_default();
                standing.in_head |= repository.head_has(&file.path, file.blob);
                if standing.introduced.is_none() || info < standing.introduced && info.is_some() {
                    standing.introduced.clone_from(&info);
                }
            }
        }
        found
    }

    /// Where an object stands, by path.
    pub(super) fn standings(&self, id: &ObjectId) -> impl Iterator<Item = (&Text, &Standing)> {
        self.standings.get(id).into_iter().flatten()
    }

    /// Who made a commit that was asked about.
    pub(super) fn commit(&self, id: &ObjectId) -> Option<&CommitInfo> {
        self.commits.get(id)
    }

    /// Whether HEAD's commit is or follows a commit that was asked about.
    pub(super) fn is_in_head(&self, commit: &ObjectId) -> bool {
        self.reached.contains(commit)
    }

    /// The paths at which the tree `before` has some of `objects`, and the tree `after` has not the same.
    pub(super) fn gone(&self, before: ObjectId, after: ObjectId, objects: &BTreeSet<ObjectId>) -> Vec<Text> {
        let objects = objects.iter().copied().collect();
        let mut search = Search::new(&self.holders, &objects, GONE);
        search.added(&before, &[after], &mut Vec::new());
        search.found.into_iter().map(|(path, _)| path).collect()
    }

    fn read_commit(&mut self, repository: &Repository, id: ObjectId) -> Option<CommitInfo> {
        if let Some(known) = self.commits.get(&id) {
            return Some(known.clone());
        }
        let (_, bytes) = repository.object(&id)?;
        let info = commit_info(id, &bytes)?;
        self.commits.insert(id, info.clone());
        Some(info)
    }

    fn introductions(&mut self, repository: &Repository, all: &Commits, holders: &Holders, wanted: &HashSet<ObjectId>) {
        for commit in all.iter() {
            let parents: Vec<ObjectId> =
                commit.parents.iter().filter_map(|parent| all.get(parent)).map(|parent| parent.tree).collect();
            let mut search = Search::new(holders, wanted, PLACES.saturating_sub(self.places));
            search.added(&commit.tree, &parents, &mut Vec::new());
            self.note_limit(repository, search.is_full());
            self.places += search.found.len();
            for (path, id) in search.found {
                let info = self.read_commit(repository, commit.id);
                self.additions.push(Addition { object: id, commit: commit.id, path: path.clone() });
                let standing = self.standings.entry(id).or_default().entry(path).or_default();
                if standing.introduced.is_none() || info < standing.introduced && info.is_some() {
                    standing.introduced = info;
                }
            }
        }
    }

    fn in_head(&mut self, head: Option<&CommitNode>, holders: &Holders, wanted: &HashSet<ObjectId>) {
        let Some(head) = head else { return };
        let mut search = Search::new(holders, wanted, PLACES);
        search.added(&head.tree, &[], &mut Vec::new());
        for (path, id) in search.found {
            self.standings.entry(id).or_default().entry(path).or_default().in_head = true;
        }
    }

    /// What is staged and in no commit yet.
    fn staged(&mut self, repository: &Repository, wanted: &HashSet<ObjectId>) {
        for staged in repository.staged().into_iter().filter(|staged| wanted.contains(&staged.blob)) {
            self.standings.entry(staged.blob).or_default().entry(staged.path).or_default();
        }
    }

    fn note_limit(&mut self, repository: &Repository, full: bool) {
        if full && self.problems.is_empty() {
            let why = format!("secrets stand at more than {PLACES} paths; the others are not listed");
            self.problems.push(Problem::new(ProblemKind::Limit, repository.name.clone(), why));
        }
    }
}

/// `commit` and everything before it.
fn ancestors(all: &Commits, commit: ObjectId) -> HashSet<ObjectId> {
    let (mut seen, mut todo) = (HashSet::from([commit]), vec![commit]);
    while let Some(node) = todo.pop().and_then(|id| all.get(&id)) {
        todo.extend(node.parents.iter().filter(|parent| seen.insert(**parent)));
    }
    seen
}

/// Looks for wanted objects in a tree that are not at the same place in others.
struct Search<'a> {
    holders: &'a Holders,
    wanted: &'a HashSet<ObjectId>,
    room: usize,
    found: Vec<(Text, ObjectId)>,
}

impl<'a> Search<'a> {
    fn new(holders: &'a Holders, wanted: &'a HashSet<ObjectId>, room: usize) -> Self {
        Self { holders, wanted, room, found: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.room
    }

    fn added(&mut self, tree: &ObjectId, others: &[ObjectId], path: &mut Vec<u8>) {
        for held in self.holders.of(tree) {
            if self.is_full() || others.iter().any(|other| self.holders.of(other).binary_search(held).is_ok()) {
                continue;
            }
            let folder = path.len();
            if folder > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&held.name);
            if self.wanted.contains(&held.id) {
                self.found.push((path.as_slice().into(), held.id));
            }
            let below: Vec<ObjectId> = others.iter().flat_map(|other| self.holders.named(other, &held.name)).collect();
            self.added(&held.id, &below, path);
            path.truncate(folder);
        }
    }
}
