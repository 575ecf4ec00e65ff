//! All commits of a repository as numbers: what each builds on and what builds on it. Must not know what any of them has.

use crate::source::git::Commits;

/// The commits by number, which is their place in [`Commits`].
pub(super) struct Graph {
    parents: Lists,
    children: Lists,
    /// Every commit, after all that it builds on.
    order: Vec<u32>,
    /// When each became one, in seconds since 1970-01-01T00:00:00Z.
    pub(super) times: Vec<i64>,
}

/// A list of numbers for each of a row of numbers.
struct Lists {
    starts: Vec<u32>,
    all: Vec<u32>,
}

impl Lists {
    fn of(&self, at: usize) -> &[u32] {
        let end = |at: usize| self.starts.get(at).map_or(self.all.len(), |&start| start as usize);
        self.all.get(end(at)..end(at + 1)).unwrap_or_default()
    }

    /// For each number the list of those in whose lists it is.
    fn turned(&self, count: usize) -> Self {
        let mut starts = vec![0; count + 1];
        self.all.iter().for_each(|&number| starts[number as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut next, mut all) = (starts.clone(), vec![0; self.all.len()]);
        for at in 0..count {
            for &number in self.of(at) {
                all[next[number as usize] as usize] = at as u32;
                next[number as usize] += 1;
            }
        }
        Self { starts, all }
    }
}

impl Graph {
    pub(super) fn new(commits: &Commits) -> Self {
        let (mut starts, mut all) = (Vec::with_capacity(commits.len() + 1), Vec::with_capacity(commits.len()));
        for commit in commits.iter() {
            starts.push(all.len() as u32);
            let known = commit.parents.iter().filter_map(|parent| commits.number(parent));
            all.extend(known.map(|number| number as u32));
        }
        starts.push(all.len() as u32);
        let parents = Lists { starts, all };
        let children = parents.turned(commits.len());
        let order = order(&parents, &children, commits.len());
        Self { parents, children, order, times: commits.iter().map(|commit| commit.time).collect() }
    }

    pub(super) const fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn parents(&self, commit: usize) -> impl Iterator<Item = usize> + '_ {
        self.parents.of(commit).iter().map(|&parent| parent as usize)
    }

    pub(super) fn children(&self, commit: usize) -> impl Iterator<Item = usize> + '_ {
        self.children.of(commit).iter().map(|&child| child as usize)
    }

    /// The commits that are in `some` or follow one that is.
    pub(super) fn following(&self, some: &[bool]) -> Vec<bool> {
        let mut found = some.to_vec();
        for &commit in &self.order {
            let commit = commit as usize;
            found[commit] = found[commit] || self.parents(commit).any(|parent| found[parent]);
        }
        found
    }

    /// `tips` and all that they build on.
    pub(super) fn behind(&self, tips: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut found = vec![false; self.len()];
        tips.for_each(|tip| found[tip] = true);
        for &commit in self.order.iter().rev() {
            if found[commit as usize] {
                self.parents(commit as usize).for_each(|parent| found[parent] = true);
            }
        }
        found
    }
}

fn order(parents: &Lists, children: &Lists, count: usize) -> Vec<u32> {
    let mut waiting: Vec<usize> = (0..count).map(|commit| parents.of(commit).len()).collect();
    let mut order: Vec<u32> = (0..count as u32).filter(|&commit| waiting[commit as usize] == 0).collect();
    let mut at = 0;
    while let Some(&commit) = order.get(at) {
        for &child in children.of(commit as usize) {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                order.push(child);
            }
        }
        at += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ObjectId, source::git::CommitNode};

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes(&[byte; 20]).expect("20 bytes")
    }

    /// A diamond on one that is missing: 4 merges 2 and 3, which build on 1.
    fn graph() -> Graph {
        let node = |byte, parents: &[u8]| CommitNode {
            id: id(byte),
            tree: id(99),
            parents: parents.iter().map(|&byte| id(byte)).collect(),
            time: i64::from(byte),
        };
        Graph::new(&Commits::new(vec![node(4, &[2, 3]), node(2, &[1]), node(3, &[1]), node(1, &[77])]))
    }

    #[test]
    fn what_builds_on_what_is_known_both_ways() {
        let graph = graph();
        assert_eq!(graph.parents(3).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(graph.children(0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(graph.parents(0).count(), 0, "what is not here is no parent");
        assert_eq!(graph.order.first(), Some(&0));
        assert_eq!(graph.order.last(), Some(&3));
    }

    #[test]
    fn what_follows_and_what_is_behind() {
        let graph = graph();
        assert_eq!(graph.following(&[false, true, false, false]), [false, true, false, true]);
        assert_eq!(graph.behind([2].into_iter()), [true, false, true, false]);
    }
}
