//! What does not count and who may say so: configuration, comments, baselines, thresholds. In real repositories.

use crate::fixture::{Folder, Run, Scan, key, key_of, program, text};
use serde_json::Value;
use std::{io::Write, process::Stdio};

pub(crate) fn scan(folder: &Folder, args: &[&str]) -> Scan {
    folder.scan(&[&["--show-suppressed"], args].concat())
}

/// Why the places of `key` do not count, as `kind reason`, in the report's order.
pub(crate) fn why(scan: &Scan, key: &str) -> Vec<String> {
    let all = scan.json["suppressed"].as_array().expect("a list");
    let of_key = |silenced: &&Value| text(&silenced["finding"]["masked"]).ends_with(&key[key.len() - 4..]);
    let why = |silenced: &Value| format!("{} {}", text(&silenced["why"]["kind"]), text(&silenced["why"]["reason"]));
    all.iter().filter(of_key).map(why).map(|why| why.trim_end().to_owned()).collect()
}

pub(crate) fn notices(scan: &Scan) -> Vec<String> {
    let all = scan.json["notices"].as_array().expect("a list").iter();
    all.map(|notice| format!("{}: {}", text(&notice["what"]), text(&notice["why"]))).collect()
}

pub(crate) fn fingerprint(scan: &Scan, key: &str) -> String {
    text(&scan.of(key).expect("it is found")["fingerprint"]).to_owned()
}

/// A repository with a key in `src/app.py` and one in `tests/app.py`.
pub(crate) fn leaky() -> Folder {
    let repository = Folder::repository();
    repository.write("src/app.py", format!("a = '{}'\n", key(1)));
    repository.write("tests/app.py", format!("b = '{}'\n", key(2)));
    repository.commit("Add", 1);
    repository
}

#[track_caller]
pub(crate) fn refused(run: &Run, told: &str) {
    assert_eq!(run.code(), 2, "{}", run.stdout());
    assert!(run.stderr().contains(told), "{}", run.stderr());
    assert_eq!(run.stdout(), "");
}

const TESTS: &str = "[[allow]]\npaths = ['tests/**']\nreason = 'made up for tests'\nowner = 'ann'\n";

#[test]
fn an_entry_silences_visibly_what_it_speaks_of() {
    let repository = leaky();
    for name in ["keylint.toml", ".keylint.toml"] {
        repository.write(name, TESTS);
        let all = scan(&repository, &[]);
        assert_eq!((all.code, all.findings().len()), (1, 1));
        assert_eq!(why(&all, &key(2)), ["allowed made up for tests"]);
        assert_eq!(all.json["suppressed"][0]["why"]["owner"], "ann");
        assert_eq!(all.json["silenced"]["allowed"], 1);
        assert_eq!(notices(&all), [""; 0]);
        std::fs::remove_file(repository.at(name)).expect("it is there");
    }
    let first = scan(&repository, &[]);
    repository.write(
        "keylint.toml",
        format!(
            "{TESTS}[[allow]]\nrule='openai-project-key'\nfingerprint='{}'\nreason='x'\n",
            fingerprint(&first, &key(1))
        ),
    );
    assert_eq!(scan(&repository, &[]).code, 0);
    assert_eq!(scan(&repository, &["--no-repo-config"]).code, 1);
    assert_eq!(repository.keylint(["scan"]).code(), 0);
    assert!(repository.keylint(["scan"]).stdout().contains("2 keys that do not count"));
}

#[test]
fn a_key_that_counts_at_one_place_is_told_of_at_both() {
    let repository = Folder::repository();
    repository.write("src/app.py", key(1));
    repository.write("tests/app.py", key(1));
    repository.write("keylint.toml", TESTS);
    let scan = scan(&repository, &[]);
    assert_eq!((scan.code, scan.places(&key(1))), (1, vec!["file src/app.py".to_owned()]));
    assert_eq!(scan.json["suppressed"][0]["finding"]["places"][0]["site"]["path"], "tests/app.py");
}

