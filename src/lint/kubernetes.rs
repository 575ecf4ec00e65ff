//! Keys in what Kubernetes is told: ConfigMaps, Secrets, environments of pods, values of Helm charts. Must not know how
//! values are told from references.
//!
//! Templates of Helm are no YAML until they are filled in. What is between their braces is blanked before they are read.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    assigned::{Assigned, UNREAD},
    compose::is_compose,
    literal::Value,
    syntax::{self, Node},
    workflow::is_workflow,
};
use data_encoding::{BASE64, BASE64_NOPAD};
use std::borrow::Cow;

/// The lint.
pub(super) struct Kubernetes;

const INLINE: &str = "kubernetes-inline-key";

/// Kinds that hold no key, but where to get one, or one that only the cluster can read.
const SAFE: &[&str] = &[
    "SealedSecret",
    "ExternalSecret",
    "ClusterExternalSecret",
    "PushSecret",
    "SecretStore",
    "ClusterSecretStore",
    "SecretProviderClass",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "OnePasswordItem",
    "InfisicalSecret",
    "DopplerSecret",
    "SopsSecret",
];
/// No longer text in base64 is taken for a key's.
const LONGEST: usize = 16 << 10;

impl Lint for Kubernetes {
    fn rules(&self) -> &'static [&'static str] {
        &[INLINE, UNREAD]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        matches!(path.extension(), "yml" | "yaml") && !is_compose(path) && !is_workflow(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let has = |word: &str| memchr::memmem::find(file.bytes, word.as_bytes()).is_some();
        let path = file.name();
        let is_values = is_values(Path::of(&path));
        let is_object = has("apiVersion") && has("kind");
        // A secret in base64 has no word of anybody in it.
        let may_hold = ask.speaks || !file.keys.is_empty() || has("Secret");
        if !(is_values || is_object) || !may_hold {
            return;
        }
        let text = without_templates(file.bytes);
        let parsed = syntax::yaml(&text);
        let keys = Assigned { file, ask, rule: INLINE };
        for document in &parsed.documents {
            if document.get("kind").is_some() && document.get("apiVersion").is_some() {
                object(&keys, document, out);
            } else if is_values && document.get("sops").is_none() {
                keys.tree(document, "", out);
            }
        }
        let is_safe = SAFE.iter().any(|kind| has(kind)) || has("sops:");
        // Of a template more than that is not to be understood.
        let is_template = matches!(text, Cow::Owned(_));
        if !is_safe {
            let from = out.len();
            keys.rest(&parsed, out);
            if is_template {
                let said = out.split_off(from);
                out.extend(said.into_iter().filter(|said| said.rule != UNREAD));
            }
        }
    }
}

/// Whether the file is called as those are that give values to a chart.
fn is_values(path: Path<'_>) -> bool {
    let stem = path.name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let is_word = |part: &str| part == "values";
    stem.split(['-', '_', '.']).any(is_word)
}

/// Speaks of one object, or of each that a list has.
fn object(keys: &Assigned<'_, '_>, object: &Node, out: &mut Vec<Diagnostic>) {
    let kind = object.get("kind").and_then(Node::text).unwrap_or_default();
    if SAFE.contains(&kind) || object.get("sops").is_some() {
        return;
    }
    match kind {
        "List" => {
            let items = object.get("items").map(Node::items).unwrap_or_default();
            items.iter().for_each(|item| self::object(keys, item, out));
        }
        "Secret" => {
            for (name, _, value) in object.get("data").into_iter().flat_map(Node::entries) {
                encoded(keys, name, value, out);
            }
            object.get("stringData").into_iter().for_each(|data| keys.tree(data, "", out));
        }
        _ => keys.tree(object, "", out),
    }
}

/// Speaks of what is in base64 under `name`.
fn encoded(keys: &Assigned<'_, '_>, name: &str, value: &Node, out: &mut Vec<Diagnostic>) {
    let Some(text) = value.text().filter(|text| text.len() <= LONGEST) else { return };
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let Ok(decoded) = BASE64.decode(&text).or_else(|_| BASE64_NOPAD.decode(&text)) else {
        return keys.tree(value, name, out);
    };
    let is_literal = || keys.ask.names.is_key(name) && Value::of(&String::from_utf8_lossy(&decoded)) == Value::Literal;
    if is_literal() || keys.ask.has_key(&decoded) {
        out.push(Diagnostic { rule: INLINE, span: value.span, what: Some(format!("{name} in base64")) });
    }
}

/// `bytes` with what is between double braces blanked, so that the rest stands where it stood: as a word within a line, and
/// as nothing where it is all of one.
fn without_templates(bytes: &[u8]) -> Cow<'_, [u8]> {
    /// Stands for what was blanked, until it is known what else is on its line.
    const BLANKED: u8 = 1;
    if memchr::memmem::find(bytes, b"{{").is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut text = bytes.to_vec();
    let mut at = 0;
    while let Some(open) = memchr::memmem::find(&bytes[at..], b"{{").map(|open| at + open) {
        let Some(close) = memchr::memmem::find(&bytes[open..], b"}}").map(|close| open + close + 2) else { break };
        text[open..close].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = BLANKED);
        at = close;
    }
    for line in text.split_mut(|byte| *byte == b'\n') {
        let is_all = line.iter().all(|byte| *byte == BLANKED || byte.is_ascii_whitespace());
        let mark = if is_all { b' ' } else { b'x' };
        line.iter_mut().filter(|byte| **byte == BLANKED).for_each(|byte| *byte = mark);
    }
    Cow::Owned(text)
}
