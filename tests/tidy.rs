//! The manners of the repository, checked: how files open and end, how long they are, that no key-shaped bytes are
//! stored, that every dependency says what it is for. Must not know what the code does.

use keylint::{
    matcher::{Matcher, selftest},
    rule::Catalog,
};
use regex::{Regex, bytes};
use std::{fs, path::Path, sync::LazyLock};

/// The most lines a function and a source file may have. Longer ones do two things.
const FUNCTION: usize = 70;
const FILE: usize = 600;
/// How many dependencies may share a comment.
const SHARING: usize = 3;

/// Not part of the repository: what git, cargo and the fuzzer keep there.
const SKIPPED: &[&str] = &[".git", "target", "fuzz/corpus", "fuzz/artifacts", "fuzz/coverage"];
/// Texts written by hand.
const TEXTS: &[&str] = &["rs", "toml", "md", "py", "yml", "yaml"];
/// Where Rust is written.
const RUST: &[&str] = &["src/", "tests/", "benches/", "build.rs", "fuzz/fuzz_targets/"];

/// What a key looks like to somebody else's scanner, placeholders included.
const KEY_SHAPES: &[&str] = &[
    r"sk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    r"sk-ant-(api|admin)[0-9]{2}-[A-Za-z0-9_-]{80,}",
    r"sess-[A-Za-z0-9]{40}",
    r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{3}[A-Za-z0-9]{12}[A-Za-z0-9]{4}ACOG[A-Za-z0-9]{4}",
];

/// What is left behind in a hurry; written apart, so that this file passes.
const LEFTOVERS: &[&str] =
    &[concat!("to", "do!"), concat!("unimpl", "emented!"), concat!("db", "g!"), concat!("#[", "ignore")];

/// Every file below `place`, by its path from the root of the repository.
pub(crate) fn files(place: &str) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut folders = vec![root.join(place)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let (path, kind) = (entry.path(), entry.file_type().expect("a kind"));
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            if SKIPPED.iter().any(|skipped| name == *skipped || name.ends_with(&format!("/{skipped}"))) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                // A file may be gone by now: tests of other programs, an editor.
                out.extend(fs::read(&path).map(|bytes| (name, bytes)));
            }
        }
    }
    out.sort();
    out
}

/// Fails with everything that `check` finds in the files for which `wanted` holds.
fn each_file(wanted: impl Fn(&str) -> bool, check: impl Fn(&[u8]) -> Vec<String>) {
    let files = files("");
    let wanted: Vec<_> = files.iter().filter(|(name, _)| wanted(name)).collect();
    assert!(!wanted.is_empty(), "no files were found");
    let wrong =
        wanted.iter().flat_map(|(name, bytes)| check(bytes).into_iter().map(move |why| format!("{name}:{why}")));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn is_rust(name: &str) -> bool {
    name.ends_with(".rs") && RUST.iter().any(|place| name.starts_with(place))
}

fn is_text(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| TEXTS.iter().any(|text| end == *text))
}

#[test]
fn every_rust_file_opens_by_saying_what_it_is() {
    each_file(is_rust, opening);
}

fn opening(bytes: &[u8]) -> Vec<String> {
    let opens = bytes.starts_with(b"//! ");
    if opens { vec![] } else { vec!["1: does not open with `//!` and what it is".to_owned()] }
}

#[test]
fn lines_end_where_they_seem_to_and_files_with_a_line() {
    each_file(is_text, layout);
}

fn layout(bytes: &[u8]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if line.last().is_some_and(u8::is_ascii_whitespace) {
            wrong.push(format!("{}: ends in white space", at + 1));
        }
        if line.contains(&b'\t') {
            wrong.push(format!("{}: has a tab", at + 1));
        }
    }
    if !bytes.is_empty() && (!bytes.ends_with(b"\n") || bytes.ends_with(b"\n\n")) {
        wrong.push(format!("{}: does not end with one line end", bytes.split(|&byte| byte == b'\n').count()));
    }
    wrong
}

#[test]
fn nothing_in_the_repository_looks_like_a_key() {
    let catalog = Catalog::builtin();
    let matcher = Matcher::new(&catalog).expect("the built-in rules can be matched");
    each_file(|_| true, |bytes| [key_shapes(bytes), hits(&catalog, &matcher, bytes)].concat());
}

fn key_shapes(bytes: &[u8]) -> Vec<String> {
    static SHAPES: LazyLock<bytes::Regex> =
        LazyLock::new(|| bytes::Regex::new(&format!("(?-u){}", KEY_SHAPES.join("|"))).expect("an expression"));
    SHAPES.find_iter(bytes).map(|found| format!("{}: has the shape of a key", line(bytes, found.start()))).collect()
}

