//! Which rules apply to which paths. Must not know what is at a path.

use super::{Placed, Rule};
use crate::model::Text;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::sync::OnceLock;

/// The globs of each rule.
#[derive(Debug)]
pub struct PathRules(Vec<Option<Both>>);

/// The globs of a rule that has some.
#[derive(Debug)]
struct Both {
    only: Globs,
    except: Globs,
}

/// Globs of which one must match. Those that are text and stars, as all that come with the program, are matched as they are
/// written: to compile them takes longer than to ask them of all paths of a small repository.
#[derive(Debug)]
struct Globs {
    simple: Vec<Simple>,
    others: Vec<String>,
    /// The others, made ready when first asked for: most rules meet no path.
    ready: OnceLock<GlobSet>,
}

/// A glob of text and stars, in its parts.
#[derive(Debug)]
struct Simple {
    first: String,
    /// What stands between stars, and after the last; none if there is no star.
    rest: Option<(Vec<String>, String)>,
}

impl PathRules {
    /// Those of `rules`, by their number among them.
    #[must_use]
    pub fn new(rules: &[Rule]) -> Self {
        let both = |rule: &Rule| Both { only: Globs::of(&rule.paths), except: Globs::of(&rule.exclude_paths) };
        let has_any = |rule: &Rule| !rule.paths.is_empty() || !rule.exclude_paths.is_empty();
        Self(rules.iter().map(|rule| has_any(rule).then(|| both(rule))).collect())
    }

    /// Whether the rule with this number applies to `path`.
    #[must_use]
    pub fn applies(&self, rule: usize, path: &Text) -> bool {
        self.applies_to(rule, &String::from_utf8_lossy(path.as_bytes()))
    }

    /// The same for a path as text.
    #[must_use]
    pub fn applies_to(&self, rule: usize, path: &str) -> bool {
        let Some(Some(globs)) = self.0.get(rule) else { return true };
        (globs.only.is_empty() || globs.only.any(path)) && !globs.except.any(path)
    }
}

impl Globs {
    fn of(globs: &[Placed<String>]) -> Self {
        let globs = globs.iter().map(|glob| glob.get_ref().clone());
        let (simple, others): (Vec<_>, _) = globs.partition(|glob| is_simple(glob));
        Self { simple: simple.iter().map(|glob| Simple::of(glob)).collect(), others, ready: OnceLock::new() }
    }

    fn is_empty(&self) -> bool {
        self.simple.is_empty() && self.others.is_empty()
    }

    fn any(&self, path: &str) -> bool {
        let among_others = || self.ready.get_or_init(|| set(&self.others)).is_match(path);
        self.simple.iter().any(|glob| glob.fits(path)) || (!self.others.is_empty() && among_others())
    }
}

/// Whether nothing in `glob` has a meaning but single stars.
fn is_simple(glob: &str) -> bool {
    !glob.contains("**") && !glob.contains(['?', '[', ']', '{', '}', '\\', '!'])
}

impl Simple {
    fn of(glob: &str) -> Self {
        let Some((first, rest)) = glob.split_once('*') else { return Self { first: glob.to_owned(), rest: None } };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let middle = middle.split('*').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { first: first.to_owned(), rest: Some((middle, last.to_owned())) }
    }

    /// Whether `path` is what it says; a star is anything, slashes too.
    fn fits(&self, path: &str) -> bool {
        let Some((middle, last)) = &self.rest else { return self.first == path };
        let Some(mut path) = path.strip_prefix(&*self.first) else { return false };
        for part in middle {
            match path.find(&**part) {
                Some(at) => path = &path[at + part.len()..],
                None => return false,
            }
        }
        path.ends_with(&**last)
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

#[cfg(test)]
mod tests {
    use super::{Simple, is_simple, set};
    use crate::rule::Catalog;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stars_mean_what_they_mean_to_others(glob in "[ab./*]{0,8}", path in "[ab./\n]{0,10}") {
            prop_assume!(is_simple(&glob));
            prop_assert_eq!(Simple::of(&glob).fits(&path), set(&[glob]).is_match(&path));
        }
    }

    #[test]
    fn the_built_in_globs_are_simple() {
        let catalog = Catalog::builtin();
        let all = catalog.rules().iter().flat_map(|rule| rule.paths.iter().chain(&rule.exclude_paths));
        let other: Vec<_> = all.map(|glob| glob.get_ref()).filter(|glob| !is_simple(glob)).collect();
        assert!(other.is_empty(), "{other:?}");
    }
}
