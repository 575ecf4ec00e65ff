//! What the targets share: the built-in rules made ready, and what holds of hits, of paths and of whatever is shown.
//! Must not know any single target.

use keylint::{matcher::Matcher, model::Hit, rule::Catalog};
use std::sync::LazyLock;

/// The built-in rules, and what finds them.
pub fn rules() -> &'static (Catalog, Matcher) {
    static RULES: LazyLock<(Catalog, Matcher)> = LazyLock::new(|| {
        let catalog = Catalog::builtin();
        let matcher = Matcher::new(&catalog).expect("the built-in rules can be matched");
        (catalog, matcher)
    });
    &RULES
}

/// Checks that `hits` stand in `text`, one behind the other, and that plain ones are what stands there.
pub fn check_hits(hits: &[Hit], text: &[u8]) {
    let mut end = 0;
    for hit in hits {
        assert!(end <= hit.span.start && hit.span.start < hit.span.end, "{:?} after {end}", hit.span);
        let there = text.get(hit.span.range()).expect("a hit stands in the text");
        assert!(!hit.secret.expose().is_empty(), "{:?} has no secret", hit.span);
        assert!(!hit.via.is_empty() || there == hit.secret.expose(), "{:?} does not hold the secret", hit.span);
        end = hit.span.end;
    }
    assert!(hits.is_empty() || rules().1.any(text), "a text with a hit has no candidate");
}

/// Checks that nothing in `shown` can drive a terminal or mislead a reader, line ends and tabs left out.
pub fn check_harmless(shown: &str) {
    let is_harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let found = shown.find(is_harmful);
    assert!(found.is_none(), "{:?} is shown", &shown[found.unwrap_or(0)..].chars().next());
}

/// The first byte of `input`, as a choice among `count`, and the rest.
pub fn choice(input: &[u8], count: usize) -> Option<(usize, &[u8])> {
    input.split_first().map(|(first, rest)| (usize::from(*first) % count, rest))
}

/// The first part of `input`, as long as its first two bytes say, and what follows it.
pub fn part(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([low, high], rest) = input.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes([*low, *high])))
}
