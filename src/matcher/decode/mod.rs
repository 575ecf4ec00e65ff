//! Encoded text read back around one place, with the way back from each byte to where it stands. Pure and total: any
//! bytes, any place, no failure; no more is read than a bounded stretch around the place.
//!
//! Must not know rules, or how places are found.

mod escapes;
mod joined;
mod run;
mod wide;

pub(super) use escapes::Escape;

use crate::model::{Encoding, Span};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// How far around a place is decoded, in bytes of the text.
pub(super) const REACH: usize = 16 << 10;
/// The least of what was decoded that is room for a secret that begins before its end: what is found later than that is
/// decoded anew.
const ROOM: usize = 512;

/// What reads something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Door {
    /// From a group of four characters that begins at the place.
    Base64,
    /// From a byte whose first digit is at the place.
    Hex,
    /// From a character that is at the place.
    Utf16,
    Utf32,
    /// Of a list, a number of which begins at the place.
    Codes,
    Escape(Escape),
    Reversed,
    /// Literals put together.
    Concatenation,
    /// Lines put together.
    Wrapped,
}

/// A stretch of text, read back.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) encoding: Encoding,
    pub(super) bytes: Vec<u8>,
    /// Up to where in the text secrets have been read back that are encoded in the same way.
    pub(super) until: usize,
    /// The place it was read from.
    at: usize,
    /// Where each byte stands: the first byte of the text that says it and the one after the last, from `base` on.
    places: Vec<(u32, u32)>,
    base: usize,
    room: usize,
    /// Whether something was read back at all.
    pub(super) changed: bool,
    /// Where a run ends that does not go on: what is read back behind it does not begin before.
    pub(super) end: Option<usize>,
    /// How many bytes of the text were gone through for it.
    pub(super) looked: usize,
}

impl Decoded {
    /// Nothing read yet of `window`.
    fn new(encoding: Encoding, window: Span) -> Self {
        let room = ROOM.max(window.len() / 8);
        Self {
            encoding,
            bytes: Vec::new(),
            until: 0,
            at: 0,
            places: Vec::new(),
            base: window.start,
            room,
            changed: false,
            end: None,
            looked: 0,
        }
    }

    /// Adds `byte`, said by `span` of the text.
    fn push(&mut self, byte: u8, span: Span) {
        self.bytes.push(byte);
        self.places.push(((span.start - self.base) as u32, (span.end - self.base) as u32));
    }

    fn push_char(&mut self, char: char, span: Span) {
        for byte in char.encode_utf8(&mut [0; 4]).bytes() {
            self.push(byte, span);
        }
    }

    /// The same once all was read up to `end`, which is the end of what could be read if `whole`.
    fn finish(mut self, end: usize, whole: bool) -> Self {
        self.until = if whole { end } else { end.saturating_sub(self.room) };
        self
    }

    /// Whether reading from `at`, which is no earlier, in the same way, would give the same again.
    pub(super) fn covers(&self, door: Door, at: usize) -> bool {
        let begins_group = |group: usize| {
            let at = at.checked_sub(self.base).and_then(|at| u32::try_from(at).ok());
            let known = at.and_then(|at| self.places.binary_search_by_key(&at, |(start, _)| *start).ok());
            known.is_some_and(|nth| nth % group == 0)
        };
        at < self.until
            && match door {
                Door::Base64 => begins_group(3),
                Door::Hex => begins_group(1),
                Door::Utf16 => (at - self.at).is_multiple_of(2),
                Door::Utf32 => (at - self.at).is_multiple_of(4),
                _ => true,
            }
    }

    /// The same of a run that was read up to `end`, within `window` of `text`.
    fn finish_run(mut self, end: usize, window: Span, text: &[u8]) -> Self {
        self.changed = !self.bytes.is_empty();
        self.end = (end < window.end).then_some(end);
        self.finish(end.min(window.end), end < window.end || end >= text.len())
    }

    /// Where `span` of the decoded bytes stands in the text.
    pub(super) fn place(&self, span: Span) -> Span {
        let of = |at: usize| self.places.get(at).copied().unwrap_or_default();
        // What is reversed ends where it begins.
        let (first, last) = (of(span.start), of(span.end.saturating_sub(1)));
        Span::new(self.base + first.0.min(last.0) as usize, self.base + first.1.max(last.1) as usize)
    }
}

impl Drop for Decoded {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Reads `text` back around `at`, as far as `reach` on each side and not before `floor`; nothing if `at` is no place to
/// read from.
pub(super) fn around(text: &[u8], door: Door, at: usize, (floor, reach): (usize, usize)) -> Option<Decoded> {
    let start = at.saturating_sub(reach).max(floor).min(at);
    let window = Span::new(start, text.len().min(at.saturating_add(reach)));
    let mut decoded = match door {
        Door::Base64 => Some(run::base64(text, at, window)),
        Door::Hex => Some(run::hex(text, at, window)),
        Door::Codes => Some(run::codes(text, at, window)),
        Door::Utf16 => wide::utf16(text, at, window),
        Door::Utf32 => wide::utf32(text, at, window),
        Door::Escape(escape) => Some(escapes::read(text, escape, window)),
        Door::Reversed => Some(reversed(text, window)),
        Door::Concatenation => Some(joined::literals(text, window)),
        Door::Wrapped => Some(joined::lines(text, window)),
    }?;
    decoded.at = at;
    decoded.looked = decoded.end.unwrap_or(window.end) - window.start;
    Some(decoded)
}

fn reversed(text: &[u8], window: Span) -> Decoded {
    let mut decoded = Decoded::new(Encoding::Reversed, window);
    for at in window.range().rev() {
        decoded.push(text[at], Span::new(at, at + 1));
    }
    decoded.changed = true;
    decoded.finish(window.end, window.end == text.len())
}
