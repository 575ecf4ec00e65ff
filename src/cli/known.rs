//! The baseline file: which secrets were known before, a line for each, in order, so that two branches that both
//! add some merge. Must not know how they were found.

use super::{Complaint, config, output};
use keylint::model::Fingerprint;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// What it is called where nobody says otherwise.
pub(super) const NAME: &str = ".keylint-baseline.toml";

const HEAD: &str = "\
# Keys that are known: they are counted and do not fail a scan. No key is in this file, only what each is told by.
# `keylint baseline write` makes it, `keylint baseline prune` takes out what is gone.
";

/// The secrets of a baseline, each with its rule.
pub(super) type Entries = BTreeMap<Fingerprint, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: toml::Spanned<u32>,
    keys: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: toml::Spanned<String>,
    /// For people: what the secret is told by is its fingerprint, and a better rule may find it tomorrow.
    rule: String,
}

pub(super) fn read(path: &Path) -> Result<Entries, Complaint> {
    parse(&output::shown(path), &output::read(path)?)
}

pub(super) fn parse(name: &str, text: &str) -> Result<Entries, Complaint> {
    config::conflict(name, text)?;
    if text.trim().is_empty() {
        return Ok(Entries::new());
    }
    let document: Document = toml::from_str(text).map_err(|error| config::fault(name, text, &error))?;
    let wrong = |at: usize, why: &str| Complaint::new(format!("{name}:{}: {why}", config::line_of(text, at)));
    if *document.version.get_ref() != 1 {
        return Err(wrong(document.version.span().start, "only version 1 of this file is known: keylint is too old"));
    }
    let entry = |entry: Entry| {
        let fingerprint = Fingerprint::from_hex(entry.fingerprint.get_ref());
        let wrong = || wrong(entry.fingerprint.span().start, "a fingerprint is 32 hex digits");
        Ok((fingerprint.ok_or_else(wrong)?, entry.rule))
    };
    document.keys.into_iter().map(entry).collect()
}

/// The file of `entries`; `notes` say for people where some are.
pub(super) fn render(entries: &Entries, notes: &BTreeMap<Fingerprint, String>) -> String {
    let mut out = format!("{HEAD}version = 1\nkeys = [\n");
    for (fingerprint, rule) in entries {
        let _ = write!(out, "  {{ fingerprint = \"{fingerprint}\", rule = {} }},", toml::Value::from(rule.as_str()));
        if let Some(note) = notes.get(fingerprint) {
            let _ = write!(out, " # {note}");
        }
        out.push('\n');
    }
    out + "]\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Entries {
        let hex = ["30ba458518939c33dbf4ab32759ce30c", "20ba458518939c33dbf4ab32759ce30c"];
        hex.iter().filter_map(|hex| Some((Fingerprint::from_hex(hex)?, "a-rule".to_owned()))).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let notes = BTreeMap::from([(*entries().keys().next().expect("one"), "sk-…abcd in a b.py".to_owned())]);
        let text = render(&entries(), &notes);
        assert_eq!(parse("b", &text).expect("it is well formed"), entries());
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("  {")).collect();
        let first = "  { fingerprint = \"20ba458518939c33dbf4ab32759ce30c\", rule = \"a-rule\" }, # sk-…abcd in a b.py";
        assert_eq!((lines.len(), lines[0]), (2, first));
        assert_eq!(parse("b", &render(&Entries::new(), &BTreeMap::new())).expect("empty"), Entries::new());
    }

    #[test]
    fn what_is_no_baseline_is_told_with_its_line() {
        let good = render(&entries(), &BTreeMap::new());
        let cases = [
            (good.replace("30ba", "30"), "b:6: a fingerprint is 32 hex digits"),
            (good.replace("rule", "rul"), "b:5: there is no key `rul` here; did you mean `rule`?"),
            (good.replace("= 1", "= 2"), "b:3: only version 1"),
            (good.replace("\n]", "\n<<<<<<< HEAD\n]"), "b:7: a merge has left a conflict"),
            ("x = 1".to_owned(), "b:1: there is no key `x` here"),
        ];
        for (text, told) in cases {
            let fault = parse("b", &text).expect_err("it is wrong").to_string();
            assert!(fault.starts_with(told), "{fault}");
        }
    }
}
