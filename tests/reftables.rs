//! Repositories whose refs are a reftable, with ids of either kind: they are read as others are, and no git is started.

use crate::fixture::{Folder, Scan, git, key, program, text};

/// Whether this git can make a reftable: since 2.45.
fn git_can() -> bool {
    let folder = Folder::new();
    let made = git(&folder.path).args(["init", "--quiet", "--ref-format=reftable"]).output();
    made.expect("git runs").status.success()
}

/// A repository of each kind of ids.
fn repositories() -> Vec<Folder> {
    let formats = if git_can() { &["sha1", "sha256"][..] } else { &[] };
    let made = formats.iter().map(|format| {
        let folder = Folder::new();
        let format = format!("--object-format={format}");
        folder.git(["init", "--quiet", "--initial-branch=main", "--ref-format=reftable", &format]);
        folder
    });
    made.collect()
}

/// How the key of `seed` is told of, which must be of one file without any problem.
#[track_caller]
fn only_place(scan: &Scan, seed: u64, path: &str) -> serde_json::Value {
    assert_eq!((scan.places(&key(seed)), scan.problems()), (vec![format!("file {path}")], vec![]));
    scan.of(&key(seed)).expect("found")["places"][0].clone()
}

#[test]
fn work_tree_and_history_are_read_and_head_is_known() {
    for repository in repositories() {
        repository.write("src/app.py", format!("api_key = '{}'\n", key(1)));
        let added = repository.commit("Add the client", 1);
        let now = only_place(&repository.scan(&[]), 1, "src/app.py");
        assert_eq!((&now["introduced"]["commit"], now["in_head"].as_bool()), (&added.as_str().into(), Some(true)));
        assert_eq!(repository.scan(&["--no-history"]).places(&key(1)), ["file src/app.py"]);
        repository.git(["switch", "--quiet", "--create", "side"]);
        repository.write("src/app.py", "api_key = os.environ['OPENAI_API_KEY']\n");
        repository.commit("Read the key from the environment", 2);
        for packed in [false, true] {
            if packed {
                repository.git(["pack-refs", "--all"]);
                repository.pack();
            }
            let later = only_place(&repository.scan(&[]), 1, "src/app.py");
            assert_eq!((later["in_head"].as_bool(), later["in_worktree"].as_bool()), (Some(false), Some(false)));
        }
    }
}

#[test]
fn what_is_staged_is_compared_with_head() {
    for repository in repositories() {
        repository.write("a.txt", format!("key: {}\n", key(1)));
        repository.git(["add", "a.txt"]);
        only_place(&repository.scan(&["--staged"]), 1, "a.txt");
        repository.commit("Add a key", 1);
        assert_eq!(repository.scan(&["--staged"]).code, 0);
        repository.write("b.txt", format!("key: {}\n", key(2)));
        repository.git(["add", "b.txt"]);
        let staged = repository.scan(&["--staged"]);
        assert_eq!(staged.findings().len(), 1);
        only_place(&staged, 2, "b.txt");
    }
}

#[test]
fn ranges_are_resolved_by_every_kind_of_name() {
    for repository in repositories() {
        repository.write("a.txt", format!("key: {}\n", key(1)));
        repository.commit("Add a key", 1);
        repository.git(["tag", "-m", "The first", "v1"]);
        repository.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
        repository.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
        repository.git(["switch", "--quiet", "--create", "team/side"]);
        repository.write("b.txt", format!("key: {}\n", key(2)));
        let second = repository.commit("Add another", 2);
        let (short, long) = (format!("v1..{}", &second[..9]), format!("main..{second}"));
        for range in ["main..team/side", "v1...HEAD", "origin..", "origin/main..@", "HEAD~1..HEAD", &short, &long] {
            let scan = repository.scan(&["--range", range]);
            assert_eq!((scan.findings().len(), range), (1, range));
            only_place(&scan, 2, "b.txt");
        }
        for (range, why) in [("gone..HEAD", "gone"), ("HEAD@{1}..HEAD", "write the id")] {
            let run = repository.keylint(["scan", "--range", range]);
            assert!(run.code() == 2 && run.stderr().contains(why), "{range}: {}", run.stderr());
        }
    }
}

#[test]
fn names_of_refs_and_what_logs_say_are_read() {
    for repository in repositories() {
        repository.git(["config", "core.logAllRefUpdates", "always"]);
        repository.commit("Begin", 1);
        repository.git(["branch", &format!("try/{}", key(1))]);
        repository.git(["update-ref", "-m", &format!("by {}", key(2)), "--create-reflog", "refs/notes/x", "HEAD"]);
        for packed in [false, true] {
            if packed {
                repository.git(["pack-refs", "--all"]);
            }
            let scan = repository.scan(&["--history-only"]);
            assert_eq!(scan.problems(), [""; 0]);
            let sites = |seed| scan.of(&key(seed)).expect("found")["places"].to_string();
            assert!(sites(1).contains("\"ref-name\""), "{}", sites(1));
            assert!(sites(2).contains(".ref!logs/refs/notes/x"), "{}", sites(2));
        }
    }
}

