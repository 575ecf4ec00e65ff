//! Where in a text something encoded could be a secret: one pass over it for all encoded forms of all literals.
//!
//! A candidate may lie. Must not know rules, or how anything is decoded.
//!
//! There are hundreds of forms, many more than the SIMD search of [`super::prefilter`] can tell apart. So only every
//! fourth byte of a text is looked at, and what follows it: whatever has seven certain bytes in a row has one of four known
//! groups of four there, and what has six, one of four groups of three. A table of bits says with which three bytes the
//! known groups begin; how many forms there are hardly matters to it.

use super::{
    byteset::ByteSet,
    decode::Door,
    encode,
    language::{byte_rarity, is_common},
    opening::Opening,
    prefilter::REACH,
};
use crate::model::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// How much of an opening is looked for: more would tell more forms apart than there is need to.
const LONGEST: usize = 7;
/// How much of that has to be certain: random base64 would have less all over.
const SHORTEST: usize = 3;
/// Distance at which groups are looked at.
const STEP: usize = 4;
/// How much is looked at before it is asked whether anything of it is known.
const BLOCK: usize = 32;
/// Bytes in a group: as many as are looked at, or one less for forms that have no more.
const GROUP: usize = 4;
const SMALL: usize = 3;
/// How many groups one place of a form may stand for: what has only small ones has little that is certain.
const VARIANTS: usize = 64;
const SMALL_VARIANTS: usize = 512;
/// Forms whose groups turn up more often are not looked for.
const MOST: u64 = 1 << (WHOLE - 2);
const WHOLE: u32 = 32;
/// The table of groups has two to this many words: it has to stay in the nearest cache.
const BITS: u32 = 12;
const WORDS: usize = 1 << BITS;
/// Groups whose hashes begin with the same bits, so many, stand together.
const BUCKETS: u32 = 11;
/// How much of a form is compared before its groups, in bytes.
const BEFORE: usize = 8;

/// A place where something encoded could be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// How it would be encoded.
    pub(super) door: Door,
    /// Where its form begins.
    pub(super) at: usize,
    /// The bytes that were looked at: no more than [`REACH`].
    pub(super) span: Span,
}

/// The search for the encoded forms of literals.
#[derive(Debug)]
pub(super) struct Doors {
    /// With what groups of either size begin.
    known: Known<SMALL>,
    groups: DoorTables,
}

/// What is searched for.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DoorTables {
    large: Groups<GROUP>,
    small: Groups<SMALL>,
    /// All sets of bytes that occur: forms refer to them by number, since there are few and forms are many.
    sets: Vec<ByteSet>,
}

impl Doors {
    /// A search for everything that `main` can be encoded in, and for what people encode `other` in.
    pub(super) fn new(main: &[Opening], other: &[Opening]) -> Self {
        let (mut large, mut small) = (Groups::default(), Groups::default());
        let mut sets = Sets::default();
        let mut known: BTreeSet<&[ByteSet]> = BTreeSet::new();
        for (opening, all) in main.iter().map(|main| (main, true)).chain(other.iter().map(|other| (other, false))) {
            let opening = &opening[..opening.len().min(LONGEST)];
            if opening.iter().take_while(|set| set.len() == 1).count() < SHORTEST || !known.insert(opening) {
                continue;
            }
            for (door, form) in encode::forms(opening, all) {
                // What else something short could be written in is not worth a second look at everything.
                let worth = matches!(door, Door::Base64 | Door::Hex | Door::Reversed);
                if !large.add(door, &form, &mut sets) && worth {
                    small.add(door, &form, &mut sets);
                }
            }
        }
        large.sort();
        small.sort();
        Self::of(DoorTables { large, small, sets: sets.known })
    }

    /// The same of what was made before.
    pub(super) fn of(mut groups: DoorTables) -> Self {
        groups.large.finish();
        groups.small.finish();
        let known = Known::of(groups.large.slots.iter().chain(&groups.small.slots).map(|slot| slot.group));
        Self { known, groups }
    }

    /// What it was made of.
    #[cfg(test)]
    pub(super) fn into_tables(self) -> DoorTables {
        self.groups
    }

