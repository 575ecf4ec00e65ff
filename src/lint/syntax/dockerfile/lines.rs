//! The lines of a file, and those of an instruction put together. Must not know what instructions mean.

use super::{joined::Joined, words::is_blank};
use crate::model::Span;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The lines of a file, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    file: &'a [u8],
    at: usize,
    end_of_last: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        Self { file, at: if file.starts_with(BOM) { BOM.len() } else { 0 }, end_of_last: 0 }
    }

    /// Where the next line begins.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Where the line before it ends.
    pub(super) const fn end_of_last(&self) -> usize {
        self.end_of_last
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self) -> Option<Span> {
        let rest = self.file.get(self.at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let returns = rest[..len].iter().rev().take_while(|byte| **byte == b'\r').count();
        let line = Span::new(self.at, self.at + len - returns);
        self.at = self.file.len().min(self.at + len + 1);
        self.end_of_last = line.end;
        Some(line)
    }

    pub(super) fn text(&self, line: Span) -> &'a [u8] {
        &self.file[line.range()]
    }

    /// The next instruction, its lines joined. Comments and empty lines are passed over, also between its lines.
    pub(super) fn instruction(&mut self, escape: u8) -> Option<Joined> {
        let mut joined = None;
        while let Some(line) = self.next() {
            let text = self.text(line);
            if matches!(text.iter().find(|byte| !is_blank(**byte)), None | Some(b'#')) {
                continue;
            }
            let kept = continued(text, escape);
            let joined = joined.get_or_insert_with(Joined::default);
            joined.push(self.file, Span::new(line.start, line.start + kept.unwrap_or(text.len())));
            if kept.is_none() {
                break;
            }
        }
        joined
    }
}

/// How much of `line` counts if the next one continues it: it ends with an escape, which is not escaped itself, and
/// maybe blanks.
fn continued(line: &[u8], escape: u8) -> Option<usize> {
    let blanks = line.iter().rev().take_while(|byte| matches!(**byte, b' ' | b'\t')).count();
    let kept = line[..line.len() - blanks].strip_suffix(&[escape])?;
    (kept.last() != Some(&escape)).then_some(kept.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_at_its_end() {
        let mut lines = Lines::new(b"\xef\xbb\xbfa\r\n\nb\r");
        let spans: Vec<Span> = std::iter::from_fn(|| lines.next()).collect();
        assert_eq!(spans, [Span::new(3, 4), Span::new(6, 6), Span::new(7, 8)]);
        assert_eq!(lines.at(), 9);
    }

    #[test]
    fn a_line_goes_on_after_an_escape_that_is_not_escaped() {
        assert_eq!(continued(b"a \\", b'\\'), Some(2));
        assert_eq!(continued(b"a \\ \t", b'\\'), Some(2));
        assert_eq!(continued(b"\\", b'\\'), Some(0));
        assert_eq!(continued(b"a \\\\", b'\\'), None);
        assert_eq!(continued(b"a \\", b'`'), None);
        assert_eq!(continued(b"a `", b'`'), Some(2));
        assert_eq!(continued(b"", b'\\'), None);
    }

    #[test]
    fn comments_and_empty_lines_between_lines_are_passed_over() {
        let file = b"\n# a \\\n  RUN b \\\n  # c\n\n \t\n    d \\\n#\ne\nf";
        let mut lines = Lines::new(file);
        let joined = lines.instruction(b'\\').expect("an instruction");
        assert_eq!(joined.all(), b"  RUN b     d e");
        assert_eq!(lines.end_of_last(), file.len() - 2);
    }
}
