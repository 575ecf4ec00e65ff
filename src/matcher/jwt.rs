//! What a JSON web token says of itself. Its signature is not checked: a forged one leaks nothing, a
//! genuine one does. Must not know the clock, or who the issuers are.

use crate::{model::Note, rule::Jwt};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// The facts of `token`, if its payload is as `wanted`.
pub(super) fn read(token: &[u8], wanted: &Jwt) -> Option<Vec<Note>> {
    let payload = token.split(|&byte| byte == b'.').nth(1)?;
    let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload).ok()?).ok()?;
    let issuer = claims.get("iss").and_then(Value::as_str);
    let issued = issuer.is_some_and(|issuer| {
        let issuer = issuer.trim_end_matches('/');
        wanted.issuers.iter().any(|known| known.trim_end_matches('/') == issuer)
    });
    if !issued && !wanted.claims.iter().any(|claim| claims.get(claim).is_some()) {
        return None;
    }
    let issuer = issuer.map(|issuer| Note::Issuer { issuer: issuer.to_owned() });
    let expires = claims.get("exp").and_then(Value::as_i64).map(|at| Note::Expires { at });
    Some(issuer.into_iter().chain(expires).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> Vec<u8> {
        format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(payload.as_bytes())).into_bytes()
    }

    fn wanted() -> Jwt {
        Jwt { issuers: vec!["https://auth.example.com".into()], claims: vec!["https://example.com/auth".into()] }
    }

    #[test]
    fn issuer_and_expiry_are_read() {
        let notes = read(&token(r#"{"iss":"https://auth.example.com/","exp":12}"#), &wanted()).expect("ours");
        let issuer = "https://auth.example.com/".to_owned();
        assert_eq!(notes, [Note::Issuer { issuer }, Note::Expires { at: 12 }]);
    }

    #[test]
    fn a_known_claim_is_enough() {
        assert_eq!(read(&token(r#"{"https://example.com/auth":{}}"#), &wanted()), Some(vec![]));
    }

    #[test]
    fn a_foreign_or_broken_token_is_none_of_ours() {
        assert_eq!(read(&token(r#"{"iss":"https://elsewhere.com"}"#), &wanted()), None);
        assert_eq!(read(&token("[1, 2"), &wanted()), None);
        assert_eq!(read(b"no dots", &wanted()), None);
        assert_eq!(read(b"a.%%%.b", &wanted()), None);
    }
}
