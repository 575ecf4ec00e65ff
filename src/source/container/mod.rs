//! Containers: archives, compressed streams, images and documents that have texts packed in them. What they hold is
//! read in memory, entry by entry, and shown like any other text; nothing touches the disk.
//!
//! Must not know where a container came from, or what is looked for. Formats are told by their first bytes, never by
//! a name. The bytes of a container are shown as they are too, at every depth, so that what no reader here
//! understands is still searched as plain bytes.

mod ar;
mod executable;
mod image;
mod input;
mod job;
mod level;
mod pdf;
mod png;
mod rpm;
mod seven_zip;
mod streams;
mod tar;
mod tee;
mod zip;

use super::{Piece, Sieve, Stop, WINDOW, in_pieces, pieces::Windows};
use crate::model::{Origin, Problem, ProblemKind};
use job::Job;
use level::Level;
use std::{
    io::{self, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};
use tee::Tee;

/// How many bytes of a text tell whether it is a container.
pub(super) const HEAD: usize = 512;

/// How far containers are unpacked. What is beyond is told of, never passed over in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many containers may be packed in one another.
    pub depth: usize,
    /// How many entries a container may have, with all that is packed in it.
    pub entries: u64,
    /// How many bytes it may unpack to in any case, with all that is packed in it.
    pub bytes: u64,
    /// How many times its own size it may unpack to on top of that: large images are packed three to five times.
    pub times: u64,
    /// How many times its packed size a single stream may unpack to.
    pub ratio: u64,
    /// How many bytes a stream may unpack to whatever its ratio.
    pub free: u64,
    /// How many bytes of archives that cannot be read from the first byte to the last are held in memory at once.
    pub held: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 8, entries: 250_000, bytes: 1 << 30, times: 8, ratio: 200, free: 16 << 20, held: 256 << 20 }
    }
}

/// What can be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    Zip,
    Tar,
    Png,
    Pdf,
    SevenZip,
    Ar,
    Rpm,
    Lzma,
    /// A program, which may have an archive behind it.
    Executable,
    /// What is packed in a way that is not unpacked here, by its name.
    Unknown(&'static str),
}

/// What a text that begins with `head` is, if it is a container.
pub(super) fn recognise(head: &[u8]) -> Option<Format> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    match head.first()? {
        // The upper bits of the flags mean nothing yet.
        0x1f if starts(streams::GZIP) && head.get(3).is_some_and(|flags| flags & 0xe0 == 0) => Some(Format::Gzip),
        b'B' if streams::is_bzip2(head) => Some(Format::Bzip2),
        0xfd if starts(streams::XZ) => Some(Format::Xz),
        0x28 if starts(streams::ZSTD) => Some(Format::Zstd),
        0x89 if starts(png::MAGIC) => Some(Format::Png),
        b'%' if starts(pdf::MAGIC) => Some(Format::Pdf),
        b'7' if starts(seven_zip::MAGIC) => Some(Format::SevenZip),
        b'P' if zip::is_start(head) => Some(Format::Zip),
        b'!' if starts(ar::MAGIC) => Some(Format::Ar),
        0xed if starts(rpm::MAGIC) => Some(Format::Rpm),
        b']' if streams::is_lzma(head) => Some(Format::Lzma),
        0x7f | b'M' | b'#' if executable::is_one(head) => Some(Format::Executable),
        0x1f if starts(b"\x1f\x9d") && head.get(2).is_some_and(|code| matches!(code & 0x7f, 9..=16)) => {
            Some(Format::Unknown("compress"))
        }
        0x04 if starts(b"\x04\x22\x4d\x18") => Some(Format::Unknown("LZ4")),
        b'L' if starts(b"LZIP\x01") => Some(Format::Unknown("lzip")),
        b'R' if starts(b"Rar!\x1a\x07") => Some(Format::Unknown("RAR")),
        b'M' if starts(b"MSCF\0\0\0\0") => Some(Format::Unknown("a cabinet")),
        _ => tar::is_header(head).then_some(Format::Tar),
    }
}

/// Whether `sieve` wants to see what is packed in a text that begins with `head`.
pub(super) fn is_wanted(sieve: &dyn Sieve, head: &[u8]) -> bool {
    recognise(head).is_some() && sieve.limits().is_some()
}

/// Shows what is packed in `bytes`, which were shown as `holder` themselves, if anything is.
pub(super) fn unpack(bytes: &[u8], holder: &Origin, (sieve, stop): (&dyn Sieve, &Stop)) {
    if is_wanted(sieve, &bytes[..bytes.len().min(HEAD)]) {
        let mut seen = |_: &Piece<'_>| true;
        // Memory does not fail.
        let _ = tapped(&mut &*bytes, None, holder, (sieve, stop), &mut seen);
    }
}

/// Does what `in_pieces` does, and shows what is packed in the text on the way.
pub(super) fn in_pieces_and_within(
    reader: &mut dyn Read,
    buffer: &mut Vec<u8>,
    holder: &Origin,
    (sieve, stop): (&dyn Sieve, &Stop),
    each: &mut dyn FnMut(&Piece<'_>) -> bool,
) -> io::Result<u64> {
    let mut head = Vec::with_capacity(HEAD);
    (&mut *reader).take(HEAD as u64).read_to_end(&mut head)?;
    let wanted = is_wanted(sieve, &head);
    let mut whole = head.as_slice().chain(reader);
    if !wanted {
        return in_pieces(&mut whole, buffer, each);
    }
    let windows = Windows::new(WINDOW, std::mem::take(buffer));
    tapped(&mut whole, Some(windows), holder, (sieve, stop), each)
}

/// Unpacks what `reader` yields, and shows each window of it to `each`.
fn tapped(
    reader: &mut dyn Read,
    windows: Option<Windows>,
    holder: &Origin,
    (sieve, stop): (&dyn Sieve, &Stop),
    each: &mut dyn FnMut(&Piece<'_>) -> bool,
) -> io::Result<u64> {
    let Some(limits) = sieve.limits() else { return Ok(0) };
    let job = Job::new(holder, (sieve, stop), limits);
    let mut tee = Tee::of_holder(reader, windows, each, &job);
    // Decoders are others' code: what one fails on costs what is left of that container, and is told of.
    if catch_unwind(AssertUnwindSafe(|| Level::top(&job).read(&mut tee))).is_err() {
        let why = "keylint failed to unpack it; please report this as a defect";
        sieve.problem(Problem::new(ProblemKind::Internal, job.name.clone(), why));
    }
    tee.finish()
}

#[cfg(test)]
mod tests;
