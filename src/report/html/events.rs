//! What a timeline shows, as a table, and whose doing it was. Must not know how it is drawn.

use super::{
    element::{Element, table, tag},
    exposure,
};
use crate::{
    model::{Event, History, Identity},
    report::{date, plain, quantity::count},
};

/// Rows of a table, and stretches of time in a list.
const ROWS: usize = 20;

/// Every turn of the story, the earliest first.
pub(super) fn turns(history: &History) -> Element {
    let is_told = |last: &&Event| history.introduced.iter().chain(&history.removed).any(|event| event == *last);
    let last = history.last.iter().filter(|last| !is_told(last)).map(|event| (event, "last commit with it"));
    let brought = history.introduced.iter().map(|event| (event, "brought in"));
    let taken = history.removed.iter().map(|event| (event, "taken out"));
    let mut all: Vec<(&Event, &str)> = brought.chain(taken).chain(last).collect();
    all.sort_by_key(|(event, _)| event.time);
    let rows = all.iter().take(ROWS).map(|(event, what)| row(event, what));
    let headings = ["When (UTC)", "What", "Commit", "By", "Where"];
    tag("div").child(table("turns", &headings, rows)).children(more(all.len(), ROWS, "turn", "turns"))
}

fn row(event: &Event, what: &str) -> Vec<Element> {
    let info = &event.commit;
    let committer = (event.committer.email != info.email && !event.committer.email.is_empty())
        .then(|| tag("span").class("faint").text(&format!(", committed by {}", named(&event.committer))));
    let place =
        event.path.as_ref().map_or_else(|| tag("td").text("its own text"), |path| tag("td").code(&plain::text(path)));
    vec![
        tag("td").child(time(event.time)),
        tag("td").child(tag("span").class(if what == "taken out" { "what out" } else { "what in" }).text(what)),
        tag("td").code(&info.id.short()).text(" ").child(tag("span").class("faint").text(&plain::text(&info.subject))),
        tag("td").text(&person(&plain::text(&info.author), &plain::text(&info.email))).children(committer),
        place,
    ]
}

/// Each stretch in which something led to it, where there are several.
pub(super) fn stretches(history: &History, now: Option<i64>) -> Option<Element> {
    let all = &history.intervals;
    let item = |interval| tag("li").text(&exposure::stretch(interval, now));
    let list = || tag("ul").class("stretches").children(all.iter().take(ROWS).copied().map(item));
    (all.len() > 1).then(|| tag("div").child(list()).children(more(all.len(), ROWS, "stretch", "stretches")))
}

/// Who brought it or carried it on.
pub(super) fn people(history: &History) -> Option<Element> {
    let number = |number: usize| tag("td").class("number").text(&number.to_string());
    let row = |person: &crate::model::Person| {
        vec![tag("td").text(&named(&person.identity)), number(person.introduced), number(person.carried)]
    };
    let headings = ["Author", "Commits that brought it", "Others that kept or copied it"];
    let all = &history.people;
    let table = || table("people", &headings, all.iter().take(ROWS).map(row));
    (!all.is_empty()).then(|| tag("div").child(table()).children(more(all.len(), ROWS, "person", "people")))
}

/// `Ann Lee <ann@example.com>`
pub(super) fn person(name: &str, email: &str) -> String {
    let gap = if name.is_empty() || email.is_empty() { "" } else { " " };
    let email = if email.is_empty() { String::new() } else { format!("<{email}>") };
    format!("{name}{gap}{email}")
}

fn named(identity: &Identity) -> String {
    person(&plain::text(&identity.name), &plain::text(&identity.email))
}

/// A moment in UTC, to the minute.
fn time(time: i64) -> Element {
    match date::rfc3339(time, 0) {
        Some(whole) => {
            let shown = date::utc(time).replace('T', " ");
            tag("time").with("datetime", &whole).text(shown.get(..16).unwrap_or(&shown))
        }
        None => tag("span").text(&date::day(time, 0)),
    }
}

/// How much of a list of `all` is not shown, if `shown` are.
pub(super) fn more(all: usize, shown: usize, one: &str, many: &str) -> Option<Element> {
    let left = all.saturating_sub(shown) as u64;
    let words = || count(left, &format!("more {one}"), &format!("more {many}"));
    (left > 0).then(|| tag("p").class("more").text(&format!("… and {} (all of them: --format json)", words())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn history(nth: usize) -> History {
        sample::with_histories().findings[nth].histories[0].as_ref().clone()
    }

    #[test]
    fn turns_are_told_in_order() {
        let text = turns(&history(0)).to_string();
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
        assert!(at("2024-05-01 23:00") < at("2024-05-29 16:26") && at(">taken out<") < at(">last commit with it<"));
        assert_eq!(text.matches("<tr ").count(), 5, "{text}");
        assert!(text.contains("Ann Lee &lt;ann@example.com&gt;<span class=\"faint\">, committed by Bo Moe"), "{text}");
        let own = turns(&history(1)).to_string();
        assert!(own.contains("its own text") && !own.contains("last commit"), "{own}");
    }

    #[test]
    fn people_are_told_with_their_part() {
        let text = people(&history(0)).expect("people").to_string();
        assert!(text.contains("Bob Doe &lt;Bob@example.com&gt;"), "{text}");
        assert_eq!(text.matches("<tr ").count(), 3, "{text}");
        assert!(people(&History { people: Vec::new(), ..history(0) }).is_none());
        assert_eq!([person("", "a@b"), person("A", ""), person("A", "b")], ["<a@b>", "A", "A <b>"]);
    }

    #[test]
    fn long_lists_are_cut_and_counted() {
        let mut long = history(0);
        long.introduced = vec![long.introduced[0].clone(); 70];
        long.people = vec![long.people[0].clone(); 21];
        long.intervals = vec![long.intervals[0]; 22];
        let text = turns(&long).to_string();
        assert!(text.matches("<tr ").count() == ROWS + 1 && text.contains("… and 52 more turns (all of"), "{text}");
        assert!(people(&long).expect("people").to_string().contains("… and 1 more person (all of"));
        assert!(stretches(&long, None).expect("several").to_string().contains("… and 2 more stretches (all of"));
    }
}
