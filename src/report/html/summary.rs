//! The top of the page: how much was found, whether all was read, and a line for each key. Must not know the rest of the
//! page.

use super::{
    card,
    element::{Element, table, tag},
    events, exposure,
};
use crate::{
    model::{Finding, Text, Tool},
    report::{
        Input, coverage, date,
        found::{self, Found},
        plain,
        quantity::{count, listed},
        silence, verdict, whereabouts,
    },
};

/// Rows of the table of keys.
const ROWS: usize = 500;
/// Repositories that are named.
const NAMED: usize = 5;

pub(super) fn header(input: &Input<'_>) -> Element {
    let report = input.report;
    let title = tag("h1").text(&Found::of(report).words());
    let apart: Vec<String> = silence::each(report).into_iter().chain(found::filtered(report)).collect();
    let apart = (!apart.is_empty()).then(|| tag("p").text(&format!("Apart from that: {}.", listed(&apart))));
    let made = format!("Made by {} {}", Tool::THIS.name, Tool::THIS.version);
    let day = input.options.now.map(|now| format!(" on {} (UTC)", date::day(now, 0))).unwrap_or_default();
    let facts = tag("p").class("faint").text(&format!("{}. {made}{day}.", coverage::words(report.coverage, None)));
    tag("header").class("top").child(brand(input)).child(complete(input)).child(title).children(apart).child(facts)
}

fn brand(input: &Input<'_>) -> Element {
    let repositories = &input.report.repositories;
    let mut names: Vec<String> = repositories.iter().take(NAMED).map(|it| plain::text(&it.name)).collect();
    // `.` says nothing to who was not there, and the whole path more than they should know.
    if names == ["."] {
        let name = |here: &Text| here.as_bytes().rsplit(|&byte| byte == b'/').next().map(plain::line);
        names = input.report.here.iter().filter_map(name).collect();
    }
    let left = repositories.len().saturating_sub(NAMED) as u64;
    names.extend((left > 0).then(|| count(left, "more", "more")));
    let of = if names.is_empty() { String::new() } else { format!(" · {}", listed(&names)) };
    tag("p").class("brand").child(tag("strong").text("keylint report")).text(&of)
}

/// Whether all was read. It comes first, for "no keys" means nothing without it.
fn complete(input: &Input<'_>) -> Element {
    let report = input.report;
    if report.is_complete() {
        let class = if report.findings.is_empty() { "verdict good" } else { "verdict" };
        return tag("p").class(class).child(tag("strong").text("Complete")).text(": all that was asked for was read.");
    }
    let things = count(report.problems.len() as u64, "thing", "things");
    let words = tag("p").class("verdict incomplete").child(tag("strong").text("Incomplete"));
    let what = tag("a").with("href", "#gaps").text("what could not be read");
    words.text(&format!(": {things} could not be read, so there may be more than this. See ")).child(what).text(".")
}

/// A line for each key, with a link to it for the first `told`.
pub(super) fn keys(input: &Input<'_>, keys: &[&Finding], told: usize) -> Option<Element> {
    if keys.is_empty() {
        return None;
    }
    let is_asked = keys.iter().any(|key| input.verdict(key).is_some());
    let has_history = keys.iter().any(|key| !key.histories.is_empty());
    // A column in which nothing is known of any key is none.
    let is_shown = |name: &str| match name {
        "Works" => is_asked,
        "Exposed" | "Pushed" => has_history,
        _ => true,
    };
    let headings = ["Severity", "Key", "Works", "Exposed", "Pushed", "Where"].into_iter().filter(|name| is_shown(name));
    let rows = keys.iter().take(ROWS).enumerate().map(|(at, key)| {
        let row = row(input, key, (at < told).then_some(at + 1));
        row.into_iter().filter_map(|(name, cell)| is_shown(name).then_some(cell)).collect()
    });
    let table = table("keys", &headings.collect::<Vec<_>>(), rows);
    Some(tag("div").child(table).children(events::more(keys.len(), ROWS, "key", "keys")))
}

fn row(input: &Input<'_>, key: &Finding, number: Option<usize>) -> [(&'static str, Element); 6] {
    let name = match number {
        Some(number) => tag("a").with("href", &format!("#key-{number}")),
        None => tag("span"),
    };
    let name = name.text(input.rule_name(key)).text(" ").code(&input.key(key));
    let works = input.verdict(key).map(verdict::words).unwrap_or_default();
    let works = works.split(':').next().unwrap_or_default().to_owned();
    let mut exposed: Vec<String> = Vec::new();
    let mut pushed: Vec<String> = Vec::new();
    for history in &key.histories {
        let (window, word) =
            (exposure::window_in_short(history, input.options.now), exposure::pushed(&history.pushed).0);
        // Those of several repositories mostly say the same.
        if !exposed.contains(&window) {
            exposed.push(window);
        }
        if !pushed.iter().any(|known| known == word) {
            pushed.push(word.to_owned());
        }
    }
    let joined =
        |words: Vec<String>| if words.is_empty() { "not known".to_owned() } else { exposure::names(words.into_iter()) };
    let more = key.places.len().saturating_sub(1) as u64;
    let more = if more > 0 { format!(" and {}", count(more, "more place", "more places")) } else { String::new() };
    [
        ("Severity", tag("td").child(card::severity(key))),
        ("Key", tag("td").child(name)),
        ("Works", tag("td").text(&works)),
        ("Exposed", tag("td").text(&joined(exposed))),
        ("Pushed", tag("td").text(&joined(pushed))),
        ("Where", tag("td").code(&whereabouts::shown(input.report, &key.places)).text(&more)),
    ]
}
