//! What the matcher says of a run of bytes: here is a secret. Must not know paths, git or lines.

use super::{Confidence, Encoding, Secret, Span};
use serde::Serialize;

/// A secret found in a run of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of the rule in the catalog.
    pub rule: usize,
    /// Where the secret stands, exactly; of an encoded one, the bytes that say it.
    pub span: Span,
    /// The secret, read back if it is encoded.
    pub secret: Secret,
    /// How sure the match itself is.
    pub confidence: Confidence,
    /// What else the bytes tell.
    pub notes: Vec<Note>,
    /// What it is written in, the outermost first; nothing if it stands there as it is.
    pub via: Vec<Encoding>,
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
