//! Any text as a rule file: refused with reasons that are safe to show or loaded, then matchable or not, and never a panic.
//! Must not know the format.
#![no_main]

use keylint::{matcher::Matcher, rule::Catalog};
use keylint_fuzz::check_harmless;
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
                let why = error.to_string();
                check_harmless(&why);
                assert!(why.starts_with("rules.toml:"));
            }
        }
        Ok(()) => {
            let matcher = Matcher::new(&catalog).and_then(|matcher| matcher.compile(&catalog).map(|()| matcher));
            match matcher {
                Ok(matcher) => {
                    let same = matcher.hits(TEXT) == matcher.hits_without_prefilter(TEXT);
                    assert!(same, "the prefilter makes a difference");
                }
                Err(error) => check_harmless(&error.to_string()),
            }
        }
    }
});
