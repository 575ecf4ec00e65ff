//! Lints that are patterns, tried where one of their words stands. Must not know paths, or what a lint says.

use super::{MatcherError, Prefilter, context::Surroundings, pattern::PatternForm, randomness::may_hold_random};
use crate::{
    model::{Hit, Span},
    rule::{Catalog, Lint, Rule, Wanted, cased},
};
use std::sync::OnceLock;

/// How far a match goes on from a word of it at most, in bytes: lines of minified files have no end. For each further line
/// that it may go on for so much more, up to a bound.
const WITHIN: usize = 1024;
const LINE: usize = 128;
const MOST: usize = 4096;

/// The lints of a catalog that are patterns. Each is compiled when a word of it is first found.
#[derive(Debug)]
pub struct Patterns {
    forms: Vec<Near>,
    words: Prefilter,
    /// Lists of words of which some lints need one as well, and the search for each, made when first needed.
    lists: Vec<(Vec<String>, OnceLock<Prefilter>)>,
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
    /// Whether it points at what looks drawn at random.
    of_random: bool,
    /// The lists of which one word each must stand in the same lines.
    also: Vec<usize>,
}

impl Patterns {
    /// Those for which `keep` holds.
    #[must_use]
    pub fn new(catalog: &Catalog, keep: &dyn Fn(&Rule) -> bool) -> Self {
        let (mut forms, mut words): (Vec<Near>, Vec<String>) = Default::default();
        let (mut needed, mut of_secrets): (Vec<(usize, Vec<usize>)>, Vec<usize>) = Default::default();
        let mut lists: Vec<(Vec<String>, OnceLock<Prefilter>)> = Vec::new();
        for (index, rule, lint) in lints(catalog, keep) {
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
            let also = lint.also.iter().map(|words| {
                lists.iter().position(|(known, _)| known == words).unwrap_or_else(|| {
                    lists.push((words.clone(), OnceLock::new()));
                    lists.len() - 1
                })
            });
            forms.push(Near { also: also.collect(), ..Near::new(index, rule, lint) });
        }
        Self { forms, words: Prefilter::of_words(&words), lists, needed, of_secrets }
    }

    /// Every list of words that one would look for.
    #[cfg(test)]
    pub(super) fn lists(catalog: &Catalog, keep: &dyn Fn(&Rule) -> bool) -> Vec<Vec<String>> {
        let mut words: Vec<String> = Vec::new();
        for word in lints(catalog, keep).flat_map(|(_, _, lint)| &lint.needs) {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        let also = lints(catalog, keep).flat_map(|(_, _, lint)| lint.also.iter().cloned());
        [words].into_iter().chain(also).collect()
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

    /// Every match in `text` around words, of the lints that `applies` holds for, by their numbers in the catalog.
    #[must_use]
    pub fn around_words(&self, text: &[u8], applies: &dyn Fn(usize) -> bool) -> Vec<Hit> {
        self.matches(text, applies, |stands| {
            self.words.candidates(text, |found| {
                let (len, forms) = &self.needed[found.form];
                stands(Span::new(found.at, text.len().min(found.at + len)), forms);
            });
        })
    }

    /// The same around the `secrets` in it, for lints of those.
    #[must_use]
    pub fn around_secrets(&self, text: &[u8], secrets: &[Hit], applies: &dyn Fn(usize) -> bool) -> Vec<Hit> {
        if secrets.is_empty() {
            return Vec::new();
        }
        self.matches(text, applies, |stands| secrets.iter().for_each(|secret| stands(secret.span, &self.of_secrets)))
    }

    /// Every match around what `each` says, with the forms that it is for.
    fn matches(
        &self,
        text: &[u8],
        applies: &dyn Fn(usize) -> bool,
        each: impl FnOnce(&mut dyn FnMut(Span, &[usize])),
    ) -> Vec<Hit> {
        let mut stretches: Vec<Stretches> = vec![Stretches::default(); self.forms.len()];
        let mut tells: Vec<Option<bool>> = vec![None; self.forms.len()];
        each(&mut |word, forms| {
            for &form in forms {
                let near = &self.forms[form];
                if *tells[form].get_or_insert_with(|| applies(near.form.rule())) {
                    stretches[form].add(text, word, near.lines);
                }
            }
        });
        let mut around = Surroundings::default();
        let mut hits = Vec::new();
        for (near, stretches) in self.forms.iter().zip(stretches) {
            let all = stretches.all_of(text, near.lines).into_iter();
            for stretch in all.filter(|stretch| self.fits(near, &text[stretch.range()])) {
                near.form.search_in(text, stretch, &mut around, &mut hits);
            }
        }
        hits
    }

    /// Whether these lines have what else every match of a lint has.
    fn fits(&self, near: &Near, lines: &[u8]) -> bool {
        let has_any = |list: &usize| {
            let (words, search) = &self.lists[*list];
            search.get_or_init(|| Prefilter::of_words(words)).any(lines)
        };
        (!near.of_random || may_hold_random(lines)) && near.also.iter().all(has_any)
    }
}

/// The lints of `catalog` that are patterns and for which `keep` holds, each with its number.
fn lints<'a>(
    catalog: &'a Catalog,
    keep: &'a dyn Fn(&Rule) -> bool,
) -> impl Iterator<Item = (usize, &'a Rule, &'a Lint)> {
    let all = (catalog.first_lint()..).zip(catalog.lints());
    all.filter(|(_, rule)| rule.pattern.is_some() && keep(rule))
        .filter_map(|(index, rule)| Some((index, rule, rule.lint.as_deref()?)))
}

impl Near {
    fn new(index: usize, rule: &Rule, lint: &Lint) -> Self {
        Self {
            form: PatternForm::of_lint(index, rule),
            lines: lint.lines,
            of_random: matches!(lint.value, Some(Wanted::Literal | Wanted::Unknown)),
            also: Vec::new(),
        }
    }
}

/// The lines around words that come in order, those before and after included; what overlaps is one.
#[derive(Clone, Debug, Default)]
struct Stretches {
    all: Vec<Span>,
    /// Where the last word ends, if the last stretch may go on for it: its end is looked up when it matters.
    open: Option<usize>,
}

impl Stretches {
    /// Adds the lines of a word of `text`, and `count` before and after.
    fn add(&mut self, text: &[u8], word: Span, count: usize) {
        if self.all.last().is_some_and(|last| word.end > last.end) {
            self.close(text, count);
        }
        match self.all.last_mut() {
            Some(last) if word.end <= last.end => self.open = self.open.max(Some(word.end)),
            last => {
                let new = Span::new(start_of_lines(text, word.start, count), end_of_lines(text, word.end, count));
                match last.filter(|last| new.start <= last.end) {
                    Some(last) => last.end = new.end,
                    None => self.all.push(new),
                }
            }
        }
    }

