//! What does not count: findings that an entry of a configuration allows, a comment allows, or a baseline
//! knows. Nothing is hidden by it: each goes to another list of the report, with the reason.
//! Must not know how a configuration is written or where it was found.

use super::{comment::Comment, findings::Comments};
use crate::model::{Finding, Fingerprint, INSIDE, Notice, Place, Silence, Silenced, Site, Subject, Text};
use globset::GlobSet;
use jiff::civil::Date;
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::{Component, Path, PathBuf},
};

/// What somebody said that does not count, and how far it holds.
#[derive(Clone, Debug, Default)]
pub struct Suppression {
    /// What is allowed.
    pub allow: Vec<Allow>,
    /// What was known before.
    pub baselines: Vec<Baseline>,
    /// Rules whose findings always count, whoever says otherwise.
    pub never: BTreeSet<String>,
    /// Whether comments are heeded.
    pub inline: bool,
    /// Whether everything was read that an entry could match: only then one that matches nothing is of no use.
    pub whole: bool,
    /// The targets that are files and directories.
    pub targets: Vec<Base>,
}

/// A file or directory that is scanned.
#[derive(Clone, Debug)]
pub struct Base {
    /// As the user wrote it, which is how paths below it begin.
    pub written: Text,
    /// Without links.
    pub real: PathBuf,
    /// The root of the repository it is in, or the directory itself, or that of the file.
    pub root: PathBuf,
}

/// Something that is allowed. Of rules, paths and fingerprint, those that are given must all match.
#[derive(Clone, Debug)]
pub struct Allow {
    /// Where it says so: a file and line.
    pub at: Text,
    /// The directory it holds for; everywhere if none.
    pub scope: Option<PathBuf>,
    /// The rules; all if empty.
    pub rules: BTreeSet<String>,
    /// The paths, relative to the scope; all, and what has no path, if empty.
    pub paths: GlobSet,
    /// The secret.
    pub fingerprint: Option<Fingerprint>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub until: Option<Date>,
    /// Whether it should match something.
    pub expected: bool,
}

/// Secrets that were known before.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The file.
    pub at: Text,
    /// The directory it holds for; everywhere if none.
    pub scope: Option<PathBuf>,
    /// The secrets.
    pub secrets: Secrets,
}

/// Which secrets are meant.
#[derive(Clone, Debug)]
pub enum Secrets {
    /// Every one.
    All,
    /// These.
    Listed(BTreeSet<Fingerprint>),
}

impl Secrets {
    fn have(&self, secret: &Fingerprint) -> bool {
        match self {
            Self::All => true,
            Self::Listed(secrets) => secrets.contains(secret),
        }
    }

    fn list(&self) -> impl Iterator<Item = &Fingerprint> {
        match self {
            Self::All => None,
            Self::Listed(secrets) => Some(secrets),
        }
        .into_iter()
        .flatten()
    }
}

/// What a scan knows that the rest of the configuration depends on.
pub(super) struct Known<'a> {
    pub(super) comments: &'a Comments,
    /// The root of each repository's work tree, or its directory where it has none.
    pub(super) roots: Vec<PathBuf>,
    /// Whether there is a rule of that name.
    pub(super) is_rule: &'a dyn Fn(&str) -> bool,
    pub(super) today: Date,
    /// Whether all that was asked for was read.
    pub(super) complete: bool,
}

/// Takes out of `open` what is said of secrets that do not count: whoever allowed those has allowed that. What goes without
/// saying then, as `is_idle` tells of a rule, is not told at all.
pub(super) fn follow(open: &mut Vec<Finding>, silenced: &mut Vec<Silenced>, is_idle: impl Fn(&str) -> bool) {
    let counts: BTreeSet<Fingerprint> =
        open.iter().filter(|finding| finding.secret().is_some()).map(|finding| finding.fingerprint).collect();
    // The secret that something is said of, if it does not count.
    let silent = |finding: &Finding| match &finding.subject {
        Subject::Practice(practice) => practice.key.filter(|key| !counts.contains(key)),
        Subject::Secret(_) => None,
    };
    silenced.retain(|silenced| silent(&silenced.finding).is_none() || !is_idle(&silenced.finding.rule));
    open.retain(|finding| silent(finding).is_none() || !is_idle(&finding.rule));
    let of_secrets = silenced.iter().filter(|silenced| silenced.finding.secret().is_some());
    let reasons: BTreeMap<Fingerprint, Silence> =
        of_secrets.map(|silenced| (silenced.finding.fingerprint, silenced.why.clone())).collect();
    for finding in std::mem::take(open) {
        match silent(&finding).and_then(|key| reasons.get(&key)) {
            Some(why) => silenced.push(Silenced { finding, why: why.clone() }),
            None => open.push(finding),
        }
    }
}

