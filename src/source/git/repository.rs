//! A repository as libgit2 understands it: where its parts are, what it tracks, what HEAD is.
//!
//! Must not know what is looked for, or how objects are stored.

use super::{
    commits::Commits,
    holders::Holders,
    links, metadata,
    refs::is_in_tables,
    reftable::Refs,
    staging::{self, Staged, Staging},
    store::Store,
    trust,
};
use crate::{
    model::{ObjectId, ObjectKind, Problem, ProblemKind, Text},
    source::{Sieve, Stop, Tally, lookup::canonical, path_text},
};
use std::{
    collections::HashSet,
    ffi::OsStr,
    fs, io,
    path::{Component, Path, PathBuf},
    sync::OnceLock,
};

/// A repository that has been opened.
pub struct Repository {
    /// What the user would call it.
    pub name: Text,
    /// The root of its work tree without links, unless it is bare.
    pub root: Option<PathBuf>,
    /// Where that is or would be; of one that is bare, where it is itself.
    pub folder: PathBuf,
    common: PathBuf,
    pub(super) git: git2::Repository,
    /// Its refs, read when first asked for, if they are a reftable; or why that cannot be read.
    pub(super) tables: OnceLock<Result<Option<Refs>, String>>,
    /// Everything it has stored, opened when first asked for, and what of that cannot be opened.
    store: OnceLock<(Store, Vec<Problem>)>,
}

/// Why a repository cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the directory nor any above it is one.
    #[error("{0}: not a git repository, nor below one")]
    NotFound(Text),
    /// It is one, and cannot be read.
    #[error("{0}: this repository cannot be read: {1}")]
    Unsupported(Text, String),
}

impl Repository {
    /// Opens the repository at `path` or, if `upwards`, the one it lies in.
    ///
    /// # Errors
    /// When there is none, or none that can be read.
    pub fn open(path: &Path, upwards: bool) -> Result<Self, OpenError> {
        trust::settle();
        let opened = if upwards {
            // What the file that points at a git directory says of the work tree is kept that way.
            let none: [&OsStr; 0] = [];
            git2::Repository::open_ext(path, git2::RepositoryOpenFlags::empty(), none)
        } else {
            // The git directory of a submodule may name a work tree that is gone.
            git2::Repository::open(path).or_else(|_| git2::Repository::open_bare(path))
        };
        let git = opened.map_err(|error| match error.code() {
            git2::ErrorCode::NotFound => OpenError::NotFound(path_text(path)),
            _ => OpenError::Unsupported(path_text(path), error.message().to_owned()),
        })?;
        is_in_tables(&git).map_err(|error| OpenError::Unsupported(path_text(path), error.message().to_owned()))?;
        let common = canonical(git.commondir());
        let root = git.workdir().map(canonical);
        let folder = root.clone().or_else(|| configured(&git)).unwrap_or_else(|| common.clone());
        Ok(Self { name: path_text(path), root, folder, common, git, tables: OnceLock::new(), store: OnceLock::new() })
    }

    /// The same, called `name`.
    #[must_use]
    pub fn named(self, name: Text) -> Self {
        Self { name, ..self }
    }

