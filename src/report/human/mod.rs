//! A report for people: each key with its places and how it is handled there, other ways of handling keys, what does
//! not count, what to do, what could not be read, a summary line.
//! Must not know whether anybody's terminal is at the other end, beyond the colour asked for.

mod history;
mod notices;
mod paint;
mod place;
mod problems;
mod silenced;
mod snippet;
mod steps;
mod summary;

use super::{
    Input, Verbosity, date, plain, quantity,
    story::{self, Story},
    verdict,
};
use crate::model::{Finding, Note, Place};
use paint::Paint;
use std::io::{self, Write};

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { input, paint: Paint::new(input.options.color), limits: Limits::of(input.options.verbosity) };
    let story = Story::of(input.report);
    for (key, practices) in &story.keys {
        page.finding(key, out)?;
        page.handled(key, practices, out)?;
        writeln!(out)?;
    }
    for practice in &story.alone {
        page.finding(practice, out)?;
        writeln!(out)?;
    }
    silenced::write(&page, out)?;
    if page.limits.steps {
        steps::write(&page, out)?;
    }
    problems::write(&page, out)?;
    notices::write(&page, out)?;
    summary::write(&page, out)
}

/// All that is known of one finding.
pub(super) fn story(input: &Input<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { input, paint: Paint::new(input.options.color), limits: Limits::of(Verbosity::Verbose) };
    if finding.secret().is_some() { history::all(&page, finding, out) } else { page.finding(finding, out) }
}

/// What each part of the report is written with.
struct Page<'a> {
    input: &'a Input<'a>,
    paint: Paint,
    limits: Limits,
}

/// Where lists are cut, so that one key in a thousand places does not hide the next.
#[derive(Clone, Copy)]
struct Limits {
    /// Places of a finding that are shown with their line.
    snippets: usize,
    /// Places of a finding, those included; as many lint findings of a key.
    places: usize,
    /// Problems, about evenly of each kind; as many notices and keys that do not count.
    problems: usize,
    /// Whether to say what to do.
    steps: bool,
    /// Steps of a lint, of which there may be many.
    fixes: usize,
    /// Keys whose own steps are told.
    advice: usize,
}

impl Limits {
    const fn of(verbosity: Verbosity) -> Self {
        match verbosity {
            Verbosity::Quiet => Self { snippets: 0, places: 3, problems: 5, steps: false, fixes: 0, advice: 0 },
            Verbosity::Normal => Self { snippets: 3, places: 10, problems: 20, steps: true, fixes: 1, advice: 3 },
            Verbosity::Verbose => {
                let all = usize::MAX;
                Self { snippets: all, places: all, problems: all, steps: true, fixes: all, advice: all }
            }
        }
    }
}

