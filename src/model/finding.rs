//! A secret, or a way of handling secrets, with everything known about it: what it is, and every place it stands.
//! Must not know report formats, or how any of it was found out.

use super::{
    Confidence, Encoding, Fingerprint, History, Note, ObjectId, Position, Practice, Secret, Severity, Snippet, Text,
};
use serde::Serialize;
use std::sync::Arc;

/// One secret, wherever it stands, or one way of handling secrets, wherever a file has it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the rule that found it.
    pub rule: String,
    /// What it is about.
    pub subject: Subject,
    /// Its identity across scans and repositories.
    pub fingerprint: Fingerprint,
    /// How bad it is.
    pub severity: Severity,
    /// How sure we are; the best of its places.
    pub confidence: Confidence,
    /// What the secret's own bytes tell.
    pub notes: Vec<Note>,
    /// The hosts that stand beside it and that it may belong to, the nearest of its first place first.
    pub hosts: Vec<String>,
    /// Every place it stands, work tree first, then by date.
    pub places: Vec<Place>,
    /// What the history of each repository tells of a secret, by repository; nothing where no history was looked at.
    pub histories: Vec<Arc<History>>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A secret that stands where it should not.
    Secret(Secret),
    /// A way in which secrets are handled.
    Practice(Practice),
}

impl Subject {
    /// The secret itself, where it is one.
    #[must_use]
    pub const fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Secret(secret) => Some(secret),
            Self::Practice(_) => None,
        }
    }

    /// What may be shown of it: the mask of a secret, what was seen of a practice.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Secret(secret) => secret.masked(),
            Self::Practice(practice) => practice.what.clone(),
        }
    }
}

impl Finding {
    /// The secret itself, where the finding is one.
    #[must_use]
    pub const fn secret(&self) -> Option<&Secret> {
        self.subject.secret()
    }
}

/// One place where a secret stands: a file of the work tree, a path of the history, a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which repository of the report's list, if any.
    pub repository: Option<usize>,
    /// What holds it.
    pub site: Site,
    /// Whether the file on disk holds it now, if that was looked at.
    pub in_worktree: Option<bool>,
    /// Whether the commit that HEAD names holds it, if that was looked at.
    pub in_head: Option<bool>,
    /// Where in that text.
    pub position: Position,
    /// What it is written in there, the outermost first; nothing if it stands there as it is.
    pub via: Vec<Encoding>,
    /// The line, safe to show.
    pub snippet: Snippet,
    /// The commit that brought it to this place: the earliest, where several did.
    pub introduced: Option<CommitInfo>,
    /// Every stored version of this place that holds the secret, by object.
    pub versions: Vec<Version>,
    /// The file that it is packed in, if it is: a path can have the same marks and be none of that.
    pub holder: Option<Text>,
}

/// What holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Site {
    /// The content of a file, on disk or in history.
    File {
        /// Its path.
        path: Text,
    },
    /// The name of a file or directory in history.
    FileName {
        /// The path whose last part holds the secret.
        path: Text,
    },
    /// A stored file content that no commit and no index refers to.
    LooseBlob {
        /// Its id.
        id: ObjectId,
    },
    /// A directory listing that no commit refers to.
    LooseTree {
        /// Its id.
        id: ObjectId,
    },
    /// The message of a commit, or its author or committer.
    Commit {
        /// The commit.
        id: ObjectId,
        /// Which part of it.
        part: Text,
    },
    /// The message of an annotated tag, or its tagger.
    Tag {
        /// The tag object.
        id: ObjectId,
    },
    /// The name of a ref.
    RefName {
        /// The full name.
        name: Text,
    },
    /// A file in the git directory: a reflog, the config.
    GitFile {
        /// Relative to the git directory.
        path: Text,
    },
    /// Standard input.
    Stdin,
}

/// A stored version of a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Version {
    /// The object that holds the secret.
    pub object: ObjectId,
    /// The commit that brought this version, where one did.
    pub commit: Option<ObjectId>,
    /// Where in that version.
    pub position: Position,
}

/// Who, when, and under what heading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CommitInfo {
    /// Author date, seconds since 1970-01-01T00:00:00Z. First, so that commits order by time.
    pub time: i64,
    /// The author's offset from UTC, in minutes.
    pub offset_minutes: i32,
    /// The commit.
    pub id: ObjectId,
    /// Author name.
    pub author: Text,
    /// Author e-mail address.
    pub email: Text,
    /// First line of the message.
    pub subject: Text,
}
