//! Files on disk: which are read, and how they are called.

use crate::fixture::{Folder, key, program};
use std::{io::Write, process::Stdio};

#[test]
fn ignore_rules_are_honoured_and_can_be_switched_off() {
    let repository = Folder::repository();
    repository.write(".gitignore", "*.log\n/build/\n");
    repository.write("a.log", key(1));
    repository.write("build/out.js", key(2));
    repository.write(".hidden/.env", key(3));
    repository.write("src/.gitignore", "local.*\n");
    repository.write("src/local.py", key(4));
    let scan = repository.scan(&["--no-history"]);
    assert_eq!(scan.places(&key(3)), ["file .hidden/.env"]);
    assert_eq!(scan.findings().len(), 1);
    let scan = repository.scan(&["--no-history", "--no-ignore"]);
    assert_eq!(scan.findings().len(), 4);
}

#[test]
fn a_tracked_file_is_read_even_where_a_rule_ignores_it() {
    let repository = Folder::repository();
    repository.write(".env", "OPENAI_API_KEY=\n");
    repository.commit("Track the environment", 1);
    repository.write(".gitignore", ".env\n");
    repository.write(".env", format!("OPENAI_API_KEY={}\n", key(1)));
    let scan = repository.scan(&["--no-history"]);
    assert_eq!(scan.places(&key(1)), ["file .env"]);
}

#[test]
fn a_file_that_is_named_is_read_whatever_ignores_it() {
    let repository = Folder::repository();
    repository.write(".gitignore", "*\n");
    repository.write("secret.txt", key(1));
    let scan = repository.scan(&["secret.txt"]);
    assert_eq!(scan.places(&key(1)), ["file secret.txt"]);
}

#[test]
fn the_git_directory_is_not_walked_as_files() {
    let repository = Folder::repository();
    repository.write(".git/note.txt", key(1));
    assert_eq!(repository.scan(&["--no-history"]).findings().len(), 0);
    // But git's own files are read with the history, and where they are what was asked for.
    assert_eq!(repository.scan(&["--no-history", ".git"]).places(&key(1)), ["file .git/note.txt"]);
    assert_eq!(repository.scan(&[".git"]).places(&key(1)), ["git-file note.txt"]);
}

#[test]
fn binaries_and_minified_files_are_read() {
    let folder = Folder::new();
    folder.write("a.bin", [b"\0\x01\xff\xfe".as_slice(), key(1).as_bytes(), b"\0\0"].concat());
    folder.write("bundle.min.js", format!("{}apiKey:\"{}\"{}", "x=1;".repeat(100_000), key(2), ";y=2".repeat(100_000)));
    folder.write("Cargo.lock", key(3));
    folder.write("node_modules/x/index.js", key(4));
    let scan = folder.scan(&[]);
    assert_eq!(scan.findings().len(), 4);
    let place = &scan.of(&key(2)).expect("found")["places"][0];
    assert_eq!((place["position"]["line"].as_u64(), place["position"]["column"].as_u64()), (Some(1), Some(400_009)));
    assert!(place["snippet"]["text"].as_str().expect("text").len() < 400);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    elsewhere.write("key.txt", key(1));
    std::os::unix::fs::symlink(elsewhere.at("key.txt"), folder.at("file")).expect("a link");
    std::os::unix::fs::symlink(&elsewhere.path, folder.at("dir")).expect("a link");
    std::os::unix::fs::symlink(".", folder.at("loop")).expect("a link");
    let scan = folder.scan(&[]);
    assert_eq!((scan.code, scan.findings().len()), (0, 0));
}

#[test]
fn below_a_repository_paths_are_those_of_the_repository() {
    let repository = Folder::repository();
    repository.write("sub/dir/a.txt", key(1));
    repository.write("other.txt", key(2));
    let scan = repository.scan(&["--no-history", "sub"]);
    assert_eq!(scan.places(&key(1)), ["file sub/dir/a.txt"]);
    assert_eq!(scan.places(&key(2)), Vec::<String>::new());
}

#[test]
fn on_disk_and_in_history_is_one_place() {
    let repository = Folder::repository();
    repository.write("a.txt", format!("\n{}", key(1)));
    repository.commit("Add", 1);
    repository.write("a.txt", format!("\n\n\n{}", key(1)));
    let scan = repository.scan(&[]);
    assert_eq!(scan.places(&key(1)), ["file a.txt"]);
    let place = &scan.of(&key(1)).expect("found")["places"][0];
    assert_eq!((place["in_worktree"].as_bool(), place["in_head"].as_bool()), (Some(true), Some(true)));
    assert_eq!(place["position"]["line"], 4);
    assert_eq!(place["introduced"]["subject"], "Add");
}

