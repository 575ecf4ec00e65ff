//! The arguments of `keylint merge`, as clap reads them. Must not know what they bring about.

use clap::ValueEnum;
use std::path::PathBuf;

/// Make one report of the JSON reports of separate scans.
///
/// A key that several of them tell of becomes one finding with all its places. The outcome depends on which reports are
/// given, not on their order; a report that is given twice, by itself or within a merged one, counts once.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(in crate::cli) struct Merge {
    /// Reports that `scan` or `merge` wrote with --format json or jsonl; - for standard input
    #[arg(value_name = "REPORT", required_unless_present = "named")]
    pub(in crate::cli) reports: Vec<PathBuf>,
    /// A report as well, with NAME for the directory that its scan was started in: tells repositories apart that are all
    /// called `.` (may be given several times)
    #[arg(long, value_name = "NAME=REPORT", value_parser = named)]
    pub(in crate::cli) named: Vec<(String, PathBuf)>,
    /// How to write the report
    #[arg(long, short, value_name = "FORMAT", default_value = "json")]
    pub(in crate::cli) format: MergeFormat,
    /// Where to write the report, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  every scan read everything asked for, and nothing was found
  1  something was found
  2  the reports could not be merged
  3  nothing was found, but something could not be read; the report lists it";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MergeFormat {
    /// One JSON object
    Json,
    /// One JSON object a line
    Jsonl,
}

/// Reads `NAME=REPORT`.
fn named(value: &str) -> Result<(String, PathBuf), String> {
    let parts = value.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    let (name, file) = parts.ok_or("expected NAME=REPORT")?;
    Ok((name.trim_end_matches('/').to_owned(), file.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_report_is_a_name_and_a_file() {
        assert_eq!(named("api/=a=b.json"), Ok(("api".to_owned(), PathBuf::from("a=b.json"))));
        for wrong in ["a.json", "=a.json", "api="] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }
}
