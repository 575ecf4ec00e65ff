//! What the sources showed and the matcher found, with what the history tells of it, before it is put
//! together. Must not know how any of it came about.

use super::{attribution::Attribution, collect::Sighting};
use crate::model::{Problem, Text};
use std::path::PathBuf;

/// What was seen, and what is known of where.
pub(super) struct Seen {
    pub(super) sightings: Vec<Sighting>,
    /// What was seen in changes and stood there before them.
    pub(super) before: Vec<Sighting>,
    pub(super) problems: Vec<Problem>,
    /// By repository.
    pub(super) attributions: Vec<Attribution>,
    /// What each is called, and the directory it is in.
    pub(super) repositories: Vec<(Text, PathBuf)>,
}
