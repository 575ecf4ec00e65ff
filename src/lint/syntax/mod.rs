//! Readers of the formats that lints look into, with exact places. Must not know what lints look for, or what a file is
//! for.
//!
//! Dockerfiles, `.env` files and HCL have readers of their own; YAML, JSON and TOML are read into one tree. Any bytes can be read, in time and memory that grow with them and no faster. What is wrong with a text is told, and
//! what was understood of it is kept:
//!
//! - Bytes that are no UTF-8 are read as `_`, one for each, so that every place stays right.
//! - A text ends where it makes no sense any more. What came before it stays, with open collections closed. A YAML
//!   document that is broken, a Helm template for instance, spoils no other document of its file.
//! - What is nested deeper than [`MAX_DEPTH`] is left out: there is an empty collection in its place.
//! - Of a very large file only the beginning is read: see [`MAX_BYTES`] and [`MAX_NODES`].
//! - Aliases of YAML stand for themselves. Nothing grows by being repeated.

pub(super) mod dockerfile;
pub(super) mod dotenv;
pub(super) mod hcl;
mod json;
mod node;
mod slice;
#[cfg(test)]
mod tests;
mod toml;
mod tree;
mod written;
mod yaml;

pub(crate) use self::node::{Node, Value};

use self::written::breaks;
use std::borrow::Cow;
use tree::Builder;

/// How many collections may be within each other.
const MAX_DEPTH: usize = 64;
/// How much of a file is read: more than any notebook that people still open.
const MAX_BYTES: usize = 32 << 20;
/// How many nodes a file may have: 100 MB of memory.
const MAX_NODES: usize = 1 << 20;

const BOM: &str = "\u{FEFF}";

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// Most files have one; YAML may have several, and so may lines of JSON.
    pub(crate) documents: Vec<Node>,
    /// The first thing that was wrong.
    pub(crate) error: Option<SyntaxError>,
}

/// Why a text could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Counted from one.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads YAML.
pub(crate) fn yaml(text: &[u8]) -> Parsed {
    parsed(text, yaml::read)
}

/// Reads JSON; comments, trailing commas and the other liberties of JSON5 are taken, and one value may follow the other.
pub(crate) fn json(text: &[u8]) -> Parsed {
    parsed(text, json::read)
}

/// Reads TOML.
pub(crate) fn toml(text: &[u8]) -> Parsed {
    parsed(text, toml::read)
}

const TOO_LARGE: &str = "the file is too large to be read on";

/// What a reader could not read.
struct Fault {
    /// Offset of the byte.
    at: usize,
    message: String,
}

impl Fault {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    fn too_large(at: usize) -> Self {
        Self::new(at, TOO_LARGE)
    }
}

/// A text to read, and the place in the file at which it stands.
#[derive(Clone, Copy)]
struct Input<'a> {
    text: &'a str,
    base: usize,
}

/// Adds what it reads to a tree; tells the first thing that is wrong.
type Reader = fn(Input<'_>, &mut Builder) -> Option<Fault>;

fn parsed(bytes: &[u8], read: Reader) -> Parsed {
    let cut = &bytes[..bytes.len().min(MAX_BYTES)];
    let text = readable(cut);
    let base = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let mut tree = Builder::default();
    let mut fault = read(Input { text: &text[base..], base }, &mut tree);
    if cut.len() < bytes.len() {
        fault = fault.or_else(|| Some(Fault::too_large(cut.len())));
    }
    let error = fault.map(|Fault { at, message }| SyntaxError { line: line_of(&text, at), message });
    Parsed { documents: tree.finish(), error }
}

/// `bytes` as text of the same length.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '_'));
    }
    Cow::Owned(text)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + breaks(text).take_while(|line_break| line_break.end <= at).count()
}
