//! What could not be read. Must not know what was.

use super::{Page, plain};
use crate::report::gaps;
use std::io::{self, Write};

/// Every kind of problem with some of its cases, about evenly, so that none hides another.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kinds = gaps::by_kind(page.input.report);
    if kinds.is_empty() {
        return Ok(());
    }
    let share = page.limits.problems.div_ceil(kinds.len());
    writeln!(out, "{}", page.paint.warning("Could not be read"))?;
    for (words, problems) in kinds {
        writeln!(out, "  {words}:")?;
        for problem in problems.iter().take(share) {
            writeln!(out, "    {}: {}", plain::text(&problem.what), plain::line(problem.why.as_bytes()))?;
        }
        let left = problems.len().saturating_sub(share);
        if left > 0 {
            writeln!(out, "    … and {left} more (all of them: --format json)")?;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Problem, ProblemKind, Report},
        report::{Format, Options, Verbosity, sample},
    };

    fn text(problems: Vec<Problem>, verbosity: Verbosity) -> String {
        let report = Report { problems, ..Report::default() };
        sample::written(Format::Human, &report, &Options { verbosity, ..Options::default() })
    }

    fn many(kind: ProblemKind, count: usize) -> Vec<Problem> {
        (0..count).map(|n| Problem::new(kind, format!("thing {n}").as_str(), "denied")).collect()
    }

    #[test]
    fn problems_are_grouped_by_kind() {
        let problems = [ProblemKind::Damaged, ProblemKind::Unreadable, ProblemKind::Damaged]
            .map(|kind| Problem::new(kind, "a", "b"))
            .to_vec();
        let expected = "Could not be read\n  1 unreadable file or directory:\n    a: b\n  \
                        2 damaged objects:\n    a: b\n    a: b\n\nincomplete";
        let text = text(problems, Verbosity::Normal);
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn a_long_list_is_cut_and_counted_and_hides_no_kind() {
        let mut problems = many(ProblemKind::Unreadable, 500);
        problems.extend(many(ProblemKind::Internal, 1));
        let text = text(problems.clone(), Verbosity::Normal);
        assert_eq!(text.matches(": denied").count(), 11);
        assert!(text.contains("    … and 490 more (all of them: --format json)\n"), "{text}");
        assert!(text.contains("  1 defect of keylint, please report it:\n"), "{text}");
        assert_eq!(super::tests::text(problems, Verbosity::Verbose).matches(": denied").count(), 501);
    }
}
