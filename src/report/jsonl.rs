//! A report as lines of JSON: what was scanned, each finding, each problem, how it ended. The last line
//! tells a whole report from a cut one. Must not know the shape of the parts: that is `view.rs`.

use super::{Input, json::put, view};
use serde::Serialize;
use std::io::{self, Write};

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = input.report;
    line(&Line::Scan(input.head()), out)?;
    for finding in input.keys() {
        line(&Line::Finding(input.finding(finding)), out)?;
    }
    for finding in input.practices() {
        line(&Line::Hygiene(input.hygiene(finding)), out)?;
    }
    for suppressed in input.suppressed().into_iter().flatten() {
        line(&Line::Suppressed(suppressed), out)?;
    }
    for suppressed in input.suppressed_hygiene().into_iter().flatten() {
        line(&Line::SuppressedHygiene(suppressed), out)?;
    }
    for problem in &report.problems {
        line(&Line::Problem(input.problem(problem)), out)?;
    }
    for notice in &report.notices {
        line(&Line::Notice(input.notice(notice)), out)?;
    }
    let counts = Counts {
        findings: input.keys().count(),
        places: input.keys().map(|finding| finding.places.len()).sum(),
        hygiene: input.practices().count(),
        problems: report.problems.len(),
        suppressed: input.suppressed().map_or(0, Iterator::count),
        suppressed_hygiene: input.suppressed_hygiene().map_or(0, Iterator::count),
        notices: report.notices.len(),
    };
    line(&Line::End(End { outcome: input.outcome(), counts }), out)
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Scan(view::Head),
    Finding(view::Finding<'a>),
    Hygiene(view::Hygiene<'a>),
    Suppressed(view::Suppressed<'a>),
    SuppressedHygiene(view::SuppressedHygiene<'a>),
    Problem(view::Problem),
    Notice(view::Notice),
    End(End),
}

#[derive(Serialize)]
struct End {
    #[serde(flatten)]
    outcome: view::Outcome,
    counts: Counts,
}

/// How many lines a reader should have seen.
#[derive(Default, Serialize)]
pub(super) struct Counts {
    pub(super) findings: usize,
    pub(super) places: usize,
    pub(super) hygiene: usize,
    pub(super) problems: usize,
    pub(super) suppressed: usize,
    pub(super) suppressed_hygiene: usize,
    pub(super) notices: usize,
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    put(&serde_json::to_string(line)?, out)
}

#[cfg(test)]
mod tests {
    use crate::{
        model::{Notice, Problem, ProblemKind, Report, Text},
        report::{Format, Options, sample},
    };
    use serde_json::{Value, json};

    fn lines(report: &Report) -> Vec<Value> {
        let text = sample::written(Format::Jsonl, report, &Options::default());
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    #[test]
    fn every_line_says_its_type_first() {
        let mut report = sample::report();
        report.problems.push(Problem::new(ProblemKind::Damaged, "object 1", "bad checksum"));
        let text = sample::written(Format::Jsonl, &report, &Options::default());
        let types: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("{\"type\":\"")?.split('"').next()).collect();
        assert_eq!(types, ["scan", "finding", "finding", "problem", "end"]);
    }

    #[test]
    fn what_does_not_count_has_lines_of_its_own_when_asked_for() {
        let mut report = sample::silenced();
        report.notices.push(Notice { what: Text::from("keylint.toml:3"), why: "it has expired".to_owned() });
        let of = |show_suppressed| {
            let options = Options { show_suppressed, ..Options::default() };
            let text = sample::written(Format::Jsonl, &report, &options);
            let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            lines.collect::<Vec<_>>()
        };
        let types = |lines: &[Value]| lines.iter().map(|line| line["type"].clone()).collect::<Vec<_>>();
        assert_eq!(json!(types(&of(false))), json!(["scan", "notice", "end"]));
        let listed = of(true);
        let expected = ["scan", "suppressed", "suppressed", "suppressed", "suppressed", "notice", "end"];
        assert_eq!(json!(types(&listed)), json!(expected));
        assert_eq!(listed[1]["why"]["kind"], "before");
        assert_eq!((&listed[6]["counts"]["suppressed"], &listed[6]["counts"]["notices"]), (&json!(4), &json!(1)));
        assert_eq!(listed[6]["silenced"], of(false)[2]["silenced"]);
    }

    #[test]
    fn findings_and_problems_are_those_of_the_document() {
        let mut report = sample::report();
        report.problems.push(Problem::new(ProblemKind::Damaged, "object 1", "bad checksum"));
        let text = sample::written(Format::Json, &report, &Options::default());
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let mut lines = lines(&report);
        for line in &mut lines {
            line.as_object_mut().expect("an object").remove("type");
        }
        assert_eq!(lines[1], document["findings"][0]);
        assert_eq!(lines[2], document["findings"][1]);
        assert_eq!(lines[3], document["problems"][0]);
    }

    #[test]
    fn the_first_and_the_last_line_frame_the_report() {
        let lines = lines(&Report { filtered: 3, ..sample::report() });
        assert_eq!(lines[0]["schema"], "keylint-report/1");
        assert_eq!(lines[0]["repositories"], json!([{ "name": ".", "folder": "." }]));
        let end = lines.last().expect("a last line");
        assert_eq!(end["complete"], true);
        assert_eq!(end["filtered"], 3);
        assert_eq!(end["coverage"]["files"], 12);
        let counts = json!({
            "findings": 2, "places": 3, "hygiene": 0, "problems": 0, "suppressed": 0, "suppressed_hygiene": 0, "notices": 0
        });
        assert_eq!(end["counts"], counts);
    }

    #[test]
    fn ways_of_handling_keys_have_lines_and_counts_of_their_own() {
        let mut report = sample::with_practices();
        let finding = report.findings[2].clone();
        report.silenced = vec![crate::model::Silenced { finding, why: crate::model::Silence::Baseline }];
        let text = sample::written(Format::Jsonl, &report, &Options { show_suppressed: true, ..Options::default() });
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let types: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
        assert_eq!(types, ["scan", "finding", "finding", "hygiene", "hygiene", "suppressed-hygiene", "end"]);
        assert_eq!((&lines[3]["what"], &lines[3]["tier"]), (&"allowBrowser: true".into(), &"default".into()));
        assert_eq!(lines[5]["hygiene"]["what"], lines[3]["what"]);
        let counts = json!({
            "findings": 2, "places": 3, "hygiene": 2, "problems": 0, "suppressed": 0, "suppressed_hygiene": 1, "notices": 0
        });
        assert_eq!(lines[6]["counts"], counts);
    }
}
