//! Scans of what changes bring: a key counts where a change adds it, and is only told of where it stood
//! before in what the change touched. Must not know how changes are found.

use super::{
    ScanError, Scope, Target,
    attribution::Attribution,
    collect::{Collector, Sighting},
    folders, packed, remarks,
    seen::{Looked, Seen},
};
use crate::{
    lint::Linter,
    matcher::Matcher,
    model::{Fingerprint, ObjectId, ObjectKind, Origin, Problem},
    rule::Catalog,
    source::{
        Limits, Sieve, Tally,
        git::{Change, ChangedFile, Repository},
        look_up,
    },
};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
};

/// What a scan of changes is made with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) catalog: &'a Catalog,
    pub(super) show_secrets: bool,
    pub(super) tally: &'a Tally,
    pub(super) linter: Option<&'a Linter<'a>>,
    pub(super) limits: Option<&'a Limits>,
}

/// Looks at what `scope` says in each of the repositories that `targets` name.
pub(super) fn read(targets: &[Target], scope: &Scope, means: Means<'_>) -> Result<Seen, ScanError> {
    let collector = Collector::new(means.matcher, means.show_secrets).unpacking(means.limits);
    let mut repositories = Vec::new();
    for target in targets {
        let Target::Path(path) = target else { return Err(ScanError::NoRepository) };
        look_up(path).map_err(|error| ScanError::Target(path.clone(), error))?;
        let repository = Repository::open(path, true)?;
        if repositories.iter().any(|(known, _): &(Repository, _)| known.git_dir() == repository.git_dir()) {
            continue;
        }
        let mut problem = |problem| collector.problem(problem);
        let changes = match scope {
            Scope::Staged { index } => vec![repository.staged_change(index.as_deref(), &mut problem)?],
            Scope::Range(revisions) => {
                repository.walk_names(repositories.len(), &revisions.names, &collector);
                repository.changes(revisions, &mut problem)?
            }
            Scope::Everything { .. } => Vec::new(),
        };
        repository.walk_changes(repositories.len(), &changes, &collector, means.tally);
        repositories.push((repository, changes));
    }
    let (sightings, mut problems) = collector.finish();
    let mut before = Vec::new();
    for (number, (repository, changes)) in repositories.iter().enumerate() {
        let (stood, unread) = Stood::find(number, (repository, changes), &sightings, means);
        problems.extend(unread);
        before.push(stood);
    }
    let is_new = |sighting: &Sighting| match *sighting.origin.holder() {
        Origin::Object { repository, id, kind: ObjectKind::Blob } => {
            let fingerprint = sighting.fingerprint(means.catalog.secrets());
            before[repository].new.contains(&(id, fingerprint))
        }
        _ => true,
    };
    let (mut sightings, mut stood): (Vec<Sighting>, Vec<Sighting>) = sightings.into_iter().partition(is_new);
    for (number, (repository, changes)) in repositories.iter().enumerate() {
        let linted =
            means.linter.map(|linter| remarks::of_changes((linter, means.matcher), number, repository, changes));
        let (new, before) = linted.unwrap_or_default();
        sightings.extend(new);
        stood.extend(before);
    }
    let attributions = repositories.iter().enumerate();
    let attributions =
        attributions.map(|(number, read)| attribute(number, read, (&sightings, &stood), &problems)).collect::<Vec<_>>();
    let looked = Looked { worktrees: Vec::new(), heads: (0..repositories.len()).collect() };
    let told = folders::told(repositories.iter().map(|(repository, _)| repository), false);
    let seen = sightings.iter().chain(&stood);
    let stand_in =
        folders::stand_in(repositories.iter().map(|(repository, _)| repository), &told, (seen, &attributions));
    let roots = repositories.into_iter().map(|(repository, _)| repository.directory()).collect();
    let pasts = Vec::new();
    Ok(Seen { sightings, before: stood, problems, attributions, looked, repositories: told, stand_in, pasts, roots })
}

fn attribute(
    number: usize,
    (repository, changes): &(Repository, Vec<Change>),
    (sightings, before): (&[Sighting], &[Sighting]),
    problems: &[Problem],
) -> Attribution {
    let mut wanted: HashSet<ObjectId> = packed::contents(problems, number).collect();
    for sighting in sightings.iter().chain(before) {
        if let Origin::Object { repository, id, .. } = *sighting.origin.holder()
            && repository == number
        {
            wanted.insert(id);
        }
    }
    Attribution::of_changes(repository, changes, &wanted)
}

