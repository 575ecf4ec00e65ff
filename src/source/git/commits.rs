//! All commits of a repository, and what one of them says. Must not know what is looked for.

use crate::model::{CommitInfo, Identity, ObjectId, Text};
use rayon::prelude::*;

/// A commit's place in the history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitNode {
    /// The commit.
    pub id: ObjectId,
    /// Its snapshot.
    pub tree: ObjectId,
    /// What it builds on.
    pub parents: Vec<ObjectId>,
    /// When it became one, by its committer's clock, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

/// All commits a repository has stored, whether or not a ref reaches them, by id.
#[derive(Clone, Debug, Default)]
pub struct Commits(Vec<CommitNode>);

impl Commits {
    /// Puts commits in order, each once.
    #[must_use]
    pub fn new(mut nodes: Vec<CommitNode>) -> Self {
        nodes.par_sort_unstable();
        nodes.dedup();
        Self(nodes)
    }

    /// The commits, by id.
    pub fn iter(&self) -> impl Iterator<Item = &CommitNode> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The commit of this number.
    #[must_use]
    pub fn nth(&self, number: usize) -> Option<&CommitNode> {
        self.0.get(number)
    }

    /// Which of them has this id.
    #[must_use]
    pub fn number(&self, id: &ObjectId) -> Option<usize> {
        self.0.binary_search_by(|node| node.id.cmp(id)).ok()
    }

    /// The commit with this id.
    #[must_use]
    pub fn get(&self, id: &ObjectId) -> Option<&CommitNode> {
        self.0.get(self.number(id)?)
    }
}

impl CommitNode {
    /// Reads the place in the history of the commit `id`.
    #[must_use]
    pub fn parse(id: ObjectId, bytes: &[u8]) -> Option<Self> {
        let (mut tree, mut parents, mut time) = (None, Vec::new(), 0);
        for line in bytes.split(|&byte| byte == b'\n') {
            match line.split_once_str(b" ") {
                Some((b"tree", hex)) => tree = ObjectId::from_hex(hex),
                Some((b"parent", hex)) => parents.extend(ObjectId::from_hex(hex)),
                Some((b"author", _)) => {}
                Some((b"committer", who)) => (_, time, _) = signature(who),
                _ => break,
            }
        }
        Some(Self { id, tree: tree?, parents, time })
    }
}

/// Reads who made the commit `id`, when, and under what heading.
#[must_use]
pub fn commit_info(id: ObjectId, bytes: &[u8]) -> Option<CommitInfo> {
    let author = headers(bytes).find_map(|line| line.strip_prefix(b"author "))?;
    let message = message_start(bytes).map_or(&[][..], |at| &bytes[at..]);
    let subject = message.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let (Identity { name: author, email }, time, offset_minutes) = signature(author);
    Some(CommitInfo { time, offset_minutes, id, author, email, subject: Text::from(subject.trim_ascii()) })
}

/// Who made a commit of it, when in seconds since 1970-01-01T00:00:00Z, and how many minutes ahead of UTC. Its author may
/// have been somebody else, before.
#[must_use]
pub fn committer(bytes: &[u8]) -> Option<(Identity, i64, i32)> {
    headers(bytes).find_map(|line| line.strip_prefix(b"committer ")).map(signature)
}

/// `A. U. Thor <author@example.com> 1700000000 +0100`, taken apart.
pub(super) fn signature(text: &[u8]) -> (Identity, i64, i32) {
    let (name, rest) = text.split_once_str(b"<").unwrap_or((text, b""));
    let (email, when) = rest.split_once_str(b">").unwrap_or((b"", rest));
    let (time, offset_minutes) = date(when);
    (Identity { name: Text::from(name.trim_ascii()), email: Text::from(email) }, time, offset_minutes)
}

/// Where the message of a commit or tag begins.
#[must_use]
pub fn message_start(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2)
}

fn headers(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = message_start(bytes).unwrap_or(bytes.len());
    bytes[..end].split(|&byte| byte == b'\n')
}

/// `1700000000 +0100` as seconds, and minutes east of UTC. What is not a date is the beginning of time.
fn date(text: &[u8]) -> (i64, i32) {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split_ascii_whitespace();
    let seconds = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let zone: i32 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let minutes = zone / 100 * 60 + zone % 100;
    (seconds, if minutes.abs() < 24 * 60 { minutes } else { 0 })
}

trait SplitOnce {
    fn split_once_str(&self, at: &[u8]) -> Option<(&[u8], &[u8])>;
}

impl SplitOnce for [u8] {
    fn split_once_str(&self, at: &[u8]) -> Option<(&[u8], &[u8])> {
        let found = memchr::memmem::find(self, at)?;
        Some((&self[..found], &self[found + at.len()..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        parent 00000000000000000000000000000000000000aa\n\
        author A. U. Thor <author@example.com> 1700000000 -0330\n\
        committer C <c@example.com> 1700000001 +0000\n\n  Subject line \n\nBody\n";

    fn id() -> ObjectId {
        ObjectId::from_bytes(&[1; 20]).expect("20 bytes")
    }

    #[test]
    fn a_commit_tells_its_tree_and_parents() {
        let node = CommitNode::parse(id(), COMMIT).expect("a commit");
        assert_eq!(node.tree.short(), "4b825dc");
        assert_eq!((node.parents.len(), node.time), (1, 1_700_000_001));
    }

    #[test]
    fn a_commit_tells_who_when_and_what() {
        let info = commit_info(id(), COMMIT).expect("a commit");
        assert_eq!((info.time, info.offset_minutes), (1_700_000_000, -210));
        assert_eq!(info.author, Text::from("A. U. Thor"));
        assert_eq!(info.email, Text::from("author@example.com"));
        assert_eq!(info.subject, Text::from("Subject line"));
        let (who, time, offset) = committer(COMMIT).expect("a committer");
        assert_eq!((who.name, time, offset), (Text::from("C"), 1_700_000_001, 0));
    }

    #[test]
    fn what_is_no_commit_is_none() {
        assert_eq!(CommitNode::parse(id(), b""), None);
        assert_eq!(commit_info(id(), b"tree x\n\nauthor in the message"), None);
        let odd = commit_info(id(), b"author nobody\n").expect("an author at least");
        assert_eq!((odd.author, odd.time), (Text::from("nobody"), 0));
    }
}
