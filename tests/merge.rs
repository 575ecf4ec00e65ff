//! Reports of separate scans made one: what holds whatever the reports are, and the command itself. Must not know how
//! reports are joined.

use crate::fixture::{Folder, Run, key, program, text};
use keylint::{
    model::Tool,
    report::merge::{Document, merge},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::{fs, io::Write, process::Stdio};

fn read(report: &Value) -> Document {
    Document::read(report.to_string().as_bytes(), None).unwrap_or_else(|fault| panic!("{fault}: {report}"))
}

fn written(document: Document) -> String {
    let mut out = Vec::new();
    document.write_json(&mut out).expect("to memory");
    String::from_utf8(out).expect("UTF-8")
}

fn lines(document: Document) -> Vec<u8> {
    let mut out = Vec::new();
    document.write_lines(&mut out).expect("to memory");
    out
}

fn pick(values: &[Value]) -> impl Strategy<Value = Value> + use<> {
    prop::sample::select(values.to_vec())
}

/// Fields that this version does not know.
fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    let value = pick(&[json!(null), json!(1), json!("b"), json!([2, 1]), json!({ "a": [] })]);
    prop::collection::btree_map(prop::sample::select(vec!["new", "other"]), value, 0..2)
        .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn extended(value: Value, fields: Map<String, Value>) -> Value {
    let Value::Object(mut object) = value else { return value };
    object.extend(fields);
    object.into()
}

fn commit() -> impl Strategy<Value = Value> {
    let date = pick(&[json!("2024-01-01T00:00:00+01:00"), json!("2024-01-01T00:00:00+00:00"), json!(null)]);
    prop_oneof![Just(json!(null)), ("[ab]", date).prop_map(|(id, date)| json!({ "commit": id, "date": date }))]
}

fn place(repositories: usize) -> impl Strategy<Value = Value> {
    let site = pick(&[
        json!({ "kind": "file", "path": "a" }),
        json!({ "kind": "file", "path": "\u{fffd}", "path_bytes": "e9" }),
        json!({ "kind": "commit", "id": "c", "part": "message" }),
        json!({ "kind": "stdin" }),
        json!({ "kind": "new", "x": 1 }),
    ]);
    let flag = || pick(&[json!(null), json!(false), json!(true)]);
    let version =
        (1..3_u64, commit()).prop_map(|(object, commit)| json!({ "object": object, "commit": commit["commit"] }));
    let versions = prop::collection::vec(version, 0..3);
    let number = prop::option::of(0..repositories.max(1)).prop_map(move |nth| nth.filter(|_| repositories > 0));
    let via = pick(&[json!([]), json!(["base64"]), json!(["hex", "json"])]);
    let looks = (flag(), flag(), commit(), versions, via);
    (number, site, 1..3_u64, looks, unknown()).prop_map(|(number, site, line, looks, unknown)| {
        let (worktree, head, introduced, versions, via) = looks;
        let place = json!({
            "repository": number, "site": site, "in_worktree": worktree, "in_head": head,
            "position": { "line": line, "column": 1, "end_line": line, "end_column": 2, "offset": 0, "length": 1 },
            "via": via, "snippet": { "text": format!("{line}"), "start": 0, "end": 1 },
            "introduced": introduced, "versions": versions,
        });
        extended(place, unknown)
    })
}

fn story(repositories: usize) -> impl Strategy<Value = Value> {
    let entry = (0..repositories.max(1), "[xyz]").prop_map(move |(nth, said)| {
        let number = if repositories == 0 { json!(null) } else { json!(nth) };
        json!({ "repository": number, "said": said })
    });
    let list = || prop::collection::vec(entry.clone(), 0..4);
    let (histories, advice) = (list(), list());
    (histories, advice).prop_map(
        |(histories, advice)| json!({ "reach": { "places": 0, "new": 1 }, "histories": histories, "advice": advice }),
    )
}

fn finding(repositories: usize) -> impl Strategy<Value = Value> {
    let severity = pick(&[json!("note"), json!("high"), json!("critical")]);
    let confidence = pick(&[json!("low"), json!("medium"), json!("high")]);
    let note =
        pick(&[json!({ "kind": "unusual-shape" }), json!({ "kind": "expires", "at": null }), json!({ "kind": "new" })]);
    let verdict = (pick(&[json!("live"), json!("dead"), json!("unknown")]), 1..3)
        .prop_map(|(state, day)| json!({ "verdict": state, "at": format!("2024-01-0{day}T00:00:00+00:00") }));
    let more = (prop::collection::vec(note, 0..3), prop::option::of(verdict), prop::option::of(story(repositories)));
    let what = ("[abc]", "[rs]", severity, confidence);
    (what, prop::collection::vec(place(repositories), 0..4), more, unknown()).prop_map(|(what, places, more, unknown)| {
        let ((id, rule, severity, confidence), (notes, verdict, story)) = (what, more);
        let mut finding = json!({
            "rule": rule, "name": rule, "severity": severity, "confidence": confidence, "fingerprint": id.repeat(32),
            "masked": "…", "notes": notes, "places": places, "rotate": [{ "do": format!("{verdict:?}"), "url": null }],
        });
        let fields = finding.as_object_mut().expect("an object");
        fields.extend(verdict.map(|verdict| ("verdict".to_owned(), verdict)));
        fields.extend(story.map(|story| ("story".to_owned(), story)));
        extended(finding, unknown)
    })
}

fn report() -> impl Strategy<Value = Value> {
    let names = prop::collection::vec(pick(&[json!("."), json!("b"), json!("c")]), 0..3);
    names.prop_flat_map(|names| {
        let findings = |most| prop::collection::vec(finding(names.len()), 0..most);
        let why = pick(&[json!({ "kind": "before" }), json!({ "kind": "inline", "marker": "m", "reason": "" })]);
        let suppressed =
            (why, finding(names.len())).prop_map(|(why, finding)| json!({ "why": why, "finding": finding }));
        let suppressed = prop::option::of(prop::collection::vec(suppressed, 0..3));
        let problems =
            prop::collection::vec("[ab]".prop_map(|what| json!({ "kind": "limit", "what": what, "why": "" })), 0..2);
        let version = pick(&[json!(Tool::THIS.version), json!(format!("{}9", Tool::THIS.version))]);
        let lists = (findings(4), findings(2), suppressed, problems);
        (lists, 0..3_u64, any::<bool>(), version, unknown()).prop_map(move |(lists, count, ran, version, unknown)| {
            let (findings, hygiene, suppressed, problems) = lists;
            let repositories: Vec<Value> = names.iter().map(|name| json!({ "name": name, "folder": "." })).collect();
            let silenced = json!({ "before": count, "baseline": 0, "inline": 0, "allowed": 0 });
            let mut report = json!({
                "schema": "keylint-report/1", "tool": { "name": "keylint", "version": version },
                "repositories": repositories, "complete": problems.is_empty(),
                "coverage": { "files": count, "new": u64::MAX }, "filtered": count, "silenced": silenced,
                "lints": { "ran": ran, "filtered": 0, "silenced": silenced },
                "findings": findings, "hygiene": hygiene, "problems": problems, "notices": [],
            });
            let fields = report.as_object_mut().expect("an object");
            fields.extend(suppressed.map(|list| ("suppressed".to_owned(), list.into())));
            extended(report, unknown)
        })
    })
}

/// Any JSON at all, with the names that reports use.
fn anything() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "type",
        "schema",
        "tool",
        "name",
        "version",
        "repositories",
        "findings",
        "places",
        "site",
        "position",
        "kind",
        "repository",
        "complete",
        "counts",
        "suppressed",
        "why",
        "finding",
        "parts",
        "digest",
        "coverage",
        "story",
        "at",
    ]);
    let leaf = pick(&[
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("scan"),
        json!("end"),
        json!("keylint"),
        json!("keylint-report/1"),
        json!(Tool::THIS.version),
        json!("high"),
        json!("a".repeat(32)),
    ]);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let object = prop::collection::btree_map(names.clone(), inner.clone(), 0..4)
            .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::Array), object]
    })
}

