//! Texts of any size in bounded memory: read in windows that overlap, so that whatever is looked for
//! lies whole in one of them. Must not know what is looked for.

use std::{
    io::{self, Read},
    ops::Range,
};

/// The most that is read of a text at once, in bytes. Smaller texts are one piece.
pub const WINDOW: usize = 8 << 20;
/// How much two neighbouring windows share, in bytes. What begins in a piece's own part goes on for up to
/// half of it.
pub const OVERLAP: usize = 64 << 10;

/// A text, or a window of a long one.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where in the whole text they begin.
    pub offset: u64,
    /// How many line ends the text has before them.
    pub lines: u64,
    /// How many characters their first line has before them.
    pub column: u64,
    /// What begins here belongs to this piece; what begins outside of it, to a neighbour.
    pub own: Range<usize>,
}

impl<'a> Piece<'a> {
    /// A text that is there as a whole.
    #[must_use]
    pub const fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, lines: 0, column: 0, own: 0..bytes.len() }
    }
}

/// Reads all of `reader` into `buffer`, window by window, and hands each over. Returns the number of
/// bytes read.
///
/// # Errors
/// What `reader` fails with; the windows before have been handed over then.
pub fn in_pieces(
    reader: &mut dyn Read,
    buffer: &mut Vec<u8>,
    mut each: impl FnMut(&Piece<'_>) -> bool,
) -> io::Result<u64> {
    buffer.clear();
    let (mut offset, mut lines, mut column) = (0_u64, 0_u64, 0_u64);
    let mut own = 0;
    loop {
        let room = WINDOW.saturating_sub(buffer.len()) as u64;
        let read = reader.take(room).read_to_end(buffer)?;
        let last = (read as u64) < room;
        let end = if last { buffer.len() } else { buffer.len() - OVERLAP / 2 };
        let more = each(&Piece { bytes: buffer, offset, lines, column, own: own..end });
        if last || !more {
            return Ok(offset + buffer.len() as u64);
        }
        let gone = buffer.len() - OVERLAP;
        (lines, column) = advance(&buffer[..=gone], lines, column);
        buffer.drain(..gone);
        offset += gone as u64;
        own = OVERLAP / 2;
    }
}

/// Lines and characters after `bytes`, whose last byte only tells whether a CR before it stands alone.
fn advance(bytes: &[u8], mut lines: u64, mut column: u64) -> (u64, u64) {
    let Some((&next, bytes)) = bytes.split_last() else { return (lines, column) };
    let mut start = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let follows = *bytes.get(at + 1).unwrap_or(&next);
        if bytes[at] == b'\n' || follows != b'\n' {
            lines += 1;
            column = 0;
            start = at + 1;
        }
    }
    (lines, column + characters(&bytes[start..]))
}

/// How many characters there are: bytes that do not continue one.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = (u64, u64, u64, Range<u64>, Vec<u8>);

    fn pieces(text: &[u8]) -> Vec<Seen> {
        let mut out = Vec::new();
        let read = in_pieces(&mut &text[..], &mut Vec::new(), |piece| {
            let own = piece.offset + piece.own.start as u64..piece.offset + piece.own.end as u64;
            out.push((piece.offset, piece.lines, piece.column, own, piece.bytes.to_vec()));
            true
        });
        assert_eq!(read.expect("memory does not fail"), text.len() as u64);
        out
    }

    #[test]
    fn a_small_text_is_one_piece() {
        assert_eq!(pieces(b"abc"), [(0, 0, 0, 0..3, b"abc".to_vec())]);
        assert_eq!(pieces(b""), [(0, 0, 0, 0..0, vec![])]);
    }

    #[test]
    fn the_pieces_of_a_long_text_own_each_byte_once_and_know_their_lines() {
        let line = "0123456789abcdé\r\n";
        let text = line.repeat(2 * WINDOW / line.len() + 3).into_bytes();
        let pieces = pieces(&text);
        assert_eq!(pieces.len(), 3);
        let mut next = 0;
        for (offset, lines, column, own, bytes) in pieces {
            assert_eq!(own.start, next);
            next = own.end;
            let at = offset as usize;
            assert_eq!(bytes, &text[at..at + bytes.len()]);
            let before = String::from_utf8_lossy(&text[..at]).into_owned();
            let current = before.rsplit('\n').next().unwrap_or("");
            assert_eq!(lines, before.matches('\n').count() as u64);
            assert_eq!(
                column,
                current.trim_end_matches('\u{fffd}').chars().count() as u64 + u64::from(current.ends_with('\u{fffd}'))
            );
        }
        assert_eq!(next, text.len() as u64);
    }
}
