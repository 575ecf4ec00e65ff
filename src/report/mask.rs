//! Keeps the keys of a report out of everything else it says. Must not know formats.
//!
//! A key also stands in file names, branch names, subjects and messages of errors. Whoever made the
//! report may have masked it there, or not: no writer relies on it.

use crate::model::{Finding, Text, visible};
use aho_corasick::{AhoCorasick, MatchKind};
use std::{borrow::Cow, io};

/// Replaces every secret of a report by its mask. The default one replaces nothing.
#[derive(Default)]
pub(super) struct Mask {
    secrets: Option<AhoCorasick>,
    masks: Vec<String>,
}

impl Mask {
    /// A mask over the secrets of `findings`.
    ///
    /// # Errors
    /// When there are too many secrets to look for: better no report than one that shows them.
    pub(super) fn over(findings: &[Finding]) -> io::Result<Self> {
        // An empty secret stands everywhere.
        let secrets: Vec<_> =
            findings.iter().map(|finding| &finding.secret).filter(|s| !s.expose().is_empty()).collect();
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(secrets.iter().map(|secret| secret.expose()))
            .map_err(io::Error::other)?;
        Ok(Self { secrets: Some(search), masks: secrets.iter().map(|secret| secret.masked()).collect() })
    }

    /// `bytes` without secrets, raw otherwise.
    pub(super) fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.secrets {
            Some(secrets) if secrets.is_match(bytes) => secrets.replace_all_bytes(bytes, &self.masks).into(),
            _ => bytes.into(),
        }
    }

    /// `bytes` without secrets, as UTF-8 with bad bytes replaced.
    pub(super) fn lossy(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(&self.bytes(bytes)).into_owned()
    }

    /// `bytes` without secrets, safe to show within one line: tabs are made visible too.
    pub(super) fn line(&self, bytes: &[u8]) -> String {
        visible(&self.bytes(bytes)).replace('\t', "\\t")
    }

    /// The same for a text.
    pub(super) fn text(&self, text: &Text) -> String {
        self.line(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_secret_is_replaced_and_nothing_else() {
        let findings = sample::report().findings;
        let [first, second] = [0, 1].map(|n| findings[n].secret.clone());
        let mask = Mask::over(&findings).expect("two secrets");
        let text = [b"a=", first.expose(), b"&b=", second.expose(), first.expose()].concat();
        let expected = format!("a={}&b={}{}", first.masked(), second.masked(), first.masked());
        assert_eq!(mask.lossy(&text), expected);
        assert_eq!(mask.lossy(b"sk-proj-"), "sk-proj-");
    }

    #[test]
    fn of_a_secret_within_another_the_longer_is_replaced() {
        let mut findings = sample::report().findings;
        let whole = findings[0].secret.clone();
        findings[1].secret = crate::model::Secret::new(&whole.expose()[..12], 0);
        let mask = Mask::over(&findings).expect("two secrets");
        assert_eq!(mask.lossy(whole.expose()), whole.masked());
    }

    #[test]
    fn an_empty_secret_hides_nothing() {
        let mut findings = sample::report().findings;
        findings[0].secret = crate::model::Secret::new(b"", 0);
        assert_eq!(Mask::over(&findings).expect("one secret").lossy(b"abc"), "abc");
    }

    #[test]
    fn a_line_has_no_tab_and_no_newline() {
        assert_eq!(Mask::default().line(b"a\tb\nc\xff"), "a\\tb\\u{a}c\\xff");
    }
}
