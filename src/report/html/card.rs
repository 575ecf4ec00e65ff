//! All that is told of one key. Must not know the others.

use super::{
    element::{Element, tag},
    events, exposure, places, steps, timeline,
};
use crate::{
    model::{Finding, History, Note, RefKind},
    report::{Input, date, plain, story, verdict},
};

/// Places that are shown with their line, and at all; lint findings; histories.
const LINES: usize = 5;
const PLACES: usize = 50;
const PRACTICES: usize = 20;
const HISTORIES: usize = 10;

/// A key with the ways of handling it that belong to it; its number, from 1, and what to do that was told before it.
pub(super) fn of(
    input: &Input<'_>,
    key: &Finding,
    practices: &[&Finding],
    (nth, told_before): (usize, &mut steps::Told),
) -> Element {
    let id = format!("key-{nth}");
    let title = tag("h3").with("id", &format!("{id}-name")).text(input.rule_name(key)).text(" ").code(&input.key(key));
    let head = tag("header").child(grade(input, key)).child(title).child(identity(key));
    let card = tag("article").class(&format!("key {}", key.severity)).with("id", &id);
    card.with("aria-labelledby", &format!("{id}-name"))
        .child(head)
        .child(facts(input, key))
        .children(told_before.tell(input, key, nth).map(|steps| part("What to do", steps)))
        .children(
            key.histories
                .iter()
                .take(HISTORIES)
                .enumerate()
                .map(|(at, history)| told(input, key, history, &format!("{id}-history-{}", at + 1))),
        )
        .children(events::more(key.histories.len(), HISTORIES, "repository", "repositories"))
        .child(part("Places", places::list(input.report, &key.places, LINES, PLACES)))
        .children(handled(input, key, practices))
}

/// How urgent it is, and whether it works.
pub(super) fn grade(input: &Input<'_>, finding: &Finding) -> Element {
    let state = input.verdict(finding).map(|verdict| {
        let words = verdict::words(verdict);
        let state = words.split(':').next().unwrap_or_default();
        tag("span").class(&format!("state {}", verdict.state)).text(state)
    });
    tag("p").class("grade").child(severity(finding)).children(state)
}

pub(super) fn severity(finding: &Finding) -> Element {
    tag("span").class(&format!("severity {}", finding.severity)).text(finding.severity.as_str())
}

fn identity(key: &Finding) -> Element {
    let line = tag("p").class("identity faint").text("rule ").code(&key.rule);
    let line = line.text(&format!(" · confidence {} · fingerprint ", key.confidence));
    line.child(tag("code").class("fingerprint").text(&key.fingerprint.to_string()))
}

/// A section of a card.
fn part(title: &str, content: Element) -> Element {
    tag("section").child(tag("h4").text(title)).child(content)
}

fn facts(input: &Input<'_>, key: &Finding) -> Element {
    let mut list = tag("dl").class("facts");
    let mut add = |name: &str, value: Element| {
        let row = tag("div").child(tag("dt").text(name)).child(value);
        list = std::mem::replace(&mut list, tag("dl")).child(row);
    };
    if let Some(known) = input.verdict(key) {
        let more = verdict::source(known)
            .into_iter()
            .chain(verdict::access(known).into_iter().map(|it| format!("opens {it}")));
        let more = more.map(|fact| tag("span").class("faint").text(&format!(" · {fact}")));
        add("Does it work?", tag("dd").child(tag("strong").text(&verdict::words(known))).children(more));
    }
    for history in key.histories.iter().take(HISTORIES) {
        let several = key.histories.len() > 1;
        let named =
            |name: &str| if several { format!("{name}, {}", repository(input, history)) } else { name.to_owned() };
        add(&named("Exposed"), window(history, input.options.now));
        let (word, why) = exposure::pushed(&history.pushed);
        add(&named("Pushed"), tag("dd").child(tag("strong").text(word)).text(": ").text(&why));
        add(&named("Where it is now"), now_in(key, history));
    }
    if key.histories.is_empty() {
        add("Exposed", tag("dd").text("not known: no history tells of it"));
    }
    if let Some(rule) = input.rule(key) {
        add("What it is", tag("dd").prose(rule.about.trim()));
    }
    for note in &key.notes {
        let (name, value) = self::note(note, input.options.now);
        add(name, tag("dd").text(&value));
    }
    list
}

