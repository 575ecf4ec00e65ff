//! Standard output and files. Must not know what is written.

use super::{Complaint, Exit};
use keylint::source::path_text;
use std::{
    env, fs,
    io::{self, Write},
    path::Path,
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

/// Opens the file that a report goes to, before the work is done for nothing.
pub(super) fn create(path: &Path) -> Result<fs::File, Complaint> {
    fs::File::create(path).map_err(|error| Complaint::new(format!("cannot write {}: {error}", path.display())))
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
