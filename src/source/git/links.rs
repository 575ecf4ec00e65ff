//! Whether what a repository refers to is there. Must not know what is looked for.
//!
//! Packs are made whole by git, and an object is lost from one only by damage, which shows. What can be
//! gone without a trace is a pack, or loose objects: so checked are the refs, what commits refer to,
//! what loose trees refer to, and what the index refers to.

use super::{commits::Commits, holders::links, store::Store};
use crate::model::{ObjectId, Problem, ProblemKind};
use rayon::prelude::*;

/// What is referred to and not there, with a word on what refers to it.
pub(super) fn missing(
    store: &Store,
    refs: Vec<ObjectId>,
    index: Vec<ObjectId>,
    commits: &Commits,
    shallow: bool,
) -> Vec<Problem> {
    let parents = commits.iter().flat_map(|commit| &commit.parents).filter(|_| !shallow).copied();
    let trees = commits.iter().map(|commit| commit.tree);
    let loose = store.loose_trees().into_iter().flat_map(|tree| links(&tree, store.hash).collect::<Vec<_>>());
    let groups = [
        ("a ref", refs),
        ("the index", index),
        ("a commit", parents.chain(trees).collect()),
        ("a directory", loose.collect()),
    ];
    let mut problems: Vec<Problem> = Vec::new();
    for (from, mut ids) in groups {
        // In order of ids, look-ups touch each page of a pack's index once.
        ids.par_sort_unstable();
        ids.dedup();
        let there = |id: &ObjectId| commits.get(id).is_some() || store.has(id.as_bytes());
        let gone: Vec<ObjectId> = ids.into_par_iter().filter(|id| !there(id)).collect();
        problems.extend(gone.into_iter().map(|id| {
            let why =
                format!("{from} refers to it and it is not there; fetch it again, or restore it from another clone");
            Problem::new(ProblemKind::Missing, format!("object {id}").as_str(), why)
        }));
    }
    problems
}
