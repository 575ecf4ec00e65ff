//! Verdicts kept from one run to the next, where the user asks for it: by fingerprint, in the user's own cache. Must not
//! know how they came about.

use super::{Complaint, output::shown};
use keylint::{
    model::{Fingerprint, State, Verdict},
    verify::Question,
};
use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
};

/// The version of the file's shape; one of another is not read.
const VERSION: u32 = 1;
/// A file that is larger is none of ours, in bytes.
const LARGEST: u64 = 64 << 20;

/// What is remembered.
pub(super) struct Memory {
    path: PathBuf,
    known: BTreeMap<String, Verdict>,
    /// When what is remembered may have been learnt, in seconds since 1970.
    since: i64,
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Document {
    version: u32,
    verdicts: BTreeMap<String, Verdict>,
}

impl Memory {
    /// Reads what is not older than `hours`.
    pub(super) fn open(hours: u64, now: i64) -> Result<Self, Complaint> {
        let none = || Complaint::new("there is no directory for --verify-cache: set XDG_CACHE_HOME or HOME");
        let path = Self::path().ok_or_else(none)?;
        let document = read(&path);
        let mut known = document.verdicts;
        let oldest = now.saturating_sub(i64::try_from(hours.saturating_mul(3600)).unwrap_or(i64::MAX));
        known.retain(|_, verdict| (oldest..=now).contains(&verdict.at));
        Ok(Self { path, known, since: oldest })
    }

    /// Where it is kept.
    pub(super) fn path() -> Option<PathBuf> {
        let of = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // A relative path would start in what is scanned.
        let of = |name: &str| of(name).filter(|path| path.is_absolute());
        let home = || of("HOME");
        let folder = if cfg!(windows) {
            of("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Caches"))
        } else {
            of("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
        };
        folder.map(|folder| folder.join("keylint").join("verdicts.json"))
    }

    /// What is known of the same question, with what the key opens if that is wanted.
    pub(super) fn recall(&self, question: &Question, access: bool) -> Option<Verdict> {
        let known = self.known.get(&question.fingerprint.to_string())?;
        let same = known.request.as_ref() == Some(&question.request());
        let whole = !access || !known.access.is_empty() || !known.state.is_live();
        // What it opens is told to those who asked for that.
        let opened = if access { known.access.clone() } else { Vec::new() };
        (same && whole).then(|| Verdict { remembered: true, access: opened, ..known.clone() })
    }

    /// Keeps what was learnt for certain.
    pub(super) fn keep(&mut self, verdicts: &BTreeMap<Fingerprint, Verdict>) -> Result<(), Complaint> {
        let sure = verdicts.iter().filter(|(_, verdict)| verdict.state != State::Unknown);
        self.known.extend(sure.map(|(secret, verdict)| (secret.to_string(), verdict.clone())));
        let cannot =
            |error: &dyn std::fmt::Display| Complaint::new(format!("cannot write {}: {error}", shown(&self.path)));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        private(folder).map_err(|error| cannot(&error))?;
        // Another run may have learnt something meanwhile, and may be about to write it.
        let lock = fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"));
        let _lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(|error| cannot(&error))?;
        let mut document = read(&self.path);
        document.version = VERSION;
        document.verdicts.retain(|_, verdict| verdict.at >= self.since);
        document.verdicts.extend(self.known.clone());
        let text = serde_json::to_vec_pretty(&document).map_err(|error| cannot(&error))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| cannot(&error))?;
        file.write_all(&text).map_err(|error| cannot(&error))?;
        file.persist(&self.path).map_err(|error| cannot(&error.error))?;
        Ok(())
    }
}

/// What is in the file, if that can be read: if not, that is no reason to fail, since the issuer knows better.
fn read(path: &Path) -> Document {
    let is_file =
        |path: &&Path| fs::symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() <= LARGEST);
    let bytes = Some(path).filter(is_file).and_then(|path| fs::read(path).ok());
    let document: Document = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    if document.version == VERSION { document } else { Document::default() }
}

/// Makes a directory that is nobody else's to read.
fn private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
