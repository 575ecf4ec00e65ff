//! The arguments, as clap reads them. Must not know what they bring about.

mod merge;
mod verify;

use clap::{Parser, Subcommand, ValueEnum, builder::ArgPredicate};
use clap_complete::Shell;
pub(super) use merge::{Merge, MergeFormat};
use std::path::PathBuf;
pub(super) use verify::{Asking, OnlyState, VerdictFormat, Verify, VerifyLevel};

/// Finds leaked OpenAI keys in work trees and whole git histories.
#[derive(Debug, Parser)]
#[command(name = "keylint", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look for keys in directories, files, git repositories or standard input
    Scan(Box<Scan>),
    /// Tell the whole story of one key: since when, whose, how far it got, and the commands that end it
    Story(Story),
    /// Make one report of the JSON reports of separate scans
    Merge(Merge),
    /// Mend what can be mended without a person: show how, or do it with --write
    Fix(Fix),
    /// Ask its issuer whether one key, from standard input, works
    Verify(Verify),
    /// Install git hooks, take them away, or do what git runs them for
    Hook(Hook),
    /// Write down which keys are known, so that only new ones count
    Baseline(Baseline),
    /// Show or check the rules
    Rules(Rules),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Look for keys in directories, files, git repositories or standard input.
///
/// In a repository, the work tree and the whole history are read: every object that any pack or loose
/// file holds, reachable or not, and messages, names, refs and reflogs. A file that is named is read by
/// itself, without the history of its repository. Nothing is written and nothing is sent anywhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Scan {
    /// What to scan: a directory, a git repository (bare ones too), a file by itself, or - for standard input
    #[arg(value_name = "TARGET", default_value = ".", default_value_if("targets_from", ArgPredicate::IsPresent, None))]
    pub(super) targets: Vec<PathBuf>,
    /// Scan what this file lists as well, a target on each line or, with NUL bytes, between those; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(super) targets_from: Option<PathBuf>,

    /// Read the files on disk only
    #[arg(long, conflicts_with = "history_only")]
    pub(super) no_history: bool,
    /// Read the git history only
    #[arg(long)]
    pub(super) history_only: bool,
    /// Read files that git's ignore rules leave out, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Leave archives, compressed files, images and documents packed: search their bytes as they are
    #[arg(long)]
    pub(super) no_archives: bool,
    /// Read only what is staged for the next commit; what was there before is told and does not count
    #[arg(long, conflicts_with_all = ["no_history", "history_only", "no_ignore", "range"])]
    pub(super) staged: bool,
    /// Read only what the commits of a range brought, one by one: A..B, or A...B from where they parted
    #[arg(long, value_name = "A..B", conflicts_with_all = ["no_history", "history_only", "no_ignore"])]
    pub(super) range: Option<String>,

    /// How to write the report
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
    /// Where to write the report, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write a report of this format to this file as well (may be given several times)
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report)]
    pub(super) reports: Vec<(Format, PathBuf)>,
    /// Tell this scan's SARIF from that of others, where several of one commit are uploaded to GitHub
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) sarif_category: Option<String>,
    /// Leave out the names and addresses of people, for reports that travel
    #[arg(long)]
    pub(super) anonymous: bool,
    /// Write to this file, for your eyes alone, what `git filter-repo --replace-text` takes to remove the keys that are found:
    /// it has them in clear
    #[arg(long, value_name = "FILE")]
    pub(super) write_replacements: Option<PathBuf>,
    /// List what does not count, too: what was there before, is in the baseline or is allowed
    #[arg(long)]
    pub(super) show_suppressed: bool,

    /// Ask the issuers of what was found whether it works: `live` (the default) sends each key to its issuer once, `access`
    /// reads what live ones open as well, `plan` asks nobody and says what would be asked of whom
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "live")]
    pub(super) verify: Option<VerifyLevel>,
    /// Report only keys of these states; what could not be found out is told as a problem then
    #[arg(long, value_name = "STATE", value_delimiter = ',', requires = "verify")]
    pub(super) only: Vec<OnlyState>,
    #[command(flatten)]
    pub(super) asking: Asking,

    #[command(flatten)]
    pub(super) configured: Configured,
    /// Take keys for known that this file lists [default: .keylint-baseline.toml of the repository]
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Use the rules of this file as well (may be given several times)
    #[arg(long, value_name = "FILE")]
    pub(super) rules: Vec<PathBuf>,
    /// Report these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Do not report these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Report nothing less severe
    #[arg(long, value_name = "SEVERITY", default_value = "note")]
    pub(super) min_severity: Severity,
    /// Report nothing less sure
    #[arg(long, value_name = "CONFIDENCE", default_value = "low")]
    pub(super) min_confidence: Confidence,

    /// Show keys in clear; by default only a mask of each is shown
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// Exit with 1 only for what is as severe as this
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<Severity>,
    /// Exit with 0 even if keys were found
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// How many threads to use [default: one for each core]
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<std::num::NonZeroUsize>,
    /// Say less: no source lines, no advice
    #[arg(long, short, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say all: every place, every problem
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Show no progress
    #[arg(long)]
    pub(super) no_progress: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// Tell the whole story of one key.
