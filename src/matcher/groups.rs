//! In which order literals are given to the SIMD search, which decides how often it stops for nothing.
//! Must not know rules, or what is done where a literal was found.
//!
//! The search sorts its patterns into sixteen groups and asks of each place in a text which groups could begin there: for
//! each of the first three bytes, whether some pattern of the group has its lower half and some its upper half. So patterns
//! that begin alike belong into one group. The group follows from a pattern's number, and from nothing else but this: one
//! with the same lower halves as an earlier one joins that. In the order they come in, sixty literals make the search stop
//! in every third step of sixteen bytes; in this one, in every twentieth.

use super::pairs::{share, share_of_pair};

/// How many groups the search tells apart, if it is given more than 32 patterns.
const GROUPS: usize = 16;
const WIDE: usize = 33;
/// How many bytes of each pattern are compared at once.
const DEPTH: usize = 3;
/// How many patterns a group may have, and how many literals all may have: the library takes no more.
const FULL: usize = 8;
pub(super) const MOST: usize = FULL * GROUPS;
/// How often a better group is looked for, at most.
const ROUNDS: usize = 8;

/// What has a number in the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The literal with this index.
    Literal(usize),
    /// Bytes that no text has, for the numbers in between.
    Filler(Vec<u8>),
}

/// What the search is to be given for `literals`, each of three bytes at least, in order.
pub(super) fn slots(literals: &[Vec<u8>]) -> Vec<Slot> {
    let groups = sorted(literals);
    let fullest = groups.iter().map(|group| group.members.len()).max().unwrap_or(0);
    let rows = fullest.max(WIDE.div_ceil(GROUPS));
    let numbers = (0..rows).flat_map(|row| (0..GROUPS).map(move |group| (row, group)));
    let filler = filler(&groups, literals);
    let slot = |(row, nth): (usize, usize)| match groups[nth].members.get(row) {
        Some(&literal) => Slot::Literal(literal),
        None if row == 0 => Slot::Filler(vec![0xf0 | nth as u8; DEPTH]),
        None => Slot::Filler(filler.clone()),
    };
    numbers.map(slot).collect()
}

/// What fills up the groups. Where the search stops it compares all that the group has: so filler belongs into the one that it
/// stops for least. Bytes with the lower halves of a member join that, and let no byte of a text through that did not pass
/// before.
fn filler(groups: &[Group], literals: &[Vec<u8>]) -> Vec<u8> {
    let with_members = groups.iter().filter_map(|group| Some((group.weight, *group.members.first()?)));
    let rarest = with_members.min_by(|a, b| a.0.total_cmp(&b.0));
    rarest.map_or(vec![0xf0; DEPTH], |(_, first)| literals[first].iter().map(|byte| byte | 0xf0).collect())
}

/// The literals in groups: each goes where it adds least, those that turn up most often first, and then each once more
/// as long as that helps.
fn sorted(literals: &[Vec<u8>]) -> Vec<Group> {
    let mut groups = vec![Group::default(); GROUPS];
    let mut order: Vec<(usize, f64)> =
        literals.iter().map(|literal| Group::default().with(literal).weight).enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let order: Vec<usize> = order.into_iter().map(|(nth, _)| nth).collect();
    for &nth in &order {
        put(nth, &mut groups, literals);
    }
    for _ in 0..ROUNDS {
        let weight = |groups: &[Group]| groups.iter().map(|group| group.weight).sum::<f64>();
        let before = weight(&groups);
        for &nth in &order {
            take(nth, &mut groups, literals);
            put(nth, &mut groups, literals);
        }
        if weight(&groups) >= before {
            break;
        }
    }
    groups
}

/// Puts the literal with this index where it adds least.
fn put(nth: usize, groups: &mut [Group], literals: &[Vec<u8>]) {
    let added = |group: &Group| group.with(&literals[nth]).weight - group.weight;
    let all = groups.iter().enumerate();
    let is_open = |group: &Group| group.members.len() < FULL || literals.len() > MOST;
    let added = all.filter(|(_, group)| is_open(group)).map(|(at, group)| (at, added(group)));
    if let Some((best, _)) = added.min_by(|a, b| a.1.total_cmp(&b.1)) {
        let mut members = std::mem::take(&mut groups[best].members);
        members.push(nth);
        groups[best] = Group { members, ..groups[best].with(&literals[nth]) };
    }
}

