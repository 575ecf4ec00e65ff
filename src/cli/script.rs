//! The lines of keylint in a git hook: written, put into a shell script of somebody else, known again, taken out.
//! Must not know where hooks are.

use super::args::HookName;

/// The first and the last line of ours, by which they are known again.
const BEGIN: &str = "# Begin of keylint; `keylint hook uninstall` takes these lines away.";
const END: &str = "# End of keylint.";
/// What a hook that was there before is kept in, beside the hooks, where it cannot be kept as it is.
pub(super) const BEFORE: &str = "before-keylint";
/// Interpreters that understand our lines.
const SHELLS: &[&str] = &["sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"];

/// All that git looks for where hooks are, and would no longer find in a repository once there is a directory for all
/// of them. (`fsmonitor-watchman` it is told by its path.)
pub(super) const ALL: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// What git does by itself if there is no hook of this name: once there is one, nobody else does.
const PUSH_TO_CHECKOUT: &str = "\
no() { echo \"$1\" >&2; exit 1; }
cd \"$GIT_WORK_TREE\" || exit 1
git update-index -q --ignore-submodules --refresh || no 'Up-to-date check failed'
git diff-files --quiet --ignore-submodules -- || no 'Working directory has unstaged changes'
head=$(git rev-parse --quiet --verify HEAD || git hash-object -t tree /dev/null)
git diff-index --quiet --cached --ignore-submodules \"$head\" -- || no 'Working directory has staged changes'
git read-tree -u -m \"$1\" || no 'Could not update working tree to new HEAD'
";

/// Whether `$first` can be run and is not what runs: a directory of hooks may be a link to this one.
const IS_ANOTHER: &str = "[ -x \"$first\" ] && ! [ \"$first\" -ef \"$0\" ]";

/// What runs before keylint does.
#[derive(Clone, Copy)]
pub(super) enum First<'a> {
    Nothing,
    /// The hook that was there, kept in a directory beside.
    Kept,
    /// The hook of the repository, which git does not look for any more.
    Repository,
    /// The hook that is there: this shell script, which stays where it is. Many look at `$0` for what to do, or for
    /// a file to go on with (husky does both).
    Rest(&'a [u8]),
}

/// The hook `name`: what runs first, then the program, which is `here` if it is not found otherwise.
pub(super) fn hook(name: HookName, options: &[String], here: &str, first: First<'_>) -> Vec<u8> {
    let hook = name.as_str();
    let kept = format!("first=$(dirname \"$0\")/{BEFORE}/{hook}\n");
    // Standard input can be read once, and both want it, as it is: it may be empty. A shell drops line ends that come
    // last, so that something else has to.
    let (keep, give) = if name.has_input() && !matches!(first, First::Nothing) {
        ("input=$(cat && echo .)\n", "printf %s \"${input%.}\" 2>/dev/null | ")
    } else {
        ("", "")
    };
    let before = match first {
        First::Nothing => String::new(),
        First::Kept => format!("{kept}if [ -x \"$first\" ]; then {give}\"$first\" \"$@\" || exit $?; fi\n"),
        First::Repository => {
            format!("{}if {IS_ANOTHER}; then {give}\"$first\" \"$@\" || exit $?; fi\n", of_repository(hook))
        }
        // It comes by here a second time.
        First::Rest(_) => format!("{give}KEYLINT_REST=1 \"$0\" \"$@\" || exit $?\n"),
    };
    let options: String = options.iter().map(|option| quoted(option) + " ").collect();
    let lines = format!(
        "{keep}{before}keylint=$(command -v keylint || echo {})\n\
         if [ ! -x \"$keylint\" ]; then\n\
         \x20   echo 'keylint is not installed: install it, or take this hook away' >&2\n\
         \x20   exit 1\nfi\n\
         {give}\"$keylint\" hook run {options}{hook} -- \"$@\" || exit $?\n",
        quoted(&here.replace('\\', "/"))
    );
    match first {
        First::Rest(script) => {
            let once = format!("if [ -n \"${{KEYLINT_REST-}}\" ]; then\nunset KEYLINT_REST\nelse\n{lines}exit 0\nfi\n");
            let (shebang, rest) = script.split_at(after_line(script, 0));
            [shebang, &block(&once), rest].concat()
        }
        _ => [b"#!/bin/sh\n".as_slice(), &block(&lines)].concat(),
    }
}

