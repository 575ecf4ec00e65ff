//! Every lint, put to its own examples: each is a file in a repository of its own, scanned by the program.

use crate::fixture::{Folder, key};
use keylint::{
    lint::Linter,
    rule::{Catalog, Earlier, Example, Rule, Sample, expand},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs, thread,
    time::{SystemTime, UNIX_EPOCH},
};

fn lints(catalog: &Catalog) -> Vec<&Rule> {
    catalog.rules().iter().filter(|rule| rule.lint.is_some()).collect()
}

/// A repository with the files of `sample`, and what its own file says.
fn repository(sample: &Sample) -> (Folder, Example) {
    let folder = Folder::repository();
    let example = expand(sample.text.get_ref(), 1).expect("a generator");
    for earlier in &sample.before {
        folder.write(&sample.path, expand(&earlier.text, 1).expect("a generator").text);
        commit(&folder, earlier);
    }
    folder.write(&sample.path, &example.text);
    for (path, text) in &sample.beside {
        folder.write(path, expand(text, 1).expect("a generator").text);
    }
    for (path, text) in &sample.inner {
        folder.write(path, expand(text, 1).expect("a generator").text);
        let root = path.split('/').next().expect("a directory");
        folder.git(["init", "--quiet", root]);
        folder.git(["-C", root, "add", "--all"]);
        folder.git(["-C", root, "commit", "--quiet", "--message", "Inner"]);
    }
    #[cfg(unix)]
    if let Some(mode) = &sample.mode {
        use std::os::unix::fs::PermissionsExt;
        let mode = u32::from_str_radix(mode, 8).expect("permission bits");
        std::fs::set_permissions(folder.at(&sample.path), PermissionsExt::from_mode(mode)).expect("it can be changed");
    }
    folder.git(["add", "--all", "--force", "--", "."]);
    if !sample.tracked {
        folder.git(["rm", "--quiet", "--cached", &sample.path]);
    }
    if !sample.before.is_empty() {
        folder.git(["commit", "--quiet", "--allow-empty", "--message", "Now"]);
    }
    (folder, example)
}

/// Commits what is there, as many days ago and by whom `earlier` says.
fn commit(folder: &Folder, earlier: &Earlier) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let date = format!("--date={} +0000", now - u64::from(earlier.days) * 86_400 - 60);
    let author = earlier.author.as_deref().unwrap_or("A. U. Thor <author@example.com>");
    folder.git(["add", "--all", "--force"]);
    folder.git_as(author, ["commit", "--quiet", "--allow-empty", "--message", "Earlier", &date]);
}

/// Where `rule` speaks, as bytes of the file at `path`.
fn places(folder: &Folder, rule: &Rule, path: &str) -> Vec<(u64, u64)> {
    // The history is there for samples that have one.
    let scan = folder.scan(&["--strict", "--no-ignore", "--select", rule.id()]);
    let found = scan.json["hygiene"].as_array().into_iter().flatten();
    let places = found.flat_map(|finding| finding["places"].as_array().into_iter().flatten());
    let here = places.filter(|place| place["site"]["path"] == path);
    let number = |place: &Value, name: &str| place["position"][name].as_u64().expect("a number");
    here.map(|place| (number(place, "offset"), number(place, "length"))).collect()
}

fn fault(rule: &Rule, sample: &Sample, is_bad: bool) -> Option<String> {
    if cfg!(not(unix)) && sample.mode.is_some() {
        return None;
    }
    let (folder, example) = repository(sample);
    let places = places(&folder, rule, &sample.path);
    let marked = (example.secret.start as u64, example.secret.len() as u64);
    let is_marked = sample.text.get_ref().contains('«');
    match is_bad {
        true if places.is_empty() => Some("is not spoken of".to_owned()),
        true if is_marked && !places.contains(&marked) => {
            Some(format!("is marked at {marked:?}, and told at {places:?}"))
        }
        false if !places.is_empty() => Some(format!("is spoken of at {places:?}")),
        _ => None,
    }
}

