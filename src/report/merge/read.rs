//! A report read back: one document, or lines. Must not know what is done with it, or whether its parts are sound.

use super::Fault;
use serde_json::{Map, Value, de::SliceRead};

/// Lists of a document, with the type of their lines and the name by which the last line counts them.
pub(super) const LISTS: [(&str, &str); 6] = [
    ("findings", "finding"),
    ("hygiene", "hygiene"),
    ("suppressed", "suppressed"),
    ("suppressed_hygiene", "suppressed-hygiene"),
    ("problems", "problem"),
    ("notices", "notice"),
];
/// Where lines of a type that is not known are kept in a document.
pub(super) const LINES: &str = "lines";
/// What Windows may put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

type Stream<'a> = serde_json::StreamDeserializer<'a, SliceRead<'a>, Value>;

/// The report that `bytes` hold, as one document whichever way it is written.
pub(super) fn document(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut stream = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let first = next(&mut stream)?.ok_or(Fault::Empty)?;
    let Value::Object(first) = first else { return Err(Fault::Foreign) };
    if first.get("type").and_then(Value::as_str) == Some("scan") {
        return lines(first, stream);
    }
    if !first.contains_key("schema") {
        return Err(Fault::Foreign);
    }
    if next(&mut stream)?.is_some() { Err(Fault::Further) } else { Ok(first) }
}

fn next(stream: &mut Stream<'_>) -> Result<Option<Value>, Fault> {
    stream.next().transpose().map_err(|error| Fault::Syntax(error.to_string()))
}

fn lines(mut document: Map<String, Value>, mut stream: Stream<'_>) -> Result<Map<String, Value>, Fault> {
    document.remove("type");
    let mut lists: [Vec<Value>; LISTS.len()] = Default::default();
    let mut others = Vec::new();
    let mut nth = 1;
    let mut end = loop {
        let Some(value) = next(&mut stream)? else { return Err(Fault::Cut("it has no `end` line".to_owned())) };
        nth += 1;
        let Value::Object(mut line) = value else { return Err(Fault::shape(format!("entry {nth}"), "an object")) };
        let kind = line.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match LISTS.iter().position(|(_, known)| *known == kind) {
            Some(list) => {
                line.remove("type");
                lists[list].push(Value::Object(line));
            }
            None if kind == "end" => break line,
            None if kind == "scan" => return Err(Fault::Further),
            None if kind.is_empty() => return Err(Fault::shape(format!("entry {nth}.type"), "a text")),
            None => others.push(Value::Object(line)),
        }
    };
    if next(&mut stream)?.is_some() {
        return Err(Fault::Further);
    }
    count(end.remove("counts").as_ref(), &lists)?;
    end.remove("type");
    document.extend(end);
    for ((name, _), list) in LISTS.iter().zip(lists) {
        document.insert((*name).to_owned(), list.into());
    }
    if !others.is_empty() {
        document.insert(LINES.to_owned(), others.into());
    }
    Ok(document)
}

/// Whether there are as many lines as the last one says.
fn count(counts: Option<&Value>, lists: &[Vec<Value>]) -> Result<(), Fault> {
    for ((name, _), list) in LISTS.iter().zip(lists) {
        let said = counts.and_then(|counts| counts.get(name)?.as_u64());
        let said = said.ok_or_else(|| Fault::shape(format!("counts.{name}"), "a number"))?;
        if said != list.len() as u64 {
            return Err(Fault::Cut(format!("its `end` line counts {said} of `{name}`, and there are {}", list.len())));
        }
    }
    Ok(())
}
