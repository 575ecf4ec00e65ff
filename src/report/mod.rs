//! Reports as text: pure writers, one file or folder per format.
//!
//! Must not know: how anything was found, files, clocks, terminals, arguments. A writer shows what the
//! report holds; it decides nothing, and shows a secret only where [`Options::show_secrets`] says so.
//! Secrets within other texts were masked when the report was made.

mod advice;
mod coverage;
mod csv;
mod date;
mod dossier;
mod exposure;
mod found;
mod gaps;
mod github;
mod gitlab;
mod gitleaks;
pub mod help;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod markdown;
pub mod merge;
mod plain;
mod quantity;
mod replacements;
#[cfg(test)]
mod sample;
mod sarif;
mod silence;
mod story;
mod verdict;
mod view;
mod whereabouts;

use crate::{
    model::{Finding, Report, Verdict},
    rule::{Catalog, Rule, Step},
};
use std::{
    io::{self, BufWriter, Write},
    time::Duration,
};

/// The formats a report can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people, on a terminal or in a log.
    #[default]
    Human,
    /// One JSON object; `docs/report.md` specifies it.
    Json,
    /// One JSON object a line, for streams and `grep`; specified there too.
    Jsonl,
    /// SARIF 2.1.0, as GitHub's code scanning reads it.
    Sarif,
    /// Workflow commands, which GitHub Actions shows as annotations.
    Github,
    /// GitHub's Markdown, for the summary of a job.
    Markdown,
    /// One page for a browser, which needs nothing but itself.
    Html,
    /// GitLab's report of secret detection, version 15.2.5.
    Gitlab,
    /// A table: a row for each place.
    Csv,
    /// JUnit's XML, which CI servers show as tests.
    Junit,
    /// The JSON of gitleaks, for programs that read that.
    Gitleaks,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Human,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Markdown,
        Self::Html,
        Self::Gitlab,
        Self::Csv,
        Self::Junit,
        Self::Gitleaks,
    ];

    /// The format's name as written in flags.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Gitlab => "gitlab",
            Self::Csv => "csv",
            Self::Junit => "junit",
            Self::Gitleaks => "gitleaks",
        }
    }
}

/// What the reader wants. The JSON formats heed `show_secrets` and `show_suppressed` alone, so that equal
/// scans give equal bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether to show keys in clear. Other texts and snippets are then shown as the report holds them.
    pub show_secrets: bool,
    /// Whether to list what does not count; it is counted in any case.
    pub show_suppressed: bool,
    /// Whether to write ANSI escapes. Without them the text is the same.
    pub color: bool,
    /// How much to say.
    pub verbosity: Verbosity,
    /// How long the scan took, for the summary.
    pub elapsed: Option<Duration>,
    /// The time now, in seconds since 1970-01-01T00:00:00Z: tells `expired` from `expires`.
    pub now: Option<i64>,
    /// What GitHub tells uploads of one tool apart by. For SARIF.
    pub sarif_category: Option<String>,
}

/// How much the human report says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Verbosity {
    /// A few lines a key: no source lines, no advice.
    Quiet,
    /// Source lines of the first places, advice, long lists cut.
    #[default]
    Normal,
    /// Everything, however long.
    Verbose,
}

/// Writes `report` to `out`, buffered, and flushes it. `catalog` gives the names of the rules and what
/// to do; a finding whose rule it lacks goes by the rule's id.
///
/// # Errors
/// What `out` says, a closed pipe among it; some of the report may have been written then.
pub fn write(
    format: Format,
    report: &Report,
    catalog: &Catalog,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let input = Input { report, catalog, options };
    let mut out = BufWriter::new(out);
    match format {
        Format::Human => human::write(&input, &mut out)?,
        Format::Json => json::write(&input, &mut out)?,
        Format::Jsonl => jsonl::write(&input, &mut out)?,
        Format::Sarif => sarif::write(&input, &mut out)?,
        Format::Github => github::write(&input, &mut out)?,
        Format::Markdown => markdown::write(&input, &mut out)?,
        Format::Html => html::write(&input, &mut out)?,
        Format::Gitlab => gitlab::write(&input, &mut out)?,
        Format::Csv => csv::write(&input, &mut out)?,
        Format::Junit => junit::write(&input, &mut out)?,
        Format::Gitleaks => gitleaks::write(&input, &mut out)?,
    }
    out.flush()
}

