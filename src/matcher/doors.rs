//! Where in a text something encoded could be a secret: one pass over it for all encoded forms of all literals.
//!
//! A candidate may lie. Must not know rules, or how anything is decoded.
//!
//! There are hundreds of forms, many more than the SIMD search of [`super::prefilter`] can tell apart. So only every
//! fourth byte of a text is looked at, and what follows it: whatever has seven certain bytes in a row has one of four known
//! groups of four there, and what has six, one of four groups of three. A table of bits says with which three bytes the
//! known groups begin; how many forms there are hardly matters to it.

use super::{byteset::ByteSet, decode::Door, encode, opening::Opening, prefilter::REACH};
use crate::model::Span;

/// How much of a literal is looked for: more would tell more forms apart than there is need to.
const LONGEST: usize = 7;
/// Shorter literals tell nothing: random base64 would have them all over.
const SHORTEST: usize = 4;
/// Distance at which groups are looked at.
const STEP: usize = 4;
/// How much is looked at before it is asked whether anything of it is known.
const BLOCK: usize = 32;
/// Bytes in a group: as many as are looked at, or one less for forms that have no more.
const GROUP: usize = 4;
const SMALL: usize = 3;
/// How many groups one place of a form may stand for.
const VARIANTS: usize = 64;
/// The table of groups has two to this many bits: it has to stay in the nearest cache.
const BITS: u32 = 17;
const WORDS: usize = 1 << (BITS - 6);
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
    known: Known,
    large: Groups<GROUP>,
    small: Groups<SMALL>,
}

impl Doors {
    /// A search for everything that `main` can be encoded in, and for what people encode `other` in.
    pub(super) fn new(main: &[Vec<u8>], other: &[Vec<u8>]) -> Self {
        let (mut large, mut small) = (Groups::new(), Groups::new());
        let mut known: Vec<(&[u8], bool)> = Vec::new();
        for (literal, all) in main.iter().map(|literal| (literal, true)).chain(other.iter().map(|other| (other, false)))
        {
            let literal = &literal[..literal.len().min(LONGEST)];
            if literal.len() < SHORTEST || known.iter().any(|(other, every)| *other == literal && (*every || !all)) {
                continue;
            }
            known.push((literal, all));
            for (door, form) in encode::forms(literal, all) {
                // What else a short literal could be written in is not worth a second look at everything.
                if !large.add(door, &form) && door == Door::Base64 {
                    small.add(door, &form);
                }
            }
        }
        large.sort();
        small.sort();
        Self::of(large, small)
    }

    /// The same of groups that were made before, in their order.
    pub(super) fn of_parts(large: (Vec<Slot>, Vec<Probe>), small: (Vec<Slot>, Vec<Probe>)) -> Self {
        Self::of(Groups::of(large), Groups::of(small))
    }

    /// Its groups.
    #[cfg(test)]
    pub(super) fn parts(&self) -> [Parts<'_>; 2] {
        [(&self.large.slots, &self.large.probes), (&self.small.slots, &self.small.probes)]
    }

    fn of(mut large: Groups<GROUP>, mut small: Groups<SMALL>) -> Self {
        large.finish();
        small.finish();
        let mut known = Known(Box::new([0; WORDS]));
        large.slots.iter().chain(&small.slots).for_each(|(group, _, _)| known.add(*group));
        Self { known, large, small }
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

    /// Tries all groups of `block`, which stands at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, block: &[u8], each: &mut dyn FnMut(Opened) -> bool) -> bool {
        block.chunks(STEP).enumerate().any(|(nth, chunk)| {
            // A small group may stand at the very end.
            let [a, b, c, ref rest @ ..] = *chunk else { return false };
            let (at, bytes) = (at + nth * STEP, u32::from_le_bytes([a, b, c, rest.first().copied().unwrap_or(0)]));
            // Characters of four bytes make three zeros a beginning, of which binary files are full; four are none.
            bytes != 0
                && self.known.has(bytes)
                && (self.small.compare(text, at, bytes, each)
                    || (!rest.is_empty() && self.large.compare(text, at, bytes, each)))
        })
    }
}

/// Which groups are known, by their first [`SMALL`] bytes: a bit for each hash of them.
#[derive(Debug)]
struct Known(Box<[u64; WORDS]>);

impl Known {
    fn add(&mut self, group: u32) {
        let hash = Self::hash(group);
        self.0[hash >> 6] |= 1 << (hash & 63);
    }

    #[inline]
    const fn hash(bytes: u32) -> usize {
        ((bytes << 8).wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
    }

    /// Something whose lowest bit says whether the group that `bytes` begin with is known.
    #[inline]
    fn shifted(&self, bytes: u32) -> u64 {
        let hash = Self::hash(bytes);
        self.0[hash >> 6] >> (hash & 63)
    }

    #[inline]
    fn has(&self, bytes: u32) -> bool {
        self.shifted(bytes) & 1 == 1
    }
}

/// The groups of `N` bytes of all forms that are told by such.
#[derive(Debug)]
struct Groups<const N: usize> {
    /// Groups, ordered by their buckets, with the form and where in what is compared of it.
    slots: Vec<Slot>,
    /// Where the slots of each bucket begin, and where the last ones end.
    buckets: Vec<u32>,
    probes: Vec<Probe>,
}

/// A group, its form by number, and where the group stands in what is compared of that.
pub(super) type Slot = (u32, u32, u32);

/// The groups of one size, and their forms.
#[cfg(test)]
pub(super) type Parts<'a> = (&'a [Slot], &'a [Probe]);

/// A form around its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) door: Door,
    /// From the first byte compared back to where the form begins.
    pub(super) back: usize,
    /// The bytes compared.
    pub(super) sets: Vec<ByteSet>,
}