    /// Calls `each` with every candidate in `text`, until it says that it has seen enough.
    pub(super) fn candidates(&self, text: &[u8], each: &mut dyn FnMut(Opened) -> bool) -> bool {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        // One branch for a whole block: hardly ever is a group of it known.
        let is_open = |block: &[u8; BLOCK]| {
            let (chunks, _) = block.as_chunks::<STEP>();
            chunks.iter().fold(0, |any, chunk| any | self.known.shifted(u32::from_le_bytes(*chunk))) & 1 == 1
        };
        for (nth, block) in blocks.iter().enumerate() {
            if is_open(block) && self.compare(text, nth * BLOCK, block, each) {
                return true;
            }
        }
        self.compare(text, blocks.len() * BLOCK, rest, each)
    }

    /// Tries all groups of `block`, which stands at `place`.
    #[inline(never)]
    fn compare(&self, text: &[u8], place: usize, block: &[u8], each: &mut dyn FnMut(Opened) -> bool) -> bool {
        // Binary files are full of zeros, and characters of four bytes make three of them a beginning.
        if block.iter().all(|byte| *byte == 0) {
            return false;
        }
        let DoorTables { large, small, sets } = &self.groups;
        block.chunks(STEP).enumerate().any(|(nth, chunk)| {
            // A small group may stand at the very end.
            let [a, b, c, ref rest @ ..] = *chunk else { return false };
            let (at, bytes) = (place + nth * STEP, u32::from_le_bytes([a, b, c, rest.first().copied().unwrap_or(0)]));
            self.known.has(bytes)
                && (small.known.has(bytes) && small.compare(sets, (text, at), bytes, each)
                    || !rest.is_empty() && large.known.has(bytes) && large.compare(sets, (text, at), bytes, each))
        })
    }
}

/// Which groups of `N` bytes are known: two bits of one word for each, so that hardly ever something else looks like one.
#[derive(Debug, PartialEq, Eq)]
struct Known<const N: usize>(Box<[u64; WORDS]>);

impl<const N: usize> Known<N> {
    /// That of those groups that these begin with.
    fn of(groups: impl Iterator<Item = u32>) -> Self {
        let mut known = Self::default();
        groups.map(Hash::of::<N>).for_each(|hash| known.0[hash.word()] |= 1 << hash.bit() | 1 << hash.other_bit());
        known
    }

    /// Something whose lowest bit says whether the group that `bytes` begin with is known.
    #[inline]
    fn shifted(&self, bytes: u32) -> u64 {
        let hash = Hash::of::<N>(bytes);
        let word = self.0[hash.word()];
        word >> hash.bit() & word >> hash.other_bit()
    }

    #[inline]
    fn has(&self, bytes: u32) -> bool {
        self.shifted(bytes) & 1 == 1
    }
}

impl<const N: usize> Default for Known<N> {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

/// Where a group is noted in [`Known`].
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    /// That of the first `N` of these bytes.
    #[inline]
    const fn of<const N: usize>(bytes: u32) -> Self {
        Self((bytes << (32 - 8 * N)).wrapping_mul(0x9e37_79b1))
    }

    #[inline]
    const fn word(self) -> usize {
        (self.0 >> (32 - BITS)) as usize
    }

    #[inline]
    const fn bit(self) -> u32 {
        self.0 >> (32 - BITS - 6) & 63
    }

    #[inline]
    const fn other_bit(self) -> u32 {
        self.0 >> (32 - BITS - 11) & 63
    }
}

/// The groups of `N` bytes of all forms that are told by such.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Groups<const N: usize> {
    /// Ordered by their buckets.
    slots: Vec<Slot>,
    /// Where the slots of each bucket begin, and where the last ones end.
    #[serde(skip)]
    buckets: Vec<u32>,
    #[serde(skip)]
    known: Known<N>,
    probes: Vec<Probe>,
    /// What is compared of each form: sets by number.
    compared: Vec<u32>,
}

/// A group of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Slot {
    /// Its bytes, the first one lowest.
    group: u32,
    /// Number of the form.
    probe: u32,
    /// Where it stands in what is compared of the form.
    offset: u8,
}

