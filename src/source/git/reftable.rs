//! Refs and their logs as a reftable keeps them: a stack of binary tables, of which a later one overrides those before
//! it. Must not know what a ref is for.
//!
//! Read by our own code: libgit2 refuses such repositories, and to start git in one that is scanned would be to trust
//! what it configures. The format is that of git's `Documentation/technical/reftable`.

use crate::model::ObjectId;
use flate2::bufread::ZlibDecoder;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

const MAGIC: &[u8] = b"REFT";
/// Five numbers of eight bytes and a sum, after a copy of the header.
const FOOTER: usize = 44;
/// Where in the footer, after the copy, the place of the first log is said.
const LOGS: usize = 24;
/// How often a list is read again that another process has written anew meanwhile.
const AGAIN: usize = 3;

/// What a ref leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing: it was deleted.
    Gone,
    Id(ObjectId),
    /// Another ref, by its name.
    Symbolic(Vec<u8>),
}

/// All refs of a stack, by name.
pub(super) type Refs = BTreeMap<Vec<u8>, Target>;

/// Reads the refs of the stack in the directory `folder`; one that is not there has none.
///
/// # Errors
/// What is wrong with it.
pub(super) fn stack(folder: &Path) -> Result<Refs, String> {
    let list = folder.join("tables.list");
    let mut attempts = 0;
    loop {
        let names = match fs::read_to_string(&list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Refs::new()),
            names => names.map_err(|error| format!("{}: {error}", list.display()))?,
        };
        let mut refs = Refs::new();
        let read = names.lines().try_for_each(|name| {
            // A name that leads elsewhere is none of git's.
            let is_name = !name.contains(['/', '\\']);
            let bytes = if is_name { fs::read(folder.join(name)) } else { Err(io::ErrorKind::InvalidInput.into()) };
            let failed = |why: String| (name.to_owned(), why);
            let bytes = bytes.map_err(|error| (error.kind(), failed(error.to_string())))?;
            let table = Table::open(&bytes)
                .and_then(|table| table.refs(&mut |name, target| drop(refs.insert(name.to_vec(), target))));
            table.map_err(|why| (io::ErrorKind::InvalidData, failed(why)))
        });
        attempts += 1;
        match read {
            Ok(()) => break Ok(refs),
            Err((io::ErrorKind::NotFound, _)) if attempts < AGAIN => {}
            Err((_, (name, why))) => break Err(format!("{}: {why}", folder.join(name).display())),
        }
    }
}

/// One table.
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    /// Length of its header, and of its ids.
    header: usize,
    hash: usize,
    /// What blocks are filled up to; zero if to nothing.
    block: usize,
    /// Where the footer begins.
    end: usize,
}

/// What a block of records holds, and where the next one begins.
struct Block<'a> {
    records: Cow<'a, [u8]>,
    next: usize,
}

impl<'a> Table<'a> {
    /// Opens the table that `bytes` are.
    ///
    /// # Errors
    /// When they are none.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let none = || "it is no reftable of version 1 or 2".to_owned();
        let head = bytes.get(..24).filter(|head| head.starts_with(MAGIC)).ok_or_else(none)?;
        let (header, hash) = match (head[4], bytes.get(24..28)) {
            (1, _) | (2, Some(b"sha1")) => (if head[4] == 1 { 24 } else { 28 }, 20),
            (2, Some(b"s256")) => (28, 32),
            _ => return Err(none()),
        };
        let end = bytes.len().checked_sub(header + FOOTER).filter(|&end| end >= header);
        let end = end.filter(|&end| bytes[end..].starts_with(&bytes[..header]));
        let end = end.ok_or("it is cut short, or its end is damaged")?;
        Ok(Self { bytes, header, hash, block: number(&head[5..8]), end })
    }

    /// Shows all refs, deleted ones too.
    ///
    /// # Errors
    /// Where it is damaged.
    pub(super) fn refs(&self, each: &mut dyn FnMut(&[u8], Target)) -> Result<(), String> {
        let mut at = 0;
        while let Some(block) = self.block(at, b'r')? {
            let (mut records, mut key) = (Reader(&block.records), Vec::new());
            while !records.0.is_empty() {
                let target = self.reference(&mut records, &mut key).ok_or_else(damaged)?;
                each(&key, target);
            }
            at = block.next;
        }
        Ok(())
    }

    /// Shows all lines of logs with the names of their refs, written as in the files that git has else, the last first.
    ///
    /// # Errors
    /// Where it is damaged.
    pub(super) fn logs(&self, each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), String> {
        let footer = &self.bytes[self.end + self.header..];
        let mut at = number(&footer[LOGS..LOGS + 8]);
        while let Some(block) = self.block(at, b'g')? {
            let (mut records, mut key) = (Reader(&block.records), Vec::new());
            while !records.0.is_empty() {
                let line = self.log(&mut records, &mut key).ok_or_else(damaged)?;
                // The name ends in a zero, and the number of the update follows.
                let name = key.split(|&byte| byte == 0).next().unwrap_or_default();
                each(name, &line);
            }
            at = block.next;
        }
        Ok(())
    }

    /// The block at `at`, if it is of the kind `kind`. The first one begins with the header of the table.
    fn block(&self, at: usize, kind: u8) -> Result<Option<Block<'a>>, String> {
        let bytes = self.bytes.get(at..self.end).unwrap_or_default();
        let start = if at == 0 { self.header } else { 0 };
        let Some(head) = bytes.get(start..start + 4).filter(|head| head[0] == kind) else { return Ok(None) };
        let len = number(&head[1..]);
        let start = start + 4;
        let (records, next) = if kind == b'g' {
            let mut decoder = ZlibDecoder::new(&bytes[start..]);
            let (mut inflated, size) = (Vec::new(), len.checked_sub(start).ok_or_else(damaged)?);
            let read = (&mut decoder).take(size as u64).read_to_end(&mut inflated);
            if read.map_err(|_| damaged())? != size {
                return Err(damaged());
            }
            // Its sum comes after the last byte.
            let _ = decoder.read(&mut [0]);
            (inflated.into(), start + decoder.total_in() as usize)
        } else {
            let records = bytes.get(start..len).ok_or_else(damaged)?;
            let padded = len < self.block && bytes.get(len).is_none_or(|&byte| byte == 0);
            (records.into(), if padded { self.block } else { len })
        };
        let records = without_restarts(records).ok_or_else(damaged)?;
        Ok(Some(Block { records, next: at + next }))
    }

    fn reference(&self, records: &mut Reader<'_>, key: &mut Vec<u8>) -> Option<Target> {
        let kind = records.key(key)?;
        records.number()?;
        Some(match kind {
            0 => Target::Gone,
            1 => Target::Id(records.id(self.hash)?),
            2 => {
                let id = records.id(self.hash)?;
                // What a tag leads to in the end.
                records.id(self.hash)?;
                Target::Id(id)
            }
            3 => Target::Symbolic(records.text()?.to_vec()),
            _ => return None,
        })
    }

    /// A line of a log; one that was deleted is empty.
    fn log(&self, records: &mut Reader<'_>, key: &mut Vec<u8>) -> Option<Vec<u8>> {
        match records.key(key)? {
            0 => Some(Vec::new()),
            1 => {
                let (old, new) = (records.id(self.hash)?, records.id(self.hash)?);
                let (name, email, time) = (records.text()?, records.text()?, records.number()?);
                let zone = records.take(2)?;
                let zone = i16::from_be_bytes([zone[0], zone[1]]);
                let message = records.text()?;
                let head = format!("{old} {new} ");
                let date = format!("> {time} {zone:+05}\t");
                let message = message.strip_suffix(b"\n").unwrap_or(message);
                Some([head.as_bytes(), name, b" <", email, date.as_bytes(), message, b"\n"].concat())
            }
            _ => None,
        }
    }
}

