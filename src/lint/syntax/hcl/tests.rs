//! What is read of HCL. Must not know how.

use super::*;
use proptest::prelude::*;

/// A scope with all around it: `resource "a" "b" > env > variables{}`.
fn path(hcl: &Hcl<'_>, scope: usize) -> String {
    let text = |slice: &Slice<'_>| String::from_utf8_lossy(slice.text).into_owned();
    let own = match &hcl.scopes[scope].kind {
        ScopeKind::File => return String::new(),
        ScopeKind::Block { name, labels } => [name].into_iter().chain(labels).map(text).collect::<Vec<_>>().join(" "),
        ScopeKind::Object { attribute } => {
            attribute.map_or(String::new(), |attribute| text(&hcl.attributes[attribute].name)) + "{}"
        }
    };
    match hcl.scopes[scope].parent.map(|parent| path(hcl, parent)) {
        Some(outer) if !outer.is_empty() => format!("{outer} > {own}"),
        _ => own,
    }
}

/// Each attribute: the path of its scope, its name, its expression, and `!` if that is a literal.
fn attributes(file: &str) -> Vec<String> {
    let hcl = read(file.as_bytes());
    let of = |attribute: &Attribute<'_>| {
        let (name, value) = (&file[attribute.name.span.range()], &file[attribute.value.range()]);
        let mark = if attribute.literal.is_some() { "!" } else { "" };
        format!("{}: {name}={value}{mark}", path(&hcl, attribute.scope))
    };
    hcl.attributes.iter().map(of).collect()
}

fn scopes(file: &str) -> Vec<&str> {
    read(file.as_bytes()).scopes[1..].iter().map(|scope| &file[scope.span.range()]).collect()
}

#[test]
fn the_attributes_of_a_file() {
    let file =
        "\u{feff}# c\na = \"b\" # c\r\nc-d=1 // x\n\n\"e\" = f.g[0] /* y\n */\nh = true ? [\n 1,\n] : max(\n2)\ni =";
    let told = [": a=\"b\"!", ": c-d=1", ": e=f.g[0]", ": h=true ? [\n 1,\n] : max(\n2)", ": i="];
    assert_eq!(attributes(file), told);
}

#[test]
fn blocks_have_labels_and_may_nest() {
    let file = "terraform {\n  a = 1\n  backend \"s3\" {\n    b = \"c\"\n  }\n}\nresource \"x\" y { d = \"e\" }\n";
    assert_eq!(attributes(file), ["terraform: a=1", "terraform > backend s3: b=\"c\"!", "resource x y: d=\"e\"!"]);
    let spans = scopes(file);
    assert!(spans[0].starts_with("terraform {") && spans[0].ends_with("\n}"));
    assert_eq!(spans[1..], ["backend \"s3\" {\n    b = \"c\"\n  }", "resource \"x\" y { d = \"e\" }"]);
    assert!(read(file.as_bytes()).scopes.iter().all(|scope| scope.is_closed));
}

#[test]
fn objects_in_expressions_are_scopes() {
    let file = "a {\n  b = merge(c, {\n    D = \"e\", \"F\" : \"g\"\n    h = { i = 1 }\n  })\n}\n";
    let told = [
        "a: b=merge(c, {\n    D = \"e\", \"F\" : \"g\"\n    h = { i = 1 }\n  })",
        "a > b{}: D=\"e\"!",
        "a > b{}: F=\"g\"!",
        "a > b{}: h={ i = 1 }",
        "a > b{} > h{}: i=1",
    ];
    assert_eq!(attributes(file), told);
    assert_eq!(attributes("a = f([{ b = \"c\" }, { b = \"d\" }])")[1..], ["a{}: b=\"c\"!", "a{}: b=\"d\"!"]);
    let scopes: Vec<usize> =
        read(b"a = [{ b = 1, c = 2 }, { d = 3 }]").attributes.iter().map(|attribute| attribute.scope).collect();
    assert_eq!(scopes, [0, 1, 1, 2]);
}

#[test]
fn what_only_looks_like_an_attribute_of_an_object() {
    assert_eq!(attributes("a = { for k, v in m : k => v if k == 1 }").len(), 1);
    assert_eq!(attributes("a = {\n for k in m :\n k => {b = 1}\n}").len(), 2);
    assert_eq!(attributes("a = { (b) = 1, c.d = 2, e = f ? g : h }")[1..], ["a{}: e=f ? g : h"]);
    assert_eq!(attributes("a = b == c\n"), [": a=b == c"]);
}

#[test]
fn literals_are_texts_and_nothing_else() {
    let literal = |file: &str| {
        let literal = read(file.as_bytes()).attributes[0].literal;
        literal.map(|literal| (file[literal.content.span.range()].to_owned(), literal.is_heredoc))
    };
    assert_eq!(literal("a = \"b\\\"c $${d}\""), Some(("b\\\"c $${d}".to_owned(), false)));
    assert_eq!(literal("a = \"\""), Some((String::new(), false)));
    assert_eq!(literal("a = <<-E\n  b\n  E\nc = 1"), Some(("  b\n".to_owned(), true)));
    for file in
        ["a = \"${b}\"", "a = (\"b\")", "a = \"b\" + \"c\"", "a = b", "a = [\"b\"]", "a = <<E\n%{b}\nE\n", "a ="]
    {
        assert_eq!(literal(file), None, "{file}");
    }
}

