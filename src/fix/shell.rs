//! A key in a shell script, taken from the environment it is started in instead. Must not know other languages.

use super::{Edit, Literal};

pub(super) fn edits(literal: &Literal<'_>) -> Result<Vec<Edit>, &'static str> {
    let line = literal.before();
    let text = String::from_utf8_lossy(line);
    if text.trim_start().starts_with('#') || text.contains(" #") {
        return Err("the key is in a comment");
    }
    if is_in_heredoc(literal) {
        return Err("the file has texts of its own that this may be part of");
    }
    match open_quote(line) {
        Some(b'\'') if literal.quoted(b"'").is_none() => Err("nothing is put into a string in such quotes"),
        open => {
            // An empty variable would be taken for a key: `:?` ends the script instead, and says which one is missing.
            let read = format!("${{{}:?}}", literal.variable);
            let whole = literal.quoted(b"\"'").filter(|_| open.is_some());
            let quoted = format!("\"{read}\"");
            Ok(match (whole, open) {
                (Some(span), _) => vec![Edit { span, with: quoted }],
                (None, Some(_)) => vec![Edit { span: literal.span, with: read }],
                (None, None) => vec![Edit { span: literal.span, with: quoted }],
            })
        }
    }
}

/// The quote that is open at the end of `line`.
fn open_quote(line: &[u8]) -> Option<u8> {
    let mut open = None;
    let mut escaped = false;
    for &byte in line {
        match (open, byte) {
            _ if escaped => escaped = false,
            (None | Some(b'"'), b'\\') => escaped = true,
            (None, b'"' | b'\'') => open = Some(byte),
            (Some(quote), _) if quote == byte => open = None,
            _ => {}
        }
    }
    open
}

/// Whether there may be a heredoc around the key.
fn is_in_heredoc(literal: &Literal<'_>) -> bool {
    memchr::memmem::find(&literal.bytes[..literal.span.start], b"<<").is_some()
}

#[cfg(test)]
mod tests {
    use crate::fix::tests::fixed;

    #[test]
    fn a_literal_is_taken_from_the_environment() {
        for (text, after) in [
            ("export OPENAI_API_KEY=KEY0123456789\n", "export OPENAI_API_KEY=\"${OPENAI_API_KEY:?}\"\n"),
            ("KEY='KEY0123456789'; run", "KEY=\"${OPENAI_API_KEY:?}\"; run"),
            (
                "curl -H \"Authorization: Bearer KEY0123456789\" x",
                "curl -H \"Authorization: Bearer ${OPENAI_API_KEY:?}\" x",
            ),
        ] {
            assert_eq!(fixed("a.sh", text).as_deref(), Ok(after));
        }
        assert!(fixed("run", "#!/usr/bin/env bash\nKEY=KEY0123456789\n").is_ok());
    }

    #[test]
    fn what_would_not_be_put_in_is_for_people() {
        for text in [
            "curl -H 'Authorization: Bearer KEY0123456789' x",
            "# KEY=KEY0123456789",
            "cat <<EOF\nkey: KEY0123456789\nEOF\n",
        ] {
            assert!(fixed("a.sh", text).is_err(), "{text}");
        }
    }
}
