//! How much of the results fits in a file that GitHub takes. Must not know what is in a result.

use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use std::io::{self, Write};

/// GitHub refuses a file of more than 10 MB once it is packed. Some of that is kept free: packers differ.
const LIMIT: u64 = 9_000_000;

/// How much of a result is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// All.
    Full,
    /// No lines around keys.
    NoContext,
    /// One place.
    OnePlace,
}

/// How many results are told in full, then how many without the lines around keys, then with one place only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) full: usize,
    pub(super) no_context: usize,
    pub(super) one_place: usize,
}

impl Fit {
    /// How much is told of the result at `at`; `None` if it is left out.
    pub(super) const fn detail(self, at: usize) -> Option<Detail> {
        match at {
            at if at < self.full => Some(Detail::Full),
            at if at < self.full + self.no_context => Some(Detail::NoContext),
            at if at < self.full + self.no_context + self.one_place => Some(Detail::OnePlace),
            _ => None,
        }
    }
}

/// What fits of `total` results beside `rest`, of which `result` gives each. The last lose something first: the lines
/// around their keys, then all places but one, then everything.
pub(super) fn fit<R: Serialize>(
    total: usize,
    rest: &impl Serialize,
    result: impl Fn(usize, Detail) -> R,
) -> io::Result<Fit> {
    let room = LIMIT.saturating_sub(*packed(std::iter::once(rest), u64::MAX)?.last().unwrap_or(&0));
    fit_in(room, total, result)
}

fn fit_in<R: Serialize>(room: u64, total: usize, result: impl Fn(usize, Detail) -> R) -> io::Result<Fit> {
    let sizes = |detail| packed((0..total).map(|at| result(at, detail)), room);
    let full = sizes(Detail::Full)?;
    if full.get(total).is_some_and(|all| *all <= room) {
        return Ok(Fit { full: total, ..Fit::default() });
    }
    let no_context = sizes(Detail::NoContext)?;
    if let Some(first) = most(&full, (&no_context, total), room) {
        return Ok(Fit { full: first, no_context: total - first, one_place: 0 });
    }
    let one_place = sizes(Detail::OnePlace)?;
    if let Some(first) = most(&no_context, (&one_place, total), room) {
        return Ok(Fit { full: 0, no_context: first, one_place: total - first });
    }
    Ok(Fit { one_place: one_place.partition_point(|size| *size <= room).saturating_sub(1), ..Fit::default() })
}

/// The most results that can be of the sizes of `larger` if those after them are of `smaller`; `None` if not all of
/// them fit as the smaller.
fn most(larger: &[u64], (smaller, total): (&[u64], usize), room: u64) -> Option<usize> {
    let all = *smaller.get(total)?;
    (0..larger.len()).rev().find(|&first| larger[first] + all - smaller[first] <= room)
}

/// The packed size of none of `values`, of the first, of the first two and so on, until one is larger than `room`.
fn packed<R: Serialize>(values: impl Iterator<Item = R>, room: u64) -> io::Result<Vec<u64>> {
    let mut packer = GzEncoder::new(Counter(0), Compression::default());
    let mut sizes = vec![0];
    for value in values {
        packer.write_all(serde_json::to_string_pretty(&value)?.as_bytes())?;
        sizes.push(packer.get_ref().0);
        if packer.get_ref().0 > room {
            return Ok(sizes);
        }
    }
    // What the packer still holds back belongs to the last.
    let all = packer.finish()?.0;
    sizes.last_mut().into_iter().for_each(|last| *last = all);
    Ok(sizes)
}

/// Counts what is written.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::noise;

    fn result(at: usize, detail: Detail) -> String {
        noise(
            at,
            match detail {
                Detail::Full => 10_000,
                Detail::NoContext => 5_000,
                Detail::OnePlace => 1_000,
            },
        )
    }

    #[test]
    fn the_last_lose_first() {
        let at = |room| fit_in(room, 100, result).expect("memory takes everything");
        let of = |full, no_context, one_place| Fit { full, no_context, one_place };
        assert_eq!(at(2_000_000), of(100, 0, 0));
        let some = at(500_000);
        assert!(some.full > 10 && some.no_context > 10 && some.full + some.no_context == 100, "{some:?}");
        let fewer = at(250_000);
        assert!(fewer.full == 0 && fewer.no_context > 10 && fewer.no_context + fewer.one_place == 100, "{fewer:?}");
        let few = at(50_000);
        assert!(few.full == 0 && few.no_context == 0 && few.one_place > 30 && few.one_place < 100, "{few:?}");
        assert_eq!(at(0), Fit::default());
        assert_eq!(fit_in(0, 0, result).expect("memory takes everything"), Fit::default());
        assert_eq!(few.detail(0), Some(Detail::OnePlace));
        assert_eq!(
            (few.detail(99), some.detail(0), some.detail(99)),
            (None, Some(Detail::Full), Some(Detail::NoContext))
        );
    }

    #[test]
    fn what_is_told_fits() {
        for room in [400_000, 200_000, 60_000] {
            let fit = fit_in(room, 100, result).expect("memory takes everything");
            let told = (0..100).filter_map(|at| Some(result(at, fit.detail(at)?)));
            let size = *packed(told, u64::MAX).expect("memory takes everything").last().expect("a size");
            assert!(size < room + room / 10 && size > room / 2, "{size} of {room}");
        }
    }
}
