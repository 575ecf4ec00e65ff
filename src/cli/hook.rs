//! `keylint hook`: git hooks installed, taken away and run. Must not know how a scan is done.

use super::{
    Complaint, Exit,
    args::{self, Configured, Hook, HookCommand, HookName, RunHook},
    install,
    scan::{self, Job},
};
use keylint::{
    engine::{Scope, Target},
    source::git::{Repository, Revisions},
};
use std::{
    env,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Cuts the message from the diff that `git commit --verbose` puts below it.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

pub(super) fn run(args: &Hook) -> Result<Exit, Complaint> {
    match &args.command {
        HookCommand::Install { names, global, configured } => {
            install::install(&chosen(names, &[HookName::PreCommit]), *global, &options(configured)?)
        }
        HookCommand::Uninstall { names, global } => install::uninstall(&chosen(names, &HookName::ALL), *global),
        HookCommand::Run(hook) => hooked(hook),
    }
}

/// The hooks that were named, or `others` where none were.
fn chosen(names: &[HookName], others: &[HookName]) -> Vec<HookName> {
    if names.is_empty() { others.to_vec() } else { names.to_vec() }
}

/// `configured` as arguments again, which mean the same wherever git runs the hook.
fn options(configured: &Configured) -> Result<Vec<String>, Complaint> {
    let mut options = Vec::new();
    if let Some(path) = &configured.config {
        let cannot = |error| Complaint::new(format!("cannot use {}: {error}", path.display()));
        let whole = std::fs::canonicalize(path).map_err(cannot)?;
        options.extend(["--config".to_owned(), whole.display().to_string()]);
    }
    options.extend(configured.no_repo_config.then(|| "--no-repo-config".to_owned()));
    options.extend(configured.no_inline_allow.then(|| "--no-inline-allow".to_owned()));
    options.extend(configured.strict.then(|| "--strict".to_owned()));
    options.extend(configured.no_lint.then(|| "--no-lint".to_owned()));
    Ok(options)
}

/// Does what git runs a hook for.
fn hooked(hook: &RunHook) -> Result<Exit, Complaint> {
    let (scope, target) = match hook.name {
        HookName::PreCommit => {
            let index = env::var_os("GIT_INDEX_FILE").map(PathBuf::from);
            (Scope::Staged { index }, Target::Path(here()))
        }
        HookName::CommitMsg => {
            let path = hook.args.first().ok_or_else(|| missing("the file with the message"))?;
            let read = std::fs::read(path);
            let bytes = read.map_err(|error| Complaint::new(format!("cannot read {path}: {error}")))?;
            let everything = Scope::Everything { worktree: true, history: false, ignore: true };
            (everything, Target::Text { name: "the commit message".into(), bytes: message(&bytes) })
        }
        HookName::PrePush => {
            let revisions = match (hook.args.first(), pushed_by_framework()) {
                (Some(remote), _) => pushed(&lines()?, remote)?,
                (None, Some(revisions)) => revisions,
                (None, None) => return Err(missing("the name of the remote")),
            };
            (Scope::Range(revisions), Target::Path(here()))
        }
        HookName::PreReceive => (Scope::Range(received(&lines()?)?), Target::Path(here())),
    };
    let job = Job { scope, targets: vec![target], silent_when_clean: true };
    let mut scan = args::Scan::plain().ok_or_else(|| Complaint::new("a scan without arguments is none"))?;
    scan.configured = hook.configured.clone();
    // A scan of the history heeds no comment in a message, so that this one would only put it off.
    scan.configured.no_inline_allow |= hook.name == HookName::CommitMsg;
    scan::run_job(&scan, job)
}

/// The repository that git runs the hook for: the one around, unless git was told of another.
fn here() -> PathBuf {
    let around = PathBuf::from(".");
    let Some(named) = env::var_os("GIT_DIR").filter(|named| !named.is_empty()).map(PathBuf::from) else {
        return around;
    };
    let own = Repository::open(&around, true).map(|repository| repository.git_dir());
    if own.is_ok_and(|own| std::fs::canonicalize(&named).is_ok_and(|named| named == own)) { around } else { named }
}

fn missing(what: &str) -> Complaint {
    Complaint::new(format!("git gives this hook {what}, and there is none: it is meant to be run by git"))
}

fn lines() -> Result<String, Complaint> {
    let mut lines = String::new();
    let read = io::stdin().lock().read_to_string(&mut lines);
    read.map_err(|error| Complaint::new(format!("standard input: {error}")))?;
    Ok(lines)
}

/// The message without the diff below it, which there is if an editor was asked to show it. Comments stay: they are part
/// of the message unless an editor was open, and begin with what the user likes.
fn message(bytes: &[u8]) -> Vec<u8> {
    let is_diff = |line: &&[u8]| line.starts_with(b"diff --");
    let is_cut = |line: &[u8]| {
        let cut = SCISSORS.len();
        line.windows(cut).position(|part| part == SCISSORS).is_some_and(|at| {
            at > 0 && line[..at].iter().all(u8::is_ascii_punctuation) && line[at + cut..].trim_ascii().is_empty()
        })
    };
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let below: usize =
        lines.clone().skip_while(|line| !is_cut(line)).skip_while(|line| !is_diff(line)).map(<[u8]>::len).sum();
    bytes[..bytes.len() - below].to_vec()
}

/// What a push would send: `<local ref> <local id> <remote ref> <remote id>` on each line.
fn pushed(lines: &str, remote: &str) -> Result<Revisions, Complaint> {
    let mut revisions = Revisions::default();
    for line in lines.lines() {
        let [_, local, name, known] = fields(line)?;
        revisions.update(known, local, name);
    }
    revisions.leave_out(remote);
    Ok(revisions)
}

/// What a push would send, where pre-commit runs this hook: it reads what git hands over by itself, and says
/// it in variables.
fn pushed_by_framework() -> Option<Revisions> {
    let said = |name: &str| env::var(format!("PRE_COMMIT_{name}")).ok();
    let mut revisions = Revisions::default();
    let name = said("LOCAL_BRANCH")?;
    // Where all is pushed from the first commit on, no ends are named.
    let to = said("TO_REF").unwrap_or_else(|| name.clone());
    revisions.update(&said("FROM_REF").unwrap_or_default(), &to, &name);
    revisions.leave_out(&said("REMOTE_NAME").unwrap_or_default());
    Some(revisions)
}

/// What a push has sent: `<old id> <new id> <ref>` on each line.
fn received(lines: &str) -> Result<Revisions, Complaint> {
    let mut revisions = Revisions { without_refs: vec!["refs/*".to_owned()], ..Revisions::default() };
    for line in lines.lines() {
        let [old, new, name] = fields(line)?;
        revisions.update(old, new, name);
    }
    // Until all hooks agree, git keeps what was sent in a place of its own.
    let places = [env::var_os("GIT_OBJECT_DIRECTORY"), env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES")];
    for places in places.iter().flatten() {
        revisions.objects.extend(env::split_paths(places).filter(|place| Path::new(place).is_dir()));
    }
    Ok(revisions)
}

/// The words of a line, of which the first may hold spaces: what is pushed can be named by any expression.
fn fields<const N: usize>(line: &str) -> Result<[&str; N], Complaint> {
    let mut fields: Vec<&str> = line.rsplitn(N, ' ').collect();
    fields.reverse();
    let wrong = |_| Complaint::new(format!("git hands this hook lines of {N} words, and this is none: {line:?}"));
    fields.try_into().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn a_message_is_what_will_be_committed() {
        let cut = "# ------------------------ >8 ------------------------\n";
        let above = format!("Subject\n\nBody\n# a comment\n{cut}# Do not modify\n");
        let file = format!("{above}diff --git a/x b/x\n-diff --git\n+key\n");
        assert_eq!(message(file.as_bytes()), above.as_bytes());
        assert_eq!(message(above.as_bytes()), above.as_bytes(), "nothing below is a diff");
        assert_eq!(message(b"no newline"), b"no newline");
        for mark in ["x ", "", "a"] {
            let text = format!("s\n{mark} ------------------------ >8 ------------------------\nrest\n");
            assert_eq!(message(text.as_bytes()), text.as_bytes(), "{mark}");
        }
        let other = b"s\n; ------------------------ >8 ------------------------\ndiff --cc x\n";
        assert_eq!(message(other), other[..other.len() - 12]);
    }

    #[test]
    fn what_is_pushed_is_all_but_what_the_remote_has() {
        let lines = format!("refs/heads/a 1111 refs/heads/a 2222\n(delete) {NONE} refs/heads/b 3333\n");
        let revisions = pushed(&lines, "origin").expect("lines");
        assert_eq!((revisions.from, revisions.without), (vec!["1111".to_owned()], vec!["2222".to_owned()]));
        assert_eq!(revisions.without_refs, ["refs/remotes/origin/*"]);
        assert_eq!(revisions.names, ["refs/heads/a"]);
        assert!(pushed("", "https://host/x.git").expect("none").without_refs.is_empty());
        assert!(pushed("two words", "origin").is_err());
        let named = pushed("HEAD^{/a b} 1111 refs/heads/a 2222", "team/origin").expect("a line");
        assert_eq!(
            (named.names[0].as_str(), named.without_refs[0].as_str()),
            ("refs/heads/a", "refs/remotes/team/origin/*")
        );
    }

    #[test]
    fn a_new_ref_has_nothing_before_it() {
        let revisions = received(&format!("{NONE} 1111 refs/heads/a\n")).expect("a line");
        assert_eq!((revisions.from, revisions.without), (vec!["1111".to_owned()], vec![]));
    }
}
