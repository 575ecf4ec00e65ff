//! The JSON shape of a key's story: `docs/report.md` specifies it field by field. Must not know how it was found out.

use super::{Input, date, plain};
use crate::model::{self, Encoding, ObjectId, RefKind, Site, Text};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is known of a key beside where it stands.
#[derive(Serialize)]
pub(super) struct Story {
    about: Option<String>,
    reach: Reach,
    histories: Vec<History>,
    advice: Vec<Advice>,
}

/// How far it has got.
#[derive(Serialize)]
struct Reach {
    places: usize,
    files: usize,
    repositories: usize,
    encodings: Vec<Encoding>,
}

// The order of fields is one that all objects of a report can have: what is merged is put into it.

#[derive(Serialize)]
struct History {
    since: Option<String>,
    until: Option<String>,
    days: Option<i64>,
    repository: usize,
    whole: bool,
    open: bool,
    reachable: bool,
    in_index: bool,
    in_head: bool,
    introduced: Vec<Event>,
    removed: Vec<Event>,
    last: Option<Event>,
    commits: usize,
    intervals: Vec<Interval>,
    people: Vec<Person>,
    refs: Vec<Ref>,
    only_logged: bool,
    unreachable: bool,
    pushed: Pushed,
}

#[derive(Serialize)]
struct Event {
    path: Option<String>,
    commit: ObjectId,
    author: Person,
    authored: Option<String>,
    committer: Person,
    date: Option<String>,
    subject: String,
}

#[derive(Serialize)]
struct Interval {
    from: Option<String>,
    until: Option<String>,
}

#[derive(Serialize)]
struct Person {
    name: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    introduced: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carried: Option<usize>,
}

#[derive(Serialize)]
struct Ref {
    kind: RefKind,
    name: String,
    at_tip: bool,
}

#[derive(Serialize)]
struct Pushed {
    state: &'static str,
    refs: Vec<String>,
}

#[derive(Serialize)]
struct Advice {
    #[serde(rename = "do")]
    text: String,
    commands: Vec<String>,
    url: Option<String>,
    leaves: Option<String>,
    repository: Option<usize>,
}

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Whole days from one moment to another.
pub(super) const fn days(from: i64, until: i64) -> i64 {
    until.saturating_sub(from) / DAY
}

/// In how many files a key stands or stood.
pub(super) fn files(finding: &model::Finding) -> usize {
    let files = finding.places.iter().filter(|place| matches!(place.site, Site::File { .. }));
    files.map(|place| (place.repository, &place.site)).collect::<BTreeSet<_>>().len()
}

/// In how many repositories of the scan a key stands or stood.
pub(super) fn repositories(finding: &model::Finding) -> usize {
    finding.places.iter().filter_map(|place| place.repository).collect::<BTreeSet<_>>().len()
}

/// What a key is written in, where it does not stand as it is, by name.
pub(super) fn encodings(finding: &model::Finding) -> Vec<Encoding> {
    let all = finding.places.iter().flat_map(|place| place.via.iter().copied());
    let mut all: Vec<Encoding> = all.collect::<BTreeSet<_>>().into_iter().collect();
    all.sort_by_key(ToString::to_string);
    all
}

impl Input<'_> {
    pub(super) fn story(&self, finding: &model::Finding) -> Story {
        let reach = Reach {
            places: finding.places.len(),
            files: files(finding),
            repositories: repositories(finding),
            encodings: encodings(finding),
        };
        let advice = self.advice(finding).into_iter().map(|step| Advice {
            repository: step.repository,
            text: step.text,
            commands: step.commands,
            url: step.url,
            leaves: step.leaves,
        });
        let about = self.rule(finding).map(|rule| plain::lossy(rule.about.trim().as_bytes()));
        Story {
            about,
            reach,
            histories: finding.histories.iter().map(|history| self.history(history)).collect(),
            advice: advice.collect(),
        }
    }

    fn history(&self, history: &model::History) -> History {
        let moment = |time: Option<i64>| time.and_then(|time| date::rfc3339(time, 0));
        let names = |texts: &[Text]| texts.iter().map(|text| plain::lossy(text.as_bytes())).collect();
        let (since, until) = (history.since(), history.until());
        let reach = |reach: &model::Reach| Ref {
            kind: reach.kind,
            name: plain::lossy(reach.name.as_bytes()),
            at_tip: reach.at_tip,
        };
        History {
            repository: history.repository,
            whole: history.whole,
            since: moment(since),
            until: moment(until),
            days: since.zip(until).map(|(since, until)| days(since, until)),
            open: history.is_open(),
            reachable: history.is_reachable(),
            introduced: history.introduced.iter().map(event).collect(),
            removed: history.removed.iter().map(event).collect(),
            last: history.last.as_ref().map(event),
            commits: history.commits,
            intervals: history
                .intervals
                .iter()
                .map(|interval| Interval { from: moment(Some(interval.from)), until: moment(interval.until) })
                .collect(),
            people: history.people.iter().map(part).collect(),
            in_index: history.in_index,
            in_head: history.in_head,
            refs: history.refs.iter().map(reach).collect(),
            only_logged: history.only_logged,
            unreachable: history.unreachable,
            pushed: Pushed { state: history.pushed.as_str(), refs: names(history.pushed.refs()) },
        }
    }
}

