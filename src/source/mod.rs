//! Where bytes come from: work trees, single files, standard input, git repositories.
//!
//! Must not know: rules, findings, formats. A source calls back from its own threads with each text it
//! has read and with each thing it could not read; it never writes, and runs nothing.

mod around;
mod container;
mod file;
pub mod git;
mod lookup;
mod pieces;
mod stop;
mod tally;
mod worktree;

pub use around::Around;
pub use container::Limits;
pub use file::{read_bytes, read_file, read_stdin};
pub use lookup::{Found, look_up};
pub use pieces::{OVERLAP, Piece, WINDOW, in_pieces};
pub use stop::Stop;
pub use tally::Tally;
pub use worktree::{WalkOptions, Walked, path_text, walk};

use crate::model::{ObjectKind, Origin, Problem, Span, Text};

/// No span in which a sieve is interested is longer than this, in bytes.
pub const REACH: usize = 33;

/// What a source is asked for: it looks through everything and hands over what is asked.
///
/// Most texts hold nothing of interest, and a source may know of a text that most of it was looked at
/// before. So interest is put in two parts: a cheap test that depends on short spans of bytes alone,
/// and the taking of a text that passed it.
pub trait Sieve: Sync {
    /// What is wanted of git objects of this kind.
    fn interest(&self, kind: ObjectKind) -> Interest;

    /// Whether `text` has a span of interest. May say yes wrongly, never no.
    fn any(&self, text: &[u8]) -> bool;

    /// All spans of interest in `text`, none longer than [`REACH`].
    fn spans(&self, text: &[u8], out: &mut Vec<Span>);

    /// Takes a text, or a piece of one.
    fn take(&self, origin: &Origin, piece: &Piece<'_>);

    /// Looks at the content of a file, or a piece of it, which may be of interest for where it stands.
    fn look(&self, origin: &Origin, piece: &Piece<'_>) {
        if self.any(piece.bytes) {
            self.take(origin, piece);
        }
    }

    /// How far containers are unpacked; left alone if this is none.
    fn limits(&self) -> Option<&Limits> {
        None
    }

    /// Hears that what was shown as packed at `from` in `holder`, and all that is packed in that, is better called
    /// `to`.
    fn rename(&self, _holder: &Origin, _from: &Text, _to: &Text) {}

    /// Hears of something that could not be read.
    fn problem(&self, problem: Problem);
}

/// What is wanted of a kind of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Nothing: need not be read.
    Nothing,
    /// Those with a span of interest.
    Sifted,
    /// All of them.
    Everything,
}
