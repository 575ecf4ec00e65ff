//! `.env` files: whether git has them or would take them, who may read them, and what examples of them hold. Must not
//! know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    literal::Value,
    names::Names,
    syntax::dotenv::{self, Entry},
};
use crate::model::Span;

/// The lint.
pub(super) struct EnvFile;

const TRACKED: &str = "env-file-tracked";
const NOT_IGNORED: &str = "env-file-not-ignored";
const EXAMPLE: &str = "env-example-key";
const READABLE: &str = "env-file-readable";
const UNGUARDED: &str = "env-file-unguarded";

/// What a file of variables is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Programs read it.
    Real,
    /// Tests read it: there are keys in it that open nothing.
    Test,
    /// People copy it.
    Example,
}

/// Endings of what is no file of variables, however it begins.
const OTHERS: &[&str] = &[
    "js", "mjs", "cjs", "ts", "mts", "cts", "py", "rb", "go", "rs", "php", "json", "md", "mdx", "sh", "ps1", "gpg",
    "age", "enc", "asc", "vault", "html", "tsx", "jsx", "zip", "lock", "me", "keys",
];

/// Parts of the names of examples.
const EXAMPLES: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "template",
    "templates",
    "tmpl",
    "tpl",
    "dist",
    "schema",
    "default",
    "defaults",
    "demo",
    "blank",
    "empty",
    "stub",
    "skeleton",
    "docs",
    "doc",
    "j2",
    "jinja",
    "hbs",
    "erb",
    "mustache",
    "eg",
    "ex",
    "copy",
    "placeholder",
    "reference",
];

/// Parts of the names of what tests are made with.
const TESTS: &[&str] = &["test", "tests", "testing", "e2e", "ci", "mock"];

/// What the file at `path` is for, if it is one of variables.
pub(super) fn kind(path: Path<'_>) -> Option<Kind> {
    // All such names have one, and most others none.
    if !path.name.contains(['v', 'V']) {
        return None;
    }
    let name = path.name.to_ascii_lowercase();
    let is_named = [".env", ".dev.vars", ".flaskenv"]
        .iter()
        .any(|start| name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_'])));
    let is_env = is_named || name.ends_with(".env") || name == ".envrc" || is_example_of_env(&name);
    if !is_env || name.rsplit('.').next().is_some_and(|end| OTHERS.contains(&end)) {
        return None;
    }
    let has = |list: &[&str]| name.split(['.', '-', '_']).any(|part| list.contains(&part));
    // `.env.example2`
    let is_example = has(EXAMPLES) || [".example", ".sample", ".template"].iter().any(|part| name.contains(part));
    Some(if is_example {
        Kind::Example
    } else if has(TESTS) || path.is_test() {
        Kind::Test
    } else {
        Kind::Real
    })
}

/// `example.env.local`, `env.example`
fn is_example_of_env(name: &str) -> bool {
    let mut parts = name.split('.');
    parts.clone().any(|part| part == "env") && parts.any(|part| EXAMPLES.contains(&part)) && name.len() < 32
}

/// Whether a file of variables holds something that opens something, for a key or not.
pub(super) fn holds_secret(bytes: &[u8], names: &Names) -> bool {
    dotenv::read(bytes).iter().filter(|entry| !entry.is_commented).any(|entry| {
        let name = entry.name.text.to_ascii_uppercase();
        let is_secret = ["KEY", "SECRET", "TOKEN", "PASSWORD"].iter().any(|end| name.ends_with(end.as_bytes()));
        (is_secret || names.is_key(&name)) && Value::of(&String::from_utf8_lossy(entry.value.text)) == Value::Literal
    })
}

impl Lint for EnvFile {
    fn rules(&self) -> &'static [&'static str] {
        &[TRACKED, NOT_IGNORED, EXAMPLE, READABLE, UNGUARDED]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        kind(path).is_some() || is_login(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let name = file.name();
        let path = Path::of(&name);
        let Some(kind) = kind(path) else { return login(file, path, ask, out) };
        let entries = dotenv::read(file.bytes);
        let held = held(file, kind, &entries, ask.names);
        let mut say = |rule: &'static str| out.extend(held.iter().map(|held| held.said(rule)));
        if kind == Kind::Example {
            say(EXAMPLE);
            return out.extend(unguarded(path, &entries, ask));
        }
        match (ask.project.is_tracked(path.whole), ask.project.is_ignored(path.whole)) {
            (Some(true), _) => say(TRACKED),
            (Some(false), Some(false)) => say(NOT_IGNORED),
            _ => {}
        }
        // What everybody gets from git is no secret of this machine.
        if ask.project.is_tracked(path.whole) != Some(true) && is_readable(path, ask) {
            out.extend(held.first().map(|held| Diagnostic { what: Some(mode(path, ask)), ..held.said(READABLE) }));
        }
    }
}

/// A key in a file of variables.
struct Held {
    span: Span,
    what: Option<String>,
}

impl Held {
    fn said(&self, rule: &'static str) -> Diagnostic {
        Diagnostic { rule, span: self.span, what: self.what.clone() }
    }
}

/// The keys in a file: those that rules know, and what stands under the name of one and looks real.
fn held(file: &File<'_>, kind: Kind, entries: &[Entry<'_>], names: &Names) -> Vec<Held> {
    let mut held = Vec::new();
    for entry in entries {
        let value = || file.value_of(entry.value.text, entry.value.span) == Value::Literal;
        let is_literal = || kind != Kind::Test && names.is_key(entry.name.text) && value();
        if file.has_key(entry.value.span) || is_literal() {
            let span = Span::new(entry.name.span.start, entry.value.span.end);
            held.push(Held { span, what: Some(String::from_utf8_lossy(entry.name.text).into_owned()) });
        }
    }
    // A key may stand anywhere; entries are in order, so that those are left out in one go.
    let mut spans = held.iter().map(|held| held.span).collect::<Vec<_>>().into_iter().peekable();
    for key in file.keys {
        while spans.next_if(|span| span.end <= key.span.start).is_some() {}
        if spans.peek().is_none_or(|span| !span.overlaps(key.span)) {
            held.push(Held { span: key.span, what: None });
        }
    }
    held.sort_by_key(|held| held.span);
    held
}

