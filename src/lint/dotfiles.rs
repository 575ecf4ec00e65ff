//! What shells and people keep in their home: startup files, histories, logins. Must not know how keys look.

use super::{Ask, Diagnostic, File, Lint, Need, Path, given};

/// The lint.
pub(super) struct Dotfiles;

const RULE: &str = "dotfile-exports-key";

/// Names of startup files, without what repositories of them put before and after.
const NAMES: &[&str] = &[
    "bashrc",
    "bash_profile",
    "bash_login",
    "bash_aliases",
    "bash_exports",
    "bash_env",
    "zshrc",
    "zshenv",
    "zprofile",
    "zlogin",
    "zsh_exports",
    "kshrc",
    "cshrc",
    "tcshrc",
    "profile",
    "exports",
    "envrc",
    "netrc",
    "pypirc",
    "npmrc",
    "curlrc",
    "xprofile",
    "xsessionrc",
    "pam_environment",
];

impl Lint for Dotfiles {
    fn rules(&self) -> &'static [&'static str] {
        &[RULE]
    }

    fn needs(&self) -> Need {
        Need::Word
    }

    fn reads(&self, path: Path<'_>) -> bool {
        is_startup(path) || is_history(path.name) || path.extension() == "plist"
    }

    fn check(&self, file: &File<'_>, ask: Ask<'_>, out: &mut Vec<Diagnostic>) {
        let is_plist = file.path.as_bytes().ends_with(b".plist");
        if !is_plist || is_launched(file.bytes) {
            out.extend(given::keys(file, ask.names).into_iter().map(|held| held.said(RULE)));
        }
    }
}

fn is_startup(path: Path<'_>) -> bool {
    // `dot_zshrc.tmpl`, `.bashrc.local`
    let name = path.name.strip_prefix("dot_").or_else(|| path.name.strip_prefix('.'));
    let is_hidden = name.is_some();
    let name = name.unwrap_or(path.name).trim_end_matches(".local").trim_end_matches(".tmpl");
    let is_named = NAMES.contains(&name) && (is_hidden || name.contains("sh") || name == "netrc");
    let is_fish = path.extension() == "fish" && (path.name == "config.fish" || path.is_below(&["fish"]));
    is_named || is_fish || path.name.eq_ignore_ascii_case("profile.ps1") || path.ends("_profile.ps1")
}

fn is_history(name: &str) -> bool {
    let is_shell = ["bash", "zsh", "sh", "python", "node_repl", "fish", "psql", "irb", "ipython"];
    let name = name.trim_start_matches('.');
    name.strip_suffix("_history").is_some_and(|name| is_shell.contains(&name))
        || matches!(name, "zhistory" | "histfile" | "ConsoleHost_history.txt")
}

/// Whether a property list is one of a service, which macOS starts.
pub(super) fn is_launched(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    has("<key>EnvironmentVariables</key>") || has("<key>ProgramArguments</key>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_shells_are_told_by_name() {
        for name in [
            ".bashrc",
            "home/.zshrc",
            "zshrc",
            "dot_zshrc.tmpl",
            ".zshrc.local",
            ".profile",
            ".config/fish/config.fish",
            ".envrc",
            "Microsoft.PowerShell_profile.ps1",
            ".netrc",
            ".bash_history",
            ".zsh_history",
        ] {
            let path = Path::of(name);
            assert!(is_startup(path) || is_history(path.name), "{name}");
        }
        for name in ["profile", "src/profile.ts", "exports", "a.sh", "chat_history", "config.ps1"] {
            let path = Path::of(name);
            assert!(!is_startup(path) && !is_history(path.name), "{name}");
        }
    }
}
