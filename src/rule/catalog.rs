//! All rules of a scan: the built-in ones and the user's. Must not know how rules are matched.

use super::{
    LintRule, Recipe,
    check::{self, RuleError},
    needs, phrase,
    schema::{Rule, RuleFile, Speech},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// The files of `rules/` and `rules/hygiene/`, by name.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

/// A sum of those of them that have rules for secrets: it tells whether what was worked out before is of these.
pub(crate) const BUILTIN_SUM: u64 = include!(concat!(env!("OUT_DIR"), "/builtin_sum.rs"));

/// A checked, ordered list of rules: those for secrets, then the lints.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    secrets: Vec<Rule>,
    /// The lints of files that were added.
    lints: Vec<Rule>,
    /// Whether the lints that come with the program are among the rules.
    has_builtin_lints: bool,
    /// Whether rules for secrets were added.
    has_own: bool,
    /// All rules, put together when first asked for: reading the built-in lints takes a third of the time of a small scan,
    /// and most scans have nothing to say of any.
    all: OnceLock<Vec<Rule>>,
    speech: Speech,
}

impl Catalog {
    /// The rules that come with the program. What they must keep to is checked by the tests, not at each
    /// start.
    ///
    /// # Errors
    /// Never in a released build: the tests load them too.
    pub fn builtin() -> Result<Self, Vec<RuleError>> {
        let mut catalog = Self { has_builtin_lints: true, ..Self::default() };
        for (name, text) in BUILTIN.iter().filter(|(name, _)| !is_of_lints(name)) {
            let file = RuleFile::parse(&format!("rules/{name}"), text).map_err(|error| vec![error])?;
            let (secrets, lints) = catalog.settle(file);
            catalog.secrets.extend(secrets);
            catalog.lints.extend(lints);
        }
        Ok(catalog)
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
        self.has_own |= !secrets.is_empty();
        self.secrets.extend(secrets);
        self.lints.extend(lints);
        self.all = OnceLock::new();
        Ok(())
    }

    /// Whether its rules for secrets are those that come with the program, and no others.
    #[must_use]
    pub const fn is_builtin(&self) -> bool {
        self.has_builtin_lints && !self.has_own
    }

    /// The rules for secrets, in order: the first of all rules, and had for less.
    #[must_use]
    pub fn secrets(&self) -> &[Rule] {
        &self.secrets
    }

    /// All rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.all.get_or_init(|| {
            let own = self.secrets.iter().chain(&self.lints).cloned();
            let files = BUILTIN.iter().filter(|(name, _)| self.has_builtin_lints && is_of_lints(name));
            // That they can be read is for the tests to say.
            let files = files.filter_map(|(name, text)| RuleFile::parse(&format!("rules/{name}"), text).ok());
            own.chain(files.flat_map(|file| lints_of(file.lints, &file.name, &self.speech))).collect()
        })
    }

    /// The rule called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let by_id = |rules: &'_ [Rule]| rules.iter().position(|rule| rule.id() == id);
        by_id(&self.secrets).map(|at| &self.secrets[at]).or_else(|| by_id(self.rules()).map(|at| &self.rules()[at]))
    }

    /// Words that a file has which deals with an issuer, in lower case, and names of variables that hold keys.
    #[must_use]
    pub const fn speech(&self) -> &Speech {
        &self.speech
    }

    /// The rules and the lints of `file`, each with what it takes over from there; what the file says of its issuer is kept.
    fn settle(&mut self, mut file: RuleFile) -> (Vec<Rule>, Vec<Rule>) {
        file.rules.iter_mut().for_each(|rule| rule.every_encoding = file.every_encoding);
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
    let spoken = phrase::Spoken::of(speech);
    let ready = |lint: LintRule| {
        let mut rule = lint.into_rule();
        rule.patterns_mut().for_each(|pattern| spoken.put_into(pattern));
        if let Some(lint) = &mut rule.lint {
            [&mut lint.needs, &mut lint.also].into_iter().for_each(|words| speech.put_into(words));
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
        let builtin = Catalog::builtin().expect("they load");
        let ids = |rules: &[super::Rule]| rules.iter().map(|rule| rule.id().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(catalog.rules()), ids(builtin.rules()));
        assert!(builtin.secrets().iter().all(|rule| rule.lint.is_none()));
        assert_eq!(ids(builtin.secrets()), ids(&builtin.rules()[..builtin.secrets().len()]));
    }
}
