//! What holds of the matcher for all inputs, tried on many. Must not know how it works, or what any rule looks for.
//!
//! Nothing here looks at a clock: speed is measured in `bench/`, and a busy machine is no defect.

use keylint::{
    matcher::Matcher,
    model::{Hit, Span},
    rule::{Catalog, Example, Rule, expand},
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// How many expansions of an example are tried for how often it is missed.
const DRAWN: u64 = 2000;

static BUILTIN: LazyLock<(Catalog, Matcher)> = LazyLock::new(|| {
    let catalog = Catalog::builtin();
    let matcher = Matcher::new(&catalog).expect("the built-in rules can be matched");
    (catalog, matcher)
});

fn rules() -> &'static [Rule] {
    BUILTIN.0.rules()
}

fn matcher() -> &'static Matcher {
    &BUILTIN.1
}

fn expanded(template: &str, seed: u64) -> Example {
    expand(template, seed).expect("the templates were checked")
}

/// An example of any rule for which `keep` holds, and that rule's index.
fn any_example(keep: fn(&Rule) -> bool) -> impl Strategy<Value = (usize, Example)> {
    let kept = rules().iter().enumerate().filter(|(_, rule)| keep(rule));
    let of = |(index, rule): (usize, &'static Rule)| rule.examples.iter().map(move |text| (index, text.get_ref()));
    let templates: Vec<_> = kept.flat_map(of).collect();
    (prop::sample::select(templates), any::<u64>())
        .prop_map(|((index, template), seed)| (index, expanded(template, seed)))
}

/// A text of any rule's lists: found, not reported or missed.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let of = |rule: &'static Rule| rule.examples.iter().chain(&rule.counterexamples).chain(&rule.misses);
    let templates: Vec<_> = rules().iter().flat_map(of).map(|template| template.get_ref()).collect();
    (prop::sample::select(templates), any::<u64>())
        .prop_map(|(template, seed)| expanded(template, seed).text.into_bytes())
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

/// Characters that a key itself is made of, and starts of other keys: the worst neighbours there are.
fn body_characters() -> impl Strategy<Value = Vec<u8>> {
    let letters = "[A-Za-z0-9_-]{0,30}".prop_map(String::into_bytes);
    let starts = prop::sample::select(vec!["sk-", "sk-proj-", "sk-svcacct-", "sk-my-app-", "-", "_", "A", "AA"]);
    prop_oneof![3 => letters, 1 => starts.prop_map(|start| start.as_bytes().to_vec())]
}

/// One part of a text that could confuse the matcher: all of an example or counterexample, some of one, or noise.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let whole = any_text().boxed();
    let some = (whole.clone(), any::<(prop::sample::Index, prop::sample::Index)>()).prop_map(|(text, (a, b))| {
        let (a, b) = (a.index(text.len() + 1), b.index(text.len() + 1));
        text[a.min(b)..a.max(b)].to_vec()
    });
    let seam = prop::sample::select(vec!["\n", " ", "\"", "=", "\0", "\r\n", "é", "T3BlbkFJ", "openai "]);
    let seam = seam.prop_map(|seam| seam.as_bytes().to_vec());
    prop_oneof![4 => whole, 4 => some, 2 => body_characters(), 1 => bytes(40), 2 => seam]
}

fn mix(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(part(), 0..most).prop_map(|parts| parts.concat())
}

/// Rules whose matches begin with one of `leads` each, made so that their literals hold and begin one another.
fn catalog_of(leads: &[String]) -> Catalog {
    let mut catalog = Catalog::default();
    for (nth, lead) in leads.iter().enumerate() {
        let file = |prefilter: &str| {
            format!(
                "provider = 'p{nth}'\nname = 'P'\n[[rule]]\nid = 'r{nth}'\nname = 'R'\nseverity = 'high'\n\
                 confidence = 'high'\nsince = '0'\nabout = 'A'\nexamples = ['x']\n{prefilter}\n\
                 pattern = '(?-u){lead}(?<secret>[G-Z0-9]{{16,20}})'\n"
            )
        };
        let mut alone = Catalog::default();
        alone.add("alone", &file("")).expect("a rule");
        // One without a literal says so.
        let prefilter = if Matcher::new(&alone).is_ok() { "" } else { "prefilter = 'none'" };
        catalog.add("all", &file(prefilter)).expect("rules");
    }
    catalog
}

fn leads() -> impl Strategy<Value = Vec<String>> {
    let atoms = vec!["abc", "ab", "bca", "a", "b", "c", "[ab]", "(?:ab|abc)", "(?i:b)", "(?i:ca)", "c?", "a+", r"\b"];
    let atoms = prop::collection::vec(prop::sample::select(atoms), 1..5).prop_map(|atoms| atoms.concat());
    let words = prop::sample::select(vec!["abc", "abca", "abcab", "(?i:a)bc", "(?i:a)bca", "a(?i:bc)", "bca", "bcab"]);
    let lead = prop_oneof![atoms, words.prop_map(|word| format!("{word}[a-c]*"))];
    prop::collection::vec(lead, 1..6)
}

