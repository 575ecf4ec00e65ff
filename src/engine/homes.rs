//! Which repository a file on disk is one of, where one lies in another: a walk goes through both. Must not know how
//! files are read.

use super::collect::{self, Sighting};
use crate::model::{Origin, Text};

/// A repository whose files were read as those of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inner {
    /// The one they were read as files of, if any.
    pub(super) outer: Option<usize>,
    /// Where it lies, as files of that one are named.
    pub(super) folder: Text,
    /// Its own number.
    pub(super) number: usize,
}

/// Gives each file to the innermost repository it lies in, and tells what was seen twice once.
pub(super) fn settle(sightings: &mut Vec<Sighting>, inner: &[Inner]) {
    if !inner.is_empty() {
        for sighting in sightings.iter_mut() {
            settle_one(&mut sighting.origin, inner);
        }
    }
    collect::sort(sightings);
    sightings
        .dedup_by(|a, b| (&a.origin, a.position, a.rule, &a.subject) == (&b.origin, b.position, b.rule, &b.subject));
}

fn settle_one(origin: &mut Origin, inner: &[Inner]) {
    if let Origin::Entry { holder, .. } = origin {
        return settle_one(holder, inner);
    }
    let (Origin::File { repository, path } | Origin::FileName { repository, path }) = origin else { return };
    let inside = |inner: &&Inner| inner.outer == *repository && below(path, &inner.folder).is_some();
    let home = inner.iter().filter(inside).max_by_key(|inner| inner.folder.as_bytes().len());
    if let Some((home, rest)) = home.and_then(|home| Some((home, below(path, &home.folder)?))) {
        (*repository, *path) = (Some(home.number), rest);
    }
}

/// `path` from `folder`, if it lies there.
fn below(path: &Text, folder: &Text) -> Option<Text> {
    let rest = path.as_bytes().strip_prefix(folder.as_bytes())?;
    rest.strip_prefix(b"/").map(Text::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_of_the_innermost_repository() {
        let inner = |outer, folder: &str, number| Inner { outer, folder: folder.into(), number };
        let all = [inner(Some(0), "libs/a", 1), inner(Some(0), "libs/a/b", 2), inner(None, "libs", 3)];
        let home = |repository, path: &str| {
            let mut origin = Origin::File { repository, path: path.into() };
            settle_one(&mut origin, &all);
            origin
        };
        let file = |repository, path: &str| Origin::File { repository, path: path.into() };
        assert_eq!(home(Some(0), "libs/a/x"), file(Some(1), "x"));
        assert_eq!(home(Some(0), "libs/a/b/x"), file(Some(2), "x"));
        assert_eq!(home(Some(0), "libs/ab/x"), file(Some(0), "libs/ab/x"));
        assert_eq!(home(Some(0), "libs/a"), file(Some(0), "libs/a"), "its own name is the outer's");
        assert_eq!(home(None, "libs/a/x"), file(Some(3), "a/x"));
        assert_eq!(home(Some(4), "libs/a/x"), file(Some(4), "libs/a/x"));
    }
}
