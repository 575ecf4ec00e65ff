//! Where in a text a rule could match: one pass for the literals of all forms at once.
//!
//! A candidate may lie and must never miss. Literals are derived from the forms, never kept by hand.
//! Must not know rules, only how a match of a form begins.

use super::{
    byteset::ByteSet,
    groups::{self, Slot},
    opening::{self, Opening},
    pairs::share_of_letters,
    word_table,
};
use crate::{model::Span, rule::cased};
use aho_corasick::{AhoCorasick, MatchKind, packed};
use serde::{Deserialize, Serialize};
use std::{mem, ops::Range};

/// Longest and shortest literal that is searched for.
const LITERAL: usize = 8;
const SHORTEST: usize = opening::LITERAL;
/// How many case variants one literal may stand for.
const VARIANTS: usize = 16;
/// What it costs to find a literal, in stops for nothing: what is around it is compared, and the search begins anew.
const FOUND: f64 = 2.0;
/// How much of an opening is compared around its literal, in bytes before and after.
const BEFORE: usize = 8;
const AFTER: usize = 16;
/// No candidate's span is longer than this, in bytes.
pub const REACH: usize = BEFORE + LITERAL + AFTER;

/// A place where a form could match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the form.
    pub(super) form: usize,
    /// Where its match would begin.
    pub(super) at: usize,
    /// The bytes that were looked at: no more than [`REACH`].
    pub span: Span,
}

/// The literal search over all forms.
#[derive(Debug)]
pub struct Prefilter {
    search: Option<Search>,
    /// What it was made of, and how much of that are literals.
    #[cfg(test)]
    patterns: (Vec<Vec<u8>>, usize),
    /// What to compare where a literal was found: by literal, then in order.
    probes: Vec<Vec<Probe>>,
    blind: bool,
}

/// What is searched for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PrefilterTables {
    /// How many of `patterns` are literals, the others being filler.
    literals: usize,
    patterns: Vec<Vec<u8>>,
    /// By pattern.
    probes: Vec<Vec<Probe>>,
}

/// An opening around one literal of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Probe {
    pub(super) form: usize,
    /// From the literal back to where the match would begin.
    pub(super) back_to_match: usize,
    /// From the literal back to the first byte compared.
    pub(super) back: usize,
    /// The bytes compared.
    pub(super) sets: Vec<ByteSet>,
}

#[derive(Debug)]
enum Search {
    /// SIMD, where the machine has it.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Prefilter {
    /// A search for the `openings` of forms, each with the index of its form. `blind` says that some
    /// form has none.
    pub(super) fn new(openings: Vec<(usize, Opening)>, blind: bool) -> Self {
        // The ones with the poorest choice of literals choose first; the others may share.
        let mut openings: Vec<_> =
            openings.into_iter().map(|(form, opening)| (best(&opening), form, opening)).collect();
        let cost = |best: &Option<(f64, Range<usize>)>| best.as_ref().map_or(f64::INFINITY, |(cost, _)| *cost);
        openings.sort_by(|(a, _, _), (b, _, _)| cost(b).total_cmp(&cost(a)));
        let mut chosen: Vec<Vec<ByteSet>> = Vec::new();
        let mut literals: Vec<Vec<u8>> = Vec::new();
        let mut probes: Vec<Vec<Probe>> = Vec::new();
        for (best, form, opening) in openings {
            let Some(at) = shared(&opening, &chosen).or_else(|| best.map(|(_, at)| at)) else { continue };
            let sets = opening[at.clone()].to_vec();
            let probe = Probe::new(form, &opening, at.start, at.len());
            if !chosen.contains(&sets) {
                chosen.push(sets.clone());
            }
            for literal in variants(&sets) {
                let slot = literals.iter().position(|known| *known == literal).unwrap_or_else(|| {
                    literals.push(literal);
                    probes.push(Vec::new());
                    literals.len() - 1
                });
                if !probes[slot].contains(&probe) {
                    probes[slot].push(probe.clone());
                }
            }
        }
        let mut probes = spread(&literals, &probes);
        let (slots, count) = (groups::slots(&literals), literals.len());
        let (patterns, probes): (Vec<_>, Vec<_>) = slots
            .into_iter()
            .map(|slot| match slot {
                Slot::Literal(nth) => (mem::take(&mut literals[nth]), mem::take(&mut probes[nth])),
                Slot::Filler(bytes) => (bytes, Vec::new()),
            })
            .unzip();
        Self::of(PrefilterTables { literals: count, patterns, probes }, blind)
    }

