//! Ways of storing a repository that are not the usual one, made by git itself.

use crate::fixture::{Folder, key};

/// A repository whose ids are of SHA-256.
fn sha256() -> Folder {
    let folder = Folder::new();
    folder.git(["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
    folder
}

#[test]
fn ids_of_sha_256_are_read_in_history() {
    let repository = sha256();
    repository.write("src/app.py", format!("api_key = '{}'\n", key(1)));
    let added = repository.commit("Add the client", 1);
    repository.write("src/app.py", "api_key = os.environ['OPENAI_API_KEY']\n");
    repository.commit("Read the key from the environment", 2);
    for packed in [false, true] {
        if packed {
            repository.pack();
        }
        let scan = repository.scan(&["--history-only"]);
        assert_eq!((scan.code, scan.problems().len()), (1, 0), "packed: {packed}; {:?}", scan.problems());
        assert_eq!(scan.places(&key(1)), ["file src/app.py"]);
        let place = &scan.of(&key(1)).expect("found")["places"][0];
        assert_eq!((added.len(), &place["introduced"]["commit"]), (64, &added.as_str().into()));
        assert_eq!(place["in_head"].as_bool(), Some(false));
    }
}

#[test]
fn ids_of_sha_256_are_read_where_they_are_staged_and_in_ranges() {
    let repository = sha256();
    repository.write("a.txt", "nothing\n");
    repository.commit("Begin", 1);
    repository.write("a.txt", format!("key: {}\n", key(1)));
    repository.git(["add", "a.txt"]);
    assert_eq!(repository.scan(&["--staged"]).places(&key(1)), ["file a.txt"]);
    assert_eq!(repository.scan(&[]).places(&key(1)), ["file a.txt"]);
    repository.commit_staged("Add a key", 2);
    repository.write("b.txt", format!("key: {}\n", key(2)));
    repository.commit("Add another", 3);
    let range = repository.scan(&["--range", "HEAD~1..HEAD"]);
    assert_eq!((range.places(&key(1)).len(), range.places(&key(2))), (0, vec!["file b.txt".to_owned()]));
    assert_eq!(repository.scan(&["--staged"]).code, 0);
}

#[test]
fn an_index_over_several_packs_hides_none_of_them() {
    let repository = Folder::repository();
    for nth in 0..3 {
        repository.write("a.txt", format!("key: {}\n", key(nth)));
        repository.commit("Change it", nth as u32);
        repository.git(["repack", "--quiet"]);
    }
    repository.git(["multi-pack-index", "write"]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!((scan.code, scan.findings().len(), scan.problems().len()), (1, 3, 0));
}

#[test]
fn what_was_replaced_is_read_and_what_replaces_it() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("key: {}\n", key(1)));
    repository.commit("Add a key", 1);
    let old = repository.git(["rev-parse", "HEAD:a.txt"]);
    let new = repository.blob(&format!("key: {}\n", key(2)));
    repository.git(["replace", &old, &new]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!((scan.findings().len(), scan.problems().len()), (2, 0), "{:?}", scan.problems());
}

#[test]
fn history_that_was_grafted_away_is_read() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("key: {}\n", key(1)));
    repository.commit("Add a key", 1);
    repository.write("a.txt", "nothing\n");
    let last = repository.commit("Take it out", 2);
    repository.git(["replace", "--graft", &last]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.places(&key(1)), ["file a.txt"]);
}

#[test]
fn a_sparse_index_is_read() {
    let repository = Folder::repository();
    repository.write("in/a.txt", "nothing\n");
    repository.write("out/deep/b.txt", format!("key: {}\n", key(1)));
    repository.commit("Begin", 1);
    repository.git(["sparse-checkout", "init", "--cone", "--sparse-index"]);
    repository.git(["sparse-checkout", "set", "in"]);
    let scan = repository.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file out/deep/b.txt"]);
    repository.write("in/a.txt", format!("key: {}\n", key(2)));
    repository.git(["add", "in/a.txt"]);
    let staged = repository.scan(&["--staged"]);
    assert_eq!((staged.findings().len(), staged.places(&key(2))), (1, vec!["file in/a.txt".to_owned()]));
}

/// A way to store a repository: it makes one below a folder, and returns where, unless git is too old for it.
type Made = fn(&Folder) -> Option<&'static str>;

/// A repository with two commits, from which others are cloned.
fn origin(folder: &Folder, options: &[&str]) -> bool {
    let init = ["init", "--quiet", "--initial-branch=main"];
    let made = crate::fixture::git(&folder.path).args(init).args(options).arg("origin").output();
    if !made.expect("git runs").status.success() {
        return false;
    }
    folder.git(["-C", "origin", "config", "uploadpack.allowFilter", "true"]);
    for (name, text) in [("one/a.txt", "nothing\n"), ("two/b.txt", "something\n")] {
        folder.write(format!("origin/{name}"), text);
        folder.git(["-C", "origin", "add", "--all"]);
        folder.git(["-C", "origin", "commit", "--quiet", "-m", name]);
    }
    true
}

fn cloned(folder: &Folder, options: &[&str]) -> Option<&'static str> {
    origin(folder, &[]);
    let url = format!("file://{}", folder.at("origin").display());
    let url = if options.contains(&"--shared") { "origin".to_owned() } else { url };
    folder.git([&["clone", "--quiet"], options, &[&url, "copy"]].concat());
    Some("copy")
}

