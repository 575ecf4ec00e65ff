//! Rules as SARIF describes them: what a result means and what to do about it. Must not know results.

use super::shape::{Configuration, Rule};
use crate::{
    model::{Confidence, Finding, Severity},
    report::{Input, help, plain},
    rule,
};
use std::collections::BTreeMap;
use zizmor_sarif::{MultiformatMessageString, PropertyBag, ReportingDescriptor, ResultLevel};

/// GitHub refuses longer names and descriptions, and shows no more than ten of a rule's tags.
const NAME: usize = 255;
const DESCRIPTION: usize = 1024;
const TAGS: usize = 10;

/// What is said of rules of secrets, and of lints: whether one stands there is not what those are about.
const SECRET: [&str; 3] = ["security", "external/cwe/cwe-798", "secret"];
const HYGIENE: [&str; 2] = ["security", "hygiene"];

/// The rules of the catalog, then those that only findings know, in the order that results refer to.
pub(super) struct Rules<'a> {
    index: BTreeMap<&'a str, usize>,
    pub(super) list: Vec<Rule>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        let mut rules = Self { index: BTreeMap::new(), list: Vec::new() };
        for rule in input.catalog.rules() {
            rules.add(rule.id(), || known(rule));
        }
        let silenced = input.report.silenced.iter().map(|silenced| &silenced.finding);
        for finding in input.report.findings.iter().chain(silenced) {
            rules.add(&finding.rule, || unknown(finding));
        }
        rules
    }

    pub(super) fn index(&self, id: &str) -> usize {
        self.index.get(id).copied().unwrap_or_default()
    }

    fn add(&mut self, id: &'a str, rule: impl FnOnce() -> Rule) {
        if !self.index.contains_key(id) {
            self.index.insert(id, self.list.len());
            self.list.push(rule());
        }
    }
}

fn known(rule: &rule::Rule) -> Rule {
    let about = plain::line(rule.about.trim().as_bytes());
    let mut properties = properties(rule.severity, Some(rule.confidence), tags(rule));
    if let Some(lint) = &rule.lint {
        properties.additional_properties.insert("tier".to_owned(), lint.tier.as_str().into());
    }
    Rule {
        base: ReportingDescriptor {
            help: Some(help(rule)),
            help_uri: rule.references.first().cloned(),
            id: rule.id().to_owned(),
            name: Some(pascal(rule.id())),
            properties: Some(properties),
        },
        short_description: text(cut(&sentence(&rule.name))),
        full_description: text(cut(&about)),
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

/// A rule that the catalog lacks: all that is known of it is what it is called.
fn unknown(finding: &Finding) -> Rule {
    let (id, severity) = (finding.rule.as_str(), finding.severity);
    let (help, tags) = match finding.secret() {
        Some(_) => ("Find out what this opens, replace it, and end the old one.", &SECRET[..]),
        None => ("Find out how keys get out this way, and keep them in.", &HYGIENE[..]),
    };
    let description = || text(cut(&sentence(&plain::line(id.as_bytes()))));
    Rule {
        base: ReportingDescriptor {
            help: Some(text(help.to_owned())),
            help_uri: None,
            id: plain::line(id.as_bytes()),
            name: Some(pascal(id)),
            properties: Some(properties(severity, None, owned(tags))),
        },
        short_description: description(),
        full_description: description(),
        default_configuration: Configuration { level: level(severity) },
    }
}

/// GitHub shows the Markdown; others may show the text.
fn help(rule: &rule::Rule) -> MultiformatMessageString {
    MultiformatMessageString { markdown: Some(help::markdown(rule)), text: help::text(rule) }
}

fn tags(rule: &rule::Rule) -> Vec<String> {
    let Some(lint) = &rule.lint else {
        let family = Some(rule.family.clone()).filter(|family| !family.is_empty());
        return owned(&SECRET).into_iter().chain(family).collect();
    };
    let cwe = lint.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    owned(&HYGIENE).into_iter().chain(cwe).take(TAGS).collect()
}

fn owned(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn properties(severity: Severity, confidence: Option<Confidence>, tags: Vec<String>) -> PropertyBag {
    let mut additional_properties = BTreeMap::from([("security-severity".to_owned(), score(severity).into())]);
    if let Some(confidence) = confidence {
        // GitHub's scale has our steps, and one above them.
        additional_properties.insert("precision".to_owned(), confidence.as_str().into());
    }
    PropertyBag { tags, additional_properties }
}

/// On the scale from 0 to 10 of which GitHub calls more than 9 critical, 7 and more high, 4 and more medium. A number
/// in a string: anything else makes GitHub refuse the whole file.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Note => "0.5",
    }
}

pub(super) const fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Note => ResultLevel::Note,
    }
}

