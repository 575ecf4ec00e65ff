//! Reports of separate scans made one. Must not know files, arguments, or how reports came about.
//!
//! What comes out depends on which reports went in, and on nothing else: not on their order, not on which of them were
//! joined before, not on how often each was given. A report that was made of others names them (`parts`), with what each
//! counted, so that none is counted twice.

mod check;
mod join;
mod named;
mod order;
mod read;
mod story;
#[cfg(test)]
mod tests;
mod version;
mod write;

use super::view::SCHEMA;
use crate::model::Tool;
use join::{Object, distinct, each, greater, rest};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};
use version::Version;

/// What each part counts, and a report of several adds up.
const COUNTED: [&str; 4] = ["coverage", "filtered", "silenced", "lints"];

/// Why a text is no report that can be joined with others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing.
    #[error("it is empty: no report was written to it")]
    Empty,
    /// It is no JSON, or not all of it.
    #[error("it is no JSON, or it was cut off: {0}; scan again")]
    Syntax(String),
    /// Lines are missing.
    #[error("it was cut off: {0}; scan again")]
    Cut(String),
    /// There is more than one report, or something else behind it.
    #[error("something follows the report: keep each report in a file of its own")]
    Further,
    /// It is something else.
    #[error("it is no report of keylint in JSON: write one with `keylint scan --format json` or `--format jsonl`")]
    Foreign,
    /// Its schema is another.
    #[error(
        "its schema is {found}, and this is keylint {}, which knows {known}: merge with the keylint that wrote it, or scan again",
        Tool::THIS.version
    )]
    Schema {
        /// The schema it says.
        found: String,
        /// The one that is known.
        known: &'static str,
    },
    /// Its program may have meant other things by the same words.
    #[error(
        "it was written by keylint {found}, which does not go with this one, {known}: merge with a keylint of its version, or scan again with this one"
    )]
    Version {
        /// The version that wrote it.
        found: String,
        /// The version of this program.
        known: &'static str,
    },
    /// A part of it is missing or not what it should be.
    #[error("{at} should be {expected}: it is no whole report; scan again")]
    Shape {
        /// The way to the part.
        at: String,
        /// What should be there.
        expected: &'static str,
    },
    /// It shows keys in clear.
    #[error("it shows keys in clear, which a merged report never does: scan again without --show-secrets")]
    Clear,
}

impl Fault {
    fn shape(at: String, expected: &'static str) -> Self {
        Self::Shape { at, expected }
    }
}

/// One report, as it was read or joined.
#[derive(Clone, Debug)]
pub struct Document {
    version: Version,
    repositories: Vec<Value>,
    /// What is known and no list: `tool`, `complete`, and fields that are not known.
    fields: Object,
    /// The lists of [`read::LISTS`].
    lists: [Option<Vec<Value>>; read::LISTS.len()],
    /// Lines of types that are not known.
    lines: Vec<Value>,
    /// The reports it is made of, each once, by digest, with what they counted.
    parts: BTreeMap<String, Object>,
}

impl Document {
    /// Reads a report in JSON or JSON lines. With `name`, its paths are read as if its scan had been started one
    /// directory further up, where the directory that it was started in is called that.
    ///
    /// # Errors
    /// If it is no whole report, one of a version that does not go with this program's, or one with keys in clear.
    pub fn read(bytes: &[u8], name: Option<&str>) -> Result<Self, Fault> {
        let mut document = read::document(bytes)?;
        check::check(&document)?;
        if let Some(name) = name {
            named::place(&mut document, name);
        }
        let version = document.get("tool").and_then(|tool| Version::parse(order::text(tool, "version")));
        let version = version.ok_or_else(|| Fault::shape("tool.version".to_owned(), "a version"))?;
        let parts = list(document.remove("parts")).unwrap_or_default();
        let parts = parts.into_iter().filter_map(|part| match part {
            Value::Object(part) => Some((part.get("digest")?.as_str()?.to_owned(), part)),
            _ => None,
        });
        let parts: BTreeMap<String, Object> = parts.collect();
        let counted = COUNTED.iter().filter_map(|name| document.remove_entry(*name)).collect();
        document.remove("schema");
        let raw = Self {
            version,
            repositories: list(document.remove("repositories")).unwrap_or_default(),
            lists: read::LISTS.map(|(name, _)| list(document.remove(name))),
            lines: list(document.remove(read::LINES)).unwrap_or_default(),
            fields: document,
            parts: BTreeMap::new(),
        };
        let document = merge(vec![raw]);
        Ok(if parts.len() > 1 { Self { parts, ..document } } else { document.alone(counted) })
    }

