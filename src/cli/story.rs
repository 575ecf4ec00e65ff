//! `keylint story`: scans, and tells all that is known of one finding. Must not know how that is found out.

use super::{
    Complaint, Exit,
    args::{self, Scan},
    clock::now,
    output, reports,
    scan::{self, Job, Prepared},
    settings::Before,
};
use keylint::{
    model::{Finding, Report, Text},
    report,
    source::Stop,
};
use std::{io::Write, sync::Arc};

/// So much of a fingerprint has to be given: less may be another key's tomorrow.
const SHORTEST: usize = 4;

pub(super) fn run(args: &args::Story) -> Result<Exit, Complaint> {
    let wanted = args.fingerprint.to_ascii_lowercase();
    if wanted.len() < SHORTEST || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let why = "a fingerprint is 32 hex digits, as reports show it, of which the first few will do";
        return Err(Complaint::new(format!("{wanted}: {why}")));
    }
    let scan = Scan {
        targets: args.targets.clone(),
        no_progress: args.no_progress,
        configured: args.configured.clone(),
        rules: args.rules.clone(),
        ..Scan::plain().ok_or_else(|| Complaint::new("`keylint scan` does not know its own arguments"))?
    };
    let job = Job::of(&scan)?;
    let prepared = Prepared::of(&scan, &job, Before::Found)?;
    let mut report = scan::scan(&scan, &prepared, job, &Arc::new(Stop::default()))?;
    if args.anonymous {
        report.anonymize();
    }
    let Some(finding) = find(&report, &wanted)? else { return missing(&report, &wanted) };
    let color = reports::is_coloured(args.color);
    let options = report::Options { color, now: Some(now()), ..report::Options::default() };
    let mut out = reports::stdout(color);
    output::forgive(report::story(finding, &report, prepared.catalog(), &options, &mut out))?;
    Ok(Exit::Found)
}

/// The finding whose fingerprint begins with `wanted`, be it one that does not count.
fn find<'a>(report: &'a Report, wanted: &str) -> Result<Option<&'a Finding>, Complaint> {
    let silenced = report.silenced.iter().map(|silenced| &silenced.finding);
    let is_wanted = |finding: &&Finding| finding.fingerprint.to_string().starts_with(wanted);
    let mut found: Vec<&Finding> = report.findings.iter().chain(silenced).filter(is_wanted).collect();
    found.sort_by_key(|finding| finding.fingerprint);
    found.dedup_by_key(|finding| finding.fingerprint);
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let all: Vec<String> = several.iter().map(|finding| format!("\n  {}", finding.fingerprint)).collect();
            Err(Complaint::new(format!("several fingerprints begin with {wanted}; write more of it:{}", all.concat())))
        }
    }
}

/// What is said where it is not found: that it is not there only if all was read.
fn missing(report: &Report, wanted: &str) -> Result<Exit, Complaint> {
    let what = format!("no fingerprint of what is found here begins with {wanted}");
    if report.is_complete() {
        return Err(Complaint::new(format!("{what}; `keylint scan` shows those there are")));
    }
    let read: Vec<String> =
        report.problems.iter().map(|problem| format!("\n  {}: {}", shown(&problem.what), problem.why)).collect();
    let warning = output::masked(&format!("{what}, and not all could be read:{}", read.concat()));
    let _ = writeln!(anstream::stderr().lock(), "keylint: {warning}");
    Ok(Exit::Incomplete)
}

fn shown(text: &Text) -> String {
    text.to_string()
}
