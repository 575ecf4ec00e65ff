//! Every name by which a repository holds on to its commits: branches, tags, what is put aside, the HEADs of its work
//! trees; where these have been; and who people are. Must not know what is looked for.

use super::{
    Repository,
    commits::signature,
    reftable::{self, Table},
};
use crate::model::{Identity, ObjectId, RefKind, Text};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The longest log that is read, in bytes.
const LONGEST: u64 = 64 << 20;
/// The longest `.mailmap` that is read, in bytes.
const MAILMAP: u64 = 4 << 20;
/// The longest HEAD of a work tree that is read, in bytes.
const HEAD: u64 = 4096;
/// How often a tag may be the tag of a tag.
const TAGS: usize = 16;

/// A name, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What it is to people.
    pub kind: RefKind,
    /// The full name.
    pub name: Text,
    /// What it leads to in the end: a commit, as a rule.
    pub target: ObjectId,
    /// The tag objects on the way.
    pub tags: Vec<ObjectId>,
}

/// Where a ref has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The ref.
    pub name: Text,
    /// Its moves, the first of them first.
    pub entries: Vec<LogEntry>,
}

/// One move of a ref.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it was; none if it was not there.
    pub old: Option<ObjectId>,
    /// Where it went; none if it was deleted.
    pub new: Option<ObjectId>,
    /// When, by the clock of the machine that the repository is on, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
}

impl Log {
    /// Every object that it was at.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.entries.iter().flat_map(|entry| entry.old.into_iter().chain(entry.new))
    }
}

impl Repository {
    /// Its refs but for symbolic ones, and HEADs that are on no branch, as far as they can be read; by kind and name.
    #[must_use]
    pub fn names(&self, logs: &[Log]) -> Vec<Name> {
        let mut names: Vec<Name> = self
            .plain_refs()
            .into_iter()
            .filter_map(|(name, id)| self.peeled(kind(name.as_bytes(), logs)?, name, id))
            .collect();
        names.extend(self.put_aside(logs));
        if let (true, Some(target)) = (self.git.head_detached().unwrap_or(false), self.head()) {
            names.push(Name { kind: RefKind::Head, name: "HEAD".into(), target, tags: Vec::new() });
        }
        names.extend(self.other_heads());
        names.sort();
        names.dedup();
        names
    }

    /// The full name of the branch that HEAD is on, if it is on one and that is there.
    #[must_use]
    pub fn branch(&self) -> Option<Text> {
        if let Ok(Some(refs)) = self.tables() {
            return match refs.get(&b"HEAD"[..])? {
                reftable::Target::Symbolic(name) => Some(name.as_slice().into()),
                _ => None,
            };
        }
        let head = self.git.find_reference("HEAD").ok()?;
        head.symbolic_target_bytes().map(Text::from)
    }

    /// Where its refs have been, as far as that can be read, by name.
    #[must_use]
    pub fn logs(&self) -> Vec<Log> {
        let mut logs = BTreeMap::new();
        for (folder, of) in self.homes() {
            read_logs(&folder.join("logs"), &of, &mut logs);
            read_tables(&folder.join("reftable"), &of, &mut logs);
        }
        logs.into_iter().map(|(name, entries)| Log { name, entries }).collect()
    }

