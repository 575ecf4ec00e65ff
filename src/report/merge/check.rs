//! Whether a document has the shape of a report, as far as reports are joined by it. Must not know how they are.

use super::{Fault, Version, read::LINES};
use crate::{
    model::{Confidence, Fingerprint, Severity, Tool, visible},
    report::view::SCHEMA,
};
use serde_json::{Map, Value};

/// No more of a text that should be something else is shown.
const SHOWN: usize = 60;

type Object = Map<String, Value>;

/// What is wrong with `document`, if anything is.
pub(super) fn check(document: &Object) -> Result<(), Fault> {
    origin(document)?;
    let repositories = objects(document, "repositories")?;
    for (nth, repository) in repositories.iter().enumerate() {
        text(repository, "name", &format!("repositories[{nth}]"))?;
        text(repository, "folder", &format!("repositories[{nth}]"))?;
    }
    flag(document, "complete", "")?;
    number(document, "filtered", "")?;
    for name in ["coverage", "silenced", "lints"] {
        object(document, name, "")?;
    }
    for list in ["findings", "hygiene"] {
        for (nth, found) in objects(document, list)?.iter().enumerate() {
            finding(found, repositories.len(), &format!("{list}[{nth}]"))?;
        }
    }
    for (list, inner) in [("suppressed", "finding"), ("suppressed_hygiene", "hygiene")] {
        for (nth, silenced) in optional(document, list)?.iter().enumerate() {
            let at = format!("{list}[{nth}]");
            text(object(silenced, "why", &at)?, "kind", &format!("{at}.why"))?;
            finding(object(silenced, inner, &at)?, repositories.len(), &format!("{at}.{inner}"))?;
        }
    }
    for list in ["problems", "notices"] {
        for (nth, told) in objects(document, list)?.iter().enumerate() {
            text(told, "what", &format!("{list}[{nth}]"))?;
            text(told, "why", &format!("{list}[{nth}]"))?;
        }
    }
    for (nth, part) in optional(document, "parts")?.iter().enumerate() {
        let at = format!("parts[{nth}]");
        text(part, "digest", &at)?;
        number(part, "filtered", &at)?;
        for name in ["coverage", "silenced", "lints"] {
            object(part, name, &at)?;
        }
    }
    optional(document, LINES).map(drop)
}

/// Whether it is a report at all, and one that this program knows the meaning of.
fn origin(document: &Object) -> Result<(), Fault> {
    let schema = document.get("schema").and_then(Value::as_str).ok_or(Fault::Foreign)?;
    if schema != SCHEMA {
        return Err(Fault::Schema { found: shown(schema), known: SCHEMA });
    }
    let tool = object(document, "tool", "")?;
    if text(tool, "name", "tool")? != Tool::THIS.name {
        return Err(Fault::Foreign);
    }
    let version = text(tool, "version", "tool")?;
    let found = Version::parse(version).ok_or_else(|| Fault::shape("tool.version".to_owned(), "a version"))?;
    let known = Version::parse(Tool::THIS.version);
    if known.is_none_or(|known| known.is_compatible(&found)) {
        return Ok(());
    }
    Err(Fault::Version { found: shown(version), known: Tool::THIS.version })
}

fn shown(text: &str) -> String {
    visible(text.chars().take(SHOWN).collect::<String>().as_bytes())
}

fn finding(found: &Object, repositories: usize, at: &str) -> Result<(), Fault> {
    text(found, "rule", at)?;
    if Fingerprint::from_hex(text(found, "fingerprint", at)?).is_none() {
        return Err(Fault::shape(format!("{at}.fingerprint"), "32 hex digits"));
    }
    let (severity, confidence) = (text(found, "severity", at)?, text(found, "confidence", at)?);
    if Severity::ALL.iter().all(|known| known.as_str() != severity) {
        return Err(Fault::shape(format!("{at}.severity"), "a severity"));
    }
    if Confidence::ALL.iter().all(|known| known.as_str() != confidence) {
        return Err(Fault::shape(format!("{at}.confidence"), "a confidence"));
    }
    if found.get("secret").is_some_and(|secret| !secret.is_null()) {
        return Err(Fault::Clear);
    }
    let Some(Value::Array(places)) = found.get("places") else {
        return Err(Fault::shape(format!("{at}.places"), "a list"));
    };
    for (nth, place) in places.iter().enumerate() {
        let at = format!("{at}.places[{nth}]");
        let place = place.as_object().ok_or_else(|| Fault::shape(at.clone(), "an object"))?;
        repository(place, repositories, &at)?;
        text(object(place, "site", &at)?, "kind", &format!("{at}.site"))?;
        let position = object(place, "position", &at)?;
        for name in ["line", "column", "offset"] {
            number(position, name, &format!("{at}.position"))?;
        }
        object(place, "snippet", &at)?;
        if !place.get("versions").is_some_and(Value::is_array) {
            return Err(Fault::shape(format!("{at}.versions"), "a list"));
        }
    }
    for list in ["histories", "advice"] {
        let told = found.get("story").and_then(|story| story.get(list)?.as_array());
        for (nth, told) in told.into_iter().flatten().enumerate() {
            let at = format!("{at}.story.{list}[{nth}]");
            repository(told.as_object().ok_or_else(|| Fault::shape(at.clone(), "an object"))?, repositories, &at)?;
        }
    }
    Ok(())
}

fn repository(object: &Object, repositories: usize, at: &str) -> Result<(), Fault> {
    let is_known = match object.get("repository") {
        None | Some(Value::Null) => true,
        Some(number) => number.as_u64().is_some_and(|number| number < repositories as u64),
    };
    if is_known { Ok(()) } else { Err(Fault::shape(format!("{at}.repository"), "the number of a repository")) }
}

fn text<'a>(object: &'a Object, name: &str, at: &str) -> Result<&'a str, Fault> {
    object.get(name).and_then(Value::as_str).ok_or_else(|| Fault::shape(below(at, name), "a text"))
}

fn number(object: &Object, name: &str, at: &str) -> Result<u64, Fault> {
    object.get(name).and_then(Value::as_u64).ok_or_else(|| Fault::shape(below(at, name), "a number"))
}

fn flag(object: &Object, name: &str, at: &str) -> Result<bool, Fault> {
    object.get(name).and_then(Value::as_bool).ok_or_else(|| Fault::shape(below(at, name), "true or false"))
}

fn object<'a>(object: &'a Object, name: &str, at: &str) -> Result<&'a Object, Fault> {
    object.get(name).and_then(Value::as_object).ok_or_else(|| Fault::shape(below(at, name), "an object"))
}

/// The objects of a list of the document.
fn objects<'a>(document: &'a Object, name: &str) -> Result<Vec<&'a Object>, Fault> {
    let list = document.get(name).and_then(Value::as_array).ok_or_else(|| Fault::shape(name.to_owned(), "a list"))?;
    let object = |(nth, value): (usize, &'a Value)| {
        value.as_object().ok_or_else(|| Fault::shape(format!("{name}[{nth}]"), "an object"))
    };
    list.iter().enumerate().map(object).collect()
}

fn optional<'a>(document: &'a Object, name: &str) -> Result<Vec<&'a Object>, Fault> {
    if document.contains_key(name) { objects(document, name) } else { Ok(Vec::new()) }
}

fn below(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
