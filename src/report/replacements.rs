//! What git-filter-repo takes to put a mark in the place of keys, as `--replace-text` and `--replace-message` read it.
//! Must not know repositories.
//!
//! A line is `literal:TEXT==>MARK`, or `regex:EXPRESSION==>MARK` with an expression of Python for bytes.

use crate::model::Report;
use std::{
    cmp::Reverse,
    collections::BTreeSet,
    io::{self, Write},
};

/// What stands in the place of a key.
const MARK: &str = "***REMOVED***";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let written = report.findings.iter().filter_map(|finding| report.written.get(&finding.fingerprint)).flatten();
    let texts: BTreeSet<&[u8]> = written.map(|secret| secret.expose()).collect();
    let mut texts: Vec<&[u8]> = texts.into_iter().collect();
    // What another one is the beginning of comes after it.
    texts.sort_by_key(|text| (Reverse(text.len()), *text));
    for text in texts {
        match std::str::from_utf8(text).ok().filter(|text| is_plain(text)) {
            Some(text) => writeln!(out, "literal:{text}==>{MARK}")?,
            None => writeln!(out, "regex:{}==>{MARK}", expression(text))?,
        }
    }
    Ok(())
}

/// Whether a line can hold it as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains("==>")
}

fn expression(text: &[u8]) -> String {
    let one =
        |&byte: &u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("\\x{byte:02x}") };
    text.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Secret, report::sample};

    #[test]
    fn keys_stand_in_clear_and_what_no_line_holds_as_an_expression() {
        let mut report = sample::report();
        let fingerprint = report.findings[0].fingerprint;
        let texts = [&b"abc"[..], b"abcd", b"a\nb", b"x==>y"].map(|text| Secret::new(text, 0));
        report.written.insert(fingerprint, texts.into());
        let mut out = Vec::new();
        write(&report, &mut out).expect("memory takes everything");
        let expected = "regex:x\\x3d\\x3d\\x3ey==>***REMOVED***\nliteral:abcd==>***REMOVED***\n\
                        regex:a\\x0ab==>***REMOVED***\nliteral:abc==>***REMOVED***\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn of_what_does_not_count_there_is_nothing() {
        let mut report = sample::report();
        let finding = report.findings.remove(0);
        report.written.insert(finding.fingerprint, [Secret::new(b"abc", 0)].into());
        let mut out = Vec::new();
        write(&report, &mut out).expect("memory takes everything");
        assert_eq!(out, b"");
    }
}
