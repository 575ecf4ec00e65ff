//! The literal searches over the rules that come with the program, worked out before it is built: working them out takes
//! longer than a small scan. Must not know how a search is made, or what is done where something was found.
//!
//! `tables.postcard` is made by this file's test, from the rules. It says of which rules it is; for others, and after a
//! change of the rules until it is made anew, the searches are worked out at the start.

use super::{
    doors::{DoorTables, Doors},
    form::Form,
    prefilter::{Prefilter, PrefilterTables},
};
use serde::{Deserialize, Serialize};

/// What stands in the file. It is not for reading, and small: it is read at every start.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    /// The sum of the rule files that it was made of.
    rules: u64,
    prefilter: PrefilterTables,
    doors: DoorTables,
    /// By form: whether something tells that a key is there even if it is broken.
    telling: Vec<bool>,
}

/// What is searched for, of all rules.
#[derive(Debug)]
pub(super) struct Tables {
    /// The literal search that decides where the rules are tried.
    pub(super) prefilter: Prefilter,
    /// The same for what is encoded.
    pub(super) doors: Doors,
    /// By form: whether something tells that a key is there even if it is broken.
    pub(super) telling: Vec<bool>,
}

impl Tables {
    /// Those of rules whose `forms` these are.
    pub(super) fn of(forms: &[Form]) -> Self {
        let sighted = forms.iter().enumerate().filter(|(_, form)| !form.is_blind());
        let openings =
            sighted.flat_map(|(index, form)| form.openings().into_iter().map(move |opening| (index, opening)));
        let prefilter = Prefilter::new(openings.collect(), forms.iter().any(Form::is_blind));
        let (main, other): (Vec<_>, Vec<_>) = forms.iter().map(Form::telling).unzip();
        let telling = forms.iter().zip(&main).map(|(form, main)| !main.is_empty() && !form.is_jwt()).collect();
        Self { prefilter, doors: Doors::new(&main.concat(), &other.concat()), telling }
    }

    /// Those of the rules with this sum, if they are the ones that are stored.
    pub(super) fn stored(rules: u64) -> Option<Self> {
        let stored: Stored = postcard::from_bytes(include_bytes!("tables.postcard")).ok()?;
        (stored.rules == rules).then(|| Self {
            prefilter: Prefilter::of(stored.prefilter, false),
            doors: Doors::of(stored.doors),
            telling: stored.telling,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matcher::form,
        rule::{self, Catalog},
    };
    use std::{env, fs, path::Path};

    /// What is to stand in the file.
    fn expected() -> Vec<u8> {
        let catalog = Catalog::builtin();
        let forms = form::of(catalog.secrets()).expect("the rules can be matched");
        let Tables { prefilter, doors, telling } = Tables::of(&forms);
        let (prefilter, doors) = (prefilter.tables(), doors.into_tables());
        postcard::to_allocvec(&Stored { rules: rule::BUILTIN_SUM, prefilter, doors, telling }).expect("numbers")
    }

    #[test]
    fn what_is_stored_is_what_follows_from_the_rules() {
        let expected = expected();
        if env::var_os("SNAPSHOTS").is_some_and(|how| how == "overwrite") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/matcher/tables.postcard");
            return fs::write(path, expected).expect("the file can be written");
        }
        let stored: &[u8] = include_bytes!("tables.postcard");
        assert!(stored == expected, "the tables are not of these rules: SNAPSHOTS=overwrite cargo test --lib table");
        assert!(Tables::stored(rule::BUILTIN_SUM).is_some());
    }

    #[test]
    fn a_form_is_the_same_with_its_openings_stored_elsewhere() {
        let catalog = Catalog::builtin();
        let own = form::of(catalog.secrets()).expect("the rules can be matched");
        let without = form::without_openings(catalog.secrets());
        let look = |form: &Form| (form.rules(), form.is_blind(), form.is_searched());
        assert_eq!(own.iter().map(look).collect::<Vec<_>>(), without.iter().map(look).collect::<Vec<_>>());
    }
}