    /// Gives the last stretch the end that its last word wants.
    fn close(&mut self, text: &[u8], count: usize) {
        if let (Some(last), Some(word)) = (self.all.last_mut(), self.open.take()) {
            last.end = last.end.max(end_of_lines(text, word, count));
        }
    }

    fn all_of(mut self, text: &[u8], count: usize) -> Vec<Span> {
        self.close(text, count);
        self.all
    }
}

/// How far a match goes on from a word at most, if it may for `count` lines.
fn reach(count: usize) -> usize {
    MOST.min(WITHIN + LINE * count)
}

/// Where the line begins that `at` is in, or one so many lines before it.
fn start_of_lines(text: &[u8], at: usize, count: usize) -> usize {
    let floor = at.saturating_sub(reach(count));
    memchr::memrchr_iter(b'\n', &text[floor..at]).nth(count).map_or(floor, |end| floor + end + 1)
}

/// Where the line ends that `at` is in, or one so many lines after it.
fn end_of_lines(text: &[u8], at: usize, count: usize) -> usize {
    let rest = &text[at..text.len().min(at + reach(count))];
    at + memchr::memchr_iter(b'\n', rest).nth(count).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stretches_are_the_lines_around_words(
            text in prop::collection::vec(prop::sample::select(&["\n", "a", "bcd", "\n\n"][..]), 1..60),
            words in prop::collection::vec(0..80_usize, 0..6),
            count in 0..4_usize,
        ) {
            let text = text.concat();
            let mut words: Vec<usize> = words.into_iter().filter(|at| *at < text.len()).collect();
            words.sort_unstable();
            let mut stretches = Stretches::default();
            let mut expected = vec![false; text.len() + 1];
            for &at in &words {
                stretches.add(text.as_bytes(), Span::new(at, at + 1), count);
                let start = text[..at].rmatch_indices('\n').nth(count).map_or(0, |(at, _)| at + 1);
                let end = text[at + 1..].match_indices('\n').nth(count).map_or(text.len(), |(end, _)| at + 1 + end);
                expected[start..=end].fill(true);
            }
            let all = stretches.all_of(text.as_bytes(), count);
            prop_assert!(all.windows(2).all(|pair| pair[0].end < pair[1].start), "{all:?}");
            let mut covered = vec![false; text.len() + 1];
            all.iter().for_each(|stretch| covered[stretch.start..=stretch.end].fill(true));
            prop_assert_eq!(covered, expected);
        }
    }

    #[test]
    fn lines_without_end_are_cut() {
        let text = [b'a'; 3 * MOST];
        for count in [0, 1, 100] {
            let mut stretches = Stretches::default();
            stretches.add(&text, Span::new(MOST + 5, MOST + 8), count);
            let reach = [WITHIN, WITHIN + LINE, MOST][count.min(2)];
            assert_eq!(stretches.all_of(&text, count), [Span::new(MOST + 5 - reach, MOST + 8 + reach)]);
        }
    }
}
