//! What of the findings the user wants to hear of. Must not know how they were found.

use crate::model::{Confidence, Finding, Fingerprint, Report, Severity, State, Subject};
use std::collections::BTreeSet;

/// Which findings are reported.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Rules to report; all if empty.
    pub select: BTreeSet<String>,
    /// Rules not to report.
    pub ignore: BTreeSet<String>,
    /// The least severity to report.
    pub min_severity: Severity,
    /// The least confidence to report.
    pub min_confidence: Confidence,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            select: BTreeSet::new(),
            ignore: BTreeSet::new(),
            min_severity: Severity::Note,
            min_confidence: Confidence::Low,
        }
    }
}

impl Policy {
    /// Takes out of `findings` what is not to be reported, and returns it. What is said of a secret goes with it, untold,
    /// unless it was asked for.
    pub(super) fn filter(&self, findings: &mut Vec<Finding>) -> Vec<Finding> {
        let secrets = findings.iter().filter(|finding| finding.secret().is_some());
        let left: BTreeSet<Fingerprint> =
            secrets.filter(|secret| !self.admits(secret)).map(|secret| secret.fingerprint).collect();
        let is_of_left = |finding: &Finding| match &finding.subject {
            Subject::Practice(practice) => practice.key.is_some_and(|key| left.contains(&key)),
            Subject::Secret(_) => false,
        };
        let (mut kept, filtered): (Vec<Finding>, Vec<Finding>) =
            std::mem::take(findings).into_iter().partition(|finding| self.admits(finding));
        kept.retain(|finding| !is_of_left(finding) || self.select.contains(&finding.rule));
        *findings = kept;
        filtered
    }

    /// Whether `finding` is to be reported.
    #[must_use]
    pub fn admits(&self, finding: &Finding) -> bool {
        (self.select.is_empty() || self.select.contains(&finding.rule))
            && !self.ignore.contains(&finding.rule)
            && finding.severity >= self.min_severity
            && finding.confidence >= self.min_confidence
    }
}

/// Puts keys that work first, with the highest severity, and those that do not last.
pub fn weigh(report: &mut Report) {
    let mut findings = std::mem::take(&mut report.findings);
    for finding in findings.iter_mut().filter(|finding| report.state(finding).is_live()) {
        finding.severity = Severity::Critical;
    }
    findings.sort_by_key(|finding| State::ALL.iter().position(|known| *known == report.state(finding)));
    report.findings = findings;
}

/// Which findings make a scan fail.
#[derive(Clone, Debug)]
pub struct FailOn {
    /// The least severity that does.
    pub severity: Severity,
    /// The least confidence that does.
    pub confidence: Confidence,
    /// Rules whose findings do in any case.
    pub never: BTreeSet<String>,
}

impl Default for FailOn {
    fn default() -> Self {
        Self { severity: Severity::Note, confidence: Confidence::Low, never: BTreeSet::new() }
    }
}

impl FailOn {
    /// Whether `finding` makes a scan fail.
    #[must_use]
    pub fn fails(&self, finding: &Finding) -> bool {
        let enough = finding.severity >= self.severity && finding.confidence >= self.confidence;
        enough || self.never.contains(&finding.rule)
    }
}

/// Orders findings: the worst first, then the surest, then what is still there, then what came first.
pub(super) fn sort<T>(findings: &mut [T], of: impl Fn(&T) -> &Finding) {
    findings.sort_by_cached_key(|item| {
        let finding = of(item);
        let now = finding.places.iter().any(|place| place.in_worktree == Some(true) || place.in_head == Some(true));
        let since = finding.places.iter().filter_map(|place| place.introduced.as_ref()).map(|commit| commit.time).min();
        let worst = std::cmp::Reverse((finding.severity, finding.confidence, now));
        (worst, since.unwrap_or(i64::MAX), finding.rule.clone(), finding.fingerprint)
    });
}
