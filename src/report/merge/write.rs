//! A joined report as text, its fields in the order in which a scan writes them. Must not know what they mean.

use super::{
    join::Object,
    read::{LINES, LISTS},
};
use crate::report::{json::put, jsonl::Counts};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{
    collections::HashMap,
    io::{self, Write},
    sync::LazyLock,
};

/// The names of all fields, so that those of each object are in order. What is not here comes after them.
const FIELDS: &str = "\
    type schema tool kind marker reason owner since from until days digest \
    rule id part path path_bytes name name_bytes folder folder_bytes version family severity confidence tier \
    fingerprint masked what what_bytes notes verdict why request status issuer at remembered access values more \
    key places rotate fix story about reach do commands url leaves finding \
    object commit author authored committer email date subject repository site whole open reachable \
    in_worktree in_index in_head position via snippet introduced carried removed last \
    versions line column end_line end_column offset length text start end \
    files file_bytes objects object_bytes commits repositories encodings histories advice \
    intervals people state refs at_tip only_logged unreachable pushed \
    complete coverage ran filtered silenced lints parts before baseline inline allowed \
    findings hygiene suppressed suppressed_hygiene problems notices lines";
static RANKS: LazyLock<HashMap<&str, usize>> =
    LazyLock::new(|| FIELDS.split_whitespace().enumerate().map(|(rank, name)| (name, rank)).collect());

/// Writes one JSON object.
pub(super) fn json(document: &Object, out: &mut dyn Write) -> io::Result<()> {
    put(&serde_json::to_string_pretty(&Fields(document))?, out)
}

/// Writes the same, one JSON object a line.
pub(super) fn lines(mut document: Object, out: &mut dyn Write) -> io::Result<()> {
    let head = ["schema", "tool", "repositories"].into_iter().filter_map(|name| document.remove_entry(name));
    line("scan", head.collect(), out)?;
    let places = |finding: &Value| finding.get("places").and_then(Value::as_array).map_or(0, Vec::len);
    let mut counts = Counts::default();
    for (name, kind) in LISTS {
        let entries = array(document.remove(name));
        match name {
            "findings" => {
                (counts.findings, counts.places) = (entries.len(), entries.iter().map(places).sum());
            }
            "hygiene" => counts.hygiene = entries.len(),
            "suppressed" => counts.suppressed = entries.len(),
            "suppressed_hygiene" => counts.suppressed_hygiene = entries.len(),
            "problems" => counts.problems = entries.len(),
            _ => counts.notices = entries.len(),
        }
        for entry in entries {
            line(kind, object(entry), out)?;
        }
    }
    for entry in array(document.remove(LINES)) {
        put(&serde_json::to_string(&Ordered(&entry))?, out)?;
    }
    put(&serde_json::to_string(&End { kind: "end", rest: Fields(&document), counts })?, out)
}

#[derive(Serialize)]
struct End<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    rest: Fields<'a>,
    counts: Counts,
}

fn line(kind: &str, mut object: Object, out: &mut dyn Write) -> io::Result<()> {
    object.insert("type".to_owned(), kind.into());
    put(&serde_json::to_string(&Fields(&object))?, out)
}

fn array(value: Option<Value>) -> Vec<Value> {
    if let Some(Value::Array(array)) = value { array } else { Vec::new() }
}

fn object(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

/// An object whose fields come in order.
struct Fields<'a>(&'a Object);

/// A value whose objects do.
struct Ordered<'a>(&'a Value);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields: Vec<(&String, &Value)> = self.0.iter().collect();
        fields.sort_by_key(|(name, _)| (RANKS.get(name.as_str()).copied().unwrap_or(RANKS.len()), *name));
        serializer.collect_map(fields.into_iter().map(|(name, value)| (name, Ordered(value))))
    }
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => Fields(object).serialize(serializer),
            Value::Array(values) => serializer.collect_seq(values.iter().map(Ordered)),
            value => value.serialize(serializer),
        }
    }
}
