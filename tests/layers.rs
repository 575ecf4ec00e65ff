//! The layers of `src/`, checked: who may import whom, which layer may reach the outside world and how, where `unsafe`
//! may stand. Must not know what the code does.
//!
//! A path counts wherever it is written: in `use` trees of any depth, within code and macros, through
//! `super::super::`, and under another name (`use crate as all`). What does not count: comments and doc comments (a
//! link is no dependency), text in quotes, and items under `#[cfg(test)]` (a unit test may lean on a neighbour to make
//! its input). `#[path]` and `include!` are not followed. An inline module is taken for its file, which can accuse
//! its `super` wrongly and never acquits it wrongly.

use crate::tidy::files;
use regex::Regex;
use std::{collections::HashMap, sync::LazyLock};

/// Each layer, and the layers it may import besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("rule", &["model"]),
    ("source", &["model"]),
    ("matcher", &["rule", "model"]),
    // Which value is a key is for the matcher to say.
    ("lint", &["matcher", "rule", "model"]),
    ("engine", &["source", "matcher", "lint", "rule", "model"]),
    ("fix", &["model"]),
    ("verify", &["rule", "model"]),
    ("report", &["rule", "model"]),
    // The binary sees the library from outside, as `keylint`, and all of it.
    ("cli", &[]),
];

