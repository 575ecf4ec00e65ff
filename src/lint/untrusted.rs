//! Workflows of GitHub that run what strangers wrote, with a key at hand. Must not know scripts.

use super::{names::Names, syntax::Node};
use crate::model::Span;

/// Triggers whose runs have secrets, whoever is behind them.
const TRIGGERS: &[&str] = &["pull_request_target", "workflow_run"];
/// What names the code of a pull request.
const HEADS: &[&str] = &[
    "github.event.pull_request.head.",
    "github.head_ref",
    "github.event.workflow_run.head_",
    "github.event.workflow_run.pull_requests",
    "github.event.pull_request.merge_commit_sha",
    "github.event.pull_request.number",
    "refs/pull/",
];
/// Commands that fetch it.
const FETCHES: &[&str] = &["gh pr checkout", "origin pull/", "origin \"pull/", "refs/pull/"];
/// Conditions under which it is no stranger's.
const GUARDS: &[&str] = &[
    "head.repo.full_name==github.repository",
    "github.repository==github.event.pull_request.head.repo.full_name",
    "head.repo.fork==false",
    "!github.event.pull_request.head.repo.fork",
    "head.repo.owner.login==",
    "workflow_run.event=='push'",
    "workflow_run.event!='pull_request'",
    "workflow_run.event=='schedule'",
    "head_repository.full_name==github.repository",
    "head_branch=='main'",
    "head_branch=='master'",
    "author_association==",
    // Somebody who may set labels has looked at it.
    "event.label.name==",
    "fromjson(",
];

/// Where a job of the workflow `root` takes code of strangers, with a key within reach of it.
pub(super) fn find<'a>(root: &'a Node, names: &'a Names) -> impl Iterator<Item = (Span, String)> + 'a {
    let is_reached = root.get("on").is_some_and(is_reached);
    let jobs = root.get("jobs").filter(|_| is_reached).into_iter().flat_map(Node::entries);
    jobs.filter_map(move |(_, _, job)| in_job(root, job, names))
}

fn is_reached(on: &Node) -> bool {
    let is_one = |name: &str| TRIGGERS.contains(&name);
    on.text().is_some_and(is_one)
        || on.items().iter().filter_map(Node::text).any(is_one)
        || on.entries().any(|(name, _, _)| is_one(name))
}

fn in_job(root: &Node, job: &Node, names: &Names) -> Option<(Span, String)> {
    // An environment may want somebody's approval first.
    if job.get("environment").is_some() || is_guarded(job) {
        return None;
    }
    let steps = job.get("steps")?.items();
    let (at, span) = steps.iter().enumerate().find_map(|(at, step)| Some((at, fetched(step)?)))?;
    let environments = [root.get("env"), job.get("env")].into_iter().flatten();
    let key = environments.chain(&steps[at + 1..]).find_map(|node| key_in(node, names))?;
    Some((span, format!("code of a pull request, with {key}")))
}

fn is_guarded(node: &Node) -> bool {
    let condition = node.get("if").and_then(Node::text).unwrap_or_default();
    let condition: String = condition.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    GUARDS.iter().any(|guard| condition.contains(guard))
}

/// Where `step` says that it takes the code of a pull request.
fn fetched(step: &Node) -> Option<Span> {
    if is_guarded(step) {
        return None;
    }
    if step.get("uses").and_then(Node::text).is_some_and(|uses| uses.starts_with("actions/checkout@")) {
        let given = ["ref", "repository"].iter().filter_map(|name| step.at(&["with", name]));
        return given.filter(|node| is_head(node)).map(|node| node.span).next();
    }
    let run = step.get("run")?;
    let text = run.text()?;
    let (at, fetch) = FETCHES.iter().find_map(|fetch| Some((text.find(fetch)?, fetch)))?;
    Some(run.locate(at..at + fetch.len()))
}

fn is_head(node: &Node) -> bool {
    node.text().is_some_and(|text| HEADS.iter().any(|head| text.contains(head)))
}

/// The name of a key in `node`, which is an environment or a step.
fn key_in(node: &Node, names: &Names) -> Option<String> {
    let mut found = None;
    node.walk(&mut |path, value| {
        let name = path.last().copied().unwrap_or_default();
        let text = value.text().unwrap_or_default();
        if found.is_none() && is_secret_key(name, text, names) {
            found = Some(if names.is_key(name) { name.to_owned() } else { "a key".to_owned() });
        }
    });
    found
}

/// Whether `text`, the value of `name`, is a secret of the repository that is a key, or has one in it.
pub(super) fn is_secret_key(name: &str, text: &str, names: &Names) -> bool {
    let mut secrets = text.match_indices("secrets.").map(|(at, dot)| {
        let rest = &text[at + dot.len()..];
        let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        &rest[..len]
    });
    text.contains("${{")
        && (secrets.clone().next().is_some() && names.is_key(name) || secrets.any(|name| names.is_key(name)))
}
