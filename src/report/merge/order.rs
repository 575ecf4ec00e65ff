//! In which order a report tells things: as a scan would have them. Must not know how they are joined.

use crate::model::{Confidence, Severity, State};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::cmp::Reverse;

type Object = Map<String, Value>;

const SITES: [&str; 9] =
    ["file", "file-name", "loose-blob", "loose-tree", "commit", "tag", "ref-name", "git-file", "stdin"];
const PROBLEMS: [&str; 9] =
    ["unreadable", "changed", "damaged", "missing", "truncated", "unverified", "limit", "interrupted", "internal"];
const NOTES: [&str; 3] = ["unusual-shape", "expires", "issuer"];
const REASONS: [&str; 4] = ["before", "baseline", "inline", "allowed"];
const NUMBERS: [&str; 6] = ["line", "column", "end_line", "end_column", "offset", "length"];

/// Findings: what works first, then the worst, the surest, what is still there, what came first.
pub(super) fn finding(finding: &Value) -> impl Ord + use<> {
    let state = finding.get("verdict").and_then(state).unwrap_or(State::Unknown);
    let places = || finding.get("places").and_then(Value::as_array).into_iter().flatten();
    let now = places().any(|place| is(place, "in_worktree") || is(place, "in_head"));
    let since = places().filter_map(|place| introduced(place).map(|(time, _)| time)).min();
    let worst = Reverse((severity(finding), confidence(finding), now));
    let state = State::ALL.iter().position(|known| *known == state);
    (state, worst, since.unwrap_or(i64::MAX), text(finding, "rule").to_owned(), text(finding, "fingerprint").to_owned())
}

/// What does not count: as findings, and one of several reasons by the reason.
pub(super) fn suppressed(suppressed: &Value, inner: &str) -> impl Ord + use<> {
    let why = suppressed.get("why").unwrap_or(&Value::Null);
    (finding(suppressed.get(inner).unwrap_or(&Value::Null)), rank(&REASONS, text(why, "kind")), why.to_string())
}

/// Places of one finding: what is there now, then what came first.
pub(super) fn place(place: &Value) -> impl Ord + use<> {
    let site = place.get("site").unwrap_or(&Value::Null);
    let site = (
        rank(&SITES, text(site, "kind")),
        text(site, "id").to_owned(),
        raw(site, "path"),
        raw(site, "name"),
        text(site, "part").to_owned(),
    );
    let now = (!is(place, "in_worktree"), !is(place, "in_head"));
    let repository = place.get("repository").and_then(Value::as_u64);
    (now, introduced(place), repository, site, position(place), place.to_string())
}

/// Versions of one place.
pub(super) fn version(version: &Value) -> impl Ord + use<> {
    let text = |name| text(version, name).to_owned();
    (text("object"), text("commit"), position(version), version.to_string())
}

/// Notes of one key.
pub(super) fn note(note: &Value) -> impl Ord + use<> {
    (rank(&NOTES, text(note, "kind")), note.to_string())
}

/// Problems: by kind, then by what they are about.
pub(super) fn problem(problem: &Value) -> impl Ord + use<> {
    (rank(&PROBLEMS, text(problem, "kind")), raw(problem, "what"), problem.to_string())
}

/// Notices: by file, those of one file by line.
pub(super) fn notice(notice: &Value) -> impl Ord + use<> {
    let what = text(notice, "what");
    let at = what.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse::<u64>().ok()?)));
    let (file, line) = at.unwrap_or((what, 0));
    (file.to_owned(), line, raw(notice, "what"), notice.to_string())
}

/// Which of two verdicts of one key is to be believed: the greater. An answer says more than none, then the later one
/// holds; of one moment, the more urgent one.
pub(super) fn verdict(verdict: Option<&Value>) -> impl Ord + use<> {
    let known = verdict.and_then(state).unwrap_or(State::Unknown);
    let at = verdict.and_then(|verdict| moment(verdict, "at")).unwrap_or(i64::MIN);
    let urgency = Reverse(State::ALL.iter().position(|state| *state == known));
    (verdict.is_some(), known != State::Unknown, at, urgency, verdict.map(Value::to_string))
}

/// When and by which commit the key came to a place.
pub(super) fn introduced(place: &Value) -> Option<(i64, String)> {
    let commit = place.get("introduced").filter(|commit| !commit.is_null())?;
    Some((moment(commit, "date").unwrap_or(i64::MAX), text(commit, "commit").to_owned()))
}

/// How bad a finding is.
pub(super) fn severity(finding: &Value) -> Option<usize> {
    Severity::ALL.iter().position(|known| known.as_str() == text(finding, "severity"))
}

/// How sure one is.
pub(super) fn confidence(finding: &Value) -> Option<usize> {
    Confidence::ALL.iter().position(|known| known.as_str() == text(finding, "confidence"))
}

/// The text of a field; empty if there is none.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The bytes of a field that gives them in hex where its text lost some.
pub(super) fn raw(object: &Value, name: &str) -> Vec<u8> {
    let hex = object.get(format!("{name}_bytes")).and_then(Value::as_str);
    let bytes = hex.and_then(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).ok());
    bytes.unwrap_or_else(|| text(object, name).as_bytes().to_vec())
}

fn state(verdict: &Value) -> Option<State> {
    let name = text(verdict, "verdict");
    State::ALL.into_iter().find(|state| state.as_str() == name)
}

fn moment(object: &Value, name: &str) -> Option<i64> {
    text(object, name).parse::<Timestamp>().ok().map(Timestamp::as_second)
}

fn is(object: &Value, name: &str) -> bool {
    object.get(name) == Some(&Value::Bool(true))
}

/// What is not known comes last.
fn rank(known: &[&str], name: &str) -> usize {
    known.iter().position(|known| *known == name).unwrap_or(known.len())
}

fn position(holder: &Value) -> [Option<u64>; NUMBERS.len()] {
    let position: Option<&Object> = holder.get("position").and_then(Value::as_object);
    NUMBERS.map(|name| position.and_then(|position| position.get(name)?.as_u64()))
}
