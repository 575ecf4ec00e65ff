//! Any bytes: no panic, hits that are true of the text, and the same with and without the prefilter.
//! Must not know what any rule looks for.
#![no_main]

use keylint_fuzz::{check_hits, rules};
use libfuzzer_sys::fuzz_target;

/// Up to how many bytes every rule is tried at every byte.
const SLOWLY: usize = 1024;

fuzz_target!(|text: &[u8]| {
    let (_, matcher) = rules();
    let hits = matcher.hits(text);
    check_hits(&hits, text);
    if text.len() <= SLOWLY {
        assert!(hits == matcher.hits_without_prefilter(text), "the prefilter makes a difference: {hits:?}");
    }
});
