//! What does not count, in numbers and in words. Must not know formats, or who decides what counts.

use super::{plain, quantity::count};
use crate::model::{Finding, Report, Silence};
use serde::Serialize;

/// How many keys or lint findings do not count, by reason. One that does not for two reasons, at different places, is
/// counted with both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    before: usize,
    baseline: usize,
    inline: usize,
    allowed: usize,
}

impl Counts {
    /// Of keys.
    pub(super) fn of(report: &Report) -> Self {
        Self::where_it(report, |finding| finding.secret().is_some())
    }

    /// Of lint findings.
    pub(super) fn of_practices(report: &Report) -> Self {
        Self::where_it(report, |finding| finding.secret().is_none())
    }

    fn where_it(report: &Report, is_wanted: impl Fn(&Finding) -> bool) -> Self {
        let mut counts = Self::default();
        for silenced in report.silenced.iter().filter(|silenced| is_wanted(&silenced.finding)) {
            *match silenced.why {
                Silence::Before => &mut counts.before,
                Silence::Baseline => &mut counts.baseline,
                Silence::Inline { .. } => &mut counts.inline,
                Silence::Allowed { .. } => &mut counts.allowed,
            } += 1;
        }
        counts
    }

    /// `2 keys that do not count (1 there before, 1 in the baseline)`; `None` if there are none. `one` and `many` are
    /// what is counted.
    fn words(self, one: &str, many: &str) -> Option<String> {
        let Self { before, baseline, inline, allowed } = self;
        let each = [
            (before, "there before"),
            (baseline, "in the baseline"),
            (inline, "allowed by a comment"),
            (allowed, "allowed by the configuration"),
        ];
        let each = each.iter().filter(|(n, _)| *n > 0);
        let each: Vec<String> = each.map(|(n, what)| format!("{n} {what}")).collect();
        let (one, many) = (format!("{one} that does"), format!("{many} that do"));
        let total = count((before + baseline + inline + allowed) as u64, &one, &many);
        (!each.is_empty()).then(|| format!("{total} not count ({})", each.join(", ")))
    }
}

/// What does not count, for each kind of which there is something.
pub(super) fn each(report: &Report) -> Vec<String> {
    let keys = Counts::of(report).words("key", "keys");
    let lints = Counts::of_practices(report).words("lint finding", "lint findings");
    keys.into_iter().chain(lints).collect()
}

/// The same in one text, if there is anything.
pub(super) fn words(report: &Report) -> Option<String> {
    let each = each(report);
    (!each.is_empty()).then(|| each.join(" and "))
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
        assert_eq!(super::words(&sample::silenced()).as_deref(), Some(words));
        assert_eq!(super::words(&Report::default()), None);
    }

    #[test]
    fn each_kind_is_counted_by_itself() {
        let silenced = |finding: &Finding| crate::model::Silenced { finding: finding.clone(), why: Silence::Baseline };
        let mut report = sample::with_practices();
        report.silenced = report.findings[1..].iter().map(silenced).collect();
        let expected =
            ["1 key that does not count (1 in the baseline)", "2 lint findings that do not count (2 in the baseline)"];
        assert_eq!(each(&report), expected);
        assert_eq!(super::words(&report), Some(expected.join(" and ")));
        assert_eq!(Counts::of_practices(&report), Counts { baseline: 2, ..Counts::default() });
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
