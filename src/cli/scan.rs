//! `keylint scan`: from arguments to written reports. Must not know how a scan is done.

use super::{
    Complaint, Exit,
    args::{self, VerifyLevel},
    clock::now,
    interrupt,
    progress::Progress,
    reports::Outputs,
    rules,
    settings::{Before, Settings},
    targets,
    verify::Asker,
};
use keylint::{
    engine::{self, Baseline, FailOn, Policy, Scope, Secrets, Suppression, Target},
    lint::{self, Linter},
    matcher::Matcher,
    model::{Confidence, Notice, Report, Text},
    rule::{Catalog, Tier},
    source::{Limits, Stop, Tally, git::Revisions},
};
use std::{env, fs, num::NonZeroUsize, path::PathBuf, sync::Arc, thread, time::Instant};

/// What is scanned, and how quietly.
pub(super) struct Job {
    pub(super) scope: Scope,
    pub(super) targets: Vec<Target>,
    /// Whether a report of nothing at all is not written.
    pub(super) silent_when_clean: bool,
}

impl Job {
    /// What `args` say.
    pub(super) fn of(args: &args::Scan) -> Result<Self, Complaint> {
        let targets = targets::all(args)?;
        Ok(Self { scope: scope(args, &targets), targets, silent_when_clean: false })
    }
}

/// What a scan is made with, before anything is read.
pub(super) struct Prepared {
    settings: Settings,
    catalog: Catalog,
    matcher: Matcher,
    pub(super) policy: Policy,
    suppression: Suppression,
    pub(super) fail_on: FailOn,
    /// Where the configuration says what makes the scan fail.
    threshold: Option<Text>,
    lint: Option<lint::Options>,
}

impl Prepared {
    pub(super) fn of(args: &args::Scan, job: &Job, before: Before<'_>) -> Result<Self, Complaint> {
        let settings = Settings::load(&args.configured, before, (&job.scope, &job.targets))?;
        let files = [settings.rules()?, args.rules.clone()].concat();
        let catalog = rules::catalog(&files)?;
        settings.check(&catalog)?;
        let mut policy = policy(args, &catalog)?;
        settings.narrow(&mut policy);
        let matcher = Matcher::new(&catalog).map_err(|error| Complaint::new(error.to_string()))?;
        if !files.is_empty() {
            // The built-in patterns are known to compile; one that does not would find nothing, silently.
            let compiled = matcher.compile(&catalog).and_then(|()| Linter::check_patterns(&catalog));
            compiled.map_err(|error| Complaint::new(error.to_string()))?;
        }
        let strict =
            args.configured.strict || settings.is_strict() || policy.select.iter().any(|id| is_strict(id, &catalog));
        let lint = (!args.configured.no_lint).then_some(lint::Options { strict, key_age: settings.key_age() });
        let suppression = settings.suppression(&args.select, &catalog);
        let (mut fail_on, mut threshold) = settings.fail_on();
        if let Some(severity) = args.fail_on {
            // What the command line asks for, a configuration does not lower.
            (fail_on.severity, fail_on.confidence, threshold) = (severity.into(), Confidence::Low, None);
        }
        Ok(Self { settings, catalog, matcher, policy, suppression, fail_on, threshold, lint })
    }

    /// Has all that is found below `scope` told as known before. With `only`, whatever else is said of it.
    pub(super) fn know_all(&mut self, scope: Option<PathBuf>, only: bool) {
        if only {
            self.policy = Policy::default();
            self.suppression.allow.clear();
            self.suppression.inline = false;
        }
        let all = Baseline { at: Text::default(), scope, secrets: Secrets::All };
        self.suppression.baselines.push(all);
    }

    /// Whether there is a rule of that name.
    pub(super) fn has_rule(&self, id: &str) -> bool {
        self.catalog.get(id).is_some()
    }

    /// The rules.
    pub(super) const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Whether the rule of that name is a lint.
    pub(super) fn is_lint(&self, id: &str) -> bool {
        self.catalog.get(id).is_some_and(|rule| rule.lint.is_some())
    }

    /// Says so where findings do not fail the scan for what a configuration says.
    fn excuse(&self, report: &mut Report, exit: Exit) {
        if let Some(at) = self.threshold.as_ref().filter(|_| exit != Exit::Found && !report.findings.is_empty()) {
            let why = "`fail-on` says that what was found is no reason to fail";
            report.notices.push(Notice { what: at.clone(), why: why.to_owned() });
        }
    }
}

