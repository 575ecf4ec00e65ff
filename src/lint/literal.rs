//! What a value is that somebody gave a variable for a key: the key itself, a reference to it, or a word in its
//! place. Must not know files or formats.

use crate::matcher::{is_of_key, looks_random, may_hold_key};

/// What stands where a key would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing.
    Empty,
    /// Where the key is to be taken from: `${VAR}`, `${{ secrets.X }}`, `op://vault/item`, `ENC[…]`.
    Reference,
    /// A word in its place: `your-key-here`, `EMPTY`, `sk-…`, `ollama`.
    Placeholder,
    /// Something that may well open something.
    Literal,
}

/// No more of a text is judged: what is drawn at random looks so from its start, and judging takes longer than reading.
const JUDGED: usize = 512;

/// What begins a reference, in any case.
const REFERENCES: &[&str] = &[
    "op://",
    "vault:",
    "ref+",
    "enc[",
    "encrypted:",
    "arn:aws",
    "sops:",
    "secret://",
    "secretref:",
    "env:",
    "file:",
    "akv://",
    "gcp-secret",
    "projects/",
    "keyvault",
    "@microsoft.keyvault",
    "process.env",
    "os.environ",
    "env.",
    "env(",
    "getenv",
    "!secret",
    "ssm:",
    "doppler://",
    "infisical://",
    "var.",
    "data.",
    "local.",
    "module.",
];

impl Value {
    /// What `text` is, quotes taken off before.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if text.is_empty() {
            return Self::Empty;
        }
        let expands = |mark: &str| text.contains(mark);
        if text.starts_with(['$', '%', '{', '!', '<', '@', '`'])
            || ["${", "$(", "{{", "<%", "#{", "%(", "$["].iter().any(|mark| expands(mark))
            || REFERENCES.iter().any(|start| lower.starts_with(start))
        {
            return Self::Reference;
        }
        if is_key_like(text) { Self::Literal } else { Self::Placeholder }
    }
}

fn is_key_like(text: &str) -> bool {
    // `sk-zD4G...If3V`: somebody took the middle out.
    if text.contains("...") {
        return false;
    }
    text.bytes().all(is_of_key)
        && may_hold_key(text.as_bytes())
        && looks_random(&body(text).as_bytes()[..body(text).len().min(JUDGED)])
}

/// What follows the prefix that says whose key it is: `sk-proj-`, `gsk_`.
fn body(text: &str) -> &str {
    let ends = text.char_indices().take(16).filter(|(_, c)| matches!(c, '-' | '_'));
    ends.last().map_or(text, |(at, _)| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn of(template: &str) -> Value {
        Value::of(&expand(template, 1).expect("a generator").text)
    }

    #[test]
    fn a_key_of_any_vendor_is_a_literal() {
        for text in [
            "sk-{alnum:48}",
            "sk-ant-api03-{b64u:93}AA",
            "gsk_{alnum:52}",
            "{hex:32}",
            "sk-or-v1-{hex:64}",
            "{alnum:40}",
        ] {
            assert_eq!(of(text), Value::Literal, "{text}");
        }
    }

    #[test]
    fn a_reference_is_none() {
        for text in [
            "${OPENAI_API_KEY}",
            "$OPENAI_API_KEY",
            "${{ secrets.OPENAI_API_KEY }}",
            "op://vault/openai/key",
            "ENC[AES256_GCM,data:{alnum:40}]",
            "encrypted:{alnum:60}",
            "{{ .Values.openai.key }}",
            "%OPENAI_API_KEY%",
            "<%= ENV['X'] %>",
            "vault:secret/data/openai#key",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:openai-AbCdEf",
            "var.openai_api_key",
            "!vault",
            "Bearer ${KEY}",
        ] {
            assert_eq!(of(text), Value::Reference, "{text}");
        }
    }

    #[test]
    fn a_word_in_its_place_is_a_placeholder() {
        for text in [
            "your-api-key-here",
            "sk-your-openai-key",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "EMPTY",
            "dummy",
            "ollama",
            "lm-studio",
            "sk-no-key-required",
            "none",
            "sk-...",
            "sk-{alnum:12}.....{alnum:12}",
            "changeme",
            "not-needed",
            "sk-proj-abcdefghijklmnopqrstuvwxyz",
            "test",
            "sk-1234567890abcdef1234567890",
            "REPLACE_WITH_YOUR_OPENAI_API_KEY",
            "a value with spaces that is long",
        ] {
            assert_eq!(of(text), Value::Placeholder, "{text}");
        }
        assert_eq!(of(" "), Value::Empty);
    }
}
