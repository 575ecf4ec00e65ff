//! Zip archives (jar, whl, apk, docx and many more), read from the first byte to the last, entry by entry as they
//! come, whatever their directory says. Must not know what entries hold.
//!
//! A reader that goes by the directory needs all of the archive at hand, can be led to one entry a million times,
//! and passes over what the directory does not list. This one needs 32 KiB, reads each byte once, and compares what
//! it met with what the directory lists in the end.

use super::{input::Input, level::Level, streams::MEMORY};
use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use memchr::memmem;
use ruzstd::decoding::StreamingDecoder;
use std::{
    cell::Cell,
    io::{self, BufRead, Read},
};

pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
const LISTED: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
/// Length of what stands before an entry's name, and before the name of one that is listed.
const HEADER: usize = 30;
const LISTING: usize = 46;
/// The longest path of any system.
const LONGEST: usize = 4096;

const STORED: u16 = 0;
const LZMA: u16 = 14;
const ENCRYPTED: u16 = 1;
/// What is packed by LZMA has a mark at its end, and may be of any size.
const MARKED: u16 = 2;
/// The sizes stand after the content.
const STREAMED: u16 = 8;

/// The flags that anybody sets: those above, how well it is packed, names in UTF-8.
const KNOWN: u16 = ENCRYPTED | MARKED | 4 | STREAMED | 0x800;

/// Whether an archive begins: an entry, the end of an empty one, the mark of one that could have been split.
pub(super) fn is_start(head: &[u8]) -> bool {
    let head = [DESCRIPTOR, b"PK00"].iter().find_map(|mark| head.strip_prefix(*mark)).unwrap_or(head);
    head.starts_with(END) && head.len() >= 22 || Header::parse(head).is_some()
}

/// Whether an archive begins of which nothing told before: every field is as programs write it.
pub(super) fn is_certain_start(bytes: &[u8]) -> bool {
    let Some(header) = Header::parse(bytes) else { return false };
    let known =
        bytes[5] == 0 && header.flags & !KNOWN == 0 && matches!(header.method, STORED | 8 | 12 | LZMA | 93 | 95);
    let name = bytes.get(HEADER..HEADER + header.name.min(64)).unwrap_or_default();
    known && !name.is_empty() && name.iter().all(|byte| !byte.is_ascii_control())
}

/// What stands before an entry.
struct Header {
    flags: u16,
    method: u16,
    packed: u32,
    plain: u32,
    name: usize,
    extra: usize,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEADER).filter(|bytes| bytes.starts_with(LOCAL))?;
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (name, extra) = (usize::from(short(26)), usize::from(short(28)));
        // Four bytes by themselves may stand anywhere. The version is 6.3 at most, and methods have these numbers.
        let is_one = bytes[4] <= 63 && matches!(short(8), 0..=20 | 92..=99) && (1..=LONGEST).contains(&name);
        is_one.then(|| Self { flags: short(6), method: short(8), packed: word(18), plain: word(22), name, extra })
    }

    /// The size of what is packed, if it is known beforehand.
    fn size(&self, extra: &[u8]) -> Option<u64> {
        if self.packed == u32::MAX {
            return long(extra);
        }
        (self.flags & STREAMED == 0 || self.packed > 0).then_some(u64::from(self.packed))
    }
}

/// The packed size of an entry of more than 4 GiB, which stands after that of the content.
fn long(mut extra: &[u8]) -> Option<u64> {
    while let Some(([id, tag, len, more], rest)) = extra.split_first_chunk() {
        let field = rest.get(..usize::from(u16::from_le_bytes([*len, *more])))?;
        if (*id, *tag) == (1, 0) {
            let size = field.get(8..16).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes);
            return size.filter(|&size| size > 0);
        }
        extra = &rest[field.len()..];
    }
    None
}

/// What was met, for what is told in the end.
#[derive(Default)]
struct Met {
    entries: u64,
    listed: u64,
    ended: bool,
    /// The first entry that is encrypted, and how many are.
    sealed: Option<(Vec<u8>, u64)>,
}

/// Shows all entries of an archive.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let mut met = Met::default();
    let read = records(input, level, &mut met).map_err(|error| error.to_string());
    if let Some((name, count)) = &met.sealed {
        level.sealed(name, *count);
    }
    read?;
    if !met.ended {
        return Err("it is cut short: its directory is missing".to_owned());
    }
    if met.entries < met.listed {
        return Err(format!("its directory lists {} entries, and {} are there in a row", met.listed, met.entries));
    }
    Ok(())
}