///
/// The targets are scanned anew. What is told comes from the repository alone: when the key came in and went out, who
/// brought it, which branches, tags, stashes and reflogs lead to it, whether it was pushed, and what to do in this very case,
/// with the commands.
#[derive(Debug, clap::Args)]
#[command(after_help = STORY_CODES)]
pub(super) struct Story {
    /// The key's fingerprint as a report shows it, or the beginning of it
    #[arg(value_name = "FINGERPRINT")]
    pub(super) fingerprint: String,
    /// Where to look for it: directories, files, git repositories
    #[arg(value_name = "TARGET", default_value = ".")]
    pub(super) targets: Vec<PathBuf>,
    /// Leave out the names and addresses of people
    #[arg(long)]
    pub(super) anonymous: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Show no progress
    #[arg(long)]
    pub(super) no_progress: bool,
    /// Use the rules of this file as well (may be given several times)
    #[arg(long, value_name = "FILE")]
    pub(super) rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) configured: Configured,
}

const STORY_CODES: &str = "\
Exit codes:
  1  the key is there, and its story is told
  2  it is not there, or the scan could not be done
  3  it was not found, and something could not be read";

const EXIT_CODES: &str = "\
Exit codes:
  0  everything asked for was read, and nothing was found
  1  keys were found
  2  the scan could not be done: arguments, rules, a target that is not there
  3  nothing was found, but something could not be read; the report lists it";

/// Mend what can be mended without a person.
///
/// Literal keys in Python, JavaScript, TypeScript, shell scripts, compose files and GitHub workflows become reads of the
/// environment; `.env` files get ignored by git and closed to others. Without --write, the changes are shown and nothing is
/// touched. No change ends a key: revoke it first.
#[derive(Debug, clap::Args)]
#[command(after_help = FIX_CODES)]
pub(super) struct Fix {
    /// What to mend: a directory, or a repository's work tree
    #[arg(value_name = "TARGET", default_value = ".")]
    pub(super) target: PathBuf,
    /// Make the changes, in files that are still as they were scanned
    #[arg(long)]
    pub(super) write: bool,
    /// Mend only what these rules find
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    #[command(flatten)]
    pub(super) configured: Configured,
}

const FIX_CODES: &str = "\
Exit codes:
  0  nothing is left to mend
  1  something is: shown and not written, or for a person to do
  2  the job could not be done
  3  not all could be read";

