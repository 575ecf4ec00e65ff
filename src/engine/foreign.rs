//! What other scanners' files of known findings speak of, found again by what they tell a finding by.
//! Must not know where such a file is, or what is made of it.

use crate::model::{Finding, Place, Site};
use serde::Deserialize;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

/// One entry of such a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its line.
    pub line: usize,
    /// What it says, in short.
    pub what: String,
    told_by: ToldBy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ToldBy {
    /// Where it stands: `commit:file:rule:line` or `file:rule:line`, of gitleaks.
    Place { commit: Option<String>, path: String, line: u64 },
    /// SHA-1 of the secret, in hex, of detect-secrets.
    Hash(String),
}

/// Reads a `.gitleaksignore` or a `.secrets.baseline`, whichever `text` is.
///
/// # Errors
/// The line that is neither, and why.
pub fn parse(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    // Some editors put a mark before the first character.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{') { hashes(text) } else { places(text) }
}

impl Entry {
    /// Whether it speaks of `finding`.
    #[must_use]
    pub fn speaks_of(&self, finding: &Finding) -> bool {
        match &self.told_by {
            ToldBy::Hash(hash) => {
                finding.secret().is_some_and(|secret| forms(secret.expose()).any(|form| sha1(form) == *hash))
            }
            ToldBy::Place { commit, path, line } => {
                finding.places.iter().any(|place| is_at(place, commit.as_deref(), path, *line))
            }
        }
    }
}

fn is_at(place: &Place, commit: Option<&str>, path: &str, line: u64) -> bool {
    let Site::File { path: own } = &place.site else { return false };
    let stored = || {
        place.versions.iter().any(|version| {
            let of_commit = |wanted: &str| version.commit.is_some_and(|id| id.to_string() == wanted);
            version.position.line == line && commit.is_none_or(of_commit)
        })
    };
    own.as_bytes() == path.as_bytes() && (commit.is_none() && place.position.line == line || stored())
}

/// What a scanner may have taken for the secret: all of it, or what detect-secrets' pattern for OpenAI's keys
/// takes of a longer one, which is the marker and twenty characters on each side of it.
fn forms(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    const MARKER: &[u8] = b"T3BlbkFJ";
    let end = memchr::memmem::find(secret, MARKER).map(|at| at + MARKER.len() + 20);
    [Some(secret), end.and_then(|end| secret.get(..end))].into_iter().flatten()
}

fn sha1(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha1::digest(bytes))
}

fn places(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let said = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    said.map(|(at, line)| place(at, line).ok_or_else(|| (at, "this is neither FILE:RULE:LINE nor JSON".to_owned())))
        .collect()
}

fn place(at: usize, text: &str) -> Option<Entry> {
    let mut parts = text.rsplitn(3, ':');
    let line = parts.next()?.parse().ok()?;
    parts.next().filter(|rule| !rule.is_empty())?;
    let rest = parts.next()?;
    let is_id = |id: &str| matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_id(commit) => (Some(commit.to_ascii_lowercase()), path),
        _ => (None, rest),
    };
    // On Windows it is written as Windows does.
    let path = path.replace('\\', "/");
    let told_by = ToldBy::Place { commit, path: path.trim_start_matches("./").to_owned(), line };
    Some(Entry { line: at, what: text.to_owned(), told_by })
}

#[derive(Deserialize)]
struct Document {
    results: BTreeMap<String, Vec<Listed>>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "type")]
    kind: String,
    hashed_secret: String,
    #[serde(default)]
    line_number: u64,
}

fn hashes(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        let why = error.to_string();
        (error.line(), why.split(" at line ").next().unwrap_or_default().to_owned())
    })?;
    let listed = document.results.iter().flat_map(|(path, all)| all.iter().map(move |listed| (path, listed)));
    let entry = |(path, listed): (&String, &Listed)| {
        let at = text.find(&listed.hashed_secret).map_or(1, |at| 1 + text[..at].matches('\n').count());
        let what = format!("{} in {path}:{}", listed.kind, listed.line_number);
        Entry { line: at, what, told_by: ToldBy::Hash(listed.hashed_secret.to_ascii_lowercase()) }
    };
    Ok(listed.map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_of_gitleaks_are_read() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let entries =
            parse(&format!("\u{feff}# why\n\n{id}:a:b.py:openai:7\n.\\src/a.py:openai:12\n")).expect("they are good");
        let of = |commit: Option<&str>, path: &str, line| ToldBy::Place {
            commit: commit.map(str::to_owned),
            path: path.to_owned(),
            line,
        };
        assert_eq!(entries[0].told_by, of(Some(id), "a:b.py", 7));
        assert_eq!((entries[1].line, &entries[1].told_by), (4, &of(None, "src/a.py", 12)));
        for wrong in ["a", "a:b", "a:b:c", "a::3", "a.py:rule:-1"] {
            assert_eq!(parse(&format!("\n{wrong}")).expect_err("it is wrong").0, 2, "{wrong}");
        }
    }

    #[test]
    fn the_entries_of_detect_secrets_are_read() {
        let hash = sha1(b"abc");
        let text = format!(
            "{{\"version\": \"1.5.0\", \"results\": {{\n\"a.py\": [{{\"type\": \"OpenAI Token\",\n\"hashed_secret\": \
             \"{hash}\", \"line_number\": 3}}]}}}}"
        );
        let entries = parse(&text).expect("they are good");
        assert_eq!((entries[0].line, entries[0].what.as_str()), (3, "OpenAI Token in a.py:3"));
        assert_eq!(entries[0].told_by, ToldBy::Hash("a9993e364706816aba3e25717850c26c9cd0d89d".to_owned()));
        assert_eq!(parse("{\n\"results\": 3}").expect_err("it is wrong").0, 2);
    }

    #[test]
    fn a_longer_key_has_the_form_that_detect_secrets_takes() {
        let secret = [b"sk-proj-aT3BlbkFJ".as_slice(), &[b'x'; 30]].concat();
        let all: Vec<&[u8]> = forms(&secret).collect();
        assert_eq!(all, [&secret[..], &secret[..secret.len() - 10]]);
        assert_eq!(forms(b"sk-T3BlbkFJ").count(), 1);
    }
}
