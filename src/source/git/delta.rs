//! Git's deltas: an object written as copies from another and insertions.
//!
//! Must not know where the two objects are kept, or what is looked for in them.
//!
//! [`Delta::condense`] is what makes a history cheap to search: of an object whose base was searched
//! already, only the insertions and the seams are new.

use crate::model::Span;
use std::ops::Range;

/// A delta that cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DeltaError {
    #[error("its delta is cut short")]
    Cut,
    #[error("its delta was made for another base")]
    Base,
    #[error("its delta copies from outside of its base")]
    Range,
    #[error("its delta does not give the size that it says")]
    Size,
    #[error("its delta has an instruction that does not exist")]
    Instruction,
}

/// A delta, and what it says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delta<'a> {
    bytes: &'a [u8],
    /// Where the first step begins.
    start: usize,
    /// Size of the object it is made for.
    base: usize,
    /// Size of the object it makes.
    pub(super) size: u64,
}

/// One step of a delta: bytes of the base, or new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Copy(Range<usize>),
    Insert(&'a [u8]),
}

impl<'a> Delta<'a> {
    /// Reads the head of the delta in `bytes`, made for a base of `base` bytes.
    pub(super) fn new(bytes: &'a [u8], base: usize) -> Result<Self, DeltaError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.size()? != base as u64 {
            return Err(DeltaError::Base);
        }
        let size = reader.size()?;
        Ok(Self { bytes, start: reader.at, base, size })
    }

    /// Calls `each` with one step after the other. Copies lie in the base; together the steps make an
    /// object of the size that the delta says, or the walk ends in an error.
    #[inline]
    pub(super) fn walk(&self, mut each: impl FnMut(Step<'a>)) -> Result<(), DeltaError> {
        let mut reader = Reader { bytes: self.bytes, at: self.start };
        let mut left = self.size;
        while let Some(step) = reader.step()? {
            let len = match &step {
                Step::Copy(range) if range.end > self.base => return Err(DeltaError::Range),
                Step::Copy(range) => range.len(),
                Step::Insert(bytes) => bytes.len(),
            };
            left = left.checked_sub(len as u64).ok_or(DeltaError::Size)?;
            each(step);
        }
        if left == 0 { Ok(()) } else { Err(DeltaError::Size) }
    }

    /// Makes the object out of `base`, in place of what is in `out`.
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) -> Result<(), DeltaError> {
        out.clear();
        self.walk(|step| step.apply(base, out))
    }
}

impl Step<'_> {
    /// Appends what the step makes.
    #[inline]
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(match self {
            Self::Copy(range) => &base[range.clone()],
            Self::Insert(bytes) => bytes,
        });
    }

    /// Appends what the step makes until there are `LEN` bytes.
    #[inline]
    pub(super) fn begin<const LEN: usize>(&self, base: &[u8], out: &mut Vec<u8>) {
        let room = LEN.saturating_sub(out.len());
        if room > 0 {
            let made = match self {
                Self::Copy(range) => &base[range.clone()],
                Self::Insert(bytes) => bytes,
            };
            out.extend_from_slice(&made[..made.len().min(room)]);
        }
    }

    /// Appends what of the step is new: an insertion, a copy but for its middle. Of all steps together
    /// that is a shorter text, in which every stretch of up to `EDGE + 1` bytes stands that the object
    /// has and that is not part of a single copy.
    #[inline]
    pub(super) fn condense<const EDGE: usize>(&self, base: &[u8], out: &mut Vec<u8>) {
        let range = match self {
            Self::Copy(range) => range.clone(),
            Self::Insert(bytes) => return out.extend_from_slice(bytes),
        };
        let bytes = &base[range];
        match (bytes.first_chunk::<EDGE>(), bytes.last_chunk::<EDGE>()) {
            (Some(head), Some(tail)) if bytes.len() > 2 * EDGE => {
                out.extend_from_slice(head);
                out.push(b'\n');
                out.extend_from_slice(tail);
            }
            _ => out.extend_from_slice(bytes),
        }
    }

    /// Whether the step copies one of `spans` whole, which lie in the base, short and in order.
    #[inline]
    pub(super) fn copies_any(&self, spans: &[Span]) -> bool {
        let Self::Copy(range) = self else { return false };
        let first = spans.partition_point(|span| span.start < range.start);
        let mut begun = spans[first..].iter().take_while(|span| span.start < range.end);
        begun.any(|span| span.end <= range.end)
    }
}

