//! JSON with the liberties that people take. Must not know YAML and TOML.
//!
//! The tokens come from `jsonc-parser`. Its own parser is not used: it calls itself at every level, and has nothing to
//! show for a text with a mistake in it.

use super::{
    Fault, Input,
    node::{Kind, Node, Scalar, Style, Value},
    tree::{Builder, Collection},
    written::{self, Writing},
};
use crate::model::Span;
use jsonc_parser::{Scanner, ScannerOptions, tokens::Token};

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A key or a value, or the end of what they are in.
    Part,
    /// What stands between a key and its value.
    Colon,
    /// The value of a key.
    Value,
    /// What stands between parts. It may be missing.
    Comma,
}

/// Reads all of `input`.
pub(super) fn read(input: Input<'_>, tree: &mut Builder) -> Option<Fault> {
    let mut scanner = Scanner::new(input.text, &ScannerOptions::default());
    let mut state = State { input, tree, inside: Vec::new(), expected: Expected::Part };
    loop {
        let token = match scanner.scan() {
            Ok(Some(token)) => token,
            Ok(None) => return state.unfinished(),
            Err(error) => return Some(Fault::new(input.base + error.range().start, error.kind().to_string())),
        };
        let (start, end) = (scanner.token_start(), scanner.token_end());
        if let Err(message) = state.take(&token, Span::new(start, end)) {
            return Some(Fault::new(input.base + start, message));
        }
        if state.tree.is_full() {
            return Some(Fault::too_large(input.base + end));
        }
    }
}

struct State<'a> {
    input: Input<'a>,
    tree: &'a mut Builder,
    /// The collections around what comes next.
    inside: Vec<Collection>,
    expected: Expected,
}

impl State<'_> {
    /// What is missing at the end of the text.
    fn unfinished(&self) -> Option<Fault> {
        let message = match self.inside.last()? {
            Collection::Mapping => "an object is not closed",
            Collection::Sequence => "an array is not closed",
        };
        Some(Fault::new(self.input.base + self.input.text.len(), message))
    }

    /// Takes the token that stands at `place` of the text.
    fn take(&mut self, token: &Token<'_>, place: Span) -> Result<(), &'static str> {
        match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => {}
            Token::Comma if self.expected == Expected::Comma => self.expected = Expected::Part,
            Token::Colon if self.expected == Expected::Colon => self.expected = Expected::Value,
            Token::Comma => return Err("a comma where none belongs"),
            Token::Colon => return Err("a colon where none belongs"),
            _ if self.expected == Expected::Colon => return Err("a key without a colon after it"),
            Token::OpenBrace => self.open(Collection::Mapping, place)?,
            Token::OpenBracket => self.open(Collection::Sequence, place)?,
            Token::CloseBrace => self.close(Collection::Mapping, place)?,
            Token::CloseBracket => self.close(Collection::Sequence, place)?,
            Token::String(text) => self.add(quoted(text, place, self.input)),
            Token::Word(_) if !self.is_key() => return Err("a word without quotes"),
            Token::Word(_) => self.add_plain(Kind::String, place),
            Token::Number(_) => self.add_plain(Kind::Number, place),
            Token::Boolean(_) => self.add_plain(Kind::Bool, place),
            Token::Null => self.add_plain(Kind::Null, place),
        }
        Ok(())
    }

    /// Whether what comes next is a key.
    fn is_key(&self) -> bool {
        self.expected != Expected::Value && self.inside.last() == Some(&Collection::Mapping)
    }

    fn open(&mut self, collection: Collection, place: Span) -> Result<(), &'static str> {
        if self.is_key() {
            return Err("an object or an array where a key belongs");
        }
        self.tree.open(collection, self.input.base + place.start, None);
        self.inside.push(collection);
        self.expected = Expected::Part;
        Ok(())
    }

    fn close(&mut self, collection: Collection, place: Span) -> Result<(), &'static str> {
        if self.expected == Expected::Value || self.inside.last() != Some(&collection) {
            return Err("an end of what has not begun");
        }
        self.tree.close(Some(self.input.base + place.end));
        self.inside.pop();
        self.expected = Expected::Comma;
        Ok(())
    }

    fn add_plain(&mut self, kind: Kind, place: Span) {
        // A key is a string, whatever it looks like.
        let kind = if self.is_key() { Kind::String } else { kind };
        let scalar = Scalar::new(&self.input.text[place.range()], kind, Style::Plain, Vec::new());
        self.add(Node::new(place.shifted(self.input.base), Value::Scalar(scalar)));
    }

    fn add(&mut self, node: Node) {
        self.expected = if self.is_key() { Expected::Colon } else { Expected::Comma };
        self.tree.leaf(node);
    }
}

/// The string that stands at `place`, quotes included.
fn quoted(text: &str, place: Span, input: Input<'_>) -> Node {
    let within = Span::new(place.start + 1, place.end - 1);
    let span = within.shifted(input.base);
    let pieces = written::pieces(text, &input.text[within.range()], span.start, Writing::Json);
    Node::new(span, Value::Scalar(Scalar::new(text, Kind::String, Style::Quoted, pieces)))
}

#[cfg(test)]
mod tests {
    use super::super::{
        Parsed, json,
        tests::{check, found, outline},
    };
    use super::*;

