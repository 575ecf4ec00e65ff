//! Exit codes: one function of the report, the same for every format. Must not know formats.

use keylint::model::Report;
use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was read, and nothing was found.
    Clean = 0,
    /// Something was found.
    Found = 1,
    /// The job could not be done.
    Failed = 2,
    /// Nothing was found, and something could not be read.
    Incomplete = 3,
}

impl Exit {
    /// The code of a report. With `exit_zero`, findings are no reason to fail; gaps still are.
    pub(super) fn of(report: &Report, exit_zero: bool) -> Self {
        if !report.findings.is_empty() && !exit_zero {
            Self::Found
        } else if report.is_complete() {
            Self::Clean
        } else {
            Self::Incomplete
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keylint::model::{Problem, ProblemKind};

    #[test]
    fn a_gap_is_never_clean() {
        let mut report = Report::default();
        assert_eq!(Exit::of(&report, false), Exit::Clean);
        report.problems.push(Problem::new(ProblemKind::Unreadable, "x", "y"));
        assert_eq!(Exit::of(&report, false), Exit::Incomplete);
        assert_eq!(Exit::of(&report, true), Exit::Incomplete);
    }
}