#[test]
fn the_configuration_is_looked_for_up_to_the_root_of_the_repository() {
    let outer = Folder::new();
    outer.write("keylint.toml", "[[allow]]\npaths = ['**']\nreason = 'not asked'\n");
    outer.write("plain/a.txt", key(1));
    assert_eq!(outer.scan(&["plain"]).code, 1);
    assert_eq!(outer.scan(&["plain/a.txt"]).code, 1);
    assert_eq!(outer.scan(&["."]).code, 0);
    outer.git(["init", "--quiet", "inner"]);
    outer.write("inner/a/b/c.txt", key(1));
    assert_eq!(outer.scan(&["inner/a/b"]).code, 1);
    outer.write("inner/keylint.toml", "[[allow]]\npaths = ['a/b/*.txt']\nreason = 'x'\n");
    for target in ["inner/a/b", "inner/a/b/c.txt", "inner", "./inner/../inner/a"] {
        assert_eq!(outer.scan(&[target]).code, 0, "{target}");
    }
    // The nearest one holds, for what is below it.
    outer.write("inner/a/.keylint.toml", "[[allow]]\npaths = ['b/d.txt']\nreason = 'x'\n");
    assert_eq!(outer.scan(&["inner/a/b"]).code, 1);
    outer.write("inner/a/keylint.toml", "");
    refused(&outer.keylint(["scan", "inner/a/b"]), "inner/a: there are keylint.toml and .keylint.toml; keep one");
}

#[test]
fn one_repository_says_nothing_of_another() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        folder.git(["init", "--quiet", name]);
        folder.write(format!("{name}/a.txt"), key(1));
    }
    folder.write("one/keylint.toml", "[policy]\nfail-on = { severity = 'critical', confidence = 'high' }\n[[allow]]\nrule = 'openai-project-key'\nreason = 'x'\n");
    let scan = scan(&folder, &["one", "two"]);
    assert_eq!(scan.code, 1);
    assert_eq!(scan.findings()[0]["places"][0]["repository"], 1);
    assert_eq!(why(&scan, &key(1)), ["allowed x"]);
}

