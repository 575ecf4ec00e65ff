//! The built-in rules, put to their own examples.

use keylint::{
    matcher::{Matcher, selftest},
    rule::Catalog,
};

fn builtin() -> (Catalog, Matcher) {
    let catalog = Catalog::builtin();
    let matcher = Matcher::new(&catalog).expect("the built-in rules can be matched");
    (catalog, matcher)
}

#[test]
fn every_example_of_every_rule_turns_out_as_it_says() {
    let (catalog, matcher) = builtin();
    let failures: Vec<String> = selftest(&catalog, &matcher)
        .iter()
        .map(|failure| {
            let rule = &catalog.rules()[failure.rule];
            format!("{} {}[{}] {}", rule.id(), failure.field, failure.index, failure.message)
        })
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
}
