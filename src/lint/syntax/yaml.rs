//! YAML. Must not know JSON and TOML.
//!
//! `saphyr-parser` says what stands in a document, in the order of the file and without calling itself. Each document is
//! given to a parser of its own, so that a mistake in one costs only what follows it there.

use super::{
    Fault, Input, TOO_LARGE,
    node::{Kind, Node, Scalar, Style, Value},
    tree::{Builder, Collection},
    written::{self, Writing, breaks, is_space, run_of},
};
use crate::model::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marked, Tag};
use std::borrow::Cow;

/// How large a document may be. The parser keeps all of what is in brackets before it tells any of it.
const MAX_DOCUMENT: usize = 4 << 20;

/// How often a document is read once more without a line break that the parser minds.
const MAX_ATTEMPTS: usize = 64;

/// Reads every document of `input`.
pub(super) fn read(input: Input<'_>, tree: &mut Builder) -> Option<Fault> {
    let mut first = None;
    for document in documents(input) {
        let fault = Document::new(document, tree).read();
        tree.close_all();
        first = first.or(fault);
        if tree.is_full() {
            break;
        }
    }
    first
}

/// The parts of `input` that can be read each by itself. A line that begins with `---` begins a document, and so does
/// what follows a line with `...`, wherever they stand.
fn documents(input: Input<'_>) -> Vec<Input<'_>> {
    let Input { text, base } = input;
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Before a document there may be comments and directives, which belong to it.
    let mut has_begun = false;
    while at < text.len() {
        let end = breaks(&text[at..]).next().map_or(text.len(), |line_break| at + line_break.end);
        let line = &text[at..end];
        let cut = if is_marker(line, "...") {
            Some(end)
        } else if has_begun && is_marker(line, "---") {
            Some(at)
        } else {
            None
        };
        if !has_begun && line.starts_with('%') && !line.is_ascii() {
            // No directive that matters; the parser counts the bytes of such a line, and not its characters.
            start = end;
        }
        if let Some(cut) = cut {
            out.push(Input { text: &text[start..cut], base: base + start });
            start = cut;
        }
        has_begun = match cut {
            Some(cut) => cut < end,
            None => has_begun || !(line.trim_start().is_empty() || line.starts_with(['#', '%'])),
        };
        at = end;
    }
    out.push(Input { text: &text[start..], base: base + start });
    out
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(is_space))
}

/// A document being read.
struct Document<'a> {
    input: Input<'a>,
    offsets: Offsets<'a>,
    tree: &'a mut Builder,
}

impl<'a> Document<'a> {
    fn new(input: Input<'a>, tree: &'a mut Builder) -> Self {
        Self { input, offsets: Offsets::new(input.text), tree }
    }

    fn read(&mut self) -> Option<Fault> {
        let Input { text, base } = self.input;
        if text.len() > MAX_DOCUMENT {
            return Some(Fault::too_large(base));
        }
        let before = self.tree.mark();
        let mut text = Cow::Borrowed(text);
        let attempts = (MAX_DOCUMENT / text.len().max(1)).min(MAX_ATTEMPTS);
        for _ in 0..attempts {
            let (at, message) = self.attempt(&text)?;
            let Some(joined) = joined(&text, at, &message) else { return Some(Fault::new(base + at, message)) };
            self.tree.undo(before);
            text = Cow::Owned(joined);
        }
        self.attempt(&text).map(|(at, message)| Fault::new(base + at, message))
    }

    /// Reads `text`; says where that went wrong, and how.
    fn attempt(&mut self, text: &str) -> Option<(usize, String)> {
        for event in Parser::new_from_str(text) {
            match event {
                Ok((event, marked)) => self.take(event, marked),
                Err(error) => return Some((self.offsets.of(error.marker().index()), error.info().to_owned())),
            }
            if self.tree.is_full() {
                return Some((0, TOO_LARGE.to_owned()));
            }
        }
        None
    }