#[test]
fn a_directory_says_nothing_of_what_is_beside_it_or_comes_in_by_standard_input() {
    let folder = Folder::new();
    for name in ["one", "two"] {
        folder.git(["init", "--quiet", name]);
    }
    folder.write("two/a.txt", key(1));
    folder.write("plain/a.txt", key(1));
    folder.write("one/keylint.toml", "ignore = ['openai-project-key']\n[policy]\nfail-on = { severity = 'critical', confidence = 'high' }\n[[allow]]\nrule = 'openai-project-key'\nreason = 'x'\n");
    let one = folder.at("one");
    let whole = folder.at("plain").display().to_string();
    for targets in [
        &[".", "../two"][..],
        &[".", "../two/a.txt"],
        &[".", "../plain"],
        &[".", "../plain/a.txt"],
        &[".", &whole],
        &["../one", "../one/../plain"],
    ] {
        let run = program().current_dir(&one).arg("scan").args(targets).output().expect("it runs");
        assert_eq!(run.status.code(), Some(1), "{targets:?}: {}", String::from_utf8_lossy(&run.stdout));
    }
    let mut scan = program();
    let mut scan = scan
        .current_dir(&one)
        .args(["scan", ".", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    scan.stdin.take().expect("piped").write_all(key(1).as_bytes()).expect("it reads");
    assert_eq!(scan.wait().expect("it ends").code(), Some(1));
}

#[test]
fn a_threshold_holds_for_no_more_than_its_directory() {
    let repository = leaky();
    repository.write("ek.txt", format!("ek: {}\n", key_of("openai-realtime-secret", 7)));
    repository.commit("Add another", 2);
    repository.git(["rm", "--quiet", "-r", "src", "tests"]);
    repository.write("s/keylint.toml", "[policy]\nfail-on = { severity = 'critical' }\n");
    let run =
        |args: &[&str]| program().current_dir(repository.at("s")).arg("scan").args(args).output().expect("it runs");
    assert_eq!(run(&["--select", "openai-realtime-secret"]).status.code(), Some(1));
    assert_eq!(run(&["--no-history"]).status.code(), Some(0));
}

#[test]
fn a_glob_speaks_of_paths_alone() {
    let repository = Folder::repository();
    repository.commit(&format!("Use {}", key(1)), 1);
    repository.write("keylint.toml", "ignore-paths = ['**']\n[[allow]]\npaths = ['**']\nreason = 'x'\n");
    assert_eq!(scan(&repository, &[]).places(&key(1))[0], "commit message");
    repository.write("keylint.toml", "[[allow]]\nrule = 'openai-project-key'\nreason = 'x'\n");
    assert_eq!(scan(&repository, &[]).code, 0);
}

#[test]
fn the_paths_of_the_users_own_file_begin_at_the_root_of_each_repository() {
    let repository = leaky();
    let mine = Folder::new();
    mine.write("own.toml", "[[allow]]\npaths = ['src/app.py']\nreason = 'x'\n");
    let own = mine.at("own.toml").display().to_string();
    let whole = repository.at("src/app.py").display().to_string();
    for (folder, target) in [(".", "src/app.py"), ("src", "app.py"), ("src", "../src/app.py"), ("src", &whole)] {
        let mut run = program();
        let run = run.current_dir(repository.at(folder)).args(["scan", target, "--config", &own]).output();
        let run = run.expect("it runs");
        assert_eq!(run.status.code(), Some(0), "{folder} {target}: {}", String::from_utf8_lossy(&run.stdout));
        assert!(!String::from_utf8_lossy(&run.stdout).contains("take it out"));
    }
}

#[test]
fn a_configuration_with_a_typo_is_never_passed_over() {
    let repository = leaky();
    repository.write("keylint.toml", format!("{TESTS}\n[[allow]]\npaths = ['x']\nresaon = 'y'\n"));
    refused(&repository.keylint(["scan"]), "keylint.toml:8: there is no key `resaon` here; did you mean `reason`?");
    repository.write("keylint.toml", "ignore = [\n  'openai-projekt-key',\n]\n");
    refused(
        &repository.keylint(["scan"]),
        "keylint.toml:2: there is no rule openai-projekt-key; did you mean openai-project-key?",
    );
    refused(&repository.keylint(["scan", "--staged"]), "keylint.toml:2: ");
    refused(&repository.keylint(["scan", "--config", "nowhere.toml"]), "cannot read nowhere.toml");
    assert_eq!(repository.keylint(["scan", "--no-repo-config"]).code(), 1);
    std::fs::remove_file(repository.at("keylint.toml")).expect("it is there");
    std::fs::create_dir(repository.at("keylint.toml")).expect("a directory");
    refused(&repository.keylint(["scan"]), "keylint.toml: this is no regular file; --no-repo-config leaves it out");
}

#[test]
fn entries_that_have_ended_or_match_nothing_are_told() {
    let repository = leaky();
    let ended = format!("{TESTS}until = '2024-01-01'\n[[allow]]\npaths = ['gone/**']\nreason = 'x'\n");
    repository.write("keylint.toml", ended);
    let all = scan(&repository, &[]);
    assert_eq!((all.code, all.findings().len(), why(&all, &key(2)).len()), (1, 2, 0));
    let over = "keylint.toml:1: this entry ended on 2024-01-01 and allows nothing any more; renew it or take it out";
    assert_eq!(
        notices(&all),
        [over, "keylint.toml:6: nothing that was scanned matches this entry; take it out if no other scan needs it"]
    );
    // What was not read could be what it speaks of.
    for args in [&["--no-history"][..], &["--history-only"], &["--staged"], &["src"]] {
        assert_eq!(notices(&scan(&repository, args)), [over], "{args:?}");
    }
}

#[test]
fn the_configuration_of_a_scanned_repository_may_only_silence_and_visibly() {
    let repository = leaky();
    let of = |config: &str| {
        repository.write("keylint.toml", config);
        scan(&repository, &[])
    };
    // What would leave rules or paths out leaves them in, silenced.
    for config in
        ["ignore = ['openai-project-key']", "select = ['openai-admin-key']", "ignore-paths = ['src/', 'tests/']"]
    {
        let scan = of(config);
        assert_eq!((scan.code, &scan.json["filtered"], &scan.json["silenced"]["allowed"]), (0, &0.into(), &2.into()));
    }
    // What the command line asks for by name counts.
    of("ignore = ['openai-project-key']\n[policy]\nfail-on = { severity = 'critical', confidence = 'high' }");
    assert_eq!(scan(&repository, &["--select", "openai-project-key"]).code, 1);
    // Nothing is loaded, and there is no word for anything else.
    repository.write("more.toml", "");
    repository.write("keylint.toml", "\nrules = ['more.toml']");
    refused(&repository.keylint(["scan"]), "keylint.toml:2: only a file given by --config may add rules");
    for key in [
        "verification = true",
        "[network]",
        "include = ['x']",
        "problems = []",
        "exit-zero = true",
        "show-secrets = true",
    ] {
        repository.write("keylint.toml", key);
        refused(&repository.keylint(["scan"]), "keylint.toml:1: there is no key");
    }
}

#[test]
fn the_file_of_the_user_may_do_all() {
    let repository = leaky();
    let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/azure-openai.toml");
    let own = std::fs::read_to_string(rules).expect("rules");
    // All but what only built-in rules may say.
    let own = own.split_once("[recipe.key]").and_then(|(head, rest)| Some((head, rest.split_once("[[rule]]")?.1)));
    let own = own.map(|(head, rules)| format!("{head}[[rule]]{rules}")).expect("a recipe before the first rule");
    let own = own.replace("verify = \"key\"\n", "").replace("id = \"", "id = \"my-");
    let mine = Folder::new();
    mine.write("rules.toml", own);
    mine.write("my.toml", "rules = ['rules.toml']\nignore = ['openai-project-key', 'my-azure-ai-key']\n");
    repository.write("keylint.toml", "a typo that nobody reads");
    let scan = scan(&repository, &["--config", &mine.at("my.toml").display().to_string()]);
    assert_eq!((scan.code, &scan.json["filtered"]), (0, &2.into()));
}

#[test]
fn below_the_threshold_is_told_and_does_not_fail() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("ek: {}\n", key_of("openai-realtime-secret", 7)));
    let severity = text(&scan(&repository, &[]).findings()[0]["severity"]).to_owned();
    assert_ne!(severity, "critical");
    repository.write("keylint.toml", "[policy]\nfail-on = { severity = 'critical' }\n");
    let all = scan(&repository, &[]);
    assert_eq!((all.code, all.findings().len()), (0, 1));
    assert_eq!(notices(&all), ["keylint.toml:2: `fail-on` says that what was found is no reason to fail"]);
    // The command line is not lowered.
    assert_eq!(scan(&repository, &["--fail-on", &severity]).code, 1);
    assert_eq!(scan(&repository, &["--no-repo-config"]).code, 1);
    repository
        .write("keylint.toml", "[policy]\nfail-on = { severity = 'critical' }\nnever = ['openai-realtime-secret']\n");
    assert_eq!(scan(&repository, &[]).code, 1);
}

