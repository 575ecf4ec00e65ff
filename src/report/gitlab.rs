//! A report for GitLab: its secret detection format, version 15.2.5, in which each vulnerability is a secret; lint
//! findings are counted in a message. Must not know whether GitLab reads it.

use super::{
    Input, date,
    found::{self, Found},
    json::put,
    plain,
    quantity::count,
    silence, verdict, whereabouts,
};
use crate::model::{Finding, Place, Severity, Site, Tool};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

const VERSION: &str = "15.2.5";
/// How long GitLab lets a name and a solution be, in characters.
const NAME: usize = 255;
const SOLUTION: usize = 7_000;
/// Messages of one kind.
const MESSAGES: usize = 100;
/// Every location must name a commit. This is none.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let places = input.keys().flat_map(|finding| finding.places.iter().map(move |place| (finding, place)));
    let mut seen = BTreeMap::new();
    let vulnerabilities = places.map(|(finding, place)| vulnerability(input, finding, place, &mut seen));
    let report = Report { version: VERSION, scan: scan(input), vulnerabilities: vulnerabilities.collect() };
    put(&serde_json::to_string_pretty(&report)?, out)
}

#[derive(Serialize)]
struct Report {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Program,
    scanner: Program,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Program {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    solution: String,
    identifiers: [Identifier; 2],
    location: Location,
    raw_source_code_extract: String,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'static str>,
}

#[derive(Serialize)]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u64>,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

fn scan(input: &Input<'_>) -> Scan {
    let report = input.report;
    let end = input.options.now.unwrap_or_default();
    let took = input.options.elapsed.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or_default());
    let version = Tool::THIS.version;
    let program = || Program { id: "keylint", name: "keylint", version, vendor: Vendor { name: "keylint" } };
    // As the exit code: what is found wins over what is not known, and a scan that found nothing in some of what it was
    // asked to read has not succeeded. What is not in this report is not found here.
    let failed = input.keys().next().is_none() && !report.is_complete();
    Scan {
        analyzer: program(),
        scanner: program(),
        kind: "secret_detection",
        start_time: date::utc(end.saturating_sub(took)),
        end_time: date::utc(end),
        status: if failed { "failure" } else { "success" },
        messages: messages(input),
    }
}

fn messages(input: &Input<'_>) -> Vec<Message> {
    let report = input.report;
    let message = |level, what: &crate::model::Text, why: &str| Message {
        level,
        value: format!("{}: {}", plain::text(what), plain::line(why.as_bytes())),
    };
    let problems = report.problems.iter().map(|problem| message("warn", &problem.what, &problem.why));
    let notices = report.notices.iter().map(|notice| message("info", &notice.what, &notice.why));
    let mut all: Vec<Message> = problems.take(MESSAGES).chain(notices.take(MESSAGES)).collect();
    let left = (report.problems.len() + report.notices.len()).saturating_sub(all.len());
    if left > 0 {
        let things = count(left as u64, "more message", "more messages");
        all.push(Message { level: "warn", value: format!("{things}; --format json has them all") });
    }
    let mut info = |value| all.push(Message { level: "info", value });
    if let Some(lints) = Found::of(report).lints() {
        info(format!("besides the secrets, there are {lints}; --format json has them all"));
    }
    silence::each(report).into_iter().for_each(&mut info);
    found::filtered(report).into_iter().for_each(&mut info);
    if input.options.show_suppressed {
        for silenced in &report.silenced {
            let place = whereabouts::shown(report, &silenced.finding.places);
            let (key, why) = (input.key(&silenced.finding), silence::reason(&silenced.why));
            info(format!("does not count: {key} in {place}: {why}"));
        }
    }
    all
}

