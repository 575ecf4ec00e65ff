//! Hooks put into a repository, or into the place that git looks at for all of them, and taken out again.
//! Must not know what a hook does, nor what is written in it.

use super::{
    Complaint, Exit,
    args::HookName,
    output,
    script::{self, BEFORE, First},
};
use keylint::source::git::Repository;
use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// Where hooks are put.
struct Place {
    folder: PathBuf,
    reach: Reach,
}

enum Reach {
    /// Where git has been looking all along: whatever ran before is there.
    AsBefore,
    /// The hooks of one repository, while git looks into another directory for those of all.
    Hidden(Setting),
    /// Where hooks would be, and why git does not look there.
    Barred(String),
    /// Our directory for all repositories, which hides the hooks of each. Whether git was told of it.
    Ours { told: bool },
}

/// What `core.hooksPath` is set to in the configuration of this `scope`.
struct Setting {
    scope: String,
    path: PathBuf,
}

/// Installs hooks that run keylint with `options`.
pub(super) fn install(names: &[HookName], global: bool, options: &[String]) -> Result<Exit, Complaint> {
    let place = if global { Place::of_all()? } else { Place::here()?.only_own()? };
    let mut out = String::new();
    let mut missing = Vec::new();
    for name in names {
        match place.instead(name.as_str())? {
            Some(path) => drop(writeln!(out, "{} is there for all repositories: {}", name.as_str(), path.display())),
            None => missing.push(*name),
        }
    }
    if !missing.is_empty() {
        fs::create_dir_all(&place.folder).map_err(|error| cannot("make", &place.folder, &error))?;
    }
    for name in missing {
        place.install(name, options, &mut out)?;
    }
    place.settle()?;
    if place.is_of_husky() {
        let _ = writeln!(out, "husky writes its hooks anew when it is installed: do this again then, or run");
        let _ = writeln!(out, "`keylint hook run HOOK -- \"$@\"` in its own files");
    }
    output::print(out.as_bytes())
}

pub(super) fn uninstall(names: &[HookName], global: bool) -> Result<Exit, Complaint> {
    let place = if global { Place::of_all()? } else { Place::here()?.only_own()? };
    let mut out = String::new();
    for name in names {
        place.uninstall(name.as_str(), &mut out)?;
    }
    place.clear()?;
    if out.is_empty() {
        let _ = writeln!(out, "no hook of keylint in {}", place.folder.display());
    }
    output::print(out.as_bytes())
}

impl Place {
    /// Where the hooks of this repository are.
    fn here() -> Result<Self, Complaint> {
        let repository = Repository::open(Path::new("."), true).map_err(|error| Complaint::new(error.to_string()))?;
        let usual = repository.common_dir().join("hooks");
        // A relative path starts where hooks are run.
        let from = repository.root.as_deref().unwrap_or_else(|| repository.common_dir());
        Ok(match Setting::all()?.pop() {
            None => Self { folder: usual, reach: Reach::AsBefore },
            Some(setting) if setting.is_none() => Self { folder: usual, reach: Reach::Barred(setting.told()) },
            Some(setting) if setting.is_shared() => Self { folder: usual, reach: Reach::Hidden(setting) },
            Some(setting) => Self { folder: from.join(setting.path), reach: Reach::AsBefore },
        })
    }

    /// Complains if the hooks of this repository are, by a link or by its own setting, those of all.
    fn only_own(self) -> Result<Self, Complaint> {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let shared = Setting::all()?.into_iter().filter(Setting::is_shared);
        let mut shared = shared.map(|setting| setting.path).chain([own_folder()?]);
        match shared.find(|shared| real(shared) == real(&self.folder)) {
            Some(shared) => Err(Complaint::new(format!(
                "the hooks of this repository are in {}, which has those of all repositories: use --global",
                shared.display()
            ))),
            None => Ok(self),
        }
    }

