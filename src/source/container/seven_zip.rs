//! Archives of 7-Zip. Their directory is at the end and says how everything before it is packed, so that an archive is
//! held in memory until it is read. Must not know what entries hold.

mod coders;
mod header;

use super::{input::Input, level::Level};
use header::{Folder, Header, Next};
use std::{
    cell::Cell,
    io::{self, Read},
};

pub(super) const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";
/// Length of what an archive begins with.
pub(super) const START: usize = 32;
/// No directory is longer than this, in bytes, or packed this often.
const LONGEST: u64 = 16 << 20;
const PACKED: usize = 4;

/// Where the directory is.
struct Start {
    offset: u64,
    size: u64,
    sum: u32,
}

impl Start {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..START).filter(|bytes| bytes.starts_with(MAGIC))?;
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let long = |at: usize| u64::from(word(at + 4)) << 32 | u64::from(word(at));
        (word(8) == sum(&bytes[12..])).then(|| Self { offset: long(12), size: long(20), sum: word(28) })
    }
}

/// Whether `bytes` begin with an archive whose beginning is whole.
pub(super) fn is_whole_start(bytes: &[u8]) -> bool {
    Start::parse(bytes).is_some()
}

fn sum(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// Shows all entries of an archive.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let start = input.take_bytes(START).map_err(told)?.ok_or("it is cut short")?;
    let start = Start::parse(&start).ok_or("it is damaged: the sum of its beginning is wrong")?;
    if start.size == 0 {
        return Ok(());
    }
    if start.size > LONGEST {
        return Err("its directory is too large to be one".to_owned());
    }
    let Some(size) = start.offset.checked_add(start.size).filter(|&size| level.hold(size)) else { return Ok(()) };
    let read = whole(input, &start, size, level);
    level.release(size);
    read
}

fn whole(input: &mut Input<'_>, start: &Start, size: u64, level: &Level<'_>) -> Result<(), String> {
    // Memory is taken for what is there, not for what the beginning says.
    let mut bytes = Vec::new();
    input.by_ref().take(size).read_to_end(&mut bytes).map_err(told)?;
    if (bytes.len() as u64) < size {
        return Err("it is cut short: its directory is missing".to_owned());
    }
    let (packed, directory) = bytes.split_at(start.offset as usize);
    if sum(directory) != start.sum {
        return Err("its directory is damaged; nothing of it was looked at".to_owned());
    }
    let mut directory = directory.to_vec();
    for _ in 0..PACKED {
        match header::parse(&directory).ok_or("its directory is damaged, or too large; nothing of it was looked at")? {
            Next::Header(header) => return entries(&header, packed, level),
            Next::Packed(folder) => directory = unpacked(&folder, packed)?,
        }
    }
    Err("its directory is packed too often".to_owned())
}

/// The directory that is packed as `folder`.
fn unpacked(folder: &Folder, packed: &[u8]) -> Result<Vec<u8>, String> {
    if folder.is_encrypted() {
        return Err("it is encrypted with the names in it; nothing of it was looked at".to_owned());
    }
    let (taken, mut directory) = (Cell::new(0), Vec::new());
    let decoder = coders::decoder(folder, packed, &taken);
    let read = decoder.and_then(|decoder| decoder.take(folder.size().min(LONGEST)).read_to_end(&mut directory));
    read.map_err(|error| format!("its directory cannot be unpacked ({error}); nothing of it was looked at"))?;
    Ok(directory)
}

fn entries(header: &Header, packed: &[u8], level: &Level<'_>) -> Result<(), String> {
    let mut files = header.files.iter();
    // Directories and empty files are in no folder.
    let mut next = || {
        for file in files.by_ref() {
            if !file.is_empty {
                return Some(file.name.as_slice());
            }
            level.entry(&file.name, &mut io::empty());
        }
        None
    };
    let mut sealed: Option<(Vec<u8>, u64)> = None;
    for folder in &header.folders {
        if level.is_over() {
            break;
        }
        if folder.is_encrypted() {
            for _ in &folder.streams {
                sealed.get_or_insert_with(|| (next().unwrap_or_default().to_vec(), 0)).1 += 1;
            }
            continue;
        }
        read_folder(folder, packed, &mut next, level);
    }
    while next().is_some() {}
    if let Some((name, count)) = &sealed {
        level.sealed(name, *count);
    }
    Ok(())
}

