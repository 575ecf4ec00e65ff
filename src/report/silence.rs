//! What does not count, in numbers and in words. Must not know formats, or who decides what counts.

use super::{plain, quantity::count};
use crate::model::{Report, Silence};
use serde::Serialize;

/// How many keys do not count, by reason. One that does not for two reasons, at different places, is counted
/// with both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    before: usize,
    baseline: usize,
    inline: usize,
    allowed: usize,
}

impl Counts {
    pub(super) fn of(report: &Report) -> Self {
        let mut counts = Self::default();
        for silenced in &report.silenced {
            *match silenced.why {
                Silence::Before => &mut counts.before,
                Silence::Baseline => &mut counts.baseline,
                Silence::Inline { .. } => &mut counts.inline,
                Silence::Allowed { .. } => &mut counts.allowed,
            } += 1;
        }
        counts
    }

    /// `2 keys that do not count (1 there before, 1 in the baseline)`; `None` if there are none.
    pub(super) fn words(self) -> Option<String> {
        let Self { before, baseline, inline, allowed } = self;
        let each = [
            (before, "there before"),
            (baseline, "in the baseline"),
            (inline, "allowed by a comment"),
            (allowed, "allowed by the configuration"),
        ];
        let each = each.iter().filter(|(n, _)| *n > 0);
        let each: Vec<String> = each.map(|(n, what)| format!("{n} {what}")).collect();
        let total = count((before + baseline + inline + allowed) as u64, "key that does", "keys that do");
        (!each.is_empty()).then(|| format!("{total} not count ({})", each.join(", ")))
    }
}

/// Why something does not count, as the end of a sentence about it.
pub(super) fn reason(why: &Silence) -> String {
    match why {
        Silence::Before => "was there before".to_owned(),
        Silence::Baseline => "in the baseline".to_owned(),
        Silence::Inline { marker, reason } => {
            format!("allowed by `{}` on its line{}", plain::line(marker.as_bytes()), after(reason.as_bytes()))
        }
        Silence::Allowed { reason, owner, until } => {
            let owner = owner.as_ref().map(|owner| format!(", {} answers for it", plain::line(owner.as_bytes())));
            let until = until.as_ref().map(|day| format!(" until {}", plain::line(day.as_bytes())));
            let [owner, until] = [owner, until].map(Option::unwrap_or_default);
            format!("allowed by the configuration{until}{owner}{}", after(reason.as_bytes()))
        }
    }
}

/// The reason somebody gave, if they did.
fn after(reason: &[u8]) -> String {
    if reason.is_empty() { String::new() } else { format!(": {}", plain::line(reason)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Text, report::sample};

    #[test]
    fn each_reason_is_counted_and_told() {
        let counts = Counts::of(&sample::silenced());
        assert_eq!(counts, Counts { before: 1, baseline: 1, inline: 1, allowed: 1 });
        let words = "4 keys that do not count (1 there before, 1 in the baseline, 1 allowed by a comment, \
                     1 allowed by the configuration)";
        assert_eq!(counts.words().as_deref(), Some(words));
        let one = Counts { baseline: 1, ..Counts::default() };
        assert_eq!(one.words().as_deref(), Some("1 key that does not count (1 in the baseline)"));
        assert_eq!(Counts::default().words(), None);
    }

    #[test]
    fn a_reason_is_given_with_all_that_is_known_of_it() {
        let inline = |reason: &str| Silence::Inline { marker: "keylint: allow".to_owned(), reason: Text::from(reason) };
        assert_eq!(reason(&inline("")), "allowed by `keylint: allow` on its line");
        assert_eq!(reason(&inline("a\nb")), "allowed by `keylint: allow` on its line: a\\u{a}b");
        let allowed = |owner: Option<&str>, until: Option<&str>| Silence::Allowed {
            reason: "revoked".to_owned(),
            owner: owner.map(str::to_owned),
            until: until.map(str::to_owned),
        };
        assert_eq!(reason(&allowed(None, None)), "allowed by the configuration: revoked");
        assert_eq!(
            reason(&allowed(Some("Ann"), Some("2030-01-01"))),
            "allowed by the configuration until 2030-01-01, Ann answers for it: revoked"
        );
        assert_eq!([reason(&Silence::Before), reason(&Silence::Baseline)], ["was there before", "in the baseline"]);
    }
}
