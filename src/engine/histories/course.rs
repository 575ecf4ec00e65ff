//! The course of a secret through the commits of a repository: where it came in and went out, and what leads to it. Must
//! not know secrets, or what commits say.

use super::{
    Stands,
    graph::Graph,
    holding::Holding,
    intervals,
    names::{Names, is_remote},
};
use crate::{
    model::{Interval, Line, ObjectId, Pushed, Reach, RefKind, Text},
    source::git::{Commits, Holders, Repository},
};
use std::collections::{BTreeSet, HashMap};

/// All that is the same for every secret of a repository.
pub(super) struct Course<'a> {
    commits: &'a Commits,
    graph: Graph,
    names: Names,
    holding: Holding,
    head: Option<usize>,
    branch: Option<Text>,
    is_bare: bool,
}

/// The turns of one secret's course, by the numbers of commits in order of time.
pub(super) struct Turns {
    pub(super) introduced: Vec<usize>,
    pub(super) removed: Vec<usize>,
    pub(super) last: Option<usize>,
    /// How many commits have it.
    pub(super) commits: usize,
    pub(super) intervals: Vec<Interval>,
    pub(super) refs: Vec<Reach>,
    pub(super) pushed: Pushed,
    pub(super) in_head: bool,
    pub(super) line: Option<Line>,
    /// Whether some commit that has it is reached from nothing.
    pub(super) unreachable: bool,
}

/// What each commit is to one secret.
struct Marks {
    /// Has it in a file or a name.
    has: Vec<bool>,
    /// Has it, be it in its own text.
    source: Vec<bool>,
    /// Has it or builds on one that has.
    reach: Vec<bool>,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        (repository, commits): (&Repository, &'a Commits),
        holders: &Holders,
        stands: &[&Stands],
    ) -> Self {
        let graph = Graph::new(commits);
        let mut owners: HashMap<ObjectId, Vec<u32>> = HashMap::new();
        for (owner, stands) in stands.iter().enumerate() {
            stands.objects.iter().for_each(|object| owners.entry(*object).or_default().push(owner as u32));
        }
        Self {
            names: Names::of(repository, commits, &graph),
            holding: Holding::find(commits, holders, &owners),
            head: repository.head().and_then(|head| commits.number(&head)),
            branch: repository.branch(),
            is_bare: repository.is_bare(),
            commits,
            graph,
        }
    }

    /// The course of what `stands` has, which is the owner numbered `owner`.
    pub(super) fn turns(&self, owner: u32, stands: &Stands) -> Turns {
        let graph = &self.graph;
        let own: Vec<usize> = stands.commits.iter().filter_map(|id| self.commits.number(id)).collect();
        let has = self.holding.of(owner);
        let mut source = has.clone();
        own.iter().for_each(|&commit| source[commit] = true);
        let marks = Marks { reach: graph.following(&source), has, source };
        let lost: Vec<bool> =
            marks.source.iter().zip(&self.names.named).map(|(&source, &named)| source && !named).collect();
        let mut introduced: BTreeSet<usize> = self.introduced(&marks.has).collect();
        introduced.extend(&own);
        // What a commit says itself is said as long as anything leads to the commit.
        let said = own.iter().copied().filter(|&commit| self.names.named[commit]);
        let tips = self.names.tips(self.commits).chain(self.head).chain(said).collect::<BTreeSet<_>>();
        let refs = self.refs(stands, &marks, &lost);
        let line = introduced.first().filter(|_| introduced.len() == 1).and_then(|&first| self.line(first));
        Turns {
            introduced: self.by_time(introduced),
            removed: self.by_time(self.removed(&marks)),
            last: (0..graph.len())
                .filter(|&commit| marks.source[commit])
                .max_by_key(|&commit| (graph.times[commit], commit)),
            commits: marks.source.iter().filter(|&&source| source).count(),
            intervals: intervals::of(graph, &marks.source, tips.into_iter(), &self.names.stays),
            pushed: self.pushed(&refs, &marks),
            in_head: self.head.is_some_and(|head| marks.has[head]),
            unreachable: lost.iter().zip(&self.names.logged).any(|(&lost, &logged)| lost && !logged),
            line,
            refs,
        }
    }

