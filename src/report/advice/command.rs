//! Command lines that can be run as they stand, in a POSIX shell and in PowerShell. Must not know what they are for.

use crate::model::Text;

/// `words` as one command line; none if a word cannot be written so that every shell reads it.
pub(super) fn line(words: &[&str]) -> Option<String> {
    let quoted: Option<Vec<String>> = words.iter().map(|word| quoted(word)).collect();
    quoted.map(|words| words.join(" "))
}

/// `word` as a shell reads it, in quotes if it must be.
fn quoted(word: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,^~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Some(word.to_owned());
    }
    // Within single quotes only the quote itself has a meaning, and another one in each shell.
    let is_safe =
        |c: char| !c.is_control() && c != '\'' && crate::model::visible(c.to_string().as_bytes()).len() == c.len_utf8();
    word.chars().all(is_safe).then(|| format!("'{word}'"))
}

/// `texts` as words, if all of them are text.
pub(super) fn words(texts: &[Text]) -> Option<Vec<&str>> {
    texts.iter().map(|text| std::str::from_utf8(text.as_bytes()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_than_them() {
        assert_eq!(line(&["git", "add", "--", "a/b.py"]).as_deref(), Some("git add -- a/b.py"));
        assert_eq!(line(&["git", "add", "$(x) y.py"]).as_deref(), Some("git add '$(x) y.py'"));
        assert_eq!(line(&["git", "stash@{0}"]).as_deref(), Some("git 'stash@{0}'"));
        assert_eq!(line(&["é"]).as_deref(), Some("'é'"));
        assert_eq!(line(&[""]).as_deref(), Some("''"));
    }

    #[test]
    fn what_no_quotes_hold_is_in_no_command() {
        for word in ["it's", "a\nb", "\u{1b}[2J", "a\u{202e}b"] {
            assert_eq!(line(&["git", word]), None, "{word:?}");
        }
        assert_eq!(words(&[Text::from(&b"\xff"[..])]), None);
    }
}
