//! What was known before: the baseline written, pruned, merged, taken over from other scanners. In real repositories.

use crate::{
    fixture::{Folder, Run, key, key_of, program},
    policy::{leaky, notices, refused, scan},
};

/// A repository with two keys, and both of them in its baseline.
fn baselined() -> Folder {
    let repository = leaky();
    let run = repository.keylint(["baseline", "write"]);
    assert_eq!((run.code(), run.stdout().as_str()), (0, ".keylint-baseline.toml: 2 keys known (2 new, 0 gone)\n"));
    repository
}

#[test]
fn a_baseline_survives_moved_lines_renames_and_rebases() {
    let repository = baselined();
    let all = scan(&repository, &[]);
    assert_eq!((all.code, &all.json["silenced"]["baseline"]), (0, &2.into()));
    repository.write("src/app.py", format!("# moved\n\n\nother = \"{}\"\n", key(1)));
    assert_eq!(scan(&repository, &[]).code, 0);
    repository.git(["mv", "--force", "src/app.py", "renamed.py"]);
    repository.commit("Rename", 2);
    assert_eq!(scan(&repository, &[]).code, 0);
    repository.git(["checkout", "--quiet", "-b", "side", "HEAD~1"]);
    repository.write("more.txt", "x");
    repository.commit("More", 3);
    repository.git(["rebase", "--quiet", "main"]);
    assert_eq!(scan(&repository, &[]).code, 0);
    repository.git(["commit", "--quiet", "--amend", "-m", "Another message"]);
    assert_eq!((scan(&repository, &[]).code, scan(&repository, &["--no-repo-config"]).code), (0, 1));
    // A new key on a line with a known one is new.
    repository.write("renamed.py", format!("# moved\n\n\nother = \"{}\" or '{}'\n", key(1), key(3)));
    let scan = scan(&repository, &[]);
    assert_eq!((scan.code, scan.findings().len()), (1, 1));
    assert!(scan.of(&key(3)).is_some());
}

#[test]
fn a_baseline_is_stable_holds_no_key_and_is_not_found_itself() {
    let repository = baselined();
    let azure = key_of("azure-openai-key-32", 1);
    repository.write("azure.env", format!("AZURE_OPENAI_API_KEY={azure}\nendpoint=https://x.openai.azure.com\n"));
    repository.keylint(["baseline", "write"]);
    let text = std::fs::read_to_string(repository.at(".keylint-baseline.toml")).expect("a baseline");
    for key in [key(1), key(2), azure] {
        assert!(!text.contains(&key[8..30]), "{text}");
    }
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("  {")).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.is_sorted() && text.contains(" in src/app.py\n"), "{text}");
    let run = repository.keylint(["baseline", "write"]);
    assert_eq!(run.stdout(), ".keylint-baseline.toml: 3 keys known (0 new, 0 gone)\n");
    assert_eq!(std::fs::read_to_string(repository.at(".keylint-baseline.toml")).expect("a baseline"), text);
    // Its fingerprints look like keys of another kind, beside the names of that kind.
    let config = lines.iter().filter_map(|line| line.split('"').nth(1));
    let config: Vec<String> = config.map(|hex| format!("[[allow]]\nrule = 'azure-openai-key-32'\nfingerprint = '{hex}'\nreason = 'the azure_openai key of the tests'\n")).collect();
    repository.write("keylint.toml", config.concat());
    repository.commit("Add the baseline", 2);
    let scan = scan(&repository, &["--no-repo-config"]);
    assert_eq!(scan.findings().len(), 3, "{}", scan.json["findings"]);
}

#[test]
fn two_branches_that_add_to_a_baseline_merge() {
    let repository = Folder::repository();
    for seed in 0..12 {
        repository.write(format!("{seed}.txt"), key(seed));
    }
    repository.keylint(["baseline", "write"]);
    repository.commit("Start", 1);
    repository.git(["branch", "side"]);
    repository.write("main.txt", key(20));
    repository.keylint(["baseline", "write"]);
    repository.commit("On main", 2);
    repository.git(["checkout", "--quiet", "side"]);
    repository.write("side.txt", key(22));
    repository.write(".keylint-baseline.toml", repository.git(["show", "HEAD:.keylint-baseline.toml"]) + "\n");
    // The other branch's key is in the repository, too: both files list both.
    repository.keylint(["baseline", "write"]);
    repository.commit("On the side", 3);
    repository.git(["-c", "merge.conflictStyle=merge", "merge", "--quiet", "--no-edit", "main"]);
    assert_eq!(scan(&repository, &[]).code, 0);
}

