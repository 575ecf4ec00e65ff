//! Comments beside a key that say it may stand there: our own, and those that other scanners heed.
//! Must not know which rules there are, or whether a comment is heeded.

use crate::model::{Span, Text};
use regex::bytes::Regex;
use std::sync::LazyLock;

/// How far from a key a comment may be, in bytes: one at the end of a bundle's only line is not meant for
/// every key in it.
const REACH: usize = 200;

/// What a comment says that a key may stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// The marker, as it stands there.
    pub(super) marker: String,
    /// Whether it is our own, which names a rule and a reason.
    pub(super) own: bool,
    /// What follows the marker.
    pub(super) words: Text,
}

static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let markers = [
        "keylint: *allow(?:-next-?line)?",
        "gitleaks:allow",
        "betterleaks:allow",
        "pragma: ?(?:allow|white)list(?:[ -]nextline)?[ -]secret",
        "trufflehog:ignore",
        "ggignore",
        "kingfisher:(?:ignore|allow)",
        "secretlint-disable-(?:next-)?line",
    ];
    // Neither part of a longer word. Each has one of `PARTS`.
    Regex::new(&format!("(?i-u)(?:^|[^0-9a-z_-])({})(?:[^0-9a-z_-]|$)", markers.join("|"))).ok()
});

/// Words of which every marker has one: it takes longer to make the expression ready than many a scan takes.
const PARTS: [&str; 7] = ["keylint", "leaks:", "pragma", "trufflehog", "ggignore", "kingfisher", "secretlint"];

/// The comments that speak of the key at `span`: those on its line, and those on the line before that speak
/// of the next. `keys` are all spans that must not be shown, in order: there may be very many.
pub(super) fn beside(bytes: &[u8], span: Span, keys: &[Span]) -> Vec<Comment> {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let floor = |from: usize| from.saturating_sub(REACH);
    let begin = bytes[floor(span.start)..span.start].iter().rposition(is_end);
    let begin = begin.map(|at| floor(span.start) + at + 1).or((span.start <= REACH).then_some(0));
    // A marker is within reach, and what it says goes on beyond.
    let line = &bytes[span.end..(span.end + 2 * REACH).min(bytes.len())];
    let end = span.end + line.iter().position(is_end).unwrap_or(line.len());
    let reach = (span.end + REACH).min(end);
    let mut found = Vec::new();
    if let Some(begin) = begin.filter(|begin| *begin > 0) {
        let crlf = bytes[..begin].ends_with(b"\r\n");
        let end = begin - if crlf { 2 } else { 1 };
        let above = bytes[floor(end)..end].iter().rposition(is_end).map_or(floor(end), |at| floor(end) + at + 1);
        markers(bytes, (Span::new(above, end), end), keys, true, &mut found);
    }
    let before = Span::new(begin.unwrap_or(floor(span.start)), span.start);
    markers(bytes, (before, span.start), keys, false, &mut found);
    markers(bytes, (Span::new(span.end, reach), end), keys, false, &mut found);
    found
}

/// Adds the comments within `place` that speak of the next line, or those that speak of their own. What they say ends at
/// `end`.
fn markers(bytes: &[u8], (place, end): (Span, usize), keys: &[Span], of_next: bool, out: &mut Vec<Comment>) {
    let text = &bytes[place.range()];
    let has = |part: &&str| text.windows(part.len()).any(|word| word.eq_ignore_ascii_case(part.as_bytes()));
    let Some(marker) = PARTS.iter().any(has).then(|| MARKER.as_ref()).flatten() else { return };
    let mut at = 0;
    while let Some(found) = marker.captures_at(text, at).and_then(|captures| captures.get(1)) {
        at = found.end();
        let own_place = Span::new(found.start(), found.end()).shifted(place.start);
        let name = String::from_utf8_lossy(found.as_bytes()).into_owned();
        let lower = name.to_ascii_lowercase();
        let next = keys.get(keys.partition_point(|key| key.end <= own_place.start));
        if lower.contains("next") != of_next || next.is_some_and(|key| key.overlaps(own_place)) {
            continue;
        }
        // What is said ends where another key begins: not even a part of that is to be shown.
        let end = next.map_or(end, |key| key.start.min(end));
        out.push(Comment { own: lower.starts_with("keylint"), marker: name, words: words(&bytes[own_place.end..end]) });
    }
}

