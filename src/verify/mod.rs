//! The one door to the network: issuers are asked whether secrets work.
//!
//! Must not know: sources, the matcher, formats. Each distinct secret is sent to one host, in one request unless more was
//! consented to, always a GET, by the recipe of a built-in rule. Whatever is not understood is unknown.

mod answer;
mod client;
mod judge;
mod pool;
mod question;
mod veil;

pub use client::ClientError;
pub use question::{Question, Settings, Told, question};

use crate::model::{Fingerprint, Verdict};
use client::Client;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How much may be asked, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether what a live secret opens is asked as well.
    pub access: bool,
    /// The longest an answer is waited for.
    pub patience: Duration,
    /// The longest that all of it may take.
    pub budget: Duration,
    /// How many questions one host is asked at a time.
    pub at_once: usize,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

/// Asks all `questions`, those of each host side by side, until all is answered, time is over, or `stopped` says so. What
/// was not answered by then is unknown.
///
/// # Errors
/// When no connection could be made to anybody: TLS cannot be set up.
pub fn ask(
    questions: Vec<Question>,
    options: Options,
    stopped: &dyn Fn() -> bool,
) -> Result<BTreeMap<Fingerprint, Verdict>, ClientError> {
    let soon = Instant::now();
    let deadline = soon.checked_add(options.budget).unwrap_or(soon);
    let client = Client::new(options, deadline)?;
    Ok(pool::run(client, questions, options, stopped))
}
