//! Findings, places and whatever else several reports tell of one thing, made one. Must not know documents.
//!
//! Every choice takes the greatest of what is there by an order of its own, so that neither the order of reports nor
//! joining some of them first changes the outcome.

use super::{order, story};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

pub(super) type Object = Map<String, Value>;

/// What says of a key what it is: taken from one report together.
const IDENTITY: [&str; 5] = ["confidence", "rule", "name", "family", "masked"];
/// What follows from whether a key works: the first step of all may be that it does.
const JUDGED: [&str; 2] = ["verdict", "rotate"];

/// One of each fingerprint, in the order of a scan.
pub(super) fn findings(all: Vec<Value>) -> Vec<Value> {
    let fingerprint = |finding: &Value| order::text(finding, "fingerprint").to_owned();
    let mut joined = each(all, fingerprint, finding);
    joined.sort_by_cached_key(order::finding);
    joined
}

/// One of each fingerprint and reason; `inner` is the field that holds the finding.
pub(super) fn suppressed(all: Vec<Value>, inner: &str) -> Vec<Value> {
    let key = |entry: &Value| {
        let fingerprint = entry.get(inner).map(|finding| order::text(finding, "fingerprint").to_owned());
        (fingerprint, entry.get("why").map(Value::to_string))
    };
    let join = |mut group: Vec<Object>| {
        let found = objects(group.iter_mut().filter_map(|entry| entry.remove(inner)));
        let mut out = rest(group);
        out.insert(inner.to_owned(), finding(found).into());
        out
    };
    let mut joined = each(all, key, join);
    joined.sort_by_cached_key(|entry| order::suppressed(entry, inner));
    joined
}

/// Each once, by `key`, in the order of `key`.
pub(super) fn distinct<K: Ord>(mut all: Vec<Value>, key: impl Fn(&Value) -> K) -> Vec<Value> {
    all.sort_by_cached_key(key);
    all.dedup();
    all
}

/// One object of each `key`; they come in no order.
pub(super) fn each<K: Eq + std::hash::Hash>(
    all: Vec<Value>,
    key: impl Fn(&Value) -> K,
    join: impl Fn(Vec<Object>) -> Object,
) -> Vec<Value> {
    let mut groups: HashMap<K, Vec<Object>> = HashMap::new();
    for value in all {
        let key = key(&value);
        if let Value::Object(object) = value {
            groups.entry(key).or_default().push(object);
        }
    }
    groups.into_values().map(|group| join(group).into()).collect()
}

/// The fields of all of them; of several values of one field the greatest.
pub(super) fn rest(group: Vec<Object>) -> Object {
    let mut group = group.into_iter();
    let mut out = group.next().unwrap_or_default();
    for (name, value) in group.flatten() {
        let value = match out.remove(&name) {
            Some(known) => greater(known, value),
            None => value,
        };
        out.insert(name, value);
    }
    out
}

/// Something before nothing, else the one that is the greater as text.
pub(super) fn greater(one: Value, other: Value) -> Value {
    let key = |value: &Value| (!value.is_null(), value.to_string());
    if one == other || key(&one) >= key(&other) { one } else { other }
}

/// Every list that a field of the group has, taken out and put together.
fn take(group: &mut [Object], name: &str) -> Vec<Value> {
    let lists = group.iter_mut().filter_map(|object| object.remove(name));
    let entries = lists.filter_map(|list| if let Value::Array(entries) = list { Some(entries) } else { None });
    entries.flatten().collect()
}

fn objects(values: impl Iterator<Item = Value>) -> Vec<Object> {
    values.filter_map(|value| if let Value::Object(object) = value { Some(object) } else { None }).collect()
}

