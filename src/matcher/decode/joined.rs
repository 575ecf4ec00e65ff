//! What was broken into literals or lines, put together again. Must not know what was broken.

use super::Decoded;
use crate::model::{Encoding, Span};

/// The longest that may stand between two pieces, in bytes.
const GAP: usize = 240;

/// `window` of `text` without what stands between the literals of one string.
pub(super) fn literals(text: &[u8], window: Span) -> Decoded {
    // In a list that is joined, a comma joins.
    let joins = [&b"join("[..], b"join (", b"concat(", b"CONCAT(", b"implode(", b"paste0("];
    let is_list = joins.iter().any(|word| memchr::memmem::find(&text[window.range()], word).is_some());
    let between = |at: usize| between_literals(&text[at..window.end], is_list);
    without(text, window, Encoding::Concatenation, between).finish(window.end, window.end == text.len())
}

/// `window` of `text` without its line ends.
pub(super) fn lines(text: &[u8], window: Span) -> Decoded {
    let between = |at: usize| between_lines(&text[at..window.end]);
    without(text, window, Encoding::Wrapped, between).finish(window.end, window.end == text.len())
}

/// How long what stands at `at` in `text` is, if it is something that stands between two pieces of one run: the end of a
/// line, the end of a literal and the beginning of the next, or both.
pub(super) fn gap(text: &[u8], at: usize) -> Option<usize> {
    let text = &text[at..text.len().min(at + GAP)];
    let line = between_lines(text).unwrap_or(0);
    let written = if line == 0 { written_line_end(text) } else { line };
    let literal = between_literals(&text[written..], false).unwrap_or(0);
    Some(written + literal).filter(|len| *len > 0)
}

fn without(text: &[u8], window: Span, encoding: Encoding, between: impl Fn(usize) -> Option<usize>) -> Decoded {
    let mut decoded = Decoded::new(encoding, window);
    let mut here = window.start;
    while here < window.end {
        if let Some(len) = between(here) {
            decoded.changed = true;
            here += len;
        } else {
            decoded.push(text[here], Span::new(here, here + 1));
            here += 1;
        }
    }
    decoded
}

/// The end of a line that `text` begins with, with the backslash before it and the indentation after it.
fn between_lines(text: &[u8]) -> Option<usize> {
    let end = match text {
        [b'\\', b'\r', b'\n', ..] => 3,
        [b'\\', b'\n', ..] | [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => return None,
    };
    Some(end + spaces(&text[end..]))
}

/// The end of a line as literals write it: `\n`.
fn written_line_end(text: &[u8]) -> usize {
    match text {
        [b'\\', b'r', b'\\', b'n', ..] => 4,
        [b'\\', b'n', ..] => 2,
        _ => 0,
    }
}

/// What `text` begins with, if that is the end of one literal and the beginning of the next one of the same string.
fn between_literals(text: &[u8], is_list: bool) -> Option<usize> {
    let text = &text[..text.len().min(GAP)];
    let mut at = quote(text)?;
    // The pieces of a template: `"}${"`.
    if text[at..].starts_with(b"}${") {
        return Some(at + 3 + opening(&text[at + 3..])?);
    }
    at += white(&text[at..]);
    let joint = match &text[at..] {
        [b'+' | b'.' | b'|' | b'<' | b'&' | b'~', ..] => {
            let operators: [&[u8]; 8] = [b"++", b"+", b"..", b".", b"||", b"<>", b"&", b"~"];
            operators.iter().find(|operator| text[at..].starts_with(operator)).map(|operator| operator.len())?
        }
        [b',', ..] if is_list => 1,
        _ => 0,
    };
    at += joint;
    at += white(&text[at..]);
    Some(at + opening(&text[at..])?)
}

/// How long the quote is that `text` begins with, with the backslashes before it.
fn quote(text: &[u8]) -> Option<usize> {
    let slashes = text.iter().take(4).take_while(|byte| **byte == b'\\').count();
    text.get(slashes).filter(|byte| matches!(byte, b'"' | b'\'' | b'`')).map(|_| slashes + 1)
}

/// How long the beginning of a literal is that `text` begins with: letters that say its kind, and the quote.
fn opening(text: &[u8]) -> Option<usize> {
    let letters = text.iter().take(3).take_while(|byte| b"fFrRbBuUL@$".contains(byte)).count();
    quote(&text[letters..]).map(|len| letters + len)
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take(GAP).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Spaces, ends of lines, and what says that a line goes on.
fn white(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'_')).count()
}

#[cfg(test)]
mod tests {
    use super::super::{Door, REACH, around};
    use crate::model::Span;

    fn read(text: &str, door: Door) -> String {
        let decoded = around(text.as_bytes(), door, 0, (0, REACH));
        let changed = decoded.filter(|decoded| decoded.changed);
        changed.map_or_else(|| "-".to_owned(), |decoded| String::from_utf8_lossy(&decoded.bytes).into_owned())
    }

    #[test]
    fn literals_of_one_string_are_put_together() {
        let cases = [
            r#""one" + "two""#,
            r#""one"+'two'"#,
            "\"one\"\n    \"two\"",
            "'one' .\n 'two'",
            r#""one" & _
               "two""#,
            "\"one\" \\\n \"two\"",
            r#""one".."two""#,
            r#""one" || "two""#,
            r#""one" f"two""#,
            r#""one" <> "two""#,
            r#""one"}${"two""#,
            r#"\"one\" + \"two\""#,
            r#""one", "two"].join("")"#,
        ];
        for text in cases {
            assert!(read(text, Door::Concatenation).contains("onetwo"), "{text}");
        }
    }

    #[test]
    fn literals_of_several_strings_are_not() {
        for text in [r#"["one", "two"]"#, r#""one": "two""#, r#""one" == "two""#, r#""one" - "two""#, "\"one\" two"] {
            assert_eq!(read(text, Door::Concatenation), "-", "{text}");
        }
    }

    #[test]
    fn lines_are_put_together_without_their_indentation() {
        assert_eq!(read("one\\\n  two\r\nthree", Door::Wrapped), "onetwothree");
        assert_eq!(read("one two", Door::Wrapped), "-");
        let decoded = around(b"one\n  two", Door::Wrapped, 0, (0, REACH)).expect("it is read");
        assert_eq!(decoded.place(Span::new(2, 4)), Span::new(2, 7));
    }

    #[test]
    fn what_stands_between_is_bounded() {
        assert_eq!(read(&format!("\"one\"{}\"two\"", " ".repeat(super::GAP)), Door::Concatenation), "-");
    }
}