/// `value` with what the steps of `way` lead to replaced.
fn replace(value: &mut Value, way: &[prop::sample::Index], other: Value) {
    match (value, way) {
        (Value::Object(fields), [step, way @ ..]) if !fields.is_empty() => {
            let nth = step.index(fields.len());
            replace(fields.values_mut().nth(nth).expect("a field"), way, other);
        }
        (Value::Array(values), [step, way @ ..]) if !values.is_empty() => {
            let nth = step.index(values.len());
            replace(&mut values[nth], way, other);
        }
        (value, _) => *value = other,
    }
}

/// A report in which something is another thing.
fn damaged() -> impl Strategy<Value = Value> {
    let way = prop::collection::vec(any::<prop::sample::Index>(), 1..7);
    (report(), way, anything()).prop_map(|(mut report, way, other)| {
        replace(&mut report, &way, other);
        report
    })
}

/// Reads, joins and writes whatever can be.
fn go_through(bytes: &[u8]) {
    if let Ok(document) = Document::read(bytes, Some("a")) {
        let joined = merge(vec![document.clone(), document]);
        written(joined.clone());
        lines(joined);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_order_of_reports_does_not_matter(a in report(), b in report(), c in report()) {
        let [a, b, c] = [&a, &b, &c].map(read);
        let all = written(merge(vec![a.clone(), b.clone(), c.clone()]));
        prop_assert_eq!(&written(merge(vec![c.clone(), a.clone(), b.clone()])), &all);
        prop_assert_eq!(written(merge(vec![b, c, a])), all);
    }

    #[test]
    fn neither_does_what_was_joined_before(a in report(), b in report(), c in report()) {
        let [a, b, c] = [&a, &b, &c].map(read);
        let all = written(merge(vec![a.clone(), b.clone(), c.clone()]));
        let first = written(merge(vec![a.clone(), b.clone()]));
        let first = Document::read(first.as_bytes(), None).expect("what was written is a report");
        prop_assert_eq!(&written(merge(vec![first.clone(), c.clone()])), &all);
        let last = lines(merge(vec![b, c]));
        let last = Document::read(&last, None).expect("what was written is a report");
        prop_assert_eq!(&written(merge(vec![a, last.clone()])), &all);
        prop_assert_eq!(written(merge(vec![first, last])), all, "one is in both");
    }

    #[test]
    fn a_report_that_is_given_again_changes_nothing(a in report(), b in report()) {
        let [a, b] = [&a, &b].map(read);
        let alone = written(a.clone());
        prop_assert_eq!(&written(merge(vec![a.clone(), a.clone()])), &alone);
        let again = Document::read(alone.as_bytes(), None).expect("what was written is a report");
        let both = written(merge(vec![a.clone(), b.clone()]));
        prop_assert_eq!(&written(merge(vec![a, b.clone(), again])), &both);
        let joined = Document::read(both.as_bytes(), None).expect("what was written is a report");
        prop_assert_eq!(written(merge(vec![b, joined])), both);
    }

    /// Nothing is lost, and no key is told twice.
    #[test]
    fn every_place_of_every_report_is_there_once(a in report(), b in report()) {
        let joined: Value = serde_json::from_str(&written(merge(vec![read(&a), read(&b)]))).expect("JSON");
        let spots = |report: &Value| {
            let mut spots = Vec::new();
            for finding in report["findings"].as_array().expect("a list") {
                for place in finding["places"].as_array().expect("a list") {
                    let repository = place["repository"].as_u64().map(|nth| report["repositories"][nth as usize].to_string());
                    let at = (place["site"].to_string(), place["position"].to_string());
                    spots.push((finding["fingerprint"].to_string(), repository, at));
                }
            }
            spots.sort();
            spots
        };
        let mut expected = [spots(&a), spots(&b)].concat();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(spots(&joined), expected);
        let found = joined["findings"].as_array().expect("a list").iter();
        let mut fingerprints: Vec<&str> = found.map(|finding| text(&finding["fingerprint"])).collect();
        let all = fingerprints.len();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        prop_assert_eq!(fingerprints.len(), all);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn no_input_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), value in anything(), damaged in damaged()) {
        go_through(&bytes);
        go_through(value.to_string().as_bytes());
        go_through(format!("{{\"type\":\"scan\",\"schema\":\"keylint-report/1\"}}{value}").as_bytes());
        go_through(damaged.to_string().as_bytes());
    }
}