/// The records of a block without the table after them, which says where keys stand whole.
fn without_restarts(records: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    let (rest, count) = records.split_last_chunk::<2>()?;
    let end = rest.len().checked_sub(3 * number(count))?;
    Some(match records {
        Cow::Borrowed(bytes) => bytes[..end].into(),
        Cow::Owned(mut bytes) => {
            bytes.truncate(end);
            bytes.into()
        }
    })
}

/// What is left of a block.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number as deltas have them for offsets.
    fn number(&mut self) -> Option<usize> {
        let mut code = self.take(1)?[0];
        let mut number = usize::from(code & 0x7f);
        while code & 0x80 != 0 {
            code = self.take(1)?[0];
            number = number.checked_add(1)?.checked_mul(128)? | usize::from(code & 0x7f);
        }
        Some(number)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.take(len)
    }

    fn id(&mut self, hash: usize) -> Option<ObjectId> {
        ObjectId::from_bytes(self.take(hash)?)
    }

    /// Reads a key, which leaves out what it has in common with the one before, `key`; returns the kind of what follows.
    fn key(&mut self, key: &mut Vec<u8>) -> Option<u8> {
        let same = self.number()?;
        let code = self.number()?;
        let suffix = self.take(code >> 3)?;
        if same > key.len() {
            return None;
        }
        key.truncate(same);
        key.extend_from_slice(suffix);
        Some((code & 7) as u8)
    }
}

/// A number of up to eight bytes, the highest first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

fn damaged() -> String {
    "it is damaged".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A table of version 1 with the refs `a` and `ab`, and no logs.
    fn table() -> Vec<u8> {
        let header = [&b"REFT\x01\0\0\0"[..], &[0; 16]].concat();
        let refs = [&b"\0\x09a\0"[..], &[1; 20], b"\x01\x0bb\0\x0aHEAD/other"].concat();
        let restarts = b"\0\0\x1c\0\x01";
        let len = header.len() + 4 + refs.len() + restarts.len();
        let head = [b'r', 0, 0, len as u8];
        [&header[..], &head, &refs, restarts, &header, &[0; FOOTER]].concat()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Vec<u8>, Target)>, String> {
        let table = Table::open(bytes)?;
        let mut found = Vec::new();
        table.refs(&mut |name, target| found.push((name.to_vec(), target)))?;
        table.logs(&mut |_, _| {})?;
        Ok(found)
    }

    #[test]
    fn refs_are_read_by_what_they_have_in_common() {
        let id = ObjectId::from_bytes(&[1; 20]).expect("20 bytes");
        let expected = [(b"a".to_vec(), Target::Id(id)), (b"ab".to_vec(), Target::Symbolic(b"HEAD/other".to_vec()))];
        assert_eq!(read(&table()).expect("a table"), expected);
    }

    #[test]
    fn a_table_that_is_cut_short_is_an_error() {
        let table = table();
        for len in 0..table.len() {
            assert!(read(&table[..len]).is_err(), "{len}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(at in 0..200_usize, with in prop::collection::vec(any::<u8>(), 1..20)) {
            let mut table = table();
            let at = at.min(table.len() - 1);
            for (place, byte) in table[at..].iter_mut().zip(&with) {
                *place = *byte;
            }
            let _ = read(&table);
        }
    }
}
