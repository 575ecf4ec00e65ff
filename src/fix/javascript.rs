//! A key in JavaScript or TypeScript that runs on a server, read from the environment instead.
//! Must not know other languages.

use super::{Edit, Literal};

/// What only code for browsers says: there is no environment there, and no safe place for a key.
const BROWSER: &[&str] =
    &["use client", "window.", "document.", "import.meta.env", "dangerouslyAllowBrowser", "localStorage"];

pub(super) fn edits(literal: &Literal<'_>) -> Result<Vec<Edit>, &'static str> {
    let whole = literal.quoted(b"\"'`").ok_or("the key is part of a longer string")?;
    if BROWSER.iter().any(|word| memchr::memmem::find(literal.bytes, word.as_bytes()).is_some()) {
        return Err("the file is for a browser, where a key is safe nowhere");
    }
    let line = String::from_utf8_lossy(literal.before()).into_owned();
    if ["//", "/*"].iter().any(|mark| line.contains(mark)) || line.trim_start().starts_with('*') {
        return Err("the key is in a comment");
    }
    if line.contains("process.env") {
        return Err("the line sets the environment or falls back to the key: take the key out by hand");
    }
    let before = line.trim_end_matches(['"', '\'', '`']).trim_end();
    // `"key": 1` has no expression in the place of a name.
    if !before.ends_with([':', '=', '(', ',', '[']) && !before.ends_with("return")
        || literal.after()[1..].trim_ascii_start().starts_with(b":")
    {
        return Err("what stands around the key is not plain");
    }
    Ok(vec![Edit { span: whole, with: format!("process.env.{}", literal.variable) }])
}

#[cfg(test)]
mod tests {
    use crate::fix::tests::fixed;

    #[test]
    fn a_literal_is_read_from_the_environment() {
        assert_eq!(
            fixed("a.ts", "const c = new OpenAI({ apiKey: 'KEY0123456789' });").as_deref(),
            Ok("const c = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });")
        );
        assert_eq!(
            fixed("a.js", "const key = `KEY0123456789`").as_deref(),
            Ok("const key = process.env.OPENAI_API_KEY")
        );
    }

    #[test]
    fn what_is_not_plain_or_not_on_a_server_is_for_people() {
        for text in [
            "window.key = 'KEY0123456789'",
            "// key = 'KEY0123456789'",
            "const h = `Bearer KEY0123456789`",
            "process.env.OPENAI_API_KEY = 'KEY0123456789'",
            "const k = process.env.K || 'KEY0123456789'",
            "const m = { 'KEY0123456789': 1 }",
            "const k = 'a' + 'KEY0123456789'",
            "const c = new OpenAI({ apiKey: 'KEY0123456789', dangerouslyAllowBrowser: true })",
        ] {
            assert!(fixed("a.ts", text).is_err(), "{text}");
        }
        assert!(fixed("a.tsx", "<Chat apiKey='KEY0123456789' />").is_err());
    }
}
