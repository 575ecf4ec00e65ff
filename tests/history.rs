//! A key in every kind of place that git has is found, in real repositories.

use crate::fixture::{Folder, key, key_of, text};

/// Scans the history alone, and again with everything in one pack; both must find the key at `place`.
#[track_caller]
fn found_in_history(repository: &Folder, key: &str, place: &str) {
    for packed in [false, true] {
        if packed {
            repository.pack();
        }
        let scan = repository.scan(&["--history-only"]);
        assert_eq!(scan.places(key), [place], "packed: {packed}; problems: {:?}", scan.problems());
        assert_eq!(scan.code, 1);
    }
}

#[test]
fn a_key_that_was_removed_is_found_where_it_was() {
    let repository = Folder::repository();
    repository.write("src/app.py", format!("api_key = '{}'\n", key(1)));
    let added = repository.commit("Add the client", 1);
    repository.write("src/app.py", "api_key = os.environ['OPENAI_API_KEY']\n");
    repository.commit("Read the key from the environment", 2);
    found_in_history(&repository, &key(1), "file src/app.py");

    let scan = repository.scan(&[]);
    let place = &scan.of(&key(1)).expect("found")["places"][0];
    assert_eq!((place["in_worktree"].as_bool(), place["in_head"].as_bool()), (Some(false), Some(false)));
    assert_eq!(place["introduced"]["commit"], added);
    assert_eq!(place["introduced"]["author"], "A. U. Thor");
    assert_eq!(place["introduced"]["date"], "2024-01-02T01:00:00+01:00");
    assert_eq!(place["introduced"]["subject"], "Add the client");
    assert_eq!(place["position"]["line"], 1);
    assert_eq!(place["position"]["column"], 12);
    assert_eq!(place["position"]["end_column"], 12 + 164);
}

#[test]
fn the_same_key_in_many_places_is_one_finding() {
    let repository = Folder::repository();
    for file in 0..40 {
        repository.write(format!("dir{}/file{file}.txt", file % 7), format!("{file}\nkey: {}\n", key(1)));
    }
    repository.commit("Add many files", 1);
    let scan = repository.scan(&[]);
    assert_eq!(scan.findings().len(), 1);
    assert_eq!(scan.places(&key(1)).len(), 40);
    for place in scan.findings()[0]["places"].as_array().expect("a list") {
        assert_eq!((place["in_worktree"].as_bool(), place["in_head"].as_bool()), (Some(true), Some(true)));
        assert_eq!(place["introduced"]["subject"], "Add many files");
    }
}

#[test]
fn versions_of_a_file_are_one_place() {
    let repository = Folder::repository();
    for version in 0..5_u32 {
        repository.write("config.yml", format!("{}key: {}\n", "# more\n".repeat(version as usize), key(1)));
        repository.commit(&format!("Version {version}"), version);
    }
    repository.pack();
    let scan = repository.scan(&[]);
    let place = &scan.of(&key(1)).expect("found")["places"][0];
    assert_eq!(scan.places(&key(1)), ["file config.yml"]);
    assert_eq!(place["versions"].as_array().map(Vec::len), Some(5));
    assert_eq!(place["introduced"]["subject"], "Version 0");
    // Where it stands now, not where it stood first.
    assert_eq!(place["position"]["line"], 5);
}

#[test]
fn a_key_twice_in_a_file_is_two_places() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("{0}\n\n{0}\n", key(1)));
    repository.commit("Twice", 1);
    let scan = repository.scan(&[]);
    let lines: Vec<_> = scan.findings()[0]["places"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|place| place["position"]["line"].as_u64())
        .collect();
    assert_eq!(lines, [Some(1), Some(3)]);
}

