//! A report as if its scan had been started one directory further up, where what it scanned has a name: several that
//! call their repository `.` are told apart so. Must not know how reports are joined.

use super::join::Object;
use serde_json::{Map, Value};

/// Puts `name` before every path of `document` that starts where the scan was started.
pub(super) fn place(document: &mut Object, name: &str) {
    for repository in list(document, "repositories") {
        for field in ["name", "folder"] {
            rename(repository, field, name);
        }
    }
    for field in ["findings", "hygiene"] {
        list(document, field).for_each(|found| places(found, name));
    }
    for (field, inner) in [("suppressed", "finding"), ("suppressed_hygiene", "hygiene")] {
        let found = list(document, field).filter_map(|entry| entry.get_mut(inner)?.as_object_mut());
        found.for_each(|found| places(found, name));
    }
}

/// Paths of files that are in no repository.
fn places(found: &mut Object, name: &str) {
    let alone = list(found, "places").filter(|place| place.get("repository").is_none_or(Value::is_null));
    alone.filter_map(|place| place.get_mut("site")?.as_object_mut()).for_each(|site| rename(site, "path", name));
}

fn list<'a>(object: &'a mut Object, field: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> + use<'a> {
    let list = object.get_mut(field).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn rename(object: &mut Object, field: &str, name: &str) {
    let Some(path) = object.get(field).and_then(Value::as_str) else { return };
    let Some((joint, skipped)) = joint(path) else { return };
    let before = format!("{name}{joint}");
    let text = format!("{before}{}", &path[skipped..]);
    let bytes = format!("{field}_bytes");
    if let Some(hex) = object.get(&bytes).and_then(Value::as_str) {
        let hex = data_encoding::HEXLOWER.encode(before.as_bytes()) + hex.get(2 * skipped..).unwrap_or_default();
        object.insert(bytes, hex.into());
    }
    object.insert(field.to_owned(), text.into());
}

/// What stands between a name and the rest of `path`, and how much of that is not said any more. None if `path` starts
/// from nowhere in particular.
fn joint(path: &str) -> Option<(&'static str, usize)> {
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with(['/', '\\']) || is_drive {
        return None;
    }
    match path.strip_prefix('.') {
        _ if path.is_empty() => Some(("", 0)),
        // `. (submodule lib)`
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => Some(("", 1)),
        Some(rest) if rest.starts_with('/') => Some(("/", 2)),
        _ => Some(("/", 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_start_at_the_name() {
        let of = |path: &str| {
            let mut object = Map::from_iter([("path".to_owned(), path.into())]);
            rename(&mut object, "path", "api");
            object["path"].as_str().expect("text").to_owned()
        };
        for (path, expected) in [
            (".", "api"),
            ("", "api"),
            ("./b", "api/b"),
            ("a/b", "api/a/b"),
            ("../b", "api/../b"),
            (".env", "api/.env"),
            (". (submodule lib)", "api (submodule lib)"),
            ("/a", "/a"),
            ("C:\\a", "C:\\a"),
        ] {
            assert_eq!(of(path), expected);
        }
    }

    #[test]
    fn bytes_are_those_of_the_path() {
        let mut object =
            json!({ "path": "./\u{fffd}", "path_bytes": "2e2fe9" }).as_object().cloned().expect("an object");
        rename(&mut object, "path", "a");
        assert_eq!(Value::Object(object), json!({ "path": "a/\u{fffd}", "path_bytes": "612fe9" }));
    }
}
