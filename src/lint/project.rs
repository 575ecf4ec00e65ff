//! What a lint may ask of the project that a file is in. Must not know who answers.

/// What lies around a file. Paths are those of reports: from the root of the repository, `/` between their parts.
pub trait Project: Sync {
    /// Whether git tracks the file at `path`; `None` if nothing is known of git.
    fn is_tracked(&self, path: &str) -> Option<bool>;

    /// Whether git would ignore the file at `path`, there or not; `None` if nothing is known of git.
    fn is_ignored(&self, path: &str) -> Option<bool>;

    /// Whether there is a file at `path`.
    fn exists(&self, path: &str) -> bool;

    /// The content of the file at `path`, if there is one and it is not very large.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// The names of the files in `folder`, in order; not those of folders.
    fn files(&self, folder: &str) -> Vec<String>;

    /// The permission bits of the file at `path`, where files have some.
    fn mode(&self, path: &str) -> Option<u32>;
}

/// No project: a text by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

impl Project for Nowhere {
    fn is_tracked(&self, _: &str) -> Option<bool> {
        None
    }

    fn is_ignored(&self, _: &str) -> Option<bool> {
        None
    }

    fn exists(&self, _: &str) -> bool {
        false
    }

    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn files(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn mode(&self, _: &str) -> Option<u32> {
        None
    }
}
