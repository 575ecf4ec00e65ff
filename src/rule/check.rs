//! What a rule file must keep to beyond its syntax. Must not know how rules are matched.

use super::{
    Lint, Placed, Recipe, example, needs, phrase,
    schema::{Rule, RuleFile},
};
use crate::model::visible_lines;
use std::{collections::HashSet, fmt, ops::Range};

/// Something wrong in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file's name.
    pub file: String,
    /// Line, from one.
    pub line: usize,
    /// The rule it is in, where known.
    pub rule: Option<String>,
    /// The field, where known.
    pub field: Option<&'static str>,
    /// What is wrong, and the way out.
    pub message: String,
}

impl RuleError {
    pub(super) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Self { file: file.to_owned(), line, rule: None, field: None, message: error.message().to_owned() }
    }

    /// An error at a place of `rule`, for checks made by those who know how to match.
    #[must_use]
    pub fn at<T>(file: &str, text: &str, rule: &Rule, field: &'static str, place: &Placed<T>, message: String) -> Self {
        Self::spanning(file, text, rule, field, place.span(), message)
    }

    fn spanning(file: &str, text: &str, rule: &Rule, field: &'static str, span: Range<usize>, message: String) -> Self {
        let line = line_of(text, span.start);
        Self { file: file.to_owned(), line, rule: Some(rule.id().to_owned()), field: Some(field), message }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule}: ")?;
        }
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        // What a library says of a pattern or a glob has its characters in it, and may go over lines.
        f.write_str(&visible_lines(&self.message))
    }
}

impl std::error::Error for RuleError {}

/// Only the rules that come with the program say where secrets are sent.
pub(super) fn foreign_recipe(file: &str, text: &str, recipe: &Recipe) -> RuleError {
    let message = "only built-in rules may ask anybody about a secret; take the recipe out".to_owned();
    let line = line_of(text, recipe.get.span().start);
    RuleError { file: file.to_owned(), line, rule: None, field: Some("recipe"), message }
}

/// Everything wrong with `rules`, given those `present` before.
pub(super) fn rules(file: &str, text: &str, rules: &[Rule], present: &[Rule]) -> Vec<RuleError> {
    let mut seen: HashSet<&str> = present.iter().map(Rule::id).collect();
    let mut errors = Vec::new();
    for rule in rules {
        let mut wrong = |field, span: Range<usize>, message: String| {
            errors.push(RuleError::spanning(file, text, rule, field, span, message));
        };
        if !seen.insert(rule.id()) {
            wrong("id", rule.id.span(), "is taken by another rule; ids are unique".to_owned());
        }
        name(rule, &mut wrong);
        match &rule.lint {
            Some(lint) => samples(rule, lint, &mut wrong),
            None => form(rule, &mut wrong),
        }
        effects(rule, &mut wrong);
        patterns(rule, &mut wrong);
        globs(rule, &mut wrong);
        examples(rule, &mut wrong);
        verification(rule, &mut wrong);
    }
    errors
}

/// A secret is sent to one fixed host over TLS, in a header, or nowhere.
fn verification(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    if let (Some(name), None) = (&rule.verify, &rule.recipe) {
        wrong("verify", name.span(), format!("names no recipe of this file: {}", name.get_ref()));
    }
    if let (Some(name), Some(_)) = (&rule.verify, &rule.unasked) {
        wrong("verify", name.span(), "and `unasked` cannot both be given".to_owned());
    }
    let Some(recipe) = &rule.recipe else { return };
    let place = recipe.get.span();
    let host = recipe.origin().strip_prefix("https://").unwrap_or_default();
    let is_fixed = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    match &recipe.host {
        None if !is_fixed => wrong("recipe.get", place.clone(), "must begin with https:// and a fixed host".to_owned()),
        Some(_) if host != "{host}" => {
            wrong("recipe.get", place.clone(), "must begin with https://{host}, as `host` is given".to_owned());
        }
        _ => {}
    }
    let paths = recipe.access.iter().filter_map(|fact| fact.get.as_deref()).chain([recipe.path()]);
    if paths.clone().any(|path| path.contains(['{', '}'])) {
        wrong("recipe.get", place.clone(), "must not hold the secret: addresses are logged everywhere".to_owned());
    }
    if paths.clone().any(|path| !path.starts_with('/')) {
        wrong("recipe.get", place.clone(), "must have a path that begins with a slash".to_owned());
    }
    if !recipe.headers.values().any(|value| value.contains("{secret}")) {
        wrong("recipe.headers", place.clone(), "must hold {secret}".to_owned());
    }
    if recipe.access.iter().any(|fact| fact.header.is_some() == fact.items.is_some()) {
        wrong("recipe.access", place, "needs `header` or `items`, and not both".to_owned());
    }
    for (field, pattern) in recipe.patterns() {
        if let Err(error) = regex_syntax::Parser::new().parse(pattern.get_ref()) {
            wrong(field, pattern.span(), format!("is not a regular expression:\n{error}"));
        }
    }
}