/// Takes out of `findings` what does not count, and says what of the configuration should be mended.
pub(super) fn apply(
    findings: Vec<Finding>,
    said: &Suppression,
    known: &Known<'_>,
) -> (Vec<Finding>, Vec<Silenced>, Vec<Notice>) {
    let mut judge = Judge { said, known, used: BTreeSet::new(), seen: BTreeSet::new(), notices: BTreeSet::new() };
    let (mut open, mut silenced) = (Vec::new(), Vec::new());
    for mut finding in findings {
        let mut reasons: BTreeMap<Silence, Vec<Place>> = BTreeMap::new();
        let mut places = Vec::new();
        for place in std::mem::take(&mut finding.places) {
            match judge.silence(&finding, &place) {
                Some(why) => reasons.entry(why).or_default().push(place),
                None => places.push(place),
            }
        }
        // What git keeps of an attempt, in no commit, goes by the places that came of it.
        if places.iter().all(is_loose)
            && let Some(mut reason) = reasons.first_entry()
        {
            reason.get_mut().append(&mut places);
        }
        for (why, places) in reasons {
            silenced.push(Silenced { finding: Finding { places, ..finding.clone() }, why });
        }
        if !places.is_empty() {
            open.push(Finding { places, ..finding });
        }
    }
    judge.unused();
    let mut notices: Vec<Notice> = judge.notices.into_iter().collect();
    notices.sort_by_key(by_line);
    (open, silenced, notices)
}

/// Notices of one file go by the number of their line.
fn by_line(notice: &Notice) -> (String, u64) {
    let what = notice.what.to_string();
    match what.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => (file.to_owned(), line),
        None => (what, 0),
    }
}

struct Judge<'a> {
    said: &'a Suppression,
    known: &'a Known<'a>,
    /// Which entries matched something.
    used: BTreeSet<usize>,
    /// Which secrets of which baselines were seen.
    seen: BTreeSet<(usize, Fingerprint)>,
    notices: BTreeSet<Notice>,
}

impl Judge<'_> {
    /// Why `finding` does not count at `place`, if it does not.
    fn silence(&mut self, finding: &Finding, place: &Place) -> Option<Silence> {
        let there = self.whereabouts(place);
        let whole = there.as_ref().map(|there| there.whole.as_path());
        let mut why = None;
        for (nth, entry) in self.said.allow.iter().enumerate() {
            if entry.covers(finding, there.as_ref()) {
                self.used.insert(nth);
                if why.is_none() && !self.is_over(entry) {
                    why = Some(entry.silence());
                }
            }
        }
        let why = why.or_else(|| self.comment(finding, place));
        let mut known = false;
        for (nth, baseline) in self.said.baselines.iter().enumerate() {
            if baseline.secrets.have(&finding.fingerprint) && below(whole, baseline.scope.as_deref()).is_some() {
                self.seen.insert((nth, finding.fingerprint));
                known = true;
            }
        }
        let why = why.or(known.then_some(Silence::Baseline));
        why.filter(|_| !self.said.never.contains(&finding.rule))
    }

    fn is_over(&self, entry: &Allow) -> bool {
        entry.until.is_some_and(|day| day < self.known.today)
    }

    /// What a comment at `place` allows; tells of one that is ours and says too little.
    fn comment(&mut self, finding: &Finding, place: &Place) -> Option<Silence> {
        if !self.said.inline {
            return None;
        }
        let mut allowed = None;
        for comment in self.known.comments.at(finding.fingerprint, place) {
            match heed(comment, finding, self.known.is_rule) {
                Ok(reason) => allowed = allowed.or(reason),
                Err(why) => drop(self.notices.insert(Notice { what: line(place), why })),
            }
        }
        let (marker, reason) = allowed?;
        Some(Silence::Inline { marker, reason })
    }

    /// Where `place` is on disk, or would be. What comes in by standard input is nowhere.
    fn whereabouts(&self, place: &Place) -> Option<Whereabouts> {
        let path = path(&place.site);
        if let Some(number) = place.repository {
            let root = self.known.roots.get(number)?;
            let whole = path.as_ref().map_or_else(|| root.clone(), |path| root.join(path));
            return Some(Whereabouts { whole, within: path.map(PathBuf::from) });
        }
        let path = PathBuf::from(path?);
        // Of targets that overlap, the nearest one. What is below the working directory is written without it.
        let rest = |base: &Base| {
            let written = String::from_utf8_lossy(base.written.as_bytes());
            let packed = || Some(Path::new(path.to_str()?.strip_prefix(&*written)?)).filter(|rest| is_inside(rest));
            let rest = if written == "." { &path } else { path.strip_prefix(&*written).ok().or_else(packed)? };
            let leaves = rest.is_absolute() || rest.components().any(|part| part == Component::ParentDir);
            (!leaves).then(|| rest.to_owned())
        };
        let bases = self.said.targets.iter().filter_map(|base| Some((base, rest(base)?)));
        let (base, rest) = bases.min_by_key(|(_, rest)| rest.components().count())?;
        let whole = match rest.as_os_str().is_empty() {
            true => base.real.clone(),
            // Of a container that is a target by itself.
            false if is_inside(&rest) => {
                [base.real.as_os_str(), rest.as_os_str()].into_iter().collect::<OsString>().into()
            }
            false => base.real.join(rest),
        };
        let within = whole.strip_prefix(&base.root).ok().map(Path::to_owned);
        Some(Whereabouts { whole, within })
    }

    /// Tells of entries that do nothing.
    fn unused(&mut self) {
        let whole = self.said.whole && self.known.complete;
        for (nth, entry) in self.said.allow.iter().enumerate() {
            let why = match entry.until {
                Some(day) if self.is_over(entry) => {
                    format!("this entry ended on {day} and allows nothing any more; renew it or take it out")
                }
                _ if whole && entry.expected && !self.used.contains(&nth) => {
                    "nothing that was scanned matches this entry; take it out if no other scan needs it".to_owned()
                }
                _ => continue,
            };
            self.notices.insert(Notice { what: entry.at.clone(), why });
        }
        for (nth, baseline) in self.said.baselines.iter().enumerate().filter(|_| whole) {
            let gone = baseline.secrets.list().filter(|secret| !self.seen.contains(&(nth, **secret))).count();
            if gone > 0 {
                let keys = if gone == 1 { "1 key is".to_owned() } else { format!("{gone} keys are") };
                let why =
                    format!("{keys} nowhere in what was scanned; `keylint baseline prune` takes out what is gone");
                self.notices.insert(Notice { what: baseline.at.clone(), why });
            }
        }
    }
}

