//! A report as one page of HTML that needs nothing but itself: no scripts, no fonts, no pictures from anywhere, and a
//! policy that would keep a browser from fetching any. Must not know who opens it, or where.
//!
//! Lists end at some length, and say so: a page is for reading, and one that no browser opens is none.

mod axis;
mod card;
mod element;
mod events;
mod exposure;
mod lints;
mod places;
mod scanned;
mod silenced;
mod steps;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;

use super::{Input, found::Found, story::Story};
use crate::model::{Finding, Tool};
use element::{Element, tag};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// How all of it looks.
const STYLE: &str = include_str!("style.css");
/// Keys that are told in full, and bytes after which no more are.
const KEYS: usize = 100;
const BYTES: usize = 4 << 20;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = tag("html").with("lang", "en").child(head(input)).child(body(input));
    out.write_all(b"<!DOCTYPE html>\n")?;
    out.write_all(page.to_string().as_bytes())
}

fn head(input: &Input<'_>) -> Element {
    let title = format!("keylint: {}", Found::of(input.report).words());
    let meta = |name: &str, content: &str| tag("meta").with("name", name).with("content", content);
    let policy = tag("meta").with("http-equiv", "Content-Security-Policy").with("content", &policy());
    tag("head")
        .child(tag("meta").with("charset", "utf-8"))
        .child(policy)
        .child(meta("viewport", "width=device-width, initial-scale=1"))
        .child(meta("referrer", "no-referrer"))
        .child(meta("color-scheme", "light dark"))
        .child(meta("robots", "noindex, nofollow"))
        .child(meta("generator", &format!("{} {}", Tool::THIS.name, Tool::THIS.version)))
        .child(tag("title").text(&title))
        .child(tag("style").own(STYLE))
}

/// Nothing may be loaded or run, and no style but our own applies, whatever should come to stand in the page.
fn policy() -> String {
    let sum = data_encoding::BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; script-src 'none'; style-src 'sha256-{sum}'; img-src 'none'; base-uri 'none'; form-action 'none'"
    )
}

fn body(input: &Input<'_>) -> Element {
    let story = Story::of(input.report);
    let told: usize = story.keys.iter().map(|(_, practices)| practices.len()).sum();
    let footer = tag("footer").child(tag("p").text(
        "Dates of timelines are those at which commits were made, in UTC; clocks of others, and refs that are gone, are \
         not known. A key that was exposed is to be revoked, however short it was: taking it out does not end it.",
    ));
    let sections = [
        ("keys", "Keys", keys(input, &story)),
        ("lints", "How keys are handled", lints::section(input, &story.alone, told)),
        ("gaps", "What could not be read", scanned::gaps(input.report)),
        ("notices", "To be mended", scanned::notices(input.report)),
        ("silenced", "What does not count", silenced::section(input)),
        ("scanned", "What was scanned", Some(scanned::coverage(input))),
    ];
    let (mut main, mut contents) = (tag("main").with("id", "main"), tag("ul").class("inline"));
    for (id, name, section) in sections {
        let Some(section) = section else { continue };
        contents = contents.child(tag("li").child(tag("a").with("href", &format!("#{id}")).text(name)));
        main = main.child(section);
    }
    let contents = tag("nav").with("aria-label", "Contents").child(contents);
    let skip = tag("a").class("skip").with("href", "#main").text("Skip to what was found");
    tag("body").child(skip).child(summary::header(input)).child(contents).child(main).child(footer)
}

/// A table of all keys, then each by itself, as many as fit.
fn keys(input: &Input<'_>, story: &Story<'_>) -> Option<Element> {
    let mut cards = tag("div");
    let mut number = 0;
    let mut told = steps::Told::default();
    for (key, practices) in story.keys.iter().take(KEYS) {
        if cards.len() > BYTES {
            break;
        }
        number += 1;
        cards = cards.child(card::of(input, key, practices, (number, &mut told)));
    }
    let keys: Vec<&Finding> = story.keys.iter().map(|(key, _)| *key).collect();
    let table = summary::keys(input, &keys, number)?;
    let section = scanned::titled("keys", "Keys, the most urgent first").child(table).child(cards);
    Some(section.children(events::more(keys.len(), number, "key told in full", "keys told in full")))
}
