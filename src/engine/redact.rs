//! Secrets taken out of everything else that a report says: paths, subjects, names, reasons.
//! Must not know what the texts are.

use crate::{
    matcher::Matcher,
    model::{CommitInfo, History, Identity, Notice, Problem, Secret, Silence, Site, Snippet, Text},
};
use aho_corasick::{AhoCorasick, MatchKind};
use std::{cell::RefCell, collections::HashMap};

/// Knows all secrets of a scan, and how secrets look, and puts masks in their place.
pub(super) struct Redactor<'a> {
    /// None if secrets are to be shown.
    matcher: Option<&'a Matcher>,
    search: Option<AhoCorasick>,
    masks: Vec<String>,
    /// There are too many secrets to look for: then no text is shown at all.
    overrun: bool,
    /// Names of refs, as they are shown: every secret of a repository may have the same thousands of them.
    refs: RefCell<HashMap<Text, Text>>,
}

/// `text` with a mask in the place of everything that looks like a secret to `matcher`.
#[must_use]
pub fn mask(text: &str, matcher: &Matcher) -> String {
    let mut text = text.to_owned();
    Redactor::new(std::iter::empty(), matcher, false).string(&mut text);
    text
}

impl<'a> Redactor<'a> {
    /// A redactor of `secrets`, and of whatever else `matcher` finds; one that changes nothing if they
    /// are to be shown.
    pub(super) fn new<'s>(secrets: impl Iterator<Item = &'s Secret>, matcher: &'a Matcher, show_secrets: bool) -> Self {
        if show_secrets {
            return Self { matcher: None, search: None, masks: Vec::new(), overrun: false, refs: RefCell::default() };
        }
        // An empty secret would stand everywhere.
        let mut secrets: Vec<&Secret> = secrets.filter(|secret| !secret.expose().is_empty()).collect();
        secrets.sort_by(|a, b| a.expose().cmp(b.expose()));
        secrets.dedup_by(|a, b| a.expose() == b.expose());
        let patterns = secrets.iter().map(|secret| secret.expose());
        let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns);
        let masks = secrets.iter().map(|secret| secret.masked()).collect();
        let overrun = search.is_err();
        Self { matcher: Some(matcher), overrun, search: search.ok(), masks, refs: RefCell::default() }
    }

    fn text(&self, text: &mut Text) {
        if self.overrun {
            *text = "(not shown)".into();
        }
        if let Some(search) = &self.search
            && search.is_match(text.as_bytes())
        {
            *text = search.replace_all_bytes(text.as_bytes(), &self.masks).into();
        }
        // A text that no source has shown, such as the path of a target, may hold a secret of its own.
        let hits = self.matcher.map(|matcher| matcher.hits(text.as_bytes())).unwrap_or_default();
        if !hits.is_empty() {
            let mut masked = Vec::new();
            let mut at = 0;
            for hit in &hits {
                masked.extend_from_slice(&text.as_bytes()[at..hit.span.start]);
                masked.extend_from_slice(hit.secret.masked().as_bytes());
                at = hit.span.end;
            }
            masked.extend_from_slice(&text.as_bytes()[at..]);
            *text = masked.into();
        }
    }

    /// Masks what is beside a place's own secret: another place of it, or one that was found elsewhere.
    pub(super) fn snippet(&self, snippet: &mut Snippet) {
        let Some(search) = self.search.as_ref().filter(|search| search.is_match(&snippet.text)) else { return };
        let (before, own) = (&snippet.text[..snippet.start], &snippet.text[snippet.start..snippet.end]);
        let before = search.replace_all(before, &self.masks);
        let text = [&before, own, &search.replace_all(&snippet.text[snippet.end..], &self.masks)].concat();
        *snippet = Snippet { text, start: before.len(), end: before.len() + own.len() };
    }

    pub(super) fn commit(&self, commit: &mut CommitInfo) {
        for text in [&mut commit.author, &mut commit.email, &mut commit.subject] {
            self.text(text);
        }
    }

    pub(super) fn history(&self, history: &mut History) {
        let History { introduced, removed, last, people, refs, pushed, line, .. } = history;
        for event in introduced.iter_mut().chain(removed).chain(last) {
            self.commit(&mut event.commit);
            self.identity(&mut event.committer);
            event.path.iter_mut().for_each(|path| self.text(path));
        }
        people.iter_mut().for_each(|person| self.identity(&mut person.identity));
        let branch = line.iter_mut().filter_map(|line| line.branch.as_mut());
        let names = refs.iter_mut().map(|reach| &mut reach.name).chain(pushed.refs_mut()).chain(branch);
        names.for_each(|name| self.ref_name(name));
    }

    fn ref_name(&self, name: &mut Text) {
        let shown = || {
            let mut shown = name.clone();
            self.text(&mut shown);
            shown
        };
        let shown = self.refs.borrow_mut().entry(name.clone()).or_insert_with(shown).clone();
        *name = shown;
    }

    fn identity(&self, identity: &mut Identity) {
        self.text(&mut identity.name);
        self.text(&mut identity.email);
    }

    pub(super) fn site(&self, site: &mut Site) {
        match site {
            Site::File { path } | Site::FileName { path } | Site::GitFile { path } => self.text(path),
            Site::RefName { name } => self.text(name),
            Site::Commit { .. } | Site::Tag { .. } | Site::LooseBlob { .. } | Site::LooseTree { .. } | Site::Stdin => {}
        }
    }

    pub(super) fn problem(&self, problem: &mut Problem) {
        self.text(&mut problem.what);
        self.string(&mut problem.why);
    }

    pub(super) fn notice(&self, notice: &mut Notice) {
        self.text(&mut notice.what);
        self.string(&mut notice.why);
    }

    pub(super) fn silence(&self, why: &mut Silence) {
        match why {
            Silence::Inline { marker, reason } => {
                self.string(marker);
                self.text(reason);
            }
            Silence::Allowed { reason, owner, until } => {
                [Some(reason), owner.as_mut(), until.as_mut()].into_iter().flatten().for_each(|text| self.string(text));
            }
            Silence::Before | Silence::Baseline => {}
        }
    }

    pub(super) fn string(&self, string: &mut String) {
        let mut text = Text::from(string.as_str());
        self.text(&mut text);
        *string = String::from_utf8_lossy(text.as_bytes()).into_owned();
    }

    pub(super) fn name(&self, name: &mut Text) {
        self.text(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Catalog, expand};

    fn matcher() -> Matcher {
        Matcher::new(&Catalog::builtin()).expect("they can be matched")
    }

    #[test]
    fn every_secret_in_a_text_is_masked() {
        let secrets = [Secret::new(b"KEY0123456789abcdefghi", 3), Secret::new(b"KEY0123456789abcdefghi-long", 3)];
        let mut path = Text::from("a/KEY0123456789abcdefghi/KEY0123456789abcdefghi-long");
        Redactor::new(secrets.iter(), &matcher(), false).name(&mut path);
        assert_eq!(path, Text::from("a/KEY…fghi/KEY…long"));
    }

    #[test]
    fn a_secret_beside_another_is_masked() {
        let secrets = [Secret::new(b"KEY0123456789abcdefghi", 3), Secret::new(b"KEYzyxwvutsrqponmlkjihg", 3)];
        let (before, own, after) = ("a KEY0123456789abcdefghi b ", "KEY…jihg", " c KEYzyxwvutsrqponmlkjihgx");
        let mut snippet =
            Snippet { text: [before, own, after].concat(), start: before.len(), end: before.len() + own.len() };
        Redactor::new(secrets.iter(), &matcher(), false).snippet(&mut snippet);
        assert_eq!(snippet.text, "a KEY…fghi b KEY…jihg c KEY…jihgx");
        assert_eq!(&snippet.text[snippet.start..snippet.end], own);
    }

    #[test]
    fn a_secret_that_nothing_has_shown_is_masked_too() {
        let key = expand("sk-{alnum:20}T3BlbkFJ{alnum:16}wxyz", 1).expect("a generator").text;
        let mut path = Text::from(format!("a/{key}/b").as_str());
        Redactor::new([].iter(), &matcher(), false).name(&mut path);
        assert_eq!(path, Text::from("a/sk-…wxyz/b"));
    }

    #[test]
    fn nothing_is_changed_when_secrets_are_shown() {
        let mut text = Text::from("KEY0123456789abcdefghi");
        Redactor::new([Secret::new(b"KEY0123456789abcdefghi", 3)].iter(), &matcher(), true).name(&mut text);
        assert_eq!(text, Text::from("KEY0123456789abcdefghi"));
    }
}
