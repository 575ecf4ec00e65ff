//! A report as SARIF 2.1.0, as GitHub's code scanning reads it: one run, one result for each key and each lint finding.
//! Must not know whether GitHub reads it; `docs/report.md` says what was done for its sake.

mod results;
mod rules;
mod shape;
mod size;
mod uri;

use super::{Input, json::put, plain, quantity::count, silence, view};
use crate::model::{Finding, Fingerprint, Silence, Tool};
use rules::Rules;
use shape::{AutomationDetails, Base, Driver, Invocation, Log, Notification, Run};
use size::{Detail, Fit};
use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Write},
};
use zizmor_sarif::{Message, PropertyBag, ResultLevel, ToolComponent};

/// GitHub refuses more than 25,000 results, and of fewer keeps this many.
const RESULTS: usize = 5_000;
/// Notifications of one kind.
const NOTIFICATIONS: usize = 100;

pub(super) fn write(input: &Input<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run(input)?] };
    put(&serde_json::to_string_pretty(&log)?, out)
}

fn run(input: &Input<'_>) -> io::Result<Run> {
    let rules = Rules::new(input);
    let numbers: Vec<usize> = all(input).take(RESULTS).map(|(finding, _)| rules.index(&finding.rule)).collect();
    let mut run = without_results(input, rules);
    let result = results(input, &numbers);
    let fit = size::fit(numbers.len(), &run, &result)?;
    run.results = (0..numbers.len()).filter_map(|at| result(at, fit.detail(at)?)).collect();
    run.invocations[0].tool_execution_notifications.splice(0..0, too_large(fit, numbers.len()));
    Ok(run)
}

fn without_results(input: &Input<'_>, rules: Rules<'_>) -> Run {
    let category = input.options.sarif_category.as_ref();
    Run {
        // What comes before the last slash is the category.
        automation_details: category.map(|name| AutomationDetails { id: format!("{}/", name.trim_end_matches('/')) }),
        invocations: [invocation(input)],
        original_uri_base_ids: BTreeMap::from([(
            uri::ROOT,
            Base { description: said("The root of what was scanned.") },
        )]),
        column_kind: "unicodeCodePoints",
        results: Vec::new(),
        properties: properties(input),
        tool: shape::Tool { driver: driver(rules) },
    }
}

fn driver(rules: Rules<'_>) -> Driver {
    let version = || Some(Tool::THIS.version.to_owned());
    let base = ToolComponent {
        download_uri: None,
        information_uri: None,
        name: Tool::THIS.name.to_owned(),
        rules: Vec::new(),
        semantic_version: version(),
        version: version(),
    };
    Driver { base, rules: rules.list }
}

/// Each of the findings, then of what does not count if that was asked for: GitHub would open alerts for it.
fn results<'a>(input: &'a Input<'a>, rules: &'a [usize]) -> impl Fn(usize, Detail) -> Option<shape::Result> + 'a {
    let open: HashSet<Fingerprint> = input.report.findings.iter().map(|finding| finding.fingerprint).collect();
    let identity = move |finding: &Finding, why: Option<&Silence>| match why {
        // Who merges results by identity must not close the alert for the other places.
        Some(_) if open.contains(&finding.fingerprint) => format!("{}/silenced", finding.fingerprint),
        _ => finding.fingerprint.to_string(),
    };
    let all: Vec<(&Finding, Option<&Silence>)> = all(input).take(RESULTS).collect();
    move |at, detail| {
        let (finding, why) = *all.get(at)?;
        results::result(input, (finding, why), (*rules.get(at)?, identity(finding, why)), detail)
    }
}

fn all<'a>(input: &Input<'a>) -> impl Iterator<Item = (&'a Finding, Option<&'a Silence>)> {
    let silenced = if input.options.show_suppressed { &input.report.silenced[..] } else { &[] };
    let silenced = silenced.iter().map(|silenced| (&silenced.finding, Some(&silenced.why)));
    input.report.findings.iter().map(|finding| (finding, None)).chain(silenced)
}

