//! What is asked about a secret, of whom: from a rule, a secret and what the user allows to an address and headers, or
//! to a verdict that nobody has to be asked for. Must not know how a request is sent.

use crate::{
    model::{Finding, Fingerprint, Note, Secret, State, Verdict},
    rule::{Catalog, Recipe, Rule},
};
use regex::Regex;
use std::{collections::BTreeMap, sync::Arc};

/// What the user says of where questions go.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Other addresses to ask, by provider: a gateway, or a server for tests. `http://127.0.0.1:8080`.
    pub bases: BTreeMap<String, String>,
    /// The hosts that keys belong to, by provider, for providers with a host for each customer.
    pub hosts: BTreeMap<String, String>,
}

/// One secret, and the one host it is sent to.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whose verdict it will be.
    pub fingerprint: Fingerprint,
    pub(super) secret: Secret,
    pub(super) recipe: Arc<Recipe>,
    /// `https://api.openai.com`
    pub(super) origin: String,
    /// Whether it has the shape that its issuer gives it: what was cut is refused, and says nothing of the whole.
    pub(super) is_whole: bool,
}

/// What is to be done about a secret.
#[derive(Clone, Debug)]
pub enum Told {
    /// To ask.
    Ask(Question),
    /// Nothing: this is known.
    Known(Verdict),
}

impl Question {
    /// The host that is asked.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.origin.split_once("://").map_or(self.origin.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// The request, without the secret.
    #[must_use]
    pub fn request(&self) -> String {
        format!("GET {}{}", self.origin, self.recipe.path())
    }

    /// Whether what it opens takes further requests.
    pub(super) fn asks_further(&self) -> bool {
        self.recipe.access.iter().any(|fact| fact.get.is_some())
    }

    /// All requests that may be sent, without the secret, and the name of the header that holds it.
    #[must_use]
    pub fn plan(&self, access: bool) -> (Vec<String>, String) {
        let further = self.recipe.access.iter().filter_map(|fact| fact.get.as_ref()).filter(|_| access);
        let further = further.map(|path| format!("GET {}{path}", self.origin));
        let header = self.recipe.headers.iter().find(|(_, value)| value.contains("{secret}"));
        (
            std::iter::once(self.request()).chain(further).collect(),
            header.map_or_else(String::new, |(name, _)| name.clone()),
        )
    }
}

/// What is to be done about the secret of `finding`, which `rule` found, at the time `now`.
#[must_use]
pub fn question(finding: &Finding, rule: &Rule, settings: &Settings, now: i64) -> Told {
    let known = |state, why: String| Told::Known(Verdict::unasked(state, why, now));
    let Some(secret) = finding.secret() else {
        return known(State::Unknown, "there is no secret to ask about".to_owned());
    };
    if let Some(end) = expiry(finding) {
        return if end <= now {
            known(State::Dead, "it has expired, by its own date".to_owned())
        } else {
            known(State::Unknown, "it was not sent anywhere, and has not expired by its own date".to_owned())
        };
    }
    let Some(recipe) = &rule.recipe else {
        let why = rule.unasked.as_deref().unwrap_or("no request is known that changes nothing");
        return known(State::Unknown, format!("it was not sent anywhere: {why}"));
    };
    match origin(finding, rule, recipe, settings) {
        Ok(origin) => Told::Ask(Question {
            fingerprint: finding.fingerprint,
            secret: secret.clone(),
            recipe: Arc::clone(recipe),
            origin,
            is_whole: !finding.notes.contains(&Note::UnusualShape),
        }),
        Err(why) => known(State::Unknown, why),
    }
}

/// When a token ends, as it says itself.
fn expiry(finding: &Finding) -> Option<i64> {
    let ends = finding.notes.iter().filter_map(|note| match note {
        Note::Expires { at } => Some(*at),
        _ => None,
    });
    ends.max()
}

/// The address to ask, up to the path.
fn origin(finding: &Finding, rule: &Rule, recipe: &Recipe, settings: &Settings) -> Result<String, String> {
    if let Some(base) = settings.bases.get(&rule.provider) {
        return Ok(base.trim_end_matches('/').to_owned());
    }
    let Some(pattern) = &recipe.host else { return Ok(recipe.origin().to_owned()) };
    let host = settings.hosts.get(&rule.provider).or_else(|| finding.hosts.first());
    let provider = &rule.provider;
    let host = host.ok_or_else(|| {
        format!("it was not sent anywhere: no host stands in the same text; name it by --verify-host {provider}=HOST")
    })?;
    if !is_host(pattern.get_ref(), host) {
        return Err(format!("it was not sent anywhere: {provider} has no such host"));
    }
    Ok(recipe.origin().replace("{host}", &host.to_ascii_lowercase()))
}

