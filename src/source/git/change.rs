//! What changes bring: the files that are staged, and those that each commit of a range touched.
//!
//! Must not know what is looked for. A change is compared with all it builds on: what a merge took from
//! one side unchanged is none of its own.

use super::{Repository, entries, repository::path_of, staging::Staging};
use crate::{
    model::{ObjectId, ObjectKind, Origin, Problem, ProblemKind, Text},
    source::{Interest, Piece, Sieve, Stop, Tally, container::unpack, path_text},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

/// What is staged, or what one commit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The commit, or the annotated tag; none for what is staged.
    pub commit: Option<ObjectId>,
    /// The contents that it brings, and where.
    pub files: Vec<ChangedFile>,
    /// Contents that it brings and that stand nowhere: a tag can name one.
    pub loose: Vec<ObjectId>,
    /// The contents that it took away or put others in the place of.
    pub before: BTreeSet<ObjectId>,
    /// The files that it took away, and what was in them.
    pub gone: BTreeMap<Text, ObjectId>,
}

/// A file with a new content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedFile {
    /// Its path.
    pub path: Text,
    /// Its content.
    pub blob: ObjectId,
    /// What was at that path before, in each of the trees that the change builds on that had something there.
    pub old: BTreeSet<ObjectId>,
}

/// Which commits make up a range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revisions {
    /// A range as git writes it: `A..B`, or `A...B` from where the two parted.
    pub spec: Option<String>,
    /// Further commits to start from, by any name.
    pub from: Vec<String>,
    /// Commits to leave out with all before them, where they are known.
    pub without: Vec<String>,
    /// Refs to leave out likewise, as globs: `refs/remotes/origin/*`.
    pub without_refs: Vec<String>,
    /// Names of refs that are part of the change.
    pub names: Vec<String>,
    /// Further places where objects are kept.
    pub objects: Vec<PathBuf>,
}

impl Revisions {
    /// Adds a ref that is moved from one id to another. An id of zeros is none: the ref is made, or taken away.
    pub fn update(&mut self, from: &str, to: &str, name: &str) {
        let is_none = |id: &str| id.bytes().all(|byte| byte == b'0');
        if !is_none(to) {
            self.from.push(to.to_owned());
            self.names.push(name.to_owned());
            self.without.extend(Some(from.to_owned()).filter(|from| !is_none(from)));
        }
    }

    /// Leaves out what a remote is known to have: by its tracking branches, of which one that is given by
    /// its address has none.
    pub fn leave_out(&mut self, remote: &str) {
        let is_address = remote.starts_with(['.', '/']) || remote.contains([':', '\\', '*', '?', '[']);
        if !remote.is_empty() && !is_address {
            self.without_refs.push(format!("refs/remotes/{remote}/*"));
        }
    }
}

/// Why it cannot be told what a change brings.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The index cannot be read.
    #[error("the index cannot be read, so what is staged is not known: {0}")]
    Index(String),
    /// Another process is about to change the index.
    #[error(
        "the index is locked by another git process ({0}); try again when it has ended, or remove that file if there is none"
    )]
    Locked(Text),
    /// It is no range.
    #[error("{0:?} is no range: write A..B, or A...B for what came since they parted")]
    NoRange(String),
    /// What the range names is not there.
    #[error(
        "{0}: {1}; if the clone is shallow, `git fetch --unshallow` (in GitHub Actions `fetch-depth: 0`) brings what is missing"
    )]
    Range(String, String),
    /// Anything else that the repository says.
    #[error("the repository cannot be read: {0}")]
    Git(String),
}

impl From<git2::Error> for ChangeError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error.message().to_owned())
    }
}

impl Repository {
    /// What is staged: how the index, or the one at `index`, differs from HEAD and, during a merge, from
    /// what is merged into it. Conflicts that are not resolved are in no state to be looked at, and go to
    /// `problem`.
    ///
    /// # Errors
    /// When the index is locked or cannot be read.
    pub fn staged_change(&self, index: Option<&Path>, problem: &mut dyn FnMut(Problem)) -> Result<Change, ChangeError> {
        let lock = self.git.path().join("index.lock");
        if index.is_none() && lock.exists() {
            return Err(ChangeError::Locked(path_text(&lock)));
        }
        let staging = self.index(index).map_err(ChangeError::Index)?;
        let conflicts: BTreeSet<&Text> =
            staging.entries.iter().filter(|entry| entry.side > 0).map(|entry| &entry.path).collect();
        for path in conflicts {
            let why = "it has a conflict that is not resolved; it can be looked at once it is staged";
            problem(Problem::new(ProblemKind::Unreadable, path.clone(), why));
        }
        let mut diffs = Vec::new();
        for tree in self.staged_on()? {
            let mut below = Below { staging: &staging, files: HashMap::new(), same: Vec::new() };
            if let Some(tree) = tree {
                self.files(&tree, &mut Vec::new(), &mut below)?;
            }
            diffs.push(Touched::by_staging(below));
        }
        Ok(Change::new(None, &diffs))
    }

