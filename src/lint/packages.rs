//! Packages that take a file of secrets along, by what their manifests say. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Path, env_file,
    syntax::{self, Node},
};
use crate::model::Span;

/// The lint.
pub(super) struct Packages;

const SHIPS: &str = "package-ships-env";

/// Files of secrets as they lie beside a manifest.
const FILES: &[&str] = &[".env", ".env.local", ".env.production", ".env.development", ".env.production.local"];

/// What is made to be given away.
const EXAMPLES: &[&str] = &["example", "sample", "template", "dist", "schema", "defaults", "test", "vault", "d"];

impl Lint for Packages {
    fn rules(&self) -> &'static [&'static str] {
        &[SHIPS]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        matches!(path.name, "package.json" | "MANIFEST.in" | "Cargo.toml" | "pyproject.toml")
            && !path.is_below(&["node_modules"])
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let path = Path::of(&name);
        match path.name {
            "package.json" => npm(file, path, ask, out),
            "MANIFEST.in" => sdist(file, out),
            "Cargo.toml" => cargo(file, out),
            _ => python(file, out),
        }
    }
}

fn said(span: Span, what: String) -> Diagnostic {
    Diagnostic { rule: SHIPS, span, what: Some(what) }
}

fn npm(file: &File<'_>, path: Path<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
    let parsed = syntax::json(file.bytes);
    let Some(package) = parsed.documents.first() else { return };
    let (Some(name), Some(_)) = (package.get("name"), package.get("version")) else { return };
    // What is private is not published, and what cannot be read may be.
    if package.get("private").and_then(Node::text) == Some("true") || parsed.error.is_some() {
        return;
    }
    let Some(files) = package.get("files") else {
        let shipped = FILES.iter().find(|env| is_shipped(path.folder(), env, ask));
        return out.extend(shipped.map(|env| said(name.span, format!("{env} beside it is not left out"))));
    };
    let listed = files.items();
    let is_all = listed.iter().find(|item| matches!(item.text(), Some("." | "./" | "*" | "**" | "**/*" | "/**" | "/")));
    let is_out = |env: &str| listed.iter().filter_map(Node::text).any(|text| takes(text.strip_prefix('!'), env));
    if let Some(item) = is_all {
        let held = |env: &&&str| holds_secret(path.folder(), env, ask) && !is_out(env);
        out.extend(FILES.iter().find(held).map(|env| said(item.span, format!("everything, {env} too"))));
    }
    for item in listed {
        let text = item.text().unwrap_or_default();
        if is_env(text) && !is_out(text.rsplit('/').next().unwrap_or_default()) {
            out.push(said(item.span, format!("files: {text}")));
        }
    }
}

/// Whether `env` lies in `folder` with a secret in it, and npm would take it.
fn is_shipped(folder: &str, env: &str, ask: Ask<'_>) -> bool {
    if !holds_secret(folder, env, ask) {
        return false;
    }
    // Where there is an `.npmignore`, nobody looks at `.gitignore`.
    if let Some(rules) = ask.project.read(&format!("{folder}.npmignore")) {
        return !is_left_out(&String::from_utf8_lossy(&rules), env);
    }
    match ask.project.is_ignored(&format!("{folder}{env}")) {
        Some(is_ignored) => !is_ignored,
        None => {
            let rules = ask.project.read(&format!("{folder}.gitignore")).unwrap_or_default();
            !is_left_out(&String::from_utf8_lossy(&rules), env)
        }
    }
}

/// Whether there is a file of variables called `env` in which a secret stands.
fn holds_secret(folder: &str, env: &str, ask: Ask<'_>) -> bool {
    let bytes = ask.project.read(&format!("{folder}{env}")).unwrap_or_default();
    env_file::holds_secret(&bytes, ask.names)
}

/// Whether the lines of an ignore file leave out `env`, a file beside it. The last that fits counts.
fn is_left_out(rules: &str, env: &str) -> bool {
    rules.lines().map(str::trim).filter(|line| !line.starts_with('#')).fold(false, |is_out, line| {
        match line.strip_prefix('!') {
            Some(line) => is_out && !takes(Some(line), env),
            None => is_out || takes(Some(line), env),
        }
    })
}

/// Whether the glob `rule`, if there is one, fits the file `env` of its own directory.
fn takes(rule: Option<&str>, env: &str) -> bool {
    let Some(rule) = rule else { return false };
    let rule = rule.trim_start_matches("./").trim_start_matches('/').trim_start_matches("**/");
    !rule.is_empty() && fits(rule.as_bytes(), env.as_bytes())
}