#[test]
fn linked_worktrees_and_bare_clones_have_their_own_head() {
    for repository in repositories() {
        repository.write("a.txt", format!("key: {}\n", key(1)));
        repository.commit("Add a key", 1);
        let elsewhere = Folder::new();
        let linked = elsewhere.at("tree").display().to_string();
        repository.git(["worktree", "add", "--quiet", "-b", "other", &linked]);
        repository.git(["rm", "--quiet", "a.txt"]);
        repository.commit("Take it out", 2);
        assert_eq!(only_place(&repository.scan(&[]), 1, "a.txt")["in_head"].as_bool(), Some(false));
        assert_eq!(only_place(&elsewhere.scan(&["tree"]), 1, "a.txt")["in_head"].as_bool(), Some(true));
        elsewhere.write("tree/b.txt", format!("key: {}\n", key(2)));
        elsewhere.git(["-C", "tree", "add", "b.txt"]);
        let staged = elsewhere.scan(&["--staged", "tree"]);
        assert_eq!((staged.findings().len(), staged.places(&key(2)).len()), (1, 1));
        let origin = repository.path.display().to_string();
        elsewhere.git(["clone", "--quiet", "--bare", "--ref-format=reftable", &origin, "bare.git"]);
        assert_eq!(only_place(&elsewhere.scan(&["bare.git"]), 1, "a.txt")["in_head"].as_bool(), Some(false));
    }
}

#[test]
fn hooks_stop_a_key_and_a_push_of_one() {
    for repository in repositories() {
        repository.write("a.txt", "nothing\n");
        repository.commit("Begin", 1);
        repository.git(["init", "--quiet", "--bare", "--ref-format=reftable", "there.git"]);
        let format = repository.git(["rev-parse", "--show-object-format"]);
        if format == "sha256" {
            std::fs::remove_dir_all(repository.at("there.git")).expect("ours");
            let format = format!("--object-format={format}");
            repository.git(["init", "--quiet", "--bare", "--ref-format=reftable", &format, "there.git"]);
        }
        repository.git(["remote", "add", "origin", "there.git"]);
        repository.git(["push", "--quiet", "origin", "main"]);
        assert_eq!(repository.keylint(["hook", "install", "pre-commit", "pre-push"]).code(), 0);
        repository.write("b.txt", key(1));
        repository.git(["add", "b.txt"]);
        let tried = |args: &[&str]| git(&repository.path).args(args).output().expect("git runs");
        let commit = tried(&["commit", "--quiet", "-m", "Leak"]);
        assert!(!commit.status.success() && String::from_utf8_lossy(&commit.stderr).contains("openai-project-key"));
        repository.commit_staged("Leak", 2);
        assert!(!tried(&["push", "--quiet", "origin", "main"]).status.success());
        repository.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        repository.write("c.txt", "more\n");
        repository.git(["add", "c.txt"]);
        repository.git(["commit", "--quiet", "-m", "Clean"]);
        repository.git(["push", "--quiet", "origin", "main"]);
    }
}

#[test]
fn what_refs_lead_to_and_is_gone_is_told_and_so_is_a_damaged_table() {
    for repository in repositories() {
        repository.write("a.txt", format!("key: {}\n", key(1)));
        let commit = repository.commit("Add a key", 1);
        let object = repository.at(format!(".git/objects/{}/{}", &commit[..2], &commit[2..]));
        let whole = std::fs::read(&object).expect("it is there");
        std::fs::remove_file(&object).expect("ours");
        let scan = repository.scan(&["--history-only"]);
        assert_eq!(scan.code, 1);
        assert!(scan.problems().iter().any(|problem| problem.contains("a ref refers to it")), "{:?}", scan.problems());
        std::fs::write(&object, whole).expect("ours");
        assert_eq!(repository.scan(&[]).problems(), [""; 0]);
        for table in std::fs::read_dir(repository.at(".git/reftable")).expect("a directory") {
            let table = table.expect("an entry").path();
            if table.extension().is_some_and(|end| end == "ref") {
                let bytes = std::fs::read(&table).expect("it is there");
                std::fs::remove_file(&table).expect("ours");
                std::fs::write(&table, &bytes[..bytes.len() - 1]).expect("ours");
            }
        }
        let scan = repository.scan(&[]);
        assert!(scan.code == 1 && !scan.problems().is_empty());
        assert!(scan.problems().iter().all(|problem| text(&problem.as_str().into()).contains(".ref: it is cut short")));
        assert_eq!(repository.keylint(["scan", "--staged"]).code(), 2);
    }
}

#[test]
fn nothing_is_started_and_nothing_is_written() {
    for repository in repositories() {
        repository.write("a.txt", format!("key: {}\n", key(1)));
        repository.commit("Add a key", 1);
        let before = repository.state();
        for args in [&["scan"][..], &["scan", "--staged"], &["scan", "--range", "HEAD..HEAD"]] {
            // Without a PATH there is no git to find.
            let mut program = program();
            let run = program.current_dir(&repository.path).args(args).env_remove("PATH").output().expect("it runs");
            assert!(matches!(run.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&run.stderr));
        }
        assert!(repository.state() == before);
    }
}

#[test]
fn refs_that_are_kept_in_an_unknown_way_are_an_error() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("key: {}\n", key(1)));
    repository.commit("Add a key", 1);
    std::fs::remove_dir_all(repository.at(".git/refs/heads")).expect("ours");
    repository.write(".git/refs/heads", "elsewhere");
    repository.write(".git/config", "[core]\nrepositoryFormatVersion = 1\n[extensions]\nrefStorage = novel\n");
    for args in [&["scan"][..], &["scan", "--staged"], &["scan", "--range", "HEAD~1..HEAD"]] {
        let run = repository.keylint(args);
        assert!(run.code() == 2 && run.stderr().contains("kept in novel"), "{}", run.stderr());
    }
}
