//! `.env` files: names, values, and how they are written. Must not know what a name or a value means.
//!
//! Loaders differ. Where they do, this takes the reading that shows most: values in any quotes may go over several
//! lines, `NAME: value` counts, and quotes that do not close are part of a value that ends with its line. Escapes and
//! `${X}` are left as they stand.

use super::slice::Slice;
use crate::model::Span;

/// A name with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// The name.
    pub(crate) name: Slice<'a>,
    /// The value, without its quotes. It may be empty.
    pub(crate) value: Slice<'a>,
    /// What the value is in.
    pub(crate) quote: Quote,
    /// Whether `export` stands before the name.
    pub(crate) is_exported: bool,
    /// Whether all of it is in a comment.
    pub(crate) is_commented: bool,
}

/// What a value is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// Nothing.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `` `…` ``
    Backtick,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The entries of a file, in its order. What is no entry is passed over, a line at a time.
pub(crate) fn read(bytes: &[u8]) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    let mut at = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    while at < bytes.len() {
        let line = Span::new(at, line_end(bytes, at));
        at = line.end + 1;
        if let Some((entry, end)) = entry(bytes, line) {
            entries.push(entry);
            at = at.max(end);
        }
    }
    entries
}

/// The entry that begins on `line`, and where it ends.
fn entry(bytes: &[u8], line: Span) -> Option<(Entry<'_>, usize)> {
    let hashes = |byte: &u8| *byte == b'#' || is_blank(*byte);
    let blanks = |byte: &u8| is_blank(*byte);
    let mut at = skip(bytes, line, blanks);
    let is_commented = bytes.get(at) == Some(&b'#');
    at = skip(bytes, Span::new(at, line.end), hashes);
    let after = bytes[at..line.end].strip_prefix(b"export").filter(|rest| rest.first().is_some_and(blanks));
    if let Some(rest) = after {
        at = skip(bytes, Span::new(line.end - rest.len(), line.end), blanks);
    }
    let name = Slice::of(bytes, at, skip(bytes, Span::new(at, line.end), |byte| is_name(*byte)));
    if name.span.is_empty() {
        return None;
    }
    let sign = skip(bytes, Span::new(name.span.end, line.end), blanks);
    match bytes[sign..line.end] {
        [b'=', ..] => {}
        // In comments this would be prose. `NAME:value` is what no loader takes for an entry.
        [b':'] if !is_commented => {}
        [b':', next, ..] if !is_commented && is_blank(next) => {}
        _ => return None,
    }
    let rest = Span::new(sign + 1, line.end);
    let quoted = quoted(bytes, rest, if is_commented { line.end } else { bytes.len() });
    let (value, quote) = quoted.unwrap_or_else(|| (bare(bytes, rest), Quote::None));
    Some((Entry { name, value, quote, is_exported: after.is_some(), is_commented }, line_end(bytes, value.span.end)))
}

/// The value in quotes that begins in `rest` of a line, if it ends before `limit` and nothing but a comment follows.
///
/// An opening quote follows a blank or a sign and is never escaped, so a search for the end stops at the next one of
/// its kind: however many of them fail, no byte is looked at more than once for each kind.
fn quoted(bytes: &[u8], rest: Span, limit: usize) -> Option<(Slice<'_>, Quote)> {
    let open = skip(bytes, rest, |byte| is_blank(*byte));
    let mark = bytes[open..rest.end].first().copied()?;
    let quote = match mark {
        b'\'' => Quote::Single,
        b'"' => Quote::Double,
        b'`' => Quote::Backtick,
        _ => return None,
    };
    let mut close = open + 1;
    loop {
        close += memchr::memchr2(mark, b'\\', bytes.get(close..limit)?)?;
        if bytes[close] == mark {
            break;
        }
        close += 2;
    }
    let after = Span::new(close + 1, line_end(bytes, close + 1));
    let next = bytes[skip(bytes, after, |byte| is_blank(*byte))..after.end].first();
    next.is_none_or(|next| *next == b'#').then(|| (Slice::of(bytes, open + 1, close), quote))
}

/// The value without quotes in `rest` of a line: up to a comment, which begins after a blank.
fn bare(bytes: &[u8], rest: Span) -> Slice<'_> {
    let text = &bytes[rest.range()];
    let is_comment = |at: &usize| *at > 0 && is_blank(text[at - 1]);
    let end = memchr::memchr_iter(b'#', text).find(is_comment).map_or(rest.end, |at| rest.start + at);
    let value = Slice::of(bytes, rest.start, end).trimmed();
    // An empty value stands right behind the sign.
    if value.span.is_empty() { Slice::of(bytes, rest.start, rest.start) } else { value }
}

