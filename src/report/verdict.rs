//! Whether a key works, in words. Must not know formats, or how it was found out.

use super::{date, plain, quantity::count};
use crate::model::{State, Verdict};

/// Values of one thing that a key opens that are named in words.
const NAMED: usize = 5;

/// `live`, or the state with what limits it, ended it or keeps it from being known.
pub(super) fn words(verdict: &Verdict) -> String {
    let state = match verdict.state {
        State::LiveLimited => "live, limited".to_owned(),
        state => state.to_string(),
    };
    match &verdict.why {
        Some(why) => format!("{state}: {}", plain::line(why.as_bytes())),
        None => state,
    }
}

/// Who said so and when; nothing if nobody was asked.
pub(super) fn source(verdict: &Verdict) -> Option<String> {
    let request = plain::line(verdict.request.as_ref()?.as_bytes());
    let answer = verdict.status.map_or_else(|| "was not answered".to_owned(), |status| format!("answered {status}"));
    let day = date::day(verdict.at, 0);
    let remembered = if verdict.remembered { ", as remembered" } else { "" };
    Some(format!("{request} {answer} on {day}{remembered}"))
}

/// What the key opens, each thing by itself: `models gpt-4o, o3 and 55 more`.
pub(super) fn access(verdict: &Verdict) -> Vec<String> {
    let words = |known: &crate::model::Access| {
        let named: Vec<String> = known.values.iter().take(NAMED).map(|value| plain::line(value.as_bytes())).collect();
        let left = known.values.len() - named.len();
        let more = match (left, known.more) {
            (0, false) => String::new(),
            (_, true) => " and many more".to_owned(),
            (left, false) => format!(" and {}", count(left as u64, "more", "more")),
        };
        format!("{} {}{more}", plain::line(known.name.as_bytes()), named.join(", "))
    };
    verdict.access.iter().map(words).collect()
}

/// All of it in one line.
pub(super) fn line(verdict: &Verdict) -> String {
    let facts = [Some(words(verdict)), source(verdict)].into_iter().flatten().chain(access(verdict));
    facts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Access;

    #[test]
    fn a_verdict_says_why_who_said_so_and_what_is_open() {
        let values = (0..7).map(|nth| format!("m{nth}")).collect();
        let verdict = Verdict {
            state: State::LiveLimited,
            why: Some("it is restricted".into()),
            request: Some("GET https://x.example/v1".into()),
            status: Some(403),
            at: 1_700_000_000,
            remembered: true,
            access: vec![Access { name: "models".into(), values, more: false }],
        };
        let expected = "live, limited: it is restricted · GET https://x.example/v1 answered 403 on 2023-11-14, as \
                        remembered · models m0, m1, m2, m3, m4 and 2 more";
        assert_eq!(line(&verdict), expected);
        assert_eq!(line(&Verdict::unasked(State::Unknown, "nobody was asked", 0)), "unknown: nobody was asked");
        assert_eq!(words(&Verdict { why: None, state: State::Live, ..verdict }), "live");
    }
}
