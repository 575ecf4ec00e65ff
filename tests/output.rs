//! What the program prints, and what it never prints; what it leaves alone.

use crate::fixture::{Folder, key, key_of, program, text};
use std::{fs, process::Stdio};

/// A repository with a key in every kind of place.
fn leaky() -> (Folder, Vec<String>) {
    let repository = Folder::repository();
    let keys: Vec<String> = (0..12).map(key).collect();
    repository.write("src/a.py", format!("\tkey = '{}'  # and {}\n", keys[0], keys[1]));
    repository.write(format!("names/{}.txt", keys[2]), format!("{}\n", keys[0]));
    repository.commit(&format!("Add {}\n\nBecause of {}", keys[3], keys[4]), 1);
    repository.git_as(
        &format!("{} <{}@example.com>", keys[5], keys[6]),
        ["commit", "--quiet", "--allow-empty", "-m", &keys[0]],
    );
    repository.git(["tag", "-a", "v1", "-m", &keys[7]]);
    repository.git(["branch", &format!("wip/{}", keys[8])]);
    repository.git(["remote", "add", "origin", &format!("https://u:{}@example.com/x", keys[9])]);
    repository.git(["update-ref", "-m", &keys[10], "HEAD", "HEAD~1"]);
    repository.write("untracked.env", format!("K={}", keys[11]));
    (repository, keys)
}

fn formats() -> impl Iterator<Item = &'static str> {
    keylint::report::Format::ALL.iter().map(|format| format.as_str())
}

#[test]
fn no_format_shows_a_key_and_all_find_it() {
    let (repository, keys) = leaky();
    let below = repository.at(format!("names/{}.txt", keys[2]));
    for format in formats() {
        for extra in [
            &["--quiet"][..],
            &["--verbose", "--color", "always"],
            &["--select", "openai-admin-key"],
            &[below.to_str().expect("text")],
        ] {
            let run = repository.keylint([&["scan", "--format", format], extra].concat());
            assert!(matches!(run.code(), 0 | 1), "{}", run.stderr());
            let told = run.stdout() + &run.stderr();
            for key in &keys {
                // Not even half of it, before the marker or after.
                assert!(
                    !told.contains(&key[8..40]) && !told.contains(&key[100..140]),
                    "{format} {extra:?} shows a key"
                );
            }
        }
    }
    let scan = repository.scan(&[]);
    for (nth, key) in keys.iter().enumerate() {
        assert!(scan.of(key).is_some(), "key {nth} is not found");
    }
}

/// What nobody knows to be a key may be one: on a line that is shown because of how it handles keys, and in what is
/// said of it.
#[test]
fn no_format_shows_what_may_be_a_key_of_anybody_on_a_line_that_is_linted() {
    let folder = Folder::new();
    let unknown = keylint::rule::expand("vk-{alnum:44}", 3).expect("a generator").text;
    let known = key(1);
    folder.write(
        "web/chat.ts",
        format!(
            "new OpenAI({{ apiKey: \"{unknown}\", dangerouslyAllowBrowser: true }});\n\
             new OpenAI({{ apiKey: \"{known}\", dangerouslyAllowBrowser: true }});\n"
        ),
    );
    folder.write(
        "own.toml",
        "family = \"own\"\nname = \"Own\"\n[[lint]]\nid = \"own-call\"\nname = \"A call\"\nseverity = \"low\"\n\
         confidence = \"high\"\nsince = \"1\"\nabout = \"A.\"\nwhy = \"B.\"\nfix = [{ do = \"C.\" }]\n\
         pattern = 'OpenAI\\([^)]*\\)'\nbad = [{ path = \"a\", text = \"OpenAI(x)\" }]\ngood = [{ path = \"a\", text = \"x\" }]\n",
    );
    for format in formats() {
        for extra in [&["--quiet"][..], &["--verbose"]] {
            let args = [&["scan", "web", "--rules", "own.toml", "--format", format], extra].concat();
            let run = folder.keylint(args);
            assert_eq!(run.code(), 1, "{}", run.stderr());
            let told = run.stdout() + &run.stderr();
            for secret in [&unknown, &known] {
                assert!(!told.contains(&secret[8..40]), "{format}: {told}");
            }
        }
    }
    let scan = folder.scan(&["web", "--rules", "own.toml"]);
    let rules: Vec<&str> =
        scan.json["hygiene"].as_array().expect("a list").iter().map(|finding| text(&finding["rule"])).collect();
    assert_eq!(rules.iter().filter(|rule| **rule == "own-call").count(), 2, "{rules:?}");
    assert!(rules.contains(&"browser-allowed"), "{rules:?}");
}

