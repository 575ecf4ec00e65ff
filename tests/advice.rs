//! What a report says to do, done to the letter in real repositories: after that, a scan finds nothing. Must not know how
//! the advice is worked out. What takes git-filter-repo is in `tests/validators/follow.py`.

use crate::fixture::{Folder, git, key, text};
use std::{path::Path, process::Command};

/// A repository, pushed to another one before anything happened.
fn repository() -> (Folder, Folder) {
    let remote = Folder::new();
    remote.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    let own = Folder::repository();
    own.write("README", "hello\n");
    own.commit("Begin", 0);
    own.git(["remote", "add", "origin", &remote.path.to_string_lossy()]);
    own.git(["push", "--quiet", "--set-upstream", "origin", "main"]);
    (own, remote)
}

fn with_key() -> String {
    format!("import os\n\nKEY = \"{}\"\nMODEL = \"gpt\"\n", key(11))
}

fn without() -> String {
    "import os\n\nKEY = os.environ[\"OPENAI_API_KEY\"]\nMODEL = \"gpt\"\n".to_owned()
}

/// The commands that `scan` prints for the one key of `folder`, in order, one to a line.
fn commands(folder: &Folder, args: &[&str]) -> Vec<String> {
    let scan = folder.scan(args);
    let steps = scan.of(&key(11)).expect("the key is found")["story"]["advice"].as_array().expect("a list").clone();
    let commands = steps.iter().flat_map(|step| step["commands"].as_array().expect("a list").clone());
    commands.map(|command| text(&command).to_owned()).collect()
}

/// Runs one line as a shell does.
fn run(folder: &Path, line: &str) {
    let mut shell = if cfg!(windows) { Command::new("powershell") } else { Command::new("sh") };
    let plain = git(folder);
    shell.current_dir(folder).arg(if cfg!(windows) { "-Command" } else { "-c" }).arg(line).env_clear();
    shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().expect("the shell runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Follows the advice in `folder`, once `edit` has done what a person does, and sees that nothing is left.
fn follow(folder: &Folder, edit: impl Fn()) -> Vec<String> {
    let commands = commands(folder, &[]);
    edit();
    commands.iter().for_each(|line| run(&folder.path, line));
    let scan = folder.scan(&["--no-lint"]);
    assert_eq!((scan.code, scan.problems()), (0, vec![]), "{commands:#?}\n{:#}", scan.json["findings"]);
    commands
}

#[test]
fn what_is_in_a_file_alone_is_taken_out_of_it() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    assert_eq!(follow(&own, || own.write("a.py", without())), [""; 0]);
}

#[test]
fn what_is_staged() {
    let (own, _remote) = repository();
    own.write("dir with space/a.py", with_key());
    own.git(["add", "--all"]);
    let done = follow(&own, || own.write("dir with space/a.py", without()));
    assert_eq!(done, ["git add -- 'dir with space/a.py'", "git prune --expire=now"]);
}

#[test]
fn what_is_staged_and_was_looked_at_alone() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.git(["add", "--all"]);
    assert_eq!(commands(&own, &["--staged"]), ["git add -- a.py", "git prune --expire=now"]);
}

#[test]
fn what_is_staged_and_was_mended_on_disk_since() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.git(["add", "--all"]);
    own.write("a.py", without());
    assert_eq!(follow(&own, || {}), ["git add -- a.py", "git prune --expire=now"]);
}

#[test]
fn what_git_does_not_know_is_not_committed_by_it() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    own.write("notes.txt", with_key());
    let done = follow(&own, || {
        own.write("a.py", without());
        own.write("notes.txt", "nothing\n");
    });
    assert_eq!(done[0], "git add -- a.py");
    assert_eq!(own.git(["ls-files"]), "README\na.py");
}

#[test]
fn the_last_commit_is_amended() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    let done = follow(&own, || own.write("a.py", without()));
    assert_eq!(done[1], "git commit --quiet --amend --no-edit", "{done:?}");
    assert_eq!(own.git(["log", "--format=%s"]), "Add the client\nBegin");
}

#[test]
fn an_earlier_commit_is_mended_and_those_after_it_stay() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    for (name, day) in [("b", 2), ("c", 3)] {
        own.write(name, name);
        own.commit(name, day);
    }
    own.write("b", "what is not committed stays\n");
    let done = follow(&own, || own.write("a.py", without()));
    assert!(done[2].contains("rebase"), "{done:?}");
    assert_eq!(own.git(["log", "--format=%s"]), "c\nb\nAdd the client\nBegin");
    assert_eq!(own.git(["show", "HEAD~2:a.py"]) + "\n", without());
    assert_eq!(std::fs::read_to_string(own.at("b")).expect("a file"), "what is not committed stays\n");
}

