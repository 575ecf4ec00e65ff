//! Secrets taken out of everything else that a report says: paths, subjects, names, reasons.
//! Must not know what the texts are.

use crate::model::{CommitInfo, Problem, Secret, Site, Text};
use aho_corasick::{AhoCorasick, MatchKind};

/// Knows all secrets of a scan and puts their masks in their place.
pub(super) struct Redactor {
    search: Option<AhoCorasick>,
    masks: Vec<String>,
}

impl Redactor {
    /// A redactor of `secrets`; one that changes nothing if they are to be shown.
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a Secret>, show_secrets: bool) -> Self {
        let mut secrets: Vec<&Secret> = if show_secrets { Vec::new() } else { secrets.collect() };
        secrets.sort_by(|a, b| a.expose().cmp(b.expose()));
        secrets.dedup_by(|a, b| a.expose() == b.expose());
        let patterns = secrets.iter().map(|secret| secret.expose());
        let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok();
        let masks = secrets.iter().map(|secret| secret.masked()).collect();
        Self { search: search.filter(|_| !secrets.is_empty()), masks }
    }

    fn text(&self, text: &mut Text) {
        if let Some(search) = &self.search
            && search.is_match(text.as_bytes())
        {
            *text = search.replace_all_bytes(text.as_bytes(), &self.masks).into();
        }
    }

    pub(super) fn commit(&self, commit: &mut CommitInfo) {
        for text in [&mut commit.author, &mut commit.email, &mut commit.subject] {
            self.text(text);
        }
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
        let mut why = Text::from(problem.why.as_str());
        self.text(&mut why);
        problem.why = String::from_utf8_lossy(why.as_bytes()).into_owned();
    }

    pub(super) fn name(&self, name: &mut Text) {
        self.text(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_in_a_text_is_masked() {
        let secrets = [Secret::new(b"KEY0123456789abcdefghi", 3), Secret::new(b"KEY0123456789abcdefghi-long", 3)];
        let mut path = Text::from("a/KEY0123456789abcdefghi/KEY0123456789abcdefghi-long");
        Redactor::new(secrets.iter(), false).name(&mut path);
        assert_eq!(path, Text::from("a/KEY…fghi/KEY…long"));
    }

    #[test]
    fn nothing_is_changed_when_secrets_are_shown_or_there_are_none() {
        let mut text = Text::from("KEY0123456789abcdefghi");
        Redactor::new([Secret::new(b"KEY0123456789abcdefghi", 3)].iter(), true).name(&mut text);
        Redactor::new([].iter(), false).name(&mut text);
        assert_eq!(text, Text::from("KEY0123456789abcdefghi"));
    }
}
