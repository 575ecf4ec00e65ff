//! Bytes in, secrets out. Pure and total: any bytes, no failure, no unbounded time or memory.
//!
//! Must not know: paths, git, threads, where bytes come from. A literal search finds candidates, which
//! may lie but never miss ([`Prefilter`]); each is confirmed by its rule's form, judged by the look of
//! its body and of its surroundings, and claimed by one rule.

mod automaton;
mod begins;
mod byteset;
mod claim;
mod context;
mod decode;
mod doors;
mod encode;
mod encoded;
mod expression;
mod form;
mod groups;
mod host;
mod jwt;
mod language;
mod marker;
mod opening;
mod pairs;
mod pattern;
mod prefilter;
mod randomness;
mod selftest;
mod states;
mod table;
mod word_table;
mod words;

pub use prefilter::{Candidate, Prefilter, REACH};
pub use selftest::{Failure, selftest};

use crate::{
    model::{Hit, Span, visible_lines},
    rule::{self, Catalog, Rule},
};
use context::Surroundings;
use doors::Doors;
use form::Form;
use host::Hosts;
use std::{
    collections::{BTreeSet, HashSet},
    sync::OnceLock,
};
use table::Tables;

pub use pattern::LONGEST;
pub use words::Patterns;

/// Whether `body` looks as if it was drawn at random, as the part of a key that is secret does.
#[must_use]
pub fn looks_random(body: &[u8]) -> bool {
    randomness::look(body) == randomness::Look::Random
}

/// Whether `byte` is one that keys are made of.
#[must_use]
pub fn is_of_key(byte: u8) -> bool {
    randomness::is_of_key(byte)
}

/// Whether a word of `text` may be a key that no rule knows, as far as can be seen at a glance: long enough, and with digits
/// or letters of both cases in no order.
#[must_use]
pub fn may_hold_key(text: &[u8]) -> bool {
    randomness::may_hold_random(text)
}

/// The words within `span` that look as if they were drawn at random, or are base64 of such: what nobody knows to be a key
/// may be one.
pub fn random_words(bytes: &[u8], span: Span) -> impl Iterator<Item = Span> + use<> {
    const LONGEST: usize = 2048;
    let is_of_word = |at: usize| bytes.get(at).is_some_and(|byte| is_of_key(*byte));
    // A word that begins before what is shown is looked at whole.
    let floor = span.start.saturating_sub(LONGEST);
    let mut at = (floor..span.start).rev().take_while(|at| is_of_word(*at)).last().unwrap_or(span.start);
    let mut words = Vec::new();
    while at < span.end {
        let start = at;
        while is_of_word(at) && at - start < LONGEST {
            at += 1;
        }
        let word = &bytes[start..at];
        if word.len() >= randomness::SHORTEST && (looks_random(word) || randomness::hides_random(word)) {
            words.push(Span::new(start, at));
        }
        at += 1;
    }
    words.into_iter()
}

/// All rules of a catalog, ready to be run over bytes. Shared by all threads.
#[derive(Debug)]
pub struct Matcher {
    prefilter: Prefilter,
    /// The same for what is encoded.
    doors: Doors,
    /// By form: whether something tells that a key is there even if it is broken.
    telling: Vec<bool>,
    /// Made ready when a candidate comes, if the rules are the ones that come with the program.
    rules: OnceLock<Rules>,
}

/// What candidates are put to.
#[derive(Debug)]
struct Rules {
    forms: Vec<Form>,
    /// By rule: whether something tells that a key is there even if it is broken.
    tells: Vec<bool>,
    /// By rule: its family, and the fingerprints that its issuer published.
    published: Vec<(String, BTreeSet<String>)>,
    hosts: Hosts,
}

impl Rules {
    fn of(rules: &[Rule], forms: Vec<Form>, telling: &[bool]) -> Self {
        let published = rules.iter().map(|rule| (rule.family.clone(), rule.published.clone())).collect();
        let mut tells = vec![false; rules.len()];
        let of_rules = forms.iter().zip(telling).filter(|(_, tells)| **tells).flat_map(|(form, _)| form.rules());
        of_rules.for_each(|rule| tells[rule] = true);
        Self { forms, tells, published, hosts: Hosts::of(rules) }
    }
}

/// A rule that cannot be made ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {field}: {}", visible_lines(message))]
pub struct MatcherError {
    /// The rule's id.
    pub rule: String,
    /// Its field.
    pub field: &'static str,
    /// What is wrong, and the way out.
    pub message: String,
}

