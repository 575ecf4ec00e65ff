//! What the history of one repository tells of a secret: since when, by whom, where it is now, and whether others can
//! have it. Must not know how that is found out, or in what words it is told.

use super::{CommitInfo, ObjectId, Text};
use serde::Serialize;

/// The story of one secret in one repository. Dates are those at which commits came to be, not those their authors
/// worked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Which repository of the report's list.
    pub repository: usize,
    /// Commits that had it and none of whose parents did, the earliest first: one, unless it was brought in again, or
    /// picked to other branches.
    pub introduced: Vec<Event>,
    /// Commits that had it no more, where a parent did, the earliest first.
    pub removed: Vec<Event>,
    /// The last commit that had it.
    pub last: Option<Event>,
    /// How many commits have it in a file, a name or their own text.
    pub commits: usize,
    /// When what some branch, tag or other ref led to had it, as far as the repository tells: in order, and apart.
    /// These are the least: the clocks of others, and refs that are gone, are not known.
    pub intervals: Vec<Interval>,
    /// Who brought it, or changed a text that has it, those that brought it first.
    pub people: Vec<Person>,
    /// Whether it is in what is staged.
    pub in_index: bool,
    /// Whether it is in what HEAD names.
    pub in_head: bool,
    /// The refs and reflogs that lead to it, by kind and name.
    pub refs: Vec<Reach>,
    /// Whether some of it is reached from reflogs alone: what was amended, rebased or dropped.
    pub only_logged: bool,
    /// Whether some of it is reached from nothing, and is stored all the same.
    pub unreachable: bool,
    /// Whether others can have it.
    pub pushed: Pushed,
    /// Whether all of the history is here: if not, it may be older than it seems.
    pub whole: bool,
    /// The way from HEAD back to the commit that brought it, if that is one commit after the other.
    pub line: Option<Line>,
}

/// Commits, each of which builds on the one before it alone: those that git can make anew one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The branch that HEAD is on, by its full name, if it is on one.
    pub branch: Option<Text>,
    /// What the first of them builds on; none if that is nothing.
    pub base: Option<ObjectId>,
    /// The first of them, which brought the secret.
    pub first: ObjectId,
    /// The last of them, which HEAD names.
    pub head: ObjectId,
    /// How many they are.
    pub commits: usize,
}

/// A commit at a turn of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The commit, and its author.
    pub commit: CommitInfo,
    /// Who made it a commit.
    pub committer: Identity,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// The committer's offset from UTC, in minutes.
    pub offset_minutes: i32,
    /// The first path that it brought the secret to or took it from; none if its own text has it.
    pub path: Option<Text>,
}

/// Who somebody says they are, with the names that the repository's `.mailmap` gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Identity {
    /// Name.
    pub name: Text,
    /// E-mail address.
    pub email: Text,
}

/// An author, and their part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub identity: Identity,
    /// How many commits of theirs brought it to where it was not.
    pub introduced: usize,
    /// How many others of theirs changed a text and left it in, or copied it.
    pub carried: usize,
}

/// A stretch of time, in seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Interval {
    /// Its beginning.
    pub from: i64,
    /// Its end; none if it lasts.
    pub until: Option<i64>,
}

/// A name that leads to a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// What kind of name it is.
    pub kind: RefKind,
    /// The full name; of a worktree its own; of a reflog that of its ref.
    pub name: Text,
    /// Whether what it leads to has the secret in a file or a name, and not its past alone.
    pub at_tip: bool,
}

/// What a name is to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefKind {
    /// A local branch.
    Branch,
    /// Where a branch of another repository was when last looked at.
    RemoteBranch,
    /// A tag.
    Tag,
    /// What somebody asked to be merged: `refs/pull/…` and its like.
    PullRequest,
    /// What was put aside.
    Stash,
    /// Notes on commits.
    Note,
    /// HEAD, where it is on no branch.
    Head,
    /// The same of another work tree.
    Worktree,
    /// Any other ref.
    Other,
    /// Where a ref has been.
    Reflog,
}

/// Whether a secret has left the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// These refs, which say what another repository has, lead to it.
    Yes(Vec<Text>),
    /// These did, says their reflog; the other repository was rewritten since.
    Once(Vec<Text>),
    /// Others fetch from this very repository: it has no work tree.
    Served,
    /// Tags alone lead to it: whether another repository has these is not known here.
    Perhaps(Vec<Text>),
    /// No ref that says what other repositories have leads to it.
    No,
    /// There is no ref that would tell.
    Unknown,
}

impl Pushed {
    /// The state in one word.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Yes(_) => "yes",
            Self::Once(_) => "once",
            Self::Served => "served",
            Self::Perhaps(_) => "perhaps",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The refs that it is known from.
    #[must_use]
    pub fn refs(&self) -> &[Text] {
        match self {
            Self::Yes(refs) | Self::Once(refs) | Self::Perhaps(refs) => refs,
            Self::Served | Self::No | Self::Unknown => &[],
        }
    }

    /// The same, to be put into other words.
    pub fn refs_mut(&mut self) -> &mut [Text] {
        match self {
            Self::Yes(refs) | Self::Once(refs) | Self::Perhaps(refs) => refs,
            Self::Served | Self::No | Self::Unknown => &mut [],
        }
    }

    /// Whether it is safe to say that nobody else has it.
    #[must_use]
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::No)
    }
}

impl History {
    /// When it was first somewhere that a ref led to, or was committed.
    #[must_use]
    pub fn since(&self) -> Option<i64> {
        let committed = self.introduced.first().map(|event| event.time);
        self.intervals.first().map(|interval| interval.from).into_iter().chain(committed).min()
    }

    /// When no ref led to a text with it any more; none while one does, or if none ever did.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        self.intervals.last().and_then(|interval| interval.until)
    }

    /// Whether some ref leads to a text that has it now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.intervals.last().is_some_and(|interval| interval.until.is_none())
    }

    /// Whether refs lead to it, be it in the past of what they name: a clone of the repository would have it.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.refs.iter().any(|reach| reach.kind != RefKind::Reflog)
    }

    /// Whether any commit has it.
    #[must_use]
    pub const fn is_committed(&self) -> bool {
        self.commits > 0
    }
}