    /// Where the hooks of all repositories of this user are.
    fn of_all() -> Result<Self, Complaint> {
        let (own, mut settings) = (own_folder()?, Setting::all()?);
        settings.retain(|setting| matches!(setting.scope.as_str(), "global" | "system"));
        let Some(setting) = settings.pop() else {
            return Ok(Self { folder: own, reach: Reach::Ours { told: false } });
        };
        let barred = if setting.is_none() {
            setting.told()
        } else if !setting.is_shared() {
            format!("{}, another directory in each: install without --global", setting.told())
        } else if setting.is_of_system() {
            setting.ways_out()
        } else {
            let reach = if setting.path == own { Reach::Ours { told: true } } else { Reach::AsBefore };
            return Ok(Self { folder: setting.path, reach });
        };
        Ok(Self { folder: own, reach: Reach::Barred(barred) })
    }

    /// The hook of ours that runs for all repositories, so that there is nothing to do here.
    fn instead(&self, name: &str) -> Result<Option<PathBuf>, Complaint> {
        let setting = match &self.reach {
            Reach::Hidden(setting) => setting,
            Reach::Barred(why) => return Err(Complaint::new(why)),
            _ => return Ok(None),
        };
        let path = setting.path.join(name);
        match fs::read(&path) {
            Ok(text) if script::runs_keylint(&text) => Ok(Some(path)),
            // It passes on to what will be here.
            Ok(text) if is_idle(&text) => Ok(None),
            _ => Err(Complaint::new(setting.ways_out())),
        }
    }

    fn install(&self, name: HookName, options: &[String], out: &mut String) -> Result<(), Complaint> {
        let (path, kept) = (self.folder.join(name.as_str()), self.kept(name.as_str()));
        let there = There::at(&path).map_err(|error| cannot("read", &path, &error))?;
        if !matches!(there, There::Nothing) && exists(&kept) {
            forget(&path, &kept)?;
        }
        let here = env::current_exe().map_or_else(|_| "keylint".to_owned(), |path| path.display().to_string());
        let hook = |first| script::hook(name, options, &here, first);
        let put = |hook: &[u8]| put(&path, hook).map_err(|error| cannot("write", &path, &error));
        match there {
            There::Nothing if exists(&kept) => put(&hook(First::Kept))?,
            There::Nothing if matches!(self.reach, Reach::Ours { .. }) => put(&hook(First::Repository))?,
            There::Nothing => put(&hook(First::Nothing))?,
            There::Shell(rest) => {
                put(&hook(First::Rest(&rest)))?;
                let _ = writeln!(out, "{} does first what it did before", name.as_str());
            }
            There::Else => {
                let folder = self.folder.join(BEFORE);
                fs::create_dir_all(&folder).map_err(|error| cannot("make", &folder, &error))?;
                carry(&path, &kept, true).map_err(|error| cannot("move", &path, &error))?;
                put(&hook(First::Kept)).inspect_err(|_| drop(carry(&kept, &path, false)))?;
                let _ = writeln!(out, "{} runs first, from {}", name.as_str(), kept.display());
            }
        }
        let _ = writeln!(out, "installed {}", path.display());
        Ok(())
    }

    /// Passes on what our directory hides, and makes it known to git.
    fn settle(&self) -> Result<(), Complaint> {
        let Reach::Ours { told } = self.reach else { return Ok(()) };
        for name in script::ALL {
            let path = self.folder.join(name);
            let idle = fs::read(&path).is_ok_and(|text| is_idle(&text));
            if idle || !exists(&path) {
                put(&path, &script::passing_on(name)).map_err(|error| cannot("write", &path, &error))?;
            }
        }
        if told { Ok(()) } else { configure(&["core.hooksPath", &self.folder.display().to_string()]) }
    }