#[test]
fn keys_are_shown_when_asked_for() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    for format in formats() {
        assert!(folder.keylint(["scan", "--show-secrets", "--format", format]).stdout().contains(&key(1)));
    }
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let (repository, _) = leaky();
    for seed in 0..60 {
        repository.write(format!("many/{seed}.txt"), format!("{}\n", key(seed % 20)));
    }
    repository.commit("Many", 3);
    let reports: Vec<String> = ["1", "2", "5"]
        .iter()
        .map(|jobs| repository.keylint(["scan", "--format", "json", "--jobs", jobs]).stdout())
        .collect();
    assert!(reports[0].len() > 10_000);
    assert!(reports[0] == reports[1] && reports[1] == reports[2]);
}

#[test]
fn nothing_is_written_to_what_is_scanned() {
    let (repository, _) = leaky();
    // An index that git itself would refresh.
    repository.write("src/a.py", fs::read(repository.at("src/a.py")).expect("it is there"));
    let before = repository.state();
    repository.scan(&[]);
    repository.pack();
    let packed = repository.state();
    assert_ne!(before, packed);
    repository.scan(&[]);
    assert_eq!(repository.state(), packed);
}

#[test]
fn content_cannot_drive_the_terminal() {
    let repository = Folder::repository();
    repository.write("a\u{1b}]0;x\u{7}.txt", format!("\u{1b}[2J\u{202e}{}\u{9b}31m\u{8}\n", key(1)));
    repository.commit("\u{1b}[31mSubject\u{202e}", 1);
    for color in ["never", "always"] {
        let shown = repository.keylint(["scan", "--color", color]).stdout();
        assert!(shown.contains("\\u{1b}[2J\\u{202e}"), "{shown}");
        assert!(!shown.contains(['\u{7}', '\u{8}', '\u{9b}', '\u{202e}']));
        let escapes: Vec<&str> = shown.split('\u{1b}').skip(1).collect();
        assert_eq!(escapes.is_empty(), color == "never");
        // Colours, and nothing else, begin with an escape.
        let is_colour = |rest: &&str| {
            rest.starts_with('[')
                && rest[1..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
        };
        assert!(escapes.iter().all(is_colour), "{escapes:?}");
    }
}

#[test]
fn who_stops_reading_is_no_error() {
    let folder = Folder::new();
    for file in 0..2000 {
        folder.write(format!("{file}.txt"), key(file));
    }
    let mut child = program()
        .current_dir(&folder.path)
        .args(["scan", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_the_scan_and_the_report_says_so() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    fs::File::create(folder.at("huge.bin")).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    let child = program()
        .current_dir(&folder.path)
        .args(["scan", "--format", "json", "--jobs", "2"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    std::thread::sleep(std::time::Duration::from_millis(700));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["problems"][0]["kind"], "interrupted");
}

#[test]
fn filters_leave_out_and_say_so() {
    let folder = Folder::new();
    folder.write("a.txt", format!("{}\n{}\n", key(1), key_of("openai-realtime-secret", 1)));
    let scan = folder.scan(&["--min-severity", "high"]);
    assert_eq!((scan.findings().len(), scan.json["filtered"].as_u64()), (1, Some(1)));
    assert_eq!(folder.scan(&["--select", "openai-realtime-secret"]).findings().len(), 1);
    assert_eq!(folder.scan(&["--ignore", "openai-realtime-secret,openai-project-key"]).code, 0);
    assert_eq!(folder.keylint(["scan", "--exit-zero"]).code(), 0);
}

#[test]
fn the_json_lines_are_the_report() {
    let (repository, keys) = leaky();
    let run = repository.keylint(["scan", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> =
        run.stdout().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["type"], &lines[lines.len() - 1]["type"]), (&"scan".into(), &"end".into()));
    assert_eq!(lines.iter().filter(|line| line["type"] == "finding").count(), keys.len());
}

#[test]
fn a_report_goes_to_a_file_when_asked() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    let run = folder.keylint(["scan", "a.txt", "--format", "json", "--output", "report.json"]);
    assert_eq!((run.code(), run.stdout()), (1, String::new()));
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.at("report.json")).expect("written")).expect("JSON");
    assert_eq!(json["schema"], "keylint-report/1");
}

#[test]
fn one_scan_writes_many_reports() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    let args = ["scan", "a.txt", "--report", "json=r.json", "--report", "jsonl=r.jsonl", "--report", "human=r.txt"];
    let run = folder.keylint(args);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    assert!(run.stdout().starts_with("critical[openai-project-key]"), "standard output has its own report");
    let read = |name: &str| fs::read_to_string(folder.at(name)).expect("written");
    assert!(read("r.json").starts_with("{\n  \"schema\""));
    assert!(read("r.jsonl").starts_with("{\"type\":\"scan\""));
    assert!(read("r.txt").starts_with("critical[openai-project-key]"));
    let all = folder.keylint(["scan", "a.txt", "--report", "json=s.json", "--output", "s.txt"]);
    assert_eq!((all.code(), all.stdout()), (1, String::new()));
    assert_eq!(read("s.json"), read("r.json"));
}

