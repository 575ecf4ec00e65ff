//! Any text as another scanner's file of known findings: refused with a line, or read. Must not know the formats.
#![no_main]

use keylint::engine::foreign::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = 1 + text.matches(['\n', '\r']).count();
    match parse(text) {
        Ok(entries) => {
            for entry in entries {
                assert!((1..=lines).contains(&entry.line), "line {} of {lines}", entry.line);
            }
        }
        Err((line, why)) => {
            assert!(line <= lines, "line {line} of {lines}");
            assert!(!why.is_empty(), "refused without a reason");
        }
    }
});
