//! What is put into a script: variables of the shell, and expressions that CI puts in before any shell sees them. Must not
//! know commands.

use std::ops::Range;

/// A place where a value is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Reference {
    /// All of it: `${NAME:-x}`, `${{ secrets.NAME }}`.
    pub(in crate::lint) place: Range<usize>,
    /// The name of what is put in; nothing if it is all secrets there are.
    pub(in crate::lint) name: Range<usize>,
    pub(in crate::lint) source: Source,
    /// Whether the value is put in as it is, and not its length or its first letters.
    pub(in crate::lint) is_whole: bool,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Source {
    /// `$NAME` of a shell.
    Variable,
    /// `${{ secrets.NAME }}`, `${{ inputs.name }}`: put into the text of the script.
    Expression,
    /// `${{ toJSON(secrets) }}`
    AllSecrets,
}

/// The reference that begins at `at` of `text`, and where it ends; an end alone for what puts in nothing that has a name.
/// `is_literal` says whether a shell would leave the text alone.
pub(super) fn read(text: &str, at: usize, is_literal: bool) -> Option<(Option<Reference>, usize)> {
    let rest = &text[at..];
    if let Some(inner) = rest.strip_prefix("${{") {
        let end = inner.find("}}").map_or(text.len(), |end| at + 3 + end + 2);
        return Some((expression(text, at..end), end));
    }
    if is_literal {
        return None;
    }
    if rest.starts_with('%') {
        return percent(text, at);
    }
    if let Some(inner) = rest.strip_prefix("$env:") {
        return Some(variable(at, at + 5, name_len(inner)));
    }
    if let Some(inner) = rest.strip_prefix("$(") {
        // As Azure has it. A shell would run a command of this name, and none is called so.
        let len = name_len(inner);
        let is_name = inner[len..].starts_with(')') && inner[..len].bytes().any(|byte| byte.is_ascii_uppercase());
        return is_name.then(|| {
            let place = at..at + 2 + len + 1;
            (Some(whole(place.clone(), at + 2..at + 2 + len, Source::Variable)), place.end)
        });
    }
    if rest.starts_with("${") {
        return Some(expansion(text, at));
    }
    let len = name_len(rest.strip_prefix('$')?);
    (len > 0).then(|| variable(at, at + 1, len))
}

fn whole(place: Range<usize>, name: Range<usize>, source: Source) -> Reference {
    Reference { place, name, source, is_whole: true }
}

fn variable(at: usize, name: usize, len: usize) -> (Option<Reference>, usize) {
    let reference = whole(at..name + len, name..name + len, Source::Variable);
    ((len > 0).then_some(reference), name + len)
}

/// How long the name is that `text` begins with.
fn name_len(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// `%NAME%`
fn percent(text: &str, at: usize) -> Option<(Option<Reference>, usize)> {
    let len = name_len(&text[at + 1..]);
    let end = at + 1 + len + 1;
    let closes = len > 0 && text.as_bytes().get(end - 1) == Some(&b'%');
    closes.then(|| (Some(whole(at..end, at + 1..at + 1 + len, Source::Variable)), end))
}

/// `${NAME…}`, ended by its brace or its line.
fn expansion(text: &str, at: usize) -> (Option<Reference>, usize) {
    let inner = &text[at + 2..];
    let is_length = inner.starts_with(['#', '!']);
    let is_env = inner.starts_with("env:");
    let skip = if is_length { 1 } else { usize::from(is_env) * 4 };
    let len = name_len(&inner[skip..]);
    let after = &inner[skip + len..];
    let end = after.find(['}', '\n']).map_or(text.len(), |end| at + 2 + skip + len + end);
    let end = end + usize::from(text[end..].starts_with('}'));
    let is_whole = !is_length
        && (after.starts_with('}')
            || after.starts_with(['-', '?', '='])
            || [":-", ":?", ":="].iter().any(|sign| after.starts_with(sign)));
    let start = at + 2 + skip;
    let reference = Reference { place: at..end, name: start..start + len, source: Source::Variable, is_whole };
    ((len > 0).then_some(reference), end)
}

/// `${{ … }}`: a secret, an input or a variable by itself, or all secrets.
fn expression(text: &str, place: Range<usize>) -> Option<Reference> {
    let inner = text[place.clone()].trim_start_matches("${{").trim_end_matches("}}");
    let start = place.start + 3;
    let compact: String = inner.chars().filter(|c| !c.is_whitespace()).take(64).collect();
    if compact.to_ascii_lowercase().contains("tojson(secrets)") {
        return Some(whole(place, start..start, Source::AllSecrets));
    }
    let lead = inner.len() - inner.trim_start().len();
    let trimmed = inner.trim();
    let name = ["secrets.", "inputs.", "env.", "vars."].iter().find_map(|context| trimmed.strip_prefix(context));
    let quoted = || trimmed.strip_prefix("secrets['").and_then(|rest| rest.strip_suffix("']"));
    let name = name.or_else(quoted)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_name) {
        return None;
    }
    let begin = start + lead + trimmed.find(name)?;
    Some(whole(place, begin..begin + name.len(), Source::Expression))
}
