//! The literal searches over the rules that come with the program, worked out before it is built: working them out takes
//! longer than a small scan. Must not know how a search is made, or what is done where something was found.
//!
//! `tables.json` is made by this file's test, from the rules. It says of which rules it is; for others, and after a change
//! of the rules until it is made anew, the searches are worked out at the start.

use super::{
    byteset::ByteSet,
    decode::Door,
    doors::{self, Doors},
    form::Form,
    prefilter::{self, Prefilter},
};
use crate::rule::Rule;
use serde::{Deserialize, Serialize};

/// What stands in the file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// The sum of the rule files that it was made of.
    rules: u64,
    /// All sets of bytes that occur; the others refer to them by number.
    sets: Vec<[u64; 4]>,
    /// How many of `patterns` are literals, the others being filler.
    literals: usize,
    /// What the prefilter searches for.
    patterns: Vec<Vec<u8>>,
    /// By pattern.
    probes: Vec<Vec<StoredProbe>>,
    large: StoredGroups,
    small: StoredGroups,
    /// By form: whether something tells that a key is there even if it is broken.
    telling: Vec<bool>,
}

/// Form, way back to the match, way back to the first byte compared, the sets compared.
type StoredProbe = (usize, usize, usize, Vec<usize>);

/// The groups of one size, by which encoded forms are told.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredGroups {
    /// Group, form, and where in what is compared of it; ordered as they are searched.
    slots: Vec<(u32, u32, u32)>,
    /// Door, way back to the beginning of the form, the sets compared.
    probes: Vec<(Door, usize, Vec<usize>)>,
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
    /// Those of `rules`, whose `forms` these are.
    pub(super) fn of(forms: &[Form], rules: &[Rule]) -> Self {
        let sighted = forms.iter().enumerate().filter(|(_, form)| !form.is_blind());
        let openings =
            sighted.flat_map(|(index, form)| form.openings().into_iter().map(move |opening| (index, opening)));
        let prefilter = Prefilter::new(openings.collect(), forms.iter().any(Form::is_blind));
        let (main, other): (Vec<_>, Vec<_>) = forms.iter().map(Form::telling).unzip();
        let telling = main.iter().map(|literals| !literals.is_empty()).collect();
        // Making hundreds of forms ready takes time, and looking for them does: only what its file asks it for is looked
        // for in everything that can be read back.
        let is_wide = |form: &Form| form.rules().into_iter().any(|rule| rules[rule].every_encoding);
        let (wide, narrow): (Vec<_>, Vec<_>) = forms.iter().zip(main).partition(|(form, _)| is_wide(form));
        let wide: Vec<Vec<u8>> = wide.into_iter().flat_map(|(_, literals)| literals).collect();
        let narrow = narrow.into_iter().flat_map(|(_, literals)| literals);
        let doors = Doors::new(&wide, &narrow.chain(other.concat()).collect::<Vec<_>>());
        Self { prefilter, doors, telling }
    }

    /// Those of the rules with this sum, if they are the ones that are stored.
    pub(super) fn stored(rules: u64) -> Option<Self> {
        let stored: Stored = serde_json::from_str(include_str!("tables.json")).ok()?;
        (stored.rules == rules).then(|| stored.unpacked())?
    }
}

impl Stored {
    fn unpacked(self) -> Option<Tables> {
        let all: Vec<ByteSet> = self.sets.into_iter().map(ByteSet::from_words).collect();
        let sets =
            |numbers: Vec<usize>| numbers.into_iter().map(|nth| all.get(nth).copied()).collect::<Option<Vec<_>>>();
        let probe = |(form, back_to_match, back, numbers): StoredProbe| {
            Some(prefilter::Probe { form, back_to_match, back, sets: sets(numbers)? })
        };
        let probes: Option<Vec<Vec<_>>> =
            self.probes.into_iter().map(|probes| probes.into_iter().map(probe).collect()).collect();
        let door =
            |(door, back, numbers): (Door, usize, Vec<usize>)| Some(doors::Probe { door, back, sets: sets(numbers)? });
        let groups = |groups: StoredGroups| {
            Some((groups.slots, groups.probes.into_iter().map(door).collect::<Option<Vec<_>>>()?))
        };
        Some(Tables {
            prefilter: Prefilter::of_parts((&self.patterns, self.literals), probes?, false),
            doors: Doors::of_parts(groups(self.large)?, groups(self.small)?),
            telling: self.telling,
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

    impl Stored {
        fn of(tables: &Tables) -> Self {
            let mut sets: Vec<[u64; 4]> = Vec::new();
            let mut number = |set: &ByteSet| {
                sets.iter().position(|known| *known == set.words()).unwrap_or_else(|| {
                    sets.push(set.words());
                    sets.len() - 1
                })
            };
            let (patterns, literals, probes) = tables.prefilter.parts();
            let mut probe = |probe: &prefilter::Probe| {
                (probe.form, probe.back_to_match, probe.back, probe.sets.iter().map(&mut number).collect())
            };
            let probes = probes.iter().map(|probes| probes.iter().map(&mut probe).collect()).collect();
            let mut groups = |(slots, probes): doors::Parts<'_>| StoredGroups {
                slots: slots.to_vec(),
                probes: probes
                    .iter()
                    .map(|probe| (probe.door, probe.back, probe.sets.iter().map(&mut number).collect()))
                    .collect(),
            };
            let [large, small] = tables.doors.parts();
            let (large, small) = (groups(large), groups(small));
            let (patterns, telling) = (patterns.to_vec(), tables.telling.clone());
            Self { rules: rule::BUILTIN_SUM, sets, literals, patterns, probes, large, small, telling }
        }
    }

    #[test]
    fn what_is_stored_is_what_follows_from_the_rules() {
        let catalog = Catalog::builtin();
        let forms = form::of(catalog.secrets()).expect("the rules can be matched");
        let expected = Stored::of(&Tables::of(&forms, catalog.secrets()));
        if env::var_os("SNAPSHOTS").is_some_and(|how| how == "overwrite") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/matcher/tables.json");
            let text = serde_json::to_string(&expected).expect("numbers");
            return fs::write(path, text.replace("]],", "]],\n") + "\n").expect("the file can be written");
        }
        let stored: Stored = serde_json::from_str(include_str!("tables.json")).expect("tables");
        assert!(stored == expected, "tables.json is not of these rules: SNAPSHOTS=overwrite cargo test --lib table");
    }

    #[test]
    fn what_was_stored_comes_back() {
        let catalog = Catalog::builtin();
        let forms = form::of(catalog.secrets()).expect("the rules can be matched");
        let made = || Stored::of(&Tables::of(&forms, catalog.secrets()));
        assert!(Stored::of(&made().unpacked().expect("tables")) == made());
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