/// Paths out of the crate, and the only layers that may use them.
const OUTSIDE: &[(&str, &[&str])] = &[
    // What is scanned is opened by `source`; configuration is read and reports are written by `cli`.
    ("std::fs", &["source", "cli"]),
    ("std::io::stdin", &["source", "cli"]),
    ("git2", &["source"]),
    ("ignore", &["source"]),
    ("memmap2", &["source"]),
    // A report may pack what it writes, to know how large it is then.
    ("flate2", &["source", "report"]),
    ("libdeflater", &["source"]),
    ("bzip2", &["source"]),
    ("lzma_rust2", &["source"]),
    ("ruzstd", &["source"]),
    ("std::net", &["verify"]),
    ("std::os::unix::net", &["verify"]),
    ("reqwest", &["verify"]),
    ("std::env", &["cli"]),
    ("std::process", &["cli"]),
    ("std::io::stdout", &["cli"]),
    ("std::io::stderr", &["cli"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("ctrlc", &["cli"]),
    ("indicatif", &["cli"]),
];

/// Macros that print, which only `cli` does.
const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln"];

/// The only files with `unsafe`: packs are mapped in one, libgit2's check of who owns a repository is turned off in
/// the other.
const UNSAFE: &[&str] = &["src/source/git/map.rs", "src/source/git/trust.rs"];

#[test]
fn every_import_keeps_to_its_layer() {
    let sources = files("src");
    assert!(sources.iter().any(|(name, _)| name == "src/lib.rs"), "the sources were not found");
    let sources = sources.iter().filter(|(name, _)| name.ends_with(".rs"));
    let found: Vec<String> =
        sources.flat_map(|(name, bytes)| breaches(name, &String::from_utf8_lossy(bytes))).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Everything in one source file that its layer may not do, with its line.
fn breaches(file: &str, source: &str) -> Vec<String> {
    let layer = layer_of(file);
    if layer != "lib" && !LAYERS.iter().any(|(known, _)| *known == layer) {
        return vec![format!("{file}:1: `{layer}` is no layer of the table in tests/layers.rs")];
    }
    let tokens = without_tests(&tokens(source));
    let paths = paths(&tokens);
    let names: HashMap<&str, &Vec<&str>> =
        paths.iter().filter_map(|path| Some((path.local?, &path.segments))).collect();
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| path.local.is_some() || path.segments.len() > 1) {
        let full = resolve(&path.segments, &module_of(file), &names);
        if let Some(why) = forbidden_inside(layer, &full).or_else(|| forbidden_outside(layer, &full)) {
            let line = path.line;
            found.push(format!("{file}:{line}: `{}`: {why}", full.join("::")));
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let is_call = text(at + 1) == "!" && matches!(text(at + 2), "(" | "[" | "{");
        if PRINTING.contains(&token.text) && is_call && layer != "cli" {
            found.push(format!("{file}:{}: `{}!`: only cli prints", token.line, token.text));
        }
        if token.text == "unsafe" && !UNSAFE.contains(&file) {
            found.push(format!("{file}:{}: `unsafe`: only in {}", token.line, UNSAFE.join(" and ")));
        }
    }
    found
}

fn forbidden_inside(layer: &str, path: &[String]) -> Option<String> {
    let [root, target, ..] = path else { return None };
    // The root of the library only names its parts.
    if root != "crate" || target == layer || layer == "lib" {
        return None;
    }
    let allowed = LAYERS.iter().find(|(known, _)| *known == layer).map_or(&[][..], |(_, allowed)| allowed);
    let list = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
    (!allowed.contains(&target.as_str())).then(|| format!("{layer} may import {list}"))
}

fn forbidden_outside(layer: &str, path: &[String]) -> Option<String> {
    let is_broken = |(outside, allowed): &&(&str, &[&str])| {
        let mut outside = outside.split("::");
        let within = match path.split_last() {
            // A glob takes everything below it.
            Some((last, stem)) if last == "*" => stem.iter().all(|segment| outside.next().is_none_or(|o| o == segment)),
            _ => outside.enumerate().all(|(at, segment)| path.get(at).is_some_and(|own| own == segment)),
        };
        within && !allowed.contains(&layer)
    };
    let (outside, allowed) = OUTSIDE.iter().find(is_broken)?;
    Some(format!("only {} may use `{outside}`", allowed.join(" and ")))
}

/// `src/matcher/form.rs` is of the layer `matcher`.
fn layer_of(file: &str) -> &str {
    match file.strip_prefix("src/").unwrap_or(file).split('/').next().unwrap_or_default() {
        "main.rs" => "cli",
        first => first.trim_end_matches(".rs"),
    }
}

/// `src/matcher/form.rs` is the module `crate::matcher::form`.
fn module_of(file: &str) -> Vec<String> {
    let inner = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let names = inner.split('/').filter(|name| !matches!(*name, "mod" | "lib" | "main"));
    ["crate"].into_iter().chain(names).map(str::to_owned).collect()
}

/// The path from the root of the crate, or of an outside one.
fn resolve(path: &[&str], module: &[String], names: &HashMap<&str, &Vec<&str>>) -> Vec<String> {
    let mut path: Vec<&str> = path.to_vec();
    // A name may stand for a name; four times is more than anybody does.
    for _ in 0..4 {
        match path.first().and_then(|first| names.get(first)) {
            Some(full) if !path.starts_with(full) => path = full.iter().chain(&path[1..]).copied().collect(),
            _ => break,
        }
    }
    let ups = path.iter().take_while(|segment| matches!(**segment, "super" | "self")).count();
    let supers = path[..ups].iter().filter(|segment| **segment == "super").count();
    let above = module.len().saturating_sub(supers).max(1);
    let stem = if ups == 0 { &[] } else { &module[..above] };
    stem.iter().cloned().chain(path[ups..].iter().map(|segment| (*segment).to_owned())).collect()
}

/// A path as written, trees multiplied out.
#[derive(Debug)]
struct Path<'a> {
    line: usize,
    segments: Vec<&'a str>,
    /// The name by which the file knows it from there on, if it is imported.
    local: Option<&'a str>,
}

/// Every path in `tokens`; a name by itself is one too.
fn paths<'a>(tokens: &[Token<'a>]) -> Vec<Path<'a>> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(token) = tokens.get(at) {
        let is_extern = at > 0 && tokens[at - 1].text == "extern" && token.text == "crate";
        let imports = token.text == "use" || is_extern;
        at = if imports { at + 1 } else { at };
        // `use ::std::fs`
        at += usize::from(tokens.get(at).is_some_and(|token| token.text == "::"));
        at = tree(tokens, at, &[], imports, &mut out);
    }
    out
}