fn vulnerability(
    input: &Input<'_>,
    finding: &Finding,
    place: &Place,
    seen: &mut BTreeMap<String, u64>,
) -> Vulnerability {
    let name = plain::line(input.rule_name(finding).as_bytes());
    let facts = std::iter::once(whereabouts::heading(input.report, place)).chain(whereabouts::facts(place));
    let verdict = input.verdict(finding).map(verdict::line);
    let facts = facts.chain(verdict).collect::<Vec<_>>().join(", ");
    let about = input.rule(finding).map(|rule| format!("\n\n{}", plain::line(rule.about.trim().as_bytes())));
    let fingerprint = finding.fingerprint;
    let description =
        format!("{} in {facts}. Fingerprint {fingerprint}.{}", input.key(finding), about.unwrap_or_default());
    Vulnerability {
        id: id(input, finding, place, seen),
        name: cut(&name, NAME),
        description,
        severity: severity(finding.severity),
        solution: solution(input, finding),
        identifiers: [
            Identifier {
                kind: "keylint_rule_id",
                name: cut(&format!("keylint rule {}", plain::line(finding.rule.as_bytes())), NAME),
                value: plain::line(finding.rule.as_bytes()),
                url: None,
            },
            Identifier {
                kind: "cwe",
                name: "CWE-798".to_owned(),
                value: "798".to_owned(),
                url: Some("https://cwe.mitre.org/data/definitions/798.html"),
            },
        ],
        location: location(input, place),
        raw_source_code_extract: input.key(finding),
    }
}

fn location(input: &Input<'_>, place: &Place) -> Location {
    let path = whereabouts::path(input.report, place).filter(|path| !path.is_empty());
    let has_lines = path.is_some() && !matches!(place.site, Site::FileName { .. });
    let (start, end) = (place.position.line.max(1), place.position.end_line.max(place.position.line).max(1));
    let info = place.introduced.as_ref();
    Location {
        file: path.map(|path| plain::line(&path)),
        start_line: has_lines.then_some(start),
        end_line: has_lines.then_some(end),
        commit: Commit {
            sha: whereabouts::commit(place).map_or_else(|| NO_COMMIT.to_owned(), |id| id.to_string()),
            date: info.and_then(|info| date::rfc3339(info.time, info.offset_minutes)),
        },
    }
}

