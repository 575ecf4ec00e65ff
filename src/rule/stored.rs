//! The lints that come with the program, read before it is built: reading their files takes longer than a small scan. Must
//! not know what any lint looks for.
//!
//! `lints.postcard` is made by this file's test. It says of which files it is; after a change of those until it is made
//! anew, the files are read.

use super::{Lint, Rule};
use serde::{Deserialize, Serialize};

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The sum of the files with lints, and of how providers are spoken of.
    files: u64,
    lints: Vec<Entry>,
}

/// A lint, with what a rule file does not say of each.
#[derive(Serialize, Deserialize)]
struct Entry {
    group: String,
    rule: Rule,
    lint: Box<Lint>,
}

/// Those of the files with this sum, if they are the ones that are stored.
pub(super) fn lints(files: u64) -> Option<Vec<Rule>> {
    let stored: Stored = postcard::from_bytes(include_bytes!("lints.postcard")).ok()?;
    let rule = |Entry { group, rule, lint }| Rule { group, lint: Some(lint), ..rule };
    (stored.files == files).then(|| stored.lints.into_iter().map(rule).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::catalog::{BUILTIN_LINTS_SUM, read_lints};
    use std::{env, fs, path::Path};

    /// What is to stand in the file.
    fn expected() -> Vec<u8> {
        let entry = |mut rule: Rule| {
            let lint = rule.lint.take().expect("a lint");
            Entry { group: rule.group.clone(), rule, lint }
        };
        let lints = read_lints(crate::rule::Catalog::builtin().speech()).into_iter().map(entry).collect();
        postcard::to_allocvec(&Stored { files: BUILTIN_LINTS_SUM, lints }).expect("text and numbers")
    }

    #[test]
    fn what_is_stored_is_what_the_files_say() {
        let expected = expected();
        if env::var_os("SNAPSHOTS").is_some_and(|how| how == "overwrite") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rule/lints.postcard");
            return fs::write(path, expected).expect("the file can be written");
        }
        let stored: &[u8] = include_bytes!("lints.postcard");
        assert!(stored == expected, "the lints are not of these files: SNAPSHOTS=overwrite cargo test --lib stored");
    }

    #[test]
    fn a_stored_lint_is_the_lint() {
        let stored = lints(BUILTIN_LINTS_SUM).expect("they are stored");
        let read = read_lints(crate::rule::Catalog::builtin().speech());
        // Places are not stored.
        let look = |rules: &[Rule]| {
            regex::Regex::new(r"span: \d+\.\.\d+")
                .map(|place| place.replace_all(&format!("{rules:?}"), "").into_owned())
        };
        assert!(look(&stored).expect("an expression") == look(&read).expect("an expression"));
    }
}
