//! Whether a secret works, as its issuer says. Must not know how the issuer is asked, or formats.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is known of a secret's being of use, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// In a word.
    pub state: State,
    /// In a few: what limits it, what ended it, why it is not known. Nothing of the secret, and no text of the issuer's.
    pub why: Option<String>,
    /// The request that told, without the secret: `GET https://api.openai.com/v1/models`. None if nobody was asked.
    pub request: Option<String>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// Whether it was learnt in an earlier run.
    #[serde(default)]
    pub remembered: bool,
    /// What the secret opens, where that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<Access>,
}

/// Whether a secret works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    Live,
    /// It is genuine and in force, and something keeps it from doing all it could: a scope, an allowlist, no money.
    LiveLimited,
    /// It does not: it was revoked, it has expired, or it never was one.
    Dead,
    /// Nobody knows.
    Unknown,
}

/// Something that a secret opens: its organisation, the models it may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// What it is: `models`.
    pub name: String,
    /// Which, as the issuer calls them.
    pub values: Vec<String>,
    /// Whether there are more.
    pub more: bool,
}

impl State {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Live, Self::LiveLimited, Self::Unknown, Self::Dead];

    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::LiveLimited => "live-limited",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the issuer takes the secret for one that is in force.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::LiveLimited)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Verdict {
    /// One that nobody was asked for.
    #[must_use]
    pub fn unasked(state: State, why: impl Into<String>, at: i64) -> Self {
        let why = Some(why.into());
        Self { state, why, request: None, status: None, at, remembered: false, access: Vec::new() }
    }
}
