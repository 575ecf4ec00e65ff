//! One request sent and its answer read: TLS checked, no redirect followed, nothing kept, an end to waiting and to
//! reading. Must not know what is asked or what answers mean.

use super::{Options, answer::Answer};
use reqwest::{
    blocking::{self, Response},
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use std::{
    error::Error,
    io::Read,
    time::{Duration, Instant},
};

/// No more of an answer's body is read, in bytes: lists of models are some tens of thousands.
const BODY: usize = 4 << 20;

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
#[error("nobody can be asked: {0}")]
pub struct ClientError(String);

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// In words that quote nothing.
    pub(super) why: &'static str,
    /// Whether asking again may help.
    pub(super) again: bool,
}

/// Sends requests, from all threads.
pub(super) struct Client {
    http: blocking::Client,
    /// The same past all proxies, for this machine itself.
    direct: blocking::Client,
    patience: Duration,
    /// When all must be over.
    pub(super) deadline: Instant,
}

impl Client {
    pub(super) fn new(options: Options, deadline: Instant) -> Result<Self, ClientError> {
        // Fails only if a provider is there already, which then serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            blocking::Client::builder()
                .redirect(redirect::Policy::none())
                .referer(false)
                .timeout(options.patience)
                .connect_timeout(options.patience)
                // Of a connection that is used again, nobody knows whether a request came through before it broke.
                .pool_max_idle_per_host(0)
                .user_agent(concat!("keylint/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error: reqwest::Error| ClientError(error.without_url().to_string());
        let http = builder().build().map_err(failed)?;
        let direct = builder().no_proxy().build().map_err(failed)?;
        Ok(Self { http, direct, patience: options.patience, deadline })
    }

    /// Asks for `url` with `headers`, of which all values are taken for secret.
    pub(super) fn get(&self, url: &str, headers: &[(String, String)]) -> Result<Answer, Silence> {
        let end = self.deadline.min(Instant::now() + self.patience);
        let left = end.saturating_duration_since(Instant::now());
        let headers = secret(headers).ok_or(Silence { why: "it cannot stand in a header", again: false })?;
        // Plain HTTP is for this machine alone, and a proxy is another.
        let client = if url.starts_with("http://") { &self.direct } else { &self.http };
        let sent = client.get(url).headers(headers).timeout(left).send();
        let mut response = sent.map_err(|error| reason(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let headers = headers.collect();
        let body = body(&mut response, end)?;
        Ok(Answer { status, headers, body })
    }
}

fn secret(headers: &[(String, String)]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        map.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(map)
}

/// The beginning of the body, however slowly it comes and however long it is.
fn body(response: &mut Response, end: Instant) -> Result<Vec<u8>, Silence> {
    let mut body = Vec::new();
    let mut part = [0; 16 << 10];
    while body.len() < BODY {
        if Instant::now() >= end {
            return Err(LATE);
        }
        match response.read(&mut part) {
            Ok(0) => break,
            Ok(read) => body.extend_from_slice(&part[..read.min(BODY - body.len())]),
            Err(_) if Instant::now() >= end => return Err(LATE),
            Err(_) => return Err(BROKEN),
        }
    }
    Ok(body)
}

// The secret may have been received: it is not sent once more.
const LATE: Silence = Silence { why: "there was no whole answer in time", again: false };
const BROKEN: Silence = Silence { why: "the connection broke", again: false };

/// Why a request has failed, in our own words: an error may quote what was sent.
fn reason(error: &reqwest::Error) -> Silence {
    if error.is_timeout() {
        return LATE;
    }
    let mut source: Option<&dyn Error> = error.source();
    while let Some(cause) = source {
        let text = cause.to_string().to_ascii_lowercase();
        if text.contains("certificate") {
            return Silence { why: "the certificate of the host is not to be trusted", again: false };
        }
        if text.contains("dns error") {
            return Silence { why: "the host has no address here", again: false };
        }
        source = cause.source();
    }
    if error.is_connect() { Silence { why: "the host cannot be reached", again: true } } else { BROKEN }
}
