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
    /// What is packed in any of these: an archive's entry, a stream that was compressed.
    Entry {
        /// What it is packed in.
        holder: Box<Origin>,
        /// The way to it from there, `!` between what is packed in one another; empty for what has no name.
        path: Text,
        /// Whether it is the entry's name and not its content.
        is_name: bool,
    },
}

/// What stands between a container and what is in it, where paths are shown.
pub const INSIDE: u8 = b'!';

impl Origin {
    /// What it is called where something is told of it.
    #[must_use]
    pub fn name(&self) -> Text {
        match self {
            Self::File { path, .. } | Self::FileName { path, .. } | Self::GitFile { path, .. } => path.clone(),
            Self::Stdin => "stdin".into(),
            Self::Object { id, kind, .. } => format!("{kind} {id}").as_str().into(),
            Self::RefName { name, .. } => name.clone(),
            Self::Entry { holder, path, .. } => holder.name().entered(path),
        }
    }

    /// What was read to come to it: itself, unless it was packed in something.
    #[must_use]
    pub fn holder(&self) -> &Self {
        match self {
            Self::Entry { holder, .. } => holder,
            _ => self,
        }
    }

    /// The way to it within its holder, if it was packed in one.
    #[must_use]
    pub const fn inside(&self) -> Option<&Text> {
        match self {
            Self::Entry { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl Text {
    /// The path of what is at `inside` within the container at this path.
    #[must_use]
    pub fn entered(&self, inside: &Self) -> Self {
        [self.as_bytes(), &[INSIDE], inside.as_bytes()].concat().into()
    }
}
