//! Tar archives: header, content, header, as POSIX, GNU and the old ones write them. Must not know what entries hold.

use super::{image::Descriptions, input::Input, level::Level};
use std::io::{self, BufRead, Read};

const BLOCK: usize = 512;
/// A longer name, or list of attributes, is none.
const LONGEST: u64 = 64 << 10;

/// Whether `head` begins with the header of an entry: its sum is right.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    // Most texts have no digits there, and need not be summed up.
    let digits = block[148..154].iter().all(|byte| matches!(byte, b'0'..=b'7' | b' '));
    digits && block[0] != 0 && octal(&block[148..156]).is_some_and(|sum| sum == u64::from(sum_of(block)))
}

/// The sum of a header, its own field taken for blanks.
fn sum_of(block: &[u8; BLOCK]) -> u32 {
    let all: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = block[148..156].iter().map(|&byte| u32::from(byte)).sum();
    all - own + 8 * u32::from(b' ')
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    let digits = text.split(['\0', ' ']).next()?;
    u64::from_str_radix(digits, 8).ok()
}

/// A number in octal digits, or in binary where those are too few.
fn number(field: &[u8]) -> Option<u64> {
    match field.first()? {
        0x80 => {
            let (high, low) = field.split_at(field.len() - 8);
            let fits = high[1..].iter().all(|&byte| byte == 0);
            fits.then(|| low.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
        }
        _ if field.iter().all(|byte| matches!(byte, 0 | b' ')) => Some(0),
        _ => octal(field),
    }
}

/// What earlier headers say of the entry that comes next.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Shows all entries of an archive.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let mut described = Descriptions::default();
    let read = entries(input, level, &mut described).map_err(|error| error.to_string());
    described.apply(level);
    read
}

fn entries(input: &mut Input<'_>, level: &Level<'_>, described: &mut Descriptions) -> io::Result<()> {
    let mut next = Next::default();
    while !level.is_over() {
        let bytes = input.peek(BLOCK)?;
        let Some(block) = bytes.first_chunk::<BLOCK>().copied() else {
            // Some writers leave the end out; less than a block is something else.
            let rest = bytes.iter().any(|&byte| byte != 0);
            return if rest { Err(cut_short()) } else { Ok(()) };
        };
        if block.iter().all(|&byte| byte == 0) {
            // Archives may follow one another.
            input.consume(BLOCK);
            continue;
        }
        let size = number(&block[124..136]).filter(|_| is_header(&block));
        let Some(size) = size else {
            return Err(io::Error::other("it is damaged: what should be the header of an entry is none"));
        };
        input.consume(BLOCK);
        entry(input, (level, described), (&block, size), &mut next)?;
    }
    Ok(())
}

fn cut_short() -> io::Error {
    io::Error::other("it is cut short")
}

fn entry(
    input: &mut Input<'_>,
    (level, described): (&Level<'_>, &mut Descriptions),
    (block, size): (&[u8; BLOCK], u64),
    next: &mut Next,
) -> io::Result<()> {
    match block[156] {
        b'L' => next.name = meta(input, size)?.map(|name| until_zero(&name).to_vec()),
        b'x' => attributes(&meta(input, size)?.unwrap_or_default(), next),
        b'K' | b'g' => drop(meta(input, size)?),
        kind => {
            let said = std::mem::take(next);
            let name = said.name.unwrap_or_else(|| name(block));
            // Links, directories and devices have no content, whatever their size says.
            let has_content = !matches!(kind, b'1'..=b'6');
            let size = if has_content { said.size.unwrap_or(size) } else { 0 };
            if kind == b'S' {
                sparse(input, block)?;
            }
            let (taken, start) = (input.taken(), input.taken().get());
            let mut content = input.by_ref().take(size);
            if described.wants(&name, size) {
                let mut description = Vec::new();
                content.read_to_end(&mut description)?;
                level.entry(&name, &mut description.as_slice());
                described.keep(&name, description);
            } else {
                level.entry(&name, &mut content);
            }
            pass(input, size, taken.get() - start)?;
        }
    }
    Ok(())
}

/// Passes by what is left of `size` bytes of which `read` were read, and what fills the last block.
fn pass(input: &mut Input<'_>, size: u64, read: u64) -> io::Result<()> {
    let padded = size.checked_next_multiple_of(BLOCK as u64).ok_or_else(cut_short)?;
    let whole = input.skip(size.saturating_sub(read))?;
    if !whole {
        return Err(cut_short());
    }
    // Some writers end with the last content.
    input.skip(padded - size)?;
    Ok(())
}

/// What a header says of the next one, unless it is longer than such things are.
fn meta(input: &mut Input<'_>, size: u64) -> io::Result<Option<Vec<u8>>> {
    let start = input.taken().get();
    let mut said = Vec::new();
    if size <= LONGEST {
        input.by_ref().take(size).read_to_end(&mut said)?;
    }
    let read = input.taken().get() - start;
    pass(input, size, read)?;
    Ok((size <= LONGEST).then_some(said))
}

/// The blocks that say where the parts of a file with holes belong: the parts are read as if there were no holes.
fn sparse(input: &mut Input<'_>, block: &[u8; BLOCK]) -> io::Result<()> {
    let mut more = block[482] != 0;
    while more {
        let map = input.take_bytes(BLOCK)?.ok_or_else(cut_short)?;
        more = map[504] != 0;
    }
    Ok(())
}

fn name(block: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (until_zero(&block[..100]), until_zero(&block[345..500]));
    // GNU has other things there.
    let posix = &block[257..263] == b"ustar\0";
    if posix && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
}

/// Attributes as POSIX writes them: a length, a blank, `key=value` and a line end.
fn attributes(mut bytes: &[u8], next: &mut Next) {
    while let Some(blank) = memchr::memchr(b' ', bytes) {
        let len = std::str::from_utf8(&bytes[..blank]).ok().and_then(|len| len.parse::<usize>().ok());
        let Some((field, rest)) = len.and_then(|len| bytes.split_at_checked(len)) else { return };
        let Some(field) = field.get(blank + 1..) else { return };
        let field = field.strip_suffix(b"\n").unwrap_or(field);
        match memchr::memchr(b'=', field).map(|at| (&field[..at], &field[at + 1..])) {
            Some((b"path" | b"GNU.sparse.name", value)) => next.name = Some(value.to_vec()),
            Some((b"size", value)) => {
                next.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()).or(next.size);
            }
            _ => {}
        }
        bytes = rest;
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}