    fn take(&mut self, event: Event<'_>, marked: Marked) {
        let place = Span::new(self.offsets.of(marked.start.index()), self.offsets.of(marked.end.index()));
        let start = place.start + self.input.base;
        match event {
            Event::SequenceStart(_, tag) => {
                self.tree.open(Collection::Sequence, start, tag.map(|tag| written_tag(&tag)))
            }
            Event::MappingStart(_, tag) => self.tree.open(Collection::Mapping, start, tag.map(|tag| written_tag(&tag))),
            Event::SequenceEnd | Event::MappingEnd => {
                // Only a bracket has a length. The rest ends with its last part.
                self.tree.close((!place.is_empty()).then_some(place.end + self.input.base));
            }
            Event::Alias(_) => self.tree.leaf(Node::new(place.shifted(self.input.base), Value::Alias)),
            Event::Scalar(text, style, anchor, tag) => {
                let has_properties = anchor > 0 || tag.is_some();
                let mut node = self.scalar(&text, style, place, has_properties);
                node.tag = tag.map(|tag| written_tag(&tag));
                if let (Some("!!str"), Value::Scalar(scalar)) = (node.tag.as_deref(), &mut node.value) {
                    scalar.kind = Kind::String;
                }
                self.tree.leaf(node);
            }
            _ => {}
        }
    }

    /// The scalar that the parser saw at `place`, which begins with its tag and anchor.
    fn scalar(&self, text: &str, style: ScalarStyle, place: Span, has_properties: bool) -> Node {
        let all = self.input.text;
        let start = if has_properties { after_properties(all, place) } else { place.start };
        let (writing, style, within) = match style {
            ScalarStyle::Plain if text.is_empty() => (Writing::Bare, Style::Plain, Span::new(start, start)),
            ScalarStyle::Plain => (Writing::Bare, Style::Plain, Span::new(start, place.end.max(start))),
            ScalarStyle::SingleQuoted => (Writing::Single, Style::Quoted, within_quotes(all, start)),
            ScalarStyle::DoubleQuoted => (Writing::Double, Style::Quoted, within_quotes(all, start)),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = if has_properties { after_header(all, start) } else { first_line(all, start) };
                (Writing::Bare, Style::Block, Span::new(start, place.end.max(start)))
            }
        };
        let source = &all[within.range()];
        let mut span = within.shifted(self.input.base);
        let pieces = written::pieces(text, source, span.start, writing);
        if style == Style::Block {
            // Without what indents it, and without empty lines that its text does not have.
            let lines = written::extent(&pieces);
            span = lines.unwrap_or(Span::new(span.start, span.start + text.len()));
        }
        let kind = if style == Style::Plain { kind_of(text) } else { Kind::String };
        Node::new(span, Value::Scalar(Scalar::new(text, kind, style, pieces)))
    }
}

/// `text` without the line breaks before `at`, if that is what the parser minds: within brackets it wants lines to be
/// indented, closing ones included, and no other reader does. As many characters as before, so that places stay right.
fn joined(text: &str, at: usize, message: &str) -> Option<String> {
    let rest = text.get(at..)?;
    let content = text[..at].trim_end_matches(is_space);
    let is_in_brackets = rest.starts_with([']', '}', ',']) || content.ends_with(['[', '{', ',']);
    let is_minded =
        message == "invalid indentation in flow construct" || message == "invalid indentation" && is_in_brackets;
    let last = content.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    // A comment would swallow what follows.
    if !is_minded || content[last..].contains('#') || breaks(&text[content.len()..at]).next().is_none() {
        return None;
    }
    let blank = " ".repeat(at - content.len());
    Some([content, &blank, rest].concat())
}

/// Where the value begins that has a tag, an anchor or both before it.
fn after_properties(text: &str, place: Span) -> usize {
    let mut at = place.start;
    while at < place.end {
        let rest = &text[at..place.end];
        at += match rest.as_bytes()[0] {
            b'&' | b'!' => run_of(rest, |c| !is_space(c)),
            b'#' => breaks(rest).next().map_or(rest.len(), |line_break| line_break.start),
            b' ' | b'\t' | b'\r' | b'\n' => run_of(rest, is_space),
            _ => return at,
        };
    }
    place.end
}