#[test]
fn what_a_report_will_replace_is_scanned_before() {
    let folder = Folder::new();
    for args in [["--report", "sarif=old.sarif"], ["--output", "old.sarif"]] {
        folder.write("old.sarif", key(1));
        let run = folder.keylint([&["scan", "."], &args[..]].concat());
        assert_eq!(run.code(), 1, "{}", run.stderr());
        assert!(!fs::read_to_string(folder.at("old.sarif")).expect("written").contains(&key(1)));
    }
    assert_eq!(fs::read_dir(&folder.path).expect("it is there").count(), 1, "something is left beside the report");
}

#[cfg(unix)]
#[test]
fn a_report_follows_no_link_and_goes_to_pipes_and_devices() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    elsewhere.write("program.sh", "exit 1\n");
    symlink(elsewhere.at("program.sh"), folder.at("out.json")).expect("ours");
    symlink(elsewhere.at("missing"), folder.at("other.json")).expect("ours");
    let run = folder.keylint(["scan", ".", "--report", "json=out.json", "--report", "jsonl=other.json"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert_eq!(fs::read_to_string(elsewhere.at("program.sh")).expect("there"), "exit 1\n");
    assert!(!elsewhere.at("missing").exists());
    let written = fs::symlink_metadata(folder.at("out.json")).expect("written");
    assert!(written.is_file() && written.permissions().mode() & 0o444 == 0o444, "{written:?}");
    let run = folder.keylint(["scan", ".", "--format", "json", "--output", "/dev/stdout"]);
    assert!(run.code() == 0 && run.stdout().starts_with('{'), "{}", run.stderr());
    // Standard output may be a file, and no link to it is replaced.
    symlink("/dev/fd/1", folder.at("link")).expect("ours");
    for output in ["/dev/stdout", "link"] {
        let file = fs::File::create(elsewhere.at("file.json")).expect("ours");
        let mut scan = program();
        let scan = scan.current_dir(&folder.path).args(["scan", ".", "--format", "json", "--output", output]);
        assert!(scan.stdout(file).status().expect("it runs").success());
        assert!(fs::read_to_string(elsewhere.at("file.json")).expect("there").starts_with('{'), "{output}");
    }
    assert!(fs::symlink_metadata(folder.at("link")).expect("there").is_symlink());
    let twice = folder.keylint(["scan", ".", "--report", "json=/dev/null", "--report", "csv=/dev/null"]);
    assert_eq!(twice.code(), 0, "{}", twice.stderr());
}

#[cfg(unix)]
#[test]
fn a_file_that_is_there_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("out.csv", "old");
    fs::set_permissions(folder.at("out.csv"), fs::Permissions::from_mode(0o600)).expect("ours");
    assert_eq!(folder.keylint(["scan", ".", "--report", "csv=out.csv"]).code(), 0);
    let mode = fs::metadata(folder.at("out.csv")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fs::read_to_string(folder.at("out.csv")).expect("there").starts_with("type,"));
}

#[test]
fn a_report_that_cannot_be_written_stops_the_scan_before_it_starts() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    folder.write("same.json", "");
    let cases: &[&[&str]] = &[
        &["--report", "json=no/such/folder.json"],
        &["--report", "json=."],
        &["--output", "no/such/folder.json"],
        &["--report", "json=same.json", "--report", "jsonl=./same.json"],
        &["--report", "json=new.json", "--output", "new.json"],
        &["--report", "json"],
        &["--report", "jsom=a.json"],
        &["--report", "json=-"],
    ];
    for extra in cases {
        let run = folder.keylint([&["scan", "a.txt"], *extra].concat());
        assert_eq!((run.code(), run.stdout()), (2, String::new()), "{extra:?}");
        assert!(run.stderr().contains("error: "), "{}", run.stderr());
    }
}

