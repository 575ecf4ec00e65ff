//! Offsets as lines and columns, and the part of a line to show. Must not know what a hit is worth.

use crate::{
    matcher::random_words,
    model::{Position, Secret, Snippet, Span, visible},
    source::Piece,
};

/// How much of a line is shown on each side of a secret, in bytes.
const SHOWN: usize = 80;

/// Counts lines and characters in a piece, onwards only, so that many places cost one pass.
pub(super) struct Cursor<'a> {
    piece: &'a Piece<'a>,
    at: usize,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(piece: &'a Piece<'a>) -> Self {
        Self { piece, at: 0, line: piece.lines + 1, column: piece.column + 1 }
    }

    /// Where `span` stands; spans come in order of their starts.
    pub(super) fn locate(&mut self, span: Span) -> Position {
        self.advance(span.start);
        let (line, column) = (self.line, self.column);
        let mut end = Cursor { piece: self.piece, at: self.at, line, column };
        end.advance(span.end);
        Position {
            line,
            column,
            end_line: end.line,
            end_column: end.column,
            offset: self.piece.offset + span.start as u64,
            length: span.len() as u64,
        }
    }

    fn advance(&mut self, to: usize) {
        let bytes = self.piece.bytes;
        let mut start = self.at.min(to);
        for at in memchr::memchr2_iter(b'\n', b'\r', &bytes[start..to]).map(|at| at + self.at) {
            // A CR ends a line by itself unless an LF follows, which then ends it.
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                self.line += 1;
                self.column = 1;
                start = at + 1;
            }
        }
        self.column += characters(&bytes[start..to]);
        self.at = to;
    }
}

/// How many characters there are: Unicode scalar values, and bytes that are part of none.
fn characters(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum::<usize>() as u64
}

/// What of `shown` looks drawn at random and is none of `secrets`: a key that no rule takes for one, or what runs on from
/// a key.
fn unknown(bytes: &[u8], secrets: &[(Span, &Secret)], shown: Span) -> Vec<Span> {
    let behind = secrets.partition_point(|(span, _)| span.end <= shown.start);
    let mut low = secrets[..behind].last().map_or(0, |(span, _)| span.end);
    let mut words = Vec::new();
    let ends = secrets[behind..].iter().map(|(span, _)| (span.start, span.end)).chain([(bytes.len(), bytes.len())]);
    // A secret is no part of the word that it stands in: what is before it is its name, most of the time.
    for (high, next) in ends {
        let (start, end) = (shown.start.max(low), shown.end.min(high));
        if start < end {
            let found = random_words(&bytes[low..high], Span::new(start - low, end - low));
            words.extend(found.map(|word| Span::new((word.start + low).max(start), (word.end + low).min(end))));
        }
        if shown.end <= high {
            break;
        }
        low = next;
    }
    words
}

/// The line around the secret at `spans[this]`, with all of `spans` masked, and whatever else looks like a secret; nothing
/// is masked if secrets are to be shown in `clear`.
pub(super) fn snippet(bytes: &[u8], spans: &[(Span, &Secret)], this: usize, clear: bool) -> Snippet {
    let (span, secret) = spans[this];
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let mut start = span.start.saturating_sub(SHOWN);
    let mut end = (span.end + SHOWN).min(bytes.len());
    start = bytes[start..span.start].iter().rposition(is_end).map_or(start, |at| start + at + 1);
    end = bytes[span.end..end].iter().position(is_end).map_or(end, |at| span.end + at);
    // A neighbour is shown by its mask or not at all: never in part. Secrets stand in order, and there may be very many.
    let ending_behind = |at: usize| spans.partition_point(|(other, _)| other.end <= at);
    if let Some((other, _)) = spans.get(ending_behind(start)).filter(|(other, _)| other.start < start) {
        start = other.end.min(span.start);
    }
    if let Some((other, _)) = spans.get(ending_behind(end)).filter(|(other, _)| other.start < end) {
        end = other.start.max(span.end);
    }
    let mask = |secret: &Secret| if clear { visible(secret.expose()) } else { secret.masked() };
    let first = spans.partition_point(|(other, _)| other.start < start);
    let shown = spans[first..].iter().take_while(|(other, _)| other.end <= end);
    let mut hidden: Vec<(Span, String)> = shown.map(|(other, secret)| (*other, mask(secret))).collect();
    if !clear {
        let words = unknown(bytes, spans, Span::new(start, end));
        hidden.extend(words.into_iter().map(|word| (word, "…".to_owned())));
        hidden.sort();
    }
    let (mut text, mut at) = (String::new(), start);
    let mut place = 0..0;
    for (other, mask) in hidden {
        text.push_str(&visible(&bytes[at..other.start]));
        let begin = text.len();
        text.push_str(&mask);
        if other == span {
            place = begin..text.len();
        }
        at = other.end;
    }
    text.push_str(&visible(&bytes[at..end]));
    if place.is_empty() {
        text = mask(secret);
        place = 0..text.len();
    }
    let indent = text.len() - text.trim_start().len();
    let indent = indent.min(place.start);
    Snippet { text: text[indent..].trim_end().to_owned(), start: place.start - indent, end: place.end - indent }
}

