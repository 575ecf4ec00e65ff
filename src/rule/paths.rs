//! Which rules apply to which paths. Must not know what is at a path.

use super::{Catalog, Rule};
use crate::model::Text;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::sync::OnceLock;

/// The globs of each rule, made ready when first asked for: most rules meet no path.
#[derive(Debug)]
pub struct PathRules<'a>(Vec<(&'a Rule, OnceLock<Globs>)>);

/// The paths that a rule is for, and those that it is not for.
#[derive(Debug)]
struct Globs {
    only: GlobSet,
    except: GlobSet,
}

impl<'a> PathRules<'a> {
    /// Those of all rules of `catalog`, by their number in it.
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        Self(catalog.rules().iter().map(|rule| (rule, OnceLock::new())).collect())
    }

    /// Whether the rule with this number applies to `path`.
    #[must_use]
    pub fn applies(&self, rule: usize, path: &Text) -> bool {
        let Some((rule, globs)) = self.0.get(rule) else { return false };
        if rule.paths.is_empty() && rule.exclude_paths.is_empty() {
            return true;
        }
        let globs = globs.get_or_init(|| Globs { only: set(&rule.paths), except: set(&rule.exclude_paths) });
        let path = String::from_utf8_lossy(path.as_bytes());
        (rule.paths.is_empty() || globs.only.is_match(path.as_ref())) && !globs.except.is_match(path.as_ref())
    }
}

/// Globs that were checked when their rule was loaded.
fn set(globs: &[toml::Spanned<String>]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs.iter().filter_map(|glob| Glob::new(glob.get_ref()).ok()) {
        builder.add(glob);
    }
    builder.build().unwrap_or_default()
}
