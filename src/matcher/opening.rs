//! What every match of a pattern begins with: sequences of byte sets, derived from the parsed pattern.
//! Must not know rules or how the sequences are searched for.

use super::byteset::ByteSet;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use std::cmp::Reverse;

/// No more alternatives than this are told apart.
const ALTERNATIVES: usize = 64;
/// No sequence is followed further than this, in bytes.
const LENGTH: usize = 96;

/// Every match of the pattern begins with bytes of one of these sequences.
pub(super) type Opening = Vec<ByteSet>;

/// These bytes and no others.
pub(super) fn exactly(bytes: &[u8]) -> Opening {
    bytes.iter().copied().map(ByteSet::single).collect()
}

/// From the longest run of single bytes on.
pub(super) fn from_longest_run(opening: &Opening) -> Opening {
    let runs = (0..opening.len()).map(|start| opening[start..].iter().take_while(|set| set.len() == 1).count());
    let longest = runs.enumerate().max_by_key(|(start, len)| (*len, Reverse(*start)));
    longest.map_or_else(Opening::new, |(start, _)| opening[start..].to_vec())
}

/// The fewest characters in a row, each with at most a case to choose, that are worth looking for.
pub(super) const LITERAL: usize = 3;

/// Whether there is something in `opening` to look for.
pub(super) fn has_literal(opening: &Opening) -> bool {
    opening.windows(LITERAL).any(|window| window.iter().all(|set| set.len() <= 2))
}

/// The openings of `hir`. One of them may be empty: then nothing is known of how a match begins.
pub(super) fn openings(hir: &Hir) -> Vec<Opening> {
    expand(hir).into_iter().map(|partial| partial.sets).collect()
}

/// An opening in the making. Once `closed`, what follows is no longer known.
#[derive(Clone)]
struct Partial {
    sets: Opening,
    closed: bool,
}

impl Partial {
    const NOTHING: Self = Self { sets: Vec::new(), closed: false };
    const UNKNOWN: Self = Self { sets: Vec::new(), closed: true };

    fn of(sets: impl IntoIterator<Item = ByteSet>) -> Self {
        Self { sets: sets.into_iter().collect(), closed: false }
    }

    /// The same with `tail` behind it.
    fn go_on(&mut self, tail: &Self) {
        let room = LENGTH - self.sets.len();
        self.sets.extend(tail.sets.iter().take(room));
        self.closed = tail.closed || self.sets.len() >= LENGTH;
    }
}

fn expand(hir: &Hir) -> Vec<Partial> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => vec![Partial::NOTHING],
        HirKind::Literal(literal) => vec![Partial::of(literal.0.iter().copied().map(ByteSet::single))],
        HirKind::Class(class) => vec![of_class(class)],
        HirKind::Repetition(repetition) => of_repetition(repetition),
        HirKind::Capture(capture) => expand(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().fold(vec![Partial::NOTHING], |sofar, part| follow(sofar, || expand(part)))
        }
        HirKind::Alternation(parts) => bounded(parts.iter().flat_map(expand).collect()),
    }
}

fn of_class(class: &Class) -> Partial {
    let (mut set, mut closed) = (ByteSet::EMPTY, false);
    match class {
        Class::Bytes(class) => {
            for range in class.ranges() {
                set = set.with(range.start(), range.end());
            }
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                if range.start().is_ascii() {
                    set = set.with(range.start() as u8, (range.end() as u32).min(0x7f) as u8);
                }
                if !range.end().is_ascii() {
                    // The lead byte of any longer character; how many follow is not known.
                    set = set.with(0xc2, 0xf4);
                    closed = true;
                }
            }
        }
    }
    Partial { sets: vec![set], closed }
}

fn of_repetition(repetition: &Repetition) -> Vec<Partial> {
    if repetition.min == 0 {
        let mut some = if repetition.max == Some(1) { expand(&repetition.sub) } else { return vec![Partial::UNKNOWN] };
        some.push(Partial::NOTHING);
        return bounded(some);
    }
    let mut sofar = vec![Partial::NOTHING];
    for _ in 0..repetition.min.min(LENGTH as u32) {
        sofar = follow(sofar, || expand(&repetition.sub));
    }
    if repetition.max != Some(repetition.min) {
        sofar.iter_mut().for_each(|partial| partial.closed = true);
    }
    sofar
}

/// Each of `sofar`, continued by each of `next`, as far as that stays small.
fn follow(mut sofar: Vec<Partial>, next: impl FnOnce() -> Vec<Partial>) -> Vec<Partial> {
    let open = sofar.iter().filter(|partial| !partial.closed).count();
    if open == 0 {
        return sofar;
    }
    let next = next();
    if let [tail] = next.as_slice() {
        let open = sofar.iter_mut().filter(|partial| !partial.closed);
        open.for_each(|partial| partial.go_on(tail));
        return sofar;
    }
    if sofar.len() + open * next.len() > ALTERNATIVES * 2 {
        sofar.iter_mut().for_each(|partial| partial.closed = true);
        return sofar;
    }
    let mut out = Vec::with_capacity(open * next.len());
    for partial in sofar {
        if partial.closed {
            out.push(partial);
            continue;
        }
        for tail in &next {
            let mut partial = partial.clone();
            partial.go_on(tail);
            out.push(partial);
        }
    }
    out
}

fn bounded(partials: Vec<Partial>) -> Vec<Partial> {
    if partials.len() > ALTERNATIVES { vec![Partial::UNKNOWN] } else { partials }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pattern: &str) -> Vec<usize> {
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern).expect("a pattern");
        openings(&hir).iter().map(Vec::len).collect()
    }

    #[test]
    fn literals_and_classes_are_followed_up_to_the_first_open_end() {
        assert_eq!(lengths(r"(?-u)sk-[a-z]{40}x+y"), [44]);
        assert_eq!(lengths(r"(?-u)\bek_[0-9]{4,}z"), [7]);
    }

    #[test]
    fn alternatives_are_told_apart() {
        assert_eq!(lengths("(?:proj|svcacct)-"), [5, 8]);
        assert_eq!(lengths("ab?c"), [3, 2]);
    }

    #[test]
    fn a_star_says_nothing_of_what_follows() {
        assert_eq!(lengths(r"(?-u)\s*abc"), [0]);
        assert_eq!(lengths(r"(?-u)k\s*abc"), [1]);
    }

    #[test]
    fn a_long_unicode_character_ends_what_is_known() {
        assert_eq!(lengths("[aé]bc"), [1]);
    }

    #[test]
    fn many_alternatives_are_given_up_on_without_losing_a_match() {
        assert_eq!(lengths("(?-u)a[xy]?[xy]?[xy]?[xy]?[xy]?[xy]?[xy]?[xy]?b").iter().filter(|&&n| n == 0).count(), 0);
    }
}