/// Repositories that share a key, beside each other.
fn three() -> Folder {
    let folder = Folder::new();
    for (nth, name) in (1_u32..).zip(["api", "web", "tools"]) {
        let at = |command: &[&str]| folder.git([&["-C", name][..], command].concat());
        folder.git(["init", "--quiet", "--initial-branch=main", name]);
        folder.write(format!("{name}/config.py"), format!("\nKEY = '{}'\n", key(1)));
        folder.write(format!("{name}/own.py"), format!("KEY = '{}'\n", key(10 + u64::from(nth))));
        at(&["add", "--all"]);
        at(&["commit", "--quiet", "-m", "Add keys"]);
    }
    folder
}

fn scan(folder: &Folder, args: &[&str]) -> Value {
    let run = folder.keylint([&["scan", "--format", "json"], args].concat());
    assert!(matches!(run.code(), 0 | 1), "{}", run.stderr());
    serde_json::from_str(&run.stdout()).expect("JSON")
}

/// The findings, with places that say the names of repositories rather than their numbers.
fn told(report: &Value) -> Vec<(String, Vec<(String, String)>)> {
    let place = |place: &Value| {
        let number = place["repository"].as_u64().expect("a repository") as usize;
        (text(&report["repositories"][number]["name"]).to_owned(), text(&place["site"]["path"]).to_owned())
    };
    let findings = report["findings"].as_array().expect("a list").iter();
    let mut told: Vec<_> = findings
        .map(|finding| {
            let mut places: Vec<_> = finding["places"].as_array().expect("a list").iter().map(place).collect();
            places.sort();
            (text(&finding["fingerprint"]).to_owned(), places)
        })
        .collect();
    told.sort();
    told
}

