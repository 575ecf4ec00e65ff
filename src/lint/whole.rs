//! Lints of secrets as such, once a scan has seen all there is: who shares one, how old it is, whether it was taken
//! out without being ended. Must not know files: all is read off the findings.

use super::{Options, Path};
use crate::{
    model::{Confidence, Finding, Place, Practice, Severity, Site, Subject, Text},
    rule::{Catalog, Rule, Trait},
};
use std::collections::BTreeSet;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// What there is to say of one secret.
type Check = fn(&Finding, &Rule, Options, i64) -> Option<String>;

/// Each lint, with what it asks.
const CHECKS: &[(&str, Check)] = &[
    ("key-in-several-files", in_several_files),
    ("key-of-several-people", of_several_people),
    ("key-in-several-repositories", in_several_repositories),
    ("key-old", old),
    ("key-removed-in-history", removed),
    ("key-of-person-in-deployment", of_person_in_deployment),
    ("key-legacy", legacy),
];

/// Those that can be told only where all was looked at: what a change does not touch may hold the secret still.
const OF_EVERYTHING: &[&str] = &["key-removed-in-history"];

/// Whether the lint `id` speaks of secrets as such.
#[must_use]
pub fn is_of_secret(id: &str) -> bool {
    ids().any(|known| known == id)
}

/// The ids of these lints.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, _)| *id)
}

/// What there is to say of the secrets of `findings`, at the time `now`, in seconds since 1970, where `everything` was
/// looked at or changes alone.
#[must_use]
pub fn check(
    findings: &[Finding],
    catalog: &Catalog,
    options: Options,
    (now, everything): (i64, bool),
) -> Vec<Finding> {
    let mut said = Vec::new();
    if findings.iter().all(|finding| finding.secret().is_none()) {
        return said;
    }
    for (id, check) in CHECKS.iter().filter(|(id, _)| everything || !OF_EVERYTHING.contains(id)) {
        let Some(lint) = catalog.get(id).filter(|rule| super::linter::runs(rule, options)) else { continue };
        for finding in findings.iter().filter(|finding| finding.secret().is_some()) {
            let rule = catalog.get(&finding.rule);
            let what = rule.and_then(|rule| check(finding, rule, options, now));
            said.extend(what.map(|what| told(lint, finding, what)));
        }
    }
    said
}

fn told(lint: &Rule, finding: &Finding, what: String) -> Finding {
    let practice = Practice { what, key: Some(finding.fingerprint) };
    Finding {
        rule: lint.id().to_owned(),
        fingerprint: practice.fingerprint(lint.id(), &Text::default()),
        subject: Subject::Practice(practice),
        severity: lint.severity.min(finding.severity).max(Severity::Note),
        confidence: lint.confidence.min(finding.confidence).max(Confidence::Low),
        notes: Vec::new(),
        hosts: Vec::new(),
        places: finding.places.clone(),
        histories: Vec::new(),
    }
}

fn in_several_files(finding: &Finding, _: &Rule, _: Options, _: i64) -> Option<String> {
    let files: BTreeSet<_> = finding.places.iter().filter(|place| is_there(place)).filter_map(file).collect();
    (files.len() > 1).then(|| format!("in {} files", files.len()))
}

fn of_several_people(finding: &Finding, _: &Rule, _: Options, _: i64) -> Option<String> {
    let emails = finding.places.iter().filter_map(|place| place.introduced.as_ref());
    let emails: BTreeSet<Vec<u8>> = emails.map(|commit| commit.email.as_bytes().to_ascii_lowercase()).collect();
    (emails.len() > 1).then(|| format!("committed by {} people", emails.len()))
}

fn in_several_repositories(finding: &Finding, _: &Rule, _: Options, _: i64) -> Option<String> {
    let repositories: BTreeSet<usize> = finding.places.iter().filter_map(|place| place.repository).collect();
    (repositories.len() > 1).then(|| format!("in {} repositories", repositories.len()))
}

/// Nobody knows when it was made; it was no later than when it was first committed.
fn old(finding: &Finding, _: &Rule, options: Options, now: i64) -> Option<String> {
    let first = finding.places.iter().filter_map(|place| place.introduced.as_ref()).map(|commit| commit.time).min()?;
    let days = (now - first) / DAY;
    let since = jiff::Timestamp::from_second(first).ok()?;
    let since = jiff::tz::Offset::UTC.to_datetime(since).date();
    // The day rather than a number of days, which would be another one in every report.
    (days > i64::from(options.key_age)).then(|| format!("exposed since {since} at least"))
}

/// It was in a commit, and is in no file any more.
fn removed(finding: &Finding, _: &Rule, _: Options, _: i64) -> Option<String> {
    let was_in_file = finding.places.iter().any(|place| file(place).is_some() && !place.versions.is_empty());
    let is_gone = finding.places.iter().all(|place| place.in_head == Some(false) && place.in_worktree != Some(true));
    (was_in_file && is_gone).then(|| "in no file any more, and in the history".to_owned())
}

fn of_person_in_deployment(finding: &Finding, rule: &Rule, _: Options, _: i64) -> Option<String> {
    let deployed = || {
        let there = finding.places.iter().filter(|place| is_there(place)).filter_map(file);
        there.map(|(_, path)| String::from_utf8_lossy(path.as_bytes())).find(|path| is_deployment(Path::of(path)))
    };
    let name = rule.traits.contains(&Trait::Personal).then(deployed)??;
    Some(format!("in {}", Path::of(&name).name))
}

fn legacy(_: &Finding, rule: &Rule, _: Options, _: i64) -> Option<String> {
    let is_legacy = rule.traits.contains(&Trait::Legacy);
    is_legacy.then(|| "made before there were projects".to_owned())
}

/// Whether the secret is there now, as far as that was looked at.
fn is_there(place: &Place) -> bool {
    place.in_worktree == Some(true)
        || place.in_head == Some(true)
        || place.in_worktree.is_none() && place.in_head.is_none()
}

fn file(place: &Place) -> Option<(Option<usize>, &Text)> {
    match &place.site {
        Site::File { path } => Some((place.repository, path)),
        _ => None,
    }
}

/// Whether what runs by itself, on a server or in CI, reads the file.
fn is_deployment(path: Path<'_>) -> bool {
    const NAMES: &[&str] = &[
        ".gitlab-ci.yml",
        "azure-pipelines.yml",
        "Jenkinsfile",
        "Procfile",
        "bitbucket-pipelines.yml",
        ".travis.yml",
        "cloudbuild.yaml",
        "serverless.yml",
        "fly.toml",
        "render.yaml",
        "vercel.json",
        "netlify.toml",
        "app.yaml",
    ];
    const FOLDERS: &[&str] =
        &["workflows", ".circleci", "k8s", "kubernetes", "helm", "deploy", "deployment", "terraform"];
    let is_config =
        || matches!(path.extension(), "yml" | "yaml" | "json" | "tf" | "tfvars" | "toml" | "env" | "service");
    NAMES.contains(&path.name)
        || path.name.contains("Dockerfile")
        || path.name.starts_with("docker-compose")
        || path.name.starts_with("compose.")
        || matches!(path.extension(), "tf" | "tfvars" | "service")
        || is_config() && path.is_below(FOLDERS)
}
