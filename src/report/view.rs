//! The JSON shape of a report: `docs/report.md` specifies it field by field. Must not know whether it
//! ends up in one document or in lines.
//!
//! These types, not the model's, are the promise to readers: fields may be added here, and nothing is
//! renamed or removed while [`SCHEMA`] stays.

use super::{Input, date, dossier, plain, silence, story};
use crate::model::{
    self, Access, Confidence, Coverage, Encoding, Fingerprint, ObjectId, Position, ProblemKind, Secret, Severity,
    Snippet, State, Text, Tool, Version,
};
use serde::Serialize;

/// Name and major version of the shape.
pub(super) const SCHEMA: &str = "keylint-report/1";

/// Who made the report, and of what.
#[derive(Serialize)]
pub(super) struct Head {
    schema: &'static str,
    tool: Tool,
    repositories: Vec<Repository>,
}

#[derive(Serialize)]
struct Repository {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_bytes: Option<String>,
    folder: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder_bytes: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    name: &'a str,
    family: Option<&'a str>,
    severity: Severity,
    confidence: Confidence,
    fingerprint: Fingerprint,
    masked: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    notes: Vec<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict<'a>>,
    places: Vec<Place<'a>>,
    rotate: Vec<Rotate>,
    story: dossier::Story,
}

/// A way of handling keys.
#[derive(Serialize)]
pub(super) struct Hygiene<'a> {
    rule: &'a str,
    name: &'a str,
    severity: Severity,
    confidence: Confidence,
    tier: Option<&'static str>,
    fingerprint: Fingerprint,
    what: String,
    key: Option<Fingerprint>,
    places: Vec<Place<'a>>,
    fix: Vec<Rotate>,
}

/// Whether the key works.
#[derive(Serialize)]
pub(super) struct Verdict<'a> {
    verdict: State,
    why: Option<&'a str>,
    request: Option<&'a str>,
    status: Option<u16>,
    at: Option<String>,
    remembered: bool,
    access: &'a [Access],
}

/// One key and whether it works.
#[derive(Serialize)]
pub(super) struct Verified<'a> {
    schema: &'static str,
    rule: &'a str,
    fingerprint: Fingerprint,
    masked: String,
    #[serde(flatten)]
    verdict: Verdict<'a>,
}

impl<'a> Verified<'a> {
    pub(super) fn of(finding: &'a model::Finding, verdict: &'a model::Verdict) -> Self {
        Self {
            schema: "keylint-verdict/1",
            rule: &finding.rule,
            fingerprint: finding.fingerprint,
            masked: finding.subject.shown(),
            verdict: verdict.into(),
        }
    }
}

