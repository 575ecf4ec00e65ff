//! A key's story in a repository in words that fit in a line: since when, whether it was pushed, where it is now. Must not
//! know formats; a page has room for more of them (`html/exposure.rs`).

use super::{date, dossier::days, plain, quantity::count};
use crate::model::{History, Interval, Pushed, RefKind, Text};

/// How many stretches of time or names are listed before they are only counted.
const LISTED: usize = 3;

/// When refs led to a text with it: `2024-05-01 to 2024-05-20 (19 days), and since 2024-05-29`. With the time `now`, also
/// how long that is by then.
pub(super) fn seen(history: &History, now: Option<i64>) -> Option<String> {
    let one = |interval: &Interval| stretch(interval, now);
    let all = history.intervals.as_slice();
    let words = match all {
        [] => return None,
        [one_only] => one(one_only),
        [first, .., last] if all.len() > LISTED => {
            let between = count(all.len() as u64 - 2, "more time", "more times");
            format!("{}, {between}, and {}", one(first), one(last))
        }
        [first @ .., last] => format!("{}, and {}", first.iter().map(one).collect::<Vec<_>>().join(", "), one(last)),
    };
    let least = if history.whole { "" } else { ", or longer: older history is not here" };
    Some(format!("{words}{least}"))
}

/// One stretch: `since 2024-05-29`, `2024-05-01 to 2024-05-20 (19 days)`, `on 2024-05-01`.
pub(super) fn stretch(interval: &Interval, now: Option<i64>) -> String {
    let from = date::day(interval.from, 0);
    let long = |until| count(days(interval.from, until).max(0) as u64, "day", "days");
    match interval.until {
        None => now.map_or_else(|| format!("since {from}"), |now| format!("since {from} ({} so far)", long(now))),
        Some(until) if date::day(until, 0) == from => format!("on {from}"),
        Some(until) => format!("{from} to {} ({})", date::day(until, 0), long(until)),
    }
}

/// Whether others can have it.
pub(super) fn pushed(history: &History) -> String {
    let several = history.pushed.refs().len() > 1;
    let (has, was, leads) = if several { ("have", "were", "lead") } else { ("has", "was", "leads") };
    match &history.pushed {
        Pushed::Yes(refs) => format!("pushed: {} {has} it", listed(refs, LISTED)),
        Pushed::Once(refs) => format!("was pushed: {} had it, and {was} rewritten since", listed(refs, LISTED)),
        Pushed::Served => "in a repository that others fetch from".to_owned(),
        Pushed::Perhaps(refs) => {
            format!("perhaps pushed: {} {leads} to it, and may be elsewhere too", listed(refs, LISTED))
        }
        Pushed::No if history.is_committed() => "not pushed, as far as this repository knows".to_owned(),
        Pushed::No => "in no commit".to_owned(),
        Pushed::Unknown => "nothing here tells whether it was pushed".to_owned(),
    }
}

/// Names of refs as people say them, the first few of them.
pub(super) fn listed(refs: &[Text], most: usize) -> String {
    let names: Vec<String> = refs.iter().take(most).map(short).collect();
    let more = refs.len() - names.len();
    names.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// A ref as people call it: `origin/main`.
pub(super) fn short(name: &Text) -> String {
    let name = plain::text(name);
    let prefixes = ["refs/heads/", "refs/remotes/", "refs/tags/"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name).to_owned()
}

/// Where it is now, each with what of that: `branches`, `main, dev (in its past)`.
pub(super) fn whereabouts(history: &History, most: usize) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let kinds = [
        (RefKind::Branch, "branches"),
        (RefKind::RemoteBranch, "remote branches"),
        (RefKind::Tag, "tags"),
        (RefKind::PullRequest, "pull requests"),
        (RefKind::Stash, "put aside"),
        (RefKind::Note, "notes"),
        (RefKind::Head, "HEAD"),
        (RefKind::Worktree, "other work trees"),
        (RefKind::Other, "other refs"),
        (RefKind::Reflog, "reflogs alone"),
    ];
    for (kind, words) in kinds {
        let refs: Vec<_> = history.refs.iter().filter(|reach| reach.kind == kind).collect();
        let name = |reach: &&crate::model::Reach| {
            let past = if reach.at_tip || kind == RefKind::Reflog { "" } else { " (in its past)" };
            short(&reach.name) + past
        };
        if !refs.is_empty() {
            let more = refs.len().saturating_sub(most);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            all.push((words, refs.iter().take(most).map(name).collect::<Vec<_>>().join(", ") + &more));
        }
    }
    if history.unreachable {
        all.push(("stored", "and reached from nothing: git deletes it some day".to_owned()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn history() -> History {
        (*sample::with_histories().findings[0].histories[0]).clone()
    }

    #[test]
    fn stretches_of_time_are_told_in_order() {
        let mut history = history();
        assert_eq!(
            seen(&history, None).as_deref(),
            Some("2024-05-01 to 2024-05-18 (16 days), and since 2024-05-29, or longer: older history is not here")
        );
        history.whole = true;
        history.intervals.remove(0);
        assert_eq!(seen(&history, Some(1_717_864_000)).as_deref(), Some("since 2024-05-29 (10 days so far)"));
        history.intervals = (0..6).map(|n| Interval { from: n * 1_000_000, until: Some(n * 1_000_000 + 5) }).collect();
        assert_eq!(seen(&history, None).as_deref(), Some("on 1970-01-01, 4 more times, and on 1970-02-27"));
        history.intervals.clear();
        assert_eq!(seen(&history, None), None);
    }

    #[test]
    fn whether_it_was_pushed_is_said_with_how_sure_that_is() {
        let mut history = history();
        assert_eq!(pushed(&history), "pushed: origin/main has it");
        history.pushed = Pushed::Yes(["o/a", "o/b", "o/c", "o/d"].map(Text::from).to_vec());
        assert_eq!(pushed(&history), "pushed: o/a, o/b, o/c and 1 more have it");
        history.pushed = Pushed::Once(vec![Text::from("refs/remotes/origin/main")]);
        assert_eq!(pushed(&history), "was pushed: origin/main had it, and was rewritten since");
        history.pushed = Pushed::No;
        assert_eq!(pushed(&history), "not pushed, as far as this repository knows");
        history.commits = 0;
        assert_eq!(pushed(&history), "in no commit");
        history.pushed = Pushed::Unknown;
        assert_eq!(pushed(&history), "nothing here tells whether it was pushed");
    }

    #[test]
    fn where_it_is_is_told_by_kind() {
        let told = whereabouts(&history(), 1);
        let expected = [
            ("branches", "main"),
            ("remote branches", "origin/main (in its past)"),
            ("tags", "v1.0"),
            ("reflogs alone", "HEAD"),
        ];
        assert_eq!(told, expected.map(|(kind, names)| (kind, names.to_owned())));
    }
}
