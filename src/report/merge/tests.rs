//! Reports of the sample, joined: what becomes of each part, and what is refused. Must not know the command line.

use super::*;
use crate::{
    model::{Note, Notice, Problem, ProblemKind, Report, Repository, State, Text, Verdict},
    report::{Format, Options, sample},
};

fn shown() -> Options {
    Options { show_suppressed: true, ..Options::default() }
}

fn read(text: &str) -> Document {
    Document::read(text.as_bytes(), None).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// A report as the sample's writers have it, after `change`.
fn text(change: impl FnOnce(&mut Report)) -> String {
    let mut report = sample::with_practices();
    change(&mut report);
    sample::written(Format::Json, &report, &shown())
}

fn with(change: impl FnOnce(&mut Value)) -> Document {
    let mut value: Value = serde_json::from_str(&text(|_| ())).expect("JSON");
    change(&mut value);
    read(&value.to_string())
}

fn fault(change: impl FnOnce(&mut Value)) -> Fault {
    let mut value: Value = serde_json::from_str(&text(|_| ())).expect("JSON");
    change(&mut value);
    Document::read(value.to_string().as_bytes(), None).expect_err("a fault")
}

fn json_of(document: Document) -> String {
    let mut out = Vec::new();
    document.write_json(&mut out).expect("to memory");
    String::from_utf8(out).expect("UTF-8")
}

fn lines_of(document: Document) -> String {
    let mut out = Vec::new();
    document.write_lines(&mut out).expect("to memory");
    String::from_utf8(out).expect("UTF-8")
}

fn value(documents: Vec<Document>) -> Value {
    serde_json::from_str(&json_of(merge(documents))).expect("JSON")
}

/// Everything that a report can have.
fn full() -> Report {
    let mut report = sample::with_practices();
    report.silenced = sample::silenced().silenced;
    report.silenced.sort_by_key(|silenced| silenced.finding.rule.clone());
    report.findings[0].places[1].via = vec![crate::model::Encoding::Base64, crate::model::Encoding::Json];
    report.findings[0].notes = vec![Note::Expires { at: 0 }, Note::Issuer { issuer: "x".to_owned() }];
    report.problems = vec![
        Problem::new(ProblemKind::Unreadable, &b"caf\xe9"[..], "permission denied"),
        Problem::new(ProblemKind::Limit, "a", "it is too deep"),
    ];
    report.notices = ["keylint.toml:9", "keylint.toml:10"]
        .map(|what| Notice { what: Text::from(what), why: "it has expired".to_owned() })
        .to_vec();
    let access = vec![crate::model::Access { name: "models".into(), values: vec!["a".into()], more: true }];
    let verdict = Verdict { access, status: Some(200), ..Verdict::unasked(State::Live, "it says so", 9) };
    report.verdicts.insert(report.findings[0].fingerprint, verdict);
    report
}

#[test]
fn a_report_alone_stays_as_it_is() {
    let report = full();
    let json = sample::written(Format::Json, &report, &shown());
    let lines = sample::written(Format::Jsonl, &report, &shown());
    assert_eq!(json_of(read(&json)), json);
    assert_eq!(lines_of(read(&lines)), lines);
    assert_eq!(lines_of(read(&json)), lines);
    assert_eq!(json_of(read(&lines)), json);
    assert_eq!(json_of(merge(vec![read(&json), read(&lines), read(&json)])), json, "it is the same report");
    let empty = sample::written(Format::Json, &Report::default(), &Options::default());
    assert_eq!(json_of(read(&empty)), empty);
}

#[test]
fn parts_are_counted_once_each() {
    let one = || read(&text(|report| (report.filtered, report.linted) = (2, true)));
    let other = || read(&text(|report| (report.filtered, report.linted) = (3, false)));
    let both = value(vec![one(), other()]);
    assert_eq!((&both["filtered"], &both["lints"]["ran"]), (&json!(5), &json!(false)));
    assert_eq!(both["coverage"]["files"], 24);
    assert_eq!(both["parts"].as_array().map(Vec::len), Some(2));
    let again = value(vec![read(&both.to_string()), one()]);
    assert_eq!(again, both);
    let again = value(vec![read(&lines_of(read(&both.to_string()))), other(), one()]);
    assert_eq!(again, both);
}

#[test]
fn a_key_of_several_reports_is_one_finding_with_all_places() {
    let of = |name: &str| {
        let folder = Text::from(name);
        read(&text(|report| report.repositories = vec![Repository { name: folder.clone(), folder }]))
    };
    let joined = value(vec![of("b"), of("a")]);
    let names: Vec<&Value> =
        joined["repositories"].as_array().expect("a list").iter().map(|repository| &repository["name"]).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(joined["findings"].as_array().map(Vec::len), Some(2));
    let places = joined["findings"][0]["places"].as_array().expect("places");
    let told: Vec<_> =
        places.iter().map(|place| (place["site"]["path"].as_str(), place["repository"].as_u64())).collect();
    let (new, old) = (Some("src/config.py"), Some("config/old.env"));
    assert_eq!(told, [(new, Some(0)), (new, Some(1)), (old, Some(0)), (old, Some(1))]);
    assert_eq!(joined, value(vec![of("a"), of("b")]));
}

#[test]
fn who_looked_knows_better_and_the_earliest_commit_counts() {
    let looked = read(&text(|_| ()));
    let other = with(|report| {
        let place = &mut report["findings"][0]["places"][0];
        (place["in_worktree"], place["in_head"]) = (Value::Null, json!(false));
        place["introduced"]["date"] = "2020-01-01T00:00:00+00:00".into();
        place["introduced"]["commit"] = "ff".repeat(20).into();
        place["versions"][0]["object"] = "ee".repeat(20).into();
        report["findings"][0]["severity"] = "note".into();
        report["findings"][0]["confidence"] = "low".into();
        report["findings"][0]["rule"] = "another".into();
    });
    let joined = value(vec![other, looked]);
    let finding = &joined["findings"][0];
    let place = &finding["places"][0];
    assert_eq!((&place["in_worktree"], &place["in_head"]), (&json!(true), &json!(true)));
    assert_eq!(place["introduced"]["commit"], "ff".repeat(20));
    assert_eq!(place["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!((&finding["severity"], &finding["confidence"]), (&json!("critical"), &json!("high")));
    assert_eq!(finding["rule"], "openai-project-key");
}

#[test]
fn of_two_verdicts_an_answer_then_the_later_one_holds() {
    let of = |state, at| {
        read(&text(|report| {
            let verdict = Verdict::unasked(state, "so", at);
            report.verdicts.insert(report.findings[0].fingerprint, verdict);
        }))
    };
    for (one, other, expected) in [
        ((State::Live, 1), (State::Dead, 2), "dead"),
        ((State::Live, 2), (State::Dead, 1), "live"),
        ((State::Live, 1), (State::Unknown, 2), "live"),
        ((State::Dead, 1), (State::Live, 1), "live"),
    ] {
        let documents = || vec![of(one.0, one.1), of(other.0, other.1), read(&text(|_| ()))];
        let joined = value(documents());
        let found = joined["findings"].as_array().expect("findings");
        let finding = found.iter().find(|finding| finding["verdict"].is_object()).expect("a verdict");
        assert_eq!(finding["verdict"]["verdict"], expected);
        let first = finding["rotate"][0]["do"].as_str().expect("a step");
        assert_eq!(first.starts_with("It works"), expected == "live", "{first}");
        assert_eq!(value(documents().into_iter().rev().collect()), joined);
    }
}

#[test]
fn what_is_not_known_survives() {
    let new = || {
        with(|report| {
            report["new"] = json!([1]);
            report["findings"][0]["new"] = json!("b");
            report["findings"][0]["places"][0]["new"] = json!({ "a": 1 });
            report["coverage"]["new"] = 4.into();
            report["findings"][0]["notes"] = json!([{ "kind": "new" }]);
        })
    };
    let other = || with(|report| report["findings"][0]["new"] = json!("a"));
    let joined = value(vec![other(), new()]);
    assert_eq!((&joined["new"], &joined["coverage"]["new"]), (&json!([1]), &json!(4)));
    assert_eq!(joined["findings"][0]["new"], "b");
    assert_eq!(joined["findings"][0]["places"][0]["new"], json!({ "a": 1 }));
    assert_eq!(joined["findings"][0]["notes"], json!([{ "kind": "new" }]));
    let lines = lines_of(new()).replace("{\"type\":\"end\"", "{\"type\":\"new\",\"a\":1}\n{\"type\":\"end\"");
    let merged = lines_of(merge(vec![read(&lines), other()]));
    assert!(merged.contains("\n{\"type\":\"new\",\"a\":1}\n{\"type\":\"end\","), "{merged}");
    assert_eq!(lines_of(read(&json_of(read(&merged)))), merged);
}

#[test]
fn stories_are_joined_and_their_reach_is_counted_anew() {
    let of = |name: &'static str, commits: u64| {
        with(move |report| {
            report["repositories"][0]["name"] = name.into();
            report["findings"][0]["story"] = json!({
                "reach": { "places": 2, "files": 2, "repositories": 1, "encodings": [] },
                "histories": [{ "repository": 0, "commits": commits }],
                "advice": [{ "repository": 0, "z": name }, { "repository": 0, "a": name }, { "repository": null, "b": 1 }],
            });
            report["findings"][0]["places"][0]["via"] = json!(["base64"]);
        })
    };
    let joined = value(vec![of("b", 2), of("a", 1), of("a", 1)]);
    assert_eq!(
        joined["findings"][0]["story"],
        json!({
            "reach": { "places": 4, "files": 4, "repositories": 2, "encodings": ["base64"] },
            "histories": [{ "repository": 0, "commits": 1 }, { "repository": 1, "commits": 2 }],
            "advice": [
                { "repository": null, "b": 1 },
                { "repository": 0, "z": "a" }, { "repository": 0, "a": "a" },
                { "repository": 1, "z": "b" }, { "repository": 1, "a": "b" },
            ],
        })
    );
}

#[test]
fn a_name_says_where_a_scan_was_started() {
    let bytes = text(|_| ());
    let named = |name| Document::read(bytes.as_bytes(), Some(name)).expect("a report");
    let joined = value(vec![named("web"), named("api")]);
    let expected = json!([{ "name": "api", "folder": "api" }, { "name": "web", "folder": "web" }]);
    assert_eq!(joined["repositories"], expected);
    assert_eq!(joined["findings"][0]["places"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_gap_of_one_is_a_gap_of_all() {
    let problem = || Problem::new(ProblemKind::Unreadable, "a", "permission denied");
    let of = |problems| read(&text(|report| report.problems = problems));
    let joined = merge(vec![of(vec![problem()]), of(vec![]), of(vec![problem(), problem()])]);
    assert!(!joined.is_complete());
    let joined = value(vec![joined]);
    assert_eq!(joined["problems"].as_array().map(Vec::len), Some(1));
    assert_eq!(joined["complete"], false);
}

#[test]
fn what_is_no_report_is_refused() {
    let of = |text: &str| Document::read(text.as_bytes(), None).expect_err("a fault");
    assert_eq!((of(""), of(" \n")), (Fault::Empty, Fault::Empty));
    assert!(matches!(of("{"), Fault::Syntax(_)));
    for foreign in ["[]", "1", "{}", "{\"version\":\"2.1.0\",\"runs\":[]}", "{\"type\":\"finding\"}"] {
        assert_eq!(of(foreign), Fault::Foreign, "{foreign}");
    }
    let sarif = sample::written(Format::Sarif, &sample::report(), &Options::default());
    assert_eq!(of(&sarif), Fault::Foreign);
    let clear = Options { show_secrets: true, ..Options::default() };
    for format in [Format::Json, Format::Jsonl] {
        assert_eq!(of(&sample::written(format, &sample::report(), &clear)), Fault::Clear);
        let whole = sample::written(format, &sample::report(), &Options::default());
        assert_eq!(of(&whole.repeat(2)), Fault::Further);
    }
}

#[test]
fn a_report_that_was_cut_off_is_refused_wherever() {
    for format in [Format::Json, Format::Jsonl] {
        let whole = sample::written(format, &full(), &shown());
        for end in (0..whole.trim_end().len()).step_by(7) {
            let Some(cut) = whole.get(..end) else { continue };
            let fault = Document::read(cut.as_bytes(), None).expect_err("a fault");
            assert!(matches!(fault, Fault::Empty | Fault::Syntax(_) | Fault::Cut(_)), "{fault}");
        }
    }
    let whole = sample::written(Format::Jsonl, &full(), &shown());
    let fewer: Vec<&str> = whole.lines().enumerate().filter(|(nth, _)| *nth != 1).map(|(_, line)| line).collect();
    let fault = Document::read(fewer.join("\n").as_bytes(), None).expect_err("a fault");
    assert_eq!(fault, Fault::Cut("its `end` line counts 2 of `findings`, and there are 1".to_owned()));
}

#[test]
fn another_schema_and_another_version_are_refused() {
    let known = Tool::THIS.version;
    let found = |found: &str| found.to_owned();
    assert_eq!(
        fault(|report| report["schema"] = "keylint-report/2\u{1b}".into()),
        Fault::Schema { found: found("keylint-report/2\\u{1b}"), known: SCHEMA }
    );
    assert_eq!(
        fault(|report| report["tool"]["version"] = "9.0.0".into()),
        Fault::Version { found: found("9.0.0"), known }
    );
    assert_eq!(fault(|report| report["tool"]["name"] = "gitleaks".into()), Fault::Foreign);
    let later = format!("{known}99");
    let joined = value(vec![with(|report| report["tool"]["version"] = later.as_str().into()), read(&text(|_| ()))]);
    assert_eq!(joined["tool"]["version"], later);
}

#[test]
fn a_part_that_is_not_what_it_should_be_is_named() {
    let shape = |at: &str, expected| Fault::Shape { at: at.to_owned(), expected };
    let place = "findings[0].places[1]";
    assert_eq!(fault(|report| report["findings"] = 1.into()), shape("findings", "a list"));
    assert_eq!(
        fault(|report| report["findings"][0]["places"][1]["repository"] = 7.into()),
        shape(&format!("{place}.repository"), "the number of a repository")
    );
    assert_eq!(
        fault(|report| report["findings"][0]["places"][1]["position"]["line"] = "a".into()),
        shape(&format!("{place}.position.line"), "a number")
    );
    assert_eq!(
        fault(|report| report["findings"][0]["fingerprint"] = "a".into()),
        shape("findings[0].fingerprint", "32 hex digits")
    );
    assert_eq!(fault(|report| report["complete"] = 1.into()), shape("complete", "true or false"));
}
