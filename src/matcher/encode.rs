//! What a literal looks like in each encoding: for every byte of the encoded form, which it can be. Must not know what
//! the literals are of, or how the forms are searched for. [`super::decode`] is the way back.

use super::{
    byteset::ByteSet,
    decode::{Door, Escape},
    opening::Opening,
};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// How a byte is written down.
type Digits = fn(u8) -> String;

/// Escapes by what stands before and after the digits. A text in a text has its backslashes twice.
const ESCAPES: &[(Escape, &[u8], Digits, &[u8])] = &[
    (Escape::Percent, b"%", hex, b""),
    (Escape::Unicode, b"\\u00", hex, b""),
    (Escape::Unicode, b"\\\\u00", hex, b""),
    (Escape::Unicode, b"\\u{", hex, b"}"),
    (Escape::Byte, b"\\x", hex, b""),
    (Escape::Byte, b"\\\\x", hex, b""),
    (Escape::Byte, b"\\", octal, b""),
    (Escape::Html, b"&#", decimal, b";"),
    (Escape::Html, b"&#x", hex, b";"),
    (Escape::QuotedPrintable, b"=", hex, b""),
];

/// Any byte.
const ANY: ByteSet = ByteSet::EMPTY.with(0, u8::MAX);

/// The forms of something in everything that can be read back, each with what reads it: `all`, or only the ones that
/// turn up in practice, for what a key is told by besides something else. It begins with bytes that are certain; of those
/// that are not only some forms say anything.
pub(super) fn forms(plain: &[ByteSet], all: bool) -> Vec<(Door, Opening)> {
    let literal: Vec<u8> = plain.iter().take_while(|set| set.len() == 1).flat_map(ByteSet::bytes).collect();
    let literal = literal.as_slice();
    let mut forms: Vec<(Door, Opening)> = based(plain).map(|form| (Door::Base64, form)).collect();
    let wide = spaced(plain, 2);
    if !all {
        forms.push((Door::Utf16, wide));
        return forms;
    }
    forms.extend(based(&wide).map(|form| (Door::Base64, form)));
    for inner in based(plain) {
        forms.extend(based(&inner).map(|form| (Door::Base64, form)));
        // Only what is certain of it can be told among zeros.
        forms.push((Door::Utf16, spaced(&inner, 2)));
    }
    forms.push((Door::Utf16, wide));
    forms.push((Door::Utf32, spaced(plain, 4)));
    forms.push((Door::Hex, each(literal, b"", hex, b"")));
    for (escape, before, digits, after) in ESCAPES {
        forms.push((Door::Escape(*escape), each(literal, before, *digits, after)));
        if !literal.iter().all(u8::is_ascii_alphanumeric) {
            forms.push((Door::Escape(*escape), marks(literal, before, *digits, after)));
        }
    }
    for between in [&b","[..], b", "] {
        forms.push((Door::Codes, each(literal, b"", decimal, between)));
        forms.push((Door::Codes, each(literal, b"0x", hex, between)));
    }
    let one_more = plain.len().min(literal.len() + 1);
    forms.push((Door::Reversed, plain[..one_more].iter().copied().rev().collect()));
    forms
}

/// `plain` in base64 or base64url, at its three alignments. Each begins where a group of four characters does, so that
/// the first characters may say nothing.
fn based(plain: &[ByteSet]) -> impl Iterator<Item = Opening> + use<'_> {
    (0..3).map(|shift| {
        let bytes: Vec<ByteSet> = std::iter::repeat_n(ANY, shift).chain(plain.iter().copied()).collect();
        let characters = (bytes.len() * 8).div_ceil(6);
        (0..characters).map(|nth| character(&bytes, nth)).collect()
    })
}

/// What the character with this number can be.
fn character(bytes: &[ByteSet], nth: usize) -> ByteSet {
    let bit = nth * 6;
    // Bits of the first byte, and of the next if the character goes on in it.
    let (at, offset) = (bit / 8, bit % 8);
    let shift = 10 - offset;
    // What any byte can give.
    let (all_high, all_low) = match offset {
        0 | 2 => (u64::MAX, 1),
        4 => (0x1111_1111_1111_1111, 0xf),
        _ => (0x0001_0001_0001_0001, 0xffff),
    };
    let high = parts(bytes.get(at), all_high, |byte| (u16::from(byte) << 8 >> shift & 63) as u8);
    let low = match offset {
        0 | 2 => 1,
        _ => parts(bytes.get(at + 1), all_low, |byte| (u16::from(byte) >> shift & 63) as u8),
    };
    let mut set = ByteSet::EMPTY;
    for high in bits(high) {
        for low in bits(low) {
            let letter = BASE64[usize::from(high | low)];
            set = set.with(letter, letter);
            set = match letter {
                b'+' => set.with(b'-', b'-'),
                b'/' => set.with(b'_', b'_'),
                _ => set,
            };
        }
    }
    set
}

