//! Notebooks: keys in their cells, and in what the cells said. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path,
    given::{self, Given},
    names::Names,
    syntax::{self, Node},
};
use crate::{matcher::may_hold_key, model::Span};

/// The lint.
pub(super) struct Notebook;

const SOURCE: &str = "notebook-key-in-source";
const OUTPUT: &str = "notebook-key-in-output";
const SETS: &str = "notebook-sets-key";

/// What sets a variable for the rest of a notebook, or seems to.
const SETTERS: &[&str] = &["%env ", "%set_env ", "!export ", "! export ", "!set ", "!setx ", "%export "];

/// How far after a name it is looked for what it is given, in bytes.
const FURTHER: usize = 2048;

/// How far back it is looked for what a key is part of, in a notebook that cannot be read, in bytes.
const BACK: usize = 1 << 16;

impl Lint for Notebook {
    fn rules(&self) -> &'static [&'static str] {
        &[SOURCE, OUTPUT, SETS]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        matches!(path.extension(), "ipynb" | "Rmd" | "rmd" | "qmd")
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        if !file.path.as_bytes().ends_with(b".ipynb") {
            return written(file, ask.names, out);
        }
        // Most notebooks have nothing in them that is told, but images, which take long to read.
        if file.keys.is_empty() && !may_give_key(file, ask.names) {
            return;
        }
        let mut seen = Seen { file, names: ask.names, parts: Vec::new(), out };
        for document in &syntax::json(file.bytes).documents {
            seen.notebook(document);
        }
        seen.keys();
    }
}

/// A part of a notebook.
struct Part {
    span: Span,
    rule: &'static str,
    what: String,
}

struct Seen<'a> {
    file: &'a File<'a>,
    names: &'a Names,
    /// Those looked at, in order.
    parts: Vec<Part>,
    out: &'a mut Vec<Diagnostic>,
}

impl Seen<'_> {
    fn notebook(&mut self, notebook: &Node) {
        let mut number = 0;
        // Before version 4 the cells were on sheets.
        let sheets = notebook.get("worksheets").map(Node::items).unwrap_or_default();
        for cell in [notebook].into_iter().chain(sheets).filter_map(|sheet| sheet.get("cells")).flat_map(Node::items) {
            number += 1;
            self.cell(cell, number);
        }
        if let Some(metadata) = notebook.get("metadata") {
            self.part(metadata, OUTPUT, "metadata of the notebook".to_owned());
        }
    }

    fn part(&mut self, node: &Node, rule: &'static str, what: String) {
        self.parts.push(Part { span: node.span, rule, what });
    }

    fn cell(&mut self, cell: &Node, number: usize) {
        for (name, _, node) in cell.entries() {
            match name {
                "source" | "input" => self.source(node, number),
                "outputs" => self.part(node, OUTPUT, format!("cell {number}, output")),
                "metadata" | "attachments" => self.part(node, OUTPUT, format!("cell {number}, {name}")),
                _ => {}
            }
        }
    }

    /// A source is one text, or its lines.
    fn source(&mut self, source: &Node, number: usize) {
        let texts = if source.items().is_empty() { std::slice::from_ref(source) } else { source.items() };
        let first = texts.first().and_then(Node::text).unwrap_or_default();
        let is_shell =
            ["%%bash", "%%sh", "%%script", "%%zsh"].iter().any(|magic| first.trim_start().starts_with(magic));
        for node in texts {
            let mut start = 0;
            for line in node.text().unwrap_or_default().split_inclusive('\n') {
                self.line(node, Span::new(start, start + line.len()), line, (number, is_shell));
                start += line.len();
            }
        }
        self.part(source, SOURCE, format!("cell {number}, source"));
    }

    /// A line of a cell, which is at `at` of the text of `node`.
    fn line(&mut self, node: &Node, at: Span, line: &str, (number, is_shell): (usize, bool)) {
        let trimmed = line.trim_start();
        let sets = SETTERS.iter().any(|start| trimmed.starts_with(start)) || is_shell && trimmed.starts_with("export ");
        if sets {
            let span = node.locate(at.start..at.end);
            self.part_of_line(span, format!("cell {number}, {}", trimmed.split(' ').next().unwrap_or_default()));
        }
        let rule = if sets { SETS } else { SOURCE };
        let what = if sets { "sets a key" } else { "source" };
        for Given { value, .. } in given::given(line.as_bytes(), self.names) {
            let span = node.locate(at.start + value.start..at.start + value.end);
            // What rules know is told as they see it.
            if !self.file.has_key(span) && given::is_literal(self.file, &line.as_bytes()[value.range()], span) {
                self.out.push(Diagnostic { rule, span, what: Some(format!("cell {number}, {what}")) });
            }
        }
    }

    fn part_of_line(&mut self, span: Span, what: String) {
        self.parts.push(Part { span, rule: SETS, what });
    }

    /// The keys that rules know, each by the first part that it is in.
    fn keys(mut self) {
        // A line that sets a key lies in the source of its cell, and goes before it.
        self.parts.sort_by_key(|part| (part.span.end, part.span.start));
        let mut next = 0;
        for key in self.file.keys {
            while self.parts.get(next).is_some_and(|part| part.span.end <= key.span.start) {
                next += 1;
            }
            let part = self.parts.get(next).filter(|part| part.span.overlaps(key.span));
            let (rule, what) = match part {
                Some(part) => (part.rule, part.what.clone()),
                None => (guess(&self.file.bytes[..key.span.start]), "not in a cell that can be read".to_owned()),
            };
            self.out.push(Diagnostic { rule, span: key.span, what: Some(what) });
        }
    }
}

