//! How much was found, in words that are the same in every format. Must not know formats, or what was found.

use super::quantity::count;
use crate::model::{Finding, Report};

/// How many keys and lint findings there are, and in how many places each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    keys: u64,
    key_places: u64,
    practices: u64,
    practice_places: u64,
    is_complete: bool,
    is_linted: bool,
}

impl Found {
    pub(super) fn of(report: &Report) -> Self {
        let mut found =
            Self { is_complete: report.is_complete(), is_linted: report.linted, ..Self::among(&report.findings) };
        // Somebody must have looked.
        found.is_linted |= found.practices > 0;
        found
    }

    /// How many of `findings` are of each kind.
    pub(super) fn among<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut found = Self::default();
        for finding in findings {
            let (number, places) = if finding.secret().is_some() {
                (&mut found.keys, &mut found.key_places)
            } else {
                (&mut found.practices, &mut found.practice_places)
            };
            *number += 1;
            *places += finding.places.len() as u64;
        }
        found
    }

    /// Whether there is nothing of either kind.
    pub(super) const fn is_nothing(self) -> bool {
        self.keys + self.practices == 0
    }

    /// `2 keys in 3 places and 4 lint findings in 5 places`. That there is nothing in some of what was asked for is
    /// never said in the words for nothing at all: somebody looks for them.
    pub(super) fn words(self) -> String {
        let lints = || self.lints().unwrap_or_default();
        match (self.keys, self.practices, self.is_complete) {
            (0, 0, true) if self.is_linted => "no keys found and no lint findings".to_owned(),
            (0, 0, false) if self.is_linted => "no keys and no lint findings in what was read".to_owned(),
            (0, 0, true) => "no keys found".to_owned(),
            (0, 0, false) => "no keys in what was read".to_owned(),
            (0, _, true) => format!("no keys found, but {}", lints()),
            (0, _, false) => format!("no keys in what was read, but {}", lints()),
            (_, 0, _) => places(&keys(self.keys), self.key_places),
            _ => format!("{} and {}", places(&keys(self.keys), self.key_places), lints()),
        }
    }

    /// `4 lint findings in 5 places`, if there are any.
    pub(super) fn lints(self) -> Option<String> {
        (self.practices > 0).then(|| places(&practices(self.practices), self.practice_places))
    }
}

/// `1 more key and 2 more lint findings`: those that are not shown.
pub(super) fn more<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let left = Found::among(findings);
    let keys = (left.keys > 0).then(|| count(left.keys, "more key", "more keys"));
    let lints = (left.practices > 0).then(|| count(left.practices, "more lint finding", "more lint findings"));
    keys.into_iter().chain(lints).collect::<Vec<_>>().join(" and ")
}

/// `1 key and 2 lint findings left out by filters`, if any were.
pub(super) fn filtered(report: &Report) -> Option<String> {
    let (left, lints) = (report.filtered as u64, report.filtered_practices as u64);
    let parts = [(left > 0).then(|| keys(left)), (lints > 0).then(|| practices(lints))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{} left out by filters", parts.join(" and ")))
}

fn keys(number: u64) -> String {
    count(number, "key", "keys")
}

fn practices(number: u64) -> String {
    count(number, "lint finding", "lint findings")
}

fn places(what: &str, number: u64) -> String {
    format!("{what} in {}", count(number, "place", "places"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Problem, ProblemKind},
        report::sample,
    };

    #[test]
    fn both_kinds_are_counted() {
        let words = |report: &Report| Found::of(report).words();
        assert_eq!(words(&sample::report()), "2 keys in 3 places");
        assert_eq!(words(&sample::with_practices()), "2 keys in 3 places and 2 lint findings in 3 places");
        let mut report = sample::with_practices();
        report.findings.retain(|finding| finding.secret().is_none());
        assert_eq!(words(&report), "no keys found, but 2 lint findings in 3 places");
        report.problems.push(Problem::new(ProblemKind::Missing, "a", "b"));
        assert_eq!(words(&report), "no keys in what was read, but 2 lint findings in 3 places");
        report.findings.clear();
        assert_eq!(words(&report), "no keys and no lint findings in what was read");
        report.problems.clear();
        assert_eq!(words(&report), "no keys found and no lint findings");
        report.linted = false;
        assert_eq!(words(&report), "no keys found", "nobody looked for more");
    }

    #[test]
    fn what_filters_left_out_is_told_by_kind() {
        let of = |filtered, filtered_practices| {
            super::filtered(&Report { filtered, filtered_practices, ..Report::default() })
        };
        assert_eq!(of(0, 0), None);
        assert_eq!(of(1, 0).as_deref(), Some("1 key left out by filters"));
        assert_eq!(of(0, 1).as_deref(), Some("1 lint finding left out by filters"));
        assert_eq!(of(2, 3).as_deref(), Some("2 keys and 3 lint findings left out by filters"));
    }

    #[test]
    fn what_is_not_shown_is_told_by_kind() {
        let report = sample::with_practices();
        assert_eq!(more(&report.findings), "2 more keys and 2 more lint findings");
        assert_eq!(more(&report.findings[1..2]), "1 more key");
    }
}
