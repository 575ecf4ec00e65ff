//! In which order literals are given to the SIMD search, which decides how often it stops for nothing.
//! Must not know rules, or what is done where a literal was found.
//!
//! The search sorts its patterns into sixteen groups and asks of each place in a text which groups could begin there: for
//! each of the first three bytes, whether some pattern of the group has its lower half and some its upper half. So patterns
//! that begin alike belong into one group. The group follows from a pattern's number, and from nothing else but this: one
//! with the same lower halves as an earlier one joins that. In the order they come in, sixty literals make the search stop
//! in every third step of sixteen bytes; in this one, in every twelfth.

use super::language::byte_rarity;

/// How many groups the search tells apart, if it is given more than 32 patterns.
const GROUPS: usize = 16;
const WIDE: usize = 33;
/// How many bytes of each pattern are compared at once.
const DEPTH: usize = 3;

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
    numbers.map(|(row, nth)| groups[nth].slot(row, nth, literals)).collect()
}

/// The literals in groups: each goes where it adds least, those that turn up most often first.
fn sorted(literals: &[Vec<u8>]) -> Vec<Group> {
    let mut groups = vec![Group::default(); GROUPS];
    let alone = |nth: usize| Group::default().with(&literals[nth]).weight();
    let mut order: Vec<usize> = (0..literals.len()).collect();
    order.sort_by_cached_key(|&nth| std::cmp::Reverse(alone(nth)));
    for nth in order {
        let added = |group: &Group| group.with(&literals[nth]).weight() - group.weight();
        if let Some(best) = groups.iter_mut().min_by_key(|group| added(group)) {
            let mut members = std::mem::take(&mut best.members);
            members.push(nth);
            *best = Group { members, ..best.with(&literals[nth]) };
        }
    }
    groups
}

/// Literals that the search does not tell apart.
#[derive(Clone, Debug, Default)]
struct Group {
    members: Vec<usize>,
    /// By place: the lower and the upper halves that occur there, a bit each.
    low: [u16; DEPTH],
    high: [u16; DEPTH],
    /// By place: how often a byte of theirs turns up.
    often: [u64; DEPTH],
}

impl Group {
    /// The same with one more literal to stop for.
    fn with(&self, literal: &[u8]) -> Self {
        let mut group = Self { members: Vec::new(), ..*self };
        for (nth, byte) in literal.iter().take(DEPTH).enumerate() {
            let before = (group.low[nth], group.high[nth]);
            group.low[nth] |= 1 << (byte & 0xf);
            group.high[nth] |= 1 << (byte >> 4);
            if before != (group.low[nth], group.high[nth]) {
                let (low, high) = (halves(group.low[nth]), halves(group.high[nth]));
                let bytes = high.flat_map(|high| low.clone().map(move |low| high << 4 | low));
                group.often[nth] = bytes.map(|byte| FREQUENCY[usize::from(byte)]).sum();
            }
        }
        group
    }

    /// How often the search stops for it in source text, in no particular unit.
    fn weight(&self) -> u64 {
        self.often.iter().product()
    }

    /// What stands in this row of it.
    fn slot(&self, row: usize, group: usize, literals: &[Vec<u8>]) -> Slot {
        // Bytes with the lower halves of a member join it and let no byte of a text through that did not pass before.
        let filler = || match self.members.first() {
            Some(&first) => literals[first].iter().map(|byte| byte | 0xf0).collect(),
            None => vec![0xf0 | group as u8; DEPTH],
        };
        self.members.get(row).map_or_else(|| Slot::Filler(filler()), |&nth| Slot::Literal(nth))
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

/// How often each byte turns up in source text, roughly.
const FREQUENCY: [u64; 256] = {
    let (mut often, mut byte) = ([0; 256], 0);
    while byte < 256 {
        often[byte] = 1 << 8_u32.saturating_sub(byte_rarity(byte as u8));
        byte += 1;
    }
    often
};

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn every_literal_has_one_number_and_the_rest_is_filler_that_no_text_has() {
        for count in [0, 1, 5, 16, 40, 112] {
            let literals: Vec<Vec<u8>> = (0..count).map(|nth| format!("{nth:03}").into_bytes()).collect();
            let slots = slots(&literals);
            assert!(slots.len() >= WIDE && slots.len().is_multiple_of(GROUPS), "{count}");
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
            members.fold(Group::default(), |group, (_, literal)| group.with(literal)).weight()
        };
        let before: u64 = (0..GROUPS).map(by_number).sum();
        let after: u64 = sorted(&literals).iter().map(Group::weight).sum();
        assert!(after * 2 < before, "{after} of {before}");
    }
}
