//! What was found and is not held against anybody: findings that somebody allowed, knows of or had before.
//! Must not know who decides that, or how it is written down.

use super::{Finding, Text};
use serde::Serialize;

/// A finding, or those of its places, that do not count. One that counts at other places is in the
/// report's findings as well, with these.
#[derive(Clone, Debug)]
pub struct Silenced {
    /// The finding, with the places that do not count.
    pub finding: Finding,
    /// Why they do not.
    pub why: Silence,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Silence {
    /// It was there before the change that was looked at.
    Before,
    /// It is in the baseline.
    Baseline,
    /// A comment on its line allows it.
    Inline {
        /// The marker, as it stands there: `gitleaks:allow`.
        marker: String,
        /// What the comment says after it; empty where it says nothing.
        reason: Text,
    },
    /// An entry of a configuration file allows it.
    Allowed {
        /// Why, as the entry says.
        reason: String,
        /// Who answers for it, if the entry says.
        owner: Option<String>,
        /// The last day it is allowed, as `YYYY-MM-DD`, if the entry says.
        until: Option<String>,
    },
}

/// Something about the scan that its reader should mend, though nothing was left unread: an entry of a
/// configuration file that has expired or that nothing matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Notice {
    /// What it is about: a file and line.
    pub what: Text,
    /// What is wrong, and the way out.
    pub why: String,
}
