//! What tools record of requests, and keep as a file: headers and all. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path,
    given::{self, Held},
    names::Names,
    syntax::{self, Node},
};

/// The lint.
pub(super) struct Recordings;

const RULE: &str = "recorded-key";

/// Endings of files that hold requests and answers, or what tests saw.
const ENDS: &[&str] = &[
    ".har",
    ".http",
    ".rest",
    ".bru",
    ".snap",
    ".ambr",
    ".log",
    ".postman_collection.json",
    ".postman_environment.json",
    ".postman_globals.json",
    "postman_collection.json",
    "postman_environment.json",
    "http-client.env.json",
    "http-client.private.env.json",
];

/// Folders of such files.
const FOLDERS: &[&str] = &[
    "cassettes",
    "vcr_cassettes",
    "vcr",
    "__recordings__",
    "recordings",
    "__snapshots__",
    "snapshots",
    "thunder-tests",
    "postman",
    "insomnia",
    ".insomnia",
    "bruno",
    "logs",
    "nock",
    "__nock__",
    "wiremock",
];

impl Lint for Recordings {
    fn rules(&self) -> &'static [&'static str] {
        &[RULE]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        let is_data = || matches!(path.extension(), "json" | "yaml" | "yml" | "txt" | "har" | "log" | "jsonl" | "xml");
        ENDS.iter().any(|end| path.ends(end)) || is_data() && (path.is_below(FOLDERS) || path.begins("insomnia"))
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let is_json = file.path.as_bytes().ends_with(b".json");
        let held = if is_json { in_pairs(file, ask.names) } else { given::keys(file, ask.names) };
        out.extend(held.into_iter().map(|held| held.said(RULE)));
    }
}

/// The keys in what clients for requests keep: a variable there is an object that has a name and a value.
fn in_pairs(file: &File<'_>, names: &Names) -> Vec<Held> {
    let mut held = Vec::new();
    for document in &syntax::json(file.bytes).documents {
        look(file, names, document, &mut held);
    }
    held.sort_by_key(|held| held.span);
    held.dedup_by(|b, a| a.span.overlaps(b.span));
    given::with_others(file, held)
}

// No tree is deeper than its reader made it.
fn look(file: &File<'_>, names: &Names, node: &Node, held: &mut Vec<Held>) {
    let pair = || {
        let name = node.get("key").or_else(|| node.get("name"))?.text()?;
        Some((name, node.get("value")?))
    };
    let pair = pair();
    for (name, value) in node.entries().map(|(name, _, value)| (name, value)).chain(pair) {
        let text = value.text().unwrap_or_default();
        if value.scalar().is_some() && names.is_key(name) && given::is_literal(file, text.as_bytes(), value.span) {
            held.push(Held { span: value.span, name: Some(name.to_owned()) });
        }
        if value.scalar().is_none() {
            look(file, names, value, held);
        }
    }
    node.items().iter().for_each(|item| look(file, names, item, held));
}