    fn uninstall(&self, name: &str, out: &mut String) -> Result<(), Complaint> {
        let (path, kept) = (self.folder.join(name), self.kept(name));
        if !exists(&path) && exists(&kept) {
            carry(&kept, &path, false).map_err(|error| cannot("write", &path, &error))?;
            let _ = writeln!(out, "put back what was there before: {}", path.display());
            return Ok(());
        }
        let text = fs::read(&path).ok().filter(|text| script::runs_keylint(text));
        let Some(rest) = text.and_then(|text| script::without(&text)) else { return Ok(()) };
        let (done, back) = if !script::is_empty(&rest) {
            (put(&path, &rest), true)
        } else if exists(&kept) {
            (carry(&kept, &path, false), true)
        } else if matches!(self.reach, Reach::Ours { .. }) {
            (put(&path, &script::passing_on(name)), false)
        } else {
            (fs::remove_file(&path), false)
        };
        done.map_err(|error| cannot("remove keylint from", &path, &error))?;
        let _ = writeln!(out, "removed {}", path.display());
        if back {
            let _ = writeln!(out, "put back what was there before");
        }
        Ok(())
    }

    /// Takes away what is of no use any more.
    fn clear(&self) -> Result<(), Complaint> {
        // It stays where something is in it.
        let _ = fs::remove_dir(self.folder.join(BEFORE));
        let Reach::Ours { told } = self.reach else { return Ok(()) };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(cannot("read", &self.folder, &error)),
        };
        if !entries.iter().all(|path: &PathBuf| fs::read(path).is_ok_and(|text| is_idle(&text))) {
            return Ok(());
        }
        if told {
            configure(&["--unset", "core.hooksPath"])?;
        }
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot("remove", &self.folder, &error)),
            _ => Ok(()),
        }
    }

    fn is_of_husky(&self) -> bool {
        self.folder.ends_with("_") && self.folder.join("h").is_file()
    }

    /// Where a hook is kept that cannot stay where it is.
    fn kept(&self, name: &str) -> PathBuf {
        self.folder.join(BEFORE).join(name)
    }
}

impl Setting {
    /// Each one that counts here; the last of them is what git goes by.
    fn all() -> Result<Vec<Self>, Complaint> {
        let ask = ["config", "--null", "--show-scope", "--type=path", "--get-all", "core.hooksPath"];
        let said = Command::new("git").args(ask).output().ok();
        // It ends with 1 if there is none.
        let said = said.filter(|said| matches!(said.status.code(), Some(0 | 1)));
        let cannot = "git 2.26 or later is needed: `git config --show-scope` does not say where hooks are";
        let said = String::from_utf8_lossy(&said.ok_or_else(|| Complaint::new(cannot))?.stdout).into_owned();
        let words: Vec<&str> = said.split('\0').collect();
        let (pairs, _) = words.as_chunks::<2>();
        Ok(pairs.iter().map(|[scope, path]| Self { scope: (*scope).to_owned(), path: path.into() }).collect())
    }

    /// Whether it names one directory for many repositories.
    fn is_shared(&self) -> bool {
        matches!(self.scope.as_str(), "global" | "system") && self.path.is_absolute()
    }

    /// Whether it is a way to have no hooks at all.
    fn is_none(&self) -> bool {
        self.path.as_os_str().is_empty()
    }

    fn is_of_system(&self) -> bool {
        self.scope == "system"
    }

    /// How to have hooks where it sends git elsewhere.
    fn ways_out(&self) -> String {
        let other = if self.is_of_system() { "set it in your global configuration" } else { "install with --global" };
        format!("{}: {other}, or set it in this repository", self.told())
    }

    fn told(&self) -> String {
        let whose = match self.scope.as_str() {
            "global" => "your global configuration",
            "system" => "the system's configuration",
            _ => "this repository's configuration",
        };
        if self.is_none() {
            return format!("git runs no hooks while core.hooksPath in {whose} is empty: unset it");
        }
        format!("git looks for the hooks of all repositories in {} (core.hooksPath in {whose})", self.path.display())
    }
}

