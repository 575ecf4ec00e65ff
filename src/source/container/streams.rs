//! Compressed streams: gzip, bzip2, xz, LZMA, Zstandard, most of them a row of members that are read as one text without a name.
//! Must not know what the text is.

use super::{input::Input, level::Level};
use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::io::{self, Read};

pub(super) const GZIP: &[u8] = b"\x1f\x8b\x08";
const BZIP2: &[u8] = b"BZh";
pub(super) const XZ: &[u8] = b"\xfd7zXZ\0";
pub(super) const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// The most memory a decoder may take for what it must remember, in KiB: what `xz -9` and `zstd --ultra` ask for.
pub(super) const MEMORY: u32 = 160 << 10;

/// Whether a stream of bzip2 begins: a digit, and the first block or the end.
pub(super) fn is_bzip2(head: &[u8]) -> bool {
    let level = head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level));
    let block = head.get(4..10).is_some_and(|mark| mark == b"1AY&SY" || mark == b"\x17\x72\x45\x38\x50\x90");
    head.starts_with(BZIP2) && level && block
}

/// Whether a stream of LZMA begins, which has no mark: the usual settings, a memory and a size as programs write them,
/// and the zero that the packed data begins with.
pub(super) fn is_lzma(head: &[u8]) -> bool {
    let Some(([0x5d, memory @ .., 0], _)) = head.split_first_chunk::<14>() else { return false };
    let Some((memory, size)) = memory.split_first_chunk::<4>() else { return false };
    let memory = u32::from_le_bytes(*memory);
    let size = size.iter().rev().fold(0, |size, &byte| size << 8 | u64::from(byte));
    let is_usual = memory.is_power_of_two() || memory % 3 == 0 && (memory / 3).is_power_of_two();
    memory >= 4096 && is_usual && (size == u64::MAX || size < 1 << 38)
}

/// Shows what a stream of LZMA unpacks to.
pub(super) fn read_lzma(input: Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let packed = input.taken();
    let mut decoder = LzmaReader::new_mem_limit(input, MEMORY, None).map_err(|error| error.to_string())?;
    level.unpacked(b"", &mut decoder, packed);
    Ok(())
}

/// A member of a stream.
pub(super) trait Member<'a>: Read + Sized {
    /// How one begins.
    const MAGIC: &'static [u8];
    fn open(input: Input<'a>) -> io::Result<Self>;
    fn close(self) -> Input<'a>;
}

pub(super) type Gzip<'a> = GzDecoder<Input<'a>>;
pub(super) type Bzip2<'a> = BzDecoder<Input<'a>>;
pub(super) type Xz<'a> = XzReader<Input<'a>>;
pub(super) type Zstd<'a> = StreamingDecoder<Input<'a>, FrameDecoder>;

impl<'a> Member<'a> for Gzip<'a> {
    const MAGIC: &'static [u8] = GZIP;

    fn open(input: Input<'a>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> Input<'a> {
        self.into_inner()
    }
}

impl<'a> Member<'a> for Bzip2<'a> {
    const MAGIC: &'static [u8] = BZIP2;

    fn open(input: Input<'a>) -> io::Result<Self> {
        Ok(Self::new(input))
    }

    fn close(self) -> Input<'a> {
        self.into_inner()
    }
}

impl<'a> Member<'a> for Xz<'a> {
    const MAGIC: &'static [u8] = XZ;

    fn open(input: Input<'a>) -> io::Result<Self> {
        Ok(Self::new_mem_limit(input, false, MEMORY))
    }

    fn close(self) -> Input<'a> {
        self.into_inner()
    }
}

impl<'a> Member<'a> for Zstd<'a> {
    const MAGIC: &'static [u8] = ZSTD;

    fn open(input: Input<'a>) -> io::Result<Self> {
        Self::new_with_max_window_size(input, u64::from(MEMORY) << 10).map_err(io::Error::other)
    }

    fn close(self) -> Input<'a> {
        let mut input = self.into_inner();
        // Frames of others' data may stand between.
        while let Ok([0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..]) = input.peek(8) {
            let len = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
            if !input.skip(8 + len).unwrap_or(false) {
                break;
            }
        }
        input
    }
}

/// Shows what a stream unpacks to.
pub(super) fn read<'a, M: Member<'a>>(input: Input<'a>, level: &Level<'_>) -> Result<(), String> {
    let packed = input.taken();
    level.unpacked(b"", &mut Members::<M>::Between(input), packed);
    Ok(())
}

/// The members of a stream, one after another. What follows the last is none of its text.
enum Members<'a, M> {
    Between(Input<'a>),
    Within(M),
    Over,
}

impl<'a, M: Member<'a>> Read for Members<'a, M> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Self::Over) {
                Self::Over => return Ok(0),
                Self::Between(mut input) => {
                    if input.peek(M::MAGIC.len())?.starts_with(M::MAGIC) {
                        *self = Self::Within(M::open(input)?);
                    }
                }
                Self::Within(mut member) => match member.read(out) {
                    Ok(0) => *self = Self::Between(member.close()),
                    read => {
                        *self = Self::Within(member);
                        return read;
                    }
                },
            }
        }
    }
}
