//! What the sources showed and the matcher found, with what the history tells of it, before it is put
//! together. Must not know how any of it came about.

use super::{attribution::Attribution, collect::Sighting};
use crate::model::{Problem, Repository};
use std::path::PathBuf;

/// What was seen, and what is known of where.
pub(super) struct Seen {
    pub(super) sightings: Vec<Sighting>,
    /// What was seen in changes and stood there before them.
    pub(super) before: Vec<Sighting>,
    pub(super) problems: Vec<Problem>,
    /// By repository.
    pub(super) attributions: Vec<Attribution>,
    /// The repositories.
    pub(super) repositories: Vec<Repository>,
    /// The directory that each is in.
    pub(super) roots: Vec<PathBuf>,
}