/// What is where a hook shall be, our own lines left out.
enum There {
    Nothing,
    /// A shell script that our lines can stand in.
    Shell(Vec<u8>),
    /// Another program, a link, or what git does not run.
    Else,
}

impl There {
    fn at(path: &Path) -> io::Result<Self> {
        let metadata = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Nothing),
            metadata => metadata?,
        };
        if !metadata.is_file() {
            return Ok(Self::Else);
        }
        let text = fs::read(path)?;
        let text = match script::without(&text) {
            Some(rest) if script::is_empty(&rest) => return Ok(Self::Nothing),
            rest => rest.unwrap_or(text),
        };
        Ok(if is_executable(&metadata) && script::is_shell(&text) { Self::Shell(text) } else { Self::Else })
    }
}

/// Gives up what is `kept` for what was put over our hook since then, if that is the same.
fn forget(path: &Path, kept: &Path) -> Result<(), Complaint> {
    if fs::read(path).ok().zip(fs::read(kept).ok()).is_some_and(|(new, old)| new == old) {
        return fs::remove_file(kept).map_err(|error| cannot("remove", kept, &error));
    }
    let (path, kept) = (path.display(), kept.display());
    Err(Complaint::new(format!("{path} is no hook of keylint, and {kept} is taken: move one away")))
}

/// Whether this is a hook of ours that does nothing but pass on.
fn is_idle(text: &[u8]) -> bool {
    script::without(text).is_some_and(|rest| script::is_empty(&rest)) && !script::runs_keylint(text)
}

/// Whether something is there, be it a link to nothing.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Puts a hook in its place when it is whole: git may look for it at any time.
fn put(path: &Path, hook: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".keylint-").tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(hook)?;
    make_executable(file.as_file(), path)?;
    file.persist(path)?;
    Ok(())
}

/// Moves a hook, into the directory below or back. A link says from where it is where it leads.
#[cfg(unix)]
fn carry(from: &Path, to: &Path, down: bool) -> io::Result<()> {
    let Some(target) = fs::read_link(from).ok().filter(|target| target.is_relative()) else {
        return fs::rename(from, to);
    };
    let target = if down {
        Path::new("..").join(target)
    } else {
        target.strip_prefix("..").map_or(target.clone(), Path::to_owned)
    };
    if !down {
        fs::remove_file(to)?;
    }
    std::os::unix::fs::symlink(target, to)?;
    fs::remove_file(from)
}

/// Elsewhere a link is seldom a hook.
#[cfg(not(unix))]
fn carry(from: &Path, to: &Path, _: bool) -> io::Result<()> {
    fs::rename(from, to)
}

/// Lets a new file be run by whoever may run the hook in its place.
#[cfg(unix)]
fn make_executable(file: &fs::File, place: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let there = fs::symlink_metadata(place).ok().filter(|there| there.is_file() && is_executable(there));
    let permissions = there.map_or_else(|| fs::Permissions::from_mode(0o755), |there| there.permissions());
    file.set_permissions(permissions)
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
}

/// Elsewhere git runs a hook because it is there.
#[cfg(not(unix))]
fn make_executable(_: &fs::File, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    true
}

/// Where hooks for all repositories of this user are, unless git was told of another place.
fn own_folder() -> Result<PathBuf, Complaint> {
    let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config =
        of("XDG_CONFIG_HOME").or_else(|| of("HOME").map(|home| home.join(".config"))).or_else(|| of("APPDATA"));
    let config = config.ok_or_else(|| Complaint::new("there is no home directory to put hooks into: set HOME"))?;
    Ok(config.join("keylint").join("hooks"))
}

/// Changes the user's configuration of git.
fn configure(args: &[&str]) -> Result<(), Complaint> {
    let done = Command::new("git").args(["config", "--global"]).args(args).output();
    if done.is_ok_and(|done| done.status.success()) {
        return Ok(());
    }
    Err(Complaint::new(format!("`git config --global {}` failed", args.join(" "))))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("cannot {what} {}: {error}", path.display()))
}