/// All that is known of one finding of `report`, for people.
///
/// # Errors
/// What `out` says.
pub fn story(
    finding: &Finding,
    report: &Report,
    catalog: &Catalog,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    human::story(&Input { report, catalog, options }, finding, out)
}

/// Writes to `out` what `git filter-repo --replace-text` takes to put a mark in the place of every key of `report`: the
/// keys in clear, so `out` is for the user's eyes alone.
///
/// # Errors
/// What `out` says.
pub fn replacements(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    replacements::write(report, out)
}

/// One key and whether it works, in a few lines for people.
#[must_use]
pub fn verdict_for_people(finding: &Finding, rule: &Rule, known: &Verdict) -> String {
    let mut out = format!("{} {}: {}\n", rule.name, finding.subject.shown(), verdict::words(known));
    out.push_str(&format!("  fingerprint {}\n", finding.fingerprint));
    out.extend(verdict::source(known).map(|source| format!("  {source}\n")));
    out.extend(verdict::access(known).into_iter().map(|access| format!("  opens {access}\n")));
    out
}

/// The same as one JSON object and a newline; `docs/report.md` specifies it.
#[must_use]
pub fn verdict_as_json(finding: &Finding, known: &Verdict) -> String {
    let object = view::Verified::of(finding, known);
    serde_json::to_string_pretty(&object).unwrap_or_default() + "\n"
}

/// What every writer is given.
struct Input<'a> {
    report: &'a Report,
    catalog: &'a Catalog,
    options: &'a Options,
}