/// Texts in which such rules find much.
fn letters_and_bodies() -> impl Strategy<Value = Vec<u8>> {
    let letters = prop_oneof!["[abcABC .]{1,6}", "(abc|bca){1,3}"];
    let part = prop_oneof![3 => letters, 1 => "[G-Z0-9]{15,21}"];
    prop::collection::vec(part, 1..20).prop_map(|parts| parts.concat().into_bytes())
}

/// Whether each hit lies in `text`, after the one before, and holds what stands there.
fn are_sound(hits: &[Hit], text: &[u8]) -> bool {
    let apart = hits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
    let is_it = |hit: &Hit| !hit.via.is_empty() || text.get(hit.span.range()) == Some(hit.secret.expose());
    let true_of_text = |hit: &Hit| !hit.span.is_empty() && hit.span.end <= text.len() && is_it(hit);
    apart && hits.iter().all(true_of_text) && hits.iter().all(|hit| hit.rule < rules().len())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    /// A key between lines of anything is found, whatever its rule. A random body that its own rule takes for no key
    /// is the business of `an_example_is_hardly_ever_missed`.
    #[test]
    fn an_example_is_found_between_any_lines(
        (index, example) in any_example(|_| true), before in bytes(300), after in bytes(300),
    ) {
        let alone = matcher().hits(example.text.as_bytes());
        prop_assume!(alone.iter().any(|hit| hit.span == example.secret && hit.rule == index));
        let text = [&before, &b"\n"[..], example.text.as_bytes(), b"\n", &after].concat();
        let planted = example.secret.shifted(before.len() + 1);
        let hits = matcher().hits(&text);
        prop_assert!(hits.iter().any(|hit| hit.span == planted && hit.rule == index), "{planted:?} in {hits:?}");
    }

    /// A key with a marker needs nothing around it, and nothing around it can hide where it begins and ends. Except one
    /// of unusual shape, which ends where its letters do, one with a name in it, which any `sk-` before it may open, and
    /// one whose body its own rule takes for none.
    #[test]
    fn a_marked_key_is_found_among_any_neighbours(
        (index, example) in any_example(|rule| rule.marker.is_some()),
        before in prop_oneof![bytes(60), body_characters()], after in prop_oneof![bytes(60), body_characters()],
    ) {
        let secret = &example.text.as_bytes()[example.secret.range()];
        let prefixes = rules()[index].marker.as_ref().map(|marker| &marker.prefixes);
        prop_assume!(prefixes.is_some_and(|known| known.iter().any(|prefix| secret.starts_with(prefix.as_bytes()))));
        let alone = matcher().hits(secret);
        prop_assume!(alone.iter().any(|hit| hit.rule == index && hit.span.len() == secret.len()));
        prop_assume!(alone.iter().all(|hit| hit.notes.is_empty()));
        let text = [&before, secret, &after].concat();
        let planted = Span::new(before.len(), before.len() + secret.len());
        let hits = matcher().hits(&text);
        prop_assert!(hits.iter().any(|hit| hit.span == planted && hit.rule == index), "{planted:?} in {hits:?}");
    }

    #[test]
    fn any_bytes_give_sound_hits(text in bytes(4096)) {
        prop_assert!(are_sound(&matcher().hits(&text), &text));
    }

    #[test]
    fn any_mix_gives_sound_hits(text in mix(12)) {
        prop_assert!(are_sound(&matcher().hits(&text), &text));
    }

    /// A candidate is looked at in full by whoever asks only where one is.
    #[test]
    fn a_text_with_a_hit_has_a_candidate(text in mix(4)) {
        let mut candidates = 0;
        matcher().spans(&text, |_| candidates += 1);
        prop_assert_eq!(matcher().any(&text), candidates > 0);
        prop_assert!(candidates > 0 || matcher().hits(&text).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    /// The promise that makes the scan fast without making it blind.
    #[test]
    fn the_prefilter_loses_nothing(text in mix(8)) {
        prop_assert_eq!(matcher().hits(&text), matcher().hits_without_prefilter(&text));
    }

    /// The same for rules that get into each other's way as no built-in ones do.
    #[test]
    fn the_prefilter_loses_nothing_whatever_the_rules(leads in leads(), text in letters_and_bodies()) {
        let matcher = Matcher::new(&catalog_of(&leads)).expect("rules that can be matched");
        prop_assert_eq!(matcher.hits(&text), matcher.hits_without_prefilter(&text));
    }
}

/// What a rule asks of a body drops a random one now and then; more than one in a thousand is a rule too strict.
#[test]
fn an_example_is_hardly_ever_missed() {
    for (index, rule) in rules().iter().enumerate().filter(|(_, rule)| rule.lint.is_none()) {
        for (nth, template) in rule.examples.iter().enumerate() {
            let is_missed = |seed: &u64| {
                let example = expanded(template.get_ref(), *seed);
                let hits = matcher().hits(example.text.as_bytes());
                !hits.iter().any(|hit| hit.span == example.secret && hit.rule == index)
            };
            let missed: Vec<u64> = (0..DRAWN).filter(is_missed).collect();
            assert!(missed.len() as u64 * 1000 <= DRAWN, "{} misses example {nth} for seeds {missed:?}", rule.id());
        }
    }
}
