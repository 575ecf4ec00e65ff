//! PDF documents: their streams, inflated, and the text that pages show, put together. Must not know what it says.
//!
//! A document is read from its first byte to its last: a stream ends where its data does, so that neither the table
//! of objects nor any length is needed. What is not found: text in fonts whose codes are numbers of glyphs, as browsers
//! write them, streams in other filters than `FlateDecode`, and all of an encrypted document, which is told.

use super::{input::Input, level::Level};
use flate2::bufread::ZlibDecoder;
use memchr::memmem;
use std::io::{self, BufRead, Read};

pub(super) const MAGIC: &[u8] = b"%PDF-";
const STREAM: &[u8] = b"stream";
/// How much stands before a stream and says what it is, in bytes; and how much of a page is put together.
const BEFORE: usize = 2 << 10;
const PAGE: usize = 8 << 20;

/// Shows each stream by the number of its object, and beside it what it shows as text.
pub(super) fn read(input: &mut Input<'_>, level: &Level<'_>) -> Result<(), String> {
    let mut before = Vec::new();
    let mut encrypted = false;
    while !level.is_over() {
        let bytes = input.peek(BEFORE).map_err(|error| error.to_string())?;
        if bytes.is_empty() {
            break;
        }
        let at = memmem::find(bytes, STREAM);
        // A word may be cut in two by the end of what is there.
        let end = at.map_or(bytes.len() - (STREAM.len() - 1).min(bytes.len() - 1), |at| at + STREAM.len());
        before.extend_from_slice(&bytes[..end]);
        encrypted |= memmem::find(&before, b"/Encrypt")
            .is_some_and(|at| before.get(at + 8).is_some_and(u8::is_ascii_whitespace));
        input.consume(end);
        before.drain(..before.len().saturating_sub(BEFORE));
        if at.is_some() {
            // The plain text that follows ends in the same word.
            if !before.ends_with(b"endstream") && is_deflated(&before) && !encrypted {
                stream(input, level, &number(&before));
            }
            before.clear();
        }
    }
    if encrypted { Err("it is encrypted, and its streams were not looked at".to_owned()) } else { Ok(()) }
}

/// Whether what stands before a stream says that it is deflated, and no picture: a blank page unpacks a thousandfold.
fn is_deflated(before: &[u8]) -> bool {
    let from = memmem::rfind(before, b" obj").unwrap_or(0);
    let says = |word: &[u8]| memmem::find(&before[from..], word).is_some();
    // What is packed by another filter on top is no deflated data, and is passed by.
    (says(b"/FlateDecode") || says(b"/Fl ")) && !says(b"/Subtype /Image") && !says(b"/Subtype/Image")
}

/// The number of the object that a stream is, as the document says it: `12 0`.
fn number(before: &[u8]) -> Vec<u8> {
    let end = memmem::rfind(before, b" obj").unwrap_or(0);
    let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b' ';
    let start = before[..end].iter().rposition(|byte| !digits(byte)).map_or(0, |at| at + 1);
    let number = before[start..end].trim_ascii();
    if number.is_empty() { b"object".to_vec() } else { [b"object ", number].concat() }
}

fn stream(input: &mut Input<'_>, level: &Level<'_>, name: &[u8]) {
    // The line ends; some writers leave a single CR.
    for end in [b'\r', b'\n'] {
        if input.peek(1).is_ok_and(|bytes| bytes.first() == Some(&end)) {
            input.consume(1);
        }
    }
    if !input.peek(2).is_ok_and(|head| head.len() > 1 && head[0] & 0x0f == 8) {
        return;
    }
    let taken = input.taken();
    let mut page = Kept { decoder: ZlibDecoder::new(&mut *input), page: Vec::new() };
    level.unpacked(name, &mut page, taken);
    let shown = shown(&page.page);
    if !shown.is_empty() {
        level.entry(&[name, b"!text"].concat(), &mut shown.as_slice());
    }
}