fn hits(catalog: &Catalog, matcher: &Matcher, bytes: &[u8]) -> Vec<String> {
    let hits = matcher.hits(bytes);
    let of = |hit: &keylint::model::Hit| {
        format!("{}: is found by our own rule {}", line(bytes, hit.span.start), catalog.rules()[hit.rule].id())
    };
    hits.iter().map(of).collect()
}

fn line(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset].iter().filter(|&&byte| byte == b'\n').count()
}

#[test]
fn nothing_is_left_behind() {
    each_file(is_rust, leftovers);
}

fn leftovers(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let of = |(at, line): (usize, &str)| {
        let found = LEFTOVERS.iter().find(|leftover| line.contains(**leftover))?;
        Some(format!("{}: `{found}` is left", at + 1))
    };
    text.lines().enumerate().filter_map(of).collect()
}

#[test]
fn functions_and_files_are_short() {
    each_file(|name| name.starts_with("src/") && is_rust(name), lengths);
}

fn lengths(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    if lines.len() > FILE {
        wrong.push(format!("1: has {} lines; {FILE} are the limit", lines.len()));
    }
    for (at, name, len) in functions(&lines) {
        if len > FUNCTION {
            wrong.push(format!("{}: fn {name} has {len} lines; {FUNCTION} are the limit", at + 1));
        }
    }
    wrong
}

/// Every function with the index of its line and its number of lines. In formatted code an item ends with the first
/// line as far in as its first one that closes a block or a statement.
fn functions<'a>(lines: &[&'a str]) -> Vec<(usize, &'a str, usize)> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        let before = r#"(?:pub(?:\([^)]*\))? |default |const |async |unsafe |extern (?:"[^"]*" )?)*"#;
        Regex::new(&format!(r"^( *){before}fn (\w+)")).expect("an expression")
    });
    let of = |(at, line): (usize, &&'a str)| {
        let [indent, name] = HEAD.captures(line)?.extract().1;
        let is_end = |line: &&str| {
            let outer = line.strip_prefix(indent).is_some_and(|rest| !rest.starts_with(' '));
            outer && (line.ends_with('}') || line.ends_with(';'))
        };
        let len = lines[at..].iter().position(is_end).map_or(lines.len() - at, |end| end + 1);
        Some((at, name, len))
    };
    lines.iter().enumerate().filter_map(of).collect()
}

#[test]
fn every_dependency_says_what_it_is_for() {
    each_file(|name| name == "Cargo.toml", dependencies);
}

/// Dependencies with no comment beside or above them. Some that belong together may share one.
fn dependencies(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let (mut wrong, mut in_list, mut covered) = (Vec::new(), false, 0);
    for (at, line) in text.lines().enumerate() {
        let is_key = line.starts_with(|c: char| c.is_alphanumeric());
        match line.chars().next() {
            Some('[') => {
                in_list = line.contains("dependencies");
                covered = 0;
            }
            Some('#') => covered = SHARING,
            None => covered = 0,
            Some(_) if in_list && is_key => {
                if covered == 0 && !line.contains(" # ") {
                    wrong.push(format!("{}: has no comment that says what it is for", at + 1));
                }
                covered = covered.saturating_sub(1);
            }
            Some(_) => {}
        }
    }
    wrong
}

/// They are built with `--locked`, last of all.
#[test]
fn the_fuzz_targets_are_locked_to_what_the_library_depends_on() {
    let read = |name: &str| -> toml::Table {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a file");
        text.parse().expect("TOML")
    };
    let (manifest, lock) = (read("Cargo.toml"), read("fuzz/Cargo.lock"));
    let packages = lock["package"].as_array().expect("packages");
    let library = packages.iter().find(|package| package["name"].as_str() == Some("keylint")).expect("the library");
    // With a version after it, if there are several of the name.
    let is_of =
        |name: &str, locked: &toml::Value| locked.as_str().and_then(|text| text.split(' ').next()) == Some(name);
    for name in manifest["dependencies"].as_table().expect("dependencies").keys() {
        let locked = library["dependencies"].as_array().expect("dependencies");
        assert!(
            locked.iter().any(|locked| is_of(name, locked)),
            "fuzz/Cargo.lock has no {name}: build fuzz/Cargo.toml"
        );
    }
}

