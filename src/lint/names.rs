//! Whether a name is that of something that holds a key: `OPENAI_API_KEY`, `openaiApiKey`, `openai.api-key`.
//!
//! Must not know files, values, or any issuer: what issuers are called is said by their rules.

use crate::{
    matcher::Prefilter,
    model::Span,
    rule::{Speech, any_case},
};
use std::collections::HashSet;

/// What issuers are called, to tell names of keys by.
#[derive(Debug)]
pub(super) struct Names {
    /// Texts of which every name of a key has one, in lower case, and the search for them.
    parts: Vec<String>,
    search: Prefilter,
    /// Words that names are made of, in lower case.
    words: Vec<String>,
    /// Names in which no such word stands, without what parts them.
    variables: HashSet<String>,
}

/// No name that people write is longer, in bytes.
pub(super) const LONGEST: usize = 96;
/// A word of so many letters is no part of another one by chance.
const TELLING: usize = 6;

/// What may follow the name of a key that tells it from others.
const QUALIFIERS: &[&str] = &[
    "prod",
    "production",
    "dev",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "live",
    "local",
    "backup",
    "old",
    "new",
    "primary",
    "secondary",
    "fallback",
    "default",
    "main",
    "personal",
    "value",
    "arg",
];

/// What makes a switch of what would be the name of a key: `USE_OPENAI_KEY`.
const SWITCHES: &[&str] = &[
    "is", "has", "have", "use", "uses", "using", "enable", "enabled", "disable", "require", "requires", "required",
    "need", "needs", "hide", "show", "allow", "skip", "no", "validate", "check", "valid", "invalid", "missing",
    "existing",
];

/// What makes a key, token or secret one that opens nothing, or the name of one.
const HARMLESS: &[&str] = &[
    "deploy",
    "private",
    "ssh",
    "public",
    "cache",
    "storage",
    "partition",
    "sort",
    "foreign",
    "row",
    "idempotency",
    "map",
    "query",
    "config",
    "setting",
    "settings",
    "routing",
    "object",
    "lookup",
    "dedupe",
    "translation",
    "hot",
    "shortcut",
    "kms",
    "existing",
    "encryption",
    "signing",
    "hash",
];

/// What makes a token one that is counted.
const COUNTED: &[&str] = &[
    "max",
    "maximum",
    "min",
    "num",
    "count",
    "limit",
    "total",
    "input",
    "output",
    "prompt",
    "completion",
    "stop",
    "eos",
    "bos",
    "pad",
    "special",
    "csrf",
    "page",
    "next",
    "per",
    "cost",
    "price",
    "context",
];

impl Names {
    /// The names that follow from what issuers are called.
    pub(super) fn of(speech: &Speech) -> Self {
        let joined = |name: &String| Parts::of(name.as_bytes()).joined;
        let parts = speech.parts_of_names();
        Self {
            search: Prefilter::of_words(&any_case(&parts)),
            parts,
            words: speech.words.clone(),
            variables: speech.variables.iter().map(joined).collect(),
        }
    }

    /// Where in `text` something stands, in order, that every name of a key has in it.
    pub(super) fn hints(&self, text: &[u8]) -> Vec<Span> {
        let mut hints = Vec::new();
        self.search.candidates(text, |found| hints.push(found.span));
        hints
    }

    /// Whether `name` could be that of a key: a short look, since hardly any is.
    pub(super) fn may_be_key(&self, name: &[u8]) -> bool {
        let has = |part: &String| name.windows(part.len()).any(|text| text.eq_ignore_ascii_case(part.as_bytes()));
        self.parts.iter().any(has)
    }

    /// Whether `name`, in any style of writing, is that of something that holds a key.
    pub(super) fn is_key(&self, name: impl AsRef<[u8]>) -> bool {
        let name = name.as_ref();
        if name.len() > LONGEST || !self.may_be_key(name) {
            return false;
        }
        let parts = Parts::of(name);
        self.variables.contains(&parts.joined) || self.words.iter().any(|word| parts.is_key_of(word))
    }

    /// Where in `text`, such as a line of a shell, names of keys stand.
    pub(super) fn found<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Span> + 'a {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                at += text[at..].iter().position(is_part)?;
                let len = text[at..].iter().position(|byte| !is_part(byte)).unwrap_or(text.len() - at);
                let span = Span::new(at, at + len);
                at = span.end;
                if self.is_key(&text[span.range()]) {
                    return Some(span);
                }
            }
        })
    }
}

/// A name, taken apart where its writer did: at marks, and where small letters meet large ones or digits.
struct Parts {
    /// Its letters and digits, in lower case.
    joined: String,
    /// Where its parts begin in that.
    starts: Vec<usize>,
}