#[test]
fn keys_that_may_exist_and_kinds_that_never_may() {
    let repository = leaky();
    let admin = key_of("openai-admin-key", 1);
    repository.write("admin.txt", format!("k = '{admin}' # gitleaks:allow\n"));
    let first = scan(&repository, &["--no-inline-allow"]);
    let known = [&key(1), &key(2), &admin].map(|key| fingerprint(&first, key));
    let policy = |never: &str| format!("ignore-paths = ['**']\n[policy]\nknown-keys = {known:?}\n{never}");
    repository.write("keylint.toml", policy(""));
    assert_eq!(scan(&repository, &[]).code, 0);
    assert_eq!(repository.keylint(["baseline", "write", "--no-repo-config", "--no-inline-allow"]).code(), 0);
    repository.write("keylint.toml", policy("never = ['openai-admin-key']"));
    let scan = scan(&repository, &[]);
    assert_eq!((scan.code, scan.findings().len()), (1, 1));
    assert!(scan.of(&admin).is_some());
    assert_eq!(why(&scan, &key(1)), ["allowed a key that may exist, by `known-keys`"]);
    let run = repository.keylint(["baseline", "write"]);
    assert!(run.stdout().contains("1 key left out, of rules that `never` says"), "{}", run.stdout());
}

#[test]
fn a_comment_allows_what_is_on_its_line() {
    let repository = Folder::repository();
    let lines = [
        "'KEY' # keylint: allow openai-project-key made up",
        "# keylint: allow-next-line openai-project-key made up\n'KEY'",
        "'KEY' // gitleaks:allow",
        "'KEY' # betterleaks:allow",
        "'KEY' # pragma: allowlist secret",
        "# pragma: allowlist nextline secret\n'KEY'",
        "'KEY' # trufflehog:ignore",
        "'KEY' # ggignore",
        "'KEY' # kingfisher:ignore",
        "'KEY' // secretlint-disable-line",
        "// secretlint-disable-next-line\n'KEY'",
    ];
    for (seed, line) in lines.iter().enumerate() {
        repository.write(format!("{seed}.js"), format!("x\n{}\ny\n", line.replace("KEY", &key(seed as u64))));
    }
    repository.commit("Add", 1);
    let all = scan(&repository, &[]);
    assert_eq!((all.code, &all.json["silenced"]["inline"]), (0, &lines.len().into()), "{}", all.json["findings"]);
    assert_eq!(why(&all, &key(0)), ["inline made up"]);
    assert_eq!(scan(&repository, &["--no-inline-allow"]).findings().len(), lines.len());
    repository.git(["rm", "--quiet", "-r", "."]);
    repository.commit("Remove", 2);
    assert_eq!(scan(&repository, &[]).code, 0);
}