#[test]
fn a_key_that_moved_has_both_paths_and_their_commits() {
    let repository = Folder::repository();
    repository.write("old.txt", key(1));
    let first = repository.commit("Add", 1);
    repository.git(["mv", "old.txt", "new.txt"]);
    let second = repository.commit("Move", 2);
    let scan = repository.scan(&[]);
    let places = scan.of(&key(1)).expect("found")["places"].as_array().expect("a list").clone();
    let told: Vec<_> =
        places.iter().map(|place| (text(&place["site"]["path"]), text(&place["introduced"]["commit"]))).collect();
    assert_eq!(told, [("new.txt", second.as_str()), ("old.txt", first.as_str())]);
}

#[test]
fn unreachable_commits_and_dangling_blobs_are_read() {
    let repository = Folder::repository();
    repository.write("a.txt", "nothing\n");
    repository.commit("Start", 1);
    repository.write("b.txt", format!("{}\n", key(1)));
    repository.commit("A commit that will be lost", 2);
    repository.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    found_in_history(&repository, &key(1), "file b.txt");
    repository.git(["reflog", "expire", "--expire=now", "--all"]);
    found_in_history(&repository, &key(1), "file b.txt");

    let dangling = repository.blob(&format!("key {}\n", key(2)));
    found_in_history(&repository, &key(2), &format!("loose-blob {dangling}"));
}

#[test]
fn stashes_are_read_the_older_ones_too() {
    let repository = Folder::repository();
    repository.write("a.txt", "nothing\n");
    repository.commit("Start", 1);
    for seed in 1..=2 {
        repository.write("a.txt", key(seed));
        repository.git(["stash", "push", "--quiet"]);
    }
    repository.write("untracked.txt", key(3));
    repository.git(["stash", "push", "--quiet", "--include-untracked"]);
    let scan = repository.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file a.txt"]);
    assert_eq!(scan.places(&key(2)), ["file a.txt"]);
    assert_eq!(scan.places(&key(3)), ["file untracked.txt"]);
}

#[test]
fn what_only_a_merge_brought_is_read_and_is_the_merges() {
    let repository = Folder::repository();
    repository.write("a.txt", "one\n");
    repository.commit("Start", 1);
    repository.git(["checkout", "--quiet", "-b", "side"]);
    repository.write("b.txt", "two\n");
    repository.commit("Side", 2);
    repository.git(["checkout", "--quiet", "main"]);
    repository.write("c.txt", "three\n");
    repository.commit("Main", 3);
    repository.git(["merge", "--quiet", "--no-ff", "--no-commit", "side"]);
    repository.write("evil.txt", key(1));
    let merge = repository.commit("Merge", 4);
    let scan = repository.scan(&[]);
    assert_eq!(scan.of(&key(1)).expect("found")["places"][0]["introduced"]["commit"], merge);
}

#[test]
fn messages_and_names_of_commits_and_tags_are_read() {
    let repository = Folder::repository();
    repository.write("a.txt", "nothing\n");
    repository.commit(&format!("Add the key\n\nIt is {}\n", key(1)), 1);
    repository.git(["tag", "-a", "v1", "-m", &format!("Release with {}", key(2))]);
    repository.git_as(&format!("{} <author@example.com>", key(3)), ["commit", "--quiet", "--allow-empty", "-m", "x"]);
    repository.git(["notes", "add", "-m", &key(4)]);
    let tag = repository.git(["rev-parse", "v1"]);
    for packed in [false, true] {
        if packed {
            repository.pack();
        }
        let scan = repository.scan(&["--history-only"]);
        assert!(scan.places(&key(1)).contains(&"commit message".to_owned()), "{:?}", scan.places(&key(1)));
        assert_eq!(scan.places(&key(2)), [format!("tag {tag}")]);
        let names = scan.places(&key(3));
        assert!(
            names.contains(&"commit author".to_owned()) && names.contains(&"commit committer".to_owned()),
            "{names:?}"
        );
        let note = scan.places(&key(4));
        assert!(note.iter().any(|place| place.starts_with("file ")), "{note:?}");
    }
}