#[test]
fn texts_and_comments_hide_brackets_and_signs() {
    let file = "a = \"}{=\" # }\nb { # {\n c = \"${d[\"}\"]}\" /* } */\n e = <<E\n}\nf = 1\nE\n g = \"h\"\n}\ni = 2";
    let names: Vec<String> =
        attributes(file).iter().map(|told| told[..told.find('=').expect("a sign")].into()).collect();
    assert_eq!(names, [": a", "b: c", "b: e", "b: g", ": i"]);
}

#[test]
fn what_is_malformed_costs_its_line() {
    let names = |file: &str| {
        let hcl = read(file.as_bytes());
        hcl.attributes.iter().map(|attribute| file[attribute.name.span.range()].to_owned()).collect::<String>()
    };
    assert_eq!(names("a = 1\n= = 2\nb c d\ne \"f\" = 3\n)]} g\nh = 4"), "ah");
    assert_eq!(names("a = \"b\nc = 1"), "ac");
    assert_eq!(names("a = \"${b\nc = \"d\"\n"), "ac");
    assert_eq!(names("x {\n a = foo(1,\n}\nb = [\n"), "ab");
    assert_eq!(names("x {\n y {\n a = {\n b = 1\n"), "ab");
    assert_eq!(attributes("x {\n a = (1\n}\nb = 2")[1], ": b=2");
    let hcl = read(b"x {\n a = { b = 1\n");
    assert!(hcl.scopes[1..].iter().all(|scope| !scope.is_closed && scope.span.end == 17));
    assert_eq!(read(b"\xff = \"\xfe\"\n\0\n").attributes.len(), 1);
}

#[test]
fn large_input_is_read_in_one_go() {
    let pieces = [
        "{",
        "a{",
        "a={",
        "[",
        "(",
        "}",
        "\"",
        "\\",
        "\"${",
        "\"${\n",
        "<<E\n",
        "a=<<E\n",
        "<<E",
        "<< ",
        "<<E ",
        "-",
        "/*",
        "#",
        "a ",
        "\"a\"",
        "=",
        "a=1\n",
        "${",
        "\"${\"\n",
        "a={b=[(",
        "a=\"${b\n\"c",
    ];
    for piece in pieces {
        for head in ["", "\"", "a = \"${"] {
            let file = format!("{head}{}", piece.repeat(1_000_000 / piece.len()));
            let hcl = read(file.as_bytes());
            assert!(hcl.scopes.len() + hcl.attributes.len() <= file.len() + 1);
        }
    }
}

/// Files in which most things happen.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "a", " b ", "=", ":", ",", "{", "}", "[", "]", "(", ")", "\"", "\"c\"", "${", "%{", "$$", "\\", "<<E\n",
        "<<-E\n", " E\n", "E", "\n", "\r\n", "#", "//", "/*", "*/", "=>", "1.5", "for ", "\u{e9}", "\u{feff}", ".",
    ]);
    let bytes = prop_oneof![
        9 => piece.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(bytes, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn everything_lies_in_its_scope_in_order(file in files()) {
        let hcl = read(&file);
        for (at, scope) in hcl.scopes.iter().enumerate() {
            prop_assert!(scope.span.start <= scope.span.end && scope.span.end <= file.len());
            prop_assert_eq!(scope.parent.is_none(), at == 0);
            if let Some(parent) = scope.parent {
                let outer = hcl.scopes[parent].span;
                prop_assert!(parent < at && outer.start <= scope.span.start && scope.span.end <= outer.end);
            }
            if let ScopeKind::Object { attribute: Some(attribute) } = scope.kind {
                let value = hcl.attributes[attribute].value;
                prop_assert!(value.start <= scope.span.start);
                prop_assert!(!scope.is_closed || scope.span.end <= value.end);
            }
        }
        for attribute in &hcl.attributes {
            let (scope, name, value) = (hcl.scopes[attribute.scope].span, attribute.name.span, attribute.value);
            prop_assert!(scope.start <= name.start && name.end <= value.start);
            prop_assert!(value.start <= value.end && value.end <= scope.end);
            prop_assert_eq!(attribute.name.text, &file[name.range()]);
            if let Some(literal) = attribute.literal {
                let content = literal.content.span;
                prop_assert!(value.start < content.start && content.end <= value.end);
                prop_assert_eq!(literal.content.text, &file[content.range()]);
            }
        }
        prop_assert!(hcl.attributes.is_sorted_by(|a, b| a.name.span.end <= b.name.span.start));
        prop_assert!(hcl.scopes.is_sorted_by_key(|scope| scope.span.start));
    }
}