fn finding(mut group: Vec<Object>) -> Object {
    let identity = unit(&group, &IDENTITY, |fields| {
        let rule = fields.get("rule").and_then(Value::as_str).map(str::to_owned);
        (order::confidence(fields), std::cmp::Reverse(rule), fields.to_string())
    });
    let judged = unit(&group, &JUDGED, |fields| (order::verdict(fields.get("verdict")), fields.to_string()));
    let severity = unit(&group, &["severity"], order::severity);
    let has_notes = group.iter().any(|object| object.contains_key("notes"));
    let notes = distinct(take(&mut group, "notes"), order::note);
    let places = places(take(&mut group, "places"));
    let stories = objects(group.iter_mut().filter_map(|object| object.remove("story")));
    let mut out = rest(group);
    for (fields, chosen) in [(&IDENTITY[..], identity), (&JUDGED, judged), (&["severity"], severity)] {
        fields.iter().for_each(|field| drop(out.remove(*field)));
        out.extend(chosen);
    }
    if !stories.is_empty() {
        out.insert("story".to_owned(), story::join(stories, &places).into());
    }
    if has_notes {
        // Of a key of which one is sure, its shape needs no remark.
        let is_sure = out.get("confidence").and_then(Value::as_str) == Some("high");
        let told = notes.into_iter().filter(|note| !(is_sure && order::text(note, "kind") == "unusual-shape"));
        out.insert("notes".to_owned(), told.collect());
    }
    out.insert("places".to_owned(), places.into());
    out
}

/// The `fields` of that object of the group for which `key` is greatest.
fn unit<K: Ord>(group: &[Object], fields: &[&str], key: impl Fn(&Value) -> K) -> Object {
    let of = |object: &Object| {
        let fields = fields.iter().filter_map(|name| Some(((*name).to_owned(), object.get(*name)?.clone())));
        Value::Object(fields.collect())
    };
    match group.iter().map(of).max_by_key(key) {
        Some(Value::Object(fields)) => fields,
        _ => Object::new(),
    }
}

/// Places are one if they are at the same position of the same thing in the same repository.
fn places(all: Vec<Value>) -> Vec<Value> {
    let key = |place: &Value| {
        let text = |name| place.get(name).map(Value::to_string);
        (place.get("repository").and_then(Value::as_u64), text("site"), text("position"))
    };
    let mut joined = each(all, key, place);
    joined.sort_by_cached_key(order::place);
    joined
}

fn place(mut group: Vec<Object>) -> Object {
    let introduced = group.iter_mut().filter_map(|place| {
        let commit = place.get("introduced").filter(|commit| !commit.is_null())?.clone();
        Some((order::introduced(&Value::Object(place.clone())), commit.to_string(), commit))
    });
    let first = introduced.min_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    let versions = distinct(take(&mut group, "versions"), order::version);
    let mut out = rest(group);
    out.extend(first.map(|(.., commit)| ("introduced".to_owned(), commit)));
    out.insert("versions".to_owned(), versions.into());
    out
}

/// Lists of entries that each say their repository, made one. Equal ones stay as they are. Else each repository's come
/// one after another: in the order they have, where all lists tell the same of it, and sorted where they do not.
pub(super) fn by_repository(mut lists: Vec<Vec<Value>>) -> Vec<Value> {
    let Some(first) = lists.first() else { return Vec::new() };
    if lists.iter().all(|list| list == first) {
        return lists.swap_remove(0);
    }
    let mut groups: BTreeMap<Option<u64>, Vec<Vec<Value>>> = BTreeMap::new();
    for list in lists {
        let mut own: BTreeMap<Option<u64>, Vec<Value>> = BTreeMap::new();
        for entry in list {
            own.entry(entry.get("repository").and_then(Value::as_u64)).or_default().push(entry);
        }
        own.into_iter().for_each(|(repository, list)| groups.entry(repository).or_default().push(list));
    }
    let told = |mut lists: Vec<Vec<Value>>| match lists.first() {
        Some(first) if lists.iter().all(|list| list == first) => lists.swap_remove(0),
        _ => distinct(lists.into_iter().flatten().collect(), Value::to_string),
    };
    groups.into_values().flat_map(told).collect()
}