impl Allow {
    /// Whether it speaks of `finding` where it is `there`.
    fn covers(&self, finding: &Finding, there: Option<&Whereabouts>) -> bool {
        let Some(below) = below(there.map(|there| there.whole.as_path()), self.scope.as_deref()) else { return false };
        let path = || {
            let within = there?.within.as_deref()?;
            Some(if self.scope.is_some() { below } else { within })
        };
        (self.rules.is_empty() || self.rules.contains(&finding.rule))
            && self.fingerprint.is_none_or(|fingerprint| fingerprint == finding.fingerprint)
            && (self.paths.is_empty() || path().is_some_and(|path| matches(&self.paths, path)))
    }

    fn silence(&self) -> Silence {
        let until = self.until.map(|day| day.to_string());
        Silence::Allowed { reason: self.reason.clone(), owner: self.owner.clone(), until }
    }
}

/// Whether a place is an object that nothing refers to.
fn is_loose(place: &Place) -> bool {
    matches!(place.site, Site::LooseBlob { .. } | Site::LooseTree { .. })
}

/// Where a place is.
struct Whereabouts {
    /// On disk, without links.
    whole: PathBuf,
    /// From the root of its repository, if it is a file.
    within: Option<PathBuf>,
}

/// `whole` relative to `scope`; `None` if it is not below it. What holds everywhere holds where nothing is known.
fn below<'a>(whole: Option<&'a Path>, scope: Option<&Path>) -> Option<&'a Path> {
    match scope {
        None => Some(whole.unwrap_or_else(|| Path::new(""))),
        Some(scope) => whole?.strip_prefix(scope).ok(),
    }
}

/// Whether `rest` is what follows the path of a container, up to something that is packed in it.
fn is_inside(rest: &Path) -> bool {
    rest.as_os_str().as_encoded_bytes().first() == Some(&INSIDE)
}

/// Whether `globs` match `path`: of what is packed in a container, the container's path or its own, to which the
/// container is a directory.
fn matches(globs: &GlobSet, path: &Path) -> bool {
    let text = path.to_string_lossy();
    globs.is_match(path)
        || text
            .find(char::from(INSIDE))
            .is_some_and(|at| globs.is_match(&text[..at]) || globs.is_match(text.replace(char::from(INSIDE), "/")))
}

/// The path that a place has, if it has one.
fn path(site: &Site) -> Option<String> {
    match site {
        Site::File { path } | Site::FileName { path } => Some(String::from_utf8_lossy(path.as_bytes()).into_owned()),
        _ => None,
    }
}

/// The marker and reason of a comment that allows `finding`; what is wrong with one that says too little.
fn heed(
    comment: &Comment,
    finding: &Finding,
    is_rule: &dyn Fn(&str) -> bool,
) -> Result<Option<(String, Text)>, String> {
    if !comment.own {
        return Ok(Some((comment.marker.clone(), comment.words.clone())));
    }
    let words = comment.words.as_bytes();
    let end = words.iter().position(u8::is_ascii_whitespace).unwrap_or(words.len());
    let (rule, reason) = (String::from_utf8_lossy(&words[..end]), words[end..].trim_ascii());
    let lacks = match (rule.is_empty(), reason.is_empty()) {
        (true, _) => Some("a rule and a reason"),
        (false, true) if is_rule(&rule) => Some("a reason"),
        _ => None,
    };
    if let Some(lacks) = lacks {
        let form = "write `keylint: allow RULE REASON`";
        return Err(format!("a comment allows a key without {lacks}, so it does not count; {form}"));
    }
    if !is_rule(&rule) {
        return Err(format!("a comment allows a key of the rule {rule}, which there is not, so it does not count"));
    }
    Ok((rule == finding.rule).then(|| (comment.marker.clone(), reason.into())))
}

/// `src/a.py:12`
fn line(place: &Place) -> Text {
    let path = path(&place.site).unwrap_or_else(|| "standard input".to_owned());
    format!("{path}:{}", place.position.line).as_str().into()
}

#[cfg(test)]
mod tests;
