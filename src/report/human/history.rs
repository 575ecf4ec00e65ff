//! The story of a key for people: a line of it in the report, and all of it. Must not know how it was found out.

use super::{Page, cut, date, plain, quantity::count, verdict};
use crate::{
    model::{Event, Finding, History, Identity},
    report::{dossier, exposure, story},
};
use std::io::{self, Write};

/// Names and subjects are somebody else's text, and of any length.
const LONGEST: usize = 72;
/// How many names or events are listed.
const LISTED: usize = 20;

/// The story of a key in one line a repository: when, whose, whether it was pushed.
pub(super) fn lines(page: &Page<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    for history in &finding.histories {
        if !history.is_committed() && history.refs.is_empty() && !history.unreachable {
            continue;
        }
        let people = history.people.len() as u64;
        let several = (people > 1).then(|| format!("by {}", count(people, "person", "people")));
        let aside = history.refs.is_empty().then(|| "no ref leads to it".to_owned());
        let parts =
            [repository(page, history), exposure::seen(history, None), several, aside, Some(exposure::pushed(history))];
        writeln!(out, "  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))?;
    }
    Ok(())
}

/// Which repository it is in, if there are several.
fn repository(page: &Page<'_>, history: &History) -> Option<String> {
    let all = &page.input.report.repositories;
    let name = all.get(history.repository).filter(|_| all.len() > 1)?;
    Some(plain::text(&name.name))
}

/// All that is known of a key.
pub(super) fn all(page: &Page<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    page.headline(finding, out)?;
    if let Some(rule) = page.input.rule(finding) {
        writeln!(out, "\n{}", indented(&rule.about))?;
    }
    reach(page, finding, out)?;
    for history in &finding.histories {
        of_repository(page, history, out)?;
    }
    section(page, "Where it stands", out)?;
    for place in &finding.places {
        super::place::line(page, place, out)?;
    }
    let about = |practice: &&Finding| story::about(practice) == Some(finding.fingerprint);
    let practices: Vec<&Finding> = page.input.practices().filter(about).collect();
    if !practices.is_empty() {
        section(page, "How it is handled", out)?;
        for practice in practices {
            writeln!(out, "  {}", page.practice(finding, practice))?;
        }
    }
    let advice = page.input.advice(finding);
    if !advice.is_empty() {
        section(page, "What to do", out)?;
    }
    super::steps::advice(page, &advice, out)
}

fn indented(text: &str) -> String {
    text.split_whitespace()
        .fold((String::from(" "), 1), |(text, column), word| {
            let width = word.chars().count() + 1;
            if column + width > 110 {
                (format!("{text}\n  {word}"), width + 1)
            } else {
                (format!("{text} {word}"), column + width)
            }
        })
        .0
}

fn section(page: &Page<'_>, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", page.paint.strong(title))
}

fn reach(page: &Page<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    section(page, "How far it has got", out)?;
    let places = count(finding.places.len() as u64, "place", "places");
    let files = count(dossier::files(finding) as u64, "file", "files");
    let repositories = count(dossier::repositories(finding) as u64, "repository", "repositories");
    writeln!(out, "  {places}, {files}, {repositories}")?;
    let encodings = dossier::encodings(finding);
    if !encodings.is_empty() {
        let names: Vec<String> = encodings.iter().map(ToString::to_string).collect();
        writeln!(out, "  also written in {}", names.join(", "))?;
    }
    if let Some(known) = page.input.verdict(finding) {
        writeln!(out, "  {}", verdict::words(known))?;
    }
    Ok(())
}

fn of_repository(page: &Page<'_>, history: &History, out: &mut dyn Write) -> io::Result<()> {
    let title = repository(page, history).map_or_else(|| "History".to_owned(), |name| format!("History of {name}"));
    section(page, &title, out)?;
    writeln!(out, "  {}", exposure::pushed(history))?;
    if let Some(seen) = exposure::seen(history, page.input.options.now) {
        writeln!(out, "  in what refs led to: {seen}")?;
    }
    let mut events: Vec<(i64, &str, &Event)> = Vec::new();
    events.extend(history.introduced.iter().map(|event| (event.time, "brought by", event)));
    events.extend(history.removed.iter().map(|event| (event.time, "taken out by", event)));
    events.extend(history.last.iter().map(|event| (event.time, "last in", event)));
    events.sort_by_key(|(time, ..)| *time);
    for (_, what, event) in events.iter().take(LISTED) {
        writeln!(out, "  {}", event_line(what, event))?;
    }
    let left = events.len().saturating_sub(LISTED);
    if left > 0 {
        writeln!(out, "  … and {} (all of them: --format json)", count(left as u64, "more commit", "more commits"))?;
    }
    for person in history.people.iter().take(LISTED) {
        let carried = (person.carried > 0)
            .then(|| format!("carried it on in {}", count(person.carried as u64, "commit", "commits")));
        let brought = (person.introduced > 0)
            .then(|| format!("brought it in {}", count(person.introduced as u64, "commit", "commits")));
        let parts: Vec<String> = [brought, carried].into_iter().flatten().collect();
        writeln!(out, "  {} {}", who(&person.identity), parts.join(", "))?;
    }
    let now = [(history.in_index, "the index"), (history.in_head, "HEAD")];
    for (_, place) in now.iter().filter(|(is_there, _)| *is_there) {
        writeln!(out, "  in {place}")?;
    }
    for (kind, names) in exposure::whereabouts(history, LISTED) {
        writeln!(out, "  {kind}: {names}")?;
    }
    Ok(())
}

/// `2024-05-01 brought by 0101010 of Ann Lee <ann@example.com> in src/config.py: Add the config`
fn event_line(what: &str, event: &Event) -> String {
    let info = &event.commit;
    let author = Identity { name: info.author.clone(), email: info.email.clone() };
    let path = event.path.as_ref().map(|path| format!(" in {}", plain::text(path))).unwrap_or_default();
    let committer = if event.committer == author || event.committer.name.is_empty() {
        String::new()
    } else {
        format!(", committed by {}", who(&event.committer))
    };
    let subject = cut(plain::text(&info.subject), LONGEST);
    let day = date::day(event.time, event.offset_minutes);
    format!("{day} {what} {} of {}{committer}{path}: {subject}", info.id.short(), who(&author))
}

fn who(identity: &Identity) -> String {
    super::place::person(&identity.name, &identity.email)
}
