//! How much a running scan has read so far. Must not know who asks.

use crate::model::{Coverage, ObjectKind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of what was read, kept by the sources and read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Tally {
    files: AtomicU64,
    file_bytes: AtomicU64,
    objects: AtomicU64,
    object_bytes: AtomicU64,
    commits: AtomicU64,
    expected: AtomicU64,
}

impl Tally {
    /// Counts a file of `bytes` bytes.
    pub fn file(&self, bytes: u64) {
        self.files.fetch_add(1, Relaxed);
        self.file_bytes.fetch_add(bytes, Relaxed);
    }

    /// Counts `count` git objects of one kind and of `bytes` bytes together.
    pub fn objects(&self, kind: ObjectKind, count: u64, bytes: u64) {
        self.objects.fetch_add(count, Relaxed);
        self.object_bytes.fetch_add(bytes, Relaxed);
        if kind == ObjectKind::Commit {
            self.commits.fetch_add(count, Relaxed);
        }
    }

    /// Says that `objects` more git objects are going to be read.
    pub fn expect(&self, objects: u64) {
        self.expected.fetch_add(objects, Relaxed);
    }

    /// How many git objects there are to read, as far as that is known.
    #[must_use]
    pub fn expected(&self) -> u64 {
        self.expected.load(Relaxed)
    }

    /// What was read until now.
    #[must_use]
    pub fn so_far(&self) -> Coverage {
        Coverage {
            files: self.files.load(Relaxed),
            file_bytes: self.file_bytes.load(Relaxed),
            objects: self.objects.load(Relaxed),
            object_bytes: self.object_bytes.load(Relaxed),
            commits: self.commits.load(Relaxed),
        }
    }
}