/// Reads the path or tree of paths that begins at `at`, below `stem`; returns where it ends.
fn tree<'a>(tokens: &[Token<'a>], mut at: usize, stem: &[&'a str], imports: bool, out: &mut Vec<Path<'a>>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut segments = stem.to_vec();
    while is_name(text(at)) {
        segments.push(text(at));
        if text(at + 1) != "::" || text(at + 2) == "<" {
            break;
        }
        at += 2;
    }
    if text(at) == "{" && segments.len() > stem.len() {
        at += 1;
        while at < tokens.len() && text(at) != "}" {
            at = tree(tokens, at, &segments, imports, out);
        }
        return at + 1;
    }
    if text(at) == "*" && !segments.is_empty() {
        segments.push("*");
    }
    if segments.len() > stem.len() {
        let renamed = (text(at + 1) == "as").then(|| text(at + 2));
        if segments.len() > 1 && segments.last() == Some(&"self") {
            segments.pop();
        }
        let local = renamed.or(segments.last().copied()).filter(|_| imports);
        out.push(Path { line: tokens[at].line, segments, local });
    }
    at + 1
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// A name, a `::`, or one character of anything else.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    line: usize,
    text: &'a str,
}

/// The tokens of `source` without comments and without what is in quotes.
fn tokens(source: &str) -> Vec<Token<'_>> {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        let comment = r"//[^\n]*|/\*(?s:.*?)\*/";
        let raw = r##"\b[bc]?r"[^"]*"|\b[bc]?r#"(?s:.*?)"#"##;
        let quoted = r#"\b[bc]?"(?:[^"\\]|\\(?s:.))*"|"(?:[^"\\]|\\(?s:.))*"|'(?:\\.[^'\n]*|[^\\'])'"#;
        Regex::new(&format!(r"(?:{comment}|{raw}|{quoted})|(\w+|::|\S)")).expect("an expression")
    });
    let (mut line, mut counted) = (1, 0);
    let of = |found: regex::Captures<'_>| {
        let found = found.get(1)?;
        line += source[counted..found.start()].matches('\n').count();
        counted = found.start();
        Some(Token { line, text: &source[found.range()] })
    };
    TOKEN.captures_iter(source).filter_map(of).collect()
}

/// The tokens that are not part of an item under `#[cfg(test)]`.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut out, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        let is_test = tokens[at..].iter().map(|token| token.text).take(MARK.len()).eq(MARK);
        if is_test {
            at = end_of_item(tokens, at + MARK.len());
        } else {
            out.push(tokens[at]);
            at += 1;
        }
    }
    out
}

/// Where the item that begins at `at` ends: after the first `;` or closed block that is in no bracket.
fn end_of_item(tokens: &[Token<'_>], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            ";" if depth == 0 => break,
            _ => {}
        }
    }
    at
}

