//! Git repositories: what they store and what they call it.
//!
//! Must not know what is looked for. Objects are read by our own code, in place and in the order of
//! their deltas, as are the index and refs in a reftable; what else a repository means is asked of libgit2. Nothing is
//! written, and nothing that the repository configures is run.

mod chains;
mod change;
mod commits;
mod delta;
mod holders;
mod index;
mod links;
mod listing;
mod loose;
mod map;
mod metadata;
mod names;
mod pack;
mod refs;
mod reftable;
mod repository;
mod staging;
mod store;
mod trust;

pub use change::{Change, ChangeError, ChangedFile, Revisions};
pub use commits::{CommitNode, Commits, commit_info, committer, message_start};
pub use holders::{Held, Holders, TreeEntry, entries};
pub use names::{Log, LogEntry, Mailmap, Name};
pub use repository::{OpenError, Repository};
pub use staging::Staged;
