//! A rule put to its own examples. Must not know files or how the outcome is shown.

use super::Matcher;
use crate::{
    model::{Hit, Span},
    rule::{Catalog, Rule, expand},
};

/// How many times each generator is expanded.
const SEEDS: u64 = 16;

/// An example that does not turn out as its rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Index of the rule in the catalog.
    pub rule: usize,
    /// The list it stands in: `examples`, `counterexamples` or `misses`.
    pub field: &'static str,
    /// Its index in that list.
    pub index: usize,
    /// What happened instead.
    pub message: String,
}

/// Runs the examples, counterexamples and misses of every rule.
#[must_use]
pub fn selftest(catalog: &Catalog, matcher: &Matcher) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (index, rule) in catalog.secrets().iter().enumerate() {
        let lists =
            [("examples", &rule.examples), ("counterexamples", &rule.counterexamples), ("misses", &rule.misses)];
        for (field, list) in lists {
            for (at, template) in list.iter().enumerate() {
                let fault = (0..SEEDS).find_map(|seed| {
                    let example = expand(template.get_ref(), seed).ok()?;
                    let hits = matcher.hits(example.text.as_bytes());
                    fault(catalog.secrets(), index, field, example.secret, &hits)
                });
                failures.extend(fault.map(|message| Failure { rule: index, field, index: at, message }));
            }
        }
    }
    failures
}

fn fault(rules: &[Rule], rule: usize, field: &str, secret: Span, hits: &[Hit]) -> Option<String> {
    let family = &rules[rule].family;
    let ours = hits.iter().find(|hit| rules[hit.rule].family == *family);
    match (field, ours) {
        ("examples", None) => Some("is not found".to_owned()),
        ("examples", Some(hit)) if hit.rule != rule => {
            Some(format!("is claimed by another rule, {}", rules[hit.rule].id()))
        }
        ("examples", Some(hit)) if hit.span != secret => Some(format!(
            "is found at bytes {}..{}, while the secret is marked at {}..{}",
            hit.span.start, hit.span.end, secret.start, secret.end
        )),
        ("counterexamples", Some(hit)) => Some(format!("is reported, by rule {}", rules[hit.rule].id())),
        ("misses", Some(hit)) if hit.span.overlaps(secret) => {
            Some(format!("is found by rule {}: no longer a miss, make it an example", rules[hit.rule].id()))
        }
        _ => None,
    }
}
