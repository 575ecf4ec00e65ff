//! The files of a work tree, asked for one by one, by the names that reports give them. Must not know who asks, or why.

use super::{Walked, git::Repository, path_text};
use crate::model::Text;
use std::{
    collections::HashSet,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

/// Larger files are not read here, in bytes.
const LARGEST: u64 = 1 << 20;

/// A directory whose files belong together. What git knows of them is found out when first asked for.
pub struct Around {
    /// Where names start, without links.
    start: PathBuf,
    /// What is written before them.
    prefix: PathBuf,
    /// Whether the directory is the root of a repository's work tree.
    is_root: bool,
    git: OnceLock<Option<Mutex<Repository>>>,
    tracked: OnceLock<Option<HashSet<Text>>>,
}

impl Around {
    /// What lies around the files of `walked`.
    #[must_use]
    pub fn of(walked: &Walked) -> Self {
        Self::new(walked.start.clone(), walked.prefix.clone(), walked.repository.is_some())
    }

    /// What lies around the files of the work tree at `root`.
    #[must_use]
    pub fn at_root(root: &Path) -> Self {
        Self::new(root.to_owned(), PathBuf::new(), true)
    }

    fn new(start: PathBuf, prefix: PathBuf, is_root: bool) -> Self {
        Self { start, prefix, is_root, git: OnceLock::new(), tracked: OnceLock::new() }
    }

    /// Whether git tracks the file called `name`.
    #[must_use]
    pub fn is_tracked(&self, name: &str) -> Option<bool> {
        let all = self.tracked.get_or_init(|| {
            let git = self.git()?.lock().unwrap_or_else(PoisonError::into_inner);
            Some(git.staged().into_iter().map(|staged| staged.path).collect())
        });
        all.as_ref().map(|all| all.contains(&Text::from(name)))
    }

    /// Whether git would ignore the file called `name`.
    #[must_use]
    pub fn is_ignored(&self, name: &str) -> Option<bool> {
        Some(self.git()?.lock().unwrap_or_else(PoisonError::into_inner).is_ignored(Path::new(name)))
    }

    /// Whether there is a file called `name`.
    #[must_use]
    pub fn exists(&self, name: &str) -> bool {
        self.path(name).is_some_and(|path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file()))
    }

    /// The content of the file called `name`, if it is not very large.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path(name)?;
        // A link may lead anywhere, and a pipe may never end.
        fs::symlink_metadata(&path).ok().filter(|found| found.is_file() && found.len() <= LARGEST)?;
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// The names of the files in the directory called `name`, in order.
    #[must_use]
    pub fn files(&self, name: &str) -> Vec<String> {
        let entries = self.path(name).and_then(|path| fs::read_dir(path).ok()).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    /// The permission bits of the file called `name`.
    #[cfg(unix)]
    #[must_use]
    pub fn mode(&self, name: &str) -> Option<u32> {
        use std::os::unix::fs::PermissionsExt;
        let found = fs::symlink_metadata(self.path(name)?).ok().filter(fs::Metadata::is_file)?;
        Some(found.permissions().mode() & 0o777)
    }

    /// Files have no such bits here.
    #[cfg(not(unix))]
    #[must_use]
    pub fn mode(&self, _: &str) -> Option<u32> {
        None
    }

    fn git(&self) -> Option<&Mutex<Repository>> {
        let open = || Repository::open(&self.start, false).ok().map(Mutex::new);
        if self.is_root { self.git.get_or_init(open).as_ref() } else { None }
    }

    /// Where the file called `name` is, if that is below the directory.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let prefix = path_text(&self.prefix);
        let prefix = String::from_utf8_lossy(prefix.as_bytes());
        let rest = match self.prefix.as_os_str().is_empty() || prefix == "." {
            true => name,
            false => name.strip_prefix(prefix.as_ref())?.trim_start_matches('/'),
        };
        let stays = |part: &str| !matches!(part, ".." | "." | "") && !part.contains(['\\', ':']);
        rest.split('/').all(stays).then(|| self.start.join(rest))
    }
}