/// Whether all of `host` is what `pattern` says.
pub(super) fn is_host(pattern: &str, host: &str) -> bool {
    let whole = Regex::new(&format!("^(?:{pattern})$"));
    whole.is_ok_and(|whole| whole.is_match(host))
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
}

impl Settings {
    /// Names the host that keys of `provider` belong to.
    ///
    /// # Errors
    /// If it is none that they can belong to.
    pub fn add_host(&mut self, provider: &str, host: &str, catalog: &Catalog) -> Result<(), String> {
        let recipes = catalog.rules().iter().filter_map(|rule| Some((rule.provider.as_str(), rule.recipe.as_ref()?)));
        let with_hosts: BTreeMap<&str, &str> =
            recipes.filter_map(|(name, recipe)| Some((name, recipe.host.as_ref()?.get_ref().as_str()))).collect();
        let Some(pattern) = with_hosts.get(provider) else {
            let names = with_hosts.keys().copied().collect::<Vec<_>>().join(", ");
            return Err(format!(
                "write PROVIDER=HOST, where PROVIDER is one that has a host for each customer: {names}"
            ));
        };
        if !is_host(pattern, host) {
            return Err(format!("{provider} has no such host"));
        }
        self.hosts.insert(provider.to_owned(), host.to_owned());
        Ok(())
    }

    /// What is wrong with an address that is to be asked instead of the issuer's own: plain HTTP does for this machine
    /// alone, and nothing but scheme, host, port and the beginning of a path is taken.
    ///
    /// # Errors
    /// The way out.
    pub fn check_base(base: &str) -> Result<(), String> {
        let (scheme, rest) = base.split_once("://").ok_or("an address begins with https://")?;
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                port.parse::<u16>().map_err(|_| "the port is no number")?;
                host
            }
            _ => authority,
        };
        let named = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = literal
            .map_or_else(|| !host.is_empty() && named(host), |address| address.parse::<std::net::Ipv6Addr>().is_ok());
        let is_path = |part: &str| named(part) && !matches!(part, "." | "..");
        let parts = path.strip_suffix('/').unwrap_or(path);
        let is_clean = parts.is_empty() || parts.split('/').all(|part| !part.is_empty() && is_path(part));
        if !is_host || !is_clean {
            return Err("an address is a scheme, a host and perhaps a port and a path; nothing else".to_owned());
        }
        let loopback = host == "localhost"
            || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || literal.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok_and(|it| it.is_loopback()));
        match scheme {
            "https" => Ok(()),
            "http" if loopback => Ok(()),
            "http" => Err("plain http is for this machine alone (127.0.0.1, [::1], localhost); use https".to_owned()),
            _ => Err("an address begins with https://".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_no_further_than_this_machine() {
        for good in [
            "https://gateway.example/openai",
            "https://gateway.example:8443",
            "http://127.0.0.1:8080",
            "http://localhost:1/v1/x",
            "http://[::1]:8080",
        ] {
            assert_eq!(Settings::check_base(good), Ok(()), "{good}");
        }
        for bad in [
            "http://gateway.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example:80",
            "http://user@127.0.0.1:8080",
            "https://user:pass@gateway.example",
            "https://gateway.example?x=",
            "https://gateway.example/a?x=1",
            "https://gateway.example#x",
            "ftp://127.0.0.1",
            "127.0.0.1:8080",
            "https://",
            "https://a b",
            "https://a:99999",
            "http://[::2]:80",
            "https://gateway.example/../x",
            "https://gateway.example//x",
        ] {
            assert!(Settings::check_base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_is_all_that_the_pattern_says() {
        let pattern = r"[a-z0-9-]+\.openai\.azure\.com";
        assert!(is_host(pattern, "my-res.openai.azure.com"));
        for bad in ["my.openai.azure.com.evil.example", "evil.example/my.openai.azure.com", "a@my.openai.azure.com", ""]
        {
            assert!(!is_host(pattern, bad), "{bad}");
        }
    }
}
