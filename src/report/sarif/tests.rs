//! Tests of the whole document. Whether it keeps to the schema is for `.ci/validate-reports` to say.

use super::*;
use crate::{
    model::{Notice, Place, Problem, ProblemKind, Report, Secret, Silenced, Site, Subject, Text},
    report::{Format, Options, sample},
};
use serde_json::{Value, json};

fn run_of(report: &Report, options: &Options) -> Value {
    let text = sample::written(Format::Sarif, report, options);
    let mut log: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    log["runs"][0].take()
}

fn plain(report: &Report) -> Value {
    run_of(report, &Options::default())
}

fn with_suppressed(report: &Report) -> Value {
    run_of(report, &Options { show_suppressed: true, ..Options::default() })
}

/// The result of the sample's first key, with its first place changed and no other.
fn result(change: impl FnOnce(&mut Place)) -> Value {
    let mut report = sample::report();
    report.findings[0].places.truncate(1);
    change(&mut report.findings[0].places[0]);
    plain(&report)["results"][0].take()
}

fn texts(notifications: &Value) -> Vec<&str> {
    let all = notifications.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|notification| notification["message"]["text"].as_str().expect("a text")).collect()
}

#[test]
fn a_result_is_told_whole() {
    let report = sample::report();
    let mut run = plain(&report);
    let fingerprint = report.findings[0].fingerprint.to_string();
    let index = run["results"][0]["ruleIndex"].take().as_u64().expect("an index") as usize;
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "openai-project-key");
    let physical = |uri: &str, line: u64| {
        json!({
            "artifactLocation": { "uri": uri, "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": line, "startColumn": 8, "endLine": line, "endColumn": 46,
                "snippet": { "text": "sk-proj-…AbC9" }
            },
            "contextRegion": {
                "startLine": line, "endLine": line, "snippet": { "text": "KEY = \"sk-proj-…AbC9\"" }
            }
        })
    };
    assert_eq!(
        run["results"][0],
        json!({
            "kind": "fail", "level": "error", "ruleId": "openai-project-key", "ruleIndex": null,
            "message": {
                "text": "OpenAI project API key in src/config.py. It is sk-proj-…AbC9, in the work tree and in HEAD, since \
                         commit 0101010 of 2024-05-02. It also stands in [config/old.env:3:8](1)."
            },
            "locations": [{ "physicalLocation": physical("src/config.py", 12) }],
            "relatedLocations": [{
                "id": 1, "physicalLocation": physical("config/old.env", 3),
                "message": { "text": "config/old.env:3:8, only in history, since commit 0404040" }
            }],
            "fingerprints": { "keylint/v1": fingerprint },
            "properties": {
                "confidence": "high", "severity": "critical", "masked": "sk-proj-…AbC9", "fingerprint": fingerprint,
                "places": 2, "inWorktree": true, "inHead": true, "commit": sample::id(1).to_string(),
                "blob": sample::id(2).to_string(), "firstSeen": "2024-05-02T01:00:00+02:00"
            }
        })
    );
}

#[test]
fn nobody_is_named() {
    let mut run = plain(&sample::report());
    // Examples of rules name made-up people.
    run["tool"].take();
    let text = run.to_string();
    assert!(!text.contains("Ann") && !text.contains("example.com"), "{text}");
}

#[test]
fn a_way_of_handling_keys_is_told_as_one() {
    let report = sample::with_practices();
    let run = plain(&report);
    let result = &run["results"][2];
    let text = "SDK allowed to use a key in a browser in src/config.py. There is allowBrowser: true, in the work tree.";
    assert_eq!(result["message"]["text"], text);
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("browser-allowed"), &json!("error")));
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["snippet"]["text"]), (&json!(11), &json!("allowBrowser: true")));
    let properties = &result["properties"];
    assert_eq!((&properties["what"], properties.get("masked")), (&json!("allowBrowser: true"), None));
    assert_eq!(properties["key"], report.findings[0].fingerprint.to_string());
    assert_eq!(run["results"][3]["properties"].get("key"), None);
    let none = json!({ "before": 0, "baseline": 0, "inline": 0, "allowed": 0 });
    assert_eq!(run["properties"]["lints"], json!({ "ran": true, "filtered": 0, "silenced": none }));
}

#[test]
fn a_key_in_history_alone_names_its_path_and_commit() {
    let result = result(|place| (place.in_worktree, place.in_head) = (Some(false), Some(false)));
    let text = result["message"]["text"].as_str().expect("a text");
    assert!(text.starts_with("OpenAI project API key in the history of src/config.py. "), "{text}");
    assert!(text.contains("is sk-proj-…AbC9, only in history, since commit 0101010 of 2024-05-02."), "{text}");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/config.py");
    assert_eq!(result["properties"]["commit"], sample::id(1).to_string());
}