#[test]
fn a_key_of_several_repositories_is_one_finding_in_whatever_order_they_are_named() {
    let folder = three();
    let expected = told(&scan(&folder, &["api", "tools", "web"]));
    let shared: Vec<_> = expected.iter().filter(|(_, places)| places.len() == 3).collect();
    assert_eq!((expected.len(), shared.len()), (4, 1));
    let at = |name: &str| (name.to_owned(), "config.py".to_owned());
    assert_eq!(shared[0].1, ["api", "tools", "web"].map(at));
    for order in [["web", "api", "tools"], ["tools", "web", "api"]] {
        assert_eq!(told(&scan(&folder, &order)), expected);
    }
    for (list, args) in [
        ("web\ntools\napi\n", &[][..]),
        ("# ours\r\n\r\nweb\r\ntools", &["api"]),
        ("api\0web\0tools\0", &[]),
        ("api\nweb\napi\n", &["tools", "web"]),
    ] {
        folder.write("list", list);
        assert_eq!(told(&scan(&folder, &[&["--targets-from", "list"], args].concat())), expected, "{list}");
    }
}

fn fed(folder: &Folder, args: &[&str], input: &[u8]) -> Run {
    let mut command = program();
    command.current_dir(&folder.path).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    // One that refuses does not read all of it.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    Run(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_list_comes_after_the_command_line_and_from_standard_input() {
    let folder = three();
    folder.write("list", "web\n");
    let report = scan(&folder, &["tools", "--targets-from", "list"]);
    assert_eq!((text(&report["repositories"][0]["name"]), text(&report["repositories"][1]["name"])), ("tools", "web"));
    let run = fed(&folder, &["scan", "--format", "json", "--targets-from", "-"], b"web\ntools\n");
    assert_eq!(run.code(), 1);
    let report: Value = serde_json::from_str(&run.stdout()).expect("JSON");
    assert_eq!(report["repositories"].as_array().map(Vec::len), Some(2));
    folder.write("list", "-\n");
    let run = fed(&folder, &["scan", "--no-lint", "--targets-from", "list"], key(3).as_bytes());
    assert_eq!(run.code(), 1, "{}", run.stderr());
    // What is staged in each of them, as with targets.
    folder.write("list", "web\napi\n");
    folder.write("web/new.py", key(5));
    folder.git(["-C", "web", "add", "new.py"]);
    let staged = scan(&folder, &["--staged", "--targets-from", "list"]);
    assert_eq!(told(&staged).len(), 1);
}