#[test]
fn names_of_files_and_refs_and_lines_of_reflogs_and_config_are_read() {
    let repository = Folder::repository();
    repository.write(format!("dir/{}.txt", key(1)), "nothing\n");
    repository.commit("Add a file", 1);
    repository.git(["branch", &format!("try/{}", key(2))]);
    repository.git(["commit", "--quiet", "--allow-empty", "-m", "x"]);
    repository.git(["update-ref", "-m", &format!("by hand: {}", key(3)), "HEAD", "HEAD~1"]);
    repository.git(["remote", "add", "origin", &format!("https://user:{}@example.com/x.git", key(4))]);
    for packed in [false, true] {
        if packed {
            repository.git(["pack-refs", "--all"]);
            repository.pack();
        }
        let scan = repository.scan(&["--history-only"]);
        assert_eq!(scan.places(&key(1)).len(), 1);
        assert!(scan.places(&key(1))[0].starts_with("file-name dir/sk-proj-…"), "{:?}", scan.places(&key(1)));
        assert!(!scan.places(&key(2)).is_empty());
        assert!(scan.places(&key(3)).contains(&"git-file logs/HEAD".to_owned()), "{:?}", scan.places(&key(3)));
        assert_eq!(scan.places(&key(4)), ["git-file config"]);
    }
}

#[test]
fn attributes_hide_nothing() {
    let repository = Folder::repository();
    repository.write(".gitattributes", "*.secret -diff\n*.bin binary\n*.x filter=evil diff=evil\n");
    repository.git(["config", "filter.evil.clean", "touch ran; cat"]);
    repository.git(["config", "filter.evil.smudge", "touch ran; cat"]);
    repository.git(["config", "diff.evil.textconv", "touch ran; cat"]);
    repository.write("a.secret", key(1));
    repository.write("b.bin", format!("\0\0\x01{}\0", key(2)));
    repository.commit("Hide", 1);
    repository.git(["rm", "--quiet", "a.secret", "b.bin"]);
    repository.commit("Remove", 2);
    repository.write("c.x", key(3));
    let scan = repository.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file a.secret"]);
    assert_eq!(scan.places(&key(2)), ["file b.bin"]);
    assert_eq!(scan.places(&key(3)), ["file c.x"]);
    assert!(!repository.at("ran").exists(), "the repository made us run something");
}

#[test]
fn what_is_staged_is_read() {
    let repository = Folder::repository();
    repository.write("staged.txt", key(1));
    repository.git(["add", "staged.txt"]);
    repository.write("staged.txt", "changed again\n");
    let scan = repository.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file staged.txt"]);
    assert_eq!(scan.of(&key(1)).expect("found")["places"][0]["introduced"], serde_json::Value::Null);
}

#[test]
fn a_tag_of_a_blob_and_a_link_that_became_a_file_are_read() {
    let repository = Folder::repository();
    let blob = repository.blob(&key(1));
    repository.git(["tag", "a-blob", &blob]);
    found_in_history(&repository, &key(1), &format!("loose-blob {blob}"));
}

#[cfg(unix)]
#[test]
fn a_link_that_became_a_file_is_read() {
    let repository = Folder::repository();
    std::os::unix::fs::symlink("target", repository.at("a")).expect("a link");
    repository.commit("A link", 1);
    std::fs::remove_file(repository.at("a")).expect("it is there");
    repository.write("a", key(1));
    repository.commit("A file", 2);
    repository.git(["rm", "--quiet", "a"]);
    repository.commit("Nothing", 3);
    found_in_history(&repository, &key(1), "file a");
}

