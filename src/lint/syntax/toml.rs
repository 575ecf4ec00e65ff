//! TOML. Must not know YAML and JSON.
//!
//! Tables are where the first of them is written, and their entries are in the order of the file. What a key says that
//! is there already is left out and told as an error: the `toml` crate goes on after mistakes.

use super::{
    Fault, Input, MAX_DEPTH,
    node::{Kind, Node, Scalar, Style, Value},
    tree::Builder,
    written::{self, Writing},
};
use crate::model::Span;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use toml_parser::{Source, lexer::TokenKind};

/// How many dots a key may have. With the nesting that the `toml` crate allows this bounds how deep its tables are, which
/// are dropped level by level.
const MAX_DOTS: usize = 16;
/// How much is read. Larger files are no configuration, and the `toml` crate takes up to a hundred times their size.
const MAX_BYTES: usize = 4 << 20;

/// Reads all of `input`, up to a key that is too deep.
pub(super) fn read(input: Input<'_>, tree: &mut Builder) -> Option<Fault> {
    if input.text.len() > MAX_BYTES {
        return Some(Fault::too_large(input.base));
    }
    let deep = deep_key(input.text);
    let input = Input { text: &input.text[..deep.unwrap_or(input.text.len())], ..input };
    let (table, errors) = DeTable::parse_recoverable(input.text);
    tree.leaf(mapping(table.get_ref(), 0..0, input, 0));
    let error = errors.into_iter().map(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Fault::new(input.base + at, error.message())
    });
    let too_deep = deep.map(|at| Fault::new(input.base + at, "a key with too many dots"));
    error.chain(too_deep).min_by_key(|fault| fault.at)
}

/// Where the line begins on which a key has too many dots.
fn deep_key(text: &str) -> Option<usize> {
    let mut dots = 0;
    let deep = Source::new(text).lex().find(|token| {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString | TokenKind::Whitespace => {}
            _ => dots = 0,
        }
        dots > MAX_DOTS
    });
    deep.map(|token| text[..token.span().start()].rfind('\n').map_or(0, |at| at + 1))
}

/// `depth` is how many collections are around it.
fn node(value: &Spanned<DeValue<'_>>, input: Input<'_>, depth: usize) -> Node {
    match value.get_ref() {
        DeValue::Table(table) => mapping(table, value.span(), input, depth),
        DeValue::Array(items) => {
            let kept = if depth < MAX_DEPTH { items.len() } else { 0 };
            let items: Vec<Node> = items.iter().take(kept).map(|item| node(item, input, depth + 1)).collect();
            let span = around(place(value.span(), input), items.iter());
            Node::new(span, Value::Sequence(items))
        }
        DeValue::String(text) => string(text, value.span(), input),
        DeValue::Integer(_) | DeValue::Float(_) => bare(Kind::Number, value.span(), input),
        DeValue::Boolean(_) => bare(Kind::Bool, value.span(), input),
        DeValue::Datetime(_) => bare(Kind::String, value.span(), input),
    }
}

fn mapping(table: &DeTable<'_>, written: Range<usize>, input: Input<'_>, depth: usize) -> Node {
    let mut entries: Vec<(Node, Node)> = Vec::new();
    if depth < MAX_DEPTH {
        let entry = |(key, value): (&Spanned<_>, &Spanned<_>)| {
            (string(AsRef::<str>::as_ref(key.get_ref()), key.span(), input), node(value, input, depth + 1))
        };
        entries.extend(table.iter().map(entry));
    }
    entries.sort_by_key(|(key, _)| key.span.start);
    let is_whole_file = depth == 0;
    let own = if is_whole_file { Span::new(input.base, input.base + input.text.len()) } else { place(written, input) };
    let span = around(own, entries.iter().flat_map(|(key, value)| [key, value]));
    Node::new(span, Value::Mapping(entries))
}

/// What holds `own` and all of `parts`: a table is written as a header with lines after it.
fn around<'a>(own: Span, parts: impl Iterator<Item = &'a Node>) -> Span {
    parts.fold(own, |all, part| Span::new(all.start.min(part.span.start), all.end.max(part.span.end)))
}

/// A place in the text as one in the file; the start of the file where the parser knows none.
fn place(written: Range<usize>, input: Input<'_>) -> Span {
    let known = if input.text.get(written.clone()).is_some() { written } else { 0..0 };
    Span::new(known.start, known.end).shifted(input.base)
}

/// What is written without quotes, as it is written.
fn bare(kind: Kind, written: Range<usize>, input: Input<'_>) -> Node {
    let text = input.text.get(written.clone()).unwrap_or_default();
    Node::new(place(written, input), Value::Scalar(Scalar::new(text, kind, Style::Plain, Vec::new())))
}

/// A string or a key.
fn string(text: &str, written: Range<usize>, input: Input<'_>) -> Node {
    let span = place(written.clone(), input);
    let whole = input.text.get(written).unwrap_or_default();
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let inner = quotes.iter().find_map(|quote| {
        let inner = whole.strip_prefix(quote)?;
        let inner = inner.strip_suffix(quote).unwrap_or(inner);
        // The line break after the opening quotes is not part of the text.
        let skipped = if quote.len() > 1 { first_break(inner) } else { 0 };
        Some((quote.len() + skipped, &inner[skipped..]))
    });
    let style = if inner.is_some() { Style::Quoted } else { Style::Plain };
    let (before, inner) = inner.unwrap_or((0, whole));
    let start = span.start + before;
    let writing = if whole.starts_with('"') { Writing::Toml } else { Writing::Verbatim };
    let pieces = written::pieces(text, inner, start, writing);
    let scalar = Scalar::new(text, Kind::String, style, pieces);
    Node::new(Span::new(start, start + inner.len()), Value::Scalar(scalar))
}