fn name(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if rule.id().is_empty() || !rule.id().chars().all(named) {
        wrong("id", rule.id.span(), "must be lower case letters, digits and dashes".to_owned());
    }
}

/// A lint shows what it speaks of and what it leaves alone.
fn samples(rule: &Rule, lint: &Lint, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    if let Some((field, fault)) = needs::fault(rule) {
        wrong(field, rule.id.span(), fault);
    }
    for (field, list) in [("bad", lint.samples.bad()), ("good", lint.samples.good())] {
        if list.is_empty() {
            wrong(field, rule.id.span(), "is empty: a lint shows at least one file of each kind".to_owned());
        }
        for sample in list {
            let beside = sample.beside.values().map(|text| (text, sample.text.span()));
            for (text, span) in beside.chain([(sample.text.get_ref(), sample.text.span())]) {
                if let Err(error) = example::expand(text, 0) {
                    wrong(field, span, error.to_string());
                }
            }
        }
    }
}

fn form(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    let id = rule.id.span();
    match (&rule.marker, &rule.pattern) {
        (None, None) => wrong("pattern", id, "is missing: a rule has a `pattern` or a `[rule.marker]`".to_owned()),
        (Some(_), Some(_)) => wrong("pattern", id, "and `marker` cannot both be given".to_owned()),
        (Some(marker), None) => {
            if marker.literal.get_ref().len() < 4 {
                wrong("marker.literal", marker.literal.span(), "must be at least 4 characters".to_owned());
            }
            if marker.prefixes.iter().chain(&marker.named).any(String::is_empty) {
                wrong("marker.prefixes", marker.literal.span(), "must not be empty strings".to_owned());
            }
            if marker.prefixes.is_empty() && marker.named.is_none() {
                wrong("marker.prefixes", marker.literal.span(), "is empty and `named` is not given".to_owned());
            }
        }
        (None, Some(_)) => {}
    }
    if rule.examples.is_empty() {
        wrong("examples", rule.id.span(), "is empty: a rule shows at least one text that it finds".to_owned());
    }
}

/// Fields that would do nothing are refused: whoever wrote them thinks they do.
fn effects(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    let check = &rule.check;
    let checks = check.entropy.is_some() || check.distinct.is_some() || check.mixed || check.reject.is_some();
    let marked = rule.marker.is_some();
    let idle = [
        ("near", marked && !rule.near.is_empty(), "a rule with a marker needs no surroundings"),
        ("unless", marked && !rule.unless.is_empty(), "a rule with a marker needs no surroundings"),
        ("file", marked && rule.file.is_some(), "a rule with a marker needs no surroundings"),
        ("jwt", marked && rule.jwt.is_some(), "a rule with a marker is no token"),
        ("check", marked && checks, "the body of a key with a marker is checked by itself"),
        ("shown", marked && !rule.shown.is_empty(), "the prefix of a key with a marker is shown by itself"),
        ("prefilter", marked && rule.prefilter.is_some(), "a marker is looked for itself"),
        ("check", rule.jwt.is_some() && checks, "a token is checked by its claims"),
    ];
    for (field, _, why) in idle.into_iter().filter(|(_, idle, _)| *idle) {
        wrong(field, rule.id.span(), format!("has no effect here: {why}"));
    }
}

fn patterns(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    for (field, pattern) in rule.patterns() {
        if let Err(error) =
            regex_syntax::ParserBuilder::new().utf8(false).build().parse(&phrase::spelled(pattern.get_ref()))
        {
            wrong(field, pattern.span(), format!("is not a regular expression:\n{error}"));
        }
    }
}

fn globs(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    let all = rule.paths.iter().map(|glob| ("paths", glob));
    for (field, glob) in all.chain(rule.exclude_paths.iter().map(|glob| ("exclude-paths", glob))) {
        if let Err(error) = globset::Glob::new(glob.get_ref()) {
            wrong(field, glob.span(), error.to_string());
        }
    }
}

fn examples(rule: &Rule, wrong: &mut dyn FnMut(&'static str, Range<usize>, String)) {
    let lists = [("examples", &rule.examples), ("counterexamples", &rule.counterexamples), ("misses", &rule.misses)];
    for (field, list) in lists {
        for template in list {
            if let Err(error) = example::expand(template.get_ref(), 0) {
                wrong(field, template.span(), error.to_string());
            }
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    1 + text.as_bytes()[..end].iter().filter(|&&byte| byte == b'\n').count()
}

/// The file as written, for those who need it before it is checked.
impl RuleFile {
    /// Parses `text` without checking what the rules say.
    ///
    /// # Errors
    /// The first thing that is not TOML or not a rule file.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleError> {
        toml::from_str(text).map_err(|error| RuleError::syntax(file, text, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::RuleError;

    #[test]
    fn nothing_that_is_told_drives_a_terminal() {
        let (file, message) = ("a.toml".to_owned(), "in [t-\u{1b}]:\n  \u{202e}".to_owned());
        let error = RuleError { file, line: 1, rule: None, field: Some("paths"), message }.to_string();
        assert_eq!(error, "a.toml:1: paths: in [t-\\u{1b}]:\n  \\u{202e}");
    }
}