/// What a comment says, without what ends it.
fn words(rest: &[u8]) -> Text {
    let ends = ["*/", "-->", "#}", "%>"].iter().filter_map(|end| memchr::memmem::find(rest, end.as_bytes()));
    rest[..ends.min().unwrap_or(rest.len())].trim_ascii().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let start = text.find("KEY").expect("a key");
        let keys: Vec<Span> = text.match_indices("KEY").map(|(at, _)| Span::new(at, at + 3)).collect();
        let comments = beside(text.as_bytes(), Span::new(start, start + 3), &keys);
        comments.into_iter().map(|comment| (comment.marker, comment.words.to_string())).collect()
    }

    fn one(text: &str) -> (String, String) {
        let mut all = found(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.remove(0)
    }

    fn said(marker: &str, words: &str) -> (String, String) {
        (marker.to_owned(), words.to_owned())
    }

    #[test]
    fn each_marker_is_known_on_its_line() {
        for marker in [
            "keylint: allow",
            "keylint:allow",
            "keylint:  allow",
            "gitleaks:allow",
            "betterleaks:allow",
            "pragma: allowlist secret",
            "pragma: whitelist secret",
            "trufflehog:ignore",
            "ggignore",
            "kingfisher:ignore",
            "secretlint-disable-line",
        ] {
            assert_eq!(one(&format!("a = 'KEY' # {marker}\n")), said(marker, ""));
            assert_eq!(one(&format!("x\n/* {marker} why */ a = 'KEY'")), said(marker, "why"));
            for other in [
                format!("# {marker}\na = 'KEY'"),
                format!("a = 'KEY'\n# {marker}"),
                format!("a = 'KEY' x{marker}"),
                format!("a = 'KEY' {marker}x"),
                format!("a = 'KEY{}' # {marker}", " ".repeat(REACH)),
                format!("{marker} {}a = 'KEY'", " ".repeat(REACH)),
            ] {
                assert_eq!(found(&other), [], "{other}");
            }
        }
    }

    #[test]
    fn each_marker_of_the_next_line_is_known_on_the_line_before() {
        for marker in [
            "keylint: allow-next-line",
            "keylint: allow-nextline",
            "pragma: allowlist nextline secret",
            "secretlint-disable-next-line",
        ] {
            assert_eq!(one(&format!("x\n# {marker} why\na = 'KEY'")), said(marker, "why"));
            assert_eq!(one(&format!("# {marker}\r\na = 'KEY'")), said(marker, ""));
            for other in [
                format!("a = 'KEY' # {marker}"),
                format!("# {marker}\n\na = 'KEY'"),
                format!("# {marker}\n{}KEY", " ".repeat(REACH + 1)),
            ] {
                assert_eq!(found(&other), [], "{other}");
            }
        }
    }

    #[test]
    fn what_is_said_shows_no_other_key() {
        assert_eq!(one("KEY // keylint: allow some-rule like KEY"), said("keylint: allow", "some-rule like"));
        assert_eq!(one("KEY <!-- ggignore made up -->KEY"), said("ggignore", "made up"));
    }

    #[test]
    fn a_marker_within_reach_is_heard_to_its_end() {
        let text = format!("KEY{} # keylint: allow some-rule {}", " ".repeat(165), "why ".repeat(9));
        assert_eq!(one(&text).1, format!("some-rule {}", "why ".repeat(9).trim()));
    }

    #[test]
    fn a_text_of_markers_alone_ends() {
        assert_eq!(found(&format!("KEY {}", "ggignore ".repeat(5))).len(), 5);
        assert_eq!(found("KEY"), []);
    }
}
