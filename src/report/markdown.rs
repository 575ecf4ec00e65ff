//! A report as GitHub's Markdown, for the summary of a job or a comment. Must not know where it is shown.

use super::{
    Input, date,
    found::{self, Found},
    plain,
    quantity::{count, listed as sentence},
    silence,
    story::{self, Story},
    verdict, whereabouts,
};
use crate::{
    model::{Finding, Place, Report},
    rule::{Rule, Step},
};
use std::io::{self, Write};

/// GitHub drops a whole summary of more than this many bytes.
const LIMIT: usize = 1024 * 1024;
/// What the parts besides the findings may take of it, each.
const PART: usize = LIMIT / 16;
/// Places of a finding, and lines of lists, that are shown.
const PLACES: usize = 20;
const LINES: usize = 100;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = input.report;
    let head = head(report);
    let tail = [silenced(input), steps(input), problems(report), notices(report)].map(|part| cut(part, PART)).concat();
    let budget = LIMIT - PART - head.len() - tail.len();
    let story = Story::of(report);
    let alone = story.alone.into_iter().map(|practice| (practice, Vec::new()));
    let told: Vec<(&Finding, Vec<&Finding>)> = story.keys.into_iter().chain(alone).collect();
    let (mut findings, mut shown) = (String::new(), 0);
    for (finding, practices) in &told {
        let text = self::finding(input, finding, practices);
        if findings.len() + text.len() > budget {
            break;
        }
        findings.push_str(&text);
        shown += 1;
    }
    let left = told[shown..].iter().flat_map(|(finding, practices)| practices.iter().chain([finding]).copied());
    let left: Vec<&Finding> = left.collect();
    if !left.is_empty() {
        let (more, are) = (found::more(left.iter().copied()), if left.len() == 1 { "is" } else { "are" });
        findings.push_str(&format!("> [!WARNING]\n> {more} {are} not shown: summaries end at 1 MiB.\n\n"));
    }
    out.write_all([head, findings, tail].concat().trim_end().as_bytes())?;
    out.write_all(b"\n")
}

fn head(report: &Report) -> String {
    let mut out = format!("## keylint: {}\n\n", Found::of(report).words());
    if !report.is_complete() {
        let things = count(report.problems.len() as u64, "thing", "things");
        out.push_str(&format!("> [!WARNING]\n> Incomplete: {things} could not be read.\n\n"));
    }
    let apart: Vec<String> = silence::each(report).into_iter().chain(found::filtered(report)).collect();
    if !apart.is_empty() {
        out.push_str(&format!("Apart from that: {}.\n\n", sentence(&apart)));
    }
    out
}

/// A heading and a table of places; below it, how the key is handled there.
fn finding(input: &Input<'_>, finding: &Finding, practices: &[&Finding]) -> String {
    let name = text(input.rule_name(finding));
    let mut out = format!("### {} · {name} · {}\n\n", finding.severity, code(&input.key(finding)));
    let (rule, fingerprint) = (code(&finding.rule), code(&finding.fingerprint.to_string()));
    out.push_str(&format!("Rule {rule}, confidence {}, fingerprint {fingerprint}.\n\n", finding.confidence));
    if let Some(verdict) = input.verdict(finding) {
        out.push_str(&format!("**{}**\n\n", text(&verdict::line(verdict))));
    }
    out.push_str("| where | still there | since |\n|---|---|---|\n");
    for place in finding.places.iter().take(PLACES) {
        let standing = whereabouts::facts(place).collect::<Vec<_>>().join(", ");
        out.push_str(&format!(
            "| {} | {standing} | {} |\n",
            code(&whereabouts::heading(input.report, place)),
            since(place)
        ));
    }
    let left = finding.places.len().saturating_sub(PLACES);
    if left > 0 {
        out.push_str(&format!("\n… and {}.\n", count(left as u64, "more place", "more places")));
    }
    let line = |practice: &&Finding| {
        let more = story::more(input, finding, practice).map(|more| format!(" · {}", code(&more))).unwrap_or_default();
        format!("- {} · {} · {}{more}\n", practice.severity, text(input.rule_name(practice)), code(&practice.rule))
    };
    let handled = listed("\nHow it is handled:\n\n".to_owned(), practices.iter().map(line), practices.len());
    out + if handled.is_empty() { "\n" } else { &handled }
}

