//! Where each stretch of a decoded text was written. Must not know how texts are decoded: it is shown the text and the
//! bytes that stand for it, and finds out which of them go together.

use crate::model::Span;
use std::ops::Range;

/// A stretch of a text and the bytes that stand for it. It ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it begins in the text.
    text: u32,
    /// Where the bytes begin in the file, and how many they are.
    source: u32,
    len: u32,
    /// Whether the two are the same, so that they go together byte by byte. Otherwise they do as a whole.
    is_same: bool,
}

impl Piece {
    fn end(self) -> usize {
        self.source as usize + self.len as usize
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// As it is, save line breaks.
    Verbatim,
    /// With the escapes of JSON and of what is like it.
    Json,
    /// As a basic string of TOML.
    Toml,
    /// YAML, bare or in a block.
    Bare,
    /// YAML in single quotes.
    Single,
    /// YAML in double quotes.
    Double,
}

impl Writing {
    fn has_escapes(self) -> bool {
        matches!(self, Self::Json | Self::Toml | Self::Double)
    }

    fn folds_lines(self) -> bool {
        matches!(self, Self::Bare | Self::Single | Self::Double)
    }
}

/// Where the bytes `range` of a text stand. `start` is where the text begins if it has no pieces.
pub(super) fn locate(pieces: &[Piece], len: usize, start: usize, range: Range<usize>) -> Span {
    let range = range.start.min(len)..range.end.min(len);
    if pieces.is_empty() {
        return Span::new(start + range.start, start + range.end.max(range.start));
    }
    let begin = if range.start < len { place(pieces, range.start).start } else { last_end(pieces) };
    let end = if range.start < range.end { place(pieces, range.end - 1).end } else { begin };
    Span::new(begin, end)
}

/// Where the byte `at` of a text stands.
fn place(pieces: &[Piece], at: usize) -> Span {
    let this = pieces.partition_point(|piece| piece.text as usize <= at).saturating_sub(1);
    let piece = pieces[this];
    if piece.is_same {
        let source = piece.source as usize + at - piece.text as usize;
        Span::new(source, source + 1)
    } else {
        Span::new(piece.source as usize, piece.end())
    }
}

/// Where the bytes of the last piece end.
fn last_end(pieces: &[Piece]) -> usize {
    pieces.last().map_or(0, |piece| piece.end())
}

/// All that `pieces` cover.
pub(super) fn extent(pieces: &[Piece]) -> Option<Span> {
    pieces.first().map(|first| Span::new(first.source as usize, last_end(pieces)))
}

/// Finds out what of `source`, which stands at `base` in the file, makes up which part of `text`. No pieces if they are
/// the same; one for everything if it cannot be told.
pub(super) fn pieces(text: &str, source: &str, base: usize, writing: Writing) -> Vec<Piece> {
    if text == source {
        return Vec::new();
    }
    let mut aligned = Aligner { text, source, base, writing, at: 0, from: 0, pieces: Vec::new() };
    if aligned.run().is_some() {
        return aligned.pieces;
    }
    vec![Piece { text: 0, source: small(base), len: small(source.len()), is_same: false }]
}

/// No file is larger.
fn small(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Walks along a text and what stands for it.
struct Aligner<'a> {
    text: &'a str,
    source: &'a str,
    base: usize,
    writing: Writing,
    /// How far it is in the text, and in the source.
    at: usize,
    from: usize,
    pieces: Vec<Piece>,
}

impl<'a> Aligner<'a> {
    /// `None` where the two do not go together.
    fn run(&mut self) -> Option<()> {
        while self.at < self.text.len() {
            match self.source.as_bytes().get(self.from) {
                Some(b'\\') if self.writing.has_escapes() => self.escape()?,
                Some(b'\'') if self.writing == Writing::Single => self.put(1, 2)?,
                Some(b' ' | b'\t' | b'\r' | b'\n') if self.writing.folds_lines() => self.space()?,
                Some(b'\r') if self.rest().starts_with("\r\n") && !self.text[self.at..].starts_with('\r') => {
                    self.put(1, 2)?;
                }
                Some(_) => self.copy(self.run_of_same())?,
                // The last line of a block may lack the break that its text has.
                None if self.writing == Writing::Bare => self.put(self.text.len() - self.at, 0)?,
                None => return None,
            }
        }
        Some(())
    }

    /// How many bytes from here on stand for themselves, at the least. Notebooks have images in one string.
    fn run_of_same(&self) -> usize {
        let left = self.text.len() - self.at;
        match self.writing {
            Writing::Json | Writing::Toml => {
                let rest = &self.source.as_bytes()[self.from + 1..];
                left.min(1 + memchr::memchr2(b'\\', b'\r', rest).unwrap_or(rest.len()))
            }
            _ => 1,
        }
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.from..).unwrap_or_default()
    }

