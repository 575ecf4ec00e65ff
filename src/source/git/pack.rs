//! One pack: its entries, which entry builds on which, and single objects out of it.
//!
//! Must not know what objects mean, or what is looked for in them.

use super::{
    delta::{Delta, DeltaError},
    index::Index,
    map::map,
};
use crate::model::{ObjectId, ObjectKind};
use libdeflater::Decompressor;
use memmap2::Mmap;
use rayon::prelude::*;
use std::path::Path;

/// The largest object that is rebuilt from deltas, in bytes: as much as git itself would delta, twice.
pub(super) const LARGEST: u64 = 1 << 30;
/// How many bases an object may stand on. Git makes chains of 50, and allows 4095.
const DEEPEST: usize = 5000;

/// A pack and its index, read in place.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) index: Index,
    bytes: Mmap,
    hash: usize,
}

/// Why an object cannot be had from a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EntryError {
    #[error("its entry is damaged")]
    Header,
    #[error("its compressed data is damaged")]
    Inflate,
    #[error(transparent)]
    Delta(#[from] DeltaError),
    #[error("the object it builds on is damaged or not there")]
    Base,
    #[error("it unpacks to {0} bytes, more than is rebuilt from deltas")]
    Size(u64),
}

/// What an entry of a pack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind<'a> {
    Whole(ObjectKind),
    /// Builds on the entry at this offset.
    OnOffset(u64),
    /// Builds on the object with this id.
    OnId(&'a [u8]),
}

/// An entry's header, read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) kind: EntryKind<'a>,
    /// Size of what the data inflates to: the object, or the delta.
    pub(super) size: u64,
    /// The compressed data, and whatever follows it.
    pub(super) data: &'a [u8],
}

impl Pack {
    /// Opens the pack whose index is at `path`.
    pub(super) fn open(path: &Path, hash: usize) -> Result<Self, String> {
        let index = Index::open(path, hash)?;
        let path = path.with_extension("pack");
        let bytes = map(&path).map_err(|error| error.to_string())?;
        if bytes.len() < 12 + hash || &bytes[..4] != b"PACK" {
            return Err("it is not a pack".to_owned());
        }
        Ok(Self { index, bytes, hash })
    }

    /// The entry at `offset`.
    pub(super) fn entry(&self, offset: u64) -> Option<Entry<'_>> {
        let end = self.bytes.len() - self.hash;
        let mut rest = self.bytes.get(usize::try_from(offset).ok()?..end)?;
        let mut byte = || {
            let (&first, after) = rest.split_first()?;
            rest = after;
            Some(first)
        };
        let mut code = byte()?;
        let kind = code >> 4 & 7;
        let (mut size, mut shift) = (u64::from(code & 15), 4);
        while code & 0x80 != 0 {
            code = byte()?;
            if shift > 57 {
                return None;
            }
            size |= u64::from(code & 0x7f) << shift;
            shift += 7;
        }
        let kind = match kind {
            1 => EntryKind::Whole(ObjectKind::Commit),
            2 => EntryKind::Whole(ObjectKind::Tree),
            3 => EntryKind::Whole(ObjectKind::Blob),
            4 => EntryKind::Whole(ObjectKind::Tag),
            6 => {
                let mut code = byte()?;
                let mut back = u64::from(code & 0x7f);
                while code & 0x80 != 0 {
                    code = byte()?;
                    back = back.checked_add(1)?.checked_mul(128)? | u64::from(code & 0x7f);
                }
                EntryKind::OnOffset(offset.checked_sub(back)?)
            }
            7 => {
                let (id, after) = rest.split_at_checked(self.hash)?;
                rest = after;
                EntryKind::OnId(id)
            }
            _ => return None,
        };
        Some(Entry { kind, size, data: rest })
    }

    /// The object at `position` of the index, alone.
    pub(super) fn read(&self, position: usize) -> Result<(ObjectKind, Vec<u8>), EntryError> {
        let mut inflater = Decompressor::new();
        let mut offset = self.index.offset(position).ok_or(EntryError::Header)?;
        let mut deltas = Vec::new();
        let kind = loop {
            let entry = self.entry(offset).ok_or(EntryError::Header)?;
            let mut data = Vec::new();
            inflate(&mut inflater, &entry, &mut data)?;
            deltas.push(data);
            offset = match entry.kind {
                EntryKind::Whole(kind) => break kind,
                EntryKind::OnOffset(base) => base,
                EntryKind::OnId(id) => {
                    self.index.find(id).and_then(|at| self.index.offset(at)).ok_or(EntryError::Base)?
                }
            };
            if deltas.len() > DEEPEST {
                return Err(EntryError::Base);
            }
        };
        let mut object = deltas.pop().unwrap_or_default();
        let mut next = Vec::new();
        while let Some(delta) = deltas.pop() {
            let delta = Delta::new(&delta, object.len())?;
            if delta.size > LARGEST {
                return Err(EntryError::Size(delta.size));
            }
            delta.apply(&object, &mut next)?;
            std::mem::swap(&mut object, &mut next);
        }
        Ok((kind, object))
    }
}

