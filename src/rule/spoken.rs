//! Named parts of lints' expressions that follow from what providers say of themselves. Must not know any lint.
//!
//! `(?&vendor)` is a word for one of them, in any case; `(?&key-name)` is the name of a variable that holds a key of one,
//! as the environment has it: `OPENAI_API_KEY`, `MY_AZURE_OPENAI_KEY`; `(?&key-variable)` is one as code has it:
//! `openaiApiKey`, `openai.api_key`, `settings.OPENAI_API_KEY`. Both end where the name ends.
//!
//! What may stand between the issuer and `key` is a list so long that compiling it a dozen times in one pattern takes longer
//! than a small scan. So the pattern of a lint takes whatever stands there, in a group, and [`stands_between`] says of a
//! match whether it may. What is tried around a match has the list in it.

use super::{
    Rule, Speech,
    schema::{KEY_NAME, VENDOR},
};

/// What groups begin with that hold what stands between an issuer and `key`.
pub(crate) const BETWEEN: &str = "between";

/// What may stand there, in lower case, beside numbers. Not any word may: `OPENAI_CACHE_KEY` and `OPENAI_MAX_TOKEN` hold no key.
const WORDS: &[&str] = &[
    "api",
    "auth",
    "access",
    "secret",
    "admin",
    "bearer",
    "oauth",
    "session",
    "service",
    "subscription",
    "account",
    "resource",
    "project",
    "org",
    "organization",
    "user",
    "personal",
    "team",
    "server",
    "client",
    "default",
    "primary",
    "secondary",
    "backup",
    "fallback",
    "master",
    "prod",
    "production",
    "dev",
    "staging",
    "code",
    "chat",
    "llm",
    "gpt",
    "whisper",
    "tts",
    "dalle",
    "image",
    "vision",
    "realtime",
    "embedding",
    "embeddings",
    "config",
    "settings",
    "credential",
    "credentials",
];

/// What parts them.
const MARKS: &[&str] = &["", "_", ".", "?.", "::", "->"];

/// No name that people write has more there, in bytes.
const LONGEST: usize = 96;

/// Whether a name may have `text` between the issuer and `key`.
pub(crate) fn stands_between(text: &[u8]) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    // By place: whether words and marks lead there.
    let mut leads = vec![false; text.len() + 1];
    leads[0] = true;
    for at in 0..=text.len() {
        if !leads[at] {
            continue;
        }
        for mark in MARKS.iter().filter(|mark| text[at..].starts_with(mark.as_bytes())) {
            let rest = &text[at + mark.len()..];
            if rest.is_empty() {
                return true;
            }
            let is_next =
                |word: &&&str| rest.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()));
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            for len in WORDS.iter().filter(is_next).map(|word| word.len()).chain(1..=digits) {
                leads[at + mark.len() + len] = true;
            }
        }
    }
    false
}

/// The named parts, written out.
pub(super) struct Spoken {
    vendor: String,
    upper: String,
    words: String,
    variables: String,
}

impl Spoken {
    pub(super) fn of(speech: &Speech) -> Self {
        let words = speech.words.join("|");
        let variables = speech.variables.iter().map(|name| format!("|{name}")).collect();
        Self { vendor: format!("(?i:{words})"), upper: words.to_ascii_uppercase(), words, variables }
    }

    /// Writes them out in the expressions of `rule`.
    pub(super) fn put_into(&self, rule: &mut Rule) {
        if let Some(pattern) = &mut rule.pattern {
            self.put_into_pattern(pattern.get_mut());
        }
        let list = |mark: &str, words: &str| format!("(?:{mark}(?:{words}|[0-9]+))*{mark}");
        for other in rule.patterns_mut().filter(|other| other.contains("(?&")) {
            let words = WORDS.join("|");
            let upper = list("_?", &words.to_ascii_uppercase());
            *other = self.spelled(other, &upper, &list(r"(?:_|\??\.|::|->)?", &words));
        }
    }

