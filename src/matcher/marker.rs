//! Keys with a marker in the middle of a base64url body: found by the marker, measured from it.
//!
//! Must not know what issuers there are. What stands around a key never matters: its ends follow from
//! its own symmetry. Symmetry and ending grade a match; they never drop one.

use super::{
    byteset::ByteSet,
    opening::Opening,
    randomness::{self, Look},
};
use crate::{
    model::{Confidence, Hit, Note, Secret, Span},
    rule::{Marker, Rule},
};

/// How far left and right of its marker a key may reach, in bytes. The longest seen is 83 to the left.
const SIDE: usize = 400;
/// The longest left side that is believed without a regular form.
const LONGEST: usize = 160;
/// The fewest characters on the left of the marker, and on the right unless the end was cut off.
const SHORTEST: usize = 20;
/// The fewest characters on the right of the marker of a key whose end was cut off.
const CUT: usize = 16;

/// One marker, and every rule whose keys carry it.
#[derive(Debug)]
pub(super) struct MarkerForm {
    literal: Vec<u8>,
    kinds: Vec<Kind>,
    /// What prefixes begin with.
    initials: ByteSet,
}

/// What one rule says of its keys.
#[derive(Debug)]
struct Kind {
    rule: usize,
    confidence: Confidence,
    prefixes: Vec<Vec<u8>>,
    named: Option<Vec<u8>>,
    sides: Vec<usize>,
}

/// One reading of the bytes around a marker. Readings order by how much speaks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    /// Symmetric, with a left side of a length that has been seen: that a prefix stands there by chance is
    /// less likely than that a body ends well by chance.
    known: bool,
    /// Symmetric, and ends as bodies of that length do.
    regular: bool,
    /// Nothing of the run of body characters is left over. Part of a run can always be read as
    /// symmetric: without another merit that is no reason to cut.
    whole: bool,
    /// The marker stands in the middle of all there is.
    balanced: bool,
    /// The prefix is written out in the rule.
    spelled: bool,
    prefix: usize,
    start: usize,
    end: usize,
    kind: usize,
}

impl MarkerForm {
    pub(super) fn new(literal: &[u8]) -> Self {
        Self { literal: literal.to_vec(), kinds: Vec::new(), initials: ByteSet::EMPTY }
    }

    pub(super) fn literal(&self) -> &[u8] {
        &self.literal
    }

    pub(super) fn add(&mut self, index: usize, rule: &Rule, marker: &Marker) {
        for prefix in marker.prefixes.iter().chain(&marker.named) {
            let initial = prefix.as_bytes().first();
            self.initials = initial.map_or(self.initials, |&byte| self.initials.with(byte, byte));
        }
        self.kinds.push(Kind {
            rule: index,
            confidence: rule.confidence,
            prefixes: marker.prefixes.iter().map(|prefix| prefix.as_bytes().to_vec()).collect(),
            named: marker.named.as_ref().map(|prefix| prefix.as_bytes().to_vec()),
            sides: marker.sides.clone(),
        });
    }

    pub(super) fn opening(&self) -> Opening {
        // Nothing of what stands around it: a key may be broken anywhere (`encoded.rs`).
        self.literal.iter().copied().map(ByteSet::single).collect()
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = usize> {
        self.kinds.iter().map(|kind| kind.rule)
    }

    /// The beginnings of keys that are written out in rules.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &[u8]> {
        self.kinds.iter().flat_map(|kind| &kind.prefixes).map(Vec::as_slice)
    }

    pub(super) fn confirm(&self, text: &[u8], marker: usize) -> Option<Hit> {
        let after = marker + self.literal.len();
        if text.get(marker..after) != Some(self.literal.as_slice()) {
            return None;
        }
        let is_body = |byte: &&u8| ByteSet::BASE64URL.contains(**byte);
        let left = text[marker.saturating_sub(SIDE)..marker].iter().rev().take_while(is_body).count();
        let right = text[after..].iter().take(SIDE).take_while(is_body).count();
        let run = Span::new(marker - left, after + right);
        let best = self.readings(text, run, marker).max()?;
        self.hit(text, marker, best)
    }