/// Whether any text in a notebook gives a key to the name of one, wherever it stands.
fn may_give_key(file: &File<'_>, names: &Names) -> bool {
    given::names_in(file.bytes, names).any(|name| is_given_key(file, name, names))
}

/// Whether the `name` is given one. The letter of an escape may stand before it: `\nopenai_key`.
fn is_given_key(file: &File<'_>, name: Span, names: &Names) -> bool {
    let is_escape = file.bytes[..name.start].ends_with(b"\\");
    let end = file.bytes.len().min(name.end + FURTHER);
    [name.start, name.start + 1].into_iter().take(1 + usize::from(is_escape)).any(|start| {
        let line = line_of(&file.bytes[start..end]);
        let is_key = |given: Given| given::is_literal(file, &line[given.value.range()], given.value);
        may_hold_key(&line) && given::given(&line, names).any(is_key)
    })
}

/// What `json`, which begins within a text, says up to the end of a line or of the text.
fn line_of(json: &[u8]) -> Vec<u8> {
    let (mut line, mut rest) = (Vec::new(), json);
    loop {
        let len = memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
        line.extend(&rest[..len]);
        let (byte, after) = match &rest[len..] {
            [b'\\', b'u', a, b, c, d, after @ ..] => (letter([*a, *b, *c, *d]), after),
            [b'\\', b't' | b'r' | b'b' | b'f', after @ ..] => (b' ', after),
            [b'\\', byte, after @ ..] if *byte != b'n' => (*byte, after),
            _ => return line,
        };
        line.push(byte);
        rest = after;
    }
}

/// What these four digits stand for; for all that names and keys are not made of, some such byte.
fn letter(digits: [u8; 4]) -> u8 {
    let code = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
    code.unwrap_or(u8::MAX)
}

/// What a key is part of that stands after `before`, in a notebook that cannot be read.
fn guess(before: &[u8]) -> &'static str {
    let near = &before[before.len().saturating_sub(BACK)..];
    let last = |word: &[u8]| memchr::memmem::rfind(near, word);
    let output = last(b"\"outputs\"").max(last(b"\"metadata\""));
    if output > last(b"\"source\"") { OUTPUT } else { SOURCE }
}

/// Markdown with code in it.
fn written(file: &File<'_>, names: &Names, out: &mut Vec<Diagnostic>) {
    let mut fences = memchr::memmem::find_iter(file.bytes, "\n```").peekable();
    let mut is_code = file.bytes.starts_with(b"```");
    for held in given::keys(file, names) {
        while fences.next_if(|at| *at < held.span.start).is_some() {
            is_code = !is_code;
        }
        let what = if is_code { "code" } else { "text" };
        out.push(Diagnostic { rule: SOURCE, span: held.span, what: Some(what.to_owned()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Text,
        rule::{Speech, expand},
    };
    use proptest::prelude::*;
    use std::sync::OnceLock;

    static NAMES: OnceLock<Names> = OnceLock::new();

    proptest! {
        #[test]
        fn no_key_is_missed_at_a_glance(
            parts in prop::collection::vec(prop::sample::select(&[
                "OPENAI_API_KEY", "openai.api-key", "openai", "key", "n", "=", ": ", " ", "\"", "'", "\\", "\n", "\t", "\r",
                "VALUE", "VALUE", ", ", "\u{e9}", "`", "(",
            ][..]), 0..24),
            in_lines: bool,
            is_spread: bool,
        ) {
            let value = expand("{alnum:40}", 1).expect("a generator").text;
            let source = parts.concat().replace("VALUE", &value);
            let lines: Vec<&str> = source.split_inclusive('\n').collect();
            let source = if in_lines { serde_json::json!(lines) } else { serde_json::json!(source) };
            let notebook = serde_json::json!({ "cells": [{ "cell_type": "code", "source": source }] });
            let text = if is_spread { serde_json::to_string_pretty(&notebook) } else { serde_json::to_string(&notebook) };
            let text = text.expect("a notebook");
            let speech = Speech { words: vec!["openai".to_owned()], variables: Vec::new() };
            let names = NAMES.get_or_init(|| Names::of(&speech));
            let path = Text::from("a.ipynb");
            let file = File { path: &path, bytes: text.as_bytes(), keys: &[] };
            let mut out = Vec::new();
            let mut seen = Seen { file: &file, names, parts: Vec::new(), out: &mut out };
            syntax::json(file.bytes).documents.iter().for_each(|document| seen.notebook(document));
            prop_assert!(out.is_empty() || may_give_key(&file, names), "{text}");
        }
    }
}
