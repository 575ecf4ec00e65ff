//! What could not be read, kind by kind and in words. Must not know formats, or what was found.

use super::quantity::count;
use crate::model::{Problem, ProblemKind, Report};
use std::collections::BTreeMap;

/// Every kind of problem as `2 damaged objects`, and which they are.
pub(super) fn by_kind(report: &Report) -> Vec<(String, Vec<&Problem>)> {
    let mut kinds: BTreeMap<ProblemKind, Vec<&Problem>> = BTreeMap::new();
    for problem in &report.problems {
        kinds.entry(problem.kind).or_default().push(problem);
    }
    let named = |(kind, problems): (ProblemKind, Vec<_>)| {
        let (one, many) = words(kind);
        (count(problems.len() as u64, one, many), problems)
    };
    kinds.into_iter().map(named).collect()
}

const fn words(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::Unreadable => ("unreadable file or directory", "unreadable files or directories"),
        ProblemKind::Changed => ("file that changed while it was read", "files that changed while they were read"),
        ProblemKind::Damaged => ("damaged object", "damaged objects"),
        ProblemKind::Missing => ("missing object", "missing objects"),
        ProblemKind::Truncated => ("history that is not here", "histories that are not here"),
        ProblemKind::Unverified => ("key that may work", "keys that may work"),
        ProblemKind::Limit => ("limit reached", "limits reached"),
        ProblemKind::Interrupted => ("interruption", "interruptions"),
        ProblemKind::Internal => ("defect of keylint, please report it", "defects of keylint, please report them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_by_itself() {
        let problems = [ProblemKind::Damaged, ProblemKind::Unreadable, ProblemKind::Damaged];
        let problems = problems.map(|kind| Problem::new(kind, "a", "b")).to_vec();
        let report = Report { problems, ..Report::default() };
        let told: Vec<String> = by_kind(&report).into_iter().map(|(words, _)| words).collect();
        assert_eq!(told, ["1 unreadable file or directory", "2 damaged objects"]);
    }
}