impl Page<'_> {
    fn finding(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.headline(finding, out)?;
        for note in &finding.notes {
            writeln!(out, "  {}", self.note(note))?;
        }
        history::lines(self, finding, out)?;
        let shown = &finding.places[..finding.places.len().min(self.limits.places)];
        let (blocks, lines) = shown.split_at(shown.len().min(self.limits.snippets));
        for place in blocks {
            writeln!(out)?;
            place::block(self, finding.severity, place, out)?;
        }
        if !blocks.is_empty() && !lines.is_empty() {
            writeln!(out)?;
        }
        for place in lines {
            place::line(self, place, out)?;
        }
        let left = finding.places.len() - shown.len();
        if left > 0 {
            let places = quantity::count(left as u64, "more place", "more places");
            writeln!(out, "  … and {places} (all of them: --format json)")?;
        }
        Ok(())
    }

    /// How `key` is handled where it stands, a line each.
    fn handled(&self, key: &Finding, practices: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
        if self.limits.snippets > 0 && !practices.is_empty() {
            writeln!(out)?;
        }
        let (shown, left) = practices.split_at(practices.len().min(self.limits.places));
        for practice in shown {
            writeln!(out, "  {}", self.practice(key, practice))?;
        }
        if !left.is_empty() {
            let findings = quantity::count(left.len() as u64, "more lint finding", "more lint findings");
            writeln!(out, "  … and {findings} (all of them: --verbose)")?;
        }
        Ok(())
    }

    /// What `practice` says of `key`, in a line.
    fn practice(&self, key: &Finding, practice: &Finding) -> String {
        let name = plain::line(self.input.rule_name(practice).as_bytes());
        let more = story::more(self.input, key, practice).map(|more| format!(" · {more}")).unwrap_or_default();
        format!("{}: {name}{}", self.rule(practice), self.paint.faint(&more))
    }

    /// `high[some-rule]`
    fn rule(&self, finding: &Finding) -> String {
        let rule = format!("{}[{}]", finding.severity, plain::line(finding.rule.as_bytes()));
        self.paint.severity(finding.severity, &rule)
    }

    fn headline(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let name = plain::line(self.input.rule_name(finding).as_bytes());
        let key = finding.secret().map(|_| format!(" {}", self.input.key(finding))).unwrap_or_default();
        writeln!(out, "{}{}", self.rule(finding), self.paint.strong(&format!(": {name}{key}")))?;
        let known = [
            self.seen(finding),
            self.about(finding),
            Some(format!("confidence {}", finding.confidence)),
            Some(format!("fingerprint {}", finding.fingerprint)),
        ];
        writeln!(out, "  {}", known.into_iter().flatten().collect::<Vec<_>>().join(" · "))?;
        let Some(known) = self.input.verdict(finding) else { return Ok(()) };
        let words = verdict::words(known);
        let words = if known.state.is_live() { self.paint.severity(finding.severity, &words) } else { words };
        let facts = std::iter::once(words).chain(verdict::source(known)).collect::<Vec<_>>().join(" · ");
        writeln!(out, "  {facts}")?;
        for access in verdict::access(known) {
            writeln!(out, "  opens {access}")?;
        }
        Ok(())
    }

    /// What was seen of a practice, unless a line that is shown has the same.
    fn seen(&self, finding: &Finding) -> Option<String> {
        let seen = finding.secret().is_none().then(|| self.input.key(finding))?;
        let shows =
            |place: &Place| place.snippet.text.get(place.snippet.start..place.snippet.end) == Some(seen.as_str());
        let is_shown = finding.places.iter().take(self.limits.snippets).any(shows);
        (!is_shown && !seen.is_empty()).then_some(seen)
    }

    /// Which key a practice is about, where that key is in the report.
    fn about(&self, finding: &Finding) -> Option<String> {
        let about = story::about(finding)?;
        let key = self.input.keys().find(|key| key.fingerprint == about)?;
        Some(format!("about {}", self.input.key(key)))
    }

    fn note(&self, note: &Note) -> String {
        match note {
            Note::UnusualShape => "unusual shape: cut, edited or a new form".to_owned(),
            Note::Expires { at } => {
                let past = self.input.options.now.is_some_and(|now| *at <= now);
                format!("{} {}", if past { "expired" } else { "expires" }, date::day(*at, 0))
            }
            Note::Issuer { issuer } => format!("issued by {}", plain::line(issuer.as_bytes())),
        }
    }
}

