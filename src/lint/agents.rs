//! What coding agents read: their configuration, and the texts they send to a model each time. Must not know how keys
//! look.

use super::{
    Ask, Diagnostic, File, Lint, Path,
    given::{self, Held},
    literal::Value,
    names::Names,
    syntax::{self, Node},
};

/// The lint.
pub(super) struct Agents;

const CONFIG: &str = "agent-config-key";
const CONTEXT: &str = "agent-context-key";

/// Names of configuration files that say whose they are.
const CONFIGS: &[&str] = &[
    ".mcp.json",
    "mcp.json",
    "mcp_config.json",
    "mcp_settings.json",
    "cline_mcp_settings.json",
    "claude_desktop_config.json",
    ".claude.json",
    "opencode.json",
    "opencode.jsonc",
    "mcp-config.json",
    "mcp-servers.json",
    ".aider.conf.yml",
    ".aider.conf.yaml",
    "mcp.json5",
];

/// Directories of agents.
const FOLDERS: &[&str] = &[
    ".claude",
    ".codex",
    ".gemini",
    ".cursor",
    ".continue",
    ".roo",
    ".windsurf",
    ".cline",
    ".opencode",
    ".amazonq",
    ".kiro",
    ".qwen",
    ".trae",
];

/// Texts that are sent along whatever is asked.
const TEXTS: &[&str] = &[
    "CLAUDE.md",
    "CLAUDE.local.md",
    "AGENTS.md",
    "AGENTS.override.md",
    "AGENT.md",
    "GEMINI.md",
    "QWEN.md",
    "SKILL.md",
    "CONVENTIONS.md",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
    ".roorules",
    ".goosehints",
    "copilot-instructions.md",
];

impl Lint for Agents {
    fn rules(&self) -> &'static [&'static str] {
        &[CONFIG, CONTEXT]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_config(path) || is_context(path)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let path = Path::of(&name);
        if !is_config(path) {
            return out.extend(given::keys(file, ask.names).into_iter().map(|held| held.said(CONTEXT)));
        }
        let parsed = match path.extension() {
            "toml" => syntax::toml(file.bytes),
            "yml" | "yaml" => syntax::yaml(file.bytes),
            "json" | "jsonc" | "json5" => syntax::json(file.bytes),
            // A program that makes one.
            _ => return out.extend(given::keys(file, ask.names).into_iter().map(|held| held.said(CONFIG))),
        };
        let mut config = Config { file, names: ask.names, held: Vec::new() };
        for document in &parsed.documents {
            document.walk(&mut |keys, node| config.scalar(keys, node));
            config.arguments(document);
        }
        config.held.sort_by_key(|held| held.span);
        config.held.dedup_by(|b, a| a.span.overlaps(b.span));
        out.extend(given::with_others(file, config.held).into_iter().map(|held| held.said(CONFIG)));
    }
}

fn is_config(path: Path<'_>) -> bool {
    let is_data = || matches!(path.extension(), "json" | "jsonc" | "toml" | "yml" | "yaml");
    let is_settings = || ["mcp", "settings", "config", "env"].iter().any(|start| path.name.starts_with(start));
    CONFIGS.contains(&path.name)
        || is_data() && is_settings() && path.is_below(FOLDERS)
        || matches!(path.name, "config.ts" | "config.js") && path.is_below(&[".continue"])
        || path.name == "mcp.json" && path.is_below(&[".vscode"])
}

fn is_context(path: Path<'_>) -> bool {
    let is_text = || matches!(path.extension(), "md" | "mdc" | "mdx" | "txt" | "prompt" | "prompty");
    let is_rule = || {
        path.is_below(&[".clinerules", "prompts", ".prompts"])
            || path.is_below(FOLDERS)
            || path.is_below(&[".github"]) && path.is_below(&["prompts", "instructions", "agents"])
    };
    let ends = [".prompt.md", ".instructions.md", ".chatmode.md", ".prompt", ".prompty", ".prompt.yml"];
    TEXTS.contains(&path.name) || ends.iter().any(|end| path.name.ends_with(end)) || is_text() && is_rule()
}

struct Config<'a> {
    file: &'a File<'a>,
    names: &'a Names,
    held: Vec<Held>,
}

