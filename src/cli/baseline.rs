//! `keylint baseline`: which keys were known before, written down, shortened, taken over from other scanners.
//! Must not know how keys are found or told apart.

use super::{
    Complaint, Exit, args,
    args::BaselineCommand,
    known::{self, Entries, NAME, read},
    output::{self, Destination, shown},
    scan::{self, Job, Prepared},
    settings::{Before, upwards},
};
use keylint::{
    engine::foreign,
    model::{Finding, Fingerprint, Report, Silence, Site, Subject, visible},
    source::Stop,
};
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

pub(super) fn run(args: &args::Baseline) -> Result<Exit, Complaint> {
    match &args.command {
        BaselineCommand::Write { target, output } => {
            let place = Place::of(target, output.as_deref())?;
            let before = place.present()?.unwrap_or_default();
            let scanned = Scanned::of(args, &place, false)?;
            let mut entries = scanned.entries(scanned.covered());
            entries.extend(before.iter().filter(|(_, rule)| !scanned.could_find(rule)).map(owned));
            scanned.finish(&place.path, &before, &entries)
        }
        BaselineCommand::Prune { target, baseline } => {
            let place = Place::of(target, baseline.as_deref())?;
            let missing =
                || Complaint::new(format!("there is no {}; `keylint baseline write` makes one", shown(&place.path)));
            let before = place.present()?.ok_or_else(missing)?;
            if !place.is_whole() {
                let why = "name the directory that it speaks of: what is not looked at is not gone";
                return Err(Complaint::new(format!("{}: {why}", place.target.display())));
            }
            let scanned = Scanned::of(args, &place, true)?;
            if !scanned.report.is_complete() {
                let why = "not all could be read, so what is gone is not known; `keylint scan` says what";
                return Err(Complaint::new(format!("{} is left as it is: {why}", shown(&place.path))));
            }
            let there = scanned.entries(scanned.covered());
            let is_kept = |secret, rule: &str| there.contains_key(secret) || !scanned.could_find(rule);
            let entries = before.iter().filter(|(secret, rule)| is_kept(secret, rule)).map(owned).collect();
            scanned.finish(&place.path, &before, &entries)
        }
        BaselineCommand::Import { file, target, output } => import(args, file, target, output.as_deref()),
    }
}

/// Takes over what another scanner's file says is known, as far as it is found.
fn import(args: &args::Baseline, file: &Path, target: &Path, output: Option<&Path>) -> Result<Exit, Complaint> {
    let name = shown(file);
    let listed = foreign::parse(&output::read(file)?)
        .map_err(|(line, why)| Complaint::new(format!("{name}:{line}: {}", visible(why.as_bytes()))))?;
    let place = Place::of(target, output)?;
    let before = place.present()?.unwrap_or_default();
    let scanned = Scanned::of(args, &place, true)?;
    let mut entries = before.clone();
    let mut out = String::new();
    for entry in &listed {
        if !scanned.all().any(|finding| entry.speaks_of(finding)) {
            let what = output::masked(&visible(entry.what.as_bytes()));
            let _ = writeln!(out, "{name}:{}: nothing was found that this speaks of: {what}", entry.line);
        }
        entries.extend(scanned.entries(scanned.covered().filter(|finding| entry.speaks_of(finding))));
    }
    output::print(out.as_bytes())?;
    scanned.finish(&place.path, &before, &entries)
}

fn owned((secret, rule): (&Fingerprint, &String)) -> (Fingerprint, String) {
    (*secret, rule.clone())
}

/// Where a baseline is, and what it speaks of.
struct Place {
    path: PathBuf,
    /// The directory it holds for; everything, if the user named the file.
    scope: Option<PathBuf>,
    /// What is scanned for it.
    target: PathBuf,
}

impl Place {
    /// The baseline of `target`, unless another is `named`.
    fn of(target: &Path, named: Option<&Path>) -> Result<Self, Complaint> {
        if let Some(path) = named {
            return Ok(Self { path: path.to_owned(), scope: None, target: target.to_owned() });
        }
        let real = fs::canonicalize(target);
        let real = real.map_err(|error| Complaint::new(format!("{}: {error}", target.display())))?;
        let folders: Vec<&Path> = upwards(&real).collect();
        let there = folders.iter().find(|folder| folder.join(NAME).symlink_metadata().is_ok());
        let folder = there.or(folders.last()).ok_or_else(|| Complaint::new("say where it is to be: --output FILE"))?;
        // As the user wrote it where that is the same: that is how paths are shown.
        let target = if *folder == real { target } else { folder };
        Ok(Self { path: folder.join(NAME), scope: Some(folder.to_path_buf()), target: target.to_owned() })
    }

    /// Whether all is scanned that it can speak of.
    fn is_whole(&self) -> bool {
        let Ok(real) = fs::canonicalize(&self.target) else { return true };
        self.scope.is_some() || upwards(&real).last() == Some(&real)
    }