#[test]
fn a_key_in_a_submodule_has_the_path_it_has_in_the_outer_repository() {
    let inner = Folder::repository();
    inner.write("old.env", key(1));
    inner.commit("Add", 1);
    inner.git(["rm", "--quiet", "old.env"]);
    inner.write("now.env", key(2));
    inner.commit("Another", 2);
    let outer = Folder::repository();
    outer.git(["submodule", "--quiet", "add", inner.path.to_str().expect("text"), "libs/sub"]);
    outer.commit("Add a submodule", 3);
    let path = |below: &str, args: &[&str], seed: u64| {
        let report = |format: &str| {
            let args = [&["scan", "--format", format], args].concat();
            let run = program().current_dir(outer.at(below)).args(args).output().expect("it runs");
            String::from_utf8_lossy(&run.stdout).into_owned()
        };
        let tail = &key(seed)[key(seed).len() - 4..];
        let sarif: serde_json::Value = serde_json::from_str(&report("sarif")).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        let of_key = |result: &&serde_json::Value| text(&result["properties"]["masked"]).ends_with(tail);
        let result = results.iter().find(of_key).expect("a result").clone();
        let path = text(&result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).to_owned();
        assert!(report("github").contains(&format!("::error file={path},")), "{path}");
        for format in ["gitlab", "gitleaks", "csv", "human"] {
            assert!(report(format).contains(&path), "{format}: {path}");
        }
        path
    };
    for (args, below) in [(&["."][..], "."), (&[".."], "libs"), (&["--history-only", "."], ".")] {
        assert_eq!(path(below, args, 1), "libs/sub/old.env", "{args:?} in {below}");
        assert_eq!(path(below, args, 2), "libs/sub/now.env", "{args:?} in {below}");
    }
    outer.git(["submodule", "--quiet", "deinit", "--force", "--all"]);
    assert_eq!(path(".", &[], 1), "libs/sub/old.env", "it is not checked out");
}

#[test]
fn sarif_points_at_files_that_are_there() {
    let folder = Folder::new();
    folder.write("plain/a.txt", key(1));
    std::fs::create_dir_all(folder.at("repository/sub")).expect("it can be made");
    folder.git(["-C", "repository", "init", "--quiet"]);
    folder.write("repository/about.txt", "x");
    folder.git(["-C", "repository", "add", "."]);
    folder.git(["-C", "repository", "commit", "--quiet", "-m", &key(2)]);
    let args = ["scan", "--format", "sarif", ".", "../plain"];
    let run = program().current_dir(folder.at("repository")).args(args).output().expect("it runs");
    let sarif: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let at = |result: &serde_json::Value| {
        let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        (text(&location["uri"]).to_owned(), location["uriBaseId"].as_str().map(str::to_owned))
    };
    let all: Vec<_> = results.iter().map(at).collect();
    assert!(all.contains(&("about.txt".to_owned(), Some("%SRCROOT%".to_owned()))), "{all:?}");
    let whole = |(uri, base): &(String, Option<String>)| {
        uri.starts_with("file:///") && uri.ends_with("/plain/a.txt") && !uri.contains("..") && base.is_none()
    };
    assert!(all.iter().any(whole), "{all:?}");
}

#[test]
fn a_token_that_has_expired_is_less_severe() {
    let catalog = keylint::rule::Catalog::builtin();
    let rule = catalog.get("openai-oauth-token").expect("a rule");
    let expand = |nth: usize| keylint::rule::expand(rule.examples[nth].get_ref(), 1).expect("an example").text;
    let folder = Folder::new();
    folder.write("lives.json", expand(0));
    folder.write("expired.txt", expand(1));
    let scan = folder.scan(&[]);
    let severity = |path: &str| {
        let of = |finding: &&serde_json::Value| finding["places"][0]["site"]["path"] == path;
        scan.findings().iter().find(of).expect("found")["severity"].clone()
    };
    assert_eq!((severity("lives.json"), severity("expired.txt")), ("high".into(), "low".into()));
}

#[test]
fn the_project_itself_is_clean() {
    let run =
        program().current_dir(env!("CARGO_MANIFEST_DIR")).args(["scan", "--no-history"]).output().expect("it runs");
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
}