/// Since when it has been there, and that this is the least where not all is known.
fn window(history: &History, now: Option<i64>) -> Element {
    let value = tag("dd").child(tag("strong").text(&exposure::window(history, now)));
    if history.whole {
        value
    } else {
        value.text(". At least: the history here is not whole, so it may have been there earlier.")
    }
}

fn now_in(key: &Finding, history: &History) -> Element {
    let mut facts = Vec::new();
    let own = [(in_worktree(key, history), "work tree"), (history.in_index, "staged"), (history.in_head, "HEAD")];
    facts.extend(own.iter().filter(|(is_there, _)| *is_there).map(|(_, name)| tag("li").text(name)));
    for (kind, now, past) in exposure::reached(&history.refs) {
        let (one, many) = exposure::kind(kind);
        // A reflog tells where a ref has been: there is no more to it than that it leads there.
        let past_only = if kind == RefKind::Reflog { "" } else { " (in the past of it)" };
        let past_only = if past.len() > 1 { past_only.replace("of it", "of them") } else { past_only.to_owned() };
        for (refs, more) in [(now, ""), (past, past_only.as_str())] {
            if refs.is_empty() {
                continue;
            }
            let name = if refs.len() == 1 { one } else { many };
            let names = exposure::names(refs.iter().map(|reach| exposure::short(&reach.name)));
            let names = if kind == RefKind::Head { String::new() } else { format!(" {names}") };
            facts.push(tag("li").text(&format!("{name}{names}{more}")));
        }
    }
    if history.only_logged {
        facts.push(tag("li").text("some of it in reflogs alone: amended, rebased or dropped"));
    }
    if history.unreachable {
        facts.push(tag("li").text("some of it stored though nothing leads to it"));
    }
    if facts.is_empty() {
        return tag("dd").text("nowhere that was looked at");
    }
    tag("dd").child(tag("ul").class("inline").children(facts))
}

/// Whether a file on disk, of the same repository, has it.
pub(super) fn in_worktree(key: &Finding, history: &History) -> bool {
    key.places.iter().any(|place| place.in_worktree == Some(true) && place.repository == Some(history.repository))
}

fn note(note: &Note, now: Option<i64>) -> (&'static str, String) {
    match note {
        Note::UnusualShape => ("Shape", "unusual: cut, edited or a new form".to_owned()),
        Note::Expires { at } if now.is_some_and(|now| *at <= now) => ("Expired", date::day(*at, 0)),
        Note::Expires { at } => ("Expires", date::day(*at, 0)),
        Note::Issuer { issuer } => ("Issued by", plain::line(issuer.as_bytes())),
    }
}

/// The story in one repository: the drawing, the same in words, and people.
fn told(input: &Input<'_>, key: &Finding, history: &History, id: &str) -> Element {
    let now = input.options.now;
    let title = if input.report.repositories.len() > 1 {
        format!("Timeline in {}", repository(input, history))
    } else {
        "Timeline".to_owned()
    };
    let drawing = timeline::draw(history, in_worktree(key, history), now, id);
    let figure = drawing.map(|drawing| tag("figure").child(drawing).child(timeline::legend()));
    let has_turns = !(history.introduced.is_empty() && history.removed.is_empty() && history.last.is_none());
    let content = tag("div")
        .children(figure)
        .children(events::stretches(history, now))
        .children(has_turns.then(|| events::turns(history)))
        .children(events::people(history));
    part(&title, content)
}

fn repository(input: &Input<'_>, history: &History) -> String {
    let repository = input.report.repositories.get(history.repository);
    repository.map_or_else(|| "another repository".to_owned(), |repository| plain::text(&repository.name))
}

/// How the key is handled where it stands.
fn handled(input: &Input<'_>, key: &Finding, practices: &[&Finding]) -> Option<Element> {
    let item = |practice: &&Finding| {
        let more = story::more(input, key, practice).map(|more| tag("span").text(" · ").code(&more));
        let fix = input.advice(practice).into_iter().next().map(|step| tag("div").class("faint").prose(&step.text));
        let item = tag("li").child(severity(practice)).text(" ").text(input.rule_name(practice)).text(" ");
        item.child(tag("span").class("faint").code(&practice.rule)).children(more).children(fix)
    };
    let list = || tag("ul").class("handled").children(practices.iter().take(PRACTICES).map(item));
    let more = || events::more(practices.len(), PRACTICES, "lint finding", "lint findings");
    (!practices.is_empty()).then(|| part("How it is handled", tag("div").child(list()).children(more())))
}
