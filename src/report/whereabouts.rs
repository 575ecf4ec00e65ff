//! One place where a key stands, in words. Must not know the other places, or formats.

use super::plain;
use crate::model::{Place, Site};

/// What holds the key and where in it, so that editors and terminals can jump to files.
pub(super) fn heading(place: &Place) -> String {
    let (line, column) = (place.position.line, place.position.column);
    match &place.site {
        Site::File { path } => format!("{}:{line}:{column}", plain::text(path)),
        Site::Stdin => format!("stdin:{line}:{column}"),
        Site::GitFile { path } => format!("{}:{line}:{column} in the git directory", plain::text(path)),
        Site::FileName { path } => format!("the name of {}", plain::text(path)),
        Site::RefName { name } => format!("the name of ref {}", plain::text(name)),
        Site::Commit { id, part } => {
            format!("{} of commit {}, line {line}, column {column}", plain::text(part), id.short())
        }
        Site::Tag { id } => format!("tag object {}, line {line}, column {column}", id.short()),
        Site::LooseBlob { id } => {
            format!("blob {}, which no commit refers to, line {line}, column {column}", id.short())
        }
        Site::LooseTree { id } => format!("a file name in tree {}, which no commit refers to", id.short()),
    }
}

/// Whether the key still stands there. Not being in the work tree is no news: it may not have been
/// looked at.
pub(super) fn standing(place: &Place) -> Option<&'static str> {
    place.repository?;
    if !matches!(place.site, Site::File { .. } | Site::FileName { .. }) {
        return None;
    }
    let committed = place.introduced.is_some() || place.versions.iter().any(|version| version.commit.is_some());
    Some(match (place.in_worktree, place.in_head) {
        (true, true) => "in the work tree and in HEAD",
        (true, false) => "in the work tree, not in HEAD",
        (false, true) => "in HEAD",
        (false, false) if committed => "only in history",
        (false, false) => "in no commit",
    })
}
