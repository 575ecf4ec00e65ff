//! What holds of every format: places are right, and no text is too much. Must not know the formats better than their
//! users do.

use super::{
    MAX_DEPTH, MAX_NODES, Node, Parsed, Value, json,
    node::{Scalar, Style},
    readable, toml, yaml,
};
use crate::model::Span;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const READERS: [fn(&[u8]) -> Parsed; 3] = [yaml, json, toml];

/// The line and the bytes where `needle` is found in the text at `path`.
#[track_caller]
pub(super) fn found<'a>(file: &'a str, parsed: &Parsed, path: &[&str], needle: &str) -> (usize, &'a str) {
    let node = parsed.documents.iter().find_map(|document| document.at(path)).expect("a node");
    let at = node.text().and_then(|text| text.find(needle)).expect("the text has it");
    let span = node.locate(at..at + needle.len());
    (file[..span.start].matches('\n').count() + 1, &file[span.range()])
}

/// All scalars, with what leads to them, as one line each.
pub(super) fn outline(parsed: &Parsed) -> Vec<String> {
    let mut lines = Vec::new();
    for document in &parsed.documents {
        document.walk(&mut |path, node| lines.push(format!("{}={}", path.join("."), node.text().unwrap_or_default())));
    }
    lines
}

/// Checks every place in `parsed`.
pub(super) fn check(bytes: &[u8], parsed: &Parsed) {
    let text = readable(bytes);
    for document in &parsed.documents {
        check_node(&text, document, 0, parsed.error.is_some());
    }
    if let Some(error) = &parsed.error {
        assert!((1..=text.matches(['\n', '\r']).count() + 1).contains(&error.line), "{error:?}");
    }
}

fn check_node(file: &str, node: &Node, depth: usize, is_broken: bool) {
    assert!(depth <= MAX_DEPTH + 1);
    assert!(file.get(node.span.range()).is_some(), "{:?} of {file:?}", node.span);
    match &node.value {
        Value::Scalar(scalar) => check_scalar(file, node, scalar, is_broken),
        Value::Sequence(items) => items.iter().for_each(|item| check_node(file, item, depth + 1, is_broken)),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            check_node(file, key, depth + 1, is_broken);
            check_node(file, value, depth + 1, is_broken);
        }),
        Value::Alias => {}
    }
}

fn check_scalar(file: &str, node: &Node, scalar: &Scalar, is_broken: bool) {
    let source = &file[node.span.range()];
    if scalar.style == Style::Plain && !source.contains(['\n', '\r']) {
        assert_eq!(source, &*scalar.text, "{file:?}");
    }
    let all = node.locate(0..usize::MAX);
    assert!(node.span.start <= all.start && all.end <= node.span.end, "{node:?} in {file:?}");
    let mut last = all;
    for (at, c) in scalar.text.char_indices() {
        let span = node.locate(at..at + c.len_utf8());
        let is_inside = last.start <= span.start && span.start <= span.end && span.end <= all.end;
        assert!(is_inside, "{c:?} of {node:?} at {span:?} in {file:?}");
        last = span;
        let written = &file[span.range()];
        let is_escape = written.starts_with(['\\', '\'']) && scalar.style == Style::Quoted;
        // What a broken string means is a guess.
        let is_anywhere = is_broken && span == all;
        let is_exact = written.chars().eq([c]) || is_escape || c.is_ascii_whitespace();
        assert!(is_exact || is_anywhere, "{c:?} of {node:?} is {written:?} in {file:?}");
    }
}

/// Reads `bytes` as everything, within a time that is no fun to wait for but is no endless loop either.
fn read_all(bytes: &[u8]) {
    for read in READERS {
        let start = Instant::now();
        check(bytes, &read(bytes));
        assert!(start.elapsed() < Duration::from_secs(20), "{} bytes took {:?}", bytes.len(), start.elapsed());
    }
}