    /// The way from HEAD back to the commit `first`, if it is one commit after the other.
    fn line(&self, first: usize) -> Option<Line> {
        let (head, mut commits) = (self.head?, 1);
        let mut at = head;
        while at != first {
            let mut parents = self.graph.parents(at);
            at = parents.next().filter(|_| parents.next().is_none())?;
            commits += 1;
        }
        let node = |number: usize| self.commits.nth(number);
        let first = node(first)?;
        let base = match first.parents.as_slice() {
            [] => None,
            [base] => Some(*base),
            _ => return None,
        };
        Some(Line { branch: self.branch.clone(), base, first: first.id, head: node(head)?.id, commits })
    }

    /// The commits that have it where none of their parents has.
    fn introduced<'b>(&'b self, has: &'b [bool]) -> impl Iterator<Item = usize> + 'b {
        let is_new = |&commit: &usize| has[commit] && !self.graph.parents(commit).any(|parent| has[parent]);
        (0..self.graph.len()).filter(is_new)
    }

    /// The commits that have it no more. A merge that takes the side without it has not removed what that side removed.
    fn removed(&self, marks: &Marks) -> Vec<usize> {
        let (graph, has) = (&self.graph, &marks.has);
        let ends = |&commit: &usize| !has[commit] && graph.parents(commit).any(|parent| has[parent]);
        let mut ends: Vec<usize> = (0..graph.len()).filter(ends).collect();
        if ends.iter().any(|&commit| graph.parents(commit).count() > 1) {
            let had = graph.following(has);
            ends.retain(|&commit| !graph.parents(commit).any(|parent| !has[parent] && had[parent]));
        }
        ends
    }

    fn by_time(&self, commits: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut commits: Vec<usize> = commits.into_iter().collect();
        commits.sort_by_key(|&commit| (self.graph.times[commit], commit));
        commits
    }

    /// The names that lead to it, and the logs that lead to what no name leads to, of which `lost` are the commits.
    fn refs(&self, stands: &Stands, marks: &Marks, lost: &[bool]) -> Vec<Reach> {
        let mut refs: Vec<Reach> = Vec::new();
        for name in &self.names.all {
            let commit = self.commits.number(&name.target);
            let own = name.tags.iter().any(|tag| stands.tags.contains(tag)) || stands.objects.contains(&name.target);
            if own || commit.is_some_and(|commit| marks.reach[commit]) {
                let at_tip = own || commit.is_some_and(|commit| marks.has[commit]);
                refs.push(Reach { kind: name.kind, name: name.name.clone(), at_tip });
            }
        }
        if lost.contains(&true) {
            let lost = self.graph.following(lost);
            for log in self.names.logs.iter().filter(|log| log.commits.iter().any(|&commit| lost[commit])) {
                let at_tip = log.commits.iter().any(|&commit| lost[commit] && marks.has[commit]);
                refs.push(Reach { kind: RefKind::Reflog, name: log.name.clone(), at_tip });
            }
        }
        refs.sort();
        refs
    }

    fn pushed(&self, refs: &[Reach], marks: &Marks) -> Pushed {
        let of = |is_wanted: &dyn Fn(RefKind) -> bool| -> Vec<Text> {
            refs.iter().filter(|reach| is_wanted(reach.kind)).map(|reach| reach.name.clone()).collect()
        };
        let leads = |commits: &[usize]| commits.iter().any(|&commit| marks.reach[commit]);
        let logs = self.names.logs.iter().filter(|log| log.is_remote() && leads(&log.commits));
        let logs: Vec<Text> = logs.map(|log| log.name.clone()).collect();
        let (remote, tags) = (of(&is_remote), of(&|kind| kind == RefKind::Tag));
        match () {
            () if !remote.is_empty() => Pushed::Yes(remote),
            () if !logs.is_empty() => Pushed::Once(logs),
            () if self.is_bare => Pushed::Served,
            () if !marks.source.contains(&true) && tags.is_empty() => Pushed::No,
            () if !self.names.knows_remotes() => Pushed::Unknown,
            () if !tags.is_empty() => Pushed::Perhaps(tags),
            () => Pushed::No,
        }
    }
}
