//! Sightings put together: one finding for each secret, one place for each path it stands at.
//! Must not know how sightings are made, or what is left out of a report.

use super::{attribution::Attribution, collect::Sighting, comment::Comment, seen::Looked};
use crate::{
    model::{
        Confidence, Finding, Fingerprint, INSIDE, Note, ObjectId, ObjectKind, Origin, Place, Position, Severity, Site,
        Text, Version,
    },
    rule::Rule,
};
use std::collections::{BTreeMap, HashMap};

/// One place, as far as it identifies itself: the repository, what holds the secret there, and which
/// of several times in that text.
type PlaceKey = (Option<usize>, Site, usize);

/// What is said beside the places of findings: no part of a report, so not part of a place.
#[derive(Debug, Default)]
pub(super) struct Comments(HashMap<(Fingerprint, Option<usize>, Site, Position), Vec<Comment>>);

impl Comments {
    pub(super) fn at(&self, secret: Fingerprint, place: &Place) -> &[Comment] {
        let key = (secret, place.repository, place.site.clone(), place.position);
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn put(&mut self, secret: Fingerprint, place: &Place, comments: Vec<Comment>) {
        if !comments.is_empty() {
            self.0.insert((secret, place.repository, place.site.clone(), place.position), comments);
        }
    }
}

/// Groups `sightings` by secret. `attributions` holds what is known of each repository's history, and `looked` what
/// was looked at of what is there now; `applies` says whether a rule applies to a path.
pub(super) fn group(
    sightings: &[Sighting],
    rules: &[Rule],
    (attributions, looked): (&[Attribution], &Looked),
    applies: &dyn Fn(usize, &Text) -> bool,
) -> (Vec<Finding>, Comments) {
    let mut groups: BTreeMap<Fingerprint, Group> = BTreeMap::new();
    let mut before: BTreeMap<(&Origin, Fingerprint), usize> = BTreeMap::new();
    for sighting in sightings {
        let fingerprint = sighting.fingerprint(rules);
        let nth = before.entry((&sighting.origin, fingerprint)).or_insert(0);
        let places = places(sighting, (attributions, looked), *nth);
        let is_packed = sighting.origin.inside().is_some();
        let applies = |(key, _): &(PlaceKey, Place)| applies_at(sighting.rule, key, is_packed, applies);
        let places: Vec<_> = places.into_iter().filter(applies).collect();
        *nth += 1;
        if !places.is_empty() {
            groups.entry(fingerprint).or_insert_with(|| Group::new(sighting)).add(sighting, places);
        }
    }
    let mut comments = Comments::default();
    let finish = |(fingerprint, group): (_, Group)| group.finish(fingerprint, rules, &mut comments);
    (groups.into_iter().map(finish).collect(), comments)
}

fn applies_at(rule: usize, (_, site, _): &PlaceKey, is_packed: bool, applies: &dyn Fn(usize, &Text) -> bool) -> bool {
    match site {
        // To a glob, a container is a directory.
        Site::File { path } if is_packed => {
            let slashed = path.as_bytes().iter().map(|&byte| if byte == INSIDE { b'/' } else { byte });
            applies(rule, &slashed.collect::<Vec<u8>>().into())
        }
        Site::File { path } => applies(rule, path),
        _ => true,
    }
}

/// All sightings of one secret.
struct Group {
    best: Sighting,
    notes: Vec<Note>,
    hosts: Vec<String>,
    places: BTreeMap<PlaceKey, (Place, Vec<Comment>)>,
}

impl Group {
    fn new(sighting: &Sighting) -> Self {
        Self { best: sighting.clone(), notes: Vec::new(), hosts: Vec::new(), places: BTreeMap::new() }
    }

    fn add(&mut self, sighting: &Sighting, places: Vec<(PlaceKey, Place)>) {
        // The surest sighting says what the secret is; of equals, the first rule's.
        let rank = |sighting: &Sighting| (sighting.confidence, std::cmp::Reverse(sighting.rule));
        if rank(sighting) > rank(&self.best) {
            self.best = sighting.clone();
        }
        self.notes.extend(sighting.notes.iter().cloned());
        self.hosts.extend(sighting.host.iter().filter(|host| !self.hosts.contains(host)).cloned().collect::<Vec<_>>());
        for (key, place) in places {
            match self.places.entry(key) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert((place, sighting.comments.clone()));
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    let (known, comments) = entry.get_mut();
                    listen(known, comments, &place, &sighting.comments);
                    merge(known, place);
                }
            }
        }
    }

    fn finish(mut self, fingerprint: Fingerprint, rules: &[Rule], comments: &mut Comments) -> Finding {
        let rule = &rules[self.best.rule];
        self.notes.sort();
        self.notes.dedup();
        if self.best.confidence == Confidence::High {
            self.notes.retain(|note| *note != Note::UnusualShape);
        }
        let mut places = Vec::with_capacity(self.places.len());
        for (mut place, said) in fold(self.places) {
            place.versions.sort();
            place.versions.dedup();
            comments.put(fingerprint, &place, said);
            places.push(place);
        }
        places.sort_by(|a, b| order(a).cmp(&order(b)));
        Finding {
            rule: rule.id().to_owned(),
            subject: self.best.subject,
            fingerprint,
            severity: rule.severity,
            confidence: self.best.confidence,
            notes: self.notes,
            hosts: self.hosts,
            places,
            histories: Vec::new(),
        }
    }
}

