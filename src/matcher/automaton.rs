//! Automata of the expressions of lints that come with the program, worked out before it is built: to read an expression
//! and to compile it takes many times as long as to put together what came of it. Must not know what any is of.
//!
//! `automata.postcard` is made by this file's test, from the rules. Each automaton stands beside its expression there, so what
//! is not in it, as after a change of a rule until it is made anew, is compiled.

use regex_automata::{
    nfa::thompson::{Builder, NFA, Transition},
    util::{look::Look, primitives::StateID},
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// An expression, and an [`Automaton`], which is not taken apart until it is needed.
#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    source: &'a str,
    automaton: &'a [u8],
}

/// What an automaton is made of.
#[derive(Serialize, Deserialize)]
struct Automaton {
    /// The names of its groups, the first of which is the whole match.
    groups: Vec<Option<String>>,
    /// Where a match begins here, and where one begins here or further on.
    starts: [u32; 2],
    states: Vec<State>,
}

/// One state of it; others are known by their number.
#[derive(Serialize, Deserialize)]
enum State {
    Range(Range),
    Ranges(Vec<Range>),
    Look(u32, u32),
    /// To be tried in this order.
    Any(Vec<u32>),
    GroupStart(u32, u32),
    GroupEnd(u32, u32),
    Fail,
    Match,
}

/// Bytes, from the first to the last, and the state that they lead to.
#[derive(Serialize, Deserialize)]
struct Range(u8, u8, u32);

/// The automaton of an expression, if it is one of those that are stored.
pub(super) fn stored(source: &str) -> Option<NFA> {
    static ALL: OnceLock<Vec<Entry<'static>>> = OnceLock::new();
    let all = ALL.get_or_init(|| postcard::from_bytes(include_bytes!("automata.postcard")).unwrap_or_default());
    let entry = all.iter().find(|entry| entry.source == source)?;
    postcard::from_bytes::<Automaton>(entry.automaton).ok()?.build()
}

impl Automaton {
    /// Puts it together; `None` for what is none.
    fn build(self) -> Option<NFA> {
        let mut builder = Builder::new();
        builder.set_utf8(false);
        builder.start_pattern().ok()?;
        for state in self.states {
            let state = match state {
                State::Range(range) => builder.add_range(range.transition()?),
                State::Ranges(ranges) => {
                    builder.add_sparse(ranges.iter().map(Range::transition).collect::<Option<_>>()?)
                }
                State::Look(look, next) => builder.add_look(id(next)?, Look::from_repr(look)?),
                State::Any(next) => builder.add_union(next.into_iter().map(id).collect::<Option<_>>()?),
                State::GroupStart(group, next) => {
                    let name = self.groups.get(usize::try_from(group).ok()?)?;
                    builder.add_capture_start(id(next)?, group, name.as_deref().map(Into::into))
                }
                State::GroupEnd(group, next) => builder.add_capture_end(id(next)?, group),
                State::Fail => builder.add_fail(),
                State::Match => builder.add_match(),
            };
            state.ok()?;
        }
        let [anchored, unanchored] = self.starts;
        builder.finish_pattern(id(anchored)?).ok()?;
        builder.build(id(anchored)?, id(unanchored)?).ok()
    }
}

impl Range {
    fn transition(&self) -> Option<Transition> {
        Some(Transition { start: self.0, end: self.1, next: id(self.2)? })
    }
}