/// Every way, and how the one problem is called that its history has.
const FORMATS: &[(&str, Made, Option<&str>)] = &[
    ("SHA-256", |folder| origin(folder, &["--object-format=sha256"]).then_some("origin"), None),
    ("a reftable", |folder| origin(folder, &["--ref-format=reftable"]).then_some("origin"), None),
    ("both", |folder| origin(folder, &["--object-format=sha256", "--ref-format=reftable"]).then_some("origin"), None),
    (
        "an index over several packs",
        |folder| {
            origin(folder, &[]);
            folder.git(["-C", "origin", "repack", "--quiet"]);
            folder.write("origin/c.txt", "more\n");
            folder.git(["-C", "origin", "add", "c.txt"]);
            folder.git(["-C", "origin", "commit", "--quiet", "-m", "More"]);
            folder.git(["-C", "origin", "repack", "--quiet"]);
            folder.git(["-C", "origin", "multi-pack-index", "write"]);
            Some("origin")
        },
        None,
    ),
    (
        "a sparse index",
        |folder| {
            origin(folder, &[]);
            folder.git(["-C", "origin", "sparse-checkout", "init", "--cone", "--sparse-index"]);
            folder.git(["-C", "origin", "sparse-checkout", "set", "one"]);
            Some("origin")
        },
        None,
    ),
    (
        "a graft",
        |folder| {
            origin(folder, &[]);
            folder.git(["-C", "origin", "replace", "--graft", "HEAD"]);
            Some("origin")
        },
        None,
    ),
    (
        "a linked worktree",
        |folder| {
            origin(folder, &[]);
            folder.git(["-C", "origin", "worktree", "add", "--quiet", "../linked"]);
            Some("linked")
        },
        None,
    ),
    (
        "a packed submodule",
        |folder| {
            origin(folder, &[]);
            folder.git(["init", "--quiet", "outer"]);
            folder.git(["-C", "outer", "submodule", "--quiet", "add", "../origin", "libs/inner"]);
            folder.git(["-C", "outer/libs/inner", "repack", "-adq"]);
            Some("outer/libs/inner")
        },
        None,
    ),
    ("alternates", |folder| cloned(folder, &["--shared"]), None),
    ("a shallow clone", |folder| cloned(folder, &["--depth=1"]), Some("a shallow clone")),
    ("a partial clone", |folder| cloned(folder, &["--filter=blob:none"]), Some("a partial clone")),
];

#[test]
fn whatever_way_a_repository_is_stored_all_of_it_is_read() {
    for (format, make, problem) in FORMATS {
        let folder = Folder::new();
        let Some(place) = make(&folder) else { continue };
        let git = |args: &[&str]| folder.git([&["-C", place], args].concat());
        let scan = |args: &[&str]| folder.scan(&[args, &[place]].concat());
        let path = vec!["file one/key.txt".to_owned()];
        folder.write(format!("{place}/one/key.txt"), format!("key: {}\n", key(1)));
        let tree = scan(&["--no-history"]);
        assert_eq!((tree.places(&key(1)), tree.problems()), (path.clone(), vec![]), "{format}");
        git(&["add", "one/key.txt"]);
        let staged = scan(&["--staged"]);
        assert_eq!((staged.places(&key(1)), staged.problems()), (path.clone(), vec![]), "{format}");
        git(&["commit", "--quiet", "-m", "A key"]);
        let range = scan(&["--range", "HEAD~1..HEAD"]);
        assert_eq!((range.places(&key(1)), range.problems()), (path.clone(), vec![]), "{format}");
        git(&["rm", "--quiet", "one/key.txt"]);
        git(&["commit", "--quiet", "-m", "No key"]);
        let before = folder.state();
        let history = scan(&["--history-only"]);
        assert_eq!((history.places(&key(1)), history.findings().len()), (path, 1), "{format}");
        let found = &history.of(&key(1)).expect("found")["places"][0];
        assert_eq!((found["in_head"].as_bool(), found["introduced"].is_object()), (Some(false), true), "{format}");
        let problems = history.problems();
        assert_eq!(problems.len(), usize::from(problem.is_some()), "{format}: {problems:?}");
        assert!(problems.iter().all(|said| problem.is_some_and(|word| said.contains(word))), "{format}: {problems:?}");
        assert!(folder.state() == before, "{format}");
    }
}

#[test]
fn what_a_partial_clone_lacks_is_told_and_not_fetched() {
    let folder = Folder::new();
    let copy = cloned(&folder, &["--filter=blob:none", "--no-checkout"]).expect("a clone");
    let before = folder.state();
    let range = folder.scan(&["--range", "HEAD~1..HEAD", copy]);
    assert_eq!((range.code, range.problems().len()), (3, 1), "{:?}", range.problems());
    assert!(range.problems()[0].contains("fetch it again"), "{:?}", range.problems());
    assert_eq!(folder.scan(&["--history-only", copy]).code, 3);
    assert!(folder.state() == before);
}

#[test]
fn an_alternate_that_is_gone_is_told() {
    let folder = Folder::new();
    let copy = cloned(&folder, &["--shared"]).expect("a clone");
    std::fs::rename(folder.at("origin"), folder.at("elsewhere")).expect("ours");
    let scan = folder.scan(&["--history-only", copy]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems().iter().any(|problem| problem.contains("named as an alternate")), "{:?}", scan.problems());
}

#[test]
fn an_extension_that_is_not_known_is_an_error_that_names_it() {
    let repository = Folder::repository();
    repository.commit("Begin", 1);
    repository.git(["config", "core.repositoryFormatVersion", "1"]);
    repository.git(["config", "extensions.relativeWorktrees", "true"]);
    assert_eq!(repository.scan(&[]).code, 0);
    std::fs::write(repository.at(".git/config"), "[core]\nrepositoryFormatVersion = 1\n[extensions]\nnovelty = 1\n")
        .expect("ours");
    let run = repository.keylint(["scan"]);
    assert!(run.code() == 2 && run.stderr().contains("novelty"), "{}", run.stderr());
}
