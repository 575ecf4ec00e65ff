//! A regular expression, made ready when it is first needed, and where it matches. Must not know what it is of, or what a
//! match means.
//!
//! Most are tried at few places, and making one ready takes longer than to try it: these go without what makes long
//! searches fast, and without a second automaton that finds where a match begins; and the automata of those of lints
//! that come with the program are stored.

use super::{
    automaton::{self, Stored},
    begins::Begins,
    states::{States, Unknown},
};
use crate::{model::Span, rule::BETWEEN};
use regex_automata::{
    Anchored, HalfMatch, Input, MatchError, MatchErrorKind, PatternID,
    hybrid::dfa::{self, DFA},
    meta,
    nfa::thompson::{
        self, NFA,
        pikevm::{self, PikeVM},
    },
    util::{captures::GroupInfo, pool::Pool, primitives::NonMaxUsize, syntax},
};
use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The most memory one compiled expression may take, in bytes.
const COMPILED: usize = 4 << 20;
/// The most memory the states of one may take that come up in searches, in bytes.
const STATES: usize = 2 << 20;

/// An expression is tried from place to place so often before it is looked for: to try it at one takes few states, to look for
/// it in a text many, and each takes as long as hundreds of bytes once it is there.
const TRIES: usize = 4 << 10;
/// No longer text is searched from place to place, in bytes: some expressions read all of it at each.
const SHORT: usize = 2 << 10;
/// With states that are stored any text is, until so many times as much was read; a long one only as long as that is rare.
const AGAIN: usize = 8;

/// An expression, of which one group may be what matters.
#[derive(Debug)]
pub(super) struct Expression {
    source: String,
    use_: Use,
    engine: OnceLock<Option<Engine>>,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// All of it.
    pub(super) whole: Span,
    /// What a group marks of it: `secret`, or in a lint `at` (`at2`, `at3`, … in further alternatives); the whole if none
    /// does.
    pub(super) secret: Span,
    /// What else is to be looked at before it is one: what the groups hold that begin with [`BETWEEN`].
    pub(super) between: Vec<Span>,
}

/// What an expression is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// To be searched for in whole texts.
    Search,
    /// To be tried at a place, or in a few lines.
    Try,
}

#[derive(Debug)]
enum Engine {
    Search(meta::Regex),
    Try(Box<Short>),
}

type Make<T> = Box<dyn Fn() -> T + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// Says where a match ends, and, of one that there is, where its groups are.
#[derive(Debug)]
struct Short {
    source: String,
    /// Knows where a match ends that begins at a place, if it is stored.
    states: Option<States<'static>>,
    /// What a match begins with; none if it may be empty.
    begins: Option<Begins>,
    /// How often it has been tried from place to place.
    tries: AtomicUsize,
    /// What is needed beyond that.
    machines: OnceLock<Option<Machines>>,
}

/// An automaton that says where a match ends, and one that then says where its groups are.
#[derive(Debug)]
struct Machines {
    automaton: DFA,
    states: Pool<dfa::Cache, Make<dfa::Cache>>,
    machine: PikeVM,
    threads: Pool<pikevm::Cache, Make<pikevm::Cache>>,
}

impl Expression {
    pub(super) const fn new(source: String, use_: Use) -> Self {
        Self { source, use_, engine: OnceLock::new() }
    }

    /// Whether it can be made ready.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        Engine::new(&self.source, self.use_).map(drop)
    }

    /// Whether it matches anywhere in `text`; one that cannot be made ready does nowhere.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.engine().is_some_and(|engine| engine.is_match(&Input::new(text).earliest(true)))
    }

    /// The first match in `input`.
    pub(super) fn find(&self, input: &Input<'_>) -> Option<Found> {
        self.engine()?.find(input)
    }

    /// Whether it is tried at a place, or in a few lines.
    #[cfg(test)]
    pub(super) fn is_tried(&self) -> bool {
        self.use_ == Use::Try
    }

    /// As it is written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    fn engine(&self) -> Option<&Engine> {
        self.engine.get_or_init(|| Engine::new(&self.source, self.use_).ok()).as_ref()
    }
}

impl Engine {
    fn new(source: &str, use_: Use) -> Result<Self, String> {
        match use_ {
            Use::Search => {
                let config = meta::Config::new().nfa_size_limit(Some(COMPILED)).utf8_empty(false);
                let regex = meta::Builder::new().configure(config).syntax(bytes()).build(source);
                regex.map(Self::Search).map_err(|error| said(error.size_limit(), &error))
            }
            Use::Try => Short::new(source).map(Box::new).map(Self::Try),
        }
    }

    fn is_match(&self, input: &Input<'_>) -> bool {
        match self {
            Self::Search(regex) => regex.search_half(input).is_some(),
            Self::Try(short) => short.is_match(input),
        }
    }