#[test]
fn targets_that_overlap_give_one_place_and_are_read_once() {
    let repository = Folder::repository();
    repository.write(".env", format!("\n{}", key(1)));
    repository.write(format!("sub/{}.txt", key(2)), key(2));
    repository.commit("Add", 1);
    repository.write("sub/ignored.log", key(3));
    repository.write(".gitignore", "*.log\n/build/\n");
    repository.write("build/a.txt", key(4));
    let overlaps: &[&[&str]] = &[&[".", ".env"], &[".env", "."], &[".", "./.env", ".env", "sub"], &["sub", ".", "."]];
    for targets in overlaps {
        let scan = repository.scan(targets);
        assert_eq!(scan.places(&key(1)), ["file .env"], "{targets:?}");
        assert_eq!(scan.of(&key(2)).expect("found")["places"].as_array().map(Vec::len), Some(2), "{targets:?}");
        assert_eq!(scan.json["coverage"], repository.scan(&["."]).json["coverage"], "{targets:?}");
        assert_eq!((scan.findings().len(), &scan.json["repositories"][0]["folder"]), (2, &".".into()));
    }
    let scan = repository.scan(&[".env", "sub"]);
    let place = &scan.of(&key(1)).expect("found")["places"];
    assert_eq!((place.as_array().map(Vec::len), &place[0]["introduced"]["subject"]), (Some(1), &"Add".into()));
    let scan = repository.scan(&[".", "build", "sub/ignored.log"]);
    assert_eq!(scan.places(&key(3)), ["file sub/ignored.log"], "it was named");
    assert_eq!(scan.places(&key(4)), ["file build/a.txt"], "its directory was named");
    let scan = repository.scan(&["sub/ignored.log", "sub/../.env", ".env"]);
    assert_eq!(scan.places(&key(1)), ["file sub/../.env"], "no history is read for a file");
    assert_eq!((&scan.json["coverage"]["objects"], &scan.json["coverage"]["files"]), (&0.into(), &2.into()));
}

#[test]
fn targets_that_overlap_without_a_repository_do_too() {
    let folder = Folder::new();
    folder.write("a.txt", key(1));
    folder.write("sub/b.txt", key(2));
    std::fs::create_dir_all(folder.at("one")).expect("it can be made");
    folder.git(["-C", "one", "init", "--quiet"]);
    folder.write("one/c.txt", key(3));
    for targets in [&[".", "a.txt", "sub", "one"][..], &["one", "sub/b.txt", "one/c.txt", "."]] {
        let scan = folder.scan(targets);
        assert_eq!(scan.places(&key(1)), ["file a.txt"], "{targets:?}");
        assert_eq!(scan.places(&key(2)), ["file sub/b.txt"], "{targets:?}");
        assert_eq!(scan.places(&key(3)), ["file c.txt"], "{targets:?}");
        assert_eq!(scan.json["repositories"][0]["folder"], "one");
        assert_eq!(scan.json["coverage"], folder.scan(&["."]).json["coverage"], "{targets:?}");
    }
}

#[test]
fn a_file_of_a_submodule_is_told_once_as_its_own() {
    let inner = Folder::repository();
    inner.write("a.txt", key(1));
    inner.commit("Add", 1);
    let outer = Folder::repository();
    outer.git(["submodule", "--quiet", "add", inner.path.to_str().expect("text"), "libs/sub"]);
    outer.write("libs/sub/b.txt", key(2));
    let scan = outer.scan(&[]);
    for (seed, path, in_head) in [(1, "file a.txt", true), (2, "file b.txt", false)] {
        assert_eq!(scan.places(&key(seed)), [path]);
        let place = &scan.of(&key(seed)).expect("found")["places"][0];
        assert_eq!((place["repository"].as_u64(), place["in_worktree"].as_bool()), (Some(1), Some(true)), "{place}");
        assert_eq!(place["in_head"].as_bool(), Some(in_head));
    }
    assert_eq!(outer.scan(&["--no-history"]).places(&key(1)), ["file libs/sub/a.txt"]);
}

#[test]
fn what_was_not_looked_at_is_not_told_of() {
    let repository = Folder::repository();
    repository.write("a.txt", key(1));
    repository.write("sub/b.txt", key(2));
    repository.commit("Add", 1);
    repository.write("sub/c.txt", key(3));
    let state = |args: &[&str], seed: u64| {
        let scan = repository.scan(args);
        let place = scan.of(&key(seed)).expect("found")["places"][0].clone();
        (place["in_worktree"].as_bool(), place["in_head"].as_bool())
    };
    assert_eq!(state(&["--no-history"], 1), (Some(true), None));
    assert_eq!(state(&["a.txt"], 1), (Some(true), None));
    assert_eq!(state(&["--history-only"], 1), (None, Some(true)));
    assert_eq!(state(&["sub"], 1), (None, Some(true)), "the root was not walked");
    assert_eq!(state(&["sub"], 2), (Some(true), Some(true)));
    assert_eq!(state(&["sub"], 3), (Some(true), Some(false)));
    std::fs::remove_file(repository.at("a.txt")).expect("it is there");
    assert_eq!(state(&["."], 1), (Some(false), Some(true)));
    repository.write("a.txt", key(1));
    for format in ["human", "github", "sarif", "markdown", "gitlab"] {
        let told = repository.keylint(["scan", "--no-history", "--verbose", "--format", format]).stdout();
        assert!(told.contains("in the work tree") && !told.contains("HEAD"), "{format}: {told}");
    }
}

