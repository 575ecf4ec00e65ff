//! Projects that use a model of a provider, and in which nothing looks for keys that get committed. Must not know how keys
//! look.

use super::{
    Ask, Diagnostic, File, Lint, Path, Project,
    syntax::{self, Node},
};
use crate::model::Span;

/// The lint.
pub(super) struct Guard;

const RULE: &str = "no-secret-scan";

/// What looks for secrets, as configuration calls it.
const SCANNERS: &[&str] = &[
    "keylint",
    "gitleaks",
    "betterleaks",
    "trufflehog",
    "detect-secrets",
    "ggshield",
    "gitguardian",
    "git-secrets",
    "talisman",
    "secretlint",
    "noseyparker",
    "titus",
    "ripsecrets",
    "kingfisher",
    "whispers",
    "trivy",
    "megalinter",
    "super-linter",
    "secret-detection",
    "secret_detection",
    "secret-scan",
    "leaktk",
];

/// Files that only those have.
const CONFIGS: &[&str] = &[
    "keylint.toml",
    ".keylint.toml",
    ".gitleaks.toml",
    "gitleaks.toml",
    ".gitleaksignore",
    ".secrets.baseline",
    ".gitguardian.yaml",
    ".gitguardian.yml",
    ".secretlintrc.json",
    ".secretlintrc.yml",
    ".secretlintrc",
    ".talismanrc",
    ".gitallowed",
    ".github/secret_scanning.yml",
];

/// Files that say what is run before a commit, and in CI.
const RUNS: &[&str] = &[
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "prek.toml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    "package.json",
    "Makefile",
    "justfile",
    "tox.ini",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    ".drone.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".mega-linter.yml",
    "trunk.yaml",
    ".trunk/trunk.yaml",
];

/// Folders of such files.
const FOLDERS: &[&str] =
    &[".github/workflows", ".husky", ".githooks", ".forgejo/workflows", ".gitea/workflows", ".gitlab"];

/// Packages that call a provider, of any language. What ends in `*` begins so.
const KITS: &[&str] = &[
    "openai",
    "@openai/*",
    "openai-agents",
    "async-openai",
    "openai-api-rs",
    "ruby-openai",
    "openai-php/*",
    "@azure/openai",
    "anthropic",
    "@anthropic-ai/*",
    "claude-agent-sdk",
    "@ai-sdk/*",
    "@google/genai",
    "@google/generative-ai",
    "google-genai",
    "google-generativeai",
    "langchain*",
    "@langchain/*",
    "llama-index*",
    "llamaindex",
    "litellm",
    "pydantic-ai*",
    "groq",
    "groq-sdk",
    "cohere",
    "cohere-ai",
    "mistralai",
    "@mistralai/*",
    "replicate",
    "together",
    "together-ai",
    "rig-core",
    "genai",
    "github.com/openai/*",
    "github.com/sashabaranov/go-openai",
    "github.com/anthropics/*",
    "github.com/tmc/langchaingo",
    "google.golang.org/genai",
];

impl Lint for Guard {
    fn rules(&self) -> &'static [&'static str] {
        &[RULE]
    }

    fn reads(&self, path: Path<'_>) -> bool {
        path.folder().is_empty() && is_manifest(path.name)
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let name = String::from_utf8_lossy(file.path.as_bytes());
        let Some((span, kit)) = kit(&name, file.bytes) else { return };
        // Where nothing is known of git there are no commits.
        if ask.project.is_tracked(&name).is_some() && !is_guarded(ask.project) {
            out.push(Diagnostic { rule: RULE, span, what: Some(format!("uses {kit}")) });
        }
    }
}

fn is_manifest(name: &str) -> bool {
    matches!(
        name,
        "package.json"
            | "pyproject.toml"
            | "Pipfile"
            | "Cargo.toml"
            | "go.mod"
            | "Gemfile"
            | "composer.json"
            | "setup.py"
    ) || name.starts_with("requirements") && name.ends_with(".txt")
}

/// The first package in the manifest that calls a provider.
fn kit(name: &str, bytes: &[u8]) -> Option<(Span, String)> {
    match name.rsplit('.').next() {
        Some("json") => listed(syntax::json(bytes).documents.first()?),
        Some("toml") => {
            let parsed = syntax::toml(bytes);
            listed(parsed.documents.first()?)
        }
        _ => lines(bytes),
    }
}