    /// Every way to read the run as a key with this marker.
    fn readings<'a>(&'a self, text: &'a [u8], run: Span, marker: usize) -> impl Iterator<Item = Reading> + 'a {
        let starts = run.start..marker.saturating_sub(SHORTEST);
        starts.filter(|&start| self.initials.contains(text[start])).flat_map(move |start| {
            let left = &text[start..marker];
            let longest = self.kinds.iter().flat_map(|kind| kind.spelled(left)).max().unwrap_or(0);
            let kinds = self.kinds.iter().enumerate();
            kinds.flat_map(move |(index, kind)| {
                // A prefix of its own is no name: `sk-proj-` is not `sk-<name>-`.
                let named = kind.named.as_ref().filter(|prefix| prefix.len() >= longest);
                let named = named.and_then(|prefix| name(left, prefix)).map(|len| (len, false));
                let prefixes = kind.spelled(left).map(|len| (len, true)).chain(named);
                prefixes.flat_map(move |(prefix, spelled)| {
                    let side = left.len() - prefix;
                    ends(side, run.end - marker - self.literal.len()).filter_map(move |right| {
                        let end = marker + self.literal.len() + right;
                        self.reading(text, marker, (index, start, prefix, spelled), end, run.end)
                    })
                })
            })
        })
    }

    fn reading(
        &self,
        text: &[u8],
        marker: usize,
        (kind, start, prefix, spelled): (usize, usize, usize, bool),
        end: usize,
        run_end: usize,
    ) -> Option<Reading> {
        let left = &text[start + prefix..marker];
        let right = &text[marker + self.literal.len()..end];
        let sides = &self.kinds[kind].sides;
        // A key whose end was cut off keeps a left side of a length that is known.
        let cut = (CUT..SHORTEST).contains(&right.len()) && spelled && sides.contains(&left.len());
        if left.len() < SHORTEST || (right.len() < SHORTEST && !cut) {
            return None;
        }
        let symmetric = is_symmetric(left.len(), right.len());
        let regular = symmetric && ends_well(left, right, text.get(end).copied());
        let known = symmetric && sides.contains(&left.len());
        // By its form alone it is no key: then it has to begin as one, or any text long enough would hold some.
        let begins = prefix > self.shortest_prefix() || begins_word(text, start);
        let stands = begins && left.len() <= LONGEST;
        if !regular && !(spelled && (known || stands)) {
            return None;
        }
        let whole = end == run_end;
        let balanced = symmetric && whole;
        Some(Reading { known, regular, whole, balanced, spelled, prefix, start, end, kind })
    }

    /// The shortest prefix of all kinds, which a body can hold by chance.
    fn shortest_prefix(&self) -> usize {
        self.kinds.iter().flat_map(|kind| &kind.prefixes).map(Vec::len).min().unwrap_or(0)
    }

    fn hit(&self, text: &[u8], marker: usize, reading: Reading) -> Option<Hit> {
        let span = Span::new(reading.start, reading.end);
        let body = [&text[span.start + reading.prefix..marker], &text[marker + self.literal.len()..span.end]].concat();
        let kind = &self.kinds[reading.kind];
        let cut = span.end - marker - self.literal.len() < SHORTEST;
        let built = match kind.confidence {
            built if reading.regular => built,
            built if cut => built.lowered().lowered(),
            built => built.lowered(),
        };
        let confidence = match randomness::look(&body) {
            // A regular form says more than how random a body looks.
            Look::Doubtful if !reading.regular => built.lowered(),
            Look::Random | Look::Doubtful => built,
            Look::Placeholder => return None,
        };
        let notes = if reading.regular { vec![] } else { vec![Note::UnusualShape] };
        let secret = Secret::new(&text[span.range()], reading.prefix);
        Some(Hit { rule: kind.rule, span, secret, confidence, notes, via: vec![] })
    }
}

impl Kind {
    /// How long those of the spelled prefixes are that `left` begins with.
    fn spelled<'a>(&'a self, left: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.prefixes.iter().filter(|prefix| left.starts_with(prefix)).map(Vec::len)
    }
}

