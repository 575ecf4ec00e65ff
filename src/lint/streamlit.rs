//! The secrets of a Streamlit app in git. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    given::{self, Held},
    literal::Value,
    syntax,
};

/// The lint.
pub(super) struct Streamlit;

const RULE: &str = "streamlit-secrets-tracked";

impl Lint for Streamlit {
    fn rules(&self) -> &'static [&'static str] {
        &[RULE]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        path.name == "secrets.toml" && path.folder().trim_end_matches('/').rsplit('/').next() == Some(".streamlit")
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let path = String::from_utf8_lossy(file.path.as_bytes());
        if ask.project.is_tracked(&path) != Some(true) {
            return;
        }
        let mut held = Vec::new();
        for document in &syntax::toml(file.bytes).documents {
            document.walk(&mut |keys, node| {
                let name = keys.last().copied().unwrap_or_default();
                let lower = name.to_ascii_lowercase();
                let is_secret = ["key", "token", "secret", "password"].iter().any(|end| lower.ends_with(end));
                let is_named = is_secret || ask.names.is_key(name) || ask.names.is_key(keys.join("."));
                let is_literal = || Value::of(node.text().unwrap_or_default()) == Value::Literal;
                if file.has_key(node.span) || is_named && is_literal() {
                    held.push(Held { span: node.span, name: Some(keys.join(".")) });
                }
            });
        }
        held.sort_by_key(|held| held.span);
        out.extend(given::with_others(file, held).into_iter().map(|held| held.said(RULE)));
    }
}
