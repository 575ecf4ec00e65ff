//! What is staged and what a range of commits brought: only what a change adds counts, wherever it is now.

use crate::fixture::{Folder, Scan, git, key, program, text};
use std::fs;

/// The masks' tails of the keys that were there before the change, as the report lists them.
fn told(scan: &Scan, key: &str) -> bool {
    let all = scan.json["suppressed"].as_array().expect("a list");
    let of_key = |silenced: &&serde_json::Value| text(&silenced["finding"]["masked"]).ends_with(&key[key.len() - 4..]);
    all.iter().find(of_key).is_some_and(|silenced| silenced["why"]["kind"] == "before")
}

fn staged(repository: &Folder) -> Scan {
    repository.scan(&["--staged", "--show-suppressed"])
}

fn range(repository: &Folder, range: &str) -> Scan {
    repository.scan(&["--range", range, "--show-suppressed"])
}

/// A repository with one commit of `a.txt`.
fn begun() -> Folder {
    let repository = Folder::repository();
    repository.write("a.txt", "nothing\n");
    repository.commit("Start", 1);
    repository
}

#[test]
fn what_is_staged_counts_and_what_is_only_on_disk_does_not() {
    let repository = begun();
    repository.write("a.txt", key(1));
    repository.write("new.txt", key(2));
    assert_eq!(staged(&repository).code, 0);
    repository.git(["add", "a.txt"]);
    repository.write("a.txt", "gone from the disk\n");
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.findings().len()), (1, 1));
    assert_eq!(scan.places(&key(1)), ["file a.txt"]);
    let place = &scan.of(&key(1)).expect("found")["places"][0];
    assert_eq!((place["in_worktree"].as_bool(), place["in_head"].as_bool()), (None, Some(false)));
    let told = repository.keylint(["scan", "--staged", "--format", "sarif"]).stdout();
    assert!(told.contains("key in a.txt. It is") && told.contains(", in no commit."), "{told}");
}

#[test]
fn of_a_change_it_is_not_said_that_a_key_was_taken_out() {
    let repository = begun();
    repository.git(["checkout", "--quiet", "-b", "other"]);
    repository.write("a.txt", key(1));
    repository.git(["add", "a.txt"]);
    assert_eq!((staged(&repository).findings().len(), says_removed(&staged(&repository))), (1, false));
    repository.commit("A key", 2);
    repository.git(["checkout", "--quiet", "-"]);
    let scan = range(&repository, "HEAD..other");
    assert_eq!((scan.findings().len(), says_removed(&scan)), (1, false), "{}", scan.json);
}

fn says_removed(scan: &Scan) -> bool {
    scan.json["hygiene"].as_array().expect("a list").iter().any(|finding| finding["rule"] == "key-removed-in-history")
}

#[test]
fn a_key_that_was_there_before_is_told_and_does_not_count() {
    let repository = begun();
    repository.write("a.txt", format!("{}\n", key(1)));
    repository.commit("A key", 2);
    repository.write("a.txt", format!("one more line\n{}\n", key(1)));
    repository.git(["add", "a.txt"]);
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.findings().len()), (0, 0));
    assert!(told(&scan, &key(1)), "{}", scan.json);
    repository.write("a.txt", format!("{}\n{}\n", key(2), key(1)));
    repository.git(["add", "a.txt"]);
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.findings().len()), (1, 1));
    assert!(scan.of(&key(2)).is_some() && told(&scan, &key(1)));
}

#[test]
fn a_key_that_moves_within_a_change_is_not_added_and_one_that_is_copied_is() {
    let repository = begun();
    repository.write("old.txt", key(1));
    repository.commit("A key", 2);
    repository.git(["mv", "old.txt", "new.txt"]);
    let scan = staged(&repository);
    assert_eq!(scan.code, 0);
    assert!(told(&scan, &key(1)));
    repository.git(["reset", "--quiet", "--hard"]);
    repository.write("copy.txt", key(1));
    repository.git(["add", "copy.txt"]);
    assert_eq!(staged(&repository).places(&key(1)), ["file copy.txt"]);
}

#[test]
fn what_is_below_directories_that_did_not_change_is_passed_over_and_nothing_else() {
    let repository = Folder::repository();
    let folders = ["a", "a-b", "a.b", "a/b", "a/b/c", "b", "z/y/x"];
    for folder in folders {
        repository.write(format!("{folder}/file.txt"), "nothing\n");
    }
    repository.commit("Many directories", 1);
    for (seed, folder) in (1..).zip(folders) {
        repository.write(format!("{folder}/new.txt"), key(seed));
        repository.git(["add", "."]);
        assert_eq!(staged(&repository).places(&key(seed)), [format!("file {folder}/new.txt")]);
        repository.git(["reset", "--quiet", "--hard"]);
        repository.git(["rm", "--quiet", "-r", folder]);
        assert_eq!(staged(&repository).code, 0);
        repository.git(["reset", "--quiet", "--hard"]);
    }
}