impl<const N: usize> Groups<N> {
    fn new() -> Self {
        Self::of((Vec::new(), Vec::new()))
    }

    fn of((slots, probes): (Vec<Slot>, Vec<Probe>)) -> Self {
        Self { slots, buckets: Vec::new(), probes }
    }

    /// Adds a form, if enough of it is certain.
    fn add(&mut self, door: Door, form: &Opening) -> bool {
        let Some(stretch) = best(form, N) else { return false };
        let first = stretch.saturating_sub(BEFORE);
        let end = form.len().min(first + REACH);
        let probe = Probe { door, back: first, sets: form[first..end].to_vec() };
        for at in stretch..stretch + STEP {
            for group in groups(&form[at..at + N]) {
                self.slots.push((group, self.probes.len() as u32, (at - first) as u32));
            }
        }
        self.probes.push(probe);
        true
    }

    /// Puts the groups in the order of their buckets.
    fn sort(&mut self) {
        self.slots.sort_unstable_by_key(|(group, probe, offset)| (bucket(*group), *group, *probe, *offset));
    }

    /// Finds out where the buckets begin.
    fn finish(&mut self) {
        let starts = (0..=1 << BUCKETS).scan(0, |at, wanted| {
            *at += self.slots[*at..].iter().take_while(|(group, _, _)| bucket(*group) < wanted).count();
            Some(*at as u32)
        });
        self.buckets = starts.collect();
    }

    /// The group that four bytes begin with.
    #[inline]
    const fn group(bytes: u32) -> u32 {
        bytes & (u32::MAX >> (32 - 8 * N))
    }

    /// Tries the forms that have the group that `bytes` begin with, which stand at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, bytes: u32, each: &mut dyn FnMut(Opened) -> bool) -> bool {
        let group = Self::group(bytes);
        let bucket = bucket(group);
        let slots = &self.slots[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        for (_, probe, offset) in slots.iter().filter(|(other, _, _)| *other == group) {
            let probe = &self.probes[*probe as usize];
            let Some(start) = at.checked_sub(*offset as usize) else { continue };
            let Some(bytes) = text.get(start..start + probe.sets.len()) else { continue };
            let Some(begin) = start.checked_sub(probe.back) else { continue };
            if probe.sets.iter().zip(bytes).all(|(set, byte)| set.contains(*byte)) {
                let span = Span::new(start, start + probe.sets.len());
                if each(Opened { door: probe.door, at: begin, span }) {
                    return true;
                }
            }
        }
        false
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
/// those that turn up least in other texts, then the fewest.
fn best(form: &Opening, size: usize) -> Option<usize> {
    let known: Vec<(bool, usize)> = form.iter().map(|set| (!set.bytes().any(is_dull), set.len())).collect();
    let group = |at: usize| {
        let bytes = &known[at..at + size];
        let telling = bytes.iter().filter(|(telling, _)| *telling).count();
        (telling, bytes.iter().map(|(_, variants)| variants).product::<usize>())
    };
    let rank = |start: &usize| {
        let (mut least, mut all) = (size, 0);
        for (telling, variants) in (*start..start + STEP).map(group) {
            if telling == 0 || variants > VARIANTS {
                return None;
            }
            (least, all) = (least.min(telling), all + variants);
        }
        Some((least, std::cmp::Reverse(all)))
    };
    let starts = 0..(form.len() + 1).saturating_sub(STEP + size - 1);
    let ranked = starts.filter_map(|start| Some((rank(&start)?, std::cmp::Reverse(start))));
    ranked.max().map(|(_, std::cmp::Reverse(start))| start)
}

/// Whether texts are full of it: what encodings put between characters.
const fn is_dull(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b',' | b';' | b'&' | b'#' | b'=' | b'%' | b'\\' | b'x' | b'u' | b'0' | b'{' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::decode::Escape;
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
        let doors = Doors::new(&[b"mArKeR_2".to_vec()], &[]);
        for before in 0..9 {
            let text = [&b".".repeat(before), &b"\\x6d\\x41\\x72\\x4b\\x65\\x52\\x5f\\x32"[..], b"..."].concat();
            assert_eq!(found(&doors, &text), [(Door::Escape(Escape::Byte), before)]);
        }
    }

    #[test]
    fn base64_is_found_at_every_alignment() {
        let doors = Doors::new(&[b"mArKeR_2".to_vec()], &[]);
        for before in 0..12 {
            let text = BASE64.encode(&[&b"x".repeat(before), &b"mArKeR_2 and more"[..]].concat());
            assert_eq!(found(&doors, text.as_bytes()), [(Door::Base64, before / 3 * 4)]);
            let twice = BASE64.encode(text.as_bytes());
            assert!(found(&doors, twice.as_bytes()).iter().any(|(door, _)| *door == Door::Base64), "{before}");
        }
    }

    #[test]
    fn short_literals_are_found_as_well() {
        let doors = Doors::new(&[b"gsk_".to_vec()], &[]);
        for before in 0..6 {
            let text = BASE64.encode(&[&b"x".repeat(before), &b"gsk_and more"[..]].concat());
            assert_eq!(found(&doors, text.as_bytes()), [(Door::Base64, before / 3 * 4)]);
        }
        assert!(found(&doors, b"nothing of the kind").is_empty());
    }
}
