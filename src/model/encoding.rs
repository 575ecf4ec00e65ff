//! How a secret may be written other than by its own characters. Must not know how any of it is read back.

use serde::{Serialize, Serializer};
use std::fmt;

/// One layer between what stands in a text and the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Base64 or base64url, wrapped over lines or not.
    Base64,
    /// Two hexadecimal digits for each byte.
    Hex,
    /// `%73`.
    Percent,
    /// `\u0073` or `\u{73}`.
    UnicodeEscape,
    /// `\x73` or `\163`.
    ByteEscape,
    /// `&#115;` or `&#x73;`.
    Html,
    /// `=73`, and lines that go on after a `=`.
    QuotedPrintable,
    /// Two bytes a character, the lower first.
    Utf16Le,
    /// Two bytes a character, the higher first.
    Utf16Be,
    /// Four bytes a character, the lowest first.
    Utf32Le,
    /// Four bytes a character, the highest first.
    Utf32Be,
    /// Last character first.
    Reversed,
    /// A list of the characters' codes.
    CharacterCodes,
    /// Literals that a program puts together.
    Concatenation,
    /// Broken over lines.
    Wrapped,
    /// A JSON document: not decoded, only told of where it stands within another layer.
    Json,
}

impl Encoding {
    /// The name it has in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::UnicodeEscape => "unicode-escape",
            Self::ByteEscape => "byte-escape",
            Self::Html => "html",
            Self::QuotedPrintable => "quoted-printable",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Utf32Le => "utf-32le",
            Self::Utf32Be => "utf-32be",
            Self::Reversed => "reversed",
            Self::CharacterCodes => "character-codes",
            Self::Concatenation => "concatenation",
            Self::Wrapped => "wrapped",
            Self::Json => "json",
        }
    }

    /// Several layers, the outermost first, as reports write them: `base64 > json`.
    #[must_use]
    pub fn path(layers: &[Self]) -> String {
        layers.iter().map(|layer| layer.as_str()).collect::<Vec<_>>().join(" > ")
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn layers_are_written_from_the_outside_in() {
        assert_eq!(Encoding::path(&[Encoding::Base64, Encoding::Utf16Le]), "base64 > utf-16le");
        assert_eq!(Encoding::path(&[]), "");
    }
}
