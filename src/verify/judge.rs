//! What an answer means, by a recipe, and what it tells of what the secret opens. Must not know how it came.

use super::answer::{Answer, errors, has, texts};
use crate::{
    model::{Access, State, visible},
    rule::{Fact, Outcome, Recipe},
};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;

/// No more values of one fact are kept, nor longer ones.
const VALUES: usize = 1000;
const LENGTH: usize = 100;

/// What an answer was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) state: State,
    pub(super) why: Option<String>,
    /// Whether asking again may tell more.
    pub(super) again: bool,
}

/// What `answer` means by `recipe`: the first outcome that fits, else nothing for certain.
pub(super) fn judge(recipe: &Recipe, answer: &Answer) -> Judgement {
    let json = answer.json();
    let (codes, messages) = json.as_ref().map(errors).unwrap_or_default();
    let of_status = recipe.outcomes.iter().filter(|outcome| outcome.status.contains(&answer.status));
    let is_there = |outcome: &&Outcome| {
        let wanted = outcome.has.as_ref();
        wanted.is_none_or(|path| json.as_ref().is_some_and(|json| has(json, path)))
    };
    let fitting = of_status.filter(is_there).filter_map(|outcome| Some((outcome, fits(outcome, &codes, &messages)?)));
    let fitting: Vec<(&Outcome, String)> = fitting.collect();
    if let Some((outcome, detail)) = fitting.first() {
        let says = |wanted: &dyn Fn(State) -> bool| fitting.iter().any(|(outcome, _)| wanted(outcome.verdict));
        if says(&|state: State| state.is_live()) && says(&|state| state == State::Dead) {
            let why = Some("the answer says that it works and that it does not".to_owned());
            return Judgement { state: State::Unknown, why, again: false };
        }
        let why = Some(outcome.why.replace("{detail}", detail)).filter(|why| !why.is_empty());
        return Judgement { state: outcome.verdict, why, again: outcome.again };
    }
    let status = answer.status;
    let (why, again) = match status {
        300..400 => ("a redirect, which is not followed", false),
        429 => ("not now", true),
        500.. => ("an error of its own", true),
        _ => ("in a form that is not known", false),
    };
    Judgement { state: State::Unknown, why: Some(format!("the answer was {status}, {why}")), again }
}

/// What the group `detail` of the message is, or nothing, if `outcome` fits.
fn fits(outcome: &Outcome, codes: &[String], messages: &[String]) -> Option<String> {
    if !outcome.code.is_empty() && !codes.iter().any(|code| outcome.code.contains(code)) {
        return None;
    }
    let Some(pattern) = &outcome.message else { return Some(String::new()) };
    // A pattern that is wrong fits nothing; those of built-in rules are tested.
    let pattern = Regex::new(pattern.get_ref()).ok()?;
    let found = messages.iter().find_map(|message| pattern.captures(message))?;
    Some(found.name("detail").map_or_else(String::new, |detail| detail.as_str().to_owned()))
}

