//! Any bytes: no panic, hits that are true of the text, and the same with and without the prefilter.
//! Must not know what any rule looks for.
#![no_main]

use keylint::{matcher::Matcher, rule::Catalog};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Up to how many bytes every rule is tried at every byte.
const SLOWLY: usize = 4096;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let catalog = Catalog::builtin().expect("the built-in rules load");
    Matcher::new(&catalog).expect("the built-in rules can be matched")
});

fuzz_target!(|text: &[u8]| {
    let hits = MATCHER.hits(text);
    let mut end = 0;
    for hit in &hits {
        assert!(end <= hit.span.start && hit.span.start < hit.span.end, "{:?} after {end}", hit.span);
        assert!(text.get(hit.span.range()) == Some(hit.secret.expose()), "{:?} does not hold the secret", hit.span);
        end = hit.span.end;
    }
    if text.len() <= SLOWLY {
        assert!(hits == MATCHER.hits_without_prefilter(text), "the prefilter makes a difference: {hits:?}");
    }
});
