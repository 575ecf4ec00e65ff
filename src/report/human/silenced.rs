//! What does not count, one or two lines each. Must not know why they should not.

use super::{Page, quantity::count};
use crate::{
    model::{Finding, Silence, Silenced},
    report::{silence, whereabouts},
};
use std::io::{self, Write};

/// Places of a key that are named.
const PLACES: usize = 3;

/// All of them if asked for. A key that was there before a change is told in any case: whoever makes the
/// change is looking at it right now.
pub(super) fn write(page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let all = page.input.options.show_suppressed;
    let wanted = |silenced: &&Silenced| all || silenced.why == Silence::Before;
    let keys: Vec<&Silenced> = page.input.report.silenced.iter().filter(wanted).collect();
    if keys.is_empty() {
        return Ok(());
    }
    if all {
        writeln!(out, "{}", page.paint.strong("Does not count"))?;
    }
    // Who asks for them gets them.
    let most = if all { keys.len() } else { page.limits.problems };
    for silenced in keys.iter().take(most) {
        let finding = &silenced.finding;
        let (title, places) = (page.input.title(finding), places(page, finding, all));
        if all {
            writeln!(out, "  {title}: {}", silence::reason(&silenced.why))?;
            writeln!(out, "    {}", page.paint.faint(&places))?;
        } else {
            writeln!(out, "was there before: {title}, {places}")?;
        }
    }
    let left = keys.len().saturating_sub(most);
    if left > 0 {
        writeln!(out, "… and {left} more that were there before (all of them: --show-suppressed)")?;
    }
    writeln!(out)
}

fn places(page: &Page<'_>, finding: &Finding, all: bool) -> String {
    let most = if all { page.limits.places } else { PLACES };
    let shown: Vec<String> =
        finding.places.iter().take(most).map(|place| whereabouts::heading(page.input.report, place)).collect();
    let more = finding.places.len() - shown.len();
    let more =
        if more > 0 { format!(" and {}", count(more as u64, "more place", "more places")) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::{
        model::Report,
        report::{Format, Options, sample},
    };

    fn text(report: &Report, show_suppressed: bool) -> String {
        sample::written(Format::Human, report, &Options { show_suppressed, ..Options::default() })
    }

    #[test]
    fn what_was_there_before_is_told_and_the_rest_counted() {
        let text = text(&sample::silenced(), false);
        let expected = "was there before: OpenAI project API key sk-proj-…AbC9, src/config.py:12:8, config/old.env:3:8\n\n\
                        no keys found, apart from 4 keys that do not count (1 there before, 1 in the baseline, 1 allowed \
                        by a comment, 1 allowed by the configuration; --show-suppressed lists them) · 12 files";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn all_are_listed_when_asked_for() {
        let text = text(&sample::silenced(), true);
        let expected = "Does not count
  OpenAI project API key sk-proj-…AbC9: was there before
    src/config.py:12:8, config/old.env:3:8
  OpenAI user API key sk-None-…Wxyz: in the baseline
    message of commit 0505050, line 5, column 8
  OpenAI project API key sk-proj-…AbC9: allowed by `gitleaks:allow` on its line: a test
    src/config.py:12:8, config/old.env:3:8
  OpenAI user API key sk-None-…Wxyz: allowed by the configuration until 2030-01-01, Ann answers for it: revoked
    message of commit 0505050, line 5, column 8

";
        assert!(text.starts_with(expected), "{text}");
        assert!(!text.contains("--show-suppressed"), "{text}");
    }

    #[test]
    fn long_lists_are_cut_unless_asked_for() {
        let mut report = sample::silenced();
        report.silenced[0].finding.places = vec![report.silenced[0].finding.places[0].clone(); 7];
        report.silenced = vec![report.silenced[0].clone(); 30];
        let short = text(&report, false);
        assert_eq!(short.matches("was there before:").count(), 20);
        assert!(short.contains("src/config.py:12:8 and 4 more places\n"), "{short}");
        assert!(short.contains("\n… and 10 more that were there before (all of them: --show-suppressed)\n"), "{short}");
        assert_eq!(text(&report, true).matches(": was there before\n").count(), 30);
    }
}