#[test]
fn before_the_first_commit_all_that_is_staged_is_new() {
    let repository = Folder::repository();
    assert_eq!(staged(&repository).code, 0);
    repository.write("dir/a.txt", key(1));
    repository.git(["add", "."]);
    assert_eq!(staged(&repository).places(&key(1)), ["file dir/a.txt"]);
}

/// `main` and `other` have both changed `a.txt`, and `other` has brought `other.txt`; they are being merged.
fn merging() -> Folder {
    let repository = begun();
    repository.git(["checkout", "--quiet", "-b", "other"]);
    repository.write("a.txt", "theirs\n");
    repository.write("other.txt", key(1));
    repository.commit("Theirs", 2);
    repository.git(["checkout", "--quiet", "main"]);
    repository.write("a.txt", "ours\n");
    repository.commit("Ours", 3);
    let merged = git(&repository.path).args(["merge", "--quiet", "other"]).output().expect("git runs");
    assert!(!merged.status.success(), "they do not conflict");
    repository
}

#[test]
fn during_a_merge_only_what_neither_side_has_is_new() {
    let repository = merging();
    let scan = staged(&repository);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].starts_with("unreadable a.txt: it has a conflict"), "{:?}", scan.problems());
    repository.write("a.txt", format!("both\n{}\n", key(2)));
    repository.git(["add", "a.txt"]);
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.findings().len()), (1, 1), "{:?}", scan.problems());
    assert_eq!(scan.places(&key(2)), ["file a.txt"]);
}

#[test]
fn during_a_rebase_what_is_resolved_is_looked_at() {
    let repository = merging();
    repository.git(["merge", "--abort"]);
    let rebased = git(&repository.path).args(["rebase", "--quiet", "other"]).output().expect("git runs");
    assert!(!rebased.status.success());
    repository.write("a.txt", format!("{}\n", key(2)));
    repository.git(["add", "a.txt"]);
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.places(&key(2))), (1, vec!["file a.txt".to_owned()]));
}

#[test]
fn in_a_linked_worktree_its_own_index_is_looked_at() {
    let repository = begun();
    let linked = Folder::new();
    repository.git(["worktree", "add", "--quiet", "--detach", &linked.at("tree").display().to_string()]);
    linked.write("tree/b.txt", key(1));
    let added = git(&linked.at("tree")).args(["add", "b.txt"]).status().expect("git runs");
    assert!(added.success());
    assert_eq!(linked.scan(&["--staged", "tree"]).places(&key(1)), ["file b.txt"]);
    assert_eq!(staged(&repository).code, 0);
}

#[test]
fn what_is_only_meant_to_be_added_is_not_staged() {
    let repository = begun();
    repository.write("b.txt", key(1));
    repository.git(["add", "--intent-to-add", "b.txt"]);
    let scan = staged(&repository);
    assert_eq!((scan.code, scan.problems()), (0, vec![]));
}

#[cfg(unix)]
#[test]
fn modes_and_types_may_change() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let repository = begun();
    repository.write("run.sh", format!("# {}\n", key(1)));
    symlink("a.txt", repository.at("link")).expect("a link");
    repository.commit("A script", 2);
    fs::set_permissions(repository.at("run.sh"), fs::Permissions::from_mode(0o755)).expect("ours");
    repository.git(["add", "."]);
    assert_eq!(staged(&repository).code, 0);
    fs::remove_file(repository.at("link")).expect("ours");
    repository.write("link", key(2));
    repository.git(["add", "."]);
    assert_eq!(staged(&repository).places(&key(2)), ["file link"]);
}

#[test]
fn the_name_of_a_new_file_is_looked_at() {
    let repository = begun();
    repository.write(format!("dir/{}.txt", key(1)), "x");
    repository.git(["add", "."]);
    let scan = staged(&repository);
    assert_eq!(scan.code, 1);
    assert!(scan.places(&key(1))[0].starts_with("file-name dir/sk-proj-…"), "{:?}", scan.places(&key(1)));
}

