//! Git's index, which holds what the next commit will be made of.
//!
//! Must not know what is done with it. It is read by our own code: libgit2 checks it with a hash that
//! takes longer than all the rest of a scan of what is staged.

use crate::model::{ObjectId, Text};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::HashMap;

/// The index, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Staging {
    /// Its entries, by path.
    pub(super) entries: Vec<Staged>,
    /// The trees that its directories would make, by path with a slash at the end, as far as git noted
    /// them down. What is staged below one of these is what is in that tree.
    pub(super) trees: HashMap<Vec<u8>, ObjectId>,
}

/// An entry of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Its path.
    pub path: Text,
    /// Its content.
    pub blob: ObjectId,
    /// What it is, as in a tree: `0o100644`.
    pub mode: u32,
    /// Which side of a conflict it is; zero where there is none.
    pub side: u8,
    /// Whether it is only meant to be added, without a content yet.
    pub intended: bool,
}

impl Staged {
    /// Whether its content is kept in this repository: it is no submodule.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self.mode, 0o100_000..=0o100_777 | 0o120_000)
    }
}

/// Where in an entry its mode and its id begin.
const MODE: usize = 24;
const ID: usize = 40;

/// Reads the index in `bytes`, whose ids have `hash` bytes.
///
/// # Errors
/// What is wrong with it, and the way out.
pub(super) fn read(bytes: &[u8], hash: usize) -> Result<Staging, String> {
    let cut = || "it is cut short".to_owned();
    let body = bytes.len().checked_sub(hash).map(|end| &bytes[..end]).ok_or_else(cut)?;
    let word = |at: usize| body.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes);
    let version = word(4).filter(|version| body.starts_with(b"DIRC") && (2..=4).contains(version));
    let version = version.ok_or("it is not an index of version 2, 3 or 4")?;
    let sum = &bytes[body.len()..];
    // Git may be told not to write a sum.
    if sum.iter().any(|byte| *byte != 0) && !is_sum(sum, body) {
        return Err("its checksum is wrong; `git read-tree HEAD` makes it anew, without what was staged".to_owned());
    }
    let count = word(8).ok_or_else(cut)?;
    let mut reader = Reader { body, hash, at: 12, version, path: Vec::new() };
    let entries = (0..count).map(|_| reader.entry().ok_or_else(cut)).collect::<Result<Vec<_>, _>>()?;
    let trees = reader.extensions()?;
    Ok(Staging { entries, trees })
}

/// Whether `sum` is that of `body`, by the function that makes ids of its length.
fn is_sum(sum: &[u8], body: &[u8]) -> bool {
    if sum.len() == 32 { Sha256::digest(body).as_slice() == sum } else { Sha1::digest(body).as_slice() == sum }
}

struct Reader<'a> {
    body: &'a [u8],
    /// Length of an id, in bytes.
    hash: usize,
    at: usize,
    version: u32,
    /// The path of the entry before, of which the next one leaves out what is the same.
    path: Vec<u8>,
}

impl Reader<'_> {
    fn entry(&mut self) -> Option<Staged> {
        // What is of one length: up to the id, that, and two bytes of flags.
        let len = ID + self.hash + 2;
        let fixed = self.body.get(self.at..self.at + len)?;
        let mode = u32::from_be_bytes(fixed[MODE..MODE + 4].try_into().ok()?);
        let blob = ObjectId::from_bytes(&fixed[ID..ID + self.hash])?;
        let flags = u16::from_be_bytes([fixed[len - 2], fixed[len - 1]]);
        let (start, mut more) = (self.at, 0_u16);
        self.at += len;
        if self.version >= 3 && flags & 0x4000 != 0 {
            more = u16::from_be_bytes(self.body.get(self.at..self.at + 2)?.try_into().ok()?);
            self.at += 2;
        }
        if self.version == 4 {
            let same = self.path.len().checked_sub(self.number()?)?;
            self.path.truncate(same);
        } else {
            self.path.clear();
        }
        let end = self.at + memchr::memchr(0, self.body.get(self.at..)?)?;
        self.path.extend_from_slice(&self.body[self.at..end]);
        // Before version 4 entries are filled up to a multiple of eight bytes.
        self.at = if self.version == 4 { end + 1 } else { start + (end - start + 8) / 8 * 8 };
        let side = (flags >> 12 & 3) as u8;
        Some(Staged { path: self.path.as_slice().into(), blob, mode, side, intended: more & 0x2000 != 0 })
    }

    /// A number as deltas have them for offsets.
    fn number(&mut self) -> Option<usize> {
        let mut byte = || {
            let byte = *self.body.get(self.at)?;
            self.at += 1;
            Some(byte)
        };
        let mut code = byte()?;
        let mut number = usize::from(code & 0x7f);
        while code & 0x80 != 0 {
            code = byte()?;
            number = number.checked_add(1)?.checked_mul(128)? | usize::from(code & 0x7f);
        }
        Some(number)
    }

    /// The trees that are noted down. Extensions in small letters must be understood: without them the
    /// entries say something else.
    fn extensions(&self) -> Result<HashMap<Vec<u8>, ObjectId>, String> {
        let (mut at, mut trees) = (self.at, HashMap::new());
        while let Some(head) = self.body.get(at..at + 8) {
            match &head[..4] {
                b"link" => {
                    return Err("it is split in two; `git update-index --no-split-index` makes it one".to_owned());
                }
                // Directories as a whole are entries then, and none of ours.
                b"sdir" => {}
                name if name[0].is_ascii_lowercase() => {
                    return Err(format!("it has an extension that is not known: {}", String::from_utf8_lossy(name)));
                }
                _ => {}
            }
            let size = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            let end = at.saturating_add(8).saturating_add(size as usize);
            if head.starts_with(b"TREE") {
                trees = noted(self.body.get(at + 8..end).unwrap_or_default(), self.hash);
            }
            at = end;
        }
        Ok(trees)
    }
}