/// Reads a delta from its first byte to its last.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    fn byte(&mut self) -> Result<u8, DeltaError> {
        let byte = *self.bytes.get(self.at).ok_or(DeltaError::Cut)?;
        self.at += 1;
        Ok(byte)
    }

    /// A size as deltas begin with: seven bits a byte, lowest first.
    fn size(&mut self) -> Result<u64, DeltaError> {
        let (mut size, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            if shift > 56 {
                return Err(DeltaError::Size);
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return Ok(size);
            }
        }
    }

    /// A copy: four bytes of a start and three of a length, of which those are written down whose bit
    /// in `code` is set, lowest first; the others are zero.
    #[inline(always)]
    fn copy(&mut self, code: u8) -> Result<Step<'a>, DeltaError> {
        let mut bytes = [0; 8];
        let there = &self.bytes[self.at..];
        match there.first_chunk() {
            Some(chunk) => bytes = *chunk,
            None => bytes[..there.len()].copy_from_slice(there),
        }
        let (mut number, mut used) = (0_u64, 0);
        for place in 0..7 {
            // No branch: which bytes are there is as good as random, and a wrong guess costs more.
            let present = u64::from(code >> place & 1);
            number |= (u64::from(bytes[used & 7]) & present.wrapping_neg()) << (8 * place);
            used += present as usize;
        }
        if used > there.len() {
            return Err(DeltaError::Cut);
        }
        self.at += used;
        let start = number as u32 as usize;
        let len = match (number >> 32) as usize {
            0 => 0x1_0000,
            len => len,
        };
        Ok(Step::Copy(start..start + len))
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Option<Step<'a>>, DeltaError> {
        let Some(&code) = self.bytes.get(self.at) else { return Ok(None) };
        self.at += 1;
        if code & 0x80 != 0 {
            return self.copy(code).map(Some);
        }
        if code == 0 {
            return Err(DeltaError::Instruction);
        }
        let start = self.at;
        self.at += usize::from(code);
        let insert = self.bytes.get(start..self.at).ok_or(DeltaError::Cut)?;
        Ok(Some(Step::Insert(insert)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A step as it is written down.
    #[derive(Clone, Debug)]
    enum Written {
        Copy(Span),
        Insert(Vec<u8>),
    }

    impl Written {
        fn len(&self) -> usize {
            match self {
                Self::Copy(span) => span.len(),
                Self::Insert(bytes) => bytes.len(),
            }
        }
    }

    /// Writes a delta from steps, as git would.
    fn write(base: usize, steps: &[Written]) -> Vec<u8> {
        let mut out = Vec::new();
        for mut size in [base, steps.iter().map(Written::len).sum()] {
            while size > 0x7f {
                out.push(size as u8 | 0x80);
                size >>= 7;
            }
            out.push(size as u8);
        }
        for step in steps {
            match step {
                Written::Insert(bytes) => {
                    out.push(bytes.len() as u8);
                    out.extend_from_slice(bytes);
                }
                Written::Copy(span) => {
                    out.push(0xff);
                    out.extend_from_slice(&(span.start as u32).to_le_bytes());
                    out.extend_from_slice(&(span.len() as u32).to_le_bytes()[..3]);
                }
            }
        }
        out
    }

    #[test]
    fn what_is_wrong_with_a_delta_is_said() {
        let of = |bytes: &[u8]| {
            let delta = Delta::new(bytes, 4)?;
            delta.walk(|_| {}).map(|()| delta.size)
        };
        assert_eq!(of(&[4, 2, 2, b'a', b'b']), Ok(2));
        assert_eq!(of(&[]), Err(DeltaError::Cut));
        assert_eq!(of(&[5, 1, 1, b'a']), Err(DeltaError::Base));
        assert_eq!(of(&[4, 9, 0x91, 2, 9]), Err(DeltaError::Range));
        assert_eq!(of(&[4, 3, 2, b'a', b'b']), Err(DeltaError::Size));
        assert_eq!(of(&[4, 1, 0]), Err(DeltaError::Instruction));
        assert_eq!(of(&[4, 2, 2, b'a']), Err(DeltaError::Cut));
        assert_eq!(of(&[0x80; 12]), Err(DeltaError::Size));
    }

    fn written() -> impl Strategy<Value = (Vec<u8>, Vec<Written>)> {
        let raw = (any::<bool>(), any::<u16>(), 1_usize..90, prop::collection::vec(any::<u8>(), 1..40));
        (prop::collection::vec(any::<u8>(), 1..300), prop::collection::vec(raw, 1..12)).prop_map(|(base, raw)| {
            let step = |(copies, start, len, bytes): (bool, u16, usize, Vec<u8>)| {
                let start = usize::from(start) % base.len();
                let span = Span::new(start, (start + len).min(base.len()));
                if copies { Written::Copy(span) } else { Written::Insert(bytes) }
            };
            let steps = raw.into_iter().map(step).collect();
            (base, steps)
        })
    }

    proptest! {
        /// The promise that the whole scan rests on.
        #[test]
        fn every_short_stretch_is_in_a_copy_or_in_the_condensed_text((base, steps) in written(), wide in any::<bool>()) {
            let bytes = write(base.len(), &steps);
            let delta = Delta::new(&bytes, base.len()).expect("a delta");
            let (mut whole, mut condensed) = (Vec::new(), Vec::new());
            delta.apply(&base, &mut whole).expect("it can be applied");
            let reach = if wide { 20 } else { 4 };
            delta.walk(|step| if wide {
                step.condense::<19>(&base, &mut condensed);
            } else {
                step.condense::<3>(&base, &mut condensed);
            }).expect("it can be walked");
            prop_assert_eq!(whole.len() as u64, delta.size);

            let mut at = 0;
            let mut copies = Vec::new();
            for step in &steps {
                if let Written::Copy(from) = step {
                    copies.push((Span::new(at, at + step.len()), *from));
                }
                at += step.len();
            }
            for len in 1..=reach.min(whole.len()) {
                for start in 0..=whole.len() - len {
                    let stretch = Span::new(start, start + len);
                    let seen = condensed.windows(len).any(|window| window == &whole[stretch.range()]);
                    let copied = copies.iter().find(|(copy, _)| copy.start <= start && start + len <= copy.end);
                    prop_assert!(seen || copied.is_some());
                    if let Some((copy, from)) = copied {
                        let there = Span::new(from.start + start - copy.start, from.start + start - copy.start + len);
                        let mut copies = false;
                        delta.walk(|step| copies |= step.copies_any(&[there])).expect("it can be walked");
                        prop_assert!(copies);
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_refused_or_applied(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            base in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut out = Vec::new();
            if let Ok(delta) = Delta::new(&bytes, base.len()) && delta.apply(&base, &mut out).is_ok() {
                prop_assert_eq!(out.len() as u64, delta.size);
            }
        }
    }
}
