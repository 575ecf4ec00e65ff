//! Escapes: characters written by their numbers among others that stand for themselves. Must not know what is written.

use super::Decoded;
use crate::model::{Encoding, Span};
use serde::{Deserialize, Serialize};

/// A way to write characters by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in crate::matcher) enum Escape {
    /// `%73`
    Percent,
    /// `\u0073`, `\u{73}`
    Unicode,
    /// `\x73`, `\163`
    Byte,
    /// `&#115;`, `&#x73;`
    Html,
    /// `=73`, and a `=` at the end of a line
    QuotedPrintable,
}

impl Escape {
    pub(in crate::matcher) const ALL: [Self; 5] =
        [Self::Percent, Self::Unicode, Self::Byte, Self::Html, Self::QuotedPrintable];

    const fn encoding(self) -> Encoding {
        match self {
            Self::Percent => Encoding::Percent,
            Self::Unicode => Encoding::UnicodeEscape,
            Self::Byte => Encoding::ByteEscape,
            Self::Html => Encoding::Html,
            Self::QuotedPrintable => Encoding::QuotedPrintable,
        }
    }

    /// What every escape begins with.
    const fn sign(self) -> u8 {
        match self {
            Self::Percent => b'%',
            Self::Unicode | Self::Byte => b'\\',
            Self::Html => b'&',
            Self::QuotedPrintable => b'=',
        }
    }
}

/// `window` of `text` with all escapes of one kind read back.
pub(super) fn read(text: &[u8], escape: Escape, window: Span) -> Decoded {
    let mut decoded = Decoded::new(escape.encoding(), window);
    let mut here = window.start;
    while here < window.end {
        let rest = &text[here..window.end];
        let found = if rest[0] == escape.sign() { one(rest, escape) } else { None };
        match found {
            Some((code, len)) => {
                let span = Span::new(here, here + len);
                match (code, escape) {
                    (None, _) => {}
                    (Some(code), Escape::Unicode | Escape::Html) => {
                        decoded.push_char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), span);
                    }
                    (Some(code), _) => decoded.push(code as u8, span),
                }
                decoded.changed = true;
                here += len;
            }
            None => {
                decoded.push(rest[0], Span::new(here, here + 1));
                here += 1;
            }
        }
    }
    decoded.finish(window.end, window.end == text.len())
}

/// The escape that `text` begins with: the number it says, none for a line that goes on, and its length.
fn one(text: &[u8], escape: Escape) -> Option<(Option<u32>, usize)> {
    match escape {
        Escape::Percent => digits(text, 1, (2, 2), 16),
        Escape::QuotedPrintable => match text {
            [b'=', b'\n', ..] => Some((None, 2)),
            [b'=', b'\r', b'\n', ..] => Some((None, 3)),
            _ => digits(text, 1, (2, 2), 16),
        },
        Escape::Html => {
            let (start, radix) = match text {
                [b'&', b'#', b'x' | b'X', ..] => (3, 16),
                [b'&', b'#', ..] => (2, 10),
                _ => return None,
            };
            let (code, len) = digits(text, start, (1, 7), radix)?;
            Some((code, len + usize::from(text.get(len) == Some(&b';'))))
        }
        Escape::Unicode | Escape::Byte => {
            // A text in a text has them twice, and so on.
            let slashes = text.iter().take(8).take_while(|byte| **byte == b'\\').count();
            match (text.get(slashes)?, escape) {
                (b'u', Escape::Unicode) if text.get(slashes + 1) == Some(&b'{') => {
                    let (code, len) = digits(text, slashes + 2, (1, 6), 16)?;
                    (text.get(len) == Some(&b'}')).then_some((code, len + 1))
                }
                (b'u', Escape::Unicode) => digits(text, slashes + 1, (4, 4), 16),
                (b'x' | b'X', Escape::Byte) => digits(text, slashes + 1, (2, 2), 16),
                (b'0'..=b'3', Escape::Byte) => digits(text, slashes, (3, 3), 8),
                _ => None,
            }
        }
    }
}

/// The number that the digits at `start` make, and where they end: no fewer and no more than as said.
fn digits(text: &[u8], start: usize, (least, most): (usize, usize), radix: u32) -> Option<(Option<u32>, usize)> {
    let digits = text.get(start..)?.iter().take(most);
    let values = digits.map_while(|byte| char::from(*byte).to_digit(radix));
    let (code, len) = values.fold((0, 0), |(code, len), digit| (code * radix + digit, len + 1));
    (len >= least).then_some((Some(code), start + len))
}

#[cfg(test)]
mod tests {
    use super::super::{Door, REACH, around};
    use super::Escape;
    use crate::model::Span;

    fn read(text: &str, escape: Escape) -> String {
        let decoded = around(text.as_bytes(), Door::Escape(escape), 0, (0, REACH));
        let changed = decoded.filter(|decoded| decoded.changed);
        changed.map_or_else(|| "-".to_owned(), |decoded| String::from_utf8_lossy(&decoded.bytes).into_owned())
    }

    #[test]
    fn each_kind_is_read_among_what_stands_for_itself() {
        assert_eq!(read("a%2Db%zz", Escape::Percent), "a-b%zz");
        assert_eq!(read("a\\u002Db\\\\u{2d}c\\u12", Escape::Unicode), "a-b-c\\u12");
        assert_eq!(read("a\\x2db\\055c\\n", Escape::Byte), "a-b-c\\n");
        assert_eq!(read("a&#45;b&#x2D;c&amp;", Escape::Html), "a-b-c&amp;");
        assert_eq!(read("a=2Db=\r\nc=\nd==", Escape::QuotedPrintable), "a-bcd==");
    }

    #[test]
    fn where_there_is_none_nothing_is_read() {
        for escape in Escape::ALL {
            assert_eq!(read("100% of a = b & c \\ d", escape), "-");
        }
        assert_eq!(read("\\u{ffffffff}", Escape::Unicode), "-");
        assert_eq!(read("&#9999999;", Escape::Html), "\u{fffd}");
    }

    #[test]
    fn spans_lead_back_to_whole_escapes() {
        let text = b"a\\u002db";
        let decoded = around(text, Door::Escape(Escape::Unicode), 0, (0, REACH)).expect("it is read");
        assert_eq!(decoded.place(Span::new(0, 2)), Span::new(0, 7));
        assert_eq!(decoded.place(Span::new(2, 3)), Span::new(7, 8));
    }
}
