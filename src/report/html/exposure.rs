//! What a history tells, in words: how long a key was there, whether others can have it, what leads to it. Must not know
//! how a page looks.

pub(super) use crate::report::exposure::short;
use crate::{
    model::{History, Interval, Pushed, Reach, RefKind, Text},
    report::{
        date, dossier,
        quantity::{count, listed},
    },
};

/// Refs that are named in a sentence.
const NAMED: usize = 4;

/// `from 2024-05-01, 571 days so far`: the whole of it, from the first time to the last.
pub(super) fn window(history: &History, now: Option<i64>) -> String {
    let Some(since) = history.since() else { return "in no commit".to_owned() };
    if history.intervals.is_empty() {
        return format!("committed {}; no branch, tag or other ref leads to it", date::day(since, 0));
    }
    let stretches = history.intervals.len() as u64;
    let stretches = (stretches > 1).then(|| format!(", in {}", count(stretches, "stretch", "stretches")));
    let until = if history.is_open() { None } else { history.until() };
    stretch(Interval { from: since, until }, now) + &stretches.unwrap_or_default()
}

/// The same in a few words, for tables: `571 days so far`.
pub(super) fn window_in_short(history: &History, now: Option<i64>) -> String {
    let Some(since) = history.since() else { return "in no commit".to_owned() };
    let least = if history.whole { "" } else { "at least " };
    match (history.is_open(), history.until(), now) {
        (true, _, Some(now)) => format!("{least}{} so far", days(since, now)),
        (true, _, None) => format!("since {}", date::day(since, 0)),
        (false, Some(until), _) => format!("{least}{}, ended", days(since, until)),
        (false, None, _) => "no ref leads to it".to_owned(),
    }
}

/// One stretch: `from 2024-05-01 to 2024-05-18, 16 days`.
pub(super) fn stretch(of: Interval, now: Option<i64>) -> String {
    let from = date::day(of.from, 0);
    match (of.until, now) {
        (Some(until), _) if date::day(until, 0) == from => format!("on {from}, for {}", days(of.from, until)),
        (Some(until), _) => format!("from {from} to {}, {}", date::day(until, 0), days(of.from, until)),
        (None, Some(now)) => format!("from {from}, {} so far", days(of.from, now)),
        (None, None) => format!("since {from}"),
    }
}

fn days(from: i64, until: i64) -> String {
    match dossier::days(from, until) {
        days if days < 1 => "less than a day".to_owned(),
        days => count(days.unsigned_abs(), "day", "days"),
    }
}

/// Whether others can have it, in a word or two, and how that is known, to be said after these.
pub(super) fn pushed(pushed: &Pushed) -> (&'static str, String) {
    let of = |refs: &[Text]| names(refs.iter().map(short));
    let (leads, have) = if pushed.refs().len() > 1 { ("lead", "these refs") } else { ("leads", "this ref") };
    match pushed {
        Pushed::Yes(refs) => ("yes", format!("{} {leads} to it.", of(refs))),
        Pushed::Once(refs) => {
            let said = format!("so says the log of {}; what {have} led to was rewritten since.", of(refs));
            ("it was", said + " Whoever fetched before still has it.")
        }
        Pushed::Served => ("yes", "others fetch from this very repository: it has no work tree.".to_owned()),
        Pushed::Perhaps(refs) => {
            ("perhaps", format!("only {} {leads} to it; whether others have {have} is not known here.", of(refs)))
        }
        Pushed::No => ("no", "no ref that says what other repositories have leads to it.".to_owned()),
        Pushed::Unknown => ("not known", "this repository has no ref that would tell.".to_owned()),
    }
}

/// What kind of name it is, for one and for several.
pub(super) const fn kind(kind: RefKind) -> (&'static str, &'static str) {
    match kind {
        RefKind::Branch => ("branch", "branches"),
        RefKind::RemoteBranch => ("remote branch", "remote branches"),
        RefKind::Tag => ("tag", "tags"),
        RefKind::PullRequest => ("pull request", "pull requests"),
        RefKind::Stash => ("stash", "stashes"),
        RefKind::Note => ("notes", "notes"),
        RefKind::Head => ("HEAD", "HEAD"),
        RefKind::Worktree => ("other work tree", "other work trees"),
        RefKind::Other => ("other ref", "other refs"),
        RefKind::Reflog => ("reflog", "reflogs"),
    }
}