    fn find(&self, input: &Input<'_>) -> Option<Found> {
        match self {
            Self::Search(regex) => {
                // Most candidates fail, and that is found out much faster than where a match begins and ends.
                regex.search_half(input)?;
                let mut slots = vec![None; regex.group_info().slot_len()];
                regex.search_slots(input, &mut slots)?;
                Found::of(regex.group_info(), &slots)
            }
            Self::Try(short) => short.find(input),
        }
    }
}

impl Short {
    fn new(source: &str) -> Result<Self, String> {
        let stored = automaton::stored(source);
        let states = stored.and_then(Stored::states);
        let (begins, machines) = match stored.filter(|_| states.is_some()) {
            Some(stored) => (stored.begins(), OnceLock::new()),
            None => {
                let machines = Machines::new(source)?;
                (Begins::of(machines.machine.get_nfa()), OnceLock::from(Some(machines)))
            }
        };
        Ok(Self { source: source.to_owned(), states, begins, tries: AtomicUsize::new(0), machines })
    }

    fn machines(&self) -> Option<&Machines> {
        self.machines.get_or_init(|| Machines::new(&self.source).ok()).as_ref()
    }

    fn is_match(&self, input: &Input<'_>) -> bool {
        let is_match = |machines: &Machines| machines.machine.is_match(&mut machines.threads.get(), input.clone());
        let found = self.end(&mut input.clone());
        found.map_or_else(|_| self.machines().is_some_and(is_match), |found| found.is_some())
    }

    fn find(&self, input: &Input<'_>) -> Option<Found> {
        let mut input = input.clone();
        match self.end(&mut input) {
            Ok(None) => return None,
            Ok(Some(match_)) => input.set_end(match_.offset()),
            // What words are in other scripts than Latin is beyond it.
            Err(_) => {}
        }
        let Machines { machine, threads, .. } = self.machines()?;
        let mut slots = vec![None; machine.get_nfa().group_info().slot_len()];
        machine.search_slots(&mut threads.get(), &input, &mut slots)?;
        Found::of(machine.get_nfa().group_info(), &slots)
    }

    /// Where the first match in `input` ends. If it is known where that begins, it is all that is left of `input`.
    fn end(&self, input: &mut Input<'_>) -> Result<Option<HalfMatch>, MatchError> {
        let is_short = input.get_range().len() <= SHORT;
        let is_new = self.tries.load(Ordering::Relaxed) <= TRIES;
        if let Some(states) = self.states.as_ref().filter(|_| is_short || is_new) {
            match self.first(input, self.with_states(states, input.get_range().len())) {
                Err(error) => match error.kind() {
                    // What is left takes too long from place to place.
                    MatchErrorKind::GaveUp { offset } => input.set_start(*offset),
                    _ => return Err(error),
                },
                end => return end,
            }
        }
        let Some(Machines { automaton, states, .. }) = self.machines() else { return Ok(None) };
        let mut states = states.get();
        if self.states.is_none() && is_short && is_new {
            return self.first(input, |here| automaton.try_search_fwd(&mut states, here));
        }
        automaton.try_search_fwd(&mut states, input)
    }

    /// Says where the match ends that begins at a place, and gives up at one before which too much was read of a text of so many
    /// bytes.
    fn with_states<'s>(
        &'s self,
        states: &'s States<'static>,
        len: usize,
    ) -> impl FnMut(&Input<'_>) -> Result<Option<HalfMatch>, MatchError> + 's {
        let mut steps = AGAIN * len.max(SHORT);
        move |here| {
            if steps == 0 {
                return Err(MatchError::gave_up(here.start()));
            }
            match states.end_of(here, &mut steps) {
                Ok(end) => Ok(end.map(|end| HalfMatch::new(PatternID::ZERO, end))),
                Err(Unknown) => {
                    steps = steps.saturating_sub(here.get_range().len());
                    let Some(Machines { automaton, states, .. }) = self.machines() else { return Ok(None) };
                    automaton.try_search_fwd(&mut states.get(), here)
                }
            }
        }
    }

    /// Where a match may begin in `input`.
    fn places<'i>(&'i self, input: &'i Input<'_>) -> impl Iterator<Item = usize> + 'i {
        let text = &input.haystack()[..input.end()];
        let may_begin = |at: &usize| self.begins.as_ref().is_none_or(|begins| begins.may_begin(&text[*at..]));
        input.get_range().filter(may_begin).chain(self.begins.is_none().then_some(input.end()))
    }

    /// The first match in `input` that `end_of` finds at a place; from there on it is all that is left of `input`.
    fn first(
        &self,
        input: &mut Input<'_>,
        mut end_of: impl FnMut(&Input<'_>) -> Result<Option<HalfMatch>, MatchError>,
    ) -> Result<Option<HalfMatch>, MatchError> {
        if input.get_anchored().is_anchored() {
            return end_of(input);
        }
        let mut tries = 0;
        let first = self.places(input).inspect(|_| tries += 1).find_map(|at| {
            let here = input.clone().range(at..input.end()).anchored(Anchored::Yes);
            let found = end_of(&here).transpose()?;
            Some(found.map(|found| (here, found)))
        });
        self.tries.fetch_add(tries, Ordering::Relaxed);
        let Some((here, found)) = first.transpose()? else { return Ok(None) };
        *input = here;
        Ok(Some(found))
    }
}

