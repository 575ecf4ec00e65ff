//! Where a run of bytes came from, as the source that read it knows it.
//! Must not know rules, or what else is known of an object.

use super::{ObjectId, ObjectKind, Text};

/// Where bytes came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file on disk.
    File {
        /// Which repository of the scan's it belongs to, if any: an index into the report's list.
        repository: Option<usize>,
        /// Relative to the root of its repository, else as the user would write it; `/` between parts.
        path: Text,
    },
    /// The name of a file or directory on disk.
    FileName {
        /// Which repository of the scan's it belongs to, if any.
        repository: Option<usize>,
        /// The path whose last part is the name.
        path: Text,
    },
    /// Standard input.
    Stdin,
    /// An object of a git repository.
    Object {
        /// Which repository of the scan.
        repository: usize,
        /// Its id.
        id: ObjectId,
        /// What it is.
        kind: ObjectKind,
    },
    /// The name of a ref.
    RefName {
        /// Which repository of the scan.
        repository: usize,
        /// The full name: `refs/heads/main`.
        name: Text,
    },
    /// A file below the git directory that git itself writes or reads: a reflog, the config.
    GitFile {
        /// Which repository of the scan.
        repository: usize,
        /// Relative to the git directory, `/` between its parts.
        path: Text,
    },
}
