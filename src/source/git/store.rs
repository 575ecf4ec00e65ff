//! Everything a repository has stored: its packs, its loose objects, and those of its alternates.
//!
//! Must not know refs, paths or what is looked for.

use super::{
    chains::{self, Receiver},
    listing::sorted,
    loose::Loose,
    pack::{EntryError, Pack, Table},
};
use crate::{
    model::{ObjectId, ObjectKind, Origin, Problem, ProblemKind},
    source::{
        Interest, Piece, Sieve, Stop, Tally,
        container::{in_pieces_and_within, unpack},
        in_pieces,
    },
};
use flate2::read::ZlibDecoder;
use rayon::prelude::*;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// How many alternates may follow one another, as in git.
const ALTERNATES: usize = 5;

/// All objects a repository can reach, wherever they are kept.
#[derive(Debug)]
pub(super) struct Store {
    /// Length of an id, in bytes: 20 for SHA-1, 32 for SHA-256.
    pub(super) hash: usize,
    packs: Vec<(Pack, OnceLock<Table>)>,
    loose: Vec<Loose>,
}

impl Store {
    /// Opens the store below `objects`, whose ids have `hash` bytes; what cannot be opened goes to `problem`.
    pub(super) fn open(objects: &Path, hash: usize, problem: &mut dyn FnMut(Problem)) -> Self {
        let mut store = Self { hash, packs: Vec::new(), loose: Vec::new() };
        for place in with_alternates(objects, problem) {
            store.add(&place, problem);
        }
        store
    }

    fn add(&mut self, objects: &Path, problem: &mut dyn FnMut(Problem)) {
        let hash = self.hash;
        let folder = objects.join("pack");
        for path in sorted(&folder, problem) {
            let indexed = path.with_extension("idx");
            match path.extension().and_then(|end| end.to_str()) {
                Some("idx") => match Pack::open(&path, hash) {
                    Ok(pack) => self.packs.push((pack, OnceLock::new())),
                    Err(why) => problem(damaged(&path, &format!("{why}; `git index-pack` can make a new index"))),
                },
                Some("pack") if !indexed.exists() => {
                    problem(damaged(&path, "the pack has no index; `git index-pack` makes one"));
                }
                _ => {}
            }
        }
        self.loose.push(Loose::open(objects, hash, problem));
    }

    /// How many objects there are, those that are kept twice counted twice.
    pub(super) fn len(&self) -> usize {
        let packed: usize = self.packs.iter().map(|(pack, _)| pack.index.len()).sum();
        packed + self.loose.iter().map(|loose| loose.ids().len()).sum::<usize>()
    }

    /// Shows everything to `sieve`, each object once.
    pub(super) fn walk(&self, repository: usize, sieve: &dyn Sieve, tally: &Tally, stop: &Stop) {
        for (nth, (pack, table)) in self.packs.iter().enumerate() {
            let receiver = Handover { repository, sieve, tally, stop, before: &self.packs[..nth] };
            let table = table.get_or_init(|| Table::new(pack));
            for (id, error) in chains::walk(pack, table, sieve, &receiver, stop) {
                self.recover((repository, nth), id, &error, (sieve, stop));
            }
        }
        let packed = |id: &ObjectId| self.packs.iter().any(|(pack, _)| pack.index.find(id.as_bytes()).is_some());
        for loose in &self.loose {
            loose.ids().par_iter().filter(|id| !packed(id) && !stop.is_raised()).for_each(|id| {
                match loose.walk(id, repository, (sieve, stop)) {
                    Ok(Some((kind, bytes))) => tally.objects(kind, 1, bytes),
                    Ok(None) => {}
                    Err(why) => sieve.problem(lost(id, &why)),
                }
            });
        }
    }

    /// An object, from the first place that has it whole.
    pub(super) fn read(&self, id: &ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
        let packed = |(pack, _): &(Pack, _)| pack.read(pack.index.find(id.as_bytes())?).ok();
        self.packs.iter().find_map(packed).or_else(|| self.loose.iter().find_map(|loose| loose.read(id).ok()))
    }

    /// The content of all loose trees.
    pub(super) fn loose_trees(&self) -> Vec<Vec<u8>> {
        let trees = self.loose.iter().flat_map(|loose| loose.trees().map(move |id| loose.read(id)));
        trees.filter_map(|tree| tree.ok().map(|(_, bytes)| bytes)).collect()
    }

    /// Whether some place says it has the object.
    pub(super) fn has(&self, id: &[u8]) -> bool {
        self.packs.iter().any(|(pack, _)| pack.index.find(id).is_some())
            || self.loose.iter().any(|loose| ObjectId::from_bytes(id).is_some_and(|id| loose.has(&id)))
    }