/// What stands under a heading for dependencies: names with versions, or a list of both in one.
fn listed(manifest: &Node) -> Option<(Span, String)> {
    let mut found = None;
    look(manifest, false, &mut found);
    found
}

// No tree is deeper than its reader made it.
fn look(node: &Node, is_dependency: bool, found: &mut Option<(Span, String)>) {
    if found.is_some() {
        return;
    }
    for (name, key, value) in node.entries() {
        if is_dependency && is_kit(name) && found.is_none() {
            *found = Some((key.span, name.to_owned()));
        }
        let lower = name.to_ascii_lowercase();
        look(
            value,
            is_dependency || lower.ends_with("dependencies") || matches!(&*lower, "require" | "packages"),
            found,
        );
    }
    for item in node.items().iter().filter(|_| is_dependency) {
        let text = item.text().unwrap_or_default();
        let name = text.split(|c: char| !is_of_name(c)).next().unwrap_or_default();
        if is_kit(name) && found.is_none() {
            *found = Some((item.locate(0..name.len()), name.to_owned()));
        }
    }
}

/// `openai>=1`, `gem "ruby-openai"`, `require github.com/openai/openai-go v1`: the name is the first word but for such.
fn lines(bytes: &[u8]) -> Option<(Span, String)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        let words = code.split(|c: char| !is_of_name(c)).filter(|word| !matches!(*word, "" | "gem" | "require"));
        if let Some(word) = words.take(1).find(|word| is_kit(word)) {
            let at = start + line.find(word).unwrap_or_default();
            return Some((Span::new(at, at + word.len()), word.to_owned()));
        }
        start += line.len();
    }
    None
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "@/-_.".contains(c)
}

fn is_kit(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    KITS.iter().any(|kit| kit.strip_suffix('*').map_or(name == *kit, |start| name.starts_with(start)))
}

/// Whether anything in the project looks for secrets.
fn is_guarded(project: &dyn Project) -> bool {
    let speaks = |path: &str| {
        let text = project.read(path).unwrap_or_default().to_ascii_lowercase();
        SCANNERS.iter().any(|scanner| memchr::memmem::find(&text, scanner.as_bytes()).is_some())
    };
    let in_folder = |folder: &str| project.files(folder).iter().any(|name| speaks(&format!("{folder}/{name}")));
    CONFIGS.iter().any(|path| project.exists(path))
        || RUNS.iter().any(|path| speaks(path))
        || FOLDERS.iter().any(|folder| in_folder(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_calls_a_provider_is_found_in_any_manifest() {
        for (name, text, expected) in [
            (
                "package.json",
                "{\"name\": \"openai\", \"dependencies\": {\"@ai-sdk/openai\": \"1\"}}",
                Some("@ai-sdk/openai"),
            ),
            ("package.json", "{\"name\": \"openai\", \"keywords\": [\"openai\"]}", None),
            ("pyproject.toml", "[project]\ndependencies = ['numpy', 'openai>=1.0']", Some("openai")),
            ("pyproject.toml", "[tool.poetry.dependencies]\nanthropic = '^1'", Some("anthropic")),
            ("pyproject.toml", "[project]\nname = 'openai'\nkeywords = ['openai']", None),
            ("requirements.txt", "# openai\nnumpy\nOpenAI[datalib]==1.2 # x", Some("OpenAI")),
            ("requirements.txt", "my-openai\n", None),
            (
                "go.mod",
                "module x\n\nrequire (\n\tgithub.com/openai/openai-go v1.0.0\n)",
                Some("github.com/openai/openai-go"),
            ),
            ("Cargo.toml", "[dependencies]\nasync-openai = \"0.2\"", Some("async-openai")),
            ("Gemfile", "gem 'ruby-openai'", Some("ruby-openai")),
        ] {
            let found = kit(name, text.as_bytes());
            assert_eq!(found.as_ref().map(|(_, kit)| kit.as_str()), expected, "{name}: {text}");
            assert!(found.is_none_or(|(span, kit)| text[span.range()] == kit), "{name}: {text}");
        }
    }
}