fn invocation(input: &Input<'_>) -> Invocation {
    let report = input.report;
    let problem = |problem: &crate::model::Problem| Notification {
        level: ResultLevel::Error,
        message: said(&format!("{}: {}", plain::text(&problem.what), plain::line(problem.why.as_bytes()))),
    };
    let notice = |notice: &crate::model::Notice| Notification {
        level: ResultLevel::Warning,
        message: said(&format!("{}: {}", plain::text(&notice.what), plain::line(notice.why.as_bytes()))),
    };
    let mut execution = cut_off(input);
    execution.extend(some(report.problems.iter().map(problem), report.problems.len(), ResultLevel::Error));
    if let Some(words) = silence::words(report) {
        let text = format!("There are {words}.");
        execution.push(Notification { level: ResultLevel::Note, message: said(&text) });
    }
    Invocation {
        base: zizmor_sarif::Invocation { execution_successful: report.is_complete() },
        tool_execution_notifications: execution,
        tool_configuration_notifications: some(
            report.notices.iter().map(notice),
            report.notices.len(),
            ResultLevel::Warning,
        ),
    }
}

/// What was left out so that GitHub takes the rest.
fn cut_off(input: &Input<'_>) -> Vec<Notification> {
    let total = all(input).count();
    let results = (total > RESULTS).then(|| {
        let results = count(total as u64, "result", "results");
        format!("There are {results}; GitHub keeps {RESULTS}, so these are the {RESULTS} most severe.")
    });
    let crowded = all(input).filter(|(finding, _)| results::has_too_many_places(finding)).count();
    let places = (crowded > 0).then(|| {
        let results = count(crowded as u64, "result has", "results have");
        format!("{results} more places than GitHub keeps; the first of each are here. --format json has them all.")
    });
    results.into_iter().chain(places).map(|text| warning(&text)).collect()
}

/// The same of what makes the file too large.
fn too_large(fit: Fit, total: usize) -> Option<Notification> {
    let left_out = total - fit.full - fit.no_context - fit.one_place;
    let cut = [
        ("without the line around it", fit.no_context),
        ("with one place only", fit.one_place),
        ("left out", left_out),
    ];
    let cut: Vec<String> =
        cut.iter().filter(|(_, many)| *many > 0).map(|(how, many)| format!("{how}: {many}")).collect();
    (!cut.is_empty()).then(|| {
        let cut = cut.join(", ");
        warning(&format!(
            "GitHub takes no file of more than 10 MB once it is packed, so the least severe results were cut ({cut}). \
             --format json has all of them."
        ))
    })
}

fn warning(text: &str) -> Notification {
    Notification { level: ResultLevel::Warning, message: said(text) }
}

/// So many that nobody reads on, and how many there are besides.
fn some(all: impl Iterator<Item = Notification>, total: usize, level: ResultLevel) -> Vec<Notification> {
    let mut some: Vec<Notification> = all.take(NOTIFICATIONS).collect();
    if total > some.len() {
        let text = format!("There are {} more like these; --format json has them all.", total - some.len());
        some.push(Notification { level, message: said(&text) });
    }
    some
}

fn properties(input: &Input<'_>) -> PropertyBag {
    let report = input.report;
    let silenced = serde_json::to_value(silence::Counts::of(report)).unwrap_or_default();
    let coverage = serde_json::to_value(report.coverage).unwrap_or_default();
    let known = [
        ("complete", report.is_complete().into()),
        ("coverage", coverage),
        ("filtered", report.filtered.into()),
        ("silenced", silenced),
        ("lints", serde_json::to_value(view::Lints::of(report)).unwrap_or_default()),
    ];
    let additional_properties = known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    PropertyBag { tags: Vec::new(), additional_properties }
}

fn said(text: &str) -> Message {
    Message { text: text.to_owned() }
}

#[cfg(test)]
mod tests;