#[test]
fn bare_repositories_worktrees_alternates_and_submodules_are_read() {
    let inner = Folder::repository();
    inner.write("inner.txt", key(1));
    inner.commit("Inner", 1);

    let outer = Folder::repository();
    outer.write("outer.txt", key(2));
    outer.commit("Outer", 1);
    outer.git(["submodule", "--quiet", "add", inner.path.to_str().expect("text"), "libs/inner"]);
    outer.commit("Add a submodule", 2);
    outer.git(["rm", "--quiet", "-r", "--cached", "libs/inner"]);
    std::fs::remove_dir_all(outer.at("libs")).expect("it is there");
    let scan = outer.scan(&["--history-only"]);
    assert_eq!(scan.places(&key(1)), ["file inner.txt"]);
    assert_eq!(scan.places(&key(2)), ["file outer.txt"]);

    let elsewhere = Folder::new();
    elsewhere.git(["clone", "--quiet", "--bare", outer.path.to_str().expect("text"), "bare.git"]);
    elsewhere.git(["clone", "--quiet", "--shared", outer.path.to_str().expect("text"), "shared"]);
    elsewhere.git(["-C", "shared", "worktree", "add", "--quiet", "../linked", "HEAD"]);
    for target in ["bare.git", "shared", "linked"] {
        let scan = elsewhere.scan(&["--history-only", target]);
        assert_eq!(scan.places(&key(2)), ["file outer.txt"], "{target}");
    }
}

#[test]
fn a_repository_below_a_directory_is_read_with_its_history() {
    let folder = Folder::new();
    for name in ["one", "two/three"] {
        std::fs::create_dir_all(folder.at(name)).expect("it can be made");
        folder.git(["-C", name, "init", "--quiet"]);
    }
    folder.git(["init", "--quiet", "--bare", "four"]);
    folder.write("one/gone.txt", key(1));
    folder.git(["-C", "one", "add", "."]);
    folder.git(["-C", "one", "commit", "--quiet", "-m", "x"]);
    folder.git(["-C", "one", "rm", "--quiet", "gone.txt"]);
    let scan = folder.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file gone.txt"]);
    let names: Vec<_> =
        scan.json["repositories"].as_array().expect("a list").iter().map(|name| text(&name["name"])).collect();
    assert_eq!(names, ["four", "one", "two/three"]);
}

#[test]
fn several_packs_and_deltas_on_ids_are_read() {
    let repository = Folder::repository();
    let filler: String =
        (0..400).map(|line| format!("line {line}: {}\n", key_of("openai-user-key", line)[3..20].to_owned())).collect();
    for seed in 0..6 {
        repository.write("big.txt", format!("{filler}{}\n{filler}", key(seed)));
        repository.commit(&format!("Key {seed}"), seed as u32);
        if seed % 2 == 1 {
            repository.git(["-c", "repack.usedeltabaseoffset=false", "repack", "-dq"]);
        }
    }
    for all in [false, true] {
        if all {
            repository.git(["-c", "repack.usedeltabaseoffset=false", "repack", "-adfq"]);
        }
        let scan = repository.scan(&["--history-only"]);
        assert_eq!(scan.findings().len(), 6, "all in one pack: {all}");
        for seed in 0..6 {
            assert_eq!(scan.places(&key(seed)), ["file big.txt"]);
        }
    }
}

#[test]
fn every_form_of_key_is_found_in_history() {
    let catalog = keylint::rule::Catalog::builtin();
    let repository = Folder::repository();
    let mut keys = Vec::new();
    for rule in catalog.rules() {
        for (nth, template) in rule.examples.iter().enumerate() {
            let example = keylint::rule::expand(template.get_ref(), 1000 + keys.len() as u64).expect("an example");
            let file = format!("{}-{nth}.txt", rule.id());
            repository.write(&file, &example.text);
            keys.push((file, rule.id().to_owned()));
        }
    }
    repository.commit("All forms", 1);
    repository.git(["rm", "--quiet", "-r", "."]);
    repository.commit("Gone", 2);
    repository.pack();
    let scan = repository.scan(&[]);
    for (file, rule) in keys {
        let found = scan.findings().iter().any(|finding| {
            finding["rule"] == rule.as_str()
                && finding["places"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .any(|place| place["site"]["path"] == file.as_str())
        });
        assert!(found, "{rule} in {file}");
    }
}