impl Machines {
    fn new(source: &str) -> Result<Self, String> {
        let nfa = automaton::stored(source).and_then(Stored::automaton).map_or_else(|| compiled(source), Ok)?;
        let config = DFA::config().cache_capacity(STATES).skip_cache_capacity_check(true).unicode_word_boundary(true);
        let automaton = DFA::builder().configure(config).build_from_nfa(nfa.clone());
        let automaton = automaton.map_err(|error| error.to_string())?;
        let machine = PikeVM::new_from_nfa(nfa).map_err(|error| error.to_string())?;
        let (states, threads) = (automaton.clone(), machine.clone());
        Ok(Self {
            automaton,
            states: Pool::new(Box::new(move || states.create_cache())),
            machine,
            threads: Pool::new(Box::new(move || threads.create_cache())),
        })
    }
}

impl Found {
    fn of(groups: &GroupInfo, slots: &[Option<NonMaxUsize>]) -> Option<Self> {
        let span = |group: usize| {
            let [start, end] = [group * 2, group * 2 + 1].map(|slot| slots.get(slot).copied().flatten());
            Some(Span::new(start?.get(), end?.get()))
        };
        let whole = span(0)?;
        let names =
            || groups.pattern_names(PatternID::ZERO).enumerate().filter_map(|(group, name)| Some((group, name?)));
        let mut marked = names().filter(|(_, name)| *name == "secret" || is_place(name));
        let secret = marked.find_map(|(group, _)| span(group)).unwrap_or(whole);
        let between = names().filter(|(_, name)| name.starts_with(BETWEEN)).filter_map(|(group, _)| span(group));
        Some(Self { whole, secret, between: between.collect() })
    }
}

/// The automaton of an expression that is tried at a place.
pub(super) fn compiled(source: &str) -> Result<NFA, String> {
    let config = thompson::Config::new().nfa_size_limit(Some(COMPILED)).utf8(false);
    let nfa = thompson::Compiler::new().configure(config).syntax(bytes()).build(source);
    nfa.map_err(|error| said(error.size_limit(), &error))
}

/// What is matched is bytes.
pub(super) fn bytes() -> syntax::Config {
    syntax::Config::new().utf8(false)
}

/// Whether a group is what a lint points at.
fn is_place(name: &str) -> bool {
    name.strip_prefix("at").is_some_and(|nth| nth.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is wrong, in words.
fn said(size_limit: Option<usize>, error: &dyn std::error::Error) -> String {
    if size_limit.is_some() { too_large() } else { error.to_string() }
}

/// What is wrong with an expression of which too much would come.
fn too_large() -> String {
    format!(
        "is larger than {} MiB when it is compiled; repeat less in it, or fewer kinds of characters",
        COMPILED >> 20
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOURCES: &[&str] = &[
        r"(?-u)a+(?<secret>b|bb?)c?",
        r"(?:x(?<at>a*)|y(?<at2>b+))\b",
        r"(?i)(?<at>[a-c]{2,})(?:$|\W)",
        r"(?m-u)^(?:a|ab)(?<secret>b*|c)$",
        r"\bé?a(?<at>.)",
        r"(?-u)a*?$",
        r"(?-u)(?:\bx|^)(?<at>b*)",
    ];

    proptest! {
        #[test]
        fn both_ways_find_the_same(
            nth in 0..SOURCES.len(),
            text in prop::collection::vec(prop::sample::select(&["a", "b", "c", "x", "y", "é", "\n", " ", "AB"][..]), 0..40),
            from in 0..12_usize,
            is_old: bool,
        ) {
            let text = text.concat();
            let [search, attempt] = [Use::Search, Use::Try].map(|use_| Expression::new(SOURCES[nth].to_owned(), use_));
            if is_old {
                (0..=TRIES).for_each(|_| drop(attempt.find(&Input::new("\u{e0}x\u{e0}a"))));
            }
            let input = Input::new(text.as_bytes()).range(from.min(text.len())..);
            prop_assert_eq!(search.find(&input), attempt.find(&input));
            prop_assert_eq!(search.is_match(text.as_bytes()), attempt.is_match(text.as_bytes()));
            let anchored = input.anchored(Anchored::Yes);
            prop_assert_eq!(search.find(&anchored), attempt.find(&anchored));
        }
    }

    #[test]
    fn what_is_too_large_or_wrong_is_told() {
        for use_ in [Use::Search, Use::Try] {
            let of = |source: &str| Expression::new(source.to_owned(), use_).check();
            assert!(of("(?:[a-z]{900}){900}").is_err_and(|error| error.contains("larger than")));
            assert!(of("(a").is_err() && of("a").is_ok());
        }
    }
}