/// Reads from record to record. Whatever stands between, like the signatures of Android, is passed by.
fn records(input: &mut Input<'_>, level: &Level<'_>, met: &mut Met) -> io::Result<()> {
    while !level.is_over() {
        let bytes = input.peek(LISTING)?;
        if bytes.len() < 4 {
            break;
        }
        if let Some(header) = Header::parse(bytes) {
            entry(input, level, header, met)?;
        } else if bytes.starts_with(LISTED) && bytes.len() >= LISTING {
            let short = |at: usize| u64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
            let len = LISTING as u64 + short(28) + short(30) + short(32);
            met.listed += 1;
            input.skip(len)?;
        } else if bytes.starts_with(END) {
            met.ended = true;
            input.consume(END.len());
        } else {
            let next = memmem::find(&bytes[1..], b"PK").map_or(bytes.len() - 1, |at| at + 1);
            input.consume(next);
        }
    }
    Ok(())
}

fn entry(input: &mut Input<'_>, level: &Level<'_>, header: Header, met: &mut Met) -> io::Result<()> {
    met.entries += 1;
    input.consume(HEADER);
    let (Some(name), Some(extra)) = (input.take_bytes(header.name)?, input.take_bytes(header.extra)?) else {
        input.skip(u64::MAX)?;
        return Ok(());
    };
    let size = header.size(&extra);
    if header.flags & ENCRYPTED != 0 {
        met.sealed.get_or_insert((name, 0)).1 += 1;
        return size.map_or(Ok(()), |size| input.skip(size).map(drop));
    }
    let taken = input.taken();
    let Some(size) = size else {
        match header.method {
            STORED => level.entry(&name, &mut UntilDescriptor { input, read: 0 }),
            // Its decoder reads ahead, so that what follows could not be found.
            LZMA => level.unreadable(&name, "it is packed by LZMA and does not say its size"),
            _ => content(level, (&name, &header), input, taken),
        }
        return Ok(());
    };
    let start = taken.get();
    let mut body = input.by_ref().take(size);
    match header.method {
        STORED => level.entry(&name, &mut body),
        _ => content(level, (&name, &header), &mut body, taken),
    }
    // What the decoder leaves is passed by; if there is less, the directory is missing, which is told.
    input.skip(size.saturating_sub(taken.get() - start))?;
    Ok(())
}

/// Shows the content of an entry that is compressed; `taken` counts what is taken of it.
fn content(level: &Level<'_>, (name, header): (&[u8], &Header), body: &mut dyn BufRead, taken: &Cell<u64>) {
    match decoder(header, body) {
        Ok(mut decoder) => drop(level.unpacked(name, &mut decoder, taken)),
        Err(error) => level.unreadable(name, &error.to_string()),
    }
}

/// What unpacks the content of an entry.
fn decoder<'a>(header: &Header, body: &'a mut dyn BufRead) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match header.method {
        8 => Box::new(DeflateDecoder::new(body)),
        12 => Box::new(BzDecoder::new(body)),
        LZMA => {
            let mut head = [0; 9];
            body.read_exact(&mut head)?;
            let dictionary = u32::from_le_bytes([head[5], head[6], head[7], head[8]]);
            if dictionary >> 10 > MEMORY {
                return Err(io::Error::other("it needs too much memory"));
            }
            let size = if header.flags & MARKED == 0 { u64::from(header.plain) } else { u64::MAX };
            Box::new(LzmaReader::new_with_props(body, size, head[4], dictionary, None)?)
        }
        93 => Box::new(
            StreamingDecoder::new_with_max_window_size(body, u64::from(MEMORY) << 10).map_err(io::Error::other)?,
        ),
        95 => Box::new(XzReader::new_mem_limit(body, false, MEMORY)),
        method => return Err(io::Error::other(format!("it is packed by method {method}, which is not known here"))),
    })
}

/// The content of an entry that is neither compressed nor of a known size: what comes before the descriptor that says
/// how much it was.
struct UntilDescriptor<'i, 'a> {
    input: &'i mut Input<'a>,
    read: u64,
}

impl Read for UntilDescriptor<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.peek(16)?;
        let is_end = |bytes: &[u8]| {
            let size =
                bytes.get(8..16).map(|size| [size[0], size[1], size[2], size[3], size[4], size[5], size[6], size[7]]);
            let (long, short) = (size.map(u64::from_le_bytes), size.map(|size| u64::from_le_bytes(size) & 0xffff_ffff));
            bytes.starts_with(DESCRIPTOR) && (long == Some(self.read) || short == Some(self.read))
        };
        if is_end(bytes) {
            return Ok(0);
        }
        let next = match memmem::find(bytes.get(1..).unwrap_or_default(), DESCRIPTOR) {
            Some(at) => at + 1,
            None if bytes.len() < 16 => bytes.len(),
            None => bytes.len() - DESCRIPTOR.len() + 1,
        };
        let len = next.min(out.len());
        out[..len].copy_from_slice(&bytes[..len]);
        self.input.consume(len);
        self.read += len as u64;
        Ok(len)
    }
}
