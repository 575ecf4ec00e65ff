//! Something that could not be looked at. Must not know who looked.

use super::{ObjectId, Text};
use serde::Serialize;
use std::fmt;

/// One thing the scan was asked to read and could not, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Problem {
    /// What sort of thing went wrong.
    pub kind: ProblemKind,
    /// What could not be read: a path, an object, a repository.
    pub what: Text,
    /// Why, and what the user can do about it.
    pub why: String,
    /// The stored content it is of, as long as `what` begins with its name for want of a path: the repository, and its
    /// id.
    #[serde(skip)]
    pub content: Option<(usize, ObjectId)>,
}

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A file or directory that could not be read.
    Unreadable,
    /// A file that changed while it was read.
    Changed,
    /// A git object that is damaged.
    Damaged,
    /// A git object that is referred to and not there.
    Missing,
    /// History that the repository does not hold: a shallow or partial clone.
    Truncated,
    /// A key of which could not be found out whether it works, where only those are told of that do.
    Unverified,
    /// A limit that was reached.
    Limit,
    /// The user stopped the scan.
    Interrupted,
    /// A defect of this program.
    Internal,
}

impl Problem {
    /// A problem with `what`, for the reason `why`.
    pub fn new(kind: ProblemKind, what: impl Into<Text>, why: impl Into<String>) -> Self {
        Self { kind, what: what.into(), why: why.into(), content: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, super::visible(self.why.as_bytes()))
    }
}
