//! What the sources showed and the matcher found, with what the history tells of it, before it is put
//! together. Must not know how any of it came about.

use super::{attribution::Attribution, collect::Sighting};
use crate::{
    model::{INSIDE, Problem, Repository, Site, Text},
    source::git::{self, Commits},
};
use std::{collections::BTreeSet, path::PathBuf};

/// What was seen, and what is known of where.
pub(super) struct Seen {
    pub(super) sightings: Vec<Sighting>,
    /// What was seen in changes and stood there before them.
    pub(super) before: Vec<Sighting>,
    pub(super) problems: Vec<Problem>,
    /// By repository.
    pub(super) attributions: Vec<Attribution>,
    /// What of what is there now was looked at.
    pub(super) looked: Looked,
    /// The repositories.
    pub(super) repositories: Vec<Repository>,
    /// A file that is there, to stand for what is in none.
    pub(super) stand_in: Option<Text>,
    /// The repositories that were read, with their commits; none if changes alone were looked at.
    pub(super) pasts: Vec<(git::Repository, Commits)>,
    /// The directory that each is in.
    pub(super) roots: Vec<PathBuf>,
}

/// What was looked at of what repositories have now. What was not may hold a secret or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked {
    /// Directories and files of work trees, by repository and path from its root.
    pub(super) worktrees: Vec<(usize, Text)>,
    /// Repositories of which the commit that HEAD names was.
    pub(super) heads: BTreeSet<usize>,
}

impl Looked {
    /// Whether the file that `site` is in would have been read.
    pub(super) fn at_worktree(&self, repository: Option<usize>, site: &Site) -> bool {
        let (Site::File { path } | Site::FileName { path }) = site else { return false };
        let is_below = |folder: &[u8]| {
            let rest = path.as_bytes().strip_prefix(folder);
            folder == b"."
                || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(&[INSIDE]))
        };
        self.worktrees.iter().any(|(number, folder)| Some(*number) == repository && is_below(folder.as_bytes()))
    }

    /// Whether what the HEAD of `repository` names was.
    pub(super) fn at_head(&self, repository: Option<usize>) -> bool {
        repository.is_some_and(|number| self.heads.contains(&number))
    }
}
