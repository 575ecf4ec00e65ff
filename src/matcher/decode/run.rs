//! Runs of digits: base64, hex, lists of character codes. Must not know what is encoded in them.

use super::{Decoded, joined};
use crate::model::{Encoding, Span};

/// The characters of the run around `at`, within `window`, and which of them is at `at`. Lines and literals that a run
/// was broken into are put together. The last is where it ends.
fn run(text: &[u8], at: usize, window: Span, is_of_run: fn(u8) -> bool) -> (Vec<usize>, Option<usize>, usize) {
    let mut characters: Vec<usize> = Vec::new();
    let mut own = None;
    let mut here = window.start;
    while here < window.end {
        if here == at {
            own = Some(characters.len());
        }
        if is_of_run(text[here]) {
            characters.push(here);
            here += 1;
        } else if let Some(gap) = joined::gap(text, here) {
            here += gap;
        } else if here < at {
            characters.clear();
            here += 1;
        } else {
            break;
        }
    }
    (characters, own, here.min(window.end))
}

/// Base64 or base64url, in whatever lines.
pub(super) fn base64(text: &[u8], at: usize, window: Span) -> Decoded {
    let (characters, own, end) = run(text, at, window, |byte| sextet(byte).is_some());
    let mut decoded = Decoded::new(Encoding::Base64, window);
    // What stands between two pieces of a run is no place to read it from.
    let groups = own.map_or(&[][..], |own| &characters[own % 4..]);
    for group in groups.chunks(4) {
        let bits = group.iter().fold(0_u32, |bits, at| bits << 6 | u32::from(sextet(text[*at]).unwrap_or(0)));
        let bits = bits << (6 * (4 - group.len()));
        for nth in 0..(group.len() * 6 / 8) {
            // The first byte is in the first two characters, the second in the middle ones, the third in the last two.
            let span = Span::new(group[nth], group[nth + 1] + 1);
            decoded.push((bits >> (16 - 8 * nth)) as u8, span);
        }
    }
    decoded.finish_run(end, window, text)
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Hexadecimal digits, two for a byte, in whatever lines.
pub(super) fn hex(text: &[u8], at: usize, window: Span) -> Decoded {
    let (characters, own, end) = run(text, at, window, |byte| byte.is_ascii_hexdigit());
    let mut decoded = Decoded::new(Encoding::Hex, window);
    let digit = |at: usize| char::from(text[at]).to_digit(16).unwrap_or(0) as u8;
    let pairs = own.map_or(&[][..], |own| &characters[own % 2..]);
    for pair in pairs.chunks_exact(2) {
        decoded.push(digit(pair[0]) << 4 | digit(pair[1]), Span::new(pair[0], pair[1] + 1));
    }
    decoded.finish_run(end, window, text)
}

/// Numbers with commas between them, as they stand in arrays of programs.
pub(super) fn codes(text: &[u8], at: usize, window: Span) -> Decoded {
    let mut decoded = Decoded::new(Encoding::CharacterCodes, window);
    let mut here = window.start;
    while here < window.end {
        let is_inside = decoded.bytes.is_empty() && here > 0 && text[here - 1].is_ascii_alphanumeric();
        if let Some((code, len)) = number(&text[here..window.end]).filter(|_| !is_inside) {
            decoded.push(code, Span::new(here, here + len));
            here += len;
            let between = text[here..window.end].iter().take_while(|byte| b", \t\r\n".contains(byte)).count();
            if between > 0 {
                here += between;
                continue;
            }
        }
        if here > at {
            break;
        }
        decoded.bytes.clear();
        decoded.places.clear();
        here += 1;
    }
    decoded.finish_run(here, window, text)
}

/// The code that `text` begins with, and how long it is written.
fn number(text: &[u8]) -> Option<(u8, usize)> {
    if let [b'0', b'x' | b'X', digits @ ..] = text {
        let len = digits.iter().take(3).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let code =
            digits[..len].iter().fold(0_u32, |code, byte| code << 4 | char::from(*byte).to_digit(16).unwrap_or(0));
        return (1..=2).contains(&len).then_some((code as u8, len + 2));
    }
    let len = text.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let code = text[..len].iter().fold(0_u32, |code, byte| code * 10 + u32::from(*byte - b'0'));
    (1..=3).contains(&len).then_some(())?;
    u8::try_from(code).ok().map(|code| (code, len))
}

#[cfg(test)]
mod tests {
    use super::super::{Door, REACH, around};
    use crate::model::Span;
    use data_encoding::{BASE64, HEXUPPER};

    fn read(text: &str, door: Door, at: usize) -> Vec<u8> {
        around(text.as_bytes(), door, at, (0, REACH)).map(|decoded| decoded.bytes.clone()).unwrap_or_default()
    }

    #[test]
    fn base64_is_read_from_any_group_of_it() {
        let text = format!("key: {}\n", BASE64.encode(b"one two three"));
        for at in [5, 9, 13] {
            assert_eq!(read(&text, Door::Base64, at), b"one two three");
        }
        assert_ne!(read(&text, Door::Base64, 6), b"one two three");
        assert!(read(&text, Door::Base64, 500).is_empty());
    }

    #[test]
    fn spans_lead_back_to_the_characters_that_say_a_byte() {
        let text = format!("key: {}", BASE64.encode(b"one two three"));
        let decoded = around(text.as_bytes(), Door::Base64, 5, (0, REACH)).expect("it is base64");
        assert_eq!(decoded.place(Span::new(0, 3)), Span::new(5, 9));
        assert_eq!(decoded.place(Span::new(4, 7)), Span::new(10, 15));
    }

    #[test]
    fn lines_and_literals_are_put_together() {
        let encoded = BASE64.encode(b"one two three four");
        let (a, b) = encoded.split_at(10);
        for gap in ["\n", "\r\n    ", "\\n", "\\r\\n", "\\\n", "\"\n  \"", "' +\n '", "\\n\" +\n \""] {
            assert_eq!(read(&format!("\"{a}{gap}{b}\""), Door::Base64, 1), b"one two three four", "{gap:?}");
        }
        assert_eq!(read(&format!("{a}, {b}"), Door::Base64, 0), b"one two");
    }

    #[test]
    fn hex_and_numbers_are_read() {
        assert_eq!(read(&format!("0x{}", HEXUPPER.encode(b"one")), Door::Hex, 2), b"one");
        assert_eq!(read("x = [1, 111, 110,\n 0x65];", Door::Codes, 8), b"\x01one");
        assert_eq!(read("{111,110,101}", Door::Codes, 1), b"one");
        assert_eq!(read("[300, 111, 110]", Door::Codes, 6), b"on");
        assert!(read("[300]", Door::Codes, 1).is_empty());
    }
}
