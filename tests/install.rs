//! Hooks put where git looks for them, and taken out again: what ran before goes on running, once, and comes back as it
//! was. Must not know what the hooks look for.

#![cfg(unix)]

use crate::fixture::{Folder, git, key, program, program_at};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
};

/// A home with repositories in it, and git with the configuration that is there.
struct Home(Folder);

impl Home {
    fn new() -> Self {
        let home = Self(Folder::new());
        home.git(".", &["config", "--global", "user.name", "N"]);
        home.git(".", &["config", "--global", "user.email", "n@example.com"]);
        home.git(".", &["config", "--global", "init.defaultBranch", "main"]);
        home.git(".", &["init", "--quiet", "work"]);
        home
    }

    fn tried(&self, place: &str, command: &mut Command) -> (i32, String) {
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        said(command.current_dir(self.0.at(place)).env("HOME", &self.0.path).env("GIT_CONFIG_NOSYSTEM", "1"))
    }

    fn git(&self, place: &str, args: &[&str]) -> String {
        let (code, said) = self.tried(place, Command::new("git").args(args));
        assert_eq!(code, 0, "git {args:?}: {said}");
        said
    }

    /// `keylint hook` in the repository.
    fn hook(&self, args: &[&str]) -> (i32, String) {
        self.tried("work", program().arg("hook").args(args))
    }

    /// A commit in the repository: whether it is let pass, and what is said.
    fn commit(&self, text: &str) -> (bool, String) {
        self.0.write("work/a.txt", text);
        self.git("work", &["add", "a.txt"]);
        let (code, said) = self.tried("work", Command::new("git").args(["commit", "--allow-empty", "-qm", "One"]));
        (code == 0, said)
    }

    /// What hooks have written since this was asked last.
    fn ran(&self) -> String {
        let ran = fs::read_to_string(self.0.at("ran")).unwrap_or_default();
        let _ = fs::remove_file(self.0.at("ran"));
        ran
    }
}