#[test]
fn further_places_are_related_also_where_only_history_has_them() {
    let mut report = sample::report();
    for place in &mut report.findings[0].places {
        (place.in_worktree, place.in_head) = (None, Some(false));
    }
    let result = &plain(&report)["results"][0];
    let uri = |location: &Value| location["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(uri(&result["locations"][0]), "src/config.py");
    assert_eq!(uri(&result["relatedLocations"][0]), "config/old.env");
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(1));
    assert_eq!(result["properties"].get("inWorktree"), None, "nobody looked");
}

#[test]
fn what_no_file_holds_points_at_one_that_may_be_there_and_says_so() {
    let sites = [
        Site::Stdin,
        Site::Tag { id: sample::id(3) },
        Site::LooseBlob { id: sample::id(3) },
        Site::LooseTree { id: sample::id(3) },
        Site::RefName { name: Text::from("refs/heads/x") },
        Site::Commit { id: sample::id(3), part: Text::from("message") },
        Site::File { path: Text::from("") },
    ];
    for site in sites {
        let result = result(|place| place.site = site.clone());
        let location = &result["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "README.md");
        let region = json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2 });
        assert_eq!(location["physicalLocation"]["region"], region, "{site:?}");
        if !matches!(site, Site::File { .. }) {
            let text = result["message"]["text"].as_str().expect("a text");
            assert!(text.contains("No file holds it: the first line of README.md only stands for it"), "{text}");
        }
    }
}

#[test]
fn a_file_in_the_git_directory_or_the_name_of_one_is_a_file() {
    let uri = |site: Site| {
        result(|place| place.site = site)["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].take()
    };
    assert_eq!(uri(Site::GitFile { path: Text::from("logs/HEAD") }), ".git/logs/HEAD");
    assert_eq!(uri(Site::FileName { path: Text::from("a/b c") }), "a/b%20c");
}

#[test]
fn a_region_is_never_empty_or_before_the_first_character() {
    let region = |line, column, end_line, end_column| {
        result(|place| {
            let position = &mut place.position;
            (position.line, position.column, position.end_line, position.end_column) =
                (line, column, end_line, end_column);
        })["locations"][0]["physicalLocation"]["region"]
            .take()
    };
    for (given, told) in [((0, 0, 0, 0), (1, 1, 1, 2)), ((5, 3, 4, 1), (5, 3, 5, 4)), ((5, 3, 6, 0), (5, 3, 6, 1))] {
        let region = region(given.0, given.1, given.2, given.3);
        let of = |field: &str| region[field].as_u64().expect("a number");
        assert_eq!((of("startLine"), of("startColumn"), of("endLine"), of("endColumn")), told);
    }
}

#[test]
fn brackets_in_names_make_no_links() {
    let result = result(|place| place.site = Site::File { path: Text::from("app/[id](9)\\x.ts") });
    let text = result["message"]["text"].as_str().expect("a text");
    assert!(text.starts_with("OpenAI project API key in app/\\[id\\](9)\\\\x.ts. "), "{text}");
}

#[test]
fn what_does_not_count_is_left_out_unless_asked_for() {
    let run = plain(&sample::silenced());
    assert_eq!(run["results"], json!([]));
    assert_eq!(run["properties"]["silenced"], json!({ "before": 1, "baseline": 1, "inline": 1, "allowed": 1 }));
    assert!(texts(&run["invocations"][0]["toolExecutionNotifications"])[0].starts_with("There are 4 keys that do not"));
    let run = with_suppressed(&sample::silenced());
    let suppressions: Vec<&Value> =
        run["results"].as_array().expect("results").iter().map(|result| &result["suppressions"][0]).collect();
    assert_eq!(suppressions.len(), 4);
    assert_eq!(suppressions[1]["kind"], "external");
    let inline = json!({
        "kind": "inSource", "status": "accepted", "justification": "allowed by `gitleaks:allow` on its line: a test"
    });
    assert_eq!(suppressions[2], &inline);
}

#[test]
fn a_key_that_counts_elsewhere_keeps_its_identity_to_itself() {
    let mut report = sample::report();
    let finding = report.findings[0].clone();
    report.silenced.push(Silenced { finding, why: Silence::Baseline });
    let run = with_suppressed(&report);
    let of = |nth: usize| run["results"][nth]["fingerprints"]["keylint/v1"].as_str().expect("a text");
    assert_eq!(of(2), format!("{}/silenced", of(0)));
}

#[test]
fn a_category_is_written_when_given() {
    assert_eq!(plain(&sample::report()).get("automationDetails"), None);
    let id = |name: &str| {
        let options = Options { sarif_category: Some(name.to_owned()), ..Options::default() };
        run_of(&sample::report(), &options)["automationDetails"]["id"].take()
    };
    assert_eq!((id("a/b"), id("a/b/")), (json!("a/b/"), json!("a/b/")));
}

#[test]
fn gaps_are_told() {
    let mut report = sample::report();
    let whole = &plain(&report)["invocations"][0];
    assert_eq!(whole, &json!({ "executionSuccessful": true }));
    report.problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there"); 130];
    report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
    let invocation = &plain(&report)["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let problems = texts(&invocation["toolExecutionNotifications"]);
    assert_eq!((problems.len(), problems[0]), (101, "object 1: not there"));
    assert_eq!(problems[100], "There are 30 more like these; --format json has them all.");
    assert_eq!(texts(&invocation["toolConfigurationNotifications"]), ["keylint.toml:3: it has expired"]);
}

#[test]
fn more_results_than_github_takes_are_cut_and_told() {
    let mut report = sample::report();
    let finding = report.findings[1].clone();
    report.findings.extend(vec![finding; 25_000]);
    let run = plain(&report);
    assert_eq!(run["results"].as_array().map(Vec::len), Some(5_000));
    assert_eq!(run["results"][0]["ruleId"], "openai-project-key", "the first are the most severe");
    let told = texts(&run["invocations"][0]["toolExecutionNotifications"]);
    let expected = "There are 25,002 results; GitHub keeps 5000, so these are the 5000 most severe.";
    assert_eq!(told, [expected]);
    report.findings.truncate(RESULTS);
    assert!(plain(&report)["invocations"][0].get("toolExecutionNotifications").is_none());
}

#[test]
fn more_places_than_github_takes_are_cut_and_told() {
    let mut report = sample::report();
    report.findings.truncate(1);
    let place = report.findings[0].places[0].clone();
    report.findings[0].places = vec![place; 1_500];
    let run = plain(&report);
    assert_eq!(run["results"][0]["relatedLocations"].as_array().map(Vec::len), Some(99));
    let text = run["results"][0]["message"]["text"].as_str().expect("a text");
    assert!(text.contains("[src/config.py:12:8](10) and 1,489 more places."), "{text}");
    let told = texts(&run["invocations"][0]["toolExecutionNotifications"]);
    assert!(told[0].starts_with("1 result has more places than GitHub keeps"), "{told:?}");
    report.findings[0].places.truncate(100);
    let run = plain(&report);
    assert_eq!(run["results"][0]["relatedLocations"].as_array().map(Vec::len), Some(99));
    assert!(run["invocations"][0].get("toolExecutionNotifications").is_none());
}

/// A report of `count` keys, each with `places` places, whose lines and paths are `length` bytes that do not pack well.
fn noisy(count: usize, places: usize, length: usize) -> Report {
    let mut report = sample::report();
    let finding = report.findings[0].clone();
    let place = |seed: usize| {
        let mut place = finding.places[0].clone();
        place.site = Site::File { path: Text::from(sample::noise(2 * seed, length).as_str()) };
        place.snippet.text.push_str(&sample::noise(2 * seed + 1, length));
        place
    };
    let finding = |seed: usize| {
        let secret = Secret::new(format!("made up {seed}").as_bytes(), 2);
        let places = (0..places).map(|nth| place(seed * places + nth)).collect();
        Finding {
            fingerprint: secret.fingerprint("openai"),
            subject: Subject::Secret(secret),
            places,
            ..finding.clone()
        }
    };
    report.findings = (0..count).map(finding).collect();
    report
}

fn packed(text: &str) -> usize {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, text.as_bytes()).expect("memory takes everything");
    packer.finish().expect("memory takes everything").len()
}

#[test]
fn as_many_results_as_github_keeps_fit_if_they_are_of_the_usual_size() {
    let run = plain(&noisy(RESULTS, 2, 100));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(RESULTS));
    assert!(run["invocations"][0].get("toolExecutionNotifications").is_none(), "{}", run["invocations"]);
}