    /// The same for what a lint looks for: each group gets a number, since no two may have one name.
    fn put_into_pattern(&self, pattern: &mut String) {
        if !pattern.contains("(?&") {
            return;
        }
        let group = format!("(?<{BETWEEN}");
        let spelled = self.spelled(pattern, &format!("{group}>[A-Z0-9_]*?)"), &format!("{group}>[a-z0-9_.?:>-]*?)"));
        let mut parts = spelled.split(&group);
        let first = parts.next().unwrap_or_default().to_owned();
        *pattern = parts.enumerate().fold(first, |all, (nth, part)| format!("{all}{group}{nth}{part}"));
    }

    /// `pattern` with the parts written out, with `upper` and `lower` for what stands between an issuer and `key`.
    fn spelled(&self, pattern: &str, upper: &str, lower: &str) -> String {
        let Self { upper: vendors, words, variables, .. } = self;
        let name = format!(
            r"(?:(?:[A-Z0-9]+_)*?(?:(?:{vendors}){upper}(?:KEYS?|TOKEN|SECRET){variables})(?:_?[0-9]+)?(?-u:\b))"
        );
        let variable = format!(
            r"(?i:(?:[a-z0-9_]+(?:\.|::|->))*[a-z0-9_]*(?:{words}){lower}(?-i:keys?|Keys?|KEYS?|token|Token|TOKEN|secret|Secret|SECRET)(?:_?[0-9]+)?(?-u:\b))"
        );
        let pattern = pattern.replace(VENDOR, &self.vendor);
        pattern.replace(KEY_NAME, &name).replace("(?&key-variable)", &variable)
    }
}

#[cfg(test)]
mod tests {
    use super::{BETWEEN, Speech, Spoken, stands_between};
    use regex::bytes::Regex;

    /// Whether all of `name` is what the part called `part` stands for.
    fn names(part: &str, name: &str) -> bool {
        let speech = Speech { words: vec!["openai".into(), "claude".into()], variables: vec!["GPT_KEY".into()] };
        let mut pattern = format!("(?-u)^{part}$");
        Spoken::of(&speech).put_into_pattern(&mut pattern);
        let pattern = Regex::new(&pattern).expect("an expression");
        pattern.captures(name.as_bytes()).is_some_and(|groups| {
            let between = groups.name(&format!("{BETWEEN}0"));
            between.is_none_or(|between| stands_between(between.as_bytes()))
        })
    }

    #[test]
    fn the_name_of_a_key_is_told_from_names_of_other_things() {
        for name in [
            "OPENAI_API_KEY",
            "OPENAI_KEY",
            "OPENAIKEY",
            "MY_AZURE_OPENAI_KEY",
            "OPENAI_API_KEY_2",
            "OPENAI_ADMIN_KEY",
            "CLAUDE_CODE_OAUTH_TOKEN",
            "MY_GPT_KEY",
        ] {
            assert!(names("(?&key-name)", name), "{name}");
            assert!(name.contains("GPT_KEY") || names("(?&key-variable)", name), "{name}");
        }
        for name in
            ["openaiApiKey", "openai.api_key", "config.openai.apiKey", "self.openai_key", "process.env.OPENAI_KEY"]
        {
            assert!(names("(?&key-variable)", name), "{name}");
        }
        for name in [
            "OPENAI_KEY_VAULT",
            "OPENAI_MAX_TOKENS",
            "OPENAI_MAX_TOKEN",
            "OPENAI_TOKENS",
            "OPENAI_CACHE_KEY",
            "OPENAI_API_KEY_FILE",
            "OPENAI_MODEL",
            "API_KEY",
            "CLAUDE_STORAGE_KEY",
        ] {
            assert!(!names("(?&key-name)", name) && !names("(?&key-variable)", name), "{name}");
        }
    }

    #[test]
    fn words_stand_between_with_marks_or_without() {
        for text in [
            "",
            "_",
            "api",
            "_API_",
            "Api",
            ".api_",
            "?.",
            "_2_api",
            "apiAccess",
            "CodeOauth",
            "_embeddings_",
            "::",
            "->",
        ] {
            assert!(stands_between(text.as_bytes()), "{text}");
        }
        for text in ["cache", "_MAX_", "api__", "_apix", "x", "..", "embeddingss"] {
            assert!(!stands_between(text.as_bytes()), "{text}");
        }
        assert!(!stands_between(&[b'1'; 1 << 20]));
    }
}
