//! The whole outcome of a scan. Must not know formats.

use super::{Finding, Fingerprint, Identity, Notice, Problem, Secret, Silenced, Site, State, Subject, Text, Verdict};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The outcome of a scan: what was found, what was read, what could not be.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Findings, the most urgent first.
    pub findings: Vec<Finding>,
    /// What was found and does not count, in the same order.
    pub silenced: Vec<Silenced>,
    /// What is wrong with the configuration, though it could be followed.
    pub notices: Vec<Notice>,
    /// Everything that was asked for and could not be read. Empty means: all of it was.
    pub problems: Vec<Problem>,
    /// What was read.
    pub coverage: Coverage,
    /// The repositories whose history was read.
    pub repositories: Vec<Repository>,
    /// Where the scan was started, without links: what relative paths out of it are relative to.
    pub here: Option<Text>,
    /// A file that is there, by its path from where all paths start: for formats in which everything must be in one.
    pub stand_in: Option<Text>,
    /// How many secrets the filters of the command line left out.
    pub filtered: usize,
    /// How many ways of handling secrets they left out.
    pub filtered_practices: usize,
    /// Whether files were looked at for how they handle secrets.
    pub linted: bool,
    /// Whether the secrets work, where that was asked.
    pub verdicts: BTreeMap<Fingerprint, Verdict>,
    /// How each secret is written where it stands: as it is, and in the encodings that it was read back from. What is
    /// packed in a container is not among these.
    pub written: BTreeMap<Fingerprint, BTreeSet<Secret>>,
}

/// A repository that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// What the user would call it.
    pub name: Text,
    /// The directory that the paths in it start from, itself from where all paths of the report start: `.` if they
    /// start there too.
    pub folder: Text,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Files on disk.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Git objects of all kinds.
    pub objects: u64,
    /// Their bytes, unpacked.
    pub object_bytes: u64,
    /// Commits among the objects.
    pub commits: u64,
}

impl Coverage {
    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            file_bytes: self.file_bytes + other.file_bytes,
            objects: self.objects + other.objects,
            object_bytes: self.object_bytes + other.object_bytes,
            commits: self.commits + other.commits,
        }
    }

    /// All bytes read.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.file_bytes + self.object_bytes
    }
}

/// Who made a report.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Tool {
    /// The program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Tool {
    /// This program.
    pub const THIS: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

impl Report {
    /// Whether the secret of `finding` works, as far as that was asked.
    #[must_use]
    pub fn state(&self, finding: &Finding) -> State {
        self.verdicts.get(&finding.fingerprint).map_or(State::Unknown, |known| known.state)
    }

    /// Counts `left` as left out by filters.
    pub fn leave_out<'a>(&mut self, left: impl Iterator<Item = &'a Finding>) {
        for finding in left {
            let count = if finding.secret().is_some() { &mut self.filtered } else { &mut self.filtered_practices };
            *count += 1;
        }
    }

    /// Takes out who people are: each is a number from then on, the same wherever they are met. What somebody wrote
    /// otherwise, a branch or the heading of a commit, stays.
    pub fn anonymize(&mut self) {
        let mut people = People::default();
        let silenced = self.silenced.iter_mut().map(|silenced| &mut silenced.finding);
        for finding in self.findings.iter_mut().chain(silenced) {
            for history in &mut finding.histories {
                let history = Arc::make_mut(history);
                history.people.iter_mut().for_each(|person| people.hide(&mut person.identity));
                let events = history.introduced.iter_mut().chain(&mut history.removed).chain(&mut history.last);
                for event in events {
                    people.hide(&mut event.committer);
                    people.hide_author(&mut event.commit);
                }
            }
            let is_secret = matches!(finding.subject, Subject::Secret(_));
            for place in &mut finding.places {
                place.introduced.iter_mut().for_each(|commit| people.hide_author(commit));
                let is_signature = match &place.site {
                    Site::Commit { part, .. } => part.as_bytes() != b"message",
                    Site::Tag { .. } => true,
                    // Each line of a log says who moved the ref.
                    Site::GitFile { path } => path.as_bytes().starts_with(b"logs/"),
                    _ => false,
                };
                if is_signature && is_secret {
                    // Around a key in a name there is the rest of the name.
                    let snippet = &mut place.snippet;
                    snippet.text = snippet.text.get(snippet.start..snippet.end).unwrap_or_default().to_owned();
                    (snippet.start, snippet.end) = (0, snippet.text.len());
                }
            }
        }
    }

    /// Whether everything asked for was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }
}

/// People by numbers.
#[derive(Default)]
struct People(BTreeMap<Identity, usize>);

impl People {
    /// One who goes by an address is known by that, whatever their name is.
    fn hide(&mut self, identity: &mut Identity) {
        let email = Text::from(identity.email.as_bytes().to_ascii_lowercase());
        let name = if email.is_empty() { identity.name.clone() } else { Text::default() };
        let next = self.0.len() + 1;
        let number = *self.0.entry(Identity { name, email }).or_insert(next);
        *identity = Identity { name: format!("person {number}").as_str().into(), email: Text::default() };
    }

    fn hide_author(&mut self, commit: &mut super::CommitInfo) {
        let mut author = Identity { name: commit.author.clone(), email: commit.email.clone() };
        self.hide(&mut author);
        (commit.author, commit.email) = (author.name, author.email);
    }
}
