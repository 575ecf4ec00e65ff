//! Any text as a generator: refused, or expanded to the same text each time, with the secret inside of it.
//! Must not know what generators there are.
#![no_main]

use keylint::rule::expand;
use libfuzzer_sys::fuzz_target;

/// The longest template that is tried: a few characters can ask for 100,000.
const LONGEST: usize = 256;

fuzz_target!(|input: (u64, &str)| {
    let (seed, template) = input;
    if template.len() > LONGEST {
        return;
    }
    let expanded = expand(template, seed);
    assert!(expanded == expand(template, seed), "the same seed gives another text");
    if let Ok(example) = expanded {
        assert!(example.text.get(example.secret.range()).is_some(), "the secret is not in the text");
    }
});