#[test]
fn every_format_makes_the_same_tree() {
    let same = ["server.url=x", "server.ports=1", "server.ports=2", "server.on=true"];
    assert_eq!(outline(&yaml(b"server:\n  url: x\n  ports: [1, 2]\n  'on': true\n")), same);
    assert_eq!(outline(&json(br#"{"server": {"url": "x", "ports": [1, 2], "on": true}}"#)), same);
    assert_eq!(outline(&toml(b"[server]\nurl = 'x'\nports = [1, 2]\non = true\n")), same);
}

#[test]
fn questions_of_the_wrong_kind_have_no_answer() {
    let parsed = yaml(b"a: [1]\nb: {c: 2}\n");
    let root = &parsed.documents[0];
    assert!(root.text().is_none() && root.items().is_empty() && root.at(&["a", "c"]).is_none());
    assert_eq!(root.get("a").map(|node| node.entries().count()), Some(0));
    assert_eq!(root.at(&[]), Some(root));
    assert_eq!(root.locate(3..4), root.span);
}

#[test]
fn bytes_that_are_no_text_move_nothing() {
    let parsed = yaml(b"a: \xff\xfeb\nc: d\n");
    assert_eq!(outline(&parsed), ["a=__b", "c=d"]);
    assert_eq!(parsed.documents[0].get("c").map(|node| node.span), Some(Span::new(10, 11)));
    assert_eq!(outline(&json(b"{\"a\": \"\xc3\"}")), ["a=_"]);
    assert_eq!(outline(&toml(b"a = '\xc3\x28'")), ["a=_("]);
}

#[test]
fn a_byte_order_mark_is_no_text() {
    for (read, file) in READERS.into_iter().zip(["\u{FEFF}a: b\n", "\u{FEFF}{\"a\": \"b\"}", "\u{FEFF}a = \"b\"\n"]) {
        let parsed = read(file.as_bytes());
        assert_eq!(parsed.error, None);
        assert_eq!(found(file, &parsed, &["a"], "b"), (1, "b"));
    }
}

#[test]
fn deep_texts_are_cut_off_and_cost_little() {
    for open in [
        "[",
        "{\"a\":",
        "{a: ",
        "- ",
        "? ",
        "a = [",
        "a = {b = ",
        "[a.",
        "a.",
        "\"a b\" . ",
        "[[",
        "!!x &a [",
        "a: &a\n- ",
    ] {
        read_all(open.repeat(100_000).as_bytes());
    }
    let indented: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    read_all(indented.as_bytes());
    let deep = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p = {".repeat(100);
    read_all(format!("a = 1\na = {{{deep}").as_bytes());
    read_all(format!("[{}", "x = {".repeat(70) + &"}".repeat(70)).as_bytes());
}

#[test]
fn what_is_too_deep_leaves_its_neighbours_alone() {
    for depth in [MAX_DEPTH - 1, MAX_DEPTH, 100] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let file = format!("{{\"a\": {open}1{close}, \"b\": 2}}");
        for read in [yaml, json] {
            let parsed = read(file.as_bytes());
            check(file.as_bytes(), &parsed);
            assert_eq!(parsed.error, None);
            let kept: &[&str] = if depth < MAX_DEPTH { &["a=1", "b=2"] } else { &["b=2"] };
            assert_eq!(outline(&parsed), kept, "{depth}");
        }
    }
    let file = format!("a = {}1{}\nb = 2\n", "[".repeat(70), "]".repeat(70));
    assert_eq!(outline(&toml(file.as_bytes())), ["b=2"]);
}

#[test]
fn long_texts_take_no_more_than_their_share() {
    let long = [
        "a: b\n",
        "- a\n",
        "---\n",
        "---\n[\n",
        "[\n---\n",
        "...\n",
        "a, ",
        "\"\\n\", ",
        "\\n",
        "'",
        "\"",
        "&a ",
        "*a ",
        "# a\n",
        "a = 1\n",
        "[[a]]\n",
        "[a]\n",
        "x",
        " ",
        "\n",
        "\r",
        "\t",
        "\u{e9}",
        "%",
        "|\n ",
        "? a\n: b\n",
        "{}",
        "a.",
        "'''\n",
        "/*",
        "//\n",
        "1,",
        ".",
        "- - ",
        "a:\n",
        ">-\n\n  a\n",
        "!!a ",
        "[a]: ",
        "{a}: b, ",
        "\"a\" : 1, ",
        "<<: *a\n",
    ];
    for text in long {
        for (before, after) in [("", ""), ("[", "]"), ("a: [", "]"), ("{", "}"), ("\"", "\""), ("a: |\n  ", "")] {
            let all = format!("{before}{}{after}", text.repeat(50_000 / text.len()));
            read_all(all.as_bytes());
        }
    }
}

#[test]
fn many_escapes_in_one_text_are_no_matter() {
    let many = format!("\"{}\"", "\\n".repeat(2 << 20));
    let start = Instant::now();
    let parsed = json(many.as_bytes());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(parsed.documents[0].locate(1000..1001), Span::new(2001, 2003));
}

#[test]
fn there_is_an_end_to_what_is_kept() {
    let many = format!("[{}", "1,".repeat(MAX_NODES + 10));
    let parsed = json(many.as_bytes());
    assert_eq!(parsed.documents[0].items().len(), MAX_NODES);
    assert!(parsed.error.is_some());
    let large = "#".repeat(super::MAX_BYTES + 1);
    assert!(READERS.iter().all(|read| read(large.as_bytes()).error.is_some()));
}

const SAMPLES: &[&str] = &[
    include_str!("samples/compose.yaml"),
    include_str!("samples/workflow.yaml"),
    include_str!("samples/agent.json"),
    include_str!("samples/config.toml"),
];

#[test]
fn whole_files_are_read_without_a_complaint() {
    for (read, sample) in [yaml, yaml, json, toml].into_iter().zip(SAMPLES) {
        for sample in [
            (*sample).to_owned(),
            sample.replace('\n', "\r\n"),
            sample.replace("#", "# \u{e9}\u{1f511}").replace("example", "\u{e9}xample"),
        ] {
            let parsed = read(sample.as_bytes());
            check(sample.as_bytes(), &parsed);
            assert_eq!(parsed.error, None);
            assert!(outline(&parsed).len() > 5);
        }
    }
}

/// What texts of these formats are made of.
const SCRAPS: &[&str] = &[
    "a",
    "b",
    "\u{e9}",
    "\u{1f511}",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n",
    "\n  ",
    "\r\n",
    "\r",
    ":",
    ": ",
    "- ",
    "? ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "''",
    "\\",
    "\\n",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\x41",
    "\\\n",
    "\\ ",
    "|",
    "|-\n",
    ">+\n",
    "|2\n",
    "#",
    " # c\n",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "---",
    "\n---\n",
    "...",
    "%",
    "=",
    " = ",
    ".",
    "\"\"\"",
    "'''",
    "1",
    "0x1",
    "true",
    "null",
    "//",
    "/*",
    "*/",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\0",
    "<<",
    "~",
    "_",
    "@",
    "`",
    "+",
    "-",
];

fn scrap() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(SCRAPS), 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_can_be_read(text in scrap()) {
        read_all(text.as_bytes());
    }

    #[test]
    fn files_with_mistakes_can_be_read(
        which in 0..SAMPLES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..5, scrap()), 1..4),
    ) {
        let mut bytes = SAMPLES[which].as_bytes().to_vec();
        for (at, gone, scrap) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, scrap.bytes().take(8));
        }
        read_all(&bytes);
    }

    /// A text is found again in whatever way JSON and YAML may write it.
    #[test]
    fn escaped_texts_are_found(text in "[a-z\u{e9}\u{1f511}\"\\\\/\n\t ']{0,20}") {
        let quoted = serde_json::to_string(&text).expect("JSON");
        for (read, file) in [(json as fn(&[u8]) -> Parsed, format!("{{\"k\": {quoted}}}")), (yaml, format!("k: {quoted}\n"))] {
            let parsed = read(file.as_bytes());
            check(file.as_bytes(), &parsed);
            prop_assert_eq!(parsed.documents[0].get("k").and_then(Node::text), Some(&*text));
        }
        let block: String = text.split('\n').map(|line| format!("    {line}\n")).collect();
        let file = format!("k:\n  s: |2\n{block}");
        let parsed = yaml(file.as_bytes());
        check(file.as_bytes(), &parsed);
    }
}
