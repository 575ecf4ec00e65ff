//! A report as workflow commands, which GitHub Actions shows as annotations, and a line that tells the rest.
//! Must not know whether GitHub reads it.

use super::{
    Input, date,
    found::{self, Found},
    plain,
    quantity::count,
    silence, verdict, whereabouts,
};
use crate::model::{Finding, Notice, Place, Problem, Severity, Site};
use std::io::{self, Write};

/// GitHub shows this many annotations of each level for a step, the first ones.
const SHOWN: usize = 10;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = input.report;
    let of = |level: Level| {
        let findings = input.keys().chain(input.practices());
        let findings = findings.filter(move |finding| self::level(finding.severity) == level);
        findings.filter_map(|finding| annotation(input, finding))
    };
    let mut levels = [of(Level::Error).collect(), of(Level::Warning).collect(), of(Level::Notice).collect::<Vec<_>>()];
    // Of the warnings, one place is kept for gaps: a report that does not mention them looks whole.
    let gaps: Vec<String> = report.problems.iter().map(problem).chain(report.notices.iter().map(notice)).collect();
    let at = levels[1].len().min(SHOWN - usize::from(!gaps.is_empty()));
    levels[1].splice(at..at, gaps);
    for annotation in levels.iter().flat_map(|level| level.iter().take(SHOWN)) {
        writeln!(out, "{annotation}")?;
    }
    if input.options.show_suppressed {
        // No commands: what does not count is worth no annotation.
        for silenced in &report.silenced {
            let place = whereabouts::shown(report, &silenced.finding.places);
            let (key, why) = (input.key(&silenced.finding), silence::reason(&silenced.why));
            writeln!(out, "keylint: does not count: {key} in {place}: {why}")?;
        }
    }
    writeln!(out, "{}", last_line(input, levels.iter().map(|level| level.len().saturating_sub(SHOWN)).sum()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Note => Level::Notice,
    }
}

fn annotation(input: &Input<'_>, finding: &Finding) -> Option<String> {
    let place = whereabouts::best(&finding.places)?;
    let name = plain::line(input.rule_name(finding).as_bytes());
    let mut properties = properties(input, place);
    properties.push(format!("title={}", property(&format!("{name} ({})", plain::line(finding.rule.as_bytes())))));
    let mut message = format!("{} in {}", input.key(finding), whereabouts::heading(input.report, place));
    let since = place.introduced.as_ref().map(|info| {
        let day = date::day(info.time, info.offset_minutes);
        format!("since commit {} of {day}", info.id.short())
    });
    for fact in whereabouts::facts(place).chain(since) {
        message.push_str(&format!(", {fact}"));
    }
    let more = finding.places.len() - 1;
    if more > 0 {
        message.push_str(&format!(", and in {}", count(more as u64, "more place", "more places")));
    }
    if let Some(verdict) = input.verdict(finding) {
        message.push_str(&format!(" ({})", verdict::words(verdict)));
    }
    if let Some(step) = input.steps(finding).first() {
        message.push_str(&format!(".\n{}", plain::line(step.text.as_bytes())));
        message.extend(step.url.iter().map(|url| format!(" {}", plain::line(url.as_bytes()))));
    }
    Some(command(level(finding.severity), &properties, &message))
}

/// The file and where in it, as far as that means something.
fn properties(input: &Input<'_>, place: &Place) -> Vec<String> {
    let path = whereabouts::path(input.report, place);
    let Some(path) = path.filter(|_| matches!(place.site, Site::File { .. } | Site::FileName { .. })) else {
        return vec![];
    };
    let mut properties = vec![format!("file={}", property(&plain::line(&path)))];
    let position = place.position;
    if matches!(place.site, Site::File { .. }) {
        properties.push(format!("line={}", position.line));
        // Columns across lines are refused.
        if position.line == position.end_line {
            properties.push(format!("col={}", position.column));
            properties.push(format!("endLine={},endColumn={}", position.end_line, position.end_column));
        } else {
            properties.push(format!("endLine={}", position.end_line));
        }
    }
    properties
}

fn problem(problem: &Problem) -> String {
    let message = format!("{}: {}", plain::text(&problem.what), plain::line(problem.why.as_bytes()));
    command(Level::Warning, &["title=Could not be read".to_owned()], &message)
}

fn notice(notice: &Notice) -> String {
    let message = format!("{}: {}", plain::text(&notice.what), plain::line(notice.why.as_bytes()));
    command(Level::Warning, &["title=To be mended".to_owned()], &message)
}

/// No command, so that it is not counted: a plain line of the log.
fn last_line(input: &Input<'_>, more: usize) -> String {
    let report = input.report;
    let found = Found::of(report).words();
    let incomplete = (!report.is_complete()).then(|| {
        let things = count(report.problems.len() as u64, "thing", "things");
        format!("incomplete: {things} could not be read")
    });
    let more = (more > 0).then(|| format!("{more} more than GitHub shows as annotations"));
    let parts = [incomplete, more, silence::words(report), found::filtered(report)].into_iter().flatten();
    format!("keylint: {}", [found].into_iter().chain(parts).collect::<Vec<_>>().join("; "))
}