    /// The same of what was made before.
    pub(super) fn of(tables: PrefilterTables, blind: bool) -> Self {
        Self {
            search: Search::new(&tables.patterns, tables.literals),
            #[cfg(test)]
            patterns: (tables.patterns, tables.literals),
            probes: tables.probes,
            blind,
        }
    }

    /// What it was made of.
    #[cfg(test)]
    pub(super) fn tables(&self) -> PrefilterTables {
        let (patterns, literals) = self.patterns.clone();
        PrefilterTables { literals, patterns, probes: self.probes.clone() }
    }

    /// Whether it searches with SIMD.
    #[cfg(test)]
    pub(super) const fn is_fast(&self) -> bool {
        matches!(self.search, Some(Search::Packed(_)))
    }

    /// A search for `words`, those with `(?i)` before them in whatever case. Each word is a form.
    #[must_use]
    pub fn of_words(words: &[String]) -> Self {
        word_table::stored(words).map_or_else(|| Self::of_new_words(words), |tables| Self::of(tables, false))
    }

    /// The same, worked out.
    pub(super) fn of_new_words(words: &[String]) -> Self {
        let opening = |word: &String| -> Opening {
            let (is_exact, word) = cased(word);
            let letter = |byte: u8| {
                let upper = if is_exact { byte } else { byte.to_ascii_uppercase() };
                ByteSet::single(byte).with(upper, upper)
            };
            word.bytes().map(letter).collect()
        };
        Self::new(words.iter().map(opening).enumerate().collect(), false)
    }

    /// Whether some rule has no literal, so that any text may hold a secret without a candidate.
    #[must_use]
    pub const fn is_blind(&self) -> bool {
        self.blind
    }

    /// Calls `each` with every candidate in `text`, in order of their literals.
    pub fn candidates(&self, text: &[u8], mut each: impl FnMut(Candidate)) {
        let Some(search) = &self.search else { return };
        let mut from = 0;
        while let Some((literal, at)) = search.next(text, from) {
            for probe in self.probes(literal) {
                if let Some(candidate) = probe.compare(text, at) {
                    each(candidate);
                }
            }
            from = at + 1;
        }
    }

    /// What to compare where a literal was found: nothing, for one that is filler.
    #[inline]
    fn probes(&self, literal: usize) -> &[Probe] {
        self.probes.get(literal).map_or(&[], Vec::as_slice)
    }

    /// Whether `text` has a candidate at all.
    #[must_use]
    pub fn any(&self, text: &[u8]) -> bool {
        let Some(search) = &self.search else { return false };
        let mut from = 0;
        while let Some((literal, at)) = search.next(text, from) {
            if self.probes(literal).iter().any(|probe| probe.compare(text, at).is_some()) {
                return true;
            }
            from = at + 1;
        }
        false
    }
}

impl Probe {
    fn new(form: usize, opening: &Opening, at: usize, len: usize) -> Self {
        let first = at.saturating_sub(BEFORE);
        let end = (at + len + AFTER).min(opening.len());
        Self { form, back_to_match: at, back: at - first, sets: opening[first..end].to_vec() }
    }

    #[inline]
    fn compare(&self, text: &[u8], literal: usize) -> Option<Candidate> {
        let at = literal.checked_sub(self.back_to_match)?;
        let start = literal - self.back;
        let bytes = text.get(start..start + self.sets.len())?;
        let same = self.sets.iter().zip(bytes).all(|(set, &byte)| set.contains(byte));
        same.then_some(Candidate { form: self.form, at, span: Span::new(start, start + self.sets.len()) })
    }
}

impl Search {
    /// A search for `patterns`, which are so many literals and filler.
    fn new(patterns: &[Vec<u8>], literals: usize) -> Option<Self> {
        if literals == 0 {
            return None;
        }
        // The library gives up at 64 patterns in any order; these are in one that suits the search.
        let mut config = packed::Config::new();
        config.match_kind(packed::MatchKind::LeftmostFirst).heuristic_pattern_limits(false);
        let packed = (literals <= groups::MOST).then(|| config.builder().extend(patterns).build()).flatten();
        if let Some(packed) = packed {
            return Some(Self::Packed(packed));
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns);
        automaton.ok().map(Self::Automaton)
    }