/// The first name of a key in an example of a `.env` that git would take.
fn unguarded(path: Path<'_>, entries: &[Entry<'_>], ask: Ask<'_>) -> Option<Diagnostic> {
    let is_plain = path.name.starts_with(".env");
    let entry = entries.iter().find(|entry| ask.names.is_key(entry.name.text))?;
    let real = format!("{}.env", path.folder());
    let is_open = ask.project.is_ignored(&real) == Some(false) && ask.project.is_tracked(&real) == Some(false);
    let what = Some(format!("{real} is not ignored"));
    (is_plain && is_open).then_some(Diagnostic { rule: UNGUARDED, span: entry.name.span, what })
}

fn is_readable(path: Path<'_>, ask: Ask<'_>) -> bool {
    ask.project.mode(path.whole).is_some_and(|mode| mode & 0o077 != 0)
}

fn mode(path: Path<'_>, ask: Ask<'_>) -> String {
    format!("{} has mode {:04o}", path.name, ask.project.mode(path.whole).unwrap_or_default())
}

/// Where Codex keeps the login of its user.
fn is_login(path: Path<'_>) -> bool {
    path.name == "auth.json" && path.folder().trim_end_matches('/').rsplit('/').next() == Some(".codex")
}

fn login(file: &File<'_>, path: Path<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
    let start = file.bytes.iter().position(|byte| *byte == b'{');
    if let Some(start) = start.filter(|_| file.bytes.len() > 2 && is_readable(path, ask)) {
        out.push(Diagnostic { rule: READABLE, span: Span::new(start, start + 1), what: Some(mode(path, ask)) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_variables_are_told_by_name() {
        for (name, expected) in [
            (".env", Some(Kind::Real)),
            ("a/.env.production.local", Some(Kind::Real)),
            (".env-prod", Some(Kind::Real)),
            (".envrc", Some(Kind::Real)),
            ("openai.env", Some(Kind::Real)),
            (".dev.vars", Some(Kind::Real)),
            (".env.test", Some(Kind::Test)),
            ("tests/.env", Some(Kind::Test)),
            (".env.example", Some(Kind::Example)),
            (".env.local.sample", Some(Kind::Example)),
            ("example.env", Some(Kind::Example)),
            ("env.example", Some(Kind::Example)),
            (".env_template", Some(Kind::Example)),
            (".env.example2", Some(Kind::Example)),
            (".env.ts", None),
            (".env.vault", None),
            (".environment", None),
            ("env", None),
            ("env.py", None),
            ("environment.ts", None),
        ] {
            assert_eq!(kind(Path::of(name)), expected, "{name}");
        }
    }

    #[test]
    fn only_the_login_of_codex_is_one() {
        assert!(is_login(Path::of("home/.codex/auth.json")));
        assert!(!is_login(Path::of("auth.json")));
        assert!(!is_login(Path::of("src/codex/auth.json")));
    }
}
