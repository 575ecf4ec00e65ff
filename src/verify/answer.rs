//! What an issuer answers, as far as it is read: a status, headers, the beginning of a body. Must not know what it means.

use serde_json::Value;

/// An answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// By name, in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Names under which issuers say which error it is.
const CODES: [&str; 5] = ["code", "type", "status", "reason", "error"];
/// Names under which they say it in words.
const MESSAGES: [&str; 5] = ["message", "detail", "error", "msg", "error_description"];

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its JSON, if it is some.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// How many seconds it asks to wait before the next request. A date is compared with its own: clocks differ.
    pub(super) fn retry_after(&self) -> Option<u64> {
        let asked = self.header("retry-after")?.trim();
        let date = |text: &str| Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp().as_second());
        let until = || u64::try_from(date(asked)? - date(self.header("date")?)?).ok();
        let is_number = !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { Some(asked.parse().unwrap_or(u64::MAX)) } else { until() }
    }
}

/// Every code and type of the error in `json`, and every message: of the whole, and of its `error`. What stands
/// elsewhere is about something else.
pub(super) fn errors(json: &Value) -> (Vec<String>, Vec<String>) {
    let (mut codes, mut messages) = (Vec::new(), Vec::new());
    let places = [Some(json), json.get("error")];
    for (name, value) in places.iter().flatten().filter_map(|place| place.as_object()).flatten() {
        let Some(text) = value.as_str() else { continue };
        if CODES.contains(&name.as_str()) {
            codes.push(text.to_owned());
        }
        if MESSAGES.contains(&name.as_str()) {
            messages.push(text.to_owned());
        }
    }
    (codes, messages)
}

/// Whether `json` has something at `path`, and is no error.
pub(super) fn has(json: &Value, path: &str) -> bool {
    let there = path.split('/').try_fold(json, |json, name| json.get(name));
    there.is_some_and(|there| !there.is_null()) && json.get("error").is_none_or(Value::is_null)
}

/// The texts at `path` in `json`: names with slashes between, `*` for each element.
pub(super) fn texts(json: &Value, path: &str) -> Vec<String> {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let below: Vec<&Value> = match json {
        Value::Array(elements) if name == "*" => elements.iter().collect(),
        _ => json.get(name).into_iter().collect(),
    };
    match rest {
        Some(rest) => below.into_iter().flat_map(|value| texts(value, rest)).collect(),
        None => below.into_iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn codes_and_messages_are_found_wherever_issuers_put_them() {
        let of = |json: Value| errors(&json);
        let nested = of(json!({"error": {"message": "Missing scopes", "type": "t", "code": "missing_scope"}}));
        assert_eq!(nested, (vec!["missing_scope".into(), "t".into()], vec!["Missing scopes".into()]));
        let plain = of(json!({"error": "invalid", "detail": "no"}));
        assert_eq!(plain, (vec!["invalid".into()], vec!["no".into(), "invalid".into()]));
        assert_eq!(of(json!([{"code": "x"}])).0, [""; 0]);
        assert_eq!(of(json!({"code": null, "gateway": {"code": "invalid_api_key"}})).0, [""; 0]);
        for (json, there) in [
            (json!({"data": []}), true),
            (json!({"data": null}), false),
            (json!({"data": [], "error": {}}), false),
            (json!([]), false),
        ] {
            assert_eq!(has(&json, "data"), there, "{json}");
        }
    }

    #[test]
    fn a_path_leads_to_all_it_fits() {
        let json = json!({"data": [{"id": "a"}, {"id": 1}, {"x": 2}, {"id": "b"}], "name": "n"});
        assert_eq!(texts(&json, "data/*/id"), ["a", "b"]);
        assert_eq!(texts(&json, "name"), ["n"]);
        assert_eq!(texts(&json, "name/x"), [""; 0]);
        assert_eq!(texts(&json, "*/id"), [""; 0]);
    }

    #[test]
    fn a_wait_is_given_in_seconds_or_by_a_date() {
        let of = |value: &str, now: &str| {
            let headers = vec![("retry-after".into(), value.into()), ("date".into(), now.into())];
            Answer { headers, ..Answer::default() }.retry_after()
        };
        assert_eq!(of(" 7 ", ""), Some(7));
        assert_eq!(of("99999999999999999999", ""), Some(u64::MAX));
        assert_eq!(of("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:27:51 GMT"), Some(9));
        assert_eq!(of("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:29:00 GMT"), None);
        assert_eq!(of("Wed, 21 Oct 2026 07:28:00 GMT", "now"), None);
        assert_eq!(of("soon", ""), None);
        assert_eq!(Answer::default().retry_after(), None);
    }
}