/// What `answers` tell of what the secret opens; the first is that to the recipe's own question, the others are by the
/// path of their question. `hide` puts masks over secrets.
pub(super) fn access(
    facts: &[Fact],
    first: &Answer,
    further: &BTreeMap<String, Answer>,
    hide: &dyn Fn(&str) -> String,
) -> Vec<Access> {
    let mut known = Vec::new();
    for fact in facts {
        let answer = match &fact.get {
            Some(path) => further.get(path).filter(|answer| answer.status == 200),
            None => Some(first),
        };
        let Some(answer) = answer else { continue };
        let header = fact.header.iter().filter_map(|name| answer.header(name)).map(str::to_owned);
        let items = fact.items.iter().filter_map(|path| Some(texts(&answer.json()?, path))).flatten();
        let mut values: Vec<String> = header.chain(items).collect();
        let has_more = answer.json().is_some_and(|json| json.get("has_more").and_then(Value::as_bool) == Some(true));
        let more = values.len() > VALUES || fact.items.is_some() && has_more;
        values.truncate(VALUES);
        let short = |value: String| visible(hide(&value).as_bytes()).chars().take(LENGTH).collect();
        let values: Vec<String> = values.into_iter().map(short).collect();
        if !values.is_empty() {
            known.push(Access { name: fact.name.clone(), values, more });
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Catalog;
    use serde_json::json;

    /// What an answer means by the recipe of `rule`.
    fn of(rule: &str, status: u16, body: &serde_json::Value) -> (State, String) {
        let catalog = Catalog::builtin();
        let recipe = catalog.get(rule).and_then(|rule| rule.recipe.clone()).expect("a recipe");
        let body = serde_json::to_vec(body).expect("it is JSON");
        let judged = judge(&recipe, &Answer { status, body, ..Answer::default() });
        (judged.state, judged.why.unwrap_or_default())
    }

    fn openai(status: u16, code: &str, kind: &str, message: &str) -> State {
        let code = if code.is_empty() { json!(null) } else { json!(code) };
        let body = json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
        let states = ["openai-project-key", "openai-admin-key"].map(|rule| of(rule, status, &body).0);
        assert_eq!(states[0], states[1], "{status} {code} {message}");
        states[0]
    }

    #[test]
    fn each_documented_answer_of_openai_means_what_it_says() {
        use State::{Dead, Live, LiveLimited, Unknown};
        let request = "invalid_request_error";
        let cases = [
            (401, "invalid_api_key", request, "Incorrect API key provided: sk-proj-****abcd.", Dead),
            (401, "", request, "Incorrect API key provided: sk-****abcd.", Dead),
            (401, "account_deactivated", request, "The account has been deactivated.", Dead),
            (403, "access_terminated", request, "Your access was terminated.", Dead),
            (401, "mismatched_organization", request, "", LiveLimited),
            (401, "no_organization", request, "", LiveLimited),
            (401, "", request, "You must be a member of an organization to use the API", LiveLimited),
            (
                401,
                "missing_scope",
                request,
                "You have insufficient permissions. Missing scopes: api.model.read.",
                LiveLimited,
            ),
            (
                403,
                "",
                request,
                "You have insufficient permissions for this operation. Missing scopes: api.model.read",
                LiveLimited,
            ),
            (403, "", request, "You have insufficient permissions for this operation.", LiveLimited),
            (401, "ip_not_authorized", request, "", LiveLimited),
            (401, "", request, "Your IP is not authorized to use this API key", LiveLimited),
            (403, "unsupported_country_region_territory", "request_forbidden", "Country not supported", Unknown),
            (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota", LiveLimited),
            (429, "", "insufficient_quota", "You exceeded your current quota", LiveLimited),
            (429, "credit_balance_exhausted", "insufficient_quota", "", LiveLimited),
            (429, "organization_spend_limit_exceeded", "insufficient_quota", "", LiveLimited),
            (429, "project_spend_limit_exceeded", "insufficient_quota", "", LiveLimited),
            (429, "organization_usage_limit_exceeded", "insufficient_quota", "", LiveLimited),
            (429, "billing_not_active", "billing_not_active", "", LiveLimited),
            (429, "rate_limit_exceeded", "requests", "Rate limit reached", Live),
            (503, "slow_down", "server_error", "Slow down", Unknown),
            (500, "", "server_error", "", Unknown),
            (400, "", request, "bad request", Unknown),
            (401, "", request, "something that nobody has seen yet", Unknown),
            (403, "", request, "something that nobody has seen yet", Unknown),
            (404, "", request, "", Unknown),
            (302, "", "", "", Unknown),
            (200, "", "", "", Unknown),
        ];
        for (status, code, kind, message, expected) in cases {
            assert_eq!(openai(status, code, kind, message), expected, "{status} {code} {message}");
        }
        for rule in ["openai-project-key", "openai-admin-key"] {
            assert_eq!(of(rule, 200, &json!({"object": "list", "data": []})).0, Live);
            for other in [json!({"login": "please"}), json!([]), json!("<html>"), json!({"data": [], "error": {}})] {
                assert_eq!(of(rule, 200, &other).0, Unknown, "{other}");
            }
        }
        let ended = json!({"error": {"code": "token_expired"}});
        assert_eq!(of("openai-project-key", 401, &ended).0, Dead);
    }

    #[test]
    fn what_speaks_for_both_or_of_something_else_is_not_taken_for_the_end() {
        let both = json!({"error": {"code": "account_deactivated", "message": "Missing scopes: api.model.read"}});
        assert_eq!(of("openai-project-key", 403, &both).0, State::Unknown);
        let both = json!({"error": {"code": "invalid_api_key", "message": "Missing scopes: api.model.read"}});
        assert_eq!(of("openai-project-key", 401, &both).0, State::Unknown);
        let elsewhere = json!({"gateway": {"policy": {"type": "invalid_api_key"}}, "message": "gateway key missing"});
        assert_eq!(of("openai-project-key", 401, &elsewhere).0, State::Unknown);
    }

    #[test]
    fn the_scope_that_is_missing_is_named_and_nothing_else_is_quoted() {
        let missing = |scope: &str| {
            let body = json!({"error": {"message": format!("Missing scopes: {scope}."), "code": "missing_scope"}});
            of("openai-project-key", 403, &body).1
        };
        assert_eq!(missing("api.model.read"), "it is restricted and lacks api.model.read");
        for other in ["\u{1b}[2J", "AbCdEf.GhIjKl", "a1b2.c3d4"] {
            assert_eq!(missing(other), "it is restricted", "{other}");
        }
    }

    #[test]
    fn each_documented_answer_of_the_others_means_what_it_says() {
        use State::{Dead, Live, LiveLimited, Unknown};
        let error = |kind: &str, message: &str| json!({"type": "error", "error": {"type": kind, "message": message}});
        let cases = [
            ("anthropic-api-key", 200, json!({"data": []}), Live),
            ("anthropic-api-key", 401, error("authentication_error", "invalid x-api-key"), Dead),
            (
                "anthropic-api-key",
                400,
                error("invalid_request_error", "Your credit balance is too low to"),
                LiveLimited,
            ),
            ("anthropic-api-key", 402, error("billing_error", ""), LiveLimited),
            ("anthropic-api-key", 403, error("permission_error", ""), LiveLimited),
            ("anthropic-api-key", 403, error("x", "This organization has been disabled."), Dead),
            ("anthropic-api-key", 404, error("not_found_error", ""), Unknown),
            ("anthropic-api-key", 429, error("rate_limit_error", ""), Live),
            ("anthropic-api-key", 529, error("overloaded_error", ""), Unknown),
            ("anthropic-admin-key", 200, json!({"id": "o", "name": "o"}), Live),
            ("anthropic-admin-key", 401, error("authentication_error", ""), Dead),
            ("anthropic-admin-key", 403, error("permission_error", ""), LiveLimited),
            ("azure-openai-key", 200, json!({"data": []}), Live),
            ("azure-openai-key", 401, json!({"error": {"code": "401", "message": "Access denied"}}), Unknown),
            (
                "azure-openai-key",
                403,
                json!({"error": {"code": "403", "message": "Public access is disabled."}}),
                Unknown,
            ),
            ("azure-openai-key", 404, json!({}), Unknown),
            ("azure-openai-key", 429, json!({"error": {"code": "429", "message": "rate limit"}}), Live),
            ("azure-openai-key", 429, json!({}), Unknown),
            ("anthropic-api-key", 402, json!({}), Unknown),
        ];
        for (rule, status, body, expected) in cases {
            assert_eq!(of(rule, status, &body).0, expected, "{rule} {status} {body}");
        }
    }

    #[test]
    fn every_message_that_a_rule_looks_for_is_a_pattern() {
        let catalog = Catalog::builtin();
        for rule in catalog.rules().iter().filter(|rule| rule.lint.is_none()) {
            assert!(rule.recipe.is_some() != rule.unasked.is_some(), "{}: says nothing of being asked", rule.id());
            for (field, pattern) in rule.recipe.iter().flat_map(|recipe| recipe.patterns()) {
                Regex::new(pattern.get_ref()).unwrap_or_else(|error| panic!("{} {field}: {error}", rule.id()));
            }
        }
    }

    #[test]
    fn what_is_open_is_read_from_headers_and_bodies_and_kept_short() {
        let fact = |header: Option<&str>, items: Option<&str>, get: Option<&str>| Fact {
            name: "x".into(),
            header: header.map(Into::into),
            items: items.map(Into::into),
            get: get.map(Into::into),
        };
        let facts = [
            fact(Some("org"), None, None),
            fact(None, Some("data/*/id"), None),
            fact(None, Some("name"), Some("/more")),
            fact(None, Some("name"), Some("/refused")),
        ];
        let many: Vec<_> = (0..VALUES + 1).map(|nth| json!({"id": format!("m{nth}{}", "-".repeat(200))})).collect();
        let body = |json: serde_json::Value| serde_json::to_vec(&json).expect("JSON");
        let first = Answer {
            status: 200,
            headers: vec![("org".into(), "the SECRET\u{1b}".into())],
            body: body(json!({"data": many})),
        };
        let answer = |status| Answer { status, body: body(json!({"name": "n"})), ..Answer::default() };
        let further = BTreeMap::from([("/more".to_owned(), answer(200)), ("/refused".to_owned(), answer(403))]);
        let known = access(&facts, &first, &further, &|text| text.replace("SECRET", "…"));
        assert_eq!(known.len(), 3);
        assert_eq!((known[0].values[0].as_str(), known[0].more), ("the …\\u{1b}", false));
        assert_eq!((known[1].values.len(), known[1].values[7].len(), known[1].more), (VALUES, LENGTH, true));
        assert_eq!(known[2].values, ["n"]);
    }
}
