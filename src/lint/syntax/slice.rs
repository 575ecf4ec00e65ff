//! A stretch of a file: its bytes and where they stand. Must not know what they mean.

use crate::model::Span;

/// Some bytes of a file, with their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice<'a> {
    /// The bytes, as they stand in the file.
    pub(crate) text: &'a [u8],
    /// Where they stand.
    pub(crate) span: Span,
}

impl<'a> Slice<'a> {
    /// The bytes of `file` from `start` up to `end`. What lies outside of the file is left out.
    pub(super) fn of(file: &'a [u8], start: usize, end: usize) -> Self {
        let end = end.min(file.len());
        let start = start.min(end);
        Self { text: &file[start..end], span: Span::new(start, end) }
    }

    /// The same without white space at its ends.
    pub(super) fn trimmed(self) -> Self {
        let tail = self.text.trim_ascii_start();
        let start = self.span.end - tail.len();
        let text = tail.trim_ascii_end();
        Self { text, span: Span::new(start, start + text.len()) }
    }
}
