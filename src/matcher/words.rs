//! Lints that are patterns, tried where one of their words stands. Must not know paths, or what a lint says.

use super::{MatcherError, Prefilter, context::Surroundings, pattern::PatternForm};
use crate::{
    model::{Hit, Span},
    rule::{Catalog, Rule, Wanted, cased},
};
use std::{cell::OnceCell, sync::OnceLock};

/// How far a match goes on from a word of it at most, in bytes: lines of minified files have no end.
const WITHIN: usize = 4096;

/// The lints of a catalog that are patterns. Each is compiled when a word of it is first found.
#[derive(Debug)]
pub struct Patterns {
    forms: Vec<Near>,
    words: Prefilter,
    /// By word: how long it is, and the lints that need it.
    needed: Vec<(usize, Vec<usize>)>,
    /// The lints that are tried where a secret stands.
    of_secrets: Vec<usize>,
}

/// One lint, and how many lines its match may go on from a word of it.
#[derive(Debug)]
struct Near {
    form: PatternForm,
    lines: usize,
    /// Words of which one must stand in the same lines, if any must, and the search for them, made when first needed.
    also: Vec<String>,
    search: OnceLock<Prefilter>,
}

impl Patterns {
    /// Those for which `keep` holds.
    #[must_use]
    pub fn new(catalog: &Catalog, keep: &dyn Fn(&Rule) -> bool) -> Self {
        let (mut forms, mut words): (Vec<Near>, Vec<String>) = Default::default();
        let (mut needed, mut of_secrets): (Vec<(usize, Vec<usize>)>, Vec<usize>) = Default::default();
        let lints = (catalog.first_lint()..).zip(catalog.lints());
        for (index, rule) in lints.filter(|(_, rule)| keep(rule)) {
            let Some(lint) = rule.lint.as_ref().filter(|_| rule.pattern.is_some()) else { continue };
            for word in &lint.needs {
                let slot = words.iter().position(|known| known == word).unwrap_or_else(|| {
                    words.push(word.clone());
                    needed.push((cased(word).1.len(), Vec::new()));
                    words.len() - 1
                });
                needed[slot].1.push(forms.len());
            }
            if lint.value == Some(Wanted::Known) {
                of_secrets.push(forms.len());
            }
            let form = PatternForm::of_lint(index, rule);
            forms.push(Near { form, lines: lint.lines, also: lint.also.clone(), search: OnceLock::new() });
        }
        Self { forms, words: Prefilter::of_words(&words), needed, of_secrets }
    }

    /// Compiles everything now rather than when it is first needed.
    ///
    /// # Errors
    /// The first pattern that is too large.
    pub fn compile(&self, catalog: &Catalog) -> Result<(), MatcherError> {
        self.forms.iter().try_for_each(|near| {
            near.form.compile().map_err(|(field, message)| {
                let rule = catalog.lints()[near.form.rule() - catalog.first_lint()].id().to_owned();
                MatcherError { rule, field, message }
            })
        })
    }

    /// Every match in `text`, in which these `secrets` stand, of the lints that `applies` holds for, by their numbers in the
    /// catalog.
    #[must_use]
    pub fn matches(&self, text: &[u8], secrets: &[Hit], applies: &dyn Fn(usize) -> bool) -> Vec<Hit> {
        let mut stretches: Vec<Option<Vec<Span>>> = vec![None; self.forms.len()];
        let mut tells: Vec<Option<bool>> = vec![None; self.forms.len()];
        let lines = OnceCell::new();
        let mut stands = |word: Span, forms: &[usize]| {
            for &form in forms {
                let near = &self.forms[form];
                if *tells[form].get_or_insert_with(|| applies(near.form.rule())) {
                    let lines = lines.get_or_init(|| Lines::of(text));
                    add(stretches[form].get_or_insert_default(), lines.around(word, near.lines));
                }
            }
        };
        secrets.iter().for_each(|secret| stands(secret.span, &self.of_secrets));
        self.words.candidates(text, |found| {
            let (len, forms) = &self.needed[found.form];
            stands(Span::new(found.at, text.len().min(found.at + len)), forms);
        });
        let mut around = Surroundings::default();
        let mut hits = Vec::new();
        for (near, stretches) in self.forms.iter().zip(stretches) {
            for stretch in stretches.into_iter().flatten().filter(|stretch| near.fits(&text[stretch.range()])) {
                near.form.search_in(text, stretch, &mut around, &mut hits);
            }
        }
        hits
    }
}

impl Near {
    /// Whether these lines have what else every match has.
    fn fits(&self, lines: &[u8]) -> bool {
        self.also.is_empty() || self.search.get_or_init(|| Prefilter::of_words(&self.also)).any(lines)
    }
}

/// Where the lines of a text end: they are counted around every word, and there are many words.
struct Lines {
    ends: Vec<usize>,
    len: usize,
}

impl Lines {
    fn of(text: &[u8]) -> Self {
        Self { ends: memchr::memchr_iter(b'\n', text).collect(), len: text.len() }
    }

    /// The lines of `word`, and `count` before and after.
    fn around(&self, word: Span, count: usize) -> Span {
        let floor = word.start.saturating_sub(WITHIN);
        let ceiling = self.len.min(word.end + WITHIN);
        let before = self.ends.partition_point(|end| *end < word.start);
        let after = before + self.ends[before..].iter().take_while(|end| **end < word.end).count();
        let start = before.checked_sub(count + 1).map_or(0, |nth| self.ends[nth] + 1);
        let end = self.ends.get(after + count).copied().unwrap_or(self.len);
        Span::new(start.max(floor), end.min(ceiling))
    }
}

/// Adds a stretch to those before it; what overlaps is one.
fn add(stretches: &mut Vec<Span>, new: Span) {
    match stretches.last_mut() {
        Some(last) if new.start <= last.end => {
            last.start = last.start.min(new.start);
            last.end = last.end.max(new.end);
        }
        _ => stretches.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_counted_from_a_word(
            text in prop::collection::vec(prop::sample::select(&["\n", "a", "bcd", "\n\n"][..]), 0..30),
            at in 0..40_usize,
            count in 0..5_usize,
        ) {
            let text = text.concat();
            let word = Span::new(at.min(text.len()), text.len().min(at + 2));
            let start = text[..word.start].rmatch_indices('\n').nth(count).map_or(0, |(at, _)| at + 1);
            let end = text[word.end..].match_indices('\n').nth(count).map_or(text.len(), |(at, _)| word.end + at);
            prop_assert_eq!(Lines::of(text.as_bytes()).around(word, count), Span::new(start, end));
        }
    }

    #[test]
    fn lines_without_end_are_cut() {
        let lines = Lines::of(&[b'a'; 3 * WITHIN]);
        assert_eq!(lines.around(Span::new(WITHIN + 5, WITHIN + 8), 1), Span::new(5, 2 * WITHIN + 8));
    }
}
