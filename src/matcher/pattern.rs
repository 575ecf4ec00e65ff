//! Rules with a regular expression: the match, then what the rule asks of its body and surroundings.
//! Must not know the other rules, or how candidates are found.

use super::{
    MatcherError,
    context::{Reach, Surroundings, ends_with_text, is_near},
    expression::{Expression, Found, Use},
    jwt,
    opening::{Opening, from_longest_run, has_literal, openings},
    randomness::{self, Look},
};
use crate::{
    model::{Confidence, Hit, Note, Secret, Span},
    rule::{Check, Jwt, Near, Prefilter, Rule, begins_word, outset, spelled, stands_between, without_start},
};
use regex_automata::{Anchored, Input};
use std::sync::OnceLock;

/// The longest match that is looked for, in bytes. What goes on beyond it is of an unusual shape.
pub const LONGEST: usize = 32 * 1024;
/// A form with more openings than these is told by none of them.
const TELLING: usize = 32;

/// One rule's expression and conditions, compiled when first needed.
#[derive(Debug)]
pub(super) struct PatternForm {
    rule: usize,
    confidence: Confidence,
    /// What of the secret is no secret, where it begins so.
    shown: Vec<u8>,
    pattern: Expression,
    openings: Vec<Opening>,
    /// Whether a match begins where a word does, which the pattern does not say.
    of_word: bool,
    /// Whether it is a name that tells what a match is.
    assigned: bool,
    /// Whether the openings tell only which texts to search, not where.
    searched: bool,
    blind: bool,
    check: Check,
    reject: Option<Expression>,
    near: Vec<Vicinity>,
    unless: Vec<Vicinity>,
    file: Option<Expression>,
    jwt: Option<Jwt>,
    /// Whether what matches is no secret, and may look like anything.
    plain: bool,
}

/// A pattern, and how far from the secret it is looked for.
#[derive(Debug)]
struct Vicinity {
    expression: Expression,
    reach: Reach,
    /// Whether only what stands before the secret is meant; found out when first needed.
    before: OnceLock<bool>,
}

