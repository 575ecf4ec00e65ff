//! What CI does with keys: in workflows and actions of GitHub, and in the configuration of GitLab, CircleCI, Azure Pipelines
//! and Bitbucket. Must not know how a script is read, or what it does with a key: that is `shown.rs`.

use super::{
    Ask, Diagnostic, File, Lint, Need, Path,
    assigned::{Assigned, UNREAD},
    shown::{self, Kind},
    syntax::{self, Node, Value as Tree},
    untrusted,
    upload::{self, Upload},
};
use crate::model::Span;

/// The lint.
pub(super) struct Workflow;

const INLINE: &str = "ci-inline-key";
const PRINTS: &str = "ci-prints-key";
const UNTRUSTED: &str = "ci-key-to-untrusted-code";
const WIDE: &str = "ci-key-wide";
const INTERPOLATED: &str = "ci-key-interpolated";
const ARTIFACT: &str = "ci-key-in-artifact";

impl Lint for Workflow {
    fn rules(&self) -> &'static [&'static str] {
        &[INLINE, PRINTS, UNTRUSTED, WIDE, INTERPOLATED, ARTIFACT, UNREAD]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_workflow(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let parsed = syntax::yaml(file.bytes);
        let keys = Assigned { file, ask, rule: INLINE };
        for document in &parsed.documents {
            keys.tree(document, "", out);
            let mut walk = Walk { ask, scope: Vec::new(), jobs: Vec::new(), out };
            walk.node(document, "", true);
            wide(document, ask, out);
            let found = untrusted::find(document, ask.names);
            out.extend(found.map(|(span, what)| Diagnostic { rule: UNTRUSTED, span, what: Some(what) }));
        }
        keys.rest(&parsed, out);
    }
}

/// Whether CI reads the file at `path`. What tests of such programs are made with is none.
pub(super) fn is_workflow(path: Path<'_>) -> bool {
    if !matches!(path.extension(), "yml" | "yaml") {
        return false;
    }
    let homes = [".github/", ".gitea/", ".forgejo/", ".circleci/"];
    let home =
        homes.iter().find_map(|home| path.whole.find(home).filter(|at| *at == 0 || path.whole[..*at].ends_with('/')));
    if let Some(home) = home {
        let is_read = path.is_below(&["workflows", "actions", ".circleci"]);
        return is_read && !Path::of(&path.whole[..home]).is_test();
    }
    let stem = path.name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let is_named = matches!(stem, "action" | "bitbucket-pipelines" | "azure-pipelines")
        || stem.starts_with("azure-pipelines")
        || stem.ends_with(".gitlab-ci");
    is_named && !Path::of(path.folder()).is_test()
}

/// A job: what it writes keys to, and what it keeps of its files.
#[derive(Default)]
struct Job {
    written: Vec<(String, Span, String)>,
    uploads: Vec<Upload>,
}

/// Goes through a file.
struct Walk<'w, 'a> {
    ask: Ask<'w>,
    /// The names of keys in the environment of what is being looked at.
    scope: Vec<&'a str>,
    jobs: Vec<Job>,
    out: &'w mut Vec<Diagnostic>,
}

/// Keys of scripts.
const SCRIPTS: &[&str] = &[
    "run",
    "script",
    "before_script",
    "after_script",
    "after-script",
    "bash",
    "pwsh",
    "powershell",
    "inlineScript",
    "command",
];
/// Keys of environments.
const ENVIRONMENTS: &[&str] = &["env", "environment", "variables"];

impl<'a> Walk<'_, 'a> {
    /// Looks at `node`, the value of `name`; `is_shell` is whether scripts in it are of a shell.
    fn node(&mut self, node: &'a Node, name: &str, is_shell: bool) {
        match &node.value {
            Tree::Sequence(items) => items.iter().for_each(|item| self.node(item, name, is_shell)),
            Tree::Mapping(_) => self.mapping(node, name, is_shell),
            Tree::Scalar(_) if SCRIPTS.contains(&name) => self.script(node, is_shell),
            _ => {}
        }
    }

    fn mapping(&mut self, node: &'a Node, name: &str, is_shell: bool) {
        let before = self.scope.len();
        for environment in ENVIRONMENTS.iter().filter_map(|name| node.get(name)) {
            self.enter(environment);
        }
        let is_job = node.get("steps").is_some() || node.get("script").is_some_and(|script| script.text().is_none());
        if is_job {
            self.jobs.push(Job::default());
        }
        // JavaScript of `actions/github-script`, and steps in other languages.
        let shell = node.get("shell").and_then(Node::text).unwrap_or("bash");
        let is_shell = is_shell && !["python", "node", "perl", "ruby"].iter().any(|other| shell.starts_with(other));
        if let Some(job) = self.jobs.last_mut() {
            upload::of(node, name, &mut job.uploads);
        }
        for (key, _, value) in node.entries() {
            // `script` of an action's `with` is JavaScript.
            let is_shell = is_shell && !(key == "script" && name == "with");
            if !ENVIRONMENTS.contains(&key) {
                self.node(value, key, is_shell);
            }
        }
        if is_job {
            self.leave_job();
        }
        self.scope.truncate(before);
    }

    /// Takes note of the keys in an environment.
    fn enter(&mut self, environment: &'a Node) {
        for (name, _, value) in environment.entries() {
            let is_empty = value.text().is_some_and(|text| text.trim().is_empty());
            if self.ask.names.is_key(name) && !is_empty && self.scope.len() < 64 {
                self.scope.push(name);
            }
        }
    }

    fn script(&mut self, node: &Node, is_shell: bool) {
        let Some(text) = node.text() else { return };
        for deed in shown::deeds(text, self.ask.names, &self.scope) {
            let span = node.locate(deed.place);
            let rule = match deed.kind {
                Kind::Interpolated => INTERPOLATED,
                _ if !is_shell => continue,
                Kind::Printed => PRINTS,
                Kind::HandedOn => ARTIFACT,
                Kind::Written(file) => {
                    let job = self.jobs.last_mut();
                    job.into_iter().for_each(|job| job.written.push((file.clone(), span, deed.what.clone())));
                    continue;
                }
            };
            self.out.push(Diagnostic { rule, span, what: Some(deed.what) });
        }
    }

    /// Speaks of the files with keys that the job keeps.
    fn leave_job(&mut self) {
        let Some(job) = self.jobs.pop() else { return };
        for (file, span, what) in job.written {
            if job.uploads.iter().any(|upload| upload.takes(&file)) {
                let what = format!("{what} to a file that is kept: {file}");
                self.out.push(Diagnostic { rule: ARTIFACT, span, what: Some(what) });
            }
        }
    }
}

/// Keys that jobs get which have no use for them.
fn wide(root: &Node, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
    let several = root.get("jobs").is_some_and(|jobs| jobs.entries().nth(1).is_some());
    let environment = root.get("env").filter(|_| several);
    for (name, key, value) in environment.into_iter().flat_map(Node::entries) {
        if value.text().is_some_and(|text| untrusted::is_secret_key(name, text, ask.names)) {
            let what = format!("{name} for all jobs");
            out.push(Diagnostic { rule: WIDE, span: key.span, what: Some(what) });
        }
    }
    root.walk(&mut |path, node| {
        let name = path.last().copied().unwrap_or_default();
        let text = node.text().filter(|text| !SCRIPTS.contains(&name) && text.len() < 256).unwrap_or_default();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        if compact.contains("${{tojson(secrets)}}") {
            out.push(Diagnostic { rule: WIDE, span: node.span, what: Some(format!("all secrets in {name}")) });
        }
    });
}
