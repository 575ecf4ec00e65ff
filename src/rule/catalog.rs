//! All rules of a scan: the built-in ones and the user's. Must not know how rules are matched.

use super::{
    Recipe,
    check::{self, RuleError},
    needs, phrase,
    schema::{Rule, RuleFile, Speech},
};
use std::{collections::BTreeMap, sync::Arc};

/// The files of `rules/` and `rules/hygiene/`, by name.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

/// A checked, ordered list of rules.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    rules: Vec<Rule>,
    speech: Speech,
}

impl Catalog {
    /// The rules that come with the program. What they must keep to is checked by the tests, not at each
    /// start.
    ///
    /// # Errors
    /// Never in a released build: the tests load them too.
    pub fn builtin() -> Result<Self, Vec<RuleError>> {
        let mut catalog = Self::default();
        for (name, text) in BUILTIN {
            let file = RuleFile::parse(&format!("rules/{name}"), text).map_err(|error| vec![error])?;
            let rules = catalog.settle(file);
            catalog.rules.extend(rules);
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
        let rules = self.settle(RuleFile::parse(name, text).map_err(|error| vec![error])?);
        let errors = check::rules(name, text, &rules, &self.rules);
        if !errors.is_empty() {
            return Err(errors);
        }
        self.rules.extend(rules);
        Ok(())
    }

    /// Keeps the rules for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        self.rules.retain(keep);
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule called `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id() == id)
    }

    /// Words that a file has which deals with an issuer, in lower case, and names of variables that hold keys.
    #[must_use]
    pub const fn speech(&self) -> &Speech {
        &self.speech
    }

    /// The rules of `file`, each with what it takes over from there; what the file says of its issuer is kept.
    fn settle(&mut self, mut file: RuleFile) -> Vec<Rule> {
        self.speech.words.append(&mut file.speech.words);
        self.speech.variables.append(&mut file.speech.variables);
        let lints = std::mem::take(&mut file.lints);
        let group = file.name.clone();
        let mut rules = settle(file);
        let spoken = phrase::Spoken::of(&self.speech);
        rules.extend(lints.into_iter().map(|lint| {
            let mut rule = lint.into_rule();
            rule.patterns_mut().for_each(|pattern| spoken.put_into(pattern));
            needs::settle(&mut rule);
            rule
        }));
        rules.iter_mut().for_each(|rule| rule.group.clone_from(&group));
        rules
    }
}

/// Gives each rule what it takes over from its file.
fn settle(file: RuleFile) -> Vec<Rule> {
    let RuleFile { provider, rotate, references, mut rules, recipes, .. } = file;
    let recipes: BTreeMap<String, Arc<Recipe>> =
        recipes.into_iter().map(|(name, recipe)| (name, Arc::new(recipe))).collect();
    for rule in &mut rules {
        rule.provider.clone_from(&provider);
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
        assert_eq!(catalog.rules().len(), Catalog::builtin().expect("they load").rules().len());
    }
}