/// Places of one text where the secret stands now, or where it came first if it stands there no more: what older
/// versions of the text have more of it is no further place, and has nothing of its own to say.
fn fold(places: BTreeMap<PlaceKey, (Place, Vec<Comment>)>) -> Vec<(Place, Vec<Comment>)> {
    let mut folded: Vec<(Place, Vec<Comment>)> = Vec::with_capacity(places.len());
    let mut text = Folded::default();
    for (place, comments) in places.into_values() {
        // Places of one text come one after another, and what is there now is the first of them.
        if folded.last().is_none_or(|(last, _)| (last.repository, &last.site) != (place.repository, &place.site)) {
            text = Folded::default();
        }
        match text.same(&place).and_then(|same| folded.get_mut(same)) {
            Some((known, said)) => {
                listen(known, said, &place, &comments);
                merge(known, place);
            }
            None => {
                text.add(folded.len(), &place);
                folded.push((place, comments));
            }
        }
    }
    folded
}

/// Which places of one text there are, by their numbers: a text may have a secret very many times.
#[derive(Default)]
struct Folded {
    /// The last by how current it is.
    last: [Option<usize>; 3],
    /// The last at a position.
    at: HashMap<Position, usize>,
}

impl Folded {
    fn currency(place: &Place) -> usize {
        if place.in_worktree == Some(true) { 2 } else { usize::from(place.in_head == Some(true)) }
    }

    /// The last one that `place` is no further one to.
    fn same(&self, place: &Place) -> Option<usize> {
        let currency = Self::currency(place);
        let newer = self.last.iter().skip(currency + 1).copied().max().flatten();
        let stood = self.at.get(&place.position).copied().filter(|_| currency == 0);
        newer.max(stood)
    }

    fn add(&mut self, number: usize, place: &Place) {
        self.last[Self::currency(place)] = Some(number);
        self.at.insert(place.position, number);
    }
}

/// Whether it is there now: on disk before in HEAD, and both before what is gone.
fn now(place: &Place) -> impl Ord + use<> {
    (place.in_worktree != Some(true), place.in_head != Some(true))
}

/// What is there now comes first, then what came first.
fn order(place: &Place) -> impl Ord + '_ {
    let commit = place.introduced.as_ref().map(|commit| (commit.time, commit.id));
    (now(place), commit, place.repository, &place.site, place.position)
}

/// What is said beside two sightings of one place: what is on disk says it, else what HEAD has, else all.
fn listen(place: &Place, comments: &mut Vec<Comment>, other: &Place, others: &[Comment]) {
    match now(place).cmp(&now(other)) {
        std::cmp::Ordering::Less => {}
        std::cmp::Ordering::Equal => {
            let new = others.iter().filter(|comment| !comments.contains(comment)).cloned().collect::<Vec<_>>();
            comments.extend(new);
        }
        std::cmp::Ordering::Greater => *comments = others.to_vec(),
    }
}

/// Two sightings of one place become one: what is on disk says where, else what HEAD has, else what
/// came first.
fn merge(place: &mut Place, other: Place) {
    let rank = |place: &Place| {
        let commit = place.introduced.as_ref().map_or(i64::MAX, |commit| commit.time);
        (now(place), commit, place.position)
    };
    if rank(&other) < rank(place) {
        place.position = other.position;
        place.via = other.via;
        place.snippet = other.snippet;
    }
    // Who looked knows better than who did not, and once is enough.
    place.in_worktree = place.in_worktree.max(other.in_worktree);
    place.in_head = place.in_head.max(other.in_head);
    if place.introduced.is_none() || other.introduced.is_some() && other.introduced < place.introduced {
        place.introduced = other.introduced;
    }
    place.versions.extend(other.versions);
}