impl Config<'_> {
    /// A value, with the keys that lead to it.
    fn scalar(&mut self, keys: &[&str], node: &Node) {
        let Some((name, above)) = keys.split_last() else { return };
        let text = node.text().unwrap_or_default();
        let is_header = above.last().is_some_and(|above| above.to_ascii_lowercase().ends_with("headers"));
        let is_env = above.iter().any(|above| matches!(*above, "env" | "environment"));
        let is_named = self.names.is_key(name) || is_own(name) || (is_header || is_env) && is_secret(name);
        let bare = ["Bearer ", "bearer ", "Basic ", "token "].iter().find_map(|start| text.strip_prefix(start));
        let value = bare.unwrap_or(text);
        let at = text.len() - value.len();
        self.take(node, at, value, is_named, || keys.join("."));
    }

    /// Keeps `value`, which is at `at` of the text of `node`, if it is a key or has the name of one and looks like one.
    fn take(&mut self, node: &Node, at: usize, value: &str, is_named: bool, name: impl Fn() -> String) {
        let span = node.locate(at..at + value.len());
        if self.file.has_key(span) || is_named && Value::of(value) == Value::Literal {
            self.held.push(Held { span, name: Some(name()) });
        }
    }

    /// Lists of arguments: `["--api-key", "…"]`, `["-e", "NAME=…"]`. No tree is deeper than its reader made it.
    fn arguments(&mut self, node: &Node) {
        let mut before = "";
        for item in node.items() {
            let text = item.text().unwrap_or_default();
            let option = before.strip_prefix("--").unwrap_or_default();
            match text.split_once('=') {
                Some((name, value)) if !value.is_empty() => {
                    let bare = name.trim_start_matches('-');
                    let is_named = self.names.is_key(bare) || is_own(bare) || is_secret(bare);
                    self.take(item, name.len() + 1, value, is_named, || format!("argument {name}"));
                }
                _ if self.names.is_key(option) || is_own(option) || is_secret(option) => {
                    self.take(item, 0, text, true, || format!("argument {before}"));
                }
                _ => {}
            }
            before = text;
            self.arguments(item);
        }
        for (_, _, value) in node.entries() {
            self.arguments(value);
        }
    }
}

/// Whether programs call their key so: there is one, and nobody says whose.
fn is_own(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(plain.to_ascii_lowercase().as_str(), "apikey" | "authtoken" | "accesstoken" | "bearertoken")
}

/// Whether a variable or header of a server is one that opens something.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let joined = name.replace('_', "");
    let ends = |list: &[&str]| list.iter().any(|end| joined.ends_with(end));
    let harmless = ["publickey", "publishablekey", "anonkey", "cachekey", "sitekey", "projectkey", "csrftoken"];
    joined == "authorization"
        || (ends(&["key", "token", "secret", "password"]) || name.ends_with("_pat")) && !ends(&harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_agents_are_told_by_name() {
        for name in [
            ".mcp.json",
            "a/mcp.json",
            ".cursor/mcp.json",
            ".vscode/mcp.json",
            "claude_desktop_config.json",
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".gemini/settings.json",
            ".codex/config.toml",
            ".continue/config.json",
            ".continue/config.yaml",
            ".continue/config.ts",
            ".aider.conf.yml",
            "opencode.json",
            "cline_mcp_settings.json",
            ".roo/mcp.json",
            ".windsurf/mcp_config.json",
        ] {
            assert!(is_config(Path::of(name)), "{name}");
        }
        for name in ["settings.json", ".vscode/settings.json", "config.toml", "src/mcp.ts", ".claude/agents/a.md"] {
            assert!(!is_config(Path::of(name)), "{name}");
        }
        for name in [
            "CLAUDE.md",
            "a/AGENTS.md",
            "GEMINI.md",
            ".cursorrules",
            ".cursor/rules/a.mdc",
            ".windsurfrules",
            ".github/copilot-instructions.md",
            "x.prompt.md",
            "prompts/a.txt",
            ".claude/commands/a.md",
        ] {
            assert!(is_context(Path::of(name)), "{name}");
        }
        for name in ["README.md", "src/prompts/a.py", "docs/a.md", ".github/a.md"] {
            assert!(!is_context(Path::of(name)), "{name}");
        }
    }

    #[test]
    fn what_opens_something_is_told_by_name() {
        for name in ["API_KEY", "githubToken", "x-api-key", "Authorization", "GITHUB_PAT", "CLIENT_SECRET"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["cacheKey", "CACHE_KEY", "public-key", "PATH", "SPAT", "KEY_ID", "TOKENS"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