pub(super) fn run(args: &args::Scan) -> Result<Exit, Complaint> {
    run_job(args, Job::of(args)?)
}

/// Scans what `job` says, as `args` say.
pub(super) fn run_job(args: &args::Scan, job: Job) -> Result<Exit, Complaint> {
    let start = Instant::now();
    if args.verify.is_none() && args.asking.is_given() {
        return Err(Complaint::new("--verify-host and --verify-cache say how issuers are asked: add --verify"));
    }
    if args.verify == Some(VerifyLevel::Plan) && !args.only.is_empty() {
        return Err(Complaint::new(
            "--verify=plan asks nobody, so that --only has nothing to go by: take one of them out",
        ));
    }
    let prepared = Prepared::of(args, &job, args.baseline.as_deref().map_or(Before::Found, Before::File))?;
    let outputs = Outputs::open(args, &job.targets)?;
    let silent = job.silent_when_clean;
    let stop = Arc::new(Stop::default());
    let mut report = scan(args, &prepared, job, &stop)?;
    if let Some(level) = args.verify {
        let asker = Asker::of(&args.asking, &prepared.settings, &prepared.catalog, (now(), args.quiet))?;
        asker.settle(level, &args.only, &mut report, &stop)?;
    }
    if args.anonymous {
        report.anonymize();
    }
    let exit = Exit::of(&report, &prepared.fail_on, args.exit_zero);
    if !args.exit_zero {
        prepared.excuse(&mut report, exit);
    }
    let nothing = report.findings.is_empty() && report.silenced.is_empty() && report.is_complete();
    if !(silent && nothing && report.notices.is_empty()) {
        outputs.write(args, &report, &prepared.catalog, (start.elapsed(), now()))?;
    }
    Ok(exit)
}

/// Scans what `job` says.
pub(super) fn scan(args: &args::Scan, prepared: &Prepared, job: Job, stop: &Arc<Stop>) -> Result<Report, Complaint> {
    let jobs =
        args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get), NonZeroUsize::get);
    // Fails only if the pool is there already, which then serves.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
    interrupt::raise_on_interrupt(stop);
    let tally = Arc::new(Tally::default());
    let _progress = Progress::show(&tally, !args.no_progress && !args.quiet);
    let Job { scope, targets, .. } = job;
    let (policy, suppression) = (prepared.policy.clone(), prepared.suppression.clone());
    let rules = (&prepared.catalog, &prepared.matcher);
    let (show_secrets, lint, now) = (args.show_secrets, prepared.lint, now());
    let limits = (!args.no_archives).then(Limits::default);
    let options = engine::Options { scope, show_secrets, limits, jobs, now, policy, suppression, lint };
    engine::scan(&targets, rules, &options, &tally, stop).map_err(|error| Complaint::new(error.to_string()))
}

fn scope(args: &args::Scan, targets: &[Target]) -> Scope {
    if args.staged {
        // Git names the index that a commit is made of: for `git commit -a` it is not the usual one.
        let here = |target: &Target| match target {
            Target::Path(path) => fs::canonicalize(path).ok() == fs::canonicalize(".").ok(),
            _ => false,
        };
        let is_here = targets.iter().all(here);
        let index = env::var_os("GIT_INDEX_FILE").filter(|_| is_here).map(PathBuf::from);
        return Scope::Staged { index };
    }
    match &args.range {
        Some(spec) => Scope::Range(Revisions { spec: Some(spec.clone()), ..Revisions::default() }),
        None => Scope::Everything { worktree: !args.history_only, history: !args.no_history, ignore: !args.no_ignore },
    }
}

/// Whether `id` is a lint that runs only when asked for.
fn is_strict(id: &str, catalog: &Catalog) -> bool {
    let lint = catalog.get(id).and_then(|rule| rule.lint.as_ref());
    lint.is_some_and(|lint| lint.tier == Tier::Strict)
}

fn policy(args: &args::Scan, catalog: &Catalog) -> Result<Policy, Complaint> {
    for id in args.select.iter().chain(&args.ignore) {
        if catalog.get(id).is_none() {
            return Err(rules::unknown(id, catalog));
        }
    }
    Ok(Policy {
        select: args.select.iter().cloned().collect(),
        ignore: args.ignore.iter().cloned().collect(),
        min_severity: args.min_severity.into(),
        min_confidence: args.min_confidence.into(),
    })
}
