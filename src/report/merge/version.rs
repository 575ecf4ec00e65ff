//! Versions of the program, and which of them may be in one report. Must not know reports.

/// A version as semantic versioning has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    numbers: [u64; 3],
    /// Whether it is more than a preview of those numbers.
    is_released: bool,
    text: String,
}

impl Version {
    /// Reads `1.2.3`, perhaps with `-rc.1` and `+build` behind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = text.split('+').next()?;
        let (core, preview) = plain.split_once('-').map_or((plain, None), |(core, preview)| (core, Some(preview)));
        let numbers: Vec<u64> = core.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        Some(Self { numbers: numbers.try_into().ok()?, is_released: preview.is_none(), text: text.to_owned() })
    }

    /// Whether nothing was changed between the two that the readers of one have to know of.
    pub(super) fn is_compatible(&self, other: &Self) -> bool {
        match (self.numbers, other.numbers) {
            ([0, 0, a], [0, 0, b]) | ([0, a, _], [0, b, _]) => a == b && self.numbers[1] == other.numbers[1],
            ([a, ..], [b, ..]) => a == b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    #[test]
    fn the_first_number_that_is_not_zero_must_be_the_same() {
        for (one, other, expected) in [
            ("1.2.3", "1.9.0", true),
            ("1.2.3", "2.2.3", false),
            ("0.1.0", "0.1.7", true),
            ("0.1.0", "0.2.0", false),
            ("0.1.0", "1.1.0", false),
            ("0.0.1", "0.0.1", true),
            ("0.0.1", "0.0.2", false),
            ("0.0.1", "0.1.1", false),
            ("0.1.0-rc.1", "0.1.0", true),
        ] {
            assert_eq!(of(one).is_compatible(&of(other)), expected, "{one} {other}");
            assert_eq!(of(other).is_compatible(&of(one)), expected, "{other} {one}");
        }
    }

    #[test]
    fn later_ones_are_greater() {
        let all = ["0.1.9", "0.1.10-rc.1", "0.1.10", "1.0.0"].map(of);
        assert!(all.is_sorted());
    }

    #[test]
    fn what_is_no_version_is_none() {
        for wrong in ["", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.-3", "-1.2.3", "99999999999999999999.0.0"] {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }
}
