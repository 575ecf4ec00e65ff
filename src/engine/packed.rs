//! Sightings in containers put in order: each is told of where it is packed, and not again of what it is packed in.
//! Must not know formats.

use super::{attribution::Attribution, collect::Sighting};
use crate::model::{INSIDE, ObjectId, Origin, Problem, Text};
use std::collections::{HashMap, HashSet};

/// A better name for what is packed at a place.
#[derive(Debug)]
pub(super) struct Renamed {
    pub(super) holder: Origin,
    pub(super) from: Text,
    pub(super) to: Text,
}

/// How many of the marks in a path may be those between a container and what is in it: names can have any number.
const MARKS: usize = 16;

/// Gives what is packed its names, and takes out what containers show as plain bytes of what their entries hold.
pub(super) fn settle(sightings: &mut Vec<Sighting>, renamed: Vec<Renamed>) {
    rename(sightings, renamed);
    // There may be very many sightings in one text.
    let paths: HashSet<(&Origin, &[u8])> = sightings.iter().filter_map(|sighting| entry(&sighting.origin)).collect();
    let mut around: HashMap<&Origin, Vec<usize>> = HashMap::new();
    let mut within = HashSet::new();
    for sighting in sightings.iter() {
        let (Some((holder, path)), Some(secret)) = (entry(&sighting.origin), sighting.subject.secret()) else {
            continue;
        };
        // What has no name of its own is at the same path as what it is packed in, and is not told from it.
        let ends = around.entry(&sighting.origin).or_insert_with(|| {
            let ends = marks(path).chain((!path.is_empty()).then_some(0));
            ends.filter(|end| paths.contains(&(holder, &path[..*end]))).collect()
        });
        let packed_in = ends.iter().map(|end| Some(Text::from(&path[..*end]))).chain([None]);
        within.extend(packed_in.map(|path| (holder.clone(), path, secret.clone())));
    }
    if !within.is_empty() {
        sightings.retain(|sighting| {
            let Some(secret) = sighting.subject.secret() else { return true };
            let (holder, path) = match &sighting.origin {
                Origin::Entry { holder, path, .. } => (holder.as_ref(), Some(path.clone())),
                origin => (origin, None),
            };
            !within.contains(&(holder.clone(), path, secret.clone()))
        });
    }
}

/// What an entry is packed in, and its path there.
fn entry(origin: &Origin) -> Option<(&Origin, &[u8])> {
    match origin {
        Origin::Entry { holder, path, .. } => Some((holder, path.as_bytes())),
        _ => None,
    }
}

/// Where in `path` what is packed in something begins.
fn marks(path: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(INSIDE, path).take(MARKS)
}

/// Gives what is packed its names, the innermost first: what they are packed in goes by its old name there.
fn rename(sightings: &mut [Sighting], renamed: Vec<Renamed>) {
    let mut names: HashMap<(Origin, Text), Text> = HashMap::new();
    for Renamed { holder, from, to } in renamed {
        names.entry((holder, from)).or_insert(to);
    }
    if names.is_empty() {
        return;
    }
    for sighting in sightings {
        let Origin::Entry { holder, path, .. } = &mut sighting.origin else { continue };
        let mut current = path.as_bytes().to_vec();
        let mut ends: Vec<usize> = marks(&current).chain([current.len()]).collect();
        while let Some(end) = ends.pop() {
            let Some(from) = current.get(..end) else { continue };
            if let Some(to) = names.get(&(holder.as_ref().clone(), from.into())) {
                current = [to.as_bytes(), &current[end..]].concat();
            }
        }
        *path = current.into();
    }
}

/// The contents stored in the repository numbered `number` that could not be unpacked.
pub(super) fn contents(problems: &[Problem], number: usize) -> impl Iterator<Item = ObjectId> + '_ {
    let contents = problems.iter().filter_map(|problem| problem.content);
    contents.filter(move |(repository, _)| *repository == number).map(|(_, id)| id)
}

/// Says of problems with what is stored at which path it is, once for all that have it there.
pub(super) fn tell_paths(problems: &mut Vec<Problem>, attributions: &[Attribution]) {
    for problem in problems.iter_mut() {
        let Some((repository, id)) = problem.content.take() else { continue };
        let standings = attributions.get(repository).into_iter().flat_map(|known| known.standings(&id));
        // The first of those that HEAD has, else the first.
        let best = standings.min_by_key(|(path, standing)| (!standing.in_head, (*path).clone()));
        let stored = format!("blob {id}");
        if let Some((path, standing)) = best
            && let Some(inside) = problem.what.as_bytes().strip_prefix(stored.as_bytes())
        {
            problem.what = [path.as_bytes(), inside].concat().into();
            if !standing.in_head {
                problem.why = format!("{} (blob {} of the history)", problem.why, id.short());
            }
        }
    }
    problems.sort();
    problems.dedup();
}
