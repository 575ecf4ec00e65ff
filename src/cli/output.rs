//! Standard output and files. Must not know what is written.

use super::{Complaint, Exit};
use keylint::{engine::mask, matcher::Matcher, rule::Catalog, source::path_text};
use std::{
    env, fs,
    io::{self, Write},
    path::{self, Path, PathBuf},
};

/// Writes `bytes` to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<Exit, Complaint> {
    let mut out = io::stdout().lock();
    forgive(out.write_all(bytes).and_then(|()| out.flush()))?;
    Ok(Exit::Clean)
}

/// Who reads standard output may stop reading: that is no error.
pub(super) fn forgive(written: io::Result<()>) -> Result<(), Complaint> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Complaint::new(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Where a report will go. What is there until then stays there: it may be part of what is scanned.
pub(super) enum Destination {
    /// A file that is not there yet, made in one step. A link is replaced and not followed, since a scanned repository
    /// can hold one.
    New(PathBuf),
    /// The same, which nobody but the user can read.
    Private(PathBuf),
    /// What is there: a file, with the rights it has, a pipe, a device.
    There(PathBuf, fs::File),
}

impl Destination {
    /// Makes sure that `path` can be written, before the work is done for nothing.
    pub(super) fn open(path: &Path) -> Result<Self, Complaint> {
        let cannot = |error| cannot_write(path, &error);
        if fs::metadata(path).is_ok_and(|there| there.is_dir()) {
            return Err(cannot(io::ErrorKind::IsADirectory.into()));
        }
        if is_there(path) {
            let file = fs::OpenOptions::new().write(true).open(path).map_err(cannot)?;
            return Ok(Self::There(path.to_owned(), file));
        }
        beside(path).map_err(cannot)?;
        Ok(Self::New(path.to_owned()))
    }

    /// The same for what is for the user's eyes alone: nothing but a new file will do, which nobody else can read.
    pub(super) fn open_private(path: &Path) -> Result<Self, Complaint> {
        if fs::symlink_metadata(path).is_ok() {
            let why = "it is there already, and others may read it; remove it or name another file";
            return Err(Complaint::new(format!("cannot write {}: {why}", path.display())));
        }
        private_beside(path).map_err(|error| cannot_write(path, &error))?;
        Ok(Self::Private(path.to_owned()))
    }

    /// Whether it is a file, of which no two things can be made.
    pub(super) fn is_file(&self) -> bool {
        match self {
            Self::New(_) | Self::Private(_) => true,
            Self::There(_, file) => file.metadata().is_ok_and(|there| there.is_file()),
        }
    }

    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Complaint> {
        match self {
            Self::New(path) => {
                let new = || {
                    let mut file = io::BufWriter::new(beside(&path)?);
                    write(&mut file)?;
                    file.into_inner()?.persist(&path)?;
                    Ok(())
                };
                new().map_err(|error| cannot_write(&path, &error))
            }
            Self::Private(path) => {
                let new = || {
                    let mut file = io::BufWriter::new(private_beside(&path)?);
                    write(&mut file)?;
                    file.into_inner()?.persist_noclobber(&path)?;
                    Ok(())
                };
                new().map_err(|error| cannot_write(&path, &error))
            }
            Self::There(path, mut file) => {
                let there = || {
                    if file.metadata()?.is_file() {
                        file.set_len(0)?;
                    }
                    write(&mut file)
                };
                there().map_err(|error| cannot_write(&path, &error))
            }
        }
    }
}

/// Whether something can be written to as it is: what is no link, or one that leads to a device or to what this process
/// has open, as `/dev/stdout` does, whatever that is.
fn is_there(path: &Path) -> bool {
    /// So many links lead from one to the next at most.
    const LINKS: usize = 16;
    let is_device = |path: &Path| cfg!(unix) && (path.starts_with("/dev") || path.starts_with("/proc"));
    let mut at = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..LINKS {
        if is_device(&at) {
            return fs::metadata(path).is_ok();
        }
        let Ok(to) = fs::read_link(&at) else { break };
        at = at.parent().map_or_else(|| to.clone(), |folder| folder.join(&to));
    }
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => fs::metadata(path).is_ok_and(|there| !there.is_file()),
        there => there.is_ok(),
    }
}

/// A file that nobody knows yet, in the directory of `path`.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".keylint-");
    // As any other file: what the user's mask leaves of this.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder(path))
}

/// The directory that `path` is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The same with the rights that such files have by themselves: the user's own.
fn private_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".keylint-").tempfile_in(folder(path))
}

fn cannot_write(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("cannot write {}: {error}", path.display()))
}

/// `text`, which may quote anything, with masks in the place of keys.
pub(super) fn masked(text: &str) -> String {
    let matcher = Matcher::new(&Catalog::builtin()).ok();
    matcher.map_or_else(|| "(not shown)".to_owned(), |matcher| mask(text, &matcher))
}

/// Reads a file that the user named.
pub(super) fn read(path: &Path) -> Result<String, Complaint> {
    fs::read_to_string(path).map_err(|error| Complaint::new(format!("cannot read {}: {error}", path.display())))
}

/// A path as the user would write it.
pub(super) fn shown(path: &Path) -> String {
    let here = env::current_dir().and_then(fs::canonicalize);
    let relative = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    path_text(relative.as_deref().unwrap_or(path)).to_string()
}
