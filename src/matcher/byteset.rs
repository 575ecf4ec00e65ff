//! A set of bytes. Must not know what it is used for.

use serde::{Deserialize, Serialize};

/// A set of byte values, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) const EMPTY: Self = Self([0; 4]);

    /// The letters of base64url.
    pub(super) const BASE64URL: Self =
        Self::EMPTY.with(b'A', b'Z').with(b'a', b'z').with(b'0', b'9').with(b'-', b'-').with(b'_', b'_');

    pub(super) const fn single(byte: u8) -> Self {
        Self::EMPTY.with(byte, byte)
    }

    /// This set and the bytes from `first` to `last`, both included.
    pub(super) const fn with(mut self, first: u8, last: u8) -> Self {
        let mut byte = first;
        while byte <= last {
            self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        self
    }

    #[inline]
    pub(super) const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
    }

    pub(super) const fn len(&self) -> usize {
        let [a, b, c, d] = self.0;
        (a.count_ones() + b.count_ones() + c.count_ones() + d.count_ones()) as usize
    }

    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> {
        (0..4_u8).zip(self.0).flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                let lowest = bits.trailing_zeros() as u8;
                bits &= bits.wrapping_sub(1);
                (lowest < 64).then(|| (word << 6) + lowest)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSet;

    #[test]
    fn holds_what_was_put_in_and_nothing_else() {
        let set = ByteSet::EMPTY.with(b'a', b'c').with(0, 0).with(255, 255);
        assert_eq!(set.bytes().collect::<Vec<_>>(), [0, b'a', b'b', b'c', 255]);
        assert_eq!(set.len(), 5);
        assert_eq!(ByteSet::BASE64URL.len(), 64);
    }
}