impl Parts {
    fn of(name: &[u8]) -> Self {
        let mut parts = Self { joined: String::with_capacity(name.len()), starts: Vec::new() };
        for (at, byte) in name.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric()) {
            let before = at.checked_sub(1).map(|at| name[at]).filter(u8::is_ascii_alphanumeric);
            let after = name.get(at + 1);
            let begins = match before {
                None => true,
                Some(before) if byte.is_ascii_digit() => !before.is_ascii_digit(),
                Some(before) if byte.is_ascii_uppercase() => {
                    before.is_ascii_lowercase()
                        || before.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase)
                }
                Some(_) => false,
            };
            if begins {
                parts.starts.push(parts.joined.len());
            }
            parts.joined.push(char::from(byte.to_ascii_lowercase()));
        }
        parts
    }

    /// Whether this names a key of what is called `word`.
    fn is_key_of(&self, word: &str) -> bool {
        let is_word = |at: &usize| word.len() >= TELLING || self.starts.contains(at);
        let mut places = self.joined.match_indices(word).map(|(at, _)| at).filter(is_word);
        places.any(|at| {
            let before = self.between(0, at);
            let mut after = self.between(at + word.len(), self.joined.len());
            while after.last().is_some_and(|last| is_qualifier(last)) {
                after.pop();
            }
            let is_switch = before.first().is_some_and(|first| SWITCHES.contains(first));
            // `API_KEY_OPENAI` beside `OPENAI_API_KEY`.
            let said = if after.is_empty() { &before } else { &after };
            !is_switch && is_key(said)
        })
    }

    /// The parts from `start` up to `end`.
    fn between(&self, start: usize, end: usize) -> Vec<&str> {
        let inner = self.starts.iter().copied().filter(|at| start < *at && *at < end);
        let mut bounds = vec![start];
        bounds.extend(inner);
        bounds.push(end);
        bounds.windows(2).map(|pair| &self.joined[pair[0]..pair[1]]).filter(|part| !part.is_empty()).collect()
    }
}

fn is_qualifier(part: &str) -> bool {
    QUALIFIERS.contains(&part) || part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether these parts of a name end as those of a key do.
fn is_key(parts: &[&str]) -> bool {
    let Some((last, before)) = parts.split_last() else { return false };
    let before = before.last().copied().unwrap_or_default();
    match *last {
        "key" => !HARMLESS.contains(&before),
        "token" => !HARMLESS.contains(&before) && !COUNTED.contains(&before),
        // `OPENAI_API_KEY_SECRET` is what the secret is called that the key is in.
        "secret" => !HARMLESS.contains(&before) && !matches!(before, "key" | "apikey" | "token"),
        // One word, or torn apart in an unusual place: `APIkey`.
        _ => {
            ["apikey", "apikeys", "secretkey", "accesskey", "authtoken"].iter().any(|end| parts.concat().ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let list = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect();
        Names::of(&Speech { words: list(&["openai", "anthropic", "xai"]), variables: list(&["HF_TOKEN"]) })
    }

    #[test]
    fn names_of_keys_are_known_in_any_style() {
        for name in [
            "OPENAI_API_KEY",
            "openai_api_key",
            "openaiApiKey",
            "OpenAIKey",
            "openAiApiKey",
            "openAIAPIKey",
            "openaiAPIkey",
            "openai-api-key",
            "openai.api.key",
            "OPENAI_APIKEY",
            "OPENAIAPIKEY",
            "OPENAI_KEY",
            "OPENAI_TOKEN",
            "OPENAI_SECRET",
            "OPENAI_SECRET_KEY",
            "OPENAI_API_KEYS",
            "OPENAI_API_KEY_2",
            "OPENAI_API_KEY2",
            "OPENAI_API_KEY_PROD",
            "OPENAI_API_KEY_ARG",
            "OPENAI_SESSION_TOKEN",
            "AZURE_OPENAI_KEY",
            "AZURE_OPENAI_API_KEY",
            "AZURE_OPENAI_AD_TOKEN",
            "ANTHROPIC_API_KEY",
            "ANTHROPIC_AUTH_TOKEN",
            "NEXT_PUBLIC_OPENAI_API_KEY",
            "TF_VAR_openai_api_key",
            "MYOPENAI_API_KEY",
            "API_KEY_OPENAI",
            "apiKeyOpenAI",
            "XAI_API_KEY",
            "xaiApiKey",
            "HF_TOKEN",
            "hfToken",
        ] {
            assert!(names().is_key(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_none() {
        for name in [
            "",
            "OPENAI",
            "API_KEY",
            "OPENAI_MAX_TOKENS",
            "OPENAI_MAX_TOKEN",
            "OPENAI_COST_PER_TOKEN",
            "OPENAI_KEY_VAULT_URL",
            "OPENAI_API_KEY_FILE",
            "OPENAI_API_KEY_PATH",
            "OPENAI_SECRET_NAME",
            "OPENAI_API_KEY_SECRET",
            "OPENAI_API_KEY_SECRET_NAME",
            "OPENAI_API_KEY_ID",
            "OPENAI_KEY_ID",
            "OPENAI_API_KEY_REQUIRED",
            "OPENAI_PUBLIC_KEY",
            "OPENAI_ACTION_DEPLOY_KEY",
            "OPENAI_APP_PRIVATE_KEY",
            "OPENAI_BASE_URL",
            "OPENAI_MODEL",
            "USE_OPENAI_KEY",
            "hasOpenaiApiKey",
            "openaiKeyRef",
            "openai_cache_key",
            "existingOpenaiSecret",
            "OPENAI_MONKEY",
            "OPENAI_API_KEY_ENCRYPTION_KEY",
            "MAXAI_API_KEY",
            "STRIPE_API_KEY",
            "\u{e9}\u{0}\u{ff}",
        ] {
            assert!(!names().is_key(name), "{name}");
        }
        assert!(!names().is_key(b"\xff\xfe"));
        assert!(!names().is_key("OPENAI_KEY_".repeat(100)));
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let text = b"export OPENAI_API_KEY=x; curl $STRIPE_KEY \"${ANTHROPIC_API_KEY}\" OPENAI_MODEL";
        let found: Vec<&[u8]> = names().found(text).map(|span| &text[span.range()]).collect();
        assert_eq!(found, [&b"OPENAI_API_KEY"[..], b"ANTHROPIC_API_KEY"]);
    }
}