impl<'a> Input<'a> {
    fn rule(&self, finding: &Finding) -> Option<&'a Rule> {
        self.catalog.get(&finding.rule)
    }

    fn rule_name(&self, finding: &'a Finding) -> &'a str {
        self.rule(finding).map_or(&finding.rule, |rule| &rule.name)
    }

    /// The findings that are secrets.
    fn keys(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.report.findings.iter().filter(|finding| finding.secret().is_some())
    }

    /// The findings that are ways of handling secrets.
    fn practices(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.report.findings.iter().filter(|finding| finding.secret().is_none())
    }

    /// Whether the key works, if that was asked.
    fn verdict(&self, finding: &Finding) -> Option<&'a Verdict> {
        self.report.verdicts.get(&finding.fingerprint)
    }

    /// What to do, which begins with the key itself if it works.
    fn steps(&self, finding: &Finding) -> Vec<Step> {
        let mut steps = self.rule(finding).map(|rule| rule.rotate.clone()).unwrap_or_default();
        if self.verdict(finding).is_some_and(|verdict| verdict.state.is_live()) {
            let url = steps.iter().find_map(|step| step.url.clone());
            steps.insert(0, Step { text: "It works: revoke it now, before anything else.".to_owned(), url });
        }
        steps
    }

    /// What a finding is, on one line: what it is called, and the key or what was seen.
    fn title(&self, finding: &'a Finding) -> String {
        let joint = if finding.secret().is_some() { " " } else { ": " };
        format!("{}{joint}{}", plain::line(self.rule_name(finding).as_bytes()), self.key(finding))
    }

    /// The key itself, within one line: its mask, or in clear where that was asked for. What was seen, where it is none.
    fn key(&self, finding: &Finding) -> String {
        match finding.secret().filter(|_| self.options.show_secrets) {
            Some(secret) => plain::line(secret.expose()),
            None => plain::line(finding.subject.shown().as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        History, Identity, Note, Notice, Practice, Problem, ProblemKind, Pushed, Repository, Silence, Silenced, Site,
        State, Subject, Text,
    };
    use std::sync::Arc;

    /// Every format and verbosity, with and without colour, and all that is known of the first key.
    fn all(report: &Report, show_secrets: bool) -> Vec<String> {
        let mut out = Vec::new();
        for &format in Format::ALL {
            for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
                for color in [false, true] {
                    let options = Options { show_secrets, color, verbosity, ..Options::default() };
                    out.push(sample::written(format, report, &options));
                }
            }
        }
        if let Some(finding) = report.findings.first() {
            let options = Options { show_secrets, ..Options::default() };
            let mut told = Vec::new();
            story(finding, report, &sample::catalog(), &options, &mut told).expect("memory takes everything");
            out.push(String::from_utf8(told).expect("text"));
        }
        out
    }

    /// A report in which every text from outside says `text`.
    fn saying(text: &[u8]) -> Report {
        let mut report = sample::with_practices();
        let word = || Text::from(text);
        for nth in [2, 3] {
            let what = String::from_utf8_lossy(text).into_owned();
            report.findings[nth].subject = Subject::Practice(Practice { what, key: None });
            report.findings[nth].places[0].site = Site::File { path: word() };
        }
        report.repositories = vec![Repository { name: word(), folder: word() }; 2];
        report.problems = vec![
            Problem::new(ProblemKind::Unreadable, word(), String::from_utf8_lossy(text)),
            Problem::new(ProblemKind::Missing, word(), String::from_utf8_lossy(text)),
        ];
        (report.stand_in, report.here) = (Some(word()), Some(word()));
        report.notices = vec![Notice { what: word(), why: String::from_utf8_lossy(text).into_owned() }];
        let said = || String::from_utf8_lossy(text).into_owned();
        let access = vec![crate::model::Access { name: said(), values: vec![said()], more: false }];
        let verdict = Verdict { request: Some(said()), access, ..Verdict::unasked(State::Live, said(), 0) };
        report.verdicts.insert(report.findings[0].fingerprint, verdict);
        report.silenced = sample::silenced().silenced;
        report.silenced.push(Silenced {
            finding: report.findings[0].clone(),
            why: Silence::Inline { marker: String::from_utf8_lossy(text).into_owned(), reason: word() },
        });
        let words = || Some(String::from_utf8_lossy(text).into_owned());
        report.silenced.push(Silenced {
            finding: report.findings[0].clone(),
            why: Silence::Allowed { reason: words().unwrap_or_default(), owner: words(), until: words() },
        });
        let finding = &mut report.findings[0];
        finding.notes = vec![Note::Issuer { issuer: String::from_utf8_lossy(text).into_owned() }];
        let sites = [
            Site::File { path: word() },
            Site::FileName { path: word() },
            Site::Commit { id: sample::id(3), part: word() },
            Site::RefName { name: word() },
            Site::GitFile { path: word() },
        ];
        let place = finding.places[0].clone();
        finding.places = sites.into_iter().map(|site| crate::model::Place { site, ..place.clone() }).collect();
        for place in &mut finding.places {
            let info = place.introduced.as_mut().expect("the sample has one");
            (info.author, info.email, info.subject) = (word(), word(), word());
        }
        finding.histories = vec![Arc::new(history_of(&word()))];
        report
    }

    /// A story in which every text from outside is `word`.
    fn history_of(word: &Text) -> History {
        let mut history = (*sample::with_histories().findings[0].histories[0]).clone();
        let who = || Identity { name: word.clone(), email: word.clone() };
        for event in history.introduced.iter_mut().chain(&mut history.removed).chain(&mut history.last) {
            (event.committer, event.path) = (who(), Some(word.clone()));
            (event.commit.author, event.commit.email, event.commit.subject) =
                (word.clone(), word.clone(), word.clone());
        }
        history.people.iter_mut().for_each(|person| person.identity = who());
        history.refs.iter_mut().for_each(|reach| reach.name = word.clone());
        history.pushed = Pushed::Yes(vec![word.clone()]);
        history
    }

    #[test]
    fn no_format_shows_a_secret_that_does_not_count() {
        let report = sample::silenced();
        for &format in Format::ALL {
            let options = Options { show_suppressed: true, ..Options::default() };
            let text = sample::written(format, &report, &options);
            for silenced in &report.silenced {
                let secret = silenced.finding.secret().expect("a key");
                assert!(!text.contains(String::from_utf8_lossy(secret.expose()).as_ref()), "{text}");
                assert!(text.contains(&secret.masked()), "{text}");
            }
        }
    }

    #[test]
    fn every_format_tells_whether_a_key_works() {
        let mut report = sample::report();
        let verdict = Verdict {
            request: Some("GET https://x.example/v1".into()),
            status: Some(200),
            ..Verdict::unasked(State::LiveLimited, "it lacks money", 0)
        };
        report.verdicts.insert(report.findings[0].fingerprint, verdict);
        for &format in Format::ALL {
            let text = sample::written(format, &report, &Options::default());
            let state =
                text.contains("live-limited") || text.contains("live, limited") || text.contains("live, limited&");
            assert!(state, "{text}");
            let steps = ["csv", "gitleaks"].iter().any(|name| format!("{format:?}").eq_ignore_ascii_case(name));
            assert!(
                steps
                    || text.contains("It works: revoke it now")
                    || text.contains("It works&#58; revoke it now")
                    || text.contains("It works<span>&#58;</span> revoke it now"),
                "{text}"
            );
        }
    }

    #[test]
    fn every_format_but_those_of_secrets_tells_how_keys_are_handled() {
        let report = sample::with_practices();
        for &format in Format::ALL {
            let text = sample::written(format, &report, &Options::default());
            let told = text.contains("web/a.ts") && text.contains(sample::LINT);
            let is_of_secrets = matches!(format, Format::Gitlab | Format::Gitleaks);
            assert_ne!(told, is_of_secrets, "{text}");
            let is_counted = text.contains("2 lint findings in 3 places") || text.contains("\"hygiene\"");
            assert!(is_counted || matches!(format, Format::Gitleaks | Format::Sarif), "{text}");
        }
    }

    #[test]
    fn every_format_counts_what_does_not_count_if_it_can() {
        for &format in Format::ALL.iter().filter(|format| **format != Format::Gitleaks) {
            let text = sample::written(format, &sample::silenced(), &Options::default());
            let counted = ["4 keys that do not count", "\"baseline\":1", "\"baseline\": 1"];
            assert!(counted.iter().any(|count| text.contains(count)), "{text}");
        }
    }

    #[test]
    fn no_format_shows_a_secret_unasked() {
        let report = sample::report();
        let secret = report.findings[0].secret().expect("a key");
        let exposed = String::from_utf8_lossy(secret.expose()).into_owned();
        for text in all(&report, false) {
            assert!(!text.contains(&exposed), "{text}");
            assert!(text.contains(&secret.masked()), "{text}");
        }
    }

    #[test]
    fn every_format_shows_a_secret_when_asked() {
        let report = sample::report();
        let exposed = String::from_utf8_lossy(report.findings[0].secret().expect("a key").expose()).into_owned();
        for text in all(&report, true) {
            assert!(text.contains(&exposed), "{text}");
        }
    }

    #[test]
    fn nothing_from_outside_reaches_the_terminal_raw() {
        let hostile = "a\u{1b}[2J\u{7}\r\nb\tc\u{7f}\u{9b}31m\u{202e}d\u{200b}\u{e0041}";
        for report in [saying(hostile.as_bytes()), saying(b"\x1b]0;x\x07\xff\x9b")] {
            for &format in Format::ALL {
                let options = Options { show_suppressed: true, ..Options::default() };
                let text = sample::written(format, &report, &options);
                let raw = text.chars().find(|c| c.is_control() && *c != '\n');
                assert_eq!(raw, None, "{text}");
                assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{e0041}']), "{text}");
            }
        }
    }

    #[test]
    fn a_newline_from_outside_opens_no_line() {
        let text = sample::written(Format::Human, &saying(b"x\nno keys found"), &Options::default());
        assert!(!text.lines().any(|line| line.starts_with("no keys found")), "{text}");
    }

    #[test]
    fn an_error_of_the_output_is_handed_on() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for &format in Format::ALL {
            let result = write(format, &sample::report(), &sample::catalog(), &Options::default(), &mut Closed);
            assert_eq!(result.expect_err("closed").kind(), io::ErrorKind::BrokenPipe);
        }
    }

    #[test]
    fn a_finding_of_an_unknown_rule_goes_by_its_id() {
        for &format in Format::ALL {
            let mut out = Vec::new();
            write(format, &sample::report(), &Catalog::default(), &Options::default(), &mut out).expect("to memory");
            let text = String::from_utf8(out).expect("UTF-8");
            assert!(text.contains("openai-project-key"), "{text}");
        }
    }
}
