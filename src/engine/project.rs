//! What lints may ask of a work tree, asked of the source that knows it. Must not know lints.

use crate::{lint::Project, model::Text, source::Around};
use std::collections::HashSet;

impl Project for Around {
    fn is_tracked(&self, path: &str) -> Option<bool> {
        self.is_tracked(path)
    }

    fn is_ignored(&self, path: &str) -> Option<bool> {
        self.is_ignored(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.exists(path)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.read(path)
    }

    fn files(&self, folder: &str) -> Vec<String> {
        self.files(folder)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.mode(path)
    }
}

/// A project that changes bring something to: what they bring is tracked.
pub(super) struct Changed<'a> {
    /// As it is on disk.
    pub(super) project: &'a dyn Project,
    /// The files that the changes bring.
    pub(super) paths: HashSet<&'a Text>,
}

impl Project for Changed<'_> {
    fn is_tracked(&self, path: &str) -> Option<bool> {
        if self.paths.contains(&Text::from(path)) { Some(true) } else { self.project.is_tracked(path) }
    }

    fn is_ignored(&self, path: &str) -> Option<bool> {
        self.project.is_ignored(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.paths.contains(&Text::from(path)) || self.project.exists(path)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.project.read(path)
    }

    fn files(&self, folder: &str) -> Vec<String> {
        self.project.files(folder)
    }

    /// Permissions on disk are no part of a change.
    fn mode(&self, _: &str) -> Option<u32> {
        None
    }
}