/// How long the line break is that `text` begins with.
fn first_break(text: &str) -> usize {
    written::breaks(text).next().filter(|first| first.start == 0).map_or(0, |first| first.end)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Parsed,
        tests::{check, found, outline},
        toml as parse,
    };
    use super::*;

    #[track_caller]
    fn read(file: &str) -> Parsed {
        let parsed = parse(file.as_bytes());
        check(file.as_bytes(), &parsed);
        parsed
    }

    fn line_of_error(parsed: &Parsed) -> Option<usize> {
        parsed.error.as_ref().map(|error| error.line)
    }

    #[test]
    fn values_of_all_kinds() {
        let file = "z = 'x'\nb = 1_000\nc = -1.5\nd = true\ne = 1979-05-27\nf = [1, 'y']\ng = {h = \"i\"}\n";
        let parsed = read(file);
        assert_eq!(parsed.error, None);
        assert_eq!(outline(&parsed), ["z=x", "b=1_000", "c=-1.5", "d=true", "e=1979-05-27", "f=1", "f=y", "g.h=i"]);
        let root = &parsed.documents[0];
        let of = |key| root.get(key).and_then(Node::scalar).map(|scalar| scalar.kind);
        let kinds = [Kind::String, Kind::Number, Kind::Number, Kind::Bool, Kind::String];
        assert_eq!(["z", "b", "c", "d", "e"].map(of), kinds.map(Some));
        let written = |key| root.get(key).map(|node| &file[node.span.range()]);
        assert_eq!(["z", "b", "f", "g"].map(written), ["x", "1_000", "[1, 'y']", "{h = \"i\"}"].map(Some));
    }

    #[test]
    fn tables_are_found_by_their_keys() {
        let file = "[tool.a]\nb.c = 1\n\"d e\" = 2\n[[tool.f]]\ng = 3\n[[tool.f]]\ng = 4\n[tool.a.h]\ni = 5\n";
        let parsed = read(file);
        let lines = ["tool.a.b.c=1", "tool.a.d e=2", "tool.a.h.i=5", "tool.f.g=3", "tool.f.g=4"];
        assert_eq!(outline(&parsed), lines);
        let (_, key, _) = parsed.documents[0].at(&["tool", "a"]).and_then(|a| a.entries().nth(1)).expect("an entry");
        assert_eq!(&file[key.span.range()], "d e");
        let item = &parsed.documents[0].at(&["tool", "f"]).expect("items").items()[1];
        assert_eq!(&file[item.span.range()], "[[tool.f]]\ng = 4");
    }

    #[test]
    fn words_in_strings_are_found() {
        for end in ["\n", "\r\n"] {
            let file = "a = \"\"\"\nx\\ty \\\n\n   $A \\u00e9\n $B\"\"\"\nb = '''\np\\n\n$C'''\nc = 'q $D'\nd = \"\"\n";
            let file = file.replace('\n', end).replace(&format!("p\\{end}"), "p\\n");
            let parsed = read(&file);
            assert_eq!(parsed.error, None);
            for (key, word) in [("a", "$A"), ("a", "$B"), ("b", "$C"), ("c", "$D"), ("d", "")] {
                assert_eq!(found(&file, &parsed, &[key], word).1, word);
            }
            assert_eq!(found(&file, &parsed, &["a"], "\t").1, "\\t");
            assert_eq!(found(&file, &parsed, &["a"], "\u{e9}").1, "\\u00e9");
        }
    }

    #[test]
    fn a_mistake_costs_little() {
        let parsed = read("a = 1\nb = \nc = 3\nd = [1, 2\n");
        assert_eq!(outline(&parsed)[0], "a=1");
        assert!(outline(&parsed).contains(&"c=3".to_owned()));
        assert_eq!(line_of_error(&parsed), Some(2));
        let parsed = read("a = 1\na = 2\n[b]\nc = 3\n");
        assert_eq!((outline(&parsed), line_of_error(&parsed)), (vec!["a=1".to_owned(), "b.c=3".to_owned()], Some(2)));
        assert_eq!(line_of_error(&read("key: value\n")), Some(1));
    }

    #[test]
    fn what_comes_before_a_key_that_is_too_deep_is_read() {
        let dots = |count: usize| vec!["x"; count + 1].join(".");
        let parsed = read(&format!("a = 1\n{} = 2\n", dots(MAX_DOTS)));
        assert_eq!((outline(&parsed).len(), line_of_error(&parsed)), (2, None));
        let parsed = read(&format!("a = 1\n[{}]\nb = 2\n", dots(MAX_DOTS + 1)));
        assert_eq!((outline(&parsed), line_of_error(&parsed)), (vec!["a=1".to_owned()], Some(2)));
        let prose = format!("a = \"{}\" # {}\n", dots(100), dots(100));
        assert_eq!(read(&prose).error, None);
    }

    #[test]
    fn a_file_that_is_too_large_is_told() {
        let large = "a = 1 # no configuration is like that\n".repeat(MAX_BYTES / 30);
        assert_eq!(line_of_error(&parse(large.as_bytes())), Some(1));
    }
}