#[test]
fn a_comment_that_says_too_little_does_not_count_and_is_told() {
    let repository = Folder::repository();
    repository
        .write("a.py", format!("'{}' # keylint: allow\n'{}' # keylint: allow openai-project-kee x\n", key(1), key(2)));
    repository.write("b.py", format!("'{}' # keylint: allow openai-admin-key x\n", key(3)));
    let scan = scan(&repository, &[]);
    assert_eq!((scan.code, scan.findings().len()), (1, 3));
    let told = notices(&scan);
    assert!(told[0].starts_with("a.py:1: a comment allows a key without a rule and a reason"), "{told:?}");
    assert!(told[1].starts_with("a.py:2: a comment allows a key of the rule openai-project-kee"), "{told:?}");
    assert_eq!(told.len(), 2);
}

#[test]
fn what_is_on_disk_says_what_is_allowed() {
    let repository = Folder::repository();
    repository.write("a.py", format!("'{}' # gitleaks:allow\n'{}'\n", key(1), key(2)));
    repository.commit("Add", 1);
    repository.write("a.py", format!("'{}'\n'{}' # gitleaks:allow\n", key(1), key(2)));
    let scan = scan(&repository, &[]);
    assert_eq!((scan.findings().len(), scan.of(&key(1)).is_some()), (1, true));
}

