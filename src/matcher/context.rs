//! What must stand around a secret. Must not know rules, or what the text is.

use crate::model::Span;
use regex::bytes::Regex;
use std::collections::HashMap;

/// What has been asked of one text as a whole, so that it is asked once.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    whole: HashMap<usize, bool>,
}

impl Surroundings {
    /// Whether `pattern`, of the rule with this index, matches anywhere in `text`.
    pub(super) fn somewhere(&mut self, rule: usize, pattern: &Regex, text: &[u8]) -> bool {
        *self.whole.entry(rule).or_insert_with(|| pattern.is_match(text))
    }
}

/// Whether `pattern` matches on the lines of `span` or on one of the `lines` before or after, no more than
/// `within` bytes away.
pub(super) fn is_near(pattern: &Regex, text: &[u8], span: Span, lines: usize, within: usize) -> bool {
    let floor = span.start.saturating_sub(within);
    let ceiling = (span.end + within).min(text.len());
    let mut before = memchr::memrchr_iter(b'\n', &text[floor..span.start]);
    let start = before.nth(lines).map_or(floor, |at| floor + at + 1);
    let mut after = memchr::memchr_iter(b'\n', &text[span.end..ceiling]);
    let end = after.nth(lines).map_or(ceiling, |at| span.end + at);
    // The secret itself is no context: its random letters could spell anything.
    pattern.is_match(&text[start..span.start]) || pattern.is_match(&text[span.end..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str, lines: usize) -> bool {
        let at = text.find('#').expect("a secret");
        is_near(&Regex::new("openai").expect("a pattern"), text.as_bytes(), Span::new(at, at + 1), lines, 1024)
    }

    #[test]
    fn looks_at_its_own_line_and_as_many_around_as_asked() {
        assert!(near("openai = #", 0));
        assert!(near("# openai", 0));
        assert!(!near("openai\n#", 0));
        assert!(near("openai\n#", 1));
        assert!(!near("openai\n\n#", 1));
        assert!(near("#\n\nopenai", 2));
        assert!(!near("#\n\n\nopenai", 2));
    }

    #[test]
    fn a_line_without_end_is_looked_at_in_part() {
        assert!(!near(&format!("openai{}#", " ".repeat(2000)), 0));
        assert!(near(&format!("openai{}#", " ".repeat(1000)), 0));
    }
}