/// Where in `span` the first byte stands that is not `wanted`.
fn skip(bytes: &[u8], span: Span, wanted: impl Fn(&u8) -> bool) -> usize {
    bytes[span.range()].iter().position(|byte| !wanted(byte)).map_or(span.end, |at| span.start + at)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let from = from.min(bytes.len());
    memchr::memchr2(b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |at| from + at)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c')
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> (&str, &str, Quote) {
        let entries = read(text.as_bytes());
        let [entry] = entries.as_slice() else { panic!("{text}: {entries:?}") };
        assert_eq!(&text.as_bytes()[entry.name.span.range()], entry.name.text, "{text}");
        assert_eq!(&text.as_bytes()[entry.value.span.range()], entry.value.text, "{text}");
        (&text[entry.name.span.range()], &text[entry.value.span.range()], entry.quote)
    }

    fn names(text: &str) -> Vec<&str> {
        read(text.as_bytes()).iter().map(|entry| &text[entry.name.span.range()]).collect()
    }

    #[test]
    fn values_without_quotes_end_with_the_line_or_a_comment() {
        assert_eq!(one("A=b"), ("A", "b", Quote::None));
        assert_eq!(one("  A.b-c_1  =  b c \t\r\n"), ("A.b-c_1", "b c", Quote::None));
        assert_eq!(one("A=b # c"), ("A", "b", Quote::None));
        assert_eq!(one("A=b\t#c"), ("A", "b", Quote::None));
        assert_eq!(one("A=b#c"), ("A", "b#c", Quote::None));
        assert_eq!(one("A=#c"), ("A", "#c", Quote::None));
        assert_eq!(one("A=${B}/c$D"), ("A", "${B}/c$D", Quote::None));
        assert_eq!(one("A=b=c"), ("A", "b=c", Quote::None));
    }

    #[test]
    fn an_empty_value_stands_behind_the_sign() {
        for text in ["A=", "A=   ", "A= # c", "A=\r\n"] {
            let entries = read(text.as_bytes());
            assert_eq!(entries[0].value.span, Span::new(2, 2), "{text}");
        }
        assert_eq!(one("A=\"\" # c"), ("A", "", Quote::Double));
    }

    #[test]
    fn quotes_are_not_part_of_the_value() {
        assert_eq!(one("A=\"b # c\" # d"), ("A", "b # c", Quote::Double));
        assert_eq!(one("A= 'b \"c\"'"), ("A", "b \"c\"", Quote::Single));
        assert_eq!(one("A=`b 'c'`"), ("A", "b 'c'", Quote::Backtick));
        assert_eq!(one(r#"A="b \" c""#), ("A", r#"b \" c"#, Quote::Double));
        assert_eq!(one(r#"A="b \\""#), ("A", r"b \\", Quote::Double));
    }

    #[test]
    fn quoted_values_go_over_lines() {
        assert_eq!(one("A=\"b\r\nB=c\nd\" # e\n"), ("A", "b\r\nB=c\nd", Quote::Double));
        assert_eq!(names("A=\"b\nc\"\nB=d\n"), ["A", "B"]);
    }

    #[test]
    fn quotes_that_do_not_close_or_do_not_enclose_are_part_of_the_value() {
        assert_eq!(one("A=\"b"), ("A", "\"b", Quote::None));
        assert_eq!(one("A=\"b\"c"), ("A", "\"b\"c", Quote::None));
        assert_eq!(one("A=\"b\\"), ("A", "\"b\\", Quote::None));
        assert_eq!(one("A=it's"), ("A", "it's", Quote::None));
        assert_eq!(names("A=\"b\nB=c\n"), ["A", "B"]);
        assert_eq!(names("A='tis\nB='c'\nC=d"), ["A", "B", "C"]);
    }

    #[test]
    fn export_is_no_part_of_the_name() {
        assert!(read(b"export A=b")[0].is_exported);
        assert_eq!(one("export\tA=b").0, "A");
        assert!(!read(b"exported=b")[0].is_exported);
        assert_eq!(one("export=b").0, "export");
    }

    #[test]
    fn a_commented_entry_is_remembered() {
        for text in ["#A=b", "# A = b", "## export A='b' # c"] {
            assert_eq!(one(text).0, "A", "{text}");
            assert_eq!(one(text).1, "b", "{text}");
            assert!(read(text.as_bytes())[0].is_commented, "{text}");
        }
        assert!(!read(b"A=b # c")[0].is_commented);
        assert_eq!(names("# Note: this is prose\n# set A=b\n#\n"), [""; 0]);
        assert_eq!(names("# A=\"b\nB=\"c\"\n"), ["A", "B"]);
    }

    #[test]
    fn a_colon_counts_before_a_blank() {
        assert_eq!(one("A: b # c"), ("A", "b", Quote::None));
        assert_eq!(one("A: 'b'"), ("A", "b", Quote::Single));
        assert_eq!(one("A:\n"), ("A", "", Quote::None));
        assert_eq!(names("A:b\nhttp://c\n"), [""; 0]);
    }

    #[test]
    fn what_is_no_entry_is_passed_over() {
        assert_eq!(names("A\n= b\n\n  \nA b=c\n-\u{e9}=1\n[x]\nB=c"), ["B"]);
        assert_eq!(names("\u{feff}A=b\rB=c\r\nC=d"), ["A", "B", "C"]);
        assert_eq!(read(b"A=\xff\xfe").len(), 1);
    }

    #[test]
    fn large_input_is_read_in_one_go() {
        for line in ["A=\"\n", "A='\\\n", "A=`\"x\n", "A=\"x\" y\n", "#", "\\", "A=\"\\\"\n", "A='b\nA=\"c\nA=`d\n"] {
            let text = line.repeat(1_000_000 / line.len());
            assert!(read(text.as_bytes()).len() <= text.len());
        }
    }

    proptest! {
        #[test]
        fn entries_stand_in_the_file_one_after_the_other(
            bytes in prop::collection::vec(
                prop_oneof![
                    prop::sample::select(&b"AB=:#\"'`\\ \t\r\n"[..]),
                    any::<u8>(),
                ],
                0..200,
            ),
        ) {
            let mut at = 0;
            for entry in read(&bytes) {
                for slice in [entry.name, entry.value] {
                    prop_assert!(at <= slice.span.start && slice.span.start <= slice.span.end);
                    prop_assert_eq!(slice.text, &bytes[slice.span.range()]);
                    at = slice.span.end;
                }
                prop_assert!(!entry.name.span.is_empty());
            }
        }
    }
}
