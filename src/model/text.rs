//! Bytes that were meant to be read by people but need not be UTF-8: paths, names, subjects.
//! Must not know which of these it is.

use serde::{Serialize, Serializer};
use std::{fmt, sync::Arc};

/// A byte string from outside: a path, a ref name, an author, a subject line.
///
/// It displays with everything that could drive a terminal or mislead a reader made visible, and
/// serialises as UTF-8 with bad bytes replaced. Copies share their bytes: a path may be long, and stand in a million
/// places.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<[u8]>);

impl Text {
    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the bytes are UTF-8, so that nothing is lost in writing them as such.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.0).is_ok()
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&visible(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", visible(&self.0))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(&self.0))
    }
}

/// `bytes` as text that is safe to show: control characters, bidirectional overrides and other
/// invisible characters as `\u{..}`, bytes that are not UTF-8 as `\xNN`, tabs kept.
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_deceptive(c) {
                out.extend(c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// The same of a `text` of several lines, which stay lines.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(|line| visible(line.as_bytes())).collect::<Vec<_>>().join("\n")
}

/// Whether showing `c` raw could move the cursor, change colours, reorder or hide text.
fn is_deceptive(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overrides_become_visible() {
        assert_eq!(visible(b"a\x1b[31mb\r\tc"), "a\\u{1b}[31mb\\u{d}\tc");
        assert_eq!(visible("x\u{202e}y\u{200b}".as_bytes()), "x\\u{202e}y\\u{200b}");
    }

    #[test]
    fn bad_utf8_is_shown_byte_by_byte() {
        assert_eq!(visible(b"caf\xe9 \xff"), "caf\\xe9 \\xff");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "naïve – 鍵 🔑";
        assert_eq!(visible(text.as_bytes()), text);
    }
}