/// Takes it out of where it is.
fn take(nth: usize, groups: &mut [Group], literals: &[Vec<u8>]) {
    for group in groups.iter_mut().filter(|group| group.members.contains(&nth)) {
        let mut members = std::mem::take(&mut group.members);
        members.retain(|member| *member != nth);
        let rest = members.iter().fold(Group::default(), |rest, &member| rest.with(&literals[member]));
        *group = Group { members, ..rest };
    }
}

/// Literals that the search does not tell apart.
#[derive(Clone, Debug, Default)]
struct Group {
    members: Vec<usize>,
    /// By place: the lower and the upper halves that occur there, a bit each.
    low: [u16; DEPTH],
    high: [u16; DEPTH],
    /// How often the search stops for it, as a share of all places.
    weight: f64,
}

impl Group {
    /// The same with one more literal to stop for.
    fn with(&self, literal: &[u8]) -> Self {
        let mut group = Self { members: Vec::new(), ..*self };
        for (nth, byte) in literal.iter().take(DEPTH).enumerate() {
            group.low[nth] |= 1 << (byte & 0xf);
            group.high[nth] |= 1 << (byte >> 4);
        }
        if (group.low, group.high) != (self.low, self.high) {
            group.weight = group.stops();
        }
        group
    }

    /// In what share of places the search stops for it.
    fn stops(&self) -> f64 {
        let bytes = |nth: usize| {
            let (low, high) = (halves(self.low[nth]), halves(self.high[nth]));
            high.flat_map(move |high| low.clone().map(move |low| high << 4 | low))
        };
        let through = |middle: u8| {
            let before: f64 = bytes(0).map(|first| share_of_pair(first, middle)).sum();
            let after: f64 = bytes(2).map(|last| share_of_pair(middle, last)).sum();
            before * after / share(middle)
        };
        bytes(1).map(through).sum()
    }
}

/// The halves of bytes whose bits are set.
fn halves(mut bits: u16) -> impl Iterator<Item = u8> + Clone {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros() as u8;
        bits &= bits.wrapping_sub(1);
        (lowest < 16).then_some(lowest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn every_literal_has_one_number_and_the_rest_is_filler_that_no_text_has() {
        for count in [0, 1, 5, 16, 40, 112, 128, 300] {
            let literals: Vec<Vec<u8>> = (0..count).map(|nth| format!("{nth:03}").into_bytes()).collect();
            let slots = slots(&literals);
            assert!(slots.len() >= WIDE && slots.len().is_multiple_of(GROUPS), "{count}");
            assert!(slots.len() <= MOST || count > MOST, "{count}");
            let mut numbers: Vec<usize> =
                slots.iter().filter_map(|slot| if let Slot::Literal(nth) = slot { Some(*nth) } else { None }).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (0..count).collect::<Vec<_>>());
            let filler =
                slots.iter().filter_map(|slot| if let Slot::Filler(bytes) = slot { Some(bytes) } else { None });
            assert!(filler.flatten().all(|byte| *byte >= 0xf0));
        }
    }

    #[test]
    fn literals_that_begin_alike_are_in_one_group() {
        let mut words = vec!["sk-proj-", "sk-svcacct-"];
        let others: Vec<String> = (b'a'..=b'z').map(|letter| format!("{0}{0}{0}", char::from(letter))).collect();
        words.extend(others.iter().map(String::as_str));
        let groups = sorted(&of(&words));
        assert!(groups.iter().any(|group| group.members.contains(&0) && group.members.contains(&1)));
    }

    #[test]
    fn the_search_stops_less_often_than_in_the_order_that_literals_come_in() {
        let literals = of(&[
            "dapi", "ek_", "eyJ", "sk_", "rpa_", "Cohere", "cohere", "xai-", "sk-", "hf_", "mistral", "r8_", "wandb",
            "hipu", "jina_", "vck_", "e2b_", "llx-", "oyage", "azure", "pplx-", "tvly-", "nvapi-", "whsec_", "AIza",
            "tgp_v1_", "AZURE", "JQQJ9", "T3BlbkFJ", "WANDB", "MISTRAL", "VOYAGE_A", "sess-", "lsv2_pt_",
        ]);
        let by_number = |group: usize| {
            let members = literals.iter().enumerate().filter(|(nth, _)| nth % GROUPS == group);
            members.fold(Group::default(), |group, (_, literal)| group.with(literal)).weight
        };
        let before: f64 = (0..GROUPS).map(by_number).sum();
        let after: f64 = sorted(&literals).iter().map(|group| group.weight).sum();
        assert!(after * 2.0 < before, "{after} of {before}");
    }
}
