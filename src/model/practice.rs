//! A way in which secrets are handled, as one file shows it. Must not know rules, or how it was noticed.

use super::{Fingerprint, Text};

/// Something that a lint has noticed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Practice {
    /// What was seen, in a few words that are safe to show: `ARG OPENAI_API_KEY`.
    pub what: String,
    /// The secret whose handling it is, where that is known.
    pub key: Option<Fingerprint>,
}

impl Practice {
    /// Its identity: the same while the file at `path` shows the same, on whatever line. What is said of one secret
    /// goes by that, whatever is said and wherever.
    #[must_use]
    pub fn fingerprint(&self, rule: &str, path: &Text) -> Fingerprint {
        let key = self.key.map(|key| key.to_string());
        match &key {
            Some(key) if path.is_empty() => Fingerprint::of(&[rule.as_bytes(), key.as_bytes()]),
            _ => Fingerprint::of(&[rule.as_bytes(), path.as_bytes(), self.what.as_bytes()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn practice(what: &str, key: Option<Fingerprint>) -> Practice {
        Practice { what: what.to_owned(), key }
    }

    #[test]
    fn one_thing_in_two_files_is_two() {
        let of = |rule, path: &str, what| practice(what, None).fingerprint(rule, &path.into());
        assert_eq!(of("a", "x", "1"), of("a", "x", "1"));
        for other in [of("b", "x", "1"), of("a", "y", "1"), of("a", "x", "2"), of("a", "x1", "")] {
            assert_ne!(of("a", "x", "1"), other);
        }
    }

    #[test]
    fn what_is_said_of_a_secret_as_such_goes_by_the_secret() {
        let key = Some(Fingerprint::of(&[b"key"]));
        let nowhere = Text::default();
        assert_eq!(
            practice("9 days", key).fingerprint("a", &nowhere),
            practice("10 days", key).fingerprint("a", &nowhere)
        );
    }
}
