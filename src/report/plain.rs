//! Texts from outside as one may show them. Must not know formats.
//!
//! Secrets are not looked for here: a report comes with those in its texts masked.

use crate::model::{Text, visible};

/// As UTF-8, with bad bytes replaced.
pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Safe to show within one line: tabs are made visible too.
pub(super) fn line(bytes: &[u8]) -> String {
    visible(bytes).replace('\t', "\\t")
}

/// The same for a text.
pub(super) fn text(text: &Text) -> String {
    line(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_tab_and_no_newline() {
        assert_eq!(line(b"a\tb\nc\xff"), "a\\tb\\u{a}c\\xff");
    }
}
