//! Keys in what is packed into an app. Must not know how keys look.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path, dotfiles,
    given::{self, Given},
    literal::Value,
    names::Names,
};
use crate::model::Span;

/// The lint.
pub(super) struct Mobile;

const RESOURCE: &str = "mobile-key-resource";
const BUILT_IN: &str = "mobile-key-built-in";

/// What of an app a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It is in the app as it is, or its values are.
    Resource,
    /// Settings of one machine, unless git has them.
    Local,
    /// A program that builds an app.
    Gradle,
    /// What an app made with Expo is told.
    Expo,
    /// With which values it is started by its developers.
    Scheme,
}

fn kind(path: Path<'_>) -> Option<Kind> {
    let is_values =
        || path.folder().trim_end_matches('/').rsplit('/').next().is_some_and(|name| name.starts_with("values"));
    match (path.name, path.extension()) {
        ("gradle.properties", _) => Some(Kind::Resource),
        ("local.properties" | "secrets.properties" | "apikey.properties" | "apikeys.properties", _) => {
            Some(Kind::Local)
        }
        ("build.gradle" | "build.gradle.kts", _) => Some(Kind::Gradle),
        ("app.json" | "app.config.js" | "app.config.ts" | "app.config.mjs" | "app.config.cjs", _) => Some(Kind::Expo),
        (_, "plist" | "xcconfig") => Some(Kind::Resource),
        (_, "xml") if is_values() => Some(Kind::Resource),
        (_, "xcscheme") => Some(Kind::Scheme),
        _ => None,
    }
}

impl Lint for Mobile {
    fn rules(&self) -> &'static [&'static str] {
        &[RESOURCE, BUILT_IN]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        kind(path).is_some()
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let path = Path::of(&name);
        let Some(kind) = kind(path) else { return };
        let is_other = match kind {
            Kind::Local => ask.project.is_tracked(path.whole) == Some(false),
            Kind::Expo => memchr::memmem::find(file.bytes, b"expo").is_none(),
            _ => path.extension() == "plist" && dotfiles::is_launched(file.bytes),
        };
        if is_other {
            return;
        }
        out.extend(given::keys(file, ask.names).into_iter().map(|held| held.said(RESOURCE)));
        let literal = |given: &Given| given::is_literal(file, &file.bytes[given.value.range()], given.value);
        let given = given::given(file.bytes, ask.names).filter(|given| !literal(given));
        match kind {
            Kind::Gradle => out.extend(fields(file.bytes, ask.names)),
            Kind::Expo => {
                out.extend(given.filter(|given| is_extra(file.bytes, *given)).map(|given| built_in(file, given.name)))
            }
            Kind::Resource if matches!(path.extension(), "plist" | "xml") => {
                out.extend(given.filter(|given| is_put_in(file.bytes, *given)).map(|given| built_in(file, given.name)));
            }
            _ => {}
        }
    }
}

fn built_in(file: &File<'_>, name: Span) -> Diagnostic {
    let what = String::from_utf8_lossy(&file.bytes[name.range()]).into_owned();
    Diagnostic { rule: BUILT_IN, span: name, what: Some(what) }
}

/// Whether the value is one that the build puts in: `$(OPENAI_API_KEY)`.
fn is_put_in(bytes: &[u8], given: Given) -> bool {
    let value = &bytes[given.value.range()];
    value.starts_with(b"$(") || value.starts_with(b"${") || value.starts_with(b"@string/")
}

/// How far `extra` of an app's settings reaches at most, in bytes.
const EXTRA: usize = 2048;

/// Whether a name stands in `extra`, and is given what the build knows.
fn is_extra(bytes: &[u8], given: Given) -> bool {
    let before = &bytes[given.name.start.saturating_sub(EXTRA)..given.name.start];
    let Some(extra) = memchr::memmem::rfind(before, b"extra") else { return false };
    let depth = before[extra..].iter().fold(0_i32, |depth, byte| match byte {
        b'{' => depth + 1,
        // Past its end it is another's.
        b'}' if depth <= 1 => i32::MIN / 2,
        b'}' => depth - 1,
        _ => depth,
    });
    let value = &bytes[given.value.range()];
    depth > 0 && (value.starts_with(b"process.env") || value.starts_with(b"${") || value.starts_with(b"env."))
}

/// What a program for Gradle calls that puts a value into the app.
const PUTS: &[&str] = &["buildConfigField", "resValue", "manifestPlaceholders"];

/// How far a call of these reaches at most, in bytes.
const CALL: usize = 300;

/// Fields of the app that are named as a key and given something.
fn fields(bytes: &[u8], names: &Names) -> Vec<Diagnostic> {
    let mut fields = Vec::new();
    for word in PUTS {
        for at in memchr::memmem::find_iter(bytes, word) {
            let line = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
            if bytes[line..at].trim_ascii_start().starts_with(b"//") {
                continue;
            }
            let rest = &bytes[at..(at + CALL).min(bytes.len())];
            // To the end of the call; what is put together may go over lines.
            let end =
                rest.windows(2).position(|pair| pair[0] == b'\n' && !pair[1].is_ascii_whitespace() || pair == b"\n\n");
            fields.extend(field(&rest[..end.unwrap_or(rest.len())], names).map(|name| name.shifted(at)).map(|span| {
                let what = String::from_utf8_lossy(&bytes[span.range()]).into_owned();
                Diagnostic { rule: BUILT_IN, span, what: Some(format!("{word} {what}")) }
            }));
        }
    }
    fields.sort_by_key(|field| field.span);
    fields.dedup_by(|b, a| a.span == b.span);
    fields
}

/// The name of a key in a call, if it is given more than nothing or a word in its place.
fn field(call: &[u8], names: &Names) -> Option<Span> {
    let name = names.found(call).next()?;
    // Other calls may come before it.
    let calls = PUTS.iter().filter(|word| memchr::memmem::find(&call[..name.start], word.as_bytes()).is_some());
    let rest = call[name.end..].trim_ascii_start();
    let is_only = calls.count() == 1 && call[..name.start].iter().filter(|byte| **byte == b'\n').count() <= 3;
    let value = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"]").unwrap_or(value).trim_ascii_start();
    let is_given =
        value.starts_with(b",") || value.starts_with(b":") || value.starts_with(b"=") || value.starts_with(b"to ");
    let text = String::from_utf8_lossy(&value[value.len().min(1)..]);
    let text = text.split('\n').next().unwrap_or_default().trim().trim_end_matches([')', ',', ']']);
    let bare = text.trim_matches(['"', '\'', '\\', ' ']);
    let is_expression = text.contains(['$', '(', '+', '[', '.']) || !text.starts_with(['"', '\'']) && !bare.is_empty();
    let is_literal = || Value::of(bare) == Value::Literal;
    (is_only && is_given && (is_expression || is_literal())).then_some(name)
}