    #[track_caller]
    fn read(file: &str) -> Parsed {
        let parsed = json(file.as_bytes());
        check(file.as_bytes(), &parsed);
        parsed
    }

    fn line_of_error(parsed: &Parsed) -> Option<usize> {
        parsed.error.as_ref().map(|error| error.line)
    }

    #[test]
    fn values_of_all_kinds() {
        let file = r#"{"a": "x", "b": 1.5e3, "c": true, "d": null, "e": [], "f": {}}"#;
        let parsed = read(file);
        assert_eq!(parsed.error, None);
        let root = &parsed.documents[0];
        let of = |key| root.get(key).and_then(Node::scalar).map(|scalar| (scalar.kind, &*scalar.text));
        assert_eq!(of("a"), Some((Kind::String, "x")));
        assert_eq!(of("b"), Some((Kind::Number, "1.5e3")));
        assert_eq!(of("c"), Some((Kind::Bool, "true")));
        assert_eq!(of("d"), Some((Kind::Null, "null")));
        let written = |key| root.get(key).map(|node| &file[node.span.range()]);
        assert_eq!(["a", "b", "e", "f"].map(written), ["x", "1.5e3", "[]", "{}"].map(Some));
        assert_eq!(&file[root.span.range()], file);
    }

    #[test]
    fn liberties_are_taken() {
        let file = "// c\n{a: 'x', /* \u{e9} */ \"b\": [1, 2,], true: +.5 \"c\": 0xF, 1: Infinity,} // d";
        let parsed = read(file);
        assert_eq!(parsed.error, None);
        assert_eq!(outline(&parsed), ["a=x", "b=1", "b=2", "true=+.5", "c=0xF", "1=Infinity"]);
        assert_eq!(found(file, &parsed, &["a"], "x"), (2, "x"));
    }

    #[test]
    fn words_in_escaped_texts_are_found() {
        let file = "{\"source\": [\n \"import os\\n\",\n \"key = \\\"$A\\\" \\u00e9\\ud83d\\udd11/\\/ $B\\n\"\n]}";
        let parsed = read(file);
        let cell = &parsed.documents[0].at(&["source"]).expect("cells").items()[1];
        let text = cell.text().expect("a text");
        assert_eq!(text, "key = \"$A\" \u{e9}\u{1f511}// $B\n");
        let written = |word: &str| {
            let at = text.find(word).expect("the word");
            &file[cell.locate(at..at + word.len()).range()]
        };
        assert_eq!(written("$A"), "$A");
        assert_eq!(written("\"$A\""), "\\\"$A\\\"");
        assert_eq!(written("\u{1f511}"), "\\ud83d\\udd11");
        assert_eq!(written("// $B"), "/\\/ $B");
        assert_eq!(written("\n"), "\\n");
        assert_eq!(cell.locate(5..5).len() + cell.locate(text.len()..text.len()).len(), 0);
        assert_eq!(cell.locate(text.len()..text.len()).start, cell.span.end);
    }

    #[test]
    fn escapes_that_only_json5_has() {
        let file = r#"['a\x41\v\0\q\
b']"#
            .replace("\\\\", "\\");
        let parsed = read(&file);
        assert_eq!(parsed.documents[0].items()[0].text(), Some("aA\u{b}\0qb"));
        let span = parsed.documents[0].items()[0].locate(1..2);
        assert_eq!(&file[span.range()], "\\x41");
    }

    #[test]
    fn a_mistake_costs_what_follows_it() {
        let parsed = read("{\"a\": {\"b\": 1,\n \"c\": [2, 3");
        assert_eq!(outline(&parsed), ["a.b=1", "a.c=2", "a.c=3"]);
        assert_eq!(line_of_error(&parsed), Some(2));
        for (file, kept) in [
            ("{\"a\": 1, \"b\"", "a=1|b="),
            ("{\"a\": 1, \"b\":}", "a=1|b="),
            ("{\"a\": 1, \"b: 2}", "a=1"),
            ("[1, ]]", "=1"),
            ("[1, }", "=1"),
            ("[1,, 2]", "=1"),
            ("[1, word]", "=1"),
            ("{\"a\": 1, {}: 2}", "a=1"),
            ("{\"a\": 1, : 2}", "a=1"),
            ("{\"a\": \"\\ud83d\"}", "a="),
            (":", ""),
        ] {
            let parsed = read(file);
            assert_eq!((outline(&parsed).join("|").as_str(), line_of_error(&parsed)), (kept, Some(1)), "{file}");
        }
    }

    #[test]
    fn lines_of_json_are_documents() {
        let parsed = read("{\"a\": 1}\n{\"a\": 2}\n[3]\n");
        assert_eq!((parsed.documents.len(), &parsed.error), (3, &None));
        assert_eq!(outline(&read("")), [""; 0]);
    }

    #[test]
    fn a_key_may_come_twice() {
        let parsed = read(r#"{"a": 1, "a": 2}"#);
        assert_eq!(parsed.documents[0].get("a").and_then(Node::text), Some("2"));
        assert_eq!(outline(&parsed), ["a=1", "a=2"]);
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(line_of_error(&read(&"[1,\n\n ?]".replace('\n', end))), Some(3));
        }
    }
}
