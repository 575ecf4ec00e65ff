//! Which rules apply to which paths. Must not know what is at a path.

use super::Rule;
use crate::model::Text;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::sync::OnceLock;
use toml::Spanned;

/// The globs of each rule, made ready when first asked for: most rules meet no path.
#[derive(Debug)]
pub struct PathRules(Vec<Option<Lazy>>);

/// The globs of a rule that has some, as written and made ready.
#[derive(Debug)]
struct Lazy {
    only: Vec<String>,
    except: Vec<String>,
    ready: OnceLock<(GlobSet, GlobSet)>,
}

impl PathRules {
    /// Those of `rules`, by their number among them.
    #[must_use]
    pub fn new(rules: &[Rule]) -> Self {
        let written = |globs: &[Spanned<String>]| globs.iter().map(|glob| glob.get_ref().clone()).collect();
        let lazy = |rule: &Rule| Lazy {
            only: written(&rule.paths),
            except: written(&rule.exclude_paths),
            ready: OnceLock::new(),
        };
        let has_any = |rule: &Rule| !rule.paths.is_empty() || !rule.exclude_paths.is_empty();
        Self(rules.iter().map(|rule| has_any(rule).then(|| lazy(rule))).collect())
    }

    /// Whether the rule with this number applies to `path`.
    #[must_use]
    pub fn applies(&self, rule: usize, path: &Text) -> bool {
        let Some(Some(globs)) = self.0.get(rule) else { return true };
        let (only, except) = globs.ready.get_or_init(|| (set(&globs.only), set(&globs.except)));
        let path = String::from_utf8_lossy(path.as_bytes());
        (globs.only.is_empty() || only.is_match(path.as_ref())) && !except.is_match(path.as_ref())
    }
}

/// Globs that were checked when their rule was loaded.
fn set(globs: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs.iter().filter_map(|glob| Glob::new(glob).ok()) {
        builder.add(glob);
    }
    builder.build().unwrap_or_default()
}
