//! The story of a key in one repository as a drawing: a bar for each stretch in which something led to it, marks where it
//! was brought in and taken out, and what leads to it at the end. Must not know the words around it, which say the same.
//!
//! It is as wide as the window and its letters keep their size: across, everything is in percent.

use super::{
    axis::Axis,
    element::{Element, tag},
    exposure,
};
use crate::{
    model::{History, Pushed, Reach, RefKind, Text},
    report::quantity::count,
};

/// Marks nearer to each other than this, in percent, are drawn as one with their number.
const APART: f64 = 3.0;
/// Bars with less between them than this, in percent, are drawn as one.
const GAP: f64 = 0.3;
/// Names of what leads to it at the end.
const NAMES: usize = 6;
/// Characters of each.
const LONGEST: usize = 34;

/// Heights, from above, in pixels.
const MARKS_ABOVE: f64 = 12.0;
const BAR: f64 = 18.0;
const BAR_HEIGHT: f64 = 12.0;
const MARKS_BELOW: f64 = 36.0;
const AXIS: f64 = 48.0;
const DATES: f64 = 64.0;
const FIRST_NAME: f64 = 88.0;
const NAME_HEIGHT: f64 = 20.0;

/// What leads to the key at the end.
struct Name {
    text: String,
    /// Whether it has the key itself, and not in its past alone.
    has_it: bool,
}

/// The drawing, with `id` to tell its parts from those of others; `None` where nothing has a date.
pub(super) fn draw(history: &History, in_worktree: bool, now: Option<i64>, id: &str) -> Option<Element> {
    let axis = Axis::over(moments(history, now).into_iter())?;
    let names = names(history, in_worktree);
    let height = if names.is_empty() { DATES + 6.0 } else { FIRST_NAME + NAME_HEIGHT * names.len() as f64 - 8.0 };
    let [title, text] = ["title", "text"].map(|part| format!("{id}-{part}"));
    let svg = tag("svg")
        .class("timeline")
        .with("role", "img")
        .with("aria-labelledby", &format!("{title} {text}"))
        .with("width", "100%")
        .with("height", &height.to_string())
        .child(tag("title").with("id", &title).text("Timeline"))
        .child(tag("desc").with("id", &text).text(&said(history, now, &names)))
        .children(lines(&axis))
        .children(ends(&axis, now, height))
        .children(bars(history, &axis))
        .children(marks(history.introduced.iter().map(|event| event.time), &axis, "in"))
        .children(marks(history.removed.iter().map(|event| event.time), &axis, "out"))
        .children(names.iter().enumerate().flat_map(|(nth, name)| drawn(nth, name, &axis)));
    Some(svg)
}

/// What the marks mean.
pub(super) fn legend() -> Element {
    let entry = |class: &str, words: &str| {
        let mark = match class {
            "bar" => tag("rect").class("bar").with("y", "2").with("width", "14").with("height", "9"),
            "here" | "past" => circle(class, "7", "7"),
            mark => shape(mark),
        };
        let (x, y) = if matches!(class, "in" | "out") { ("7", "7") } else { ("0", "0") };
        let place = tag("svg").with("x", x).with("y", y).with("overflow", "visible").child(mark);
        let icon = tag("svg").class("icon").with("width", "14").with("height", "14").with("aria-hidden", "true");
        tag("span").child(icon.child(place)).text(words)
    };
    tag("figcaption").class("legend").children([
        entry("bar", "a branch, tag or other ref led to it"),
        entry("in", "brought in"),
        entry("out", "taken out"),
        entry("here", "has it now"),
        entry("past", "has it in its past"),
    ])
}

fn moments(history: &History, now: Option<i64>) -> Vec<i64> {
    let ends = history.intervals.iter().flat_map(|interval| [Some(interval.from), interval.until]);
    let events = history.introduced.iter().chain(&history.removed).chain(&history.last);
    let known: Vec<i64> = ends.flatten().chain(events.map(|event| event.time)).collect();
    // Alone, the time now says nothing.
    let now = now.filter(|_| !known.is_empty());
    known.into_iter().chain(now).collect()
}

/// All of it as a sentence.
fn said(history: &History, now: Option<i64>, names: &[Name]) -> String {
    let brought = count(history.introduced.len() as u64, "time", "times");
    let taken = count(history.removed.len() as u64, "time", "times");
    let now_in = exposure::names(names.iter().map(|name| name.text.clone()));
    let now_in = if names.is_empty() { "nothing".to_owned() } else { now_in };
    let window = exposure::window(history, now);
    format!("{window}. Brought in {brought}, taken out {taken}. What leads to it at the end: {now_in}.")
}

