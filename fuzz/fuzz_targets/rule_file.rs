//! Any text as a rule file: refused with reasons or loaded, then matchable or not, and never a panic.
//! Must not know the format.
#![no_main]

use keylint::{matcher::Matcher, rule::Catalog};
use libfuzzer_sys::fuzz_target;

/// Rules are run over a little text only: what a slow pattern costs is not asked here.
const TEXT: &[u8] = b"API_KEY=\"0123456789abcdef0123456789abcdef\" \xff\n";

fuzz_target!(|text: &str| {
    let mut catalog = Catalog::default();
    match catalog.add("rules.toml", text) {
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            let lines = 1 + text.matches('\n').count();
            for error in errors {
                assert!((1..=lines).contains(&error.line), "line {} of {lines}", error.line);
                assert!(error.to_string().starts_with("rules.toml:"));
            }
        }
        Ok(()) => {
            if let Ok(matcher) = Matcher::new(&catalog) {
                assert!(matcher.hits(TEXT) == matcher.hits_without_prefilter(TEXT), "the prefilter makes a difference");
            }
        }
    }
});
