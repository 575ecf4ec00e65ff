//! Notebooks: keys in their cells, and in what the cells said. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path,
    given::{self, Given},
    names::Names,
    syntax::{self, Node},
};
use crate::model::Span;

/// The lint.
pub(super) struct Notebook;

const SOURCE: &str = "notebook-key-in-source";
const OUTPUT: &str = "notebook-key-in-output";
const SETS: &str = "notebook-sets-key";

/// What sets a variable for the rest of a notebook, or seems to.
const SETTERS: &[&str] = &["%env ", "%set_env ", "!export ", "! export ", "!set ", "!setx ", "%export "];

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
