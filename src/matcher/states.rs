//! An automaton with its states worked out, which says at once where a match ends that begins at a place. Must not know what
//! it is of, or where it is tried.
//!
//! It is read where it lies: nothing is put together or looked through before the first byte. Some automata have so many
//! states that only the first are kept; they are enough to see of most places that no match begins there.

use regex_automata::Input;
use serde::{Deserialize, Serialize};

/// States, and what leads from one to the next. A state is known by where its row begins; the first one leads nowhere, and
/// [`UNKNOWN`] to what is not kept.
///
/// A row: whether a match ends before the byte that led there; the state that most bytes lead to; how many classes of
/// bytes lead elsewhere, and each of those with its state.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct States<'a> {
    /// The class of each byte, in order.
    classes: &'a [u8],
    /// The class of no byte: the end of the text.
    end: u8,
    /// Where a match begins after each [`Before`].
    starts: [u32; Before::ALL.len()],
    rows: &'a [u8],
}

/// What is beyond the states that are kept.
const UNKNOWN: u32 = u32::MAX;

/// It is not known whether there is a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown;

/// What stands before a place, as far as it matters to what may begin there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Nothing,
    Word,
    Newline,
    Return,
    Other,
}

impl Before {
    /// In order.
    const ALL: [Self; 5] = [Self::Nothing, Self::Word, Self::Newline, Self::Return, Self::Other];

    fn of(byte: Option<u8>) -> Self {
        match byte {
            None => Self::Nothing,
            Some(b'\n') => Self::Newline,
            Some(b'\r') => Self::Return,
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => Self::Word,
            Some(_) => Self::Other,
        }
    }
}

/// Sizes of the parts of a row, in bytes.
const STATE: usize = 4;
const HEAD: usize = 1 + STATE + 1;
const EDGE: usize = 1 + STATE;

impl States<'_> {
    /// Where the match ends that begins where `input` does. One is taken from `steps` for each byte that is read.
    ///
    /// # Errors
    /// Where too few states are kept to say.
    pub(super) fn end_of(&self, input: &Input<'_>, steps: &mut usize) -> Result<Option<usize>, Unknown> {
        let text = input.haystack();
        let before = Before::of(input.start().checked_sub(1).and_then(|at| text.get(at)).copied());
        let (mut state, mut found) = (self.starts[before as usize], None);
        if state == UNKNOWN {
            return Err(Unknown);
        }
        for at in input.get_range() {
            *steps = steps.saturating_sub(1);
            state = self.next(state, self.class(text[at]));
            match state {
                0 => return Ok(found),
                UNKNOWN => return Err(Unknown),
                _ if self.is_match(state) => found = Some(at),
                _ => {}
            }
        }
        // What stands behind is no part of it, and may decide whether it is one.
        let last = self.next(state, text.get(input.end()).map_or(self.end, |byte| self.class(*byte)));
        match last {
            UNKNOWN => Err(Unknown),
            _ => Ok(if self.is_match(last) { Some(input.end()) } else { found }),
        }
    }

    #[inline]
    fn next(&self, state: u32, class: u8) -> u32 {
        let row = self.rows.get(state as usize..).unwrap_or_default();
        let Some((head, edges)) = row.split_first_chunk::<HEAD>() else { return 0 };
        let mut edges = edges.chunks_exact(EDGE).take(usize::from(head[HEAD - 1]));
        number(edges.find(|edge| edge[0] == class).map_or(&head[1..], |edge| &edge[1..]))
    }

    #[inline]
    fn class(&self, byte: u8) -> u8 {
        self.classes.get(usize::from(byte)).copied().unwrap_or_default()
    }

    #[inline]
    fn is_match(&self, state: u32) -> bool {
        self.rows.get(state as usize) == Some(&1)
    }
}