/// The line around `at`, the place of a practice, with the secrets at `secrets` masked, and whatever else looks like one.
pub(super) fn excerpt(bytes: &[u8], at: Span, secrets: &[(Span, &Secret)]) -> Snippet {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let end = bytes[at.start..at.end].iter().position(is_end).map_or(at.end, |end| at.start + end);
    let at = Span::new(at.start, end);
    let mut start = at.start.saturating_sub(SHOWN);
    let mut end = (at.end + SHOWN).min(bytes.len());
    start = bytes[start..at.start].iter().rposition(is_end).map_or(start, |end| start + end + 1);
    end = bytes[at.end..end].iter().position(is_end).map_or(end, |length| at.end + length);
    // Secrets stand in order, and there may be very many in one file.
    let first = secrets.partition_point(|(span, _)| span.end <= start);
    let inside = secrets[first..].iter().take_while(|(span, _)| span.start < end);
    let mut hidden: Vec<(Span, String)> = inside.map(|(span, secret)| (*span, secret.masked())).collect();
    let words = unknown(bytes, secrets, Span::new(start, end));
    hidden.extend(words.into_iter().map(|word| (word, "…".to_owned())));
    hidden.sort();
    let (mut text, mut from) = (String::new(), start);
    let (mut first, mut last) = (None, None);
    for (span, mask) in hidden.iter().map(|(span, mask)| (*span, mask.as_str())).chain([(Span::new(end, end), "")]) {
        for (place, found) in [(at.start, &mut first), (at.end, &mut last)] {
            if found.is_none() && place <= span.start.max(from) {
                *found = Some(text.len() + visible(&bytes[from..place.max(from)]).len());
            }
        }
        text.push_str(&visible(&bytes[from..span.start.max(from)]));
        text.push_str(mask);
        from = span.end.max(from).min(end.max(from));
        if last.is_none() && at.end <= from {
            last = Some(text.len());
        }
    }
    let first = first.unwrap_or_default();
    let indent = (text.len() - text.trim_start().len()).min(first);
    let last = last.unwrap_or(text.len());
    Snippet { text: text[indent..].trim_end().to_owned(), start: first - indent, end: last - indent }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> (u64, u64, u64, u64) {
        let piece = Piece::whole(text.as_bytes());
        let start = text.find(needle).expect("it is there");
        let place = Cursor::new(&piece).locate(Span::new(start, start + needle.len()));
        (place.line, place.column, place.end_line, place.end_column)
    }

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        assert_eq!(at("a\nb\n  key", "key"), (3, 3, 3, 6));
        assert_eq!(at("a\r\nb\r\nkey", "key"), (3, 1, 3, 4));
        assert_eq!(at("a\rb\rkey", "key"), (3, 1, 3, 4));
        assert_eq!(at("a\n\r\nkey", "key"), (3, 1, 3, 4));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(at("é鍵🔑key", "key"), (1, 4, 1, 7));
        let piece = Piece::whole(b"\xff\xfekey");
        assert_eq!(Cursor::new(&piece).locate(Span::new(2, 5)).column, 3);
    }

    #[test]
    fn many_places_are_located_in_one_pass() {
        let text = "key\n".repeat(1000);
        let piece = Piece::whole(text.as_bytes());
        let mut cursor = Cursor::new(&piece);
        for line in 0..1000 {
            assert_eq!(cursor.locate(Span::new(line * 4, line * 4 + 3)).line, line as u64 + 1);
        }
    }

    fn shown(text: &str, secrets: &[&str], this: usize) -> (String, String) {
        let owned: Vec<(Span, Secret)> = secrets
            .iter()
            .map(|secret| {
                let start = text.find(secret).expect("it is there");
                (Span::new(start, start + secret.len()), Secret::new(secret.as_bytes(), 3))
            })
            .collect();
        let spans: Vec<(Span, &Secret)> = owned.iter().map(|(span, secret)| (*span, secret)).collect();
        let snippet = snippet(text.as_bytes(), &spans, this, false);
        (snippet.text[snippet.start..snippet.end].to_owned(), snippet.text)
    }

    #[test]
    fn the_secret_and_its_neighbours_are_masked() {
        let text = "x\n  a = KEY0123456789abcdefghi, b = KEYzyxwvutsrqponmlkjihg\r\ny";
        let secrets = ["KEY0123456789abcdefghi", "KEYzyxwvutsrqponmlkjihg"];
        assert_eq!(shown(text, &secrets, 0), ("KEY…fghi".into(), "a = KEY…fghi, b = KEY…jihg".into()));
        assert_eq!(shown(text, &secrets, 1).0, "KEY…jihg");
    }

    #[test]
    fn a_neighbour_that_does_not_fit_is_not_shown_in_part() {
        let text = format!("KEY0123456789abcdefghi{}KEYzyxwvutsrqponmlkjihg", " ".repeat(SHOWN - 5));
        let (mask, line) = shown(&text, &["KEY0123456789abcdefghi", "KEYzyxwvutsrqponmlkjihg"], 1);
        assert_eq!((mask.as_str(), line.as_str()), ("KEY…jihg", "KEY…jihg"));
    }

    #[test]
    fn what_looks_like_a_secret_beside_one_is_not_shown() {
        let key = crate::rule::expand("{alnum:48}", 1).expect("a generator").text;
        let line = format!("NAME={key}");
        let mask = format!("{}…{}", &key[..3], &key[44..]);
        // With something before it, after it, or both, the same text is a word that no rule may know.
        for (rest, shown_as) in [
            (format!(", {key}_AND_MORE"), ", …".to_owned()),
            (format!(".{key}"), "…".to_owned()),
            (format!("{}{key}_CUT", " ".repeat(SHOWN - 20)), " ".repeat(SHOWN - 20) + "…"),
            (" OTHER_NAME=value".to_owned(), " OTHER_NAME=value".to_owned()),
        ] {
            let (_, text) = shown(&format!("{line}{rest}"), &[&key], 0);
            assert_eq!(text, format!("NAME={mask}{shown_as}"));
        }
    }

    #[test]
    fn control_characters_are_made_visible() {
        assert_eq!(
            shown("\x1b[2J KEY0123456789abcdefghi\x07", &["KEY0123456789abcdefghi"], 0).1,
            "\\u{1b}[2J KEY…fghi\\u{7}"
        );
    }
}
