//! The shape of a rule file. Must not know what any rule looks for.

use super::{Lint, LintRule, Placed, Recipe, needs::any_case};
use crate::model::{Confidence, Severity};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One provider's rules or one family of lints, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFile {
    /// Short name of the issuer: `openai`; of the family, for lints.
    #[serde(alias = "family")]
    pub provider: String,
    /// The issuer's name as people write it: `OpenAI`.
    pub name: String,
    /// Steps for rules that name none of their own.
    #[serde(default)]
    pub rotate: Vec<Step>,
    /// Pages for rules that name none of their own.
    #[serde(default)]
    pub references: Vec<String>,
    /// How the issuer is asked whether a secret works, by a name that rules of this file use.
    #[serde(default, rename = "recipe")]
    pub recipes: BTreeMap<String, Recipe>,
    /// How programs speak of the issuer and name its keys.
    #[serde(default)]
    pub speech: Speech,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// The lints.
    #[serde(default, rename = "lint")]
    pub lints: Vec<LintRule>,
}

/// What stands for a word for any issuer.
pub(super) const VENDOR: &str = "(?&vendor)";
/// What stands for the name of a variable that holds a key of one.
pub(super) const KEY_NAME: &str = "(?&key-name)";

/// How programs speak of an issuer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Speech {
    /// Words that a file has which deals with it, and names of its keys are made of, in lower case.
    #[serde(default)]
    pub words: Vec<String>,
    /// Further names of variables that hold its keys, in which none of the words stands.
    #[serde(default)]
    pub variables: Vec<String>,
}

impl Speech {
    /// Its words, to be found in any case.
    #[must_use]
    pub fn in_any_case(&self) -> Vec<String> {
        any_case(&self.words)
    }

    /// Texts of which every name of a key has one, in lower case.
    #[must_use]
    pub fn parts_of_names(&self) -> Vec<String> {
        let mut parts = ["key", "token", "secret"].map(str::to_owned).to_vec();
        for variable in self.variables.iter().map(|variable| variable.to_ascii_lowercase()) {
            if !parts.iter().any(|part| variable.contains(part.as_str())) {
                let words = variable.split(|letter: char| !letter.is_ascii_alphanumeric());
                parts.extend(words.max_by_key(|word| word.len()).map(str::to_owned));
            }
        }
        parts
    }

    /// Puts each word for an issuer where `words` have `(?&vendor)`, and what every name of a key has in it for `(?&key-name)`.
    pub(super) fn put_into(&self, words: &mut Vec<String>) {
        if words.iter().any(|word| word.contains("(?&")) {
            let spelled = |word: &String| -> Vec<String> {
                let known = self.words.iter().map(|known| word.replace(VENDOR, known));
                match word.as_str() {
                    KEY_NAME => self.in_any_case().into_iter().chain(self.variables.iter().cloned()).collect(),
                    _ if word.contains(VENDOR) => known.collect(),
                    _ => vec![word.clone()],
                }
            };
            *words = words.iter().flat_map(spelled).collect();
        }
    }
}

/// One rule: what to look for, how bad and how sure it is, what to do about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Readable, lower case with dashes; never renamed.
    pub id: Placed<String>,
    /// One line for people.
    pub name: String,
    /// What the secret's identity is built on, next to the secret: rules that describe forms of one
    /// kind of secret share it, so that a better form keeps the fingerprint. Defaults to the provider.
    #[serde(default)]
    pub family: String,
    /// What its holder could do.
    pub severity: Severity,
    /// The best confidence a match of this rule can have.
    pub confidence: Confidence,
    /// What else is true of every secret of this kind.
    #[serde(default)]
    pub traits: Vec<Trait>,
    /// The environment variable that programs read such a secret from.
    pub variable: Option<String>,
    /// The version of keylint that brought the rule.
    pub since: String,
    /// What it is and what its holder could do, in a few sentences.
    pub about: String,
    /// What to do, in order.
    #[serde(default)]
    pub rotate: Vec<Step>,
    /// Where the facts come from.
    #[serde(default)]
    pub references: Vec<String>,

    /// A body of base64url around a fixed marker. Exactly one of this and `pattern` is set.
    pub marker: Option<Marker>,
    /// A regular expression; the group `secret`, else the whole match, is the secret.
    pub pattern: Option<Placed<String>>,
    /// `none` where no literal can be derived from the pattern; otherwise unset.
    pub prefilter: Option<Prefilter>,
    /// The leading part of the secret that is no secret and may be shown, for pattern rules.
    #[serde(default)]
    pub shown: String,
    /// What the body must look like.
    #[serde(default)]
    pub check: Check,
    /// One of these must stand close to the secret, if there are any.
    #[serde(default)]
    pub near: Vec<Near>,
    /// None of these may stand close to the secret: it is somebody else's.
    #[serde(default)]
    pub unless: Vec<Near>,
    /// Must match in the same file.
    pub file: Option<InFile>,
    /// The secret is a JSON web token with these properties.
    pub jwt: Option<Jwt>,
    /// Globs of paths the rule applies to; empty for all.
    #[serde(default)]
    pub paths: Vec<Placed<String>>,
    /// Globs of paths the rule does not apply to.
    #[serde(default)]
    pub exclude_paths: Vec<Placed<String>>,

    /// The recipe by which its issuer is asked whether a secret works.
    pub verify: Option<Placed<String>>,
    /// Why nobody is asked whether a secret works.
    pub unasked: Option<String>,
    /// What `verify` names, with the file's provider.
    #[serde(skip)]
    pub recipe: Option<Arc<Recipe>>,
    /// The issuer, as the file says.
    #[serde(skip)]
    pub provider: String,
    /// What the file is called for people: the issuer, or what its lints are about.
    #[serde(skip)]
    pub group: String,

    /// Fingerprints of secrets that the issuer itself printed as examples: never reported.
    #[serde(default)]
    pub published: BTreeSet<String>,

    /// Generators of texts it must find; `«»` mark the secret.
    pub examples: Vec<Placed<String>>,
    /// Generators of texts it must not report.
    #[serde(default)]
    pub counterexamples: Vec<Placed<String>>,
    /// Generators of texts that hold a secret it is known not to find.
    #[serde(default)]
    pub misses: Vec<Placed<String>>,

    /// What it is besides, if it is a lint.
    #[serde(skip)]
    pub lint: Option<Box<Lint>>,
}

