//! What the matcher says of a run of bytes: here is a secret. Must not know paths, git or lines.

use super::{Confidence, Secret, Span};
use serde::Serialize;

/// A secret found in a run of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the rule in the catalog.
    pub rule: usize,
    /// Where the secret stands, exactly.
    pub span: Span,
    /// The secret.
    pub secret: Secret,
    /// How sure the match itself is.
    pub confidence: Confidence,
    /// What else the bytes tell.
    pub notes: Vec<Note>,
}

/// A fact read from the secret's own bytes, for the reader of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// A key of this kind has another length or shape: it may be cut, edited or of a new form.
    UnusualShape,
    /// A token that says when it ends.
    Expires {
        /// Seconds since 1970-01-01T00:00:00Z.
        at: i64,
    },
    /// A token that says who issued it.
    Issuer {
        /// The `iss` claim.
        issuer: String,
    },
}
