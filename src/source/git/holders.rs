//! Which directory listings lead to which objects. Must not know why the objects are wanted.
//!
//! Found from the bottom up: the trees that hold a wanted object, those that hold one of these, and so
//! on to the roots. Each level is one pass over all trees in the order of their deltas, which costs a
//! fraction of decoding them, and none but the trees on the way are ever taken apart.

use super::store::Store;
use crate::{
    model::{ObjectId, ObjectKind, Origin, Problem, Span},
    source::{Interest, Piece, Sieve, Stop, Tally},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
};

/// How many levels are climbed: deeper paths than git itself can check out.
const LEVELS: usize = 4096;

/// One entry of a directory listing that leads to a wanted object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Its name in that directory.
    pub name: Vec<u8>,
    /// What it names: a wanted object, or a tree that leads to one.
    pub id: ObjectId,
}

/// The trees that lead to wanted objects.
#[derive(Clone, Debug, Default)]
pub struct Holders(HashMap<ObjectId, Vec<Held>>);

impl Holders {
    pub(super) fn find(store: &Store, wanted: &HashSet<ObjectId>, stop: &Stop) -> Self {
        let mut holders: HashMap<ObjectId, Vec<Held>> = HashMap::new();
        let mut level = wanted.clone();
        for _ in 0..LEVELS {
            if level.is_empty() || stop.is_raised() {
                break;
            }
            let pass = Pass::new(&level);
            store.walk(0, &pass, &Tally::default(), stop);
            let found = pass.found.into_inner().unwrap_or_default();
            level = HashSet::new();
            for (tree, held) in found {
                let known = holders.entry(tree).or_insert_with(|| {
                    level.insert(tree);
                    Vec::new()
                });
                known.extend(held);
            }
        }
        for held in holders.values_mut() {
            held.sort_unstable();
            held.dedup();
        }
        Self(holders)
    }

    /// The entries of `tree` that lead to a wanted object, by name.
    #[must_use]
    pub fn of(&self, tree: &ObjectId) -> &[Held] {
        self.0.get(tree).map_or(&[], Vec::as_slice)
    }

    /// What `tree` has under `name`, if that leads to a wanted object.
    pub fn named<'a>(&'a self, tree: &ObjectId, name: &'a [u8]) -> impl Iterator<Item = ObjectId> + 'a {
        let held = self.of(tree);
        let first = held.partition_point(|entry| entry.name.as_slice() < name);
        held[first..].iter().take_while(move |entry| entry.name == name).map(|entry| entry.id)
    }
}

/// One level: looks for raw ids in the bytes of trees.
struct Pass<'a> {
    ids: &'a HashSet<ObjectId>,
    /// One bit for each beginning of three bytes that some id has.
    beginnings: Vec<u64>,
    hash: usize,
    found: Mutex<Vec<(ObjectId, Vec<Held>)>>,
}

impl<'a> Pass<'a> {
    fn new(ids: &'a HashSet<ObjectId>) -> Self {
        let mut beginnings = vec![0; 1 << 18];
        for id in ids {
            let at = beginning(id.as_bytes());
            beginnings[at >> 6] |= 1 << (at & 63);
        }
        let hash = ids.iter().next().map_or(20, |id| id.as_bytes().len());
        Self { ids, beginnings, hash, found: Mutex::default() }
    }

    fn positions<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        text.windows(self.hash).enumerate().filter_map(|(at, window)| {
            let first = beginning(window);
            let known = self.beginnings[first >> 6] >> (first & 63) & 1 == 1;
            (known && ObjectId::from_bytes(window).is_some_and(|id| self.ids.contains(&id))).then_some(at)
        })
    }
}

fn beginning(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2])
}

impl Sieve for Pass<'_> {
    fn interest(&self, kind: ObjectKind) -> Interest {
        if kind == ObjectKind::Tree { Interest::Sifted } else { Interest::Nothing }
    }

    fn any(&self, text: &[u8]) -> bool {
        self.positions(text).next().is_some()
    }

    fn spans(&self, text: &[u8], out: &mut Vec<Span>) {
        out.extend(self.positions(text).map(|at| Span::new(at, at + self.hash)));
    }

    fn take(&self, origin: &Origin, piece: &Piece<'_>) {
        let Origin::Object { id: tree, .. } = origin else { return };
        let entries = entries(piece.bytes, self.hash).filter(|entry| self.ids.contains(&entry.id));
        let held: Vec<Held> = entries.map(|entry| Held { name: entry.name.to_vec(), id: entry.id }).collect();
        if !held.is_empty()
            && let Ok(mut found) = self.found.lock()
        {
            found.push((*tree, held));
        }
    }

    // The scan itself has told of every problem there is.
    fn problem(&self, _: Problem) {}
}

/// One entry of a directory listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Where in the listing the name begins.
    pub at: usize,
    /// What it is, in octal digits: `100644`.
    pub mode: &'a [u8],
    /// What it names.
    pub id: ObjectId,
}

/// The entries of a tree whose ids have `hash` bytes, as far as they can be read.
pub fn entries(tree: &[u8], hash: usize) -> impl Iterator<Item = TreeEntry<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = tree.get(at..)?;
        let space = memchr::memchr(b' ', rest)?;
        let end = memchr::memchr(0, &rest[space..])? + space;
        let id = ObjectId::from_bytes(rest.get(end + 1..end + 1 + hash)?)?;
        let entry = TreeEntry { name: &rest[space + 1..end], at: at + space + 1, mode: &rest[..space], id };
        at += end + 1 + hash;
        Some(entry)
    })
}

/// What a tree refers to in its own repository: its entries but for the commits of submodules.
pub(super) fn links(tree: &[u8], hash: usize) -> impl Iterator<Item = ObjectId> + '_ {
    entries(tree, hash).filter(|entry| entry.mode != b"160000").map(|entry| entry.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_tree_are_read_until_they_cannot_be() {
        let mut tree = b"100644 a.py\0".to_vec();
        tree.extend([7; 20]);
        tree.extend(b"40000 src\0");
        tree.extend([9; 20]);
        tree.extend(b"100644 cut\0abc");
        let names: Vec<_> = entries(&tree, 20).map(|entry| (entry.name.to_vec(), entry.at)).collect();
        assert_eq!(names, [(b"a.py".to_vec(), 7), (b"src".to_vec(), 38)]);
    }

    #[test]
    fn an_id_is_found_at_any_place() {
        let id = ObjectId::from_bytes(&[5; 20]).expect("20 bytes");
        let ids = HashSet::from([id]);
        let pass = Pass::new(&ids);
        let text = [&b"100644 x\0"[..], id.as_bytes(), b"5555"].concat();
        assert_eq!(pass.positions(&text).collect::<Vec<_>>(), [9]);
        assert!(!pass.any(&text[1..20]));
    }
}
