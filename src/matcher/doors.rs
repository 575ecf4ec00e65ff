//! Where in a text something encoded could be a secret: one pass over it for all encoded forms of all literals.
//!
//! A candidate may lie. Must not know rules, or how anything is decoded.
//!
//! There are hundreds of forms, many more than the SIMD search of [`super::prefilter`] can tell apart. So only every
//! fourth byte of a text is looked at, four bytes from there on: whatever has seven certain bytes in a row has one of
//! four known groups of four there. A table of bits says which groups are known; how many forms there are hardly
//! matters to it. Shorter forms are looked for at every second byte, which takes five.

use super::{byteset::ByteSet, decode::Door, encode, opening::Opening, prefilter::REACH};
use crate::model::Span;

/// How much of a literal is looked for: more would tell more forms apart than there is need to.
const LONGEST: usize = 7;
/// Shorter literals tell nothing: random base64 would have them all over.
const SHORTEST: usize = 4;
/// Bytes in a group.
const GROUP: usize = 4;
/// Distances at which groups are looked at.
const COARSE: usize = 4;
const FINE: usize = 2;
/// How many groups one place of a form may stand for.
const VARIANTS: usize = 64;
/// The table has two to this many bits: it has to stay in the nearest cache.
const BITS: u32 = 17;
const WORDS: usize = 1 << (BITS - 6);
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
    coarse: Groups,
    fine: Groups,
}

impl Doors {
    /// A search for everything that `main` can be encoded in, and for what people encode `other` in.
    pub(super) fn new(main: &[Vec<u8>], other: &[Vec<u8>]) -> Self {
        let (mut coarse, mut fine) = (Groups::new(), Groups::new());
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
                if !coarse.add(door, &form, COARSE) && door == Door::Base64 {
                    fine.add(door, &form, FINE);
                }
            }
        }
        coarse.finish();
        fine.finish();
        Self { coarse, fine }
    }

    /// Calls `each` with every candidate in `text`, until it says that it has seen enough.
    pub(super) fn candidates(&self, text: &[u8], each: &mut dyn FnMut(Opened) -> bool) -> bool {
        let (chunks, _) = text.as_chunks::<COARSE>();
        let held = |chunk: &[u8; COARSE]| self.coarse.may_hold(u32::from_le_bytes(*chunk));
        // One branch for eight groups: hardly ever is one of them known.
        for (nth, eight) in chunks.chunks(8).enumerate() {
            if !eight.iter().fold(false, |any, chunk| any | held(chunk)) {
                continue;
            }
            for (at, chunk) in (nth * 8..).zip(eight).filter(|(_, chunk)| held(chunk)) {
                if self.coarse.compare(text, at * COARSE, u32::from_le_bytes(*chunk), each) {
                    return true;
                }
            }
        }
        if !self.fine.probes.is_empty() {
            for (nth, chunk) in text.windows(GROUP).step_by(FINE).enumerate() {
                let group = chunk.iter().rev().fold(0, |group, byte| group << 8 | u32::from(*byte));
                if self.fine.may_hold(group) && self.fine.compare(text, nth * FINE, group, each) {
                    return true;
                }
            }
        }
        false
    }
}

/// The groups of all forms that are looked at at one distance.
#[derive(Debug)]
struct Groups {
    /// A bit for each group, by its hash.
    bits: Box<[u64; WORDS]>,
    /// Group, form and where in what is compared of it, by group.
    slots: Vec<(u32, u32, usize)>,
    probes: Vec<Probe>,
}

/// A form around its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Probe {
    door: Door,
    /// From the first byte compared back to where the form begins.
    back: usize,
    /// The bytes compared.
    sets: Vec<ByteSet>,
}

impl Groups {
    fn new() -> Self {
        Self { bits: Box::new([0; WORDS]), slots: Vec::new(), probes: Vec::new() }
    }

    /// Adds a form, if enough of it is certain.
    fn add(&mut self, door: Door, form: &Opening, step: usize) -> bool {
        let Some(stretch) = best(form, step) else { return false };
        let first = stretch.saturating_sub(BEFORE);
        let end = form.len().min(first + REACH);
        let probe = Probe { door, back: first, sets: form[first..end].to_vec() };
        for at in stretch..stretch + step {
            for group in groups(&form[at..at + GROUP]) {
                self.slots.push((group, self.probes.len() as u32, at - first));
            }
        }
        self.probes.push(probe);
        true
    }

    /// Makes the table.
    fn finish(&mut self) {
        self.slots.sort_unstable();
        for (group, _, _) in &self.slots {
            let hash = hash(*group);
            self.bits[hash >> 6] |= 1 << (hash & 63);
        }
    }

    #[inline]
    fn may_hold(&self, group: u32) -> bool {
        let hash = hash(group);
        self.bits[hash >> 6] >> (hash & 63) & 1 == 1
    }

    /// Tries the forms that have `group`, which stands at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, group: u32, each: &mut dyn FnMut(Opened) -> bool) -> bool {
        let first = self.slots.partition_point(|(other, _, _)| *other < group);
        for (_, probe, offset) in self.slots[first..].iter().take_while(|(other, _, _)| *other == group) {
            let probe = &self.probes[*probe as usize];
            let Some(start) = at.checked_sub(*offset) else { continue };
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

#[inline]
fn hash(group: u32) -> usize {
    (group.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

/// Every group that the four bytes can be.
fn groups(sets: &[ByteSet]) -> Vec<u32> {
    sets.iter().rev().fold(vec![0_u32], |groups, set| {
        groups.iter().flat_map(|group| set.bytes().map(move |byte| group << 8 | u32::from(byte))).collect()
    })
}

/// Where in `form` the groups begin by which it is told, one for each place where it could meet the steps: those that
/// turn up least in other texts, then the fewest.
fn best(form: &Opening, step: usize) -> Option<usize> {
    let known: Vec<(bool, usize)> = form.iter().map(|set| (!set.bytes().any(is_dull), set.len())).collect();
    let group = |at: usize| {
        let bytes = &known[at..at + GROUP];
        let telling = bytes.iter().filter(|(telling, _)| *telling).count();
        (telling, bytes.iter().map(|(_, variants)| variants).product::<usize>())
    };
    let rank = |start: &usize| {
        let all: Vec<(usize, usize)> = (*start..start + step).map(group).collect();
        let telling = all.iter().map(|(telling, _)| *telling).min()?;
        let fits = telling > 0 && all.iter().all(|(_, variants)| *variants <= VARIANTS);
        fits.then(|| (telling, std::cmp::Reverse(all.iter().map(|(_, variants)| *variants).sum::<usize>())))
    };
    let starts = 0..(form.len() + 1).saturating_sub(step + GROUP - 1);
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