#[test]
fn a_baseline_is_pruned_of_what_is_gone() {
    let repository = Folder::new();
    repository.write("a.txt", key(1));
    repository.write("b.txt", key(2));
    repository.keylint(["baseline", "write", "--output", "known.toml"]);
    repository.write("b.txt", "gone");
    let all = scan(&repository, &["--baseline", "known.toml"]);
    assert_eq!(all.code, 0);
    let told = "known.toml: 1 key is nowhere in what was scanned; `keylint baseline prune` takes out what is gone";
    assert_eq!(notices(&all), [told]);
    let run = repository.keylint(["baseline", "prune", "--baseline", "known.toml"]);
    assert_eq!((run.code(), run.stdout().as_str()), (0, "known.toml: 1 key known (0 new, 1 gone)\n"));
    assert_eq!(notices(&scan(&repository, &["--baseline", "known.toml"])), [""; 0]);
    assert_eq!(scan(&repository, &[]).code, 1);
    refused(&repository.keylint(["baseline", "prune"]), "there is no .keylint-baseline.toml; `keylint baseline write`");
}

#[test]
fn a_baseline_that_is_corrupt_is_never_passed_over() {
    let repository = baselined();
    let good = std::fs::read_to_string(repository.at(".keylint-baseline.toml")).expect("a baseline");
    repository.write(".keylint-baseline.toml", good.replace("keys = [\n", "keys = [\n<<<<<<< HEAD\n"));
    for args in [&["scan"][..], &["scan", "--staged"], &["baseline", "write"], &["baseline", "prune"]] {
        refused(&repository.keylint(args), ".keylint-baseline.toml:5: ");
    }
    refused(&repository.keylint(["scan", "--baseline", "src/app.py"]), "src/app.py:1: ");
    refused(&repository.keylint(["baseline", "write", "--output", "src/app.py"]), "src/app.py:1: ");
    assert_eq!(repository.keylint(["scan", "--no-repo-config"]).code(), 1);
}

#[test]
fn a_scan_that_is_not_whole_prunes_nothing() {
    let origin = baselined();
    origin.commit("Add the baseline", 2);
    let folder = Folder::new();
    folder.git(["clone", "--quiet", "--depth=1", &format!("file://{}", origin.path.display()), "copy"]);
    refused(&folder.keylint(["baseline", "prune", "copy"]), "is left as it is: not all could be read");
    assert_eq!(folder.keylint(["baseline", "write", "copy"]).code(), 3);
}

#[test]
fn what_other_scanners_know_is_taken_over_where_it_is_found() {
    let repository = leaky();
    let commit = repository.git(["rev-parse", "HEAD"]);
    let ignore = format!("# known\n{commit}:src/app.py:openai-api-key:1\ntests/app.py:openai-api-key:9\n");
    repository.write(".gitleaksignore", ignore);
    let run = repository.keylint(["baseline", "import", ".gitleaksignore"]);
    let missed = ".gitleaksignore:3: nothing was found that this speaks of: tests/app.py:openai-api-key:9\n";
    assert_eq!(run.stdout(), format!("{missed}.keylint-baseline.toml: 1 key known (1 new, 0 gone)\n"));
    assert_eq!(run.code(), 0);
    let after = scan(&repository, &[]);
    assert_eq!((after.findings().len(), after.of(&key(2)).is_some()), (1, true));
    let hash = sha1(key(2).as_bytes());
    let listed =
        |hash: &str| format!("{{\"type\": \"OpenAI Token\", \"hashed_secret\": \"{hash}\", \"line_number\": 1}}");
    let none = "0".repeat(40);
    repository.write(
        ".secrets.baseline",
        format!(
            "{{\"version\": \"1.5.0\", \"results\": {{\"tests/app.py\": [\n{},\n{}\n]}}}}",
            listed(&hash),
            listed(&none)
        ),
    );
    let run = repository.keylint(["baseline", "import", ".secrets.baseline"]);
    let missed = ".secrets.baseline:3: nothing was found that this speaks of: OpenAI Token in tests/app.py:1\n";
    assert_eq!(run.stdout(), format!("{missed}.keylint-baseline.toml: 2 keys known (1 new, 0 gone)\n"));
    assert_eq!(scan(&repository, &[]).code, 0);
    repository.write("other", "not a list\n");
    refused(&repository.keylint(["baseline", "import", "other"]), "other:1: this is neither FILE:RULE:LINE nor JSON");
}

fn sha1(bytes: &[u8]) -> String {
    use sha1::{Digest, Sha1};
    data_encoding::HEXLOWER.encode(&Sha1::digest(bytes))
}

