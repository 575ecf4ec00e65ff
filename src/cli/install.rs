//! Hooks put into a repository, or into the place that git looks at for all of them, and taken out again.
//! Must not know what a hook does beyond its command line.

use super::{Complaint, Exit, args::HookName, output};
use keylint::source::git::Repository;
use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The second line of each hook of ours, by which it is known again.
const MARK: &str = "# A hook of keylint; `keylint hook uninstall` takes it away.";
/// What a hook that was there before is called from then on.
const BEFORE: &str = "before-keylint";
/// Hooks that git would no longer find in a repository once there is a directory for all of them.
const OTHERS: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "prepare-commit-msg",
];

/// Where hooks are put.
struct Place {
    folder: PathBuf,
    global: bool,
}

/// Installs hooks that run keylint with `options`.
pub(super) fn install(names: &[HookName], global: bool, options: &[String]) -> Result<Exit, Complaint> {
    let place = Place::find(global, true)?;
    fs::create_dir_all(&place.folder).map_err(|error| cannot("make", &place.folder, &error))?;
    let mut out = String::new();
    for name in names {
        place.install(name.as_str(), &place.script(*name, options), &mut out)?;
    }
    if global {
        let rest = OTHERS.iter().filter(|other| names.iter().all(|name| name.as_str() != **other));
        for other in rest.filter(|other| !place.folder.join(other).exists()) {
            write_hook(&place.folder.join(other), &passing_on(other))?;
        }
    }
    output::print(out.as_bytes())
}

pub(super) fn uninstall(names: &[HookName], global: bool) -> Result<Exit, Complaint> {
    let place = Place::find(global, false)?;
    let mut out = String::new();
    for name in names {
        place.uninstall(name.as_str(), &mut out)?;
    }
    if global {
        place.clear()?;
    }
    if out.is_empty() {
        let _ = writeln!(out, "no hook of keylint in {}", place.folder.display());
    }
    output::print(out.as_bytes())
}

impl Place {
    /// Where git looks for hooks: of this repository, or of all. `settle` makes the latter known to git.
    fn find(global: bool, settle: bool) -> Result<Self, Complaint> {
        if !global {
            let repository =
                Repository::open(Path::new("."), true).map_err(|error| Complaint::new(error.to_string()))?;
            return Ok(Self { folder: repository.hooks_dir(), global });
        }
        let known = git(&["config", "--global", "--type=path", "--get", "core.hooksPath"]);
        if let Some(folder) = known.filter(|folder| !folder.is_empty()) {
            return Ok(Self { folder: folder.into(), global });
        }
        let folder = own_folder()?;
        if settle {
            let path = folder.display().to_string();
            git(&["config", "--global", "core.hooksPath", &path]).ok_or_else(|| {
                Complaint::new("git could not be told where the hooks are: `git config --global` failed")
            })?;
        }
        Ok(Self { folder, global })
    }

    fn install(&self, name: &str, script: &str, out: &mut String) -> Result<(), Complaint> {
        let (path, before) = (self.folder.join(name), self.before(name));
        if path.exists() && !is_ours(&path) {
            if before.exists() {
                let (path, before) = (path.display(), before.display());
                return Err(Complaint::new(format!(
                    "{path} is no hook of keylint, and {before} is taken: move one away"
                )));
            }
            fs::rename(&path, &before).map_err(|error| cannot("rename", &path, &error))?;
            let _ = writeln!(out, "{} runs first, from {}", name, before.display());
        }
        write_hook(&path, script)?;
        let _ = writeln!(out, "installed {}", path.display());
        Ok(())
    }

    fn uninstall(&self, name: &str, out: &mut String) -> Result<(), Complaint> {
        let (path, before) = (self.folder.join(name), self.before(name));
        if !is_ours(&path) {
            return Ok(());
        }
        fs::remove_file(&path).map_err(|error| cannot("remove", &path, &error))?;
        let _ = writeln!(out, "removed {}", path.display());
        if before.exists() {
            fs::rename(&before, &path).map_err(|error| cannot("rename", &before, &error))?;
            let _ = writeln!(out, "put back what was there before");
        } else if self.global {
            write_hook(&path, &passing_on(name))?;
        }
        Ok(())
    }

    /// Takes away a directory for all repositories in which nothing of use is left.
    fn clear(&self) -> Result<(), Complaint> {
        let entries = fs::read_dir(&self.folder).map_err(|error| cannot("read", &self.folder, &error))?;
        let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        let idle = |path: &PathBuf| {
            fs::read_to_string(path).is_ok_and(|text| text.contains(MARK) && !text.contains("hook run"))
        };
        if own_folder().is_ok_and(|own| own == self.folder) && paths.iter().all(idle) {
            fs::remove_dir_all(&self.folder).map_err(|error| cannot("remove", &self.folder, &error))?;
            git(&["config", "--global", "--unset", "core.hooksPath"]);
        }
        Ok(())
    }

    fn before(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{BEFORE}"))
    }

    /// The hook: what was there before, then keylint.
    fn script(&self, name: HookName, options: &[String]) -> String {
        let first = if self.global {
            format!("\"$(git rev-parse --git-common-dir)/hooks/{}\"", name.as_str())
        } else {
            format!("\"$(dirname \"$0\")/{}.{BEFORE}\"", name.as_str())
        };
        let here = env::current_exe().map_or_else(|_| "keylint".to_owned(), |path| path.display().to_string());
        let here = quoted(&here.replace('\\', "/"));
        let options: String = options.iter().map(|option| quoted(option) + " ").collect();
        // Standard input can be read once, and both want it, as it is: it may be empty. A shell drops line ends
        // that come last, so that something else has to.
        let (keep, give) =
            if name.has_input() { ("input=$(cat && echo .)\n", "printf %s \"${input%.}\" | ") } else { ("", "") };
        format!(
            "#!/bin/sh\n{MARK}\n{keep}first={first}\n\
             if [ -x \"$first\" ]; then {give}\"$first\" \"$@\" || exit $?; fi\n\
             keylint=$(command -v keylint || echo {here})\n\
             if [ ! -x \"$keylint\" ]; then\n\
             \x20   echo 'keylint is not installed: install it, or take this hook away' >&2\n\
             \x20   exit 1\nfi\n\
             {give}\"$keylint\" hook run {options}{} -- \"$@\"\n",
            name.as_str()
        )
    }
}

/// `word` as a shell takes it for one, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A hook for all repositories that only runs the repository's own.
fn passing_on(name: &str) -> String {
    format!(
        "#!/bin/sh\n{MARK}\nfirst=\"$(git rev-parse --git-common-dir)/hooks/{name}\"\n\
         if [ -x \"$first\" ]; then exec \"$first\" \"$@\"; fi\n"
    )
}

fn is_ours(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(MARK))
}

fn write_hook(path: &Path, script: &str) -> Result<(), Complaint> {
    fs::write(path, script).and_then(|()| make_executable(path)).map_err(|error| cannot("write", path, &error))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Elsewhere git runs a hook because it is there.
#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Where hooks for all repositories of this user are, unless git was told of another place.
fn own_folder() -> Result<PathBuf, Complaint> {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config =
        of("XDG_CONFIG_HOME").or_else(|| of("HOME").map(|home| home.join(".config"))).or_else(|| of("APPDATA"));
    let config = config.ok_or_else(|| Complaint::new("there is no home directory to put hooks into: set HOME"))?;
    Ok(config.join("keylint").join("hooks"))
}

/// What git prints, where it succeeds.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("cannot {what} {}: {error}", path.display()))
}
