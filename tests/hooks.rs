//! Hooks, installed and run by the real git: what they stop, what they let pass.

use crate::fixture::{Folder, git, key};
use keylint::model::Secret;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// A repository with a commit and with the hooks `names` installed.
fn hooked(names: &[&str]) -> Folder {
    let repository = Folder::repository();
    repository.write("a.txt", "nothing\n");
    repository.commit("Start", 1);
    let run = repository.keylint([&["hook", "install"], names].concat());
    assert_eq!(run.code(), 0, "{}", run.stderr());
    repository
}

/// Runs git, which may fail: whether it did not, and what it said.
fn tried(folder: &Path, args: &[&str]) -> (bool, String) {
    said(git(folder).args(args))
}

fn said(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_commit_with_a_key_is_stopped_and_one_without_hears_nothing() {
    let repository = hooked(&[]);
    repository.write("a.txt", "more\n");
    let (passed, said) = tried(&repository.path, &["commit", "--quiet", "--all", "-m", "Clean"]);
    assert_eq!((passed, said.as_str()), (true, ""));
    repository.write("b.txt", key(1));
    repository.git(["add", "b.txt"]);
    fs::remove_file(repository.at("b.txt")).expect("ours");
    let (passed, said) = tried(&repository.path, &["commit", "-m", "Leak"]);
    assert!(!passed && said.contains("openai-project-key") && !said.contains(&key(1)), "{said}");
    repository.git(["reset", "--quiet", "--hard"]);
    // The index of such a commit is another one than the repository's.
    repository.write("a.txt", key(2));
    assert!(!tried(&repository.path, &["commit", "--all", "-m", "Leak"]).0);
    assert!(!tried(&repository.path, &["commit", "a.txt", "-m", "Leak"]).0);
    assert!(tried(&repository.path, &["commit", "--all", "--no-verify", "-m", "Leak"]).0);
    // What is there already is told, and stops nobody.
    repository.write("a.txt", format!("{}\nmore\n", key(2)));
    assert!(tried(&repository.path, &["commit", "--all", "-m", "Touch"]).0);
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let repository = Folder::repository();
    repository.git(["config", "core.hooksPath", "tools/hooks"]);
    assert_eq!(repository.keylint(["hook", "install", "pre-commit", "commit-msg"]).code(), 0);
    assert!(repository.at("tools/hooks/pre-commit").is_file() && repository.at("tools/hooks/commit-msg").is_file());
    assert!(!repository.at(".git/hooks/pre-commit").exists());
    assert_eq!(Folder::new().keylint(["hook", "install"]).code(), 2);
}

#[test]
fn a_message_with_a_key_is_stopped_and_the_diff_below_it_is_not_looked_at() {
    let repository = hooked(&["commit-msg"]);
    let (passed, said) = tried(&repository.path, &["commit", "--allow-empty", "-m", &format!("Use {}", key(1))]);
    assert!(!passed && said.contains("the commit message:1:5"), "{said}");
    repository.write("a.txt", key(2));
    let editor = "sh -c 'printf \"Subject\\n\" | cat - \"$1\" > m && mv m \"$1\"' -";
    let commit = said_by_editor(&repository, editor);
    assert!(commit.0, "{}", commit.1);
}

#[test]
fn a_message_is_looked_at_as_git_keeps_it() {
    let repository = hooked(&["commit-msg"]);
    let cut = "------------------------ >8 ------------------------";
    for message in [format!("#42 {}", key(1)), format!("s\n\nx {cut}\n{}", key(1)), format!("{} # ggignore", key(1))] {
        let (passed, said) = tried(&repository.path, &["commit", "--allow-empty", "-m", &message]);
        assert!(!passed && said.contains("openai-project-key"), "{message}: {said}");
    }
}

#[test]
fn a_repository_that_git_was_told_of_is_the_one_that_is_looked_at() {
    let around = Folder::repository();
    around.write("a.txt", key(1));
    around.commit("The same file, in another repository", 1);
    let dots = around.at("dots.git").display().to_string();
    let told = |args: &[&str]| tried(&around.path, &[&["--git-dir", &dots, "--work-tree", "."], args].concat());
    assert!(told(&["init", "--quiet"]).0);
    let hook = Path::new(&dots).join("hooks/pre-commit");
    around.keylint(["hook", "install"]);
    fs::rename(around.at(".git/hooks/pre-commit"), hook).expect("ours");
    assert!(told(&["add", "a.txt"]).0);
    let (passed, said) = told(&["commit", "-m", "A key"]);
    assert!(!passed && said.contains("openai-project-key"), "{said}");
    around.write("a.txt", "nothing");
    assert!(told(&["add", "a.txt"]).0);
    let (passed, said) = told(&["commit", "-m", "None"]);
    assert!(passed, "{said}");
}

#[test]
fn a_tag_may_name_a_tag_a_file_or_a_tree() {
    let remote = Folder::new();
    remote.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    let repository = hooked(&["pre-push"]);
    repository.git(["remote", "add", "origin", &remote.path.display().to_string()]);
    repository.git(["tag", "-a", "inner", "-m", &key(1)]);
    repository.git(["tag", "-a", "outer", "-m", "Fine", "inner"]);
    repository.write("b.txt", key(2));
    let blob = repository.git(["hash-object", "-w", "b.txt"]);
    repository.git(["tag", "blob", &blob]);
    repository.git(["add", "."]);
    let tree = repository.git(["write-tree"]);
    repository.git(["tag", "tree", &tree]);
    repository.git(["tag", "fine", "HEAD:a.txt"]);
    for (name, expected) in [("outer", "tag object"), ("blob", "blob "), ("tree", "b.txt:1:1")] {
        let (passed, said) = tried(&repository.path, &["push", "origin", name]);
        assert!(!passed && said.contains(expected), "{name}: {said}");
    }
    let (passed, said) = tried(&repository.path, &["push", "--quiet", "origin", "fine"]);
    assert!(passed, "{said}");
}

fn said_by_editor(repository: &Folder, editor: &str) -> (bool, String) {
    said(git(&repository.path).env("GIT_EDITOR", editor).args(["commit", "--all", "--verbose"]))
}

#[test]
fn a_push_is_looked_at_as_far_as_the_remote_does_not_have_it() {
    let remote = Folder::new();
    remote.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    let repository = hooked(&["pre-push"]);
    repository.git(["remote", "add", "origin", &remote.path.display().to_string()]);
    assert!(tried(&repository.path, &["push", "--quiet", "origin", "main"]).0);
    repository.write("a.txt", key(1));
    repository.commit("Add", 2);
    repository.write("a.txt", "nothing again\n");
    repository.commit("Remove", 3);
    let (passed, said) = tried(&repository.path, &["push", "origin", "main"]);
    assert!(!passed && said.contains("a.txt:1:1"), "{said}");
    // What the remote has, however it came there, is not what this push would give it.
    assert!(tried(&repository.path, &["push", "--quiet", "--no-verify", "origin", "main"]).0);
    repository.write("b.txt", "fine\n");
    repository.commit("Fine", 4);
    repository.git(["checkout", "--quiet", "-b", "topic"]);
    let (passed, said) = tried(&repository.path, &["push", "--quiet", "origin", "main", "topic"]);
    assert!(passed, "{said}");
    assert!(tried(&repository.path, &["push", "--quiet", "origin", "--delete", "topic"]).0);
    repository.git(["tag", "-a", "v1", "-m", &format!("Release with {}", key(2))]);
    assert!(!tried(&repository.path, &["push", "origin", "v1"]).0);
    repository.git(["branch", &format!("try-{}", key(3))]);
    assert!(!tried(&repository.path, &["push", "origin", "--all"]).0);
}

#[test]
fn a_server_takes_nothing_with_a_key() {
    let server = Folder::new();
    server.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    assert_eq!(server.keylint(["hook", "install", "pre-receive"]).code(), 0);
    let repository = Folder::repository();
    repository.git(["remote", "add", "origin", &server.path.display().to_string()]);
    repository.write("a.txt", "nothing\n");
    repository.commit("Start", 1);
    assert!(tried(&repository.path, &["push", "--quiet", "origin", "main"]).0);
    repository.write("a.txt", key(1));
    let leak = repository.commit("Leak", 2);
    let (passed, said) = tried(&repository.path, &["push", "origin", "main"]);
    assert!(!passed && said.contains("openai-project-key") && !said.contains(&key(1)), "{said}");
    assert!(!tried(&server.path, &["cat-file", "-e", &leak]).0, "the server keeps what it refused");
    repository.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    repository.commit("Fine", 3);
    assert!(tried(&repository.path, &["push", "--quiet", "origin", "main", "HEAD:refs/heads/other"]).0);
}

#[test]
fn a_server_may_go_by_its_own_configuration_alone() {
    let (server, rules) = (Folder::new(), Folder::new());
    server.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    rules.write(
        "it's ours.toml",
        format!("[policy]\nknown-keys = ['{}']\n", Secret::new(key(2).as_bytes(), 0).fingerprint("openai")),
    );
    let config = rules.at("it's ours.toml").display().to_string();
    let install = ["hook", "install", "pre-receive", "--no-inline-allow", "--config", &config];
    assert_eq!(server.keylint(install).code(), 0);
    let repository = Folder::repository();
    repository.git(["remote", "add", "origin", &server.path.display().to_string()]);
    repository.write("keylint.toml", "ignore-paths = ['**']\n");
    repository.write("a.txt", format!("{} # keylint: allow openai-project-key it is only for a test\n", key(1)));
    repository.commit("Leak, and say that it is none", 1);
    let (passed, said) = tried(&repository.path, &["push", "origin", "main"]);
    assert!(!passed && said.contains("openai-project-key"), "{said}");
    repository.git(["update-ref", "-d", "HEAD"]);
    repository.write("a.txt", key(2));
    repository.commit("Use what the server knows", 2);
    let (passed, said) = tried(&repository.path, &["push", "origin", "main"]);
    assert!(passed, "{said}");
    let missing = server.keylint(["hook", "install", "--config", "nowhere.toml"]);
    assert!(missing.code() == 2 && missing.stderr().contains("cannot use nowhere.toml"), "{}", missing.stderr());
}

#[test]
fn a_push_of_nothing_is_let_pass() {
    let (remote, repository) = (Folder::new(), hooked(&["pre-push"]));
    remote.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
    repository.git(["remote", "add", "origin", &remote.path.display().to_string()]);
    repository.commit("Start", 1);
    for _ in 0..2 {
        let (passed, said) = tried(&repository.path, &["push", "origin", "main"]);
        assert!(passed, "{said}");
    }
}

#[test]
fn what_git_does_not_hand_over_is_an_error() {
    let repository = hooked(&[]);
    for (args, why) in [
        (&["hook", "run", "commit-msg"][..], "the file with the message"),
        (&["hook", "run", "pre-push"], "the name of the remote"),
        (&["hook", "run", "commit-msg", "nowhere"], "nowhere"),
    ] {
        let run = repository.keylint(args);
        assert_eq!(run.code(), 2, "{args:?}");
        assert!(run.stderr().contains(why), "{}", run.stderr());
    }
}