    /// Looks for another copy of an object that is damaged in the pack `broken`.
    fn recover(
        &self,
        (repository, broken): (usize, usize),
        id: ObjectId,
        why: &EntryError,
        (sieve, stop): (&dyn Sieve, &Stop),
    ) {
        let others = self.packs.iter().enumerate().filter(|(nth, _)| *nth != broken);
        let packed = others.filter_map(|(_, (pack, _))| pack.read(pack.index.find(id.as_bytes())?).ok());
        let loose = self.loose.iter().filter_map(|loose| loose.read(&id).ok());
        match packed.chain(loose).next() {
            Some((kind, bytes)) => {
                let origin = Origin::Object { repository, id, kind };
                match sieve.interest(kind) {
                    Interest::Nothing => {}
                    Interest::Sifted if !sieve.any(&bytes) => {}
                    _ => sieve.take(&origin, &Piece::whole(&bytes)),
                }
                if kind == ObjectKind::Blob {
                    unpack(&bytes, &origin, (sieve, stop));
                }
            }
            None => {
                let limit = matches!(why, EntryError::Size(_));
                let kind = if limit { ProblemKind::Limit } else { ProblemKind::Damaged };
                sieve.problem(Problem { kind, ..lost(&id, &why.to_string()) });
            }
        }
    }
}

/// Hands what a pack yields to a sieve.
struct Handover<'a> {
    repository: usize,
    sieve: &'a dyn Sieve,
    tally: &'a Tally,
    stop: &'a Stop,
    before: &'a [(Pack, OnceLock<Table>)],
}

impl Receiver for Handover<'_> {
    fn count(&self, kind: ObjectKind, bytes: u64) {
        self.tally.objects(kind, 1, bytes);
    }

    fn is_known(&self, id: &ObjectId) -> bool {
        self.before.iter().any(|(pack, _)| pack.index.find(id.as_bytes()).is_some())
    }

    fn object(&self, id: ObjectId, kind: ObjectKind, bytes: &[u8]) {
        self.sieve.take(&Origin::Object { repository: self.repository, id, kind }, &Piece::whole(bytes));
    }

    fn container(&self, id: ObjectId, bytes: &[u8]) {
        let origin = Origin::Object { repository: self.repository, id, kind: ObjectKind::Blob };
        unpack(bytes, &origin, (self.sieve, self.stop));
    }

    fn large(&self, id: ObjectId, kind: ObjectKind, size: u64, data: &[u8]) {
        let origin = Origin::Object { repository: self.repository, id, kind };
        let all = self.sieve.interest(kind) == Interest::Everything;
        let mut take = |piece: &Piece<'_>| {
            if all || self.sieve.any(piece.bytes) {
                self.sieve.take(&origin, piece);
            }
            !self.stop.is_raised()
        };
        let (mut reader, mut buffer) = (ZlibDecoder::new(data), Vec::new());
        let read = match kind {
            ObjectKind::Blob => {
                in_pieces_and_within(&mut reader, &mut buffer, &origin, (self.sieve, self.stop), &mut take)
            }
            _ => in_pieces(&mut reader, &mut buffer, take),
        };
        let why = match read {
            Ok(read) if read == size || self.stop.is_raised() => return,
            Ok(_) => "it is not of the size that the pack says".to_owned(),
            Err(error) => error.to_string(),
        };
        self.sieve.problem(lost(&id, &why));
    }
}

/// `objects` and every directory that it and its alternates name.
fn with_alternates(objects: &Path, problem: &mut dyn FnMut(Problem)) -> Vec<PathBuf> {
    let (mut places, mut seen) = (Vec::new(), HashSet::new());
    let mut todo = vec![(objects.to_owned(), 0)];
    while let Some((place, depth)) = todo.pop() {
        if !seen.insert(fs::canonicalize(&place).unwrap_or_else(|_| place.clone())) {
            continue;
        }
        if !place.is_dir() {
            problem(Problem::new(
                ProblemKind::Missing,
                place.to_string_lossy().as_ref(),
                "this object directory is named as an alternate and is not there",
            ));
            continue;
        }
        let list = fs::read_to_string(place.join("info/alternates")).unwrap_or_default();
        let named = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        if depth < ALTERNATES {
            todo.extend(named.map(|line| (place.join(line), depth + 1)));
        }
        places.push(place);
    }
    places
}

fn damaged(path: &Path, why: &str) -> Problem {
    Problem::new(ProblemKind::Damaged, path.to_string_lossy().as_ref(), why)
}

fn lost(id: &ObjectId, why: &str) -> Problem {
    Problem::new(ProblemKind::Damaged, format!("object {id}").as_str(), why)
}
