//! PNG images: the texts that programs write beside the picture, among them what image generators were asked for.
//! Must not know what they say.

use super::{input::Input, level::Level};
use flate2::read::ZlibDecoder;
use std::{
    cell::Cell,
    io::{self, Read},
};

pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The longest text that is read by itself, in bytes; what is longer is searched as the plain bytes it is.
const LONGEST: u32 = 16 << 20;
const KEYWORD: usize = 79;

/// Shows each text by its keyword. What is wrong with a picture is no matter of ours.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let _ = chunks(input, level);
    Ok(())
}

fn chunks(input: &mut Input<'_>, level: &Level<'_>) -> io::Result<()> {
    input.skip(MAGIC.len() as u64)?;
    while !level.is_over() {
        let Some(head) = input.take_bytes(8)? else { return Ok(()) };
        let len = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let kind = &head[4..];
        let mut left = u64::from(len);
        if matches!(kind, b"tEXt" | b"zTXt" | b"iTXt") && len <= LONGEST {
            let mut chunk = Vec::new();
            left -= input.by_ref().take(left).read_to_end(&mut chunk)? as u64;
            text(kind, &chunk, level);
        }
        // The sum at the end.
        if kind == b"IEND" || !input.skip(left + 4)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Shows the text of one chunk.
fn text(kind: &[u8], chunk: &[u8], level: &Level<'_>) {
    let Some((keyword, rest)) = split(chunk).filter(|(keyword, _)| keyword.len() <= KEYWORD) else { return };
    match kind {
        b"tEXt" => level.entry(keyword, &mut &*rest),
        b"zTXt" => inflated(keyword, rest.get(1..), level),
        _ => {
            let (Some(packed), Some(after)) = (rest.first(), rest.get(2..)) else { return };
            let Some((_, text)) = split(after).and_then(|(_, rest)| split(rest)) else { return };
            match packed {
                0 => level.entry(keyword, &mut &*text),
                _ => inflated(keyword, Some(text), level),
            }
        }
    }
}

fn inflated(keyword: &[u8], packed: Option<&[u8]>, level: &Level<'_>) {
    let packed = packed.unwrap_or_default();
    // All of it counts as taken from the start.
    let taken = Cell::new(0);
    let mut decoder = Taking { decoder: ZlibDecoder::new(packed), len: packed.len() as u64, taken: &taken };
    level.unpacked(keyword, &mut decoder, &taken);
}

struct Taking<'a> {
    decoder: ZlibDecoder<&'a [u8]>,
    len: u64,
    taken: &'a Cell<u64>,
}

impl Read for Taking<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.taken.set(self.len);
        self.decoder.read(out)
    }
}

/// What stands before and after the first zero.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(0, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}