/// The secrets that stood before in what changes touched.
struct Stood {
    /// The secrets of each content that was there before a change.
    secrets: HashMap<ObjectId, HashSet<Fingerprint>>,
    /// The contents that changes brought a secret to, or brought on from such a content.
    new: HashSet<(ObjectId, Fingerprint)>,
}

impl Stood {
    /// Looks at what was there before the changes that bring something that was seen. Returns what could
    /// not be read of that, too.
    fn find(
        number: usize,
        (repository, changes): (&Repository, &[Change]),
        sightings: &[Sighting],
        means: Means<'_>,
    ) -> (Self, Vec<Problem>) {
        let fingerprint = |sighting: &Sighting| sighting.fingerprint(means.catalog.secrets());
        let of = |sighting: &Sighting| Some((blob(sighting, number)?, fingerprint(sighting)));
        let seen: BTreeSet<(ObjectId, Fingerprint)> = sightings.iter().filter_map(of).collect();
        let blobs: HashSet<ObjectId> = seen.iter().map(|(blob, _)| *blob).collect();
        let mut bringing: HashMap<ObjectId, Vec<(&Change, &ChangedFile)>> = HashMap::new();
        let mut old = BTreeSet::new();
        for change in changes {
            for file in change.files.iter().filter(|file| blobs.contains(&file.blob)) {
                bringing.entry(file.blob).or_default().push((change, file));
                old.extend(change.before.iter().copied());
            }
        }
        let collector = Collector::new(means.matcher, false).unpacking(means.limits);
        // What is read twice is not counted twice.
        old.iter().for_each(|id| repository.show(number, *id, &collector, &Tally::default()));
        let (there, problems) = collector.finish();
        let mut secrets: HashMap<ObjectId, HashSet<Fingerprint>> = HashMap::new();
        for (blob, secret) in there.iter().filter_map(of) {
            secrets.entry(blob).or_default().insert(secret);
        }
        let loose: HashSet<&ObjectId> = changes.iter().flat_map(|change| &change.loose).collect();
        let new = seen.iter().filter(|(blob, _)| loose.contains(blob)).copied().collect();
        let mut stood = Self { secrets, new };
        // A secret stays new while later changes of the range carry it on, wherever to. Changes come last first: from
        // the other end, one round finds all but what branches carry on in another order.
        let oldest: HashMap<ObjectId, usize> = changes
            .iter()
            .enumerate()
            .flat_map(|(nth, change)| change.files.iter().map(move |file| (file.blob, nth)))
            .filter(|(blob, _)| blobs.contains(blob))
            .collect();
        let mut open: Vec<(ObjectId, Fingerprint)> = seen.into_iter().collect();
        open.sort_by_key(|(blob, _)| Reverse(oldest.get(blob).copied()));
        loop {
            let left = open.len();
            open.retain(|(blob, secret)| {
                let mut brought = bringing.get(blob).into_iter().flatten();
                let is_new = brought.any(|(change, file)| stood.is_brought(change, file, *secret));
                if is_new {
                    stood.new.insert((*blob, *secret));
                }
                !is_new
            });
            if open.len() == left {
                return (stood, problems);
            }
        }
    }

    /// Whether all that `change` can have taken the secret in `file` from is new as well: nothing, where it adds
    /// the secret; else what was at that path, if that had it; else any content that it took away.
    fn is_brought(&self, change: &Change, file: &ChangedFile, secret: Fingerprint) -> bool {
        let had = |id: &&ObjectId| self.secrets.get(*id).is_some_and(|secrets| secrets.contains(&secret));
        let is_new = |id: &ObjectId| self.new.contains(&(*id, secret));
        let mut kept = file.old.iter().filter(had).peekable();
        if kept.peek().is_some() { kept.all(is_new) } else { change.before.iter().filter(had).all(is_new) }
    }
}

/// The blob of the repository numbered `number` that a secret was seen in.
fn blob(sighting: &Sighting, number: usize) -> Option<ObjectId> {
    match *sighting.origin.holder() {
        Origin::Object { repository, id, kind: ObjectKind::Blob } if repository == number => Some(id),
        _ => None,
    }
}
