//! One place where a key stands, in words and as a file with lines. Must not know the other places, or formats.

use super::plain;
use crate::model::{Encoding, ObjectId, Place, Report, Site};

/// What holds the key and where in it, so that editors and terminals can jump to files.
pub(super) fn heading(report: &Report, place: &Place) -> String {
    let (line, column) = (place.position.line, place.position.column);
    let path = || path(report, place).map(|path| plain::line(&path)).unwrap_or_default();
    match &place.site {
        Site::File { .. } => format!("{}:{line}:{column}", path()),
        Site::Stdin => format!("stdin:{line}:{column}"),
        Site::GitFile { path } => format!("{}:{line}:{column} in the git directory", plain::text(path)),
        Site::FileName { .. } => format!("the name of {}", path()),
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

/// What is said of a key that only old commits have.
pub(super) const GONE: &str = "only in history";

/// Whether the key still stands there, as far as it is known. Not being in the work tree is no news: it may not have been
/// looked at.
pub(super) fn standing(place: &Place) -> Option<&'static str> {
    place.repository?;
    if !matches!(place.site, Site::File { .. } | Site::FileName { .. }) {
        return None;
    }
    if place.in_worktree != Some(true) && place.in_head.is_none() {
        return None;
    }
    let committed = place.introduced.is_some() || place.versions.iter().any(|version| version.commit.is_some());
    Some(match (place.in_worktree, place.in_head) {
        (Some(true), Some(true)) => "in the work tree and in HEAD",
        (Some(true), Some(false)) => "in the work tree, not in HEAD",
        (Some(true), None) => "in the work tree",
        (_, Some(true)) => "in HEAD",
        _ if committed => GONE,
        _ => "in no commit",
    })
}

/// What is said of the place besides where it is: what the key is written in, if it does not stand there as it is, and
/// whether it still does.
pub(super) fn facts(place: &Place) -> impl Iterator<Item = String> {
    let via = (!place.via.is_empty()).then(|| format!("via {}", Encoding::path(&place.via)));
    via.into_iter().chain(standing(place).map(str::to_owned))
}

/// The commit to name for a place: the one that brought the key there, else the one that is the place.
pub(super) fn commit(place: &Place) -> Option<ObjectId> {
    let own = match &place.site {
        Site::Commit { id, .. } => Some(*id),
        _ => place.versions.iter().find_map(|version| version.commit),
    };
    place.introduced.as_ref().map(|info| info.id).or(own)
}

/// The path of the file that a place is in or is the name of, from where all paths of the report start. `None` where
/// there is no such file.
pub(super) fn path(report: &Report, place: &Place) -> Option<Vec<u8>> {
    let path = match &place.site {
        Site::File { path } | Site::FileName { path } => path.as_bytes().to_vec(),
        // Where it is, except in a bare repository.
        Site::GitFile { path } => [b".git/", path.as_bytes()].concat(),
        _ => return None,
    };
    let repository = place.repository.and_then(|index| report.repositories.get(index));
    Some(match repository.map(|repository| repository.folder.as_bytes()) {
        None | Some(b"." | b"") => path,
        Some(folder) => [folder.strip_suffix(b"/").unwrap_or(folder), b"/", &path].concat(),
    })
}

/// The place of a key to show where only one fits: the first in a file, else the first at one, else the first that
/// every clone has. `None` only if there are no places.
pub(super) fn best(places: &[Place]) -> Option<&Place> {
    let rank = |place: &&Place| match place.site {
        Site::File { .. } => 0,
        Site::FileName { .. } => 1,
        Site::GitFile { .. } => 3,
        _ => 2,
    };
    places.iter().min_by_key(rank)
}

/// The heading of the one place to show.
pub(super) fn shown(report: &Report, places: &[Place]) -> String {
    best(places).map(|place| heading(report, place)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Repository, Text},
        report::sample,
    };

    fn at(site: Site) -> Place {
        Place { site, ..sample::report().findings[0].places[0].clone() }
    }

    fn file(path: &str) -> Place {
        at(Site::File { path: Text::from(path) })
    }

    #[test]
    fn a_path_says_where_its_repository_lies() {
        let mut report = sample::report();
        let of = |report: &Report, place: &Place| path(report, place).map(|path| plain::lossy(&path));
        assert_eq!(of(&report, &file("a/b.py")).as_deref(), Some("a/b.py"));
        let name = Text::from(". (submodule lib)");
        report.repositories.insert(0, Repository { name, folder: Text::from("vendor/lib") });
        assert_eq!(of(&report, &file("a/b.py")).as_deref(), Some("vendor/lib/a/b.py"));
        assert_eq!(heading(&report, &file("a/b.py")), "vendor/lib/a/b.py:12:8");
        let outside = Place { repository: None, ..file("../c") };
        assert_eq!(of(&report, &outside).as_deref(), Some("../c"));
    }

    #[test]
    fn only_what_has_to_do_with_a_file_has_a_path() {
        let report = sample::report();
        let git = at(Site::GitFile { path: Text::from("config") });
        assert_eq!(path(&report, &git).as_deref(), Some(&b".git/config"[..]));
        for site in [Site::Stdin, Site::Tag { id: sample::id(1) }, Site::LooseBlob { id: sample::id(1) }] {
            assert_eq!(path(&report, &at(site)), None);
        }
    }

    #[test]
    fn the_best_place_is_in_a_file() {
        let path = || Text::from("b");
        let [git, stdin, name] = [Site::GitFile { path: path() }, Site::Stdin, Site::FileName { path: path() }].map(at);
        let all = [git, stdin, name, file("a"), file("c")];
        for (count, expected) in [(5, 3), (4, 3), (3, 2), (2, 1), (1, 0)] {
            assert_eq!(best(&all[..count]), Some(&all[expected]));
        }
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn the_commit_is_the_one_that_brought_it_or_is_it() {
        let mut place = file("a");
        assert_eq!(commit(&place), Some(sample::id(1)));
        place.introduced = None;
        assert_eq!(commit(&place), Some(sample::id(1)), "of its version");
        place.versions.clear();
        assert_eq!(commit(&place), None);
        place.site = Site::Commit { id: sample::id(7), part: Text::from("message") };
        assert_eq!(commit(&place), Some(sample::id(7)));
    }
}
