//! Sightings in containers put in order: each is told of where it is packed, and not again of what it is packed in.
//! Must not know formats.

use super::collect::Sighting;
use crate::model::{INSIDE, Origin, Text};
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

fn rename(origin: &mut Origin, name: &Renamed) {
    let Origin::Entry { holder, path, .. } = origin else { return };
    if **holder == name.holder
        && let Some(rest) = path.as_bytes().strip_prefix(name.from.as_bytes())
        && (rest.is_empty() || rest.starts_with(&[INSIDE]))
    {
        *path = [name.to.as_bytes(), rest].concat().into();
    }
}
