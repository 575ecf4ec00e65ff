//! Lints that are patterns, tried where one of their words stands. Must not know paths, or what a lint says.

use super::{MatcherError, Prefilter, context::Surroundings, pattern::PatternForm};
use crate::{
    model::{Hit, Span},
    rule::{Catalog, Rule, Wanted, cased},
};

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
    /// Words of which one must stand in the same lines, if any must.
    also: Option<Prefilter>,
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
            let also = (!lint.also.is_empty()).then(|| Prefilter::of_words(&lint.also));
            forms.push(Near { form: PatternForm::of_lint(index, rule), lines: lint.lines, also });
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
        let mut stands = |word: Span, forms: &[usize]| {
            for &form in forms {
                let near = &self.forms[form];
                if *tells[form].get_or_insert_with(|| applies(near.form.rule())) {
                    add(stretches[form].get_or_insert_default(), word, near.lines, text);
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
            let fits = |stretch: &Span| near.also.as_ref().is_none_or(|also| also.any(&text[stretch.range()]));
            for stretch in stretches.into_iter().flatten().filter(fits) {
                near.form.search_in(text, stretch, &mut around, &mut hits);
            }
        }
        hits
    }
}

/// The lines of `word`, and as many before and after.
fn around(text: &[u8], word: Span, lines: usize) -> Span {
    let floor = word.start.saturating_sub(WITHIN);
    let ceiling = text.len().min(word.end + WITHIN);
    let start = memchr::memrchr_iter(b'\n', &text[floor..word.start]).nth(lines).map_or(floor, |at| floor + at + 1);
    let end = memchr::memchr_iter(b'\n', &text[word.end..ceiling]).nth(lines).map_or(ceiling, |at| word.end + at);
    Span::new(start, end)
}

/// Adds the lines around `word` to the stretches before it; what overlaps is one.
fn add(stretches: &mut Vec<Span>, word: Span, lines: usize, text: &[u8]) {
    let new = around(text, word, lines);
    match stretches.last_mut() {
        Some(last) if new.start <= last.end => {
            last.start = last.start.min(new.start);
            last.end = last.end.max(new.end);
        }
        _ => stretches.push(new),
    }
}
