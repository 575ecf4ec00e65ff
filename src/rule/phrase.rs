//! Parts of expressions that many rules share, by name. Must not know any rule.
//!
//! A rule writes `(?&start)` where it means [`START`]; the regex syntax has no such group, so nothing else
//! can be meant.

use super::{Speech, schema::VENDOR};

/// The beginning of a word, as a person sees it: no letter, digit or underscore stands before, unless it
/// is part of an escape (`\n`, `%3D`, `=3D`, `\u0022`, `\x3d`) or of a colour code.
const START: &str =
    r"(?:^|[^0-9A-Za-z_]|\\[0abfnrtv]|[%=][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[0-9;\[]m)";

/// A character that is part of no word: itself, or escaped in one of the usual ways.
macro_rules! mark {
    ($plain:literal) => {
        concat!(
            "(?:",
            $plain,
            r"|\\[0abfnrtv]|[%=][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}",
            r"|(?:\x1b|\\u001[Bb]|\\x1[Bb]|\\033|\\e)\[[0-9;]*m",
            r"|&(?:quot|apos|amp|lt|gt|#x?[0-9A-Fa-f]+);)"
        )
    };
}

/// What stands between a name and the value it is given: marks, and a few words. There are too many
/// languages and formats to list what they write there; what they have in common is that no other name
/// is given a value in between. So a mark that assigns may follow the name, and words that belong to
/// an assignment (`value=`, `: string =`, `default:`), and few others. Nothing in it is counted but the
/// words: counted repetitions are unrolled, and compiling them would take longer than a small scan.
const ASSIGNED: &str = concat!(
    mark!("[^0-9A-Za-z_]"),
    "+",
    r"(?:(?i:values?|val|default(?:_?value)?|content|body|text|data|class|type|get|set",
    r"|str|string|char|charsequence|option|optional|null|none|undefined)",
    mark!("[^0-9A-Za-z_]"),
    "+|[0-9A-Za-z_]+",
    mark!("[^0-9A-Za-z_:=]"),
    "+",
    // r#"value"#, b'value', f"value": a letter that belongs to the quote.
    r##"|[A-Za-z]{1,2}#{0,2}["']){0,4}"##,
);

/// The named parts.
const PHRASES: &[(&str, &str)] = &[("(?&start)", START), ("(?&assigned)", ASSIGNED)];

/// `pattern` with the named parts written out.
#[must_use]
pub fn spelled(pattern: &str) -> String {
    PHRASES.iter().fold(pattern.to_owned(), |pattern, (name, part)| pattern.replace(name, part))
}

/// Named parts that follow from what providers say of themselves: for lints.
///
/// `(?&vendor)` is a word for one of them, in any case; `(?&key-name)` is the name of a variable that holds a key of one,
/// as the environment has it: `OPENAI_API_KEY`, `MY_AZURE_OPENAI_KEY`; `(?&key-variable)` is one as code has it:
/// `openaiApiKey`, `openai.api_key`, `settings.OPENAI_API_KEY`. Both end where the name ends.
pub(super) struct Spoken {
    vendor: String,
    key_name: String,
    key_variable: String,
}

/// What may stand between an issuer and `key` in a name, in lower case. Not any word may: `OPENAI_CACHE_KEY` and
/// `OPENAI_MAX_TOKEN` hold no key.
const BETWEEN: &str = "api|auth|access|secret|admin|bearer|oauth|session|service|subscription|account|resource|project\
    |org|organization|user|personal|team|server|client|default|primary|secondary|backup|fallback|master|prod|production\
    |dev|staging|code|chat|llm|gpt|whisper|tts|dalle|image|vision|realtime|embeddings?|config|settings|credentials?\
    |[0-9]+";

impl Spoken {
    pub(super) fn of(speech: &Speech) -> Self {
        let words = speech.words.join("|");
        let (upper, between) = (words.to_ascii_uppercase(), BETWEEN.to_ascii_uppercase());
        let variables: String = speech.variables.iter().map(|name| format!("|{name}")).collect();
        Self {
            vendor: format!("(?i:{words})"),
            key_name: format!(
                r"(?:(?:[A-Z0-9]+_)*?(?:(?:{upper})(?:_?(?:{between}))*_?(?:KEYS?|TOKEN|SECRET){variables})(?:_?[0-9]+)?(?-u:\b))"
            ),
            key_variable: format!(
                r"(?i:(?:[a-z0-9_]+(?:\.|::|->))*[a-z0-9_]*(?:{words})(?:(?:_|\??\.|::|->)?(?:{between}))*(?:_|\??\.|::|->)?(?-i:keys?|Keys?|KEYS?|token|Token|TOKEN|secret|Secret|SECRET)(?:_?[0-9]+)?(?-u:\b))"
            ),
        }
    }

