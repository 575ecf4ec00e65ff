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
    engine::{Policy, foreign},
    model::{Finding, Fingerprint, Report, Site, visible},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

pub(super) fn run(args: &args::Baseline) -> Result<Exit, Complaint> {
    match &args.command {
        BaselineCommand::Write { target, output } => {
            let path = place(target, output.as_deref())?;
            let before = present(&path)?;
            let scanned = Scanned::of(args, target, false)?;
            let entries = scanned.entries(scanned.report.findings.iter());
            scanned.finish(&path, &before.unwrap_or_default(), &entries)
        }
        BaselineCommand::Prune { target, baseline } => {
            let path = place(target, baseline.as_deref())?;
            let missing =
                || Complaint::new(format!("there is no {}; `keylint baseline write` makes one", shown(&path)));
            let before = present(&path)?.ok_or_else(missing)?;
            let scanned = Scanned::of(args, target, true)?;
            if !scanned.report.is_complete() {
                let why = "not all could be read, so what is gone is not known; `keylint scan` says what";
                return Err(Complaint::new(format!("{} is left as it is: {why}", shown(&path))));
            }
            let there: BTreeSet<Fingerprint> = scanned.all().map(|finding| finding.fingerprint).collect();
            let kept = before.iter().filter(|(secret, _)| there.contains(secret));
            let entries = kept.map(|(secret, rule)| (*secret, rule.clone())).collect();
            scanned.finish(&path, &before, &entries)
        }
        BaselineCommand::Import { file, target, output } => import(args, file, target, output.as_deref()),
    }
}

/// Takes over what another scanner's file says is known, as far as it is found.
fn import(args: &args::Baseline, file: &Path, target: &Path, output: Option<&Path>) -> Result<Exit, Complaint> {
    let name = shown(file);
    let listed = foreign::parse(&output::read(file)?)
        .map_err(|(line, why)| Complaint::new(format!("{name}:{line}: {}", visible(why.as_bytes()))))?;
    let path = place(target, output)?;
    let before = present(&path)?.unwrap_or_default();
    let scanned = Scanned::of(args, target, true)?;
    let mut entries = before.clone();
    let mut out = String::new();
    let all: Vec<&Finding> = scanned.all().collect();
    for entry in &listed {
        let found: Vec<&Finding> = all.iter().copied().filter(|finding| entry.speaks_of(finding)).collect();
        if found.is_empty() {
            let what = visible(entry.what.as_bytes());
            let _ = writeln!(out, "{name}:{}: nothing was found that this speaks of: {what}", entry.line);
        }
        entries.extend(scanned.entries(found.into_iter()));
    }
    output::print(out.as_bytes())?;
    scanned.finish(&path, &before, &entries)
}

/// Where the baseline of `target` is.
fn place(target: &Path, named: Option<&Path>) -> Result<PathBuf, Complaint> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let target = fs::canonicalize(target).map_err(|error| Complaint::new(format!("{}: {error}", target.display())))?;
    let folders: Vec<&Path> = upwards(&target).collect();
    let there = folders.iter().find(|folder| folder.join(NAME).symlink_metadata().is_ok());
    let folder = there.or(folders.last()).ok_or_else(|| Complaint::new("say where it is to be: --output FILE"))?;
    Ok(folder.join(NAME))
}

/// What the baseline holds, if there is one. What is none is not written over.
fn present(path: &Path) -> Result<Option<Entries>, Complaint> {
    if path.symlink_metadata().is_ok() { read(path).map(Some) } else { Ok(None) }
}

/// A scan of all there is.
struct Scanned {
    report: Report,
    never: BTreeSet<String>,
}

impl Scanned {
    /// Scans `target`; with `all`, even what the configuration leaves out.
    fn of(args: &args::Baseline, target: &Path, all: bool) -> Result<Self, Complaint> {
        let mut plain = args::Scan::plain().ok_or_else(|| Complaint::new("a scan without arguments is none"))?;
        plain.targets = vec![target.to_owned()];
        plain.rules.clone_from(&args.rules);
        plain.configured = args.configured.clone();
        let job = Job::of(&plain);
        let mut prepared = Prepared::of(&plain, &job, Before::Nowhere)?;
        if all {
            prepared.policy = Policy::default();
        }
        let report = scan::scan(&plain, &prepared, job)?;
        Ok(Self { report, never: prepared.fail_on.never })
    }

    /// Everything that was found, whether it counts or not.
    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.report.findings.iter().chain(self.report.silenced.iter().map(|silenced| &silenced.finding))
    }

    /// What of `findings` a baseline may hold.
    fn entries<'a>(&self, findings: impl Iterator<Item = &'a Finding>) -> Entries {
        let allowed = findings.filter(|finding| !self.never.contains(&finding.rule));
        allowed.map(|finding| (finding.fingerprint, finding.rule.clone())).collect()
    }

    /// Writes the baseline and tells what has changed in it.
    fn finish(&self, path: &Path, before: &Entries, entries: &Entries) -> Result<Exit, Complaint> {
        let notes: BTreeMap<Fingerprint, String> = self.all().map(|f| (f.fingerprint, note(f))).collect();
        let text = known::render(entries, &notes);
        Destination::open(path)?.write(|file| file.write_all(text.as_bytes()))?;
        let new = entries.keys().filter(|secret| !before.contains_key(secret)).count();
        let gone = before.keys().filter(|secret| !entries.contains_key(secret)).count();
        let mut out = format!("{}: {} known ({new} new, {gone} gone)\n", shown(path), keys(entries.len()));
        let left = self.report.findings.iter().filter(|finding| self.never.contains(&finding.rule)).count();
        if left > 0 {
            let _ = writeln!(out, "{} left out, of rules that `never` says nothing may silence", keys(left));
        }
        if !self.report.is_complete() {
            let _ = writeln!(out, "not all could be read, so some may be missing; `keylint scan` says what");
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
    finding.secret.masked() + &visible(site.unwrap_or_default().as_bytes()).replace('\t', " ")
}