/// Shows the entries that are packed together as `folder`.
fn read_folder<'n>(folder: &Folder, packed: &[u8], next: &mut dyn FnMut() -> Option<&'n [u8]>, level: &Level<'_>) {
    let taken = Cell::new(0);
    let mut decoder = coders::decoder(folder, packed, &taken);
    let mut lost: Option<u64> = None;
    for &size in &folder.streams {
        let name = next().unwrap_or_default();
        match (&mut decoder, &mut lost) {
            (_, Some(lost)) => *lost += 1,
            (Ok(decoder), lost) => {
                let read = level.unpacked(name, &mut decoder.by_ref().take(size), &taken);
                // What is packed behind it cannot be come to, and the reason was told.
                *lost = (read < size).then_some(0);
            }
            (Err(error), lost) => {
                level.unreadable(name, &error.to_string());
                *lost = Some(0);
            }
        }
    }
    if let Some(lost) = lost.filter(|&lost| lost > 0) {
        level.problem(format!(
            "what is packed together with an entry that cannot be read was not looked at: {lost} more"
        ));
    }
}

fn told(error: io::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The directory of an archive whose only file `a` has two bytes, stored.
    const DIRECTORY: &[u8] = &[
        1, 4, 6, 0, 1, 9, 2, 0, 7, 11, 1, 0, 1, 1, 0, 12, 2, 0, 8, 13, 1, 10, 1, 0, 0, 0, 0, 0, 0, 5, 1, 17, 5, 0,
        b'a', 0, 0, 0, 0, 0,
    ];

    /// Reads what `directory` says is in `packed`, and how much of it there is.
    fn read(directory: &[u8], packed: &[u8]) -> Option<u64> {
        let folders = match header::parse(directory)? {
            Next::Header(header) => header.folders,
            Next::Packed(folder) => vec![folder],
        };
        let taken = Cell::new(0);
        let decoders = folders.iter().filter_map(|folder| coders::decoder(folder, packed, &taken).ok());
        Some(decoders.map(|decoder| io::copy(&mut decoder.take(1 << 16), &mut io::sink()).unwrap_or(0)).sum())
    }

    #[test]
    fn a_directory_is_read() {
        assert_eq!(read(DIRECTORY, b"xy"), Some(2));
        assert_eq!(read(DIRECTORY, b"x"), Some(0), "what is not there is not read");
    }

    proptest! {
        #[test]
        fn any_directory_is_read_or_refused(
            changes in prop::collection::vec((0..DIRECTORY.len(), any::<u8>()), 1..4),
            packed in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut directory = DIRECTORY.to_vec();
            changes.into_iter().for_each(|(at, byte)| directory[at] = byte);
            let _ = read(&directory, &packed);
        }

        #[test]
        fn any_method_may_be_named(
            method in prop::sample::select(vec![vec![3, 1, 1], vec![0x21], vec![3], vec![4, 1, 8], vec![4, 2, 2], vec![3, 3, 1, 3]]),
            properties in prop::collection::vec(any::<u8>(), 0..6),
            packed in prop::collection::vec(any::<u8>(), 100),
        ) {
            let coder = [&[0x20 | method.len() as u8], &method[..], &[properties.len() as u8], &properties].concat();
            let directory = [&[1, 4, 6, 0, 1, 9, 100, 0, 7, 11, 1, 0, 1], &coder[..], &[12, 100, 0, 0, 0]].concat();
            prop_assert!(read(&directory, &packed).is_some());
        }
    }
}
