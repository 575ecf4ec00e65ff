//! What to do in a repository that has a key: the commands that take it out of where it got to, and what they cost. Must
//! not know issuers.

use super::{Advice, Reached, command};
use crate::{
    model::{Encoding, Finding, History, Line, Place, RefKind, Site, Text},
    report::{Input, exposure, plain, quantity::count},
};
use std::collections::BTreeSet;

/// Where the file of replacements is put: not into what is rewritten.
const REPLACEMENTS: &str = "../replacements.txt";
/// How many paths or refs are named in a sentence or a command.
const NAMED: usize = 20;

/// What the deletion of what nothing leads to costs.
const PRUNED: &str = "Whatever else nothing leads to is deleted with it and cannot be had back.";

impl Input<'_> {
    /// The steps in the repository of `history`.
    pub(super) fn in_repository(&self, finding: &Finding, history: &History) -> Vec<Advice> {
        let mut steps = Vec::new();
        let (files, others) = now(finding, Some(history.repository));
        if !files.is_empty() {
            steps.push(self.edit(finding, &files));
        }
        steps.extend(others);
        let tracked = tracked(finding, history.repository);
        match Reached::of(history) {
            Reached::Files if history.in_index => {
                steps.extend(restage(&tracked));
                steps.push(prune());
            }
            Reached::Files => {}
            Reached::Aside => steps.extend(drop_aside(history, &tracked)),
            Reached::Commits => steps.extend(unmake(history, &tracked, &opaque(finding, history.repository))),
            Reached::Others => steps.extend(rewrite(history, &opaque(finding, history.repository))),
        }
        steps
    }

    /// The steps for what is staged and in no commit, where nothing else was looked at.
    pub(super) fn staged(&self, finding: &Finding) -> Vec<Advice> {
        let files: BTreeSet<Text> = finding.places.iter().filter_map(file).cloned().collect();
        let files: Vec<Text> = files.into_iter().collect();
        let mut steps = vec![self.edit(finding, &files)];
        steps.extend(restage(&files));
        steps.push(prune());
        steps
    }

    fn edit(&self, finding: &Finding, files: &[Text]) -> Advice {
        let variable = self.rule(finding).and_then(|rule| rule.variable.as_deref());
        let variable = variable.map(|name| format!(" ({name})")).unwrap_or_default();
        let named = named(files);
        let text = format!(
            "Take it out of {named}, and have the program read it from the environment{variable} or a secret manager."
        );
        Advice::new(text).leaves("A file is one copy: editors, backups and what was built from it may have others.")
    }
}

/// The path of a place that is in a file.
fn path(place: &Place) -> Option<&Text> {
    match &place.site {
        Site::File { path } | Site::FileName { path } => Some(path),
        _ => None,
    }
}

/// The files that have it now, and what to do about other places that no commit has.
fn now(finding: &Finding, repository: Option<usize>) -> (Vec<Text>, Vec<Advice>) {
    let places = || finding.places.iter().filter(|place| place.repository == repository);
    let there = |place: &&Place| place.in_worktree == Some(true) || place.in_head == Some(true);
    let files: BTreeSet<Text> = places().filter(there).filter_map(file).cloned().collect();
    let mut others = Vec::new();
    for place in places() {
        match &place.site {
            Site::GitFile { path } if !path.as_bytes().starts_with(b"logs/") => {
                let text = format!("Take it out of {} in the git directory.", plain::text(path));
                others.push(Advice::new(text).leaves("What was configured with it may have sent or logged it."));
            }
            Site::RefName { name } => {
                let text = format!("Rename {}, here and wherever it was pushed to.", plain::text(name));
                others.push(Advice::new(text).leaves("Reflogs and other clones keep the old name."));
            }
            _ => {}
        }
    }
    others.dedup();
    (files.into_iter().collect(), others)
}

/// The files that HEAD or the index has it in: what git does not know of is not to get in by this.
fn tracked(finding: &Finding, repository: usize) -> Vec<Text> {
    let is_staged = |place: &Place| {
        // An object that stands nowhere may be a container, and has no name.
        let is_named = place.holder.is_none() || place.in_worktree == Some(true);
        is_named && place.versions.iter().any(|version| version.commit.is_none())
    };
    let is_tracked = |place: &&Place| place.in_head == Some(true) || is_staged(place);
    let places = finding.places.iter().filter(|place| place.repository == Some(repository));
    let files: BTreeSet<Text> = places.filter(is_tracked).filter_map(file).cloned().collect();
    files.into_iter().collect()
}

/// The file that a place is in or packed in.
fn file(place: &Place) -> Option<&Text> {
    place.holder.as_ref().or_else(|| path(place))
}

fn named(texts: &[Text]) -> String {
    let shown: Vec<String> = texts.iter().take(NAMED).map(plain::text).collect();
    let more = texts.len() - shown.len();
    let more = (more > 0).then(|| format!(" and {}", count(more as u64, "other", "others")));
    shown.join(", ") + &more.unwrap_or_default()
}

