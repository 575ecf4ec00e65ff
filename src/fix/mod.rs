//! Changes that mend how a file handles a secret, where they are mechanical: text in, edits out.
//!
//! Must not know: how files are found, read or written, how findings come about. A change is proposed only where the
//! file does the same afterwards, but for where the key comes from; everything else is for people.

mod gitignore;
mod javascript;
mod python;
mod shell;
mod yaml;

pub use gitignore::with_env_files;

use crate::model::Span;

/// A stretch of a file, and what is to stand there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span is a place to put something in.
    pub span: Span,
    /// What takes its place.
    pub with: String,
}

/// A secret in a file.
#[derive(Clone, Copy, Debug)]
pub struct Literal<'a> {
    /// The path of the file, `/` between its parts.
    pub path: &'a str,
    /// All of its bytes.
    pub bytes: &'a [u8],
    /// Where the secret stands.
    pub span: Span,
    /// The variable that programs read such a secret from.
    pub variable: &'a str,
}

/// The edits that take `literal` out of its file and have it read from the environment instead.
///
/// # Errors
/// Why it is not to be done without a person.
pub fn of_literal(literal: &Literal<'_>) -> Result<Vec<Edit>, &'static str> {
    let name = literal.path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "py" => python::edits(literal),
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => javascript::edits(literal),
        "sh" | "bash" | "zsh" | "ksh" => shell::edits(literal),
        "yml" | "yaml" => yaml::edits(literal),
        _ if literal.bytes.starts_with(b"#!") && first_line(literal.bytes).ends_with(b"sh") => shell::edits(literal),
        _ => Err("no change is known that is safe in such a file"),
    }
}

/// `bytes` with `edits`, none of which overlaps another.
#[must_use]
pub fn applied(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&bytes[at..edit.span.start.max(at)]);
        out.extend_from_slice(edit.with.as_bytes());
        at = edit.span.end.max(at);
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// How the lines of `bytes` end.
fn line_end(bytes: &[u8]) -> &'static str {
    let end = memchr::memchr(b'\n', bytes);
    if end.is_some_and(|end| bytes[..end].ends_with(b"\r")) { "\r\n" } else { "\n" }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end()
}

impl Literal<'_> {
    /// The line before the secret.
    fn before(&self) -> &[u8] {
        let start = memchr::memrchr(b'\n', &self.bytes[..self.span.start]).map_or(0, |end| end + 1);
        &self.bytes[start..self.span.start]
    }

    /// The line after it.
    fn after(&self) -> &[u8] {
        first_line(&self.bytes[self.span.end..])
    }

    /// The secret with its quotes, if it is all that stands between two of the kinds in `quotes`.
    fn quoted(&self, quotes: &[u8]) -> Option<Span> {
        let quote = *self.before().last().filter(|quote| quotes.contains(quote))?;
        let closes = self.after().first() == Some(&quote);
        // Of three quotes, one is not a pair.
        let is_single = !self.before().ends_with(&[quote, quote]) && !self.after().starts_with(&[quote, quote]);
        (closes && is_single).then(|| Span::new(self.span.start - 1, self.span.end + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` after its fix; `KEY` is the secret.
    pub(super) fn fixed(path: &str, text: &str) -> Result<String, &'static str> {
        let at = text.find("KEY0123456789").expect("a key");
        let literal =
            Literal { path, bytes: text.as_bytes(), span: Span::new(at, at + 13), variable: "OPENAI_API_KEY" };
        let edits = of_literal(&literal)?;
        Ok(String::from_utf8(applied(text.as_bytes(), &edits)).expect("text"))
    }

    #[test]
    fn edits_are_applied_from_anywhere() {
        let edit = |start, end, with: &str| Edit { span: Span::new(start, end), with: with.to_owned() };
        assert_eq!(applied(b"abcdef", &[edit(4, 5, "X"), edit(0, 0, ">"), edit(1, 3, "")]), b">adXf");
        assert_eq!(applied(b"", &[]), b"");
    }

    #[test]
    fn what_is_no_code_is_for_people() {
        for path in ["a.md", "Dockerfile", ".env", "a.go", "notebook.ipynb"] {
            assert!(fixed(path, "k = \"KEY0123456789\"").is_err(), "{path}");
        }
    }
}