/// Runs keylint in a folder below that of `folder`.
fn below(folder: &Folder, name: &str, args: &[&str]) -> String {
    let output = program().current_dir(folder.at(name)).args(args).output().expect("it runs");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn from_below_the_baseline_of_the_whole_is_kept_whole() {
    let repository = baselined();
    repository.write("new.py", format!("c = '{}'\n", key(3)));
    repository.keylint(["baseline", "write"]);
    for command in ["write", "prune"] {
        let told = below(&repository, "src", &["baseline", command]);
        assert!(told.contains("3 keys known (0 new, 0 gone)"), "{command}: {told}");
    }
    assert_eq!(scan(&repository, &[]).code, 0);
}

#[test]
fn a_baseline_below_holds_what_is_below() {
    let repository = leaky();
    repository.write("src/.keylint-baseline.toml", "version = 1\nkeys = []\n");
    let told = below(&repository, "src", &["baseline", "write"]);
    assert!(told.contains("1 key known (1 new, 0 gone)"), "{told}");
    let told = below(&repository, "src", &["scan"]);
    assert!(told.contains("tests/app.py") && !told.contains("take"), "{told}");
}

#[test]
fn what_could_not_be_read_is_not_taken_out() {
    let repository = baselined();
    repository.write("big.txt", key(3));
    repository.keylint(["baseline", "write"]);
    std::fs::write(repository.at("big.txt"), "gone").expect("room");
    repository.write(".git/index", "no index");
    let run = repository.keylint(["baseline", "write"]);
    assert!(run.code() == 3 && run.stdout().contains("3 keys known (0 new, 0 gone)"), "{}", run.stdout());
    assert!(run.stdout().contains("none was taken out"));
}

#[test]
fn what_only_other_rules_find_is_not_taken_out() {
    let repository = baselined();
    let file = repository.at(".keylint-baseline.toml");
    let known = std::fs::read_to_string(&file).expect("it is there");
    let other = "  { fingerprint = \"00000000000000000000000000000000\", rule = \"acme-key\" },\n]";
    std::fs::write(&file, known.replace("\n]", &format!("\n{other}"))).expect("room");
    for command in ["prune", "write"] {
        let run = repository.keylint(["baseline", command]);
        assert!(run.stdout().contains("3 keys known (0 new, 0 gone)"), "{}", run.stdout());
        assert!(run.stdout().contains("1 key kept unseen, of rules that are not here; give them by --rules"));
    }
}

#[test]
fn what_is_in_no_work_tree_is_known_as_well() {
    let repository = leaky();
    repository.git(["clone", "--quiet", "--bare", ".", "bare.git"]);
    let run = |args: &[&str]| below(&repository, "bare.git", args);
    assert!(run(&["baseline", "write"]).contains("2 keys known"));
    let told = run(&["scan"]);
    assert!(told.starts_with("no keys found"), "{told}");
}

#[test]
fn an_empty_file_knows_nothing() {
    let repository = leaky();
    repository.write(".keylint-baseline.toml", "");
    assert_eq!(scan(&repository, &[]).findings().len(), 2);
    assert_eq!(repository.keylint(["baseline", "write"]).code(), 0);
    assert_eq!(scan(&repository, &[]).code, 0);
}

#[test]
fn a_key_in_the_wrong_place_is_not_quoted() {
    let repository = leaky();
    let (long, short) = (key(1), key_of("openai-realtime-secret", 7));
    let parts = |run: &Run| {
        let told = run.stdout() + &run.stderr();
        [&long[10..40], &long[100..140], &short[5..20]].iter().filter(|part| told.contains(**part)).count()
    };
    for config in [
        format!("[policy]\nknown-keys = ['{long}', '{short}']"),
        format!("[policy]\nknown-keys = '{short}'"),
        format!("select = '{long}'"),
        format!("ignore = ['{short}', '{long}']"),
        format!("{long} = 1"),
        format!("[[allow]]\nfingerprint = '{}'\nreason = 'x'", &long[..60]),
    ] {
        repository.write("keylint.toml", &config);
        let run = repository.keylint(["scan"]);
        assert_eq!((run.code(), parts(&run)), (2, 0), "{}", run.stderr());
    }
    std::fs::remove_file(repository.at("keylint.toml")).expect("it is there");
    repository.write(".gitleaksignore", format!("f:{long}:9\nf:{short}:9\n"));
    repository.write("bad.toml", format!("version = '{short}'\nkeys = []\n"));
    for args in [
        &["baseline", "import", ".gitleaksignore"][..],
        &["scan", "--baseline", "bad.toml"],
        &["scan", "--range", &format!("{long}..HEAD")],
        &["scan", &short],
        &["scan", "--select", &long],
    ] {
        let run = repository.keylint(args);
        assert_eq!(parts(&run), 0, "{args:?}: {}", run.stderr());
    }
}

#[test]
fn nothing_is_pruned_by_a_look_at_a_part() {
    let repository = baselined();
    let run = repository.keylint(["baseline", "prune", "--baseline", ".keylint-baseline.toml", "src"]);
    refused(&run, "src: name the directory that it speaks of");
    let run = repository.keylint(["baseline", "prune", "--baseline", ".keylint-baseline.toml"]);
    assert!(run.stdout().contains("2 keys known (0 new, 0 gone)"), "{}", run.stdout());
}