/// Whether no letter or digit stands before `start`, or one that is part of an escape: `\n`, `%3D`.
fn begins_word(text: &[u8], start: usize) -> bool {
    match &text[..start] {
        [.., b'%' | b'=', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'\\', _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
        [] => true,
    }
}

/// The length of `<prefix><name>-` where exactly the shortest side is left after it. No name holds the
/// prefix once more as a word.
fn name(left: &[u8], prefix: &[u8]) -> Option<usize> {
    let dash = left.len().checked_sub(SHORTEST + 1)?;
    let again = |name: &[u8]| {
        let mut found = memchr::memmem::find_iter(name, prefix);
        found.any(|at| at == 0 || matches!(name[at - 1], b'-' | b'_'))
    };
    let name = left.get(prefix.len()..dash).filter(|name| !name.is_empty() && !again(name))?;
    (left.starts_with(prefix) && left[dash] == b'-').then_some(prefix.len() + name.len() + 1)
}

/// How long the right side may be, given the left one and what there is.
fn ends(left: usize, there: usize) -> impl Iterator<Item = usize> {
    let symmetric = [left, left + 1].into_iter().filter(move |&right| is_symmetric(left, right) && right < there);
    symmetric.chain([there])
}

/// Whether the sides are as long as those of one body: unpadded base64 of whole bytes has no length of
/// 4n+1, so that only an odd left side can take one more on the right.
const fn is_symmetric(left: usize, right: usize) -> bool {
    right == left || (left % 2 == 1 && right == left + 1)
}

/// Whether the two sides of a symmetric body end as genuine ones do, given the byte after them: 20 and
/// 20 are letters and digits, and no more of them follow; longer ones decode to bytes the last of which
/// is zero, so that their last characters are few, whatever follows.
fn ends_well(left: &[u8], right: &[u8], next: Option<u8>) -> bool {
    if left.len() == SHORTEST && right.len() == SHORTEST {
        let closed = next.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        return closed && left.iter().chain(right).all(u8::is_ascii_alphanumeric);
    }
    let [.., last_but_one, last] = right else { return false };
    // A length of 4n+2 or 4n+3 leaves four or two bits over, which are zero too.
    match (left.len() + right.len()) % 4 {
        0 => b"AEIMQUYcgkosw048".contains(last_but_one) && *last == b'A',
        2 => *last_but_one == b'A' && *last == b'A',
        3 => b"AQgw".contains(last_but_one) && *last == b'A',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "Zq7RkV2mXb9TnW4sYp0LcHfJ3gDvUa6eQyB1iKoN8tMxEwSjGhPzCdFrAu5l-_Q2Rv";

    fn form() -> MarkerForm {
        let kind = |rule, prefixes: &[&str], named: Option<&str>, sides: &[usize]| Kind {
            rule,
            confidence: Confidence::High,
            prefixes: prefixes.iter().map(|prefix| prefix.as_bytes().to_vec()).collect(),
            named: named.map(|prefix| prefix.as_bytes().to_vec()),
            sides: sides.to_vec(),
        };
        let kinds = vec![kind(0, &["sk-proj-"], None, &[20, 58]), kind(1, &["sk-"], Some("sk-"), &[20])];
        MarkerForm { literal: b"T3BlbkFJ".to_vec(), kinds, initials: ByteSet::single(b's') }
    }

    fn found(text: &str) -> Option<(usize, String, Confidence)> {
        let marker = text.find("T3BlbkFJ").expect("a marker");
        let hit = form().confirm(text.as_bytes(), marker)?;
        Some((hit.rule, text[hit.span.range()].to_owned(), hit.confidence))
    }

    fn key(prefix: &str, left: usize, right: usize) -> String {
        let tail = if left == 20 { "q3" } else { "QA" };
        let twisted: String = BODY.chars().rev().collect();
        format!("{prefix}{}T3BlbkFJ{}{tail}", &BODY[..left], &twisted[8..8 + right - 2])
    }

    #[test]
    fn any_neighbour_leaves_the_span_exact() {
        for (prefix, side) in [("sk-proj-", 58), ("sk-proj-", 20), ("sk-", 20)] {
            let key = key(prefix, side, side);
            for before in ["", "k_", "x", "-", "=", "é", "sk-"] {
                for after in ["", ".", "\\n", "A", "AA", "_x", "-old", "</b>", "é", "\u{1b}[0m"] {
                    let text = format!("{before}{key}{after}");
                    let (_, span, confidence) = found(&text).expect("a key");
                    // Where a key of letters and digits ends among such is not certain.
                    let open = side == 20 && after.starts_with('A');
                    let expected = if open { Confidence::Medium } else { Confidence::High };
                    assert_eq!((span, confidence), (key.clone(), expected), "in {text:?}");
                }
            }
        }
    }

    #[test]
    fn without_a_known_length_or_a_regular_end_nothing_is_cut_off() {
        let key = key("sk-proj-", 50, 50);
        let edited = format!("{}zz", &key[..key.len() - 2]);
        assert_eq!(found(&format!("{edited}-old")).expect("a key").1, format!("{edited}-old"));
        assert_eq!(found(&format!("{key}-old")).expect("a key").1, key);
    }

    #[test]
    fn an_even_left_side_never_takes_one_more() {
        let key = key("sk-proj-", 58, 58);
        let edited = format!("{}zz", &key[..key.len() - 2]);
        assert_eq!(found(&format!("{edited}A")).expect("a key").1, edited);
    }

    #[test]
    fn a_known_length_is_worth_more_than_an_end_that_fits() {
        let open = format!("{}{}QA", key("sk-", 20, 20), &BODY[..28]);
        let text = format!("sk-{}{open}", &BODY[..27]);
        assert_eq!(found(&text), Some((1, key("sk-", 20, 20), Confidence::Medium)));
    }

    #[test]
    fn without_a_known_length_or_a_regular_end_it_begins_as_a_key() {
        let cut = |prefix: &str| key(prefix, 50, 40);
        for before in ["", "\"", "\\n", "%3D", "=3D"] {
            assert_eq!(found(&format!("{before}{}", cut("sk-"))).expect("a key").1, cut("sk-"), "after {before}");
        }
        assert_eq!(found(&format!("x{}", cut("sk-"))), None);
        assert_eq!(found(&format!("x{}", cut("sk-proj-"))).expect("a key").1, cut("sk-proj-"));
    }

    #[test]
    fn a_name_is_read_only_before_twenty_and_twenty() {
        let key = key("sk-my-app-", 20, 20);
        assert_eq!(found(&key), Some((1, key.clone(), Confidence::High)));
        assert_eq!(found(&format!("flask-app-{key}")), Some((1, key.clone(), Confidence::High)));
        // With more after it the name could be part of a body.
        let longer = format!("{key}XYZ");
        assert_eq!(found(&longer), Some((1, longer.clone(), Confidence::Medium)));
    }

    #[test]
    fn the_longest_prefix_that_fits_decides_the_rule() {
        assert_eq!(found(&key("sk-proj-", 58, 58)).expect("a key").0, 0);
        assert_eq!(found(&key("sk-", 20, 20)).expect("a key").0, 1);
        assert_eq!(found(&key("sk-my-app-", 20, 20)).expect("a key").0, 1);
    }

    #[test]
    fn an_odd_left_side_takes_one_more_on_the_right() {
        let key = key("sk-proj-", 57, 58);
        assert_eq!(found(&format!("{key}A")).expect("a key").1, key);
    }

    #[test]
    fn letters_of_a_body_that_look_like_a_prefix_are_none() {
        let mut cut = key("sk-proj-", 58, 55);
        cut.replace_range(30..33, "sk-");
        assert_eq!(found(&cut).map(|(rule, span, _)| (rule, span)), Some((0, cut)));
    }

    #[test]
    fn what_is_not_regular_is_less_sure_and_still_found() {
        let cut = key("sk-proj-", 58, 50);
        assert_eq!(found(&cut), Some((0, cut.clone(), Confidence::Medium)));
        let mut edited = key("sk-proj-", 58, 58);
        edited.truncate(edited.len() - 2);
        edited.push_str("zz");
        assert_eq!(found(&format!("{edited} ")), Some((0, edited.clone(), Confidence::Medium)));
    }

    #[test]
    fn a_key_that_lost_its_end_is_still_told() {
        let key = key("sk-proj-", 58, 58);
        let cut = &key[..key.len() - 40];
        assert_eq!(found(&format!("{cut}\"")), Some((0, cut.to_owned(), Confidence::Low)));
        assert_eq!(found(&format!("{}\"", &cut[..cut.len() - 3])), None);
        assert_eq!(found(&format!("sk-proj-{}", &cut[10..])), None);
    }

    #[test]
    fn a_marker_without_prefix_or_with_too_little_around_it_is_nothing() {
        assert_eq!(found(&format!("{}T3BlbkFJ{}", &BODY[..40], &BODY[..40])), None);
        assert_eq!(found("sk-abcT3BlbkFJabc"), None);
    }
}
