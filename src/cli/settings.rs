//! What the configuration says, of whichever files it is: found, read, and cut into the options of the library's
//! stages. Must not know how anything is matched.
//!
//! A file that the user names may say anything. One that a scanned repository brings may only make things not
//! count, visibly, and only what is its own.

use super::{
    Complaint, args,
    config::{self, Config},
    known,
    output::{self, shown},
};
use globset::GlobSet;
use keylint::{
    engine::{Allow, Base, Baseline, FailOn, Policy, Scope, Secrets, Suppression, Target},
    lint,
    model::{Confidence, Fingerprint, Severity, Text},
    rule::Catalog,
    source::path_text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What a configuration is called.
const NAMES: [&str; 2] = ["keylint.toml", ".keylint.toml"];

/// Where to look for what was known before.
#[derive(Clone, Copy)]
pub(super) enum Before<'a> {
    /// Where the repository has it.
    Found,
    /// In this file.
    File(&'a Path),
    /// Nowhere.
    Nowhere,
}

/// All configuration of a scan.
pub(super) struct Settings {
    files: Vec<File>,
    baselines: Vec<Baseline>,
    /// Whether a configuration speaks of each thing that is scanned.
    all_configured: bool,
    inline: bool,
    targets: Vec<Base>,
    /// What of them is scanned.
    scope: Scope,
}

/// One configuration file.
struct File {
    path: PathBuf,
    name: String,
    text: String,
    /// The directory it is about; everything if the user named it.
    scope: Option<PathBuf>,
    config: Config,
}

impl Settings {
    /// Reads what `args` name, or else what the targets bring.
    pub(super) fn load(
        args: &args::Configured,
        before: Before<'_>,
        (scope, targets): (&Scope, &[Target]),
    ) -> Result<Self, Complaint> {
        let bases: Vec<Base> = targets.iter().filter_map(base).collect();
        let mut settings = Self {
            files: Vec::new(),
            baselines: Vec::new(),
            all_configured: true,
            inline: !args.no_inline_allow,
            targets: bases,
            scope: scope.clone(),
        };
        if let Some(path) = &args.config {
            settings.files.push(File::read(path.clone(), None)?);
        } else {
            // Nothing that a repository brings speaks of standard input.
            settings.all_configured = settings.targets.len() == targets.len();
            settings.discover(args.no_repo_config)?;
        }
        match before {
            Before::Found if !args.no_repo_config => settings.discover_baselines()?,
            Before::File(path) => settings.baselines.push(known(path, None)?),
            Before::Found | Before::Nowhere => {}
        }
        Ok(settings)
    }

    /// What the user's own file says, where nothing is scanned.
    pub(super) fn of_user(path: Option<&Path>) -> Result<Self, Complaint> {
        let files = path.map(|path| File::read(path.to_owned(), None)).transpose()?.into_iter().collect();
        let scope = Scope::Everything { worktree: false, history: false, ignore: false };
        Ok(Self { files, baselines: vec![], all_configured: true, inline: false, targets: vec![], scope })
    }

    fn discover(&mut self, ignored: bool) -> Result<(), Complaint> {
        for target in &self.targets {
            let found = if ignored { None } else { find(&target.real, &NAMES)? };
            let Some(path) = found else {
                self.all_configured = false;
                continue;
            };
            // The history is that of the whole repository, whatever directory of it was named.
            self.all_configured &= is_files_alone(&self.scope) || path.parent() == Some(&target.root);
            if self.files.iter().all(|file| file.path != path) {
                let scope = path.parent().map(Path::to_owned);
                self.files.push(File::read(path, scope)?);
            }
        }
        Ok(())
    }

    fn discover_baselines(&mut self) -> Result<(), Complaint> {
        let mut paths = BTreeSet::new();
        for target in &self.targets {
            paths.extend(find(&target.real, &[known::NAME])?);
        }
        for path in paths {
            let scope = path.parent().map(Path::to_owned);
            self.baselines.push(known(&path, scope)?);
        }
        Ok(())
    }

    /// Further rules that the user's own file names.
    pub(super) fn rules(&self) -> Result<Vec<PathBuf>, Complaint> {
        let mut paths = Vec::new();
        for file in &self.files {
            for rules in &file.config.rules {
                if file.scope.is_some() {
                    let why = "only a file given by --config may add rules; --no-repo-config leaves this one out";
                    return Err(Complaint::new(format!("{}: {why}", file.at(rules.span().start))));
                }
                let folder = file.path.parent().unwrap_or(Path::new(""));
                paths.push(folder.join(rules.get_ref()));
            }
        }
        Ok(paths)
    }

    /// Other addresses to ask about keys, by provider. What is scanned names none, whoever points at the file in it: it
    /// would be sent the keys.
    pub(super) fn base_urls(&self) -> Result<BTreeMap<String, String>, Complaint> {
        let mut bases = BTreeMap::new();
        for file in self.files.iter().filter(|file| file.scope.is_none()) {
            let Some(said) = file.config.verify.as_ref().filter(|said| !said.get_ref().base_url.is_empty()) else {
                continue;
            };
            let real = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
            let around = fs::canonicalize(".").ok().and_then(|here| upwards(&here).last().map(Path::to_owned));
            let around = around.filter(|root| root.join(".git").exists());
            let scanned = self.targets.iter().map(|target| &target.root).chain(&around);
            if scanned.into_iter().any(|root| real.starts_with(root)) {
                let why = "a file within what is scanned does not say whom to ask: keep it elsewhere";
                return Err(Complaint::new(format!("{}: {why}", file.at(said.span().start))));
            }
            bases.extend(said.get_ref().base_url.iter().map(|(name, base)| (name.clone(), base.get_ref().clone())));
        }
        Ok(bases)
    }

    /// Whether any file asks for every lint.
    pub(super) fn is_strict(&self) -> bool {
        self.files.iter().any(|file| file.config.strict)
    }

    /// After how many days a key is old: the fewest that any file says.
    pub(super) fn key_age(&self) -> u32 {
        let said = self.files.iter().filter_map(|file| file.config.key_age);
        said.min().unwrap_or(lint::Options::KEY_AGE)
    }

    /// Whether all that is said means something, now that the rules are known.
    pub(super) fn check(&self, catalog: &Catalog) -> Result<(), Complaint> {
        let faults = self.files.iter().flat_map(|file| file.config.check(&file.name, &file.text, catalog));
        let mut faults: Vec<String> = faults.collect();
        for file in self.files.iter().filter(|file| file.scope.is_some()) {
            let said = file.config.verify.as_ref().map(|verify| file.at(verify.span().start));
            let why = "only a file given by --config may say whom to ask; --no-repo-config leaves this one out";
            faults.extend(said.map(|at| format!("{at}: {why}")));
        }
        if faults.is_empty() { Ok(()) } else { Err(Complaint::new(faults.join("\n"))) }
    }

    /// Which rules are reported, where the command line says nothing of them. Only the user's own file may
    /// leave some out; what a repository leaves out is silenced instead.
    pub(super) fn narrow(&self, policy: &mut Policy) {
        if !policy.select.is_empty() {
            return;
        }
        for file in self.files.iter().filter(|file| file.scope.is_none()) {
            policy.ignore.extend(names(&file.config.ignore));
            policy.select.extend(names(&file.config.select));
        }
        if !policy.select.is_empty() {
            policy.select.extend(self.never());
        }
    }

    /// What does not count. `selected` are the rules that the command line asks for by name: they count.
    pub(super) fn suppression(&self, selected: &[String], catalog: &Catalog) -> Suppression {
        let mut allow = Vec::new();
        for file in &self.files {
            allow.extend(file.config.allow.iter().filter_map(|entry| file.entry(entry)));
            allow.extend(file.config.policy.known_keys.iter().map(|key| file.known_key(key)));
            allow.extend(file.ignored_paths());
            allow.extend(file.ignored_lints(catalog));
            if file.scope.is_some() && selected.is_empty() {
                allow.extend(file.ignored_rules(catalog));
            }
        }
        Suppression {
            allow,
            baselines: self.baselines.clone(),
            never: self.never(),
            inline: self.inline,
            whole: self.is_whole(),
            targets: self.targets.clone(),
        }
    }

    /// Whether everything is scanned that an entry could be meant for.
    fn is_whole(&self) -> bool {
        let scopes = self.files.iter().map(|file| &file.scope);
        let mut scopes = scopes.chain(self.baselines.iter().map(|baseline| &baseline.scope));
        let is_below = |scope: &PathBuf| self.targets.iter().any(|target| scope.starts_with(&target.real));
        let all_roots = self.targets.iter().all(|target| target.real == target.root) && !self.targets.is_empty();
        matches!(self.scope, Scope::Everything { worktree: true, history: true, .. })
            && scopes.all(|scope| scope.as_ref().map_or(all_roots, is_below))
    }

    /// What makes the scan fail, and where that is said. Of several that say so, the strictest holds.
    pub(super) fn fail_on(&self) -> (FailOn, Option<Text>) {
        let never = self.never();
        let mut found: Option<(Severity, Confidence)> = None;
        let mut at = None;
        for file in self.files.iter().filter(|_| self.all_configured) {
            let said = file.config.policy.fail_on.as_ref();
            let severity = said.and_then(|said| said.get_ref().severity).unwrap_or(Severity::Note);
            let confidence = said.and_then(|said| said.get_ref().confidence).unwrap_or(Confidence::Low);
            found = Some(found.map_or((severity, confidence), |(s, c)| (s.min(severity), c.min(confidence))));
            at = at.or_else(|| said.map(|said| file.at(said.span().start).as_str().into()));
        }
        let Some((severity, confidence)) = found else { return (FailOn { never, ..FailOn::default() }, None) };
        (FailOn { severity, confidence, never }, at)
    }

    fn never(&self) -> BTreeSet<String> {
        self.files.iter().flat_map(|file| names(&file.config.policy.never)).collect()
    }
}

impl File {
    fn read(path: PathBuf, scope: Option<PathBuf>) -> Result<Self, Complaint> {
        let (name, text) = (shown(&path), output::read(&path)?);
        let config = Config::parse(&name, &text)?;
        Ok(Self { path, name, text, scope, config })
    }

    fn at(&self, offset: usize) -> String {
        format!("{}:{}", self.name, config::line_of(&self.text, offset))
    }

    /// An entry that matches everything within its file's reach.
    fn any(&self, offset: usize, reason: &str) -> Allow {
        Allow {
            at: self.at(offset).as_str().into(),
            scope: self.scope.clone(),
            rules: BTreeSet::new(),
            paths: GlobSet::empty(),
            fingerprint: None,
            reason: reason.to_owned(),
            owner: None,
            until: None,
            expected: false,
        }
    }

    fn entry(&self, entry: &toml::Spanned<config::Entry>) -> Option<Allow> {
        let said = entry.get_ref();
        Some(Allow {
            rules: said.rule.iter().map(|rule| rule.get_ref().clone()).collect(),
            paths: globs(&said.paths)?,
            fingerprint: said.fingerprint.as_ref().and_then(|hex| Fingerprint::from_hex(hex.get_ref())),
            owner: said.owner.as_ref().map(|owner| owner.get_ref().trim().to_owned()),
            until: said.until.as_ref().and_then(|until| until.get_ref().day()),
            expected: true,
            ..self.any(entry.span().start, said.reason.get_ref().trim())
        })
    }

    fn known_key(&self, key: &toml::Spanned<String>) -> Allow {
        let fingerprint = Fingerprint::from_hex(key.get_ref());
        Allow { fingerprint, ..self.any(key.span().start, "a key that may exist, by `known-keys`") }
    }

    fn ignored_paths(&self) -> Option<Allow> {
        let first = self.config.ignore_paths.first()?;
        let paths = globs(&self.config.ignore_paths)?;
        Some(Allow { paths, ..self.any(first.span().start, "a path that `ignore-paths` leaves out") })
    }

    fn ignored_lints(&self, catalog: &Catalog) -> Option<Allow> {
        let first = self.config.ignore_lints.first()?;
        let paths = globs(&self.config.ignore_lints)?;
        let lints = catalog.rules().iter().filter(|rule| rule.lint.is_some());
        let rules = lints.map(|rule| rule.id().to_owned()).collect();
        Some(Allow { paths, rules, ..self.any(first.span().start, "a path that `ignore-lints` leaves out") })
    }

    fn ignored_rules(&self, catalog: &Catalog) -> Vec<Allow> {
        let mut entries = Vec::new();
        if let Some(first) = self.config.ignore.first() {
            let rules = names(&self.config.ignore).collect();
            entries.push(Allow { rules, ..self.any(first.span().start, "a rule that `ignore` leaves out") });
        }
        if let Some(first) = self.config.select.first() {
            let selected: BTreeSet<String> = names(&self.config.select).collect();
            let ids = catalog.rules().iter().map(|rule| rule.id().to_owned());
            let rules: BTreeSet<String> = ids.filter(|id| !selected.contains(id)).collect();
            let entry = Allow { rules, ..self.any(first.span().start, "a rule that `select` leaves out") };
            entries.extend((!entry.rules.is_empty()).then_some(entry));
        }
        entries
    }
}

fn names(list: &[toml::Spanned<String>]) -> impl Iterator<Item = String> + '_ {
    list.iter().map(|name| name.get_ref().clone())
}