#[test]
fn an_index_that_is_locked_or_corrupt_is_an_error() {
    let repository = begun();
    repository.write(".git/index.lock", "");
    let run = repository.keylint(["scan", "--staged"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("locked by another git process"), "{}", run.stderr());
    // Whoever names an index knows which one will be committed.
    let index = repository.at(".git/index");
    let named =
        program().current_dir(&repository.path).env("GIT_INDEX_FILE", &index).args(["scan", "--staged"]).output();
    assert_eq!(named.expect("it runs").status.code(), Some(0));
    fs::remove_file(repository.at(".git/index.lock")).expect("ours");
    repository.write(".git/index", "not an index");
    let run = repository.keylint(["scan", "--staged"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("the index cannot be read"), "{}", run.stderr());
}

#[test]
fn without_a_repository_nothing_is_staged() {
    let folder = Folder::new();
    assert_eq!(folder.keylint(["scan", "--staged"]).code(), 2);
    assert_eq!(folder.keylint(["scan", "--range", "A..B", "-"]).code(), 2);
    let run = folder.keylint(["scan", "--range", "A..B", "nowhere"]);
    assert!(run.code() == 2 && run.stderr().contains("nowhere: No such file"), "{}", run.stderr());
}

#[test]
fn what_a_range_added_and_removed_again_is_leaked() {
    let repository = begun();
    repository.write("a.txt", key(1));
    let added = repository.commit("Add", 2);
    repository.write("a.txt", "nothing again\n");
    repository.commit("Remove", 3);
    repository.write("b.txt", key(2));
    repository.commit("Another", 4);
    let scan = range(&repository, "HEAD~3..HEAD");
    assert_eq!((scan.code, scan.findings().len()), (1, 2));
    let place = &scan.of(&key(1)).expect("found")["places"][0];
    assert_eq!((text(&place["introduced"]["commit"]), place["in_head"].as_bool()), (added.as_str(), Some(false)));
    let place = &scan.of(&key(2)).expect("found")["places"][0];
    assert_eq!(place["in_head"].as_bool(), Some(true));
    assert_eq!(range(&repository, "HEAD~1..HEAD").findings().len(), 1);
    assert_eq!(range(&repository, "HEAD..HEAD").code, 0);
}

#[test]
fn what_stood_before_a_range_does_not_count() {
    let repository = begun();
    repository.write("a.txt", format!("{}\n", key(1)));
    repository.commit("Before", 2);
    repository.write("a.txt", format!("more\n{}\n", key(1)));
    repository.commit("Touch", 3);
    let scan = range(&repository, "HEAD~1..");
    assert_eq!(scan.code, 0);
    assert!(told(&scan, &key(1)));
}

#[test]
fn a_key_that_a_range_carries_on_is_told_once_as_the_range_leaves_it() {
    let repository = begun();
    repository.write("old.txt", key(2));
    let base = repository.commit("A key that stays", 2);
    repository.write("b.txt", format!("{}\n", key(1)));
    let added = repository.commit("Add", 3);
    repository.write("b.txt", format!("one\ntwo\n{}\n", key(1)));
    repository.write("old.txt", format!("{} {}", key(1), key(2)));
    repository.commit("Write above it, and beside another", 4);
    repository.git(["mv", "b.txt", "c.txt"]);
    repository.commit("Move it", 5);
    let scan = range(&repository, &format!("{base}.."));
    assert_eq!(scan.findings().len(), 1);
    let finding = scan.of(&key(1)).expect("found");
    let place = |path: &str| {
        let places = finding["places"].as_array().expect("places");
        places.iter().find(|place| text(&place["site"]["path"]) == path).expect("it stands there").clone()
    };
    let (b, c) = (place("b.txt"), place("c.txt"));
    assert_eq!((b["in_head"].as_bool(), text(&b["introduced"]["commit"])), (Some(false), added.as_str()));
    assert_eq!((c["in_head"].as_bool(), c["position"]["line"].as_u64()), (Some(true), Some(3)));
    assert_eq!(place("old.txt")["in_head"].as_bool(), Some(true));
    assert!(told(&scan, &key(2)) && !told(&scan, &key(1)), "{}", scan.json);
}

#[test]
fn a_key_that_a_range_takes_away_and_brings_back_is_added() {
    let repository = begun();
    repository.write("a.txt", key(1));
    let base = repository.commit("A key", 2);
    repository.write("a.txt", format!("more\n{}", key(1)));
    repository.commit("Touch", 3);
    repository.write("a.txt", key(1));
    repository.commit("Touch back", 4);
    assert_eq!(range(&repository, &format!("{base}..")).code, 0, "a circle of contents begins nowhere");
    repository.write("a.txt", "gone");
    repository.commit("Remove", 5);
    repository.write("a.txt", key(1));
    repository.commit("Bring back", 6);
    let scan = range(&repository, &format!("{base}.."));
    assert_eq!((scan.code, scan.places(&key(1))), (1, vec!["file a.txt".to_owned()]));
}

#[test]
fn messages_names_and_what_only_a_merge_has_are_part_of_a_range() {
    let repository = begun();
    repository.git(["checkout", "--quiet", "-b", "other"]);
    repository.write("b.txt", "theirs\n");
    repository.commit(&format!("Use {}", key(1)), 2);
    repository.git(["checkout", "--quiet", "main"]);
    repository.write("a.txt", "ours\n");
    repository.commit("Ours", 3);
    repository.git(["merge", "--quiet", "--no-commit", "--no-ff", "other"]);
    repository.write("c.txt", key(2));
    let merge = repository.commit("Merge", 4);
    let scan = range(&repository, "main~1..main");
    assert_eq!(scan.places(&key(1)), ["commit message"]);
    assert_eq!(scan.places(&key(2)), ["file c.txt"]);
    assert_eq!(scan.of(&key(2)).expect("found")["places"][0]["introduced"]["commit"], merge);
}

#[test]
fn three_dots_mean_from_where_they_parted() {
    let repository = begun();
    repository.git(["checkout", "--quiet", "-b", "topic"]);
    repository.write("topic.txt", key(1));
    repository.commit("Topic", 2);
    repository.git(["checkout", "--quiet", "main"]);
    repository.write("main.txt", key(2));
    repository.commit("Main", 3);
    let scan = range(&repository, "main...topic");
    assert_eq!(scan.findings().len(), 1);
    assert_eq!(scan.places(&key(1)), ["file topic.txt"]);
}

#[test]
fn a_range_that_cannot_be_resolved_is_an_error() {
    let repository = begun();
    for (range, why) in [("nowhere..HEAD", "nowhere: "), ("HEAD", "is no range"), ("HEAD~7..HEAD", "fetch-depth: 0")] {
        let run = repository.keylint(["scan", "--range", range]);
        assert_eq!(run.code(), 2, "{range}");
        assert!(run.stderr().contains(why), "{range}: {}", run.stderr());
    }
}

#[test]
fn a_range_beyond_what_a_shallow_clone_has_is_an_error() {
    let origin = begun();
    for nth in 2..5 {
        origin.commit("More", nth);
    }
    let first = origin.git(["rev-parse", "HEAD~3"]);
    let folder = Folder::new();
    folder.git(["clone", "--quiet", "--depth=2", &format!("file://{}", origin.path.display()), "copy"]);
    let run = folder.keylint(["scan", "copy", "--range", &format!("{first}..HEAD")]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("git fetch --unshallow"), "{}", run.stderr());
}

#[test]
fn a_range_that_reaches_where_a_clone_was_cut_off_is_not_complete() {
    let origin = begun();
    for nth in 2..6 {
        origin.commit("More", nth);
    }
    let folder = Folder::new();
    folder.git(["clone", "--quiet", "--depth=2", &format!("file://{}", origin.path.display()), "copy"]);
    let first = git(&folder.at("copy")).args(["rev-list", "--max-parents=0", "HEAD"]).output().expect("git runs");
    let first = String::from_utf8(first.stdout).expect("an id");
    // What is without parents here has some elsewhere.
    git(&folder.at("copy")).args(["branch", "aside", first.trim()]).status().expect("git runs");
    git(&folder.at("copy")).args(["checkout", "--quiet", "--orphan", "other"]).status().expect("git runs");
    git(&folder.at("copy")).args(["commit", "--quiet", "-m", "Other"]).status().expect("git runs");
    let scan = folder.scan(&["copy", "--range", "other..aside"]);
    assert_eq!(scan.code, 3, "{}", scan.json);
    assert!(scan.problems()[0].contains("git fetch --unshallow"), "{:?}", scan.problems());
}

#[test]
fn the_message_of_a_tag_that_ends_a_range_is_part_of_it() {
    let repository = begun();
    repository.git(["tag", "-a", "v1", "-m", &format!("Release with {}", key(1))]);
    assert_eq!(range(&repository, "HEAD..v1").code, 1);
}

#[test]
fn a_scan_of_changes_writes_nothing() {
    let repository = merging();
    let state = repository.state();
    staged(&repository);
    range(&repository, "main~1..main");
    assert_eq!(repository.state(), state);
}

#[test]
fn a_repository_that_several_targets_lead_to_is_looked_at_once() {
    let repository = begun();
    repository.write("sub/a.txt", key(1));
    repository.git(["add", "."]);
    let scan = repository.scan(&["--staged", ".", "sub"]);
    assert_eq!(scan.places(&key(1)), ["file sub/a.txt"]);
}