/// A stream, of which the beginning is kept. Data that is wrong is its end: a stream may be filtered twice.
struct Kept<D> {
    decoder: D,
    page: Vec<u8>,
}

impl<D: Read> Read for Kept<D> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(out).unwrap_or(0);
        let room = PAGE.saturating_sub(self.page.len());
        self.page.extend_from_slice(&out[..read.min(room)]);
        Ok(read)
    }
}

/// The text that a page's instructions show: what is in one array is one word, however it is spaced; other
/// instructions begin a line.
fn shown(page: &[u8]) -> Vec<u8> {
    let shows = |word: &[u8]| memmem::find(page, word).is_some();
    if !shows(b"TJ") && !shows(b"Tj") {
        return Vec::new();
    }
    let (mut out, mut at, mut in_array) = (Vec::new(), 0, false);
    while let Some(&byte) = page.get(at) {
        at += 1;
        match byte {
            b'(' => at = literal(page, at, &mut out),
            b'<' if page.get(at) != Some(&b'<') => at = hex(page, at, &mut out),
            b'<' => at += 1,
            b'[' => in_array = true,
            b']' => in_array = false,
            b'T' if !in_array && matches!(page.get(at), Some(b'J' | b'j')) => out.push(b'\n'),
            _ => {}
        }
    }
    out
}

/// Reads a string in brackets that begins at `at`; returns where it ends.
fn literal(page: &[u8], mut at: usize, out: &mut Vec<u8>) -> usize {
    let mut depth = 1;
    while let Some(&byte) = page.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let Some(&escaped) = page.get(at) else { break };
                at += 1;
                match escaped {
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'0'..=b'7' => {
                        let digits = page[at - 1..].iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
                        let (code, len) =
                            digits.fold((0_u32, 0), |(code, len), digit| (code * 8 + u32::from(digit - b'0'), len + 1));
                        out.push(code as u8);
                        at += len - 1;
                    }
                    b'\n' => {}
                    other => out.push(other),
                }
                continue;
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        out.push(byte);
    }
    at
}

/// Reads a string of hex digits that begins at `at`; returns where it ends.
fn hex(page: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let len = memchr::memchr(b'>', &page[at..]).unwrap_or(page.len() - at);
    let digits: Vec<u8> =
        page[at..at + len].iter().filter_map(|&byte| char::from(byte).to_digit(16)).map(|digit| digit as u8).collect();
    out.extend(digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)));
    (at + len + 1).min(page.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_page_shows_is_put_together() {
        for (page, text) in [
            ("(one) Tj (two) Tj", "one\ntwo\n"),
            ("[(o)-120(n) 3 (e)] TJ", "one\n"),
            (r"(a\(b\)c\\\101(d)) Tj", "a(b)c\\A(d)\n"),
            ("<6f6E65> Tj <<6f>> BDC", "one\n"),
            ("(nothing is shown)", ""),
            ("TJ (", "\n"),
            ("Tj <6", "\n\u{60}"),
        ] {
            assert_eq!(String::from_utf8_lossy(&shown(page.as_bytes())), text, "{page}");
        }
    }

    #[test]
    fn a_stream_is_told_by_what_stands_before_it() {
        assert!(is_deflated(
            b"1 0 obj <</Subtype/Image/Filter/FlateDecode>> endobj 2 0 obj <</Filter /FlateDecode>> stream"
        ));
        assert!(!is_deflated(b"1 0 obj << /Filter /FlateDecode >> endobj 2 0 obj << /Filter /DCTDecode >> stream"));
        assert!(!is_deflated(b"2 0 obj << /Subtype /Image /Filter /FlateDecode >> stream"));
        assert_eq!(number(b"endobj\n12 0 obj << >>"), b"object 12 0");
        assert_eq!(number(b"<< >>"), b"object");
    }

    proptest! {
        #[test]
        fn any_page_is_read_to_its_end(page in "[()<>\\\\\\[\\]TJj0-9a ]{0,80}") {
            let _ = shown(format!("{page} TJ").as_bytes());
        }
    }
}
