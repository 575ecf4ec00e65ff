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
    let mut place = Place::default();
    loop {
        let room = WINDOW.saturating_sub(buffer.len()) as u64;
        let read = reader.take(room).read_to_end(buffer)?;
        let last = (read as u64) < room;
        if !each(&place.piece(buffer, last)) || last {
            return Ok(place.offset + buffer.len() as u64);
        }
        place.slide(buffer);
    }
}

/// Where in a text a window is.
#[derive(Debug, Default)]
struct Place {
    offset: u64,
    lines: u64,
    column: u64,
    own: usize,
}

impl Place {
    fn piece<'a>(&self, bytes: &'a [u8], last: bool) -> Piece<'a> {
        let end = if last { bytes.len() } else { bytes.len() - OVERLAP / 2 };
        Piece { bytes, offset: self.offset, lines: self.lines, column: self.column, own: self.own..end }
    }

    /// Lets go of what the next window does not share.
    fn slide(&mut self, buffer: &mut Vec<u8>) {
        let gone = buffer.len() - OVERLAP;
        (self.lines, self.column) = advance(&buffer[..=gone], self.lines, self.column);
        buffer.drain(..gone);
        self.offset += gone as u64;
        self.own = OVERLAP / 2;
    }
}

/// A text that comes bit by bit, and is handed over in windows of a size: what [`in_pieces`] does for one that is
/// read.
#[derive(Debug)]
pub(super) struct Windows {
    place: Place,
    buffer: Vec<u8>,
    size: usize,
}

impl Windows {
    /// Windows of `size` bytes, more than twice the overlap, kept in `buffer`.
    pub(super) fn new(size: usize, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        Self { place: Place::default(), buffer, size }
    }

    /// How many bytes came.
    pub(super) fn len(&self) -> u64 {
        self.place.offset + self.buffer.len() as u64
    }

    /// Takes what comes next, and hands over what is full. Says whether to go on.
    pub(super) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(&Piece<'_>) -> bool) -> bool {
        while !bytes.is_empty() {
            if self.buffer.len() >= self.size {
                if !each(&self.place.piece(&self.buffer, false)) {
                    return false;
                }
                self.place.slide(&mut self.buffer);
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.size - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
        }
        true
    }

    /// Hands over the rest, and gives the buffer back.
    pub(super) fn end(self, each: &mut dyn FnMut(&Piece<'_>) -> bool) -> Vec<u8> {
        each(&self.place.piece(&self.buffer, true));
        self.buffer
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
    fn what_comes_bit_by_bit_makes_the_same_pieces() {
        let text = "0123456789abcdé\r\n".repeat(2 * WINDOW / 18 + 3).into_bytes();
        let mut out = Vec::new();
        let mut each = |piece: &Piece<'_>| {
            let own = piece.offset + piece.own.start as u64..piece.offset + piece.own.end as u64;
            out.push((piece.offset, piece.lines, piece.column, own, piece.bytes.to_vec()));
            true
        };
        let mut windows = Windows::new(WINDOW, Vec::new());
        assert!(text.chunks(70_001).all(|chunk| windows.push(chunk, &mut each)));
        assert_eq!(windows.len(), text.len() as u64);
        windows.end(&mut each);
        assert!(out == pieces(&text));
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
