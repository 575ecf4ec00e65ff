//! The host that a secret belongs to, where each customer of its issuer has one: it stands in the same text.
//! Must not know that it may be asked about the secret.

use crate::{model::Span, rule::Rule};
use regex::bytes::Regex;
use std::sync::OnceLock;

/// What hosts of each rule's issuer are called, by rule.
#[derive(Debug)]
pub(super) struct Hosts {
    patterns: Vec<Option<(String, OnceLock<Option<Regex>>)>>,
}

impl Hosts {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let pattern = |rule: &Rule| {
            let pattern = rule.recipe.as_ref()?.host.as_ref()?;
            Some((pattern.get_ref().clone(), OnceLock::new()))
        };
        Self { patterns: rules.iter().map(pattern).collect() }
    }

    /// The host in `text` that is nearest to the secret at `span`; of two as near, the first.
    pub(super) fn nearest(&self, rule: usize, text: &[u8], span: Span) -> Option<String> {
        let (pattern, compiled) = self.patterns.get(rule)?.as_ref()?;
        let pattern = compiled.get_or_init(|| Regex::new(pattern).ok()).as_ref()?;
        let distance = |found: &regex::bytes::Match<'_>| {
            if found.end() <= span.start { span.start - found.end() } else { found.start().saturating_sub(span.end) }
        };
        let found = pattern.find_iter(text).min_by_key(distance)?;
        Some(String::from_utf8_lossy(found.as_bytes()).to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Catalog;

    #[test]
    fn the_nearest_host_is_taken() {
        let catalog = Catalog::builtin();
        let hosts = Hosts::of(catalog.rules());
        let rule = catalog.rules().iter().position(|rule| rule.id() == "azure-openai-key").expect("a rule");
        let of = |text: &str| {
            let at = text.find('#').expect("a secret");
            hosts.nearest(rule, text.as_bytes(), Span::new(at, at + 1))
        };
        let near = of("https://far.openai.azure.com/deployments/x, key # at https://Near.openai.azure.com/");
        assert_eq!(near.as_deref(), Some("near.openai.azure.com"));
        assert_eq!(of("a.cognitiveservices.azure.com #").as_deref(), Some("a.cognitiveservices.azure.com"));
        for none in ["#", "openai.azure.com #", "x.openai.azure.company #"] {
            assert_eq!(of(none), None, "{none}");
        }
        // Whatever it is part of, what is asked is Azure.
        assert_eq!(of("a@x.openai.azure.com.evil.example #").as_deref(), Some("x.openai.azure.com"));
        let other = catalog.rules().iter().position(|rule| rule.id() == "openai-project-key").expect("a rule");
        assert_eq!(hosts.nearest(other, b"a.openai.azure.com #", Span::new(19, 20)), None);
    }
}