fn since(place: &Place) -> String {
    let Some(info) = &place.introduced else { return String::new() };
    let subject: String = plain::text(&info.subject).chars().take(72).collect();
    // As code: in text, GitHub makes links of what looks like the id of a commit.
    let subject = if subject.is_empty() { String::new() } else { format!(" {}", code(&subject)) };
    format!("{} {}{subject}", code(&info.id.short()), date::day(info.time, info.offset_minutes))
}

fn silenced(input: &Input<'_>) -> String {
    if !input.options.show_suppressed || input.report.silenced.is_empty() {
        return String::new();
    }
    let line = |silenced: &crate::model::Silenced| {
        let finding = &silenced.finding;
        let place = whereabouts::shown(input.report, &finding.places);
        let places = count(finding.places.len() as u64, "place", "places");
        let (key, why) = (code(&input.key(finding)), text(&silence::reason(&silenced.why)));
        format!("| {} | {key} | {} ({places}) | {why} |\n", text(input.rule_name(finding)), code(&place))
    };
    let head = "### Does not count\n\n| what | key or text | where | why |\n|---|---|---|---|\n".to_owned();
    listed(head, input.report.silenced.iter().map(line), input.report.silenced.len())
}

/// What to do, for each rule that found something.
fn steps(input: &Input<'_>) -> String {
    let mut all: Vec<(&Rule, Vec<Step>)> = Vec::new();
    for finding in input.keys().chain(input.practices()) {
        let Some(rule) = input.rule(finding) else { continue };
        let steps = input.steps(finding);
        // One that works has a step more, and comes first.
        if !steps.is_empty() && !all.iter().any(|(known, _)| known.id() == rule.id()) {
            all.push((rule, steps));
        }
    }
    let mut out = if all.is_empty() { String::new() } else { "### What to do\n\n".to_owned() };
    for (rule, steps) in all {
        out.push_str(&format!("**{}**\n\n", text(&rule.name)));
        for (nth, step) in steps.iter().enumerate() {
            let url = step.url.as_ref().map(|url| format!(" <{}>", plain::line(url.as_bytes())));
            out.push_str(&format!("{}. {}{}\n", nth + 1, text(&step.text), url.unwrap_or_default()));
        }
        out.push('\n');
    }
    out
}

fn problems(report: &Report) -> String {
    let line = |problem: &crate::model::Problem| format!("- {}: {}\n", code_of(&problem.what), text(&problem.why));
    listed("### Could not be read\n\n".to_owned(), report.problems.iter().map(line), report.problems.len())
}

fn notices(report: &Report) -> String {
    let line = |notice: &crate::model::Notice| format!("- {}: {}\n", code_of(&notice.what), text(&notice.why));
    listed("### To be mended\n\n".to_owned(), report.notices.iter().map(line), report.notices.len())
}

/// A heading and as many lines as anybody reads; nothing if there are none.
fn listed(head: String, lines: impl Iterator<Item = String>, total: usize) -> String {
    if total == 0 {
        return String::new();
    }
    let mut out = head;
    out.extend(lines.take(LINES));
    if total > LINES {
        out.push_str(&format!("\n… and {} more.\n", total - LINES));
    }
    out + "\n"
}

/// At most `max` bytes of whole lines.
fn cut(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    let end = text.as_bytes()[..max].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    format!("{}\n… cut here: summaries end at 1 MiB.\n\n", &text[..end])
}