impl Matcher {
    /// Makes the rules of `catalog` for secrets ready. Regular expressions are compiled when first needed.
    ///
    /// # Errors
    /// When a rule's pattern is too large, or has no literal to look for and does not say so.
    pub fn new(catalog: &Catalog) -> Result<Self, MatcherError> {
        if let Some(Tables { prefilter, doors, telling }) =
            catalog.is_builtin().then(|| Tables::stored(rule::BUILTIN_SUM)).flatten()
        {
            return Ok(Self { prefilter, doors, telling, rules: OnceLock::new() });
        }
        let forms = form::of(catalog.secrets())?;
        let Tables { prefilter, doors, telling } = Tables::of(&forms);
        let rules = OnceLock::from(Rules::of(catalog.secrets(), forms, &telling));
        Ok(Self { prefilter, doors, telling, rules })
    }

    fn rules(&self) -> &Rules {
        self.rules.get_or_init(|| {
            let rules = rule::builtin_secrets();
            Rules::of(rules, form::without_openings(rules), &self.telling)
        })
    }

    /// The literal search that decides where the rules are tried.
    #[must_use]
    pub const fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// Whether `text` may hold a secret, plain or encoded. May say yes wrongly, never no.
    #[must_use]
    pub fn any(&self, text: &[u8]) -> bool {
        self.prefilter.is_blind() || self.prefilter.any(text) || self.doors.candidates(text, &mut |_| true)
    }

    /// The spans that tell where in `text` a secret may be, plain or encoded, none longer than [`REACH`].
    pub fn spans(&self, text: &[u8], mut each: impl FnMut(Span)) {
        self.prefilter.candidates(text, |candidate| each(candidate.span));
        self.doors.candidates(text, &mut |opened| {
            each(opened.span);
            false
        });
    }

    /// Compiles every pattern now rather than when it is first needed.
    ///
    /// # Errors
    /// The first pattern that is too large.
    pub fn compile(&self, catalog: &Catalog) -> Result<(), MatcherError> {
        for form in &self.rules().forms {
            let Form::Pattern(form) = form else { continue };
            form.compile().map_err(|(field, message)| {
                let rule = catalog.secrets()[form.rule()].id().to_owned();
                MatcherError { rule, field, message }
            })?;
        }
        Ok(())
    }

    /// Every secret in `text`, in order, none overlapping another.
    #[must_use]
    pub fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let mut broken = Vec::new();
        let mut hits = self.plain(text, &mut broken);
        hits.extend(encoded::hits(self, text, &broken));
        self.settle(hits)
    }

    /// Every match of every rule in `text` that is not encoded, in no order, whatever else matches there.
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> Vec<Hit> {
        self.plain(text, &mut Vec::new())
    }

    /// The same, and the places where a rule is told that has no match there, or none that is regular.
    fn plain(&self, text: &[u8], broken: &mut Vec<usize>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut tried = HashSet::new();
        let mut around = Surroundings::default();
        self.prefilter.candidates(text, |candidate| {
            let form = &self.rules().forms[candidate.form];
            let at = if form.is_searched() { 0 } else { candidate.at };
            if tried.insert((candidate.form, at)) && !form.is_searched() {
                let hit = form.confirm(text, at, &mut around);
                if self.telling[candidate.form] && hit.as_ref().is_none_or(|hit| !hit.notes.is_empty()) {
                    broken.push(at);
                }
                hits.extend(hit);
            }
        });
        if tried.is_empty() && !self.prefilter.is_blind() {
            return hits;
        }
        for (index, form) in self.rules().forms.iter().enumerate() {
            if form.is_blind() || (form.is_searched() && tried.contains(&(index, 0))) {
                form.search(text, &mut around, &mut hits);
            }
        }
        hits
    }

    /// The same as [`Matcher::hits`], plain ones found by trying every rule at every byte: slow, and what the prefilter
    /// is tested against.
    #[must_use]
    pub fn hits_without_prefilter(&self, text: &[u8]) -> Vec<Hit> {
        let mut around = Surroundings::default();
        let mut hits = Vec::new();
        for form in &self.rules().forms {
            if form.is_searched() {
                form.search(text, &mut around, &mut hits);
            } else {
                hits.extend((0..text.len()).filter_map(|at| form.confirm(text, at, &mut around)));
            }
        }
        let mut broken = Vec::new();
        self.plain(text, &mut broken);
        hits.extend(encoded::hits(self, text, &broken));
        self.settle(hits)
    }

    /// The host in `text` that the secret at `span` most likely belongs to, for rules whose issuer has one for each
    /// customer.
    #[must_use]
    pub fn host(&self, rule: usize, text: &[u8], span: Span) -> Option<String> {
        self.rules().hosts.nearest(rule, text, span)
    }

    /// One hit a place, but for those that everybody may read in the issuer's documentation.
    fn settle(&self, hits: Vec<Hit>) -> Vec<Hit> {
        let mut hits = claim::settle(hits);
        hits.retain(|hit| {
            let (family, published) = &self.rules().published[hit.rule];
            published.is_empty() || !published.contains(&hit.secret.fingerprint(family).to_string())
        });
        hits
    }
}
