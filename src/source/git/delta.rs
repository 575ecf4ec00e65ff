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

/// A checked delta against a base of known size.
#[derive(Debug)]
pub(super) struct Delta<'a> {
    bytes: &'a [u8],
    steps: &'a [Step],
    /// Size of the object it makes.
    pub(super) size: u64,
}

/// One step of a delta: what it takes, from the base or from the delta itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    start: u32,
    len: u32,
    copies: bool,
}

impl Step {
    const fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

impl<'a> Delta<'a> {
    /// Reads the delta in `bytes`, made for a base of `base` bytes, and checks all of it. Its steps are
    /// kept in `steps`.
    pub(super) fn new(bytes: &'a [u8], base: usize, steps: &'a mut Vec<Step>) -> Result<Self, DeltaError> {
        steps.clear();
        let mut reader = Reader { bytes, at: 0 };
        if reader.size()? != base as u64 {
            return Err(DeltaError::Base);
        }
        let size = reader.size()?;
        let mut total = 0;
        while let Some(step) = reader.step()? {
            if step.copies && step.range().end > base {
                return Err(DeltaError::Range);
            }
            total += u64::from(step.len);
            steps.push(step);
        }
        if total == size { Ok(Self { bytes, steps, size }) } else { Err(DeltaError::Size) }
    }

    /// Makes the object out of `base`.
    pub(super) fn apply(&self, base: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.reserve(usize::try_from(self.size).unwrap_or(0));
        for step in self.steps {
            let from = if step.copies { base } else { self.bytes };
            out.extend_from_slice(&from[step.range()]);
        }
    }

    /// Writes to `out` a shorter text in which every stretch of up to `reach` bytes stands that the
    /// object has and that is not part of a single copy: insertions, and copies but for their middles.
    pub(super) fn condense(&self, base: &[u8], reach: usize, out: &mut Vec<u8>) {
        let edge = reach.saturating_sub(1);
        out.clear();
        for step in self.steps {
            let range = step.range();
            if !step.copies {
                out.extend_from_slice(&self.bytes[range]);
            } else if range.len() <= 2 * edge {
                out.extend_from_slice(&base[range]);
            } else {
                out.extend_from_slice(&base[range.start..range.start + edge]);
                out.push(b'\n');
                out.extend_from_slice(&base[range.end - edge..range.end]);
            }
        }
    }

    /// Whether a copy holds one of `spans`, which lie in the base.
    pub(super) fn copies_any(&self, spans: &[Span]) -> bool {
        let holds = |step: &Step, span: &Span| step.range().start <= span.start && span.end <= step.range().end;
        !spans.is_empty()
            && self.steps.iter().filter(|step| step.copies).any(|step| spans.iter().any(|span| holds(step, span)))
    }
}

/// Reads a delta from its first byte to its last.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
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

    /// A number whose bytes are there for the bits of `present`, lowest first, and else are zero.
    #[inline]
    fn number(&mut self, present: u8) -> Result<u32, DeltaError> {
        let (mut value, mut shift, mut left) = (0, 0, present);
        while left != 0 {
            if left & 1 == 1 {
                value |= u32::from(self.byte()?) << shift;
            }
            left >>= 1;
            shift += 8;
        }
        Ok(value)
    }

    #[inline]
    fn step(&mut self) -> Result<Option<Step>, DeltaError> {
        let Some(&code) = self.bytes.get(self.at) else { return Ok(None) };
        self.at += 1;
        if code & 0x80 != 0 {
            let start = self.number(code & 0x0f)?;
            let len = match self.number(code >> 4 & 7)? {
                0 => 0x1_0000,
                len => len,
            };
            return Ok(Some(Step { start, len, copies: true }));
        }
        if code == 0 {
            return Err(DeltaError::Instruction);
        }
        let start = self.at;
        self.at += usize::from(code);
        if self.at > self.bytes.len() {
            return Err(DeltaError::Cut);
        }
        let start = u32::try_from(start).map_err(|_| DeltaError::Size)?;
        Ok(Some(Step { start, len: u32::from(code), copies: false }))
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
        let of = |bytes: &[u8]| Delta::new(bytes, 4, &mut Vec::new()).map(|delta| delta.size);
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
        fn every_short_stretch_is_in_a_copy_or_in_the_condensed_text((base, steps) in written(), reach in 1_usize..24) {
            let bytes = write(base.len(), &steps);
            let mut buffer = Vec::new();
            let delta = Delta::new(&bytes, base.len(), &mut buffer).expect("a delta");
            let (mut whole, mut condensed) = (Vec::new(), Vec::new());
            delta.apply(&base, &mut whole);
            delta.condense(&base, reach, &mut condensed);
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
                        prop_assert!(delta.copies_any(&[there]));
                    }
                }
            }
        }

        #[test]
        fn any_bytes_are_refused_or_applied(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            base in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut buffer = Vec::new();
            if let Ok(delta) = Delta::new(&bytes, base.len(), &mut buffer) {
                let mut out = Vec::new();
                delta.apply(&base, &mut out);
                prop_assert_eq!(out.len() as u64, delta.size);
            }
        }
    }
}