/// Text that says what it says: nothing in it is markup, a link, a mention or a cell's end.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in plain::line(text.as_bytes()).chars() {
        // Addresses, mentions and numbers of issues are looked for after entities are read, and in code too. An element
        // of its own for the character that makes one takes it apart.
        let apart = matches!(c, '@' | '#' | ':') || matches!((before.to_ascii_lowercase(), c), ('w', '.') | ('h', '-'));
        let is_plain = !c.is_ascii_punctuation() || matches!(c, '.' | ',' | '-' | '/' | ';' | '\'' | '?');
        let shown = if is_plain { c.to_string() } else { format!("&#{};", u32::from(c)) };
        out.push_str(&if apart { format!("<span>{shown}</span>") } else { shown });
        before = c;
    }
    out
}

/// The same, set as code. Backticks have no escape, so this is the tag.
fn code(of: &str) -> String {
    format!("<code>{}</code>", text(of))
}

fn code_of(of: &crate::model::Text) -> String {
    code(&plain::text(of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Notice, Problem, ProblemKind, Site, Text},
        report::{Format, Options, sample},
    };

    fn written(report: &Report, show_suppressed: bool) -> String {
        sample::written(Format::Markdown, report, &Options { show_suppressed, ..Options::default() })
    }

    #[test]
    fn a_report_reads_like_this() {
        let text = written(&sample::report(), false);
        let fingerprint = sample::report().findings[0].fingerprint;
        let expected = format!(
            "## keylint: 2 keys in 3 places

### critical · OpenAI project API key · <code>sk-proj-…AbC9</code>

Rule <code>openai-project-key</code>, confidence high, fingerprint <code>{fingerprint}</code>.

| where | still there | since |
|---|---|---|
| <code>src/config.py<span>&#58;</span>12<span>&#58;</span>8</code> | in the work tree and in HEAD | <code>0101010</code> 2024-05-02 <code>Add the config</code> |
| <code>config/old.env<span>&#58;</span>3<span>&#58;</span>8</code> | only in history | <code>0404040</code> 2020-09-13 <code>Add the config</code> |

### critical · OpenAI user API key"
        );
        assert!(text.starts_with(&expected), "{text}");
        assert!(text.contains("\n### What to do\n\n**OpenAI project API key**\n\n1. Create a new key"), "{text}");
        assert!(text.contains("\n**OpenAI user API key**\n"), "{text}");
        assert!(!text.contains("Ann"), "nobody is named: {text}");
    }

    #[test]
    fn ways_of_handling_a_key_are_told_with_it_and_others_after_all_keys() {
        let report = sample::with_practices();
        let text = written(&report, false);
        assert!(text.starts_with("## keylint: 2 keys in 3 places and 2 lint findings in 3 places\n"), "{text}");
        let told = "<code>Add the config</code> |

How it is handled:

- high · SDK allowed to use a key in a browser · <code>browser-allowed</code> · <code>src/config.py<span>&#58;</span>11\
                    <span>&#58;</span>3</code>

### critical · OpenAI user API key";
        assert!(text.contains(told), "{text}");
        let alone =
            "\n### high · SDK allowed to use a key in a browser · <code>allowBrowser<span>&#58;</span> &#33;0</code>\n";
        assert!(text.contains(alone), "{text}");
        assert_eq!(text.matches("allowBrowser").count(), 1, "{text}");
        assert!(text.contains("\n**SDK allowed to use a key in a browser**\n\n1. Call your own server"), "{text}");
        let nothing = Report { linted: true, ..Report::default() };
        assert_eq!(written(&nothing, false), "## keylint: no keys found and no lint findings\n");
    }

    #[test]
    fn nothing_from_outside_is_markup() {
        let mut report = sample::report();
        report.findings[0].places[0].site = Site::File { path: Text::from("a|b`c<img src=x>[d](e)@f#1 **g**\n# h") };
        let text = written(&report, false);
        let row = text.lines().find(|line| line.starts_with("| <code>a")).expect("a row");
        assert_eq!(row.matches('|').count(), 4, "{row}");
        let tags = ["<code>", "</code>", "<span>", "</span>"];
        let cell = tags.iter().fold(row.to_owned(), |cell, tag| cell.replace(tag, ""));
        assert!(!cell.contains(['<', '>', '`', '[', ']', '@', '*', '!']), "{row}");
        assert!(!text.lines().any(|line| line.starts_with("# h")), "{text}");
    }

    #[test]
    fn nothing_from_outside_becomes_a_link_or_a_mention() {
        let of = |words: &str| text(words);
        assert_eq!(of("see www.evil.example"), "see www<span>.</span>evil.example");
        assert_eq!(of("https://x.example"), "https<span>&#58;</span>//x.example");
        assert_eq!(of("a@b.com"), "a<span>&#64;</span>b.com");
        assert_eq!(of("@user #12 GH-12"), "<span>&#64;</span>user <span>&#35;</span>12 GH<span>-</span>12");
        let mut report = sample::report();
        let info = report.findings[0].places[0].introduced.as_mut().expect("a commit");
        info.subject = Text::from("Fix 0a1b2c3 for @user");
        let text = written(&report, false);
        assert!(text.contains("<code>Fix 0a1b2c3 for <span>&#64;</span>user</code> |"), "{text}");
    }

    #[test]
    fn gaps_and_what_does_not_count_are_told() {
        let mut report = sample::silenced();
        report.filtered = 1;
        report.problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there"); 130];
        report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
        let text = written(&report, false);
        let head = "## keylint: no keys in what was read\n\n> [!WARNING]\n> Incomplete: 130 things could not be read.\n\n\
                    Apart from that: 4 keys that do not count (1 there before, 1 in the baseline, 1 allowed by a comment, \
                    1 allowed by the configuration) and 1 key left out by filters.\n\n### Could not be read\n\n";
        assert!(text.starts_with(head), "{text}");
        assert_eq!(text.matches("\n- <code>object 1</code>: not there").count(), 100);
        assert!(text.contains("\n… and 30 more.\n"), "{text}");
        assert!(
            text.ends_with("### To be mended\n\n- <code>keylint.toml<span>&#58;</span>3</code>: it has expired\n"),
            "{text}"
        );
        let row = "| OpenAI user API key | <code>sk-None-…Wxyz</code> | <code>message of commit 0505050, line 5, column \
                   8</code> (1 place) | in the baseline |\n";
        assert!(written(&report, true).contains(row), "{}", written(&report, true));
        assert_eq!(written(&Report::default(), false), "## keylint: no keys found\n");
    }

    #[test]
    fn long_tables_are_cut() {
        let mut report = sample::report();
        report.findings[0].places = vec![report.findings[0].places[0].clone(); 27];
        let text = written(&report, false);
        assert_eq!(text.matches("src/config.py").count(), 20);
        assert!(text.contains("\n… and 7 more places.\n"), "{text}");
    }

    #[test]
    fn a_summary_is_never_larger_than_github_takes() {
        let mut report = sample::report();
        let long = "|".repeat(30_000);
        report.findings[0].places[0].site = Site::File { path: Text::from(long.as_str()) };
        report.findings = vec![report.findings[0].clone(); 40];
        report.problems = vec![Problem::new(ProblemKind::Missing, long.as_str(), long.as_str()); 40];
        let text = written(&report, false);
        assert!(text.len() <= LIMIT && text.len() > LIMIT / 2, "{}", text.len());
        let shown = text.matches("\n### critical").count();
        assert!(text.contains(&format!("\n> {} more keys are not shown: summaries end at 1 MiB.\n", 40 - shown)));
        assert!(text.contains("\n… cut here: summaries end at 1 MiB.\n"));
        assert!(text.contains("\n### What to do\n"));
    }
}
