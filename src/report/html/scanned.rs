//! What was scanned and what was not, and what of the configuration is to be mended. Must not know what was found.

use super::{
    element::{Element, table, tag},
    events,
};
use crate::{
    model::Report,
    report::{Input, coverage, found, gaps, plain},
};

/// Rows of a table.
const ROWS: usize = 50;

/// What could not be read, if anything.
pub(super) fn gaps(report: &Report) -> Option<Element> {
    if report.is_complete() {
        return None;
    }
    let kinds = gaps::by_kind(report).into_iter().map(|(words, problems)| {
        let row = |problem: &&crate::model::Problem| {
            vec![tag("td").code(&plain::text(&problem.what)), tag("td").text(&problem.why)]
        };
        let rows = problems.iter().take(ROWS).map(row);
        let table = table("gaps", &["What", "Why, and the way out"], rows);
        tag("div").child(tag("h3").text(&words)).child(table).children(events::more(
            problems.len(),
            ROWS,
            "of these",
            "of these",
        ))
    });
    Some(titled("gaps", "What could not be read").children(kinds))
}

/// What should be mended, if anything.
pub(super) fn notices(report: &Report) -> Option<Element> {
    let row =
        |notice: &crate::model::Notice| vec![tag("td").code(&plain::text(&notice.what)), tag("td").text(&notice.why)];
    let all = &report.notices;
    let table = || table("gaps", &["What", "Why, and the way out"], all.iter().take(ROWS).map(row));
    let more = || events::more(all.len(), ROWS, "notice", "notices");
    (!all.is_empty()).then(|| titled("notices", "To be mended").child(table()).children(more()))
}

/// What was read, and how.
pub(super) fn coverage(input: &Input<'_>) -> Element {
    let report = input.report;
    let read = report.coverage;
    let row = |name: &str, value: Element| tag("div").child(tag("dt").text(name)).child(value);
    let mut rows = vec![
        row("Files", tag("dd").text(&coverage::on_disk(read))),
        row("History", tag("dd").text(&coverage::in_git(read))),
        row("Lints", tag("dd").text(if report.linted { "ran" } else { "did not run" })),
        row(
            "Do keys work?",
            tag("dd").text(if report.verdicts.is_empty() { "not asked" } else { "asked, see each key" }),
        ),
    ];
    rows.extend(found::filtered(report).map(|words| row("Filters", tag("dd").text(&words))));
    if !report.repositories.is_empty() {
        let item = |repository: &crate::model::Repository| tag("li").code(&plain::text(&repository.name));
        let list = tag("ul").class("inline").children(report.repositories.iter().take(ROWS).map(item));
        let more = events::more(report.repositories.len(), ROWS, "repository", "repositories");
        rows.push(row("Repositories", tag("dd").child(list).children(more)));
    }
    titled("scanned", "What was scanned").child(tag("dl").class("facts").children(rows))
}

/// A section of the page.
pub(super) fn titled(id: &'static str, title: &str) -> Element {
    let name = format!("{id}-name");
    let section = tag("section").with("id", id).with("aria-labelledby", &name);
    section.child(tag("h2").with("id", &name).text(title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Notice, Problem, ProblemKind, Text},
        report::{Options, sample},
    };

    #[test]
    fn gaps_are_told_by_kind_and_long_lists_cut() {
        let mut report = sample::report();
        assert!(gaps(&report).is_none());
        report.problems = vec![Problem::new(ProblemKind::Missing, "object <1>", "not there"); 70];
        report.problems.push(Problem::new(ProblemKind::Limit, "a.zip", "too large"));
        let text = gaps(&report).expect("gaps").to_string();
        assert!(text.contains("<h3>70 missing objects</h3>") && text.contains("<h3>1 limit reached</h3>"), "{text}");
        assert_eq!(text.matches("<code>object &lt;1&gt;</code>").count(), ROWS);
        assert!(text.contains("… and 20 more of these (all of them: --format json)"), "{text}");
    }

    #[test]
    fn notices_are_told() {
        let mut report = sample::report();
        assert!(notices(&report).is_none());
        report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
        assert!(notices(&report).expect("one").to_string().contains("<code>keylint.toml:3</code></td>"));
    }

    #[test]
    fn what_was_read_is_told_and_what_was_not_asked_for() {
        let mut report = sample::report();
        report.filtered = 2;
        let (catalog, options) = (sample::catalog(), Options::default());
        let text = coverage(&Input { report: &report, catalog: &catalog, options: &options }).to_string();
        for words in
            ["12 files (3.4 MB)", "2 objects of 1 commit (1.8 kB)", "did not run", "not asked", "2 keys left out"]
        {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
