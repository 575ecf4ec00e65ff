//! Terraform: keys written into it, and variables and outputs that hold one and do not say so. Must not know what any
//! provider does.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    literal::Value,
    syntax::hcl::{self, Attribute, Hcl, ScopeKind},
};
use crate::model::Span;

/// The lint.
pub(super) struct Terraform;

const INLINE: &str = "terraform-inline-key";
const NOT_SENSITIVE: &str = "terraform-not-sensitive";

/// What the value is called of something whose own name says what it is.
const VALUES: &[&[u8]] = &[b"default", b"value", b"secret_string", b"secret_data", b"plaintext_value"];

/// What a description says of a variable that holds the name of a secret and not the secret.
const NAMES_ONLY: &[&str] =
    &["arn", "name of", "secret name", "secret id", "resource id", "path to", "reference to", "whether"];

/// Ends of what is no secret of a resource: `aws_secretsmanager_secret.openai_api_key.arn`.
const PUBLIC_ENDS: &[&str] = &["arn", "id", "name", "version", "self_link"];

impl Lint for Terraform {
    fn rules(&self) -> &'static [&'static str] {
        &[INLINE, NOT_SENSITIVE]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        matches!(path.extension(), "tf" | "tfvars" | "hcl" | "tofu") && path.name != ".terraform.lock.hcl"
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let hcl = hcl::read(file.bytes);
        inline(file, &hcl, ask, out);
        if !Path::of(&file.name()).name.ends_with(".hcl") {
            not_sensitive(file, &hcl, ask, out);
        }
    }
}

fn inline(file: &File<'_>, hcl: &Hcl<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
    let owners = owners(hcl, ask);
    for attribute in &hcl.attributes {
        let name = attribute.name.text;
        let owner = owners[attribute.scope].filter(|_| VALUES.contains(&name));
        let named = if ask.names.is_key(name) { Some(name) } else { owner };
        let literal = attribute.literal.map(|literal| file.value_of(literal.content.text, literal.content.span));
        // Parts of what is computed count where a rule knows them; what holds an object is spoken of inside of it.
        let is_simple = attribute.literal.is_some() || !file.bytes[attribute.value.range()].contains(&b'{');
        let is_key = is_simple && file.has_key(attribute.value);
        if is_key || named.is_some() && literal == Some(Value::Literal) {
            let end = if is_long(attribute) { attribute.name.span.end } else { attribute.value.end };
            let what = Some(String::from_utf8_lossy(named.unwrap_or(name)).into_owned());
            out.push(Diagnostic { rule: INLINE, span: Span::new(attribute.name.span.start, end), what });
        }
    }
}

/// Whether the value goes over several lines.
fn is_long(attribute: &Attribute<'_>) -> bool {
    attribute.literal.is_some_and(|literal| literal.is_heredoc)
}

/// By scope: the name of a key that it is about, as a block's label or by a `name` in it.
fn owners<'a>(hcl: &Hcl<'a>, ask: Ask<'_>) -> Vec<Option<&'a [u8]>> {
    let by_label = |kind: &ScopeKind<'a>| match kind {
        ScopeKind::Block { labels, .. } => {
            labels.last().map(|label| label.text).filter(|label| ask.names.is_key(label))
        }
        _ => None,
    };
    let mut owners: Vec<Option<&[u8]>> = hcl.scopes.iter().map(|scope| by_label(&scope.kind)).collect();
    for attribute in hcl.attributes.iter().filter(|attribute| matches!(attribute.name.text, b"name" | b"key")) {
        let name = attribute.literal.map(|literal| literal.content.text);
        if let Some(name) = name.filter(|name| ask.names.is_key(name)) {
            owners[attribute.scope] = Some(name);
        }
    }
    owners
}

/// What a block says of itself.
#[derive(Clone, Default)]
struct Said<'a> {
    is_guarded: bool,
    /// Whether it is no text, or speaks of where a secret is.
    is_other: bool,
    /// What an output gives away.
    value: Option<&'a [u8]>,
}

fn not_sensitive(file: &File<'_>, hcl: &Hcl<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
    let mut said = vec![Said::default(); hcl.scopes.len()];
    for attribute in &hcl.attributes {
        let value = &file.bytes[attribute.value.range()];
        let said = &mut said[attribute.scope];
        match attribute.name.text {
            b"sensitive" | b"ephemeral" => said.is_guarded |= value != b"false",
            b"type" => said.is_other |= matches!(value, b"bool" | b"number"),
            b"description" => {
                let text = attribute.literal.map(|literal| literal.content.text).unwrap_or_default();
                let text = String::from_utf8_lossy(text).to_ascii_lowercase();
                let words = format!(" {} ", text.replace(|letter: char| !letter.is_ascii_alphanumeric(), " "));
                said.is_other |= NAMES_ONLY.iter().any(|name| words.contains(&format!(" {name} ")));
            }
            b"value" => said.value = Some(value),
            _ => {}
        }
    }
    for (scope, said) in hcl.scopes.iter().zip(said) {
        let ScopeKind::Block { name, labels } = &scope.kind else { continue };
        let [label] = labels.as_slice() else { continue };
        let is_wanted = scope.parent == Some(0)
            && match name.text {
                b"variable" => true,
                b"output" => said.value.is_some_and(gives_away),
                _ => false,
            };
        if is_wanted && ask.names.is_key(label.text) && !said.is_guarded && !said.is_other {
            let what = [name.text, label.text].map(String::from_utf8_lossy).join(" ");
            out.push(Diagnostic { rule: NOT_SENSITIVE, span: label.span, what: Some(what) });
        }
    }
}

/// Whether an output's value may be a secret, rather than where one is.
fn gives_away(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let end = text.rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default();
    let is_named = |public: &str| end == public || end.ends_with(&format!("_{public}"));
    !text.starts_with('"') && !PUBLIC_ENDS.iter().any(|public| is_named(public))
}
