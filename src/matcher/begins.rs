//! How the matches of an automaton begin: with which three bytes. Must not know what it is of, or where it is tried.
//!
//! Most expressions of lints begin with one of a few dozen words. To try one at every place that has the first byte of such
//! a word takes longer than to find the place: of those that have the first three, hardly any is none.

use regex_automata::{
    nfa::thompson::{NFA, State, Transition},
    util::primitives::StateID,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, ops::RangeInclusive};

/// How many ways there may be for the second and third byte: beyond that only the first one tells.
const WAYS: usize = 256;
/// How many states are looked at to find out: those of lints take a few thousand.
const STATES: usize = 1 << 15;

/// With which bytes matches begin. It may lie, and never misses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begins {
    /// By the first byte: the classes of the two bytes that may follow it, a bit each; none if no match begins with it.
    after: Box<[u64]>,
}

impl Begins {
    /// Those of matches of `nfa`; `None` if one may be empty, or it takes too long to find out.
    pub(super) fn of(nfa: &NFA) -> Option<Self> {
        let mut walk = Walk { nfa, seen: vec![0; nfa.states().len()], turn: 0, left: STATES };
        let mut after = vec![0; 256];
        let mut known: HashMap<StateID, u64> = HashMap::new();
        for step in walk.steps(nfa.start_anchored())? {
            let classes = *known.entry(step.next).or_insert_with(|| walk.classes(step.next).unwrap_or(u64::MAX));
            after[step.range()].iter_mut().for_each(|known| *known |= classes);
        }
        Some(Self { after: after.into() })
    }

    /// Whether a match may begin where `text` does.
    #[inline]
    pub(super) fn may_begin(&self, text: &[u8]) -> bool {
        match text {
            [first, second, third, ..] => self.after[usize::from(*first)] & class(*second, *third) != 0,
            [first, ..] => self.after[usize::from(*first)] != 0,
            [] => false,
        }
    }
}

/// The class of two bytes, as a bit.
#[inline]
const fn class(second: u8, third: u8) -> u64 {
    1 << ((second ^ third << 1) & 63)
}

/// Bytes, and the state that each of them leads to.
struct Step {
    first: u8,
    last: u8,
    next: StateID,
}

impl Step {
    fn of(trans: &Transition) -> Self {
        Self { first: trans.start, last: trans.end, next: trans.next }
    }

    fn range(&self) -> RangeInclusive<usize> {
        usize::from(self.first)..=usize::from(self.last)
    }
}

/// Follows an automaton.
struct Walk<'a> {
    nfa: &'a NFA,
    /// By state: in which turn it was last looked at.
    seen: Vec<usize>,
    turn: usize,
    /// How many states may still be looked at.
    left: usize,
}

impl Walk<'_> {
    /// The classes of the two bytes that may follow in `state`; `None` if they are too many to tell, or a match may be shorter.
    fn classes(&mut self, state: StateID) -> Option<u64> {
        let (mut classes, mut ways) = (0, 0);
        for second in self.steps(state)? {
            for third in self.steps(second.next)? {
                ways += second.range().count() * third.range().count();
                if ways > WAYS {
                    return None;
                }
                for byte in second.first..=second.last {
                    (third.first..=third.last).for_each(|next| classes |= class(byte, next));
                }
            }
        }
        Some(classes)
    }

    /// Where one byte leads from `start`; `None` if a match may end before it, or it is not to be found out in the time there is.
    fn steps(&mut self, start: StateID) -> Option<Vec<Step>> {
        let (mut steps, mut open) = (Vec::new(), vec![start]);
        self.turn += 1;
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut self.seen[id.as_usize()], self.turn) == self.turn {
                continue;
            }
            self.left = self.left.checked_sub(1)?;
            match self.nfa.state(id) {
                State::ByteRange { trans } => steps.push(Step::of(trans)),
                State::Sparse(sparse) => steps.extend(sparse.transitions.iter().map(Step::of)),
                State::Dense(_) => return None,
                State::Look { next, .. } | State::Capture { next, .. } => open.push(*next),
                State::Union { alternates } => open.extend(alternates.iter()),
                State::BinaryUnion { alt1, alt2 } => open.extend([alt1, alt2]),
                State::Fail => {}
                State::Match { .. } => return None,
            }
        }
        Some(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::expression::compiled;

    fn of(source: &str) -> Option<Begins> {
        Begins::of(&compiled(source).expect("an expression"))
    }

    #[test]
    fn what_begins_otherwise_is_told() {
        let begins = of(r"(?-u)\b(?:print|console\.log|[lL]ogger\.)\(").expect("no match is empty");
        for text in ["print(", "console.log(", "logger.(", "Logger.(", "pr", "l"] {
            assert!(begins.may_begin(text.as_bytes()), "{text}");
        }
        for text in ["", "x", "paint(", "power", "count", "LOGGER"] {
            assert!(!begins.may_begin(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn short_matches_are_not_missed() {
        for (source, texts) in [
            ("(?-u)a|bc", &["a", "axx", "bc", "bcx", "bc\n"][..]),
            ("(?-u)[a-z]{1,9}x", &["ax", "zzx", "zzz"]),
            ("(?i)k+ey", &["key", "KEY", "kkey", "\u{212a}ey"]),
        ] {
            let begins = of(source).expect("no match is empty");
            assert!(texts.iter().all(|text| begins.may_begin(text.as_bytes())), "{source}");
        }
        assert_eq!(of("a*"), None);
        assert_eq!(of(r"\b"), None);
    }
}
