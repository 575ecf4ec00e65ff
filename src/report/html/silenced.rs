//! What was found and does not count: how much, and what where that was asked for. Must not know why it should not.

use super::{
    element::{Element, table, tag},
    events, scanned,
};
use crate::{
    model::Silenced,
    report::{Input, quantity::count, silence, whereabouts},
};

/// Rows of the table.
const ROWS: usize = 500;

pub(super) fn section(input: &Input<'_>) -> Option<Element> {
    let words = silence::words(input.report)?;
    let all = &input.report.silenced;
    let section = scanned::titled("silenced", "What does not count").child(tag("p").text(&words).text("."));
    if !input.options.show_suppressed {
        let hint = tag("p").class("faint").text("They are listed with ").code("--show-suppressed").text(".");
        return Some(section.child(hint));
    }
    let rows = all.iter().take(ROWS).map(|silenced| row(input, silenced));
    let table = table("silenced", &["What", "Key or text", "Where", "Why"], rows);
    Some(section.child(table).children(events::more(all.len(), ROWS, "that does not count", "that do not count")))
}

fn row(input: &Input<'_>, silenced: &Silenced) -> Vec<Element> {
    let finding = &silenced.finding;
    let place = whereabouts::shown(input.report, &finding.places);
    let more = finding.places.len().saturating_sub(1) as u64;
    let more = if more > 0 { format!(" and {}", count(more, "more place", "more places")) } else { String::new() };
    vec![
        tag("td").text(input.rule_name(finding)),
        tag("td").code(&input.key(finding)),
        tag("td").code(&place).text(&more),
        tag("td").text(&silence::reason(&silenced.why)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Report,
        report::{Options, sample},
    };

    fn text(report: &Report, show_suppressed: bool) -> Option<String> {
        let (catalog, options) = (sample::catalog(), Options { show_suppressed, ..Options::default() });
        section(&Input { report, catalog: &catalog, options: &options }).map(|section| section.to_string())
    }

    #[test]
    fn they_are_counted_and_listed_when_asked_for() {
        assert_eq!(text(&sample::report(), true), None);
        let short = text(&sample::silenced(), false).expect("four");
        assert!(
            short.contains("<p>4 keys that do not count (1 there before, 1 in") && !short.contains("<table"),
            "{short}"
        );
        assert!(short.contains("--show-suppressed"), "{short}");
        let long = text(&sample::silenced(), true).expect("four");
        assert_eq!(long.matches("<tr ").count(), 5, "{long}");
        assert!(long.contains("<code>src/config.py:12:8</code> and 1 more place</td>"), "{long}");
        assert!(long.contains(">allowed by `gitleaks:allow` on its line: a test</td>"), "{long}");
    }
}
