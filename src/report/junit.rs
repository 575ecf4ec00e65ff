//! A report as JUnit's XML, which every CI server shows as tests: a key or a lint finding fails one, a gap is an error.
//! Must not know which server reads it.

use super::{Input, found, plain, quantity::count, silence, verdict, whereabouts};
use crate::model::{Finding, Notice, Problem, Silenced};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};

/// Places of a key that are named.
const PLACES: usize = 100;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = input.report;
    let mut suite = TestSuite::new("keylint");
    suite.add_test_cases(input.keys().chain(input.practices()).map(|finding| failure(input, finding)));
    suite.add_test_cases(report.problems.iter().map(error));
    if input.options.show_suppressed {
        suite.add_test_cases(report.silenced.iter().map(|silenced| skipped(input, silenced)));
    }
    // A suite without tests counts as broken in some servers.
    if input.keys().next().is_none() && report.is_complete() {
        suite.add_test_case(TestCase::new("no keys found", TestCaseStatus::success()));
    }
    if report.linted && input.practices().next().is_none() && report.is_complete() {
        suite.add_test_case(TestCase::new("no lint findings", TestCaseStatus::success()));
    }
    for (name, value) in outcome(input) {
        suite.add_property((name, value.as_str()));
    }
    if !report.notices.is_empty() {
        suite.set_system_out(report.notices.iter().map(notice).collect::<Vec<_>>().join("\n"));
    }
    let mut all = Report::new("keylint");
    all.add_test_suite(suite);
    let text = without_skipped_in_all(&all.to_string().map_err(io::Error::other)?);
    // The two that XML has no place for and `plain` lets pass.
    out.write_all(text.trim_end().replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}").as_bytes())?;
    out.write_all(b"\n")
}

/// Jenkins' schema knows the number of skipped tests of a suite, and none of all suites. The first is the latter.
fn without_skipped_in_all(text: &str) -> String {
    let parts = text.split_once(" skipped=\"").and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    parts.map_or_else(|| text.to_owned(), |(before, after)| [before, after].concat())
}

fn failure(input: &Input<'_>, finding: &Finding) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let place = whereabouts::shown(input.report, &finding.places);
    status.set_type(finding.severity.as_str());
    status.set_message(format!("{} in {place}", input.title(finding)));
    let verdict = input.verdict(finding).map(|it| format!("{}\n", verdict::line(it))).unwrap_or_default();
    status.set_description(format!("{verdict}{}{}", places(input, finding), steps(input, finding)));
    case(input, finding, status)
}

fn skipped(input: &Input<'_>, silenced: &Silenced) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!("does not count: {}", silence::reason(&silenced.why)));
    status.set_description(places(input, &silenced.finding));
    case(input, &silenced.finding, status)
}

/// Named by what stays when lines move, so that a server can follow a key from run to run.
fn case(input: &Input<'_>, finding: &Finding, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(format!("{} {}", input.key(finding), finding.fingerprint), status);
    case.set_classname(plain::line(finding.rule.as_bytes()));
    case
}

fn places(input: &Input<'_>, finding: &Finding) -> String {
    let mut out = String::new();
    for place in finding.places.iter().take(PLACES) {
        let standing = whereabouts::facts(place).map(|fact| format!(", {fact}")).collect::<String>();
        let since = place.introduced.as_ref().map(|info| format!(", since commit {}", info.id.short()));
        let since = since.unwrap_or_default();
        out.push_str(&format!("{}{standing}{since}\n", whereabouts::heading(input.report, place)));
    }
    let left = finding.places.len().saturating_sub(PLACES);
    if left > 0 {
        out.push_str(&format!("and {}\n", count(left as u64, "more place", "more places")));
    }
    out
}

fn steps(input: &Input<'_>, finding: &Finding) -> String {
    let steps = input.steps(finding);
    let step = |(nth, step): (usize, &crate::rule::Step)| {
        let url = step.url.as_ref().map(|url| format!(" {}", plain::line(url.as_bytes())));
        format!("{}. {}{}\n", nth + 1, plain::line(step.text.as_bytes()), url.unwrap_or_default())
    };
    let steps: String = steps.iter().enumerate().map(step).collect();
    if steps.is_empty() { steps } else { format!("\nWhat to do:\n{steps}") }
}

fn error(problem: &Problem) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("could not be read");
    status.set_message(plain::line(problem.why.as_bytes()));
    let mut case = TestCase::new(plain::text(&problem.what), status);
    case.set_classname("could not be read");
    case
}

fn notice(notice: &Notice) -> String {
    format!("{}: {}", plain::text(&notice.what), plain::line(notice.why.as_bytes()))
}