fn command(level: Level, properties: &[String], message: &str) -> String {
    format!("::{} {}::{}", level.as_str(), properties.join(","), data(message))
}

/// A message, in which line ends and the escape itself are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Notice, Place, Problem, ProblemKind, Report, Severity, Site, Text},
        report::{Format, Options, sample},
    };

    fn lines(report: &Report) -> Vec<String> {
        let text = sample::written(Format::Github, report, &Options::default());
        text.lines().map(str::to_owned).collect()
    }

    fn first(change: impl FnOnce(&mut Place)) -> String {
        let mut report = sample::report();
        report.findings[0].places.truncate(1);
        change(&mut report.findings[0].places[0]);
        lines(&report).remove(0)
    }

    #[test]
    fn a_key_is_an_annotation_where_it_stands() {
        let lines = lines(&sample::report());
        let expected = "::error file=src/config.py,line=12,col=8,endLine=12,endColumn=46,title=OpenAI project API key \
                        (openai-project-key)::sk-proj-…AbC9 in src/config.py:12:8, in the work tree and in HEAD, since \
                        commit 0101010 of 2024-05-02, and in 1 more place.%0ACreate a new key";
        assert!(lines[0].starts_with(expected), "{}", lines[0]);
        assert!(
            lines[1].starts_with("::error title=OpenAI user API key (openai-user-key)::sk-None-…Wxyz in message of")
        );
        assert_eq!(lines[2..], ["keylint: 2 keys in 3 places"]);
    }

    #[test]
    fn a_way_of_handling_keys_is_annotated_after_the_keys() {
        let mut report = sample::with_practices();
        report.findings.rotate_left(2);
        let lines = lines(&report);
        assert!(lines[0].contains("openai-project-key"), "{}", lines[0]);
        let expected = "::error file=src/config.py,line=11,col=3,endLine=11,endColumn=21,title=SDK allowed to use a key in \
                        a browser (browser-allowed)::allowBrowser: true in src/config.py:11:3, in the work tree.%0ACall";
        assert!(lines[2].starts_with(expected), "{}", lines[2]);
        assert_eq!(lines[4..], ["keylint: 2 keys in 3 places and 2 lint findings in 3 places"]);
    }

    #[test]
    fn what_ends_a_property_or_a_command_is_escaped() {
        let line = first(|place| place.site = Site::File { path: Text::from("a,b:c%\nd::error::e") });
        assert!(line.starts_with("::error file=a%2Cb%3Ac%25\\u{a}d%3A%3Aerror%3A%3Ae,line=12,"), "{line}");
        assert!(line.contains(" in a,b:c%25\\u{a}d::error::e:12:8, "), "{line}");
    }

    #[test]
    fn a_position_is_given_as_far_as_it_means_something() {
        let line = first(|place| place.position.end_line = 14);
        assert!(line.starts_with("::error file=src/config.py,line=12,endLine=14,title="), "{line}");
        let line = first(|place| place.site = Site::FileName { path: Text::from("a") });
        assert!(line.starts_with("::error file=a,title="), "{line}");
        let line = first(|place| place.site = Site::GitFile { path: Text::from("config") });
        assert!(line.starts_with("::error title="), "{line}");
    }

    #[test]
    fn only_as_many_as_github_shows_and_the_worst_first() {
        let mut report = sample::report();
        let finding = report.findings[1].clone();
        let of = |severity, count| vec![crate::model::Finding { severity, ..finding.clone() }; count];
        report.findings.extend(of(Severity::High, 15));
        report.findings.extend(of(Severity::Medium, 11));
        report.findings.extend(of(Severity::Note, 11));
        report.problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there"); 3];
        let lines = lines(&report);
        let count = |level: &str| lines.iter().filter(|line| line.starts_with(level)).count();
        assert_eq!([count("::error "), count("::warning "), count("::notice ")], [10, 10, 10]);
        assert!(lines[0].contains("openai-project-key"), "{}", lines[0]);
        assert_eq!(lines[19], "::warning title=Could not be read::object 1: not there");
        let last = "keylint: 39 keys in 40 places; incomplete: 3 things could not be read; \
                    12 more than GitHub shows as annotations";
        assert_eq!(lines[30..], [last]);
    }

    #[test]
    fn what_is_no_key_is_told_too() {
        let mut report = sample::silenced();
        report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
        report.filtered = 2;
        let lines = lines(&report);
        assert_eq!(lines[0], "::warning title=To be mended::keylint.toml:3: it has expired");
        assert!(
            lines[1].starts_with("keylint: no keys found; 4 keys that do not count (1 there before, "),
            "{}",
            lines[1]
        );
        assert!(lines[1].ends_with("; 2 keys left out by filters"), "{}", lines[1]);
        let options = Options { show_suppressed: true, ..Options::default() };
        let text = sample::written(Format::Github, &report, &options);
        let listed = "\nkeylint: does not count: sk-proj-…AbC9 in src/config.py:12:8: was there before\n";
        assert!(text.contains(listed), "{text}");
    }
}
