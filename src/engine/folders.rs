//! Where the repositories of a scan lie, so that all paths of a report start from one place. Must not know what was
//! found.

use super::{attribution::Attribution, collect::Sighting};
use crate::{
    model::{self, ObjectKind, Origin, Text},
    source::{Found, git::Repository, look_up, path_text},
};
use std::path::{Component, Path, PathBuf};

/// The repositories as a report names them. Their paths start at the one that all others lie in, where there is one,
/// else where the scan was started: there in any case if `others` say so, files that are in none.
pub(super) fn told<'a>(
    repositories: impl Iterator<Item = &'a Repository> + Clone,
    others: bool,
) -> Vec<model::Repository> {
    let folders: Vec<&Path> = repositories.clone().map(|repository| repository.folder.as_path()).collect();
    let here = here().unwrap_or_default();
    let start = if others { &here } else { outermost(&folders).unwrap_or(&here) };
    let told = |repository: &Repository| model::Repository {
        name: repository.name.clone(),
        folder: from(start, &repository.folder),
    };
    repositories.map(told).collect()
}

/// Where the scan was started.
pub(super) fn here() -> Option<PathBuf> {
    match look_up(Path::new(".")) {
        Ok(Found::Folder(folder)) => Some(folder),
        _ => None,
    }
}

/// A tracked file of the repository that the paths of `told` start at, at its root if there is one: what tells of it
/// best, else the first. None if each of what was `seen` is in a file, as far as attributions know: to look for one takes
/// as long as all the rest of a scan of what is staged.
pub(super) fn stand_in<'a>(
    repositories: impl Iterator<Item = &'a Repository>,
    told: &[model::Repository],
    (mut seen, attributions): (impl Iterator<Item = &'a Sighting>, &[Attribution]),
) -> Option<Text> {
    let is_homeless = |sighting: &Sighting| match *sighting.origin.holder() {
        Origin::File { .. } | Origin::FileName { .. } => false,
        Origin::Object { repository, id, kind: ObjectKind::Blob | ObjectKind::Tree } => {
            attributions[repository].standings(&id).next().is_none()
        }
        _ => true,
    };
    if !seen.any(is_homeless) {
        return None;
    }
    let start = repositories.zip(told).find(|(_, told)| told.folder.as_bytes() == b".")?.0;
    best(start.tracked().iter().map(|path| path_text(path)))
}

fn best(paths: impl Iterator<Item = Text>) -> Option<Text> {
    let rank = |path: &Text| {
        let path = path.as_bytes();
        let tells = path.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"README"));
        (path.contains(&b'/'), path != b"README.md", !tells)
    };
    paths.min_by_key(|path| (rank(path), path.clone()))
}

/// The one of `folders` that all of them are in.
fn outermost<'a>(folders: &[&'a Path]) -> Option<&'a Path> {
    folders.iter().copied().find(|outer| folders.iter().all(|folder| folder.starts_with(outer)))
}

/// The way from `start` to `folder`. Where they have nothing in common, `folder` itself.
fn from(start: &Path, folder: &Path) -> Text {
    let is_name = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let shared = start.components().zip(folder.components()).take_while(|(one, other)| one == other);
    let (shared, names) = shared.fold((0, 0), |(all, names), (part, _)| (all + 1, names + usize::from(is_name(&part))));
    if names == 0 && start != folder {
        return path_text(folder);
    }
    let up = start.components().skip(shared).map(|_| Component::ParentDir);
    path_text(&up.chain(folder.components().skip(shared)).collect::<PathBuf>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_folder_goes_up_and_down() {
        let of = |start: &str, folder: &str| from(Path::new(start), Path::new(folder));
        assert_eq!(of("/a/b", "/a/b"), ".".into());
        assert_eq!(of("/a/b", "/a/b/c/d"), "c/d".into());
        assert_eq!(of("/a/b/x", "/a/c"), "../../c".into());
        assert_eq!(of("/a/b", "/c/d"), "/c/d".into());
        assert_eq!(of("/", "/"), ".".into());
    }

    #[test]
    fn the_file_to_point_at_is_at_the_root_and_tells_of_the_rest() {
        let of = |paths: &[&str]| best(paths.iter().map(|path| Text::from(*path)));
        assert_eq!(of(&["a.txt", "docs/README.md", "README.md", "readme.md"]), Some("README.md".into()));
        assert_eq!(of(&["a.txt", "docs/README.md", "readme.rst"]), Some("readme.rst".into()));
        assert_eq!(of(&["b.txt", "a/x", "a.txt"]), Some("a.txt".into()));
        assert_eq!(of(&["b/c", "a/x"]), Some("a/x".into()));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_outermost_holds_all_others() {
        let [a, b, c] = ["/a/b", "/a", "/c"].map(Path::new);
        assert_eq!(outermost(&[a, b]), Some(b));
        assert_eq!(outermost(&[a, b, c]), None);
        assert_eq!(outermost(&[]), None);
    }
}