    /// The same as a part of its own, which counted this.
    fn alone(self, mut counted: Object) -> Self {
        let content = json!([self.repositories, self.fields, self.lists, self.lines, counted]);
        let digest = Sha256::digest(content.to_string().as_bytes());
        let digest = data_encoding::HEXLOWER.encode(&digest[..16]);
        counted.insert("digest".to_owned(), digest.as_str().into());
        Self { parts: [(digest, counted)].into(), ..self }
    }

    /// Whether every report that `other` is made of is among those it is made of.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.parts.keys().all(|part| self.parts.contains_key(part))
    }

    /// What its repositories are called.
    pub fn repositories(&self) -> impl Iterator<Item = &str> {
        self.repositories.iter().map(|repository| order::text(repository, "name"))
    }

    /// Whether anything was found.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.lists.iter().zip(read::LISTS).any(|(list, (name, _))| {
            matches!(name, "findings" | "hygiene") && list.as_ref().is_some_and(|list| !list.is_empty())
        })
    }

    /// Whether everything that was asked for was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.fields.get("complete") == Some(&Value::Bool(true))
    }

    /// Writes it as one JSON object.
    ///
    /// # Errors
    /// What `out` says; some of the report may have been written then.
    pub fn write_json(self, out: &mut dyn Write) -> io::Result<()> {
        write::json(&self.into_object(), out)
    }

    /// Writes it as JSON lines.
    ///
    /// # Errors
    /// What `out` says; some of the report may have been written then.
    pub fn write_lines(self, out: &mut dyn Write) -> io::Result<()> {
        write::lines(self.into_object(), out)
    }

    fn into_object(self) -> Object {
        let mut document = self.fields;
        document.insert("schema".to_owned(), SCHEMA.into());
        document.insert("repositories".to_owned(), self.repositories.into());
        for ((name, _), list) in read::LISTS.iter().zip(self.lists) {
            document.extend(list.map(|list| ((*name).to_owned(), list.into())));
        }
        if !self.lines.is_empty() {
            document.insert(read::LINES.to_owned(), self.lines.into());
        }
        for name in COUNTED {
            let counts = self.parts.values().filter_map(|part| part.get(name).cloned());
            document.extend(counts.reduce(sum).map(|sum| (name.to_owned(), sum)));
        }
        if self.parts.len() > 1 {
            document.insert("parts".to_owned(), self.parts.into_values().map(Value::Object).collect());
        }
        document
    }
}