    /// The trees that a commit would build on now: nothing, before the first one.
    fn staged_on(&self) -> Result<Vec<Option<ObjectId>>, ChangeError> {
        let tree = |tree: &git2::Tree<'_>| ObjectId::from_bytes(tree.id().as_bytes());
        let head = self.head_commit()?.map(|head| head.tree()).transpose()?.and_then(|head| tree(&head));
        let merged = fs::read_to_string(self.git.path().join("MERGE_HEAD")).unwrap_or_default();
        let mut trees = vec![head];
        for line in merged.lines() {
            let commit = git2::Oid::from_str(line.trim()).and_then(|id| self.git.find_commit(id))?;
            trees.push(tree(&commit.tree()?));
        }
        Ok(trees)
    }

    /// All files below a tree, but for those of the trees that are staged as they are.
    fn files(&self, tree: &ObjectId, path: &mut Vec<u8>, below: &mut Below<'_>) -> Result<(), ChangeError> {
        if below.staging.trees.get(path.as_slice()) == Some(tree) {
            below.same.push(path.clone());
            return Ok(());
        }
        let (_, listing) = self.read(tree)?;
        for entry in entries(&listing, tree.as_bytes().len()) {
            let folder = path.len();
            path.extend_from_slice(entry.name);
            match entry.mode {
                b"40000" => {
                    path.push(b'/');
                    self.files(&entry.id, path, below)?;
                }
                b"160000" => {}
                _ => drop(below.files.insert(path.as_slice().into(), entry.id)),
            }
            path.truncate(folder);
        }
        Ok(())
    }

    /// What each commit of `revisions` did, the last first. What of them is not there goes to `problem`.
    ///
    /// # Errors
    /// When the range cannot be resolved.
    pub fn changes(&self, revisions: &Revisions, problem: &mut dyn FnMut(Problem)) -> Result<Vec<Change>, ChangeError> {
        for place in &revisions.objects {
            self.git.odb()?.add_disk_alternate(&place.to_string_lossy())?;
        }
        let end = revisions.spec.as_deref().and_then(|spec| spec.rsplit("..").next()).map(str::to_owned);
        let names = revisions.from.iter().chain(&end);
        let mut changes: Vec<Change> = names.flat_map(|name| self.before_commits(name).unwrap_or_default()).collect();
        let cut = fs::read_to_string(self.common_dir().join("shallow")).unwrap_or_default();
        for id in self.range(revisions)? {
            if cut.lines().any(|line| line.trim() == id.to_string()) {
                let why = "what it builds on is not in this shallow clone, so what it brought is not known; \
                           `git fetch --unshallow` brings it";
                problem(Problem::new(ProblemKind::Truncated, format!("commit {id}").as_str(), why));
            }
            match self.change(id) {
                Ok(change) => changes.push(change),
                Err(error) => {
                    let why = format!("what it changed cannot be told: {}; fetch what is missing", error.message());
                    problem(Problem::new(ProblemKind::Missing, format!("commit {id}").as_str(), why));
                }
            }
        }
        Ok(changes)
    }

    /// What `name` leads through before it comes to a commit: annotated tags, which have a text of their own, perhaps
    /// one that names another. It need not come to one, but to a file or a tree.
    fn before_commits(&self, name: &str) -> Result<Vec<Change>, git2::Error> {
        let mut changes = Vec::new();
        let mut object = self.find(name)?;
        loop {
            let id = ObjectId::from_bytes(object.id().as_bytes());
            let target = match object.kind() {
                Some(git2::ObjectType::Tag) => {
                    changes.push(Change { commit: id, ..Change::default() });
                    object.as_tag().map(git2::Tag::target).transpose()?
                }
                Some(git2::ObjectType::Tree) => {
                    let files = Touched::of(&self.git.diff_tree_to_tree(None, object.as_tree(), None)?);
                    changes.push(Change::new(None, &[files]));
                    None
                }
                Some(git2::ObjectType::Blob) => {
                    changes.push(Change { loose: id.into_iter().collect(), ..Change::default() });
                    None
                }
                _ => None,
            };
            let Some(target) = target else { return Ok(changes) };
            object = target;
        }
    }

