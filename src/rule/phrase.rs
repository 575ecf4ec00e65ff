//! Parts of expressions that many rules share, by name. Must not know any rule.
//!
//! A rule writes `(?&start)` where it means [`START`]; the regex syntax has no such group, so nothing else
//! can be meant.

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

/// What matches of `pattern` begin with, as an expression that is sooner read: what stands between a name and its value
/// begins with a mark, and no more of it is needed to tell where a match could begin.
pub(crate) fn outset(pattern: &str) -> String {
    spelled(&pattern.replace("(?&assigned)", "[^0-9A-Za-z_]+"))
}

/// `pattern` without the [`START`] that all of its matches begin with, if they do: where a word begins is quicker seen
/// than matched, and the ways in which one can begin are too many to look for each.
pub(crate) fn without_start(pattern: &str) -> Option<String> {
    let (flags, rest) = pattern.split_once("(?&start)")?;
    let are_flags = flags.is_empty()
        || flags.strip_prefix("(?").and_then(|flags| flags.strip_suffix(')')).is_some_and(|flags| {
            flags.bytes().all(|flag| flag.is_ascii_alphabetic() || flag == b'-') && !flags.contains('x')
        });
    (are_flags && !is_choice(rest)).then(|| format!("{flags}{rest}"))
}

/// Whether `pattern` is a choice between several, outside all groups.
fn is_choice(pattern: &str) -> bool {
    let (mut depth, mut in_class, mut bytes) = (0_usize, false, pattern.bytes().peekable());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'[' if !in_class => {
                in_class = true;
                // At its beginning, this is a character as any other.
                bytes.next_if_eq(&b'^');
                bytes.next_if_eq(&b']');
            }
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class => depth = depth.saturating_sub(1),
            b'|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Whether a word begins at `at`, as [`START`] has it.
pub(crate) fn begins_word(text: &[u8], at: usize) -> bool {
    let before = &text[..at];
    let are_hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    match before {
        [] => true,
        [.., last] if !last.is_ascii_alphanumeric() && *last != b'_' => true,
        [.., b'\\', b'0' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v'] | [.., b'0'..=b'9' | b';' | b'[', b'm'] => {
            true
        }
        [.., b'%' | b'=', a, b] if are_hex(&[*a, *b]) => true,
        [.., b'\\', b'x', a, b] if are_hex(&[*a, *b]) => true,
        [.., b'\\', b'u', a, b, c, d] => are_hex(&[*a, *b, *c, *d]),
        _ => false,
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
    use super::{START, begins_word, spelled, without_start};
    use proptest::prelude::*;
    use regex::bytes::Regex;

    proptest! {
        #[test]
        fn a_word_begins_where_the_expression_says_so(
            before in prop::collection::vec(prop::sample::select(&b"\\\\\\uuxx%=mm;[n0019afAFgz_-. \n\xe9"[..]), 0..8),
        ) {
            let expected = Regex::new(&format!("(?s-u){START}$")).expect("a pattern");
            prop_assert_eq!(begins_word(&before, before.len()), expected.is_match(&before));
        }
    }

    #[test]
    fn the_beginning_of_a_word_is_left_out_where_all_matches_have_it() {
        assert_eq!(without_start("(?-u)(?&start)(?<secret>a|b)[|]\\|").as_deref(), Some("(?-u)(?<secret>a|b)[|]\\|"));
        for other in ["(?&start)a|b", "a(?&start)b", "(?:(?&start)a)", "(?x)(?&start)a", "(?:(?-u)(?&start)a)"] {
            assert_eq!(without_start(other), None, "{other}");
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