/// A form around its groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Probe {
    door: Door,
    /// From the first byte compared back to where the form begins.
    back: u8,
    /// Where what is compared of it begins among all that is compared, and how many bytes that are.
    first: u32,
    len: u8,
}

impl<const N: usize> Groups<N> {
    /// Adds a form, if enough of it is certain.
    fn add(&mut self, door: Door, form: &Opening, sets: &mut Sets) -> bool {
        let Some(stretch) = best(form, N) else { return false };
        let first = stretch.saturating_sub(BEFORE);
        let end = form.len().min(first + REACH);
        for at in stretch..stretch + STEP {
            let slot = |group| Slot { group, probe: self.probes.len() as u32, offset: (at - first) as u8 };
            self.slots.extend(groups(&form[at..at + N]).into_iter().map(slot));
        }
        let (begin, len) = (self.compared.len() as u32, (end - first) as u8);
        self.probes.push(Probe { door, back: first as u8, first: begin, len });
        self.compared.extend(form[first..end].iter().map(|set| sets.number(set)));
        true
    }

    /// Puts the groups in the order of their buckets.
    fn sort(&mut self) {
        self.slots.sort_unstable_by_key(|slot| (bucket(slot.group), *slot));
    }

    /// Finds out where the buckets begin, and what is known.
    fn finish(&mut self) {
        self.known = Known::of(self.slots.iter().map(|slot| slot.group));
        let starts = (0..=1 << BUCKETS).scan(0, |at, wanted| {
            *at += self.slots[*at..].iter().take_while(|slot| bucket(slot.group) < wanted).count();
            Some(*at as u32)
        });
        self.buckets = starts.collect();
    }

    /// The group that four bytes begin with.
    #[inline]
    const fn group(bytes: u32) -> u32 {
        bytes & (u32::MAX >> (32 - 8 * N))
    }