/// Where it is at the end, what has it itself first.
fn names(history: &History, in_worktree: bool) -> Vec<Name> {
    let own = [(in_worktree, "work tree"), (history.in_index, "staged"), (history.in_head, "HEAD")];
    let own = own.into_iter().filter(|(is_there, _)| *is_there);
    let mut all: Vec<Name> = own.map(|(_, text)| Name { text: text.to_owned(), has_it: true }).collect();
    let refs = history.refs.iter().filter(|reach| reach.kind != RefKind::Head);
    let once: &[Text] = if let Pushed::Once(refs) = &history.pushed { refs } else { &[] };
    let total = all.len() + refs.clone().count() + once.len();
    all.extend(refs.take(NAMES).map(|reach| leading(history, reach)));
    all.extend(
        once.iter()
            .take(NAMES)
            .map(|name| Name { text: format!("once in {}", shortened(&exposure::short(name))), has_it: false }),
    );
    if total > NAMES {
        all.truncate(NAMES - 1);
        all.push(Name { text: format!("and {}", count((total + 1 - NAMES) as u64, "more", "more")), has_it: false });
    }
    all
}

fn leading(history: &History, reach: &Reach) -> Name {
    let is_sent = matches!(&history.pushed, Pushed::Yes(refs) if refs.contains(&reach.name));
    let sent = if is_sent { ", pushed" } else { "" };
    let (kind, _) = exposure::kind(reach.kind);
    let text = format!("{kind} {}{sent}", shortened(&exposure::short(&reach.name)));
    Name { text, has_it: reach.at_tip && reach.kind != RefKind::Reflog }
}

fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length - LONGEST + 1).collect();
    format!("…{end}")
}

fn lines(axis: &Axis) -> Vec<Element> {
    let line = |(place, name): (f64, String)| {
        [upright("grid", place, (4.0, AXIS)), tag("text").class("date middle").with("x", &percent(place))]
            .into_iter()
            .zip([None, Some(name)])
            .map(|(element, name)| match name {
                Some(name) => element.with("y", &DATES.to_string()).with("text-anchor", "middle").text(&name),
                None => element,
            })
            .collect::<Vec<_>>()
    };
    let base = tag("line").class("base").with("x1", "0").with("x2", "100%");
    let base = base.with("y1", &AXIS.to_string()).with("y2", &AXIS.to_string());
    axis.lines().into_iter().flat_map(line).chain([base]).collect()
}

/// The days at both ends, and a line for what is at the last.
fn ends(axis: &Axis, now: Option<i64>, height: f64) -> Vec<Element> {
    let [from, until] = axis.ends();
    let end = axis.at(i64::MAX);
    let is_now = now.is_some_and(|now| axis.at(now) >= end);
    let until = if is_now { format!("{until} (now)") } else { until };
    let date = |anchor: &str, place: f64, name: &str| {
        let text = tag("text").class("date").with("x", &percent(place)).with("y", &DATES.to_string());
        // Beside the line, not across it.
        let text = if anchor == "end" { text.with("dx", "-6") } else { text };
        text.with("text-anchor", anchor).text(name)
    };
    let first = date("start", axis.at(i64::MIN), &from);
    vec![first, date("end", end, &until), upright("now", end, (4.0, height))]
}

fn bars(history: &History, axis: &Axis) -> Vec<Element> {
    let end = axis.at(i64::MAX);
    let mut drawn: Vec<(f64, f64)> = Vec::new();
    for interval in &history.intervals {
        let (from, until) = (axis.at(interval.from), interval.until.map_or(end, |until| axis.at(until)));
        match drawn.last_mut() {
            Some(last) if from <= last.1 + GAP => last.1 = last.1.max(until),
            _ => drawn.push((from, until)),
        }
    }
    let bar = |(from, until): (f64, f64)| {
        let bar = tag("rect").class("bar").with("x", &percent(from)).with("y", &BAR.to_string());
        // A moment is to be seen too.
        bar.with("width", &percent((until - from).max(0.4))).with("height", &BAR_HEIGHT.to_string())
    };
    let middle = BAR + BAR_HEIGHT / 2.0;
    let arrow = tag("path").class("bar").with("d", "M0 -10 L13 0 L0 10 Z");
    let arrow = history.is_open().then(|| at(end, middle).child(arrow));
    drawn.into_iter().map(bar).chain(arrow).collect()
}