#[test]
fn a_first_commit_is_mended_too() {
    let own = Folder::repository();
    own.write("a.py", with_key());
    own.commit("Begin", 1);
    own.write("b", "b");
    own.commit("b", 2);
    // Something else was pushed, so that it is known that this was not.
    own.git(["update-ref", "refs/remotes/origin/other", &own.git(["commit-tree", "-m", "x", &own.git(["mktree"])])]);
    let done = follow(&own, || own.write("a.py", without()));
    assert!(done[2].ends_with("--root"), "{done:?}");
    assert_eq!(own.git(["log", "--format=%s"]), "b\nBegin");
}

#[test]
fn what_was_taken_out_again_before_it_was_pushed() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    own.write("a.py", without());
    own.commit("Read the key from the environment", 2);
    let done = follow(&own, || {});
    assert!(done[0].starts_with("git reset --quiet --soft "), "{done:?}");
    assert_eq!(own.git(["log", "--format=%s"]), "Read the key from the environment\nBegin");
}

#[test]
fn what_was_renamed_before_it_was_pushed() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    own.git(["mv", "a.py", "b.py"]);
    own.commit("Rename it", 2);
    follow(&own, || own.write("b.py", without()));
    assert_eq!(own.git(["show", "HEAD:b.py"]) + "\n", without());
}

#[test]
fn what_was_amended() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.commit("Add the client", 1);
    own.write("a.py", without());
    own.git(["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let done = follow(&own, || {});
    assert_eq!(done.last().map(String::as_str), Some("git gc --quiet --prune=now"));
}

#[test]
fn what_was_put_aside_and_nothing_else_of_that() {
    let (own, _remote) = repository();
    own.write("README", "first\n");
    own.git(["stash", "--quiet"]);
    for nth in 0..11 {
        own.write("README", format!("{}# {nth}\n", with_key()));
        own.git(["stash", "--quiet"]);
    }
    own.write("README", "last\n");
    own.git(["stash", "--quiet"]);
    let done = follow(&own, || {});
    assert_eq!(done.iter().filter(|line| line.starts_with("git stash drop")).count(), 11, "{done:?}");
    assert_eq!(own.git(["stash", "list", "--format=%gd"]), "stash@{0}\nstash@{1}");
    assert!(own.git(["stash", "show", "-p", "stash@{1}"]).contains("+first"));
}

#[test]
fn what_was_dropped() {
    let (own, _remote) = repository();
    own.write("README", with_key());
    own.git(["stash", "--quiet"]);
    own.git(["stash", "drop", "--quiet"]);
    follow(&own, || {});
}

#[test]
fn a_file_for_git_filter_repo_is_for_the_user_alone() {
    let (own, _remote) = repository();
    own.write("a.py", with_key());
    own.write("b.yml", format!("data: {}\n", data_encoding::BASE64.encode(with_key().as_bytes())));
    own.commit("Add the client", 1);
    let elsewhere = Folder::new();
    let file = elsewhere.at("replacements.txt");
    let path = file.to_string_lossy().into_owned();
    let run = own.keylint(["scan", "--quiet", "--exit-zero", "--write-replacements", &path, "."]);
    assert_eq!((run.code(), run.stderr().as_str()), (0, ""));
    assert!(!run.stdout().contains(&key(11)[10..40]));
    let text = std::fs::read_to_string(&file).expect("it is written");
    assert!(text.contains(&format!("literal:{}==>***REMOVED***\n", key(11))));
    assert_eq!(text.lines().count(), 2, "as it is, and in base64");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    let again = own.keylint(["scan", "--write-replacements", &path]);
    assert_eq!(again.code(), 2);
    assert!(again.stderr().contains("it is there already"), "{}", again.stderr());
    let inside = own.keylint(["scan", "--write-replacements", "replacements.txt"]);
    assert_eq!(inside.code(), 2);
    assert!(inside.stderr().contains("put it elsewhere"), "{}", inside.stderr());
    assert!(!own.at("replacements.txt").exists());
    own.write("sub/x", "x");
    let above = own.keylint(["scan", "sub", "--write-replacements", "replacements.txt"]);
    assert_eq!((above.code(), own.at("replacements.txt").exists()), (2, false), "{}", above.stderr());
}
