//! A scan from its targets to its report, step by step. Must not know how any step is done.

use super::{
    Options, ScanError, Scope, Target, change, collect::Sighting, everything, findings, folders, histories, packed,
    policy, redact::Redactor, seen::Seen, suppress,
};
use crate::{
    lint::{self, Linter},
    matcher::Matcher,
    model::{Finding, Fingerprint, Problem, ProblemKind, Report, Secret, Silence, Silenced, Subject, Text},
    rule::{Catalog, PathRules, Rule},
    source::{Stop, Tally, path_text},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Scans `targets` with the rules of `catalog`, made ready in `matcher`.
///
/// # Errors
/// When a target cannot be looked at at all. What within a target cannot be read is in the report.
pub fn scan(
    targets: &[Target],
    (catalog, matcher): (&Catalog, &Matcher),
    options: &Options,
    tally: &Tally,
    stop: &Stop,
) -> Result<Report, ScanError> {
    let linter = options.lint.map(|lint| Linter::new((catalog, matcher), lint));
    let limits = options.limits.as_ref();
    let seen = match options.scope {
        Scope::Everything { worktree, history, ignore } => {
            let reads = everything::Reads { worktree, history, ignore, jobs: options.jobs, limits };
            everything::read(
                targets,
                reads,
                (matcher, linter.as_ref().filter(|_| worktree), options.show_secrets),
                (tally, stop),
            )?
        }
        _ => {
            let means = change::Means {
                matcher,
                catalog,
                show_secrets: options.show_secrets,
                tally,
                linter: linter.as_ref(),
                limits,
            };
            change::read(targets, &options.scope, means)?
        }
    };
    let Seen { sightings, before, mut problems, attributions, looked, repositories, stand_in, pasts, roots } = seen;
    packed::tell_paths(&mut problems, &attributions);
    problems.extend(attributions.iter().flat_map(|attribution| attribution.problems.iter().cloned()));
    if stop.is_raised() {
        problems.push(Problem::new(ProblemKind::Interrupted, "the scan", "it was stopped before its end"));
    }
    let rules = spoken(catalog, sightings.iter().chain(&before));
    let everything = matches!(options.scope, Scope::Everything { .. });
    let paths = PathRules::new(rules);
    let applies = |rule, path: &Text| paths.applies(rule, path);
    let (mut found, comments) = findings::group(&sightings, rules, (&attributions, &looked), &applies);
    let was_read = |number| looked.at_head(Some(number));
    problems.extend(histories::tell(&mut found, &pasts, &attributions, &was_read));
    let (stood, _) = findings::group(&before, rules, (&attributions, &looked), &applies);
    if let Some(lint) = options.lint {
        found.extend(lint::check_findings(&found, catalog, lint, (options.now, everything)));
    }
    if !everything {
        // The work tree was not looked at.
        found.iter_mut().flat_map(|finding| &mut finding.places).for_each(|place| place.in_worktree = None);
    }
    let known = suppress::Known {
        comments: &comments,
        roots,
        is_rule: &|id| catalog.get(id).is_some(),
        today: day(options.now),
        complete: problems.is_empty(),
    };
    let here = folders::here().map(|folder| path_text(&folder));
    let coverage = tally.so_far();
    let mut report = Report { problems, coverage, repositories, here, stand_in, ..Report::default() };
    report.linted = linter.is_some() && !matches!(options.scope, Scope::Everything { worktree: false, .. });
    report.written = written(&sightings, rules);
    report.silenced = known_before(stood, options);
    settle(&mut report, found, options, &known);
    redact(&mut report, sightings.iter().chain(&before), matcher, options.show_secrets);
    Ok(report)
}

/// The rules that `sightings` refer to: which there are is only looked up for those that have something to say.
fn spoken<'a>(catalog: &'a Catalog, mut sightings: impl Iterator<Item = &'a Sighting> + Clone) -> &'a [Rule] {
    match sightings.clone().next() {
        None => &[],
        Some(_) if sightings.any(|sighting| sighting.subject.secret().is_none()) => catalog.rules(),
        Some(_) => catalog.secrets(),
    }
}

/// How each secret is written where it was seen.
fn written(sightings: &[Sighting], rules: &[Rule]) -> BTreeMap<Fingerprint, BTreeSet<Secret>> {
    let mut written: BTreeMap<Fingerprint, BTreeSet<Secret>> = BTreeMap::new();
    for sighting in sightings {
        if let Some(secret) = sighting.subject.secret() {
            let known = written.entry(sighting.fingerprint(rules)).or_default();
            known.insert(secret.clone());
            known.extend(sighting.written.clone());
        }
    }
    written
}

/// What stood there before the changes that were looked at.
fn known_before(mut stood: Vec<Finding>, options: &Options) -> Vec<Silenced> {
    stood.iter_mut().for_each(|finding| findings::expire(finding, options.now));
    stood.retain(|finding| options.policy.admits(finding));
    stood.into_iter().map(|finding| Silenced { finding, why: Silence::Before }).collect()
}

/// Decides what of the findings counts, what is reported, and in which order.
fn settle(report: &mut Report, mut found: Vec<Finding>, options: &Options, known: &suppress::Known<'_>) {
    found.iter_mut().for_each(|finding| findings::expire(finding, options.now));
    let (mut found, mut silenced, notices) = suppress::apply(found, &options.suppression, known);
    suppress::follow(&mut found, &mut silenced, lint::is_of_secret);
    report.leave_out(options.policy.filter(&mut found).iter());
    policy::sort(&mut found, |finding| finding);
    report.findings = found;
    report.silenced.extend(silenced.into_iter().filter(|silenced| options.policy.admits(&silenced.finding)));
    policy::sort(&mut report.silenced, |silenced| &silenced.finding);
    report.notices = notices;
}

/// The day of `now`, in seconds since 1970, by universal time: the same wherever a scan runs.
fn day(now: i64) -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_second(now).unwrap_or_default()).date()
}

/// Takes every secret that was seen, reported or not, out of every text of the report.
fn redact<'a>(
    report: &mut Report,
    sightings: impl Iterator<Item = &'a Sighting>,
    matcher: &Matcher,
    show_secrets: bool,
) {
    let secrets = sightings.filter_map(|sighting| sighting.subject.secret());
    let redactor = Redactor::new(secrets, matcher, show_secrets);
    let silenced = report.silenced.iter_mut().map(|silenced| &mut silenced.finding);
    for finding in report.findings.iter_mut().chain(silenced) {
        if let Subject::Practice(practice) = &mut finding.subject {
            redactor.string(&mut practice.what);
        }
        for place in &mut finding.places {
            redactor.site(&mut place.site);
            place.holder.iter_mut().for_each(|path| redactor.name(path));
            redactor.snippet(&mut place.snippet);
            place.introduced.iter_mut().for_each(|commit| redactor.commit(commit));
        }
        for history in &mut finding.histories {
            redactor.history(Arc::make_mut(history));
        }
    }
    report.silenced.iter_mut().for_each(|silenced| redactor.silence(&mut silenced.why));
    report.notices.iter_mut().for_each(|notice| redactor.notice(notice));
    report.problems.iter_mut().for_each(|problem| redactor.problem(problem));
    report.stand_in.iter_mut().chain(&mut report.here).for_each(|path| redactor.name(path));
    for repository in &mut report.repositories {
        redactor.name(&mut repository.name);
        redactor.name(&mut repository.folder);
    }
}
