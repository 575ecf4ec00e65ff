//! Which lint findings belong to the story of a key: those about it that stand nowhere but in files that hold it. For
//! people they are part of what is told of the key, and no second alarm. Must not know formats.

use super::{Input, quantity::count, whereabouts};
use crate::model::{Finding, Fingerprint, Place, Report, Site, Subject};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The findings of a report as they are told to people.
pub(super) struct Story<'a> {
    /// Each key with what belongs to it.
    pub(super) keys: Vec<(&'a Finding, Vec<&'a Finding>)>,
    /// The lint findings that stand by themselves.
    pub(super) alone: Vec<&'a Finding>,
}

impl<'a> Story<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let (keys, practices): (Vec<&Finding>, Vec<&Finding>) =
            report.findings.iter().partition(|finding| finding.secret().is_some());
        let files: HashMap<Fingerprint, HashSet<_>> =
            keys.iter().map(|key| (key.fingerprint, key.places.iter().map(file).collect())).collect();
        let mut told: BTreeMap<Fingerprint, Vec<&Finding>> = BTreeMap::new();
        let mut alone = Vec::new();
        for practice in practices {
            let key = about(practice).filter(|key| {
                let files = files.get(key);
                files.is_some_and(|files| practice.places.iter().all(|place| files.contains(&file(place))))
            });
            match key {
                Some(key) => told.entry(key).or_default().push(practice),
                None => alone.push(practice),
            }
        }
        let keys = keys.into_iter().map(|key| (key, told.remove(&key.fingerprint).unwrap_or_default()));
        Self { keys: keys.collect(), alone }
    }
}

/// The key that a lint finding is about, if it is known.
pub(super) fn about(finding: &Finding) -> Option<Fingerprint> {
    match &finding.subject {
        Subject::Secret(_) => None,
        Subject::Practice(practice) => practice.key,
    }
}

/// What is new in `practice` to who has read of its key: what was seen, where it is of all places of the key; else where.
pub(super) fn more(input: &Input<'_>, key: &Finding, practice: &Finding) -> Option<String> {
    let spot = |place: &Place| (place.repository, place.site.clone(), place.position);
    if practice.places.iter().map(spot).eq(key.places.iter().map(spot)) {
        return Some(input.key(practice)).filter(|seen| *seen != key.subject.shown());
    }
    let place = whereabouts::shown(input.report, &practice.places);
    let more = practice.places.len().saturating_sub(1) as u64;
    let more = (more > 0).then(|| format!(" and {}", count(more, "more place", "more places")));
    Some(place + &more.unwrap_or_default())
}

fn file(place: &Place) -> (Option<usize>, &Site) {
    (place.repository, &place.site)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Text,
        report::{Options, sample},
    };

    /// How many lint findings are told with each key, and how many alone.
    fn told(report: &Report) -> (Vec<usize>, usize) {
        let story = Story::of(report);
        (story.keys.iter().map(|(_, told)| told.len()).collect(), story.alone.len())
    }

    #[test]
    fn what_is_about_a_key_and_in_its_file_belongs_to_it() {
        let mut report = sample::with_practices();
        assert_eq!(told(&report), (vec![1, 0], 1));
        let at = report.findings.iter().position(|finding| about(finding).is_some()).expect("one");
        let place = report.findings[at].places[0].clone();
        let other = Place { site: Site::File { path: Text::from("other") }, ..place.clone() };
        report.findings[at].places.push(other);
        assert_eq!(told(&report), (vec![0, 0], 2), "it stands elsewhere too");
        report.findings[at].places = vec![Place { repository: None, ..place }];
        assert_eq!(told(&report), (vec![0, 0], 2), "another repository");
    }

    #[test]
    fn what_the_reader_knows_is_not_said_again() {
        let mut report = sample::with_practices();
        let (catalog, options) = (sample::catalog(), Options::default());
        let of = |report: &Report| {
            more(&Input { report, catalog: &catalog, options: &options }, &report.findings[0], &report.findings[2])
        };
        assert_eq!(of(&report).as_deref(), Some("src/config.py:11:3"));
        let place = report.findings[2].places[0].clone();
        report.findings[2].places.push(place);
        assert_eq!(of(&report).as_deref(), Some("src/config.py:11:3 and 1 more place"));
        report.findings[2].places = report.findings[0].places.clone();
        assert_eq!(of(&report).as_deref(), Some("allowBrowser: true"), "it is of the key as such");
        let what = report.findings[0].subject.shown();
        report.findings[2].subject = Subject::Practice(crate::model::Practice { what, key: None });
        assert_eq!(of(&report), None);
    }

    #[test]
    fn what_is_about_a_key_that_is_not_shown_stands_alone() {
        let mut report = sample::with_practices();
        report.findings.remove(0);
        assert_eq!(told(&report), (vec![0], 2));
    }
}
