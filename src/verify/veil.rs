//! Masks for whatever of a secret an issuer repeats: its words are shown, and may hold pieces of what it was sent. Must
//! not know what is shown.

use crate::model::Secret;
use data_encoding::{BASE64, BASE64URL};
use std::collections::HashSet;

/// Pieces that are as long as this are of the secret, and not there by chance.
const PIECE: usize = 8;

/// Knows the pieces of one secret, also backwards and in base64.
pub(super) struct Veil {
    pieces: HashSet<[u8; PIECE]>,
}

impl Veil {
    pub(super) fn of(secret: &Secret) -> Self {
        let plain = secret.expose();
        let backwards: Vec<u8> = plain.iter().rev().copied().collect();
        let mut pieces: HashSet<[u8; PIECE]> = HashSet::new();
        let mut forms = vec![plain.to_vec(), backwards];
        // What stands before it decides how base64 cuts it.
        forms.extend((0..3).flat_map(|skip| {
            let rest = plain.get(skip..).unwrap_or_default();
            [BASE64.encode(rest).into_bytes(), BASE64URL.encode(rest).into_bytes()]
        }));
        for form in &forms {
            pieces.extend(form.windows(PIECE).filter_map(|piece| <[u8; PIECE]>::try_from(piece).ok()));
        }
        Self { pieces }
    }

    /// `text` with an ellipsis for each run of characters that the secret has, too.
    pub(super) fn over(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let mut hidden = vec![false; bytes.len()];
        for (at, piece) in bytes.windows(PIECE).enumerate() {
            if piece.try_into().is_ok_and(|piece: [u8; PIECE]| self.pieces.contains(&piece)) {
                hidden[at..at + PIECE].fill(true);
            }
        }
        let mut out = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            if !hidden[at] {
                out.push(c);
            } else if !out.ends_with('…') {
                out.push('…');
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_secret_are_masked_in_any_form_and_nothing_else() {
        let secret = Secret::new(b"sk-proj-Qw7Lm2Xz9Kp4Rt6Yv8Bn", 8);
        let veil = Veil::of(&secret);
        let backwards: String = "sk-proj-Qw7Lm2Xz9Kp4Rt6Yv8Bn".chars().rev().collect();
        let encoded = BASE64.encode(b"xsk-proj-Qw7Lm2Xz9Kp4Rt6Yv8Bn");
        for (text, shown) in [
            ("the models gpt-4o and o3", "the models gpt-4o and o3".to_owned()),
            ("org Qw7Lm2Xz9Kp4!", "org …!".to_owned()),
            ("Qw7Lm2X", "Qw7Lm2X".to_owned()),
            ("é Xz9Kp4Rt6Yv8Bn é", "é … é".to_owned()),
            (&backwards, "…".to_owned()),
        ] {
            assert_eq!(veil.over(text), shown, "{text}");
        }
        assert!(!veil.over(&encoded).contains(&encoded[8..20]), "{}", veil.over(&encoded));
    }
}
