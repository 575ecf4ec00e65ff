//! `keylint scan`: from arguments to written reports. Must not know how a scan is done.

use super::{Complaint, Exit, args, interrupt, progress::Progress, reports::Outputs, rules};
use keylint::{
    engine::{self, Policy, Scope, Target},
    matcher::Matcher,
    model::Report,
    rule::Catalog,
    source::{Stop, Tally, git::Revisions},
};
use std::{
    env,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// What is scanned, and how quietly.
pub(super) struct Job {
    pub(super) scope: Scope,
    pub(super) targets: Vec<Target>,
    /// Whether a report of nothing at all is not written.
    pub(super) silent_when_clean: bool,
}

pub(super) fn run(args: &args::Scan) -> Result<Exit, Complaint> {
    let targets = args.targets.iter().map(|path| target(path)).collect();
    run_job(args, Job { scope: scope(args), targets, silent_when_clean: false })
}

/// Scans what `job` says, as `args` say.
pub(super) fn run_job(args: &args::Scan, job: Job) -> Result<Exit, Complaint> {
    let start = Instant::now();
    let catalog = rules::catalog(&args.rules)?;
    let policy = policy(args, &catalog)?;
    let matcher = Matcher::new(&catalog).map_err(|error| Complaint::new(error.to_string()))?;
    if !args.rules.is_empty() {
        // The built-in patterns are known to compile; one that does not would find nothing, silently.
        matcher.compile(&catalog).map_err(|error| Complaint::new(error.to_string()))?;
    }
    let outputs = Outputs::open(args)?;
    let silent = job.silent_when_clean;
    let report = scan(args, policy, (&catalog, &matcher), job)?;
    let nothing = report.findings.is_empty() && report.silenced.is_empty() && report.is_complete();
    if !(silent && nothing) {
        outputs.write(args, &report, &catalog, (start.elapsed(), now()))?;
    }
    Ok(Exit::of(&report, args.exit_zero))
}

fn scan(args: &args::Scan, policy: Policy, rules: (&Catalog, &Matcher), job: Job) -> Result<Report, Complaint> {
    let jobs =
        args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get), NonZeroUsize::get);
    // Fails only if the pool is there already, which then serves.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
    let stop = Arc::new(Stop::default());
    interrupt::raise_on_interrupt(&stop);
    let tally = Arc::new(Tally::default());
    let _progress = Progress::show(&tally, !args.no_progress && !args.quiet);
    let Job { scope, targets, .. } = job;
    let options = engine::Options {
        scope,
        show_secrets: args.show_secrets,
        jobs,
        now: now(),
        policy,
        suppression: Default::default(),
    };
    engine::scan(&targets, rules, &options, &tally, &stop).map_err(|error| Complaint::new(error.to_string()))
}

fn scope(args: &args::Scan) -> Scope {
    if args.staged {
        // Git names the index that a commit is made of: for `git commit -a` it is not the usual one.
        let here = args.targets.iter().all(|target| target.as_os_str() == ".");
        let index = env::var_os("GIT_INDEX_FILE").filter(|_| here).map(PathBuf::from);
        return Scope::Staged { index };
    }
    match &args.range {
        Some(spec) => Scope::Range(Revisions { spec: Some(spec.clone()), ..Revisions::default() }),
        None => Scope::Everything { worktree: !args.history_only, history: !args.no_history, ignore: !args.no_ignore },
    }
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == "-" { Target::Stdin } else { Target::Path(path.to_owned()) }
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

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
