//! A place inside a text as people count it, and the line to show for it.
//! Must not know what the text is.

use serde::Serialize;

/// Where a span stands in its text. Lines and columns count from one; columns count characters
/// (Unicode scalar values; a byte that is not UTF-8 counts as one). The end column is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line of the first character.
    pub line: u64,
    /// Column of the first character.
    pub column: u64,
    /// Line of the last character.
    pub end_line: u64,
    /// Column after the last character.
    pub end_column: u64,
    /// Byte offset of the first byte in the whole text.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
}

/// The part of a line around a secret, already safe to show: secrets masked, control characters
/// visible, long lines cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Snippet {
    /// The text.
    pub text: String,
    /// Where in `text` the mask of this finding's secret begins, in bytes.
    pub start: usize,
    /// One past its end, in bytes.
    pub end: usize,
}