/// Whose configuration is heeded, and which lints are run.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Configured {
    /// Take the configuration from this file, not from the repository's keylint.toml
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Ignore the configuration and the baseline that the repository brings
    #[arg(long, global = true)]
    pub(super) no_repo_config: bool,
    /// Ignore comments that allow a key
    #[arg(long, global = true)]
    pub(super) no_inline_allow: bool,
    /// Run every lint, also those that are often wrong
    #[arg(long, global = true)]
    pub(super) strict: bool,
    /// Look for keys only, not for how they are handled
    #[arg(long, global = true, conflicts_with = "strict")]
    pub(super) no_lint: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Baseline {
    #[command(subcommand)]
    pub(super) command: BaselineCommand,
    #[command(flatten)]
    pub(super) configured: Configured,
    /// Use the rules of this file as well (may be given several times)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write down all keys that are found now
    Write {
        /// What to scan
        #[arg(value_name = "TARGET", default_value = ".")]
        target: PathBuf,
        /// Where to write it [default: .keylint-baseline.toml at the root of the repository]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take out what is found nowhere any more
    Prune {
        /// What to scan
        #[arg(value_name = "TARGET", default_value = ".")]
        target: PathBuf,
        /// The baseline [default: .keylint-baseline.toml of the repository]
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
    },
    /// Take over a .gitleaksignore or .secrets.baseline, and list what of it is not found
    Import {
        /// The file of the other scanner
        file: PathBuf,
        /// What to scan
        #[arg(value_name = "TARGET", default_value = ".")]
        target: PathBuf,
        /// Where to write it [default: .keylint-baseline.toml at the root of the repository]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Hook {
    #[command(subcommand)]
    pub(super) command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Put hooks where git looks for them; what is there already runs first
    Install {
        /// Which hooks [default: pre-commit]
        #[arg(value_name = "HOOK")]
        names: Vec<HookName>,
        /// For all repositories of this user
        #[arg(long)]
        global: bool,
        /// What the hooks go by from then on
        #[command(flatten)]
        configured: Configured,
    },
    /// Take hooks away, and put back what was there before
    Uninstall {
        /// Which hooks [default: all of keylint]
        #[arg(value_name = "HOOK")]
        names: Vec<HookName>,
        /// Those for all repositories of this user
        #[arg(long)]
        global: bool,
    },
    /// Do what git runs a hook for; says nothing if there is nothing to say
    Run(RunHook),
}

#[derive(Debug, clap::Args)]
pub(super) struct RunHook {
    /// Which hook
    #[arg(value_name = "HOOK")]
    pub(super) name: HookName,
    /// What git hands the hook
    #[arg(value_name = "ARG")]
    pub(super) args: Vec<String>,
    #[command(flatten)]
    pub(super) configured: Configured,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum HookName {
    /// Looks at what is staged
    PreCommit,
    /// Looks at the message
    CommitMsg,
    /// Looks at what the remote does not have yet
    PrePush,
    /// Looks at what was pushed, on a server, before it is taken
    PreReceive,
}

impl HookName {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::PreCommit, Self::CommitMsg, Self::PrePush, Self::PreReceive];

    /// The name that git calls it by.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// Whether git hands it lines on standard input.
    pub(super) const fn has_input(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    pub(super) command: RulesCommand,
    /// Use the rules of this file as well (may be given several times)
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) rules: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List all rules
    List,
    /// Explain one rule: what it finds, what it leaves out, what to do
    Explain {
        /// The rule's id, as `keylint rules list` shows it
        id: String,
    },
    /// Check rule files: syntax, patterns, examples
    Check {
        /// The files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// One JSON object a line
    Jsonl,
    /// SARIF 2.1.0, for GitHub's code scanning and other viewers
    Sarif,
    /// Annotations of GitHub Actions: its workflow commands
    Github,
    /// Markdown, for the summary of a job: $GITHUB_STEP_SUMMARY
    Markdown,
    /// One page for a browser, to read, print or hand on: it loads and runs nothing
    Html,
    /// GitLab's report of secret detection, version 15.2.5
    Gitlab,
    /// A table: a row for each place
    Csv,
    /// JUnit's XML, which CI servers show as tests
    Junit,
    /// gitleaks' JSON, for programs that read that
    Gitleaks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Severity {
    Note,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Confidence {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Scan {
    /// A scan of which nothing is said.
    pub(super) fn plain() -> Option<Self> {
        match Args::try_parse_from(["keylint", "scan"]).ok()?.command {
            Command::Scan(scan) => Some(*scan),
            _ => None,
        }
    }
}

/// Reads `FORMAT=FILE`.
fn report(value: &str) -> Result<(Format, PathBuf), String> {
    let names = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
    let expected = || format!("expected FORMAT=FILE, where FORMAT is one of {}", names.join(", "));
    let (format, file) = value.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(expected)?;
    if file == "-" {
        return Err("standard output is what --format writes to".to_owned());
    }
    let format = Format::from_str(format, false).map_err(|_| format!("there is no format {format}; {}", expected()))?;
    Ok((format, file.into()))
}

impl From<Severity> for keylint::model::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Note,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

impl From<Confidence> for keylint::model::Confidence {
    fn from(confidence: Confidence) -> Self {
        match confidence {
            Confidence::Low => Self::Low,
            Confidence::Medium => Self::Medium,
            Confidence::High => Self::High,
        }
    }
}

impl From<Format> for keylint::report::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
            Format::Sarif => Self::Sarif,
            Format::Github => Self::Github,
            Format::Markdown => Self::Markdown,
            Format::Html => Self::Html,
            Format::Gitlab => Self::Gitlab,
            Format::Csv => Self::Csv,
            Format::Junit => Self::Junit,
            Format::Gitleaks => Self::Gitleaks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_format_of_the_library_can_be_asked_for() {
        let here: Vec<&str> = keylint::report::Format::ALL.iter().map(|format| format.as_str()).collect();
        let asked = Format::value_variants().iter().map(|format| keylint::report::Format::from(*format).as_str());
        assert_eq!(asked.collect::<Vec<_>>(), here);
    }

    #[test]
    fn a_further_report_is_a_format_and_a_file() {
        assert_eq!(report("json=a=b.json"), Ok((Format::Json, PathBuf::from("a=b.json"))));
        let all: Vec<_> = keylint::report::Format::ALL.iter().map(|format| format.as_str()).collect();
        for wrong in ["json", "json=", "=a", "xml=a"] {
            assert!(report(wrong).is_err_and(|error| error.contains(&all.join(", "))), "{wrong}");
        }
        assert!(report("json=-").is_err());
    }
}