/// The state that `bytes` begin with.
#[inline]
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::matcher::expression;
    use proptest::prelude::*;
    use regex_automata::{
        Anchored,
        dfa::{Automaton, StartKind, dense},
        nfa::thompson,
        util::{primitives::StateID, start},
    };
    use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

    /// No larger automaton is made as small as can be, and none worked out, in bytes.
    const LARGE: usize = 4 << 20;
    const LARGEST: usize = 32 << 20;

    /// What is to be stored of the automaton of `source`, in `room` for so many bytes.
    pub(in crate::matcher) fn worked_out(source: &str, room: usize) -> Option<Vec<u8>> {
        let built = |minimize: bool, limit: usize| {
            let config = dense::Config::new().start_kind(StartKind::Anchored).minimize(minimize);
            let config = config.dfa_size_limit(Some(limit)).determinize_size_limit(Some(16 * limit));
            let nfa = thompson::Config::new().utf8(false);
            dense::Builder::new().configure(config).thompson(nfa).syntax(expression::bytes()).build(source).ok()
        };
        let dense = built(true, LARGE).or_else(|| built(false, LARGEST))?;
        Some(Drawn::of(&dense, room).written())
    }

    /// An automaton, drawn out.
    struct Drawn {
        classes: Vec<u8>,
        starts: Vec<StateID>,
        /// Each with whether a match ends before it, and where every class leads, that of the end last.
        states: Vec<(StateID, bool, Vec<StateID>)>,
        /// That which leads nowhere.
        dead: HashSet<StateID>,
    }

    impl Drawn {
        fn of(dense: &dense::DFA<Vec<u32>>, room: usize) -> Self {
            let of = |before: &Before| {
                let byte = match before {
                    Before::Nothing => None,
                    Before::Word => Some(b'a'),
                    Before::Newline => Some(b'\n'),
                    Before::Return => Some(b'\r'),
                    Before::Other => Some(b' '),
                };
                let config = start::Config::new().look_behind(byte).anchored(Anchored::Yes);
                dense.start_state(&config).expect("no byte makes it quit")
            };
            let starts: Vec<StateID> = Before::ALL.iter().map(of).collect();
            let (mut rows, mut taken): (BTreeMap<StateID, Vec<StateID>>, usize) = Default::default();
            let mut open: VecDeque<StateID> = starts.iter().copied().collect();
            while let Some(state) = open.pop_front().filter(|_| taken < room) {
                if dense.is_dead_state(state) || rows.contains_key(&state) {
                    continue;
                }
                let mut next: Vec<StateID> = (0..=u8::MAX).map(|byte| dense.next_state(state, byte)).collect();
                next.push(dense.next_eoi_state(state));
                open.extend(&next);
                taken += HEAD + EDGE * edges(&next).len();
                rows.insert(state, next);
            }
            let mut columns: HashMap<Vec<StateID>, usize> = HashMap::new();
            let mut firsts = Vec::new();
            let column = |byte: usize| rows.values().map(|row| row[byte]).collect::<Vec<_>>();
            let mut class = |byte: usize| {
                let count = columns.len();
                *columns.entry(column(byte)).or_insert_with(|| {
                    firsts.push(byte);
                    count
                })
            };
            let classes = (0..256).map(|byte| u8::try_from(class(byte)).expect("a byte has one class")).collect();
            let states = rows.iter().map(|(state, row)| {
                let next = firsts.iter().map(|byte| row[*byte]).chain([row[256]]).collect();
                (*state, dense.is_match_state(*state), next)
            });
            let is_dead = |state: &StateID| dense.is_dead_state(*state);
            let dead = rows.values().flatten().chain(&starts).copied().filter(is_dead).collect();
            Self { classes, starts, states: states.collect(), dead }
        }

        fn written(&self) -> Vec<u8> {
            // The first row leads nowhere.
            let (mut places, mut at) = (HashMap::new(), HEAD);
            for (state, _, next) in &self.states {
                places.insert(*state, u32::try_from(at).expect("it is not large"));
                at += HEAD + EDGE * edges(next).len();
            }
            let beyond = |state: &StateID| if self.dead.contains(state) { 0 } else { UNKNOWN };
            let place = |state: &StateID| places.get(state).copied().unwrap_or_else(|| beyond(state)).to_le_bytes();
            let mut rows = vec![0; HEAD];
            for (_, is_match, next) in &self.states {
                let edges = edges(next);
                rows.push(u8::from(*is_match));
                rows.extend(place(&usual(next)));
                rows.push(u8::try_from(edges.len()).expect("most classes lead to one state"));
                for (class, state) in edges {
                    rows.push(u8::try_from(class).expect("there are not so many classes"));
                    rows.extend(place(&state));
                }
            }
            let end = u8::try_from(self.states.first().map_or(0, |(_, _, next)| next.len() - 1)).expect("a class");
            let starts: Vec<u32> = self.starts.iter().map(|start| u32::from_le_bytes(place(start))).collect();
            let starts = starts.try_into().expect("one for each");
            postcard::to_allocvec(&States { classes: &self.classes, end, starts, rows: &rows }).expect("numbers")
        }
    }

    /// Where most of a row leads.
    fn usual(next: &[StateID]) -> StateID {
        let mut counts: BTreeMap<StateID, usize> = BTreeMap::new();
        next.iter().for_each(|state| *counts.entry(*state).or_default() += 1);
        counts.into_iter().max_by_key(|(_, count)| *count).expect("there are classes").0
    }

    /// Where the rest of it leads.
    fn edges(next: &[StateID]) -> Vec<(usize, StateID)> {
        let usual = usual(next);
        next.iter().copied().enumerate().filter(|(_, state)| *state != usual).collect()
    }

    const SOURCES: &[&str] = &[
        r"(?-u)a+(?<secret>b|bb?)c?",
        r"(?-u)(?:x(?<at>a*)|y(?<at2>b+))\b",
        r"(?i-u)[a-c]{2,}(?:$|\W)",
        r"(?m-u)^(?:a|ab)(?:b*|c)$",
        r"(?mR-u)^a*$",
        r"(?-u)\Bé?a.",
        r"(?-u)a*?$",
        r"(?-u)(?:\bx|^)b*",
        r"(?-u)\x00",
    ];

    proptest! {
        #[test]
        fn matches_end_where_those_of_the_expression_do(
            nth in 0..SOURCES.len(),
            text in prop::collection::vec(prop::sample::select(&["a", "b", "c", "x", "y", "é", "\n", "\r", " ", "A", "\0"][..]), 0..20),
            (from, len) in (0..12_usize, 0..20_usize),
            room in prop::sample::select(&[usize::MAX, 0, 20, 60, 200][..]),
        ) {
            let text = text.concat();
            let written = worked_out(SOURCES[nth], room).expect("a small one");
            let states: States<'_> = postcard::from_bytes(&written).expect("what was written");
            let from = from.min(text.len());
            let input = Input::new(text.as_bytes()).range(from..text.len().min(from + len)).anchored(Anchored::Yes);
            let machine = thompson::pikevm::PikeVM::new_from_nfa(expression::compiled(SOURCES[nth]).expect("an expression"));
            let machine = machine.expect("a machine");
            let found = machine.find(&mut machine.create_cache(), input.clone());
            let end = states.end_of(&input, &mut 0);
            prop_assert!(end.is_ok() || room < usize::MAX);
            prop_assert_eq!(end.unwrap_or(found.map(|found| found.end())), found.map(|found| found.end()));
        }

        #[test]
        fn what_is_no_automaton_matches_nothing_or_anything(rows: Vec<u8>, classes: Vec<u8>, starts: [u32; 5], text: Vec<u8>) {
            let states = States { classes: &classes, end: 0, starts, rows: &rows };
            let end = states.end_of(&Input::new(&text), &mut 0).unwrap_or_default();
            prop_assert!(end.is_none_or(|end| end <= text.len()));
        }
    }
}
