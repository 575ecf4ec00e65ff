//! What histories tell of secrets: since when, by whom, where each is now, and whether others can have it.
//!
//! Must not know rules or formats. No two commits are compared by their files: which trees lead to a secret was found
//! when it was attributed, and one look at each tells which commits have it.

mod course;
mod events;
mod graph;
mod holding;
mod intervals;
mod names;

use super::attribution::Attribution;
use crate::{
    model::{Finding, History, ObjectId, Problem, ProblemKind, RefKind, Site},
    source::git::{Commits, Repository},
};
use course::{Course, Turns};
use events::Events;
use rayon::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// No more stories than this are told of one repository: each is a look at all commits.
const STORIES: usize = 2000;

/// Tells each of `found` its story in each of the `pasts`, repositories with their commits, of which `attributions`
/// know where objects stand. Returns what kept that from being complete.
pub(super) fn tell(
    found: &mut [Finding],
    pasts: &[(Repository, Commits)],
    attributions: &[Attribution],
    was_read: &dyn Fn(usize) -> bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, (past, known)) in pasts.iter().zip(attributions).enumerate().filter(|(number, _)| was_read(*number)) {
        let (stories, stood_in) = stories(found, number);
        if stories.is_empty() {
            continue;
        }
        let stands: Vec<&Stands> = stories.keys().collect();
        let told = Past::new(number, past, known, &stands).tell(&stands[..stands.len().min(STORIES)]);
        if stands.len() > STORIES {
            let why = format!("it has more than {STORIES} keys; how the others got there is not told");
            problems.push(Problem::new(ProblemKind::Limit, past.0.name.clone(), why));
        }
        let told: HashMap<&Stands, Arc<History>> = stands.iter().copied().zip(told).collect();
        for (finding, stands) in stood_in {
            found[finding].histories.extend(told.get(&stands).cloned());
        }
    }
    problems
}

/// What of one repository has a secret. Secrets that stand in the same have the same story.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Stands {
    /// Contents and listings.
    objects: BTreeSet<ObjectId>,
    /// Commits whose own text has it.
    commits: BTreeSet<ObjectId>,
    /// Tag objects whose own text has it.
    tags: BTreeSet<ObjectId>,
    /// Whether some object that has it stands nowhere.
    is_loose: bool,
}

/// Where each of `found` stands in the repository `number`: the different ones, and each finding's.
fn stories(found: &[Finding], number: usize) -> (BTreeMap<Stands, ()>, Vec<(usize, Stands)>) {
    let (mut stories, mut stood_in) = (BTreeMap::new(), Vec::new());
    for (nth, finding) in found.iter().enumerate().filter(|(_, finding)| finding.secret().is_some()) {
        let mut stands = Stands::default();
        let places = finding.places.iter().filter(|place| place.repository == Some(number));
        let mut any = false;
        for place in places {
            any |= !matches!(place.site, Site::GitFile { .. } | Site::RefName { .. });
            stands.objects.extend(place.versions.iter().map(|version| version.object));
            match &place.site {
                Site::Commit { id, .. } => drop(stands.commits.insert(*id)),
                Site::Tag { id } => drop(stands.tags.insert(*id)),
                Site::LooseBlob { .. } | Site::LooseTree { .. } => stands.is_loose = true,
                _ => {}
            }
        }
        if any {
            stories.insert(stands.clone(), ());
            stood_in.push((nth, stands));
        }
    }
    (stories, stood_in)
}

/// One repository, and all that is the same for every secret in it.
struct Past<'a> {
    number: usize,
    course: Course<'a>,
    events: Events<'a>,
    staged: BTreeSet<ObjectId>,
    whole: bool,
}

impl<'a> Past<'a> {
    fn new(
        number: usize,
        (repository, commits): &'a (Repository, Commits),
        known: &'a Attribution,
        stands: &[&Stands],
    ) -> Self {
        Self {
            number,
            course: Course::new((repository, commits), &known.holders, stands),
            events: Events::new(repository, commits, known),
            staged: repository.staged().into_iter().map(|staged| staged.blob).collect(),
            whole: repository.is_whole(),
        }
    }

    fn tell(&self, stands: &[&Stands]) -> Vec<Arc<History>> {
        let course = &self.course;
        let turns: Vec<Turns> =
            stands.par_iter().enumerate().map(|(owner, stands)| course.turns(owner as u32, stands)).collect();
        // Objects are read one after another: what reads them is not shared between threads.
        stands.iter().zip(turns).map(|(stands, turns)| Arc::new(self.story(stands, turns))).collect()
    }

    fn story(&self, stands: &Stands, turns: Turns) -> History {
        let in_index = stands.objects.iter().any(|object| self.staged.contains(object));
        let only_logged = turns.refs.iter().any(|reach| reach.kind == RefKind::Reflog);
        let brought = |&commit: &usize| self.events.brought(commit, stands);
        History {
            repository: self.number,
            people: self.events.people(stands, &turns.introduced),
            introduced: turns.introduced.iter().filter_map(brought).collect(),
            removed: turns.removed.iter().filter_map(|&commit| self.events.removed(commit, stands)).collect(),
            last: turns.last.as_ref().and_then(brought),
            commits: turns.commits,
            pushed: turns.pushed,
            intervals: turns.intervals,
            in_index,
            in_head: turns.in_head,
            refs: turns.refs,
            only_logged,
            unreachable: turns.unreachable || stands.is_loose && !in_index,
            whole: self.whole,
            line: turns.line,
        }
    }
}
