//! The searches for the words of the lints that come with the program, worked out before it is built. Must not know what any
//! word is of.
//!
//! `words.postcard` is made by this file's test, from the rules. Each search stands beside its words there, so what is not in
//! it, as after a change of a rule until it is made anew, is worked out.

use super::prefilter::PrefilterTables;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Words, and their [`PrefilterTables`], which are not read until they are needed.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    words: Vec<&'a str>,
    tables: &'a [u8],
}

/// The search for these words, if it is one of those that are stored.
pub(super) fn stored(words: &[String]) -> Option<PrefilterTables> {
    static ALL: OnceLock<Vec<Entry<'static>>> = OnceLock::new();
    let all = ALL.get_or_init(|| postcard::from_bytes(include_bytes!("words.postcard")).unwrap_or_default());
    let entry = all.iter().find(|entry| entry.words == words)?;
    postcard::from_bytes(entry.tables).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matcher::{Patterns, Prefilter},
        rule::{Catalog, Rule, Tier, any_case},
    };
    use std::{collections::BTreeSet, env, fs, path::Path};

    /// Every list of words that a lint looks for, alone or with others.
    fn lists() -> BTreeSet<Vec<String>> {
        let catalog = Catalog::builtin();
        let is_default = |rule: &Rule| rule.lint.as_ref().is_some_and(|lint| lint.tier == Tier::Default);
        let lints = [Patterns::lists(&catalog, &is_default), Patterns::lists(&catalog, &|_| true)];
        [catalog.speech().in_any_case(), any_case(&catalog.speech().parts_of_names())]
            .into_iter()
            .chain(lints.concat())
            .collect()
    }

    #[test]
    fn what_is_stored_is_what_follows_from_the_words() {
        let lists = lists();
        let of = |words: &Vec<String>| {
            postcard::to_allocvec(&Prefilter::of_new_words(words).tables()).expect("bytes and numbers")
        };
        let tables: Vec<_> = lists.iter().map(of).collect();
        let words = lists.iter().map(|words| words.iter().map(String::as_str).collect());
        let entries: Vec<_> =
            words.zip(&tables).map(|(words, tables)| Entry { words, tables: tables.as_slice() }).collect();
        let expected = postcard::to_allocvec(&entries).expect("text and bytes");
        if env::var_os("SNAPSHOTS").is_some_and(|how| how == "overwrite") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/matcher/words.postcard");
            return fs::write(path, expected).expect("the file can be written");
        }
        let stored: &[u8] = include_bytes!("words.postcard");
        assert!(
            stored == expected,
            "the words are not of these rules: SNAPSHOTS=overwrite cargo test --lib word_table"
        );
    }

    #[test]
    fn words_are_few_enough_for_the_fast_search() {
        for words in lists() {
            let search = Prefilter::of_new_words(&words);
            assert!(search.is_fast() || cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))), "{words:?}");
        }
    }

    #[test]
    fn what_is_read_back_is_what_was_stored() {
        for words in lists() {
            let stored = stored(&words).expect("it is stored");
            assert_eq!(stored, Prefilter::of_new_words(&words).tables(), "{words:?}");
        }
        assert!(stored(&["of no lint".to_owned()]).is_none());
    }
}
