//! One place of a finding. Must not know the other places.

use super::{Page, cut, date, plain, quantity::count, snippet};
use crate::model::{CommitInfo, Place, Severity, Site, Text};
use crate::report::whereabouts::{self, heading};
use std::io::{self, Write};

/// Names and subjects are somebody else's text, and of any length.
const LONGEST: usize = 72;

/// The place on one line.
pub(super) fn line(page: &Page<'_>, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    let since = place.introduced.as_ref().map(|info| since(place, info));
    let facts: String = facts(page, place).into_iter().chain(since).map(|fact| format!(" · {fact}")).collect();
    writeln!(out, "  {}{}", page.paint.strong(&heading(page.input.report, place)), page.paint.faint(&facts))
}

/// The place with its source line, and more of its story.
pub(super) fn block(page: &Page<'_>, severity: Severity, place: &Place, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {}", page.paint.strong(&heading(page.input.report, place)))?;
    if !place.snippet.text.is_empty() && !is_its_own_line(&place.site) {
        for line in snippet::lines(&place.snippet, line_number(place), severity, page.paint) {
            writeln!(out, "    {line}")?;
        }
    }
    let facts = facts(page, place);
    if !facts.is_empty() {
        writeln!(out, "    {}", page.paint.faint(&facts.join(" · ")))?;
    }
    if let Some(info) = &place.introduced {
        let subject = cut(plain::text(&info.subject), LONGEST);
        writeln!(out, "    {}", page.paint.faint(&format!("{}: {subject}", since(place, info))))?;
    }
    Ok(())
}

/// Whether the heading shows all that the snippet would.
const fn is_its_own_line(site: &Site) -> bool {
    matches!(site, Site::FileName { .. } | Site::RefName { .. })
}

/// The number of the snippet's line, where the text has lines that anybody counts.
fn line_number(place: &Place) -> Option<u64> {
    (!matches!(place.site, Site::LooseTree { .. })).then_some(place.position.line)
}

fn facts(page: &Page<'_>, place: &Place) -> Vec<String> {
    let repositories = &page.input.report.repositories;
    let several = repositories.len() > 1;
    let repository = place.repository.and_then(|index| repositories.get(index)).filter(|_| several);
    let versions = place.versions.len() as u64;
    let known = [
        repository.map(|repository| format!("repository {}", plain::text(&repository.name))),
        (versions > 1).then(|| count(versions, "stored version", "stored versions")),
    ];
    whereabouts::facts(place).chain(known.into_iter().flatten()).collect()
}

/// Which commit brought it, when and whose. A commit's own text needs not be told which.
fn since(place: &Place, info: &CommitInfo) -> String {
    let own = matches!(&place.site, Site::Commit { id, .. } if *id == info.id);
    let commit = if own { String::new() } else { format!("since {}, ", info.id.short()) };
    let who = person(&info.author, &info.email);
    format!("{commit}{}, {who}", date::day(info.time, info.offset_minutes))
}