#[test]
fn a_list_that_says_nothing_is_never_clean() {
    let folder = Folder::new();
    folder.write("empty", "# nothing\n\n");
    folder.write("wrong", "nowhere\n");
    folder.write("gap", "a\0\0b");
    folder.write("clean/a.txt", "a");
    for (args, expected) in [
        (&["--targets-from", "empty"][..], "empty: the list names no target"),
        (&["--targets-from", "nowhere"], "cannot read the targets from nowhere"),
        (&["--targets-from", "clean"], "cannot read the targets from clean"),
        (&["--targets-from", "wrong"], "nowhere"),
        (&["--targets-from", "gap"], "gap: entry 2"),
        (&["--targets-from", "wrong", "clean"], "nowhere"),
        (&["--targets-from", "-", "-"], "standard input cannot be both"),
        (&["--targets-from", "empty", "--targets-from", "empty"], "cannot be used multiple times"),
    ] {
        let run = folder.keylint([&["scan"], args].concat());
        assert_eq!(run.code(), 2, "{args:?}");
        assert!(run.stderr().contains(expected) && run.stdout().is_empty(), "{args:?}: {}", run.stderr());
    }
    let run = fed(&folder, &["scan", "--targets-from", "-"], b"clean\n-\n");
    assert!(run.code() == 2 && run.stderr().contains("standard input cannot be both"), "{}", run.stderr());
    let run = folder.keylint(["scan", "--targets-from", "empty", "clean"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
}

#[cfg(unix)]
#[test]
fn a_listed_path_is_bytes() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = Folder::new();
    let odd = b"caf\xe9\nb";
    if fs::write(folder.at(OsStr::from_bytes(odd)), key(1)).is_err() {
        return; // Not every system has such names.
    }
    folder.write("list", [&odd[..], b"\0"].concat());
    let report = scan(&folder, &["--targets-from", "list"]);
    assert_eq!(report["findings"][0]["places"][0]["site"]["path_bytes"], "636166e90a62");
}

#[test]
fn reports_of_separate_scans_make_one_like_that_of_all() {
    let folder = three();
    for name in ["api", "web", "tools"] {
        let run = folder.keylint(["scan", name, "--output", &format!("{name}.json"), "--format", "json"]);
        assert_eq!(run.code(), 1);
        // Each started in its repository.
        let run = Run(program()
            .current_dir(folder.at(name))
            .args(["scan", "--format", "jsonl", "--output", &format!("../{name}-alone.jsonl")])
            .output()
            .expect("it runs"));
        assert_eq!(run.code(), 1, "{}", run.stderr());
    }
    let merged = folder.keylint(["merge", "web.json", "api.json", "tools.json"]);
    assert_eq!((merged.code(), merged.stderr().as_str()), (1, ""));
    let report: Value = serde_json::from_str(&merged.stdout()).expect("JSON");
    let whole = scan(&folder, &["api", "tools", "web"]);
    assert_eq!(told(&report), told(&whole));
    assert_eq!((&report["coverage"], &report["complete"]), (&whole["coverage"], &whole["complete"]));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(4));

    let alone =
        ["--named", "api=api-alone.jsonl", "--named", "tools=tools-alone.jsonl", "--named", "web=web-alone.jsonl"];
    let named = folder.keylint([&["merge"][..], &alone].concat());
    let named: Value = serde_json::from_str(&named.stdout()).expect("JSON");
    assert_eq!((told(&named), &named["findings"]), (told(&whole), &whole["findings"]));
    let run = folder.keylint(["merge", "api-alone.jsonl", "web-alone.jsonl"]);
    assert!(run.code() == 1 && run.stderr().contains("--named"), "{}", run.stderr());
}

