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