/// One report of all of `documents`.
#[must_use]
pub fn merge(mut documents: Vec<Document>) -> Document {
    let repositories = repositories(&mut documents);
    let version = documents.iter().map(|document| &document.version).max().cloned();
    let version = version.or_else(|| Version::parse(Tool::THIS.version));
    let mut lists: [Option<Vec<Value>>; read::LISTS.len()] = Default::default();
    let (mut lines, mut parts, mut fields) = (Vec::new(), BTreeMap::new(), Vec::new());
    for mut document in documents {
        for (list, more) in lists.iter_mut().zip(document.lists) {
            if let Some(more) = more {
                list.get_or_insert_default().extend(more);
            }
        }
        if Some(&document.version) != version.as_ref() {
            document.fields.remove("tool");
        }
        lines.extend(document.lines);
        parts.extend(document.parts);
        fields.push(document.fields);
    }
    let is_complete = fields.iter().all(|fields| fields.get("complete") == Some(&Value::Bool(true)));
    let mut fields = rest(fields);
    fields.insert("complete".to_owned(), is_complete.into());
    let [findings, hygiene, suppressed, suppressed_hygiene, problems, notices] = lists;
    // Lines do not tell an empty list from none; where one of the two is there, both are.
    let is_listed =
        [&suppressed, &suppressed_hygiene].iter().any(|list| list.as_ref().is_some_and(|list| !list.is_empty()));
    let listed = |list: Option<Vec<Value>>| is_listed.then(|| list.unwrap_or_default());
    let lists = [
        findings.map(join::findings),
        hygiene.map(join::findings),
        listed(suppressed).map(|all| join::suppressed(all, "finding")),
        listed(suppressed_hygiene).map(|all| join::suppressed(all, "hygiene")),
        problems.map(|all| distinct(all, order::problem)),
        notices.map(|all| distinct(all, order::notice)),
    ];
    let lines = distinct(lines, |line| (order::text(line, "type").to_owned(), line.to_string()));
    Document { version: version.unwrap_or_default(), repositories, fields, lists, lines, parts }
}

/// The repositories of all documents, each once; the documents' places refer to these from then on.
fn repositories(documents: &mut [Document]) -> Vec<Value> {
    let key = |repository: &Value| (order::raw(repository, "name"), order::raw(repository, "folder"));
    let all = documents.iter().flat_map(|document| document.repositories.iter().cloned()).collect();
    let mut joined = each(all, key, rest);
    joined.sort_by_cached_key(key);
    let numbers: HashMap<_, usize> =
        joined.iter().enumerate().map(|(number, repository)| (key(repository), number)).collect();
    for document in documents {
        let own = document.repositories.iter().map(|repository| numbers.get(&key(repository)).copied());
        let own: Vec<Option<usize>> = own.collect();
        if own.iter().enumerate().any(|(number, new)| *new != Some(number)) {
            document.lists.iter_mut().flatten().flatten().for_each(|entry| renumber(entry, &own));
        }
    }
    joined
}

/// Makes places and stories below `entry` refer to repositories by their new numbers.
fn renumber(entry: &mut Value, numbers: &[Option<usize>]) {
    let number = |object: &mut Value| {
        if let Some(number) = object.get_mut("repository").filter(|number| !number.is_null()) {
            let old = number.as_u64().and_then(|number| usize::try_from(number).ok());
            *number = json!(old.and_then(|old| numbers.get(old).copied().flatten()));
        }
    };
    for inner in ["finding", "hygiene"] {
        entry.get_mut(inner).into_iter().for_each(|inner| renumber(inner, numbers));
    }
    let places = entry.get_mut("places").and_then(Value::as_array_mut);
    places.into_iter().flatten().for_each(number);
    for list in story::LISTS {
        let told = entry.get_mut("story").and_then(|story| story.get_mut(list)?.as_array_mut());
        told.into_iter().flatten().for_each(number);
    }
}

/// Counts of two parts added up; what is true is so of both.
fn sum(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => (one && other).into(),
        (Value::Object(mut one), Value::Object(other)) => {
            for (name, value) in other {
                let value = match one.remove(&name) {
                    Some(known) => sum(known, value),
                    None => value,
                };
                one.insert(name, value);
            }
            one.into()
        }
        (one, other) => match (one.as_u64(), other.as_u64()) {
            (Some(one), Some(other)) => one.saturating_add(other).into(),
            _ => greater(one, other),
        },
    }
}

fn list(value: Option<Value>) -> Option<Vec<Value>> {
    if let Some(Value::Array(list)) = value { Some(list) } else { None }
}
