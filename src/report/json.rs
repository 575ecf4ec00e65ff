//! A report as one JSON object. Must not know the shape of its parts: that is `view.rs`.

use super::{Input, view};
use crate::model::visible;
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        head: input.head(),
        outcome: input.outcome(),
        findings: input.keys().map(|finding| input.finding(finding)).collect(),
        hygiene: input.practices().map(|finding| input.hygiene(finding)).collect(),
        suppressed: input.suppressed().map(Iterator::collect),
        suppressed_hygiene: input.suppressed_hygiene().map(Iterator::collect),
        problems: input.report.problems.iter().map(|problem| input.problem(problem)).collect(),
        notices: input.report.notices.iter().map(|notice| input.notice(notice)).collect(),
    };
    put(&serde_json::to_string_pretty(&document)?, out)
}

/// Writes `json` and a newline. Characters that could drive a terminal or mislead its reader are
/// escaped, the ones that JSON itself lets pass too: reports are read with `cat` as well.
pub(super) fn put(json: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut done = 0;
    for (at, c) in json.char_indices().filter(|(_, c)| is_deceptive(*c)) {
        out.write_all(&json.as_bytes()[done..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        done = at + c.len_utf8();
    }
    out.write_all(&json.as_bytes()[done..])?;
    out.write_all(b"\n")
}

/// Outside of strings JSON is ASCII, and in strings serde escapes what is below space.
fn is_deceptive(c: char) -> bool {
    c >= '\u{7f}' && visible(c.encode_utf8(&mut [0; 4]).as_bytes()).len() != c.len_utf8()
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: view::Head,
    #[serde(flatten)]
    outcome: view::Outcome,
    findings: Vec<view::Finding<'a>>,
    hygiene: Vec<view::Hygiene<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Vec<view::Suppressed<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_hygiene: Option<Vec<view::SuppressedHygiene<'a>>>,
    problems: Vec<view::Problem>,
    notices: Vec<view::Notice>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{self, CommitInfo, Note, Notice, Place, Problem, ProblemKind, Report, Site, Text},
        report::{Format, Options, Verbosity, sample},
    };
    use serde_json::{Value, json};
    use std::time::Duration;

    fn value(report: &Report) -> Value {
        let text = sample::written(Format::Json, report, &Options::default());
        serde_json::from_str(&text).expect("JSON")
    }

    /// What the report says of the first place, after `change`.
    fn place(change: impl FnOnce(&mut Place)) -> Value {
        let mut report = sample::report();
        change(&mut report.findings[0].places[0]);
        value(&report)["findings"][0]["places"][0].take()
    }

    #[test]
    fn the_document_has_its_fields_in_order() {
        let text = sample::written(Format::Json, &sample::report(), &Options::default());
        let top = [
            "schema",
            "tool",
            "repositories",
            "complete",
            "coverage",
            "filtered",
            "silenced",
            "lints",
            "findings",
            "hygiene",
            "problems",
            "notices",
        ];
        let keys: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
        assert_eq!(keys, top);
        assert!(text.starts_with("{\n  \"schema\": \"keylint-report/1\",\n") && text.ends_with("\n}\n"), "{text}");
    }

    #[test]
    fn a_finding_is_told_whole() {
        let mut report = sample::report();
        report.findings.truncate(1);
        report.findings[0].places.truncate(1);
        let mut finding = value(&report)["findings"][0].take();
        assert!(!finding["rotate"].take().as_array().expect("steps").is_empty());
        assert!(!finding["story"].take()["advice"].as_array().expect("steps").is_empty());
        assert_eq!(
            finding,
            json!({
                "rule": "openai-project-key", "name": "OpenAI project API key", "family": "openai",
                "severity": "critical", "confidence": "high",
                "fingerprint": report.findings[0].fingerprint.to_string(), "masked": "sk-proj-…AbC9",
                "notes": [], "rotate": null, "story": null,
                "places": [{
                    "repository": 0, "site": { "kind": "file", "path": "src/config.py" },
                    "in_worktree": true, "in_head": true,
                    "position": {
                        "line": 12, "column": 8, "end_line": 12, "end_column": 46, "offset": 300, "length": 38
                    },
                    "snippet": { "text": "KEY = \"sk-proj-…AbC9\"", "start": 7, "end": 22 },
                    "introduced": {
                        "commit": "0101010101010101010101010101010101010101",
                        "author": "Ann Lee", "email": "ann@example.com",
                        "date": "2024-05-02T01:00:00+02:00", "subject": "Add the config"
                    },
                    "versions": [{
                        "object": "0202020202020202020202020202020202020202",
                        "commit": "0101010101010101010101010101010101010101",
                        "position": {
                            "line": 12, "column": 8, "end_line": 12, "end_column": 46, "offset": 300, "length": 38
                        }
                    }]
                }]
            })
        );
    }

    #[test]
    fn a_way_of_handling_keys_has_a_shape_of_its_own() {
        let report = sample::with_practices();
        let mut value = value(&report);
        assert_eq!(value["findings"].as_array().map(Vec::len), Some(2));
        let mut hygiene = value["hygiene"].take();
        let fix = hygiene[0]["fix"].take();
        assert!(fix[0]["do"].is_string() && fix.as_array().expect("steps").iter().any(|step| step["url"].is_string()));
        let expected = json!({
            "rule": "browser-allowed", "name": "SDK allowed to use a key in a browser",
            "severity": "high", "confidence": "high", "tier": "default",
            "fingerprint": report.findings[2].fingerprint.to_string(), "what": "allowBrowser: true",
            "key": report.findings[0].fingerprint.to_string(), "fix": null,
            "places": [{
                "repository": 0, "site": { "kind": "file", "path": "src/config.py" },
                "in_worktree": true, "in_head": null,
                "position": { "line": 11, "column": 3, "end_line": 11, "end_column": 21, "offset": 40, "length": 18 },
                "snippet": { "text": "f(allowBrowser: true)", "start": 2, "end": 20 },
                "introduced": null, "versions": []
            }]
        });
        assert_eq!(hygiene[0], expected);
        assert_eq!((&hygiene[1]["key"], hygiene[1]["places"].as_array().map(Vec::len)), (&Value::Null, Some(2)));
    }

    #[test]
    fn the_lints_are_counted_by_themselves() {
        let mut report = sample::with_practices();
        let finding = report.findings.remove(2);
        report.silenced = vec![model::Silenced { finding, why: model::Silence::Baseline }];
        (report.filtered, report.filtered_practices) = (1, 2);
        let text = sample::written(Format::Json, &report, &Options { show_suppressed: true, ..Options::default() });
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let none = json!({ "before": 0, "baseline": 0, "inline": 0, "allowed": 0 });
        let one = json!({ "before": 0, "baseline": 1, "inline": 0, "allowed": 0 });
        assert_eq!((&value["filtered"], &value["silenced"], &value["suppressed"]), (&json!(1), &none, &json!([])));
        assert_eq!(value["lints"], json!({ "ran": true, "filtered": 2, "silenced": one }));
        let listed = &value["suppressed_hygiene"][0];
        assert_eq!(
            (&listed["why"]["kind"], &listed["hygiene"]["what"]),
            (&"baseline".into(), &"allowBrowser: true".into())
        );
    }

    #[test]
    fn the_secret_is_a_field_of_its_own_and_only_when_asked_for() {
        let of = |show_secrets| {
            let options = Options { show_secrets, ..Options::default() };
            let text = sample::written(Format::Json, &sample::report(), &options);
            let value: Value = serde_json::from_str(&text).expect("JSON");
            value["findings"][0].get("secret").cloned()
        };
        assert_eq!(of(false), None);
        assert_eq!(
            of(true),
            Some(json!(String::from_utf8_lossy(sample::report().findings[0].secret().expect("a key").expose())))
        );
    }

    #[test]
    fn a_path_that_is_not_utf8_comes_in_hex_too() {
        let site = place(|place| place.site = Site::File { path: Text::from(&b"caf\xe9"[..]) })["site"].take();
        assert_eq!(site, json!({ "kind": "file", "path": "caf\u{fffd}", "path_bytes": "636166e9" }));
        let site = place(|place| place.site = Site::RefName { name: Text::from(&b"\xe9"[..]) })["site"].take();
        assert_eq!(site, json!({ "kind": "ref-name", "name": "\u{fffd}", "name_bytes": "e9" }));
    }

    #[test]
    fn sites_have_the_fields_of_their_kind() {
        let id = "0303030303030303030303030303030303030303";
        let text = |text: &str| Text::from(text);
        let cases = [
            (Site::FileName { path: text("a") }, json!({ "kind": "file-name", "path": "a" })),
            (Site::GitFile { path: text("logs/HEAD") }, json!({ "kind": "git-file", "path": "logs/HEAD" })),
            (Site::LooseBlob { id: sample::id(3) }, json!({ "kind": "loose-blob", "id": id })),
            (Site::LooseTree { id: sample::id(3) }, json!({ "kind": "loose-tree", "id": id })),
            (Site::Tag { id: sample::id(3) }, json!({ "kind": "tag", "id": id })),
            (Site::RefName { name: text("refs/x") }, json!({ "kind": "ref-name", "name": "refs/x" })),
            (Site::Stdin, json!({ "kind": "stdin" })),
            (
                Site::Commit { id: sample::id(3), part: text("message") },
                json!({ "kind": "commit", "id": id, "part": "message" }),
            ),
        ];
        for (site, expected) in cases {
            assert_eq!(place(|place| place.site = site)["site"], expected);
        }
    }

    #[test]
    fn a_date_that_no_calendar_holds_is_null() {
        let late = |place: &mut Place| {
            let info = place.introduced.take().expect("the sample has one");
            place.introduced = Some(CommitInfo { time: i64::MAX, ..info });
        };
        assert_eq!(place(late)["introduced"]["date"], Value::Null);
    }

    #[test]
    fn notes_are_tagged_by_kind() {
        let mut report = sample::report();
        let issuer = "https://auth.example".to_owned();
        report.findings[0].notes = vec![Note::UnusualShape, Note::Expires { at: 0 }, Note::Issuer { issuer }];
        assert_eq!(
            value(&report)["findings"][0]["notes"],
            json!([
                { "kind": "unusual-shape" },
                { "kind": "expires", "at": "1970-01-01T00:00:00+00:00" },
                { "kind": "issuer", "issuer": "https://auth.example" }
            ])
        );
    }

    #[test]
    fn steps_have_a_text_and_perhaps_a_page() {
        let rotate = value(&sample::report())["findings"][0]["rotate"].take();
        assert!(rotate[0]["do"].is_string() && rotate[0]["url"].is_string(), "{rotate}");
        assert!(rotate.as_array().expect("steps").iter().any(|step| step["url"].is_null()), "{rotate}");
    }

    #[test]
    fn a_problem_makes_the_report_incomplete() {
        let mut report = sample::report();
        assert_eq!(value(&report)["complete"], true);
        report.problems.push(Problem::new(ProblemKind::Unreadable, "a", "permission denied"));
        let value = value(&report);
        assert_eq!(value["complete"], false);
        assert_eq!(value["problems"], json!([{ "kind": "unreadable", "what": "a", "why": "permission denied" }]));
    }

    #[test]
    fn what_does_not_count_is_counted_and_listed_when_asked_for() {
        let of = |show_suppressed| {
            let options = Options { show_suppressed, ..Options::default() };
            let text = sample::written(Format::Json, &sample::silenced(), &options);
            serde_json::from_str::<Value>(&text).expect("JSON")
        };
        let (counted, mut listed) = (of(false), of(true));
        let counts = json!({ "before": 1, "baseline": 1, "inline": 1, "allowed": 1 });
        assert_eq!((&counted["silenced"], &listed["silenced"]), (&counts, &counts));
        assert_eq!(counted.get("suppressed"), None);
        let list = listed["suppressed"].take();
        let reasons: Vec<&Value> = list.as_array().expect("a list").iter().map(|entry| &entry["why"]).collect();
        let expected = json!([
            { "kind": "before" },
            { "kind": "baseline" },
            { "kind": "inline", "marker": "gitleaks:allow", "reason": "a test" },
            { "kind": "allowed", "reason": "revoked", "owner": "Ann", "until": "2030-01-01" }
        ]);
        assert_eq!(json!(reasons), expected);
        assert_eq!(list[1]["finding"], value(&sample::report())["findings"][1], "the shape is a finding's");
    }

    #[test]
    fn notices_are_told() {
        let notice = Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() };
        let told = value(&Report { notices: vec![notice], ..Report::default() });
        assert_eq!(told["notices"], json!([{ "what": "keylint.toml:3", "why": "it has expired" }]));
        assert_eq!(told["complete"], true);
    }

    #[test]
    fn nothing_but_the_scan_changes_the_bytes() {
        let plain = sample::written(Format::Json, &sample::report(), &Options::default());
        let elapsed = Some(Duration::from_secs(7));
        let sarif_category = Some("x".to_owned());
        let other = Options {
            color: true,
            verbosity: Verbosity::Quiet,
            elapsed,
            now: Some(9),
            sarif_category,
            ..Options::default()
        };
        assert_eq!(sample::written(Format::Json, &sample::report(), &other), plain);
    }

    #[test]
    fn what_json_lets_pass_and_terminals_obey_is_escaped() {
        let mut out = Vec::new();
        put("\"é \u{9b}\u{7f}\u{202e}\u{e0041}…\"", &mut out).expect("to memory");
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "\"é \\u009b\\u007f\\u202e\\udb40\\udc41…\"\n");
        let back: String = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back, "é \u{9b}\u{7f}\u{202e}\u{e0041}…");
    }

    #[test]
    fn an_empty_report_is_a_whole_document() {
        let value = value(&Report::default());
        assert_eq!(value["findings"], json!([]));
        assert_eq!(value["complete"], true);
        assert_eq!(value["coverage"]["commits"], 0);
    }
}