impl<'a> From<&'a model::Verdict> for Verdict<'a> {
    fn from(verdict: &'a model::Verdict) -> Self {
        Self {
            verdict: verdict.state,
            why: verdict.why.as_deref(),
            request: verdict.request.as_deref(),
            status: verdict.status,
            at: date::rfc3339(verdict.at, 0),
            remembered: verdict.remembered,
            access: &verdict.access,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Note {
    UnusualShape,
    Expires { at: Option<String> },
    Issuer { issuer: String },
}

#[derive(Serialize)]
struct Place<'a> {
    repository: Option<usize>,
    site: Site,
    in_worktree: Option<bool>,
    in_head: Option<bool>,
    position: Position,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    via: &'a [Encoding],
    snippet: &'a Snippet,
    introduced: Option<Introduced>,
    versions: &'a [Version],
}

/// One struct rather than an enum: the fields that a kind lacks are left out.
#[derive(Default, Serialize)]
struct Site {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_bytes: Option<String>,
}

#[derive(Serialize)]
struct Introduced {
    commit: ObjectId,
    author: String,
    email: String,
    date: Option<String>,
    subject: String,
}

#[derive(Serialize)]
struct Rotate {
    #[serde(rename = "do")]
    text: String,
    url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Problem {
    kind: ProblemKind,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_bytes: Option<String>,
    why: String,
}

/// A key that does not count, and why.
#[derive(Serialize)]
pub(super) struct Suppressed<'a> {
    why: Why,
    finding: Finding<'a>,
}

/// The same of a way of handling keys.
#[derive(Serialize)]
pub(super) struct SuppressedHygiene<'a> {
    why: Why,
    hygiene: Hygiene<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Why {
    Before,
    Baseline,
    Inline { marker: String, reason: String },
    Allowed { reason: String, owner: Option<String>, until: Option<String> },
}

#[derive(Serialize)]
pub(super) struct Notice {
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_bytes: Option<String>,
    why: String,
}

/// How it ended.
#[derive(Serialize)]
pub(super) struct Outcome {
    complete: bool,
    coverage: Coverage,
    filtered: usize,
    silenced: silence::Counts,
    lints: Lints,
}

/// What the lints did, beside what they found.
#[derive(Serialize)]
pub(super) struct Lints {
    ran: bool,
    filtered: usize,
    silenced: silence::Counts,
}

impl Lints {
    pub(super) fn of(report: &model::Report) -> Self {
        let silenced = silence::Counts::of_practices(report);
        Self { ran: report.linted, filtered: report.filtered_practices, silenced }
    }
}

impl<'a> Input<'a> {
    pub(super) fn head(&self) -> Head {
        let repositories = self.report.repositories.iter().map(|repository| {
            let (name, name_bytes) = self.lossless(&repository.name);
            let (folder, folder_bytes) = self.lossless(&repository.folder);
            Repository { name, name_bytes, folder, folder_bytes }
        });
        Head { schema: SCHEMA, tool: Tool::THIS, repositories: repositories.collect() }
    }

    pub(super) fn outcome(&self) -> Outcome {
        let report = self.report;
        Outcome {
            complete: report.is_complete(),
            coverage: report.coverage,
            filtered: report.filtered,
            silenced: silence::Counts::of(report),
            lints: Lints::of(report),
        }
    }

    pub(super) fn finding(&self, finding: &'a model::Finding) -> Finding<'a> {
        let rule = self.rule(finding);
        let clear = |secret: &Secret| String::from_utf8_lossy(secret.expose()).into_owned();
        Finding {
            rule: &finding.rule,
            name: self.rule_name(finding),
            family: rule.map(|rule| rule.family.as_str()),
            severity: finding.severity,
            confidence: finding.confidence,
            fingerprint: finding.fingerprint,
            masked: finding.subject.shown(),
            secret: finding.secret().filter(|_| self.options.show_secrets).map(clear),
            notes: finding.notes.iter().map(|note| self.note(note)).collect(),
            places: finding.places.iter().map(|place| self.place(place)).collect(),
            verdict: self.verdict(finding).map(Verdict::from),
            rotate: self.rotate(finding),
            story: self.story(finding),
        }
    }

    pub(super) fn hygiene(&self, finding: &'a model::Finding) -> Hygiene<'a> {
        let lint = self.rule(finding).and_then(|rule| rule.lint.as_ref());
        Hygiene {
            rule: &finding.rule,
            name: self.rule_name(finding),
            severity: finding.severity,
            confidence: finding.confidence,
            tier: lint.map(|lint| lint.tier.as_str()),
            fingerprint: finding.fingerprint,
            what: finding.subject.shown(),
            key: story::about(finding),
            places: finding.places.iter().map(|place| self.place(place)).collect(),
            fix: self.rotate(finding),
        }
    }

    fn rotate(&self, finding: &model::Finding) -> Vec<Rotate> {
        self.steps(finding).into_iter().map(|step| Rotate { text: step.text, url: step.url }).collect()
    }

    pub(super) fn problem(&self, problem: &model::Problem) -> Problem {
        let (what, what_bytes) = self.lossless(&problem.what);
        Problem { kind: problem.kind, what, what_bytes, why: plain::lossy(problem.why.as_bytes()) }
    }

    /// The keys that do not count; `None` unless that was asked for.
    pub(super) fn suppressed(&self) -> Option<impl Iterator<Item = Suppressed<'a>>> {
        let silenced = self.report.silenced.iter().filter(|silenced| silenced.finding.secret().is_some());
        let suppressed = |silenced: &'a model::Silenced| Suppressed {
            why: why(&silenced.why),
            finding: self.finding(&silenced.finding),
        };
        self.options.show_suppressed.then(|| silenced.map(suppressed))
    }

    /// The same of ways of handling keys.
    pub(super) fn suppressed_hygiene(&self) -> Option<impl Iterator<Item = SuppressedHygiene<'a>>> {
        let silenced = self.report.silenced.iter().filter(|silenced| silenced.finding.secret().is_none());
        let suppressed = |silenced: &'a model::Silenced| SuppressedHygiene {
            why: why(&silenced.why),
            hygiene: self.hygiene(&silenced.finding),
        };
        self.options.show_suppressed.then(|| silenced.map(suppressed))
    }

    pub(super) fn notice(&self, notice: &model::Notice) -> Notice {
        let (what, what_bytes) = self.lossless(&notice.what);
        Notice { what, what_bytes, why: plain::lossy(notice.why.as_bytes()) }
    }

    fn note(&self, note: &model::Note) -> Note {
        match note {
            model::Note::UnusualShape => Note::UnusualShape,
            model::Note::Expires { at } => Note::Expires { at: date::rfc3339(*at, 0) },
            model::Note::Issuer { issuer } => Note::Issuer { issuer: plain::lossy(issuer.as_bytes()) },
        }
    }

    fn place(&self, place: &'a model::Place) -> Place<'a> {
        Place {
            repository: place.repository,
            site: self.site(&place.site),
            in_worktree: place.in_worktree,
            in_head: place.in_head,
            position: place.position,
            via: &place.via,
            snippet: &place.snippet,
            introduced: place.introduced.as_ref().map(|info| self.introduced(info)),
            versions: &place.versions,
        }
    }

    fn site(&self, site: &model::Site) -> Site {
        let id = |kind, id: &ObjectId| Site { kind, id: Some(*id), ..Site::default() };
        match site {
            model::Site::File { path } => self.site_of_path("file", path),
            model::Site::FileName { path } => self.site_of_path("file-name", path),
            model::Site::GitFile { path } => self.site_of_path("git-file", path),
            model::Site::LooseBlob { id: blob } => id("loose-blob", blob),
            model::Site::LooseTree { id: tree } => id("loose-tree", tree),
            model::Site::Tag { id: tag } => id("tag", tag),
            model::Site::Commit { id: commit, part } => {
                Site { part: Some(plain::lossy(part.as_bytes())), ..id("commit", commit) }
            }
            model::Site::RefName { name } => {
                let (name, name_bytes) = self.lossless(name);
                Site { kind: "ref-name", name: Some(name), name_bytes, ..Site::default() }
            }
            model::Site::Stdin => Site { kind: "stdin", ..Site::default() },
        }
    }

    fn site_of_path(&self, kind: &'static str, path: &Text) -> Site {
        let (path, path_bytes) = self.lossless(path);
        Site { kind, path: Some(path), path_bytes, ..Site::default() }
    }

    fn introduced(&self, info: &model::CommitInfo) -> Introduced {
        let lossy = |text: &Text| plain::lossy(text.as_bytes());
        Introduced {
            commit: info.id,
            author: lossy(&info.author),
            email: lossy(&info.email),
            date: date::rfc3339(info.time, info.offset_minutes),
            subject: lossy(&info.subject),
        }
    }

    /// A name as UTF-8, and its bytes in hex where that lost some of them.
    fn lossless(&self, text: &Text) -> (String, Option<String>) {
        let bytes = text.as_bytes();
        let hex = || data_encoding::HEXLOWER.encode(bytes);
        (plain::lossy(bytes), (!text.is_utf8()).then(hex))
    }
}

fn why(why: &model::Silence) -> Why {
    match why {
        model::Silence::Before => Why::Before,
        model::Silence::Baseline => Why::Baseline,
        model::Silence::Inline { marker, reason } => {
            Why::Inline { marker: marker.clone(), reason: plain::lossy(reason.as_bytes()) }
        }
        model::Silence::Allowed { reason, owner, until } => {
            Why::Allowed { reason: reason.clone(), owner: owner.clone(), until: until.clone() }
        }
    }
}