/// What leads to it, kind by kind: those that have it in a file, and those that have it in their past alone.
pub(super) fn reached(refs: &[Reach]) -> Vec<(RefKind, Vec<&Reach>, Vec<&Reach>)> {
    let mut kinds: Vec<RefKind> = refs.iter().map(|reach| reach.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of = |kind: RefKind| {
        let (now, past) = refs.iter().filter(|reach| reach.kind == kind).partition(|reach| reach.at_tip);
        (kind, now, past)
    };
    kinds.into_iter().map(of).collect()
}

/// `a, b and 3 more`
pub(super) fn names(names: impl ExactSizeIterator<Item = String>) -> String {
    let left = names.len().saturating_sub(NAMED) as u64;
    let mut shown: Vec<String> = names.take(NAMED).collect();
    shown.extend((left > 0).then(|| count(left, "more", "more")));
    listed(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const NOW: Option<i64> = Some(1_764_000_000);

    fn sample(nth: usize) -> History {
        sample::with_histories().findings[nth].histories[0].as_ref().clone()
    }

    #[test]
    fn a_window_says_since_when_and_whether_it_is_over() {
        let open = sample(0);
        assert_eq!(window(&open, NOW), "from 2024-05-01, 571 days so far, in 2 stretches");
        assert_eq!(window(&open, None), "since 2024-05-01, in 2 stretches");
        let closed = sample(1);
        assert_eq!(window(&closed, NOW), "on 2023-11-14, for less than a day");
        let loose = History { intervals: Vec::new(), ..closed };
        assert_eq!(window(&loose, NOW), "committed 2023-11-14; no branch, tag or other ref leads to it");
        assert_eq!(window(&History { introduced: Vec::new(), ..loose }, NOW), "in no commit");
    }

    #[test]
    fn a_table_says_it_in_short() {
        let open = sample(0);
        assert_eq!(window_in_short(&open, NOW), "at least 571 days so far");
        assert_eq!(window_in_short(&open, None), "since 2024-05-01");
        assert_eq!(window_in_short(&sample(1), NOW), "less than a day, ended");
        assert_eq!(window_in_short(&History { intervals: Vec::new(), ..sample(1) }, NOW), "no ref leads to it");
    }

    #[test]
    fn clocks_at_the_ends_of_time_are_no_failure() {
        let interval = Interval { from: i64::MIN, until: None };
        assert!(stretch(interval, Some(i64::MAX)).starts_with("from @-9223372036854775808, 106,"));
        assert!(stretch(Interval { from: i64::MAX, until: Some(i64::MIN) }, None).ends_with("less than a day"));
    }

    #[test]
    fn it_says_how_sure_it_is_that_others_have_it() {
        let refs = |names: &[&str]| names.iter().map(|name| Text::from(*name)).collect::<Vec<_>>();
        let of = |it: Pushed| {
            let (word, why) = pushed(&it);
            format!("{word}: {why}")
        };
        assert_eq!(of(Pushed::Yes(refs(&["refs/remotes/origin/main"]))), "yes: origin/main leads to it.");
        let once = "it was: so says the log of o/a and o/b; what these refs led to was rewritten since. Whoever \
                    fetched before still has it.";
        assert_eq!(of(Pushed::Once(refs(&["refs/remotes/o/a", "refs/remotes/o/b"]))), once);
        let tags = "perhaps: only v1 leads to it; whether others have this ref is not known here.";
        assert_eq!(of(Pushed::Perhaps(refs(&["refs/tags/v1"]))), tags);
        assert!(of(Pushed::Served).starts_with("yes: ") && of(Pushed::No).starts_with("no: "));
        assert!(of(Pushed::Unknown).starts_with("not known: "));
        let many = refs(&["refs/heads/a"; 9]);
        assert_eq!(of(Pushed::Yes(many)), "yes: a, a, a, a and 5 more lead to it.");
    }

    #[test]
    fn refs_are_told_by_kind_and_by_whether_they_have_it_now() {
        let history = sample(0);
        let told: Vec<_> =
            reached(&history.refs).iter().map(|(kind, now, past)| (*kind, now.len(), past.len())).collect();
        let expected =
            [(RefKind::Branch, 1, 0), (RefKind::RemoteBranch, 0, 1), (RefKind::Tag, 1, 0), (RefKind::Reflog, 1, 0)];
        assert_eq!(told, expected);
        assert_eq!(short(&Text::from("refs/notes/x")), "refs/notes/x");
    }
}