    /// Its own directory and those of its other work trees, with what goes before the names of refs there.
    fn homes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut homes = vec![(self.common_dir().to_owned(), Vec::new())];
        let Ok(entries) = fs::read_dir(self.common_dir().join("worktrees")) else { return homes };
        let mut folders: Vec<_> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_own_folder(path)).collect();
        folders.sort();
        for folder in folders {
            let name = folder.file_name().map(|name| crate::source::path_text(Path::new(name))).unwrap_or_default();
            homes.push((folder, [b"worktrees/", name.as_bytes(), b"/"].concat()));
        }
        homes
    }

    /// Names that lead to something themselves and not to another name.
    fn plain_refs(&self) -> Vec<(Text, ObjectId)> {
        if let Ok(Some(refs)) = self.tables() {
            let plain = |(name, target): (&Vec<u8>, &reftable::Target)| match target {
                reftable::Target::Id(id) if name != b"HEAD" => Some((Text::from(name.as_slice()), *id)),
                _ => None,
            };
            return refs.iter().filter_map(plain).collect();
        }
        let Ok(refs) = self.git.references() else { return Vec::new() };
        let plain = |found: git2::Reference<'_>| {
            Some((Text::from(found.name_bytes()), ObjectId::from_bytes(found.target()?.as_bytes())?))
        };
        refs.flatten().filter_map(plain).collect()
    }

    /// `id`, called `name`, followed through tag objects.
    fn peeled(&self, kind: RefKind, name: Text, id: ObjectId) -> Option<Name> {
        let mut tags = Vec::new();
        let mut object = self.git.find_object(git2::Oid::from_bytes(id.as_bytes()).ok()?, None).ok()?;
        while let Some(tag) = object.as_tag().filter(|_| tags.len() < TAGS) {
            tags.extend(ObjectId::from_bytes(tag.id().as_bytes()));
            let target = tag.target().ok()?;
            object = target;
        }
        Some(Name { kind, name, target: ObjectId::from_bytes(object.id().as_bytes())?, tags })
    }

    /// What was put aside, which git keeps in the log of one ref.
    fn put_aside(&self, logs: &[Log]) -> Vec<Name> {
        let Some(log) = logs.iter().find(|log| log.name.as_bytes() == STASH) else { return Vec::new() };
        let entries = log.entries.iter().rev().filter_map(|entry| entry.new).enumerate();
        let name = |(nth, target)| {
            let name = Text::from(format!("stash@{{{nth}}}").as_str());
            Name { kind: RefKind::Stash, name, target, tags: Vec::new() }
        };
        entries.map(name).collect()
    }

    /// The HEADs of its other work trees that are on no branch.
    fn other_heads(&self) -> Vec<Name> {
        let own = self.git_dir();
        let is_other = |folder: &PathBuf| crate::source::lookup::canonical(folder) != own;
        let head = |(folder, of): (PathBuf, Vec<u8>)| {
            let text = read_own(&folder.join("HEAD"), HEAD)?;
            let target = ObjectId::from_hex(text.trim_ascii())?;
            let name = if of.is_empty() { "the main work tree".into() } else { folder_name(&of) };
            Some(Name { kind: RefKind::Worktree, name, target, tags: Vec::new() })
        };
        // One without a work tree has a HEAD that leads nowhere.
        let homes = self.homes().into_iter().filter(|(folder, _)| is_other(folder));
        homes.filter_map(head).collect()
    }

    /// Who people are, by the `.mailmap` of HEAD or, where there is none, of the work tree's root.
    #[must_use]
    pub fn mailmap(&self) -> Mailmap {
        let of_head = || {
            let id = self.head_commit().ok()??.tree().ok()?.get_name(".mailmap")?.id();
            Some(self.git.find_blob(id).ok()?.content().to_vec())
        };
        let on_disk = || read_own(&self.root.as_ref()?.join(".mailmap"), MAILMAP);
        let text = of_head().or_else(on_disk).filter(|text| text.len() as u64 <= MAILMAP).unwrap_or_default();
        Mailmap(std::str::from_utf8(&text).ok().and_then(|text| git2::Mailmap::from_buffer(text).ok()))
    }

    /// Whether it has no work tree: others push to it and fetch from it, or it is a copy of one that is like that.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.git.is_bare()
    }
}

/// The name of a work tree in `worktrees/NAME/`.
fn folder_name(of: &[u8]) -> Text {
    let name = of.strip_prefix(b"worktrees/").unwrap_or(of);
    name.strip_suffix(b"/").unwrap_or(name).into()
}

const STASH: &[u8] = b"refs/stash";

/// What a ref is to people; none for what is told of by its log.
fn kind(name: &[u8], logs: &[Log]) -> Option<RefKind> {
    let is_below = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder.as_bytes()));
    let requests = ["refs/pull/", "refs/merge-requests/", "refs/pull-requests/", "refs/changes/", "refs/remotes/pull/"];
    Some(if is_below(&requests) {
        RefKind::PullRequest
    } else if is_below(&["refs/heads/"]) {
        RefKind::Branch
    } else if is_below(&["refs/remotes/"]) {
        RefKind::RemoteBranch
    } else if is_below(&["refs/tags/"]) {
        RefKind::Tag
    } else if is_below(&["refs/notes/"]) {
        RefKind::Note
    } else if name == STASH {
        return (!logs.iter().any(|log| log.name.as_bytes() == STASH)).then_some(RefKind::Stash);
    } else {
        RefKind::Other
    })
}

/// A file of at most `longest` bytes that is there itself: what a link leads to is somebody else's, and a pipe or a device
/// never ends.
fn read_own(path: &Path, longest: u64) -> Option<Vec<u8>> {
    let there = fs::symlink_metadata(path).ok()?;
    (there.is_file() && there.len() <= longest).then(|| fs::read(path).ok())?
}

/// Whether `path` is a directory, and no link to one.
fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_dir())
}

/// Reads every log below `folder`; names of refs begin with `of`.
fn read_logs(folder: &Path, of: &[u8], logs: &mut BTreeMap<Text, Vec<LogEntry>>) {
    let mut todo = vec![folder.to_owned()];
    todo.retain(|folder| is_own_folder(folder));
    while let Some(at) = todo.pop() {
        let Ok(entries) = fs::read_dir(&at) else { continue };
        for entry in entries.flatten() {
            let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
            if kind.is_dir() {
                todo.push(path);
            } else if let Some(text) = read_own(&path, LONGEST) {
                let name = crate::source::path_text(path.strip_prefix(folder).unwrap_or(&path));
                let name = Text::from([of, name.as_bytes()].concat());
                logs.entry(name).or_default().extend(text.split(|&byte| byte == b'\n').filter_map(entry_of));
            }
        }
    }
}

