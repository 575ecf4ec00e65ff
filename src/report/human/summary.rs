//! The last line: how much was found, how much was read, whether that was all. Must not know the keys.

use super::{
    Page,
    quantity::{count, listed},
};
use crate::report::{
    coverage,
    found::{self, Found},
    silence,
};
use std::io::{self, Write};

pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = page.input.report;
    let found = Found::of(report);
    let words =
        format!("{}{}", found.words(), left_out(page, if found.is_nothing() { ", apart from " } else { ", and " }));
    let words = match (found.is_nothing(), report.is_complete()) {
        (false, _) => page.paint.strong(&words),
        (true, true) => page.paint.good(&words),
        (true, false) => words,
    };
    let mut parts = vec![words];
    if !report.is_complete() {
        let things = count(report.problems.len() as u64, "thing", "things");
        let incomplete = page.paint.warning(&format!("incomplete: {things} could not be read"));
        // What is found wins over what is not known; what is not found does not.
        parts.insert(usize::from(!report.findings.is_empty()), incomplete);
    }
    parts.push(coverage::words(report.coverage, page.input.options.elapsed));
    writeln!(out, "{}", parts.join(" · "))
}

/// What was found and is not among the findings.
fn left_out(page: &Page<'_>, joint: &str) -> String {
    let (report, told) = (page.input.report, page.input.options.show_suppressed);
    let hint = if told { ")" } else { "; --show-suppressed lists them)" };
    let mut parts = silence::each(report);
    // Once is enough.
    parts.last_mut().into_iter().for_each(|words| *words = words.replace(')', hint));
    parts.extend(found::filtered(report));
    if parts.is_empty() { String::new() } else { format!("{joint}{}", listed(&parts)) }
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Problem, ProblemKind, Report},
        report::{Format, Options, sample},
    };

    fn last_line(report: &Report) -> String {
        let text = sample::written(Format::Human, report, &Options::default());
        text.lines().last().expect("a line").to_owned()
    }

    fn with_problems(report: Report, count: usize) -> Report {
        Report { problems: vec![Problem::new(ProblemKind::Missing, "a", "b"); count], ..report }
    }

    #[test]
    fn nothing_found_in_all_of_it_is_said_so() {
        assert_eq!(last_line(&Report::default()), "no keys found · nothing read");
    }

    #[test]
    fn nothing_found_in_some_of_it_is_not_called_nothing_found() {
        let line = last_line(&with_problems(Report::default(), 3));
        assert_eq!(line, "incomplete: 3 things could not be read · no keys in what was read · nothing read");
        assert!(!line.contains("no keys found"));
    }

    #[test]
    fn found_and_incomplete_are_both_said() {
        let line = last_line(&with_problems(sample::report(), 1));
        assert!(line.starts_with("2 keys in 3 places · incomplete: 1 thing could not be read · 12 files"), "{line}");
    }

    #[test]
    fn keys_and_lint_findings_are_told_apart() {
        assert_eq!(
            last_line(&Report { linted: true, ..Report::default() }),
            "no keys found and no lint findings · nothing read"
        );
        let mut report = sample::with_practices();
        let silenced = |nth: usize| crate::model::Silenced {
            finding: report.findings[nth].clone(),
            why: crate::model::Silence::Baseline,
        };
        report.silenced = vec![silenced(0), silenced(2)];
        report.filtered_practices = 1;
        report.findings.drain(..3);
        let expected = "no keys found, but 1 lint finding in 2 places, and 1 key that does not count (1 in the baseline), \
                        1 lint finding that does not count (1 in the baseline; --show-suppressed lists them) and 1 lint \
                        finding left out by filters · 12 files";
        let line = last_line(&report);
        assert!(line.starts_with(expected), "{line}");
    }

    #[test]
    fn what_filters_left_out_is_counted() {
        let line = last_line(&Report { filtered: 1, ..Report::default() });
        assert_eq!(line, "no keys found, apart from 1 key left out by filters · nothing read");
        let both = Report { filtered: 1, silenced: sample::silenced().silenced[1..2].to_vec(), ..Report::default() };
        let line = last_line(&both);
        let expected = "no keys found, apart from 1 key that does not count (1 in the baseline; --show-suppressed lists \
                        them) and 1 key left out by filters · nothing read";
        assert_eq!(line, expected);
        let line = last_line(&Report { filtered: 5, ..sample::report() });
        assert!(line.starts_with("2 keys in 3 places, and 5 keys left out by filters · 12 files"), "{line}");
    }
}
