//! The words of an instruction: split at blanks, in quotes, or from a JSON array. Must not know which instruction it is,
//! or where its text stands in the file.

use super::joined::Part;

/// The words of `part`, with their quotes. `escape` takes the meaning from the byte after it, but not in single quotes.
pub(super) fn words(text: &[u8], part: Part, escape: u8) -> Vec<Part> {
    let mut words = Vec::new();
    let mut at = skip_blanks(text, part);
    while at < part.end {
        let end = word_end(text, Part::new(at, part.end), escape);
        words.push(Part::new(at, end));
        at = skip_blanks(text, Part::new(end, part.end));
    }
    words
}

/// Where the word at the start of `part` ends. A quote that does not close goes on to the end.
pub(super) fn word_end(text: &[u8], part: Part, escape: u8) -> usize {
    let (mut at, mut quote) = (part.start, None);
    while at < part.end {
        let byte = text[at];
        if byte == escape && quote != Some(b'\'') {
            at += 1;
        } else if quote == Some(byte) {
            quote = None;
        } else if quote.is_none() {
            match byte {
                b'\'' | b'"' => quote = Some(byte),
                _ if is_blank(byte) => return at,
                _ => {}
            }
        }
        at += 1;
    }
    part.end
}

/// The part without the quotes around it, if one pair of them is around all of it.
pub(super) fn unquoted(text: &[u8], part: Part, escape: u8) -> Part {
    let quote = match text.get(part.start..part.end) {
        Some([first @ (b'\'' | b'"'), .., last]) if first == last => *first,
        _ => return part,
    };
    let inner = Part::new(part.start + 1, part.end - 1);
    let mut at = inner.start;
    while at < inner.end {
        if text[at] == quote {
            return part;
        }
        at += if text[at] == escape && quote == b'"' { 2 } else { 1 };
    }
    // Otherwise the last quote was an escaped one.
    if at == inner.end { inner } else { part }
}

/// Where the first `byte` stands in `part`.
pub(super) fn find(text: &[u8], part: Part, byte: u8) -> Option<usize> {
    text.get(part.start..part.end)?.iter().position(|found| *found == byte).map(|at| part.start + at)
}

/// The strings of `part`, without their quotes, if it is a JSON array of strings and nothing else.
pub(super) fn array(text: &[u8], part: Part) -> Option<Vec<Part>> {
    let next = |at: usize| skip_blanks(text, Part::new(at.min(part.end), part.end));
    let byte = |at: usize| text.get(at).copied().filter(|_| at < part.end);
    let mut at = next(part.start);
    byte(at).filter(|byte| *byte == b'[')?;
    let mut strings = Vec::new();
    at = next(at + 1);
    if byte(at)? == b']' {
        return (next(at + 1) == part.end).then_some(strings);
    }
    loop {
        let string = string(text, Part::new(at, part.end))?;
        strings.push(string);
        at = next(string.end + 1);
        match byte(at)? {
            b',' => at = next(at + 1),
            b']' => return (next(at + 1) == part.end).then_some(strings),
            _ => return None,
        }
    }
}

/// The content of the JSON string that `part` begins with.
fn string(text: &[u8], part: Part) -> Option<Part> {
    let bytes = text.get(part.start..part.end)?.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(Part::new(part.start + 1, part.start + 1 + at)),
            // With any other byte after it, it is no JSON: Docker takes `["c:\windows"]` for a shell's line.
            b'\\' if matches!(bytes.get(at + 1)?, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u') => {
                at += 2;
            }
            b'\\' => return None,
            _ => at += 1,
        }
    }
}

/// Where in `part` the first byte stands that is not white.
pub(super) fn skip_blanks(text: &[u8], part: Part) -> usize {
    let bytes = text.get(part.start..part.end).unwrap_or_default();
    bytes.iter().position(|byte| !is_blank(*byte)).map_or(part.end, |at| part.start + at)
}

pub(super) const fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}
