//! Which files a job of CI keeps for others: artifacts, caches, pages. Must not know what is in them.

use super::syntax::Node;

/// Files that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    /// A path, a directory or a glob.
    pattern: String,
    /// Whether files whose names begin with a dot are left out.
    skips_hidden: bool,
}

/// Actions of GitHub that keep what their `path` says.
const ACTIONS: &[&str] =
    &["actions/upload-artifact", "actions/cache", "actions/cache/save", "actions/upload-pages-artifact"];
/// The last version of `actions/upload-artifact` that takes hidden files, whatever it is told.
const LAST_WITH_HIDDEN: [&str; 3] = ["v1", "v2", "v3"];

/// Adds what `node`, a step or a part of a job that is the value of `name`, keeps.
pub(super) fn of(node: &Node, name: &str, out: &mut Vec<Upload>) {
    let uses = node.get("uses").and_then(Node::text).unwrap_or_default();
    let (action, version) = uses.split_once('@').unwrap_or((uses, ""));
    if ACTIONS.contains(&action) {
        let told = node.at(&["with", "include-hidden-files"]).and_then(Node::text) == Some("true");
        let is_old = LAST_WITH_HIDDEN.iter().any(|old| version == *old || version.starts_with(&format!("{old}.")));
        let skips_hidden = action.starts_with("actions/upload-") && !is_old && !told;
        add(node.at(&["with", "path"]), skips_hidden, out);
    }
    let places: &[&str] = match name {
        "artifacts" | "cache" | "save_cache" | "persist_to_workspace" => &["paths", "path"],
        "store_artifacts" => &["path"],
        "inputs" => &["targetPath", "PathtoPublish", "pathToPublish"],
        _ => &["publish"],
    };
    places.iter().for_each(|place| add(node.get(place), false, out));
    // Bitbucket has the paths right there.
    add(node.get("artifacts").filter(|node| !node.items().is_empty()), false, out);
}

/// Adds the lines of `node`, or its items.
fn add(node: Option<&Node>, skips_hidden: bool, out: &mut Vec<Upload>) {
    let Some(node) = node else { return };
    let texts = node.text().into_iter().chain(node.items().iter().filter_map(Node::text));
    let lines = texts.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('!'));
    out.extend(lines.map(|line| Upload { pattern: plain(line).to_owned(), skips_hidden }));
}

/// A path as seen from where the job works.
fn plain(path: &str) -> &str {
    const HERE: [&str; 6] = [
        "${{ github.workspace }}/",
        "${{github.workspace}}/",
        "$GITHUB_WORKSPACE/",
        "${GITHUB_WORKSPACE}/",
        "$CI_PROJECT_DIR/",
        "./",
    ];
    let mut path = path;
    while let Some(rest) = HERE.iter().find_map(|here| path.strip_prefix(here)) {
        path = rest;
    }
    path.trim_end_matches('/')
}

impl Upload {
    /// Whether the file that a script calls `path` is among these.
    pub(super) fn takes(&self, path: &str) -> bool {
        let path = plain(path);
        let is_hidden = path.split('/').any(|part| part.starts_with('.') && part != "..");
        if path.is_empty() || self.skips_hidden && is_hidden {
            return false;
        }
        let pattern = self.pattern.as_str();
        let is_all = matches!(pattern, "" | "." | "*" | "**" | "**/*") && !path.starts_with(['/', '~', '$']);
        let is_below = || path.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_matched = || {
            let glob = pattern.contains(['*', '?', '[']).then(|| globset::Glob::new(pattern).ok()).flatten();
            glob.is_some_and(|glob| glob.compile_matcher().is_match(path))
        };
        is_all || !pattern.is_empty() && (is_below() || is_matched())
    }
}