/// A mark for each moment, and one with a number for those that are too near to be told apart.
fn marks(times: impl Iterator<Item = i64>, axis: &Axis, class: &str) -> Vec<Element> {
    let mut places: Vec<f64> = times.map(|time| axis.at(time)).collect();
    places.sort_by(f64::total_cmp);
    let mut drawn: Vec<(f64, u64)> = Vec::new();
    for place in places {
        match drawn.last_mut() {
            Some((first, number)) if place < *first + APART => *number += 1,
            _ => drawn.push((place, 1)),
        }
    }
    let height = if class == "in" { MARKS_ABOVE } else { MARKS_BELOW };
    let mark = |(place, number): (f64, u64)| {
        let label = tag("text").class("number").with("x", "8").with("y", "4").text(&number.to_string());
        at(place, height).child(shape(class)).children((number > 1).then_some(label))
    };
    drawn.into_iter().map(mark).collect()
}

/// Forms, not colours alone, tell marks apart: filled and pointing down, or hollow and pointing up.
fn shape(class: &str) -> Element {
    let form = if class == "in" { "M-6 -6 L6 -6 L0 5 Z" } else { "M-6 6 L6 6 L0 -5 Z" };
    tag("path").class(&format!("mark {class}")).with("d", form)
}

fn drawn(nth: usize, name: &Name, axis: &Axis) -> [Element; 2] {
    let (x, y) = (percent(axis.at(i64::MAX)), FIRST_NAME + NAME_HEIGHT * nth as f64);
    let class = if name.has_it { "here" } else { "past" };
    let text = tag("text").class("name").with("x", &x).with("dx", "-12").with("y", &(y + 4.0).to_string());
    [circle(class, &x, &y.to_string()), text.with("text-anchor", "end").text(&name.text)]
}

fn circle(class: &str, x: &str, y: &str) -> Element {
    tag("circle").class(&format!("mark {class}")).with("cx", x).with("cy", y).with("r", "4.5")
}

/// A place to draw at in pixels.
fn at(place: f64, y: f64) -> Element {
    tag("svg").with("x", &percent(place)).with("y", &y.to_string()).with("overflow", "visible")
}

fn upright(class: &str, place: f64, (from, until): (f64, f64)) -> Element {
    let x = percent(place);
    let line = tag("line").class(class).with("x1", &x).with("x2", &x);
    line.with("y1", &from.to_string()).with("y2", &until.to_string())
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Interval, report::sample};

    const NOW: Option<i64> = Some(1_764_000_000);

    fn history() -> History {
        sample::with_histories().findings[0].histories[0].as_ref().clone()
    }

    fn text(history: &History) -> String {
        draw(history, true, NOW, "t").expect("it has dates").to_string()
    }

    #[test]
    fn what_happened_is_drawn() {
        let text = text(&history());
        assert_eq!(text.matches("<rect class=\"bar\"").count(), 2, "{text}");
        assert_eq!(text.matches("<path class=\"mark in\"").count(), 2, "{text}");
        assert_eq!(text.matches("<path class=\"mark out\"").count(), 1, "{text}");
        assert_eq!(text.matches("<path class=\"bar\"").count(), 1, "the arrow: {text}");
        for name in ["work tree", "staged", "HEAD", "branch main", "remote branch origin/main, pushed", "and 2 more"] {
            assert!(text.contains(&format!(">{name}</text>")), "{name}: {text}");
        }
        assert!(text.contains(">2025-11-24 (now)</text>"), "{text}");
        let said = "from 2024-05-01, 571 days so far, in 2 stretches. Brought in 2 times, taken out 1 time. What leads to \
                    it at the end: work tree, staged, HEAD, branch main and 2 more.";
        assert!(text.contains(said), "{text}");
    }

    #[test]
    fn what_is_over_has_no_arrow() {
        let over = sample::with_histories().findings[1].histories[0].as_ref().clone();
        let text = draw(&over, false, NOW, "t").expect("it has dates").to_string();
        assert!(!text.contains("<path class=\"bar\"") && text.contains("<rect class=\"bar\""), "{text}");
        assert!(text.contains("class=\"mark past\"") && text.contains(">reflog main</text>"), "{text}");
    }

    #[test]
    fn many_events_stay_few_marks() {
        let mut history = history();
        let event = history.introduced[0].clone();
        history.introduced = (0..5000).map(|nth| crate::model::Event { time: nth * 86_400, ..event.clone() }).collect();
        history.intervals =
            (0..5000).map(|nth| Interval { from: nth * 90_000, until: Some(nth * 90_000 + 9) }).collect();
        history.refs =
            vec![Reach { kind: RefKind::Tag, name: Text::from("x".repeat(500).as_str()), at_tip: true }; 900];
        let text = text(&history);
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(text.matches("<path class=\"mark in\"").count() <= 33, "{text}");
        assert!(text.contains("class=\"number\""), "{text}");
    }

    #[test]
    fn without_a_date_there_is_nothing_to_draw() {
        let none = History { introduced: vec![], removed: vec![], last: None, intervals: vec![], ..history() };
        assert!(draw(&none, true, NOW, "t").is_none());
    }
}
