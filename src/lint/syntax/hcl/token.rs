//! HCL's tokens: names, strings with what is nested in them, heredocs. Must not know how they make blocks.

use super::super::slice::Slice;

/// A token, with where it begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// The end of a line, or of a comment that goes on to it.
    Newline,
    /// A word that could be a name.
    Name(Slice<'a>),
    /// A text in quotes or a heredoc: what is in it, and whether nothing of it is computed.
    Text { content: Slice<'a>, is_plain: bool, is_heredoc: bool },
    /// A sign by itself: a bracket, `=`, `:`, `,` or `.`.
    Sign(u8),
    /// Anything else: numbers, operators, what is no HCL.
    Other,
}

/// The tokens of a file. Comments that end within a line are passed over as blanks are.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    file: &'a [u8],
    at: usize,
    /// Whether a string's `${` was found not to close before the end of the file. A string does not go over lines from
    /// then on: to look for each end in vain would take time with the square of the length.
    is_broken: bool,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl<'a> Tokens<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self { file, at: if file.starts_with(BOM) { BOM.len() } else { 0 }, is_broken: false }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.file.get(at).copied()
    }

    fn rest(&self, at: usize) -> &'a [u8] {
        self.file.get(at..).unwrap_or_default()
    }

    /// Where the line around `at` ends, before its line feed.
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', self.rest(at)).map_or(self.file.len(), |len| at + len)
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.rest(self.at) {
                [b' ' | b'\t' | b'\r', ..] => self.at += 1,
                [b'/', b'*', rest @ ..] => {
                    let len = memchr::memmem::find(rest, b"*/").map_or(rest.len(), |at| at + 2);
                    self.at += 2 + len;
                }
                [b'#', ..] | [b'/', b'/', ..] => self.at = self.line_end(self.at),
                _ => return,
            }
        }
    }

    /// Where the name at `at` ends.
    fn name_end(&self, at: usize) -> usize {
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..);
        at + self.rest(at).iter().take_while(is_name).count()
    }

    /// The text in quotes that begins at `start`, and where it ends. Without a closing quote it ends with its line.
    fn quoted(&mut self, start: usize) -> (Kind<'a>, usize) {
        let (close, is_plain) = match self.close(start + 1) {
            Ok(closed) => closed,
            Err(at) => {
                let line_end = self.line_end(start);
                self.is_broken |= at > line_end;
                (line_end, false)
            }
        };
        let content = Slice::of(self.file, start + 1, close);
        let end = close + usize::from(self.byte(close) == Some(b'"'));
        (Kind::Text { content, is_plain, is_heredoc: false }, end)
    }

    /// Where the text that begins at `at` closes, and whether nothing of it is computed; or where it shows that a `${`
    /// in it does not close.
    ///
    /// A `${` holds an expression, which may hold texts, and so on: what is open is kept in a stack.
    fn close(&self, mut at: usize) -> Result<(usize, bool), usize> {
        let (mut open, mut is_plain) = (vec![b'"'], true);
        loop {
            let in_text = open.last() == Some(&b'"');
            match self.rest(at) {
                // No text goes over lines, but an expression in it may.
                [] | [b'\n', ..] if open.len() == 1 => return Ok((at, false)),
                [] => return Err(at),
                [b'\n', ..] if in_text || self.is_broken => return Err(at),
                [b'\\', next, ..] if in_text && *next != b'\n' => at += 2,
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] if in_text => at += 3,
                [b'$' | b'%', b'{', ..] if in_text => {
                    open.push(b'{');
                    is_plain = false;
                    at += 2;
                }
                [b'"', ..] if in_text => {
                    open.pop();
                    if open.is_empty() {
                        return Ok((at, is_plain));
                    }
                    at += 1;
                }
                [byte @ (b'"' | b'{'), ..] if !in_text => {
                    open.push(*byte);
                    at += 1;
                }
                [b'}', ..] if !in_text => {
                    open.pop();
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// The heredoc that begins at `start`, and where it ends: behind its last line's name. Without such a line it goes
    /// on to the end of the file.
    fn heredoc(&self, start: usize) -> Option<(Kind<'a>, usize)> {
        let name = start + 2 + usize::from(self.byte(start + 2) == Some(b'-'));
        let name = Slice::of(self.file, name, self.name_end(name));
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        let line_end = name.span.end + self.rest(name.span.end).iter().take_while(is_blank).count();
        if name.span.is_empty() || !matches!(self.byte(line_end), None | Some(b'\n')) {
            return None;
        }
        let first = (line_end + 1).min(self.file.len());
        let mut line = first;
        while line < self.file.len() {
            let end = self.line_end(line);
            let text = Slice::of(self.file, line, end).trimmed();
            if text.text == name.text {
                return Some((self.heredoc_text(first, line), text.span.end));
            }
            line = end + 1;
        }
        Some((self.heredoc_text(first, self.file.len()), self.file.len()))
    }

    fn heredoc_text(&self, start: usize, end: usize) -> Kind<'a> {
        let content = Slice::of(self.file, start, end);
        let is_computed = |at: usize| {
            let sign = content.text[at];
            let is_escaped = at > 0 && content.text[at - 1] == sign;
            content.text.get(at + 1) == Some(&b'{') && !is_escaped
        };
        let is_plain = !memchr::memchr2_iter(b'$', b'%', content.text).any(is_computed);
        Kind::Text { content, is_plain, is_heredoc: true }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        let start = self.at;
        let (kind, end) = match self.rest(start) {
            [] => return None,
            [b'\n', ..] => (Kind::Newline, start + 1),
            [b'"', ..] => self.quoted(start),
            [b'<', b'<', ..] => self.heredoc(start).unwrap_or((Kind::Other, start + 2)),
            [b'=', b'=' | b'>', ..] | [b'!' | b'<' | b'>', b'=', ..] => (Kind::Other, start + 2),
            [sign @ (b'{' | b'}' | b'[' | b']' | b'(' | b')' | b'=' | b':' | b',' | b'.'), ..] => {
                (Kind::Sign(*sign), start + 1)
            }
            [first, ..] => match self.name_end(start) {
                end if end == start => (Kind::Other, start + 1),
                end if first.is_ascii_digit() || *first == b'-' => (Kind::Other, end),
                end => (Kind::Name(Slice::of(self.file, start, end)), end),
            },
        };
        self.at = end;
        Some(Token { kind, start, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str) -> Vec<(&str, bool)> {
        let of = |token: Token<'_>| match token.kind {
            Kind::Text { content, is_plain, .. } => Some((&file[content.span.range()], is_plain)),
            _ => None,
        };
        Tokens::new(file.as_bytes()).filter_map(of).collect()
    }

    fn shape(file: &str) -> String {
        let of = |token: Token<'_>| match token.kind {
            Kind::Newline => '\n',
            Kind::Name(_) => 'n',
            Kind::Text { .. } => 't',
            Kind::Sign(sign) => char::from(sign),
            Kind::Other => '?',
        };
        Tokens::new(file.as_bytes()).map(of).collect()
    }

    #[test]
    fn signs_and_operators() {
        assert_eq!(shape("a-b_1 = {c:[1,-2.5e3]}"), "n={n:[?,?.?]}");
        assert_eq!(shape("a == b => c <= d >= e != f ? g && h"), "n?n?n?n?n?n?n??n");
        assert_eq!(shape("\u{feff}\u{e9} = \"\"\r\n"), "n=t\n");
        assert_eq!(shape("a << b"), "n?n");
    }

    #[test]
    fn comments_are_blanks() {
        assert_eq!(shape("a # b\n// c\n/* d\n # */ e /* f"), "n\n\nn");
        assert_eq!(shape("a /*/ b */ c"), "nn");
    }

    #[test]
    fn texts_end_at_their_quote() {
        assert_eq!(texts(r#""a" "b \" c" "d\\""#), [("a", true), (r#"b \" c"#, true), (r"d\\", true)]);
        assert_eq!(texts("\"$${a} %%{b} $c %d\""), [("$${a} %%{b} $c %d", true)]);
        assert_eq!(texts("\"${a}\" \"%{ if b }\""), [("${a}", false), ("%{ if b }", false)]);
        assert_eq!(texts("\"${a[\"b\"]}-${ {\"}\" = \"${c}\"}\n}\" \"d\"").len(), 2);
    }

    #[test]
    fn texts_that_do_not_close_end_with_their_line() {
        assert_eq!(texts("\"a\n\"b\""), [("a", false), ("b", true)]);
        assert_eq!(texts("\"a\\\n\"b\""), [("a\\", false), ("b", true)]);
        assert_eq!(texts("\"${a\n\"b\"\n"), [("${a", false), ("b", true)]);
        assert_eq!(texts("\"${a\n\"b${c\n}\"\n\"d\""), [("${a", false), ("b${c", false), ("", false), ("d", true)]);
        assert_eq!(texts("\"a"), [("a", false)]);
        assert_eq!(texts("\"a\\"), [("a\\", false)]);
    }

    #[test]
    fn heredocs_end_at_their_name() {
        assert_eq!(texts("a = <<-E\r\n  b\n  E \nc = \"d\""), [("  b\n", true), ("d", true)]);
        assert_eq!(texts("<<E\n${b}\nE"), [("${b}\n", false)]);
        assert_eq!(texts("<<E\n$${b} $\nE"), [("$${b} $\n", true)]);
        assert_eq!(texts("<<E\nE\n<<F\nb E\n"), [("", true), ("b E\n", true)]);
        assert_eq!(texts("a << E\nb\nE"), []);
    }
}