    /// What it holds, if there is one. What is none is not written over.
    fn present(&self) -> Result<Option<Entries>, Complaint> {
        // From a pipe or a device nothing would ever come.
        let is_stream = fs::metadata(&self.path).is_ok_and(|there| !there.is_file() && !there.is_dir());
        if self.path.symlink_metadata().is_ok() && !is_stream { read(&self.path).map(Some) } else { Ok(None) }
    }
}

/// A scan of all that a baseline speaks of.
struct Scanned {
    report: Report,
    prepared: Prepared,
}

impl Scanned {
    /// Scans for the baseline at `place`; with `all`, even what the configuration leaves out.
    fn of(args: &args::Baseline, place: &Place, all: bool) -> Result<Self, Complaint> {
        let mut plain = args::Scan::plain().ok_or_else(|| Complaint::new("a scan without arguments is none"))?;
        plain.targets = vec![place.target.clone()];
        plain.rules.clone_from(&args.rules);
        plain.configured = args.configured.clone();
        let job = Job::of(&plain)?;
        let mut prepared = Prepared::of(&plain, &job, Before::Nowhere)?;
        prepared.know_all(place.scope.clone(), all);
        let report = scan::scan(&plain, &prepared, job, &Arc::new(Stop::default()))?;
        Ok(Self { report, prepared })
    }

    /// Everything that was found, whether it counts or not.
    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.report.findings.iter().chain(self.report.silenced.iter().map(|silenced| &silenced.finding))
    }

    /// What a baseline may hold of what was found.
    fn covered(&self) -> impl Iterator<Item = &Finding> {
        let known = self.report.silenced.iter().filter(|silenced| silenced.why == Silence::Baseline);
        // What is said of a key that is known goes without saying.
        let by_itself = |finding: &&Finding| !matches!(&finding.subject, Subject::Practice(said) if said.key.is_some());
        known.map(|silenced| &silenced.finding).filter(by_itself)
    }

    fn entries<'a>(&self, findings: impl Iterator<Item = &'a Finding>) -> Entries {
        findings.map(|finding| (finding.fingerprint, finding.rule.clone())).collect()
    }

    /// Whether a key of `rule` would have been found, were it there: not if something was not read, or if the rule
    /// is in a file that was not given.
    fn could_find(&self, rule: &str) -> bool {
        self.report.is_complete() && self.prepared.has_rule(rule)
    }

    /// How many keys and other findings there are.
    fn told(&self, entries: &Entries) -> String {
        let lints = entries.values().filter(|rule| self.prepared.is_lint(rule)).count();
        match (entries.len() - lints, lints) {
            (all, 0) => keys(all),
            (some, 1) => format!("{} and 1 lint finding", keys(some)),
            (some, lints) => format!("{} and {lints} lint findings", keys(some)),
        }
    }

    /// Writes the baseline and tells what has changed in it.
    fn finish(&self, path: &Path, before: &Entries, entries: &Entries) -> Result<Exit, Complaint> {
        let notes: BTreeMap<Fingerprint, String> = self.all().map(|f| (f.fingerprint, note(f))).collect();
        let text = known::render(entries, &notes);
        Destination::open(path)?.write(|file| file.write_all(text.as_bytes()))?;
        let new = entries.keys().filter(|secret| !before.contains_key(secret)).count();
        let gone = before.keys().filter(|secret| !entries.contains_key(secret)).count();
        let mut out = format!("{}: {} known ({new} new, {gone} gone)\n", shown(path), self.told(entries));
        let never = &self.prepared.fail_on.never;
        let left = self.report.findings.iter().filter(|finding| never.contains(&finding.rule)).count();
        if left > 0 {
            let _ = writeln!(out, "{} left out, of rules that `never` says nothing may silence", keys(left));
        }
        let unknown = entries.values().filter(|rule| !self.prepared.has_rule(rule)).count();
        if unknown > 0 {
            let _ = writeln!(out, "{} kept unseen, of rules that are not here; give them by --rules", keys(unknown));
        }
        if !self.report.is_complete() {
            let why = "not all could be read, so some may be missing and none was taken out; `keylint scan` says what";
            let _ = writeln!(out, "{why}");
        }
        output::print(out.as_bytes())?;
        Ok(if self.report.is_complete() { Exit::Clean } else { Exit::Incomplete })
    }
}

fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// What a secret is, and where it was first: for people.
fn note(finding: &Finding) -> String {
    let site = finding.places.first().map(|place| match &place.site {
        Site::File { path } | Site::FileName { path } | Site::GitFile { path } => format!(" in {path}"),
        Site::Commit { id, .. } => format!(" in commit {}", id.short()),
        Site::Tag { id } => format!(" in tag {}", id.short()),
        Site::RefName { name } => format!(" in {name}"),
        Site::LooseBlob { id } | Site::LooseTree { id } => format!(" in object {}", id.short()),
        Site::Stdin => String::new(),
    });
    finding.subject.shown() + &visible(site.unwrap_or_default().as_bytes()).replace('\t', " ")
}
