//! Any text as a configuration file or a baseline: refused with a line and a reason, or read; what is said is safe to
//! show. Must not know what the keys bring about.
//!
//! Both readers are the command's, which is no library: their files are taken in here, with the two things that they
//! want of others.
#![no_main]

#[path = "../../src/cli/config.rs"]
#[allow(dead_code, unreachable_pub)]
mod config;
#[path = "../../src/cli/known.rs"]
#[allow(dead_code)]
mod known;

mod output {
    //! Files are not read here.

    use super::Complaint;
    use std::path::Path;

    pub(super) fn shown(path: &Path) -> String {
        path.display().to_string()
    }

    pub(super) fn read(path: &Path) -> Result<String, Complaint> {
        Err(Complaint::new(shown(path)))
    }
}

mod rules {
    //! Nothing is guessed here.

    pub(super) fn nearest<'a>(_: &str, mut known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        known.next()
    }
}

use keylint_fuzz::{check_harmless, choice};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Complaint(String);

impl Complaint {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((kind, bytes)) = choice(input, 2) else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if kind == 0 {
        match config::Config::parse("k.toml", text) {
            Ok(config) => {
                config.check("k.toml", text, &keylint_fuzz::rules().0).iter().for_each(|why| check(why, text));
            }
            Err(complaint) => check(&complaint.to_string(), text),
        }
    } else {
        match known::parse("k.toml", text) {
            Ok(entries) => {
                let again = known::parse("k.toml", &known::render(&entries, &BTreeMap::new()));
                assert!(again.is_ok_and(|again| again == entries), "what is written is not read again");
            }
            Err(complaint) => check(&complaint.to_string(), text),
        }
    }
});

/// Checks a complaint about `text`: it names a line of it.
fn check(why: &str, text: &str) {
    check_harmless(why);
    let line = why.strip_prefix("k.toml:").and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
    let lines = 1 + text.matches('\n').count();
    assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{line:?} of {lines} lines");
}
