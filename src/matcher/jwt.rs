//! What a JSON web token says of itself. Its signature is not checked, but there must be one: a token
//! without opens nothing. Must not know the clock, or who the issuers are.

use super::randomness::{self, Look};
use crate::{model::Note, rule::Jwt};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// The shortest signature that secures a token: 32 bytes (HS256), in base64.
const SIGNATURE: usize = 43;

/// The facts of `token`, if it is signed and its payload is as `wanted`.
pub(super) fn read(token: &[u8], wanted: &Jwt) -> Option<Vec<Note>> {
    let mut parts = token.split(|&byte| byte == b'.');
    let (header, claims) = (json(parts.next()?)?, json(parts.next()?)?);
    let signed = header.get("alg").and_then(Value::as_str).is_some_and(|alg| !alg.eq_ignore_ascii_case("none"));
    let signature = parts.next()?;
    if !signed || signature.len() < SIGNATURE || randomness::look(signature) == Look::Placeholder {
        return None;
    }
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

fn json(part: &[u8]) -> Option<Value> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn signed(header: &str, payload: &str, signature: usize) -> Vec<u8> {
        let [header, payload] = [header, payload].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
        let signature = expand(&format!("{{b64u:{signature}}}"), 1).expect("a generator").text;
        format!("{header}.{payload}.{signature}").into_bytes()
    }

    fn token(payload: &str) -> Vec<u8> {
        signed(r#"{"alg":"RS256"}"#, payload, 342)
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
    fn a_token_without_a_signature_is_none() {
        let ours = r#"{"iss":"https://auth.example.com"}"#;
        assert!(read(&signed(r#"{"alg":"HS256"}"#, ours, SIGNATURE), &wanted()).is_some());
        assert_eq!(read(&signed(r#"{"alg":"none"}"#, ours, SIGNATURE), &wanted()), None);
        assert_eq!(read(&signed(r#"{"typ":"JWT"}"#, ours, SIGNATURE), &wanted()), None);
        assert_eq!(read(&signed(r#"{"alg":"RS256"}"#, ours, SIGNATURE - 1), &wanted()), None);
        let mut made_up = signed(r#"{"alg":"RS256"}"#, ours, SIGNATURE);
        made_up.truncate(made_up.len() - SIGNATURE);
        made_up.extend(b"REDACTED-SIGNATURE-REDACTED-SIGNATURE-GOES-HERE");
        assert_eq!(read(&made_up, &wanted()), None);
    }

    #[test]
    fn a_foreign_or_broken_token_is_none_of_ours() {
        assert_eq!(read(&token(r#"{"iss":"https://elsewhere.com"}"#), &wanted()), None);
        assert_eq!(read(&token("[1, 2"), &wanted()), None);
        assert_eq!(read(b"no dots", &wanted()), None);
        assert_eq!(read(b"a.%%%.b", &wanted()), None);
    }
}