#[test]
fn what_stood_twice_and_stands_once_is_one_place_and_goes_by_what_is_there() {
    let repository = Folder::repository();
    repository.write("a.py", format!("a = '{0}'\nb = '{0}' # keylint: allow openai-project-key made up\n", key(1)));
    repository.write("b.py", format!("a = '{0}'\nb = '{0}'\n", key(2)));
    repository.commit("Both twice", 1);
    repository.write("a.py", format!("a = ''\nb = '{}'\n", key(1)));
    repository.write("b.py", format!("b = '{}' # keylint: allow openai-project-key made up\n", key(2)));
    let found = scan(&repository, &["--verbose"]);
    assert_eq!(
        (found.places(&key(1)), why(&found, &key(2))),
        (vec!["file a.py".to_owned()], vec!["inline made up".to_owned()])
    );
    assert_eq!(found.findings().len(), 1);
    repository.commit("Both once", 2);
    let found = scan(&repository, &["--history-only"]);
    assert_eq!((found.findings().len(), found.places(&key(1))), (1, vec!["file a.py".to_owned()]));
}

#[test]
fn what_git_keeps_of_an_attempt_goes_by_the_place_that_came_of_it() {
    let repository = Folder::repository();
    repository.write("a.py", format!("'{}'\n'{}'\n", key(1), key(2)));
    repository.git(["add", "a.py"]);
    repository.write("a.py", format!("'{}' # keylint: allow openai-project-key made up\n", key(1)));
    repository.commit("Allow it", 1);
    let found = scan(&repository, &[]);
    assert_eq!(why(&found, &key(1)), ["inline made up"]);
    assert_eq!(found.findings().len(), 1, "what stands nowhere else counts: {}", found.json);
    assert!(found.of(&key(2)).is_some() && found.of(&key(1)).is_none());
}

#[test]
fn reasons_show_no_key() {
    let repository = Folder::repository();
    repository.write("a.py", format!("'{}' # keylint: allow openai-project-key like {}\n", key(1), key(2)));
    repository.write("keylint.toml", format!("[[allow]]\nrule = 'openai-admin-key'\nreason = '{0}'\n[[allow]]\npaths = ['**']\nreason = '{0}'\nowner = '{0}'\n", key(3)));
    for args in [&["--show-suppressed"][..], &["--show-suppressed", "--format", "json"]] {
        let told = repository.keylint([&["scan"], args].concat()).stdout();
        for key in [key(1), key(2), key(3)] {
            assert!(!told.contains(&key[8..40]) && !told.contains(&key[100..140]), "{told}");
        }
    }
    repository.write("keylint.toml", format!("{} = 1", key(3)));
    assert!(!repository.keylint(["scan"]).stderr().contains(&key(3)[8..60]));
}

#[test]
fn what_is_staged_is_allowed_as_well() {
    let repository = leaky();
    repository.write("keylint.toml", TESTS);
    repository.write("tests/new.py", key(5));
    repository.git(["add", "tests/new.py"]);
    assert_eq!(
        (scan(&repository, &["--staged"]).code, repository.keylint(["hook", "run", "pre-commit"]).code()),
        (0, 0)
    );
    repository.write("src/new.py", key(6));
    repository.git(["add", "src/new.py"]);
    assert_eq!(
        (scan(&repository, &["--staged"]).code, repository.keylint(["hook", "run", "pre-commit"]).code()),
        (1, 1)
    );
}

#[test]
fn the_examples_of_the_manual_work() {
    let manual = include_str!("../docs/configuration.md");
    let blocks: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let repository = leaky();
    repository.write("keylint.toml", blocks[0]);
    repository.write(".keylint-baseline.toml", blocks[1]);
    let told = notices(&scan(&repository, &[]));
    // The key of the README is the one in this repository.
    assert_eq!(
        told,
        ["keylint.toml:8: nothing that was scanned matches this entry; take it out if no other scan needs it"]
    );
}
