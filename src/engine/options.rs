//! What a scan is asked for, and why it may not be possible at all. Must not know how it is done.

use super::{Policy, Suppression};
use crate::{
    lint,
    model::Text,
    source::{
        Limits,
        git::{ChangeError, OpenError, Revisions},
        path_text,
    },
};
use std::{io, path::PathBuf};

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
    /// How files are linted, if they are.
    pub lint: Option<lint::Options>,
    /// How far containers are unpacked, if they are.
    pub limits: Option<Limits>,
    /// How many threads walk directories.
    pub jobs: usize,
    /// The time, in seconds since 1970, by which tokens have expired or not.
    pub now: i64,
    /// What is reported.
    pub policy: Policy,
    /// What does not count.
    pub suppression: Suppression,
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
