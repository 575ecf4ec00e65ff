//! Automata of the expressions of lints that come with the program, worked out before it is built: to read an expression
//! and to compile it takes many times as long as to put together what came of it. Must not know what any is of.
//!
//! Beside it stand states of an automaton that says at once whether a match begins at a place: all, or, where they are many, the
//! first. The other one, which says where its groups are, is not needed before there is one.
//!
//! `automata.postcard` is made by this file's test, from the rules. Each automaton stands beside its expression there, so what
//! is not in it, as after a change of a rule until it is made anew, is compiled.

use super::{begins::Begins, states::States};
use regex_automata::{
    nfa::thompson::{Builder, NFA, Transition},
    util::{look::Look, primitives::StateID},
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// An expression, and what came of it, none of which is taken apart until it is needed.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored<'a> {
    source: &'a str,
    /// An [`Automaton`].
    automaton: &'a [u8],
    /// [`States`] of it; nothing if it has far too many.
    states: &'a [u8],
    /// An [`Option`] of [`Begins`].
    begins: &'a [u8],
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

/// What is stored of an expression, if it is one of those.
pub(super) fn stored(source: &str) -> Option<&'static Stored<'static>> {
    static ALL: OnceLock<Vec<Stored<'static>>> = OnceLock::new();
    let all = ALL.get_or_init(|| postcard::from_bytes(include_bytes!("automata.postcard")).unwrap_or_default());
    all.iter().find(|entry| entry.source == source)
}

impl Stored<'static> {
    /// Its automaton.
    pub(super) fn automaton(&self) -> Option<NFA> {
        postcard::from_bytes::<Automaton>(self.automaton).ok()?.build()
    }

    /// States of it, or the first of them, if they could be worked out.
    pub(super) fn states(&self) -> Option<States<'static>> {
        postcard::from_bytes(self.states).ok()
    }

    /// How its matches begin, if that is known.
    pub(super) fn begins(&self) -> Option<Begins> {
        postcard::from_bytes(self.begins).ok().flatten()
    }
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
        matcher::{
            expression::{self, Expression, Use},
            pattern::PatternForm,
            states,
        },
        rule::{self, Catalog},
    };
    use rayon::prelude::*;
    use regex_automata::{Input, PatternID, nfa::thompson};
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

    /// No more states of an automaton are stored, in bytes.
    const ROOM: usize = 96 << 10;
    #[test]
    fn what_is_stored_is_what_is_compiled() {
        let sources = sources();
        let of = |source: &String| {
            let nfa = expression::compiled(source).expect("the rules can be compiled");
            let bytes = [
                postcard::to_allocvec(&Automaton::of(&nfa)).expect("numbers"),
                states::tests::worked_out(source, ROOM).unwrap_or_default(),
                postcard::to_allocvec(&Begins::of(&nfa)).expect("numbers"),
            ];
            (source.clone(), bytes)
        };
        let all: Vec<_> = sources.par_iter().map(of).collect();
        let entry = |(source, [automaton, states, begins]): &'_ (String, [Vec<u8>; 3])| {
            postcard::to_allocvec(&Stored { source, automaton, states, begins }).expect("text and numbers")
        };
        // As a list of them is written.
        let count = postcard::to_allocvec(&all.len()).expect("a number");
        let expected: Vec<u8> = [count].into_iter().chain(all.iter().map(entry)).flatten().collect();
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
            let stored = stored(&source).expect("it is stored");
            let (own, again) = (expression::compiled(&source).expect("a rule"), stored.automaton().expect("one"));
            assert_eq!(format!("{own:?}"), format!("{again:?}"), "{source}");
            let names =
                |nfa: &NFA| format!("{:?}", nfa.group_info().pattern_names(PatternID::ZERO).collect::<Vec<_>>());
            assert_eq!(names(&own), names(&again));
            let look = |nfa: &NFA| (nfa.look_set_any(), nfa.look_set_prefix_any(), nfa.is_utf8(), nfa.has_empty());
            assert_eq!(look(&own), look(&again));
            assert_eq!(stored.begins(), Begins::of(&own));
            assert_eq!(stored.states().is_some(), !stored.states.is_empty());
        }
        assert!(stored("of no rule").is_none());
    }

    #[test]
    fn what_is_stored_matches_where_what_is_searched_for_does() {
        let lints = rule::read_lints(Catalog::builtin().speech());
        let samples = lints
            .iter()
            .filter_map(|rule| rule.lint.as_deref())
            .flat_map(|lint| lint.samples.bad().iter().chain(lint.samples.good()));
        let texts: Vec<String> = samples.map(|sample| sample.text.get_ref().clone()).collect();
        sources().par_iter().for_each(|source| {
            let [search, attempt] = [Use::Search, Use::Try].map(|use_| Expression::new(source.clone(), use_));
            for text in &texts {
                let input = Input::new(text);
                assert_eq!(search.find(&input), attempt.find(&input), "{source}\n{text}");
            }
        });
    }

    #[test]
    fn most_have_their_states() {
        let has_states = |source: &&String| !stored(source).expect("it is stored").states.is_empty();
        let all = sources();
        assert!(all.iter().filter(has_states).count() + 1 >= all.len());
    }
}