/// What is between the quote at `start` and its fellow.
fn within_quotes(text: &str, start: usize) -> Span {
    let bytes = text.as_bytes();
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            _ if byte == quote => break,
            _ => {}
        }
        at += 1;
    }
    let end = at.min(text.len());
    Span::new((start + 1).min(end), end)
}

/// The start of the line after the `|` or `>` at `start`.
fn after_header(text: &str, start: usize) -> usize {
    breaks(&text[start..]).next().map_or(text.len(), |line_break| start + line_break.end)
}

/// The start of the line after the `|` or `>` that is followed by nothing but white space up to `content`.
fn first_line(text: &str, content: usize) -> usize {
    let blank = text[..content].trim_end_matches(is_space).len();
    breaks(&text[blank..content]).next().map_or(content, |line_break| blank + line_break.end)
}

/// The tag as people write it.
fn written_tag(tag: &Tag) -> Box<str> {
    let handle = if tag.is_yaml_core_schema() { "!!" } else { &tag.handle };
    format!("{handle}{}", tag.suffix).into()
}

/// What a plain scalar is by the core schema of YAML 1.2. `yes` and `on` are strings.
fn kind_of(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
        _ if is_number(text) => Kind::Number,
        _ => Kind::String,
    }
}

fn is_number(text: &str) -> bool {
    let all = |digits: &str, is: fn(u8) -> bool| !digits.is_empty() && digits.bytes().all(is);
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |byte| (b'0'..b'8').contains(&byte));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    // The parser of floats also knows `inf` and `nan`, which are words here.
    matches!(bare, ".inf" | ".Inf" | ".INF")
        || bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') && bare.parse::<f64>().is_ok()
}

/// From the characters that the parser counts to bytes.
struct Offsets<'a> {
    text: &'a str,
    /// Where every `STEP`th character begins; nothing if each is one byte.
    marks: Vec<usize>,
}

impl<'a> Offsets<'a> {
    const STEP: usize = 64;

    fn new(text: &'a str) -> Self {
        let marks = || text.char_indices().map(|(at, _)| at).step_by(Self::STEP).collect();
        Self { text, marks: if text.is_ascii() { Vec::new() } else { marks() } }
    }