/// The same of a reftable, whose lines are the last of each ref first.
fn read_tables(folder: &Path, of: &[u8], logs: &mut BTreeMap<Text, Vec<LogEntry>>) {
    let list = read_own(&folder.join("tables.list"), LONGEST).unwrap_or_default();
    let list = String::from_utf8_lossy(&list);
    let mut found: BTreeMap<Vec<u8>, Vec<LogEntry>> = BTreeMap::new();
    for name in list.lines().filter(|name| !name.contains(['/', '\\'])) {
        let Some(bytes) = read_own(&folder.join(name), LONGEST) else { continue };
        let mut of_table: BTreeMap<Vec<u8>, Vec<LogEntry>> = BTreeMap::new();
        let mut line = |name: &[u8], line: &[u8]| {
            of_table.entry(name.to_vec()).or_default().extend(entry_of(line.strip_suffix(b"\n").unwrap_or(line)));
        };
        // A table that is damaged was told of when it was scanned.
        let _ = Table::open(&bytes).and_then(|table| table.logs(&mut line));
        for (name, mut entries) in of_table {
            entries.reverse();
            found.entry(name).or_default().extend(entries);
        }
    }
    for (name, entries) in found {
        logs.entry(Text::from([of, &name].concat())).or_default().extend(entries);
    }
}

/// `<old> <new> <name> <<email>> <time> <zone>\t<message>`
fn entry_of(line: &[u8]) -> Option<LogEntry> {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (old, new) = (words.next()?, words.next()?);
    let who = words.next()?.split(|&byte| byte == b'\t').next()?;
    let id = |hex: &[u8]| ObjectId::from_hex(hex).filter(|_| hex.iter().any(|&digit| digit != b'0'));
    let (_, time, _) = signature(who);
    (ObjectId::from_hex(old).is_some() && ObjectId::from_hex(new).is_some()).then(|| LogEntry {
        old: id(old),
        new: id(new),
        time,
    })
}

/// Who people are, whatever they called themselves in a commit.
pub struct Mailmap(Option<git2::Mailmap>);

impl Mailmap {
    /// Who `identity` is. A name that is no UTF-8 is left as it is.
    #[must_use]
    pub fn resolve(&self, identity: &Identity) -> Identity {
        let mapped = || {
            let name = std::str::from_utf8(identity.name.as_bytes()).ok()?;
            let email = std::str::from_utf8(identity.email.as_bytes()).ok()?;
            let signature = git2::Signature::new(name, email, &git2::Time::new(0, 0)).ok()?;
            let known = self.0.as_ref()?.resolve_signature(&signature).ok()?;
            Some(Identity { name: Text::from(known.name_bytes()), email: Text::from(known.email_bytes()) })
        };
        mapped().unwrap_or_else(|| identity.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_log_is_a_move() {
        let (zero, one) = ("0".repeat(40), "1".repeat(40));
        let line = format!("{zero} {one} A B <a@example.com> 1700000000 +0100\tcommit (initial): x");
        let entry = entry_of(line.as_bytes()).expect("a move");
        assert_eq!(
            (entry.old, entry.new.map(|id| id.short()), entry.time),
            (None, Some("1111111".into()), 1_700_000_000)
        );
        assert_eq!(entry_of(b"no log"), None);
        assert_eq!(entry_of(b""), None);
    }

    #[test]
    fn refs_are_told_apart_by_their_names() {
        for (name, expected) in [
            ("refs/heads/a", RefKind::Branch),
            ("refs/remotes/origin/a", RefKind::RemoteBranch),
            ("refs/remotes/pull/7/merge", RefKind::PullRequest),
            ("refs/pull/7/head", RefKind::PullRequest),
            ("refs/merge-requests/7/head", RefKind::PullRequest),
            ("refs/tags/v1", RefKind::Tag),
            ("refs/notes/commits", RefKind::Note),
            ("refs/stash", RefKind::Stash),
            ("refs/original/refs/heads/main", RefKind::Other),
        ] {
            assert_eq!(kind(name.as_bytes(), &[]), Some(expected), "{name}");
        }
        let log = Log { name: "refs/stash".into(), entries: Vec::new() };
        assert_eq!(kind(b"refs/stash", &[log]), None, "its log tells of all that was put aside");
    }

    #[test]
    fn people_are_who_the_mailmap_says() {
        let text = "Ann Lee <ann@example.com> <al@old.example>";
        let map = Mailmap(git2::Mailmap::from_buffer(text).ok());
        let who = |name: &str, email: &str| Identity { name: name.into(), email: email.into() };
        assert_eq!(map.resolve(&who("al", "al@old.example")), who("Ann Lee", "ann@example.com"));
        assert_eq!(map.resolve(&who("Bo", "bo@example.com")), who("Bo", "bo@example.com"));
        assert_eq!(map.resolve(&who("", "")), who("", ""), "git would not take it for a signature");
    }
}
