//! What answers of issuers mean, each that is documented, over real sockets; and what is made of it in reports.

use crate::{
    fixture::{key, key_of, text},
    issuer::{Answer, Asked, Issuer},
    verify::{MODELS, asking, scan, verdict},
};
use serde_json::Value;

/// Every row of what is documented of OpenAI's answers: status, code, type, message, and what it means.
const ROWS: &[(u16, &str, &str, &str, &str)] = &[
    (401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided: sk-proj-****abcd", "dead"),
    (401, "", "invalid_request_error", "Incorrect API key provided: sk-****abcd", "dead"),
    (401, "account_deactivated", "invalid_request_error", "This account was deactivated", "dead"),
    (401, "mismatched_organization", "invalid_request_error", "", "live-limited"),
    (401, "no_organization", "invalid_request_error", "", "live-limited"),
    (401, "", "invalid_request_error", "You must be a member of an organization to use the API", "live-limited"),
    (401, "missing_scope", "invalid_request_error", "Missing scopes: api.model.read", "live-limited"),
    (403, "missing_scope", "invalid_request_error", "Missing scopes: api.model.read", "live-limited"),
    (403, "", "invalid_request_error", "You have insufficient permissions for this operation.", "live-limited"),
    (401, "", "invalid_request_error", "IP not authorized", "live-limited"),
    (403, "unsupported_country_region_territory", "request_forbidden", "Country not supported", "unknown"),
    (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota", "live-limited"),
    (429, "credit_balance_exhausted", "insufficient_quota", "", "live-limited"),
    (429, "organization_spend_limit_exceeded", "insufficient_quota", "", "live-limited"),
    (429, "project_spend_limit_exceeded", "insufficient_quota", "", "live-limited"),
    (429, "organization_usage_limit_exceeded", "insufficient_quota", "", "live-limited"),
    (429, "billing_not_active", "billing_not_active", "", "live-limited"),
    (429, "rate_limit_exceeded", "requests", "Rate limit reached", "live"),
    (503, "slow_down", "server_error", "Slow down", "unknown"),
    (401, "access_terminated", "invalid_request_error", "", "dead"),
    (400, "", "invalid_request_error", "Bad request", "unknown"),
    (500, "", "server_error", "The server had an error", "unknown"),
    (401, "token_expired", "invalid_request_error", "", "dead"),
    (401, "token_invalidated", "invalid_request_error", "", "dead"),
];

#[test]
fn each_documented_answer_is_taken_for_what_it_means() {
    let number = |asked: &Asked, keys: &dyn Fn(u64) -> String| {
        (0..ROWS.len()).find(|&nth| asked.headers.iter().any(|header| header.ends_with(&keys(nth as u64))))
    };
    for kind in ["openai-project-key", "openai-admin-key"] {
        let keys = move |seed: u64| if kind == "openai-project-key" { key(seed) } else { key_of(kind, seed) };
        let issuer = Issuer::new(move |asked, _| {
            let (status, code, kind, message, _) = ROWS[number(asked, &keys).expect("one of ours")];
            let code = if code.is_empty() { Value::Null } else { code.into() };
            let body = serde_json::json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
            let headers = "openai-organization: org-x\r\nx-request-id: r\r\nretry-after: 0\r\n".to_owned();
            Answer::Say(status, headers, body.to_string())
        });
        let folder = asking(&issuer);
        folder.write("src/a.txt", (0..ROWS.len()).map(|nth| keys(nth as u64)).collect::<Vec<_>>().join("\n"));
        let all = scan(&folder, &["--verify"]);
        for (nth, row) in ROWS.iter().enumerate() {
            let told = verdict(&all, &keys(nth as u64));
            assert_eq!(told.split(':').next(), Some(row.4), "{kind} {row:?}: {told}");
        }
        let path =
            if kind == "openai-project-key" { "GET /v1/models" } else { "GET /v1/organization/admin_api_keys?limit=1" };
        assert!(issuer.asked().iter().all(|asked| asked.line == path));
    }
}

#[test]
fn a_live_key_is_critical_in_every_format() {
    let issuer = Issuer::saying(200, MODELS);
    let folder = asking(&issuer);
    folder.write("src/a.txt", key_of("azure-ai-key", 1));
    let severity = |args: &[&str]| text(&scan(&folder, args).findings()[0]["severity"]).to_owned();
    assert_eq!((severity(&[]), severity(&["--verify"])), ("high".to_owned(), "critical".to_owned()));
    let written = |format: &str| {
        folder.keylint(["scan", "src", "--config", "own/ask.toml", "--verify", "--format", format]).stdout()
    };
    assert!(written("gitlab").contains(r#""severity": "Critical""#), "{}", written("gitlab"));
    let sarif = written("sarif");
    assert!(sarif.contains(r#""verdict": "live""#) && sarif.contains(r#""severity": "critical""#), "{sarif}");
    assert!(sarif.contains("It works: revoke it now, before anything else."), "{sarif}");
}