    /// The offset of the character with this number.
    fn of(&self, character: usize) -> usize {
        if self.marks.is_empty() {
            return character.min(self.text.len());
        }
        let Some(&mark) = self.marks.get(character / Self::STEP) else { return self.text.len() };
        let after = self.text[mark..].char_indices().nth(character % Self::STEP);
        after.map_or(self.text.len(), |(at, _)| mark + at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Parsed, SyntaxError,
        tests::{check, found, outline},
        yaml,
    };
    use super::*;

    #[track_caller]
    fn read(file: &str) -> Parsed {
        let parsed = yaml(file.as_bytes());
        check(file.as_bytes(), &parsed);
        parsed
    }

    fn error(parsed: &Parsed) -> Option<(usize, &str)> {
        parsed.error.as_ref().map(|SyntaxError { line, message }| (*line, message.as_str()))
    }

    #[test]
    fn each_style_has_its_text_and_its_place() {
        let file = "a: plain\nb: 'it''s'\nc: \"t\\tx\"\nd: |\n  one\n  two\ne: >\n  one\n  two\nf: two\n  lines\n";
        let parsed = read(file);
        let texts = ["a=plain", "b=it's", "c=t\tx", "d=one\ntwo\n", "e=one two\n", "f=two lines"];
        assert_eq!(outline(&parsed), texts);
        let root = &parsed.documents[0];
        let written =
            |key| root.get(key).map(|node| (node.scalar().map(|scalar| scalar.style), &file[node.span.range()]));
        assert_eq!(written("a"), Some((Some(Style::Plain), "plain")));
        assert_eq!(written("b"), Some((Some(Style::Quoted), "it''s")));
        assert_eq!(written("c"), Some((Some(Style::Quoted), "t\\tx")));
        assert_eq!(written("d"), Some((Some(Style::Block), "one\n  two\n")));
        assert_eq!(written("e"), Some((Some(Style::Block), "one\n  two\n")));
        assert_eq!(written("f"), Some((Some(Style::Plain), "two\n  lines")));
    }

    #[test]
    fn words_in_a_block_are_found_on_their_lines() {
        let file = "run: |\n\n    first $A\n      inner $B\n\n    last $C\nnext: 1\n";
        let parsed = read(file);
        assert_eq!(parsed.documents[0].get("run").and_then(Node::text), Some("\nfirst $A\n  inner $B\n\nlast $C\n"));
        assert_eq!(found(file, &parsed, &["run"], "$A"), (3, "$A"));
        assert_eq!(found(file, &parsed, &["run"], "$B"), (4, "$B"));
        assert_eq!(found(file, &parsed, &["run"], "$C"), (6, "$C"));
        assert_eq!(found(file, &parsed, &["run"], "$A\n  inner"), (3, "$A\n      inner"));
        assert_eq!(found(file, &parsed, &["run"], "$C\n"), (6, "$C\n"));
    }

    #[test]
    fn blocks_with_headers_of_all_kinds() {
        for header in
            ["|", "|-", "|+", ">", ">-", "|2", "|2-", "| # text", "&a |", "!t |", "!t &a |-", "&a\n    # c\n    !t |"]
        {
            let file = format!("a:\n  k: {header}\n    one\n    two $A\n\n  z: $B\n");
            let parsed = read(&file);
            let (_, word) = found(&file, &parsed, &["a", "k"], "$A");
            assert_eq!((word, error(&parsed)), ("$A", None), "{file}");
            assert_eq!(found(&file, &parsed, &["a", "z"], "$B").1, "$B");
        }
        let parsed = read("k: |2\n    in\n   out\n");
        assert_eq!(outline(&parsed), ["k=  in\n out\n"]);
        assert_eq!(outline(&read("k: |\nl: >-\n\nm: |+\n\n")), ["k=", "l=", "m=\n"]);
        assert_eq!(outline(&read("--- |\nabc\n  d")), ["=abc\n  d\n"]);
    }

    #[test]
    fn folded_and_escaped_texts_are_found() {
        let file = "a: \"one\n  two \\\n    three\\u00e9 $A\"\nb: >-\n  x\n  y $B\n\n  z $C\nc: 'p\n\n  q''s $D'\n";
        let parsed = read(file);
        assert_eq!(outline(&parsed), ["a=one two three\u{e9} $A", "b=x y $B\nz $C", "c=p\nq's $D"]);
        assert_eq!(found(file, &parsed, &["a"], "\u{e9}"), (3, "\\u00e9"));
        assert_eq!(found(file, &parsed, &["a"], "$A"), (3, "$A"));
        assert_eq!(found(file, &parsed, &["b"], "$B"), (6, "$B"));
        assert_eq!(found(file, &parsed, &["b"], "$C"), (8, "$C"));
        assert_eq!(found(file, &parsed, &["c"], "'s $D"), (11, "''s $D"));
    }

    #[test]
    fn lines_may_end_in_cr_lf_or_both() {
        for end in ["\r\n", "\r"] {
            let file = "# c\na: |\n  x\n  y $A\nb: \"p\n  q $B\"\nc: $C\n".replace('\n', end);
            let parsed = read(&file);
            assert_eq!(outline(&parsed), ["a=x\ny $A\n", "b=p q $B", "c=$C"]);
            for (key, word) in [("a", "$A"), ("b", "$B"), ("c", "$C")] {
                assert_eq!(found(&file, &parsed, &[key], word).1, word);
            }
        }
        assert_eq!(error(&read("a: b\r\nc: [\r\n")).map(|(line, _)| line), Some(3));
    }

    #[test]
    fn characters_of_many_bytes_move_nothing() {
        let long = "\u{1f511}\u{e9}".repeat(100);
        let file = format!("# {long}\n{long}: \"{long}\" # {long}\nb: &\u{e9} |\n  {long}\n  x $A\nc: [{long}, $B]\n");
        let parsed = read(&file);
        assert_eq!(error(&parsed), None);
        assert_eq!(found(&file, &parsed, &["b"], "$A"), (5, "$A"));
        let list = parsed.documents[0].get("c").map(|list| &file[list.span.range()]);
        assert_eq!(list, Some(&*format!("[{long}, $B]")));
        let parsed = read("%x \u{2028}\u{e9}\n---\na: b\n");
        assert_eq!(outline(&parsed), ["a=b"]);
    }

    #[test]
    fn collections_end_where_their_last_part_does() {
        let file = "a:\n  b: 1\n  c: [x, {y: z}]\n\n# comment\nd:\n- e\n- f: g\n\n";
        let parsed = read(file);
        let root = &parsed.documents[0];
        let written = |key| root.get(key).map(|node| &file[node.span.range()]);
        assert_eq!(written("a"), Some("b: 1\n  c: [x, {y: z}]"));
        assert_eq!(&file[root.span.range()], file.trim_end());
        assert_eq!(outline(&parsed), ["a.b=1", "a.c=x", "a.c.y=z", "d=e", "d.f=g"]);
    }

    #[test]
    fn brackets_may_close_where_their_key_stands() {
        let lists =
            "a:\n  b: [\n    \"x\",\n    'y'\n  ]\n  c:\n  - d: [\n    z\n    ]\ne: {\n  \"f\": \"$A\"\n}\ng: h\n";
        let parsed = read(lists);
        assert_eq!(error(&parsed), None);
        assert_eq!(outline(&parsed), ["a.b=x", "a.b=y", "a.c.d=z", "e.f=$A", "g=h"]);
        assert_eq!(found(lists, &parsed, &["e", "f"], "$A"), (11, "$A"));
        assert!(error(&read("a: [\n  \"x\" # y\n]\n")).is_some());
        let many = "- a: [\n    'x'\n  ]\n".repeat(10_000);
        assert_eq!(read(&many).documents.len(), 1);
    }

    #[test]
    fn flow_style_is_read_as_block_style_is() {
        let flow = read("{a: {b: [1, x, 'y']}, c: , \"d\": \"e\"}");
        let block = read("a:\n  b:\n  - 1\n  - x\n  - 'y'\nc:\nd: e\n");
        assert_eq!(outline(&flow), outline(&block));
        assert_eq!(outline(&read("[a: b, c]")), ["a=b", "=c"]);
    }

    #[test]
    fn what_a_plain_word_is() {
        let kinds = [
            (Kind::Null, "~ null Null NULL"),
            (Kind::Bool, "true True FALSE"),
            (Kind::Number, "1 -1 +1.5 1e3 .5 5. 0x1F 0o17 .inf -.Inf .nan"),
            (Kind::String, "yes on nULL 1a 0xg 0o8 inf nan e3 1.2.3 - . 1_000 !!str&x"),
        ];
        for (kind, words) in kinds {
            for word in words.split(' ') {
                assert_eq!(kind_of(word), kind, "{word}");
            }
        }
        let parsed = read("a: '1'\nb: !!str 1\nc: !!int 1\nd:\n");
        let kind = |key| parsed.documents[0].get(key).and_then(Node::scalar).map(|scalar| scalar.kind);
        assert_eq!(["a", "b", "c", "d"].map(kind), [Kind::String, Kind::String, Kind::Number, Kind::Null].map(Some));
    }

    #[test]
    fn tags_are_told_and_are_no_text() {
        let file = "a: !secret key\nb: !Join [x]\nc: !!map {d: e}\nf: !<tag:x> g\nh: &i !secret\n  'j'\nk: !z\n";
        let parsed = read(file);
        let root = &parsed.documents[0];
        let tag = |key| root.get(key).and_then(|node| node.tag.as_deref());
        let tags = ["a", "b", "c", "f", "h", "k"].map(tag);
        assert_eq!(tags, ["!secret", "!Join", "!!map", "tag:x", "!secret", "!z"].map(Some));
        assert_eq!(outline(&parsed), ["a=key", "b=x", "c.d=e", "f=g", "h=j", "k="]);
        assert_eq!(found(file, &parsed, &["a"], "key").1, "key");
    }

    #[test]
    fn aliases_stand_for_themselves() {
        let file = "base: &base {k: v}\nuse:\n  <<: *base\n  l: *base\n";
        let parsed = read(file);
        assert_eq!(outline(&parsed), ["base.k=v"]);
        let alias = parsed.documents[0].at(&["use", "l"]).expect("a node");
        assert_eq!((&alias.value, &file[alias.span.range()]), (&Value::Alias, "*base"));
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (this, next) in ('a'..='y').zip('b'..='z') {
            laughs += &format!("{next}: &{next} [{}]\n", vec![format!("*{this}"); 9].join(", "));
        }
        assert_eq!(outline(&read(&laughs)).len(), 9);
    }

    #[test]
    fn a_key_may_come_twice() {
        let parsed = read("a: 1\nb: 2\na: 3\n");
        assert_eq!(parsed.documents[0].get("a").and_then(Node::text), Some("3"));
        let keys: Vec<&str> = parsed.documents[0].entries().map(|(name, _, _)| name).collect();
        assert_eq!(keys, ["a", "b", "a"]);
    }

    #[test]
    fn keys_of_all_kinds() {
        let parsed = read("? [a, b]\n: c\n? d\n1: e\n'f g': h\n");
        let root = &parsed.documents[0];
        let keys: Vec<&str> = root.entries().map(|(name, _, _)| name).collect();
        assert_eq!(keys, ["", "d", "1", "f g"]);
        assert_eq!(root.get(""), None);
    }

    #[test]
    fn every_document_is_read() {
        let file = "%YAML 1.2\n# c\n---\na: 1\n--- # d\nb: 2\n...\n%TAG !x! y\n---\nc: !x!z 3\n---\n--- e\n";
        let parsed = read(file);
        assert_eq!(error(&parsed), None);
        assert_eq!(outline(&parsed), ["a=1", "b=2", "c=3", "=", "=e"]);
        assert_eq!(outline(&read("")), [""; 0]);
        assert_eq!(outline(&read("# only a comment\n")), [""; 0]);
        assert_eq!(outline(&read("a: |\n  ---\n  x\n")), ["a=---\nx\n"]);
    }

    #[test]
    fn a_mistake_costs_only_what_follows_it_in_its_document() {
        let parsed = read("a: 1\nb: [2, 3\n---\nc: 4\n--- \nd: 'x\n---\ne: 5\n");
        assert_eq!(outline(&parsed), ["a=1", "b=2", "b=3", "c=4", "d=", "e=5"]);
        assert_eq!(error(&parsed).map(|(line, _)| line), Some(3));
    }

    #[test]
    fn tabs_that_indent_are_a_mistake() {
        let parsed = read("a: 1\nb:\n\tc: 2\n");
        assert_eq!(outline(&parsed)[0], "a=1");
        assert_eq!(error(&parsed).map(|(line, _)| line), Some(3));
        assert_eq!(error(&read("a: b\t# c\n")), None);
    }

    /// Templates are no YAML. Some are read as collections that nobody meant; lines that only steer end the document.
    #[test]
    fn of_a_template_the_beginning_is_read() {
        let parsed = read("kind: Secret\ndata:\n  a: {{ .Values.x }}\n  b: \"{{ .Values.y }}\"\n  c: d\n");
        assert_eq!(parsed.documents[0].at(&["data", "b"]).and_then(Node::text), Some("{{ .Values.y }}"));
        assert_eq!(parsed.documents[0].at(&["data", "c"]).and_then(Node::text), Some("d"));
        assert_eq!(error(&parsed), None);
        let parsed = read("kind: Secret\ndata:\n  a: b\n  {{- if .Values.x }}\n  c: d\n  {{- end }}\n---\nkind: Pod\n");
        assert_eq!(outline(&parsed), ["kind=Secret", "data.a=b", "kind=Pod"]);
        assert_eq!(error(&parsed).map(|(line, _)| line), Some(4));
    }

    #[test]
    fn a_document_that_is_too_large_is_told() {
        let file = format!(
            "a: 1\n---\n{}---\nb: 2\n",
            "x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n".repeat(MAX_DOCUMENT / 40)
        );
        let parsed = yaml(file.as_bytes());
        assert_eq!(outline(&parsed), ["a=1", "b=2"]);
        assert_eq!(error(&parsed).map(|(line, _)| line), Some(2));
    }
}