fn outcome(input: &Input<'_>) -> Vec<(&'static str, String)> {
    let report = input.report;
    let filtered = report.filtered + report.filtered_practices;
    let mut known = vec![
        ("complete", report.is_complete().to_string()),
        ("filtered", filtered.to_string()),
        ("found", found::Found::of(report).words()),
    ];
    known.extend(silence::words(report).map(|words| ("silenced", words)));
    known
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Notice, Problem, ProblemKind, Report, Text},
        report::{Format, Options, sample},
    };

    fn written(report: &Report, show_suppressed: bool) -> String {
        sample::written(Format::Junit, report, &Options { show_suppressed, ..Options::default() })
    }

    #[test]
    fn a_key_is_a_failure() {
        let report = sample::report();
        let text = written(&report, false);
        assert!(
            text.contains("<testsuite name=\"keylint\" tests=\"2\" skipped=\"0\" errors=\"0\" failures=\"2\">"),
            "{text}"
        );
        let case = format!(
            "<testcase name=\"sk-proj-…AbC9 {}\" classname=\"openai-project-key\">",
            report.findings[0].fingerprint
        );
        assert!(text.contains(&case), "{text}");
        let failure = "<failure message=\"OpenAI project API key sk-proj-…AbC9 in src/config.py:12:8\" \
                       type=\"critical\">src/config.py:12:8, in the work tree and in HEAD, since commit 0101010\n\
                       config/old.env:3:8, only in history, since commit 0404040\n\nWhat to do:\n1. Create a new key";
        assert!(text.contains(failure), "{text}");
        assert!(!text.contains("Ann"), "nobody is named: {text}");
    }

    #[test]
    fn a_way_of_handling_keys_is_a_failure_of_its_own() {
        let mut report = sample::with_practices();
        let fingerprint = report.findings[3].fingerprint;
        let text = written(&report, false);
        let case = format!("<testcase name=\"allowBrowser: !0 {fingerprint}\" classname=\"browser-allowed\">");
        assert!(text.contains(&case) && text.contains("failures=\"4\""), "{text}");
        let failure = "<failure message=\"SDK allowed to use a key in a browser: allowBrowser: !0 in web/a.ts:4:3\" \
                       type=\"high\">web/a.ts:4:3, in the work tree\nweb/a.ts:9:3, in the work tree\n\nWhat to do:";
        assert!(text.contains(failure), "{text}");
        let found = "<property name=\"found\" value=\"2 keys in 3 places and 2 lint findings in 3 places\"/>";
        assert!(text.contains(found) && !text.contains("no keys found"), "{text}");
        report.findings.truncate(2);
        assert!(written(&report, false).contains("<testcase name=\"no lint findings\"/>"));
        report.findings.clear();
        let text = written(&report, false);
        assert!(text.contains("\"no keys found\"/>") && text.contains("\"no lint findings\"/>"), "{text}");
    }

    #[test]
    fn no_keys_are_a_test_that_passed_and_a_gap_is_an_error() {
        let text = written(&Report::default(), false);
        assert!(text.contains("<testcase name=\"no keys found\"/>"), "{text}");
        let problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there")];
        let text = written(&Report { problems, ..Report::default() }, false);
        assert!(!text.contains("no keys found"), "{text}");
        let error = "<testcase name=\"object 1\" classname=\"could not be read\">";
        assert!(text.contains(error) && text.contains("<error message=\"not there\""), "{text}");
        assert!(
            text.contains("errors=\"1\"") && text.contains("<property name=\"complete\" value=\"false\"/>"),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_count_is_a_property_and_a_skipped_test_when_asked_for() {
        let mut report = sample::silenced();
        report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
        let text = written(&report, false);
        assert!(
            text.contains("<property name=\"silenced\" value=\"4 keys that do not count (1 there before, "),
            "{text}"
        );
        assert!(text.contains("<system-out>keylint.toml:3: it has expired</system-out>"), "{text}");
        assert!(!text.contains("<skipped"), "{text}");
        let text = written(&report, true);
        assert_eq!(text.matches("<skipped message=\"does not count: ").count(), 4, "{text}");
    }

    #[test]
    fn names_cannot_break_the_document() {
        let mut report = sample::report();
        report.findings[0].places[0].site = crate::model::Site::File { path: Text::from("]]>\"<&\u{0}\u{fffe}") };
        let text = written(&report, false);
        assert!(!text.contains("]]>\"<") && text.contains("]]&gt;"), "{text}");
        assert!(!text.contains(['\u{0}', '\u{fffe}']), "{text}");
    }
}