#[test]
fn each_kind_of_breach_is_seen_with_its_line() {
    let planted = [
        ("src/model/span.rs", "use crate::rule::Rule;", "crate::rule::Rule"),
        ("src/rule/mod.rs", "use crate::{model::{Hit, Span}, matcher::{self}};", "crate::matcher"),
        ("src/rule/mod.rs", "use crate::{model::Span, verify::a::{b}};", "crate::verify::a::b"),
        ("src/matcher/form.rs", "fn f() { let x = g::<crate::source::Piece<'_>>(); }", "crate::source::Piece"),
        ("src/matcher/form.rs", "fn f() { crate\n::engine::run() }", "crate::engine::run"),
        ("src/source/git/pack.rs", "use super::super::super::engine::Scan;", "crate::engine::Scan"),
        ("src/source/mod.rs", "pub(in super::report) fn f() {}", "crate::report"),
        ("src/verify/mod.rs", "use crate::*;", "crate::*"),
        ("src/verify/mod.rs", "use crate as all; fn f() { all::report::write() }", "crate::report::write"),
        ("src/report/json.rs", "use self::super::super::matcher::Hit as H;", "crate::matcher::Hit"),
        ("src/lint/mod.rs", "macro_rules! m { () => { $crate::source::Stop } }", "crate::source::Stop"),
        ("src/engine/mod.rs", "use crate::report::json;", "crate::report::json"),
        ("src/engine/mod.rs", "use std::{fmt, fs::File};", "std::fs::File"),
        ("src/matcher/mod.rs", "fn f() { ::std::fs::read(\"x\"); }", "std::fs::read"),
        ("src/report/mod.rs", "use std::io; fn f() { io::stdout(); }", "std::io::stdout"),
        ("src/report/mod.rs", "use std::*;", "std::*"),
        ("src/engine/mod.rs", "use git2;", "git2"),
        ("src/engine/mod.rs", "extern crate git2 as g;", "git2"),
        ("src/cli/scan.rs", "use git2::Repository;", "git2::Repository"),
        ("src/engine/mod.rs", "fn f() { std::process::exit(1) }", "std::process::exit"),
        ("src/source/mod.rs", "use std::net::TcpStream;", "std::net::TcpStream"),
        ("src/lib.rs", "fn f() { println!(\"x\") }", "println!"),
        ("src/engine/mod.rs", "fn f() { anstream::eprintln!(\"x\") }", "eprintln!"),
        ("src/source/git/pack.rs", "fn f() { unsafe { g() } }", "unsafe"),
        ("src/helpers/mod.rs", "", "helpers"),
    ];
    for (file, code, what) in planted {
        let found = breaches(file, &format!("{code}\n"));
        let [breach] = found.as_slice() else { panic!("{code}: {found:?}") };
        assert!(breach.starts_with(&format!("{file}:")) && breach.contains(&format!("`{what}`")), "{breach}");
    }
    let below = breaches("src/model/hit.rs", "//! A.\n\n/* b\n*/ const C: &str = \"\n\";\nuse crate::rule::Rule;\n");
    assert!(below[0].starts_with("src/model/hit.rs:6: "), "{below:?}");
}

#[test]
fn what_a_layer_may_do_is_no_breach() {
    let fine = [
        ("src/rule/mod.rs", "use crate::model::{self, Span}; pub(crate) use self::check::RuleError;"),
        ("src/matcher/form.rs", "use super::{byteset::ByteSet, MatcherError}; use crate::{model::Hit, rule::Rule};"),
        ("src/source/git/pack.rs", "use super::super::Stop; use std::{fs, io}; use git2::Oid; fn f() { fs::read(p) }"),
        (
            "src/model/hit.rs",
            "/// [`crate::rule::Rule`]\n// use crate::rule;\nconst A: &str = \"crate::rule std::fs\";",
        ),
        ("src/model/hit.rs", "const A: &str = r#\"\" crate::rule \"#; const B: char = '\"'; fn f<'a>(x: &'a str) {}"),
        ("src/model/hit.rs", "#[cfg(test)]\nmod tests { use crate::rule::expand; fn f() { println!(\"{}\", 1) } }"),
        ("src/model/hit.rs", "#[cfg(test)]\n#[allow(x)]\nuse crate::rule::{a, b};\nfn f() {}"),
        ("src/engine/mod.rs", "fn f(options: &O) { let ignore = options.ignore; if ignore != clap {} }"),
        ("src/model/report.rs", "const A: &str = env!(\"CARGO_PKG_NAME\"); #![forbid(unsafe_code)]"),
        ("src/main.rs", "use keylint::{engine, report}; mod cli; fn main() { crate::cli::run(std::env::args()) }"),
        ("src/source/git/map.rs", "fn f() { unsafe { g() } }"),
        ("src/lib.rs", "pub mod engine; pub use crate::engine::run;"),
    ];
    for (file, code) in fine {
        assert_eq!(breaches(file, code), [""; 0], "{file}: {code}");
    }
}

#[test]
fn code_after_a_test_module_counts_again() {
    let source = "#[cfg(test)]\nmod tests { fn f() { let x = [1; 2]; } }\nuse crate::rule::Rule;\n";
    assert_eq!(breaches("src/model/hit.rs", source).len(), 1);
}
