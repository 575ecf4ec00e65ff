//! A report as CSV: a row for each place, then what could not be read, and a last row with the outcome. Must not know
//! what a spreadsheet does with it, beyond running what looks like a formula.

use super::{Input, date, found, plain, silence, story, whereabouts};
use crate::model::{Encoding, Finding, Place, Silence, Site, Text};
use found::Found;
use std::io::{self, Write};

/// Columns are added at the end; none is renamed or removed.
const COLUMNS: [&str; 26] = [
    "type",
    "severity",
    "confidence",
    "rule",
    "name",
    "key",
    "fingerprint",
    "repository",
    "site",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "in_worktree",
    "in_head",
    "commit",
    "date",
    "subject",
    "why",
    "verdict",
    "verdict_why",
    "kind",
    "what",
    "about",
    "via",
];
/// The column that says why something does not count, or what is told.
const WHY: usize = 19;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    let mut put = |row: [String; COLUMNS.len()]| table.write_record(row.map(guarded)).map_err(io::Error::from);
    put(COLUMNS.map(str::to_owned))?;
    let report = input.report;
    for finding in &report.findings {
        for place in &finding.places {
            put(key(input, finding, place, None))?;
        }
    }
    let silenced = if input.options.show_suppressed { &report.silenced[..] } else { &[] };
    for silenced in silenced {
        for place in &silenced.finding.places {
            put(key(input, &silenced.finding, place, Some(&silenced.why)))?;
        }
    }
    for problem in &report.problems {
        put(told("problem", &problem.what, &problem.why))?;
    }
    for notice in &report.notices {
        put(told("notice", &notice.what, &notice.why))?;
    }
    put(told("end", &Text::default(), &outcome(input)))?;
    table.flush()
}

fn key(input: &Input<'_>, finding: &Finding, place: &Place, why: Option<&Silence>) -> [String; COLUMNS.len()] {
    let report = input.report;
    let is_key = finding.secret().is_some();
    let (key, what) = if is_key { (input.key(finding), String::new()) } else { (String::new(), input.key(finding)) };
    let kind = if is_key { "key" } else { "hygiene" };
    let repository = place.repository.and_then(|index| report.repositories.get(index));
    let position = place.position;
    let info = place.introduced.as_ref();
    let verdict = input.verdict(finding);
    [
        match (why, is_key) {
            (Some(_), _) => "suppressed",
            (None, true) => "finding",
            (None, false) => "hygiene",
        }
        .to_owned(),
        finding.severity.to_string(),
        finding.confidence.to_string(),
        plain::line(finding.rule.as_bytes()),
        plain::line(input.rule_name(finding).as_bytes()),
        key,
        finding.fingerprint.to_string(),
        repository.map(|repository| plain::text(&repository.name)).unwrap_or_default(),
        site(&place.site),
        whereabouts::path(report, place).map(|path| plain::line(&path)).unwrap_or_default(),
        position.line.to_string(),
        position.column.to_string(),
        position.end_line.to_string(),
        position.end_column.to_string(),
        place.in_worktree.map(|it| it.to_string()).unwrap_or_default(),
        place.in_head.map(|it| it.to_string()).unwrap_or_default(),
        whereabouts::commit(place).map(|id| id.to_string()).unwrap_or_default(),
        info.and_then(|info| date::rfc3339(info.time, info.offset_minutes)).unwrap_or_default(),
        info.map(|info| plain::text(&info.subject)).unwrap_or_default(),
        why.map(silence::reason).unwrap_or_default(),
        verdict.map(|verdict| verdict.state.to_string()).unwrap_or_default(),
        verdict.and_then(|verdict| verdict.why.as_ref()).map(|why| plain::line(why.as_bytes())).unwrap_or_default(),
        kind.to_owned(),
        what,
        story::about(finding).map(|key| key.to_string()).unwrap_or_default(),
        Encoding::path(&place.via),
    ]
}

/// A row about no key.
fn told(kind: &str, what: &Text, why: &str) -> [String; COLUMNS.len()] {
    let mut row = [const { String::new() }; COLUMNS.len()];
    kind.clone_into(&mut row[0]);
    row[9] = plain::text(what);
    row[WHY] = plain::line(why.as_bytes());
    row
}

/// What holds the key, in the words of the JSON report where one word does.
fn site(site: &Site) -> String {
    match site {
        Site::File { .. } => "file".to_owned(),
        Site::FileName { .. } => "file-name".to_owned(),
        Site::GitFile { .. } => "git-file".to_owned(),
        Site::Stdin => "stdin".to_owned(),
        Site::LooseBlob { id } => format!("loose-blob {id}"),
        Site::LooseTree { id } => format!("loose-tree {id}"),
        Site::Commit { id, part } => format!("commit {id} {}", plain::text(part)),
        Site::Tag { id } => format!("tag {id}"),
        Site::RefName { name } => format!("ref-name {}", plain::text(name)),
    }
}