/// `Ann Lee <ann@example.com>`, or what there is of it.
pub(super) fn person(name: &Text, email: &Text) -> String {
    let [name, email] = [name, email].map(|text| cut(plain::text(text), LONGEST));
    let gap = if name.is_empty() { "" } else { " " };
    if email.is_empty() { name } else { format!("{name}{gap}<{email}>") }
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Place, Repository, Site, Text},
        report::{Format, Options, Verbosity, sample},
    };

    /// The first place of the sample after `change`: with its line, and on one line.
    fn shown(change: impl Fn(&mut Place)) -> [String; 2] {
        let mut report = sample::report();
        report.findings.truncate(1);
        report.findings[0].places.truncate(1);
        change(&mut report.findings[0].places[0]);
        let of = |verbosity| {
            let options = Options { verbosity, ..Options::default() };
            sample::written(Format::Human, &report, &options)
        };
        let long = of(Verbosity::Normal).split("\n\n").nth(1).expect("a place").to_owned();
        let short = of(Verbosity::Quiet).lines().nth(2).expect("a place").to_owned();
        [long, short]
    }

    fn heading(site: &Site) -> String {
        let [long, short] = shown(|place| place.site = site.clone());
        let heading = long.lines().next().expect("a line").trim().to_owned();
        assert!(short.trim_start().starts_with(&heading), "{short}");
        heading
    }

    #[test]
    fn every_site_has_its_heading() {
        let (id, path) = (sample::id(0x1a), Text::from("a/b.txt"));
        let cases = [
            (Site::File { path: path.clone() }, "a/b.txt:12:8"),
            (Site::FileName { path: path.clone() }, "the name of a/b.txt"),
            (Site::GitFile { path }, "a/b.txt:12:8 in the git directory"),
            (Site::LooseBlob { id }, "blob 1a1a1a1, which no commit refers to, line 12, column 8"),
            (Site::LooseTree { id }, "a file name in tree 1a1a1a1, which no commit refers to"),
            (Site::Commit { id, part: Text::from("author") }, "author of commit 1a1a1a1, line 12, column 8"),
            (Site::Tag { id }, "tag object 1a1a1a1, line 12, column 8"),
            (Site::RefName { name: Text::from("refs/heads/x") }, "the name of ref refs/heads/x"),
            (Site::Stdin, "stdin:12:8"),
        ];
        for (site, expected) in cases {
            assert_eq!(heading(&site), expected);
        }
    }

    #[test]
    fn a_name_is_not_shown_twice_and_a_tree_has_no_lines() {
        let [name, _] = shown(|place| place.site = Site::FileName { path: Text::from("a") });
        assert!(!name.contains('|'), "{name}");
        let [tree, _] = shown(|place| place.site = Site::LooseTree { id: sample::id(1) });
        assert!(tree.contains("\n     | KEY = "), "{tree}");
    }

    #[test]
    fn it_says_where_the_key_still_stands() {
        let of = |in_worktree, in_head| {
            let [text, _] = shown(|place| (place.in_worktree, place.in_head) = (in_worktree, in_head));
            text
        };
        assert!(of(Some(true), Some(true)).contains("\n    in the work tree and in HEAD\n"));
        assert!(of(Some(true), Some(false)).contains("\n    in the work tree, not in HEAD\n"));
        assert!(of(Some(true), None).contains("\n    in the work tree\n"));
        for worktree in [Some(false), None] {
            assert!(of(worktree, Some(true)).contains("\n    in HEAD\n"));
            assert!(of(worktree, Some(false)).contains("\n    only in history\n"));
            assert!(!of(worktree, None).contains("\n    in"), "nothing is known");
        }
    }

    #[test]
    fn what_is_only_staged_is_not_called_history() {
        let [text, line] = shown(|place| {
            (place.in_worktree, place.in_head, place.introduced) = (None, Some(false), None);
            place.versions[0].commit = None;
        });
        assert!(text.ends_with("    in no commit") && line == "  src/config.py:12:8 · in no commit", "{line}");
    }

    #[test]
    fn a_file_outside_of_a_repository_just_stands_there() {
        let [text, _] = shown(|place| {
            (place.repository, place.introduced) = (None, None);
            place.versions.clear();
        });
        assert_eq!(text.lines().count(), 3, "{text}");
    }

    #[test]
    fn on_one_line_it_has_no_subject() {
        let [_, line] = shown(|_| ());
        let expected = "  src/config.py:12:8 · in the work tree and in HEAD \
                        · since 0101010, 2024-05-02, Ann Lee <ann@example.com>";
        assert_eq!(line, expected);
    }

    #[test]
    fn versions_are_counted_when_there_are_several() {
        let [text, _] = shown(|place| place.versions = vec![place.versions[0].clone(); 3]);
        assert!(text.contains("\n    in the work tree and in HEAD · 3 stored versions\n"), "{text}");
    }

    #[test]
    fn the_repository_is_named_when_there_are_several() {
        let mut report = sample::report();
        let of = |report: &_| sample::written(Format::Human, report, &Options::default());
        assert!(!of(&report).contains("repository ."));
        let other = Text::from("../other");
        report.repositories.push(Repository { name: other.clone(), folder: other });
        report.findings[1].places[0].repository = Some(1);
        let text = of(&report);
        assert!(text.contains("in HEAD · repository .\n") && text.contains("    repository ../other\n"), "{text}");
    }

    #[test]
    fn a_long_subject_is_cut() {
        let subject = Text::from("x".repeat(9000).as_str());
        let [text, _] = shown(|place| place.introduced.as_mut().expect("a commit").subject = subject.clone());
        assert!(text.ends_with("xx…") && text.len() < 300, "{text}");
    }

    #[test]
    fn an_author_without_a_name_is_an_address() {
        let [text, _] = shown(|place| place.introduced.as_mut().expect("a commit").author = Text::default());
        assert!(text.contains(", 2024-05-02, <ann@example.com>: "), "{text}");
    }
}
