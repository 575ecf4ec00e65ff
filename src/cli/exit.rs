//! Exit codes: one function of the report, the same for every format. Must not know formats.

use keylint::{engine::FailOn, model::Report};
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
    pub(super) fn of(report: &Report, fail_on: &FailOn, exit_zero: bool) -> Self {
        if report.findings.iter().any(|finding| fail_on.fails(finding)) && !exit_zero {
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
    use keylint::model::{Confidence, Finding, Problem, ProblemKind, Secret, Severity, Subject};

    #[test]
    fn a_gap_is_never_clean() {
        let mut report = Report::default();
        let of = |report: &Report, exit_zero| Exit::of(report, &FailOn::default(), exit_zero);
        assert_eq!(of(&report, false), Exit::Clean);
        report.problems.push(Problem::new(ProblemKind::Unreadable, "x", "y"));
        assert_eq!(of(&report, false), Exit::Incomplete);
        assert_eq!(of(&report, true), Exit::Incomplete);
    }

    #[test]
    fn what_is_below_the_threshold_does_not_fail_unless_it_must_never_be() {
        let secret = Secret::new(b"x", 0);
        let finding = Finding {
            rule: "a".to_owned(),
            fingerprint: secret.fingerprint("f"),
            subject: Subject::Secret(secret),
            severity: Severity::Medium,
            confidence: Confidence::Medium,
            notes: vec![],
            hosts: vec![],
            places: vec![],
            histories: vec![],
        };
        let report = Report { findings: vec![finding], ..Report::default() };
        let of = |severity, confidence, never: &str| {
            Exit::of(&report, &FailOn { severity, confidence, never: [never.to_owned()].into() }, false)
        };
        assert_eq!(of(Severity::Medium, Confidence::Medium, "b"), Exit::Found);
        assert_eq!(of(Severity::High, Confidence::Low, "b"), Exit::Clean);
        assert_eq!(of(Severity::Low, Confidence::High, "b"), Exit::Clean);
        assert_eq!(of(Severity::High, Confidence::High, "a"), Exit::Found);
    }
}
