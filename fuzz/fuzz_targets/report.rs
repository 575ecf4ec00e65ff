//! Any bytes in a file of any name: a scan of it ends without a defect, and its report, in whatever format, cannot drive
//! a terminal, mislead a reader or show a secret. Must not know any format.
#![no_main]

use keylint::{
    engine::{Options, Policy, Scope, Suppression, Target, scan},
    lint,
    model::ProblemKind,
    report::{self, Format, Verbosity},
    source::{Limits, Stop, Tally},
};
use keylint_fuzz::{check_harmless, choice, part, rules};
use libfuzzer_sys::fuzz_target;
use memchr::memmem;

/// The shortest secret that is looked for in reports: what is shorter may be in any text by chance.
const SHORTEST: usize = 20;

fuzz_target!(|input: &[u8]| {
    let Some((nth, input)) = choice(input, Format::ALL.len()) else { return };
    let Some((name, bytes)) = part(input) else { return };
    let (catalog, matcher) = rules();
    let options = Options {
        scope: Scope::Everything { worktree: true, history: false, ignore: false },
        show_secrets: false,
        lint: Some(lint::Options { strict: true, key_age: lint::Options::KEY_AGE }),
        limits: Some(Limits::default()),
        jobs: 1,
        now: 1_700_000_000,
        policy: Policy::default(),
        suppression: Suppression { inline: true, ..Suppression::default() },
    };
    let target = Target::Text { name: name.into(), bytes: bytes.to_vec() };
    let scanned = scan(&[target], (catalog, matcher), &options, &Tally::default(), &Stop::default());
    let scanned = scanned.expect("a text can be scanned");
    let problems = scanned.problems.iter();
    problems.for_each(|problem| assert!(problem.kind != ProblemKind::Internal, "{problem:?}"));
    let findings = scanned.findings.iter().chain(scanned.silenced.iter().map(|silenced| &silenced.finding));
    let secrets: Vec<_> = findings.filter_map(|finding| finding.secret()).collect();
    let format = Format::ALL[nth];
    let mut out = Vec::new();
    let options = report::Options { show_suppressed: true, verbosity: Verbosity::Verbose, ..Default::default() };
    report::write(format, &scanned, catalog, &options, &mut out).expect("memory does not fail");
    let shown = String::from_utf8(out).expect("a report is text");
    check_harmless(&shown);
    assert!(!shown.contains(['\t', '\r']), "{} shows a tab or a line end of a text", format.as_str());
    for secret in secrets.iter().map(|secret| secret.expose()).filter(|secret| secret.len() >= SHORTEST) {
        assert!(memmem::find(shown.as_bytes(), secret).is_none(), "{} shows a secret", format.as_str());
    }
});