/// Globs that were checked before. An empty set would match everything, so it is not made of what is wrong.
fn globs(list: &[toml::Spanned<String>]) -> Option<GlobSet> {
    config::paths(list.iter().map(|glob| glob.get_ref().as_str())).ok()
}

fn is_files_alone(scope: &Scope) -> bool {
    matches!(scope, Scope::Everything { history: false, .. })
}

/// What is known of a target that is a file or a directory.
fn base(target: &Target) -> Option<Base> {
    let (written, real) = match target {
        // One that is not there is told of when it is read.
        Target::Path(path) => (path_text(path), fs::canonicalize(path).ok()?),
        Target::Text { name, .. } => (name.clone(), fs::canonicalize(".").ok()?),
        Target::Stdin => return None,
    };
    let folder = if real.is_dir() { &real } else { real.parent()? };
    let root = upwards(&real).last().unwrap_or(folder).to_owned();
    Some(Base { written, real, root })
}

/// The one file of these names in the nearest directory that has one, from `target` up to the root of the
/// repository it is in.
fn find(target: &Path, names: &[&str]) -> Result<Option<PathBuf>, Complaint> {
    for folder in upwards(target) {
        let there: Vec<PathBuf> =
            names.iter().map(|name| folder.join(name)).filter(|path| path.symlink_metadata().is_ok()).collect();
        match &there[..] {
            [] => {}
            [path] => return regular(path).map(Some),
            _ => {
                let both = names.join(" and ");
                return Err(Complaint::new(format!("{}: there are {both}; keep one of them", shown(folder))));
            }
        }
    }
    Ok(None)
}

/// What a repository brings is not followed to anywhere else, and not waited for.
fn regular(path: &Path) -> Result<PathBuf, Complaint> {
    if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(path.to_owned());
    }
    let why = "this is no regular file; --no-repo-config leaves it out";
    Err(Complaint::new(format!("{}: {why}", shown(path))))
}

/// The directories from `target` up to the root of its repository. What is in none has itself alone: what lies
/// around it is nobody's.
pub(super) fn upwards(target: &Path) -> impl Iterator<Item = &Path> {
    let all: Vec<&Path> = target.ancestors().filter(|folder| folder.is_dir()).collect();
    let root = all.iter().position(|folder| folder.join(".git").symlink_metadata().is_ok());
    let reach = root.map_or(usize::from(target.is_dir()), |root| root + 1);
    all.into_iter().take(reach)
}

fn known(path: &Path, scope: Option<PathBuf>) -> Result<Baseline, Complaint> {
    let secrets = Secrets::Listed(known::read(path)?.into_keys().collect());
    Ok(Baseline { at: shown(path).as_str().into(), scope, secrets })
}