#[test]
fn a_merged_report_goes_where_it_should() {
    let folder = three();
    for name in ["api", "web"] {
        folder.keylint(["scan", name, "--output", &format!("{name}.json"), "--format", "json"]);
    }
    let merged = folder.keylint(["merge", "api.json", "web.json", "--format", "jsonl"]).stdout();
    let types: Vec<Value> = merged.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&types[0]["type"], &types[types.len() - 1]["type"]), (&json!("scan"), &json!("end")));
    // From standard input, and over one that went in.
    let run = fed(
        &folder,
        &["merge", "-", "web.json", "-f", "jsonl", "-o", "api.json"],
        &fs::read(folder.at("api.json")).expect("a file"),
    );
    assert_eq!((run.code(), run.stdout().as_str()), (1, ""));
    assert_eq!(fs::read_to_string(folder.at("api.json")).expect("a file"), merged);
    // What cannot be merged leaves it as it is.
    folder.write("cut", &merged[..merged.len() / 2]);
    let run = folder.keylint(["merge", "api.json", "cut", "-o", "api.json"]);
    assert_eq!(run.code(), 2);
    assert_eq!(fs::read_to_string(folder.at("api.json")).expect("a file"), merged);
}

#[test]
fn the_exit_code_is_that_of_a_scan() {
    let folder = Folder::new();
    folder.write("clean/a.txt", "a");
    let run = folder.keylint(["scan", "clean", "--format", "json"]);
    assert_eq!(run.code(), 0);
    let mut report: Value = serde_json::from_str(&run.stdout()).expect("JSON");
    folder.write("clean.json", report.to_string());
    assert_eq!(folder.keylint(["merge", "clean.json"]).code(), 0);
    report["problems"] = json!([{ "kind": "unreadable", "what": "b", "why": "permission denied" }]);
    report["complete"] = false.into();
    folder.write("gap.json", report.to_string());
    assert_eq!(folder.keylint(["merge", "clean.json", "gap.json"]).code(), 3);
}

#[test]
fn what_cannot_be_merged_is_named_with_the_way_out() {
    let folder = three();
    let whole = folder.keylint(["scan", "api", "--format", "json"]).stdout();
    let lines = folder.keylint(["scan", "api", "--format", "jsonl"]).stdout();
    folder.write("whole", &whole);
    folder.write("cut", &whole[..whole.len() / 2]);
    folder.write("cut-lines", lines.lines().next().expect("a line"));
    folder.write("sarif", folder.keylint(["scan", "api", "--format", "sarif"]).stdout());
    folder.write("clear", folder.keylint(["scan", "api", "--format", "json", "--show-secrets"]).stdout());
    folder.write("schema", whole.replace("keylint-report/1", "keylint-report/2"));
    folder.write("version", whole.replace(Tool::THIS.version, "99.0.0"));
    folder.write("nothing", "");
    for (file, expected) in [
        ("cut", &["no JSON", "line", "scan again"][..]),
        ("cut-lines", &["no `end` line", "scan again"]),
        ("sarif", &["no report of keylint", "--format json"]),
        ("clear", &["in clear", "without --show-secrets"]),
        ("schema", &["keylint-report/2", "keylint-report/1", "merge with"]),
        ("version", &["99.0.0", Tool::THIS.version, "merge with"]),
        ("nothing", &["empty"]),
        ("nowhere", &["cannot read the report"]),
        ("api", &["cannot read the report"]),
    ] {
        let run = folder.keylint(["merge", "whole", file]);
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""), "{file}");
        let said = run.stderr();
        assert!(said.contains(file) && expected.iter().all(|word| said.contains(word)), "{file}: {said}");
        assert!(!said.contains(&key(1)[8..40]), "a key is shown");
    }
    for args in
        [&["merge"][..], &["merge", "-", "-"], &["merge", "--named", "a"], &["merge", "whole", "--format", "sarif"]]
    {
        assert_eq!(folder.keylint(args).code(), 2, "{args:?}");
    }
}
