//! The arguments that say how issuers are asked about keys, as clap reads them. Must not know what they bring about.

use clap::ValueEnum;
use keylint::model::State;
use std::path::PathBuf;

/// How issuers are asked.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Asking {
    /// The host that keys of a provider belong to, where it does not stand beside them: azure-openai=NAME.openai.azure.com
    #[arg(long, value_name = "PROVIDER=HOST")]
    pub(in crate::cli) verify_host: Vec<String>,
    /// The longest that all checks together may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(in crate::cli) verify_timeout: u64,
    /// Remember verdicts for so many hours, by fingerprint, in your cache directory, and ask nobody about those again
    #[arg(long, value_name = "HOURS", num_args = 0..=1, require_equals = true, default_missing_value = "24",
          value_parser = clap::value_parser!(u64).range(1..=8_760))]
    pub(in crate::cli) verify_cache: Option<u64>,
}

impl Asking {
    /// Whether something was said of it.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.verify_host.is_empty() || self.verify_cache.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum VerifyLevel {
    /// Whether each key works
    Live,
    /// What it opens, too: organisation, project, models, as account data says
    Access,
    /// Nobody is asked
    Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum OnlyState {
    /// Keys that work, limited ones among them
    Live,
    /// Keys that do not
    Dead,
    /// Keys of which nobody knows
    Unknown,
}

impl OnlyState {
    /// The states it stands for.
    pub(in crate::cli) fn states(self) -> &'static [State] {
        match self {
            Self::Live => &[State::Live, State::LiveLimited],
            Self::Dead => &[State::Dead],
            Self::Unknown => &[State::Unknown],
        }
    }
}

/// Ask its issuer whether one key works.
///
/// The key comes from standard input, never from an argument: those are seen by everybody on the machine. It is sent once,
/// in a GET, to its issuer alone. A check may show to the key's owner as its last use; check only keys that you may test.
#[derive(Debug, clap::Args)]
#[command(after_help = VERIFY_CODES)]
pub(in crate::cli) struct Verify {
    /// What the key is, where its form does not say: an id that `keylint rules list` shows
    #[arg(long, value_name = "RULE")]
    pub(in crate::cli) rule: Option<String>,
    /// Read what the key opens, too: organisation, project, models
    #[arg(long, conflicts_with = "plan")]
    pub(in crate::cli) access: bool,
    /// Ask nobody, and say what would be asked of whom
    #[arg(long)]
    pub(in crate::cli) plan: bool,
    /// How to write the verdict
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: VerdictFormat,
    /// Take the configuration from this file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) asking: Asking,
    /// Do not say who is asked
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum VerdictFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}

const VERIFY_CODES: &str = "\
Exit codes:
  0  the key is dead
  1  the key works, perhaps with limits
  2  nobody could be asked: arguments, no key on standard input
  3  it could not be found out";