/// What is true of every secret of a kind, and matters for how it should be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// It belongs to a person: it ends when they leave, and acts in their name.
    Personal,
    /// The issuer makes such no more: it opens more than those of today.
    Legacy,
}

/// A step of the way out of a leak.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// What to do, as a sentence.
    #[serde(rename = "do")]
    pub text: String,
    /// Where to do it.
    pub url: Option<String>,
}

/// The form of a key with a marker in the middle of a base64url body.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Marker {
    /// The marker: `T3BlbkFJ`.
    pub literal: Placed<String>,
    /// What the key begins with: `sk-proj-`.
    pub prefixes: Vec<String>,
    /// A prefix that a free name and a dash follow: `sk-` for `sk-<name>-`.
    pub named: Option<String>,
    /// Lengths of the part between prefix and marker that genuine keys have been seen with.
    /// They grade; they never exclude.
    pub sides: Vec<usize>,
}

/// What a secret's body must look like, beyond the pattern.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// Least Shannon entropy, in bits a character.
    pub entropy: Option<f64>,
    /// Least number of distinct characters.
    pub distinct: Option<usize>,
    /// Must have upper and lower case.
    #[serde(default)]
    pub mixed: bool,
    /// A secret that matches this belongs to somebody else.
    pub reject: Option<Placed<String>>,
}

/// Something close to a secret: on its line, or on the lines around it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Near {
    /// A regular expression.
    pub pattern: Placed<String>,
    /// How many lines before and after the secret's own to look at.
    #[serde(default)]
    pub lines: usize,
    /// How far to look at most, in bytes to each side: lines of minified files have no end.
    #[serde(default = "Near::far")]
    pub within: usize,
}

impl Near {
    /// As far as is looked unless the rule says how far.
    const fn far() -> usize {
        1024
    }
}

/// Something in the same file as a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InFile {
    /// A regular expression.
    pub pattern: Placed<String>,
    /// Looked for first, because it is rarer than the secret's own pattern.
    #[serde(default)]
    pub first: bool,
}

/// What the payload of a JSON web token must say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Jwt {
    /// Accepted `iss` claims, a final slash apart.
    pub issuers: Vec<String>,
    /// Claims whose presence is enough.
    #[serde(default)]
    pub claims: Vec<String>,
}

/// How candidates for a rule are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefilter {
    /// Every byte of every file is looked at: slow, and said aloud.
    None,
}

impl Rule {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.get_ref()
    }

    /// The same, to be changed.
    pub(super) fn patterns_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let own = self.pattern.iter_mut();
        let reject = self.check.reject.iter_mut();
        let near = self.near.iter_mut().chain(&mut self.unless).map(|near| &mut near.pattern);
        let file = self.file.iter_mut().map(|file| &mut file.pattern);
        own.chain(reject).chain(near).chain(file).map(Placed::get_mut)
    }

    /// Every regular expression of the rule as written, with the field it stands in.
    pub fn patterns(&self) -> impl Iterator<Item = (&'static str, &Placed<String>)> {
        let own = self.pattern.iter().map(|pattern| ("pattern", pattern));
        let reject = self.check.reject.iter().map(|pattern| ("check.reject", pattern));
        let near = self.near.iter().map(|near| ("near.pattern", &near.pattern));
        let unless = self.unless.iter().map(|near| ("unless.pattern", &near.pattern));
        let file = self.file.iter().map(|file| ("file.pattern", &file.pattern));
        own.chain(reject).chain(near).chain(unless).chain(file)
    }
}