/// `openai-project-key` as `OpenaiProjectKey`.
fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric());
    let capital = |word: &str| word[..1.min(word.len())].to_ascii_uppercase() + word.get(1..).unwrap_or("");
    words.map(capital).collect::<String>().chars().take(NAME).collect()
}

fn sentence(text: &str) -> String {
    format!("{}.", plain::line(text.as_bytes()).trim_end_matches('.'))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(DESCRIPTION) {
        Some(_) => text.chars().take(DESCRIPTION - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn text(text: String) -> MultiformatMessageString {
    MultiformatMessageString { markdown: None, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Report,
        report::{Options, sample},
        rule::Catalog,
    };
    use serde_json::{Value, json};

    fn described(catalog: &Catalog, report: &Report) -> Vec<Value> {
        let options = Options::default();
        let rules = Rules::new(&Input { report, catalog, options: &options });
        rules.list.iter().map(|rule| serde_json::to_value(rule).expect("JSON")).collect()
    }

    #[test]
    fn every_rule_is_as_github_wants_it() {
        for rule in described(&sample::catalog(), &Report::default()) {
            let text = |field: &str| rule[field]["text"].as_str().expect("a text").chars().count();
            assert!((1..=DESCRIPTION).contains(&text("shortDescription")), "{rule}");
            assert!((1..=DESCRIPTION).contains(&text("fullDescription")), "{rule}");
            let name = rule["name"].as_str().expect("a name");
            assert!(name.len() <= NAME && name.starts_with(|c: char| c.is_ascii_uppercase()), "{rule}");
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{rule}");
            let score: f64 =
                rule["properties"]["security-severity"].as_str().expect("a string").parse().expect("number");
            assert!(score > 0.0 && score <= 10.0, "{rule}");
            let tags = rule["properties"]["tags"].as_array().expect("tags");
            let is_lint = tags.contains(&json!("hygiene"));
            assert!(tags.len() <= TAGS && (is_lint || tags.contains(&json!("external/cwe/cwe-798"))), "{rule}");
            let steps = |field: &str, step: &str| rule["help"][field].as_str().expect("help").contains(step);
            assert!(steps("text", "\n  1. ") && steps("markdown", "\n1. "), "{rule}");
            assert!(rule["helpUri"].as_str().map_or(is_lint, |uri| uri.starts_with("https://")), "{rule}");
        }
    }

    #[test]
    fn a_lint_is_tagged_with_what_it_is_about() {
        let rules = described(&sample::catalog(), &Report::default());
        let rule = rules.iter().find(|rule| rule["id"] == sample::LINT).expect("the lint");
        assert_eq!(rule["properties"]["tags"], json!(["security", "hygiene", "external/cwe/cwe-522"]));
        assert_eq!(rule["properties"]["tier"], "default");
        let help = rule["help"]["markdown"].as_str().expect("help");
        assert!(help.contains("\n## Why it matters\n") && help.contains("\n## Bad\n"), "{help}");
        let rules = described(&Catalog::default(), &sample::with_practices());
        let rule = rules.iter().find(|rule| rule["id"] == sample::LINT).expect("the lint");
        assert_eq!(rule["properties"]["tags"], json!(["security", "hygiene"]));
    }

    #[test]
    fn descriptions_and_names_of_any_length_are_cut() {
        assert_eq!(cut(&"ä".repeat(DESCRIPTION)).chars().count(), DESCRIPTION);
        let long = cut(&"ä".repeat(DESCRIPTION + 1));
        assert_eq!((long.chars().count(), long.ends_with("ä…")), (DESCRIPTION, true));
        assert_eq!(pascal(&"a-".repeat(400)).len(), NAME);
        assert_eq!(pascal("openai--project_key2"), "OpenaiProjectKey2");
        assert_eq!(pascal("-ä-"), "");
    }

    #[test]
    fn a_rule_that_is_not_in_the_catalog_is_described_all_the_same() {
        let rules = described(&Catalog::default(), &sample::report());
        let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
        assert_eq!(ids, ["openai-project-key", "openai-user-key"]);
        assert_eq!(rules[0]["properties"].get("precision"), None);
        assert_eq!(rules[0]["shortDescription"]["text"], "openai-project-key.");
    }

    #[test]
    fn results_find_their_rule() {
        let (catalog, report, options) = (sample::catalog(), sample::report(), Options::default());
        let rules = Rules::new(&Input { report: &report, catalog: &catalog, options: &options });
        for finding in &report.findings {
            assert_eq!(rules.list[rules.index(&finding.rule)].base.id, finding.rule);
        }
    }
}