    /// Writes them out in `pattern`.
    pub(super) fn put_into(&self, pattern: &mut String) {
        if pattern.contains("(?&") {
            *pattern = pattern
                .replace(VENDOR, &self.vendor)
                .replace("(?&key-name)", &self.key_name)
                .replace("(?&key-variable)", &self.key_variable);
        }
    }
}

/// The part of a pattern that is the secret: its group `secret`, else all of it.
#[must_use]
pub fn secret_of(pattern: &str) -> Option<String> {
    let whole = regex_syntax::ParserBuilder::new().utf8(false).build().parse(&spelled(pattern)).ok()?;
    let secret = group(&whole).unwrap_or(&whole);
    Some(secret.to_string())
}

fn group(of: &regex_syntax::hir::Hir) -> Option<&regex_syntax::hir::Hir> {
    use regex_syntax::hir::HirKind;
    match of.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => Some(&capture.sub),
        HirKind::Capture(capture) => group(&capture.sub),
        HirKind::Repetition(repetition) => group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Speech, Spoken, spelled};
    use regex::bytes::Regex;

    /// Whether all of `name` is what the part called `part` stands for.
    fn names(part: &str, name: &str) -> bool {
        let speech = Speech { words: vec!["openai".into(), "claude".into()], variables: vec!["GPT_KEY".into()] };
        let mut pattern = format!("(?-u)^{part}$");
        Spoken::of(&speech).put_into(&mut pattern);
        finds(&pattern, name)
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

    fn finds(pattern: &str, text: &str) -> bool {
        Regex::new(&spelled(pattern)).expect("an expression").is_match(text.as_bytes())
    }

    #[test]
    fn a_word_begins_after_anything_that_is_none() {
        for text in [
            "#7",
            " #7",
            "\"#7",
            "=#7",
            "-#7",
            "=3D#7",
            "\\n#7",
            "\\t#7",
            "%3D#7",
            "\\u0022#7",
            "\\x3d#7",
            "\u{1b}[31m#7",
        ] {
            assert!(finds("(?-u)(?&start)#7", text), "{text:?}");
        }
        for text in ["n#7", "_#7", "3D#7", "mm#7"] {
            assert!(!finds("(?-u)(?&start)#7", text), "{text:?}");
        }
    }

    #[test]
    fn a_value_is_given_in_many_ways() {
        for text in [
            "NAME=#7",
            "NAME = '#7'",
            "\"NAME\": \"#7\"",
            "\\\"NAME\\\": \\\"#7\\\"",
            "NAME: #7",
            "env['NAME'] = \"#7\"",
            "'NAME' => '#7'",
            "NAME := \"#7\"",
            "const NAME: string = '#7'",
            "NAME: Optional[str] = \"#7\"",
            "const NAME: &'static str = \"#7\"",
            "var NAME string = \"#7\"",
            "getenv(\"NAME\", \"#7\")",
            "getenv(\"NAME\", default=\"#7\")",
            "getenv(\"NAME\") or \"#7\"",
            "env.NAME || '#7'",
            "env.NAME ?? '#7'",
            "${NAME:-#7}",
            "ENV NAME #7",
            "<NAME>#7</NAME>",
            "<key>NAME</key>\n\t<string>#7</string>",
            "<add key=\"NAME\" value=\"#7\" />",
            "- name: NAME\n  value: \"#7\"",
            "{\"name\": \"NAME\", \"value\": \"#7\"}",
            "NAME = String::from(\"#7\")",
            "NAME = new Credential(\"#7\")",
            "NAME = b'#7'",
            "NAME = r#\"#7\"#",
            "NAME=\"\"\"#7\"\"\"",
            "NAME <- '#7'",
            "NAME ||= '#7'",
            "NAME?: string = '#7'",
            "const NAME = <string>'#7'",
            "Const NAME As String = \"#7\"",
            "string NAME { get; set; } = \"#7\"",
            "env::var(\"NAME\").unwrap_or_else(|_| \"#7\".into())",
            "variable \"NAME\" {\n  default = \"#7\"\n}",
            "| `NAME` | `#7` |",
            "**NAME**: **#7**",
            "NAME=\u{1b}[33m#7",
            "NAME%3D#7",
            "NAME=3D#7",
            "NAME\\u003d\\u0022#7",
            "&quot;NAME&quot;: &quot;#7",
            "NAME: >-\n  #7",
            "secret set NAME --body #7",
        ] {
            assert!(finds("(?-u)NAME(?&assigned)#7", text), "{text:?}");
        }
        for text in ["NAME#7", "NAME_TOO=#7", "NAME=\n\n\nOTHER=#7", "\"NAME\": null, \"etag\": \"#7\""] {
            assert!(!finds("(?-u)NAME(?&assigned)#7", text), "{text:?}");
        }
    }
}
