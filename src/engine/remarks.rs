//! What lints say, as sightings: of files as they are read, and of what changes leave behind.
//! Must not know what any lint looks for.

use super::{
    collect::Sighting,
    comment,
    position::{Cursor, excerpt},
    project::Changed,
};
use crate::{
    lint::{self, Ahead, File, Linter, Nowhere, Project, Remark},
    matcher::Matcher,
    model::{Hit, ObjectId, ObjectKind, Origin, Practice, Secret, Span, Subject, Text},
    source::{
        Around, Piece, WINDOW,
        git::{Change, Repository},
    },
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Whether `piece` is all of a file: others are not linted.
pub(super) fn is_whole(piece: &Piece<'_>) -> bool {
    piece.offset == 0 && piece.own == (0..piece.bytes.len())
}

/// What lints say of the file at `path`, of which `piece` is all, seen at `origin`; `hits` are the secrets in it. What is known
/// of it already is `ahead`.
pub(super) fn of_file(
    (linter, project): (&Linter<'_>, &dyn Project),
    (origin, path): (&Origin, &Text),
    piece: &Piece<'_>,
    (hits, ahead): (&[Hit], Option<Ahead>),
) -> Vec<Sighting> {
    if !is_whole(piece) {
        return Vec::new();
    }
    let file = File { path, bytes: piece.bytes, keys: hits };
    let remarks = match ahead {
        Some(ahead) => linter.check_further(&file, project, ahead),
        None => linter.check(&file, project),
    };
    sighted(linter, (origin, path), piece, hits, remarks)
}

/// `remarks` as sightings.
fn sighted(
    linter: &Linter<'_>,
    (origin, path): (&Origin, &Text),
    piece: &Piece<'_>,
    hits: &[Hit],
    remarks: Vec<Remark>,
) -> Vec<Sighting> {
    if remarks.is_empty() {
        return Vec::new();
    }
    let mut cursor = Cursor::new(piece);
    let places: Vec<Span> = hits.iter().map(|hit| hit.span).collect();
    let secrets: Vec<(Span, &Secret)> = hits.iter().map(|hit| (hit.span, &hit.secret)).collect();
    let sighting = |remark: Remark| {
        let key = remark.key.and_then(|key| hits.get(key));
        let key = key.map(|hit| hit.secret.fingerprint(&linter.secrets()[hit.rule].family));
        Sighting {
            origin: origin.clone(),
            rule: remark.rule,
            subject: Subject::Practice(Practice { what: remark.what, key }),
            confidence: remark.confidence,
            notes: Vec::new(),
            via: Vec::new(),
            written: None,
            position: cursor.locate(remark.span),
            snippet: excerpt(piece.bytes, remark.span, &secrets),
            part: if matches!(origin, Origin::Object { .. }) { path.clone() } else { Text::default() },
            comments: comment::beside(piece.bytes, remark.span, &places),
            host: None,
        }
    };
    remarks.into_iter().map(sighting).collect()
}

/// What lints say of what `changes` leave behind in the repository numbered `number`: first what is new, then what was
/// there before.
pub(super) fn of_changes(
    (linter, matcher): (&Linter<'_>, &Matcher),
    number: usize,
    repository: &Repository,
    changes: &[Change],
) -> (Vec<Sighting>, Vec<Sighting>) {
    let around = repository.root.as_deref().map(Around::at_root);
    let nowhere: &dyn Project = &Nowhere;
    let files = outcome(changes);
    let paths: HashSet<&Text> = files.keys().copied().collect();
    let project = Changed { project: around.as_ref().map_or(nowhere, |around| around), paths };
    let (mut new, mut before) = (Vec::new(), Vec::new());
    for (path, (blob, old)) in files {
        let Some(bytes) = content(repository, &blob) else { continue };
        let hits = matcher.hits(&bytes);
        let remarks = linter.check(&File { path, bytes: &bytes, keys: &hits }, &project);
        if remarks.is_empty() {
            continue;
        }
        let mut known = said_before((linter, matcher), &project, (repository, path), &old);
        let is_new = |remark: &Remark| match known.get_mut(&(remark.rule, remark.what.clone())) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        let (fresh, stood): (Vec<Remark>, Vec<Remark>) = remarks.into_iter().partition(is_new);
        let origin = Origin::Object { repository: number, id: blob, kind: ObjectKind::Blob };
        let piece = Piece::whole(&bytes);
        new.extend(sighted(linter, (&origin, path), &piece, &hits, fresh));
        before.extend(sighted(linter, (&origin, path), &piece, &hits, stood));
    }
    (new, before)
}

/// Each file that `changes`, the last first, leave with another content: that, and what was there at first.
fn outcome(changes: &[Change]) -> BTreeMap<&Text, (ObjectId, BTreeSet<ObjectId>)> {
    let mut files: BTreeMap<&Text, (ObjectId, BTreeSet<ObjectId>)> = BTreeMap::new();
    let mut gone: HashSet<&Text> = HashSet::new();
    for change in changes {
        gone.extend(change.gone.keys().filter(|path| !files.contains_key(path)));
        let taken: HashSet<&ObjectId> = change.gone.values().collect();
        for file in change.files.iter().filter(|file| !gone.contains(&file.path)) {
            let moved = file.old.is_empty() && taken.contains(&file.blob);
            let old = if moved { BTreeSet::from([file.blob]) } else { file.old.clone() };
            files.entry(&file.path).or_insert((file.blob, BTreeSet::new())).1 = old;
        }
    }
    files
}

/// How many times each thing was said of what was at `path` before.
fn said_before(
    (linter, matcher): (&Linter<'_>, &Matcher),
    project: &dyn Project,
    (repository, path): (&Repository, &Text),
    old: &BTreeSet<ObjectId>,
) -> HashMap<(usize, String), usize> {
    let mut known = HashMap::new();
    for bytes in old.iter().filter_map(|blob| content(repository, blob)) {
        let file = lint::File { path, bytes: &bytes, keys: &matcher.hits(&bytes) };
        for remark in linter.check(&file, project) {
            *known.entry((remark.rule, remark.what)).or_default() += 1;
        }
    }
    known
}

/// The content of a file that is not too large to be looked at as a whole.
fn content(repository: &Repository, blob: &ObjectId) -> Option<Vec<u8>> {
    let (kind, bytes) = repository.object(blob)?;
    (kind == ObjectKind::Blob && bytes.len() < WINDOW).then_some(bytes)
}