#[test]
fn standard_input_is_read() {
    let folder = Folder::new();
    let mut child = program()
        .current_dir(&folder.path)
        .args(["scan", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(format!("x\nkey={}", key(1)).as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json["findings"][0]["places"][0]["site"]["kind"], "stdin");
    assert_eq!(json["findings"][0]["places"][0]["position"]["line"], 2);
}

#[test]
fn a_file_longer_than_a_window_is_read_whole() {
    let folder = Folder::new();
    let window = keylint::source::WINDOW;
    // One key across each place where windows meet, and one at the very end.
    let mut text = b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n".repeat(window / 32);
    for (seed, at) in [(1, window - 90), (2, window - 40_000), (3, window + 400), (4, text.len() - 200)] {
        let key = format!("\n{}\n", key(seed));
        text[at..at + key.len()].copy_from_slice(key.as_bytes());
    }
    folder.write("long.txt", &text);
    let scan = folder.scan(&[]);
    for seed in 1..=4 {
        let place = &scan.of(&key(seed)).expect("found")["places"];
        assert_eq!(place.as_array().map(Vec::len), Some(1), "key {seed}");
        let at = memchr::memmem::find(&text, key(seed).as_bytes()).expect("it is there");
        let before = String::from_utf8(text[..at].to_vec()).expect("text");
        let lines = before.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count();
        assert_eq!(place[0]["position"]["offset"].as_u64(), Some(at as u64));
        assert_eq!(place[0]["position"]["line"].as_u64(), Some(lines as u64 + 1));
        assert_eq!(place[0]["position"]["column"].as_u64(), Some(1));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_two_gigabytes_is_read_in_little_memory() {
    let folder = Folder::new();
    let mut file = std::fs::File::create(folder.at("huge.bin")).expect("a file");
    file.set_len(2 << 30).expect("a sparse file");
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).expect("its end");
    file.write_all(format!("\n{}\n", key(1)).as_bytes()).expect("room");
    let command = "ulimit -v 300000; exec \"$0\" scan --no-history --format json huge.bin";
    let program = program();
    let output = std::process::Command::new("sh")
        .current_dir(&folder.path)
        .args(["-c", command])
        .arg(program.get_program())
        .output()
        .expect("sh runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["findings"][0]["places"][0]["position"]["offset"], (2_u64 << 30) + 1);
    assert_eq!(json["coverage"]["file_bytes"], (2_u64 << 30) + 2 + key(1).len() as u64);
}

#[test]
fn work_trees_of_one_repository_are_told_apart() {
    let folder = Folder::new();
    folder.git(["init", "--quiet", "a"]);
    folder.git(["-C", "a", "commit", "--quiet", "--allow-empty", "--message", "Start"]);
    folder.git(["-C", "a", "worktree", "add", "--quiet", "../b"]);
    folder.write("a/.env", key(1));
    folder.write("b/.env", key(2));
    folder.write("b/shared.txt", format!("{} # gitleaks:allow", key(3)));
    folder.write("a/shared.txt", key(3));
    folder.write("a/keylint.toml", "ignore-paths = ['.env']\n");
    for args in [&["a", "b"][..], &["b", "a"], &["a", "b", "--no-history"]] {
        let scan = folder.scan(&[args, &["--show-suppressed"]].concat());
        assert!(scan.of(&key(2)).is_some() && scan.of(&key(1)).is_none() && scan.of(&key(3)).is_some(), "{args:?}");
        assert_eq!(scan.places(&key(3)).len(), 1, "the other one is allowed");
    }
}

#[test]
fn files_are_read_wherever_git_keeps_its_directory() {
    let folder = Folder::new();
    folder.git(["init", "--quiet", "--separate-git-dir", "store.git", "apart"]);
    folder.write("apart/u.txt", key(1));
    folder.write("apart/keylint.toml", "ignore-paths = ['v.txt']\n");
    folder.write("apart/v.txt", key(2));
    let scan = folder.scan(&["apart"]);
    assert_eq!((scan.places(&key(1)), scan.of(&key(2)).is_some()), (vec!["file u.txt".to_owned()], false));
    folder.git(["init", "--quiet", "--bare", "container/.bare"]);
    folder.write("container/.git", "gitdir: ./.bare\n");
    folder.write("container/notes.txt", key(3));
    assert_eq!(folder.scan(&["container"]).code, 1);
    folder.git(["init", "--quiet", "bare"]);
    folder.git(["-C", "bare", "config", "core.bare", "true"]);
    folder.write("bare/u.txt", key(4));
    assert_eq!(folder.scan(&["bare"]).code, 1);
}