#[test]
fn a_file_that_github_would_refuse_is_cut_and_told() {
    for (report, cut) in [(noisy(700, 60, 300), "with one place only: "), (noisy(3_000, 1, 5_000), "left out: ")] {
        let text = sample::written(Format::Sarif, &report, &Options::default());
        let size = packed(&text);
        assert!(size < 10_000_000 && size > 7_500_000, "{cut} {size}");
        let log: Value = serde_json::from_str(&text).expect("JSON");
        let told = texts(&log["runs"][0]["invocations"][0]["toolExecutionNotifications"]);
        assert!(told.len() == 1 && told[0].contains(cut) && told[0].contains("10 MB"), "{cut} {told:?}");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let complete = cut != "left out: ";
        assert_eq!(results.len() == report.findings.len(), complete, "{}", results.len());
        let last = &results[results.len() - 1];
        assert!(last["locations"][0]["physicalLocation"].get("contextRegion").is_none(), "{cut}");
        let linked = last["message"]["text"].as_str().expect("a text").contains("](1)");
        assert_eq!(linked, last.get("relatedLocations").is_some(), "a link leads somewhere");
    }
}

#[test]
fn the_same_scan_gives_the_same_bytes() {
    let other = Options { color: true, now: Some(9), elapsed: Some(std::time::Duration::MAX), ..Options::default() };
    let of = |options| sample::written(Format::Sarif, &sample::report(), options);
    assert_eq!(of(&Options::default()), of(&other));
}