/// A command about `paths`, each of them named.
fn about(before: &[&str], paths: &[Text]) -> Option<String> {
    let words = command::words(paths)?;
    command::line(&[before, &["--"], &words].concat())
}

/// Stages the files as they are after the key was taken out.
fn restage(files: &[Text]) -> Option<Advice> {
    let command = about(&["git", "add"], files);
    let text = "Stage what is left of it.";
    let leaves = "What was staged before is stored until git deletes it.";
    (!files.is_empty()).then(|| Advice::new(text).commands(command.into_iter().collect()).leaves(leaves))
}

fn prune() -> Advice {
    let commands = vec!["git prune --expire=now".to_owned()];
    Advice::new("Delete what was staged before, which git keeps for two weeks.").commands(commands).leaves(PRUNED)
}

/// Forgets where refs have been, as far as that is no part of them any more, and deletes what only these logs kept.
fn forget(logs: &[Text]) -> Advice {
    let mut commands = Vec::new();
    if let Some(words) = command::words(logs).filter(|words| !words.is_empty()) {
        commands
            .extend(command::line(&[&["git", "reflog", "expire", "--expire-unreachable=now"][..], &words].concat()));
    }
    commands.push("git gc --quiet --prune=now".to_owned());
    let leaves = "What was amended, rebased or reset there, and whatever else nothing leads to, is deleted with it and cannot be had \
                  back.";
    Advice::new("Delete what git keeps of it for when you want it back.").commands(commands).leaves(leaves)
}

fn of_kind(history: &History, kind: RefKind) -> Vec<Text> {
    history.refs.iter().filter(|reach| reach.kind == kind).map(|reach| reach.name.clone()).collect()
}

/// Drops what was put aside with it.
fn drop_aside(history: &History, files: &[Text]) -> Vec<Advice> {
    let mut steps = Vec::new();
    if history.in_index {
        steps.extend(restage(files));
    }
    let mut stashes = of_kind(history, RefKind::Stash);
    // Each that is dropped moves those after it up: the last comes first.
    stashes.sort_by_key(|name| std::cmp::Reverse((name.as_bytes().len(), name.clone())));
    if !stashes.is_empty() {
        let drop = |name: &&str| command::line(&["git", "stash", "drop", "--quiet", name]);
        let commands = command::words(&stashes).unwrap_or_default().iter().filter_map(drop).collect();
        let leaves = "What else was put aside with it is gone too: `git stash show -p` shows it before.";
        steps.push(Advice::new("Drop what was put aside with it.").commands(commands).leaves(leaves));
    }
    steps.push(forget(&of_kind(history, RefKind::Reflog)));
    steps
}

/// Takes it out of commits that nobody else has.
fn unmake(history: &History, files: &[Text], opaque: &[Text]) -> Vec<Advice> {
    let branches = of_kind(history, RefKind::Branch);
    let simple = |line: &&Line| {
        let own = line.branch.as_ref();
        let others = history.refs.iter().any(|reach| reach.kind != RefKind::Reflog && Some(&reach.name) != own);
        !others && branches.len() == 1 && history.introduced.first().is_some_and(|event| event.path.is_some())
    };
    let Some(line) = history.line.as_ref().filter(simple) else { return rewrite_alone(history, opaque) };
    let mut logs: BTreeSet<Text> = of_kind(history, RefKind::Reflog).into_iter().collect();
    // What is made anew leaves its old self in these.
    logs.extend(line.branch.clone().into_iter().chain([Text::from("HEAD")]));
    let forget = forget(&logs.into_iter().collect::<Vec<_>>());
    let Some(step) = made_anew(history, line, files) else { return rewrite_alone(history, opaque) };
    vec![step, forget]
}

/// The commits of `line` without it: by amending the last, by mending the first, or as one.
fn made_anew(history: &History, line: &Line, files: &[Text]) -> Option<Advice> {
    let first = line.first.to_string();
    let add = about(&["git", "add"], files);
    if history.in_head && line.commits == 1 {
        let commands = vec![add?, "git commit --quiet --amend --no-edit".to_owned()];
        return Some(Advice::new("Once it is out of the file, amend the commit.").commands(commands).leaves(ALONE));
    }
    let brought = history.introduced.first().and_then(|event| event.path.as_ref());
    if history.in_head && files.len() == 1 && files.first() == brought {
        let base = line.base.map_or_else(|| "--root".to_owned(), |base| base.to_string());
        let fixup = command::line(&["git", "commit", "--quiet", "--fixup", &first])?;
        let words = [
            "git",
            "-c",
            "sequence.editor=:",
            "rebase",
            "--quiet",
            "--autostash",
            "--interactive",
            "--autosquash",
            &base,
        ];
        let commands = vec![add?, fixup, command::line(&words)?];
        let text = format!(
            "Once it is out of the file, mend the commit that brought it, {} before the last.",
            line.commits - 1
        );
        let leaves = "If later commits changed the same lines, the rebase stops and asks: take it out of each version it shows. \
                      Commits that others have of this branch part from yours.";
        return Some(Advice::new(text).commands(commands).leaves(leaves));
    }
    let head = line.head.to_string();
    let mut commands = match line.base {
        Some(base) => vec![command::line(&["git", "reset", "--quiet", "--soft", &base.to_string()])?],
        None => vec!["git update-ref -d HEAD".to_owned()],
    };
    if !files.is_empty() {
        commands.push(add?);
    }
    commands.push(command::line(&["git", "commit", "--quiet", "--reuse-message", &head])?);
    let text = format!("Make one commit of the {} since it came in, without it.", line.commits);
    let leaves = "Their messages are lost but for the last one's; `git log` shows them before.";
    Some(Advice::new(text).commands(commands).leaves(leaves))
}