/// Inflates the data of `entry` into `out`.
pub(super) fn inflate(inflater: &mut Decompressor, entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), EntryError> {
    // Deflate shrinks by 1032 at most: a size beyond that is a lie, and no memory is taken for it.
    let plausible = entry.size <= entry.data.len() as u64 * 1032 + 64;
    let size = usize::try_from(entry.size).ok().filter(|_| plausible).ok_or(EntryError::Header)?;
    if entry.size > LARGEST {
        return Err(EntryError::Size(entry.size));
    }
    out.clear();
    out.resize(size, 0);
    match inflater.zlib_decompress(entry.data, out) {
        Ok(inflated) if inflated == size => Ok(()),
        _ => Err(EntryError::Inflate),
    }
}

/// Which entry builds on which. Entries are numbered by their offset.
#[derive(Debug)]
pub(super) struct Table {
    offsets: Vec<u64>,
    /// Position in the index, by entry.
    positions: Vec<u32>,
    kinds: Vec<u8>,
    /// Entries that build on an entry, as a list: the first, and for each the next.
    first: Vec<u32>,
    next: Vec<u32>,
    /// Entries that cannot be read, or whose base cannot be found: nothing leads to them.
    lost: Vec<u32>,
}

/// No entry.
const NONE: u32 = u32::MAX;
/// An entry that builds on another one, and one that cannot be read.
const DELTA: u8 = 5;
const BROKEN: u8 = 6;

impl Table {
    /// Reads the headers of all entries of `pack`.
    pub(super) fn new(pack: &Pack) -> Self {
        let mut order: Vec<(u64, u32)> = (0..pack.index.len())
            .into_par_iter()
            .map(|position| (pack.index.offset(position).unwrap_or(u64::MAX), position as u32))
            .collect();
        order.par_sort_unstable();
        let offsets: Vec<u64> = order.iter().map(|&(offset, _)| offset).collect();
        let positions: Vec<u32> = order.iter().map(|&(_, position)| position).collect();
        drop(order);
        let entry_at = |offset: u64| offsets.binary_search(&offset).map_or(NONE, |entry| entry as u32);
        let (kinds, bases): (Vec<u8>, Vec<u32>) = offsets
            .par_iter()
            .map(|&offset| match pack.entry(offset).map(|entry| entry.kind) {
                None => (BROKEN, NONE),
                Some(EntryKind::Whole(kind)) => (kind as u8, NONE),
                Some(EntryKind::OnOffset(base)) => (DELTA, entry_at(base)),
                Some(EntryKind::OnId(id)) => {
                    let base = pack.index.find(id).and_then(|at| pack.index.offset(at));
                    (DELTA, base.map_or(NONE, entry_at))
                }
            })
            .unzip();
        let is_lost = |entry: &u32| match kinds[*entry as usize] {
            BROKEN => true,
            DELTA => bases[*entry as usize] == NONE,
            _ => false,
        };
        let lost = (0..kinds.len() as u32).filter(is_lost).collect();
        let (mut first, mut next) = (vec![NONE; kinds.len()], bases);
        // The list of those that build on an entry is threaded through the array of their bases.
        for entry in (0..next.len()).rev() {
            let base = next[entry];
            if base != NONE {
                next[entry] = std::mem::replace(&mut first[base as usize], entry as u32);
            }
        }
        Self { offsets, positions, kinds, first, next, lost }
    }

    pub(super) fn offset(&self, entry: u32) -> u64 {
        self.offsets[entry as usize]
    }

    /// The entry's position in the index.
    pub(super) fn position(&self, entry: u32) -> usize {
        self.positions[entry as usize] as usize
    }

    /// Entries that are whole objects of `kind`.
    pub(super) fn roots(&self, kind: ObjectKind) -> impl Iterator<Item = u32> + '_ {
        (0..self.kinds.len() as u32).filter(move |&entry| self.kinds[entry as usize] == kind as u8)
    }

    /// Entries to which nothing leads, and that nothing can be built of.
    pub(super) fn lost(&self) -> &[u32] {
        &self.lost
    }

    /// The first entry that builds on `entry`.
    pub(super) fn first_on(&self, entry: u32) -> Option<u32> {
        Some(self.first[entry as usize]).filter(|&child| child != NONE)
    }

    /// The next entry that builds on what `entry` builds on.
    pub(super) fn next_to(&self, entry: u32) -> Option<u32> {
        Some(self.next[entry as usize]).filter(|&child| child != NONE)
    }
}

impl Pack {
    /// The id of an entry.
    pub(super) fn id_of(&self, table: &Table, entry: u32) -> Option<ObjectId> {
        self.index.id(table.position(entry))
    }
}