    /// The first literal at or after `from`: which, and where it begins.
    #[inline]
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        match self {
            Self::Packed(packed) => {
                let found = packed.find_in(text, aho_corasick::Span::from(from..text.len()))?;
                Some((found.pattern().as_usize(), found.start()))
            }
            Self::Automaton(automaton) => {
                let found = automaton.find(aho_corasick::Input::new(text).range(from..))?;
                Some((found.pattern().as_usize(), found.start()))
            }
        }
    }
}

/// Where one literal begins another, a search reports one of the two: each gets the probes of both.
fn spread(literals: &[Vec<u8>], probes: &[Vec<Probe>]) -> Vec<Vec<Probe>> {
    let akin = |a: &[u8], b: &[u8]| a.starts_with(b) || b.starts_with(a);
    let of = |literal: &Vec<u8>| {
        let sharing = literals.iter().zip(probes).filter(|(other, _)| akin(literal, other));
        sharing.flat_map(|(_, probes)| probes.iter().cloned()).collect()
    };
    literals.iter().map(of).collect()
}

/// The stretch of an opening that serves best as a literal, bytes with at most a case to choose, and what it costs.
fn best(opening: &Opening) -> Option<(f64, Range<usize>)> {
    let is_letter = |set: &&ByteSet| set.len() <= 2;
    let mut best: Option<(f64, Range<usize>)> = None;
    for start in 0..opening.len() {
        let letters: Vec<_> = opening[start..].iter().take(LITERAL).take_while(is_letter).collect();
        let longest = (SHORTEST..=letters.len()).rev().find(|len| ways(&letters[..*len]) <= VARIANTS);
        for len in SHORTEST..=longest.unwrap_or(0) {
            let cost = cost(&letters[..len]);
            if best.as_ref().is_none_or(|(known, _)| cost <= *known) {
                best = Some((cost, start..start + len));
            }
        }
    }
    best
}

/// How many literals these letters stand for.
fn ways(letters: &[&ByteSet]) -> usize {
    letters.iter().map(|set| set.len()).product()
}

/// What it costs to search for these letters: the search compares the first three bytes of all literals at once, and stops
/// where they stand. Each literal is also one more that others are not told from.
fn cost(letters: &[&ByteSet]) -> f64 {
    let ways = ways(letters) as f64;
    let stops = share_of_letters(&letters[..SHORTEST]);
    (stops + FOUND * share_of_letters(letters)) * ways * ways
}

/// A stretch of `opening` that is a literal chosen for another one already.
fn shared(opening: &Opening, chosen: &[Vec<ByteSet>]) -> Option<Range<usize>> {
    // A literal is made of such sets alone, and most of an opening is not.
    let few: Vec<usize> = (0..opening.len()).filter(|&at| opening[at].len() <= 2).collect();
    chosen.iter().find_map(|sets| {
        let begins = |start: &usize| sets.first() == Some(&opening[*start]) && opening[*start..].starts_with(sets);
        let start = few.iter().copied().find(begins)?;
        Some(start..start + sets.len())
    })
}

fn variants(sets: &[ByteSet]) -> Vec<Vec<u8>> {
    sets.iter().fold(vec![Vec::new()], |sofar, set| {
        let longer = |literal: &Vec<u8>| {
            let literal = literal.clone();
            set.bytes().map(move |byte| [literal.as_slice(), &[byte]].concat())
        };
        sofar.iter().flat_map(longer).collect()
    })
}

#[cfg(test)]
mod tests {
    use crate::{matcher::Matcher, rule::Catalog};

    #[test]
    fn the_built_in_rules_are_few_enough_for_the_fast_search() {
        let catalog = Catalog::builtin();
        let matcher = Matcher::new(&catalog).expect("the rules can be matched");
        let prefilter = matcher.prefilter();
        let literals = prefilter.probes.iter().filter(|probes| !probes.is_empty()).count();
        // More would be taken, and stopped for too often.
        assert!((24..=112).contains(&literals), "{literals} literals");
        assert!(prefilter.is_fast() || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))));
    }
}
