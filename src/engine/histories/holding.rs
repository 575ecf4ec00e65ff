//! Which commits have which secrets in their files. Must not know what a secret is: these are numbers of objects' owners.
//!
//! Each tree is looked at once, however many commits have it, and what trees have is kept once, however many have the
//! same.

use crate::{
    model::ObjectId,
    source::git::{Commits, Holders},
};
use std::collections::HashMap;

/// What each commit has, by number.
pub(super) struct Holding {
    /// For each commit which of `sets` it has.
    sets_of_commits: Vec<u32>,
    /// Owners in order. The first set is empty.
    sets: Vec<Vec<u32>>,
}

impl Holding {
    /// `owners` says of each wanted object whose it is, in order.
    pub(super) fn find(commits: &Commits, holders: &Holders, owners: &HashMap<ObjectId, Vec<u32>>) -> Self {
        let mut search = Search { holders, owners, known: HashMap::new(), sets: Sets::default() };
        let sets_of_commits = commits.iter().map(|commit| search.of(commit.tree)).collect();
        Self { sets_of_commits, sets: search.sets.all }
    }

    /// Whether each commit has what `owner` owns.
    pub(super) fn of(&self, owner: u32) -> Vec<bool> {
        let has: Vec<bool> = self.sets.iter().map(|set| set.binary_search(&owner).is_ok()).collect();
        self.sets_of_commits.iter().map(|&set| has[set as usize]).collect()
    }
}

/// Sets of owners, each kept once.
struct Sets {
    all: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, u32>,
}

impl Default for Sets {
    fn default() -> Self {
        Self { all: vec![Vec::new()], numbers: HashMap::from([(Vec::new(), 0)]) }
    }
}

impl Sets {
    fn number(&mut self, mut set: Vec<u32>) -> u32 {
        set.sort_unstable();
        set.dedup();
        if let Some(&number) = self.numbers.get(&set) {
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}

struct Search<'a> {
    holders: &'a Holders,
    owners: &'a HashMap<ObjectId, Vec<u32>>,
    known: HashMap<ObjectId, u32>,
    sets: Sets,
}

impl Search<'_> {
    /// The set of the tree `root`. Trees may be nested deeper than calls can.
    fn of(&mut self, root: ObjectId) -> u32 {
        let mut todo = vec![root];
        while let Some(&id) = todo.last() {
            let unknown = self.holders.of(&id).iter().map(|held| held.id).filter(|id| !self.known.contains_key(id));
            let before = todo.len();
            if !self.known.contains_key(&id) {
                todo.extend(unknown);
            }
            if todo.len() == before {
                todo.pop();
                if !self.known.contains_key(&id) {
                    let set = self.union(&id);
                    self.known.insert(id, set);
                }
            }
        }
        self.known.get(&root).copied().unwrap_or_default()
    }

    /// What `id` has, of which all that it holds is known.
    fn union(&mut self, id: &ObjectId) -> u32 {
        let mut below: Vec<u32> =
            self.holders.of(id).iter().filter_map(|held| self.known.get(&held.id).copied()).collect();
        below.sort_unstable();
        below.dedup();
        match (self.owners.get(id), below.as_slice()) {
            (None, []) => 0,
            (None, &[one]) => one,
            (own, _) => {
                let below = below.iter().flat_map(|&set| &self.sets.all[set as usize]);
                let set = own.into_iter().flatten().chain(below).copied().collect();
                self.sets.number(set)
            }
        }
    }
}