    /// The next `len` bytes are the same in both.
    fn copy(&mut self, len: usize) -> Option<()> {
        let text = self.text.as_bytes().get(self.at..self.at + len)?;
        if text != self.source.as_bytes().get(self.from..self.from + len)? {
            return None;
        }
        let source = self.base + self.from;
        match self.pieces.last_mut() {
            Some(last) if last.is_same && last.end() == source => last.len += small(len),
            _ => self.push(len, true),
        }
        self.at += len;
        self.from += len;
        Some(())
    }

    /// The next `source` bytes stand for `text` bytes, which may be none.
    fn put(&mut self, text: usize, source: usize) -> Option<()> {
        if text > 0 {
            self.text.get(self.at..self.at + text)?;
            self.source.get(self.from..self.from + source)?;
            self.push(source, false);
        }
        self.at += text;
        self.from += source;
        Some(())
    }

    fn push(&mut self, len: usize, is_same: bool) {
        let (text, source) = (small(self.at), small(self.base + self.from));
        self.pieces.push(Piece { text, source, len: small(len), is_same });
    }

    /// A backslash and what belongs to it.
    fn escape(&mut self) -> Option<()> {
        let after = self.rest().get(1..)?;
        let blanks = if self.writing == Writing::Toml { run_of(after, is_blank) } else { 0 };
        if after[blanks..].starts_with(['\n', '\r']) {
            return self.continued(after);
        }
        let kind = after.chars().next()?;
        let len = match kind {
            '\u{2028}' | '\u{2029}' if self.writing == Writing::Json => return self.put(0, 1 + kind.len_utf8()),
            'x' => 4,
            'u' if self.writing == Writing::Json && is_high_surrogate(after) => 12,
            'u' => 6,
            'U' if self.writing != Writing::Json => 10,
            _ => 1 + kind.len_utf8(),
        };
        let decoded = self.text[self.at..].chars().next()?;
        self.put(decoded.len_utf8(), len)
    }

    /// A backslash at the end of its line; `after` is what follows it.
    fn continued(&mut self, after: &str) -> Option<()> {
        let first = breaks(after).next()?.end;
        let all = run_of(after, is_space);
        match self.writing {
            Writing::Json => self.put(0, 1 + first),
            Writing::Double => self.put(breaks(&after[first..all]).count(), 1 + all),
            _ => self.put(0, 1 + all),
        }
    }

    /// White space, in which YAML folds lines and drops what indents them.
    fn space(&mut self) -> Option<()> {
        let source = self.rest();
        let source = &source[..run_of(source, is_space)];
        let len = source.len();
        if self.writing == Writing::Double {
            // Text may be white space because of an escape, so the rules of folding say how much of it is meant.
            return match breaks(source).count() {
                0 => self.copy(len),
                count => self.put((count - 1).max(1), len),
            };
        }
        let text = &self.text[self.at..];
        let text = &text[..run_of(text, is_space)];
        let is_same = |(a, b): &(u8, u8)| a == b && is_blank(char::from(*a));
        // A block begins with what indents it.
        let before = text.bytes().zip(source.bytes()).take_while(is_same).count();
        let before = if self.from == 0 { 0 } else { before };
        let both = text.bytes().rev().zip(source.bytes().rev());
        let after = both.take(text.len().min(len) - before).take_while(is_same).count();
        let end = self.from + len;
        self.copy_some(before)?;
        self.lines(&text[before..text.len() - after], &source[before..len - after])?;
        self.from = end - after;
        self.copy_some(after)
    }

    /// White space from the end of a line to the start of another one.
    fn lines(&mut self, text: &str, source: &str) -> Option<()> {
        let found: Vec<Range<usize>> = breaks(source).take(text.len()).collect();
        if found.len() < text.len() || text.bytes().any(|byte| byte != b'\n') {
            return self.put(text.len(), source.len());
        }
        let start = self.from;
        for line in found {
            self.from = start + line.start;
            self.put(1, line.len())?;
        }
        Some(())
    }

    fn copy_some(&mut self, len: usize) -> Option<()> {
        if len > 0 { self.copy(len) } else { Some(()) }
    }
}

/// Whether a `u` escape, given without its backslash, is the first half of a pair that is one character.
fn is_high_surrogate(escape: &str) -> bool {
    let code = escape.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    code.is_some_and(|code| (0xD800..0xDC00).contains(&code))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// How many bytes at the start of `text` are characters like that.
pub(super) fn run_of(text: &str, is: fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// Each line break: LF, CR, or both.
pub(super) fn breaks(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\r', bytes).filter_map(|at| match bytes[at] {
        b'\n' if at > 0 && bytes[at - 1] == b'\r' => None,
        b'\r' if bytes.get(at + 1) == Some(&b'\n') => Some(at..at + 2),
        _ => Some(at..at + 1),
    })
}
