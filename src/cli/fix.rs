//! `keylint fix`: what can be mended without a person, shown or done. Must not know how a mended file looks: that is
//! `keylint::fix`.

use super::{
    Complaint, Exit,
    args::{self, Fix},
    output,
    scan::{self, Job, Prepared},
    settings::Before,
};
use keylint::{
    engine::{Scope, Target},
    fix::{Edit, Literal, applied, of_literal, with_env_files},
    model::{Finding, Place, Report, Secret, Site, Span, Subject, visible},
    rule::{Rule, Tier},
    source::{Stop, git::Repository, path_text},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The rules that are mended by other means than an edit of the file they speak of.
const NOT_IGNORED: &str = "env-file-not-ignored";
const READABLE: &str = "env-file-readable";

pub(super) fn run(args: &Fix) -> Result<Exit, Complaint> {
    let mut plain = args::Scan::plain().ok_or_else(|| Complaint::new("a scan without arguments is none"))?;
    plain.no_history = true;
    // What is packed cannot be mended where it is.
    plain.no_archives = true;
    plain.select.clone_from(&args.select);
    plain.configured = args.configured.clone();
    // Whether files are open to others is a question that only strict lints ask.
    plain.configured.strict = !args.configured.no_lint;
    let scope = Scope::Everything { worktree: true, history: false, ignore: true };
    let job = Job { scope, targets: vec![Target::Path(args.target.clone())], silent_when_clean: true };
    let prepared = Prepared::of(&plain, &job, Before::Found)?;
    let report = scan::scan(&plain, &prepared, job, &Arc::new(Stop::default()))?;
    let mut plan = Plan::of(&report, &prepared, (root(&args.target), args.configured.strict));
    let mut out = plan.shown();
    if args.write {
        plan.write(&mut out);
    }
    plan.conclude(args.write, &report, &prepared, &mut out);
    output::print(out.as_bytes())?;
    Ok(match (plan.left(args.write), report.is_complete()) {
        (true, _) => Exit::Found,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Incomplete,
    })
}

/// Where the paths of a report start: the root of the work tree that `target` is in, or where the user is.
fn root(target: &Path) -> PathBuf {
    Repository::open(target, true).ok().and_then(|repository| repository.root).unwrap_or_default()
}

/// Everything that is to be done, and what is not.
struct Plan {
    root: PathBuf,
    /// By path from the root.
    files: BTreeMap<PathBuf, Change>,
    /// Files to be closed to others.
    modes: BTreeSet<PathBuf>,
    /// What is for people: where, and why.
    by_hand: BTreeSet<(String, String)>,
    /// The secrets that are to be taken out of files.
    secrets: Vec<Secret>,
    /// Whether all that lints say is told.
    strict: bool,
}

/// A file and what is to become of it.
struct Change {
    before: Vec<u8>,
    edits: Vec<Edit>,
    /// All of it, where it is not edited.
    whole: Option<Vec<u8>>,
}

impl Change {
    fn after(&self) -> Vec<u8> {
        self.whole.clone().unwrap_or_else(|| applied(&self.before, &self.edits))
    }
}

impl Plan {
    fn of(report: &Report, prepared: &Prepared, (root, strict): (PathBuf, bool)) -> Self {
        let mut plan = Self {
            root,
            files: BTreeMap::new(),
            modes: BTreeSet::new(),
            by_hand: BTreeSet::new(),
            secrets: Vec::new(),
            strict,
        };
        for finding in &report.findings {
            let rule = prepared.catalog().get(&finding.rule);
            for place in finding.places.iter().filter(|place| place.in_worktree == Some(true)) {
                plan.add(finding, rule, place, report);
            }
        }
        plan
    }

    fn add(&mut self, finding: &Finding, rule: Option<&Rule>, place: &Place, report: &Report) {
        let Site::File { path } = &place.site else { return };
        let at = format!("{}:{}", path, place.position.line);
        let is_own = place.repository.is_none_or(|number| report.repositories[number].folder.as_bytes() == b".");
        let path = PathBuf::from(String::from_utf8_lossy(path.as_bytes()).as_ref());
        if !is_own {
            let why = "it is in a repository of its own: run `keylint fix` there".to_owned();
            self.by_hand.insert((at, why));
            return;
        }
        match (&finding.subject, finding.rule.as_str()) {
            (Subject::Secret(secret), _) => {
                if let Err(why) = self.literal(secret, rule, place, &path) {
                    self.by_hand.insert((at, why.to_owned()));
                }
            }
            (Subject::Practice(_), NOT_IGNORED) => self.ignore(),
            (Subject::Practice(_), READABLE) => drop(self.modes.insert(path)),
            // What is said of a secret is mended with it.
            (Subject::Practice(said), _) if said.key.is_some() => {}
            (Subject::Practice(_), _) if rule.is_none_or(|rule| !self.tells(rule)) => {}
            (Subject::Practice(_), id) => {
                self.by_hand.insert((at, format!("{id}: `keylint rules explain {id}` says how")));
            }
        }
    }

    /// Whether what `rule` finds is told of though it cannot be mended here.
    fn tells(&self, rule: &Rule) -> bool {
        self.strict || rule.lint.as_ref().is_none_or(|lint| lint.tier == Tier::Default)
    }

    /// Plans to take a secret out of the file at `path`.
    fn literal(
        &mut self,
        secret: &Secret,
        rule: Option<&Rule>,
        place: &Place,
        path: &Path,
    ) -> Result<(), &'static str> {
        let variable =
            rule.and_then(|rule| rule.variable.as_deref()).ok_or("such a secret is no setting of a program")?;
        let before = match self.files.get(path) {
            Some(change) => change.before.clone(),
            None => read(&self.root.join(path)).map_err(|_| "the file cannot be read, or is a link")?,
        };
        if !place.via.is_empty() {
            return Err("it is encoded there, or in pieces");
        }
        let start = usize::try_from(place.position.offset).unwrap_or(usize::MAX);
        let span = Span::new(start, start.saturating_add(secret.expose().len()));
        if before.get(span.range()) != Some(secret.expose()) {
            return Err("the file has changed since it was scanned");
        }
        let name = path_text(path);
        let name = String::from_utf8_lossy(name.as_bytes());
        let edits = of_literal(&Literal { path: &name, bytes: &before, span, variable })?;
        let change = self.files.entry(path.to_owned());
        change.or_insert(Change { before, edits: Vec::new(), whole: None }).edits.extend(edits);
        self.secrets.push(secret.clone());
        Ok(())
    }

    /// Plans to have git ignore files with settings.
    fn ignore(&mut self) {
        let before = read(&self.root.join(".gitignore")).unwrap_or_default();
        let whole = Some(with_env_files(&before));
        self.files.insert(PathBuf::from(".gitignore"), Change { before, edits: Vec::new(), whole });
    }

    /// Every change as a diff, secrets masked.
    fn shown(&self) -> String {
        let mut out = String::new();
        for (path, change) in &self.files {
            let [before, after] = [&change.before, &change.after()].map(|bytes| self.masked(bytes));
            let name = path_text(path).to_string();
            let diff = similar::TextDiff::from_lines(&before, &after);
            let _ = writeln!(out, "{}", diff.unified_diff().context_radius(2).header(&name, &name));
        }
        for path in &self.modes {
            let _ = writeln!(out, "{}: chmod 600\n", path_text(path));
        }
        output::masked(&out)
    }

    fn masked(&self, bytes: &[u8]) -> String {
        let mut text = String::new();
        for line in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            text.push_str(&visible(line.trim_end_matches(['\n', '\r']).as_bytes()));
            text.push('\n');
        }
        for secret in &self.secrets {
            text = text.replace(String::from_utf8_lossy(secret.expose()).as_ref(), &secret.masked());
        }
        text
    }

    /// Makes the changes. What cannot be changed is for people.
    fn write(&mut self, out: &mut String) {
        let mut done = 0;
        for (path, change) in std::mem::take(&mut self.files) {
            match replace(&self.root.join(&path), &change.before, &change.after()) {
                Ok(()) => done += 1,
                Err(error) => drop(self.by_hand.insert((path_text(&path).to_string(), error.to_string()))),
            }
        }
        for path in std::mem::take(&mut self.modes) {
            match close(&self.root.join(&path)) {
                Ok(()) => done += 1,
                Err(error) => drop(self.by_hand.insert((path_text(&path).to_string(), error.to_string()))),
            }
        }
        if done > 0 {
            let _ = writeln!(out, "{done} {} changed", if done == 1 { "file" } else { "files" });
        }
    }

    /// What is left to do, and what comes before all of it.
    fn conclude(&self, written: bool, report: &Report, prepared: &Prepared, out: &mut String) {
        if !self.by_hand.is_empty() {
            out.push_str("For you to do:\n");
            for (at, why) in &self.by_hand {
                let _ = writeln!(out, "  {}: {why}", output::masked(at));
            }
            out.push('\n');
        }
        let keys: Vec<&Finding> = report.findings.iter().filter(|finding| finding.secret().is_some()).collect();
        if !keys.is_empty() {
            out.push_str("Revoke first. A change takes a key out of a file, and not from those who have it:\n");
        }
        for key in keys {
            let rule = prepared.catalog().get(&key.rule);
            let name = rule.map_or(key.rule.as_str(), |rule| rule.name.as_str());
            let url = rule.and_then(|rule| rule.rotate.iter().find_map(|step| step.url.as_deref()));
            let url = url.map(|url| format!(": {url}")).unwrap_or_default();
            let _ = writeln!(out, "  {name} {}{url}", key.subject.shown());
        }
        match (self.files.is_empty() && self.modes.is_empty(), self.by_hand.is_empty()) {
            (true, true) if report.findings.is_empty() => out.push_str("Nothing to mend.\n"),
            (false, _) if !written => out.push_str("\nNothing was changed; --write makes the changes above.\n"),
            _ => {}
        }
        if !report.is_complete() {
            out.push_str("Not all could be read; `keylint scan` says what.\n");
        }
    }

    fn left(&self, written: bool) -> bool {
        !self.by_hand.is_empty() || !written && (!self.files.is_empty() || !self.modes.is_empty())
    }
}

/// The file at `path`, which is no link.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    fs::read(path)
}

/// Puts `after` in the place of the file at `path`, in one step and with its permissions, if that is still `before`.
fn replace(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    let there = fs::symlink_metadata(path).ok();
    let now = if there.is_some() { read(path)? } else { Vec::new() };
    if now != before {
        return Err(io::Error::other("it has changed since it was scanned; run this again"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".keylint-").tempfile_in(folder)?;
    file.write_all(after)?;
    let permissions = there.map_or_else(new_permissions, |there| Some(there.permissions()));
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(path)?;
    Ok(())
}

/// As files are that everybody may read.
fn new_permissions() -> Option<fs::Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    #[cfg(not(unix))]
    None
}

/// Takes the file at `path` from everybody but its owner.
fn close(path: &Path) -> io::Result<()> {
    read(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}
