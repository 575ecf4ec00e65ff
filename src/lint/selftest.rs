//! Lints that are patterns, put to their own samples. Must not know files on disk, or how the outcome is shown.
//!
//! What a lint that is code says depends on what lies around a file, so that its samples need a real one.

use super::{File, Linter, Nowhere, Options};
use crate::{
    matcher::Matcher,
    model::Text,
    rule::{Catalog, Sample, expand},
};

/// A sample that does not turn out as its lint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Index of the lint in the catalog.
    pub rule: usize,
    /// The list it stands in: `bad` or `good`.
    pub field: &'static str,
    /// Its index in that list.
    pub index: usize,
    /// What happened instead.
    pub message: String,
}

/// Runs the samples of every lint of `catalog` that is a pattern.
#[must_use]
pub fn selftest(catalog: &Catalog, matcher: &Matcher) -> Vec<Failure> {
    let linter = Linter::new((catalog, matcher), Options { strict: true, key_age: Options::KEY_AGE });
    let mut failures = Vec::new();
    for (rule, own) in catalog.rules().iter().enumerate().filter(|(_, rule)| rule.pattern.is_some()) {
        let Some(lint) = &own.lint else { continue };
        for (field, samples) in [("bad", lint.samples.bad()), ("good", lint.samples.good())] {
            for (index, sample) in samples.iter().enumerate() {
                let fault = fault((&linter, matcher), rule, field, sample);
                failures.extend(fault.map(|message| Failure { rule, field, index, message }));
            }
        }
    }
    failures
}

fn fault((linter, matcher): (&Linter<'_>, &Matcher), rule: usize, field: &str, sample: &Sample) -> Option<String> {
    let example = expand(sample.text.get_ref(), 1).ok()?;
    let (path, bytes) = (Text::from(sample.path.as_str()), example.text.as_bytes());
    let remarks = linter.check(&File { path: &path, bytes, keys: &matcher.hits(bytes) }, &Nowhere);
    let spans: Vec<_> = remarks.iter().filter(|remark| remark.rule == rule).map(|remark| remark.span).collect();
    let told = || spans.iter().map(|span| format!("{}..{}", span.start, span.end)).collect::<Vec<_>>().join(", ");
    let is_marked = sample.text.get_ref().contains('«');
    match field {
        "bad" if spans.is_empty() => Some("is not spoken of".to_owned()),
        "bad" if is_marked && !spans.contains(&example.secret) => {
            let wanted = example.secret;
            Some(format!("is spoken of at bytes {}, while {}..{} is marked", told(), wanted.start, wanted.end))
        }
        "good" if !spans.is_empty() => Some(format!("is spoken of, at bytes {}", told())),
        _ => None,
    }
}