/// A UUID of the key and its place, which stays when lines move. `seen` tells equal ones of one report apart.
fn id(input: &Input<'_>, finding: &Finding, place: &Place, seen: &mut BTreeMap<String, u64>) -> String {
    let path = whereabouts::path(input.report, place).unwrap_or_default();
    let site = serde_json::to_string(&place.site).unwrap_or_default();
    let identity = format!("{}\n{site}\n{}", finding.fingerprint, data_encoding::HEXLOWER.encode(&path));
    let times = seen.entry(identity.clone()).or_default();
    *times += 1;
    let mut hash = Sha256::new();
    hash.update(identity.as_bytes());
    hash.update(times.to_be_bytes());
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    // Version 8: made by a rule of one's own.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn solution(input: &Input<'_>, finding: &Finding) -> String {
    let steps = input.steps(finding);
    let steps = steps.iter().enumerate();
    let step = |(nth, step): (usize, &crate::rule::Step)| {
        let url = step.url.as_ref().map(|url| format!(" {}", plain::line(url.as_bytes())));
        format!("{}. {}{}", nth + 1, plain::line(step.text.as_bytes()), url.unwrap_or_default())
    };
    cut(&steps.map(step).collect::<Vec<_>>().join("\n"), SOLUTION)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Note => "Info",
    }
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some(_) => text.chars().take(max - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Problem, ProblemKind, Text},
        report::{Format, Options, sample},
    };
    use serde_json::{Value, json};
    use std::time::Duration;

    fn value(report: &crate::model::Report, options: &Options) -> Value {
        serde_json::from_str(&sample::written(Format::Gitlab, report, options)).expect("JSON")
    }

    fn plain(report: &crate::model::Report) -> Value {
        value(report, &Options::default())
    }

    fn first(change: impl FnOnce(&mut Place)) -> Value {
        let mut report = sample::report();
        change(&mut report.findings[0].places[0]);
        plain(&report)["vulnerabilities"][0].take()
    }

    #[test]
    fn each_place_is_a_vulnerability() {
        let vulnerabilities = plain(&sample::report())["vulnerabilities"].take();
        assert_eq!(vulnerabilities.as_array().map(Vec::len), Some(3));
        let first = &vulnerabilities[0];
        assert_eq!((&first["name"], &first["severity"]), (&json!("OpenAI project API key"), &json!("Critical")));
        assert_eq!(first["identifiers"][0]["value"], "openai-project-key");
        let location = json!({
            "file": "src/config.py", "start_line": 12, "end_line": 12,
            "commit": { "sha": sample::id(1).to_string(), "date": "2024-05-02T01:00:00+02:00" }
        });
        assert_eq!(first["location"], location);
        assert!(first["solution"].as_str().expect("a text").starts_with("1. Create a new key"), "{first}");
        let description = first["description"].as_str().expect("a text");
        assert!(description.starts_with("sk-proj-…AbC9 in src/config.py:12:8, in the work tree and in HEAD. "));
        assert_eq!(vulnerabilities[2]["location"].get("file"), None, "a message is in no file");
        assert!(!sample::written(Format::Gitlab, &sample::report(), &Options::default()).contains("Ann"));
    }

    #[test]
    fn a_way_of_handling_keys_is_no_secret_and_is_counted() {
        let mut report = sample::with_practices();
        let all = plain(&report);
        assert_eq!(all["vulnerabilities"], plain(&sample::report())["vulnerabilities"]);
        let told = "besides the secrets, there are 2 lint findings in 3 places; --format json has them all";
        assert_eq!(all["scan"]["messages"], json!([{ "level": "info", "value": told }]));
        report.findings.retain(|finding| finding.secret().is_none());
        report.problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there")];
        assert_eq!(plain(&report)["scan"]["status"], "failure", "no secret was found in what was read");
    }

    #[test]
    fn ids_are_uuids_of_the_key_and_its_place() {
        let id = |change: fn(&mut Place)| first(change)["id"].as_str().expect("a text").to_owned();
        let one = id(|_| ());
        assert_eq!(one, id(|place| place.position.line = 99), "lines move");
        assert_ne!(one, id(|place| place.site = Site::File { path: Text::from("other") }));
        let dashes: Vec<usize> = one.match_indices('-').map(|(at, _)| at).collect();
        assert_eq!((one.len(), dashes), (36, vec![8, 13, 18, 23]));
        assert_eq!((&one[14..15], "89ab".contains(&one[19..20])), ("8", true));
        let mut report = sample::report();
        report.findings[0].places = vec![report.findings[0].places[0].clone(); 3];
        let all = plain(&report)["vulnerabilities"].take();
        let ids: std::collections::BTreeSet<&str> =
            all.as_array().expect("a list").iter().filter_map(|entry| entry["id"].as_str()).collect();
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn a_place_without_a_commit_names_none() {
        let found = first(|place| {
            place.introduced = None;
            place.versions.clear();
        });
        assert_eq!(found["location"]["commit"], json!({ "sha": "0".repeat(40) }));
    }

    #[test]
    fn times_have_neither_zone_nor_fraction() {
        let options =
            Options { now: Some(1_714_604_400), elapsed: Some(Duration::from_millis(61_900)), ..Options::default() };
        let scan = value(&sample::report(), &options)["scan"].take();
        assert_eq!(
            (&scan["start_time"], &scan["end_time"]),
            (&"2024-05-01T22:58:59".into(), &"2024-05-01T23:00:00".into())
        );
    }

    #[test]
    fn a_gap_fails_the_scan_only_where_nothing_was_found() {
        let problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there"); 130];
        let status = |report: &crate::model::Report| plain(report)["scan"]["status"].take();
        let mut report = sample::report();
        assert_eq!(status(&report), "success");
        report.problems = problems.clone();
        assert_eq!(status(&report), "success");
        let messages = plain(&report)["scan"]["messages"].take();
        assert_eq!(messages[0], json!({ "level": "warn", "value": "object 1: not there" }));
        assert_eq!(messages[100]["value"], "30 more messages; --format json has them all");
        report.findings.clear();
        assert_eq!(status(&report), "failure");
    }

    #[test]
    fn what_does_not_count_is_a_message() {
        let messages = |show_suppressed| {
            value(&sample::silenced(), &Options { show_suppressed, ..Options::default() })["scan"]["messages"].take()
        };
        assert!(messages(false)[0]["value"].as_str().is_some_and(|text| text.starts_with("4 keys that do not count")));
        let listed = "does not count: sk-None-…Wxyz in message of commit 0505050, line 5, column 8: in the baseline";
        assert_eq!(messages(true)[2]["value"], listed);
        assert_eq!(
            (messages(false).as_array().map(Vec::len), messages(true).as_array().map(Vec::len)),
            (Some(1), Some(5))
        );
    }
}
