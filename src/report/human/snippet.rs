//! A source line with a pointer under the key. Must not know where the line is from.

use super::paint::{self, Paint};
use crate::model::{Severity, Snippet, visible};
use annotate_snippets::{AnnotationKind, Group, Snippet as Source};

/// Longer lines are cut around the key, so that with the indent they fit 120 columns.
const WIDTH: usize = 116;

/// `snippet` as line `number` of its text, or without a number; one string for each line to write.
pub(super) fn lines(snippet: &Snippet, number: Option<u64>, severity: Severity, paint: Paint) -> Vec<String> {
    let (text, pointer) = safe(snippet);
    let source = Source::source(text)
        .line_numbering(number.is_some())
        .line_start(number.and_then(|number| usize::try_from(number).ok()).unwrap_or(1))
        .annotation(pointer);
    let group = Group::with_level(paint::level(severity)).element(source);
    let drawn = paint.renderer().term_width(WIDTH).render(&[group]);
    // The first line is padding below a title, which we have none of.
    drawn.lines().skip(1).map(str::to_owned).collect()
}

/// The text and what to point at in it. Snippets come safe and with a span that fits; one that does
/// not must harm neither the terminal nor the rest of the report.
fn safe(snippet: &Snippet) -> (String, annotate_snippets::Annotation<'static>) {
    let Snippet { text, start, end } = snippet;
    let parts = (text.get(..*start), text.get(*start..*end), text.get(*end..));
    let (Some(before), Some(key), Some(after)) = parts else {
        return (visible(text.as_bytes()), AnnotationKind::Visible.span(0..0));
    };
    let [before, key, after] = [before, key, after].map(|part| visible(part.as_bytes()));
    let span = before.len()..before.len() + key.len();
    ([before, key, after].concat(), AnnotationKind::Primary.span(span).highlight_source(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(before: &str, after: &str, number: Option<u64>) -> Vec<String> {
        let text = format!("{before}sk-…AbC9{after}");
        let end = text.len() - after.len();
        lines(&Snippet { text, start: before.len(), end }, number, Severity::High, Paint::new(false))
    }

    #[test]
    fn the_key_is_pointed_at() {
        assert_eq!(drawn("k = '", "'", Some(7)), ["7 | k = 'sk-…AbC9'", "  |      ^^^^^^^^"]);
    }

    #[test]
    fn tabs_and_wide_characters_do_not_shift_the_pointer() {
        assert_eq!(drawn("\tk=", "", Some(7)), ["7 |     k=sk-…AbC9", "  |       ^^^^^^^^"]);
        assert_eq!(drawn("鍵🔑=", "", Some(7)), ["7 | 鍵🔑=sk-…AbC9", "  |      ^^^^^^^^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_key() {
        for line in drawn(&"before ".repeat(200), &"x".repeat(2000), Some(1_000_000)) {
            assert!(line.chars().count() <= WIDTH + 8, "{line}");
            assert!(line.contains("sk-…AbC9") || line.contains("^^^^^^^^"), "{line}");
        }
    }

    #[test]
    fn a_line_may_have_no_number() {
        assert_eq!(drawn("a/", "/b", None), [" | a/sk-…AbC9/b", " |   ^^^^^^^^"]);
        assert!(drawn("", "", Some(u64::MAX))[0].ends_with("| sk-…AbC9"));
    }

    #[test]
    fn a_snippet_that_is_not_as_promised_harms_nobody() {
        for (text, start, end) in
            [("abc", 2, 9), ("a…c", 2, 3), ("abc", 3, 1), ("", 0, 0), ("", 1, 2), ("a\nb\x1b", 3, 4)]
        {
            let text = text.to_owned();
            let drawn = lines(&Snippet { text, start, end }, Some(1), Severity::Low, Paint::new(false)).concat();
            assert!(!drawn.chars().any(char::is_control), "{drawn:?}");
        }
    }
}