/// Every place a sighting stands for: a blob stands at each path that some commit has it at.
fn places(
    sighting: &Sighting,
    (attributions, looked): (&[Attribution], &Looked),
    nth: usize,
) -> Vec<(PlaceKey, Place)> {
    let bare = |repository, site: Site| {
        let place = Place {
            repository,
            site: site.clone(),
            in_worktree: looked.at_worktree(repository, &site).then_some(false),
            in_head: looked.at_head(repository).then_some(false),
            position: sighting.position,
            via: sighting.via.clone(),
            snippet: sighting.snippet.clone(),
            introduced: None,
            versions: vec![],
            holder: sighting.origin.inside().and_then(|inside| holder(&site, inside)),
        };
        ((repository, site, nth), place)
    };
    let file = |path: &Text| file_at(&sighting.origin, path);
    match sighting.origin.holder() {
        Origin::File { repository, path } => {
            let (key, place) = bare(*repository, file(path));
            // History is looked through for secrets alone.
            let in_head = place.in_head.filter(|_| sighting.subject.secret().is_some());
            vec![(key, Place { in_worktree: Some(true), in_head, ..place })]
        }
        Origin::FileName { repository, path } => {
            let (key, place) = bare(*repository, Site::FileName { path: path.clone() });
            vec![(key, Place { in_worktree: Some(true), ..place })]
        }
        Origin::Stdin if sighting.origin.inside().is_some() => vec![bare(None, file(&"stdin".into()))],
        // A holder is packed in nothing.
        Origin::Stdin | Origin::Entry { .. } => vec![bare(None, Site::Stdin)],
        Origin::RefName { repository, name } => vec![bare(Some(*repository), Site::RefName { name: name.clone() })],
        Origin::GitFile { repository, path } => {
            let path = sighting.origin.inside().map_or_else(|| path.clone(), |inside| path.entered(inside));
            vec![bare(Some(*repository), Site::GitFile { path })]
        }
        Origin::Object { repository, id, kind } => {
            let known = &attributions[*repository];
            let site = |site| bare(Some(*repository), site);
            match kind {
                ObjectKind::Blob => {
                    let nowhere = match sighting.origin.inside() {
                        None => Site::LooseBlob { id: *id },
                        Some(_) => file(&format!("blob {id}").as_str().into()),
                    };
                    standing(sighting, known, id, nowhere, &site, &file)
                }
                ObjectKind::Tree => standing(sighting, known, id, Site::LooseTree { id: *id }, &site, &|path| {
                    Site::FileName { path: below(path, &sighting.part) }
                }),
                ObjectKind::Tag => vec![site(Site::Tag { id: *id })],
                ObjectKind::Commit => {
                    let (key, place) = site(Site::Commit { id: *id, part: sighting.part.clone() });
                    let introduced = known.commit(id).cloned();
                    vec![(key, Place { in_head: Some(known.is_in_head(id)), introduced, ..place })]
                }
            }
        }
    }
}

/// The file that what is at `inside` of it is packed in.
fn holder(site: &Site, inside: &Text) -> Option<Text> {
    let (Site::File { path } | Site::FileName { path } | Site::GitFile { path }) = site else { return None };
    let holder = path.as_bytes().strip_suffix(inside.as_bytes())?;
    holder.strip_suffix(&[INSIDE]).map(Text::from)
}

/// The places of a blob or tree, one for each path, or the one of an object that stands nowhere.
fn standing(
    sighting: &Sighting,
    known: &Attribution,
    id: &ObjectId,
    nowhere: Site,
    bare: &dyn Fn(Site) -> (PlaceKey, Place),
    site: &dyn Fn(&Text) -> Site,
) -> Vec<(PlaceKey, Place)> {
    let version = |commit| Version { object: *id, commit, position: sighting.position };
    let mut places: Vec<(PlaceKey, Place)> = known
        .standings(id)
        // A practice was looked at for one path.
        .filter(|(path, _)| sighting.part.is_empty() || sighting.part == **path || sighting.subject.secret().is_some())
        .map(|(path, standing)| {
            let (key, place) = bare(site(path));
            let introduced = standing.introduced.clone();
            let versions = vec![version(introduced.as_ref().map(|commit| commit.id))];
            (key, Place { in_head: Some(standing.in_head), introduced, versions, ..place })
        })
        .collect();
    if places.is_empty() {
        let (key, place) = bare(nowhere);
        places.push((key, Place { versions: vec![version(None)], ..place }));
    }
    places
}

/// The site of a sighting of a file's content, or of what is packed in it.
fn file_at(origin: &Origin, path: &Text) -> Site {
    match origin {
        Origin::Entry { path: inside, is_name: true, .. } => Site::FileName { path: path.entered(inside) },
        Origin::Entry { path: inside, .. } => Site::File { path: path.entered(inside) },
        _ => Site::File { path: path.clone() },
    }
}

fn below(folder: &Text, name: &Text) -> Text {
    if folder.is_empty() {
        return name.clone();
    }
    [folder.as_bytes(), b"/", name.as_bytes()].concat().into()
}

/// The severity of a token that has expired by `now`, in seconds since 1970: not what its kind says.
pub(super) fn expire(finding: &mut Finding, now: i64) {
    let ends = finding.notes.iter().filter_map(|note| match note {
        Note::Expires { at } => Some(*at),
        _ => None,
    });
    if ends.max().is_some_and(|end| end <= now) {
        finding.severity = finding.severity.min(Severity::Low);
    }
}