/// The first `max` characters of `text`, and an ellipsis where that is not all of it.
fn cut(text: String, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Report, Severity},
        report::{Format, Options, sample},
    };

    fn text(report: &Report, options: &Options) -> String {
        sample::written(Format::Human, report, options)
    }

    #[test]
    fn a_report_reads_like_this() {
        let report = sample::report();
        let fingerprints = [0, 1].map(|n| report.findings[n].fingerprint);
        let text = text(&report, &Options::default());
        let (findings, rest) = text.split_once("What to do\n").expect("advice");
        let expected = format!(
            r#"critical[openai-project-key]: OpenAI project API key sk-proj-…AbC9
  confidence high · fingerprint {}

  src/config.py:12:8
    12 | KEY = "sk-proj-…AbC9"
       |        ^^^^^^^^^^^^^
    in the work tree and in HEAD
    since 0101010, 2024-05-02, Ann Lee <ann@example.com>: Add the config

  config/old.env:3:8
    3 | KEY = "sk-proj-…AbC9"
      |        ^^^^^^^^^^^^^
    only in history
    since 0404040, 2020-09-13, Ann Lee <ann@example.com>: Add the config

critical[openai-user-key]: OpenAI user API key sk-None-…Wxyz
  confidence high · fingerprint {}

  message of commit 0505050, line 5, column 8
    5 | KEY = "sk-None-…Wxyz"
      |        ^^^^^^^^^^^^^
    2023-11-15, Ann Lee <ann@example.com>: Add the config

"#,
            fingerprints[0], fingerprints[1]
        );
        assert_eq!(findings, expected);
        let last = "2 keys in 3 places · 12 files (3.4 MB) and 2 objects of 1 commit (1.8 kB) read";
        assert_eq!(rest.lines().last(), Some(last));
    }

    #[test]
    fn ways_of_handling_a_key_are_told_with_it_and_others_after_all_keys() {
        let report = sample::with_practices();
        let text = text(&report, &Options::default());
        let told = "    since 0404040, 2020-09-13, Ann Lee <ann@example.com>: Add the config

  high[browser-allowed]: SDK allowed to use a key in a browser · src/config.py:11:3

critical[openai-user-key]: ";
        assert!(text.contains(told), "{text}");
        let alone = format!(
            "high[browser-allowed]: SDK allowed to use a key in a browser
  confidence high · fingerprint {}

  web/a.ts:4:3
    4 | f(allowBrowser: !0)
      |   ^^^^^^^^^^^^^^^^
    in the work tree

  web/a.ts:9:3
    9 | f(allowBrowser: !0)
      |   ^^^^^^^^^^^^^^^^
    in the work tree

What to do
",
            report.findings[3].fingerprint
        );
        assert!(text.contains(&alone), "{text}");
        assert_eq!(text.matches("allowBrowser: true").count(), 0, "told without a line of its own");
        let last = "2 keys in 3 places and 2 lint findings in 3 places · 12 files";
        assert!(text.lines().last().is_some_and(|line| line.starts_with(last)), "{text}");
    }

    #[test]
    fn quiet_says_in_few_lines_what_was_seen() {
        let mut report = sample::with_practices();
        let of = |report: &Report| text(report, &Options { verbosity: Verbosity::Quiet, ..Options::default() });
        let quiet = of(&report);
        let key = "  config/old.env:3:8 · only in history · since 0404040, 2020-09-13, Ann Lee <ann@example.com>
  high[browser-allowed]: SDK allowed to use a key in a browser · src/config.py:11:3

";
        assert!(quiet.contains(key), "{quiet}");
        let alone = format!(
            "high[browser-allowed]: SDK allowed to use a key in a browser
  allowBrowser: !0 · confidence high · fingerprint {}
  web/a.ts:4:3 · in the work tree
  web/a.ts:9:3 · in the work tree

",
            report.findings[3].fingerprint
        );
        assert!(quiet.contains(&alone), "{quiet}");
        report.findings[2].places[0].repository = None;
        assert!(
            of(&report).contains("  allowBrowser: true · about sk-proj-…AbC9 · confidence high"),
            "{}",
            of(&report)
        );
        report.findings[2].places[0].repository = Some(0);
        report.findings.extend(vec![report.findings[2].clone(); 6]);
        assert!(of(&report).contains("\n  … and 4 more lint findings (all of them: --verbose)\n"), "{}", of(&report));
    }

    #[test]
    fn colour_adds_escapes_and_changes_nothing_else() {
        let mut report = sample::with_practices();
        report.findings[1].severity = Severity::Low;
        report.problems.push(crate::model::Problem::new(crate::model::ProblemKind::Limit, "a", "too large"));
        for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
            let of = |color| text(&report, &Options { color, verbosity, ..Options::default() });
            assert!(!of(false).contains('\u{1b}') && of(true).contains('\u{1b}'));
            assert_eq!(anstream::adapter::strip_str(&of(true)).to_string(), of(false));
        }
    }

    #[test]
    fn first_places_come_with_their_line_then_one_line_each_then_a_count() {
        let mut report = sample::report();
        report.findings.truncate(1);
        report.findings[0].places = vec![report.findings[0].places[0].clone(); 41];
        let of = |verbosity| text(&report, &Options { verbosity, ..Options::default() });
        let normal = of(Verbosity::Normal);
        assert_eq!(normal.matches("12 | KEY").count(), 3);
        assert_eq!(normal.matches("src/config.py:12:8").count(), 10);
        assert!(normal.contains("\n  … and 31 more places (all of them: --format json)\n"), "{normal}");
        let quiet = of(Verbosity::Quiet);
        assert_eq!((quiet.matches(" | ").count(), quiet.matches("config.py").count()), (0, 3));
        assert!(!quiet.contains("What to do"), "{quiet}");
        let verbose = of(Verbosity::Verbose);
        assert_eq!(verbose.matches("12 | KEY").count(), 41);
        assert!(!verbose.contains("more place"), "{verbose}");
    }

    #[test]
    fn notes_stand_below_the_headline() {
        let mut report = sample::report();
        let issuer = "https://auth.example".to_owned();
        report.findings[0].notes =
            vec![Note::UnusualShape, Note::Expires { at: 1_767_225_600 }, Note::Issuer { issuer }];
        let of = |now| text(&report, &Options { now, ..Options::default() });
        let notes =
            "  unusual shape: cut, edited or a new form\n  expires 2026-01-01\n  issued by https://auth.example\n";
        assert!(of(None).contains(notes) && of(Some(1_767_225_599)).contains(notes));
        assert!(of(Some(1_767_225_600)).contains("  expired 2026-01-01\n"));
    }

    #[test]
    fn an_empty_report_is_one_line() {
        let text = text(&Report::default(), &Options::default());
        assert_eq!(text, "no keys found · nothing read\n");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("äöü".to_owned(), 3), "äöü");
        assert_eq!(cut("äöüß".to_owned(), 3), "äöü…");
    }
}
