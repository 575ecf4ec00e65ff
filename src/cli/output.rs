//! Standard output and files. Must not know what is written.

use super::{Complaint, Exit};
use keylint::{engine::mask, matcher::Matcher, rule::Catalog, source::path_text};
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
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
    /// A file, made anew in one step. A link is replaced and not followed, since a scanned repository can hold one.
    File(PathBuf),
    /// What can only be written to: a pipe, a device.
    Stream(PathBuf, fs::File),
}

impl Destination {
    /// Makes sure that `path` can be written, before the work is done for nothing.
    pub(super) fn open(path: &Path) -> Result<Self, Complaint> {
        let cannot = |error| cannot_write(path, &error);
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(cannot(io::ErrorKind::IsADirectory.into())),
            Ok(there) if !there.is_file() => {
                let file = fs::OpenOptions::new().write(true).open(path).map_err(cannot)?;
                Ok(Self::Stream(path.to_owned(), file))
            }
            _ => {
                beside(path).map_err(cannot)?;
                Ok(Self::File(path.to_owned()))
            }
        }
    }

    pub(super) fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Complaint> {
        match self {
            Self::File(path) => {
                let new = || {
                    let mut file = io::BufWriter::new(beside(&path)?);
                    write(&mut file)?;
                    file.into_inner()?.persist(&path)?;
                    Ok(())
                };
                new().map_err(|error| cannot_write(&path, &error))
            }
            Self::Stream(path, mut file) => write(&mut file).map_err(|error| cannot_write(&path, &error)),
        }
    }
}

/// A file that nobody knows yet, in the directory of `path`.
fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".keylint-");
    // As any other file: what the user's mask leaves of this.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn cannot_write(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("cannot write {}: {error}", path.display()))
}

/// `text`, which may quote anything, with masks in the place of keys.
pub(super) fn masked(text: &str) -> String {
    let matcher = Catalog::builtin().ok().and_then(|catalog| Matcher::new(&catalog).ok());
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