    fn range(&self, revisions: &Revisions) -> Result<Vec<git2::Oid>, ChangeError> {
        let mut walk = self.git.revwalk()?;
        if let Some(spec) = &revisions.spec {
            self.push_spec(&mut walk, spec)?;
        }
        for name in &revisions.from {
            let object = self.find(name).map_err(|error| wrong(name, &error))?;
            // What leads to no commit has no range.
            if let Ok(commit) = object.peel_to_commit() {
                walk.push(commit.id())?;
            }
        }
        // What others have and we do not cannot be left out, and need not be.
        for id in revisions.without.iter().filter_map(|name| self.commit(name).ok()) {
            walk.hide(id)?;
        }
        for glob in &revisions.without_refs {
            self.hide(&mut walk, glob)?;
        }
        walk.collect::<Result<Vec<_>, _>>().map_err(|error| wrong("the range", &error))
    }

    fn push_spec(&self, walk: &mut git2::Revwalk<'_>, spec: &str) -> Result<(), ChangeError> {
        let (from, to, parted) = match (spec.split_once("..."), spec.split_once("..")) {
            (Some((from, to)), _) => (from, to, true),
            (None, Some((from, to))) => (from, to, false),
            (None, None) => {
                return Err(ChangeError::NoRange(spec.to_owned()));
            }
        };
        let named = |name: &str| {
            let name = if name.is_empty() { "HEAD" } else { name };
            self.commit(name).map_err(|error| wrong(name, &error))
        };
        let (from, to) = (named(from)?, named(to)?);
        walk.push(to)?;
        walk.hide(if parted { self.git.merge_base(from, to).map_err(|error| wrong(spec, &error))? } else { from })?;
        Ok(())
    }

    fn commit(&self, name: &str) -> Result<git2::Oid, git2::Error> {
        Ok(self.find(name)?.peel_to_commit()?.id())
    }

    fn change(&self, id: git2::Oid) -> Result<Change, git2::Error> {
        let commit = self.git.find_commit(id)?;
        let tree = commit.tree()?;
        let mut diffs = Vec::new();
        for parent in commit.parents() {
            diffs.push(Touched::of(&self.git.diff_tree_to_tree(Some(&parent.tree()?), Some(&tree), None)?));
        }
        if commit.parent_count() == 0 {
            diffs.push(Touched::of(&self.git.diff_tree_to_tree(None, Some(&tree), None)?));
        }
        Ok(Change::new(ObjectId::from_bytes(id.as_bytes()), &diffs))
    }

    /// Shows what `changes` bring to `sieve`, as of the repository numbered `number`: each content once,
    /// the commits, the names of new files.
    pub fn walk_changes(&self, number: usize, changes: &[Change], sieve: &dyn Sieve, tally: &Tally) {
        let mut seen = HashSet::new();
        for change in changes {
            for file in &change.files {
                if file.old.is_empty() && sieve.any(file.path.as_bytes()) {
                    let origin = Origin::FileName { repository: Some(number), path: file.path.clone() };
                    sieve.take(&origin, &Piece::whole(file.path.as_bytes()));
                }
            }
            let blobs = change.files.iter().map(|file| file.blob).chain(change.loose.iter().copied());
            blobs.chain(change.commit).filter(|id| seen.insert(*id)).for_each(|id| self.show(number, id, sieve, tally));
        }
    }

    /// Shows one object to `sieve`.
    pub fn show(&self, number: usize, id: ObjectId, sieve: &dyn Sieve, tally: &Tally) {
        let (kind, bytes) = match self.read(&id) {
            Ok(object) => object,
            Err(error) => {
                let why = format!("{}; fetch it again, or restore it from another clone", error.message());
                return sieve.problem(Problem::new(ProblemKind::Missing, format!("object {id}").as_str(), why));
            }
        };
        tally.objects(kind, 1, bytes.len() as u64);
        let origin = Origin::Object { repository: number, id, kind };
        if sieve.interest(kind) == Interest::Everything || sieve.any(&bytes) {
            sieve.take(&origin, &Piece::whole(&bytes));
        }
        if kind == ObjectKind::Blob {
            unpack(&bytes, &origin, (sieve, &Stop::default()));
        }
    }

    /// Shows the names of refs that are part of changes to `sieve`.
    pub fn walk_names(&self, number: usize, names: &[String], sieve: &dyn Sieve) {
        for name in names.iter().filter(|name| sieve.any(name.as_bytes())) {
            let origin = Origin::RefName { repository: number, name: name.as_str().into() };
            sieve.take(&origin, &Piece::whole(name.as_bytes()));
        }
    }

    /// Whether HEAD's commit is `commit` or follows it.
    #[must_use]
    pub fn head_follows(&self, commit: &ObjectId) -> bool {
        let Ok(commit) = git2::Oid::from_bytes(commit.as_bytes()) else { return false };
        let head = self.head_commit().ok().flatten().map(|head| head.id());
        head.is_some_and(|head| head == commit || self.git.graph_descendant_of(head, commit).unwrap_or(false))
    }