/// Whether the glob `rule`, of `*` and `?`, fits all of `name`.
fn fits(rule: &[u8], name: &[u8]) -> bool {
    let (mut r, mut n) = (0, 0);
    // Where the last star is, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match rule.get(r) {
            Some(b'*') => {
                star = Some((r, n));
                r += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[n] => {
                r += 1;
                n += 1;
            }
            _ => {
                let Some((at, reach)) = star else { return false };
                star = Some((at, reach + 1));
                r = at + 1;
                n = reach + 1;
            }
        }
    }
    rule[r..].iter().all(|byte| *byte == b'*')
}

/// Whether `pattern` names a file of secrets.
fn is_env(pattern: &str) -> bool {
    let name = pattern.rsplit('/').next().unwrap_or(pattern).trim_end_matches('*');
    let rest = name.trim_start_matches('*').strip_prefix(".env");
    !pattern.starts_with('!')
        && rest.is_some_and(|rest| {
            let is_part = rest.is_empty() || rest.starts_with(['.', '-', '_']);
            is_part && !rest.split(['.', '-', '_']).any(|part| EXAMPLES.contains(&part))
        })
}

/// `MANIFEST.in` of a Python package: the last command that fits counts.
fn sdist(file: &File<'_>, out: &mut Vec<Diagnostic>) {
    let text = String::from_utf8_lossy(file.bytes);
    if text.len() != file.bytes.len() {
        return;
    }
    let excluded = |line: &&str| ["exclude ", "global-exclude "].iter().any(|start| line.starts_with(start));
    let out_again: Vec<&str> = text.lines().filter(excluded).flat_map(|line| line.split_whitespace().skip(1)).collect();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut words = line.split_whitespace();
        let skipped = match words.next() {
            Some("include" | "global-include") => 0,
            Some("recursive-include") => 1,
            _ => usize::MAX,
        };
        for word in words.skip(skipped).filter(|word| is_env(word) && !out_again.contains(word)) {
            let at = start + line.find(word).unwrap_or_default();
            out.push(said(Span::new(at, at + word.len()), format!("include {word}")));
        }
        start += line.len();
    }
}

fn cargo(file: &File<'_>, out: &mut Vec<Diagnostic>) {
    let parsed = syntax::toml(file.bytes);
    let Some(package) = parsed.documents.first().and_then(|root| root.get("package")) else { return };
    let publish = package.get("publish");
    let is_private = publish.is_some_and(|publish| {
        publish.text() == Some("false") || publish.text().is_none() && publish.items().is_empty()
    });
    for item in package.get("include").map(Node::items).unwrap_or_default() {
        let text = item.text().unwrap_or_default();
        if is_env(text) && !is_private {
            out.push(said(item.span, format!("include: {text}")));
        }
    }
}

/// `pyproject.toml`: each tool that builds has a name of its own for what goes in.
fn python(file: &File<'_>, out: &mut Vec<Diagnostic>) {
    const LISTS: &[&str] = &[
        "include",
        "includes",
        "package-data",
        "data-files",
        "force-include",
        "package_data",
        "source-includes",
        "artifacts",
    ];
    let parsed = syntax::toml(file.bytes);
    for tool in parsed.documents.iter().filter_map(|root| root.get("tool")) {
        tool.walk(&mut |keys, node| {
            let is_build = keys.first().is_some_and(|tool| {
                matches!(*tool, "poetry" | "setuptools" | "hatch" | "flit" | "pdm" | "uv" | "maturin")
            });
            let is_list = keys.iter().any(|key| LISTS.contains(key));
            let text = node.text().unwrap_or_default();
            let key = keys.last().copied().unwrap_or_default();
            let named = [text, key].into_iter().find(|name| is_env(name));
            if let Some(named) = named.filter(|_| is_build && is_list) {
                out.push(said(node.span, format!("include: {named}")));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_secrets_are_told_from_examples() {
        for name in [".env", "./.env", "config/.env.production", ".env*", ".env.*", "*.env", "**/.env.local"] {
            assert!(is_env(name), "{name}");
        }
        for name in [".env.example", ".env.sample", "!.env", "env", ".environment", "dist", "*", ".env.d.ts"] {
            assert!(!is_env(name), "{name}");
        }
    }

    #[test]
    fn the_last_rule_counts() {
        for (rules, expected) in [
            ("", false),
            (".env", true),
            ("/.env\n", true),
            ("# .env", false),
            (".env*", true),
            ("*\n!dist", true),
            ("*\n!.env", false),
            ("**/.env", true),
            ("src/.env", false),
            ("*.log", false),
        ] {
            assert_eq!(is_left_out(rules, ".env"), expected, "{rules}");
        }
    }
}
