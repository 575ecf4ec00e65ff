//! Keys written into a tree of values: under the name of a key, in a list of `NAME=value`, in a text of several lines, and
//! wherever a rule knows one. Must not know what a file is for.

use super::{
    Ask, Diagnostic, File,
    literal::Value,
    syntax::{Node, Parsed, Value as Tree},
};
use crate::model::Span;
use std::ops::Range;

/// What is said where a file could not be read to its end.
pub(super) const UNREAD: &str = "file-not-understood";
/// No more of a name is told.
const LONGEST: usize = 48;

/// Looks for keys in one file, for one lint.
#[derive(Clone, Copy)]
pub(super) struct Assigned<'r, 'a> {
    pub(super) file: &'r File<'a>,
    pub(super) ask: Ask<'r>,
    pub(super) rule: &'static str,
}

impl Assigned<'_, '_> {
    /// Speaks of every key written into `node`, which is the value of `name`.
    pub(super) fn tree(&self, node: &Node, name: &str, out: &mut Vec<Diagnostic>) {
        match &node.value {
            Tree::Scalar(_) => self.scalar(node, name, name, out),
            Tree::Sequence(items) => items.iter().for_each(|item| self.tree(item, name, out)),
            Tree::Mapping(_) => {
                self.pair(node, out);
                for (key, _, value) in node.entries() {
                    if value.scalar().is_some() {
                        self.scalar(value, key, &format!("{name}.{key}"), out);
                    } else {
                        self.tree(value, key, out);
                    }
                }
            }
            Tree::Alias => {}
        }
    }

    /// `name: OPENAI_API_KEY` beside `value: …`.
    fn pair(&self, node: &Node, out: &mut Vec<Diagnostic>) {
        let name = node.get("name").or_else(|| node.get("key")).and_then(Node::text);
        if let (Some(name), Some(value)) = (name, node.get("value"))
            && self.ask.names.is_key(name)
        {
            self.scalar(value, name, name, out);
        }
    }

    /// What is given to `name`, called `path` by those who know where it stands.
    fn scalar(&self, node: &Node, name: &str, path: &str, out: &mut Vec<Diagnostic>) {
        let Some(text) = node.text() else { return };
        if self.known(node.span, Some(name), out) {
            return;
        }
        let is_key = self.ask.names.is_key(name) || self.ask.names.is_key(path);
        if is_key && self.is_literal(node, text) {
            return self.say(node.span, name, out);
        }
        for (name, value) in lines(text) {
            let given = &text[value.clone()];
            if self.ask.names.is_key(&text[name.clone()]) && Value::of(given) == Value::Literal {
                self.say(node.locate(value), &text[name], out);
            }
        }
    }

    /// Whether the value opens something, as it is written and as it is meant.
    fn is_literal(&self, node: &Node, text: &str) -> bool {
        let written = self.file.bytes.get(node.span.range()).unwrap_or_default();
        Value::of(text) == Value::Literal && self.file.value_of(written, node.span) != Value::Reference
    }

    fn say(&self, span: Span, name: &str, out: &mut Vec<Diagnostic>) {
        let what: String = name.chars().take(LONGEST).collect();
        out.push(Diagnostic { rule: self.rule, span, what: Some(what) });
    }

    /// Speaks of the keys in `span` that a rule knows.
    fn known(&self, span: Span, name: Option<&str>, out: &mut Vec<Diagnostic>) -> bool {
        let first = self.file.keys.partition_point(|key| key.span.end <= span.start);
        let mut any = false;
        for key in self.file.keys[first..].iter().take_while(|key| key.span.start < span.end) {
            match name {
                Some(name) => self.say(key.span, name, out),
                None => out.push(Diagnostic { rule: self.rule, span: key.span, what: None }),
            }
            any = true;
        }
        any
    }

    /// Speaks of what can be seen behind the place up to which `parsed` was read, a line at a time, and notes that there is
    /// such a place if that matters.
    pub(super) fn rest(&self, parsed: &Parsed, out: &mut Vec<Diagnostic>) {
        let Some(error) = &parsed.error else { return };
        let bytes = self.file.bytes;
        let mut at = line_start(bytes, error.line);
        let mut first = None;
        while at < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            let line = String::from_utf8_lossy(&bytes[at..end]);
            // What is no text is longer as it is shown than as it stands.
            let is_exact = line.len() == end - at;
            if is_exact && !line.trim_start().starts_with('#') {
                if self.known(Span::new(at, end), None, out) {
                    first = first.or(Some(Span::new(at, end)));
                } else if let Some((name, value)) = entry(&line, 0..line.len())
                    && self.ask.names.is_key(&line[name.clone()])
                {
                    first = first.or(Some(Span::new(at + name.start, at + name.end)));
                    if Value::of(&line[value.clone()]) == Value::Literal {
                        self.say(Span::new(at + value.start, at + value.end), &line[name], out);
                    }
                }
            }
            at = end + 1;
        }
        if let Some(span) = first {
            let what = format!("not understood from line {} on", error.line);
            out.push(Diagnostic { rule: UNREAD, span, what: Some(what) });
        }
    }
}

/// Where the line begins that has this number, counted from one.
fn line_start(bytes: &[u8], line: usize) -> usize {
    let before = line.checked_sub(2);
    before.map_or(0, |before| memchr::memchr_iter(b'\n', bytes).nth(before).map_or(bytes.len(), |at| at + 1))
}

/// The name and the value of each line of `text` that gives one.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        at += line.len();
        at - line.len()..at
    });
    lines.filter_map(|line| entry(text, line))
}

/// The name and the value that `line` of `text` gives: `NAME=value`, `export NAME="value"`, `- name: value`.
fn entry(text: &str, line: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    const BEFORE: [&str; 8] = ["- ", "export ", "set ", "ENV ", "ARG ", "-e ", "$env:", "\""];
    let whole = &text[line.clone()];
    let mut rest = whole.trim_start();
    while let Some(after) = BEFORE.iter().find_map(|before| rest.strip_prefix(before)) {
        rest = after.trim_start_matches([' ', '\'', '"']);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = rest.find(|c| !is_name(c))?;
    let name = line.end - rest.len()..line.end - rest.len() + name;
    let after = text[name.end..line.end].trim_start_matches(['"', '\'', ' ']);
    let value = after.strip_prefix(['=', ':'])?.trim_start_matches([' ', '"', '\'']);
    let len =
        value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '#' | ',')).unwrap_or(value.len());
    let start = line.end - value.len();
    (!name.is_empty() && len > 0).then(|| (name, start..start + len))
}