/// A hook for all repositories that only runs the repository's own. git may run some a hundred times in a command, so
/// that it starts no program that it can do without.
pub(super) fn passing_on(name: &str) -> Vec<u8> {
    let otherwise = if name == "push-to-checkout" { PUSH_TO_CHECKOUT } else { "" };
    let lines = format!("{}if {IS_ANOTHER}; then exec \"$first\" \"$@\"; fi\n{otherwise}", of_repository(name));
    [b"#!/bin/sh\n".as_slice(), &block(&lines)].concat()
}

/// Lines that call the repository's own hook `$first`. git runs hooks where the work tree begins, and says where the
/// git directory is unless that is `.git`; it may be one of several that share their hooks.
fn of_repository(name: &str) -> String {
    format!(
        "dir=${{GIT_COMMON_DIR:-${{GIT_DIR:-.git}}}}\n\
         if [ ! -d \"$dir\" ] || [ -f \"$dir/commondir\" ]; then dir=$(git rev-parse --git-common-dir); fi\n\
         first=$dir/hooks/{name}\n"
    )
}

fn block(lines: &str) -> Vec<u8> {
    format!("{BEGIN}\n{lines}{END}\n").into_bytes()
}

/// `word` as a shell takes it for one, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// `script` without our lines, if they are there.
pub(super) fn without(script: &[u8]) -> Option<Vec<u8>> {
    let from = find(script, BEGIN)?;
    let to = from + find(&script[from..], END)?;
    Some([&script[..from], &script[after_line(script, to)..]].concat())
}

/// Whether our lines in `script` run keylint, and not only what they hide.
pub(super) fn runs_keylint(script: &[u8]) -> bool {
    without(script).is_some() && find(script, "\"$keylint\" hook run ").is_some()
}

/// Whether `script` does nothing at all.
pub(super) fn is_empty(script: &[u8]) -> bool {
    let rest = if script.starts_with(b"#!") { &script[after_line(script, 0)..] } else { script };
    rest.trim_ascii().is_empty()
}

/// Whether our lines may stand in `script`.
pub(super) fn is_shell(script: &[u8]) -> bool {
    let line = String::from_utf8_lossy(&script[..after_line(script, 0)]).into_owned();
    let Some(words) = line.strip_prefix("#!") else { return false };
    let mut words = words.split_whitespace().map(|word| word.rsplit(['/', '\\']).next().unwrap_or(word));
    let first = words.next().unwrap_or("");
    // env takes options and variables before the program.
    let program =
        if first == "env" { words.find(|word| !word.starts_with('-') && !word.contains('=')) } else { Some(first) };
    program.is_some_and(|program| SHELLS.contains(&program.trim_end_matches(".exe")))
}

fn find(script: &[u8], what: &str) -> Option<usize> {
    memchr::memmem::find(script, what.as_bytes())
}

/// Where the line after the one at `at` begins.
fn after_line(script: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &script[at..]).map_or(script.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_below_the_first_and_come_out_again() {
        for rest in ["#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", "#!/bin/bash -e\r\n\r\nexit 1\r\n"] {
            let first = First::Rest(rest.as_bytes());
            let script = hook(HookName::PrePush, &[], "/it's here/keylint", first);
            assert!(script.starts_with(rest.lines().next().expect("a line").as_bytes()) && runs_keylint(&script));
            assert_eq!(without(&script).as_deref(), Some(rest.as_bytes()));
            assert!(!is_empty(rest.as_bytes()));
        }
        for script in [passing_on("update"), hook(HookName::PreCommit, &[], "keylint", First::Kept)] {
            assert!(without(&script).is_some_and(|rest| is_empty(&rest)));
        }
        assert!(!runs_keylint(&passing_on("update")));
        assert_eq!(without(b"#!/bin/sh\nexit 1\n"), None);
    }

    #[test]
    fn a_shell_is_known_by_the_first_line() {
        for line in ["#!/bin/sh", "#! /usr/bin/env -S bash -e\n", "#!/usr/bin/env LANG=C zsh\nx", "#!C:\\sh.exe\r\nx"] {
            assert!(is_shell(line.as_bytes()), "{line}");
        }
        for line in ["", "echo", "#!", "#!/usr/bin/env", "#!/usr/bin/python3\n#!/bin/sh", "#!/usr/bin/fish", "\x7fELF"]
        {
            assert!(!is_shell(line.as_bytes()), "{line}");
        }
    }
}