fn outcome(input: &Input<'_>) -> String {
    let report = input.report;
    let state = if report.is_complete() { "complete" } else { "incomplete" }.to_owned();
    let parts = [Some(state), Some(Found::of(report).words()), silence::words(report), found::filtered(report)];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Spreadsheets run cells that begin like this.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Notice, Problem, ProblemKind, Report},
        report::{Format, Options, sample},
    };

    /// The rows, each cell by its column.
    fn rows(report: &Report, show_suppressed: bool) -> Vec<std::collections::HashMap<String, String>> {
        let text = sample::written(Format::Csv, report, &Options { show_suppressed, ..Options::default() });
        let mut table = ::csv::Reader::from_reader(text.as_bytes());
        table.deserialize().map(|row| row.expect("a whole row")).collect()
    }

    #[test]
    fn each_place_is_a_row_and_the_last_one_tells_the_outcome() {
        let rows = rows(&sample::report(), false);
        let column = |name: &str| rows.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("type"), ["finding", "finding", "finding", "end"]);
        assert_eq!(column("path"), ["src/config.py", "config/old.env", "", ""]);
        assert_eq!(column("line"), ["12", "3", "5", ""]);
        assert_eq!(column("key"), ["sk-proj-…AbC9", "sk-proj-…AbC9", "sk-None-…Wxyz", ""]);
        assert_eq!(rows[2]["site"], format!("commit {} message", sample::id(5)));
        assert_eq!(rows[0]["date"], "2024-05-02T01:00:00+02:00");
        assert_eq!(rows[3]["why"], "complete; 2 keys in 3 places");
        assert_eq!(column("kind"), ["key", "key", "key", ""]);
        assert_eq!(column("via"), ["", "", "", ""]);
    }

    #[test]
    fn what_a_key_is_written_in_is_a_column() {
        let mut report = sample::report();
        report.findings[0].places[0].via = vec![Encoding::Base64, Encoding::Json];
        assert_eq!(rows(&report, false)[0]["via"], "base64 > json");
    }

    #[test]
    fn a_way_of_handling_keys_is_no_key() {
        let report = sample::with_practices();
        let rows = rows(&report, false);
        let column = |name: &str| rows[3..].iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("type"), ["hygiene", "hygiene", "hygiene", "end"]);
        assert_eq!(column("kind"), ["hygiene", "hygiene", "hygiene", ""]);
        assert_eq!(column("key"), ["", "", "", ""]);
        assert_eq!(column("what"), ["allowBrowser: true", "allowBrowser: !0", "allowBrowser: !0", ""]);
        assert_eq!(column("about"), [report.findings[0].fingerprint.to_string().as_str(), "", "", ""]);
        assert_eq!(column("why")[3], "complete; 2 keys in 3 places and 2 lint findings in 3 places");
    }

    #[test]
    fn gaps_and_what_does_not_count_are_rows_too() {
        let mut report = sample::silenced();
        report.problems = vec![Problem::new(ProblemKind::Missing, "object 1", "not there")];
        report.notices = vec![Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() }];
        let types = |rows: &[std::collections::HashMap<String, String>]| {
            rows.iter().map(|row| row["type"].clone()).collect::<Vec<_>>().join(" ")
        };
        let short = rows(&report, false);
        assert_eq!(types(&short), "problem notice end");
        assert_eq!((short[0]["path"].as_str(), short[0]["why"].as_str()), ("object 1", "not there"));
        assert!(
            short[2]["why"]
                .starts_with("incomplete; no keys in what was read; 4 keys that do not count (1 there before, ")
        );
        let long = rows(&report, true);
        assert_eq!(types(&long), format!("{}problem notice end", "suppressed ".repeat(6)));
        assert_eq!(long[2]["why"], "in the baseline");
    }

    #[test]
    fn no_cell_is_a_formula_or_breaks_a_row() {
        let mut report = sample::report();
        for start in ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "a,\"b\"\nc"] {
            report.findings[0].places[0].site = Site::File { path: Text::from(start) };
            let text = sample::written(Format::Csv, &report, &Options::default());
            assert_eq!(text.lines().count(), 5, "{text}");
            let path = &rows(&report, false)[0]["path"];
            assert!(!path.starts_with(['=', '+', '-', '@', '\t', '\r']), "{path}");
            assert!(path.ends_with(&start[1..].replace('\n', "\\u{a}")), "{path}");
        }
    }
}
