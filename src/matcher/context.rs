//! What must stand around a secret. Must not know rules, or what the text is.

use super::expression::Expression;
use crate::model::Span;
use regex_syntax::hir::Look;
use std::collections::HashMap;

/// What has been asked of one text as a whole, so that it is asked once.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    whole: HashMap<usize, bool>,
}

impl Surroundings {
    /// Whether `pattern`, of the rule with this index, matches anywhere in `text`.
    pub(super) fn somewhere(&mut self, rule: usize, pattern: &Expression, text: &[u8]) -> bool {
        *self.whole.entry(rule).or_insert_with(|| pattern.is_match(text))
    }
}

/// How far around a secret something is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// How many lines before and after its own.
    pub(super) lines: usize,
    /// How many bytes to either side.
    pub(super) within: usize,
}

/// Whether every match of `pattern` ends where the text does: what is meant stands right before the secret.
pub(super) fn ends_with_text(pattern: &str) -> bool {
    if !pattern.contains('$') {
        return false;
    }
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern);
    parsed.is_ok_and(|hir| hir.properties().look_set_suffix().contains(Look::End))
}

/// Whether `pattern` matches on the lines of `span` or on one of the lines around it; before it alone if `before`.
pub(super) fn is_near(pattern: &Expression, text: &[u8], span: Span, reach: Reach, before: bool) -> bool {
    let Reach { lines, within } = reach;
    let floor = span.start.saturating_sub(within);
    let ceiling = (span.end + within).min(text.len());
    let mut newlines = memchr::memrchr_iter(b'\n', &text[floor..span.start]);
    let start = newlines.nth(lines).map_or(floor, |at| floor + at + 1);
    let mut after = memchr::memchr_iter(b'\n', &text[span.end..ceiling]);
    let end = after.nth(lines).map_or(ceiling, |at| span.end + at);
    // The secret itself is no context: its random letters could spell anything.
    pattern.is_match(&text[start..span.start]) || (!before && pattern.is_match(&text[span.end..end]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::expression::Use;

    fn near(text: &str, lines: usize) -> bool {
        let at = text.find('#').expect("a secret");
        let reach = Reach { lines, within: 1024 };
        is_near(&Expression::new("openai".to_owned(), Use::Try), text.as_bytes(), Span::new(at, at + 1), reach, false)
    }

    #[test]
    fn what_ends_with_the_text_is_meant_to_stand_right_before_the_secret() {
        assert!(ends_with_text("(?-u)key[=:]$") && ends_with_text("(?:a|b)[=:]{1,2}$"));
        for other in ["key", "key$|name", "$x?", r"key\$", "key("] {
            assert!(!ends_with_text(other), "{other}");
        }
        let pattern = Expression::new("key=$".to_owned(), Use::Try);
        let near = |text: &str, before| {
            let at = text.find('#').expect("a secret");
            is_near(&pattern, text.as_bytes(), Span::new(at, at + 1), Reach { lines: 1, within: 80 }, before)
        };
        assert!(near("key=#", true) && near("#\nkey=\n", false));
        assert!(!near("#\nkey=\n", true));
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