#[test]
fn every_example_of_every_lint_turns_out_as_it_says() {
    let catalog = Catalog::builtin();
    let mut work = Vec::new();
    for rule in lints(&catalog) {
        let lint = rule.lint.as_ref().expect("a lint");
        work.extend(lint.samples.bad().iter().enumerate().map(|(nth, sample)| (rule, "bad", nth, sample)));
        work.extend(lint.samples.good().iter().enumerate().map(|(nth, sample)| (rule, "good", nth, sample)));
    }
    let share = work.len().div_ceil(4).max(1);
    let faults: Vec<String> = thread::scope(|scope| {
        let of = |work: &[(&Rule, &str, usize, &Sample)]| {
            let fault = |(rule, field, nth, sample): &(&Rule, &str, usize, &Sample)| {
                let message = fault(rule, sample, *field == "bad")?;
                Some(format!("{} {field}[{nth}] {}: {message}", rule.id(), sample.path))
            };
            work.iter().filter_map(fault).collect::<Vec<_>>()
        };
        let threads: Vec<_> = work.chunks(share).map(|work| scope.spawn(move || of(work))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_lint_is_a_pattern_or_code() {
    let catalog = Catalog::builtin();
    let code: BTreeSet<&str> = Linter::of_code().collect();
    let without: BTreeSet<&str> =
        lints(&catalog).iter().filter(|rule| rule.pattern.is_none()).map(|rule| rule.id()).collect();
    assert_eq!(code, without);
}

#[test]
fn every_pattern_can_be_matched_with() {
    let catalog = Catalog::builtin();
    Linter::check_patterns(&catalog).expect("all of them");
}

/// A line that the lint `browser-allowed` speaks of.
const SLIP: &str = "import OpenAI from 'openai';\nnew OpenAI({ apiKey, dangerouslyAllowBrowser: true });\n";
const RIGHT: &str = "import OpenAI from 'openai';\nnew OpenAI();\n";

/// The files that the lint `browser-allowed` speaks of, with the exit code.
fn slips(folder: &Folder, args: &[&str]) -> (i32, Vec<String>) {
    let scan = folder.scan(args);
    let found = scan.json["hygiene"].as_array().into_iter().flatten();
    let slips = found.filter(|finding| finding["rule"] == "browser-allowed");
    let places = slips.flat_map(|finding| finding["places"].as_array().into_iter().flatten());
    (scan.code, places.map(|place| place["site"]["path"].as_str().expect("a path").to_owned()).collect())
}

#[test]
fn of_what_is_staged_only_what_is_new_counts() {
    let folder = Folder::repository();
    folder.write("old.ts", SLIP);
    folder.write("moved.ts", format!("{SLIP}// moved\n"));
    folder.commit("Add", 1);
    folder.write("old.ts", format!("// one more line\n{SLIP}"));
    folder.git(["mv", "moved.ts", "there.ts"]);
    folder.write("new.ts", SLIP);
    folder.git(["add", "--all"]);
    assert_eq!(slips(&folder, &["--staged"]), (1, vec!["new.ts".to_owned()]));
    folder.write("old.ts", format!("{SLIP}{SLIP}"));
    folder.git(["add", "old.ts"]);
    assert_eq!(slips(&folder, &["--staged"]).1, ["new.ts", "old.ts"]);
    // What is on disk and not staged is no part of it.
    folder.write("new.ts", RIGHT);
    folder.git(["checkout", "--quiet", "HEAD", "--", "old.ts"]);
    assert_eq!(slips(&folder, &["--staged"]).1, ["new.ts"]);
}

#[test]
fn a_range_answers_for_what_it_leaves() {
    let folder = Folder::repository();
    folder.write("a.ts", RIGHT);
    folder.commit("Start", 1);
    folder.write("mended.ts", SLIP);
    folder.write("gone.ts", SLIP);
    folder.write("left.ts", SLIP);
    folder.commit("Slip", 2);
    folder.write("mended.ts", RIGHT);
    fs::remove_file(folder.at("gone.ts")).expect("a file");
    folder.write("left.ts", format!("// and\n{SLIP}"));
    let last = folder.commit("Mend", 3);
    let scan = folder.scan(&["--range", "HEAD~2..HEAD"]);
    assert_eq!(slips(&folder, &["--range", "HEAD~2..HEAD"]), (1, vec!["left.ts".to_owned()]));
    assert_eq!(scan.json["hygiene"][0]["places"][0]["introduced"]["commit"], last.as_str());
    assert_eq!(slips(&folder, &["--range", "HEAD~1..HEAD"]), (0, vec![]));
}

#[test]
fn history_is_for_keys() {
    let folder = Folder::repository();
    folder.write("a.ts", SLIP);
    folder.commit("Add", 1);
    assert_eq!(slips(&folder, &["--history-only"]), (0, vec![]));
    assert_eq!(slips(&folder, &["--no-lint"]), (0, vec![]));
    folder.write("a.ts", RIGHT);
    folder.commit("Mend", 2);
    assert_eq!(slips(&folder, &[]), (0, vec![]));
}

#[test]
fn a_practice_is_allowed_as_a_key_is() {
    let folder = Folder::repository();
    folder.write("a.ts", SLIP.replace("});", "}); // keylint: allow browser-allowed a key of the user's own"));
    folder.write("sub/b.ts", SLIP);
    folder.write("keylint.toml", "[[allow]]\nrule = 'browser-allowed'\npaths = ['sub/']\nreason = 'a demo'\n");
    let scan = folder.scan(&["--no-history"]);
    assert_eq!((scan.code, &scan.json["hygiene"]), (0, &serde_json::json!([])));
    let silenced = &scan.json["lints"]["silenced"];
    assert_eq!((&silenced["inline"], &silenced["allowed"]), (&1.into(), &1.into()));
}

#[test]
fn a_known_practice_is_known_in_its_file_alone() {
    let folder = Folder::repository();
    folder.write("a.ts", SLIP);
    folder.commit("Add", 1);
    assert_eq!(folder.keylint(["baseline", "write"]).code(), 0);
    folder.write("a.ts", format!("\n\n{SLIP}"));
    assert_eq!(slips(&folder, &[]), (0, vec![]));
    folder.write("b.ts", SLIP);
    assert_eq!(slips(&folder, &[]), (1, vec!["b.ts".to_owned()]));
}

#[test]
fn what_is_said_of_a_key_goes_with_the_key() {
    let folder = Folder::repository();
    folder.write("a.py", format!("# old: {}\n", key(1)));
    folder.commit("Add", 1);
    let rules = |args: &[&str]| {
        let scan = folder.scan(args);
        let found = scan.json["hygiene"].as_array().into_iter().flatten();
        (scan.code, found.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect::<Vec<_>>())
    };
    let (code, said) = rules(&[]);
    assert_eq!((code, said.len()), (1, 2), "{said:?}");
    assert!(said.contains(&"key-in-comment".to_owned()) && said.contains(&"key-old".to_owned()), "{said:?}");
    assert_eq!(rules(&["--ignore", "openai-project-key"]), (0, vec![]));
    assert_eq!(rules(&["--select", "key-in-comment"]), (1, vec!["key-in-comment".to_owned()]));
    folder.write("keylint.toml", "[[allow]]\nrule = 'openai-project-key'\nreason = 'made up'\n");
    assert_eq!(rules(&[]), (0, vec![]));
    folder.write("keylint.toml", "key-age = 100000\n");
    assert_eq!(rules(&[]).1, ["key-in-comment"]);
}

#[test]
fn reports_of_an_earlier_scan_are_not_linted() {
    let folder = Folder::repository();
    folder.write("a.ts", SLIP);
    folder.keylint(["scan", "--no-history", "--report", "sarif=keylint.sarif"]);
    assert_eq!(folder.scan(&["--no-history"]).json["hygiene"].as_array().map(Vec::len), Some(1));
}

/// A large file is linted while secrets are looked for in it.
#[test]
fn a_large_file_is_linted_as_a_small_one() {
    let text = format!(
        "import openai\nclient = OpenAI(http_client=httpx.Client(verify=False))\n\
         key = os.getenv(\"OPENAI_API_KEY\", \"{0}\")\n# {0}\nGROQ_API_KEY = \"{0}\"\n",
        key(1)
    );
    let said = |rest: &str| {
        let folder = Folder::repository();
        folder.write("a.py", format!("{text}{rest}"));
        let scan = folder.scan(&["--no-history"]);
        let places = |finding: &Value| {
            let places = finding["places"].as_array().cloned().unwrap_or_default();
            places
                .into_iter()
                .map(|place| (place["position"].to_string(), finding["rule"].to_string()))
                .collect::<Vec<_>>()
        };
        let all = ["findings", "hygiene"].map(|kind| scan.json[kind].as_array().cloned().unwrap_or_default()).concat();
        let mut said = all.iter().flat_map(places).collect::<Vec<_>>();
        said.sort();
        said
    };
    let (small, large) = (said(""), said(&"x = 1\n".repeat(100_000)));
    assert!(small.len() >= 6, "{small:?}");
    assert_eq!(small, large);
}

#[test]
fn a_lint_of_ones_own_is_checked_and_run() {
    let folder = Folder::new();
    let own = r#"
family = "acme"
name = "Handling of Acme keys"
speech = { words = ["acme"] }
[[lint]]
id = "acme-logs-key"
name = "Acme key written to a log"
severity = "high"
confidence = "medium"
since = "0.1.0"
about = "A key is printed."
why = "Logs are read by many."
fix = [{ do = "Print whether there is one." }]
pattern = '(?-u)\bprint\(\s*(?<at>acme_api_key)\b'
within = "names"
bad = [{ path = "a.py", text = "print(«acme_api_key»)" }]
good = [{ path = "a.py", text = "print('acme_api_key')" }]
"#;
    folder.write("own.toml", own);
    assert_eq!(folder.keylint(["rules", "check", "own.toml"]).stdout(), "own.toml: ok\n");
    folder.write("wrong.toml", own.replace("print('acme_api_key')", "print(acme_api_key)"));
    let said = folder.keylint(["rules", "check", "wrong.toml"]);
    assert_eq!(said.code(), 1);
    assert!(said.stdout().contains("acme-logs-key: good: is spoken of, at bytes 6..18"), "{}", said.stdout());
    folder.write("code.toml", own.lines().filter(|line| !line.starts_with("pattern")).collect::<Vec<_>>().join("\n"));
    let said = folder.keylint(["rules", "check", "code.toml"]);
    assert!(said.stdout().contains("pattern: is missing: only lints that come with"), "{}", said.stdout());
    folder.write("src/x.py", "print(acme_api_key)\n");
    let scan = folder.scan(&["--rules", "own.toml", "src"]);
    assert_eq!(scan.json["hygiene"][0]["rule"], "acme-logs-key");
}
