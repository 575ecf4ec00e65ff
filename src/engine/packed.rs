//! Sightings in containers put in order: each is told of where it is packed, and not again of what it is packed in.
//! Must not know formats.

use super::{attribution::Attribution, collect::Sighting};
use crate::model::{INSIDE, ObjectId, Origin, Problem, Text};
use std::collections::HashSet;

/// A better name for what is packed at a place.
#[derive(Debug)]
pub(super) struct Renamed {
    pub(super) holder: Origin,
    pub(super) from: Text,
    pub(super) to: Text,
}

/// Gives what is packed its names, and takes out what containers show as plain bytes of what their entries hold.
pub(super) fn settle(sightings: &mut Vec<Sighting>, renamed: Vec<Renamed>) {
    // Names within names come last.
    for name in &renamed {
        sightings.iter_mut().for_each(|sighting| rename(&mut sighting.origin, name));
    }
    let mut within = HashSet::new();
    for sighting in sightings.iter() {
        let (Origin::Entry { holder, path, .. }, Some(secret)) = (&sighting.origin, sighting.subject.secret()) else {
            continue;
        };
        within.insert((holder.as_ref().clone(), None, secret.clone()));
        let ends = memchr::memchr_iter(INSIDE, path.as_bytes());
        // What has no name of its own is at the same path as what it is packed in, and is not told from it.
        within.extend(
            ends.map(|end| (holder.as_ref().clone(), Some(Text::from(&path.as_bytes()[..end])), secret.clone())),
        );
        if !path.is_empty() {
            within.insert((holder.as_ref().clone(), Some(Text::default()), secret.clone()));
        }
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

fn rename(origin: &mut Origin, name: &Renamed) {
    let Origin::Entry { holder, path, .. } = origin else { return };
    if **holder == name.holder
        && let Some(rest) = path.as_bytes().strip_prefix(name.from.as_bytes())
        && (rest.is_empty() || rest.starts_with(&[INSIDE]))
    {
        *path = [name.to.as_bytes(), rest].concat().into();
    }
}
