//! All rules of a scan: the built-in ones and the user's. Must not know how rules are matched.

use super::{
    LintRule, Recipe,
    check::{self, RuleError},
    needs,
    schema::{Rule, RuleFile, Speech},
    spoken::Spoken,
    stored,
};
use rayon::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// The files of `rules/` and `rules/hygiene/`, by name.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

/// A sum of those of them that have rules for secrets: it tells whether what was worked out before is of these.
pub(crate) const BUILTIN_SUM: u64 = include!(concat!(env!("OUT_DIR"), "/builtin_sum.rs"));

/// The same of those that have lints, and of what the lints take from the others.
pub(super) const BUILTIN_LINTS_SUM: u64 = include!(concat!(env!("OUT_DIR"), "/builtin_lints_sum.rs"));

/// How many rules for secrets there are in them.
const BUILTIN_COUNT: usize = include!(concat!(env!("OUT_DIR"), "/builtin_count.rs"));

/// What the issuers of those are called, and names of variables that hold their keys.
const BUILTIN_SPEECH: (&[&str], &[&str]) = include!(concat!(env!("OUT_DIR"), "/builtin_speech.rs"));

/// A checked, ordered list of rules: those for secrets, then the lints.
///
/// Those that come with the program are read when first asked for: that takes a good part of the time of a small scan,
/// and most scans find nothing for which one is needed.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Whether the rules that come with the program are among them.
    has_builtin: bool,
    /// The rules for secrets of files that were added.
    own: Vec<Rule>,
    /// The lints of files that were added.
    own_lints: Vec<Rule>,
    /// All rules for secrets, if some were added.
    secrets: OnceLock<Vec<Rule>>,
    /// All lints, if some come with the program.
    lints: OnceLock<Vec<Rule>>,
    /// All rules.
    all: OnceLock<Vec<Rule>>,
    speech: Speech,
}

/// The rules for secrets that come with the program. That they can be read, and what they must keep to, is checked by the
/// tests, not at each start.
pub(crate) fn builtin_secrets() -> &'static [Rule] {
    static SECRETS: OnceLock<Vec<Rule>> = OnceLock::new();
    SECRETS.get_or_init(|| builtin_files(false).flat_map_iter(settle).collect())
}

/// The files that come with the program, those `of_lints` or the others, each read by whoever is free.
fn builtin_files(of_lints: bool) -> impl ParallelIterator<Item = RuleFile> {
    let files = BUILTIN.par_iter().filter(move |(name, _)| is_of_lints(name) == of_lints);
    files.filter_map(|(name, text)| RuleFile::parse(&format!("rules/{name}"), text).ok())
}

/// The lints that come with the program, from their files.
pub(crate) fn read_lints(speech: &Speech) -> Vec<Rule> {
    builtin_files(true).flat_map_iter(|file| lints_of(file.lints, &file.name, speech)).collect()
}