fn said(command: &mut Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    (status.code().unwrap_or(-1), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// Writes a hook that git will run.
fn hook(folder: &Folder, path: &str, text: &str) {
    folder.write(path, text);
    fs::set_permissions(folder.at(path), fs::Permissions::from_mode(0o755)).expect("ours");
}

/// What is in a directory, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a directory").flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with(".sample"));
    names.sort();
    names
}

#[test]
fn a_hook_that_was_there_runs_first_and_comes_back() {
    // A shell script, what git runs as one, a link, and what git does not run.
    let scripts = [
        ("#!/bin/sh\necho the old one >> ran.txt\ntest ! -e stop\n", 0o750),
        ("echo \"the $(basename \"$0\")\" | sed s/pre-commit/old\\ one/ >> ran.txt\ntest ! -e stop\n", 0o755),
        ("#!/bin/sh\nexit 1\n", 0o644),
    ];
    for (script, mode) in scripts {
        let repository = Folder::repository();
        let path = repository.at(".git/hooks/pre-commit");
        hook(&repository, ".git/hooks/pre-commit", script);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("ours");
        for _ in 0..2 {
            assert_eq!(repository.keylint(["hook", "install"]).code(), 0);
        }
        let commit = || said(git(&repository.path).args(["commit", "--allow-empty", "-m", "One"]));
        assert_eq!(commit().0, 0, "{}", commit().1);
        if mode != 0o644 {
            assert_eq!(fs::read_to_string(repository.at("ran.txt")).expect("it ran"), "the old one\n");
            repository.write("stop", "");
            assert_ne!(commit().0, 0);
            fs::remove_file(repository.at("stop")).expect("ours");
        }
        repository.write("a.txt", key(1));
        repository.git(["add", "a.txt"]);
        assert!(commit().1.contains("openai-project-key"));
        let run = repository.keylint(["hook", "uninstall"]);
        assert!(run.stdout().contains("put back"), "{}", run.stdout());
        assert_eq!(fs::read_to_string(&path).expect("a hook"), script);
        assert_eq!(fs::metadata(&path).expect("a hook").mode() & 0o777, mode);
        assert_eq!(names(&repository.at(".git/hooks")), ["pre-commit"]);
        assert!(repository.keylint(["hook", "uninstall"]).stdout().starts_with("no hook of keylint"));
    }
}

#[test]
fn a_hook_is_written_whole_and_beside() {
    let repository = Folder::repository();
    let path = repository.at(".git/hooks/pre-commit");
    hook(&repository, ".git/hooks/pre-commit", "#!/bin/sh\ntrue\n");
    let other = repository.at("other name");
    fs::hard_link(&path, &other).expect("one file");
    assert_eq!(repository.keylint(["hook", "install", "pre-commit", "pre-push"]).code(), 0);
    assert_eq!(fs::read_to_string(other).expect("a hook"), "#!/bin/sh\ntrue\n");
    for name in ["pre-commit", "pre-push"] {
        let mode = fs::metadata(repository.at(".git/hooks").join(name)).expect("a hook").mode();
        assert_eq!(mode & 0o777, 0o755);
    }
    assert_eq!(names(&repository.at(".git/hooks")), ["pre-commit", "pre-push"]);
}

#[test]
fn a_link_is_moved_and_not_written_through() {
    let repository = Folder::repository();
    let path = repository.at(".git/hooks/pre-commit");
    let commit = || said(git(&repository.path).args(["commit", "--allow-empty", "-m", "One"]));
    symlink("../../tools/check", &path).expect("a link");
    assert_eq!(repository.keylint(["hook", "install"]).code(), 0);
    assert!(!repository.at("tools/check").exists(), "the link leads nowhere");
    assert_eq!(commit().0, 0);
    hook(&repository, "tools/check", "#!/bin/sh\necho \"checked by ${0##*/}\"\nexit 1\n");
    let (code, told) = commit();
    assert!(code != 0 && told.contains("checked by pre-commit"), "{told}");
    assert_eq!(repository.keylint(["hook", "uninstall"]).code(), 0);
    assert_eq!(fs::read_link(&path).expect("a link"), Path::new("../../tools/check"));
    assert_eq!(names(&repository.at(".git/hooks")), ["pre-commit"]);
}

/// A directory of hooks as husky writes it: each goes on with another file, which looks at `$0` for what to do.
fn dispatchers(repository: &Folder) {
    repository.git(["config", "core.hooksPath", ".husky/_"]);
    repository.write(
        ".husky/_/h",
        "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\nsh -e \"$s\" \"$@\"\nexit $?\n",
    );
    for name in ["pre-commit", "pre-push"] {
        hook(repository, &format!(".husky/_/{name}"), "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"");
    }
}

#[test]
fn a_hook_that_looks_at_its_own_name_is_left_where_it_is() {
    let repository = Folder::repository();
    let commit = || said(git(&repository.path).args(["commit", "--allow-empty", "-m", "One"]));
    dispatchers(&repository);
    repository.write(".husky/pre-commit", "echo lint >> ran.txt; test ! -e stop\n");
    // Whenever husky is installed, it writes its hooks anew.
    for _ in 0..2 {
        dispatchers(&repository);
        let run = repository.keylint(["hook", "install"]);
        assert!(run.code() == 0 && run.stdout().contains("husky"), "{}", run.stderr());
    }
    assert_eq!(commit().0, 0);
    assert_eq!(fs::read_to_string(repository.at("ran.txt")).expect("it ran"), "lint\n");
    repository.write("stop", "");
    assert_ne!(commit().0, 0);
    fs::remove_file(repository.at("stop")).expect("ours");
    repository.write("a.txt", key(1));
    repository.git(["add", "a.txt"]);
    assert!(commit().1.contains("openai-project-key"));
    assert_eq!(repository.keylint(["hook", "uninstall"]).code(), 0);
    assert_eq!(commit().0, 0);
    assert_eq!(names(&repository.at(".husky/_")), ["h", "pre-commit", "pre-push"]);
}

#[test]
fn a_hook_that_reads_its_input_leaves_it_to_keylint() {
    let (remote, repository) = (Folder::new(), Folder::repository());
    remote.git(["init", "--quiet", "--bare"]);
    let url = remote.path.display().to_string();
    dispatchers(&repository);
    repository.write(".husky/pre-push", "cat > ran.txt\nread none || echo \"$2\" >> ran.txt\n");
    assert_eq!(repository.keylint(["hook", "install", "pre-push"]).code(), 0);
    let tip = repository.commit("Start", 1);
    let (code, told) = said(git(&repository.path).args(["push", "--quiet", &url, "main"]));
    assert_eq!(code, 0, "{told}");
    let none = "0".repeat(40);
    let ran = fs::read_to_string(repository.at("ran.txt")).expect("it ran");
    assert_eq!(ran, format!("refs/heads/main {tip} refs/heads/main {none}\n{url}\n"));
    repository.write("a.txt", key(1));
    repository.commit("Leak", 2);
    let (code, told) = said(git(&repository.path).args(["push", &url, "main"]));
    assert!(code != 0 && told.contains("openai-project-key"), "{told}");
}

#[test]
fn keylint_may_be_anywhere() {
    let (place, repository) = (Folder::new(), Folder::repository());
    place.write("it's \"here\" $HOME/nothing", "");
    let mut copy = program_at(&place.at("it's \"here\" $HOME/keylint"));
    let (code, told) = said(copy.current_dir(&repository.path).args(["hook", "install"]));
    assert_eq!(code, 0, "{told}");
    repository.write("a.txt", key(1));
    repository.git(["add", "a.txt"]);
    let (code, told) = said(git(&repository.path).args(["commit", "-m", "Leak"]));
    assert!(code != 0 && told.contains("openai-project-key"), "{told}");
}

#[test]
fn where_git_runs_no_hooks_none_is_installed() {
    let home = Home::new();
    for scope in ["--local", "--global"] {
        home.git("work", &["config", scope, "core.hooksPath", ""]);
        for args in [&["install"][..], &["install", "--global"]] {
            let (code, told) = home.hook(args);
            // The repository's own configuration says nothing about all repositories.
            let may = scope == "--local" && args.len() == 2;
            assert_eq!(code, if may { 0 } else { 2 }, "{told}");
            assert_eq!(told.contains("git runs no hooks"), !may, "{told}");
        }
        assert_eq!(home.hook(&["uninstall", "--global"]).0, 0);
        assert!(home.hook(&["uninstall"]).1.starts_with("no hook of keylint"));
        home.git("work", &["config", scope, "--unset", "core.hooksPath"]);
    }
    assert_eq!(names(&home.0.at("work")), [".git"]);
    assert!(!home.0.at(".config/keylint").exists() || names(&home.0.at(".config/keylint")).is_empty());
}

#[test]
fn hooks_for_all_repositories_leave_each_its_own() {
    let home = Home::new();
    assert!(home.hook(&["uninstall", "--global"]).1.starts_with("no hook of keylint"));
    for _ in 0..2 {
        let (code, told) = home.hook(&["install", "--global"]);
        assert_eq!(code, 0, "{told}");
    }
    for name in ["pre-commit", "post-commit"] {
        hook(&home.0, &format!("work/.git/hooks/{name}"), &format!("#!/bin/sh\necho {name} >> \"$HOME/ran\"\n"));
    }
    assert!(home.commit("x").0);
    assert_eq!(home.ran(), "pre-commit\npost-commit\n");
    home.git("work", &["worktree", "add", "-q", "../beside"]);
    home.git("beside", &["commit", "--quiet", "--allow-empty", "-m", "Beside"]);
    assert_eq!(home.ran(), "pre-commit\npost-commit\n");
    assert!(!home.commit(&key(1)).0);
    let (code, told) = home.hook(&["uninstall", "--global"]);
    assert!(code == 0 && !home.0.at(".config/keylint/hooks").exists(), "{told}");
    assert!(!home.git(".", &["config", "--global", "--list"]).contains("core.hookspath"));
    assert!(home.commit(&key(1)).0);
}

#[test]
fn hooks_of_a_server_are_passed_on_to() {
    let home = Home::new();
    home.git(".", &["init", "--quiet", "--bare", "server.git"]);
    let called = ["pre-receive", "update", "post-receive", "post-update"];
    for name in called {
        hook(&home.0, &format!("server.git/hooks/{name}"), &format!("#!/bin/sh\necho {name} >> \"$HOME/ran\"\n"));
    }
    let states = "#!/bin/sh\nread line\necho \"$1 ${line##* }\" >> \"$HOME/states\"\n";
    hook(&home.0, "server.git/hooks/reference-transaction", states);
    assert_eq!(home.hook(&["install", "--global"]).0, 0);
    assert!(home.commit("x").0);
    home.git("work", &["push", "--quiet", "../server.git", "main"]);
    assert_eq!(home.ran(), called.map(|name| format!("{name}\n")).concat());
    let states = fs::read_to_string(home.0.at("states")).expect("it ran");
    assert!(states.contains("committed refs/heads/main"), "{states}");
}

#[test]
fn a_push_into_a_work_tree_goes_on_as_without_hooks() {
    let home = Home::new();
    home.git(".", &["init", "--quiet", "site"]);
    home.git("site", &["config", "receive.denyCurrentBranch", "updateInstead"]);
    assert_eq!(home.hook(&["install", "--global"]).0, 0);
    let push = || home.tried("work", Command::new("git").args(["push", "../site", "main"]));
    for text in ["one", "two"] {
        assert!(home.commit(text).0);
        assert_eq!(push().0, 0, "{}", push().1);
        assert_eq!(fs::read_to_string(home.0.at("site/a.txt")).expect("it is there"), text);
    }
    assert!(home.commit("three").0);
    home.0.write("site/a.txt", "changed");
    let (code, told) = push();
    assert!(code != 0 && told.contains("unstaged changes"), "{told}");
    home.git("site", &["add", "a.txt"]);
    let (code, told) = push();
    assert!(code != 0 && told.contains("staged changes"), "{told}");
    home.git("site", &["reset", "--quiet", "--hard"]);
    hook(&home.0, "site/.git/hooks/push-to-checkout", "#!/bin/sh\necho \"$1\" > \"$HOME/ran\"\n");
    assert_eq!(push().0, 0);
    assert_eq!(home.ran(), home.git("work", &["rev-parse", "HEAD"]));
}

#[test]
fn hooks_that_are_their_own_directory_for_all_do_not_run_for_ever() {
    let home = Home::new();
    home.git(".", &["config", "--global", "core.hooksPath", ".git/hooks"]);
    let (code, told) = home.hook(&["install", "--global"]);
    assert!(code == 2 && told.contains("install without --global"), "{told}");
    assert_eq!(home.hook(&["install"]).0, 0);
    assert_eq!(names(&home.0.at("work/.git/hooks")), ["pre-commit"]);
    assert!(home.commit("x").0 && !home.commit(&key(1)).0);
    home.git(".", &["config", "--global", "--unset", "core.hooksPath"]);
    // The other way round.
    assert_eq!(home.hook(&["install", "--global"]).0, 0);
    fs::remove_dir_all(home.0.at("work/.git/hooks")).expect("ours");
    symlink(home.0.at(".config/keylint/hooks"), home.0.at("work/.git/hooks")).expect("a link");
    assert!(home.commit("x").0 && !home.commit(&key(1)).0);
}

#[test]
fn a_directory_that_the_system_has_for_all_users_is_left_alone() {
    let home = Home::new();
    home.0.write("system", format!("[core]\nhooksPath = {}\n", home.0.at("shared").display()));
    for args in [&["install"][..], &["install", "--global"]] {
        let shell = ["-c", "unset GIT_CONFIG_NOSYSTEM; GIT_CONFIG_SYSTEM=~/system exec \"$@\"", "sh"];
        let (code, told) =
            home.tried("work", Command::new("sh").args(shell).arg(program().get_program()).arg("hook").args(args));
        assert!(code == 2 && told.contains("the system's configuration"), "{told}");
    }
    assert!(!home.0.at("shared").exists() && !home.0.at(".config").exists());
}

#[test]
fn a_directory_that_the_user_has_for_all_repositories_stays_as_it_is_used() {
    let home = Home::new();
    let (mine, own) = ("#!/bin/sh\necho mine >> ~/ran\n", "#!/bin/sh\necho own >> ~/ran\n");
    hook(&home.0, "my hooks/pre-commit", mine);
    hook(&home.0, "my hooks/post-commit", mine);
    home.git(".", &["config", "--global", "core.hooksPath", "~/my hooks"]);
    // git does not run these, so that nobody shall.
    hook(&home.0, "work/.git/hooks/pre-commit", own);
    hook(&home.0, "work/.git/hooks/commit-msg", own);
    let (code, told) = home.hook(&["install"]);
    assert!(code == 2 && told.contains("--global") && told.contains("my hooks"), "{told}");
    assert_eq!(home.hook(&["install", "--global", "pre-commit", "commit-msg"]).0, 0);
    assert!(home.commit("x").0);
    assert_eq!(home.ran(), "mine\nmine\n");
    assert!(!home.commit(&key(1)).0);
    assert_eq!(names(&home.0.at("my hooks")), ["commit-msg", "post-commit", "pre-commit"]);
    assert_eq!(home.hook(&["uninstall", "--global"]).0, 0);
    assert_eq!(names(&home.0.at("my hooks")), ["post-commit", "pre-commit"]);
    assert_eq!(fs::read_to_string(home.0.at("my hooks/pre-commit")).expect("a hook"), mine);
    let (code, told) = home.hook(&["uninstall", "--global"]);
    assert!(code == 0 && told.starts_with("no hook of keylint"), "{told}");
    assert!(home.git(".", &["config", "--global", "--list"]).contains("core.hookspath=~/my hooks"));
}

#[test]
fn one_repository_does_not_change_the_hooks_of_all() {
    let home = Home::new();
    assert_eq!(home.hook(&["install", "--global"]).0, 0);
    let all = || {
        let folder = home.0.at(".config/keylint/hooks");
        names(&folder)
            .into_iter()
            .map(|name| fs::read_to_string(folder.join(name)).expect("a hook"))
            .collect::<Vec<_>>()
    };
    let before = all();
    let (code, told) = home.hook(&["install"]);
    assert!(code == 0 && told.contains("is there for all repositories"), "{told}");
    assert!(names(&home.0.at("work/.git/hooks")).is_empty());
    // What is not there for all can be here, where it is passed on to.
    assert_eq!(home.hook(&["install", "commit-msg"]).0, 0);
    assert_eq!(names(&home.0.at("work/.git/hooks")), ["commit-msg"]);
    let message = format!("Use {}", key(1));
    let commit = || home.tried("work", Command::new("git").args(["commit", "--allow-empty", "-qm", &message]));
    assert_ne!(commit().0, 0);
    assert_eq!(home.hook(&["uninstall"]).0, 0);
    assert_eq!(commit().0, 0);
    assert!(home.hook(&["uninstall"]).1.starts_with("no hook of keylint"));
    assert!(before == all(), "the hooks of all repositories are others now");
    assert!(!home.commit(&key(1)).0);
    // A directory of the repository's own comes before.
    home.git("work", &["config", "core.hooksPath", "tools"]);
    assert_eq!(home.hook(&["install", "pre-push"]).0, 0);
    assert_eq!(names(&home.0.at("work/tools")), ["pre-push"]);
    assert!(before == all());
}

#[cfg(unix)]
#[test]
fn what_was_kept_comes_back_even_if_ours_is_gone() {
    let repository = Folder::repository();
    repository.write(".git/hooks/pre-commit", "#!/usr/bin/env python3\nprint('theirs')\n");
    let theirs = repository.at(".git/hooks/pre-commit");
    std::fs::set_permissions(&theirs, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
    assert_eq!(repository.keylint(["hook", "install"]).code(), 0);
    std::fs::remove_file(&theirs).expect("it is there");
    let run = repository.keylint(["hook", "uninstall"]);
    assert!(run.stdout().contains("put back what was there before"), "{}", run.stdout());
    assert!(std::fs::read_to_string(theirs).expect("it is back").contains("theirs"));
}