    /// Whether HEAD's commit has `blob` at `path`.
    #[must_use]
    pub fn head_has(&self, path: &Text, blob: ObjectId) -> bool {
        let tree = self.head_commit().ok().flatten().and_then(|head| head.tree().ok());
        let path = path_of(path.as_bytes()).unwrap_or_default();
        let entry = tree.and_then(|tree| tree.get_path(&path).ok());
        entry.is_some_and(|entry| entry.id().as_bytes() == blob.as_bytes())
    }
}

impl Change {
    /// What is new compared with everything that the change builds on, given how it differs from each.
    fn new(commit: Option<ObjectId>, diffs: &[Touched]) -> Self {
        let Some((first, others)) = diffs.split_first() else { return Self { commit, ..Self::default() } };
        let mut change = Self { commit, ..Self::default() };
        for (path, (blob, _)) in &first.new {
            if others.iter().all(|other| other.new.get(path).is_some_and(|(theirs, _)| theirs == blob)) {
                let old = diffs.iter().filter_map(|diff| diff.new.get(path)?.1).collect();
                change.files.push(ChangedFile { path: path.clone(), blob: *blob, old });
            }
        }
        let is_gone = |path: &Text| others.iter().all(|other| other.gone.contains_key(path));
        let gone = first.gone.iter().filter(|(path, _)| is_gone(path));
        change.gone = gone.map(|(path, blob)| (path.clone(), *blob)).collect();
        if !change.files.is_empty() {
            change.before = diffs.iter().flat_map(|diff| diff.old.iter().copied()).collect();
        }
        change
    }
}

/// What is below a tree, to be compared with what is staged.
struct Below<'a> {
    staging: &'a Staging,
    /// Its files, by path.
    files: HashMap<Text, ObjectId>,
    /// Its directories that are staged as they are.
    same: Vec<Vec<u8>>,
}

/// How a tree or an index differs from another tree.
#[derive(Debug, Default)]
struct Touched {
    /// Contents that are there now and were not, by path, with what was there instead.
    new: BTreeMap<Text, (ObjectId, Option<ObjectId>)>,
    /// Contents that were there.
    old: BTreeSet<ObjectId>,
    /// Files that were there and are no more.
    gone: BTreeMap<Text, ObjectId>,
}

impl Touched {
    /// How what is staged differs from a tree, given what is `below` that.
    fn by_staging(below: Below<'_>) -> Self {
        let Below { staging, mut files, mut same } = below;
        same.sort_unstable();
        let mut same = same.iter().peekable();
        let mut touched = Self::default();
        for entry in &staging.entries {
            let path = entry.path.as_bytes();
            // Both are in order, so that what is the same is passed as it comes by.
            while same.next_if(|folder| folder.as_slice() < path && !path.starts_with(folder)).is_some() {}
            if same.peek().is_some_and(|folder| path.starts_with(folder)) {
                continue;
            }
            let old = files.remove(&entry.path);
            let none = entry.intended || !entry.is_file() || entry.side > 0;
            if let Some(blob) = Some(entry.blob).filter(|blob| !none && Some(*blob) != old) {
                touched.new.insert(entry.path.clone(), (blob, old));
                touched.old.extend(old);
            }
        }
        // What is left is staged no more.
        touched.old.extend(files.values());
        touched.gone.extend(files);
        touched
    }

    fn of(diff: &git2::Diff<'_>) -> Self {
        let mut touched = Self::default();
        for delta in diff.deltas().filter(|delta| delta.status() != git2::Delta::Conflicted) {
            let (old, new) = (content(&delta.old_file()), content(&delta.new_file()));
            if let (Some(blob), Some(path)) = (new.filter(|blob| Some(*blob) != old), delta.new_file().path_bytes()) {
                touched.new.insert(path.into(), (blob, old));
            }
            let gone = delta.old_file().path_bytes().zip(old).filter(|_| new.is_none());
            touched.gone.extend(gone.map(|(path, blob)| (Text::from(path), blob)));
            touched.old.extend(old);
        }
        touched
    }
}

/// The blob of a file; a submodule, or an entry that is only meant to be added, has none.
fn content(file: &git2::DiffFile<'_>) -> Option<ObjectId> {
    let is_blob = matches!(
        file.mode(),
        git2::FileMode::Blob
            | git2::FileMode::BlobGroupWritable
            | git2::FileMode::BlobExecutable
            | git2::FileMode::Link
    );
    ObjectId::from_bytes(file.id().as_bytes()).filter(|_| is_blob && !file.id().is_zero())
}

fn wrong(what: &str, error: &git2::Error) -> ChangeError {
    ChangeError::Range(what.to_owned(), error.message().to_owned())
}