fn event(event: &model::Event) -> Event {
    let info = &event.commit;
    let author = model::Identity { name: info.author.clone(), email: info.email.clone() };
    Event {
        commit: info.id,
        date: date::rfc3339(event.time, event.offset_minutes),
        path: event.path.as_ref().map(|path| plain::lossy(path.as_bytes())),
        author: person(&author),
        authored: date::rfc3339(info.time, info.offset_minutes),
        committer: person(&event.committer),
        subject: plain::lossy(info.subject.as_bytes()),
    }
}

fn person(identity: &model::Identity) -> Person {
    let [name, email] = [&identity.name, &identity.email].map(|text| plain::lossy(text.as_bytes()));
    Person { name, email, introduced: None, carried: None }
}

fn part(part: &model::Person) -> Person {
    Person { introduced: Some(part.introduced), carried: Some(part.carried), ..person(&part.identity) }
}

#[cfg(test)]
mod tests {
    use crate::report::{Format, Options, sample};
    use serde_json::{Value, json};

    fn story(nth: usize) -> Value {
        let text = sample::written(Format::Json, &sample::with_histories(), &Options::default());
        let mut report: Value = serde_json::from_str(&text).expect("JSON");
        report["findings"][nth]["story"].take()
    }

    #[test]
    fn a_story_is_told_whole() {
        let mut story = story(1);
        assert!(!story["advice"].take().as_array().expect("a list").is_empty());
        assert!(story["about"].take().as_str().expect("a text").contains("key"));
        let event = json!({
            "commit": "0505050505050505050505050505050505050505",
            "date": "2023-11-14T15:13:20-07:00", "path": null,
            "author": { "name": "Ann Lee", "email": "ann@example.com" }, "authored": "2023-11-14T23:13:20+02:00",
            "committer": { "name": "Bo Moe", "email": "bo@example.com" }, "subject": "Add the config",
        });
        assert_eq!(
            story,
            json!({
                "about": null,
                "reach": { "places": 1, "files": 0, "repositories": 1, "encodings": [] },
                "histories": [{
                    "repository": 0, "whole": true,
                    "since": "2023-11-14T22:13:20+00:00", "until": "2023-11-14T22:14:20+00:00", "days": 0,
                    "open": false, "reachable": false,
                    "introduced": [event], "removed": [], "last": event, "commits": 1,
                    "intervals": [{ "from": "2023-11-14T22:13:20+00:00", "until": "2023-11-14T22:14:20+00:00" }],
                    "people": [{ "name": "Ann Lee", "email": "Ann@example.com", "introduced": 1, "carried": 0 }],
                    "in_index": false, "in_head": false,
                    "refs": [{ "kind": "reflog", "name": "refs/heads/main", "at_tip": false }],
                    "only_logged": true, "unreachable": false, "pushed": { "state": "no", "refs": [] },
                }],
                "advice": null,
            })
        );
    }

    #[test]
    fn what_lasts_has_no_end() {
        let history = story(0)["histories"][0].take();
        assert_eq!((&history["until"], &history["days"], &history["open"]), (&Value::Null, &Value::Null, &json!(true)));
        assert_eq!(history["pushed"], json!({ "state": "yes", "refs": ["refs/remotes/origin/main"] }));
        assert_eq!((&history["whole"], &history["reachable"]), (&json!(false), &json!(true)));
    }
}