impl Catalog {
    /// The rules that come with the program.
    #[must_use]
    pub fn builtin() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (words, variables) = BUILTIN_SPEECH;
        let speech = Speech { words: owned(words), variables: owned(variables) };
        Self { has_builtin: true, speech, ..Self::default() }
    }

    /// Adds the rules of one file, called `name` in errors. It may say how secrets look, and not where they are sent.
    ///
    /// # Errors
    /// Everything that is wrong with the file, with its line and field; nothing of it is added then.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), Vec<RuleError>> {
        let file = RuleFile::parse(name, text).map_err(|error| vec![error])?;
        if let Some(recipe) = file.recipes.values().next() {
            return Err(vec![check::foreign_recipe(name, text, recipe)]);
        }
        self.add_with_recipes(name, text)
    }

    /// The same for a file that is meant to come with the program, and that is looked at and not used.
    ///
    /// # Errors
    /// As above.
    pub fn add_with_recipes(&mut self, name: &str, text: &str) -> Result<(), Vec<RuleError>> {
        let (secrets, lints) = self.settle(RuleFile::parse(name, text).map_err(|error| vec![error])?);
        let both: Vec<Rule> = secrets.iter().chain(&lints).cloned().collect();
        let errors = check::rules(name, text, &both, self.rules());
        if !errors.is_empty() {
            return Err(errors);
        }
        self.own.extend(secrets);
        self.own_lints.extend(lints);
        (self.secrets, self.lints, self.all) = Default::default();
        Ok(())
    }

    /// Whether its rules for secrets are those that come with the program, and no others.
    #[must_use]
    pub const fn is_builtin(&self) -> bool {
        self.has_builtin && self.own.is_empty()
    }

    /// The rules for secrets, in order: the first of all rules, and had for less.
    #[must_use]
    pub fn secrets(&self) -> &[Rule] {
        if self.is_builtin() {
            return builtin_secrets();
        }
        self.secrets.get_or_init(|| {
            let builtin = if self.has_builtin { builtin_secrets() } else { &[] };
            builtin.iter().chain(&self.own).cloned().collect()
        })
    }

    /// The lints, in order: the last of all rules, and had for less.
    #[must_use]
    pub fn lints(&self) -> &[Rule] {
        if !self.has_builtin {
            return &self.own_lints;
        }
        self.lints.get_or_init(|| {
            // Those that are stored speak of no other providers.
            let speaks_of_others = (self.speech.words.len(), self.speech.variables.len())
                != (BUILTIN_SPEECH.0.len(), BUILTIN_SPEECH.1.len());
            let stored = if speaks_of_others { None } else { stored::lints(BUILTIN_LINTS_SUM) };
            let builtin = stored.unwrap_or_else(|| read_lints(&self.speech));
            self.own_lints.iter().cloned().chain(builtin).collect()
        })
    }

    /// The number of the first lint among all rules.
    #[must_use]
    pub const fn first_lint(&self) -> usize {
        self.own.len() + if self.has_builtin { BUILTIN_COUNT } else { 0 }
    }

    /// All rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.all.get_or_init(|| self.secrets().iter().chain(self.lints()).cloned().collect())
    }

    /// The rule called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let by_id = |rules: &'_ [Rule]| rules.iter().position(|rule| rule.id() == id);
        let (secrets, lints) = (self.secrets(), || self.lints());
        by_id(secrets).map(|at| &secrets[at]).or_else(|| by_id(lints()).map(|at| &lints()[at]))
    }

    /// Words that a file has which deals with an issuer, in lower case, and names of variables that hold keys.
    #[must_use]
    pub const fn speech(&self) -> &Speech {
        &self.speech
    }

    /// The rules and the lints of `file`, each with what it takes over from there; what the file says of its issuer is kept.
    fn settle(&mut self, mut file: RuleFile) -> (Vec<Rule>, Vec<Rule>) {
        self.speech.words.append(&mut file.speech.words);
        self.speech.variables.append(&mut file.speech.variables);
        let lints = lints_of(std::mem::take(&mut file.lints), &file.name, &self.speech);
        (settle(file), lints)
    }
}

/// Whether a built-in file has lints alone.
fn is_of_lints(name: &str) -> bool {
    name.starts_with("hygiene/")
}

/// The lints of a file called `group` for people, with what providers say of themselves written out.
fn lints_of(lints: Vec<LintRule>, group: &str, speech: &Speech) -> Vec<Rule> {
    if lints.is_empty() {
        return Vec::new();
    }
    let spoken = Spoken::of(speech);
    let ready = |lint: LintRule| {
        let mut rule = lint.into_rule();
        spoken.put_into(&mut rule);
        if let Some(lint) = &mut rule.lint {
            [&mut lint.needs].into_iter().chain(&mut lint.also).for_each(|words| speech.put_into(words));
        }
        needs::settle(&mut rule);
        group.clone_into(&mut rule.group);
        rule
    };
    lints.into_iter().map(ready).collect()
}

/// Gives each rule what it takes over from its file.
fn settle(file: RuleFile) -> Vec<Rule> {
    let RuleFile { provider, name, rotate, references, mut rules, recipes, .. } = file;
    let recipes: BTreeMap<String, Arc<Recipe>> =
        recipes.into_iter().map(|(name, recipe)| (name, Arc::new(recipe))).collect();
    for rule in &mut rules {
        rule.provider.clone_from(&provider);
        rule.group.clone_from(&name);
        rule.recipe = rule.verify.as_ref().and_then(|name| recipes.get(name.get_ref())).cloned();
        if rule.family.is_empty() {
            rule.family.clone_from(&provider);
        }
        if rule.rotate.is_empty() {
            rule.rotate.clone_from(&rotate);
        }
        if rule.references.is_empty() {
            rule.references.clone_from(&references);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{BUILTIN, Catalog};

    #[test]
    fn the_built_in_rules_keep_to_what_is_checked_of_others() {
        let mut catalog = Catalog::default();
        for (name, text) in BUILTIN {
            catalog.add_with_recipes(name, text).expect("they were checked");
        }
        let builtin = Catalog::builtin();
        assert_eq!(
            (&catalog.speech.words, &catalog.speech.variables),
            (&builtin.speech.words, &builtin.speech.variables)
        );
        let ids = |rules: &[super::Rule]| rules.iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(catalog.rules()), ids(builtin.rules()));
        assert!(builtin.secrets().iter().all(|rule| rule.lint.is_none()));
        assert_eq!(builtin.secrets().len(), builtin.first_lint());
        assert_eq!(ids(builtin.secrets()), ids(&builtin.rules()[..builtin.secrets().len()]));
    }
}
