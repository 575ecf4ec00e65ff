//! Heredocs: which of them an instruction's words open, and the lines of the file that belong to each. Must not know
//! which instruction it is.

use super::{joined::Part, lines::Lines};
use crate::model::Span;

/// A heredoc: `<<EOF` and the lines up to one that says `EOF`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heredoc {
    /// What opens it, as it stands among the words: `3<<-"EOF"`.
    pub(crate) opener: Part,
    /// Its lines, without the one that ends it. Without an end it goes on to the end of the file.
    pub(crate) body: Span,
    /// Whether its name is in quotes: variables in the body stay as they are.
    pub(crate) is_literal: bool,
    /// Whether the tabs at the start of its lines do not count: `<<-`.
    pub(crate) is_indented: bool,
    /// Whether there is a line that ends it.
    pub(crate) is_closed: bool,
}

/// The heredocs that `words` open, in their order; `lines` goes on behind the last one's end.
pub(super) fn heredocs(text: &[u8], words: &[Part], lines: &mut Lines<'_>) -> Vec<Heredoc> {
    let mut heredocs = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((is_indented, start)) = opening(text, *word) else { continue };
        // There may be blanks before the name.
        let name = match words.get(at + 1) {
            Some(next) if start == word.end && !is_indented => *next,
            _ => Part::new(start, word.end),
        };
        let bytes = &text[name.start..name.end];
        if bytes.is_empty() || bytes.contains(&b'<') {
            continue;
        }
        let opener = Part::new(word.start, name.end);
        let is_literal = bytes.iter().any(|byte| matches!(byte, b'\'' | b'"'));
        let (body, is_closed) = body(lines, &plain(bytes), is_indented);
        heredocs.push(Heredoc { opener, body, is_literal, is_indented, is_closed });
    }
    heredocs
}

/// Whether `word` begins with `<<` or `<<-`, after a file's number; then also where its name begins.
fn opening(text: &[u8], word: Part) -> Option<(bool, usize)> {
    let bytes = &text[word.start..word.end];
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = bytes[digits..].strip_prefix(b"<<")?;
    let is_indented = rest.first() == Some(&b'-');
    Some((is_indented, word.end - rest.len() + usize::from(is_indented)))
}

/// A name without quotes and escapes.
fn plain(name: &[u8]) -> Vec<u8> {
    let (mut plain, mut quote, mut bytes) = (Vec::new(), None, name.iter().copied());
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None | Some(b'"'), b'\\') => plain.extend(bytes.next()),
            _ => plain.push(byte),
        }
    }
    plain
}

/// The lines up to the one that says `name`, and whether there is one.
fn body(lines: &mut Lines<'_>, name: &[u8], is_indented: bool) -> (Span, bool) {
    let start = lines.at();
    loop {
        let before = lines.at();
        let Some(line) = lines.next() else { return (Span::new(start, before), false) };
        let text = lines.text(line);
        let tabs = if is_indented { text.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
        if &text[tabs..] == name {
            return (Span::new(start, before), true);
        }
    }
}