    /// Where its git directory is, without links: the same for all its worktrees.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common
    }

    /// Its own git directory, without links.
    #[must_use]
    pub fn git_dir(&self) -> PathBuf {
        canonical(self.git.path())
    }

    /// How many objects it has stored.
    #[must_use]
    pub fn object_count(&self) -> usize {
        self.store().len()
    }

    /// Length of its ids, in bytes.
    fn hash(&self) -> usize {
        match self.git.object_format() {
            git2::ObjectFormat::Sha256 => 32,
            _ => 20,
        }
    }

    fn store(&self) -> &Store {
        let open = || {
            let mut problems = Vec::new();
            let store = Store::open(&self.common.join("objects"), self.hash(), &mut |problem| problems.push(problem));
            (store, problems)
        };
        &self.store.get_or_init(open).0
    }

    /// Shows everything it has stored to `sieve`, as of the repository numbered `number`: all objects,
    /// the names of all refs, and the files git keeps beside them.
    pub fn walk(&self, number: usize, sieve: &dyn Sieve, tally: &Tally, stop: &Stop) {
        self.store().walk(number, sieve, tally, stop);
        let unopened = self.store.get().map_or(&[][..], |(_, problems)| problems);
        unopened.iter().for_each(|problem| sieve.problem(problem.clone()));
        metadata::walk(&self.common, number, sieve, tally, stop);
    }

    /// What of it is not there, as far as that can be told. `commits` are those that were read.
    #[must_use]
    pub fn gaps(&self, commits: &Commits) -> Vec<Problem> {
        let gap = |why: &str| Problem::new(ProblemKind::Truncated, self.name.clone(), why);
        let mut gaps = Vec::new();
        let shallow = self.is_shallow();
        if shallow {
            gaps.push(gap("a shallow clone: older history is not here; `git fetch --unshallow` brings it"));
        }
        gaps.extend(self.index_gap());
        if self.is_partial() {
            gaps.push(gap("a partial clone: what was never fetched is not here; clone it without --filter"));
        } else {
            let index = self.staged().into_iter().map(|staged| staged.blob).collect();
            gaps.extend(links::missing(self.store(), self.ref_ids(), index, commits, shallow));
        }
        gaps
    }

    /// The root of its work tree, or where its objects are if it has none.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.root.clone().unwrap_or_else(|| canonical(&self.common))
    }

    /// What is wrong with the index, if it cannot be read: what is staged and tracked is not known then.
    #[must_use]
    pub fn index_gap(&self) -> Option<Problem> {
        let why = self.index(None).err()?;
        let why = format!("its index cannot be read, so what is staged or tracked is not known: {why}");
        Some(Problem::new(ProblemKind::Damaged, self.name.clone(), why))
    }

    fn is_shallow(&self) -> bool {
        fs::metadata(self.common.join("shallow")).is_ok_and(|file| file.len() > 0)
    }

    /// Whether all of its history is here, as far as it says so itself.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.is_shallow() && !self.is_partial()
    }

    fn is_partial(&self) -> bool {
        let Ok(config) = self.git.config() else { return false };
        let promised = config.entries(Some("remote\\..*\\.promisor")).is_ok_and(|mut entries| {
            let mut any = false;
            while let Some(Ok(entry)) = entries.next() {
                any = any || entry.value().is_ok_and(|value| value == "true");
            }
            any
        });
        promised || config.get_entry("extensions.partialclone").is_ok()
    }

    /// The paths that the index tracks, relative to the root, as far as it can be read.
    #[must_use]
    pub fn tracked(&self) -> Vec<PathBuf> {
        self.staged().iter().filter_map(|staged| path_of(staged.path.as_bytes())).collect()
    }

    /// Whether git would ignore the file at `path`, relative to the root.
    #[must_use]
    pub fn is_ignored(&self, path: &Path) -> bool {
        self.git.is_path_ignored(path).unwrap_or(false)
    }

    /// The files that the index holds, as far as it can be read.
    #[must_use]
    pub fn staged(&self) -> Vec<Staged> {
        let index = self.index(None).unwrap_or_default();
        index.entries.into_iter().filter(|entry| entry.is_file() && !entry.intended).collect()
    }

    /// The index at `path`, or the repository's own, which need not be there.
    pub(super) fn index(&self, path: Option<&Path>) -> Result<Staging, String> {
        let own = self.git.path().join("index");
        match fs::read(path.unwrap_or(&own)) {
            Ok(bytes) => staging::read(&bytes, self.hash()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Staging::default()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Every directory listing that leads to one of `wanted`.
    #[must_use]
    pub fn holders(&self, wanted: &HashSet<ObjectId>, stop: &Stop) -> Holders {
        Holders::find(self.store(), wanted, stop)
    }

    /// One object.
    #[must_use]
    pub fn object(&self, id: &ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
        match self.store.get() {
            Some((store, _)) => store.read(id),
            // For a few objects, opening everything would cost more than it saves.
            None => self.read(id).ok(),
        }
    }

    /// One object, as libgit2 reads it.
    pub(super) fn read(&self, id: &ObjectId) -> Result<(ObjectKind, Vec<u8>), git2::Error> {
        let object = git2::Oid::from_bytes(id.as_bytes())?;
        let odb = self.git.odb()?;
        let object = odb.read(object)?;
        let kind = match object.kind() {
            git2::ObjectType::Commit => ObjectKind::Commit,
            git2::ObjectType::Tree => ObjectKind::Tree,
            git2::ObjectType::Tag => ObjectKind::Tag,
            _ => ObjectKind::Blob,
        };
        Ok((kind, object.data().to_vec()))
    }

    /// Its submodules of which something is stored, and what to call them.
    #[must_use]
    pub fn modules(&self) -> Vec<(Text, Result<Self, OpenError>)> {
        let mut found = Vec::new();
        let mut todo = vec![self.common.join("modules")];
        while let Some(folder) = todo.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
                // A submodule's name may have slashes, so a directory is one or leads to some.
                if path.join("HEAD").is_file() && path.join("objects").is_dir() {
                    found.push(path)
                } else {
                    todo.push(path)
                }
            }
        }
        found.sort_unstable();
        found.into_iter().map(|path| self.module(&path)).collect()
    }

    /// The submodule that is kept at `path`.
    fn module(&self, path: &Path) -> (Text, Result<Self, OpenError>) {
        let module = path.strip_prefix(self.common.join("modules")).unwrap_or(path);
        let name: Text = [self.name.as_bytes(), b" (submodule ", path_text(module).as_bytes(), b")"].concat().into();
        let opened = Self::open(path, false).map(|opened| {
            // Git forgets the place of one that is not checked out. It is named after the one it had first.
            let lost = opened.folder.starts_with(&self.common);
            let opened = if lost { Self { root: None, folder: self.folder.join(module), ..opened } } else { opened };
            opened.named(name.clone())
        });
        (name, opened)
    }
}

/// Where a repository says that its work tree is, which need not be there.
fn configured(git: &git2::Repository) -> Option<PathBuf> {
    let folder = git.config().and_then(|config| config.get_path("core.worktree")).ok()?;
    let mut plain = PathBuf::new();
    for part in canonical(git.path()).join(folder).components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Some(plain)
}

#[cfg(unix)]
pub(super) fn path_of(path: &[u8]) -> Option<PathBuf> {
    Some(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path).into())
}

#[cfg(not(unix))]
pub(super) fn path_of(path: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(path).ok().map(PathBuf::from)
}
