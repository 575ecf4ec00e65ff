//! Real repositories, keys from generators, and the program itself. Must not know what is tested.

use keylint::rule::{Catalog, expand};
use serde_json::Value;
use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A key of the rule `rule`, different for each `seed`: what its first example marks as the secret.
pub(crate) fn key_of(rule: &str, seed: u64) -> String {
    let catalog = Catalog::builtin();
    let rule = catalog.get(rule).unwrap_or_else(|| panic!("there is a rule {rule}"));
    let example = expand(rule.examples[0].get_ref(), seed).expect("an example");
    example.text[example.secret.range()].to_owned()
}

/// A project key of the current form.
pub(crate) fn key(seed: u64) -> String {
    let template = "sk-proj-{b64u:74}T3BlbkFJ{b64u:72}{[AEIMQUYcgkosw048]:1}A";
    expand(template, seed).expect("a generator").text
}

/// A directory that is removed in the end, and the programs run in it.
pub(crate) struct Folder {
    temp: TempDir,
    /// Its path.
    pub(crate) path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> Self {
        let temp = TempDir::new().expect("a directory");
        let path = fs::canonicalize(temp.path()).expect("it is there");
        Self { temp, path }
    }

    /// An empty repository with a branch `main`.
    pub(crate) fn repository() -> Self {
        let folder = Self::new();
        folder.git(["init", "--quiet", "--initial-branch=main"]);
        folder
    }

    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join(path)
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }

    /// Runs git and returns what it prints.
    pub(crate) fn git<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> String {
        self.git_as("A. U. Thor <author@example.com>", args)
    }

    /// Runs git as somebody else.
    pub(crate) fn git_as<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, who: &str, args: I) -> String {
        let (name, email) = who.split_once(" <").expect("Name <email>");
        let email = email.trim_end_matches('>');
        let output = git(&self.path)
            .args(args)
            .envs([("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", email)])
            .envs([("GIT_COMMITTER_NAME", name), ("GIT_COMMITTER_EMAIL", email)])
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }

    /// Adds everything and commits it, `day` days after the beginning of 2024. Returns the commit.
    pub(crate) fn commit(&self, message: &str, day: u32) -> String {
        self.git(["add", "--all", "--force"]);
        self.commit_staged(message, day)
    }

    pub(crate) fn commit_staged(&self, message: &str, day: u32) -> String {
        let date = format!("{} +0100", 1_704_067_200 + u64::from(day) * 86_400);
        let output = git(&self.path)
            .args(["commit", "--quiet", "--allow-empty", "--no-verify", "--cleanup=verbatim", "-m", message])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        self.git(["rev-parse", "HEAD"])
    }

    /// Stores a blob that nothing refers to.
    pub(crate) fn blob(&self, bytes: &str) -> String {
        let mut child = git(&self.path)
            .args(["hash-object", "-w", "--stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git runs");
        child.stdin.take().expect("a pipe").write_all(bytes.as_bytes()).expect("git reads");
        String::from_utf8(child.wait_with_output().expect("git ends").stdout).expect("text").trim().to_owned()
    }

    /// Puts everything into one pack.
    pub(crate) fn pack(&self) {
        self.git(["repack", "-adfq", "--keep-unreachable"]);
    }

    /// Runs the program here.
    pub(crate) fn keylint<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Run {
        Run(program().current_dir(&self.path).args(args).output().expect("the program runs"))
    }

    /// Scans this directory with further arguments, as JSON.
    pub(crate) fn scan(&self, args: &[&str]) -> Scan {
        let run = self.keylint([&["scan", "--format", "json"], args].concat());
        assert!(matches!(run.code(), 0 | 1 | 3), "exit {}: {}", run.code(), run.stderr());
        let json = serde_json::from_slice(&run.0.stdout).expect("the report is JSON");
        Scan { code: run.code(), json }
    }

    /// Every file below, with its content and the time it was changed: what a scan must leave alone.
    pub(crate) fn state(&self) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
        let mut found = Vec::new();
        let mut todo = vec![self.path.clone()];
        while let Some(path) = todo.pop() {
            let metadata = fs::symlink_metadata(&path).expect("it is there");
            let bytes = if metadata.is_file() { fs::read(&path).expect("it can be read") } else { vec![] };
            if metadata.is_dir() {
                todo.extend(fs::read_dir(&path).expect("a directory").map(|entry| entry.expect("an entry").path()));
            }
            found.push((path, bytes, metadata.modified().expect("a time")));
        }
        found.sort();
        found
    }
}

/// git, with none of this machine's settings.
pub(crate) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_TERMINAL_PROMPT", "0")])
        .envs([("GIT_AUTHOR_NAME", "A. U. Thor"), ("GIT_AUTHOR_EMAIL", "author@example.com")])
        .envs([("GIT_COMMITTER_NAME", "C. O. Mitter"), ("GIT_COMMITTER_EMAIL", "committer@example.com")])
        .args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    git
}

/// A copy of the program at `path`. Another process makes it: one of ours that another test starts meanwhile would have
/// it open for writing, and nothing that is can be run.
#[cfg(unix)]
pub(crate) fn program_at(path: &Path) -> Command {
    let copied = Command::new("cp").arg(program().get_program()).arg(path).status().expect("cp runs");
    assert!(copied.success());
    Command::new(path)
}

/// The program under test: this build's, or the one that `KEYLINT_TEST_PROGRAM` names.
pub(crate) fn program() -> Command {
    let built = env!("CARGO_BIN_EXE_keylint").into();
    let mut program = Command::new(std::env::var_os("KEYLINT_TEST_PROGRAM").unwrap_or(built));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "RUST_BACKTRACE"] {
        program.env_remove(name);
    }
    program.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    program
}

/// A run of the program.
pub(crate) struct Run(pub(crate) Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

/// A scan's report.
pub(crate) struct Scan {
    pub(crate) code: i32,
    pub(crate) json: Value,
}

impl Scan {
    pub(crate) fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().expect("a list")
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.json["problems"].as_array().expect("a list").iter();
        problems
            .map(|problem| format!("{} {}: {}", text(&problem["kind"]), text(&problem["what"]), text(&problem["why"])))
            .collect()
    }

    /// The finding of `key`, by its mask, if there is exactly one.
    pub(crate) fn of(&self, key: &str) -> Option<&Value> {
        let tail = &key[key.len() - 4..];
        let mut found = self.findings().iter().filter(|finding| text(&finding["masked"]).ends_with(tail));
        let first = found.next()?;
        assert!(found.next().is_none(), "two findings end in {tail}");
        Some(first)
    }

    /// The places of `key`, as `kind path-or-id`, in the report's order.
    pub(crate) fn places(&self, key: &str) -> Vec<String> {
        let Some(finding) = self.of(key) else { return vec![] };
        let places = finding["places"].as_array().expect("a list").iter();
        places
            .map(|place| {
                let site = &place["site"];
                let what = ["path", "name", "part", "id"].iter().find_map(|field| site[*field].as_str());
                format!("{} {}", text(&site["kind"]), what.unwrap_or("")).trim_end().to_owned()
            })
            .collect()
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}
