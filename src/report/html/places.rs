//! The places of a finding: what holds it, whether it is still there, who brought it, the line. Must not know the
//! finding.

use super::{
    element::{Element, tag},
    events,
};
use crate::{
    model::{Place, Report, Site, Snippet},
    report::{date, plain, whereabouts},
};

/// All of `places`, of which the first `lines` are shown with their line and as many as `most` at all.
pub(super) fn list(report: &Report, places: &[Place], lines: usize, most: usize) -> Element {
    let (shown, _) = places.split_at(places.len().min(most));
    let (first, rest) = shown.split_at(shown.len().min(lines));
    let first = first.iter().map(|place| item(report, place).children(snippet(place)));
    let rest: Vec<Element> = rest.iter().map(|place| item(report, place)).collect();
    let folded = (!rest.is_empty()).then(|| {
        let summary =
            tag("summary").text(&crate::report::quantity::count(rest.len() as u64, "more place", "more places"));
        tag("details").child(summary).child(tag("ul").class("places").children(rest))
    });
    let list = tag("ul").class("places").children(first);
    tag("div").child(list).children(folded).children(events::more(places.len(), most, "place", "places"))
}

fn item(report: &Report, place: &Place) -> Element {
    let heading = tag("span").class("where").code(&whereabouts::heading(report, place));
    let facts = facts(report, place);
    let facts = (!facts.is_empty()).then(|| tag("span").class("faint").text(&facts.join(" · ")));
    tag("li").child(heading).text(" ").children(facts)
}

fn facts(report: &Report, place: &Place) -> Vec<String> {
    let several = report.repositories.len() > 1;
    let repository = place.repository.and_then(|index| report.repositories.get(index)).filter(|_| several);
    let repository = repository.map(|repository| format!("repository {}", plain::text(&repository.name)));
    whereabouts::facts(place).chain(repository).chain(since(place)).collect()
}

fn since(place: &Place) -> Option<String> {
    let info = place.introduced.as_ref()?;
    let own = matches!(&place.site, Site::Commit { id, .. } if *id == info.id);
    let commit = if own { String::new() } else { format!("since {}, ", info.id.short()) };
    let person = events::person(&plain::text(&info.author), &plain::text(&info.email));
    Some(format!("{commit}{}, {person}", date::day(info.time, info.offset_minutes)))
}

/// The line with the key marked, where it says more than the heading.
fn snippet(place: &Place) -> Option<Element> {
    let Snippet { text, start, end } = &place.snippet;
    if text.is_empty() || matches!(place.site, Site::FileName { .. } | Site::RefName { .. }) {
        return None;
    }
    let parts = (text.get(..*start), text.get(*start..*end), text.get(*end..));
    let line = match parts {
        (Some(before), Some(key), Some(after)) if !key.is_empty() => {
            tag("code").text(&spaced(before)).child(tag("mark").text(key)).text(&spaced(after))
        }
        _ => tag("code").text(&spaced(text)),
    };
    let number = (!matches!(place.site, Site::LooseTree { .. }))
        .then(|| tag("span").class("line").with("aria-hidden", "true").text(&place.position.line.to_string()));
    Some(tag("pre").children(number).child(line))
}

/// Lines are indented with tabs, which nobody wants to read as such.
fn spaced(text: &str) -> String {
    text.replace('\t', "    ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Text, report::sample};

    fn listed(change: impl Fn(&mut Vec<Place>)) -> String {
        let mut report = sample::report();
        change(&mut report.findings[0].places);
        list(&report, &report.findings[0].places, 2, 5).to_string()
    }

    #[test]
    fn a_place_says_where_since_when_and_shows_its_line() {
        let text = listed(|_| ());
        let expected = "<ul class=\"places\"><li><span class=\"where\"><code>src/config.py:12:8</code></span> <span \
                        class=\"faint\">in the work tree and in HEAD · since 0101010, 2024-05-02, Ann Lee \
                        &lt;ann@example.com&gt;</span><pre><span class=\"line\" aria-hidden=\"true\">12</span><code>KEY = \
                        &quot;<mark>sk-proj-…AbC9</mark>&quot;</code></pre>\n</li>\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn first_places_have_their_line_then_one_line_each_then_a_count() {
        let text = listed(|places| *places = vec![places[0].clone(); 9]);
        let count = |what: &str| text.matches(what).count();
        assert_eq!((count("<pre>"), count("src/config.py"), count("<summary>3 more places")), (2, 5, 1), "{text}");
        assert!(text.contains("… and 4 more places (all of them: --format json)"), "{text}");
    }

    #[test]
    fn a_snippet_that_is_not_as_promised_harms_nobody() {
        for (text, start, end) in [("abc", 2, 9), ("a…c", 2, 3), ("abc", 3, 1), ("<b>\u{1b}", 3, 3)] {
            let shown = listed(|places| {
                places[0].snippet = Snippet { text: text.to_owned(), start, end };
            });
            assert!(!shown.contains("<b>") && !shown.contains('\u{1b}') && !shown.contains("<mark></mark>"), "{shown}");
        }
        assert!(!listed(|places| places[0].site = Site::FileName { path: Text::from("a") }).contains("12</span>"));
    }
}
