//! A pack's index: which objects it holds, and where. Must not know what is in the pack.

use super::map::map;
use crate::model::ObjectId;
use memmap2::Mmap;
use std::path::Path;

const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
const FANOUT: usize = 8;
const IDS: usize = FANOUT + 256 * 4;

/// An index of version 2, read in place.
#[derive(Debug)]
pub(super) struct Index {
    bytes: Mmap,
    len: usize,
    hash: usize,
}

impl Index {
    /// Opens the index at `path` of a repository whose ids have `hash` bytes.
    pub(super) fn open(path: &Path, hash: usize) -> Result<Self, String> {
        let bytes = map(path).map_err(|error| error.to_string())?;
        if bytes.len() < IDS + 2 * hash || bytes[..8] != MAGIC {
            return Err("it is not a pack index of version 2".to_owned());
        }
        let index = Self { len: word(&bytes, FANOUT + 255 * 4) as usize, bytes, hash };
        let fanout = |byte: usize| word(&index.bytes, FANOUT + byte * 4);
        let least = IDS + index.len * (hash + 8) + 2 * hash;
        if (1..256).any(|byte| fanout(byte - 1) > fanout(byte)) || index.bytes.len() < least {
            return Err("its table of contents is damaged".to_owned());
        }
        Ok(index)
    }

    /// How many objects the pack holds.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The raw id at `position`, in the order of ids.
    pub(super) fn raw_id(&self, position: usize) -> &[u8] {
        let at = IDS + position * self.hash;
        &self.bytes[at..at + self.hash]
    }

    /// The id at `position`.
    pub(super) fn id(&self, position: usize) -> Option<ObjectId> {
        ObjectId::from_bytes(self.raw_id(position))
    }

    /// Where in the pack the object at `position` begins; `None` where the index is damaged.
    pub(super) fn offset(&self, position: usize) -> Option<u64> {
        let table = IDS + self.len * (self.hash + 4);
        let offset = word(&self.bytes, table + position * 4);
        if offset >> 31 == 0 {
            return Some(u64::from(offset));
        }
        let far = table + self.len * 4 + (offset & 0x7fff_ffff) as usize * 8;
        let bytes = self.bytes.get(far..far + 8)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The position of an id.
    pub(super) fn find(&self, id: &[u8]) -> Option<usize> {
        if id.len() != self.hash {
            return None;
        }
        let first = usize::from(id[0]);
        let below = if first == 0 { 0 } else { word(&self.bytes, FANOUT + (first - 1) * 4) as usize };
        let above = word(&self.bytes, FANOUT + first * 4) as usize;
        let (mut low, mut high) = (below, above.min(self.len));
        while low < high {
            let middle = low.midpoint(high);
            match self.raw_id(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}