impl PatternForm {
    pub(super) fn new(index: usize, rule: &Rule) -> Result<Self, MatcherError> {
        let wrong = |field, message: String| MatcherError { rule: rule.id().to_owned(), field, message };
        let wordless = wordless(rule);
        let (field, first) = match &rule.file {
            Some(file) if file.first => ("file.pattern", file.pattern.get_ref().as_str()),
            _ => ("pattern", wordless.as_deref().unwrap_or_else(|| written(rule))),
        };
        let hir = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&outset(first));
        let openings = openings(&hir.map_err(|error| wrong(field, error.to_string()))?);
        let blind = openings.iter().any(|opening| !has_literal(opening));
        match (blind, rule.prefilter) {
            (true, None) => {
                let message = "has no literal of 3 or more characters that every match begins with, so that every byte \
                               of every file would have to be tried; rewrite it, or say `prefilter = \"none\"`";
                Err(wrong(field, message.to_owned()))
            }
            (false, Some(Prefilter::None)) => {
                Err(wrong("prefilter", "is `none`, but the pattern has literals: leave it out".to_owned()))
            }
            _ => Ok(Self { openings, ..Self::without_openings(index, rule) }),
        }
    }

    /// The same for a rule that was checked before and of which it is known how its matches begin.
    pub(super) fn without_openings(index: usize, rule: &Rule) -> Self {
        let blind = rule.prefilter.is_some();
        let searched = blind || rule.file.as_ref().is_some_and(|file| file.first);
        let wordless = wordless(rule).filter(|_| !searched);
        let source = spelled(wordless.as_deref().unwrap_or_else(|| written(rule)));
        Self {
            shown: rule.shown.as_bytes().to_vec(),
            pattern: Expression::new(source, if searched { Use::Search } else { Use::Try }),
            of_word: wordless.is_some(),
            assigned: written(rule).contains("(?&assigned)"),
            searched,
            blind,
            jwt: rule.jwt.clone(),
            plain: false,
            ..Self::of_lint(index, rule)
        }
    }

    /// The same for a lint, which is tried where somebody knows that it may match.
    pub(super) fn of_lint(index: usize, rule: &Rule) -> Self {
        Self {
            rule: index,
            confidence: rule.confidence,
            shown: Vec::new(),
            pattern: Expression::new(spelled(written(rule)), Use::Try),
            openings: Vec::new(),
            of_word: false,
            assigned: false,
            searched: false,
            blind: false,
            check: rule.check.clone(),
            reject: rule.check.reject.as_ref().map(|reject| Expression::new(spelled(reject.get_ref()), Use::Try)),
            near: rule.near.iter().map(Vicinity::new).collect(),
            unless: rule.unless.iter().map(Vicinity::new).collect(),
            file: rule.file.as_ref().map(|file| Expression::new(spelled(file.pattern.get_ref()), Use::Search)),
            jwt: None,
            plain: true,
        }
    }

    /// Compiles everything now, for those who want to know whether it can be.
    pub(super) fn compile(&self) -> Result<(), (&'static str, String)> {
        self.expressions().try_for_each(|(field, expression)| expression.check().map_err(|message| (field, message)))
    }

    /// All of its expressions, each with the field it stands in.
    pub(super) fn expressions(&self) -> impl Iterator<Item = (&'static str, &Expression)> {
        let reject = self.reject.iter().map(|reject| ("check.reject", reject));
        let near = self.near.iter().map(|near| ("near.pattern", &near.expression));
        let unless = self.unless.iter().map(|near| ("unless.pattern", &near.expression));
        let file = self.file.iter().map(|file| ("file.pattern", file));
        [("pattern", &self.pattern)].into_iter().chain(reject).chain(near).chain(unless).chain(file)
    }

    pub(super) fn rule(&self) -> usize {
        self.rule
    }

    pub(super) fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// What every match has in it, whatever it is encoded in: of each opening the longest run of single bytes, with what
    /// follows it.
    pub(super) fn telling(&self) -> Vec<Opening> {
        let stands_alone = self.near.is_empty() && self.file.is_none() && self.confidence > Confidence::Low;
        if self.searched || self.assigned || !stands_alone || self.openings.len() > TELLING {
            return Vec::new();
        }
        self.openings.iter().map(from_longest_run).collect()
    }

    pub(super) const fn is_jwt(&self) -> bool {
        self.jwt.is_some()
    }

    pub(super) const fn is_blind(&self) -> bool {
        self.blind
    }

    pub(super) const fn is_searched(&self) -> bool {
        self.searched
    }

    pub(super) fn confirm(&self, text: &[u8], at: usize, around: &mut Surroundings) -> Option<Hit> {
        if self.of_word && !begins_word(text, at) {
            return None;
        }
        let end = text.len().min(at + LONGEST);
        let input = Input::new(text).range(at..end).anchored(Anchored::Yes);
        let Found { whole, secret, .. } = self.pattern.find(&input)?;
        let mut hit = self.judge(text, secret, around)?;
        if whole.end == end && end < text.len() {
            hit.confidence = hit.confidence.lowered();
            hit.notes.push(Note::UnusualShape);
        }
        Some(hit)
    }

    pub(super) fn search(&self, text: &[u8], around: &mut Surroundings, out: &mut Vec<Hit>) {
        self.search_in(text, Span::new(0, text.len()), around, out);
    }

    /// Every match that lies within a stretch of `text`.
    pub(super) fn search_in(&self, text: &[u8], stretch: Span, around: &mut Surroundings, out: &mut Vec<Hit>) {
        let mut from = stretch.start;
        while let Some(found) = self.pattern.find(&Input::new(text).range(from..stretch.end)) {
            let Found { secret, between, .. } = found;
            // A name that is none is passed by as a secret is: to try all that it stands in once more takes no end.
            let end = match between.into_iter().find(|between| !stands_between(&text[between.range()])) {
                Some(other) => other.end,
                None => {
                    out.extend(self.judge(text, secret, around));
                    secret.end
                }
            };
            // What ends one secret may begin the next.
            from = end.max(from + 1);
            if from > stretch.end {
                return;
            }
        }
    }

    fn judge(&self, text: &[u8], span: Span, around: &mut Surroundings) -> Option<Hit> {
        let secret = &text[span.range()];
        let shown = if secret.starts_with(&self.shown) { self.shown.len() } else { 0 };
        let body = &secret[shown..];
        let notes = match &self.jwt {
            Some(wanted) => jwt::read(secret, wanted)?,
            None => vec![],
        };
        let look = if self.jwt.is_some() { Look::Random } else { self.look(secret, body)? };
        let confidence = match look {
            Look::Random => self.confidence,
            // There is nothing less sure than low.
            _ if self.confidence == Confidence::Low => return None,
            _ => self.confidence.lowered(),
        };
        self.is_in_company(text, span, around).then(|| Hit {
            rule: self.rule,
            span,
            secret: Secret::new(secret, shown),
            confidence,
            notes,
            via: Vec::new(),
        })
    }

    /// Whether what stands around a secret is what the rule asks for.
    fn is_in_company(&self, text: &[u8], span: Span, around: &mut Surroundings) -> bool {
        let stands = |near: &Vicinity| near.stands(text, span);
        let in_file = |file: &Expression| around.somewhere(self.rule, file, text);
        (self.near.is_empty() || self.near.iter().any(stands))
            && !self.unless.iter().any(stands)
            && self.file.as_ref().is_none_or(in_file)
    }

    fn look(&self, secret: &[u8], body: &[u8]) -> Option<Look> {
        let Check { entropy, distinct, mixed, .. } = self.check;
        let random = entropy.is_none_or(|least| randomness::entropy(body) >= least)
            && distinct.is_none_or(|least| randomness::distinct(body) >= least)
            && (!mixed || randomness::is_mixed(body));
        let foreign = self.reject.as_ref().is_some_and(|reject| reject.is_match(secret));
        let look = if self.plain { Look::Random } else { randomness::look(body) };
        (random && !foreign && look != Look::Placeholder).then_some(look)
    }
}

/// The pattern of a rule as it is written.
fn written(rule: &Rule) -> &str {
    rule.pattern.as_ref().map_or("", |pattern| pattern.get_ref())
}

/// The same without where its matches begin, if that is at a word.
fn wordless(rule: &Rule) -> Option<String> {
    without_start(written(rule))
}

impl Vicinity {
    fn new(near: &Near) -> Self {
        let reach = Reach { lines: near.lines, within: near.within };
        Self { expression: Expression::new(spelled(near.pattern.get_ref()), Use::Try), reach, before: OnceLock::new() }
    }

    /// Whether the pattern matches close to `span`.
    fn stands(&self, text: &[u8], span: Span) -> bool {
        let before = *self.before.get_or_init(|| ends_with_text(self.expression.source()));
        is_near(&self.expression, text, span, self.reach, before)
    }
}
