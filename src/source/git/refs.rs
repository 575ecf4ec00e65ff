//! What a repository calls its objects: HEAD, branches, tags and all that a revision can be written as. Must not know what
//! is looked for.
//!
//! Refs in files are read by libgit2. It knows no reftable, and takes such a repository for one without any ref: what a
//! name leads to is looked up by our own code then, and libgit2 is asked about the id.

use super::{
    Repository,
    reftable::{self, Refs, Target},
};
use crate::model::ObjectId;
use std::path::PathBuf;

/// How often a ref may lead to another, as in git.
const SYMBOLIC: usize = 5;
/// What is tried for a name that is not written out, in git's order.
const TRIED: [(&str, &str); 6] = [
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

impl Repository {
    /// The commit that HEAD names, unless the branch has none yet.
    #[must_use]
    pub fn head(&self) -> Option<ObjectId> {
        let commit = self.head_commit().ok()??;
        ObjectId::from_bytes(commit.id().as_bytes())
    }

    /// The same, where it matters why there is none.
    pub(super) fn head_commit(&self) -> Result<Option<git2::Commit<'_>>, git2::Error> {
        if let Some(refs) = self.tables()? {
            return target(refs, b"HEAD").map(|id| self.git.find_object(oid(&id)?, None)?.peel_to_commit()).transpose();
        }
        match self.git.head() {
            Ok(head) => head.peel_to_commit().map(Some),
            Err(error) if matches!(error.code(), git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What `revision` stands for.
    pub(super) fn find(&self, revision: &str) -> Result<git2::Object<'_>, git2::Error> {
        match self.tables()? {
            Some(refs) => self.git.revparse_single(&with_id(refs, revision)?),
            None => self.git.revparse_single(revision),
        }
    }

    /// What all refs lead to, as far as they can be read.
    pub(super) fn ref_ids(&self) -> Vec<ObjectId> {
        if let Ok(Some(refs)) = self.tables() {
            return refs.keys().filter_map(|name| target(refs, name)).collect();
        }
        let Ok(refs) = self.git.references() else { return Vec::new() };
        refs.flatten().filter_map(|name| ObjectId::from_bytes(name.target()?.as_bytes())).collect()
    }

    /// Leaves out of `walk` what the refs lead to whose names `glob` fits, with all before it.
    pub(super) fn hide(&self, walk: &mut git2::Revwalk<'_>, glob: &str) -> Result<(), git2::Error> {
        let Some(refs) = self.tables()? else { return walk.hide_glob(glob) };
        let (start, is_glob) = glob.strip_suffix('*').map_or((glob, false), |start| (start, true));
        let fits = |name: &[u8]| if is_glob { name.starts_with(start.as_bytes()) } else { name == start.as_bytes() };
        for id in refs.keys().filter(|name| fits(name)).filter_map(|name| target(refs, name)) {
            // What leads to no commit has nothing before it.
            if let Ok(commit) = self.git.find_object(oid(&id)?, None).and_then(|object| object.peel_to_commit()) {
                walk.hide(commit.id())?;
            }
        }
        Ok(())
    }

    /// Its refs, if they are a reftable.
    pub(super) fn tables(&self) -> Result<Option<&Refs>, git2::Error> {
        let tables = self.tables.get_or_init(|| {
            let own = canonical_tables(self.git.path().into());
            let common = canonical_tables(self.common_dir().into());
            if !is_in_tables(&self.git).map_err(|error| error.message().to_owned())? {
                return Ok(None);
            }
            let mut refs = reftable::stack(&common)?;
            if own != common {
                // A linked worktree has its own HEAD, and other refs that are not shared.
                refs.retain(|name, _| is_shared(name));
                refs.extend(reftable::stack(&own)?);
            }
            Ok(Some(refs))
        });
        match tables {
            Ok(refs) => Ok(refs.as_ref()),
            Err(why) => Err(git2::Error::from_str(&format!("its reftable cannot be read: {why}"))),
        }
    }
}

/// Whether the refs of `git` are a reftable.
///
/// # Errors
/// When they are neither that nor files.
pub(super) fn is_in_tables(git: &git2::Repository) -> Result<bool, git2::Error> {
    // Where refs are files this is a directory, and most repositories need not be asked what they say of it.
    if !git.commondir().join("refs/heads").is_file() {
        return Ok(false);
    }
    match git.config()?.get_string("extensions.refstorage").as_deref() {
        Ok("reftable") => Ok(true),
        other => {
            let storage = other.unwrap_or("something that its configuration does not tell");
            let why = format!(
                "its refs are kept in {storage}, which is not read here; scan a clone of it, made with `git clone --mirror \
                 --ref-format=files`"
            );
            Err(git2::Error::from_str(&why))
        }
    }
}

fn canonical_tables(folder: PathBuf) -> PathBuf {
    crate::source::lookup::canonical(&folder.join("reftable"))
}

/// Whether all worktrees of a repository have the ref `name` in common.
fn is_shared(name: &[u8]) -> bool {
    let own: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];
    name.starts_with(b"refs/") && !own.iter().any(|own| name.starts_with(own))
}

/// What the ref `name` leads to in the end.
fn target(refs: &Refs, name: &[u8]) -> Option<ObjectId> {
    let mut name = name;
    for _ in 0..=SYMBOLIC {
        match refs.get(name)? {
            Target::Id(id) => return Some(*id),
            Target::Symbolic(next) => name = next,
            Target::Gone => return None,
        }
    }
    None
}

/// `revision` with the ref that it begins with replaced by the id which that leads to.
fn with_id(refs: &Refs, revision: &str) -> Result<String, git2::Error> {
    let end = revision.find(['^', '~', ':']).unwrap_or(revision.len());
    let (name, rest) = revision.split_at(end);
    if name.contains("@{") {
        let why = "a name with `@{…}` is not looked up in a reftable; write the id that `git rev-parse` prints for it";
        return Err(git2::Error::from_str(why));
    }
    let name = if name == "@" { "HEAD" } else { name };
    if name.is_empty() || ObjectId::from_hex(name.as_bytes()).is_some() {
        return Ok(revision.to_owned());
    }
    let tried = |(before, after): &(&str, &str)| target(refs, format!("{before}{name}{after}").as_bytes());
    // What is no ref may be the beginning of an id.
    Ok(TRIED.iter().find_map(tried).map_or_else(|| revision.to_owned(), |id| format!("{id}{rest}")))
}

fn oid(id: &ObjectId) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_bytes(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_begins_with_a_ref_an_id_or_neither() {
        let ids = [1, 2].map(|byte| ObjectId::from_bytes(&[byte; 20]).expect("20 bytes"));
        let refs: Refs = [
            ("HEAD", Target::Symbolic(b"refs/heads/main".to_vec())),
            ("refs/heads/main", Target::Id(ids[0])),
            ("refs/heads/round", Target::Symbolic(b"refs/heads/round".to_vec())),
            ("refs/tags/v1", Target::Id(ids[1])),
            ("refs/tags/old", Target::Gone),
        ]
        .map(|(name, target)| (name.as_bytes().to_vec(), target))
        .into();
        let one = ids[0].to_string();
        for (revision, expected) in [
            ("HEAD~2", format!("{one}~2")),
            ("@", one.clone()),
            ("main^{tree}", format!("{one}^{{tree}}")),
            ("heads/main:a/b", format!("{one}:a/b")),
            ("v1", ids[1].to_string()),
            (&one, one.clone()),
            ("old", "old".to_owned()),
            ("round", "round".to_owned()),
            (":/words", ":/words".to_owned()),
            ("0101", "0101".to_owned()),
        ] {
            assert_eq!(with_id(&refs, revision).expect("a name"), expected, "{revision}");
        }
        assert!(with_id(&refs, "HEAD@{1}").is_err());
    }
}