    /// Tries the forms that have the group that `bytes` begin with, which stand at this place of this text.
    #[inline(never)]
    fn compare(
        &self,
        sets: &[ByteSet],
        (text, at): (&[u8], usize),
        bytes: u32,
        each: &mut dyn FnMut(Opened) -> bool,
    ) -> bool {
        let group = Self::group(bytes);
        let bucket = bucket(group);
        let slots = &self.slots[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        for slot in slots.iter().filter(|slot| slot.group == group) {
            let probe = self.probes[slot.probe as usize];
            let compared = &self.compared[probe.first as usize..][..usize::from(probe.len)];
            let Some(start) = at.checked_sub(slot.offset.into()) else { continue };
            let Some(bytes) = text.get(start..start + compared.len()) else { continue };
            let Some(begin) = start.checked_sub(probe.back.into()) else { continue };
            if compared.iter().zip(bytes).all(|(set, byte)| sets[*set as usize].contains(*byte)) {
                let span = Span::new(start, start + compared.len());
                if each(Opened { door: probe.door, at: begin, span }) {
                    return true;
                }
            }
        }
        false
    }
}

/// Sets of bytes by number.
#[derive(Default)]
struct Sets {
    known: Vec<ByteSet>,
    numbers: HashMap<ByteSet, u32>,
}

impl Sets {
    fn number(&mut self, set: &ByteSet) -> u32 {
        *self.numbers.entry(*set).or_insert_with(|| {
            self.known.push(*set);
            (self.known.len() - 1) as u32
        })
    }
}

/// The number of the bucket that a group is in.
#[inline]
const fn bucket(group: u32) -> usize {
    (group.wrapping_mul(0x9e37_79b1) >> (32 - BUCKETS)) as usize
}

/// Every group that these bytes can be.
fn groups(sets: &[ByteSet]) -> Vec<u32> {
    sets.iter().rev().fold(vec![0_u32], |groups, set| {
        groups.iter().flat_map(|group| set.bytes().map(move |byte| group << 8 | u32::from(byte))).collect()
    })
}

/// Where in `form` the groups of `size` begin by which it is told, one for each place where it could meet the steps:
/// those that turn up least in other texts.
fn best(form: &Opening, size: usize) -> Option<usize> {
    let most = if size == SMALL { SMALL_VARIANTS } else { VARIANTS };
    let group = |at: usize| {
        let bytes = &form[at..at + size];
        let is_telling = bytes.iter().any(|set| !set.bytes().any(is_dull));
        let variants = bytes.iter().map(ByteSet::len).product::<usize>();
        (is_telling && variants <= most).then(|| frequency(&bytes[..SMALL]))
    };
    let places = (form.len() + 1).saturating_sub(size);
    let frequencies: Vec<Option<u64>> = (0..places).map(group).collect();
    let all = |groups: &[Option<u64>]| groups.iter().copied().sum::<Option<u64>>();
    let starts = frequencies.windows(STEP).map(all).enumerate();
    let rarest = starts.filter_map(|(start, all)| Some((all?, start))).min();
    rarest.filter(|(all, _)| *all <= MOST).map(|(_, start)| start)
}

/// How often what a group begins with turns up in other texts, roughly, in parts of 2 to the power of [`WHOLE`].
fn frequency(sets: &[ByteSet]) -> u64 {
    const DULL: u32 = 3;
    const COMMON: u32 = 3;
    let rarity = |byte: u8| if is_dull(byte) { DULL } else { byte_rarity(byte) };
    let of = |group: u32| {
        let [a, b, c, _] = group.to_le_bytes();
        let common = u32::from(is_common(a, b)) + u32::from(is_common(b, c));
        1 << (WHOLE - rarity(a) - rarity(b) - rarity(c) + COMMON * common)
    };
    groups(sets).into_iter().map(of).sum()
}

/// Whether texts are full of it: what encodings put between characters.
const fn is_dull(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b',' | b';' | b'&' | b'#' | b'=' | b'%' | b'\\' | b'x' | b'u' | b'0' | b'{' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::{decode::Escape, opening::exactly};
    use data_encoding::BASE64;

    fn found(doors: &Doors, text: &[u8]) -> Vec<(Door, usize)> {
        let mut found = Vec::new();
        doors.candidates(text, &mut |opened| {
            assert!(opened.span.len() <= REACH && opened.span.end <= text.len());
            found.push((opened.door, opened.at));
            false
        });
        found
    }

    #[test]
    fn a_form_is_found_once_wherever_it_stands() {
        let doors = Doors::new(&[exactly(b"mArKeR_2")], &[]);
        for before in 0..9 {
            let text = [&b".".repeat(before), &b"\\x6d\\x41\\x72\\x4b\\x65\\x52\\x5f\\x32"[..], b"..."].concat();
            assert_eq!(found(&doors, &text), [(Door::Escape(Escape::Byte), before)]);
        }
    }

    #[test]
    fn base64_is_found_at_every_alignment() {
        let doors = Doors::new(&[exactly(b"mArKeR_2")], &[]);
        for before in 0..12 {
            let text = BASE64.encode(&[&b"x".repeat(before), &b"mArKeR_2 and more"[..]].concat());
            assert_eq!(found(&doors, text.as_bytes()), [(Door::Base64, before / 3 * 4)]);
            let twice = BASE64.encode(text.as_bytes());
            assert!(found(&doors, twice.as_bytes()).iter().any(|(door, _)| *door == Door::Base64), "{before}");
        }
    }

    #[test]
    fn however_many_there_are_each_is_found() {
        let literals: Vec<Opening> = (0..300_u32).map(|nth| exactly(format!("q{nth:05}Z").as_bytes())).collect();
        let doors = Doors::new(&literals, &[]);
        for literal in [b"q00000Z", b"q00150Z", b"q00299Z"] {
            let text = BASE64.encode(&[&b".."[..], literal, b" and more"].concat());
            assert!(found(&doors, text.as_bytes()).contains(&(Door::Base64, 0)), "{text}");
        }
    }

    #[test]
    fn short_literals_are_found_as_well() {
        let doors = Doors::new(&[exactly(b"gsk_")], &[]);
        for before in 0..6 {
            let text = BASE64.encode(&[&b"x".repeat(before), &b"gsk_and more"[..]].concat());
            assert_eq!(found(&doors, text.as_bytes()), [(Door::Base64, before / 3 * 4)]);
        }
        assert!(found(&doors, b"nothing of the kind").is_empty());
    }
}