/// The trees of the extension `TREE`: each a name, the number of entries below it (-1 where it is not
/// known any more), the number of trees right below it, and its id; then these trees.
fn noted(mut bytes: &[u8], hash: usize) -> HashMap<Vec<u8>, ObjectId> {
    let mut trees = HashMap::new();
    // The directories that are being gone through: their paths, and how many trees are left in each.
    let mut open: Vec<(Vec<u8>, usize)> = Vec::new();
    while let Some((name, rest)) = split(bytes, 0)
        && let Some((entries, rest)) = split(rest, b' ')
        && let Some((below, rest)) = split(rest, b'\n')
    {
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<i64>().ok());
        let (Some(entries), Some(below)) = (number(entries), number(below)) else { break };
        while open.pop_if(|(_, left)| *left == 0).is_some() {}
        let mut path = open.last_mut().map(|(path, left)| {
            *left -= 1;
            path.clone()
        });
        let path = path.get_or_insert_default();
        if !open.is_empty() {
            path.extend_from_slice(name);
            path.push(b'/');
        }
        bytes = rest;
        if entries >= 0 {
            let Some((id, rest)) = rest.split_at_checked(hash) else { break };
            trees.extend(ObjectId::from_bytes(id).map(|id| (path.clone(), id)));
            bytes = rest;
        }
        open.push((std::mem::take(path), usize::try_from(below).unwrap_or(0)));
    }
    trees
}

/// What stands before and after the first `byte`.
fn split(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: usize = 20;

    fn index(version: u32, paths: &[&str]) -> Vec<u8> {
        let mut bytes = [&b"DIRC"[..], &version.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
        let mut before = "";
        for path in paths {
            let start = bytes.len();
            let same = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
            bytes.extend([0; MODE]);
            bytes.extend(0o100_644_u32.to_be_bytes());
            bytes.extend([0; ID - MODE - 4]);
            bytes.extend([7; HASH]);
            bytes.extend((path.len() as u16).to_be_bytes());
            if version == 4 {
                bytes.push((before.len() - same) as u8);
                bytes.extend(path[same..].bytes());
                bytes.push(0);
            } else {
                bytes.extend(path.bytes());
                let len = bytes.len() - start;
                bytes.resize(start + (len + 8) / 8 * 8, 0);
            }
            before = path;
        }
        let sum = Sha1::digest(&bytes);
        bytes.extend(sum.as_slice());
        bytes
    }

    #[test]
    fn every_version_is_read() {
        let paths = ["a", "dir/file.txt", "dir/file.txt.more", "dir/other", "z"];
        for version in 2..=4 {
            let entries = read(&index(version, &paths), HASH).expect("an index").entries;
            let read: Vec<String> = entries.iter().map(|entry| entry.path.to_string()).collect();
            assert_eq!(read, paths, "version {version}");
            assert!(entries.iter().all(|entry| entry.is_file() && entry.side == 0 && !entry.intended));
        }
    }

    #[test]
    fn what_is_damaged_says_so() {
        let whole = index(2, &["a", "b"]);
        let mut damaged = whole.clone();
        damaged[20] ^= 1;
        assert!(read(&damaged, HASH).expect_err("damaged").contains("checksum"));
        assert!(read(b"DIRC", HASH).expect_err("short").contains("cut short"));
        assert!(read(&[0; 64], HASH).expect_err("zeros").contains("version"));
        let mut split = whole[..whole.len() - HASH].to_vec();
        split.extend(b"link\0\0\0\0");
        split.extend([0; HASH]);
        assert!(read(&split, HASH).expect_err("split").contains("split"));
    }

    #[test]
    fn the_trees_that_are_noted_down_are_read() {
        let id = |byte| [byte; HASH];
        let mut noted_down = b"\x005 2\n".to_vec();
        noted_down.extend(id(1));
        noted_down.extend(b"a\x003 1\n");
        noted_down.extend(id(2));
        noted_down.extend(b"b\x001 0\n");
        noted_down.extend(id(3));
        noted_down.extend(b"c\x00-1 0\n");
        let trees = noted(&noted_down, HASH);
        let mut read: Vec<(&[u8], u8)> = trees.iter().map(|(path, id)| (path.as_slice(), id.as_bytes()[0])).collect();
        read.sort_unstable();
        assert_eq!(read, [(&b""[..], 1), (b"a/", 2), (b"a/b/", 3)]);
    }

    proptest! {
        #[test]
        fn any_notes_are_read_as_far_as_they_can_be(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = noted(&bytes, HASH);
        }

        #[test]
        fn any_bytes_are_refused_or_read(mut bytes in prop::collection::vec(any::<u8>(), 0..400), version in 2..5_u32) {
            let head = [&b"DIRC"[..], &version.to_be_bytes(), &[0, 0, 0, 3]].concat();
            bytes.splice(0..0, head);
            bytes.extend([0; HASH]);
            let _ = read(&bytes, HASH);
            let _ = read(&bytes, 32);
        }
    }
}
