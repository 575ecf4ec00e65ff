//! The shape of a lint in a rule file: a way of handling secrets, and how it is noticed. Must not know what any lint
//! looks for, or how its examples are run.

use super::{
    Placed, Samples,
    schema::{Check, InFile, Near, Rule, Step},
};
use crate::model::{Confidence, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One lint, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LintRule {
    /// Readable, lower case with dashes; never renamed.
    pub id: Placed<String>,
    /// One line for people: what is wrong.
    pub name: String,
    /// What it costs at worst.
    pub severity: Severity,
    /// How sure it is that what it sees is what it says.
    pub confidence: Confidence,
    /// Whether it runs unless asked for.
    #[serde(default)]
    pub tier: Tier,
    /// The version of keylint that brought it.
    pub since: String,
    /// What it sees, in a sentence or two.
    pub about: String,
    /// Why that matters, in a sentence or two.
    pub why: String,
    /// How to mend it, in order.
    pub fix: Vec<Step>,
    /// Where the facts come from.
    #[serde(default)]
    pub references: Vec<String>,
    /// The weaknesses it is about, by their numbers in the Common Weakness Enumeration.
    #[serde(default)]
    pub cwe: Vec<u16>,

    /// A regular expression; the group `at` (`at2`, … in further alternatives), else the whole match, is pointed at.
    /// Without one, the lint is code.
    pub pattern: Option<Placed<String>>,
    /// Words of which every match has one, `(?i)` before those that are looked for in any case; `(?&vendor)` is each word
    /// for an issuer. Derived from the pattern where they are not given.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Lists of words, of each of which every match has one as well: rarer where these stand than on their own.
    #[serde(default)]
    pub also: Vec<Vec<String>>,
    /// How many lines a match may go on before and after such a word.
    #[serde(default = "few")]
    pub lines: usize,
    /// What is pointed at must not match this.
    pub reject: Option<Placed<String>>,
    /// One of these must stand close by, if there are any.
    #[serde(default)]
    pub near: Vec<Near>,
    /// None of these may stand close by.
    #[serde(default)]
    pub unless: Vec<Near>,
    /// Must match in the same file.
    pub file: Option<InFile>,
    /// Globs of the paths it looks at; empty for all.
    #[serde(default)]
    pub paths: Vec<Placed<String>>,
    /// Globs of paths it does not look at.
    #[serde(default)]
    pub exclude_paths: Vec<Placed<String>>,
    /// Where in a file it looks.
    #[serde(default)]
    pub within: Within,
    /// What must stand at the place that is pointed at, if it is a value.
    pub value: Option<Wanted>,
    /// Whether it looks at tests too.
    #[serde(default)]
    pub in_tests: bool,

    /// Files it must speak of; `«»` mark what it points at.
    pub bad: Vec<Sample>,
    /// Files it must leave alone: the same, done well, first.
    pub good: Vec<Sample>,
}

/// What only lints have.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lint {
    /// Whether it runs unless asked for.
    pub tier: Tier,
    /// Why it matters.
    pub why: String,
    /// The weaknesses it is about, by their numbers in the Common Weakness Enumeration.
    pub cwe: Vec<u16>,
    /// Words of which every match of its pattern has one, `(?i)` before those that are looked for in any case.
    pub needs: Vec<String>,
    /// Lists of words, of each of which every match has one as well.
    pub also: Vec<Vec<String>>,
    /// How many lines a match may go on before and after such a word.
    pub lines: usize,
    /// Where in a file it looks.
    pub within: Within,
    /// What must stand at the place that is pointed at, if it is a value.
    pub value: Option<Wanted>,
    /// Whether it looks at tests too.
    pub in_tests: bool,
    /// Files it must speak of, and files it must leave alone.
    pub samples: Samples,
}

/// Whether a lint runs unless asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// It does: nine in ten of its findings should be right.
    #[default]
    Default,
    /// It does not: what it says is for those who want to hear everything.
    Strict,
}

impl Tier {
    /// Its name as written in rules.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
        }
    }
}

/// Where in a file a pattern is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// Code and its strings, not comments.
    #[default]
    Code,
    /// Code alone: what stands in a string is a message, unless it is put in there.
    Names,
    /// Everything.
    All,
}

/// What a value that is pointed at must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Something that may well open something: drawn at random, no reference and no word in its place.
    Literal,
    /// The same, and no secret that a rule finds.
    Unknown,
    /// A secret that a rule finds. Such a lint needs no words: it is tried where one stands.
    Known,
}

/// A file for a lint to look at, and what lies around it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sample {
    /// Its path.
    pub path: String,
    /// Generator of its content.
    pub text: Placed<String>,
    /// Further files, by path: content alone.
    #[serde(default)]
    pub beside: BTreeMap<String, String>,
    /// What it was before, oldest first, if anything was committed.
    #[serde(default)]
    pub before: Vec<Earlier>,
    /// Files of a repository in its first directory, by path.
    #[serde(default)]
    pub inner: BTreeMap<String, String>,
    /// Whether git tracks it.
    #[serde(default = "yes")]
    pub tracked: bool,
    /// Its permission bits, as `chmod` has them.
    pub mode: Option<String>,
}

/// What a file was, and since when.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Earlier {
    /// Generator of its content.
    pub text: String,
    /// How many days ago that was committed.
    pub days: u32,
    /// By whom, as `Name <email>`.
    pub author: Option<String>,
}

const fn few() -> usize {
    1
}

const fn yes() -> bool {
    true
}

impl LintRule {
    /// The lint as a rule among others.
    pub(super) fn into_rule(self) -> Rule {
        let Self { tier, why, cwe, needs, also, lines, within, value, in_tests, bad, good, .. } = self;
        let samples = Samples::new(bad, good);
        Rule {
            family: self.id.get_ref().clone(),
            id: self.id,
            name: self.name,
            severity: self.severity,
            confidence: self.confidence,
            traits: Vec::new(),
            variable: None,
            since: self.since,
            about: self.about,
            rotate: self.fix,
            references: self.references,
            marker: None,
            pattern: self.pattern,
            prefilter: None,
            shown: String::new(),
            check: Check { reject: self.reject, ..Check::default() },
            near: self.near,
            unless: self.unless,
            file: self.file,
            jwt: None,
            paths: self.paths,
            exclude_paths: self.exclude_paths,
            verify: None,
            unasked: None,
            recipe: None,
            provider: String::new(),
            group: String::new(),
            published: Default::default(),
            examples: Vec::new(),
            counterexamples: Vec::new(),
            misses: Vec::new(),
            lint: Some(Box::new(Lint { tier, why, cwe, needs, also, lines, within, value, in_tests, samples })),
        }
    }
}
