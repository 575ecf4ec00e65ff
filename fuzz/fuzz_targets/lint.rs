//! Any bytes as a file of any name that lints read: what is said stands in the file, in order, and is safe to show.
//! Must not know what is said.
#![no_main]

use keylint::{
    lint::{File, Linter, Nowhere, Options},
    model::Text,
};
use keylint_fuzz::{check_harmless, part, rules};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static LINTER: LazyLock<Linter<'static>> = LazyLock::new(|| {
    let (catalog, matcher) = rules();
    Linter::new((catalog, matcher), Options { strict: true, key_age: Options::KEY_AGE })
});

fuzz_target!(|input: &[u8]| {
    let Some((name, bytes)) = part(input) else { return };
    let path = Text::from(name);
    let keys = rules().1.hits(bytes);
    let remarks = LINTER.check(&File { path: &path, bytes, keys: &keys }, &Nowhere);
    let mut last = 0;
    for remark in &remarks {
        assert!(bytes.get(remark.span.range()).is_some(), "{:?} of {}", remark.span, bytes.len());
        assert!(last <= remark.span.start, "{:?} stands before what was said before it", remark.span);
        assert!(remark.key.is_none_or(|key| key < keys.len()), "there is no such key");
        assert!(remark.rule < rules().0.rules().len(), "there is no such rule");
        check_harmless(&remark.what);
        last = remark.span.start;
    }
});
