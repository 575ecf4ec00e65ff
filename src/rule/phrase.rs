//! Parts of expressions that many rules share, by name. Must not know any rule.
//!
//! A rule writes `(?&start)` where it means [`START`]; the regex syntax has no such group, so nothing else
//! can be meant.

/// The beginning of a word, as a person sees it: no letter, digit or underscore stands before, unless it
/// is part of an escape (`\n`, `%3D`, `\u0022`, `\x3d`) or of a colour code.
const START: &str = r"(?:^|[^0-9A-Za-z_]|\\[0abfnrtv]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|[0-9;\[]m)";

/// What stands between a name and the value it is given, in the languages and formats that people write
/// names and values in: operators, types, defaults, quotes, elements, the word `value`.
const ASSIGNED: &str = concat!(
    // What closes the name: "name", ['name'], getenv("name").
    r#"\\?["'`]?[\])]{0,2}"#,
    r"(?:",
    // name = value, name: value, name => value, ("name", value), name || value, ${name:-value}
    r"\s{0,20}(?:=>|:=|\|\||\?\?|\?:|:-|==|[:=,])",
    // name: string = value, name: &'static str = value, name: Optional[str] = value
    r"|\s{0,9}:\s{0,9}[A-Za-z_&<>\[\]?|. ']{1,40}=",
    // var name string = value
    r"|[ \t]{1,9}[a-z]{3,8}[ \t]{0,9}:?=",
    // getenv("name") or value
    r"|\s{1,9}or\b",
    // ENV name value
    r"|[ \t]{1,9}",
    // <name>value, <key>name</key><string>value
    r"|\s{0,9}>(?:<!\[CDATA\[)?|</[A-Za-z]{1,10}>\s{0,40}<[A-Za-z]{1,10}>",
    // "name": "…", "value": "…"; key="name" value="…"; ("name", default="…")
    r#"|[,;]?\s{1,40}\\?["']?(?i:value|default)\\?["']?\s{0,9}[:=]"#,
    r")",
    // What opens the value: "value", String::from("value"), new Credential("value"), b'value'.
    r#"\s{0,20}(?:(?:new )?[A-Za-z_$@.:]{0,30}\(?\s{0,9}\\?["'`])?"#,
);

/// The named parts.
const PHRASES: &[(&str, &str)] = &[("(?&start)", START), ("(?&assigned)", ASSIGNED)];

/// `pattern` with the named parts written out.
#[must_use]
pub fn spelled(pattern: &str) -> String {
    PHRASES.iter().fold(pattern.to_owned(), |pattern, (name, part)| pattern.replace(name, part))
}

#[cfg(test)]
mod tests {
    use super::spelled;
    use regex::bytes::Regex;

    fn finds(pattern: &str, text: &str) -> bool {
        Regex::new(&spelled(pattern)).expect("an expression").is_match(text.as_bytes())
    }

    #[test]
    fn a_word_begins_after_anything_that_is_none() {
        for text in
            ["#7", " #7", "\"#7", "=#7", "-#7", "\\n#7", "\\t#7", "%3D#7", "\\u0022#7", "\\x3d#7", "\u{1b}[31m#7"]
        {
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
        ] {
            assert!(finds("(?-u)NAME(?&assigned)#7", text), "{text:?}");
        }
        for text in ["NAME#7", "NAME_TOO=#7", "NAME is not #7", "NAME=\n\n\nOTHER=#7"] {
            assert!(!finds("(?-u)NAME(?&assigned)#7", text), "{text:?}");
        }
    }
}
