//! UTF-16 and UTF-32. Must not know what is written in them.

use super::Decoded;
use crate::model::{Encoding, Span};

/// How far the ends of a run are looked for, in bytes.
const RUN: usize = 4 << 10;

/// UTF-16 around the character at `at`, which is ASCII.
pub(super) fn utf16(text: &[u8], at: usize, window: Span) -> Option<Decoded> {
    let is_big = is_big(text, at, 2);
    let encoding = if is_big { Encoding::Utf16Be } else { Encoding::Utf16Le };
    let first = at.checked_sub(usize::from(is_big))?;
    let mut decoded = Decoded::new(encoding, window);
    let mut here = window.start + (first - window.start.min(first)) % 2;
    let unit = |at: usize| {
        let bytes = *text.get(at..)?.first_chunk::<2>()?;
        Some(if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    while here + 2 <= window.end {
        let units = [unit(here), unit(here + 2)].into_iter().flatten();
        let char = char::decode_utf16(units).next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
        let len = if char.len_utf16() == 2 { 4 } else { 2 };
        decoded.push_char(char, Span::new(here, here + len));
        here += len;
    }
    decoded.changed = true;
    Some(decoded.finish(window.end, window.end == text.len()))
}

/// UTF-32 around the character at `at`, which is ASCII.
pub(super) fn utf32(text: &[u8], at: usize, window: Span) -> Option<Decoded> {
    let is_big = is_big(text, at, 4);
    let encoding = if is_big { Encoding::Utf32Be } else { Encoding::Utf32Le };
    let first = at.checked_sub(if is_big { 3 } else { 0 })?;
    let mut decoded = Decoded::new(encoding, window);
    let start = window.start + (first - window.start.min(first)) % 4;
    let (units, _) = text[start.min(window.end)..window.end].as_chunks::<4>();
    for (nth, unit) in units.iter().enumerate() {
        let code = if is_big { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        decoded.push_char(char, Span::new(start + nth * 4, start + nth * 4 + 4));
    }
    decoded.changed = true;
    Some(decoded.finish(window.end, window.end == text.len()))
}

/// Whether the highest byte of each character comes first, of characters in `unit` bytes of which one that is ASCII has
/// its only byte at `at`. In the middle of a text either could be said; what tells is where it begins.
fn is_big(text: &[u8], at: usize, unit: usize) -> bool {
    let mark = text.get(..unit);
    if matches!(mark, Some([0xff, 0xfe, ..])) {
        return false;
    }
    if matches!(mark, Some([0xfe, 0xff] | [0, 0, 0xfe, 0xff])) {
        return true;
    }
    let zeros = unit - 1;
    let is_zero = |from: usize, to: usize| text.get(from..to).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    // Back to the first character of the run.
    let mut first = at;
    while first >= unit && at - first < RUN && is_zero(first - zeros, first) && is_written(text[first - unit]) {
        first -= unit;
    }
    let before = first >= zeros && is_zero(first - zeros, first);
    let mut last = at;
    while last - at < RUN
        && is_zero(last + 1, last + unit)
        && text.get(last + unit).is_some_and(|byte| is_written(*byte))
    {
        last += unit;
    }
    let after = is_zero(last + 1, last + unit);
    before && (!after || first % unit == zeros)
}

/// Whether it is a character that people write.
const fn is_written(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::super::{Door, REACH, around};
    use crate::model::{Encoding, Span};

    fn written(text: &str, unit: usize, big: bool) -> Vec<u8> {
        let of = |char: char| {
            let code = u32::from(char);
            let bytes = if big { code.to_be_bytes() } else { code.to_le_bytes() };
            if big { bytes[4 - unit..].to_vec() } else { bytes[..unit].to_vec() }
        };
        text.chars().flat_map(of).collect()
    }

    #[test]
    fn both_orders_are_told_with_and_without_a_mark() {
        let cases = [
            (2, false, Encoding::Utf16Le),
            (2, true, Encoding::Utf16Be),
            (4, false, Encoding::Utf32Le),
            (4, true, Encoding::Utf32Be),
        ];
        for (unit, big, encoding) in cases {
            let door = if unit == 2 { Door::Utf16 } else { Door::Utf32 };
            for before in ["", "\u{feff}", "é = "] {
                let text = written(&format!("{before}abc é"), unit, big);
                let at = before.chars().count() * unit + if big { unit - 1 } else { 0 };
                let decoded = around(&text, door, at, (0, REACH)).expect("it is read");
                assert_eq!(
                    (decoded.encoding, decoded.bytes.as_slice()),
                    (encoding, format!("{before}abc é").as_bytes())
                );
                let start = at - if big { unit - 1 } else { 0 };
                let span = Span::new(before.len(), before.len() + 3);
                assert_eq!(decoded.place(span), Span::new(start, start + 3 * unit));
            }
        }
    }

    #[test]
    fn within_other_bytes_what_stands_around_tells() {
        let text = [b"\x01\x02\x03", written("abc", 2, false).as_slice(), b"\x04\x05"].concat();
        assert_eq!(around(&text, Door::Utf16, 5, (0, REACH)).expect("it is read").encoding, Encoding::Utf16Le);
        let text = [b"\x01\x02\x03", written("abc", 2, true).as_slice(), b"\x04\x05"].concat();
        assert_eq!(around(&text, Door::Utf16, 6, (0, REACH)).expect("it is read").encoding, Encoding::Utf16Be);
    }
}