const ALONE: &str = "The commit that it replaces is kept for a while: the next step deletes that.";

/// Rewrites all that has it, of which nobody else has anything.
fn rewrite_alone(history: &History, opaque: &[Text]) -> Vec<Advice> {
    let step = Advice::new("Take it out of every commit that has it, with git-filter-repo.").commands(filter(opaque));
    let mut steps = vec![
        step.leaves("Every commit since becomes another one, remotes are forgotten, and so is what was put aside."),
    ];
    if history.only_logged || history.unreachable {
        steps.push(forget(&of_kind(history, RefKind::Reflog)));
    }
    steps
}

/// The files that git-filter-repo takes for binary or does not look into: it takes them out of the history as a whole.
fn opaque(finding: &Finding, repository: usize) -> Vec<Text> {
    let wide = |encoding: &Encoding| {
        matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be | Encoding::Utf32Le | Encoding::Utf32Be)
    };
    let is_opaque =
        |place: &&Place| place.repository == Some(repository) && (place.holder.is_some() || place.via.iter().any(wide));
    let paths: BTreeSet<Text> = finding.places.iter().filter(is_opaque).filter_map(file).cloned().collect();
    paths.into_iter().collect()
}

/// What removes it; `opaque` files go as a whole.
fn filter(opaque: &[Text]) -> Vec<String> {
    let words = ["git", "filter-repo", "--force", "--replace-text", REPLACEMENTS, "--replace-message", REPLACEMENTS];
    let write = ["keylint", "scan", "--quiet", "--exit-zero", "--write-replacements", REPLACEMENTS, "."];
    let whole = command::words(opaque).filter(|paths| !paths.is_empty()).and_then(|paths| {
        let paths = paths.into_iter().flat_map(|path| ["--path", path]);
        let words: Vec<&str> = ["git", "filter-repo", "--force", "--invert-paths"].into_iter().chain(paths).collect();
        command::line(&words)
    });
    [command::line(&write), command::line(&words), whole].into_iter().flatten().collect()
}

/// Takes it out of what others have, as far as that goes.
fn rewrite(history: &History, opaque: &[Text]) -> Vec<Advice> {
    let mut steps = Vec::new();
    if history.is_reachable() {
        let text = "If that is worth it: take it out of the history, in a fresh clone with all branches and tags.";
        steps.push(Advice::new(text).commands(filter(opaque)).leaves(
            "Every commit since becomes another one: whoever has a clone has to make a new one, and brings it back otherwise. \
             Files with NUL bytes are left as they are, unless they are named to go as a whole.",
        ));
        steps.push(push(history));
    }
    if history.only_logged || history.unreachable || !of_kind(history, RefKind::Stash).is_empty() {
        steps.extend(drop_aside(history, &[]));
    }
    steps
}

/// What is to be pushed after a rewrite, and what no push reaches.
fn push(history: &History) -> Advice {
    let branches = of_kind(history, RefKind::Branch).into_iter().map(|name| exposure::short(&name));
    // A branch of a remote is named after that, and pushed by its own name.
    let remote = of_kind(history, RefKind::RemoteBranch).into_iter().map(|name| exposure::short(&name));
    let remote = remote.map(|name| name.split_once('/').map_or(name.clone(), |(_, branch)| branch.to_owned()));
    let tags = of_kind(history, RefKind::Tag).into_iter().map(|name| exposure::short(&name));
    let refs: BTreeSet<String> = branches.chain(remote).chain(tags).collect();
    let refs: Vec<Text> = refs.iter().map(|name| Text::from(name.as_str())).collect();
    let requests = of_kind(history, RefKind::PullRequest);
    let requests = if requests.is_empty() { String::new() } else { format!(" ({})", named(&requests)) };
    let text = if refs.is_empty() {
        "Push the result by force.".to_owned()
    } else {
        format!("Push by force what leads to it: {}.", named(&refs))
    };
    let leaves = format!(
        "Pull requests{requests}, forks, clones, the host's caches, and what was built or published from it are not reached: ask the \
         host's support to remove what is cached. The key counts as known for ever."
    );
    Advice::new(text).leaves(leaves)
}
