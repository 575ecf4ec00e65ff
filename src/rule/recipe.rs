//! How an issuer is asked whether a secret works, and what its answers mean, as a rule file says.
//! Must not know how a request is sent.

use super::Placed;
use crate::model::State;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One question. It is always a GET: asking must change nothing and cost nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// The address, without the secret. `{host}` stands for the host that the secret belongs to.
    pub get: Placed<String>,
    /// The headers; `{secret}` stands for the secret.
    pub headers: BTreeMap<String, String>,
    /// What such hosts are called, as a regular expression, where each customer has one: it is taken from the text
    /// that the secret stands in.
    pub host: Option<Placed<String>>,
    /// What answers mean; the first that fits. What none fits is unknown.
    pub outcomes: Vec<Outcome>,
    /// What the secret opens, to be read where that is asked for.
    #[serde(default)]
    pub access: Vec<Fact>,
}

/// An answer, and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcome {
    /// Its status is one of these.
    pub status: Vec<u16>,
    /// The error's code or type is one of these, if any are given.
    #[serde(default)]
    pub code: Vec<String>,
    /// The error's message matches this, if given. What the group `detail` matches may be told.
    pub message: Option<Placed<String>>,
    /// Its JSON has something there, and is no error: names with slashes between.
    pub has: Option<String>,
    /// What it means.
    pub verdict: State,
    /// What limits it, ended it, or keeps it from being known; `{detail}` stands for that group.
    #[serde(default)]
    pub why: String,
    /// Whether asking again may help.
    #[serde(default)]
    pub again: bool,
}

/// Something that an answer tells of what the secret opens. One of `header` and `items` is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    /// What it is: `models`.
    pub name: String,
    /// The header that holds it.
    pub header: Option<String>,
    /// Where in the answer's JSON it stands: names with slashes between, `*` for each element: `data/*/id`.
    pub items: Option<String>,
    /// The path of a further question, at the same host, whose answer holds it.
    pub get: Option<String>,
}

impl Recipe {
    /// The address of the host it asks, up to the path: `https://api.openai.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        let all = self.get.get_ref();
        let path = all.find("://").and_then(|at| all[at + 3..].find('/').map(|slash| at + 3 + slash));
        &all[..path.unwrap_or(all.len())]
    }

    /// The path it asks, with what follows.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.get.get_ref()[self.origin().len()..]
    }

    /// Every regular expression, with its field.
    pub fn patterns(&self) -> impl Iterator<Item = (&'static str, &Placed<String>)> {
        let host = self.host.iter().map(|pattern| ("recipe.host", pattern));
        let messages = self.outcomes.iter().filter_map(|outcome| outcome.message.as_ref());
        host.chain(messages.map(|pattern| ("recipe.outcomes.message", pattern)))
    }
}