fn id(number: u32) -> Option<StateID> {
    StateID::new(usize::try_from(number).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        matcher::{expression, pattern::PatternForm},
        rule::{self, Catalog},
    };
    use regex_automata::{PatternID, nfa::thompson};
    use std::{collections::BTreeSet, env, fs, path::Path};

    impl Automaton {
        fn of(nfa: &NFA) -> Self {
            let groups = nfa.group_info().pattern_names(PatternID::ZERO);
            Self {
                groups: groups.map(|name| name.map(str::to_owned)).collect(),
                starts: [nfa.start_anchored(), nfa.start_unanchored()].map(|state| state.as_u32()),
                states: nfa.states().iter().map(State::of).collect(),
            }
        }
    }

    impl State {
        fn of(state: &thompson::State) -> Self {
            match state {
                thompson::State::ByteRange { trans } => Self::Range(Range::of(trans)),
                thompson::State::Sparse(sparse) => Self::Ranges(sparse.transitions.iter().map(Range::of).collect()),
                thompson::State::Dense(_) => unreachable!("the compiler makes none"),
                thompson::State::Look { look, next } => Self::Look(look.as_repr(), next.as_u32()),
                thompson::State::Union { alternates } => Self::Any(alternates.iter().map(|id| id.as_u32()).collect()),
                thompson::State::BinaryUnion { alt1, alt2 } => Self::Any(vec![alt1.as_u32(), alt2.as_u32()]),
                thompson::State::Capture { next, group_index, slot, .. } => {
                    let (group, next) = (group_index.as_u32(), next.as_u32());
                    // Slots are in pairs, the start of a group first.
                    if slot.as_usize() % 2 == 0 { Self::GroupStart(group, next) } else { Self::GroupEnd(group, next) }
                }
                thompson::State::Fail => Self::Fail,
                thompson::State::Match { .. } => Self::Match,
            }
        }
    }

    impl Range {
        fn of(transition: &Transition) -> Self {
            Self(transition.start, transition.end, transition.next.as_u32())
        }
    }

    /// Every expression of the lints that is tried at a place. Those of rules for secrets have five times the size in all, and
    /// few are ever tried.
    fn sources() -> BTreeSet<String> {
        let lints = rule::read_lints(Catalog::builtin().speech());
        let forms: Vec<_> =
            lints.iter().filter(|lint| lint.pattern.is_some()).map(|lint| PatternForm::of_lint(0, lint)).collect();
        let all = forms.iter().flat_map(PatternForm::expressions).map(|(_, expression)| expression);
        all.filter(|expression| expression.is_tried()).map(|expression| expression.source().to_owned()).collect()
    }

    #[test]
    fn what_is_stored_is_what_is_compiled() {
        let sources = sources();
        let of = |source: &String| {
            let nfa = expression::compiled(source).expect("the rules can be compiled");
            postcard::to_allocvec(&Automaton::of(&nfa)).expect("numbers")
        };
        let automata: Vec<_> = sources.iter().map(of).collect();
        let entry = |(source, automaton)| Entry { source, automaton };
        let entries: Vec<_> =
            sources.iter().map(String::as_str).zip(automata.iter().map(Vec::as_slice)).map(entry).collect();
        let expected = postcard::to_allocvec(&entries).expect("text and numbers");
        if env::var_os("SNAPSHOTS").is_some_and(|how| how == "overwrite") {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/matcher/automata.postcard");
            return fs::write(path, expected).expect("the file can be written");
        }
        let stored: &[u8] = include_bytes!("automata.postcard");
        assert!(
            stored == expected,
            "the automata are not of these rules: SNAPSHOTS=overwrite cargo test --lib automaton"
        );
    }

    #[test]
    fn what_is_put_together_is_what_was_taken_apart() {
        for source in sources() {
            let (own, again) = (expression::compiled(&source).expect("a rule"), stored(&source).expect("it is stored"));
            assert_eq!(format!("{own:?}"), format!("{again:?}"), "{source}");
            let names =
                |nfa: &NFA| format!("{:?}", nfa.group_info().pattern_names(PatternID::ZERO).collect::<Vec<_>>());
            assert_eq!(names(&own), names(&again));
            let look = |nfa: &NFA| (nfa.look_set_any(), nfa.look_set_prefix_any(), nfa.is_utf8(), nfa.has_empty());
            assert_eq!(look(&own), look(&again));
        }
        assert!(stored("of no rule").is_none());
    }
}
