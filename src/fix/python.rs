//! A key in Python, read from the environment instead. Must not know other languages.

use super::{Edit, Literal, line_end};
use crate::model::Span;

pub(super) fn edits(literal: &Literal<'_>) -> Result<Vec<Edit>, &'static str> {
    let whole = literal.quoted(b"\"'").ok_or("the key is part of a longer string")?;
    let line = &literal.bytes[whole.start - (literal.before().len() - 1)..whole.start];
    let text = String::from_utf8_lossy(line);
    if text.trim_start().starts_with('#') || is_prefixed(line) {
        return Err("the key is in a comment or in a string of another kind");
    }
    if ["environ", "getenv", "putenv", "setenv"].iter().any(|word| text.contains(word)) {
        return Err("the line sets the environment or falls back to the key: take the key out by hand");
    }
    let mut edits = vec![Edit { span: whole, with: format!("os.environ[\"{}\"]", literal.variable) }];
    edits.extend(import(literal.bytes, whole.start)?);
    Ok(edits)
}

/// Whether what comes next is a string of bytes, a formatted one, or goes on one before.
fn is_prefixed(line: &[u8]) -> bool {
    line.last().is_some_and(|last| last.is_ascii_alphanumeric() || matches!(last, b'"' | b'\''))
}

/// What makes `os` known to code at `place`, if it is not.
fn import(bytes: &[u8], place: usize) -> Result<Option<Edit>, &'static str> {
    let mut at = 0;
    let mut first = None;
    // Where the quotes of a string that goes over lines have to close.
    let mut open: Option<&[u8]> = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (text, start) = (line.trim_ascii_end(), at);
        at += line.len();
        if let Some(quotes) = open {
            open = if memchr::memmem::find(text, quotes).is_some() { None } else { Some(quotes) };
            continue;
        }
        if start >= place {
            break;
        }
        if text == b"import os" || text.starts_with(b"import os,") || text.starts_with(b"import os ;") {
            return Ok(None);
        }
        let is_import = text.starts_with(b"import ") || text.starts_with(b"from ");
        if is_import && !text.starts_with(b"from __future__") && first.is_none() {
            first = Some(start);
        }
        open = [&b"\"\"\""[..], b"'''"]
            .into_iter()
            .find(|quotes| memchr::memmem::find_iter(text, *quotes).count() % 2 == 1);
    }
    let start = first.ok_or("`import os` is missing, and where it belongs is for you to say")?;
    Ok(Some(Edit { span: Span::new(start, start), with: format!("import os{}", line_end(bytes)) }))
}

#[cfg(test)]
mod tests {
    use crate::fix::tests::fixed;

    #[test]
    fn a_literal_is_read_from_the_environment() {
        assert_eq!(
            fixed("a.py", "import os\nc = OpenAI(api_key=\"KEY0123456789\")\n").as_deref(),
            Ok("import os\nc = OpenAI(api_key=os.environ[\"OPENAI_API_KEY\"])\n")
        );
    }

    #[test]
    fn what_is_needed_is_imported_before_the_first_import() {
        assert_eq!(
            fixed("a.py", "\"\"\"Doc.\r\nimport x\r\n\"\"\"\r\nfrom openai import OpenAI\r\nk = 'KEY0123456789'\r\n")
                .as_deref(),
            Ok(
                "\"\"\"Doc.\r\nimport x\r\n\"\"\"\r\nimport os\r\nfrom openai import OpenAI\r\nk = os.environ[\"OPENAI_API_KEY\"]\r\n"
            )
        );
    }

    #[test]
    fn what_is_not_plain_is_for_people() {
        for text in [
            "import os\nk = f\"KEY0123456789\"",
            "import os\nk = \"Bearer KEY0123456789\"",
            "import os\nk = \"\"\"KEY0123456789\"\"\"",
            "import os\nos.environ[\"OPENAI_API_KEY\"] = \"KEY0123456789\"",
            "import os\nk = os.getenv(\"X\", \"KEY0123456789\")",
            "import os\n# k = \"KEY0123456789\"",
            "k = \"KEY0123456789\"",
            "import os\nk = KEY0123456789",
        ] {
            assert!(fixed("a.py", text).is_err(), "{text}");
        }
    }
}