#[test]
fn the_example_in_the_rules_manual_works() {
    let manual = files("rules").into_iter().find(|(name, _)| name == "rules/README.md").expect("the manual").1;
    let manual = String::from_utf8(manual).expect("UTF-8");
    let blocks: Vec<&str> = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let block = blocks.iter().find(|block| block.contains("\nprovider = ")).expect("a whole rule file");
    let mut catalog = Catalog::default();
    catalog.add("rules/README.md", block).unwrap_or_else(|errors| panic!("{errors:?}"));
    let matcher = Matcher::new(&catalog).expect("rules that can be matched");
    matcher.compile(&catalog).expect("patterns that compile");
    assert_eq!(selftest(&catalog, &matcher), []);
}

/// Each check must be able to fail.
mod checks {
    use super::*;

    #[test]
    fn a_file_that_says_nothing_of_itself() {
        assert_eq!(opening(b"use std::fs;\n").len(), 1);
        assert_eq!(opening(b"//! A thing.\n").len(), 0);
    }

    #[test]
    fn bad_layout() {
        assert_eq!(layout(b"a\nb \n"), ["2: ends in white space"]);
        assert_eq!(layout(b"a\r\n"), ["1: ends in white space"]);
        assert_eq!(layout(b"\n\ta\n"), ["2: has a tab"]);
        assert_eq!(layout(b"a\nb"), ["2: does not end with one line end"]);
        assert_eq!(layout(b"a\n\n"), ["3: does not end with one line end"]);
        assert_eq!(layout(b"a\n\nb\n").len() + layout(b"").len(), 0);
    }

    #[test]
    fn things_of_the_shape_of_a_key() {
        let shaped = [
            "sk-{lower:20}T3BlbkFJ{lower:20}",
            "sk-proj-{[x]:20}T3BlbkFJ{[x]:20}",
            "sk-ant-api03-{b64u:93}AA",
            "sess-{alnum:40}",
            "{alnum:52}JQQJ99{alnum:1}A{alnum:12}AAABACOG{alnum:4}",
        ];
        for template in shaped {
            let text = keylint::rule::expand(template, 1).expect("a generator").text;
            assert_eq!(key_shapes(format!("\n{text}\n").as_bytes()), ["2: has the shape of a key"], "{template}");
            assert_eq!(key_shapes(template.as_bytes()).len(), 0, "{template}");
        }
    }

    #[test]
    fn things_that_our_own_rules_find() {
        let catalog = Catalog::builtin();
        let matcher = Matcher::new(&catalog).expect("rules");
        for rule in catalog.rules().iter().filter(|rule| rule.lint.is_none()) {
            let text = keylint::rule::expand(rule.examples[0].get_ref(), 1).expect("a generator").text;
            assert!(!hits(&catalog, &matcher, text.as_bytes()).is_empty(), "{}", rule.id());
        }
    }

    #[test]
    fn leftovers_of_each_kind() {
        for leftover in LEFTOVERS {
            assert_eq!(leftovers(format!("//! A.\n    {leftover}(x)\n").as_bytes()).len(), 1, "{leftover}");
        }
    }

    #[test]
    fn long_functions_and_files() {
        let body = "        a();\n".repeat(FUNCTION - 1);
        let long = format!("impl A {{\n    pub(super) const fn long(\n        x: u8,\n    ) {{\n{body}    }}\n}}\n");
        assert_eq!(
            lengths(long.as_bytes()),
            [format!("2: fn long has {} lines; {FUNCTION} are the limit", FUNCTION + 3)]
        );
        assert_eq!(lengths("a();\n".repeat(FILE + 1).as_bytes()).len(), 1);
        assert_eq!(lengths("a();\n".repeat(FILE).as_bytes()).len(), 0);
    }

    #[test]
    fn functions_end_where_they_do() {
        let source = "fn a() { b() }\ntrait T {\n    fn c(\n        x: u8,\n    ) -> u8;\n    fn d() {\n        e();\n    }\n}\n";
        let lines: Vec<&str> = source.lines().collect();
        assert_eq!(functions(&lines), [(0, "a", 1), (2, "c", 3), (5, "d", 3)]);
    }

    #[test]
    fn dependencies_without_a_reason() {
        let listed =
            "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\n# Why.\nc = \"1\"\nd = \"1\"\ne = \"1\"\nf = \"1\"\n";
        let wrong = dependencies(format!("{listed}g = \"1\" # Why.\n\n[dev-dependencies]\nh = \"1\"\n").as_bytes());
        let lines: Vec<&str> = wrong.iter().filter_map(|wrong| wrong.split(':').next()).collect();
        assert_eq!(lines, ["4", "9", "13"]);
    }
}
