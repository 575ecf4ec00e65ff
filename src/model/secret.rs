//! A secret in memory, and the two things that may be said of it: its mask and its fingerprint.
//! Must not know where it was found.

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroize;

/// How many characters of its end a mask shows: as many as OpenAI's own dashboard does.
const TAIL: usize = 4;
/// A mask shows the end only where this many more characters stay hidden.
const HIDDEN: usize = 12;

/// The bytes of a secret.
///
/// It has no `Display` and no `Serialize`, its `Debug` is blind, and its memory is wiped when dropped.
/// [`Secret::expose`] is the only door.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret {
    bytes: Vec<u8>,
    /// How many leading bytes say what it is rather than open anything: `sk-proj-`.
    public: usize,
}

impl Secret {
    /// Wraps `bytes`, whose first `public` bytes are no secret.
    #[must_use]
    pub fn new(bytes: &[u8], public: usize) -> Self {
        Self { bytes: bytes.to_vec(), public: public.min(bytes.len()) }
    }

    /// The bytes in clear. Each caller is a place where a key can leak: keep them few.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// What may be shown: the public prefix, an ellipsis, and the last four characters where that
    /// leaves enough hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        let body = &self.bytes[self.public..];
        let tail = if body.len() >= TAIL + HIDDEN { &body[body.len() - TAIL..] } else { &[] };
        let mut out = String::with_capacity(self.public + TAIL + 3);
        let printable = |b: &u8| if b.is_ascii_graphic() { char::from(*b) } else { '?' };
        out.extend(self.bytes[..self.public].iter().map(printable));
        out.push('…');
        out.extend(tail.iter().map(printable));
        out
    }

    /// The secret's identity: the same in every repository, whatever the rule that found it was
    /// called and wherever it stood.
    #[must_use]
    pub fn fingerprint(&self, family: &str) -> Fingerprint {
        Fingerprint::of(&[family.as_bytes(), self.expose()])
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.masked())
    }
}

/// The first 128 bits of SHA-256 over `family:secret`, written as 32 hex digits.
///
/// Safe to publish for keys of 100 random bits and more, which is what the rules look for; a hash of
/// something guessable would not be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; Self::LEN]);

impl Fingerprint {
    const LEN: usize = 16;

    /// Of `parts`, with a colon between them.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for (nth, part) in parts.iter().enumerate() {
            if nth > 0 {
                hash.update(b":");
            }
            hash.update(part);
        }
        let mut id = [0; Self::LEN];
        id.copy_from_slice(&hash.finalize()[..Self::LEN]);
        Self(id)
    }

    /// From the 32 hex digits it is written as; `None` if `hex` is anything else.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_public_prefix_and_the_last_four() {
        let secret = Secret::new(b"sk-proj-0123456789abcdefWXYZ", 8);
        assert_eq!(secret.masked(), "sk-proj-…WXYZ");
    }

    #[test]
    fn a_short_secret_shows_no_tail() {
        assert_eq!(Secret::new(b"ek_0123456789", 3).masked(), "ek_…");
    }

    #[test]
    fn debug_does_not_show_the_body() {
        let shown = format!("{:?}", Secret::new(b"sk-0123456789abcdefghijklmnop", 3));
        assert!(!shown.contains("0123"), "{shown}");
    }

    #[test]
    fn a_mask_of_control_characters_is_printable() {
        assert_eq!(Secret::new(b"\x1b[2J0123456789abcd\x1b\x07\x00\n", 2).masked(), "?[…????");
    }

    #[test]
    fn the_fingerprint_depends_on_family_and_bytes_alone() {
        let of = |family, bytes: &[u8], public| Secret::new(bytes, public).fingerprint(family);
        assert_eq!(of("openai", b"abc", 0), of("openai", b"abc", 2));
        assert_ne!(of("openai", b"abc", 0), of("azure", b"abc", 0));
        // printf 'openai:abc' | sha256sum | cut -c1-32
        assert_eq!(of("openai", b"abc", 0).to_string(), "30ba458518939c33dbf4ab32759ce30c");
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let fingerprint = Secret::new(b"abc", 0).fingerprint("openai");
        assert_eq!(Fingerprint::from_hex(&fingerprint.to_string()), Some(fingerprint));
        for wrong in ["", "30ba", "30ba458518939c33dbf4ab32759ce30cff", "30ba458518939c33dbf4ab32759ce30x"] {
            assert_eq!(Fingerprint::from_hex(wrong), None, "{wrong}");
        }
    }
}
