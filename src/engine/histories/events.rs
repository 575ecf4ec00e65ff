//! The commits at the turns of a story, as people know them. Must not know how they were found.

use super::Stands;
use crate::{
    engine::attribution::{Addition, Attribution},
    model::{Event, Identity, ObjectId, Person, Text},
    source::git::{Commits, Mailmap, Repository, commit_info, committer},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is asked to tell of commits.
pub(super) struct Events<'a> {
    repository: &'a Repository,
    commits: &'a Commits,
    known: &'a Attribution,
    /// What commits brought, by object.
    additions: HashMap<ObjectId, Vec<&'a Addition>>,
    mailmap: Mailmap,
}

impl<'a> Events<'a> {
    pub(super) fn new(repository: &'a Repository, commits: &'a Commits, known: &'a Attribution) -> Self {
        let mut additions: HashMap<ObjectId, Vec<&Addition>> = HashMap::new();
        for addition in &known.additions {
            additions.entry(addition.object).or_default().push(addition);
        }
        Self { repository, commits, known, additions, mailmap: repository.mailmap() }
    }

    /// The commit `number`, with the first path that it brought some of `stands` to.
    pub(super) fn brought(&self, number: usize, stands: &Stands) -> Option<Event> {
        let id = self.commits.nth(number)?.id;
        let added = stands.objects.iter().filter_map(|object| self.additions.get(object)).flatten();
        let path = added.filter(|addition| addition.commit == id).map(|addition| &addition.path).min();
        self.event(id, path.cloned())
    }

    /// The commit `number`, with the first path that it took some of `stands` from.
    pub(super) fn removed(&self, number: usize, stands: &Stands) -> Option<Event> {
        let commit = self.commits.nth(number)?;
        let parents = commit.parents.iter().filter_map(|parent| self.commits.get(parent)).map(|parent| parent.tree);
        let path = parents.flat_map(|parent| self.known.gone(parent, commit.tree, &stands.objects)).min();
        self.event(commit.id, path)
    }

    fn event(&self, id: ObjectId, path: Option<Text>) -> Option<Event> {
        let (_, bytes) = self.repository.object(&id)?;
        let (committer, time, offset_minutes) = committer(&bytes)?;
        Some(Event { commit: commit_info(id, &bytes)?, committer, time, offset_minutes, path })
    }

    /// Who brought `stands`, `introduced` being the commits that did where it was not, and who changed what has it.
    pub(super) fn people(&self, stands: &Stands, introduced: &[usize]) -> Vec<Person> {
        let brought: BTreeSet<ObjectId> =
            introduced.iter().filter_map(|&number| self.commits.nth(number)).map(|commit| commit.id).collect();
        let added = stands.objects.iter().filter_map(|object| self.additions.get(object)).flatten();
        let all: BTreeSet<ObjectId> = added.map(|addition| addition.commit).chain(brought.iter().copied()).collect();
        let mut people: BTreeMap<Identity, (usize, usize)> = BTreeMap::new();
        for id in all {
            let Some(author) = self.author(id) else { continue };
            let (introduced, carried) = people.entry(author).or_default();
            *(if brought.contains(&id) { introduced } else { carried }) += 1;
        }
        let person = |(identity, (introduced, carried))| Person { identity, introduced, carried };
        let mut people: Vec<Person> = people.into_iter().map(person).collect();
        people.sort_by_key(|person| (person.introduced == 0, usize::MAX - person.introduced - person.carried));
        people
    }

    fn author(&self, id: ObjectId) -> Option<Identity> {
        let read = || self.repository.object(&id).and_then(|(_, bytes)| commit_info(id, &bytes));
        let info = self.known.commit(&id).cloned().or_else(read)?;
        Some(self.mailmap.resolve(&Identity { name: info.author, email: info.email }))
    }
}
