//! A key in the YAML of a platform that fills in variables, filled in instead. Must not know other languages.

use super::{Edit, Literal};
use crate::model::Span;

/// A platform, by the way it writes a variable that it fills in.
enum Platform {
    /// `${{ secrets.NAME }}`
    GithubActions,
    /// `${NAME}`
    Compose,
}

pub(super) fn edits(literal: &Literal<'_>) -> Result<Vec<Edit>, &'static str> {
    let platform = platform(literal.path).ok_or("it depends on what reads the file where a key can come from")?;
    let line = String::from_utf8_lossy(literal.before()).into_owned();
    let value = line.trim_end_matches(['"', '\'']);
    let name = name(value).ok_or("what is given the key has no name that a variable could have")?;
    let after = literal.after();
    let span = literal.quoted(b"\"'").unwrap_or(literal.span);
    let rest = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after).trim_ascii();
    if !(rest.is_empty() || rest.starts_with(b"#") || rest.starts_with(b"\"") || rest.starts_with(b"'")) {
        return Err("the key is part of a longer value");
    }
    let read = match platform {
        Platform::GithubActions => format!("${{{{ secrets.{name} }}}}"),
        Platform::Compose => format!("${{{name}:?}}"),
    };
    // In `- "NAME=key"` the quotes are those of the whole.
    let is_pair = value.ends_with('=');
    let span = if is_pair { Span::new(literal.span.start, literal.span.end) } else { span };
    Ok(vec![Edit { span, with: read }])
}

fn platform(path: &str) -> Option<Platform> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if path.contains(".github/workflows/") {
        return Some(Platform::GithubActions);
    }
    let is_compose = name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-");
    is_compose.then_some(Platform::Compose)
}

/// The name that `line` gives a value to: `  NAME: `, `- NAME=`.
fn name(line: &str) -> Option<&str> {
    let line = line.trim();
    let name = line.strip_suffix(':').or_else(|| line.strip_suffix('='))?.trim_end();
    let name = name.trim_start_matches(['-', ' ', '"', '\'']);
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::fix::tests::fixed;

    #[test]
    fn a_literal_is_filled_in() {
        for (path, text, after) in [
            ("compose.yml", "    OPENAI_API_KEY: \"KEY0123456789\"\n", "    OPENAI_API_KEY: ${OPENAI_API_KEY:?}\n"),
            ("docker-compose.dev.yaml", "  - OPENAI_KEY=KEY0123456789\r\n", "  - OPENAI_KEY=${OPENAI_KEY:?}\r\n"),
            ("compose.yml", "  - \"OPENAI_KEY=KEY0123456789\"\n", "  - \"OPENAI_KEY=${OPENAI_KEY:?}\"\n"),
            (
                ".github/workflows/ci.yml",
                "  OPENAI_API_KEY: KEY0123456789 # x\n",
                "  OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }} # x\n",
            ),
        ] {
            assert_eq!(fixed(path, text).as_deref(), Ok(after));
        }
    }

    #[test]
    fn where_nothing_is_filled_in_it_is_for_people() {
        for (path, text) in [
            ("k8s/secret.yaml", "  OPENAI_API_KEY: KEY0123456789"),
            ("compose.yml", "  command: run --key KEY0123456789"),
            ("compose.yml", "  OPENAI_API_KEY: KEY0123456789 and more"),
            (".github/workflows/ci.yml", "  - run: curl -H KEY0123456789"),
        ] {
            assert!(fixed(path, text).is_err(), "{text}");
        }
    }
}
