//! What is told of a key across its places, joined where reports have it. Must not know who tells it, or more of its
//! parts than in which repository they are.

use super::{
    join::{Object, by_repository, rest},
    order,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The lists of it whose entries belong to repositories.
pub(super) const LISTS: [&str; 2] = ["histories", "advice"];

/// One of `stories`, of the key that stands at `places`.
pub(super) fn join(mut stories: Vec<Object>, places: &[Value]) -> Object {
    let mut joined = Map::new();
    for name in LISTS {
        let lists = stories.iter_mut().filter_map(|story| match story.remove(name)? {
            Value::Array(list) => Some(list),
            _ => None,
        });
        let lists: Vec<Vec<Value>> = lists.collect();
        if !lists.is_empty() {
            joined.insert(name.to_owned(), by_repository(lists).into());
        }
    }
    let reaches = stories.iter_mut().filter_map(|story| story.remove("reach"));
    let reaches: Vec<Object> = reaches.filter_map(|value| value.as_object().cloned()).collect();
    if !reaches.is_empty() {
        let mut counted = rest(reaches);
        counted.extend(reach(places));
        joined.insert("reach".to_owned(), counted.into());
    }
    let mut out = rest(stories);
    out.extend(joined);
    out
}

/// How far the key has spread.
fn reach(places: &[Value]) -> Object {
    let repository = |place: &Value| place.get("repository").and_then(Value::as_u64);
    let file = |place: &Value| {
        let site = place.get("site").filter(|site| order::text(site, "kind") == "file")?;
        Some((repository(place), order::raw(site, "path")))
    };
    let files: BTreeSet<_> = places.iter().filter_map(file).collect();
    let repositories: BTreeSet<u64> = places.iter().filter_map(repository).collect();
    let layers = places.iter().filter_map(|place| place.get("via")?.as_array()).flatten().filter_map(Value::as_str);
    let encodings: BTreeSet<&str> = layers.collect();
    let counts = [
        ("places", json!(places.len())),
        ("files", json!(files.len())),
        ("repositories", json!(repositories.len())),
        ("encodings", json!(encodings)),
    ];
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}