/// What `part` is of the bytes of `set`, a bit for each; `all` if it can be any byte.
fn parts(set: Option<&ByteSet>, all: u64, part: impl Fn(u8) -> u8) -> u64 {
    let known = set.filter(|set| **set != ANY);
    known.map_or(all, |set| set.bytes().fold(0, |found, byte| found | 1 << (part(byte) & 63)))
}

/// The numbers of the bits that are set.
fn bits(mut set: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let lowest = set.trailing_zeros() as u8;
        set &= set.wrapping_sub(1);
        (lowest < 64).then_some(lowest)
    })
}

/// One character in `unit` bytes, the lowest first; with the highest first they are the same between the first character
/// and the last.
fn spaced(plain: &[ByteSet], unit: usize) -> Opening {
    let zeros = std::iter::repeat_n(ByteSet::single(0), unit - 1);
    let mut form: Opening = plain.iter().flat_map(|set| std::iter::once(*set).chain(zeros.clone())).collect();
    form.truncate(form.len().saturating_sub(unit - 1));
    form
}

/// Every byte written by `digits` between `before` and `after`.
fn each(literal: &[u8], before: &[u8], digits: Digits, after: &[u8]) -> Opening {
    literal.iter().flat_map(|byte| escaped(*byte, before, digits, after)).collect()
}

/// The same with letters and digits as they are.
fn marks(literal: &[u8], before: &[u8], digits: Digits, after: &[u8]) -> Opening {
    let of = |&byte: &u8| match byte.is_ascii_alphanumeric() {
        true => vec![ByteSet::single(byte)],
        false => escaped(byte, before, digits, after),
    };
    literal.iter().flat_map(of).collect()
}

fn escaped(byte: u8, before: &[u8], digits: Digits, after: &[u8]) -> Opening {
    let exact = |bytes: &[u8]| bytes.iter().copied().map(ByteSet::single).collect::<Vec<_>>();
    let either = |digit: u8| {
        let upper = digit.to_ascii_uppercase();
        ByteSet::single(digit).with(upper, upper)
    };
    let digits = digits(byte).into_bytes();
    [exact(before), digits.into_iter().map(either).collect(), exact(after)].concat()
}

fn hex(byte: u8) -> String {
    format!("{byte:02x}")
}

fn octal(byte: u8) -> String {
    format!("{byte:03o}")
}

fn decimal(byte: u8) -> String {
    byte.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::opening::exactly;
    use data_encoding::{BASE64, BASE64URL};

    fn fits(form: &Opening, text: &[u8]) -> bool {
        text.len() >= form.len() && form.iter().zip(text).all(|(set, byte)| set.contains(*byte))
    }

    #[test]
    fn base64_is_told_at_every_alignment_whatever_stands_around() {
        let plain: Opening = exactly(b"marker->?");
        for (shift, form) in based(&plain).enumerate() {
            for around in [0x00, 0x5a, 0xff] {
                let text = [&[around; 2][..shift], b"marker->?", &[around; 3]].concat();
                assert!(fits(&form, BASE64.encode(&text).as_bytes()), "{shift} {around}");
                assert!(fits(&form, BASE64URL.encode(&text).as_bytes()), "{shift} {around}");
            }
            let single = form.iter().filter(|set| set.len() <= 2).count();
            assert!(single >= 11, "{shift}: {single}");
        }
    }

    #[test]
    fn wide_characters_are_told_in_either_order() {
        let plain: Opening = exactly(b"abc");
        let form = spaced(&plain, 2);
        assert!(fits(&form, b"a\0b\0c\0") && fits(&form, &b"\0a\0b\0c"[1..]));
        assert_eq!(spaced(&plain, 4).len(), 9);
    }

    #[test]
    fn escapes_are_told_in_either_case() {
        let of = |door: &Door, text: &[u8]| {
            forms(&exactly(b"k-"), true).iter().any(|(of, form)| of == door && fits(form, text))
        };
        assert!(of(&Door::Escape(Escape::Byte), b"\\x6b\\x2d") && of(&Door::Escape(Escape::Byte), b"\\x6B\\x2D"));
        assert!(of(&Door::Escape(Escape::Byte), b"\\153\\055"));
        assert!(of(&Door::Escape(Escape::Html), b"&#107;&#45;") && of(&Door::Codes, b"107, 45, "));
        assert!(of(&Door::Hex, b"6b2d") && of(&Door::Reversed, b"-k"));
    }
}
